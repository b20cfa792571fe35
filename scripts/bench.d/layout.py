# SPDX-License-Identifier: GPL-2.0
"""Which lines of memory that processors share are written to by packets.
Where the fields are is read from the debug information of the module."""

import re
import subprocess

LINE = 64

# What a packet writes to in the structures that all processors share. The
# counters are in struct gretun_percpu, of which each processor has its own.
WRITTEN = {
    'gretun_tunnel': {
        'tx_ids': 'once in 64 packets sent without DF',
        'tx_seq': 'by each packet sent with sequence numbers',
        'rx_seq': 'by each packet received with sequence numbers',
    },
}


def fields(module, struct):
    """The fields of a structure: {name: (offset, size)}."""
    text = subprocess.run(['pahole', '-C', struct, str(module)], check=True,
                          text=True, stdout=subprocess.PIPE).stdout
    found = {}
    for line in text.splitlines():
        match = re.match(r'\t\S.*?(\w+)(?:\[\d+\])?(?: __attribute__.*)?; +'
                         r'/\* +(\d+) +(\d+) \*/', line)
        if match:
            found[match[1]] = int(match[2]), int(match[3])
    return found


def rows(module):
    """A row for each field that is written to, and what else is on its
    line."""
    made = []
    for struct, written in WRITTEN.items():
        found = fields(module, struct)
        for name, when in written.items():
            offset, size = found[name]
            lines = range(offset // LINE, (offset + size - 1) // LINE + 1)
            beside = [other for other, (at, length) in found.items()
                      if other != name and at // LINE <= lines[-1]
                      and (at + length - 1) // LINE >= lines[0]]
            made.append({'struct': struct, 'field': name, 'offset': offset,
                         'line': lines[0], 'when': when,
                         'beside': ', '.join(beside) or 'nothing'})
    return made
