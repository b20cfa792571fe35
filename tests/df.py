# SPDX-License-Identifier: GPL-2.0
"""df.py LEFT ROUTER: for df.sh, the DF bit of outer headers, and what becomes of
packets that are longer than the link takes."""

import sys

import lab

DF, NONE = 0x4000, 0
# What df is set to: may IPv4 with DF, IPv4 without, and IPv6 be cut outside?
SETTINGS = {
    "copy": (False, True, False),
    "set": (False, False, False),
    "clear": (True, True, True),
}


def packets(length):
    """Inner packets of that many bytes, which nobody answers."""
    return {
        "IPv4 with DF": lab.ipv4(lab.LEFT_INNER, lab.NOBODY, bytes(length - 20), frag=DF),
        "IPv4 without DF": lab.ipv4(lab.LEFT_INNER, lab.NOBODY, bytes(length - 20),
                                    frag=NONE),
        "IPv6": lab.ipv6(lab.LEFT_INNER6, lab.NOBODY6, bytes(length - 40)),
    }


def short(inner, port, setting, allowed):
    """Packets that fit: they are sent whole, and the DF bit is right."""
    for (name, packet), cut in zip(packets(100).items(), allowed):
        inner.send(packet)
        seen = port.receive()
        ip = seen and lab.Ip(seen)
        lab.report(ip and ip.payload[4:] == packet,
                   f"df {setting}: {name} is sent whole", seen)
        if ip and ip.version == 4:
            lab.report(ip.frag == (NONE if cut else DF), f"df {setting}: {name} "
                       f"{'clears' if cut else 'sets'} the outer bit", seen)


def put_together(port):
    """What the fragments of one packet hold, in their order, or None."""
    data = b""
    while True:
        packet = port.receive(lab.IPPROTO_FRAGMENT if lab.IPV6 else lab.IPPROTO_GRE)
        if not packet:
            return None
        ip = lab.Ip(packet)
        if lab.IPV6:
            field, payload = int.from_bytes(ip.payload[2:4], "big"), ip.payload[8:]
            at, more, proto = field & ~7, field & 1, ip.payload[0]
        else:
            at, more, proto = ip.frag % 0x2000 * 8, ip.frag & 0x2000, ip.proto
            payload = ip.payload
        if at != len(data) or proto != lab.IPPROTO_GRE:
            return None
        data += payload
        if not more:
            return data


def long(left, inner, port, setting, allowed):
    """Packets that fit the device, and not the link."""
    for (name, packet), cut in zip(packets(1500).items(), allowed):
        before = lab.counters(left)
        inner.send(packet)
        change = lab.wait(lambda: lab.moved(before, lab.counters(left)))
        want = {("gre1", "tx-packets" if cut else "tx-too-big"): 1}
        lab.report(change == want, f"df {setting}: {name} that is too long is "
                   f"{'cut' if cut else 'refused'}", f"wanted {want}", f"   got {change}")
        if cut:
            data = put_together(port)
            lab.report(data and data[4:] == packet,
                       f"df {setting}: {name} is the same when put together", data)


def main(left, router):
    """Try all three settings with each kind of packet."""
    inner, port = lab.Inner(left, "gre1"), lab.Port(router, "left")
    lab.gretun(left, "set", "gre1", "mtu", "1500")
    for setting, allowed in SETTINGS.items():
        lab.gretun(left, "set", "gre1", "df", setting)
        short(inner, port, setting, allowed)
        long(left, inner, port, setting, allowed)


main(*sys.argv[1:])
