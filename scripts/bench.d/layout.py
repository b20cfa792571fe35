# SPDX-License-Identifier: GPL-2.0
"""Which lines of memory that processors share are written to by packets.
Where the fields are is read from the debug information of the module."""

import re
import subprocess
import sys

LINE = 64

# The structures that all processors share, and what each field of them is to a
# packet: when it writes to it, or None. The counters are in struct
# gretun_percpu, of which each processor has its own.
SHARED = {
    'gretun_tunnel': dict.fromkeys([
        'dev', 'net', 'conf', 'percpu', 'mtu', 'mtu_follows', 'batch', 'id',
        'conf_id']) | {
            'tx_ids': 'once in 64 packets sent without DF',
            'tx_seq': 'by each packet sent with sequence numbers',
            'rx_seq': 'by each packet received with sequence numbers'},
    'gretun_conf': dict.fromkeys([
        'node', 'key', 'tunnel', 'dev', 'pair', 'id', 'params', 'encap',
        'rcu']),
    'gretun_pair': dict.fromkeys(['node', 'key', 'tunnels', 'rcu']),
    'gretun_net': dict.fromkeys([
        'tunnels', 'pairs', 'flows', 'generation', 'tunnel_count',
        'external_count', 'external_any', 'stats', 'hooks', 'mtu_work',
        'net']),
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
    members = re.search(r'members: (\d+)', text)
    if not members or int(members[1]) != len(found):
        sys.exit(f'bench: layout: cannot read struct {struct} of {module}')
    return found


def check(struct, found):
    """What SHARED says must be about the fields that there are."""
    new = sorted(found.keys() - SHARED[struct].keys())
    gone = sorted(SHARED[struct].keys() - found.keys())
    if new or gone:
        sys.exit(f'bench: layout: struct {struct} has new fields '
                 f'({", ".join(new) or "none"}) or lacks old ones '
                 f'({", ".join(gone) or "none"}); tell SHARED in '
                 'scripts/bench.d/layout.py whether packets write to them')


def rows(module):
    """A row for each field that is written to, and what else is on its
    line."""
    made = []
    for struct, written in SHARED.items():
        found = fields(module, struct)
        check(struct, found)
        for name, (offset, size) in found.items():
            if not written[name]:
                continue
            lines = range(offset // LINE, (offset + size - 1) // LINE + 1)
            beside = [other for other, (at, length) in found.items()
                      if other != name and at // LINE <= lines[-1]
                      and (at + length - 1) // LINE >= lines[0]]
            made.append({'struct': struct, 'field': name, 'offset': offset,
                         'line': lines[0], 'when': written[name],
                         'beside': ', '.join(beside) or 'nothing'})
    return made
