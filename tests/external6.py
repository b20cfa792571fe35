# SPDX-License-Identifier: GPL-2.0
"""external6.py PART LEFT ROUTER: for external6.sh, packets of left's ext and the
router. PART is sent, for what routes make of outer packets, and which are not
sent; or received, for what received packets bring along."""

import contextlib
import json
import socket
import subprocess
import sys

import lab

INNER, PEER = "10.9.0.1", "10.9.0.2"
NOT_ECT, ECT1, ECT0, CE = range(4)
# DSCP of inner packets.
DSCP = 0x28

SENT = {
    # words of a route: what they make of an outer packet
    "id 0": {},
    "id 0 key": {"key": 0},
    "id 7": {"key": 7},
    "id 4294967295 key": {"key": 0xFFFFFFFF},
    "id 0 csum": {"csum": True},
    "id 7 csum key": {"key": 7, "csum": True},
    "id 7 hoplimit 1": {"key": 7, "ttl": 1},
    "id 7 hoplimit 255": {"key": 7, "ttl": 255},
    "id 7 tc 0x88": {"key": 7, "tos": 0x88},
    "id 7 tc 0x8b": {"key": 7, "tos": 0x88},
    "id 7 tc 1": {"key": 7, "tos": DSCP},
}

RECEIVED = [
    # source, key, hop limit, traffic class
    (lab.RIGHT, 7, 61, 0x28),
    (lab.RIGHT, None, 64, 0),
    (lab.STRANGER, 7, 64, 0),
    (lab.STRANGER, 0xFFFFFFFF, 64, 0),
]

FILTERS = {
    # what a filter looks for, and how many of RECEIVED have it
    "enc_key_id 7": 2,
    "enc_key_id 0": 1,
    "enc_key_id 4294967295": 1,
    f"enc_src_ip {lab.RIGHT}": 2,
    f"enc_src_ip {lab.STRANGER}": 2,
    f"enc_dst_ip {lab.LEFT}": 4,
    f"enc_dst_ip {lab.RIGHT}": 0,
    "enc_ttl 61": 1,
    "enc_tos 0x28": 1,
    f"enc_key_id 7 enc_src_ip {lab.STRANGER} enc_dst_ip {lab.LEFT}": 1,
}


def tool(*words, stdin=None):
    """Run a program, which must succeed."""
    return subprocess.run(words, check=True, input=stdin, stdout=subprocess.PIPE).stdout


class Stack:
    """A socket that sends packets with all headers by the host's routes."""

    def __init__(self, netns):
        with lab.inside(netns):
            self.sock = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_RAW)

    def send(self, packet):
        """Send a packet to the peer."""
        self.sock.sendto(packet, (PEER, 0))


def fields(packet):
    """The fields of an outer packet, by name, with the inner packet."""
    ip = lab.Ip(packet)
    flags, at = int.from_bytes(ip.payload[:2], "big"), 4
    found = {"src": ip.src, "dst": ip.dst, "ttl": ip.ttl, "tos": ip.tos, "csum": False,
             "key": None}
    if flags & 0x8000:
        found["csum"] = lab.checksum(ip.payload) == 0
        at += 4
    if flags & 0x2000:
        found["key"] = int.from_bytes(ip.payload[at:at + 4], "big")
        at += 4
    found["inner"] = ip.payload[at + 4 * bool(flags & 0x1000):]
    return found


def sent(left, port):
    """What routes say is in the packets."""
    stack = Stack(left)
    for ecn in ECT0, CE:
        packet = lab.ipv4(INNER, PEER, b"payload", tos=DSCP | ecn, ident=1)
        for words, wish in SENT.items():
            tool("ip", "-n", left, "route", "replace", PEER, "encap", "ip6",
                 *words.split(), "dst", lab.RIGHT, "dev", "ext")
            stack.send(packet)
            want = {"src": lab.LEFT, "dst": lab.RIGHT, "ttl": 64, "tos": 0, "csum": False,
                    "key": None, "inner": packet, **wish}
            want["tos"] |= ecn
            seen = port.receive()
            seen = seen and fields(seen)
            lab.report(seen == want, f"{words}, ECN {ecn}: is sent so", want, seen)
    nowhere(left, port, stack)


def nowhere(left, port, stack):
    """Packets that have nowhere to go are counted and not sent."""
    routes = {
        "without metadata": ("dev ext", "tx-no-metadata"),
        "with an IPv4 peer": ("encap ip id 1 dst 198.51.100.1 dev ext", "tx-no-metadata"),
        "with :: for a peer": ("encap ip6 id 1 dst :: dev ext", "tx-no-metadata"),
        "with a source that is not ours":
            (f"encap ip6 id 1 src {lab.STRANGER} dst {lab.RIGHT} dev ext", "tx-no-route"),
        "to a peer without a route":
            ("encap ip6 id 1 dst 2001:db8:dead::1 dev ext", "tx-no-route"),
    }
    tool("ip", "-n", left, "route", "add", "unreachable", "2001:db8:dead::/48")
    for name, (words, reason) in routes.items():
        tool("ip", "-n", left, "route", "replace", PEER, *words.split())
        before = lab.counters(left)
        # The caller may be told, or not.
        with contextlib.suppress(OSError):
            stack.send(lab.ipv4(INNER, PEER))
        change = lab.wait(lambda: lab.moved(before, lab.counters(left)))
        lab.report(change == {("ext", reason): 1},
                   f"a packet {name} counts as {reason}", change)
    lab.report(port.receive(patience=0) is None, "and none of them is sent")


def received(left, port):
    """Filters on ext tell received packets apart by what they bring along."""
    host, inner = lab.Port(left, "eth0"), lab.Inner(left, "ext")
    tool("tc", "-n", left, "qdisc", "add", "dev", "ext", "clsact")
    tool("tc", "-n", left, "-b", "-", stdin="".join(
        f"filter add dev ext ingress pref {pref} protocol ip flower {words} action continue\n"
        for pref, words in enumerate(FILTERS, 1)).encode())
    for src, key, ttl, tos in RECEIVED:
        packet = lab.ipv4(PEER, lab.NOBODY, tos=ECT0)
        port.send(lab.outer(src, lab.LEFT, lab.gre(packet, key=key), ttl=ttl, tos=tos), host)
        seen = inner.receive()
        lab.report(seen == packet, f"from {src}, key {key}: comes out as it went in", seen)
    shown = json.loads(tool("tc", "-n", left, "-s", "-j", "filter", "show", "dev", "ext",
                            "ingress"))
    counts = {entry["pref"]: entry["options"]["actions"][0]["stats"]["packets"]
              for entry in shown if "actions" in entry.get("options", {})}
    for (words, count), pref in zip(FILTERS.items(), sorted(counts)):
        lab.report(counts[pref] == count, f"{words}: matches {count} of {len(RECEIVED)}",
                   counts[pref])
    tool("tc", "-n", left, "qdisc", "del", "dev", "ext", "clsact")


PARTS = {"sent": sent, "received": received}


def main(part, left, router):
    """One part of the test."""
    PARTS[part](left, lab.Port(router, "left"))


main(*sys.argv[1:])
