# SPDX-License-Identifier: GPL-2.0
"""nested.py LEFT ROUTER: for nested.sh, GRE in GRE in GRE."""

import sys

import lab

# As many as fit into a packet on the cable.
LEVELS = 1460 // lab.OVERHEAD
TURNS = LEVELS - 6
PACKETS = 400
# The innermost packet is GRE too, of a key that no tunnel has, so that its
# arrival is counted.
CORE = lab.gre(b"", key=77)


def nest(levels, keys=(None,), core=CORE):
    """A packet of so many GRE headers around the innermost one, whose keys
    take turns."""
    packet = lab.outer(lab.RIGHT, lab.LEFT, core)
    for level in range(levels):
        packet = lab.outer(lab.RIGHT, lab.LEFT,
                           lab.gre(packet, key=keys[level % len(keys)]))
    return packet


def main(left, router):
    """Send packets of many levels."""
    port, host = lab.Port(router, "left"), lab.Port(left, "eth0")

    def total(change, name):
        return sum(n for (_, counter), n in change.items() if counter == name)

    def expect(text, packet, want):
        before = lab.counters(left)
        port.send(packet, host)
        lab.wait(lambda: total(lab.moved(before, lab.counters(left)), "passed-key"))
        change = lab.moved(before, lab.counters(left))
        lab.report(change == want, text, f"wanted {want}", f"   got {change}")

    core = {("netns", "passed-key"): 1}
    for levels in 1, 2, 3, 4, 10, LEVELS - 1:
        expect(f"{levels + 1} levels through one tunnel", nest(levels),
               {("gre1", "rx-packets"): levels} | core)
    expect(f"{TURNS + 1} levels through two tunnels in turn", nest(TURNS, (None, 2)),
           {("gre1", "rx-packets"): (TURNS + 1) // 2,
            ("gre2", "rx-packets"): TURNS // 2} | core)
    deep = nest(LEVELS - 1, core=lab.gre(b"", bits=0x4000))
    before = lab.counters(left)
    port.send(deep, host)
    want = {("gre1", "rx-packets"): LEVELS - 1, ("netns", "routing"): 1}
    lab.wait(lambda: lab.moved(before, lab.counters(left)) == want)
    change = lab.moved(before, lab.counters(left))
    lab.report(change == want, "a reason of the innermost level", change)

    # Each level is a packet more for the queue, which may run over; but each
    # packet arrives at its innermost level or is counted as lost.
    before = lab.counters(left)
    packet = nest(LEVELS - 1)
    for _ in range(PACKETS):
        port.send(packet, host)

    def accounted():
        change = lab.moved(before, lab.counters(left))
        return total(change, "passed-key") + total(change, "rx-backlog") == PACKETS

    done = lab.wait(accounted)
    change = lab.moved(before, lab.counters(left))
    lab.report(done, f"{PACKETS} packets of {LEVELS} levels are all accounted for",
               change)
    levels = total(change, "rx-packets")
    most = (LEVELS - 1) * PACKETS
    lost = total(change, "rx-backlog")
    lab.report(most - (LEVELS - 1) * lost <= levels <= most and
               (lost or levels == most), "and so are their levels", change)


main(*sys.argv[1:])
