#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# underlay6.sh COUNT SIZE...: what one tunnel over IPv6 costs, for both versions
# of IP as payload, beside ip6_gre without its encapsulation limit. Runs in a
# guest.

set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=lab.sh
. "${0%/*}/lab.sh"

readonly O1=fd00:9::1 O2=fd00:9::2

# end NETNS KIND LOCAL REMOTE: one end of t1, up.
end()
{
	local -a words=(ttl 64)

	[[ $2 != fast ]] || words+=(fastpath on)
	if [[ $2 == gre ]]; then
		ip -n "$1" link add t1 up type ip6gre local "$3" remote "$4" \
			encaplimit none "${words[@]}"
	else
		gretun -n "$1" add t1 local "$3" remote "$4" "${words[@]}"
	fi
}

count=$1
shift
for version in 4 6; do
	# The underlay has IPv6 in any case.
	lab_up 6
	ip -n r2 neigh add "$O1" lladdr "$(mac r1 u1)" dev u2
	settle
	via=$R2 prefix=10.128.0.0/9
	((version == 4)) || via=$O2 prefix=fd00:2::/64
	ip -n r1 route add "$prefix" via "$via"
	for size; do
		measure "$version" "$size" "$count" 1 kind=plain flags=none
	done
	ip -n r1 route del "$prefix"
	for kind in "${KINDS[@]}"; do
		end r1 "$kind" "$O1" "$O2"
		end r2 "$kind" "$O2" "$O1"
		settle
		ip -n r1 route add "$prefix" dev t1
		for size; do
			measure "$version" "$size" "$count" 1 "kind=$kind" \
				flags=none
		done
		del_tunnel
	done
	lab_down
done
