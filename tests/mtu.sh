#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# The MTU of a device that has none of its own follows the underlay: the link, the
# route, the rules, another device, and an underlay that is a tunnel itself.
#
#   left gre1 10.1.12.37/30 ======================= gre1 10.1.12.38/30 right
#   eth0 212.25.240.34/30 --- .33 router .1 --- eth0 217.154.12.2/30
#   eth1 192.0.2.5/30 ------- .6 left2, MTU 1450
#
#   left gre2 is from 10.1.12.37 to 10.1.12.38, which is through gre1

set -u
cd "${BASH_SOURCE[0]%/*}" || exit
# shellcheck source-path=SCRIPTDIR source=lib.sh
. ./lib.sh

# Seconds in which a device must have followed.
readonly SOON=3
# A prefix with right and half of the world in it.
MANY=128.0.0.0/1
[[ $UNDERLAY == ipv4 ]] || MANY=2000::/3
readonly MANY

# mtus: those of left's gre1 and gre2.
mtus()
{
	on_left cat /sys/class/net/{gre1,gre2}/mtu | paste -sd ' '
}

# are GRE1 GRE2: the MTUs.
are()
{
	[[ $(mtus) == "$*" ]]
}

# settled: nothing is pending of earlier changes that would have the devices looked
# at, whatever the next change is.
settled()
{
	sleep 1.2
}

# follows TEXT BYTES COMMAND...: what COMMAND changes makes the path take so many,
# and gre1 follows, and gre2 follows gre1.
follows()
{
	local text=$1 path=$2

	shift 2
	"$@"
	wait_for "$SOON" are $((path - OVERHEAD)) $((path - OVERHEAD - 24))
	same "$text" "$((path - OVERHEAD)) $((path - OVERHEAD - 24))" "$(mtus)"
}

# route WORD...: the default route of left.
route()
{
	ip -n "$left" route change default via "$LEFT_ROUTER" dev eth0 "$@"
}

# rule add|del: packets to right go by a table of its own.
rule()
{
	ip -n "$left" "-${UNDERLAY#ipv}" rule "$1" to "$RIGHT" table 5
}

# back: the cable of eth0 is up again, with all that went with it.
back()
{
	ip -n "$left" link set eth0 up &&
		ip -n "$left" addr replace "$LEFT/$PREFIX" dev eth0 &&
		ip -n "$left" route replace default via "$LEFT_ROUTER"
}

begin
two_hosts
join "$left" eth1 "$LEFT2/$PREFIX" "$router" left2 "$LEFT2_ROUTER/$PREFIX"
ip -n "$left" link set eth1 mtu 1450
tunnel gre1
gretun -n "$left" add gre2 local "$LEFT_INNER" remote "$RIGHT_INNER"
ip -n "$left" route add default via "$LEFT2_ROUTER" table 5 mtu 1320

follows "at first" 1500 true
follows "a link of 1400" 1400 ip -n "$left" link set eth0 mtu 1400
follows "and of 1500 again" 1500 ip -n "$left" link set eth0 mtu 1500
settled
follows "a route with an MTU" 1350 route mtu 1350
follows "with another" 1300 route mtu 1300
follows "and with none" 1500 route
settled
follows "a route through another device" 1450 \
	ip -n "$left" route add "$RIGHT/$HOST" via "$LEFT2_ROUTER" dev eth1
follows "whose link changes" 1440 ip -n "$left" link set eth1 mtu 1440
follows "while the first one changes" 1440 ip -n "$left" link set eth0 mtu 1500
follows "without it" 1500 ip -n "$left" route del "$RIGHT/$HOST"
settled
follows "a rule" 1320 rule add
follows "without it" 1500 rule del
follows "a route for many that comes first" 1440 \
	ip -n "$left" route add "$MANY" via "$LEFT2_ROUTER" dev eth1
follows "without it" 1500 ip -n "$left" route del "$MANY"
ip -n "$left" link set eth0 down
follows "a cable that was down" 1500 back
follows "a key more" 1496 gretun -n "$left" set gre1 okey 1
follows "and without it" 1500 gretun -n "$left" set gre1 okey none
follows "a number for gre1" $((1300 + OVERHEAD)) gretun -n "$left" set gre1 mtu 1300
follows "and none" 1500 gretun -n "$left" set gre1 mtu auto

check "and they are automatic" jq -e 'map(.mtu_auto) == [true, true]' \
	<(gretun -n "$left" -j show)
gretun -n "$left" set gre2 mtu 1111
ip -n "$left" link set eth0 mtu 1400
check "one with a number of its own does not follow" \
	wait_for "$SOON" are $((1400 - OVERHEAD)) 1111
end
