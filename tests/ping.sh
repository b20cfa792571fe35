#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# The first thing anybody tries: echo requests across a tunnel. ping6.sh is the
# same over IPv6, with the outer addresses of lib.sh.
#
#   left gre1 10.1.12.37/30 ====================== gre1 10.1.12.38/30 right
#             fd12::37/64                               fd12::38/64
#   eth0 212.25.240.34/30 -- .33 router .1 -- eth0 217.154.12.2/30

set -u
cd "${BASH_SOURCE[0]%/*}" || exit
# shellcheck source-path=SCRIPTDIR source=lib.sh
. ./lib.sh

# grows FILTER BY COMMAND...: left's counter grows by BY with COMMAND.
grows()
{
	local filter=$1 by=$2 before after

	shift 2
	before=$(counter "$left" gre1 "$filter")
	"$@" || return
	after=$(counter "$left" gre1 "$filter")
	echo "$filter: from $before to $after"
	((after == before + by))
}

readonly MTU=$((1500 - OVERHEAD))

begin
two_hosts
check "the hosts reach each other" pings "$left" "$RIGHT"
check "one command at each end" tunnel gre1
check "left pings right" pings "$left" "$RIGHT_INNER"
check "right pings left" pings "$right" "$LEFT_INNER"
check "left pings its own end" pings "$left" "$LEFT_INNER"
check "right pings its own end" pings "$right" "$RIGHT_INNER"
check "the requests go through the tunnel" \
	grows .tx.packets 5 pings "$left" "$RIGHT_INNER"
check "the answers come through the tunnel" \
	grows .rx.packets 5 pings "$left" "$RIGHT_INNER"
check "bytes are those of the inner packets" \
	grows .rx.bytes $((5 * 84)) pings "$left" "$RIGHT_INNER"
check "a packet as long as the MTU" \
	pings "$left" "$RIGHT_INNER" -M "do" -s $((MTU - 28))
check "IPv6 addresses on the tunnel" tunnel6
check "left pings right with IPv6" pings "$left" "$RIGHT_INNER6"
check "right pings left with IPv6" pings "$right" "$LEFT_INNER6"
check "an IPv6 packet as long as the MTU" \
	pings "$left" "$RIGHT_INNER6" -M "do" -s $((MTU - 48))
end
