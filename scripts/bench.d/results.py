# SPDX-License-Identifier: GPL-2.0
"""Results: as guests print them, and as they are kept between runs."""

import json
import os


def parse(line):
    """A line "@ NAME=VALUE..." as a dictionary; numbers become numbers."""
    row = {}
    for word in line[2:].split():
        name, _, value = word.partition('=')
        row[name] = int(value) if value.lstrip('-').isdigit() else value
    return row


def load(folder):
    """What was stored in the folder: {part: {'source': ..., 'rows': [...]}}."""
    try:
        with open(folder / 'results.json', encoding='utf-8') as file:
            return json.load(file)
    except FileNotFoundError:
        return {}


def store(folder, part, source, rows):
    """Keep a part's results in place of its former ones."""
    stored = load(folder)
    stored[part] = {'source': source, 'rows': rows}
    new = folder / '.results.json'
    with open(new, 'w', encoding='utf-8') as file:
        json.dump(stored, file, indent=1)
        file.write('\n')
    os.replace(new, folder / 'results.json')


def rows(stored, part, **values):
    """The rows of a part that have these values."""
    return [row for row in stored.get(part, {}).get('rows', ())
            if all(row.get(name) == value for name, value in values.items())]


def row(stored, part, **values):
    """The one row of a part that has these values, or None."""
    found = rows(stored, part, **values)
    return found[0] if found else None


def last(stored, part, **values):
    """The row of a part that has these values and most tunnels, or None."""
    return max(rows(stored, part, **values), key=lambda row: row['tunnels'],
               default=None)


def kinds(stored, part):
    """The kinds in a part's results, in their order."""
    return list(dict.fromkeys(row['kind'] for row in rows(stored, part)))


def cost(found):
    """Instructions per packet of a row of the router workload."""
    return found['ns'] / found['packets']
