# SPDX-License-Identifier: GPL-2.0
"""ttl.py LEFT ROUTER RIGHT: for ttl.sh, look at the TTL of outer headers."""

import sys

import lab

MULTICAST, MULTICAST6 = "224.0.0.5", "ff02::5"


def packet(version, ttl):
    """An inner packet of that TTL or hop limit."""
    if version == 4:
        return lab.ipv4(lab.LEFT_INNER, MULTICAST if ttl % 2 else lab.RIGHT_INNER, ttl=ttl)
    return lab.ipv6(lab.LEFT_INNER6, MULTICAST6 if ttl % 2 else lab.RIGHT_INNER6, hops=ttl)


def all_inner(inner, port, version, ttl):
    """Send a packet of each inner TTL; return what is wrong with the outer
    one."""
    for inner_ttl in range(1, 256):
        sent = packet(version, inner_ttl)
        inner.send(sent)
        seen = port.receive()
        if not seen:
            return f"inner TTL {inner_ttl}: nothing was sent"
        outer = lab.Ip(seen)
        if outer.ttl != ttl:
            return f"inner TTL {inner_ttl}: the outer one is {outer.ttl}"
        if outer.payload[4:] != sent:
            return f"inner TTL {inner_ttl}: the inner packet has changed"
    return None


def main(left, router, right):
    """Try the TTLs of the tunnel that matter."""
    inner = lab.Inner(left, "gre1")
    port = lab.Port(router, "left")
    arrived = lab.Port(right, "eth0")

    for ttl in 1, 2, 64, 255:
        lab.gretun(left, "set", "gre1", "ttl", str(ttl))
        for version in 4, 6:
            wrong = all_inner(inner, port, version, ttl)
            lab.report(not wrong, f"ttl {ttl}: so the outer TTL for each inner one "
                       f"of IPv{version}", wrong)
        seen = arrived.receive(patience=0.5 if ttl == 1 else lab.PATIENCE)
        if ttl == 1:
            lab.report(not seen, "ttl 1: the packets end at the router")
        else:
            lab.report(seen and lab.Ip(seen).ttl == ttl - 1,
                       f"ttl {ttl}: the packets pass the router", seen)
        arrived.drain()


main(*sys.argv[1:])
