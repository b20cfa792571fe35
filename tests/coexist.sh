#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# gretun and ip_gre, or ip6gre over IPv6, at the same time: three tunnels of each
# between the same two hosts, told apart by their keys and by their addresses. Each
# module is loaded first once, and unloaded while the other carries packets.
#
#   left eth0 212.25.240.34/30 --- .33 router .1 --- eth0 217.154.12.2/30 right
#        lo   192.0.2.1/32                           lo   198.51.100.1/32
#
#   tunnel   kind    outer addresses          key
#   new1     gretun  eth0 to eth0             1
#   new2     gretun  eth0 to eth0             2
#   new3     gretun  lo to eth0               none
#   old1     ip_gre  eth0 to eth0             11
#   old2     ip_gre  eth0 to eth0             12
#   old3     ip_gre  eth0 to lo               none

set -u
cd "${BASH_SOURCE[0]%/*}" || exit
# shellcheck source-path=SCRIPTDIR source=lib.sh
. ./lib.sh

LEFT_LO=192.0.2.1 RIGHT_LO=198.51.100.1
[[ $UNDERLAY == ipv4 ]] || LEFT_LO=2001:db8:4::1 RIGHT_LO=2001:db8:5::1
readonly LEFT_LO RIGHT_LO

# new NAME NUMBER LEFT RIGHT [KEY]: a tunnel of gretun, both ends.
new()
{
	local name=$1 number=$2 a=$3 b=$4
	local -a key=(${5:+key "$5"})

	gretun -n "$left" add "$name" local "$a" remote "$b" "${key[@]}" \
		address "10.2.$number.1/30" &&
		gretun -n "$right" add "$name" local "$b" remote "$a" "${key[@]}" \
			address "10.2.$number.2/30"
}

# old NAME NUMBER LEFT RIGHT [KEY]: the same of ip_gre.
old()
{
	local name=$1 number=$2 a=$3 b=$4
	local -a words=(ttl 64 ${5:+key "$5"})

	ip -n "$left" link add "$name" type "$OTHER_KIND" local "$a" remote "$b" \
		"${words[@]}" &&
		ip -n "$right" link add "$name" type "$OTHER_KIND" local "$b" \
			remote "$a" "${words[@]}" &&
		ip -n "$left" addr add "10.2.$number.1/30" dev "$name" &&
		ip -n "$right" addr add "10.2.$number.2/30" dev "$name" &&
		ip -n "$left" link set "$name" up &&
		ip -n "$right" link set "$name" up
}

new_tunnels()
{
	new new1 1 "$LEFT" "$RIGHT" 1 &&
		new new2 2 "$LEFT" "$RIGHT" 2 &&
		new new3 3 "$LEFT_LO" "$RIGHT"
}

old_tunnels()
{
	old old1 11 "$LEFT" "$RIGHT" 11 &&
		old old2 12 "$LEFT" "$RIGHT" 12 &&
		old old3 13 "$LEFT" "$RIGHT_LO"
}

# through DEV COMMAND...: right's DEV receives five packets in meantime.
through()
{
	local dev=$1 before

	shift
	before=$(received "$dev")
	"$@" || return
	(($(received "$dev") >= before + 5))
}

# all_pass TEXT: every tunnel carries packets both ways, and no other gets them.
all_pass()
{
	local name

	for name in new1/1 new2/2 new3/3 old1/11 old2/12 old3/13; do
		check "$1: ${name%/*} from left to right" \
			through "${name%/*}" pings "$left" "10.2.${name#*/}.2"
		check "$1: ${name%/*} from right to left" \
			pings "$right" "10.2.${name#*/}.1"
	done
}

# received DEV: packets that right's DEV has received.
received()
{
	on_right cat "/sys/class/net/$1/statistics/rx_packets"
}

# loses_nothing DEV ADDRESS COMMAND...: COMMAND runs while 300 echo requests
# cross the tunnel DEV to ADDRESS, and all are answered.
loses_nothing()
{
	local dev=$1 address=$2 pid start

	shift 2
	start=$(received "$dev")
	on_left ping -c 300 -i 0.01 -W 5 -q "$address" > "$tmp/during" 2>&1 &
	pid=$!
	flowing()
	{
		(($(received "$dev") > start + 20))
	}
	wait_for 5 flowing && "$@" || return
	(($(received "$dev") < start + 300)) || {
		echo "it took longer than the traffic"
		return 1
	}
	wait "$pid"
	cat "$tmp/during"
	grep -q '300 packets transmitted, 300 received,' "$tmp/during"
}

unload_old()
{
	rmmod "$OTHER_MODULE" && rmmod gre
}

# looked_at: GRE packets that gretun saw in left's namespace, none of them its own.
looked_at()
{
	gretun -n "$left" -j stats | jq '.[-1].stats64.drops["passed-key"]'
}

begin
two_hosts
address "$left" lo "$LEFT_LO/$HOST"
address "$right" lo "$RIGHT_LO/$HOST"
ip -n "$router" route add "$LEFT_LO" via "$LEFT"
ip -n "$router" route add "$RIGHT_LO" via "$RIGHT"

# Loading changes nothing for whoever has no tunnel.
rmmod gretun
rmmod ip_gre ip6_gre gre 2> /dev/null
before=$(for ns in "$left" "$right"; do ip -n "$ns" -o link; done; ip -o link)
modprobe gretun
after=$(for ns in "$left" "$right"; do ip -n "$ns" -o link; done; ip -o link)
same "loading makes no device" "$before" "$after"

# A namespace has the hooks while it has a tunnel.
old old1 11 "$LEFT" "$RIGHT" 11
check "$OTHER_MODULE carries packets where gretun has no tunnel" pings "$right" 10.2.11.1
same "gretun does not look at them" 0 "$(looked_at)"
new new1 1 "$LEFT" "$RIGHT" 1
check "and where it has one" pings "$right" 10.2.11.1
same "then it looks" 5 "$(looked_at)"
gretun -n "$left" del new1
gretun -n "$right" del new1
check "and when it has none any more" pings "$right" 10.2.11.1
same "it does not" 5 "$(looked_at)"
for ns in "$left" "$right"; do
	ip -n "$ns" link del old1
done
rmmod "$OTHER_MODULE" gre

check "$OTHER_MODULE is loaded second" modprobe "$OTHER_MODULE"
check "tunnels of gretun" new_tunnels
check "tunnels of $OTHER_MODULE" old_tunnels
all_pass "gretun first"
check "gretun is unloaded while $OTHER_MODULE carries packets" \
	loses_nothing old1 10.2.11.2 rmmod gretun
check "gretun is loaded second" modprobe gretun
check "tunnels of gretun again" new_tunnels
[[ $UNDERLAY == ipv6 ]] || all_pass "$OTHER_MODULE first"
check "$OTHER_MODULE is unloaded while gretun carries packets" \
	loses_nothing new1 10.2.1.2 unload_old
check "the tunnels of gretun go on" pings "$left" 10.2.3.2
end
