# SPDX-License-Identifier: GPL-2.0
"""external_many.py LEFT ROUTER RIGHT COUNT: for external_many.sh, a message from
left to each peer, and its answer."""

import select
import socket
import struct
import sys

import lab

# Sockets have room for so many messages.
STEP = 100
PORT = 4711


def sockets(netns):
    """UDP sockets for IPv4 and IPv6."""
    with lab.inside(netns):
        pair = [socket.socket(family, socket.SOCK_DGRAM)
                for family in (socket.AF_INET, socket.AF_INET6)]
    pair[1].setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
    for sock in pair:
        sock.bind(("", PORT))
    return pair


def collect(here, there, missing):
    """Send back what comes there, and take answers until none is missing, or
    nothing comes any more."""
    while missing and (ready := select.select(here + there, [], [], lab.PATIENCE)[0]):
        for sock in ready:
            data, sender = sock.recvfrom(64)
            if sock in there:
                sock.sendto(data, sender)
            else:
                missing.discard(struct.unpack("!B3xI", data))
    return missing


def outer(port, wanted):
    """Outer packets that a port has seen; those that are not wanted."""
    wrong = []
    while wanted and (packet := port.receive()):
        key = struct.unpack("!I", packet[24:28])[0]
        inner = packet[28:]
        version = inner[0] >> 4
        number = struct.unpack("!H", inner[18:20] if version == 4 else inner[38:40])[0]
        want = socket.inet_aton("10.200.0.0")[:2] + struct.pack("!H", number)
        if packet[16:20] != want or key != number or \
                packet[20:22] != b"\x20\0" or (version, number) not in wanted:
            wrong.append(packet.hex())
        wanted.discard((version, number))
    return wrong + [f"nothing for {who}" for who in wanted]


def main(left, router, right, count):
    """Twice, as the second time there is more to go by."""
    here, there, port = sockets(left), sockets(right), lab.Port(router, "left")
    for turn in "first", "second":
        lost, wrong = [], []
        for start in range(1, int(count) + 1, STEP):
            numbers = range(start, min(start + STEP, int(count) + 1))
            missing = {(version, number) for version in (4, 6) for number in numbers}
            seen = set(missing)
            for number in numbers:
                data = struct.pack("!B3xI", 4, number)
                here[0].sendto(data, (f"10.100.{number >> 8}.{number & 255}", PORT))
                data = struct.pack("!B3xI", 6, number)
                here[1].sendto(data, (f"fd64::{number:x}", PORT))
            lost += collect(here, there, missing)
            wrong += outer(port, seen)
        lab.report(not lost, f"{turn} time: each of {count} peers answers over IPv4 "
                   "and IPv6", f"{len(lost)} are missing", lost[:20])
        lab.report(not wrong, f"{turn} time: each has its address and its key",
                   f"{len(wrong)} are wrong", *wrong[:5])


main(*sys.argv[1:])
