#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# The maximum segment size of TCP connections through a tunnel with mss-clamp on:
# at left, which is both an end of connections and a router for others.
#
#   left gre1 10.1.12.37/30, fd12::37 =============== gre1 10.1.12.38/30 right
#   eth0 212.25.240.34/30 -- .33 router .1 -- eth0 217.154.12.2/30
#   |
#   inside 10.2.0.1/24, fd02::1 -- eth0 10.2.0.2/24, fd02::2 inside

set -u
cd "${BASH_SOURCE[0]%/*}" || exit
# shellcheck source-path=SCRIPTDIR source=lib.sh
. ./lib.sh

readonly INSIDE=10.2.0.2 INSIDE6=fd02::2 MTU=$((1500 - OVERHEAD))
# Set by make_ns.
inside=''

# sizes TEXT BYTES: each connection has segments for inner packets that long.
sizes()
{
	python mss.py connect "$left" "$right" "$inside" "$@"
}

# clamp on|off: at left.
clamp()
{
	gretun -n "$left" set gre1 mss-clamp "$1"
}

# shows on: what show says of it.
shows()
{
	gretun -n "$left" -j show gre1 | jq -e ".[0].mss_clamp == $1"
}

begin
two_hosts
make_ns inside
join "$left" inside 10.2.0.1/24 "$inside" eth0 "$INSIDE/24"
address "$left" inside fd02::1/64
address "$inside" eth0 "$INSIDE6/64"
forward "$left"
ip -n "$inside" route replace default via 10.2.0.1
ip -n "$inside" -6 route replace default via fd02::1
tunnel gre1
check "it is off unless set" shows false
python mss.py bytes "$left" "$router" off
check "mss-clamp on" clamp on
check "it is on" shows true
python mss.py bytes "$left" "$router" on

# Real connections. Without the clamp right, whose device is larger here, and the
# inner host would send what does not fit.
tunnel6
ip -n "$right" route add 10.2.0.0/24 dev gre1
ip -n "$right" route add fd02::/64 dev gre1
gretun -n "$right" set gre1 mtu 1500
clamp off
python mss.py without "$right" "$inside"
clamp on
sizes "the link" "$MTU"
gretun -n "$left" set gre1 mtu 1300
sizes "a device that takes less" 1300
gretun -n "$left" set gre1 mtu auto
ip -n "$left" route change default via "$LEFT_ROUTER" mtu 1400
sizes "a route that takes less, with the device" $((1400 - OVERHEAD))
gretun -n "$left" set gre1 mtu 1500
sizes "a route that takes less than the device" $((1400 - OVERHEAD))
ip -n "$left" route change default via "$LEFT_ROUTER"
sizes "and the link again" "$MTU"
gretun -n "$left" set gre1 okey 5
gretun -n "$right" set gre1 ikey 5
sizes "a longer header" $((MTU - 4))
gretun -n "$left" set gre1 okey none
gretun -n "$right" set gre1 ikey none

# A path of which left is told takes less than its link.
ip -n "$router" link set right mtu 1350
ip -n "$right" link set eth0 mtu 1350
on_left ping -c 2 -i 0.2 -W 1 -M "do" -s 1400 "$RIGHT_INNER" > "$tmp/ping" 2>&1
sizes "a path that takes less" $((1350 - OVERHEAD))
end
