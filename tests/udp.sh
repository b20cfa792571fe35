#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# GRE in UDP (RFC 8086) between two ends of gretun, and with the kernel's own
# tunnels and fou, both ways. udp6.sh is the same over IPv6.
#
#   left gre1 10.1.12.37/30 ====================== gre1 10.1.12.38/30 right
#             fd12::37/64                               fd12::38/64
#   eth0 212.25.240.34/30 -- .33 router .1 -- eth0 217.154.12.2/30

set -u
cd "${BASH_SOURCE[0]%/*}" || exit
# shellcheck source-path=SCRIPTDIR source=lib.sh
. ./lib.sh
# shellcheck source-path=SCRIPTDIR source=stream_lib.sh
. ./stream_lib.sh

readonly PORT=4754
readonly MTU=$((1500 - OVERHEAD - 8))

# fou: the kernel's own at right, with a key for each way. Over IPv6 it sends
# checksums unless told not to.
fou()
{
	local family=-4
	local -a words=(encap-csum)

	[[ $UNDERLAY == ipv4 ]] || family=-6 words=(encaplimit none)
	gretun -n "$left" add gre1 local "$LEFT" remote "$RIGHT" encap udp \
		address "$LEFT_INNER/30" ikey 7 okey 8 &&
		ip -n "$right" "$family" fou add port "$PORT" ipproto 47 &&
		ip -n "$right" link add gre1 type "$OTHER_KIND" local "$RIGHT" \
			remote "$LEFT" ikey 8 okey 7 ttl 64 \
			encap fou encap-sport auto encap-dport "$PORT" \
			"${words[@]}" &&
		ip -n "$right" addr add "$RIGHT_INNER/30" dev gre1 &&
		ip -n "$right" link set gre1 up && tunnel6
}

# both WORD...: left's and right's tunnel are changed.
both()
{
	gretun -n "$left" set gre1 "$@" && gretun -n "$right" set gre1 "$@"
}

# alive: left's keepalive has answers, and none is missing.
alive()
{
	gretun -n "$left" -j show gre1 |
		jq -e '.[0].keepalive | .answered > 1 and .state == "up"'
}

# short_path MTU: the router's cable to right takes no longer packets.
short_path()
{
	ip -n "$router" link set right mtu "$1" &&
		ip -n "$right" link set eth0 mtu "$1" &&
		ip -n "$left" route flush cache && ip -n "$left" -6 route flush cache
}

# udp_errors: packets that UDP refused at right.
# shellcheck disable=SC2016 # awk's
udp_errors()
{
	if [[ $UNDERLAY == ipv6 ]]; then
		on_right awk '/^Udp6InErrors/ { print $2 }' /proc/net/snmp6
	else
		on_right awk '/^Udp: [0-9]/ { print $4 }' /proc/net/snmp
	fi
}

# unnoticed: a namespace goes with a tunnel that is up in it.
unnoticed()
{
	make_ns gone && join "$gone" eth0 192.0.2.1/30 "$router" gone 192.0.2.2/30 &&
		gretun -n "$gone" add gre1 local "$LEFT" remote "$RIGHT" encap udp &&
		gretun -n "$gone" add gre2 local "$LEFT" remote "$RIGHT" key 2 \
			encap udp port 4755 && ip netns del "$gone"
}

begin
two_hosts
check "a tunnel in UDP" tunnel gre1 encap udp
check "left pings right" pings "$left" "$RIGHT_INNER"
check "right pings left" pings "$right" "$LEFT_INNER"
check "a packet as long as the MTU" \
	pings "$left" "$RIGHT_INNER" -M "do" -s $((MTU - 28))
check "the options of GRE" both csum on seq on key 7 tos inherit
check "left pings right with them" pings "$left" "$RIGHT_INNER"
check "the MTU is 12 less" told "$left" $((MTU - 12)) -M "do" \
	-s $((MTU - 28)) "$RIGHT_INNER"
check "a path that takes less" short_path 1400
check "left is told what fits" told "$left" $((MTU - 112)) -M "do" \
	-s $((MTU - 12 - 28)) "$RIGHT_INNER"
check "which arrives" pings "$left" "$RIGHT_INNER" -M "do" -s $((MTU - 112 - 28))
check "the router's error is counted" test \
	"$(counter "$left" gre1 '.icmp["too-big"].packets')" -ge 1
short_path 1500
check "keepalive at both ends" both csum off seq off keepalive 1
check "is answered in UDP" wait_for 10 alive
# Nobody takes the port there any more.
gretun -n "$right" del gre1
check "a host without the port says so" wait_for 10 \
	test "$(on_left ping -c 2 -i 0.2 "$RIGHT_INNER" > /dev/null
	counter "$left" gre1 '.icmp["protocol-unreachable"].packets')" -ge 1
gretun -n "$left" del gre1

tunnel gre1 encap udp
tunnel6
head -c $((8 * MEGA)) /dev/urandom > "$tmp/file"
offloads on "$left" "$right" "$router"
transfer "offloads on" tx 8 many many
cut_at_cables
transfer "cut at the cable" tx 8 many one
transfer "joined at the cable" rx 8 many one
transfer "IPv6, cut at the cable" tx 8 many one 6
transfer "IPv6, joined at the cable" rx 8 many one 6
same "UDP has lost none" 0 "$(udp_errors)"
same "nor has the tunnel" "0 0" "$(counter "$left" gre1 '.drops | add') $(
	counter "$right" gre1 '.drops | add')"
check "a GRE checksum" gretun -n "$left" set gre1 csum on
same "segments would all have the same one" off \
	"$(on_left ethtool -k gre1 | awk '/^tcp-segmentation-offload/ { print $2 }')"
check "a namespace with tunnels goes" unnoticed
gretun -n "$left" del gre1
gretun -n "$right" del gre1

fou_module=fou
[[ $UNDERLAY == ipv4 ]] || fou_module=fou6
modprobe "$fou_module" || skip_all "$fou_module.ko is not there"
modprobe "$OTHER_MODULE" || skip_all "$OTHER_MODULE.ko is not there"
offloads off "$left" "$right" "$router"
check "the kernel's own at right" fou
check "left pings it" pings "$left" "$RIGHT_INNER"
check "it pings left" pings "$right" "$LEFT_INNER"
check "left pings it with IPv6" pings "$left" "$RIGHT_INNER6"
# The kernel's own loses what its GRO has joined, so that is not asked for.
offloads on "$left" "$router"
transfer "to fou" tx 8 many many
transfer "from fou" rx 8 one one
end
