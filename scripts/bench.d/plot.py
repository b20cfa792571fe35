# SPDX-License-Identifier: GPL-2.0
"""A plot of what a packet costs against the number of tunnels."""

import math

import results
import tables

WIDTH, HEIGHT = 760, 440
LEFT, RIGHT, TOP, BOTTOM = 80, 210, 50, 60
COLOURS = ['#6b6b6b', '#c2410c', '#1d4ed8', '#15803d', '#7e22ce']
DASHES = {'routed': '6 4', 'link': '2 3'}
# The end of a line's label must not cover another's.
LABEL_GAP = 17


def series(stored):
    """The lines: (kind, layout, rows by number of tunnels)."""
    found = {}
    for row in results.rows(stored, 'tunnels'):
        found.setdefault((row['kind'], row['layout']), []).append(row)
    return [(kind, layout, sorted(rows, key=lambda row: row['tunnels']))
            for (kind, layout), rows in found.items()]


def step(top):
    """The distance of lines across the plot: 1, 2 or 5 times a power of
    ten, for 4 to 9 of them."""
    size = 10 ** math.floor(math.log10(top))
    return next(size * share for share in (0.1, 0.2, 0.5, 1)
                if top / (size * share) <= 9)


def text(x, y, content, anchor='middle', **attributes):
    """A text element; _ in the names of attributes is for -."""
    more = ''.join(f' {name.replace("_", "-")}="{value}"'
                   for name, value in attributes.items())
    return (f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}"{more}>'
            f'{content}</text>')


def axes(counts, top, place_x, place_y):
    """Both axes with their units."""
    made = []
    gap = step(top)
    for i in range(int(top / gap + 1e-9) + 1):
        y = place_y(i * gap)
        made.append(f'<path d="M{LEFT} {y:.1f}H{WIDTH - RIGHT}" '
                    'stroke="#d4d4d4"/>')
        made.append(text(LEFT - 8, y + 4, f'{i * gap:,.0f}', 'end'))
    for count in counts:
        x = place_x(count)
        made.append(f'<path d="M{x:.1f} {HEIGHT - BOTTOM}v6" stroke="#333"/>')
        made.append(text(x, HEIGHT - BOTTOM + 22, f'{count:,}'))
    made.append(f'<path d="M{LEFT} {TOP}V{HEIGHT - BOTTOM}H{WIDTH - RIGHT}" '
                'stroke="#333" fill="none"/>')
    made.append(text((LEFT + WIDTH - RIGHT) / 2, HEIGHT - 14,
                     'tunnels, traffic spread over all of them'))
    middle = (TOP + HEIGHT - BOTTOM) / 2
    made.append(text(18, middle, 'instructions per packet',
                     transform=f'rotate(-90 18 {middle:.1f})'))
    return made


def curve(rows, colour, dashes, place_x, place_y):
    """A line with its points; where packets were lost it says how many."""
    points = [(place_x(row['tunnels']), place_y(results.cost(row)))
              for row in rows]
    path = 'M' + 'L'.join(f'{x:.1f} {y:.1f}' for x, y in points)
    made = [f'<path d="{path}" fill="none" stroke="{colour}" '
            f'stroke-width="2"{dashes}/>']
    for row, (x, y) in zip(rows, points):
        made.append(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3.5" '
                    f'fill="{colour}"/>')
        if row['lost']:
            lost = 100 * row['lost'] / row['packets']
            made.append(text(x - 8, y + 4, f'{lost:.0f} % lost', 'end',
                             fill=colour))
    return made


def draw(stored):
    """The plot as SVG, or None without results to draw."""
    lines = series(stored)
    if not lines:
        return None
    counts = sorted({row['tunnels'] for _, _, rows in lines for row in rows})
    highest = max(results.cost(row) for _, _, rows in lines for row in rows)
    top = math.ceil(highest / step(highest)) * step(highest)
    decades = math.log10(counts[-1] / counts[0]) or 1

    def place_x(count):
        return LEFT + (WIDTH - LEFT - RIGHT) * (
            math.log10(count / counts[0]) / decades)

    def place_y(value):
        return HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * value / top

    made = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" '
        f'height="{HEIGHT}" viewBox="0 0 {WIDTH} {HEIGHT}" '
        'font-family="sans-serif" font-size="13" fill="#222">',
        '<!-- SPDX-License-Identifier: GPL-2.0 -->',
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#fff"/>',
        text(LEFT, 26, 'Cost of a 64-byte packet, forwarded by two routers',
             'start', font_size=15, font_weight='bold'),
        *axes(counts, top, place_x, place_y)]
    kinds = list(dict.fromkeys(kind for kind, _, _ in lines))
    layouts = {layout for _, layout, _ in lines if layout in tables.LAYOUTS}
    labels = []
    for kind, layout, rows in lines:
        colour = COLOURS[kinds.index(kind) % len(COLOURS)]
        dashes = DASHES.get(layout)
        dashes = f' stroke-dasharray="{dashes}"' if dashes else ''
        made += curve(rows, colour, dashes, place_x, place_y)
        labels.append((place_y(results.cost(rows[-1])), colour,
                       tables.NAMES[kind] + (
                           f', {tables.LAYOUTS[layout]}'
                           if layout in layouts and len(layouts) > 1
                           else '')))
    # From the lowest label up, each as far from the last as it must be.
    last = HEIGHT
    for y, colour, label in sorted(labels, reverse=True):
        last = min(y + 4, last - LABEL_GAP)
        made.append(text(WIDTH - RIGHT + 10, last, label, 'start',
                         fill=colour))
    return '\n'.join(made + ['</svg>', ''])
