#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Routing tables of all kinds: the outer packets in a VRF, the inner ones in
# another, in both, by a mark, through a device, from another namespace; with
# connection tracking and a firewall on both layers.
#
#   left gre1 10.1.12.37/30 ======================= gre1 10.1.12.38/30 right
#   eth0 212.25.240.34/30 --- .33 router .1 --- eth0 217.154.12.2/30
#   eth1 192.0.2.5/30 ------- .6 left2
#   inside 10.2.0.1/24 ------ eth0 10.2.0.2/24 inside
#
#   VRF under: table 10, eth0     VRF inner: table 20, gre1 and inside

set -u
cd "${BASH_SOURCE[0]%/*}" || exit
# shellcheck source-path=SCRIPTDIR source=lib.sh
. ./lib.sh

readonly INSIDE=10.2.0.2 MTU=$((1500 - OVERHEAD))
# Set by make_ns.
inside='' other=''

# vrf NAME TABLE: of left.
vrf()
{
	ip -n "$left" link add "$1" type vrf table "$2" &&
		ip -n "$left" link set "$1" up
}

# master DEV VRF [ADDRESS/LEN]: left's device is part of the VRF, or of none. IPv6
# addresses do not survive that.
master()
{
	if [[ $2 == none ]]; then
		ip -n "$left" link set "$1" nomaster
	else
		ip -n "$left" link set "$1" master "$2"
	fi && if [[ ${3-} ]]; then
		ip -n "$left" addr replace "$3" dev "$1"
	fi
}

# bring_in_under, bring_out: the underlay of left is in the VRF, or not.
bring_in_under()
{
	master eth0 under "$LEFT/$PREFIX" &&
		ip -n "$left" route replace default via "$LEFT_ROUTER" table 10
}

bring_out()
{
	ip -n "$left" route flush table 10
	master eth0 none "$LEFT/$PREFIX" &&
		ip -n "$left" route replace default via "$LEFT_ROUTER"
}

# mtu_is BYTES: of left's gre1.
mtu_is()
{
	[[ $(on_left cat /sys/class/net/gre1/mtu) == "$1" ]]
}

# through DEV COMMAND...: left's DEV sends five packets at least meanwhile.
through()
{
	local dev=$1 before after

	shift
	before=$(on_left cat "/sys/class/net/$dev/statistics/tx_packets")
	"$@" || return
	after=$(on_left cat "/sys/class/net/$dev/statistics/tx_packets")
	echo "$dev sent $((after - before))"
	((after >= before + 5))
}

# passed COMMAND...: COMMAND passes, and packets came in through another device than
# the tunnel's.
passed()
{
	local before after filter='.[-1].stats64.drops["passed-dev"]'

	before=$(gretun -n "$left" -j stats | jq "$filter")
	"$@" || return
	after=$(gretun -n "$left" -j stats | jq "$filter")
	((after > before))
}

# both_ways TEXT [PING-OPTION...]: between left and right, and inside and right.
both_ways()
{
	local text=$1

	shift
	check "$text: left pings right" pings "$left" "$RIGHT_INNER" "$@"
	check "$text: right pings left" pings "$right" "$LEFT_INNER"
	check "$text: a router of others" pings "$inside" "$RIGHT_INNER"
	check "$text: and back" pings "$right" "$INSIDE"
}

# firewall: left's, which tracks connections of both layers and counts in each.
firewall()
{
	on_left nft -f - <<- EOF
	table inet t {
		counter outer_in { }
		counter outer_out { }
		counter inner_in { }
		counter inner_forward { }
		chain input {
			type filter hook input priority 0
			meta l4proto gre ct state new,established counter name outer_in
			icmp type echo-request ct state new,established counter name inner_in
			ct state invalid drop
		}
		chain output {
			type filter hook output priority 0
			meta l4proto gre ct state new,established counter name outer_out
		}
		chain forward {
			type filter hook forward priority 0
			icmp type echo-request ct state new,established counter name inner_forward
		}
		chain nat {
			type nat hook postrouting priority 100
			ip saddr $INSIDE ip daddr $RIGHT_INNER masquerade
		}
	}
	EOF
}

# counted: each of its counters.
counted()
{
	on_left nft list counters
	on_left nft -j list counters | jq -e \
		'[.nftables[] | .counter? | objects | .packets] | length == 4 and all(. >= 5)'
}

# tracked FAMILY TEXT: there is such a flow.
tracked()
{
	on_left conntrack -L -f "$1" 2>&1 | tee "$tmp/flows"
	grep -qE "$2" "$tmp/flows"
}

begin
for tool in nft conntrack; do
	[[ $(type -P "$tool") ]] || skip_all "$tool is not installed"
done
modprobe vrf || skip_all "vrf.ko is not there"
rmmod ip_gre ip6_gre gre 2> /dev/null
two_hosts
make_ns inside
on_left sysctl -qw net.ipv6.conf.default.disable_ipv6=0
join "$left" inside 10.2.0.1/24 "$inside" eth0 "$INSIDE/24"
join "$left" eth1 "$LEFT2/$PREFIX" "$router" left2 "$LEFT2_ROUTER/$PREFIX"
ip -n "$inside" route replace default via 10.2.0.1
forward "$left"
tunnel gre1
ip -n "$right" route add 10.2.0.0/24 dev gre1
both_ways "no VRF"

vrf under 10
vrf inner 20
check "the underlay moves to a VRF" bring_in_under
check "and the tunnel follows with dev" gretun -n "$left" set gre1 dev under
# Without the VRF it would go nowhere.
ip -n "$left" route add blackhole "$RIGHT/$HOST"
both_ways "underlay in a VRF"
check "its MTU is that of the route there" mtu_is "$MTU"
ip -n "$left" link set eth0 mtu 1400
check "and follows" wait_for 3 mtu_is $((1400 - OVERHEAD))
ip -n "$left" link set eth0 mtu 1500
check "and back" wait_for 3 mtu_is "$MTU"
check "with the device itself for dev" gretun -n "$left" set gre1 dev eth0
both_ways "underlay in a VRF, bound to its device"
check "without dev" gretun -n "$left" set gre1 dev none
check "nothing is sent" stopped "$left" "$RIGHT_INNER"
check "and with it again" gretun -n "$left" set gre1 dev under

# The path takes less, and a router says so.
ip -n "$router" link set right mtu 1350
ip -n "$right" link set eth0 mtu 1350
check "underlay in a VRF: the sender is told what the path takes" \
	told "$left" $((1350 - OVERHEAD)) -c 1 -M "do" -s $((MTU - 28)) "$RIGHT_INNER"
check "which arrives" \
	pings "$left" "$RIGHT_INNER" -M "do" -s $((1350 - OVERHEAD - 28))

check "the inner side moves to another VRF" master gre1 inner "$LEFT_INNER/30"
master inside inner 10.2.0.1/24
both_ways "both in VRFs" -I inner
check "the sender is told there too" told "$inside" $((1350 - OVERHEAD)) -c 1 \
	-M "do" -s $((MTU - 28)) "$RIGHT_INNER"
check "nobody else gets there" stopped "$left" "$RIGHT_INNER"

# A second tunnel with the same inner addresses, in a VRF of its own.
vrf inner2 30
gretun -n "$left" add gre2 local "$LEFT" remote "$RIGHT" dev under key 2 down
master gre2 inner2
ip -n "$left" addr add "$LEFT_INNER/30" dev gre2
ip -n "$left" link set gre2 up
ip -n "$right" link add inner2 type vrf table 30
ip -n "$right" link set inner2 up
gretun -n "$right" add gre2 local "$RIGHT" remote "$LEFT" key 2 down
ip -n "$right" link set gre2 master inner2
ip -n "$right" addr add "$RIGHT_INNER/30" dev gre2
ip -n "$right" link set gre2 up
check "the same addresses in a third VRF" through gre2 \
	pings "$left" "$RIGHT_INNER" -I inner2
check "and in the second one" through gre1 pings "$left" "$RIGHT_INNER" -I inner
gretun -n "$left" del gre2

# Packets for the same addresses that come by another VRF are not the tunnel's.
vrf under2 40
master eth1 under2 "$LEFT2/$PREFIX"
ip -n "$left" addr add "$LEFT/$HOST" dev eth1
ip -n "$router" route add "$LEFT/$HOST" via "$LEFT2" dev left2
check "through another VRF: passed on" passed stopped "$right" "$LEFT_INNER"
ip -n "$router" route del "$LEFT/$HOST"
ip -n "$left" addr del "$LEFT/$HOST" dev eth1
check "through its own: taken" pings "$right" "$LEFT_INNER"
master eth1 none "$LEFT2/$PREFIX"

check "a firewall" firewall
both_ways "both in VRFs, tracked" -I inner
check "each layer is counted" counted
check "the outer flow is tracked" tracked "$UNDERLAY" "^gre .*src=$LEFT dst=$RIGHT "
check "the inner flow is tracked" tracked ipv4 "^icmp .*src=$INSIDE dst=$RIGHT_INNER "
check "and its address is another one outside" \
	tracked ipv4 "src=$INSIDE dst=$RIGHT_INNER .*src=$RIGHT_INNER dst=$LEFT_INNER "
on_left nft flush ruleset

check "the underlay alone leaves its VRF" bring_out
gretun -n "$left" set gre1 dev none
ip -n "$left" route del blackhole "$RIGHT/$HOST"
both_ways "inner side in a VRF" -I inner
master gre1 none "$LEFT_INNER/30"
master inside none 10.2.0.1/24
both_ways "no VRF again"

# By a mark.
ip -n "$left" route add default via "$LEFT2_ROUTER" table 5 mtu 1320
ip -n "$left" "-${UNDERLAY#ipv}" rule add fwmark 5 table 5
check "without a mark packets take the main table" \
	through eth0 pings "$left" "$RIGHT_INNER"
check "with a mark" gretun -n "$left" set gre1 fwmark 5
check "they take another one" through eth1 pings "$left" "$RIGHT_INNER"
check "with the MTU that it has" wait_for 3 mtu_is $((1320 - OVERHEAD))
check "without it again" gretun -n "$left" set gre1 fwmark 0
check "the main one" through eth0 pings "$left" "$RIGHT_INNER"

# Through a device. Answers come by eth0, which is not the tunnel's then.
ip -n "$left" route add default via "$LEFT2_ROUTER" dev eth1 metric 2048
check "bound to a device" gretun -n "$left" set gre1 dev eth1
check "what comes by another is passed on" passed stopped "$left" "$RIGHT_INNER"
ip -n "$router" route replace "$LEFT/$HOST" via "$LEFT2" dev left2
check "with a way back to the device both work" \
	through eth1 pings "$left" "$RIGHT_INNER"
check "bound to none" gretun -n "$left" set gre1 dev none
ip -n "$router" route del "$LEFT/$HOST"
check "it takes from any" pings "$left" "$RIGHT_INNER"

# From another namespace, with the underlay in a VRF.
bring_in_under
gretun -n "$left" set gre1 dev under
make_ns other
ip -n "$left" link set gre1 netns "$other"
ip -n "$other" addr add "$LEFT_INNER/30" dev gre1
ip -n "$other" link set gre1 up
check "from another namespace through a VRF" pings "$other" "$RIGHT_INNER"
check "and back" pings "$right" "$LEFT_INNER"
check "the sender is told there too" told "$other" $((1350 - OVERHEAD)) -c 1 \
	-M "do" -s $((MTU - 28)) "$RIGHT_INNER"
end
