#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Writes the attributes of the netlink spec as tables in C, for fuzz.c."""

import sys

import yaml

KINDS = {'u8': (1, 'NUMBER'), 'u16': (2, 'NUMBER'), 'u32': (4, 'NUMBER'),
         'u64': (8, 'NUMBER'), 'flag': (0, 'FLAG'), 'nest': (0, 'NEST'),
         'string': (0, 'STRING'), 'binary': (0, 'BINARY'), 'pad': (0, 'FLAG')}


def most(attr, enums):
    """The highest value that the spec lets an attribute have."""
    checks = attr.get('checks', {})
    if 'max' in checks:
        return checks['max']
    if 'enum' in attr and not attr.get('enum-as-flags'):
        return len(enums[attr['enum']]['entries']) - 1
    return (1 << 8 * KINDS[attr['type']][0]) - 1


def table(attrs, enums):
    """The attributes of a set as initializers."""
    for number, attr in enumerate(attrs['attributes'], 1):
        size, kind = KINDS[attr['type']]
        checks = attr.get('checks', {})
        size = checks.get('exact-len', size)
        nested = attr.get('nested-attributes')
        print('\t{ %d, %s, %d, %d, %dull, %s, "%s" },' % (
            attr.get('value', number), kind, size, checks.get('min', 0),
            most(attr, enums),
            '&spec_' + nested.replace('-', '_') if nested else 'NULL',
            attr['name']))


def main():
    """Print them all."""
    with open(sys.argv[1], encoding='ascii') as file:
        spec = yaml.safe_load(file)
    enums = {entry['name']: entry for entry in spec['definitions']
             if 'entries' in entry}
    print('/* Made by fuzz_spec.py. */')
    for attrs in spec['attribute-sets']:
        print('static const struct spec_set spec_%s;' %
              attrs['name'].replace('-', '_'))
    for attrs in spec['attribute-sets']:
        name = attrs['name'].replace('-', '_')
        print('static const struct spec_attr spec_%s_attrs[] = {' % name)
        table(attrs, enums)
        print('};')
        print('static const struct spec_set spec_%s = {' % name)
        print('\tspec_%s_attrs, ARRAY_SIZE(spec_%s_attrs),\n};' % (name, name))


if __name__ == '__main__':
    main()
