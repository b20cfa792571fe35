# SPDX-License-Identifier: GPL-2.0
"""What gretun is to reach, and whether the results say that it does."""

import results

HEADS = ['target', 'limit', 'measured', '']


def shares(stored, kind, names, **which):
    """The worst share of ip_gre's added cost over sizes and payloads."""
    worst = None
    for row in results.rows(stored, 'flags', kind=kind, **which):
        if row['flags'] not in names:
            continue
        same = {'ip': row['ip'], 'size': row['size']}
        plain = results.row(stored, 'flags', kind='plain', **same)
        gre = results.row(stored, 'flags', kind='gre', flags=row['flags'],
                          **same)
        if plain and gre:
            base = results.cost(plain)
            share = (results.cost(row) - base) / (results.cost(gre) - base)
            worst = max(worst or share, share)
    return worst


def many(stored):
    """Cost with most tunnels as a share of the cost with one; the worst."""
    worst = None
    for layout in 'keys', 'routed', 'link':
        found = results.rows(stored, 'tunnels', kind='gretun', layout=layout)
        if len(found) > 1:
            by_count = {row['tunnels']: row for row in found}
            share = (results.cost(by_count[max(by_count)])
                     / results.cost(by_count[min(by_count)]))
            worst = max(worst or share, share)
    return worst


def lost(stored, part, kinds):
    """Packets that these kinds lost."""
    found = [row['lost'] for kind in kinds
             for row in results.rows(stored, part, kind=kind)
             if 'lost' in row]
    return sum(found) if found else None


def endpoints(stored):
    """What external mode adds, as a share of what ip_gre adds with a device
    for each peer; the worst over the numbers of endpoints."""
    which = {'ip': 4, 'size': 64}
    plain = results.row(stored, 'flags', kind='plain', **which)
    gre = results.row(stored, 'flags', kind='gre', flags='K', **which)
    if not plain or not gre:
        return None
    base = results.cost(gre) - results.cost(plain)
    worst = None
    for row in results.rows(stored, 'external', kind='gretun', what='cost'):
        plain = results.row(stored, 'external', kind='plain', what='cost',
                            tunnels=row['tunnels'])
        if plain:
            share = (results.cost(row) - results.cost(plain)) / base
            worst = max(worst or share, share)
    return worst


def endpoint_memory(stored, what):
    """What an endpoint takes more than a destination without a tunnel, in
    bytes."""
    found, plain = (results.last(stored, 'external', kind=kind, what=what)
                    for kind in ('gretun', 'plain'))
    if not found or not plain:
        return None
    return found['bytes'] / found['tunnels'] - plain['bytes'] / plain['tunnels']


def faster(stored, what):
    """How many times faster than ip_gre."""
    gre = results.row(stored, 'batch', kind='gre', what=what)
    gretun = results.row(stored, 'batch', kind='gretun', what=what)
    return gre['ns'] / gretun['ns'] if gre and gretun else None


def memory(stored):
    """Memory of a tunnel as a share of ip_gre's."""
    gre = results.row(stored, 'batch', kind='gre', what='memory')
    gretun = results.row(stored, 'batch', kind='gretun', what='memory')
    return gretun['bytes'] / gre['bytes'] if gre and gretun else None


def stream(stored, kind, same_mtu=True):
    """Instructions per byte of gretun as a share of another kind's. The veth
    has been measured with its own MTU first, then with those of tunnels."""
    gretun = results.row(stored, 'stream', kind='gretun', flags='none')
    if not gretun:
        return None
    which = {'mtu': gretun['mtu']} if same_mtu else {}
    other = results.row(stored, 'stream', kind=kind, flags='none', **which)
    return other and (gretun['stream_ns'] / gretun['bytes']
                      / (other['stream_ns'] / other['bytes']))


def keepalive(stored):
    """Time of a processor that keepalive takes, in percent, at an instruction a
    nanosecond."""
    without, found = (results.row(stored, 'keepalive', keepalive=period)
                      for period in (0, 10))
    if not found or not without:
        return None
    return 100 * (found['busy_ns'] / found['ns']
                  - without['busy_ns'] / without['ns'])


# Part, what it says, how it is found out, limit, True if less is good.
TARGETS = [
    ('flags', 'added cost beside ip_gre, no flags',
     lambda stored: shares(stored, 'gretun', ['none']), 0.40, True),
    ('flags', 'the same with K, C, S, CKS; the worst',
     lambda stored: shares(stored, 'gretun', ['K', 'C', 'S', 'CKS']), 0.50,
     True),
    ('flags', 'fastpath: added cost beside ip_gre, no flags, IPv4',
     lambda stored: shares(stored, 'fast', ['none'], ip=4), 0.20, True),
    ('tunnels', 'cost with 10,000 tunnels beside one', many, 1.05, True),
    ('tunnels', 'packets lost with many tunnels',
     lambda stored: lost(stored, 'tunnels', ['gretun', 'fast']), 0, True),
    ('external', 'external: added cost beside ip_gre with a device for each',
     endpoints, 0.46, True),
    ('external', 'external: packets lost with many endpoints',
     lambda stored: lost(stored, 'external', ['gretun']), 0, True),
    ('external', 'external: bytes that a route with encap takes more than one without',
     lambda stored: endpoint_memory(stored, 'routes'), 512, True),
    ('external', 'external: bytes that its traffic adds to that',
     lambda stored: endpoint_memory(stored, 'traffic'), 512, True),
    ('batch', 'delete, times faster than ip_gre',
     lambda stored: faster(stored, 'delete'), 50, False),
    ('batch', 'create, times faster',
     lambda stored: faster(stored, 'create'), 1.3, False),
    ('batch', 'create and bring up, times faster',
     lambda stored: faster(stored, 'up'), 1.3, False),
    ('batch', 'list, times faster',
     lambda stored: faster(stored, 'list'), 1, False),
    ('batch', 'memory of a tunnel beside ip_gre', memory, 1, True),
    ('keepalive', '10,000 tunnels, keepalive 10, both ends: % of a processor',
     keepalive, 2, True),
    ('stream', 'TCP stream, instructions per byte beside veth, MTU 1500',
     lambda stored: stream(stored, 'veth', False), 1.03, True),
    ('stream', 'the same beside veth with the MTU of the tunnel',
     lambda stored: stream(stored, 'veth'), 1.03, True),
    ('stream', 'the same beside ip_gre',
     lambda stored: stream(stored, 'gre'), 1, True),
]


def lines(stored, parts):
    """A line for each target that the parts measure."""
    found = []
    for part, text, measure, limit, less in TARGETS:
        value = measure(stored) if part in parts else None
        if value is None:
            continue
        met = value <= limit if less else value >= limit
        found.append([text, f'{"at most" if less else "at least"} {limit}',
                      f'{value:,.3f}', 'met' if met else 'NOT met'])
    return found


def missed(stored, parts):
    """Whether a target that the parts measure is not met."""
    return any(line[-1] != 'met' for line in lines(stored, parts))
