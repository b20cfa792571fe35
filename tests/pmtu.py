# SPDX-License-Identifier: GPL-2.0
"""pmtu.py LEFT R1: for pmtu.sh, messages about the path that nobody should
believe, and some that are true."""

import re
import struct
import subprocess
import sys

import lab

# Length of the packets that messages are about, and an MTU that may be true.
LENGTH, MTU = 1400, 1300
ROUTER = "2001:db8:1::33" if lab.IPV6 else "212.25.240.33"
LOWEST = 1280 if lab.IPV6 else 68
MARK = ("gre1", "rx-protocol")
UNMATCHED, INVALID = {("netns", "icmp-unmatched"): 1}, {("netns", "icmp-invalid"): 1}


def learned(netns):
    """The MTU of the path as the host knows it, or None."""
    shown = subprocess.run(["ip", "-n", netns, "route", "get", lab.RIGHT], check=True,
                           stdout=subprocess.PIPE, text=True).stdout
    found = re.search(r"mtu (?:lock )?(\d+)", shown)
    return found and int(found.group(1))


def forget(netns):
    """Take back what was learned."""
    for family in "-4", "-6":
        subprocess.run(["ip", "-n", netns, family, "route", "flush", "cache"], check=True)


def told(netns):
    """How many messages about packets that are too long the host has sent."""
    def read(name):
        with open("/proc/thread-self/net/" + name, encoding="ascii") as file:
            return [line.split() for line in file]
    with lab.inside(netns):
        names, values = [line for line in read("snmp") if line[0] == "Icmp:"]
        six = dict(line for line in read("snmp6") if line[0] == "Icmp6OutPktTooBigs")
    return int(dict(zip(names, values))["OutDestUnreachs"]), six


def replaced(packet, at, data):
    """The packet with other bytes there."""
    return packet[:at] + data + packet[at + len(data):]


def quotes(name, packet):
    """Quotes of packets that the tunnel never sent, by what is wrong."""
    at = lab.IP_HEADER
    pair = 8 if lab.IPV6 else 12
    size = (lab.IP_HEADER - pair) // 2
    stranger = lab.Ip(lab.outer(lab.STRANGER, lab.STRANGER, b"")).addresses[:size]
    flags = struct.unpack("!H", packet[at:at + 2])[0]
    wrong = {
        "another source": replaced(packet, pair, stranger),
        "another destination": replaced(packet, pair + size, stranger),
        "source and destination exchanged":
            replaced(packet, pair, packet[pair + size:at] + packet[pair:pair + size]),
        "a checksum": replaced(packet, at, struct.pack("!H", flags ^ 0x8000)),
        "a sequence number more or less":
            replaced(packet, at, struct.pack("!H", flags ^ 0x1000)),
        "a key more or less": replaced(packet, at, struct.pack("!H", flags ^ 0x2000)),
        "another version of GRE": replaced(packet, at, struct.pack("!H", flags ^ 1)),
    }
    if not lab.IPV6:
        wrong["a later fragment"] = replaced(packet, 6, b"\0\x10")
    if name == "gre2":
        key, seq = struct.unpack("!II", packet[at + 4:at + 12])
        wrong["another key"] = replaced(packet, at + 4, struct.pack("!I", key + 1))
        wrong["the key of the other way"] = replaced(packet, at + 4, struct.pack("!I", 8))
        for ahead in 1, 1000, 1 << 31, -100000:
            wrong[f"a number {ahead} ahead"] = replaced(
                packet, at + 8, struct.pack("!I", seq + ahead & 0xFFFFFFFF))
    return wrong


class Path:
    """Left, and what a router says to it."""

    def __init__(self, left, port):
        self.left, self.port, self.host = left, port, lab.Port(left, "eth0")

    def packet(self, name):
        """A packet that left has just sent through a tunnel."""
        inner = lab.ipv4(lab.LEFT_INNER, lab.NOBODY,
                         bytes(LENGTH - lab.OVERHEAD - 20 - (8 if name == "gre2" else 0)))
        self.port.drain()
        lab.Inner(self.left, name).send(inner)
        return self.port.receive()

    def say(self, quote, mtu=MTU, bad=0):
        """That a packet is too long."""
        kind, code = (2, 0) if lab.IPV6 else (3, 4)
        self.port.send(lab.icmp(ROUTER, lab.LEFT, kind, code, mtu, quote, bad), self.host)

    def ignored(self, text, want, quote, **words):
        """A message that changes nothing but a counter."""
        before = lab.counters(self.left), None, told(self.left)
        self.say(quote, **words)
        # Something that follows, to know that it is over.
        self.port.send(lab.outer(lab.RIGHT, lab.LEFT, lab.gre(proto=0x88CC)), self.host)
        lab.wait(lambda: MARK in lab.moved(before[0], lab.counters(self.left)))
        change = lab.moved(before[0], lab.counters(self.left))
        change.pop(MARK, None)
        after = learned(self.left), told(self.left)
        lab.report(change == want and after == before[1:], f"{text}: is ignored"
                   f"{' and counted' if want else ''}", change, before[1:], after)


def forged(path, name):
    """Messages that are not to be believed."""
    packet = path.packet(name)
    short = lab.IP_HEADER + (12 if name == "gre2" else 8)
    for number, (text, quote) in enumerate(quotes(name, packet).items()):
        length = (548, short)[number % 2]
        path.ignored(f"{name}, {text}, {length} bytes of quote", UNMATCHED, quote[:length])
    for mtu in 0, LOWEST - 1, LENGTH, LENGTH + 1, 0xFFFF:
        path.ignored(f"{name}, an MTU of {mtu}", INVALID, packet[:548], mtu=mtu)
    path.ignored(f"{name}, a wrong checksum", INVALID, packet[:548], bad=1)
    for length in 0, 4, 7:
        path.ignored(f"{name}, {length} bytes of GRE", INVALID,
                     packet[:lab.IP_HEADER + length])
    for length in 0, lab.IP_HEADER - 1:
        path.ignored(f"{name}, {length} bytes of quote", {}, packet[:length])
    path.ignored(f"{name}, a quote that is not GRE", {},
                 replaced(packet, 6 if lab.IPV6 else 9, b"\xfd")[:548])


def true(path, name):
    """Messages of the same making that are right."""
    packet = path.packet(name)
    short = lab.IP_HEADER + (12 if name == "gre2" else 8)
    for text, length in ("a short quote", short), ("a long quote", 548):
        before = lab.icmp_errors(path.left, name, "too-big")
        path.say(packet[:length])
        lab.wait(lambda: learned(path.left))
        lab.report(learned(path.left) == MTU, f"{name}, {text}: is believed")
        after = lab.icmp_errors(path.left, name, "too-big")
        lab.report(after["packets"] == before["packets"] + 1 and after["mtu"] == MTU and
                   after["sender"] == ROUTER, f"{name}, {text}: is counted", after)
        forget(path.left)


def too_low(path):
    """An MTU that cannot be the path's: what may not be cut goes on all the same."""
    packet = path.packet("gre1")
    path.say(packet[:548], mtu=200)
    lab.wait(lambda: learned(path.left))
    seen = path.packet("gre1")
    lab.report(seen, "an MTU of 200 stops nothing", learned(path.left))
    forget(path.left)


def main(left, router):
    """Try both tunnels."""
    path = Path(left, lab.Port(router, "left"))
    for name in "gre1", "gre2":
        forged(path, name)
        true(path, name)
    if not lab.IPV6:
        too_low(path)


main(*sys.argv[1:])
