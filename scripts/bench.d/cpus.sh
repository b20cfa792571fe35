#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Does one tunnel carry two flows on two processors twice as fast as one flow
# on one? This is a matter of time, not of instructions. Runs in a guest.

set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=lab.sh
. "${0%/*}/lab.sh"

readonly COUNT=20000 ROUNDS=10

# The best times and the packets lost, by kind.
declare -A one=() two=() lost=()

# flows NUMBER: set time to the nanoseconds that NUMBER flows took.
flows()
{
	read -r time _ < <(ip netns exec g bash /root/send.sh 4 64 "$COUNT" 1 \
			   "$ROUTER_MAC" "$1")
}

# compare KIND: one flow, then two, and keep what is better than before.
compare()
{
	local time before

	flows 2
	before=$(received)
	flows 1
	((${one[$1]-$time} < time)) || one[$1]=$time
	flows 2
	((${two[$1]-$time} < time)) || two[$1]=$time
	lost[$1]=$((${lost[$1]-0} + before + 3 * COUNT - $(received)))
}

lab_up 4
link g g1 r1 rg1
ip -n r1 link set rg1 address "$ROUTER_MAC"
# The machine may do something else at any time: the best of many rounds
# counts, and each has all kinds.
for ((round = 1; round <= ROUNDS; round++)); do
	ip -n r1 route add 10.128.0.0/9 via "$R2"
	compare plain
	ip -n r1 route del 10.128.0.0/9
	for kind in "${KINDS[@]}"; do
		new_tunnels "$kind" 1 1 keys none
		ip -n r1 route add 10.128.0.0/9 dev t1
		compare "$kind"
		del_tunnel
	done
done
for kind in plain "${KINDS[@]}"; do
	result "kind=$kind" "packets=$COUNT" "one_ns=${one[$kind]}" \
		"two_ns=${two[$kind]}" "lost=${lost[$kind]}"
done
