#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Routes to the remote address that lead into the tunnel itself, at once or
# through others: it is said, nothing is sent, nothing else changes, and it is
# over when the route is right again. Tunnels inside one another that are no loop
# are in nested.sh.
#
#   left gre1 10.1.12.37/30, fd12::37 =============== gre1 10.1.12.38/30 right
#   eth0 212.25.240.34/30 -- .33 router .1 -- eth0 217.154.12.2/30
#
#   left one, two, three: tunnels to nobody, whose routes lead into one another

set -u
cd "${BASH_SOURCE[0]%/*}" || exit
# shellcheck source-path=SCRIPTDIR source=lib.sh
. ./lib.sh

# Seconds in which a change must have been seen, and packets of a flood.
readonly SOON=3 FLOOD=5000
readonly MTU=$((1500 - OVERHEAD))
# Addresses of nobody: remote ones of tunnels, and where what is sent through the
# tunnels goes.
if [[ $UNDERLAY == ipv6 ]]; then
	readonly NET=2001:db8:7 ALL=::/0
	nobody() { echo "$NET::$1"; }
else
	readonly NET=203.0.113 ALL=0.0.0.0/0
	nobody() { echo "$NET.$1"; }
fi
readonly TARGET=198.51.100.1

# loop DEV: the loop of left's tunnel as JSON, null without one.
loop()
{
	gretun -n "$left" -j show "$1" | jq -c '.[0].loop'
}

# looping DEV DST TO [TABLE]: left's tunnel says that its route DST leads to TO.
looping()
{
	local want

	want=$(jq -nc '{dst: $ARGS.positional[0], dev: $ARGS.positional[1],
		table: $ARGS.positional[2]}' --args "$2" "$3" "${4-main}")
	echo "$(loop "$1"), not $want"
	[[ $(loop "$1") == "$want" ]]
}

# straight DEV...: none of them has a loop.
straight()
{
	local dev

	for dev; do
		[[ $(loop "$dev") == null ]] || return
	done
}

# says DEV TEXT: so does show, and in the table the state is loop.
says()
{
	gretun -n "$left" show "$1" | tee "$tmp/show"
	grep -qF "$2" "$tmp/show" &&
		gretun -n "$left" show | grep -qE "^$1 +loop "
}

# told EVENT...: the monitor says state of gre1, the last time so.
last_event()
{
	grep '^state gre1 ' "$tmp/monitor" | tail -n 1 | grep -qF -- "$1"
}

# carrier: how often that of left's gre1 has changed, and all changes of links
# that were announced.
changes()
{
	echo "$(on_left cat /sys/class/net/gre1/carrier_changes)" \
		"$(grep -c 'gre1' "$tmp/links")"
}

# into DEV: what goes to the target goes through it.
into()
{
	ip -n "$left" route replace "$TARGET" dev "$1"
}

# dropped: how many packets left's tunnels have not sent as they loop.
dropped()
{
	gretun -n "$left" -j stats |
		jq '[.[].stats64.drops["tx-loop"] // 0] | add'
}

# loses COMMAND...: each packet for the target counts as looping, and each once.
loses()
{
	local before

	before=$(dropped)
	on_left ping -c 3 -i 0.05 -W 0.5 "$TARGET" && return 1
	echo "$before before, $(dropped) after"
	(($(dropped) == before + 3))
}

# same_path: the device's MTU is what it was, and nothing was learned of the path.
same_path()
{
	on_left cat /sys/class/net/gre1/mtu
	ip -n "$left" route get "$RIGHT"
	[[ $(on_left cat /sys/class/net/gre1/mtu) == "$MTU" ]] &&
		! ip -n "$left" route get "$RIGHT" | grep -q mtu &&
		! ip -n "$left" "-${UNDERLAY#ipv}" route show cache | grep .
}

# flood: packets for the target, as fast as they go.
flood()
{
	on_left /usr/bin/python3 - "$TARGET" "$FLOOD" <<- 'EOF'
	import socket, sys
	s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
	for _ in range(int(sys.argv[2])):
	    try:
	        s.sendto(bytes(1000), (sys.argv[1], 9))
	    except OSError:
	        pass
	EOF
}

# counted COMMAND...: it adds as many to what loops as the flood has packets.
counted()
{
	local before

	before=$(dropped)
	"$@" || return
	echo "$before before, $(dropped) after"
	(($(dropped) - before >= FLOOD * 9 / 10 && $(dropped) - before <= FLOOD))
}

# episode TEXT DST: what is the same of all loops of gre1 by one route.
episode()
{
	check "$1: is seen without a packet" wait_for "$SOON" looping gre1 "$2" gre1
	check "$1: show says so" \
		says gre1 "loop: route $2 table main leads to gre1, which is this tunnel"
	check "$1: the monitor says so" \
		wait_for "$SOON" last_event "loop: route $2 table main leads to gre1"
	check "$1: packets are not sent and counted" loses
	check "$1: the path does not shrink" same_path
}

# over TEXT: what is the same of all their ends.
over()
{
	check "$1: is over without a packet" wait_for "$SOON" straight gre1
	check "$1: the monitor says so" \
		wait_for "$SOON" sh -c "! grep '^state gre1 ' $tmp/monitor | tail -n 1 | grep loop:"
	check "$1: packets cross again" pings "$left" "$RIGHT_INNER"
	check "$1: the path is what it was" same_path
	same "$1: no link has changed" "$links" "$(changes)"
}

# circle NUMBER...: each tunnel's remote address is behind the next tunnel, and
# that of the last one behind the first.
circle()
{
	local first=$1 next

	while (($#)); do
		next=${2-$first}
		ip -n "$left" route add "$(nobody "$1")" dev "${names[next]}" || return
		shift
	done
}

# broken NUMBER...: there are no such routes any more.
broken()
{
	local number

	for number; do
		ip -n "$left" route del "$(nobody "$number")" || return
	done
}

# others: more tunnels, and such as gretun cannot see into.
others()
{
	circle 1 2 3
	check "three through each other" wait_for "$SOON" looping three "$(nobody 3)/$HOST" one
	check "packets are not sent and counted" loses
	check "a flood into it is counted" counted flood
	broken 2
	check "one route less, and it is over" wait_for "$SOON" straight one two three
	check "another tunnel works meanwhile" pings "$left" "$RIGHT_INNER"
	broken 1 3

	# One that leads into a loop of others has none of its own, and sends nothing.
	circle 1 2
	ip -n "$left" route add "$(nobody 3)" dev one
	into three
	check "into a loop of others: nothing is sent" loses
	check "and there is an end to it" counted flood
	ip -n "$left" route del "$(nobody 3)"
	broken 1 2

	# Through a tunnel of the kernel's own, where gretun cannot see.
	if modprobe "$OTHER_MODULE"; then
		ip -n "$left" link add old type "$OTHER_KIND" local "$LEFT" \
			remote "$(nobody 4)" ttl 64
		ip -n "$left" link set old up
		ip -n "$left" route add "$(nobody 1)" dev old
		ip -n "$left" route add "$(nobody 4)" dev one
		into one
		check "through a tunnel of another kind there is an end" flood
		ip -n "$left" link del old
		ip -n "$left" route del "$(nobody 4)"
	fi
}

names=(none one two three)

begin
two_hosts
for ns in "$left" "$right"; do
	ip netns exec "$ns" sysctl -qw net.ipv6.conf.default.disable_ipv6=0
done
tunnel gre1
for number in 1 2 3; do
	gretun -n "$left" add "${names[number]}" local "$LEFT" remote "$(nobody $number)"
done
background gretun -n "$left" monitor > "$tmp/monitor"
background ip -n "$left" monitor link > "$tmp/links"
heard()
{
	gretun -n "$left" set three ttl 9
	ip -n "$left" link set eth0 alias heard
	[[ -s $tmp/monitor && -s $tmp/links ]]
}
wait_for 10 heard
into gre1
same "there is no loop at first" null "$(loop gre1)"
links=$(changes)

ip -n "$left" route add "$RIGHT/$HOST" dev gre1
episode "a route of its own" "$RIGHT/$HOST"
same "another tunnel is not affected" null "$(loop one)"
check "a flood into it is counted" counted flood
check "and the path does not shrink" same_path
ip -n "$left" route del "$RIGHT/$HOST"
over "a route of its own"

# As a routing protocol does that runs over the tunnel.
ip -n "$left" "-${UNDERLAY#ipv}" route change default dev gre1
episode "the default route" "$ALL"
ip -n "$left" route change default via "$LEFT_ROUTER" dev eth0
over "the default route"
same "the monitor has said it once each time" 4 "$(grep -c '^state gre1 ' "$tmp/monitor")"

ip -n "$left" route add "$RIGHT/$HOST" dev gre1 table 5
ip -n "$left" "-${UNDERLAY#ipv}" rule add to "$RIGHT" table 5
check "a table of its own" wait_for "$SOON" looping gre1 "$RIGHT/$HOST" gre1 5
ip -n "$left" "-${UNDERLAY#ipv}" rule del to "$RIGHT" table 5
over "a table of its own"

# Through others, to which the routes are found by the first packet at the latest.
circle 1 2
into one
check "two through each other" wait_for "$SOON" looping one "$(nobody 1)/$HOST" two
check "the other one too" wait_for "$SOON" looping two "$(nobody 2)/$HOST" one
check "show says so" says one "leads to two, and from there back into this tunnel"
check "packets are not sent and counted" loses
check "a flood into it is counted" counted flood
broken 1 2
check "it is over" wait_for "$SOON" straight one two
# The kind of routes makes no difference to more of them.
[[ $UNDERLAY == ipv6 ]] || others

# Back and forth, as fast as routes can change.
count=$(grep -c '^state gre1 ' "$tmp/monitor")
for _ in {1..60}; do
	echo "route add $RIGHT/$HOST dev gre1"
	echo "route del $RIGHT/$HOST"
done > "$tmp/batch"
into gre1
check "a route that comes and goes" ip -n "$left" -batch "$tmp/batch"
over "a route that comes and goes"
said=$(($(grep -c '^state gre1 ' "$tmp/monitor") - count))
check "is not said each time" test "$said" -le 20
check "packets cross" pings "$left" "$RIGHT_INNER"
end
