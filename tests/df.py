# SPDX-License-Identifier: GPL-2.0
"""df.py LEFT ROUTER: for df.sh, the DF bit of outer headers."""

import sys

import lab

DF, NONE = 0x4000, 0
SETTINGS = {
    # what df is set to: the outer bit for IPv4 with DF, without, and for IPv6
    "copy": (DF, NONE, DF),
    "set": (DF, DF, DF),
    "clear": (NONE, NONE, NONE),
}
PACKETS = {
    "IPv4 with DF": lab.ipv4(lab.LEFT_INNER, lab.RIGHT_INNER, frag=DF),
    "IPv4 without DF": lab.ipv4(lab.LEFT_INNER, lab.RIGHT_INNER, frag=NONE),
    "IPv6": lab.ipv6("fd12::37", "fd12::38"),
}


def main(left, router):
    """Try all three settings with each kind of packet."""
    inner, port = lab.Inner(left, "gre1"), lab.Port(router, "left")
    for setting, bits in SETTINGS.items():
        lab.gretun(left, "set", "gre1", "df", setting)
        for (name, packet), want in zip(PACKETS.items(), bits):
            inner.send(packet)
            seen = port.receive()
            frag = seen and int.from_bytes(seen[6:8], "big")
            lab.report(frag == want, f"df {setting}: {name} "
                       f"{'sets' if want else 'clears'} the outer bit", seen)
            lab.report(seen and seen[24:] == packet,
                       f"df {setting}: {name} itself is left alone", seen)


main(*sys.argv[1:])
