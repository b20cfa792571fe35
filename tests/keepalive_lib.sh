# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# What the tests of keepalive share. Sourced after lib.sh, not run.

# Of the keepalive of most tunnels here: seconds, periods, and the seconds in
# which something is known to have come, with many for a slow machine.
# shellcheck disable=SC2034 # they are for the tests
readonly PERIOD=1 RETRIES=2 SOON=15
readonly KEEPALIVE=$PERIOD:$RETRIES

# ka FIELD: of left's gre1 what keepalive says.
ka()
{
	gretun -n "$left" -j show gre1 | jq -r ".[0].keepalive.$1"
}

# is STATE: so says keepalive of left's gre1.
is()
{
	[[ $(ka state) == "$1" ]]
}

# more FIELD BY: the counter has grown by so much in the next seconds.
more()
{
	local goal=$(($(ka "$1") + $2))

	reached()
	{
		(($(ka "$1") >= goal))
	}
	wait_for "$SOON" reached "$1"
}

# replies NS BY: so many more probes are answered there.
replies()
{
	local goal=$(($(counter "$1" gre1 .keepalive_replies) + $2))

	replied()
	{
		(($(counter "$1" gre1 .keepalive_replies) >= goal))
	}
	wait_for "$SOON" replied "$1"
}

# kill_peer, revive: GRE does not get through the router, and does again.
kill_peer()
{
	on_router nft "table inet dead { chain c { type filter hook forward priority 0; meta l4proto gre drop; }; }"
}

revive()
{
	on_router nft delete table inet dead
}

# links: how ip(8) has left's gre1.
links()
{
	ip -n "$left" link show gre1
}

# carrier: left's gre1 has one, and all agree on it.
carrier()
{
	links | grep -q LOWER_UP && ! links | grep -q NO-CARRIER &&
		[[ $(gretun -n "$left" -j show gre1 | jq -r '.[0].reason') == null ]] &&
		gretun -n "$left" show | grep -qE '^gre1 +up '
}

# carrier: left's gre1 has one, and all agree on it.
carrier()
{
	links | grep -q LOWER_UP && ! links | grep -q NO-CARRIER &&
		[[ $(gretun -n "$left" -j show gre1 | jq -r '.[0].reason') == null ]] &&
		gretun -n "$left" show | grep -qE '^gre1 +up '
}

no_carrier()
{
	links | grep -q NO-CARRIER && links | grep -q 'state DOWN' &&
		gretun -n "$left" -j show gre1 | jq -e '.[0] |
			.reason == "keepalive" and .operstate == "DOWN" and
			(.flags | index("LOWER_UP") == null)' &&
		gretun -n "$left" show | grep -qE '^gre1 +no answer '
}

# no_device NS: there is no gretun device.
no_device()
{
	[[ ! $(ip -n "$1" -o link show type gretun) ]]
}
