#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Tunnels in tunnels: many levels in one packet that is received, routes to a
# remote address that lead into the tunnel itself, or round in a circle.
#
#   left gre1, gre2 (key 2) ===================== right gre1
#   eth0 212.25.240.34/30 -- .33 router .1 -- eth0 217.154.12.2/30
#
#   left outside: local 10.1.12.37 remote 10.1.12.38, inside gre1

set -u
cd "${BASH_SOURCE[0]%/*}" || exit
# shellcheck source-path=SCRIPTDIR source=lib.sh
. ./lib.sh

# loops DEV...: pings through left's tunnels do not arrive, and each packet is
# counted as looping, by one of the tunnels DEV.
loops()
{
	local dev sum=0

	on_left ping -c 3 -i 0.1 -W 1 "$LOOP_TARGET" && return 1
	for dev; do
		gretun -n "$left" -j stats "$dev" > "$tmp/stats"
		jq -c '.[0].stats64' "$tmp/stats"
		sum=$((sum + $(jq '.[0].stats64.drops["tx-loop"]' "$tmp/stats")))
	done
	((sum >= 3))
}

# mtu_is DEV BYTES
mtu_is()
{
	[[ $(on_left cat "/sys/class/net/$1/mtu") == "$2" ]]
}

# through_itself: gre1's route to its remote address is gre1.
through_itself()
{
	ip -n "$left" route add "$RIGHT" dev gre1
}

readonly LOOP_TARGET=198.51.100.1

begin
two_hosts
tunnel gre1
gretun -n "$left" add gre2 local "$LEFT" remote "$RIGHT" key 2
python nested.py "$left" "$router"

# Three tunnels inside one another, each to the other end of the one before.
outer=$LEFT_INNER peer=$RIGHT_INNER
for n in 1 2; do
	gretun -n "$left" add "in$n" local "$outer" remote "$peer" \
		address "10.9.$n.1/30"
	gretun -n "$right" add "in$n" local "$peer" remote "$outer" \
		address "10.9.$n.2/30"
	outer=10.9.$n.1 peer=10.9.$n.2
done
check "three tunnels inside one another" pings "$left" 10.9.2.2
check "their MTU is less by each header" mtu_is in2 $((1500 - 3 * 24))
check "a packet as long as that MTU" \
	pings "$left" 10.9.2.2 -M "do" -s $((1500 - 3 * 24 - 28))
gretun -n "$left" del in1 in2

ip -n "$left" route add "$LOOP_TARGET" dev gre1
check "a tunnel through itself" through_itself
check "what goes there is counted as looping" loops gre1
ip -n "$left" route del "$RIGHT"
check "without that route the tunnel works again" pings "$left" "$RIGHT_INNER"

gretun -n "$left" add loop1 local "$LEFT" remote 192.0.2.1
gretun -n "$left" add loop2 local "$LEFT" remote 192.0.2.2
ip -n "$left" route add 192.0.2.1 dev loop2
ip -n "$left" route add 192.0.2.2 dev loop1
ip -n "$left" route replace "$LOOP_TARGET" dev loop1
check "two tunnels through each other, counted as looping" loops loop1 loop2
ip -n "$left" link set eth0 mtu 1400
ip -n "$left" link set eth0 mtu 1500
check "their MTU does not change for ever" wait_for 10 mtu_is gre1 1476
ip -n "$left" route del 192.0.2.1
ip -n "$left" route del 192.0.2.2
ip -n "$left" link set eth0 mtu 1499
check "the MTU is right again without the circle" wait_for 10 mtu_is loop1 1475
check "another tunnel is not affected" pings "$left" "$RIGHT_INNER"
end
