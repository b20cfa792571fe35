# SPDX-License-Identifier: GPL-2.0
"""drops.py LEFT ROUTER: for drops.sh, packets that are not delivered, each of
which must move exactly the counter of its reason."""

import socket
import sys

import lab

# The tunnels of drops.sh: keys of received packets.
KEYED, PLAIN_KEY, SEQUENCED_KEY = 1, None, 3
CHECKED_KEY, DOWN_KEY, BOUND_KEY = 4, 5, 6
FOREIGN_KEY = 99  # that of the ip_gre tunnel
PACKETS = 3

INNER = lab.ipv4("192.0.2.1", lab.NOBODY, b"payload")


class Drops:
    """A host that gets packets, and what must come of them."""

    def __init__(self, left, router):
        self.left = left
        self.port, self.host = lab.Port(router, "left"), lab.Port(left, "eth0")
        self.tunnels = {name: lab.Inner(left, name) for name in
                        "plain keyed sequenced checked bound".split()}

    def outer(self, payload, src=lab.RIGHT, **words):
        """Send one packet to the host."""
        self.port.send(lab.outer(src, lab.LEFT, payload, **words), self.host)

    def expect(self, text, want, packets):
        """Send GRE packets (bytes); want says by how much which counters
        must move. No other may."""
        before = lab.counters(self.left)
        for packet in packets:
            self.outer(packet)
        self.check(text, want, before)

    def check(self, text, want, before):
        """Wait for counters to have moved as they must since before."""
        lab.wait(lambda: sum(lab.moved(before, lab.counters(self.left)).values())
                 >= sum(want.values()))
        change = lab.moved(before, lab.counters(self.left))
        lab.report(change == want, text, f"wanted {want}", f"   got {change}")

    def refused(self, text, reason, packet, count=PACKETS, tunnel="netns"):
        """Packets that all must count for one reason."""
        self.expect(text, {(tunnel, reason): count}, [packet] * count)

    def delivered(self, text, tunnel, packet, inner=INNER):
        """A packet that must come out of a tunnel: shows that those which do
        not are dropped for the reason given and no other."""
        self.tunnels[tunnel].drain()
        before = lab.counters(self.left)
        self.outer(packet)
        seen = self.tunnels[tunnel].receive()
        self.check(text, {(tunnel, "rx-packets"): 1}, before)
        lab.report(seen == inner, text + ", unchanged", f"wanted {inner.hex()}",
                   f"   got {seen and seen.hex()}")


def keys(drops):
    """Keys that are there or not."""
    good = lab.gre(INNER, key=KEYED)
    drops.delivered("the right key", "keyed", good)
    drops.delivered("no key for the tunnel without one", "plain", lab.gre(INNER))
    drops.refused("a wrong key is passed on", "passed-key",
                  lab.gre(INNER, key=77))
    drops.refused("key 0 is not no key", "passed-key", lab.gre(INNER, key=0))
    before = lab.counters(drops.left)
    for _ in range(PACKETS):
        drops.outer(good, src=lab.STRANGER)
    drops.check("addresses of no tunnel are passed on",
                {("netns", "passed-pair"): PACKETS}, before)
    drops.delivered("the device that the tunnel is bound to", "bound",
                    lab.gre(INNER, key=BOUND_KEY))


def checksums(drops):
    """Checksums that are wrong or missing."""
    words = {"key": CHECKED_KEY}
    drops.delivered("the right checksum", "checked", lab.gre(INNER, csum=0, **words))
    drops.refused("a wrong checksum", "rx-checksum",
                  lab.gre(INNER, csum=1, **words), tunnel="checked")
    drops.refused("no checksum where one is required", "rx-no-checksum",
                  lab.gre(INNER, **words), tunnel="checked")
    drops.delivered("a checksum that nobody required", "plain",
                    lab.gre(INNER, csum=0))
    drops.refused("a wrong checksum that nobody required", "rx-checksum",
                  lab.gre(INNER, csum=0x100), tunnel="plain")
    broken = bytearray(lab.gre(INNER + b"x", csum=0))
    broken[-1] ^= 1
    drops.refused("a payload that the checksum does not fit", "rx-checksum",
                  bytes(broken), tunnel="plain")


def sequences(drops):
    """Sequence numbers, and how a peer that restarts is taken back."""
    def numbered(*numbers):
        return [lab.gre(INNER, key=SEQUENCED_KEY, seq=n & 0xFFFFFFFF)
                for n in numbers]
    taken, old = ("sequenced", "rx-packets"), ("sequenced", "rx-old-sequence")
    expect = drops.expect

    drops.refused("no sequence number where one is required", "rx-no-sequence",
                  lab.gre(INNER, key=SEQUENCED_KEY), tunnel="sequenced")
    expect("the first packet may have any number", {taken: 1}, numbered(5000))
    expect("the same number again", {old: 1}, numbered(5000))
    expect("numbers that grow, with gaps", {taken: 3}, numbered(5001, 5003, 5100))
    expect("numbers that are late", {old: 2}, numbered(5002, 5099))
    expect("256 behind is late", {old: 1}, numbered(5100 - 256))
    expect("257 behind is a restart", {taken: 2}, numbered(5100 - 257, 5100 - 256))
    expect("and the old numbers are good again", {taken: 1}, numbered(5100))
    expect("a peer that restarts from 0 is heard at once", {taken: 3},
           numbered(0, 1, 2))
    expect("a jump to the end", {taken: 2}, numbered(0x7FFFFFF0, 0xFFFFFFE0))
    expect("numbers wrap", {taken: 3}, numbered(-1, 0, 1))
    expect("those before the wrap are late then", {old: 2}, numbered(-1, 0))
    expect("a run of 15 old packets is late", {taken: 1, old: 15},
           numbered(100, *range(50, 65)))
    expect("the 16th in a row is a restart", {taken: 3}, numbered(65, 66, 67))
    expect("but not with a good one between", {taken: 1, old: 30},
           numbered(*range(20, 35), 68, *range(20, 35)))
    drops.delivered("numbers that nobody looks at", "plain", lab.gre(INNER, seq=9))
    drops.delivered("and the same again", "plain", lab.gre(INNER, seq=9))


def headers(drops):
    """GRE headers that are not what they should be."""
    good = lab.gre(INNER)
    for length in range(4):
        drops.refused(f"{length} bytes of GRE header", "truncated",
                      good[:length], 1)
    longest = lab.gre(b"", csum=0, key=KEYED, seq=1)
    for flags, full in ((0x8000, 8), (0x2000, 8), (0x1000, 8), (0xB000, 16)):
        cut = flags.to_bytes(2, "big") + longest[2:full - 1]
        drops.refused(f"a header of flags {flags:#x} cut short by a byte",
                      "truncated", cut, 1)
    drops.refused("the routing bit", "routing", lab.gre(INNER, bits=0x4000))
    drops.refused("the routing bit with the right key", "routing",
                  lab.gre(INNER, key=KEYED, bits=0x4000))
    for bit in 0x0800, 0x0400:
        drops.refused(f"reserved bit {bit:#06x}", "reserved",
                      lab.gre(INNER, bits=bit))
    for bit in (1 << shift for shift in range(3, 10)):
        drops.delivered(f"bit {bit:#06x}, to be ignored", "plain",
                        lab.gre(INNER, bits=bit))
    drops.delivered("all bits to be ignored", "keyed",
                    lab.gre(INNER, key=KEYED, bits=0x03F8))
    before = lab.counters(drops.left)
    for packet in good[:3], lab.gre(INNER, bits=0x4000), lab.gre(INNER, bits=0x800):
        drops.outer(packet, src=lab.STRANGER)
    drops.check("none of that is dropped if it is not for a tunnel",
                {("netns", "passed-pair"): 3}, before)


def payloads(drops):
    """What is behind a good GRE header."""
    for proto in 0x0000, 0x6558, 0x88BE, 0x8847:
        drops.refused(f"payload of protocol {proto:#06x}", "rx-protocol",
                      lab.gre(INNER, proto=proto), tunnel="plain")
    six = lab.ipv6(lab.LEFT_INNER6, lab.NOBODY6)
    drops.delivered("IPv6", "plain", lab.gre(six), six)
    drops.refused("no inner header", "rx-truncated", lab.gre(b""), tunnel="plain")
    drops.refused("an inner IPv4 header cut short", "rx-truncated",
                  lab.gre(INNER[:19]), tunnel="plain")
    drops.refused("an inner IPv6 header cut short", "rx-truncated",
                  lab.gre(six[:39], lab.ETH_P_IPV6), tunnel="plain")
    drops.refused("the device is down", "rx-down",
                  lab.gre(INNER, key=DOWN_KEY), tunnel="down")
    marked = {"tos": 3}
    before = lab.counters(drops.left)
    for _ in range(PACKETS):
        drops.outer(lab.gre(INNER), **marked)
    drops.check("congestion marked on a flow without ECN",
                {("plain", "rx-ecn"): PACKETS}, before)


def sent(drops):
    """What is sent through a tunnel that takes IPv4 and IPv6 alone."""
    tunnel = drops.tunnels["plain"]
    six = lab.ipv6(lab.LEFT_INNER6, lab.NOBODY6)
    for text, proto, packet in (("ARP", 0x0806, INNER),
                                ("an IPv6 header cut short", lab.ETH_P_IPV6, six[:39])):
        before = lab.counters(drops.left)
        for _ in range(PACKETS):
            tunnel.sock.sendto(packet, (tunnel.dev, proto))
        drops.check(f"{text} is not sent", {("plain", "tx-protocol"): PACKETS}, before)


def others(drops):
    """What is passed on reaches whoever wants it, such as the kernel's own
    tunnels, whose name for IPv6 is ip6gre."""
    family = socket.AF_INET6 if lab.IPV6 else socket.AF_INET
    # With IPv6 such a socket gives no header.
    skip = 0 if lab.IPV6 else lab.IP_HEADER
    with lab.inside(drops.left):
        raw = socket.socket(family, socket.SOCK_RAW, lab.IPPROTO_GRE)
    raw.settimeout(lab.PATIENCE)
    pptp = lab.gre(b"pptp", 0x880B, key=4 << 16, bits=1)
    drops.refused("version 1 is passed on", "passed-version", pptp, 1)
    lab.report(raw.recv(4096)[skip:] == pptp, "version 1 reaches a raw socket")
    version7 = lab.gre(INNER, bits=7)
    drops.refused("version 7 is passed on", "passed-version", version7, 1)
    lab.report(raw.recv(4096)[skip:] == version7, "version 7 reaches a raw socket")
    raw.close()

    inner = lab.Inner(drops.left, "others")
    drops.refused("the key of an ip_gre tunnel is passed on", "passed-key",
                  lab.gre(INNER, key=FOREIGN_KEY), 1)
    lab.report(inner.receive() == INNER, "and the packet reaches ip_gre")
    drops.refused("a key of nobody is passed on", "passed-key",
                  lab.gre(INNER, key=77), 1)
    kind, proto = (1, lab.IPPROTO_ICMPV6) if lab.IPV6 else (3, socket.IPPROTO_ICMP)
    answer = lab.wait(lambda: next(
        (packet for packet in iter(lambda: drops.port.receive(proto, 0), None)
         if lab.Ip(packet).payload[0] == kind), None))
    lab.report(answer, "and is answered with ICMP unreachable")


def elsewhere(drops, router):
    """A packet through another device than the tunnel is bound to."""
    port, host = lab.Port(router, "left2"), lab.Port(drops.left, "eth1")
    before = lab.counters(drops.left)
    for _ in range(PACKETS):
        port.send(lab.outer(lab.RIGHT, lab.LEFT, lab.gre(INNER, key=BOUND_KEY)), host)
    drops.check("through another device than the tunnel's",
                {("netns", "passed-dev"): PACKETS}, before)
    before = lab.counters(drops.left)
    port.send(lab.outer(lab.RIGHT, lab.LEFT, lab.gre(INNER, key=KEYED)), host)
    drops.check("a tunnel that is bound to none takes from any",
                {("keyed", "rx-packets"): 1}, before)


def main(left, router):
    """Try all reasons."""
    drops = Drops(left, router)
    keys(drops)
    elsewhere(drops, router)
    checksums(drops)
    # What is behind the GRE header does not depend on what is before it.
    if not lab.IPV6:
        sequences(drops)
    headers(drops)
    payloads(drops)
    sent(drops)
    others(drops)


main(*sys.argv[1:])
