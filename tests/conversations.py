# SPDX-License-Identifier: GPL-2.0
"""conversations.py HOST WIRE DIR: for conversations.sh, both parts of each
conversation in tunnels of IP that was captured."""

import collections
import glob
import os
import socket
import struct
import sys

import captures
import lab

CSUM, KEY, SEQ = 0x8000, 0x2000, 0x1000
UDP_PORT = 4754

# What is in an outer packet: its protocol, flags, key, sequence number, and the
# inner packet.
Packet = collections.namedtuple("Packet", "proto flags key seq inner")


def carried(packet):
    """What a tunnel has in an IPv4 packet, or None where none can carry that."""
    ip = lab.Ip(packet)
    data = ip.payload
    if ip.proto == socket.IPPROTO_UDP:
        if len(data) < 8 or int.from_bytes(data[2:4], "big") != UDP_PORT:
            return None
        data = data[8:]
    elif ip.proto != lab.IPPROTO_GRE:
        return None
    if ip.frag & 0x3FFF or len(packet) < ip.length or len(data) < 4:
        return None
    flags, kind = struct.unpack_from("!HH", data)
    if flags & ~(CSUM | KEY | SEQ) or kind not in (lab.ETH_P_IP, lab.ETH_P_IPV6):
        return None
    words = {}
    at = 4
    for bit in CSUM, KEY, SEQ:
        if flags & bit:
            words[bit] = int.from_bytes(data[at:at + 4], "big")
            at += 4
    if flags & CSUM and lab.checksum(data):
        return None
    return Packet(ip.proto, flags, words.get(KEY), words.get(SEQ), data[at:])


def conversations(path):
    """Lists of (source, packet, what it carries) by the pair of hosts and what is
    the same for all packets of a tunnel."""
    table = collections.defaultdict(list)
    for packet in captures.packets_of(path):
        if packet[0] >> 4 != 4 or (what := carried(packet)) is None:
            continue
        pair = captures.pair_of(packet)
        table[frozenset(pair), what.proto, what.flags, what.key].append(
            (pair[0], captures.mended(packet), what))
    return table


class Host(captures.Host):
    """The host that takes a part, and the wire to it."""

    def sent(self, what):
        """The GRE packet on the wire, which is to be what this one was."""
        packet = self.port.receive(what.proto)
        if packet is None:
            return None
        data = lab.Ip(packet).payload
        return data[8:] if what.proto == socket.IPPROTO_UDP else data

    def play(self, me, other, key, packets):
        """Be one end, to the last packet: what went wrong, or None."""
        proto, flags, key = key
        words = ["csum", "on"] if flags & CSUM else []
        words += ["key", str(key)] if flags & KEY else []
        words += ["seq", "on"] if flags & SEQ else []
        words += ["encap", "udp"] if proto == socket.IPPROTO_UDP else []
        self.ip("addr", "add", me + "/32", "dev", "lo")
        lab.gretun(self.netns, "add", "t", "local", me, "remote", other, *words)
        inner = lab.Inner(self.netns, "t")
        self.port.drain()
        wrong, shift = None, None
        for number, (source, packet, what) in enumerate(packets, 1):
            if source != me:
                self.port.send(packet, self.mac)
                got, want = inner.receive(), what.inner
            else:
                inner.send(what.inner)
                got = self.sent(what)
                if flags & SEQ and got:
                    # Numbers begin where they do, and go on as those did.
                    at = 4 + 4 * bool(flags & CSUM) + 4 * bool(flags & KEY)
                    mine = int.from_bytes(got[at:at + 4], "big")
                    shift = mine - what.seq if shift is None else shift
                want = lab.gre(what.inner, csum=0 if flags & CSUM else None,
                               key=key, seq=what.seq + shift if flags & SEQ and got
                               else what.seq)
            if got != want:
                wrong = f"packet {number}: {got and got.hex()} for {want.hex()}"
                break
        lab.gretun(self.netns, "del", "t")
        self.ip("addr", "del", me + "/32", "dev", "lo")
        return wrong


def main(netns, wire, folder):
    """All conversations, from both ends."""
    host = Host(netns, wire)
    count = 0
    for path in sorted(glob.glob(folder + "/*.pcap")):
        for (pair, *key), packets in conversations(path).items():
            for me in sorted(pair):
                other, = pair - {me}
                wrong = host.play(me, other, key, packets)
                lab.report(wrong is None, f"{os.path.basename(path)}: "
                           f"{len(packets)} packets, as {me} with {other}", wrong)
                count += 1
    lab.report(count >= 10, "there were conversations", count)


main(*sys.argv[1:])
