# SPDX-License-Identifier: GPL-2.0
"""For metrics.sh, what needs a parser: metrics.py sample FILE looks at metrics
that ./metrics.c made up, metrics.py dashboard FILE at the dashboard beside them;
metrics.py rules prints its queries as rules, which promtool can check."""

import json
import re
import sys

from prometheus_client.openmetrics.parser import text_string_to_metric_families

DASHBOARD = "../../cli/metrics/gretun.json"
REASONS = "../../kmod/drop.h"
MOST = 2**64 - 1

# Names in metrics.c, and what must become of them: the byte that is no character
# or not printable as a colon and two digits.
DEVICES = ["gre1", 'a"b\\c\\\\n"', "{},=#1", "#EOF", "gr\u00e9\u4e2d\U0001f427",
           ":ff:fe", ":ff\\xfe", ":c3", ":e0:80:af", ":ed:a0:80", ":f4:90:80:80",
           ":f8:80:80:80", ":1b[31mred:7f", ":c2:9b[2J", ":e2:80:aetfel"]
DOWN, LOOP, SILENT = DEVICES[1:4]

# What the dashboard leaves out: that is for those who look for a fault.
NOT_SHOWN = {"gretun_operstate", "gretun_overhead_bytes"}


def reasons():
    """The names in the module's lists, and "other" in those of reasons."""
    with open(REASONS, encoding="utf-8") as file:
        text = file.read()
    lists = re.findall(r"#define GRETUN_(\w+)\(X\)(.*?[^\\])\n", text, re.DOTALL)
    names = {name: re.findall(r'X\(\w+, "([^"]+)"', body) for name, body in lists}
    return (names["TUNNEL_REASONS"] + ["other"], names["NETNS_REASONS"] + ["other"],
            names["ICMP_KINDS"])


def report(good, text, *why):
    """A result, and why it is not as it should be."""
    for line in () if good else why:
        print("# " + str(line))
    print(("ok " if good else "not ok ") + text)


def same(text, wanted, seen):
    """A result that is good if the two are the same."""
    report(wanted == seen, text, f"wanted {wanted}", f"    is {seen}")


def parse(path):
    """The families of a file by name, each a map of label values to a value."""
    with open(path, encoding="utf-8", newline="\n") as file:
        text = file.read()
    return {family.name: {tuple(v for k, v in sample.labels.items() if k != "netns"):
                          sample.value for sample in family.samples}
            for family in text_string_to_metric_families(text)}


def sample(path):
    """All that the made up tunnels must be told as."""
    of_tunnel, of_netns, kinds = reasons()
    families = parse(path)
    same("a strict parser of OpenMetrics finds all devices",
         [(name,) for name in DEVICES], list(families["gretun_up"]))
    for name, value in (("up", {DOWN, LOOP}), ("loop", {LOOP})):
        seen = {device for (device,), got in families["gretun_" + name].items()
                if got == (name == "loop")}
        same(f"gretun_{name} is of those it should be", value, seen)
    silent = set(DEVICES) - {d for (d,) in families["gretun_last_receive_age_seconds"]}
    same("a tunnel that has received nothing has no age", {SILENT}, silent)
    same("ages are in seconds", 0.014,
         families["gretun_last_receive_age_seconds"][DEVICES[14],])
    for name, words in (("drops", of_tunnel), ("icmp_errors", kinds)):
        family = families[f"gretun_{name}_total"]
        same(f"gretun_{name}_total has all, in this order, for each tunnel",
             [(d, word) for d in DEVICES for word in words], list(family))
        same(f"gretun_{name}_total counts as far as 64 bits do", {MOST},
             {family["gre1", word] for word in words})
    same("gretun_netns_drops_total has all, and as far as 64 bits count",
         {(word,): MOST for word in of_netns}, families["gretun_netns_drops_total"])
    for name in ("receive_packets", "receive_bytes", "transmit_packets",
                 "transmit_bytes"):
        same(f"gretun_{name}_total", [MOST, 0],
             list(families[f"gretun_{name}_total"].values())[:2])
    for name, value in (("sent_total", MOST), ("answered_total", MOST - 1),
                        ("round_trip_seconds", 0.0012)):
        same(f"gretun_keepalive_{name} is there where keepalive is",
             {("gre1",): value}, families["gretun_keepalive_" + name])
    same("what the first tunnel is made of",
         ("gre1", "192.0.2.1", "2001:db8::2", "yes", "no"),
         list(families["gretun_tunnel_info"])[0])
    same("what the one without a remote address is made of",
         (SILENT, "192.0.2.1", "any", "no", "no"),
         list(families["gretun_tunnel_info"])[3])
    same("the versions are two", "0.0.9", list(families["gretun_build_info"])[0][1])
    same("near misses", {(): 15.0}, families["gretun_near_misses"])


def queries():
    """What the dashboard asks for."""
    with open(DASHBOARD, encoding="utf-8") as file:
        board = json.load(file)
    return [target["expr"] for panel in board["panels"] for target in panel["targets"]]


def dashboard(path):
    """What it asks for is there, and what is there it shows."""
    families = set(parse(path))
    asked = set(re.findall(r"\bgretun_\w+", " ".join(queries())))
    same("the dashboard asks for nothing that does not exist", set(),
         asked - families)
    same("and shows all but what it leaves out on purpose", NOT_SHOWN,
         families - asked)


def rules():
    """The queries, with the dashboard's variables filled in, as YAML (JSON is)."""
    filled = [q.replace("$__rate_interval", "5m").replace("$node", ".*")
              .replace("$device", ".*") for q in queries()]
    json.dump({"groups": [{"name": "dashboard", "rules": [
        {"record": f"q{i}", "expr": q} for i, q in enumerate(filled)]}]}, sys.stdout)


if __name__ == "__main__":
    {"sample": sample, "dashboard": dashboard, "rules": rules}[sys.argv[1]](*sys.argv[2:])
