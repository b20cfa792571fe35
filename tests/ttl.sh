#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# The outer TTL is the tunnel's own and never the inner packet's.
#
#   left gre1 10.1.12.37/30 ====================== gre1 10.1.12.38/30 right
#   eth0 212.25.240.34/30 -- .33 router .1 -- eth0 217.154.12.2/30
#                            captured at router's "left" and right's eth0

set -u
cd "${BASH_SOURCE[0]%/*}" || exit
# shellcheck source-path=SCRIPTDIR source=lib.sh
. ./lib.sh

begin
two_hosts
tunnel gre1
on_right sysctl -qw net.ipv4.icmp_echo_ignore_broadcasts=0
check "a packet of inner TTL 1 crosses" pings "$left" "$RIGHT_INNER" -t 1
check "a multicast packet of inner TTL 1 crosses" \
	pings "$left" 224.0.0.1 -t 1 -I gre1
check "a TTL of 64 unless set" \
	jq -e '.[0].ttl == 64' <(gretun -n "$left" -j show gre1)
python ttl.py "$left" "$router" "$right"
end
