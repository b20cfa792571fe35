# SPDX-License-Identifier: GPL-2.0
"""udp_wire.py LEFT ROUTER: for udp_wire.sh, packets of GRE in UDP that are sent
and received, and what counts those that are not."""

import socket
import struct
import subprocess
import sys

from scapy.layers.inet import IP, UDP
from scapy.layers.inet6 import IPv6
from scapy.layers.l2 import GRE
from scapy.packet import Raw

import lab

PORT, OTHER_PORT = 4754, 4755
# Source ports that stand for a flow.
FLOW_PORTS = range(49152, 65536)
FLOWS = 40
IKEY, OKEY = 7, 0xC0FFEE01
UDP_HEADER = 8
INNER = lab.ipv4("192.0.2.1", lab.NOBODY, b"payload")
TUNNEL = ["local", lab.LEFT, "remote", lab.RIGHT,
          *(["flowlabel", "0"] if lab.IPV6 else [])]


def payloads():
    """Inner packets of odd and even length, of both families."""
    udp = UDP(sport=5000, dport=9) / Raw(b"abcde")
    return (("IPv4", IP(src=lab.LEFT_INNER, dst=lab.RIGHT_INNER, ttl=1,
                        flags="DF", tos=0xB8) / udp),
            ("IPv4 without DF", IP(src=lab.LEFT_INNER, dst=lab.RIGHT_INNER) /
             udp / Raw(b"f")),
            ("IPv6", IPv6(src=lab.LEFT_INNER6, dst=lab.RIGHT_INNER6) / udp))


def datagram(payload, src=lab.RIGHT, sport=50000, dport=PORT, check=None):
    """A UDP packet to left; check is None for the right checksum, 0 for none, or
    a number that is added to the right one."""
    length = UDP_HEADER + len(payload)

    def header(value):
        return struct.pack("!HHHH", sport, dport, length, value)
    right = lab.checksum(lab.pseudo(lab.outer(src, lab.LEFT, b""), 17, length) +
                         header(0) + payload) or 0xFFFF
    if check is None:
        check = right
    elif check:
        check = (right + check) & 0xFFFF
    return lab.outer(src, lab.LEFT, header(check) + payload, 17)


class Host:
    """Left, the router's end of its cable, and a tunnel in UDP."""

    def __init__(self, left, router):
        self.left = left
        self.port, self.host = lab.Port(router, "left"), lab.Port(left, "eth0")
        self.inner = None

    def tunnel(self, *words):
        """Have the tunnel "wire", anew."""
        subprocess.run(["gretun", "-n", self.left, "del", "wire"], check=False,
                       stderr=subprocess.DEVNULL)
        lab.gretun(self.left, "add", "wire", *TUNNEL, *words)
        self.inner = lab.Inner(self.left, "wire")

    def sent(self, payload):
        """Send an inner packet; return what came out."""
        self.port.drain()
        self.inner.send(bytes(payload))
        return self.port.receive(17)

    def source_port(self, payload):
        """The port that an inner packet is sent from."""
        seen = self.sent(payload)
        return seen and int.from_bytes(lab.Ip(seen).payload[:2], "big")

    def delivered(self, text, packet):
        """An outer packet must come out of the tunnel."""
        self.inner.drain()
        self.port.send(packet, self.host)
        seen = self.inner.receive()
        lab.report(seen == INNER, text, f"wanted {INNER.hex()}",
                   f"   got {seen and seen.hex()}")

    def expect(self, text, want, packet):
        """An outer packet moves these counters and no other."""
        before = lab.counters(self.left)
        self.port.send(packet, self.host)
        lab.wait(lambda: lab.moved(before, lab.counters(self.left)))
        change = lab.moved(before, lab.counters(self.left))
        lab.report(change == want, text, f"wanted {want}", f"   got {change}")

    def refused(self, text, reason, packet, tunnel="netns"):
        """An outer packet counts for one reason."""
        self.expect(text, {(tunnel, reason): 1}, packet)


def wanted(seen, payload, key, csum, seq):
    """What scapy makes of the same fields and the port that was seen."""
    df = IPv6 in payload or payload.flags.DF
    if lab.IPV6:
        outer = IPv6(src=lab.LEFT, dst=lab.RIGHT, hlim=64, tc=payload.fields.get("tos", 0) & 3)
    else:
        outer = IP(src=lab.LEFT, dst=lab.RIGHT, ttl=64, flags="DF" if df else 0,
                   id=0 if df else lab.Ip(seen).ident)
    gre = GRE(chksum_present=csum, key_present=key is not None, key=key,
              seqnum_present=seq is not None, sequence_number=seq,
              proto=0x86DD if IPv6 in payload else 0x0800)
    sport = int.from_bytes(lab.Ip(seen).payload[:2], "big")
    return bytes(outer / UDP(sport=sport, dport=PORT) / gre / payload)


def send(host):
    """What is sent, with each option of the GRE header."""
    for name, key, csum, seq in (("none", None, False, None), ("C", None, True, None),
                                 ("CKS", OKEY, True, 0)):
        words = (["csum", "on"] if csum else []) + \
            (["okey", str(OKEY)] if key else []) + \
            (["seq", "on"] if seq is not None else [])
        host.tunnel("encap", "udp", *words)
        for number, (kind, payload) in enumerate(payloads()):
            seen = host.sent(payload)
            want = seen and wanted(seen, payload, key, csum,
                                   None if seq is None else number)
            lab.report(seen and seen == want, f"{name}: {kind} is sent to the byte",
                       f"wanted {want and want.hex()}",
                       f"   got {seen and seen.hex()}")


def ports(host):
    """Where packets are sent from."""
    host.tunnel("encap", "udp")

    def flow(number):
        return IP(src=lab.LEFT_INNER, dst=lab.RIGHT_INNER) / \
            UDP(sport=5000 + number, dport=9) / Raw(b"x")
    seen = [host.source_port(flow(number)) for number in range(FLOWS)]
    lab.report(len(set(seen)) > FLOWS // 2, "each flow has a source port of its own",
               seen)
    lab.report(all(port in FLOW_PORTS for port in seen), "from 49152 on", seen)
    again = [host.source_port(flow(0)) for _ in range(5)]
    lab.report(set(again) == {seen[0]}, "and keeps it", seen[0], again)
    host.tunnel("encap", "udp", "source-port", "4000")
    fixed = {host.source_port(flow(number)) for number in range(5)}
    lab.report(fixed == {4000}, "a source port that is set is that of all", fixed)
    host.tunnel("encap", "udp", "port", str(OTHER_PORT))
    packet = host.sent(flow(0))
    lab.report(packet and lab.Ip(packet).payload[2:4] == OTHER_PORT.to_bytes(2, "big"),
               "another port at both ends", packet and packet.hex())


def checksums(host):
    """Which checksums are taken, of UDP and of GRE."""
    host.tunnel("encap", "udp", "ikey", str(IKEY))
    good = lab.gre(INNER, key=IKEY)
    host.delivered("a packet as scapy and others send it", datagram(good))
    host.delivered("from any port, as FreeBSD sends it", datagram(good, sport=1024))
    before = lab.counters(host.left)
    if lab.IPV6:
        host.port.send(datagram(good, check=0), host.host)
    else:
        host.delivered("without a UDP checksum", datagram(good, check=0))
        before = lab.counters(host.left)
    host.port.send(datagram(good, check=1), host.host)
    host.delivered("the next one", datagram(good))
    change = lab.moved(before, lab.counters(host.left))
    lab.report(change == {("wire", "rx-packets"): 1},
               "UDP refuses a wrong checksum" +
               (", and none over IPv6" if lab.IPV6 else ""), change)
    host.delivered("a GRE checksum", datagram(lab.gre(INNER, key=IKEY, csum=0)))
    host.refused("a wrong GRE checksum in a right UDP packet", "rx-checksum",
                 datagram(lab.gre(INNER, key=IKEY, csum=1)), "wire")
    if not lab.IPV6:
        host.refused("a wrong GRE checksum without one of UDP", "rx-checksum",
                     datagram(lab.gre(INNER, key=IKEY, csum=1), check=0), "wire")


def misses(host):
    """What no tunnel takes, and why."""
    lab.gretun(host.left, "add", "plain", *TUNNEL, "key", "9")
    host.port.drain()
    host.refused("a wrong key", "udp-key", datagram(lab.gre(INNER, key=8)))
    host.refused("no key", "udp-key", datagram(lab.gre(INNER)))
    host.refused("another sender", "udp-pair",
                 datagram(lab.gre(INNER, key=IKEY), src=lab.STRANGER))
    host.refused("in UDP for the tunnel without it", "udp-encap",
                 datagram(lab.gre(INNER, key=9)))
    host.refused("version 1", "udp-version",
                 datagram(lab.gre(INNER, key=IKEY, bits=1)))
    host.refused("reserved bits", "reserved",
                 datagram(lab.gre(INNER, key=IKEY, bits=0x0400)))
    host.refused("a header cut short", "truncated",
                 datagram(lab.gre(INNER, key=IKEY)[:6]))
    host.refused("nothing at all", "truncated", datagram(b""))
    host.refused("a packet cut short", "rx-truncated",
                 datagram(lab.gre(INNER, key=IKEY)[:12]), "wire")
    icmp = lab.IPPROTO_ICMPV6 if lab.IPV6 else socket.IPPROTO_ICMP
    errors = [packet.hex() for packet in iter(lambda: host.port.receive(icmp, 0.3), None)
              if not lab.IPV6 or lab.Ip(packet).payload[0] < 128]
    lab.report(not errors, "nobody is told of these", *errors)
    host.refused("GRE for the tunnel in UDP", "passed-encap",
                 lab.outer(lab.RIGHT, lab.LEFT, lab.gre(INNER, key=IKEY)))
    host.refused("GRE of neither", "passed-key",
                 lab.outer(lab.RIGHT, lab.LEFT, lab.gre(INNER, key=8)))
    text = lab.gretun(host.left, "stats", "--explain").decode()
    text = " ".join(text.split())
    for want in ("key 8 in UDP at port 4754; wire expects 7",
                 "key 9 in UDP at port 4754; plain expects them without UDP",
                 "key 7 without UDP; wire expects them in UDP at port 4754"):
        lab.report(want in text, f"stats: {want}", text)
    lab.gretun(host.left, "set", "wire", "encap", "udp", "port", str(OTHER_PORT))
    host.delivered("the new port", datagram(lab.gre(INNER, key=IKEY),
                                            dport=OTHER_PORT))
    lab.gretun(host.left, "set", "wire", "encap", "none")
    host.delivered("without UDP", lab.outer(lab.RIGHT, lab.LEFT,
                                            lab.gre(INNER, key=IKEY)))
    lab.gretun(host.left, "del", "plain")


def bind(netns, port):
    """A socket with that port, or None."""
    with lab.inside(netns):
        sock = socket.socket(socket.AF_INET6 if lab.IPV6 else socket.AF_INET,
                             socket.SOCK_DGRAM)
    try:
        sock.bind(("", port))
    except OSError:
        return None
    return sock


def conflicts(host):
    """Who has the port."""
    sock = bind(host.left, PORT)
    run = subprocess.run(["gretun", "-n", host.left, "set", "wire", "encap", "udp"],
                         check=False, capture_output=True, text=True)
    lab.report(run.returncode == 1 and "encap: somebody else has this UDP port" in
               run.stderr, "a program has the port", run)
    lab.report(lab.show(host.left, "wire")["encap"] == "none",
               "and the tunnel stays as it was")
    run = subprocess.run(["gretun", "-n", host.left, "add", "new", *TUNNEL,
                          "key", "3", "encap", "udp"],
                         check=False, capture_output=True, text=True)
    lab.report(run.returncode == 1 and "encap: somebody else has this UDP port" in
               run.stderr, "a new tunnel neither", run)
    sock.close()
    lab.gretun(host.left, "set", "wire", "encap", "udp")
    lab.gretun(host.left, "add", "second", *TUNNEL, "key", "2", "encap", "udp")
    lab.gretun(host.left, "del", "wire")
    lab.report(not bind(host.left, PORT), "two tunnels have one port")
    lab.gretun(host.left, "del", "second")
    sock = bind(host.left, PORT)
    lab.report(sock, "after the last one it is free")


def main(left, router):
    """All of it."""
    host = Host(left, router)
    send(host)
    ports(host)
    checksums(host)
    misses(host)
    conflicts(host)


main(*sys.argv[1:])
