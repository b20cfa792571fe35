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

# What the outer packets are, as lib.sh has it.
IPV6 = os.environ.get("UNDERLAY") == "ipv6"
LEFT, RIGHT = ("2001:db8:1::34", "2001:db8:2::2") if IPV6 else \
    ("212.25.240.34", "217.154.12.2")
# Somebody who has nothing to do with it.
STRANGER = "2001:db8:9::9" if IPV6 else "203.0.113.9"
# Bytes of an outer IP header, and with a GRE header without options.
IP_HEADER = 40 if IPV6 else 20
OVERHEAD = IP_HEADER + 4
LEFT_INNER, RIGHT_INNER = "10.1.12.37", "10.1.12.38"
LEFT_INNER6, RIGHT_INNER6 = "fd12::37", "fd12::38"
# Addresses nobody has: what is delivered to them is not answered.
NOBODY, NOBODY6 = "198.51.100.1", "fd99::1"

IPPROTO_HOPOPTS, IPPROTO_ROUTING, IPPROTO_FRAGMENT, IPPROTO_DSTOPTS = 0, 43, 44, 60
IPPROTO_GRE, IPPROTO_ICMPV6 = 47, 58
ETH_P_ALL, ETH_P_IP, ETH_P_IPV6 = 0x0003, 0x0800, 0x86DD
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


def show(netns, dev):
    """What a tunnel is like, by the words of show."""
    return json.loads(gretun(netns, "-j", "show", dev))[0]


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


def ipv6(src, dst, payload=b"", proto=253, hops=64, tclass=0, label=0):
    """An IPv6 packet."""
    return struct.pack("!IHBB16s16s", 6 << 28 | tclass << 20 | label,
                       len(payload), proto, hops,
                       socket.inet_pton(socket.AF_INET6, src),
                       socket.inet_pton(socket.AF_INET6, dst)) + payload


def outer(src, dst, payload, proto=IPPROTO_GRE, ttl=64, tos=0):
    """An outer packet, of the family of its addresses."""
    if ":" in dst:
        return ipv6(src, dst, payload, proto, ttl, tos)
    return ipv4(src, dst, payload, proto, ttl, tos)


class Ip:
    """An IP packet taken apart: its fields, and what is behind the header."""

    def __init__(self, packet):
        self.version = packet[0] >> 4
        if self.version == 4:
            self.tos, self.ttl, self.proto = packet[1], packet[8], packet[9]
            self.ident, self.frag = struct.unpack("!HH", packet[4:8])
            self.length, at = int.from_bytes(packet[2:4], "big"), packet[0] % 16 * 4
            family, self.addresses = socket.AF_INET, packet[12:20]
        else:
            word = int.from_bytes(packet[:4], "big")
            self.tos, self.label = word >> 20 & 0xFF, word & 0xFFFFF
            self.proto, self.ttl = packet[6], packet[7]
            self.length, at = 40 + int.from_bytes(packet[4:6], "big"), 40
            family, self.addresses = socket.AF_INET6, packet[8:40]
        half = len(self.addresses) // 2
        self.src = socket.inet_ntop(family, self.addresses[:half])
        self.dst = socket.inet_ntop(family, self.addresses[half:])
        self.payload = packet[at:self.length]


def pseudo(packet, proto, length):
    """The pseudo-header of the checksum of what an IP packet holds."""
    ip = Ip(packet)
    if ip.version == 4:
        return ip.addresses + struct.pack("!HH", proto, length)
    return ip.addresses + struct.pack("!II", length, proto)


def icmp(src, dst, kind, code, rest=0, data=b"", bad=0):
    """An ICMP message, of the family of its addresses. rest is its second
    word; bad is added to the checksum."""
    def message(check):
        return struct.pack("!BBHI", kind, code, check, rest) + data
    if ":" not in dst:
        check = (checksum(message(0)) + bad) & 0xFFFF
        return ipv4(src, dst, message(check), socket.IPPROTO_ICMP)
    head = ipv6(src, dst, proto=IPPROTO_ICMPV6)
    check = checksum(pseudo(head, IPPROTO_ICMPV6, 8 + len(data)) + message(0))
    return ipv6(src, dst, message((check + bad) & 0xFFFF), IPPROTO_ICMPV6)


def protocol(packet):
    """The EtherType of an IP packet."""
    return ETH_P_IPV6 if packet[0] >> 4 == 6 else ETH_P_IP


def gre(payload=b"", proto=None, csum=None, key=None, seq=None, bits=0):
    """A GRE header and its payload, of which it has the protocol unless another
    one is given. csum is None for no checksum, 0 for the
    right one, or a number that is added to the right one. bits are set in the
    first two bytes beside those that the rest asks for."""
    if proto is None:
        proto = protocol(payload or b"\x40")

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
    """An Ethernet device, to send and to capture IP packets on."""

    def __init__(self, netns, dev):
        with inside(netns):
            self.sock = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0)
        self.sock.setsockopt(SOL_PACKET, PACKET_IGNORE_OUTGOING, 1)
        self.sock.setsockopt(socket.SOL_SOCKET, SO_RCVBUFFORCE, 1 << 23)
        self.sock.bind((dev, ETH_P_ALL))
        reply = fcntl.ioctl(self.sock, SIOCGIFHWADDR, struct.pack("256s", dev.encode()))
        self.mac = reply[18:24]

    def send(self, packet, to):
        """Send a packet to another Port's address."""
        self.sock.send(to.mac + self.mac + struct.pack("!H", protocol(packet)) + packet)

    def receive(self, proto=IPPROTO_GRE, patience=PATIENCE):
        """The next packet of that protocol that came in, or None."""
        end = time.monotonic() + patience
        while select.select([self.sock], [], [], max(0, end - time.monotonic()))[0]:
            frame = self.sock.recv(1 << 16)
            if frame[12:14] in (b"\x08\0", b"\x86\xdd"):
                ip = Ip(frame[14:])
                if ip.proto == proto:
                    return frame[14:14 + ip.length]
        return None

    def drain(self):
        """Forget what came in."""
        while self.receive(patience=0):
            pass


class Inner:
    """A tunnel device, to send and to capture inner packets on."""

    def __init__(self, netns, dev):
        self.dev = dev
        with inside(netns):
            # Of those that bring a header the devices have none.
            self.sock = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0)
        self.sock.setsockopt(SOL_PACKET, PACKET_IGNORE_OUTGOING, 1)
        self.sock.bind((dev, ETH_P_ALL))

    def send(self, packet):
        """Send an IPv4 or IPv6 packet."""
        self.sock.sendto(packet, (self.dev, protocol(packet)))

    def receive(self, patience=PATIENCE):
        """The next packet that came out of the tunnel, or None."""
        if not select.select([self.sock], [], [], patience)[0]:
            return None
        return self.sock.recv(1 << 16)

    def drain(self):
        """Forget what came out."""
        while self.receive(0):
            pass


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


def icmp_errors(netns, dev, kind):
    """ICMP errors of a kind about packets of a tunnel: how many, and what is
    known of the last one."""
    stats = json.loads(gretun(netns, "-j", "stats", dev))[0]["stats64"]
    return stats["icmp"].get(kind, {"packets": 0})


def moved(before, after):
    """The counters that differ, and by how much; bytes are left out."""
    return {where: count - before.get(where, 0) for where, count in after.items()
            if count != before.get(where, 0) and not where[1].endswith("-bytes")}
