#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Which functions the instructions of a packet are spent in. Runs in a guest.

set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=lab.sh
. "${0%/*}/lab.sh"

# A sample every so many instructions. The packets have a rhythm too; several
# periods level out what one of them has in common with it.
readonly PERIODS=(3989 4211 4507 4751 4999 5261 5519 5779) COUNT=2500

# sample KIND: all of the path runs in the thread of pktgen. Taking a sample
# costs instructions too, so it is the share of the samples that counts, of
# what a packet costs when none are taken.
sample()
{
	local ns away lost period data=$tmp/perf

	send 4 64 500 1
	send_well 4 64 "$COUNT" 1
	result "kind=$1" symbol=all "instructions=$((ns / COUNT))"
	for period in "${PERIODS[@]}"; do
		perf record -q -o "$data" -a -e cpu-clock -c "$period" -- \
			ip netns exec g bash /root/send.sh 4 64 "$COUNT" 1 \
			"$ROUTER_MAC" > /dev/null
		perf report -i "$data" --stdio --no-children -q -n -s symbol \
			--comms kpktgend_0 2> /dev/null |
			awk -v period="$period" \
				'$1 ~ /%$/ { print $4, $2 * period }'
	done | awk -v kind="$1" -v all=$((ns / COUNT)) '
		{ spent[$1] += $2; sum += $2 }
		END {
			for (name in spent)
				printf "@ kind=%s symbol=%s instructions=%.0f\n",
				       kind, name, spent[name] / sum * all
		}'
}

tmp=$(mktemp -d)
lab_up 4
ip -n r1 route add 10.128.0.0/9 via "$R2"
sample plain
ip -n r1 route del 10.128.0.0/9
for kind in "${KINDS[@]}"; do
	new_tunnels "$kind" 1 1 keys none
	ip -n r1 route add 10.128.0.0/9 dev t1
	sample "$kind"
	del_tunnel
done
