# SPDX-License-Identifier: GPL-2.0
"""captures.py HOST WIRE DIR: for captures.sh, real GRE packets at a host with
and without the tunnels that they are for.

What must become of each packet is worked out here from the text of RFC 791,
RFC 2784 and RFC 2890, and compared with what the counters say."""

import collections
import glob
import os
import socket
import struct
import sys

import lab

FOREIGN_KEY, STRANGER = 0x5EEDF00D, "203.0.113.200"
LINK_LENGTH = {1: 14, 12: 0, 14: 0, 101: 0, 108: 4, 113: 16, 228: 0}
ETHERNET, VLAN, QINQ, IPIP = 1, 0x8100, 0x88A8, 4
MULTICAST = 224  # and above, an address is no source


def ipv4_of(frame, link):
    """The IPv4 packet in a frame, or None. What is in front of it is taken for
    a part of the link, IPv6 included."""
    start = LINK_LENGTH[link]
    if link != ETHERNET:
        return frame[start:]
    kind = int.from_bytes(frame[12:14], "big")
    while kind in (VLAN, QINQ):
        kind = int.from_bytes(frame[start + 2:start + 4], "big")
        start += 4
    if kind == lab.ETH_P_IPV6 and frame[start + 6] == IPIP:
        return frame[start + 40:]
    return frame[start:] if kind == lab.ETH_P_IP else None


def packets_of(path):
    """The IPv4 packets of a capture."""
    with open(path, "rb") as file:
        data = file.read()
    order = "<" if data[:4] in (b"\xd4\xc3\xb2\xa1", b"\x4d\x3c\xb2\xa1") else ">"
    link = struct.unpack_from(order + "I", data, 20)[0] & 0xFFFF
    offset = 24
    while offset + 16 <= len(data):
        length = struct.unpack_from(order + "I", data, offset + 8)[0]
        packet = ipv4_of(data[offset + 16:offset + 16 + length], link)
        offset += 16 + length
        if packet and len(packet) >= 20:
            yield packet


def mended(packet):
    """A packet with an IPv4 header that a host takes. Some were cut short, made
    anonymous or made up, and would not get as far as GRE."""
    packet = bytearray(packet)
    ihl = (packet[0] & 15) * 4
    if packet[0] >> 4 != 4 or not 20 <= ihl <= len(packet):
        packet[0], ihl = 0x45, 20
    if not ihl <= int.from_bytes(packet[2:4], "big") <= len(packet):
        packet[2:4] = len(packet).to_bytes(2, "big")
    if packet[12] >= MULTICAST:
        packet[12] &= 0x3F
    if packet[12:16] == packet[16:20]:
        packet[15] ^= 1
    packet[10:12] = 0, 0
    packet[10:12] = lab.checksum(packet[:ihl]).to_bytes(2, "big")
    return bytes(packet)


def whole(packets):
    """Put fragments together; what has a part missing is left out. A packet
    is (TOS, payload)."""
    parts = collections.defaultdict(dict)
    for packet in packets:
        ihl = (packet[0] & 15) * 4
        total, ident, frag = struct.unpack_from("!HHH", packet, 2)
        payload = packet[ihl:total]
        if frag & 0x3FFF == 0:
            yield packet[1], payload
            continue
        have = parts[ident]
        have[(frag & 0x1FFF) * 8] = (payload, not frag & 0x2000, packet[1])
        at, joined = 0, b""
        while at in have:
            joined += have[at][0]
            if have[at][1]:
                yield have[0][2], joined
                del parts[ident]
                break
            at = len(joined)


def verdict(tos, payload, keys):
    """What becomes of a GRE packet at a host with tunnels of these keys, None
    for a tunnel without: the tunnel's key and the counter."""
    if len(payload) < 4:
        return "netns", "truncated"
    flags, proto = struct.unpack_from("!HH", payload)
    if flags & 7:
        return "netns", "passed-version"
    if flags & 0x4000:
        return "netns", "routing"
    if flags & 0x0C00:
        return "netns", "reserved"
    length = 4 + 4 * sum(bool(flags & bit) for bit in (0x8000, 0x2000, 0x1000))
    if len(payload) < length:
        return "netns", "truncated"
    key = None
    if flags & 0x2000:
        key = struct.unpack_from("!I", payload, 8 if flags & 0x8000 else 4)[0]
    if key not in keys:
        return "netns", "passed-key"
    if flags & 0x8000 and lab.checksum(payload):
        return key, "rx-checksum"
    inner = payload[length:]
    if proto == 0 and not inner:
        return key, "rx-unasked"  # the answer to a keepalive
    if proto not in (lab.ETH_P_IP, lab.ETH_P_IPV6):
        return key, "rx-protocol"
    if len(inner) < (20 if proto == lab.ETH_P_IP else 40):
        return key, "rx-truncated"
    inner_tos = inner[1] if proto == lab.ETH_P_IP else \
        struct.unpack_from("!H", inner)[0] >> 4
    if tos & 3 == 3 and inner_tos & 3 == 0:
        return key, "rx-ecn"
    return key, "rx-packets"


def keys_of(packets):
    """The keys that the packets have; None stands for no key."""
    keys = set()
    for _, payload in packets:
        if len(payload) >= 4:
            flags = struct.unpack_from("!H", payload)[0]
            offset = 8 if flags & 0x8000 else 4
            if not flags & 0x4C07:
                if not flags & 0x2000:
                    keys.add(None)
                elif len(payload) >= offset + 4:
                    keys.add(struct.unpack_from("!I", payload, offset)[0])
    return keys


class Host:
    """The host under test, and the wire to it."""

    def __init__(self, host, wire):
        self.netns = host
        self.port = lab.Port(wire, "wire")
        self.mac = lab.Port(host, "eth0")

    def ip(self, *words):
        """Run ip(8) in the host's namespace."""
        status = os.spawnlp(os.P_WAIT, "ip", "ip", "-n", self.netns, *words)
        assert status == 0, words

    def run(self, pair, tunnels, packets, want):
        """Send packets to a host that has these tunnels: (key, remote)."""
        src, dst = pair
        self.ip("addr", "add", dst + "/32", "dev", "lo")
        for number, (key, remote) in enumerate(tunnels):
            words = [] if key is None else ["key", str(key)]
            lab.gretun(self.netns, "add", f"t{number}", "local", dst,
                       "remote", remote, *words)
        before = lab.counters(self.netns)
        for packet in packets:
            self.port.send(packet, self.mac)
        received = collections.Counter()

        def settled():
            received.clear()
            for (where, name), count in lab.moved(
                    before, lab.counters(self.netns)).items():
                if name.startswith("tx-"):
                    continue
                key = tunnels[int(where[1:])][0] if where != "netns" else where
                received[key, name] += count
            return received == want

        done = lab.wait(settled, 3)
        lab.gretun(self.netns, "del", "--all")
        self.ip("addr", "del", dst + "/32", "dev", "lo")
        return done, dict(received)


def pair_of(packet):
    """Its source and its destination."""
    return socket.inet_ntoa(packet[12:16]), socket.inet_ntoa(packet[16:20])


def sorted_out(path):
    """The GRE packets of a capture by their addresses, mended. All others come
    before the first pair's; of them no counter may take note."""
    pairs, rest = collections.defaultdict(list), []
    for packet in packets_of(path):
        if packet[9] == lab.IPPROTO_GRE:
            packet = mended(packet)
            pairs[pair_of(packet)].append(packet)
        else:
            rest.append(packet)
    total = len(rest) + sum(map(len, pairs.values()))
    if not pairs:
        # Something must arrive, to know that all the others have.
        pair = pair_of(rest[-1])
        pairs[pair].append(lab.ipv4(*pair, lab.gre(key=1), lab.IPPROTO_GRE))
    first = next(iter(pairs))
    pairs[first] = rest + pairs[first]
    return total, pairs


def is_gre(packet):
    """Is it to be counted?"""
    return packet[9] == lab.IPPROTO_GRE


def expectation(kind, packets, pair):
    """The tunnels of a host, and what becomes of packets there."""
    usable = list(whole(filter(is_gre, packets)))
    remote, keys = pair[0], keys_of(usable)
    if kind != "its own tunnels" or not keys:
        keys = {FOREIGN_KEY}
    want = collections.Counter(verdict(*packet, keys) for packet in usable)
    if kind == "other tunnels":
        remote, passed = STRANGER, collections.Counter()
        for (_, reason), count in want.items():
            passed["netns", "passed-version" if reason == "passed-version"
                   else "passed-pair"] += count
        want = passed
    return [(key, remote) for key in keys], want


def replay(host, path):
    """Replay one capture, three times."""
    total, pairs = sorted_out(path)
    for kind in "its own tunnels", "tunnels of another key", "other tunnels":
        bad, expected = [], 0
        for pair, packets in pairs.items():
            tunnels, want = expectation(kind, packets, pair)
            done, received = host.run(pair, tunnels, packets, want)
            expected += sum(want.values())
            if not done:
                bad.append(f"{pair}: wanted {dict(want)}, got {received}")
        lab.report(not bad, f"{os.path.basename(path)}, {kind}: {total} packets, "
                   f"{expected} counted, each for its reason", *bad)


def main(netns, wire, folder):
    """Replay all captures."""
    host = Host(netns, wire)
    paths = sorted(glob.glob(folder + "/*.pcap"))
    lab.report(len(paths) > 10, "there are captures", paths)
    for path in paths:
        replay(host, path)


if __name__ == "__main__":
    main(*sys.argv[1:])
