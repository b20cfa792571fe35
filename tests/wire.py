# SPDX-License-Identifier: GPL-2.0
"""wire.py LEFT ROUTER: for wire.sh, compare packets byte by byte with those
that scapy builds from the fields of RFC 2784 and RFC 2890."""

import sys

from scapy.layers.inet import IP, UDP
from scapy.layers.inet6 import IPv6
from scapy.layers.l2 import GRE
from scapy.packet import Raw

import lab

OKEY, IKEY = 0xC0FFEE01, 7
PACKETS = 3
COMBINATIONS = "none C K S CK CS KS CKS".split()


def payloads():
    """Inner packets: of odd and even length, with and without DF, IPv6."""
    udp = UDP(sport=5000, dport=9) / Raw(b"abcde")
    return (("IPv4", IP(src=lab.LEFT_INNER, dst=lab.RIGHT_INNER, ttl=1,
                        flags="DF", tos=0xB8, id=0x1234) / udp),
            ("IPv4 without DF", IP(src=lab.LEFT_INNER, dst="224.0.0.9",
                                   id=0x1234) / udp / Raw(b"f")),
            ("IPv6", IPv6(src=lab.LEFT_INNER6, dst=lab.RIGHT_INNER6,
                          hlim=1) / udp))


def header(combination, key, seq, payload):
    """The GRE header of RFC 2784 and 2890 for a payload."""
    flags = "" if combination == "none" else combination
    return GRE(chksum_present="C" in flags,
               key_present="K" in flags, key=key if "K" in flags else None,
               seqnum_present="S" in flags,
               sequence_number=seq if "S" in flags else None,
               proto=0x86DD if IPv6 in payload else 0x0800)


def options(combination):
    """The words of the command line for a combination. Labels of flows are
    another test's."""
    words = ["flowlabel", "0"] if lab.IPV6 else []
    if "C" in combination:
        words += ["csum", "on"]
    if "K" in combination:
        words += ["okey", str(OKEY), "ikey", str(IKEY)]
    if "S" in combination:
        words += ["seq", "on"]
    return words


def sent_as(combination, seq, payload, seen):
    """Return what is wrong with the packet that was sent, if anything."""
    if not seen:
        return "nothing was sent"
    outer = IPv6(src=lab.LEFT, dst=lab.RIGHT, hlim=64, nh=47) if lab.IPV6 else \
        IP(src=lab.LEFT, dst=lab.RIGHT, ttl=64, proto=47)
    if not lab.IPV6:
        df = IPv6 in payload or payload.flags.DF
        outer.flags = "DF" if df else 0
        # The id of a packet that may be cut is the sender's choice.
        outer.id = 0 if df else lab.Ip(seen).ident
    want = bytes(outer / header(combination, OKEY, seq, payload) / payload)
    if seen == want:
        return None
    return f"wanted {want.hex()}\n   got {seen.hex()}"


def send(combination, inner, port, name, payload, first):
    """Send some packets of one kind; report whether they are right."""
    wrong, idents = None, set()
    for seq in range(first, first + PACKETS):
        inner.send(bytes(payload))
        seen = port.receive()
        wrong = wrong or sent_as(combination, seq, payload, seen)
        if seen and not lab.IPV6:
            idents.add(lab.Ip(seen).ident)
    if not wrong and "without DF" in name and not lab.IPV6 and len(idents) < PACKETS:
        wrong = "packets that may be cut have the same id"
    lab.report(not wrong, f"{combination}: {name} is sent to the byte", wrong)


def deliver(combination, inner, port, host, name, payload):
    """Give the host a packet that scapy built; report whether the inner one
    comes out of the tunnel unchanged."""
    gre = header(combination, IKEY, deliver.seq, payload) / payload
    deliver.seq += 1
    port.send(lab.outer(lab.RIGHT, lab.LEFT, bytes(gre)), host)
    seen = inner.receive()
    lab.report(seen == bytes(payload), f"{combination}: {name} is received",
               f"wanted {bytes(payload).hex()}",
               f"   got {seen.hex() if seen else seen}")


deliver.seq = 0


def main(left, router):
    """Try all combinations of checksum, key and sequence number."""
    port, host = lab.Port(router, "left"), lab.Port(left, "eth0")
    for combination in COMBINATIONS:
        lab.gretun(left, "add", "wire", "local", lab.LEFT, "remote", lab.RIGHT,
                   *options(combination))
        inner = lab.Inner(left, "wire")
        for number, (name, payload) in enumerate(payloads()):
            send(combination, inner, port, name, payload, number * PACKETS)
            deliver(combination, inner, port, host, name, payload)
        lab.gretun(left, "del", "wire")


main(*sys.argv[1:])
