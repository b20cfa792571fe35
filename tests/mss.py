# SPDX-License-Identifier: GPL-2.0
"""mss.py connect LEFT RIGHT INSIDE TEXT BYTES: for mss.sh, both ends of each
connection send segments for inner packets of so many BYTES.

mss.py without RIGHT INSIDE: and what they send without anybody's help.

mss.py bytes LEFT ROUTER on|off: packets made by hand, on their way into left's
tunnel and out of it."""

import socket
import struct
import sys

import lab

INSIDE, INSIDE6 = "10.2.0.2", "fd02::2"
SYN, SYN_ACK, ACK, RST_SYN = 0x02, 0x12, 0x10, 0x06
# What the tunnel takes of a 1500 byte link.
MTU = 1500 - lab.OVERHEAD
NOP, END = b"\x01", b"\x00"


def segments(source, target, address):
    """What both ends of a connection may send, as they agreed."""
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    with lab.inside(target):
        server = socket.create_server((address, 0), family=family)
    with lab.inside(source):
        client = socket.socket(family, socket.SOCK_STREAM)
    with server, client:
        server.settimeout(lab.PATIENCE)
        client.settimeout(lab.PATIENCE)
        client.connect(server.getsockname())
        with server.accept()[0] as connection:
            # The option for timestamps, which each segment has, is taken off.
            return [sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_MAXSEG) + 12
                    for sock in (client, connection)]


def expect(text, source, target, address, size):
    """Both ends of a connection send segments of that size."""
    try:
        seen = segments(source, target, address)
    except OSError as error:
        seen = error
    lab.report(seen == [size, size], f"{text}: from {source.partition('-')[0]} to "
               f"{address}", f"wanted {size}, got {seen}")


def connect(left, right, inside, text, length):
    """Connections between all hosts, both ways."""
    for source, target, *addresses in (
            (left, right, lab.RIGHT_INNER, lab.RIGHT_INNER6),
            (right, left, lab.LEFT_INNER, lab.LEFT_INNER6),
            (inside, right, lab.RIGHT_INNER, lab.RIGHT_INNER6),
            (right, inside, INSIDE, INSIDE6)):
        for address, headers in zip(addresses, (40, 60)):
            expect(text, source, target, address, int(length) - headers)


def without(right, inside):
    """Inner hosts go by their own links."""
    expect("without it", inside, right, lab.RIGHT_INNER, 1460)
    expect("without it", right, inside, INSIDE6, 1440)


def mss(value):
    """The option."""
    return struct.pack("!BBH", 2, 4, value)


def segment(version, options, flags=SYN, data=b""):
    """A TCP segment in an inner packet; its options are padded."""
    src, dst = (lab.LEFT_INNER, lab.NOBODY) if version == 4 else \
        (lab.LEFT_INNER6, lab.NOBODY6)
    options += END * (-len(options) % 4)
    make = lab.ipv4 if version == 4 else lab.ipv6

    def header(check):
        return struct.pack("!HHIIBBHHH", 40000, 80, 1, 2, (20 + len(options)) // 4 << 4,
                           flags, 65535, check, 0) + options + data
    check = lab.checksum(lab.pseudo(make(src, dst), socket.IPPROTO_TCP, len(header(0))) +
                         header(0))
    return make(src, dst, header(check), socket.IPPROTO_TCP)


def right_sum(packet):
    """Is the checksum of TCP right?"""
    ip = lab.Ip(packet)
    return not lab.checksum(lab.pseudo(packet, socket.IPPROTO_TCP, len(ip.payload)) +
                            ip.payload)


def lowered(version):
    """Segments whose option is lowered, and to what it is: names, before, after."""
    most = MTU - (40 if version == 4 else 60)
    places = {
        "alone": (b"", b""),
        "behind NOPs": (NOP * 4, b""),
        "at an odd place": (NOP, NOP * 3),
        "behind others": (b"\x04\x02" + b"\x08\x0a" + bytes(8), b"\x03\x03\x07"),
        "behind one of no meaning": (b"\xfd\x07abcde", b""),
    }
    for value in 65535, 1460, most + 1:
        for name, (before, after) in places.items():
            for flags, kind in (SYN, "SYN"), (SYN_ACK, "SYN-ACK"), (SYN | 0xC0, "SYN with ECN"):
                yield (f"{kind} with {value} {name}",
                       segment(version, before + mss(value) + after, flags),
                       segment(version, before + mss(most) + after, flags))
    yield ("SYN with data", segment(version, mss(9000), data=b"data"),
           segment(version, mss(most), data=b"data"))
    both = mss(9000) + NOP * 2 + mss(1)
    yield ("the first of two", segment(version, both),
           segment(version, mss(most) + both[4:]))


def untouched(version):
    """Segments that stay as they are."""
    most = MTU - (40 if version == 4 else 60)
    good = segment(version, mss(9000))
    at = 20 if version == 4 else 40
    yield from {
        "the most there may be": segment(version, mss(most)),
        "less": segment(version, mss(most - 1)),
        "536": segment(version, mss(536)),
        "0": segment(version, mss(0)),
        "none": segment(version, b""),
        "none, with data like one": segment(version, b"", data=mss(9000)),
        "none but NOPs": segment(version, NOP * 40),
        "one of length 3": segment(version, b"\x02\x03\xff\xff"),
        "one of length 2": segment(version, b"\x02\x02\xff\xff"),
        "one of length 6": segment(version, b"\x02\x06\xff\xff\xff\xff"),
        "one behind the end": segment(version, END + NOP * 3 + mss(9000)),
        "one behind an option of length 0": segment(version, b"\x08\x00" + NOP * 2 + mss(9000)),
        "one behind an option of length 1": segment(version, b"\x08\x01" + NOP * 2 + mss(9000)),
        "one behind an option that is too long":
            segment(version, b"\x08\x28" + NOP * 2 + mss(9000)),
        "one that is cut by the end": segment(version, NOP * 2 + b"\x02\x04"),
        "a kind without a length at the end": segment(version, NOP * 3 + b"\x02"),
        "one in a segment that is no SYN": segment(version, mss(9000), ACK),
        "one of a connection that is refused": segment(version, mss(9000), RST_SYN & ~SYN),
        "a header shorter than one": lab.ipv4(
            lab.LEFT_INNER, lab.NOBODY, lab.Ip(good).payload[:12], socket.IPPROTO_TCP)
            if version == 4 else lab.ipv6(
                lab.LEFT_INNER6, lab.NOBODY6, lab.Ip(good).payload[:12], socket.IPPROTO_TCP),
        "a data offset beyond the packet": good[:at + 12] + b"\xf0" + good[at + 13:],
        "a data offset of 4": good[:at + 12] + b"\x40" + good[at + 13:],
        "UDP": good[:6] + b"\x11" + good[7:] if version == 6 else
               lab.ipv4(lab.LEFT_INNER, lab.NOBODY, good[20:], socket.IPPROTO_UDP),
    }.items()
    if version == 4:
        yield ("a later fragment", lab.ipv4(lab.LEFT_INNER, lab.NOBODY, good[20:],
                                            socket.IPPROTO_TCP, frag=0x2010))


class Tunnel:
    """Left's gre1, and the cable that its outer packets take."""

    def __init__(self, left, router):
        self.inner = lab.Inner(left, "gre1")
        self.port, self.host = lab.Port(router, "left"), lab.Port(left, "eth0")

    def out(self, packet):
        """What becomes of a packet on its way into the tunnel."""
        self.inner.send(packet)
        seen = self.port.receive()
        return seen and lab.Ip(seen).payload[4:]

    def back(self, packet):
        """What becomes of a packet that comes out of it."""
        self.port.send(lab.outer(lab.RIGHT, lab.LEFT, lab.gre(packet)), self.host)
        return self.inner.receive()


def made(left, router, setting):
    """Packets made by hand."""
    tunnel = Tunnel(left, router)
    for version in 4, 6:
        for way, name in (tunnel.out, "sent"), (tunnel.back, "received"):
            wrong = []
            for text, packet, want in lowered(version):
                seen = way(packet)
                if setting == "off":
                    want = packet
                if seen != want:
                    wrong += [text, f"wanted {want.hex()}", f"   got {seen and seen.hex()}"]
                elif not right_sum(seen):
                    wrong += [text + ": the checksum is wrong"]
            lab.report(not wrong, f"{setting}, IPv{version}, {name}: options that are "
                       f"{'lowered' if setting == 'on' else 'left alone'}", *wrong[:9])
            for text, packet in untouched(version):
                seen = way(packet)
                lab.report(seen == packet, f"{setting}, IPv{version}, {name}: {text} stays "
                           "as it is", packet.hex(), seen and seen.hex())


{"connect": connect, "without": without, "bytes": made}[sys.argv[1]](*sys.argv[2:])
