# SPDX-License-Identifier: GPL-2.0
"""ecn.py LEFT ROUTER: for ecn.sh, TOS bytes and traffic classes."""

import sys

import lab

NAMES = "Not-ECT", "ECT(1)", "ECT(0)", "CE"
NOT_ECT, ECT1, ECT0, CE = range(4)
DROPPED = None
# RFC 6040, figure 4: by inner and by outer field, the field that is forwarded.
FORWARDED = {
    NOT_ECT: {NOT_ECT: NOT_ECT, ECT0: NOT_ECT, ECT1: NOT_ECT, CE: DROPPED},
    ECT0: {NOT_ECT: ECT0, ECT0: ECT0, ECT1: ECT1, CE: CE},
    ECT1: {NOT_ECT: ECT1, ECT0: ECT1, ECT1: ECT1, CE: CE},
    CE: {NOT_ECT: CE, ECT0: CE, ECT1: CE, CE: CE},
}
# DSCP of the inner and of the outer header, where they are told apart.
INNER_DSCP, OUTER_DSCP = 0x28, 0xB8


def packet(version, tos):
    """An inner packet of that TOS byte or traffic class."""
    if version == 4:
        return lab.ipv4("192.0.2.1", lab.NOBODY, tos=tos)
    return lab.ipv6(lab.LEFT_INNER6, lab.NOBODY6, tclass=tos)


def sent(inner, port, setting, tos_of):
    """Send all TOS values through a tunnel; tos_of says what the outer one
    must be."""
    for version in 4, 6:
        wrong = []
        for tos in range(256):
            inner.send(packet(version, tos))
            seen = port.receive()
            got = hex(lab.Ip(seen).tos) if seen else "nothing"
            if got != hex(tos_of(tos)):
                wrong.append(f"inner {tos:#x}: wanted {tos_of(tos):#x}, got {got}")
        lab.report(not wrong, f"tos {setting}, IPv{version}: all 256 values are "
                   "sent right", *wrong[:8])


def received(inner, port, host, left, version):
    """Receive all combinations of an inner and an outer ECN field."""
    for inside, row in FORWARDED.items():
        for outside, field in row.items():
            before = lab.counters(left)
            port.send(lab.outer(lab.RIGHT, lab.LEFT,
                                lab.gre(packet(version, INNER_DSCP | inside)),
                                tos=OUTER_DSCP | outside), host)
            text = f"IPv{version} {NAMES[inside]} in {NAMES[outside]} comes out "
            if field is DROPPED:
                change = lab.wait(lambda: lab.moved(before, lab.counters(left)))
                lab.report(change == {("gre1", "rx-ecn"): 1},
                           text + "nowhere and is counted", change)
                continue
            seen = inner.receive()
            want = packet(version, INNER_DSCP | field)
            lab.report(seen == want, text + NAMES[field],
                       f"wanted {want.hex()}", f"   got {seen and seen.hex()}")


def main(left, router):
    """Try both ways."""
    inner = lab.Inner(left, "gre1")
    port, host = lab.Port(router, "left"), lab.Port(left, "eth0")

    sent(inner, port, "0", lambda tos: tos & 3)
    lab.gretun(left, "set", "gre1", "tos", "0x88")
    sent(inner, port, "0x88", lambda tos: 0x88 | tos & 3)
    lab.gretun(left, "set", "gre1", "tos", "inherit")
    sent(inner, port, "inherit", lambda tos: tos)
    for version in 4, 6:
        received(inner, port, host, left, version)


main(*sys.argv[1:])
