#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# TCP between two hosts, over a veth and through a tunnel over it: bytes in a
# stream, and one byte back and forth. Runs in a guest.
#
# How many bytes TCP puts into a packet, and how often it acknowledges, follows
# from the MTU, and weighs more than a tunnel does. So the veth is measured with
# the MTU of each tunnel too.

set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=lab.sh
. "${0%/*}/lab.sh"

readonly BYTES=$((32 << 20)) TURNS=2000 MTU=1500

# sent: packets from r1 to r2 and back so far.
sent()
{
	ip netns exec r1 cat /sys/class/net/u1/statistics/{tx,rx}_packets |
		paste -sd ' '
}

# compare KIND FLAGS DEVICE ADDRESS: r1 talks to r2's ADDRESS through DEVICE.
compare()
{
	local stream turns before after mtu

	mtu=$(ip netns exec r1 cat "/sys/class/net/$3/mtu")
	read -r -a before < <(sent)
	stream=$(traffic stream r1 r2 "$4" "$BYTES")
	read -r -a after < <(sent)
	turns=$(traffic turns r1 r2 "$4" "$TURNS")
	result "kind=$1" "flags=$2" "mtu=$mtu" "bytes=$BYTES" \
		"stream_ns=$stream" "data=$((after[0] - before[0]))" \
		"acks=$((after[1] - before[1]))" "turns=$TURNS" "turns_ns=$turns"
}

# set_mtu BYTES: of the veth.
set_mtu()
{
	ip -n r1 link set u1 mtu "$1"
	ip -n r2 link set u2 mtu "$1"
}

lab_up 4
# The first connection of all finds nothing prepared.
traffic stream r1 r2 "$R2" "$BYTES" > /dev/null
compare veth none u1 "$R2"
mtus=()
for kind in "${KINDS[@]}"; do
	for flags in "${FLAGS[@]}"; do
		new_tunnels "$kind" 1 1 keys "$flags"
		ip -n r1 addr add 10.9.9.1/30 dev t1
		ip -n r2 addr add 10.9.9.2/30 dev t1
		compare "$kind" "$flags" t1 10.9.9.2
		mtu=$(ip netns exec r1 cat /sys/class/net/t1/mtu)
		del_tunnel
		[[ " ${mtus[*]} " != *" $mtu "* ]] || continue
		mtus+=("$mtu")
		set_mtu "$mtu"
		compare veth none u1 "$R2"
		set_mtu "$MTU"
	done
done
