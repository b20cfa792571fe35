# SPDX-License-Identifier: GPL-2.0
"""keepalive.py PART LEFT ROUTER: for keepalive_wire.sh. PART is sent or
answered, about probes and their answers; others or refused, about packets that
are neither; any, about devices without a peer; or limit."""

import sys
import time

from scapy.layers.inet import IP, IPOption_NOP
from scapy.layers.inet6 import IPv6
from scapy.layers.l2 import GRE

import lab

KEY, OKEY, IKEY = 99, 0xC0FFEE01, 7
# The EtherType of what a probe carries, and that of its GRE header inside: Cisco
# has none there, RouterOS that of IPv6 over IPv6.
ETHER = lab.ETH_P_IPV6 if lab.IPV6 else lab.ETH_P_IP
INNER_TYPE = lab.ETH_P_IPV6 if lab.IPV6 else 0
# In a second, of one peer; all of them together have 1000.
LIMIT = 10
QUIET = 0.3


def ip(src, dst, ttl, tos=0, flags="DF"):
    """The IP header of the underlay's family in front of GRE."""
    if lab.IPV6:
        return IPv6(src=src, dst=dst, hlim=ttl, nh=lab.IPPROTO_GRE, tc=tos, fl=0)
    return IP(src=src, dst=dst, ttl=ttl, tos=tos, proto=lab.IPPROTO_GRE, flags=flags, id=0)


def header(proto, key=None, csum=False, seq=None):
    """A GRE header of RFC 2784 and RFC 2890."""
    return GRE(proto=proto, chksum_present=csum, key_present=key is not None, key=key,
               seqnum_present=seq is not None, sequence_number=seq)


def words(**options):
    """Options as the command line has them; a flow label would differ."""
    out = ["flowlabel", "0"] if lab.IPV6 else []
    for name, value in options.items():
        out += [name.replace("_", "-"), str(value)]
    return out


class Host:
    """Left, which has tunnels, and the router, which speaks for its peers."""

    def __init__(self, left, router):
        self.left = left
        self.port, self.host = lab.Port(router, "left"), lab.Port(left, "eth0")

    def add(self, name="gre1", remote=lab.RIGHT, **options):
        """A tunnel."""
        lab.gretun(self.left, "add", name, "local", lab.LEFT, "remote", remote,
                   *words(**options))

    def delete(self, name="gre1"):
        """It goes."""
        lab.gretun(self.left, "del", name)
        self.port.drain()

    def send(self, packet):
        """Send left a packet."""
        self.port.send(bytes(packet), self.host)

    def outer(self, payload, src=lab.RIGHT):
        """Send left what is in GRE."""
        self.send(lab.outer(src, lab.LEFT, bytes(payload)))

    def keepalive(self, name="gre1"):
        """What keepalive says."""
        return lab.show(self.left, name)["keepalive"]

    def replies(self, name="gre1"):
        """Probes that left has answered."""
        stats = next(entry for entry in self.stats() if entry.get("ifname") == name)
        return stats["stats64"]["keepalive_replies"]

    def stats(self):
        """All counters."""
        return lab.json.loads(lab.gretun(self.left, "-j", "stats"))


# Probes

FORMS = {
    "plain": {},
    "key": {"key": KEY},
    "key 0": {"key": 0},
    "another key each way": {"okey": OKEY, "ikey": IKEY},
    "okey alone": {"okey": OKEY},
    "ikey alone": {"ikey": IKEY},
    "csum": {"csum": "on"},
    "seq": {"seq": "on"},
    "all": {"okey": OKEY, "ikey": IKEY, "csum": "on", "seq": "on"},
    "ttl and tos": {"ttl": 7, "tos": 0x28},
    "tos inherit": {"tos": "inherit"},
}


def probe_of(options, seq):
    """The probe that a tunnel sends, and the answer that is in it."""
    okey = options.get("okey", options.get("key"))
    ikey = options.get("ikey", options.get("key"))
    tos = options.get("tos", 0)
    answer = ip(lab.RIGHT, lab.LEFT, 255, 0xC0) / header(INNER_TYPE, ikey)
    return ip(lab.LEFT, lab.RIGHT, options.get("ttl", 64),
              0xC0 if tos == "inherit" else tos) / \
        header(ETHER, okey, "csum" in options, seq if "seq" in options else None) / \
        answer, answer


def routed(answer):
    """What a router makes of the answer."""
    answer = answer.copy()
    if lab.IPV6:
        answer.hlim -= 1
    else:
        answer.ttl -= 1
    return answer


def sent(host):
    """Probes to the byte, and that their answers count and nothing else does."""
    for name, options in FORMS.items():
        host.port.drain()
        host.add(keepalive="1:9", **options)
        inner = lab.Inner(host.left, "gre1")
        for seq in range(2):
            want, answer = probe_of(options, seq)
            seen = host.port.receive()
            lab.report(seen == bytes(want), f"{name}: probe {seq} to the byte",
                       f"wanted {bytes(want).hex()}", f"   got {seen and seen.hex()}")
            host.send(routed(answer))
        good = lab.wait(lambda: host.keepalive()["answered"] == 2)
        says = host.keepalive()
        lab.report(good and says["state"] == "up" and says["sent"] <= 3 and
                   0 < says["rtt_us"] < 1000000 and 0 < says["srtt_us"] < 1000000,
                   f"{name}: both are answered", says)
        seen = {where: count for where, count in lab.counters(host.left).items() if count}
        lab.report(not inner.receive(0) and not seen,
                   f"{name}: nothing else counts, and nothing comes out", seen)
        host.delete()


def period(host):
    """Probes come an eighth to a quarter sooner than the period, as chance will."""
    host.add(keepalive="1:9")
    host.port.receive()
    times = []
    for _ in range(8):
        host.port.receive()
        times.append(time.monotonic())
    gaps = [after - before for before, after in zip(times, times[1:])]
    # A busy machine sees one late, but not all.
    lab.report(0.72 < sum(gaps) / len(gaps) < 1.05 and max(gaps) - min(gaps) > 0.01,
               "probes come about once in a period, not like clockwork", gaps)
    host.delete()


# Answers

def reply(gre, **fields):
    """What left sends to the peer for a probe."""
    return ip(lab.LEFT, lab.RIGHT, **{"ttl": 64, **fields}) / gre


def expect_reply(host, text, want, payload, name="gre1", src=lab.RIGHT):
    """What is sent to left is answered, and counts as that alone."""
    inner = lab.Inner(host.left, name)
    before, replies = lab.counters(host.left), host.replies(name)
    host.outer(payload, src)
    seen = host.port.receive()
    if seen and lab.IPV6 and name == "dev":
        # The flow label of a device for both families is not 0.
        seen = seen[:1] + bytes([seen[1] & 0xF0, 0, 0]) + seen[4:]
    lab.report(seen == bytes(want), f"{text}: answered to the byte",
               f"wanted {bytes(want).hex()}", f"   got {seen and seen.hex()}")
    change = lab.moved(before, lab.counters(host.left))
    lab.report(host.replies(name) == replies + 1 and not change and not inner.receive(0),
               f"{text}: and nothing else", change)


def probe(gre, ttl=255, tos=0, flags="DF", src=lab.RIGHT):
    """The inner part of a probe of the peer's."""
    return ip(lab.LEFT, src, ttl, tos, flags) / gre


def answered(host):
    """Probes of the peer, whatever is set."""
    outer = GRE(proto=ETHER)
    for name, options, key in (("off", {}, None), ("on", {"keepalive": "30"}, None),
                               ("fast path", {"fastpath": "on"}, None),
                               ("bound", {"dev": "eth0"}, None),
                               ("mss-clamp", {"mss_clamp": "on"}, None)):
        host.add(**options)
        if "keepalive" in options:
            host.port.receive()
        for _ in range(2):
            gre = header(0, key)
            expect_reply(host, name, reply(gre), outer / probe(gre))
        host.delete()

    host.add()
    for name, gre in (("a key of the peer's", header(0, KEY)), ("key 0", header(0, 0)),
                      ("a checksum", header(0, csum=True)),
                      ("a sequence number", header(0, seq=5)),
                      ("all", header(0, KEY, True, 5))):
        expect_reply(host, "inside, " + name, reply(gre), outer / probe(gre))
        time.sleep(0.2)
    if lab.IPV6:
        gre = header(lab.ETH_P_IPV6)
        expect_reply(host, "as RouterOS has it", reply(gre), outer / probe(gre))
    gre = header(0)
    for ttl in 1, 0:
        expect_reply(host, f"a TTL of {ttl} inside", reply(gre), outer / probe(gre, ttl=ttl))
    expect_reply(host, "marked", reply(gre), outer / probe(gre, tos=3))
    host.delete()

    host.add(ttl=9, tos="inherit")
    expect_reply(host, "ttl and tos inherit", reply(gre, ttl=9, tos=0xB8),
                 outer / probe(gre, tos=0xB8))
    host.delete()
    host.add(okey=OKEY, ikey=IKEY, csum="on", seq="on")
    gre = header(0, KEY)
    expect_reply(host, "a key, csum and seq", reply(gre),
                 header(ETHER, IKEY, True, 1) / probe(gre))
    host.delete()
    if not lab.IPV6:
        host.add(df="set")
        expect_reply(host, "df set", reply(gre), outer / probe(gre, flags=0))
        host.delete()


# Packets that are neither

def others(host):
    """Inner packets that are no probes come out of the tunnel."""
    outer, gre = GRE(proto=ETHER), bytes(header(0))
    left, right, stranger = lab.LEFT, lab.RIGHT, lab.STRANGER

    def packet(src, dst, payload, proto=lab.IPPROTO_GRE):
        make = lab.ipv6 if lab.IPV6 else lab.ipv4
        return make(src, dst, payload, proto)

    good = bytes(probe(header(0)))
    packets = {
        "from somebody else": packet(stranger, right, gre),
        "to somebody else": packet(left, stranger, gre),
        "the other way round": packet(right, left, gre),
        "to the tunnel's own end": packet(left, left, gre),
        "another protocol": packet(left, right, gre, 46),
        "another GRE type": packet(left, right, bytes(GRE(proto=0x0800))),
        "Ethernet": packet(left, right, bytes(GRE(proto=0x6558))),
        "version 1": packet(left, right, b"\x00\x01\x00\x00"),
        "routing": packet(left, right, b"\x40\x00\x00\x00"),
        "a reserved bit": packet(left, right, b"\x08\x00\x00\x00"),
        "GRE cut short": packet(left, right, gre[:3]),
        "no GRE": packet(left, right, b""),
        "a key cut short": packet(left, right, b"\x20\x00\x00\x00\x00\x00"),
        "something behind GRE": packet(left, right, gre + b"x"),
        "more behind GRE": packet(left, right, gre + bytes(16)),
        "much behind GRE": packet(left, right, gre + bytes(1000)),
        "a probe in a probe": packet(left, right, bytes(outer / probe(header(0)))),
        "something behind it": good + b"xyz",
    }
    if lab.IPV6:
        packets["a header between"] = packet(
            left, right, bytes([lab.IPPROTO_GRE, 0, 1, 4, 0, 0, 0, 0]) + gre,
            lab.IPPROTO_DSTOPTS)
        packets["a length that does not fit"] = good[:5] + b"\x05" + good[6:]
    else:
        packets["options"] = bytes(IP(src=left, dst=right, proto=47,
                                      options=[IPOption_NOP()] * 4) / header(0))
        packets["a first fragment"] = lab.ipv4(left, right, gre, 47, frag=0x2000)
        packets["another fragment"] = lab.ipv4(left, right, gre, 47, frag=0x0003)
        packets["a wrong IP checksum"] = good[:10] + bytes([good[10] ^ 1]) + good[11:]
    host.add()
    inner = lab.Inner(host.left, "gre1")
    for name, inside in packets.items():
        before, replies = lab.counters(host.left), host.replies()
        host.outer(bytes(outer) + inside)
        seen = inner.receive()
        change = lab.moved(before, lab.counters(host.left))
        lab.report(seen == inside and change == {("gre1", "rx-packets"): 1} and
                   host.replies() == replies, f"{name}: a packet like others",
                   seen and seen.hex(), change)
    host.outer(GRE(proto=0x86DD if not lab.IPV6 else 0x0800) /
               (IP(src="192.0.2.1", dst="192.0.2.2", proto=47) if lab.IPV6 else
                IPv6(src="2001:db8::1", dst="2001:db8::2", nh=47)) / header(0))
    lab.report(inner.receive(), "of the other family: a packet like others")
    lab.report(not host.port.receive(patience=QUIET), "none of them is answered")
    host.delete()


def refused(host):
    """Packets that look like answers."""
    def counts(text, want, *payloads):
        before = lab.counters(host.left)
        for payload in payloads:
            host.outer(payload)
        change = lab.wait(lambda: (seen := lab.moved(before, lab.counters(host.left))) and
                          sum(seen.values()) >= sum(want.values()) and seen)
        lab.report(change == {("gre1", reason): count for reason, count in want.items()},
                   text, change)

    answer = header(INNER_TYPE)
    host.add()
    counts("off: answers that nobody asked for", {"rx-unasked": 3}, *[answer] * 3)
    counts("with a wrong checksum", {"rx-checksum": 1}, lab.gre(b"", 0, csum=1))
    counts("with the right one", {"rx-unasked": 1}, lab.gre(b"", 0, csum=0))
    counts("with something behind", {"rx-protocol": 2}, header(0) / b"x",
           header(0) / bytes(100))
    if lab.IPV6:
        counts("of either type", {"rx-unasked": 2}, header(0), header(0x86DD))
        counts("an empty packet", {"rx-truncated": 1}, header(0x0800))
        counts("with a byte behind", {"rx-truncated": 1}, header(0x86DD) / b"\x60")
    else:
        counts("empty packets", {"rx-truncated": 2}, header(0x0800), header(0x86DD))
    lab.gretun(host.left, "set", "gre1", "csum", "on", "seq", "on")
    counts("csum and seq are not asked of them", {"rx-unasked": 1}, answer)
    counts("but of what is none", {"rx-no-checksum": 1}, header(0) / b"x")
    host.delete()

    host.add(keepalive="9:9")
    host.port.receive()
    counts("on: one answer counts, and no more", {"rx-unasked": 4}, *[answer] * 5)
    says = host.keepalive()
    lab.report(says["answered"] == 1, "which is said", says)
    lab.gretun(host.left, "set", "gre1", "keepalive", "off")
    counts("off again: none counts", {"rx-unasked": 1}, answer)
    host.delete()
    host.add(keepalive="1:9", ikey=IKEY)
    before = lab.counters(host.left)
    host.port.receive()
    host.outer(answer)
    change = lab.wait(lambda: lab.moved(before, lab.counters(host.left)))
    says = host.keepalive()
    lab.report(change == {("netns", "passed-key"): 1} and not says["answered"],
               "an answer without the key is none", change, says)
    host.delete()


def any_peer(host):
    """Devices without a peer of their own answer who sent the probe."""
    gre, outer = header(0, KEY), header(ETHER, KEY)
    for name, make in (
            ("remote any", lambda: host.add("dev", "any", key=KEY)),
            ("external", lambda: lab.gretun(host.left, "add", "dev", "external")),
            ("external with local", lambda: lab.gretun(
                host.left, "add", "dev", "external", "local", lab.LEFT, *words()))):
        make()
        for peer in lab.STRANGER, lab.RIGHT:
            expect_reply(host, f"{name}: {peer}", ip(lab.LEFT, peer, 64) / gre,
                         outer / probe(gre, src=peer), "dev", peer)
        replies = host.replies("dev")
        for _ in range(3 * LIMIT):
            host.outer(outer / probe(gre))
        lab.report(lab.wait(lambda: host.replies("dev") == replies + 3 * LIMIT),
                   f"{name}: {3 * LIMIT} at once are answered", host.replies("dev") - replies)
        host.port.drain()
        inner = lab.Inner(host.left, "dev")
        host.outer(outer / probe(gre), lab.STRANGER)
        lab.report(inner.receive() and not host.port.receive(patience=QUIET),
                   f"{name}: nobody is answered for somebody else")
        host.delete("dev")


def limit(host):
    """So many are answered in a second, and the rest counts."""
    gre = header(0)
    host.add()
    for turn in "first", "second":
        time.sleep(1.2)
        before, replies = lab.counters(host.left), host.replies()
        start = time.monotonic()
        for _ in range(10 * LIMIT):
            host.outer(GRE(proto=ETHER) / probe(gre))
        took = time.monotonic() - start
        dropped = lab.wait(lambda: (seen := lab.moved(before, lab.counters(host.left)).get(
            ("gre1", "rx-probes"), 0)) and
            seen + host.replies() - replies == 10 * LIMIT and seen)
        seen = 0
        while host.port.receive(patience=QUIET):
            seen += 1
        lab.report(dropped and seen == host.replies() - replies and
                   LIMIT <= seen <= LIMIT * (1 + took) + 1,
                   f"{turn} time: {LIMIT} a second are answered",
                   f"{seen} answers in {took} s, {dropped} dropped")
    host.delete()


def main(part, left, router):
    """One part."""
    host = Host(left, router)
    parts = {"sent": (sent, period), "answered": (answered,), "others": (others,),
             "refused": (refused,), "any": (any_peer,), "limit": (limit,)}
    for one in parts[part]:
        one(host)


main(*sys.argv[1:])
