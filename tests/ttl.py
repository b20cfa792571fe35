# SPDX-License-Identifier: GPL-2.0
"""ttl.py LEFT ROUTER RIGHT: for ttl.sh, look at the TTL of outer headers."""

import sys

import lab

MULTICAST = "224.0.0.5"


def all_inner(inner, port, ttl):
    """Send a packet of each inner TTL; return what is wrong with the outer
    one."""
    for inner_ttl in range(1, 256):
        dst = MULTICAST if inner_ttl % 2 else lab.RIGHT_INNER
        sent = lab.ipv4(lab.LEFT_INNER, dst, ttl=inner_ttl)
        inner.send(sent)
        seen = port.receive()
        if not seen:
            return f"inner TTL {inner_ttl}: nothing was sent"
        if seen[8] != ttl:
            return f"inner TTL {inner_ttl}: the outer one is {seen[8]}"
        if seen[24:] != sent:
            return f"inner TTL {inner_ttl}: the inner packet has changed"
    return None


def main(left, router, right):
    """Try the TTLs of the tunnel that matter."""
    inner = lab.Inner(left, "gre1")
    port = lab.Port(router, "left")
    arrived = lab.Port(right, "eth0")

    for ttl in 1, 2, 64, 255:
        lab.gretun(left, "set", "gre1", "ttl", str(ttl))
        wrong = all_inner(inner, port, ttl)
        lab.report(not wrong, f"ttl {ttl}: so the outer TTL for each inner one",
                   wrong)
        seen = arrived.receive(patience=0.5 if ttl == 1 else lab.PATIENCE)
        if ttl == 1:
            lab.report(not seen, "ttl 1: the packets end at the router")
        else:
            lab.report(seen and seen[8] == ttl - 1,
                       f"ttl {ttl}: the packets pass the router", seen)
        while arrived.receive(patience=0):
            pass


main(*sys.argv[1:])
