#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# What a packet costs with one device in external mode, and what memory it
# takes, with 1 to 100,000 endpoints and traffic of all of them. For r1 each
# endpoint is a route of its own, for r2 a peer of its own. Runs in a guest.

set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=lab.sh
. "${0%/*}/lab.sh"

# First of the addresses that r1 sends from, one for each endpoint.
readonly SOURCES=198.20.0.0
readonly COUNTS=(1 100 1000 10000 100000) SIZE=64

# packets ENDPOINTS: how many to send; each endpoint gets the same number.
packets()
{
	echo $(($1 < 2000 ? 2000 : $1))
}

# new_device NETNS KIND: t1, in external mode.
new_device()
{
	if [[ $2 == gre ]]; then
		ip -n "$1" link add t1 up type gre external
	else
		ip netns exec "$1" newtunnels t 1 1 external up
	fi
}

# endpoints FIRST LAST: each has an address and a key of its own. The kernel
# looks for a route like the new one among those that have the same device and
# metric, whatever their encap; so each has its own metric, or it would take
# hours.
endpoints()
{
	routes "$1" "$2" encap ip id 0+ src "$SOURCES+" dst "$R2" key dev t1 metric 0+
}

# series KIND: more and more endpoints, or only destinations for plain.
series()
{
	local first=1 count before

	lab_up 4
	if [[ $1 != plain ]]; then
		ip -n r1 addr add "$SOURCES/15" dev lo
		new_device r1 "$1"
		new_device r2 "$1"
	fi
	for count in "${COUNTS[@]}"; do
		memory
		before=$free
		if [[ $1 == plain ]]; then
			routes "$first" "$count" via "$R2"
		else
			endpoints "$first" "$count"
		fi
		memory
		result "kind=$1" what=routes "tunnels=$((count - first + 1))" \
			"bytes=$((before - free))"
		before=$free
		measure 4 "$SIZE" "$(packets "$count")" "$count" "kind=$1" what=cost
		memory
		result "kind=$1" what=traffic "tunnels=$((count - first + 1))" \
			"bytes=$((before - free))"
		first=$((count + 1))
	done
	lab_down
}

whole_memory
# What the first routes leave in the kernel's caches is not theirs.
lab_up 4
new_device r1 gre
endpoints 1 "${COUNTS[-1]}"
lab_down
for kind in plain gre gretun; do
	series "$kind"
done
# One tunnel as it is by default, to compare with.
lab_up 4
new_tunnels gretun 1 1 keys K
routes 1 1 dev t1
measure 4 "$SIZE" "$(packets 1)" 1 kind=tunnel what=cost
