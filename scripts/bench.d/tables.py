# SPDX-License-Identifier: GPL-2.0
"""Tables of the results. They are drawn as simple tables of reStructuredText,
which a terminal shows as well."""

import results
import targets

TITLES = {
    'flags': 'Instructions per packet, one tunnel',
    'underlay6': 'Instructions per packet, one tunnel over IPv6',
    'tunnels': 'Instructions per packet, many tunnels with a key each',
    'external': 'One device for many endpoints',
    'keepalive': '10,000 tunnels with keepalive 10, both ends',
    'stream': 'TCP between two hosts',
    'batch': '10,000 tunnels at a time',
    'creation': 'Instructions to create a tunnel, by function',
    'cpus': 'One tunnel on two processors',
    'layout': 'What all processors share and packets write to',
    'profile': 'Instructions per packet by function, beside plain forwarding',
}
# Of tunnels with traffic spread over them: what remote addresses they have.
LAYOUTS = {'keys': 'the same', 'routed': 'routed', 'link': 'on the link'}
NAMES = {'plain': 'plain', 'veth': 'veth', 'gre': 'ip_gre', 'gretun': 'gretun',
         'fast': 'fastpath'}


def number(value, digits=0):
    """A number, readable; None is what was not measured."""
    if value is None:
        return '-'
    # No "-0".
    return f'{round(value, digits) + 0.0:,.{digits}f}'


def draw(heads, lines):
    """A simple table; a column of numbers is aligned to the right."""
    cells = [heads] + [[str(cell) for cell in line] for line in lines]
    widths = [max(len(line[i]) for line in cells) for i in range(len(heads))]
    right = [i > 0 and all(line[i][:1] in '-0123456789+' for line in cells[1:])
             for i in range(len(heads))]
    rule = '  '.join('=' * width for width in widths)
    drawn = [rule]
    for line in cells:
        drawn.append('  '.join(
            cell.rjust(width) if to_right else cell.ljust(width)
            for cell, width, to_right in zip(line, widths, right)).rstrip())
        if line is heads:
            drawn.append(rule)
    return '\n'.join(drawn + [rule])


def tunnel_kinds(stored, part):
    """The kinds but plain forwarding."""
    return [kind for kind in results.kinds(stored, part) if kind != 'plain']


def cost_heads(kinds, added):
    """Heads of the columns that cost_cells() fills."""
    heads = ['plain']
    for kind in kinds:
        heads.append(NAMES[kind])
        if added:
            heads.append('added')
        if kind != 'gre':
            heads.append('share')
    return heads


def cost_cells(plain, found, added):
    """Cells of a line of the router workload: whole costs, on demand what the
    tunnel adds, and that as a share of what ip_gre adds. found is {kind: row
    or None}."""
    base = results.cost(plain)
    more = {kind: row and results.cost(row) - base
            for kind, row in found.items()}
    cells = [number(base)]
    for kind, row in found.items():
        cells.append(number(row and results.cost(row)))
        if added:
            cells.append(number(more[kind]))
        if kind != 'gre':
            share = row and more.get('gre') and more[kind] / more['gre']
            cells.append(number(share, 3))
    return cells


def loss(found):
    """Which kinds lost how much."""
    return ', '.join(f'{NAMES[kind]} {100 * row["lost"] / row["packets"]:.1f} %'
                     for kind, row in found.items()
                     if row and row['lost']) or 'none'


def underlay6(stored):
    """One tunnel over IPv6."""
    return flags(stored, 'underlay6')


def flags(stored, part='flags'):
    """One tunnel."""
    kinds = tunnel_kinds(stored, part)
    lines = []
    for plain in results.rows(stored, part, kind='plain'):
        which = {'ip': plain['ip'], 'size': plain['size']}
        names = dict.fromkeys(row['flags'] for row in results.rows(
            stored, part, kind='gretun', **which))
        for name in names:
            found = {kind: results.row(stored, part, kind=kind, flags=name,
                                       **which) for kind in kinds}
            lines.append([f'IPv{plain["ip"]}', plain['size'], name]
                         + cost_cells(plain, found, True))
    return draw(['payload', 'bytes', 'flags'] + cost_heads(kinds, True), lines)


def tunnels(stored):
    """Many tunnels."""
    kinds = tunnel_kinds(stored, 'tunnels')
    lines = []
    layouts = dict.fromkeys(row['layout'] for row in results.rows(
        stored, 'tunnels') if row['kind'] != 'plain')
    for layout in layouts:
        for plain in results.rows(stored, 'tunnels', kind='plain'):
            found = {kind: results.row(stored, 'tunnels', kind=kind,
                                       layout=layout, tunnels=plain['tunnels'])
                     for kind in kinds}
            lines.append([LAYOUTS[layout], number(plain['tunnels'])]
                         + cost_cells(plain, found, False) + [loss(found)])
    return draw(['remotes', 'tunnels'] + cost_heads(kinds, False) + ['lost'],
                lines)


def beside_default(stored, row, plain):
    """What a device in external mode adds, as a share of what a tunnel adds."""
    tunnel, base = (results.row(stored, 'external', kind=kind, what='cost',
                                tunnels=1) for kind in ('tunnel', 'plain'))
    if not tunnel or not base:
        return None
    return ((results.cost(row) - results.cost(plain))
            / (results.cost(tunnel) - results.cost(base)))


def external(stored):
    """One device: costs, then memory."""
    costs = []
    for row in results.rows(stored, 'external', what='cost'):
        if row['kind'] in ('plain', 'gre'):
            continue
        count = row['tunnels']
        plain, gre = (results.row(stored, 'external', kind=kind, what='cost',
                                  tunnels=count) for kind in ('plain', 'gre'))
        default = row['kind'] == 'tunnel'
        found = {'gre': None if default else gre, 'gretun': row}
        costs.append(['default mode' if default else number(count)]
                     + cost_cells(plain, found, True)
                     + [number(beside_default(stored, row, plain), 3),
                        loss(found)])
    kinds = 'plain', 'gre', 'gretun'
    lines = []
    for what, text in (('routes', 'its route'),
                       ('traffic', 'what its traffic adds')):
        line = [text]
        for kind in kinds:
            row = results.last(stored, 'external', kind=kind, what=what)
            line.append(number(row and row['bytes'] / row['tunnels']))
        lines.append(line)
    return (draw(['endpoints'] + cost_heads(kinds[1:], True)
                 + ['beside default', 'lost'], costs) + '\n\n'
            + draw(['memory of an endpoint, bytes']
                   + [NAMES[kind] for kind in kinds], lines))


def keepalive(stored):
    """Time that is spent in a second, without and with."""
    lines = []
    for row in results.rows(stored, 'keepalive'):
        seconds = row['ns'] / 1e9
        lines.append([f'keepalive {row["keepalive"]}',
                      number(row['sent'] / seconds),
                      number(row['answered'] / seconds),
                      number(row['busy_ns'] / seconds),
                      number(100 * row['busy_ns'] / row['ns'], 2)])
    return draw(['10,000 tunnels', 'probes in a second', 'answers',
                 'instructions', 'of a processor, %'], lines)


def stream(stored):
    """TCP; each beside the veth with the same MTU."""
    lines = []
    for row in results.rows(stored, 'stream'):
        veth = results.row(stored, 'stream', kind='veth', mtu=row['mtu'])
        per_byte = row['stream_ns'] / row['bytes']
        turn = row['turns_ns'] / row['turns']
        base = veth['stream_ns'] / veth['bytes']
        lines.append([NAMES[row['kind']], row['flags'],
                      row['mtu'], number(per_byte, 3),
                      f'{100 * (per_byte / base - 1):+.1f} %', row['data'],
                      row['acks'], number(turn),
                      number(turn - veth['turns_ns'] / veth['turns'])])
    return draw(['path', 'flags', 'MTU', 'per byte', 'beside veth', 'packets',
                 'back', 'back and forth', 'added'], lines)


def batch(stored):
    """Create, list, delete, memory."""
    lines = []
    # What is timed, of ip_gre and of gretun.
    for text, *steps in (
            ('create', 'create', 'create'),
            ('list', 'list', 'list'),
            ('delete', 'delete', 'delete'),
            ('create and bring up', 'up', 'up'),
            ('the same, ip_gre with "link add ... up"', 'up_at_once', 'up'),
            ('delete those that are up', 'delete_up', 'delete_up')):
        line = [f'{text}, ms']
        times = []
        for kind, what in zip(('gre', 'gretun'), steps):
            row = results.row(stored, 'batch', what=what, kind=kind)
            times.append(row and row['ns'] / 1e6)
            line.append(number(times[-1], 1))
        line.append('-' if None in times else
                    f'{times[0] / times[1]:.2f} times faster')
        lines.append(line)
    for what, text in (('memory', 'memory of one, bytes'),
                       ('slab', 'of it in slabs'),
                       ('percpu', 'of it for each processor')):
        line = [text]
        for kind in 'gre', 'gretun':
            row = results.row(stored, 'batch', what='memory', kind=kind)
            name = 'bytes' if what == 'memory' else what
            line.append(number(row and row[name] / row['tunnels']))
        lines.append(line + [''])
    return draw(['10,000 tunnels', 'ip_gre', 'gretun', ''], lines)


def creation(stored):
    """Functions with all that they call."""
    spent = {}
    for row in results.rows(stored, 'creation'):
        spent.setdefault(row['symbol'], {})[row['kind']] = row['instructions']
    return draw(['function and what it calls', 'ip_gre', 'gretun'],
                [[symbol, number(values.get('gre')),
                  number(values.get('gretun'))]
                 for symbol, values in spent.items()])


def cpus(stored):
    """One flow, two flows."""
    lines = []
    for row in results.rows(stored, 'cpus'):
        one = row['packets'] / row['one_ns'] * 1e6
        two = 2 * row['packets'] / row['two_ns'] * 1e6
        lines.append([NAMES[row['kind']], number(one, 1),
                      number(two, 1), f'{two / one:.2f}'])
    return draw(['path', 'one flow, packets/ms', 'two flows, packets/ms',
                 'ratio'], lines)


def layout(stored):
    """Fields that packets write to."""
    return draw(['structure', 'field', 'offset', 'line', 'beside it',
                 'written'],
                [[row[name] for name in ('struct', 'field', 'offset', 'line',
                                         'beside', 'when')]
                 for row in results.rows(stored, 'layout')])


def profile(stored, count=40):
    """Functions that cost more, or less, than with plain forwarding."""
    kinds = tunnel_kinds(stored, 'profile')
    spent = {}
    for row in results.rows(stored, 'profile'):
        spent.setdefault(row['symbol'], {})[row['kind']] = row['instructions']
    order = sorted(spent.items(), key=lambda item: -max(
        abs(item[1].get(kind, 0) - item[1].get('plain', 0))
        for kind in kinds))
    lines = []
    for symbol, values in order[:count]:
        plain = values.get('plain', 0)
        lines.append([symbol, number(plain)] + [
            f'{values.get(kind, 0) - plain:+,.0f}' for kind in kinds])
    return draw(['function', 'plain'] + [f'{NAMES[kind]} adds'
                                         for kind in kinds], lines)


def table(stored, part):
    """The table of one part."""
    return globals()[part](stored)


def terminal(stored, parts):
    """The tables of the parts, and what they say of the targets."""
    texts = []
    for part in parts:
        if stored.get(part, {}).get('rows'):
            texts.append(f'{TITLES[part]}\n\n{table(stored, part)}')
    lines = targets.lines(stored, parts)
    if lines:
        texts.append('Targets\n\n' + draw(targets.HEADS, lines))
    return '\n\n'.join(texts)
