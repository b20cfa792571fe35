# SPDX-License-Identifier: GPL-2.0
"""remote_any.py LEFT ROUTER: for remote_any.sh, who gets which packet, and what is
known of those that nobody got."""

import json
import sys

import lab

INNER = lab.ipv4("192.0.2.1", lab.NOBODY, b"payload")
LEFT2 = "2001:db8:3::5" if lab.IPV6 else "192.0.2.5"
SOURCES = (lab.RIGHT, lab.STRANGER, "2001:db8:aa::1" if lab.IPV6 else "8.8.8.8")
PACKETS = 3


class Host:
    """Left, and the router that sends to it by either cable."""

    def __init__(self, left, router):
        self.left = left
        self.cables = {cable: (lab.Port(router, port), lab.Port(left, cable))
                       for cable, port in (("eth0", "left"), ("eth1", "left2"))}

    def send(self, src, key, dst=lab.LEFT, cable="eth0", count=1, **words):
        """Send packets to left."""
        port, host = self.cables[cable]
        for _ in range(count):
            port.send(lab.outer(src, dst, lab.gre(INNER, key=key, **words)), host)

    def gets(self, text, want, src, key, **words):
        """A packet moves just these counters."""
        before = lab.counters(self.left)
        self.send(src, key, **words)
        lab.wait(lambda: lab.moved(before, lab.counters(self.left)))
        change = lab.moved(before, lab.counters(self.left))
        lab.report(change == {want: 1}, text, f"wanted {want}", f"   got {change}")

    def add(self, name, *words):
        """Make a tunnel."""
        lab.gretun(self.left, "add", name, *words)

    def remove(self, *names):
        """Delete tunnels."""
        lab.gretun(self.left, "del", *names)

    def misses(self):
        """The near misses, the newest first."""
        return json.loads(lab.gretun(self.left, "-j", "stats"))[-1]["near_misses"]


ANY, EXACT, EXT = ("any", "rx-packets"), ("exact", "rx-packets"), ("ext", "rx-packets")
KEY, PAIR, DEV = ("netns", "passed-key"), ("netns", "passed-pair"), ("netns", "passed-dev")


def order(host):
    """The exact tunnel comes first, then any remote, then an external device, in
    whatever order they were made."""
    exact = ("exact", "local", lab.LEFT, "remote", lab.RIGHT, "key", "7")
    any_ = ("any", "local", lab.LEFT, "remote", "any", "key", "7")
    for src in SOURCES:
        host.gets(f"any takes the packets of {src}", ANY, src, 7)
    host.gets("but not those of another key", KEY, lab.STRANGER, 8)
    host.gets("nor those of no key", KEY, lab.STRANGER, None)
    host.gets("nor those to another address", PAIR, lab.RIGHT, 7, dst=LEFT2)
    for first in "any", "exact":
        host.remove("any")
        for name in (any_, exact) if first == "any" else (exact, any_):
            host.add(*name)
        host.gets(f"{first} made first: exact takes what is its own", EXACT, lab.RIGHT, 7)
        host.gets(f"{first} made first: any takes the rest", ANY, lab.STRANGER, 7)
        host.add("ext", "external", "local", lab.LEFT)
        host.gets(f"{first} made first: exact before an external device", EXACT,
                  lab.RIGHT, 7)
        host.gets(f"{first} made first: any before an external device", ANY,
                  lab.STRANGER, 7)
        host.gets(f"{first} made first: an external device takes other keys", EXT,
                  lab.STRANGER, 8)
        host.gets(f"{first} made first: also of a known pair", EXT, lab.RIGHT, 8)
        host.remove("ext")
        host.remove("exact")
        host.gets(f"{first} made first: without exact any takes all", ANY, lab.RIGHT, 7)
    host.add(*exact, "down")
    host.gets("exact keeps its own while it is down", ("exact", "rx-down"), lab.RIGHT, 7)
    host.remove("exact")
    lab.gretun(host.left, "set", "any", "csum", "on", "dev", "eth1")
    host.gets("options of any count: dev", DEV, lab.STRANGER, 7, csum=0)
    host.gets("options of any count: csum", ("any", "rx-no-checksum"), lab.STRANGER, 7,
              cable="eth1")
    host.gets("and it takes what fits them", ANY, lab.STRANGER, 7, cable="eth1", csum=0)
    host.remove("any")


def first(host, **want):
    """Report whether the newest near miss is that."""
    seen = host.misses()[:1]
    wrong = [f"{name}: wanted {value}" for name, value in want.items()
             if not seen or seen[0].get(name) != value]
    return not wrong, wrong, seen


def near(host):
    """What is kept of packets that nobody took."""
    host.add("exact", "local", lab.LEFT, "remote", lab.RIGHT, "key", "7")
    host.add("bound", "local", lab.LEFT, "remote", lab.RIGHT, "key", "9", "dev", "eth1")

    def known(text, want, key, reason, **words):
        before = lab.counters(host.left)
        # Of packets before those.
        more = sum(miss["packets"] for miss in host.misses()
                   if miss["remote"] == lab.RIGHT and miss["key"] == want)
        host.send(lab.RIGHT, key, count=PACKETS, **words)
        lab.wait(lambda: sum(lab.moved(before, lab.counters(host.left)).values()) >= PACKETS)
        passed, *why = first(host, local=lab.LEFT, remote=lab.RIGHT, key=want,
                             reason=reason, packets=more + PACKETS, dev="eth0")
        lab.report(passed, text, *why)

    known("a wrong key of a known pair", 18, 18, "passed-key")
    known("no key where there is one", None, None, "passed-key")
    known("key 0", 0, 0, "passed-key")
    known("through another device", 9, 9, "passed-dev")
    known("the same again is added, and is the newest", 18, 18, "passed-key")

    # Of what may be somebody else's, some are looked at.
    host.send(lab.STRANGER, 7)
    seen = lab.wait(lambda: [miss for miss in host.misses()
                             if miss["remote"] == lab.STRANGER and
                             miss["reason"] == "passed-pair"])
    lab.report(seen and seen[0]["key"] == 7 and seen[0]["dev"] == "eth0" and
               seen[0]["packets"] == 1 and 0 <= seen[0]["age_ms"] < 60000,
               "a right key of a source that nobody expects", seen)
    lab.report(seen and seen[0]["tunnels"] == ["exact"], "and whose key that is", seen)

    # More of them than there is room for do not push out those of known pairs.
    for number in range(300):
        host.send(f"2001:db8:bb::{number:x}" if lab.IPV6 else
                  f"198.18.{number >> 8}.{number & 255}", number)
    kept = host.misses()
    lab.report(len(kept) < 100, "there is an end to what is kept", len(kept))
    lab.report({miss["reason"] for miss in kept if miss["remote"] == lab.RIGHT} >=
               {"passed-key", "passed-dev"},
               "and those of a known pair are still there", kept)
    # Of those that come at the same moment any is as new as the other.
    before = lab.counters(host.left)
    for number in range(300):
        host.send(lab.RIGHT, 1000 + number)
    lab.wait(lambda: lab.moved(before, lab.counters(host.left)).get(KEY) == 300)
    host.send(lab.RIGHT, 5000)
    lab.wait(lambda: host.misses()[0]["key"] == 5000)
    kept = [miss for miss in host.misses() if miss["remote"] == lab.RIGHT]
    lab.report(kept[0]["key"] == 5000 and kept[1]["key"] in range(1000, 1300) and
               len(kept) < 100, "the newest of a known pair are kept", kept)
    kept = [miss for miss in kept if miss["reason"] != "passed-pair"]
    lab.report(all(a["age_ms"] <= b["age_ms"] for a, b in zip(kept, kept[1:])),
               "the newest first", kept)


def main(left, router):
    """Who gets what, and what is kept, which does not depend on addresses."""
    host = Host(left, router)
    order(host)
    if not lab.IPV6:
        near(host)


main(*sys.argv[1:])
