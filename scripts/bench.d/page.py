# SPDX-License-Identifier: GPL-2.0
"""Documentation/performance.rst."""

import tables
import targets

HEAD = '''\
.. SPDX-License-Identifier: GPL-2.0
.. Written by scripts/bench --rst; change that instead.

===========
Performance
===========

What gretun costs, beside plain forwarding and ip_gre on the same kernel. The
figures come from::

	make bench
	scripts/bench --rst

The first takes some 30 minutes. A part that is named after ``scripts/bench`` is
measured alone, and ``--quick`` gives the first table in short in 90 seconds.

How it is measured
==================

The kernel runs in QEMU without hardware acceleration, and QEMU counts
instructions: a nanosecond of the guest is an instruction. So the figures do
not depend on the machine or on what else it does, and they repeat to about
0.1 %. They are not times. What caches and branch prediction cost does not
show, and an instruction that copies a block of memory counts once for each
byte. All kinds of a part are measured in one boot of one kernel, which has one
processor unless a part says otherwise. "gretun" is its default mode, and
"fastpath" is gretun with ``fastpath on``.
'''

WORKLOAD = '''\
The workload of routers: pktgen in *g* sends UDP packets, *r1* forwards them
into the tunnel, *r2* out of it, and *s* counts them. The links are veth
devices::

	g ---- r1 ======== r2 ---- s

The cost is for the whole way. "Added" is what the tunnel adds to plain
forwarding, encapsulation and decapsulation together; "share" is that as a
share of what ip_gre adds. The length of the queue from softirq to ksoftirqd
(``net.core.netdev_max_backlog``) is raised, as one processor plays all four
hosts; no other limit is. A measurement with a loss is repeated up to four
times, and a loss that stays is told. So is one of which ksoftirqd, by chance,
handles more than a few packets: it takes them in batches, and a packet of a
batch does not cost what a single one does.
'''

ABOUT = {
    'flags': WORKLOAD + '''
Bytes are those of the inner Ethernet frame. With IPv6, pktgen makes 64 bytes
78. K is a key, C a checksum, S a sequence number.
''',
    'underlay6': '''\
The same over IPv6, without flags. What stands under ip_gre is ip6_gre, without
the encapsulation limit that it adds unless told not to. gretun makes a flow
label of the inner flow, as ip6_gre does.
''',
    'tunnels': '''\
The same with 64 bytes, IPv4, and a key for each tunnel. Each packet goes to
another destination than the one before, which has a route of its own through
its own tunnel, and so on in turn. The tunnels are between the same two
addresses. Plain forwarding has as many routes as there are tunnels. All limits
of the table of neighbours are as the kernel sets them
(``net.ipv4.neigh.default.gc_thresh3`` is 1,024), and each ip_gre device that
sends takes an entry. gretun's do not count. Remote addresses on the link do,
whatever the tunnel: 10,000 neighbours need a larger table.
''',
    'external': '''\
The same workload, and one device in external mode on each router instead of
tunnels. Each destination has a route of its own, which says the outer addresses
and the key (``ip route add ... encap ip id ... src ... dst ... key``); the
source differs, so that *r2* receives from as many peers as there are routes.
"Beside default" is what this adds to plain forwarding as a share of what one
tunnel with a key adds in default mode. Memory is that of pages which are no
longer free, of the last 90,000 endpoints that come to be. gretun itself keeps
nothing for an endpoint; what is measured are the kernel's routes. A route with
``encap`` has a nexthop, the state of the encapsulation and a cache to itself,
and an input route once it is used, where plain routes share all of that. To take
less, a BPF program can look peers up in a map of its own and set the metadata
(``bpf_skb_set_tunnel_key``); then an endpoint is an entry of that map.

The kernel looks for a route like the new one among all that have the same
device and metric, however their encapsulations differ. Each route has a metric
of its own here, or adding 100,000 of them would take hours.
''',
    'keepalive': '''\
*r1* has 10,000 tunnels with ``keepalive 10``, whose probes *r2* answers, and nothing
else happens. What counts is how long the one processor of both is not idle in two
minutes of the guest's time. An instruction takes a nanosecond of it, as on a
processor that does a thousand million in a second; most do more.
''',
    'stream': '''\
TCP from *r1* to *r2* themselves, with segmentation offload on. How much TCP
puts into a packet, and how often the receiver answers, follows from the MTU,
and can weigh more than the tunnel. So the veth is measured with the MTU of
each tunnel too, and a tunnel is compared with the veth of its own MTU. The
figures are instructions per byte of the stream, and those for one byte back and
forth. With sequence numbers there is no segmentation offload. Without, what
gretun adds to the veth with its own MTU is some 3,000 instructions for each
packet of about 38,000 bytes and each acknowledgement.
''',
    'batch': '''\
gretun's tunnels are created with few netlink messages of many tunnels each,
which can bring them up too, and listed and deleted with ``gretun -j show`` and
``gretun del --all``; ip_gre's with ``ip -batch`` of ``link add``, ``link set up``
and ``link del``, and with ``ip -d -j link show``. Programs count too. The time
is the guest's, waits for RCU included. Memory is that of pages which are no
longer free. All but bringing up is done once before it counts. IPv6 is off, as
what it does with a device that comes up is not the tunnel's.

Creating is bounded by the kernel: nine tenths of it are ``register_netdevice``,
the same for any device, so that no module makes a device 1.3 times faster than
another. ``scripts/bench creation`` shows the functions. A netlink message for a
great many tunnels saves what surrounds it, and with it the second message that
brings a device up. More would take a kernel that makes the files of sysfs and
the sysctls of a device when they are asked for.
''',
    'creation': '''\
Where the instructions of "create" go, by samples, each function with all that
it calls. What ``register_netdevice`` costs is the kernel's for any device:
files in sysfs, sysctls, the states of IPv4 and IPv6, events.
''',
    'cpus': '''\
Two processors, and time instead of instructions, so these figures depend on the
machine. Each flow has its own processor and its own link into *r1*; from there
both share one tunnel. The best of several rounds counts. Plain forwarding tells
what the machine itself can do.
''',
    'layout': '''\
No line of memory that processors share is written to by each packet, unless
sequence numbers are on: the counters are kept by each processor for itself.
These are the fields that packets write to and all processors share, as the
debug information of the module places them in lines of 64 bytes, and what else
is on the same line.
''',
    'profile': '''\
One tunnel without flags, 64 bytes, IPv4. Samples are taken at intervals that
have no rhythm in common with the packets; a small figure may be chance.
''',
}


def heading(text, line='='):
    """A title of a section."""
    return f'{text}\n{line * len(text)}\n'


def sources(stored):
    """When and of what the results are."""
    return tables.draw(
        ['part', 'kernel', 'srcversion of the module', 'measured'],
        [[part, stored[part]['source']['release'],
          stored[part]['source']['module'], stored[part]['source']['date']]
         for part in tables.TITLES if part in stored])


def write(stored, plotted):
    """The page."""
    texts = [HEAD, sources(stored) + '\n']
    lines = targets.lines(stored, list(stored))
    if lines:
        texts += [heading('Targets'), tables.draw(targets.HEADS, lines) + '\n']
    for part, title in tables.TITLES.items():
        if part not in stored:
            continue
        texts += [heading(title), ABOUT[part]]
        if part == 'tunnels' and plotted:
            texts.append('.. image:: performance.svg\n'
                         '   :alt: instructions per packet against the '
                         'number of tunnels\n')
        texts.append(tables.table(stored, part) + '\n')
    return '\n'.join(texts)
