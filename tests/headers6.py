# SPDX-License-Identifier: GPL-2.0
"""headers6.py PART LEFT ROUTER [PREFIX]: for headers6.sh. PART is labels,
limits or problem, of packets that are sent, or received or fragments. PREFIX is said before each result."""

import random
import socket
import struct
import sys

import lab

FLOWS = 16
UDP = socket.IPPROTO_UDP
UDP_PORT = 4711
# Options: padding of one byte, padding, the encapsulation limit, and an unknown
# one of each sort, by what is to become of the packet.
PAD1, PADN, LIMIT = 0, 1, 4
SKIP, DISCARD, TELL = 0x1E, 0x5E, 0x9E


def option(kind, data=b""):
    """An option of an extension header."""
    return bytes([kind, len(data)]) + data


def extension(proto, payload, data=b""):
    """An extension header in front of what is of that protocol."""
    head = bytes([proto, (2 + len(data) + 7) // 8 - 1]) + data
    pad = -len(head) % 8
    return head + (bytes(pad) if pad < 2 else option(PADN, bytes(pad - 2))) + payload


def limit_of(value):
    """The destination options in front of GRE that have the limit alone."""
    return bytes([lab.IPPROTO_GRE, 0, LIMIT, 1, value, PADN, 1, 0])


def udp(port, payload=b"payload"):
    """A UDP message without a checksum, which IPv4 takes."""
    return struct.pack("!HHHH", port, 9, 8 + len(payload), 0) + payload


# Sent

def flow(version, number, label=0):
    """An inner packet of a flow that differs from others by its port."""
    if version == 4:
        return lab.ipv4(lab.LEFT_INNER, lab.NOBODY, udp(5000 + number), UDP)
    return lab.ipv6(lab.LEFT_INNER6, lab.NOBODY6, udp(5000 + number), UDP, label=label)


def label_of(inner, port, packet):
    """The flow label of the outer packet of an inner one."""
    inner.send(packet)
    seen = port.receive()
    return lab.Ip(seen).label if seen else None


def labels(left, port, _):
    """Flow labels."""
    inner = lab.Inner(left, "gre1")
    for version in 4, 6:
        flows = [{label_of(inner, port, flow(version, number)) for _ in range(3)}
                 for number in range(FLOWS)]
        lab.report(all(len(seen) == 1 for seen in flows),
                   f"flowlabel auto: IPv{version}, one label for a flow", flows)
        seen = set().union(*flows)
        lab.report(len(seen) > FLOWS // 2 and not seen & {0, None},
                   f"flowlabel auto: IPv{version}, flows have labels of their own", flows)
    for value in 0, 0x12345, 0xFFFFF:
        lab.gretun(left, "set", "gre1", "flowlabel", str(value), "tos", "0x88")
        for version in 4, 6:
            inner.send(flow(version, 1, 0x54321))
            seen = port.receive()
            ip = seen and lab.Ip(seen)
            lab.report(ip and (ip.label, ip.tos) == (value, 0x88),
                       f"flowlabel {value}: IPv{version}, beside a traffic class", seen)
    lab.gretun(left, "set", "gre1", "flowlabel", "inherit", "tos", "0")
    for value in 0, 0x54321, 0xFFFFF:
        seen = label_of(inner, port, flow(6, 1, value))
        lab.report(seen == value, f"flowlabel inherit: {value:#x}", seen)
    seen = label_of(inner, port, flow(4, 1))
    lab.report(seen == 0, "flowlabel inherit: 0 for IPv4", seen)
    lab.gretun(left, "set", "gre1", "flowlabel", "auto")
    seen = label_of(inner, port, flow(4, 1))
    lab.report(seen, "flowlabel auto again", seen)


def limited(value, before=b""):
    """An inner packet with options, one of which is a limit."""
    return lab.ipv6(lab.LEFT_INNER6, lab.NOBODY6,
                    extension(UDP, udp(5000), before + option(LIMIT, bytes([value]))),
                    lab.IPPROTO_DSTOPTS)


def sent_behind(left, port, packet, proto):
    """Send an inner packet; return what is between the outer header and it."""
    lab.Inner(left, "gre1").send(packet)
    seen = port.receive(proto)
    if not seen:
        return None
    payload = lab.Ip(seen).payload
    return payload[:-len(packet)] if payload.endswith(packet) else payload


def limits(left, port, _):
    """The encapsulation limit, that of our own and those of inner packets."""
    plain = {version: flow(version, 1) for version in (4, 6)}
    gre = {version: lab.gre(packet)[:4] for version, packet in plain.items()}
    state = lab.show(left, "gre1")
    lab.report(state["encaplimit"] is None and state["overhead"] == 44,
               "there is no limit unless asked for", state)
    for version, packet in plain.items():
        seen = sent_behind(left, port, packet, lab.IPPROTO_GRE)
        lab.report(seen == gre[version], f"IPv{version} is sent without an option", seen)
    for value in 0, 4, 255:
        lab.gretun(left, "set", "gre1", "encaplimit", str(value))
        for version, packet in plain.items():
            seen = sent_behind(left, port, packet, lab.IPPROTO_DSTOPTS)
            lab.report(seen == limit_of(value) + gre[version],
                       f"encaplimit {value}: IPv{version} is sent with it", seen)
    state = lab.show(left, "gre1")
    lab.report((state["overhead"], state["mtu"]) == (52, 1448),
               "it takes 8 bytes of the MTU", state)
    carried(left, port, gre[6])
    lab.gretun(left, "set", "gre1", "encaplimit", "none")
    seen = sent_behind(left, port, plain[4], lab.IPPROTO_GRE)
    lab.report(seen == gre[4], "encaplimit none takes it away", seen)


def carried(left, port, gre):
    """Inner packets that carry a limit, wherever among their options."""
    for value in 1, 4, 255:
        for name, before in (("first", b""), ("behind Pad1", bytes([PAD1])),
                             ("behind an unknown option", option(SKIP, b"abc")),
                             ("behind all that", bytes([PAD1]) * 2 +
                              option(PADN, bytes(9)) + option(SKIP))):
            seen = sent_behind(left, port, limited(value, before), lab.IPPROTO_DSTOPTS)
            lab.report(seen == limit_of(value - 1) + gre,
                       f"an inner limit of {value}, {name}, is one less outside", seen)
    inner = lab.Inner(left, "gre1")
    before = lab.counters(left)
    for _ in range(3):
        inner.send(limited(0))
    change = lab.wait(lambda: (seen := lab.moved(before, lab.counters(left))) and
                      sum(seen.values()) >= 3 and seen)
    lab.report(change == {("gre1", "tx-encap-limit"): 3}, "an inner limit of 0 ends here",
               change)
    damaged = {
        "of no length": limited(4)[:43] + b"\0" + limited(4)[44:],
        "behind a length that leads out": lab.ipv6(
            lab.LEFT_INNER6, lab.NOBODY6, bytes([UDP, 0, SKIP, 250, LIMIT, 1, 0, 0]),
            lab.IPPROTO_DSTOPTS),
        "in a header cut short": lab.ipv6(
            lab.LEFT_INNER6, lab.NOBODY6, bytes([UDP, 9, LIMIT, 1, 0]),
            lab.IPPROTO_DSTOPTS),
    }
    for name, packet in damaged.items():
        seen = sent_behind(left, port, packet, lab.IPPROTO_DSTOPTS)
        lab.report(seen == limit_of(255) + gre, f"an inner limit {name} is none", seen)


def problem(left, _port, _prefix):
    """The sender of a packet whose limit is 0 is told, and where it is."""
    with lab.inside(left):
        raw = socket.socket(socket.AF_INET6, socket.SOCK_RAW, socket.IPPROTO_RAW)
        icmp = socket.socket(socket.AF_INET6, socket.SOCK_RAW, lab.IPPROTO_ICMPV6)
    icmp.settimeout(lab.PATIENCE)
    lab.gretun(left, "set", "gre1", "encaplimit", "4")
    packet = limited(0)
    raw.sendto(packet, (lab.NOBODY6, 0))
    while (message := icmp.recv(4096))[0] != 4:
        pass
    at = int.from_bytes(message[4:8], "big")
    lab.report(message[1] == 0 and at < len(packet) and packet[at - 2] == LIMIT and
               message[8:].startswith(packet),
               "and its sender is told which byte is the problem", message.hex())


# Received

INNER = lab.ipv4("192.0.2.1", lab.NOBODY, b"payload")
GRE = lab.gre(INNER)


def routing(left_over, kind=0, proto=lab.IPPROTO_GRE, payload=GRE):
    """A routing header with so many segments left."""
    return extension(proto, payload, bytes([kind, left_over]) + bytes(4) +
                     socket.inet_pton(socket.AF_INET6, lab.LEFT))


def fragments(src, payload, proto, sizes, ident):
    """The payload of a packet in fragments, all but the last of those sizes."""
    packets, at = [], 0
    for size in (*sizes, len(payload)):
        part = payload[at:at + size]
        more = at + len(part) < len(payload)
        head = struct.pack("!BBHI", proto, 0, at | more, ident)
        packets.append(lab.ipv6(src, lab.LEFT, head + part, lab.IPPROTO_FRAGMENT))
        at += size
    return packets


class Received:
    """Left, which gets packets that are made here."""

    def __init__(self, left, port, prefix):
        self.left, self.port, self.prefix = left, port, prefix
        self.host, self.inner = lab.Port(left, "eth0"), lab.Inner(left, "gre1")
        self.ident = random.getrandbits(32)

    def send(self, payload, proto, src=lab.RIGHT):
        """Send a packet whose next header is proto."""
        self.port.send(lab.ipv6(src, lab.LEFT, payload, proto), self.host)

    def report(self, passed, text, *why):
        """A result."""
        lab.report(passed, self.prefix + text, *why)

    def delivered(self, text, send, inner=INNER):
        """What send() sends comes out of the tunnel, once."""
        before = lab.counters(self.left)
        send()
        seen = self.inner.receive()
        change = lab.wait(lambda: lab.moved(before, lab.counters(self.left)))
        self.report(seen == inner and change == {("gre1", "rx-packets"): 1},
                    text + ": comes out of the tunnel", seen, change)

    def passed(self, text, send, want):
        """What send() sends moves just these counters of the namespace."""
        before = lab.counters(self.left)
        send()
        # Something that follows, to know that it is over.
        self.send(GRE, lab.IPPROTO_GRE)
        seen = self.inner.receive()
        change = lab.moved(before, lab.counters(self.left))
        change.pop(("gre1", "rx-packets"), None)
        self.report(seen == INNER and change == want, text + ": is passed on",
                    seen, change)

    def cut(self, payload, proto=lab.IPPROTO_GRE, src=lab.RIGHT, sizes=(64, 64),
            order=lambda packets: packets):
        """Send a packet in fragments."""
        self.ident = self.ident + 1 & 0xFFFFFFFF
        for packet in order(fragments(src, payload, proto, sizes, self.ident)):
            self.port.send(packet, self.host)


def headers(host):
    """Extension headers that are gone past, and those that are not."""
    hop, dst, route = lab.IPPROTO_HOPOPTS, lab.IPPROTO_DSTOPTS, lab.IPPROTO_ROUTING
    gre = lab.IPPROTO_GRE
    good = {
        "no header": (GRE, gre),
        "hop-by-hop options": (extension(gre, GRE), hop),
        "a router alert": (extension(gre, GRE, option(5, bytes(2))), hop),
        "destination options": (extension(gre, GRE), dst),
        "an encapsulation limit": (limit_of(4) + GRE, dst),
        "an encapsulation limit of 0": (limit_of(0) + GRE, dst),
        "an unknown option to be skipped": (extension(gre, GRE, option(SKIP, b"abc")), dst),
        "a long header of options": (extension(gre, GRE, option(PADN, bytes(200))), dst),
        "Pad1": (bytes([gre, 0]) + bytes(6) + GRE, dst),
        "a routing header without segments left": (routing(0), route),
        "one of a type that nobody knows": (routing(0, 77), route),
        "all of them": (extension(dst, extension(route, routing(
            0, 0, dst, limit_of(1) + GRE))), hop),
    }
    for name, (payload, proto) in good.items():
        host.delivered(name, lambda payload=payload, proto=proto: host.send(payload, proto))

    deep = GRE
    for _ in range(12):
        deep = extension(gre if deep is GRE else dst, deep)
    bad = {
        "segments left": (routing(1), route),
        "an unknown option to be discarded": (extension(gre, GRE, option(DISCARD)), dst),
        "an unknown option to be told of": (extension(gre, GRE, option(TELL)), dst),
        "a header that is longer than the packet": (bytes([gre, 200]) + bytes(6) + GRE, dst),
        "a header of one byte": (bytes([gre]), dst),
        "an option that is longer than its header": (
            bytes([gre, 0, SKIP, 9, 0, 0, 0, 0]) + GRE, dst),
        "12 headers": (deep, dst),
    }
    for name, (payload, proto) in bad.items():
        host.passed(name, lambda payload=payload, proto=proto: host.send(payload, proto),
                    {("netns", "passed-header"): 1})
        host.passed(name + ", from a stranger",
                    lambda payload=payload, proto=proto:
                    host.send(payload, proto, lab.STRANGER), {})


def whole(host):
    """Fragments of a tunnel's packets are put together."""
    packet = lab.ipv4("192.0.2.1", lab.NOBODY, random.randbytes(1200))
    gre = lab.gre(packet, key=None)
    for name, order in (("in order", list),
                        ("the last one first", lambda packets: packets[::-1]),
                        ("mixed", lambda packets: packets[1:] + packets[:1])):
        host.delivered(f"fragments, {name}",
                       lambda order=order: host.cut(gre, order=order), packet)
    host.delivered("fragments that cut the GRE header's options off",
                   lambda: host.cut(lab.gre(packet, csum=0), sizes=(8,)), packet)
    host.delivered("fragments of what has destination options",
                   lambda: host.cut(limit_of(4) + gre, lab.IPPROTO_DSTOPTS, sizes=(16, 8)),
                   packet)
    host.delivered("fragments behind destination options", lambda: behind(host, gre), packet)
    host.delivered("a fragment that is all there is",
                   lambda: host.cut(GRE, sizes=()), INNER)
    host.passed("a fragment whose others do not come",
                lambda: host.port.send(fragments(lab.RIGHT, gre, lab.IPPROTO_GRE, (64,),
                                                 host.ident + 99)[0], host.host), {})


def overlapping(host):
    """A fragment that overlaps another is dropped, with what there was of the packet."""
    gre = lab.gre(lab.ipv4("192.0.2.1", lab.NOBODY, bytes(1200)))
    host.ident = host.ident + 1 & 0xFFFFFFFF
    first = fragments(lab.RIGHT, gre, lab.IPPROTO_GRE, (64, 640), host.ident)[0]
    _, other, _ = fragments(lab.RIGHT, gre, lab.IPPROTO_GRE, (32, 640), host.ident)

    def send():
        for packet in first, other:
            host.port.send(packet, host.host)

    # Connection tracking drops it before gretun sees it.
    host.passed("a fragment that overlaps another", send,
                {} if host.prefix else {("netns", "fragment"): 1})


def behind(host, gre):
    """Send fragments that are behind a header which is in each of them."""
    for packet in fragments(lab.RIGHT, gre, lab.IPPROTO_GRE, (64, 640), host.ident - 7):
        host.send(extension(lab.IPPROTO_FRAGMENT, lab.Ip(packet).payload),
                  lab.IPPROTO_DSTOPTS)


def others(host):
    """Fragments of what is not for a tunnel reach those whom they are for."""
    with lab.inside(host.left):
        sink = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)
        raw = socket.socket(socket.AF_INET6, socket.SOCK_RAW, lab.IPPROTO_GRE)
    sink.bind(("", UDP_PORT))
    sink.settimeout(lab.PATIENCE)
    raw.settimeout(lab.PATIENCE)
    data = random.randbytes(1200)
    for src in lab.RIGHT, lab.STRANGER:
        head = struct.pack("!HHHH", 9, UDP_PORT, 8 + len(data), 0)
        total = lab.checksum(lab.pseudo(lab.ipv6(src, lab.LEFT), UDP, 8 + len(data)) +
                             head + data)
        message = head[:6] + struct.pack("!H", total) + data
        for text, payload, proto in (
                ("a UDP message", message, UDP),
                ("one behind options", extension(UDP, message), lab.IPPROTO_DSTOPTS)):
            host.passed(f"{text} in fragments from {src}",
                        lambda src=src, payload=payload, proto=proto:
                        host.cut(payload, proto, src), {})
            host.report(sink.recv(4096) == data, f"{text} in fragments from {src}: arrives")
    gre = lab.gre(lab.ipv4("192.0.2.1", lab.NOBODY, data))
    # Where the stack does it, they are put together behind the hook.
    host.passed("GRE in fragments from a stranger",
                lambda: host.cut(gre, src=lab.STRANGER),
                {("netns", "passed-pair"): 1} if host.prefix else {})
    host.report(raw.recv(4096) == gre, "GRE in fragments from a stranger: arrives")
    keyed = lab.gre(INNER + data, key=99)
    host.passed("GRE in fragments with a wrong key", lambda: host.cut(keyed),
                {("netns", "passed-key"): 1})
    host.report(raw.recv(4096) == keyed, "GRE in fragments with a wrong key: arrives")


def received(left, port, prefix):
    """Extension headers."""
    headers(Received(left, port, prefix))


def fragmented(left, port, prefix):
    """Fragments."""
    host = Received(left, port, prefix)
    whole(host)
    overlapping(host)
    others(host)


PARTS = {"labels": labels, "limits": limits, "problem": problem, "received": received,
         "fragments": fragmented}


def main(part, left, router, prefix=""):
    """One part of the test."""
    PARTS[part](left, lab.Port(router, "left"), prefix)


main(*sys.argv[1:])
