# SPDX-License-Identifier: GPL-2.0
"""signed.py PART LEFT ROUTER: for signed_wire.sh. PART is sent, refused or asked,
about the packets; late, about their time; attacked, by who has all of them; found,
moves or any, about where the peer is."""

import base64
import hashlib
import hmac
import struct
import sys
import tempfile
import threading
import time

import lab

ETH_P_SIGNED = 0x88B5
SECRET = bytes(range(1, 33))
KEY = 7
REQUEST, REPLY = 1, 2
LABEL, HINT_LABEL = b"gretun keepalive 1\0", b"gretun hint 1\0"
# Somewhere else than RIGHT and STRANGER.
OTHER = "2001:db8:9::10" if lab.IPV6 else "203.0.113.10"
LEN = 60
QUIET = 0.4
# One byte of each field of a message, and the last one.
FIELDS = {"version": 0, "type": 1, "reserved": 3, "hint": 4, "id": 12, "time": 27,
          "asked id": 28, "asked time": 43, "mac": 44, "its end": 59}


def blake2s(secret, size, *parts):
    """The keyed hash."""
    return hashlib.blake2s(b"".join(parts), key=secret, digest_size=size).digest()


def signed(kind, ident, when, asked=(0, 0), secret=SECRET, key=KEY):
    """A message, to be put behind a GRE header with that key."""
    head = struct.pack("!BBH8sQQQQ", 1, kind, 0, blake2s(secret, 8, HINT_LABEL),
                       ident, when, *asked)
    keys = struct.pack("!II", key is not None, key or 0)
    return head + blake2s(secret, 16, LABEL, head, keys)


def gre(message, key=KEY, **options):
    """It with its GRE header."""
    return lab.gre(message, proto=ETH_P_SIGNED, key=key, **options)


class Message:
    """One that left sent."""

    def __init__(self, packet, key=KEY):
        ip = lab.Ip(packet)
        self.src, self.dst, self.packet = ip.src, ip.dst, packet
        at = 4 + 4 * sum(ip.payload[0] >> bit & 1 for bit in (7, 5, 4))
        self.header, self.data = ip.payload[:at], ip.payload[at:]
        self.proto = int.from_bytes(ip.payload[2:4], "big")
        self.good = len(self.data) == LEN and self.proto == ETH_P_SIGNED
        if not self.good:
            return
        (self.version, self.kind, self.reserved, self.hint, self.id, self.time,
         *asked) = struct.unpack("!BBH8sQQQQ", self.data[:44])
        self.asked = tuple(asked)
        want = signed(self.kind, self.id, self.time, self.asked, key=key)
        self.good = hmac.compare_digest(want, self.data)


class Host:
    """Left, which has a tunnel, and the router, which speaks for its peers."""

    def __init__(self, left, router):
        self.left, self.id = left, 0x1122334455667788
        self.port, self.host = lab.Port(router, "left"), lab.Port(left, "eth0")
        self.clock = 1000
        with tempfile.NamedTemporaryFile("wb", delete=False) as file:
            file.write(base64.b64encode(SECRET) + b"\n")
        self.file = file.name

    def add(self, keepalive="1:200", remote=lab.RIGHT, key=KEY, **options):
        """A tunnel."""
        words = [] if key is None else ["key", str(key)]
        for name, value in options.items():
            words += [name.replace("_", "-"), str(value)]
        lab.gretun(self.left, "add", "gre1", "local", lab.LEFT, "remote", remote, *words,
                   "keepalive", keepalive, "keepalive-secret-file", self.file)

    def delete(self):
        """It goes."""
        lab.gretun(self.left, "del", "gre1")
        self.port.drain()

    def outer(self, payload, src=lab.RIGHT):
        """Send left what is in GRE."""
        self.port.send(lab.outer(src, lab.LEFT, payload), self.host)

    def show(self):
        """What show has."""
        return lab.show(self.left, "gre1")

    def receive(self, kind, patience=lab.PATIENCE, key=KEY):
        """The next message of that kind, or None."""
        end = time.monotonic() + patience
        while (packet := self.port.receive(patience=max(0, end - time.monotonic()))):
            message = Message(packet, key)
            if message.good and message.kind == kind:
                return message
        return None

    def request(self, **options):
        """A request that is newer than those before."""
        self.clock += 1000
        return gre(signed(REQUEST, self.id, self.clock, **options))

    def reply(self, message, ident=None, **options):
        """The reply to a request of left's."""
        return gre(signed(REPLY, ident or self.id, 0, (message.id, message.time), **options))

    def counts(self, text, want, *payloads, src=lab.RIGHT):
        """These packets count as that."""
        before = lab.counters(self.left)
        for payload in payloads:
            self.outer(payload, src)
        change = lab.wait(lambda: (seen := lab.moved(before, lab.counters(self.left))) and
                          sum(seen.values()) >= sum(want.values()) and seen)
        lab.report(change == {("gre1", reason): count for reason, count in want.items()},
                   text, change)

    def known(self):
        """Let left know this peer: it answers a request."""
        self.outer(self.reply(self.receive(REQUEST)))
        lab.wait(lambda: self.show()["keepalive"]["answered"])


def flip(payload, at):
    """One bit of the message is another one."""
    at += len(payload) - LEN
    return payload[:at] + bytes([payload[at] ^ 1]) + payload[at + 1:]


# Packets

def sent(host):
    """Requests to the byte, whatever is set, and that their replies count."""
    for name, key, options, flags in (
            ("plain", None, {}, {}),
            ("all", KEY, {"csum": "on", "seq": "on"}, {"csum": 0, "seq": 0})):
        host.add(key=key, **options)
        host.port.drain()
        seen = Message(host.port.receive(), key)
        lab.report(seen.good and (seen.version, seen.kind, seen.reserved) == (1, REQUEST, 0) and
                   seen.id and seen.time and seen.asked == (0, 0), f"{name}: a signed request",
                   seen.packet.hex())
        if "seq" in flags:
            flags["seq"] = int.from_bytes(seen.header[-4:], "big")
        lab.report(seen.header + seen.data == gre(seen.data, key, **flags) and
                   (seen.src, seen.dst) == (lab.LEFT, lab.RIGHT) and
                   lab.Ip(seen.packet).tos == 0, f"{name}: in the tunnel's headers",
                   seen.packet.hex())
        reply = signed(REPLY, host.id, 0, (seen.id, seen.time), key=key)
        flags.pop("seq", None)
        host.outer(gre(reply, key, **flags))
        lab.report(lab.wait(lambda: host.show()["keepalive"]["answered"] == 1),
                   f"{name}: the reply counts", host.show()["keepalive"])
        again = host.receive(REQUEST, key=key)
        lab.report(again and again.id == seen.id and again.time > seen.time and
                   not any(lab.counters(host.left).values()),
                   f"{name}: the next one is newer", lab.counters(host.left))
        says = host.show()
        lab.report(says["keepalive_signed"] and 0 < says["keepalive"]["rtt_us"] < 5000000,
                   f"{name}: show says so", says)
        host.delete()


def refused(host):
    """Replies that are none."""
    host.add()
    asked = host.receive(REQUEST)
    good = host.reply(asked)
    mine = asked.id, asked.time
    host.counts("a bit of any field is another one", {"rx-forged": len(FIELDS)},
                *[flip(good, at) for at in FIELDS.values()])
    host.counts("made up otherwise", {"rx-forged": 8}, good[:-1], good + b"\0", gre(b""),
                host.reply(asked, secret=bytes(32)),
                gre(signed(REPLY, host.id, 0, mine, key=8)), gre(signed(3, host.id, 0, mine)),
                gre(signed(REPLY, host.id, 1, mine)), gre(signed(REQUEST, host.id, 1, mine)))
    host.counts("our own request", {"rx-replayed": 1}, gre(asked.data))
    host.counts("our own reply, and to what we did not ask", {"rx-replayed": 3},
                host.reply(asked, asked.id),
                gre(signed(REPLY, host.id, 0, (asked.id ^ 1, asked.time))),
                gre(signed(REPLY, host.id, 0, (asked.id, asked.time + (1 << 40)))))
    unsigned = lab.gre(b"", lab.ETH_P_IPV6 if lab.IPV6 else 0, key=KEY)
    host.counts("unsigned answers", {"rx-unasked": 3}, *[unsigned] * 3)
    host.counts("from somewhere else", {"rx-replayed": 1}, good, src=lab.STRANGER)
    says = host.show()["keepalive"]
    lab.report(says["answered"] == 0, "none of them counts", says)
    host.counts("twice", {"rx-replayed": 2}, good, good, good)
    says = host.show()["keepalive"]
    lab.report(says["answered"] == 1, "the good one counts once", says)
    lab.gretun(host.left, "set", "gre1", "keepalive", "30:9", "keepalive-secret-file", "none")
    host.counts("without a secret", {"rx-forged": 1}, good)
    lab.wait(lambda: (out := host.port.receive()) and Message(out).proto != ETH_P_SIGNED)
    host.counts("and unsigned again", {"rx-unasked": 2}, *[unsigned] * 3)
    host.delete()


def asked_by_peer(host):
    """Requests of the peer."""
    host.add("30:9")
    host.known()
    host.port.drain()
    first = host.request()
    host.outer(first)
    reply = host.receive(REPLY)
    lab.report(reply and reply.asked == (host.id, host.clock) and reply.time == 0 and
               reply.dst == lab.RIGHT and len(reply.packet) == lab.IP_HEADER + len(first),
               "a request is answered, in as many bytes", reply and reply.packet.hex())
    host.counts("again", {"rx-replayed": 2}, first, first)
    older = gre(signed(REQUEST, host.id, host.clock - 1))
    host.counts("an older one", {"rx-replayed": 1}, older)
    host.counts("from somewhere else", {"rx-replayed": 1}, first, src=lab.STRANGER)
    host.counts("a bit of any field is another one", {"rx-forged": len(FIELDS)},
                *[flip(host.request(), at) for at in FIELDS.values()])
    lab.report(not host.receive(REPLY, QUIET), "none of these is answered")
    for _ in range(30):
        host.outer(host.request())
    lab.report(all(host.receive(REPLY) for _ in range(30)),
               "who is known is answered each time")
    strangers = [gre(signed(REQUEST, 99, number)) for number in range(100)]
    before = lab.counters(host.left)
    for packet in strangers:
        host.outer(packet)
    seen = 0
    while host.receive(REPLY, QUIET):
        seen += 1
    dropped = lab.moved(before, lab.counters(host.left)).get(("gre1", "rx-probes"), 0)
    lab.report(10 <= seen < 60 and seen + dropped == 100,
               "strangers are so many times in a second", f"{seen} and {dropped}")
    host.outer(host.request())
    lab.report(host.receive(REPLY), "which takes nothing from who is known")
    ether = lab.ETH_P_IPV6 if lab.IPV6 else lab.ETH_P_IP
    probe = lab.outer(lab.LEFT, lab.RIGHT, lab.gre(b"", 0, key=KEY))
    host.port.drain()
    host.outer(lab.gre(probe, ether, key=KEY))
    back = host.port.receive()
    lab.report(back and lab.Ip(back).payload == lab.gre(b"", 0, key=KEY),
               "unsigned probes are answered as ever", back and back.hex())
    host.delete()
    host.add("off")
    host.outer(host.request())
    lab.report(host.receive(REPLY), "off: requests are answered all the same")
    host.delete()


def late(host):
    """A reply is good for the time that the peer has."""
    host.add("1:2")
    asked = host.receive(REQUEST)
    time.sleep(2.2)
    host.counts("late", {"rx-replayed": 1}, host.reply(asked))
    first, second = host.receive(REQUEST), host.receive(REQUEST)
    for message in second, first:
        host.outer(host.reply(message))
    lab.report(lab.wait(lambda: host.show()["keepalive"]["answered"] == 1) and
               lab.wait(lambda: lab.counters(host.left)["gre1", "rx-replayed"] == 2),
               "and in their order", host.show()["keepalive"])
    host.delete()


def attacked(host):
    """Somebody has what both ends said, and says it again, from everywhere."""
    host.add("1:3")
    said = [host.request() for _ in range(3)]
    for _ in range(3):
        asked = host.receive(REQUEST)
        said += [host.reply(asked), gre(asked.data)]
        host.outer(said[-2])
    for packet in said[:3]:
        host.outer(packet)
    said += [flip(packet, at) for packet in said for at in FIELDS.values()]
    lab.wait(lambda: host.show()["keepalive"]["answered"] == 3)

    def attack(answering, until):
        """Return: whether it came to that."""
        end = time.monotonic() + lab.PATIENCE
        while not until() and time.monotonic() < end:
            for src in lab.RIGHT, lab.STRANGER:
                for packet in said:
                    host.outer(packet, src)
            while answering and (asked := host.receive(REQUEST, 0.05)):
                host.outer(host.reply(asked))
        return until()

    before = lab.counters(host.left)
    lab.report(attack(True, lambda: host.show()["keepalive"]["answered"] >= 9) and
               host.show()["keepalive"]["state"] == "up" and at(host) is None,
               "one who says all again takes nothing down", host.show())
    lab.report({reason for _, reason in lab.moved(before, lab.counters(host.left))} ==
               {"rx-forged", "rx-replayed", "passed-pair"}, "all of it counts as such",
               lab.moved(before, lab.counters(host.left)))
    lab.report(attack(False, lambda: host.show()["reason"] == "keepalive"),
               "nor keeps up a peer that is dead", host.show())
    answered = host.show()["keepalive"]["answered"]
    rounds = iter(range(6))
    attack(False, lambda: next(rounds, None) is None)
    says = host.show()
    lab.report(says["reason"] == "keepalive" and says["keepalive"]["answered"] == answered and
               at(host) is None, "nor brings it back, nor moves it", says)
    host.delete()


# Where the peer is

class Peer(threading.Thread):
    """Answers left's requests to some addresses, from there."""

    def __init__(self, host, *answers):
        super().__init__(daemon=True)
        self.host, self.answers, self.asked, self.on = host, set(answers), [], True
        self.start()

    def run(self):
        while self.on:
            message = self.host.receive(REQUEST, 0.2)
            if message:
                self.asked.append(message.dst)
                if message.dst in self.answers:
                    self.host.outer(self.host.reply(message), message.dst)

    def count(self, dst):
        """How many requests were sent there."""
        return self.asked.count(dst)

    def end(self):
        """It goes."""
        self.on = False
        self.join()


def at(host):
    """Where left believes its peer to be, None for where it was set to be."""
    moved = host.show()["moved_peer"]
    return moved and moved["remote"]


def requests(host, src, number, copies=()):
    """The peer asks from there, and copies of that come from elsewhere."""
    for _ in range(number):
        packet = host.request()
        host.outer(packet, src)
        for other in copies:
            time.sleep(0.1)
            host.outer(packet, other)
        time.sleep(QUIET)


def found(host):
    """The request that is sent to find the peer is to be answered from there."""
    for remote in lab.RIGHT, "any":
        host.add("1:200", remote)
        if remote != "any":
            host.known()

        def seek():
            """Return: that request."""
            host.outer(host.request(), lab.STRANGER)
            return lab.wait(lambda: (asked := host.receive(REQUEST)) and
                            asked.dst == lab.STRANGER and asked)

        for where, src in ("the peer's own place", lab.RIGHT), ("a third one", OTHER):
            asked = seek()
            host.counts(f"remote {remote}: the answer comes from {where}",
                        {"rx-replayed": 1}, host.reply(asked), src=src)
        asked = seek()
        lab.report(asked and at(host) is None, "who did not answer is not there", at(host))
        host.outer(host.reply(asked), lab.STRANGER)
        if remote != "any":
            host.outer(host.request(), lab.STRANGER)
        lab.report(lab.wait(lambda: at(host) == lab.STRANGER), "who does is", at(host))
        host.delete()


def moves(host):
    """What moves the peer, and what does not."""
    host.add("1:4")
    peer = Peer(host, lab.RIGHT)
    lab.wait(lambda: host.show()["keepalive"]["answered"])
    old = host.request()
    host.outer(host.request())
    for name, packet in (("an old request", old), ("a forged one", flip(host.request(), 27)),
                         ("one with another key", gre(signed(REQUEST, host.id, 1 << 40), 9))):
        for _ in range(3):
            host.outer(packet, lab.STRANGER)
        time.sleep(QUIET)
        lab.report(not peer.count(lab.STRANGER) and at(host) is None,
                   f"{name} from elsewhere asks for nothing and moves nothing")

    requests(host, lab.STRANGER, 3)
    lab.report(peer.count(lab.STRANGER) >= 2 and at(host) is None,
               "one who cannot answer moves nothing", peer.asked)
    lab.report(host.show()["keepalive"]["state"] == "up", "and the peer is there")
    peer.answers.add(lab.STRANGER)
    requests(host, lab.STRANGER, 3, [lab.RIGHT])
    lab.report(at(host) is None, "one who repeats all that the peer says moves nothing",
               host.show()["moved_peer"])

    # The peer goes elsewhere.
    peer.answers = {OTHER}
    host.outer(host.request(), OTHER)
    lab.wait(lambda: peer.count(OTHER))
    time.sleep(QUIET)
    lab.report(at(host) is None, "one request from elsewhere is not enough")
    host.outer(host.request(), OTHER)
    moved = lab.wait(lambda: at(host) == OTHER)
    says = host.show()
    lab.report(moved and says["remote"] == lab.RIGHT and
               says["moved_peer"]["before"] == lab.RIGHT and says["moved_peer"]["moves"] == 1 and
               says["moved_peer"]["port"] is None,
               "two are, with an answer from there", says)
    peer.asked.clear()
    lab.report(lab.wait(lambda: peer.count(OTHER) >= 2) and not peer.count(lab.RIGHT),
               "which is asked from now on, and no one else", peer.asked)
    inner = lab.Inner(host.left, "gre1")
    packet = lab.ipv4(lab.RIGHT_INNER, lab.NOBODY)
    for src, good in (lab.RIGHT, False), (OTHER, True):
        host.outer(lab.gre(packet, key=KEY), src)
        lab.report(bool(inner.receive(lab.PATIENCE if good else QUIET)) == good,
                   f"packets from {src} are {'' if good else 'not '}the tunnel's")
    lab.report(host.show()["keepalive"]["state"] == "up", "nothing was said to be down")

    # It dies, and is somewhere else then, with a clock that began anew.
    peer.answers = set()
    lab.report(lab.wait(lambda: host.show()["reason"] == "keepalive"), "it dies")
    host.id, host.clock = host.id + 1, 10
    peer.answers = {lab.STRANGER}
    host.outer(host.request(), lab.STRANGER)
    lab.report(lab.wait(lambda: at(host) == lab.STRANGER) and
               lab.wait(lambda: host.show()["reason"] is None),
               "one request is enough of who comes back from the dead", host.show())
    lab.gretun(host.left, "set", "gre1", "ttl", "9")
    lab.report(at(host) == lab.STRANGER, "what is set besides leaves it there")
    peer.answers = {lab.RIGHT}
    lab.gretun(host.left, "set", "gre1", "remote", lab.RIGHT)
    peer.asked.clear()
    lab.report(at(host) is None and lab.wait(lambda: peer.count(lab.RIGHT)) and
               not peer.count(lab.STRANGER), "remote brings it home")
    peer.end()
    host.delete()


def any_peer(host):
    """A tunnel of any peer has one when it is learned."""
    host.add("1:2", "any")
    peer = Peer(host)
    lab.report(lab.wait(lambda: host.show()["reason"] == "keepalive") and not peer.asked,
               "nobody is there, and nobody is asked", peer.asked)
    host.outer(host.request(), lab.STRANGER)
    lab.report(lab.wait(lambda: peer.count(lab.STRANGER)), "who asks is asked")
    time.sleep(QUIET)
    lab.report(at(host) is None, "and is nobody until there is an answer")
    peer.answers = {lab.STRANGER}
    host.outer(host.request(), lab.STRANGER)
    lab.report(lab.wait(lambda: at(host) == lab.STRANGER) and
               lab.wait(lambda: host.show()["reason"] is None), "then it is the peer")
    says = host.show()
    lab.report(says["remote"] == "any" and says["moved_peer"]["before"] is None,
               "show has what was set, too", says)
    inner = lab.Inner(host.left, "gre1")
    packet = lab.ipv4(lab.LEFT_INNER, lab.NOBODY)
    peer.end()
    host.port.drain()
    inner.send(packet)
    seen = lab.wait(lambda: (out := host.port.receive(patience=QUIET)) and
                    lab.Ip(out).payload == lab.gre(packet, key=KEY) and lab.Ip(out))
    lab.report(seen and seen.dst == lab.STRANGER, "packets go there", seen)
    lab.gretun(host.left, "set", "gre1", "keepalive", "off")
    lab.report(at(host) is None and
               not lab.counters(host.left).get(("gre1", "tx-no-remote")),
               "keepalive off: nobody is the peer")
    inner.send(packet)
    lab.report(lab.wait(lambda: lab.counters(host.left).get(("gre1", "tx-no-remote"))),
               "and nothing is sent")
    host.delete()


def main(part, left, router):
    """One part."""
    host = Host(left, router)
    parts = {"sent": sent, "refused": refused, "asked": asked_by_peer, "late": late,
             "attacked": attacked, "found": found, "moves": moves, "any": any_peer}
    parts[part](host)


main(*sys.argv[1:])
