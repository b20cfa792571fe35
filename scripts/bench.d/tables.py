# SPDX-License-Identifier: GPL-2.0
"""Tables of the results. They are drawn as simple tables of reStructuredText,
which a terminal shows as well."""

import results
import targets

TITLES = {
    'flags': 'Instructions per packet, one tunnel',
    'tunnels': 'Instructions per packet, many tunnels with a key each',
    'stream': 'TCP between two hosts',
    'batch': '10,000 tunnels at a time',
    'cpus': 'One tunnel on two processors',
    'layout': 'What all processors share and packets write to',
    'profile': 'Instructions per packet by function, beside plain forwarding',
}
# Of tunnels with traffic spread over them: what remote addresses they have.
LAYOUTS = {'keys': 'one remote', 'routed': 'remotes behind a router',
           'link': 'remotes on the link'}
NAMES = {'plain': 'plain', 'gre': 'ip_gre', 'gretun': 'gretun'}


def number(value, digits=0):
    """A number, readable; None is what was not measured."""
    return '-' if value is None else f'{value:,.{digits}f}'


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


def costs(plain, gre, found):
    """Cells of a row of the router workload: whole cost, what the tunnel
    adds, and that as a share of what ip_gre adds."""
    added = results.cost(found) - results.cost(plain)
    cells = [number(results.cost(found)), number(added)]
    if found is not gre:
        share = None
        if gre:
            share = added / (results.cost(gre) - results.cost(plain))
        cells.append(number(share, 3))
    return cells


def cost_heads(kinds):
    """Heads of the columns that costs() fills."""
    heads = ['plain']
    for kind in kinds:
        heads += [NAMES.get(kind, kind), 'added']
        if kind != 'gre':
            heads.append('share')
    return heads


def cost_cells(stored, part, plain, kinds, **which):
    """A line of costs."""
    gre = results.row(stored, part, kind='gre', **which)
    cells = [number(results.cost(plain))]
    for kind in kinds:
        found = results.row(stored, part, kind=kind, **which)
        if found:
            cells += costs(plain, gre, found)
        else:
            cells += ['-'] * (2 if kind == 'gre' else 3)
    return cells


def flags(stored):
    """One tunnel."""
    kinds = [kind for kind in results.kinds(stored, 'flags')
             if kind != 'plain']
    lines = []
    for plain in results.rows(stored, 'flags', kind='plain'):
        which = {'ip': plain['ip'], 'size': plain['size']}
        names = dict.fromkeys(row['flags'] for row in results.rows(
            stored, 'flags', kind='gretun', **which))
        for name in names:
            lines.append([f'IPv{plain["ip"]}', plain['size'], name]
                         + cost_cells(stored, 'flags', plain, kinds,
                                      flags=name, **which))
    return draw(['payload', 'bytes', 'flags'] + cost_heads(kinds), lines)


def tunnels(stored):
    """Many tunnels; a loss is told behind the costs."""
    kinds = [kind for kind in results.kinds(stored, 'tunnels')
             if kind != 'plain']
    lines = []
    layouts = dict.fromkeys(row['layout'] for row in results.rows(
        stored, 'tunnels') if row['kind'] != 'plain')
    for layout in layouts:
        for plain in results.rows(stored, 'tunnels', kind='plain'):
            which = {'layout': layout, 'tunnels': plain['tunnels']}
            line = [LAYOUTS[layout],
                    number(plain['tunnels'])]
            line += cost_cells(stored, 'tunnels', plain, kinds, **which)
            for kind in kinds:
                found = results.row(stored, 'tunnels', kind=kind, **which)
                line.append('-' if not found else
                            f'{100 * found["lost"] / found["packets"]:.1f} %')
            lines.append(line)
    return draw(['layout', 'tunnels'] + cost_heads(kinds)
                + [f'{NAMES.get(kind, kind)} lost' for kind in kinds], lines)


def stream(stored):
    """TCP; each beside the veth with the same MTU."""
    lines = []
    for row in results.rows(stored, 'stream'):
        veth = results.row(stored, 'stream', kind='veth', mtu=row['mtu'])
        per_byte = row['stream_ns'] / row['bytes']
        turn = row['turns_ns'] / row['turns']
        base = veth['stream_ns'] / veth['bytes']
        lines.append([NAMES.get(row['kind'], row['kind']), row['flags'],
                      row['mtu'], number(per_byte, 3),
                      f'{100 * (per_byte / base - 1):+.1f} %', row['data'],
                      row['acks'], number(turn),
                      number(turn - veth['turns_ns'] / veth['turns'])])
    return draw(['path', 'flags', 'MTU', 'per byte', 'beside veth', 'packets',
                 'back', 'back and forth', 'added'], lines)


def batch(stored):
    """Create, list, delete, memory."""
    lines = []
    for what, unit in (('create', 'ms'), ('list', 'ms'), ('delete', 'ms')):
        line = [f'{what}, {unit}']
        values = {}
        for kind in 'gre', 'gretun':
            row = results.row(stored, 'batch', what=what, kind=kind)
            values[kind] = row and row['ns'] / 1e6
            line.append(number(values[kind], 1))
        line.append('-' if None in values.values() else
                    f'{values["gre"] / values["gretun"]:.2f} times faster')
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


def cpus(stored):
    """One flow, two flows."""
    lines = []
    for row in results.rows(stored, 'cpus'):
        one = row['packets'] / row['one_ns'] * 1e6
        two = 2 * row['packets'] / row['two_ns'] * 1e6
        lines.append([NAMES.get(row['kind'], row['kind']), number(one, 1),
                      number(two, 1), f'{two / one:.2f}'])
    return draw(['path', 'one flow, packets/ms', 'two flows, packets/ms',
                 'ratio'], lines)


def layout(stored):
    """Fields that packets write to."""
    return draw(['structure', 'field', 'offset', 'line', 'written'],
                [[row['struct'], row['field'], row['offset'], row['line'],
                  row['when']] for row in results.rows(stored, 'layout')])


def profile(stored, count=40):
    """Functions that cost more, or less, than with plain forwarding."""
    kinds = results.kinds(stored, 'profile')
    spent = {}
    for row in results.rows(stored, 'profile'):
        spent.setdefault(row['symbol'], {})[row['kind']] = row['instructions']
    tunnel_kinds = [kind for kind in kinds if kind != 'plain']
    order = sorted(spent.items(), key=lambda item: -max(
        abs(item[1].get(kind, 0) - item[1].get('plain', 0))
        for kind in tunnel_kinds))
    lines = []
    for symbol, values in order[:count]:
        plain = values.get('plain', 0)
        lines.append([symbol, number(plain)] + [
            f'{values.get(kind, 0) - plain:+,.0f}' for kind in tunnel_kinds])
    return draw(['function', 'plain'] + [f'{NAMES.get(kind, kind)} adds'
                                         for kind in tunnel_kinds], lines)


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
