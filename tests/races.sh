#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Packets cross both ways while all that can happen to tunnels happens to them:
# race.c. What goes wrong is for the checkers of the kernels called debug and kcsan
# to find, so this says little on another, and nothing on one processor.
#
# GRETUN_RACE_SECONDS  for each case (3, or 120 if there is a file "deep")
#
#   left gre1 10.1.12.37/30 ======================= gre1 10.1.12.38/30 right
#   eth0 212.25.240.34/30 --- .33 router .1 --- eth0 217.154.12.2/30
#   third: a namespace that comes and goes, joined to the router

set -u
cd "${BASH_SOURCE[0]%/*}" || exit
# shellcheck source-path=SCRIPTDIR source=lib.sh
. ./lib.sh

seconds=3
[[ ! -e deep ]] || seconds=120
readonly SECONDS_EACH=${GRETUN_RACE_SECONDS:-$seconds}
readonly THIRD=third-$$ KCSAN=/sys/kernel/debug/kcsan

# works: a tunnel made anew carries packets, whatever is left of the old ones.
works()
{
	local ns

	[[ -d /sys/module/gretun ]] || modprobe gretun
	for ns in "$left" "$right"; do
		ip netns exec "$ns" sysctl -qw net.gretun.allow=1 \
			net.gretun.default_mtu=0
		gretun -n "$ns" del --all
		ip -n "$ns" link set eth0 mtu 1500 up
	done
	wait_for 10 ip -n "$left" route replace default via "$LEFT_ROUTER"
	wait_for 10 ip -n "$right" route replace default via "$RIGHT_ROUTER"
	wait_for 20 tunnel gre1
	wait_for 20 pings "$left" "$RIGHT_INNER"
}

# watch: KCSAN looks at accesses, in softirq, where most of gretun is, as long as in a
# task. Each time so many later, which no loop takes a whole number of times.
watch()
{
	local parameters=/sys/module/kcsan/parameters

	cat "$parameters/udelay_task" > "$parameters/udelay_interrupt" &&
		echo 499 > "$parameters/skip_watch" && echo on > "$KCSAN"
}

# race KINDS KINDS: what happens on left, and on right; see race.c. Two at a time send
# into the same tunnel.
race()
{
	local status=0 other

	# shellcheck disable=SC2086 # they are words
	on_right ./race "$SECONDS_EACH" send send $2 &
	other=$!
	# shellcheck disable=SC2086 # they are words
	on_left ./race "$SECONDS_EACH" send send $1 || status=1
	wait "$other" || status=1
	return "$status"
}

# against COMMAND...: again and again while packets cross.
against()
{
	local end=$((SECONDS + SECONDS_EACH)) count=0 sender

	race dump events &
	sender=$!
	while ((SECONDS < end)); do
		"$@"
		count=$((count + 1))
	done
	echo "$count times"
	wait "$sender" || :
}

# namespace: one with the outer packets of a tunnel goes while they cross.
# shellcheck disable=SC2317 # called by against
namespace()
{
	ip netns add "$THIRD"
	ip link add eth0 netns "$THIRD" type veth peer name third netns "$router"
	ip -n "$THIRD" addr add "$LEFT2/$PREFIX" dev eth0
	ip -n "$THIRD" link set eth0 up
	ip -n "$router" link set third up
	gretun -n "$THIRD" add gre1 local "$LEFT2" remote "$LEFT2_ROUTER" \
		keepalive 1 address 10.9.9.1/30
	ip netns exec "$THIRD" ping -f -q -w 1 -c 20 10.9.9.2 > /dev/null 2>&1
	ip netns del "$THIRD"
}

# module: it goes and comes back, and with it the tunnels.
# shellcheck disable=SC2317 # called by against
module()
{
	rmmod gretun 2> /dev/null
	modprobe gretun
	tunnel gre1 2> /dev/null
}

begin
(($(nproc) > 1)) || skip_all "one processor runs no race"
namespaces+=("$THIRD")
[[ ! -e $KCSAN ]] || watch
two_hosts
# IPv6 takes the addresses of a link that goes down.
for ns in "$left" "$right"; do
	ip netns exec "$ns" sysctl -qw net.ipv6.conf.all.keep_addr_on_down=1
done
check "at first" tunnel gre1
check "options change" race 'set peer' set
check "packets cross after it" works
check "it goes into UDP and back" race 'udp dump' 'udp set'
check "packets cross after it" works
check "the local address follows its device" race 'local-dev address' \
	'local-dev address set'
check "packets cross after it" works
check "tunnels come and go" race 'add external' 'add set'
check "packets cross after it" works
check "devices move" race 'move dump' 'set events'
check "packets cross after it" works
check "devices go down, and have other names" race 'updown set' rename
check "packets cross after it" works
check "the underlay flaps" race 'flap set' 'flap peer'
check "packets cross after it" works
check "all is read, and defaults change" race 'dump events defaults' \
	'dump defaults add'
check "packets cross after it" works
check "namespaces go" against namespace
check "packets cross after it" works
check "the module goes" against module
check "packets cross after it" works
check "all at once" race \
	'set peer udp add external move dump events defaults' \
	'set add local-dev address updown flap rename events'
check "packets cross after it" works
end
