# SPDX-License-Identifier: GPL-2.0
"""metrics.py METRICS STATS: for metrics.sh, what gretun metrics has printed beside
what gretun -j stats has, figure by figure."""

import json
import re
import sys

SAMPLE = re.compile(r'(\w+)(?:\{((?:\w+="(?:[^"\\]|\\.)*",?)+)\})? (\S+)')
LABEL = re.compile(r'(\w+)="((?:[^"\\]|\\.)*)"')
OPERSTATES = ["UNKNOWN", "NOTPRESENT", "DOWN", "LOWERLAYERDOWN", "TESTING",
              "DORMANT", "UP"]
OF_TUNNEL = ["receive_packets_total", "receive_bytes_total",
             "transmit_packets_total", "transmit_bytes_total", "up", "operstate",
             "loop", "mtu_bytes", "overhead_bytes"]


def unescape(text):
    """A label's value."""
    return re.sub(r"\\(.)", lambda m: {"n": "\n"}.get(m[1], m[1]), text)


def read_metrics(path):
    """A map of (name without gretun_, label values) to values; every line must be
    a sample or a comment, the last one # EOF."""
    with open(path, encoding="utf-8", newline="\n") as file:
        lines = file.read().split("\n")
    assert lines[-2:] == ["# EOF", ""], lines[-2:]
    found = {}
    for line in lines[:-1]:
        if line.startswith("# "):
            continue
        match = SAMPLE.fullmatch(line)
        assert match, line
        key = (match[1].removeprefix("gretun_"),
               *(unescape(value) for _, value in LABEL.findall(match[2] or "")))
        assert key not in found, key
        found[key] = float(match[3])
    return found


def of_tunnel(tunnel):
    """The metrics that a tunnel of stats must have, but for drops and errors."""
    stats = tunnel["stats64"]
    up = "UP" in tunnel["flags"] and tunnel["operstate"] in ("UP", "UNKNOWN")
    return [stats["rx"]["packets"], stats["rx"]["bytes"], stats["tx"]["packets"],
            stats["tx"]["bytes"], up and not tunnel["loop"],
            OPERSTATES.index(tunnel["operstate"]), bool(tunnel["loop"]),
            tunnel["mtu"], tunnel["overhead"]]


def label_of(name):
    """A device's name as a label has it: these tests have no other bad bytes."""
    return name.replace("\x1b", ":1b")


def compare(metrics, stats):
    """All that the two have in common; yields whether it is the same, and what."""
    wanted = {}
    for tunnel in stats[:-1]:
        name = label_of(tunnel["ifname"])
        wanted |= {(metric, name): float(value) for metric, value
                   in zip(OF_TUNNEL, of_tunnel(tunnel))}
        counters = tunnel["stats64"]
        wanted |= {("drops_total", name, reason): value for reason, value
                   in {"other": 0, **counters["drops"]}.items()}
        kinds = [key[2] for key in metrics if key[:2] == ("icmp_errors_total", name)]
        wanted |= {("icmp_errors_total", name, kind):
                   counters["icmp"].get(kind, {"packets": 0})["packets"]
                   for kind in {*kinds, *counters["icmp"]}}
        wanted["tunnel_info", name, tunnel["local"], tunnel["remote"],
               "no" if tunnel["ikey"] is None else "yes",
               "no" if tunnel["okey"] is None else "yes"] = 1
    netns = stats[-1]
    wanted |= {("netns_drops_total", reason): value for reason, value
               in {"other": 0, **netns["stats64"]["drops"]}.items()}
    wanted["near_misses",] = len(netns["near_misses"])
    seen = {key: value for key, value in metrics.items()
            if key[0] not in ("last_receive_age_seconds", "build_info")}
    yield wanted == seen, "every figure is that of stats", set(
        wanted.items()) ^ set(seen.items())
    yield (sum(key[0] == "build_info" and key[1] == key[2] for key in metrics) == 1,
           "the program and the module are of one version", metrics.keys())
    ages = {label_of(tunnel["ifname"]): tunnel["stats64"]["rx_age_ms"] / 1000
            for tunnel in stats[:-1] if tunnel["stats64"]["rx_age_ms"] is not None}
    told = {key[1]: value for key, value in metrics.items()
            if key[0] == "last_receive_age_seconds"}
    # Stats came later, by as much as a slow machine takes.
    yield (ages.keys() == told.keys() and
           all(0 <= ages[name] - told[name] < 5 for name in ages),
           "ages are those of stats", ages, told)


def main():
    """Print the results."""
    with open(sys.argv[2], encoding="utf-8") as file:
        stats = json.load(file)
    for good, text, *why in compare(read_metrics(sys.argv[1]), stats):
        for line in () if good else why:
            print("# " + str(line))
        print(("ok " if good else "not ok ") + text)


main()
