#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Keepalive while its tunnel changes, moves and goes, with packets in it.
#
#   left gre1 10.1.12.37/30 ================== gre1 10.1.12.38/30 right
#   eth0 212.25.240.34/30 --- .33 router .1 --- eth0 217.154.12.2/30
#   other: a namespace that left's gre1 moves to

set -u
cd "${BASH_SOURCE[0]%/*}" || exit
# shellcheck source-path=SCRIPTDIR source=lib.sh
. ./lib.sh
# shellcheck source-path=SCRIPTDIR source=keepalive_lib.sh
. ./keepalive_lib.sh

# move TO: left's gre1 goes there and comes up.
move()
{
	ip -n "$left" link set gre1 netns "$1" &&
		ip -n "$1" addr add "$LEFT_INNER/30" dev gre1 &&
		ip -n "$1" link set gre1 up
}

# flood: echo requests through the tunnel until the test ends or quiet.
flood()
{
	background on_right ping -f -q -W 1 "$LEFT_INNER" > /dev/null 2>&1
}

# quiet: no more of that.
quiet()
{
	kill "${children[@]}" 2> /dev/null
	wait
	children=()
}

begin
[[ $(type -P nft) ]] || skip_all "nft is not installed"
two_hosts
make_ns other
tunnel gre1 keepalive 1:1
flood
check "both ask, often" more answered 1
check "the peer's link goes" ip -n "$right" link set eth0 down
check "it is missed" wait_for "$SOON" no_carrier
ip -n "$right" link set eth0 up
# What a link that is down has lost of it.
ip -n "$right" addr replace "$RIGHT/$PREFIX" dev eth0
ip -n "$right" "-${UNDERLAY#ipv}" route replace default via "$RIGHT_ROUTER"
check "and found" wait_for "$SOON" is up
turns()
{
	local i

	for i in {1..20}; do
		gretun -n "$left" set gre1 keepalive "$((i % 3 + 1)):1" &&
			gretun -n "$left" set gre1 keepalive off &&
			gretun -n "$left" set gre1 keepalive 1:1 key "$i" &&
			gretun -n "$left" set gre1 key none || return
		ip -n "$left" link set gre1 down
		ip -n "$left" link set gre1 up
	done
}
check "on and off and on, up and down" turns
check "it answers after that" more answered 2
check "it moves" move "$other"
check "and answers there" wait_for "$SOON" sh -c \
	"gretun -n $other -j show gre1 | jq -e '.[0].keepalive | .state == \"up\" and .age_ms < 2000'"
kill_peer
check "dies there" wait_for "$SOON" sh -c "ip -n $other link show gre1 | grep NO-CARRIER"
revive
check "it moves back" ip -n "$other" link set gre1 netns "$left"
ip -n "$left" link set gre1 up
check "and answers" more answered 2
check "it is deleted and made again" sh -c "gretun -n $left del gre1 &&
	gretun -n $left add gre1 local $LEFT remote $RIGHT address $LEFT_INNER/30 keepalive 1:1"
check "and answers again" more answered 2
move "$other"
quiet
check "the namespace of the device goes" ip netns del "$other"
gone()
{
	gretun -n "$left" add gre1 local "$LEFT" remote "$RIGHT" address "$LEFT_INNER/30" keepalive 1:1
}
check "the device goes with it" wait_for 20 gone
make_ns other
move "$other"
kill_peer
check "the namespace of the outer packets goes" ip netns del "$left"
check "the device goes with that" wait_for 20 no_device "$other"
revive
gretun -n "$right" del gre1
make_ns left
join "$left" eth0 "$LEFT/$PREFIX" "$router" left "$LEFT_ROUTER/$PREFIX"
ip -n "$left" route add default via "$LEFT_ROUTER"
tunnel gre1 keepalive 1:1
flood
check "both ask again" more answered 1
kill_peer
unload()
{
	rmmod gretun && [[ ! -d /sys/module/gretun ]]
}
check "the module goes meanwhile" unload
revive
quiet
check "and comes back" modprobe gretun
end
