# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# What crosses the underlay, byte for byte, as a host there sees it. Sourced after
# lib.sh, not run.

# What nft finds behind the outer header: the GRE header of a tunnel without options,
# then of the inner header hop limit and protocol.
# shellcheck disable=SC2034 # they are for the tests
readonly PLAIN4='@th,0,32 0x00000800' PLAIN6='@th,0,32 0x000086dd'

# wire NS HOOK NAME=MATCH...: from now on count by each NAME the packets of GRE that the
# MATCH of nft takes.
wire()
{
	local ns=$1 hook=$2 name

	shift 2
	{
		echo "table inet wire { chain c { type filter hook $hook priority 0; }; }"
		for name; do
			echo "add rule inet wire c meta l4proto gre ${name#*=} counter" \
				"comment \"${name%%=*}\""
		done
	} | ip netns exec "$ns" nft -f -
}

# wired NS NAME: how many there were.
wired()
{
	ip netns exec "$1" nft -j list table inet wire | jq --arg name "$2" \
		'[.nftables[].rule? | objects | select(.comment == $name) |
		  .expr[].counter? | objects | .packets] | add'
}

# on_wire NS NAME: there were some.
on_wire()
{
	local packets

	packets=$(wired "$@")
	echo "$packets packets of $2"
	((packets))
}

# wire_end NS: no more.
wire_end()
{
	ip netns exec "$1" nft delete table inet wire
}
