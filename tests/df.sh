#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# How long a packet may be: the DF bit of the outer header, fragments, the
# messages that tell a sender of less, and the MTU of the device.
#
#   left gre1 10.1.12.37/30, fd12::37 ================ gre1 right
#   eth0 212.25.240.34/30 -- .33 router .1 ----------- eth0 217.154.12.2/30
#        MTU 1500                 MTU 1500, later 1400
#   eth1 192.0.2.5/30 ------ .6     left: MTU 1400

set -u
cd "${BASH_SOURCE[0]%/*}" || exit
# shellcheck source-path=SCRIPTDIR source=lib.sh
. ./lib.sh

readonly LEFT6=fd12::37 RIGHT6=fd12::38

# mtu_is BYTES [auto]: of left's gre1, and whether it is automatic.
mtu_is()
{
	gretun -n "$left" -j show gre1 > "$tmp/show"
	jq -c '.[0] | [.mtu, .mtu_auto, .overhead]' "$tmp/show"
	jq -e ".[0] | .mtu == $1 and .mtu_auto == $([[ ${2-} ]] && echo true || echo false)" \
		"$tmp/show" &&
		[[ $(on_left cat /sys/class/net/gre1/mtu) == "$1" ]]
}

# automatic MTU OPTION...: the MTU that goes with some options.
automatic()
{
	local mtu=$1

	shift
	gretun -n "$left" set gre1 "$@" && mtu_is "$mtu" auto
}

# told BYTES OPTION... : left's ping is too long and told so, and by how much.
told()
{
	local mtu=$1

	shift
	on_left ping -c 2 -i 0.2 -W 3 "$@" > "$tmp/ping" 2>&1
	cat "$tmp/ping"
	grep -qE "[Ff]rag(mentation)? needed.*mtu ?= ?$mtu\\b|Packet too big: mtu=$mtu\\b|message too long, mtu[=:] ?$mtu\\b" \
		"$tmp/ping"
}

# fragments NS: how many it has made.
fragments()
{
	# By its name, as the columns are more from kernel to kernel.
	ip netns exec "$1" cat /proc/net/snmp | awk '
		$1 != "Ip:" { next }
		column { print $column }
		{ for (i = 2; i <= NF; i++) if ($i == "FragCreates") column = i }'
}

# cut_at NS COMMAND...: COMMAND passes, and NS makes fragments of its packets.
cut_at()
{
	local ns=$1 before

	shift
	before=$(fragments "$ns")
	"$@" || return
	echo "fragments: $before before, $(fragments "$ns") after"
	(($(fragments "$ns") >= before + 10))
}

begin
two_hosts
join "$left" eth1 192.0.2.5/30 "$router" left2 192.0.2.6/30
ip -n "$left" link set eth1 mtu 1400
tunnel gre1
on_left sysctl -qw net.ipv6.conf.gre1.disable_ipv6=0
on_right sysctl -qw net.ipv6.conf.gre1.disable_ipv6=0
ip -n "$left" addr add "$LEFT6/64" dev gre1
ip -n "$right" addr add "$RIGHT6/64" dev gre1
python df.py "$left" "$router"
gretun -n "$left" set gre1 df copy

check "the MTU without options" mtu_is 1476 auto
check "with a checksum" automatic 1472 csum on
check "with checksum and key" automatic 1468 okey 1
check "with checksum, key and sequence number" automatic 1464 seq on
check "with key and sequence number" automatic 1468 csum off
check "with a key" automatic 1472 seq off
check "with a key of received packets alone" automatic 1476 okey none ikey 1
check "with checksum and sequence number" automatic 1468 ikey none csum on seq on
check "with a sequence number" automatic 1472 csum off
check "with none again" automatic 1476 seq off

ip -n "$left" link set eth0 mtu 1400
check "it follows the MTU of the underlay" wait_for 5 mtu_is 1376 auto
ip -n "$left" link set eth0 mtu 1500
check "and back" wait_for 5 mtu_is 1476 auto
check "it follows the device of the underlay" automatic 1376 dev eth1
check "and back to none" automatic 1476 dev none
gretun -n "$left" set gre1 mtu 1300
check "a number pins it" mtu_is 1300
ip -n "$left" link set eth0 mtu 1400
# Something that follows, to know that following is over.
gretun -n "$left" add gre2 local "$LEFT" remote 192.0.2.9
ip -n "$left" link set eth0 mtu 1450
check "one that follows the MTU of the underlay" \
	wait_for 5 on_left grep -qx 1426 /sys/class/net/gre2/mtu
check "while the pinned one does not" mtu_is 1300
ip -n "$left" link set eth0 mtu 1500
check "mtu auto takes the pin away" automatic 1476 mtu auto
ip -n "$left" link set gre1 mtu 1290
check "ip link pins it too" mtu_is 1290
check "and mtu auto takes that away" automatic 1476 mtu auto

# Shorter on the way: a router cuts what may be cut. Nobody but gretun is there
# to learn from its ICMP.
rmmod ip_gre gre 2> /dev/null
ip -n "$router" link set right mtu 1400
ip -n "$right" link set eth0 mtu 1400
check "packets without DF are cut on the way and arrive" \
	cut_at "$router" pings "$left" "$RIGHT_INNER" -M dont -s $((1476 - 28))
check "a packet with DF that is too long further on: the sender is told" \
	told 1376 -M "do" -s $((1476 - 28)) "$RIGHT_INNER"
check "and one of that length arrives" \
	pings "$left" "$RIGHT_INNER" -M "do" -s $((1376 - 28))
check "an IPv6 packet that is too long further on: the sender is told" \
	told 1376 -M "do" -s $((1476 - 48)) "$RIGHT6"
check "and one of that length arrives, IPv6" \
	pings "$left" "$RIGHT6" -M "do" -s $((1376 - 48))

# Shorter here: the device's MTU is pinned to more than the route takes. What
# was learned before would keep packets from getting to it.
ip -n "$left" route flush cache
ip -n "$left" -6 route flush cache
gretun -n "$left" set gre1 mtu 1476
ip -n "$left" link set eth0 mtu 1400
check "packets without DF are cut here and arrive" \
	cut_at "$left" pings "$left" "$RIGHT_INNER" -M dont -s $((1476 - 28))
before=$(counter "$left" gre1 '.drops["tx-too-big"]')
check "a packet with DF that is too long here: the sender is told" \
	told 1376 -M "do" -s $((1476 - 28)) "$RIGHT_INNER"
check "an IPv6 packet that is too long here: the sender is told" \
	told 1376 -M "do" -s $((1476 - 48)) "$RIGHT6"
check "and both are counted" \
	test "$(counter "$left" gre1 '.drops["tx-too-big"]')" -ge $((before + 2))
gretun -n "$left" set gre1 df clear
ip -n "$left" route flush cache
check "with df clear they are cut instead" \
	cut_at "$left" pings "$left" "$RIGHT_INNER" -M "do" -s $((1476 - 28))
end
