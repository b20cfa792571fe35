#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Real GRE packets, replayed at a host that has the tunnels they are for, others
# between the same addresses, and others altogether. Nothing breaks, and the
# counters say of each packet what became of it.
#
#   wire ---------- eth0 host
#                   lo: the address that the packets are for
#
# The captures are in /captures, or in the folder that GRETUN_CAPTURES names.

set -u
cd "${BASH_SOURCE[0]%/*}" || exit
# shellcheck source-path=SCRIPTDIR source=lib.sh
. ./lib.sh

begin
make_ns host wire
join "$wire" wire 203.0.113.1/24 "$host" eth0 203.0.113.2/24
ip -n "$host" route add default via 203.0.113.1
ip netns exec "$host" sysctl -qw net.ipv4.conf.all.rp_filter=0 \
	net.ipv4.conf.eth0.rp_filter=0
python captures.py "$host" "$wire" "${GRETUN_CAPTURES:-/captures}"
end
