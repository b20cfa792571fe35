# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# What external.sh and external6.sh share: inner addresses by number, counters
# and settings of the external device. Sourced, not run; lib.sh comes first.

# reach NS NUMBER WORD...: the way to the inner addresses with that number.
reach()
{
	local ns=$1 number=$2

	shift 2
	ip -n "$ns" route replace "10.9.0.$number" "$@" &&
		ip -n "$ns" -6 route replace "fd09::$number" "$@"
}

# drops NS: what its ext dropped, by reason, but for what IPv6 says to all by
# itself when it comes up, which has no metadata.
drops()
{
	gretun -n "$1" -j stats ext | jq -c '.[0].stats64.drops |
		del(.["tx-no-metadata"]) | with_entries(select(.value > 0))'
}

# counts FILTER COMMAND...: COMMAND passes, and what is at the jq FILTER of left's
# counters goes up.
counts()
{
	local filter=$1 before after

	shift
	before=$(gretun -n "$left" -j stats | jq "$filter // 0")
	"$@" || return
	after=$(gretun -n "$left" -j stats | jq "$filter // 0")
	echo "$filter was $before and is $after"
	((after > before))
}
