# SPDX-License-Identifier: GPL-2.0
"""What the Python helpers of the tests share: packets as bytes, sockets in
other network namespaces, counters, results for report() of lib.sh.

It imports little on purpose: programs start slowly in an emulated machine."""

import contextlib
import ctypes
import fcntl
import json
import os
import select
import socket
import struct
import subprocess
import time

LEFT, RIGHT = "212.25.240.34", "217.154.12.2"
LEFT_INNER, RIGHT_INNER = "10.1.12.37", "10.1.12.38"
# An address nobody has: what is delivered to it is not answered.
NOBODY = "198.51.100.1"

IPPROTO_GRE = 47
ETH_P_IP, ETH_P_IPV6 = 0x0800, 0x86DD
PACKET_OUTGOING = 4
SIOCGIFHWADDR = 0x8927
CLONE_NEWNET = 0x40000000
SOL_PACKET, PACKET_IGNORE_OUTGOING = 263, 23
SO_RCVBUFFORCE = 33

# Seconds after which a packet or a counter will not come any more.
PATIENCE = 10

libc = ctypes.CDLL(None, use_errno=True)


def setns(fd):
    """Move this thread to another network namespace."""
    if libc.setns(fd, CLONE_NEWNET):
        raise OSError(ctypes.get_errno(), "setns")


@contextlib.contextmanager
def inside(netns):
    """Be in a network namespace for a while."""
    with open("/proc/thread-self/ns/net") as home, \
            open("/run/netns/" + netns) as there:
        setns(there.fileno())
        try:
            yield
        finally:
            setns(home.fileno())


def report(passed, text, *why):
    """Print a result; why is printed if it failed."""
    if not passed:
        for item in why:
            for line in str(item).splitlines():
                print("# " + line)
    print("ok" if passed else "not ok", text, flush=True)


def wait(condition, patience=PATIENCE):
    """Wait until condition() is true; return what it said last."""
    end = time.monotonic() + patience
    while not (value := condition()) and time.monotonic() < end:
        time.sleep(0.02)
    return value


def gretun(netns, *words):
    """Run the command line tool, which must succeed."""
    return subprocess.run(["gretun", "-n", netns, *words], check=True,
                          stdout=subprocess.PIPE).stdout


# Packets

def checksum(data):
    """The checksum of RFC 1071."""
    if len(data) % 2:
        data += b"\0"
    total = sum(struct.unpack(f"!{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


def ipv4(src, dst, payload=b"", proto=253, ttl=64, tos=0, ident=0, frag=0x4000):
    """An IPv4 packet; frag is the word with the DF bit, which it has."""
    def header(check):
        return struct.pack("!BBHHHBBH4s4s", 0x45, tos, 20 + len(payload),
                           ident, frag, ttl, proto, check,
                           socket.inet_aton(src), socket.inet_aton(dst))
    return header(checksum(header(0))) + payload


def ipv6(src, dst, payload=b"", proto=253, hops=64, tclass=0):
    """An IPv6 packet."""
    return struct.pack("!IHBB16s16s", 6 << 28 | tclass << 20, len(payload),
                       proto, hops, socket.inet_pton(socket.AF_INET6, src),
                       socket.inet_pton(socket.AF_INET6, dst)) + payload


def gre(payload=b"", proto=ETH_P_IP, csum=None, key=None, seq=None, bits=0):
    """A GRE header and its payload. csum is None for no checksum, 0 for the
    right one, or a number that is added to the right one. bits are set in the
    first two bytes beside those that the rest asks for."""
    def header(check):
        flags = bits | (csum is not None) << 15 | (key is not None) << 13 | \
            (seq is not None) << 12
        out = struct.pack("!HH", flags, proto)
        if csum is not None:
            out += struct.pack("!HH", check, 0)
        for word in (key, seq):
            if word is not None:
                out += struct.pack("!I", word)
        return out
    check = 0
    if csum is not None:
        check = (checksum(header(0) + payload) + csum) & 0xFFFF
    return header(check) + payload


class Port:
    """An Ethernet device, to send and to capture IPv4 packets on."""

    def __init__(self, netns, dev):
        with inside(netns):
            self.sock = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0)
        self.sock.setsockopt(SOL_PACKET, PACKET_IGNORE_OUTGOING, 1)
        self.sock.setsockopt(socket.SOL_SOCKET, SO_RCVBUFFORCE, 1 << 23)
        self.sock.bind((dev, ETH_P_IP))
        reply = fcntl.ioctl(self.sock, SIOCGIFHWADDR, struct.pack("256s", dev.encode()))
        self.mac = reply[18:24]

    def send(self, packet, to):
        """Send an IPv4 packet to another Port's address."""
        self.sock.send(to.mac + self.mac + struct.pack("!H", ETH_P_IP) + packet)

    def receive(self, proto=IPPROTO_GRE, patience=PATIENCE):
        """The next packet of that protocol that came in, or None."""
        end = time.monotonic() + patience
        while select.select([self.sock], [], [], max(0, end - time.monotonic()))[0]:
            packet = self.sock.recv(1 << 16)[14:]
            if packet[9] == proto:
                return packet[:int.from_bytes(packet[2:4], "big")]
        return None


class Inner:
    """A tunnel device, to send and to capture inner packets on."""

    def __init__(self, netns, dev):
        self.dev = dev
        with inside(netns):
            self.sock = socket.socket(socket.AF_PACKET, socket.SOCK_DGRAM, 0)
        self.sock.setsockopt(SOL_PACKET, PACKET_IGNORE_OUTGOING, 1)
        self.sock.bind((dev, 3))

    def send(self, packet):
        """Send an IPv4 or IPv6 packet."""
        proto = ETH_P_IPV6 if packet[0] >> 4 == 6 else ETH_P_IP
        self.sock.sendto(packet, (self.dev, proto))

    def receive(self, patience=PATIENCE):
        """The next packet that came out of the tunnel, or None."""
        if not select.select([self.sock], [], [], patience)[0]:
            return None
        return self.sock.recv(1 << 16)


# Counters

def counters(netns):
    """All counters of a namespace in one table: by tunnel, or "netns", and
    name."""
    table = {}
    for entry in json.loads(gretun(netns, "-j", "stats")):
        stats = entry["stats64"]
        name = entry.get("ifname", "netns")
        for reason, count in stats["drops"].items():
            table[name, reason] = count
        for way in "rx", "tx":
            for unit, count in stats.get(way, {}).items():
                table[name, f"{way}-{unit}"] = count
    return table


def moved(before, after):
    """The counters that differ, and by how much; bytes are left out."""
    return {where: count - before.get(where, 0) for where, count in after.items()
            if count != before.get(where, 0) and not where[1].endswith("-bytes")}
