# SPDX-License-Identifier: GPL-2.0
"""external.py PART LEFT ROUTER: for external.sh, packets of left's ext and the
router. PART is sent, for the headers of packets to right; refused, for those
that are not sent; or received, for what received packets bring along."""

import contextlib
import json
import os
import random
import socket
import struct
import subprocess
import sys

import lab

LEFT_LO, THIRD = "192.0.2.1", "203.0.113.6"
INNER, INNER6 = "10.9.0.1", "fd09::1"
PEER, PEER6 = "10.9.0.2", "fd09::2"

DF, NONE = 0x4000, 0
NOT_ECT, ECT1, ECT0, CE = range(4)
# DSCP of inner packets.
DSCP = 0x28

PACKETS = {
    # inner packets, with the bit that df copy makes of theirs
    "IPv4 with DF": (lab.ipv4(INNER, PEER, tos=DSCP | ECT0, ident=1), DF),
    "IPv4 without DF": (lab.ipv4(INNER, PEER, tos=DSCP | ECT1, ident=1, frag=NONE), NONE),
    "IPv6": (lab.ipv6(INNER6, PEER6, tclass=DSCP | CE), DF),
}

SENT = {
    # words of a route: what they make of an outer packet
    "id 0": {},
    "id 0 key": {"key": 0},
    "id 7": {"key": 7},
    "id 4294967295 key": {"key": 0xFFFFFFFF},
    "id 0 csum": {"csum": True},
    "id 0 seq": {"seq": True},
    "id 7 csum key": {"key": 7, "csum": True},
    "id 7 csum seq key": {"key": 7, "csum": True, "seq": True},
    "id 7 ttl 1": {"key": 7, "ttl": 1},
    "id 7 ttl 255": {"key": 7, "ttl": 255},
    "id 7 tos 0x88": {"key": 7, "tos": 0x88},
    "id 7 tos 0x8b": {"key": 7, "tos": 0x88},
    "id 7 tos 1": {"key": 7, "tos": DSCP},
    "id 7 src " + LEFT_LO: {"key": 7, "src": LEFT_LO},
}

RECEIVED = [
    # source and destination, key, TTL, TOS, IP version of the payload
    (lab.RIGHT, lab.LEFT, 7, 61, 0x28, 4),
    (lab.RIGHT, lab.LEFT, None, 64, 0, 4),
    (THIRD, lab.LEFT, 7, 64, 0, 4),
    (lab.RIGHT, LEFT_LO, 7, 64, 0, 4),
    (lab.RIGHT, lab.LEFT, 0xFFFFFFFF, 64, 0, 4),
    (lab.RIGHT, lab.LEFT, 7, 64, 0, 6),
]

FILTERS = {
    # what a filter looks for, and how many of RECEIVED have it
    "ip flower enc_key_id 7": 3,
    "ip flower enc_key_id 0": 1,
    "ip flower enc_key_id 4294967295": 1,
    "ip flower enc_key_id 8": 0,
    f"ip flower enc_src_ip {lab.RIGHT}": 4,
    f"ip flower enc_src_ip {THIRD}": 1,
    f"ip flower enc_src_ip {lab.LEFT}": 0,
    f"ip flower enc_dst_ip {lab.LEFT}": 4,
    f"ip flower enc_dst_ip {LEFT_LO}": 1,
    "ip flower enc_ttl 61": 1,
    "ip flower enc_ttl 63": 0,
    "ip flower enc_tos 0x28": 1,
    "ip flower enc_tos 0": 4,
    f"ip flower enc_key_id 7 enc_src_ip {lab.RIGHT} enc_dst_ip {lab.LEFT}": 1,
    f"ip flower enc_key_id 7 enc_src_ip {THIRD} enc_dst_ip {LEFT_LO}": 0,
    f"ipv6 flower enc_key_id 7 enc_src_ip {lab.RIGHT}": 1,
    "ipv6 flower enc_key_id 8": 0,
}


class Stack:
    """Sockets that send packets with all headers by the host's routes."""

    def __init__(self, netns):
        with lab.inside(netns):
            self.socks = {
                4: socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_RAW),
                6: socket.socket(socket.AF_INET6, socket.SOCK_RAW, socket.IPPROTO_RAW),
            }

    def send(self, packet, dst=PEER):
        """Send an IPv4 packet to dst, or an IPv6 packet to PEER6."""
        version = packet[0] >> 4
        self.socks[version].sendto(packet, (dst if version == 4 else PEER6, 0))


def ip(netns, words):
    """Run ip, which must succeed."""
    subprocess.run(["ip", "-n", netns, *words.split()], check=True)


def route(netns, words):
    """Have routes to the peer whose metadata is words."""
    encap = f"encap ip {words} dst {lab.RIGHT} dev ext"
    ip(netns, f"route replace {PEER} {encap}")
    ip(netns, f"-6 route replace {PEER6} {encap}")


def take_apart(packet):
    """The fields of an outer packet, by name, with the inner packet."""
    flags, proto = struct.unpack("!HH", packet[20:24])
    fields = {
        "src": socket.inet_ntoa(packet[12:16]),
        "dst": socket.inet_ntoa(packet[16:20]),
        "ttl": packet[8],
        "tos": packet[1],
        "df": int.from_bytes(packet[6:8], "big"),
        "proto": proto,
        "csum": False,
        "key": None,
        "seq": None,
    }
    at = 24
    if flags & 0x8000:
        fields["csum"] = lab.checksum(packet[20:]) == 0
        at += 4
    for name, bit in ("key", 0x2000), ("seq", 0x1000):
        if flags & bit:
            fields[name] = int.from_bytes(packet[at:at + 4], "big")
            at += 4
    fields["inner"] = packet[at:]
    return fields


def expect(port, packet, df, wish):
    """Receive an outer packet; return what is wrong with it."""
    seen = port.receive()
    if not seen:
        return ["nothing was sent"]
    tos = packet[1] if packet[0] >> 4 == 4 else (packet[0] << 4 | packet[1] >> 4) & 0xFF
    want = {
        "src": lab.LEFT, "dst": lab.RIGHT, "ttl": 64, "tos": 0, "df": df,
        "proto": lab.ETH_P_IP if packet[0] >> 4 == 4 else lab.ETH_P_IPV6,
        "csum": False, "key": None, "inner": packet, **wish,
    }
    want["tos"] |= tos & 3
    fields = take_apart(seen)
    # The number is looked at where several are sent.
    if (want.pop("seq", None) is None) != (fields.pop("seq") is None):
        return ["it has a sequence number, or lacks it"]
    return [f"{name}: wanted {want[name]}, got {is_}" for name, is_ in
            fields.items() if want[name] != is_]


def sent(left, port):
    """What routes say is in the packets, and the device has a say in the
    rest."""
    stack = Stack(left)
    for words, wish in SENT.items():
        route(left, words)
        for name, (packet, df) in PACKETS.items():
            stack.send(packet)
            wrong = expect(port, packet, df, wish)
            lab.report(not wrong, f"{words}: {name} is sent so", *wrong)

    lab.gretun(left, "set", "ext", "ttl", "99")
    for words, ttl in ("id 0", 99), ("id 0 ttl 5", 5):
        route(left, words)
        for name, (packet, df) in PACKETS.items():
            stack.send(packet)
            wrong = expect(port, packet, df, {"ttl": ttl})
            lab.report(not wrong, f"ttl 99, {words}: {name} has {ttl}", *wrong)
    lab.gretun(left, "set", "ext", "ttl", "64")

    route(left, "id 0")
    for setting, bit in ("set", DF), ("clear", NONE):
        lab.gretun(left, "set", "ext", "df", setting)
        for name, (packet, _) in PACKETS.items():
            stack.send(packet)
            wrong = expect(port, packet, bit, {})
            lab.report(not wrong, f"df {setting}: {name}", *wrong)
    route_with_df(left)
    for setting in "clear", "copy":
        lab.gretun(left, "set", "ext", "df", setting)
        packet, _ = PACKETS["IPv4 without DF"]
        stack.send(packet)
        wrong = expect(port, packet, DF, {})
        lab.report(not wrong, f"df {setting}: with the flag in the metadata", *wrong)
    sequence(left, stack, port)


def route_with_df(netns):
    """Have a route to PEER whose metadata asks for DF; ip has no word for
    that."""
    def attr(kind, data):
        return struct.pack("=HH", 4 + len(data), kind) + data + bytes(-len(data) % 4)

    encap = attr(2, socket.inet_aton(lab.RIGHT)) + attr(6, struct.pack("!H", 0x0100))
    with lab.inside(netns):
        index = socket.if_nametoindex("ext")
        sock = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, socket.NETLINK_ROUTE)
    # RTM_NEWROUTE, to replace; a unicast route of the main table, to the link.
    body = struct.pack("=BBBBBBBBI", socket.AF_INET, 32, 0, 0, 254, 3, 253, 1, 0) + \
        attr(1, socket.inet_aton(PEER)) + attr(4, struct.pack("=I", index)) + \
        attr(21, struct.pack("=H", 2)) + attr(22 | 0x8000, encap)
    with sock:
        sock.send(struct.pack("=IHHII", 16 + len(body), 24, 0x505, 1, 0) + body)
        error = struct.unpack("=i", sock.recv(4096)[16:20])[0]
    if error:
        raise OSError(-error, "route")


def sequence(left, stack, port):
    """Numbers count over all peers together."""
    other = "10.9.0.4"
    route(left, "id 0 seq")
    ip(left, f"route add {other} encap ip id 5 dst {THIRD} seq dev ext")
    numbers = []
    for dst in PEER, other, PEER, PEER, other:
        stack.send(lab.ipv4(INNER, dst), dst)
        seen = port.receive()
        numbers.append(seen and take_apart(seen)["seq"])
    ip(left, f"route del {other}")
    lab.report(None not in numbers and
               numbers == list(range(numbers[0], numbers[0] + 5)),
               "sequence numbers count up over all peers", numbers)


def refused(left, port):
    """Packets that have nowhere to go are counted and not sent."""
    stack = Stack(left)
    routes = {
        "without metadata": ("dev ext", "tx-no-metadata"),
        "to an IPv6 peer": ("encap ip6 id 1 dst fd00::1 dev ext", "tx-no-route"),
        "with 0.0.0.0 for a peer": ("encap ip id 1 dst 0.0.0.0 dev ext", "tx-no-metadata"),
        "with a source that is not ours":
            (f"encap ip id 1 src 192.0.2.99 dst {lab.RIGHT} dev ext", "tx-no-route"),
        "to a peer without a route":
            ("encap ip id 1 dst 10.254.0.1 dev ext", "tx-no-route"),
    }
    ip(left, "route add unreachable 10.254.0.0/16")
    for name, (words, reason) in routes.items():
        ip(left, f"route replace {PEER} {words}")
        before = lab.counters(left)
        # The caller may be told, or not.
        with contextlib.suppress(OSError):
            stack.send(lab.ipv4(INNER, PEER))
        change = lab.wait(lambda: lab.moved(before, lab.counters(left)))
        lab.report(change == {("ext", reason): 1},
                   f"a packet {name} counts as {reason}", change)
    lab.report(port.receive(patience=0) is None, "and none of them is sent")
    ip(left, f"route replace {PEER} encap ip id 7 dst {lab.RIGHT} dev ext")
    stack.send(PACKETS["IPv4 with DF"][0])
    lab.report(port.receive(), "while one with a peer is")


def filters(netns, words):
    """Have filters that count what ext receives, and stop nothing."""
    subprocess.run(["tc", "-n", netns, "qdisc", "add", "dev", "ext", "clsact"], check=True)
    lines = "".join(f"filter add dev ext ingress pref {pref} protocol {word} "
                    "action continue\n" for pref, word in enumerate(words, 1))
    subprocess.run(["tc", "-n", netns, "-b", "-"], input=lines.encode(), check=True)


def matches(netns):
    """How many packets each of the filters has matched."""
    shown = json.loads(subprocess.run(
        ["tc", "-n", netns, "-s", "-j", "filter", "show", "dev", "ext", "ingress"],
        check=True, stdout=subprocess.PIPE).stdout)
    counts = {entry["pref"]: entry["options"]["actions"][0]["stats"]["packets"]
              for entry in shown if "actions" in entry.get("options", {})}
    return [counts[pref] for pref in sorted(counts)]


def no_filters(netns):
    """Undo filters()."""
    subprocess.run(["tc", "-n", netns, "qdisc", "del", "dev", "ext", "clsact"], check=True)


def metadata(left, port, host, inner):
    """Filters on ext tell received packets apart by what they bring along."""
    filters(left, FILTERS)
    for src, dst, key, ttl, tos, version in RECEIVED:
        packet = lab.ipv4(PEER, lab.NOBODY) if version == 4 else lab.ipv6(PEER6, "fd99::1")
        port.send(lab.ipv4(src, dst, lab.gre(
            packet, lab.ETH_P_IP if version == 4 else lab.ETH_P_IPV6, key=key),
            lab.IPPROTO_GRE, ttl=ttl, tos=tos), host)
        seen = inner.receive()
        lab.report(seen == packet, f"IPv{version} from {src} to {dst}, key {key}, "
                   "comes out as it went in", seen)
    for (words, count), seen in zip(FILTERS.items(), matches(left)):
        lab.report(seen == count, f"{words}: matches {count} of {len(RECEIVED)}", seen)
    no_filters(left)


def queued(left, port, host):
    """Packets that wait for another CPU, if there is one, keep what they brought along."""
    count, keys = 400, (1, 2, 3, 4)
    mask = 1 << (os.cpu_count() - 1)
    subprocess.run(["ip", "netns", "exec", left, "sh", "-c",
                    f"echo {mask:x} > /sys/class/net/ext/queues/rx-0/rps_cpus"], check=True)
    filters(left, [f"ip flower enc_key_id {key} enc_ttl {key + 60}" for key in keys])
    before = lab.counters(left)
    for number in range(count):
        key = keys[number % len(keys)]
        port.send(lab.ipv4(lab.RIGHT, lab.LEFT, lab.gre(
            lab.ipv4(PEER, lab.NOBODY), key=key), lab.IPPROTO_GRE, ttl=key + 60), host)
    lab.wait(lambda: sum(matches(left)) == count)
    seen = matches(left)
    lab.report(seen == [count // len(keys)] * len(keys),
               "packets that wait for another CPU keep what they brought along",
               seen, moved(before, left))
    no_filters(left)


def sources(left, port, host, inner):
    """Whose source cannot be one does not get in, whoever came before."""
    def send(src):
        packet = lab.ipv4(PEER, lab.NOBODY, ident=len(sent_) + 1)
        sent_.append(packet)
        port.send(lab.ipv4(src, lab.LEFT, lab.gre(packet), lab.IPPROTO_GRE), host)
        return packet

    sent_ = []
    for src in (LEFT_LO, lab.LEFT, "127.0.0.1", "224.0.0.1", "255.255.255.255", "0.0.0.0"):
        send(lab.RIGHT)
        send(lab.RIGHT)
        send(src)
        send(THIRD)
        want = [sent_[-4], sent_[-3], sent_[-1]]
        seen = [inner.receive() for _ in want]
        lab.report(seen == want, f"a packet from {src} does not get in", *seen)
    for setting, gets_in in ("1", False), ("0", True):
        subprocess.run(["ip", "netns", "exec", left, "sysctl", "-qw",
                        f"net.ipv4.conf.eth0.rp_filter={setting}"], check=True)
        send(lab.RIGHT)
        send(lab.RIGHT)
        send("10.8.0.2")
        send(lab.RIGHT)
        want = [packet for number, packet in enumerate(sent_[-4:])
                if number != 2 or gets_in]
        seen = [inner.receive() for _ in want]
        lab.report(seen == want, f"rp_filter {setting}: one from where no route leads "
                   f"back {'gets' if gets_in else 'does not get'} in", *seen)


def received(left, port):
    """What is verified, and what is not required."""
    host, inner = lab.Port(left, "eth0"), lab.Inner(left, "ext")
    metadata(left, port, host, inner)
    sources(left, port, host, inner)

    def outer(header, **more):
        return lab.ipv4(lab.RIGHT, lab.LEFT, header, lab.IPPROTO_GRE, **more)

    def packet(ecn):
        return lab.ipv4(PEER, lab.NOBODY, tos=DSCP | ecn)

    plain = packet(NOT_ECT)
    delivered = {
        "a right checksum": (outer(lab.gre(plain, csum=0, key=3)), plain),
        "number 5": (outer(lab.gre(plain, seq=5)), plain),
        "number 5 again": (outer(lab.gre(plain, seq=5)), plain),
        "number 1": (outer(lab.gre(plain, seq=1)), plain),
        "ECT(0) in CE": (outer(lab.gre(packet(ECT0)), tos=CE), packet(CE)),
        "ECT(0) in ECT(1)": (outer(lab.gre(packet(ECT0)), tos=ECT1), packet(ECT1)),
    }
    for name, (sent_, want) in delivered.items():
        port.send(sent_, host)
        seen = inner.receive()
        lab.report(seen == want, f"{name}: comes out right", seen)
    dropped = {
        "a wrong checksum": (outer(lab.gre(plain, csum=1)), "ext", "rx-checksum"),
        "Not-ECT in CE": (outer(lab.gre(plain), tos=CE), "ext", "rx-ecn"),
        "another payload": (outer(lab.gre(plain, 0x88CC)), "ext", "rx-protocol"),
        "an inner header cut short": (outer(lab.gre(plain[:12])), "ext", "rx-truncated"),
        "a GRE header cut short": (outer(lab.gre(key=1)[:6]), "netns", "truncated"),
        "source routing": (outer(lab.gre(plain, bits=0x4000)), "netns", "routing"),
        "a reserved bit": (outer(lab.gre(plain, bits=0x0800)), "netns", "reserved"),
        "version 1": (outer(lab.gre(plain, bits=1)), "netns", "passed-version"),
    }
    for name, (sent_, *counter) in dropped.items():
        before = lab.counters(left)
        port.send(sent_, host)
        change = lab.wait(lambda: moved(before, left))
        lab.report(change == {tuple(counter): 1},
                   f"{name}: counts as {counter[1]}", change)
    mixed(left, port, host)
    queued(left, port, host)


def mixed(left, port, host):
    """Packets of all kinds: each is in one counter."""
    choice = random.Random(1).choice
    before = lab.counters(left)
    for count in range(1, 301):
        payload = lab.ipv4(PEER, lab.NOBODY, tos=choice((NOT_ECT, ECT0)))
        packet = lab.gre(payload[:choice((8, 28, 28, 28))],
                         choice((lab.ETH_P_IP, lab.ETH_P_IP, 0x88CC)),
                         csum=choice((None, None, 0, 1)), key=choice((None, 7, count)),
                         seq=choice((None, count)),
                         bits=choice((0, 0, 0, 0, 1, 0x0800, 0x4000)))
        port.send(lab.ipv4(choice((lab.RIGHT, THIRD)), choice((lab.LEFT, LEFT_LO)),
                           packet, lab.IPPROTO_GRE, tos=choice((NOT_ECT, CE))), host)
        # Left's queue is not endless.
        lab.wait(lambda: count % 50 or sum(moved(before, left).values()) == count)
    change = moved(before, left)
    lab.report(sum(change.values()) == count and len(change) >= 8,
               f"{count} packets of all kinds: each is in one counter", change)


def moved(before, left):
    """The counters of received packets that have changed, and by how much. IPv6
    sends packets by itself at times."""
    return {where: count for where, count in lab.moved(before, lab.counters(left)).items()
            if not where[1].startswith("tx-")}


PARTS = {"sent": sent, "refused": refused, "received": received}


def main(part, left, router):
    """One part of the test."""
    PARTS[part](left, lab.Port(router, "left"))


main(*sys.argv[1:])
