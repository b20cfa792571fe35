# SPDX-License-Identifier: GPL-2.0
"""icmp.py PART LEFT ROUTER INSIDE: for icmp.sh, messages made by hand about packets
that left's tunnel "hand" has sent for inside. PART is messages, or flood."""

import socket
import sys
import time

import lab

SOURCE, TARGET = {4: "10.2.0.2", 6: "fd02::2"}, {4: "10.4.7.1", 6: "fd04:7::1"}
ROUTER = "2001:db8:1::33" if lab.IPV6 else "212.25.240.33"
# The version of the outer packets, which most of the inner ones have too.
SAME = 6 if lab.IPV6 else 4
FLOOD = 10000
# Of what a host tells others in all that time there may be some.
FEW = 500
SHORT, LONG = lab.IP_HEADER + 8, 1232 if lab.IPV6 else 548

# Type and code of each message, the kind it counts as, and whether it is told.
MESSAGES = {
    "no route": (1, 0, "net-unreachable", True),
    "prohibited": (1, 1, "prohibited", True),
    "beyond the scope": (1, 2, "other", False),
    "address": (1, 3, "host-unreachable", True),
    "port, of a router": (1, 4, "prohibited", True),
    "policy": (1, 5, "prohibited", True),
    "rejecting route": (1, 6, "prohibited", True),
    "hop limit": (3, 0, "ttl-exceeded", True),
    "reassembly": (3, 1, "reassembly", False),
    "header field": (4, 0, "parameter", False),
    "next header": (4, 1, "protocol-unreachable", True),
    "option": (4, 2, "parameter", False),
} if lab.IPV6 else {
    "net": (3, 0, "net-unreachable", True),
    "host": (3, 1, "host-unreachable", True),
    "protocol": (3, 2, "protocol-unreachable", True),
    "port, of a router": (3, 3, "prohibited", True),
    "source route": (3, 5, "other", False),
    "net unknown": (3, 6, "net-unreachable", True),
    "host unknown": (3, 7, "host-unreachable", True),
    "host isolated": (3, 8, "host-unreachable", True),
    "net prohibited": (3, 9, "prohibited", True),
    "host prohibited": (3, 10, "prohibited", True),
    "net for TOS": (3, 11, "net-unreachable", True),
    "host for TOS": (3, 12, "host-unreachable", True),
    "filtered": (3, 13, "prohibited", True),
    "source quench": (4, 0, "other", False),
    "TTL": (11, 0, "ttl-exceeded", True),
    "reassembly": (11, 1, "reassembly", False),
    "parameter": (12, 0, "parameter", False),
}
# No errors at all, or none that anybody knows.
OTHERS = {"redirect": (137, 0), "echo": (128, 0), "unknown": (100, 0)} if lab.IPV6 else \
    {"redirect": (5, 1), "echo": (8, 0), "timestamp": (13, 0)}


class Left:
    """Left, with who sends through it and who answers."""

    def __init__(self, left, router, inside):
        self.left = left
        self.port, self.host = lab.Port(router, "left"), lab.Port(left, "eth0")
        self.inside, self.door = lab.Port(inside, "eth0"), lab.Port(left, "inside")

    def packet(self, version):
        """Let inside send a packet; return the one that left made of it."""
        make = lab.ipv4 if version == 4 else lab.ipv6
        # UDP, as about others nobody is told.
        self.port.drain()
        self.inside.send(make(SOURCE[version], TARGET[version],
                              b"\x13\x88\0\x09\0\x0c\0\0data", socket.IPPROTO_UDP), self.door)
        return self.port.receive()

    def say(self, kind, code, quote, **words):
        """A router says something to left."""
        self.port.send(lab.icmp(ROUTER, lab.LEFT, kind, code, data=quote, **words), self.host)

    def told(self, version, patience=lab.PATIENCE):
        """What inside is told: that its host cannot be reached, or something
        else, or nothing."""
        proto = socket.IPPROTO_ICMP if version == 4 else lab.IPPROTO_ICMPV6
        end = time.monotonic() + patience
        while seen := self.inside.receive(proto, max(0, end - time.monotonic())):
            kind, code = lab.Ip(seen).payload[:2]
            if version == 4 or kind < 128:
                return "unreachable" if (kind, code) == ((3, 1) if version == 4 else
                                                         (1, 3)) else (kind, code)
        return None

    def errors(self, kind):
        """How many of a kind the tunnel has counted."""
        return lab.icmp_errors(self.left, "hand", kind)["packets"]

    def silence(self, version):
        """Forget what inside was told."""
        while self.told(version, 0):
            pass


def messages(left, version):
    """Each message with a long quote, and one of each kind with a short one. What
    is inside does not matter to what is outside, so that with the other version
    there are fewer."""
    seen = set()
    for name, (kind, code, counted, tell) in MESSAGES.items():
        first, _ = counted not in seen, seen.add(counted)
        if version != SAME and not (first and counted in ("net-unreachable", "reassembly")):
            continue
        for text, length in (("a long quote", LONG), ("a short quote", SHORT))[:1 + first]:
            left.silence(version)
            quote = left.packet(version)[:length]
            before = left.errors(counted)
            left.say(kind, code, quote)
            at_once = left.told(version, lab.PATIENCE if tell and length == LONG else 0.1)
            if length == SHORT:
                lab.report(not at_once, f"IPv{version}, {name}, {text}: "
                           "says nothing of the inner packet", at_once)
                # It is the answer to the next packet then, if that comes soon.
                left.packet(version)
                at_once = left.told(version, lab.PATIENCE if tell else 0.1)
            lab.report(at_once == ("unreachable" if tell else None),
                       f"IPv{version}, {name}, {text}: the sender is "
                       f"{'' if tell else 'not '}told", at_once)
            lab.wait(lambda: left.errors(counted) > before)
            found = left.errors(counted)
            lab.report(found == before + 1,
                       f"IPv{version}, {name}, {text}: counts as {counted}", found)


def unheard(left, version):
    """Messages that nobody need hear."""
    packet = left.packet(version)
    kind, code, counted, _ = MESSAGES["no route" if lab.IPV6 else "net"]
    other = packet[:lab.IP_HEADER + 4] + b"\0\0\0\x09" + packet[lab.IP_HEADER + 8:]
    for text, quote, words, reason in (
            ("another key", other, {}, "icmp-unmatched"),
            ("another key, a short quote", other[:SHORT], {}, "icmp-unmatched"),
            ("a wrong checksum", packet, {"bad": 1}, "icmp-invalid"),
            ("a quote that is too short", packet[:SHORT - 1], {}, "icmp-invalid")):
        left.silence(version)
        before, errors = lab.counters(left.left), left.errors(counted)
        left.say(kind, code, quote, **words)
        lab.wait(lambda: ("netns", reason) in lab.moved(before, lab.counters(left.left)))
        change = lab.moved(before, lab.counters(left.left))
        lab.report(change == {("netns", reason): 1} and left.errors(counted) == errors and
                   not left.told(version, 0.1), f"IPv{version}, {text}: is {reason}", change)
    for text, (kind, code) in OTHERS.items():
        before = lab.counters(left.left)
        # What it holds is nobody's business, so that it cannot be cut short.
        for quote in packet, packet[:SHORT - 1]:
            left.say(kind, code, quote)
        left.say(*MESSAGES["reassembly"][:2], packet)
        lab.wait(lambda errors=left.errors("reassembly"): left.errors("reassembly") > errors, 1)
        change = lab.moved(before, lab.counters(left.left))
        lab.report(not change, f"IPv{version}, {text}: is no error", change)


def old(left, version):
    """What was said is good for the packets of that moment."""
    kind, code, counted, _ = MESSAGES["no route" if lab.IPV6 else "net"]
    quote = left.packet(version)
    left.silence(version)
    before = left.errors(counted)
    left.say(kind, code, quote[:SHORT])
    lab.wait(lambda: left.errors(counted) > before)
    time.sleep(3)
    left.packet(version)
    seen = left.told(version, 0.2)
    lab.report(not seen, f"IPv{version}: a message that is old says nothing of new packets",
               seen)


def astray(left, version):
    """Of a packet that would not go into the tunnel nobody is told."""
    kind, code, counted, _ = MESSAGES["no route" if lab.IPV6 else "net"]
    family = socket.AF_INET6 if version == 6 else socket.AF_INET
    elsewhere = "fd09::9" if version == 6 else "10.9.9.9"
    quote = left.packet(version).replace(socket.inet_pton(family, TARGET[version]),
                                         socket.inet_pton(family, elsewhere))
    left.silence(version)
    before = left.errors(counted)
    left.say(kind, code, quote)
    lab.wait(lambda: left.errors(counted) > before)
    seen = left.told(version, 0.2)
    lab.report(left.errors(counted) == before + 1 and not seen,
               f"IPv{version}: the way to what is quoted is another: nobody is told", seen)


def flood(left, version):
    """As many as a network can say: all are counted, and some told."""
    quote = left.packet(version)
    kind, code, counted, _ = MESSAGES["no route" if lab.IPV6 else "net"]
    before, many = left.errors(counted), 0
    while many < FLOOD:
        for _ in range(250):
            left.say(kind, code, quote)
        many += 250
        # Left's queue is not endless.
        lab.wait(lambda: left.errors(counted) == before + many)
    lab.report(left.errors(counted) == before + FLOOD,
               f"IPv{version}: of {FLOOD} errors each is counted",
               left.errors(counted) - before)
    count = 0
    while left.told(version, 0.2):
        count += 1
    lab.report(0 < count < FEW, f"IPv{version}: and some are told", count)


def main(part, left, router, inside):
    """Inner packets of both kinds."""
    host = Left(left, router, inside)
    if part == "flood":
        flood(host, SAME)
        return
    for version in 4, 6:
        messages(host, version)
    unheard(host, SAME)
    old(host, SAME)
    astray(host, SAME)


main(*sys.argv[1:])
