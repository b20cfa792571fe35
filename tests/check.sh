#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# gretun check finds what is wrong, one thing at a time, and says what would put
# it right; that is typed, and then nothing is wrong any more. It changes
# nothing itself.
#
#   left gre1 10.1.12.37/30 ======================= gre1 10.1.12.38/30 right
#   eth0 212.25.240.34/30 --- .33 router .1 --- eth0 217.154.12.2/30
#   eth1 192.0.2.5/30 ------- .6 left2
#   lan0 10.9.0.1/24, with a host behind it
#
# check6.sh is the same with outer packets of IPv6, see lib.sh

set -u
cd "${BASH_SOURCE[0]%/*}" || exit
# shellcheck source-path=SCRIPTDIR source=lib.sh
. ./lib.sh
# shellcheck source-path=SCRIPTDIR source=check_lib.sh
. ./check_lib.sh

# state: all that a check might change.
state()
{
	gretun -n "$left" -j show
	ip -n "$left" addr
	ip -n "$left" route show table all
	ip -n "$left" -6 route show table all
	ip -n "$left" rule
	on_left sysctl -a 2> /dev/null | grep -E '^net\.(ipv4|ipv6|gretun)' |
		grep -v 'fib_multipath_hash_seed'
	on_left nft list ruleset
}

# narrow MTU [silent]: the cable between router and right takes no more, and
# unless it is silent the router says so.
narrow()
{
	ip -n "$router" link set right mtu "$1" && ip -n "$right" link set eth0 mtu "$1" ||
		return
	on_router nft flush ruleset
	[[ ${2-} != silent ]] || on_router nft -f - <<- 'EOF'
	table inet t {
		chain output {
			type filter hook output priority 0
			icmp type destination-unreachable drop
			icmpv6 type packet-too-big drop
		}
	}
	EOF
}

# lost MTU: right drops longer packets that come out of the tunnel.
lost()
{
	on_right nft -f - <<- EOF
	table inet t {
		chain prerouting {
			type filter hook prerouting priority raw
			iifname gre1 meta length > $1 drop
		}
	}
	EOF
}

# refuse: the router's firewall lets no GRE through, and says so.
refuse()
{
	on_router nft -f - <<- 'EOF'
	table inet t {
		chain forward {
			type filter hook forward priority 0
			meta l4proto gre reject with icmpx admin-prohibited
		}
	}
	EOF
}

# keepalives: they are what comes back.
keepalives()
{
	look
	of returns ok text | grep -q 'keepalives come back'
}

begin
[[ $(type -P nft) ]] || skip_all "nft is not installed"
two_hosts
join "$left" eth1 "$LEFT2/$PREFIX" "$router" left2 "$LEFT2_ROUTER/$PREFIX"
make_ns lan
join "$left" lan0 10.9.0.1/24 "$lan" eth0 10.9.0.2/24
# Routes of IPv6 lead only where there is IPv6.
on_left sysctl -qw net.ipv6.conf.default.disable_ipv6=0
tunnel gre1
in_left="ip -n $left"
gretun="gretun -n $left"
# A host that is neither of the two.
left_other=${LEFT%34}66 right_other=${RIGHT%2}66
# A route to the far end as it is typed.
to_right="$in_left route replace $RIGHT/$HOST via $LEFT_ROUTER dev eth0"

# Words.
look_from "$left" gre2
found "no such tunnel" tunnel problem 'there is no tunnel gre2'
look_from "$left" eth0
found "a device that is no tunnel" tunnel problem 'eth0 is a device, but not a tunnel of gretun'
gretun check > "$tmp/out" 2>&1
same "without a name: exit status" 2 $?
gretun check gre1 gre2 > "$tmp/out" 2>&1
same "two names: exit status" 2 $?

# All is well.
state > "$tmp/before"
look
state > "$tmp/after"
well "a tunnel"
check "nothing was changed" cmp "$tmp/before" "$tmp/after"
same "JSON: keys" 'ifname ok steps path' \
	"$(command jq -r '.[0] | keys_unsorted | join(" ")' "$tmp/check")"
same "JSON: ok" true "$(jq '.[0].ok' "$tmp/check")"
same "JSON: the path" \
	"[[\"tunnel\",\"gre1\",\"$LEFT_INNER\"],[\"local\",\"eth0\",\"$LEFT\"],[\"gateway\",null,\"$LEFT_ROUTER\"],[\"remote\",null,\"$RIGHT\"],[\"inner\",null,\"$RIGHT_INNER\"]]" \
	"$(jq -c '.[0].path | map([.station, .dev, .address])' "$tmp/check")"
same "JSON: all of it was reached" true \
	"$(jq '.[0].path | all(.[]; .reached)' "$tmp/check")"
gretun -n "$left" check gre1 > "$tmp/out" 2> "$tmp/err"
same "for people: exit status" "0 " "$? $(< "$tmp/err")"
check "for people: the picture" grep -qF \
	"this host [gre1 $LEFT_INNER] -- eth0 $LEFT -- gateway $LEFT_ROUTER -- far end $RIGHT -- [$RIGHT_INNER]" \
	"$tmp/out"
check "for people: the end" grep -qx 'gre1: all is well' "$tmp/out"
check "for people: no colour in a file" sh -c "! grep -q $'\\033' $tmp/out"
ip netns exec "$left" setpriv --reuid 65534 --regid 65534 --clear-groups \
	gretun -j check gre1 > "$tmp/check"
same "without root: exit status" 1 $?
status=1
found "without root" privilege problem 'cannot be told without root'
same "without root: what was not done" "firewall ping returns" \
	"$(jq -r '[.[0].steps[] | select(.result == "skipped").step] | join(" ")' "$tmp/check")"

# The tunnel itself.
ip -n "$left" link set gre1 down
look
found "the tunnel is down" tunnel problem 'gre1 is down'
stops "the tunnel is down" local
fix "the tunnel is down" tunnel problem "$in_left link set gre1 up"

# The local address.
gretun -n "$left" set gre1 local "$left_other"
look
found "the local address is another's" local problem "$left_other is not an address of this host"
stops "the local address is another's" local
fix "the local address is another's" local problem "$gretun set gre1 local $LEFT"
ip -n "$left" link add dummy0 type dummy
address "$left" dummy0 "$left_other/$HOST"
gretun -n "$left" set gre1 local "$left_other"
look
found "its device is down" local problem "$left_other is on dummy0, which is down"
same "its device is down: the fix" "$in_left link set dummy0 up" \
	"$(of local problem fix)"
gretun -n "$left" set gre1 local "$LEFT"
ip -n "$left" link del dummy0

# The route.
ip -n "$left" route del default via "$LEFT_ROUTER"
look
found "no route" route problem "there is no route to $RIGHT"
check "no route: the fix" grep -qxF \
	"$in_left route replace $RIGHT/$HOST via GATEWAY dev eth0" <(of route problem fix)
ip -n "$left" route add default via "$LEFT_ROUTER"
ip -n "$left" route add "$RIGHT/$HOST" dev gre1
look
found "a route into the tunnel" route problem "leads into the tunnel itself: $RIGHT/$HOST dev gre1"
stops "a route into the tunnel" remote
fix "a route into the tunnel" route problem "$to_right"
on_left sysctl -qw net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1
gretun -n "$left" add gre2 local "$LEFT" remote "$right_other"
ip -n "$left" route replace "$RIGHT/$HOST" dev gre2
ip -n "$left" route add "$right_other/$HOST" dev gre1
look
found "a route through another tunnel" route problem 'leads through gre2 back into this tunnel'
fix "a route through another tunnel" route problem "$to_right"
gretun -n "$left" del gre2
ip -n "$left" route del "$right_other/$HOST"
on_left sysctl -qw net.ipv4.ip_forward=0 net.ipv6.conf.all.forwarding=0
ip -n "$left" route add prohibit "$right_other"
gretun -n "$left" set gre1 remote "$right_other"
look
found "a route that refuses" route problem "type prohibit|there is no route"
gretun -n "$left" set gre1 remote "$RIGHT"
ip -n "$left" route del prohibit "$right_other"
ip -n "$left" route del "$RIGHT/$HOST"

# The MTU here.
gretun -n "$left" set gre1 mtu 1490
look
found "an MTU too long" mtu warning "MTU of 1490, but with $OVERHEAD bytes of overhead only $((1500 - OVERHEAD))"
fix "an MTU too long" mtu warning "$gretun set gre1 mtu auto"

# What is far away.
ip -n "$right" link set eth0 down
look
same "the far end is down: exit status" 1 "$status"
check "the far end is down" grep -qE \
	"$RIGHT (does not answer|is not reached)|silence: " <(said)
ip -n "$right" link set eth0 up
# IPv6 forgets its addresses.
address "$right" eth0 "$RIGHT/$PREFIX" 2> /dev/null
ip -n "$right" route add default via "$RIGHT_ROUTER" 2> /dev/null
ip -n "$left" neigh flush all
ip -n "$router" addr del "$LEFT_ROUTER/$PREFIX" dev left
look
found "the gateway is down" ping problem \
	"$LEFT_ROUTER, the gateway, does not say where it is on eth0"
stops "the gateway is down" gateway
address "$router" left "$LEFT_ROUTER/$PREFIX"
ip -n "$router" route add blackhole "$RIGHT/$HOST"
look
same "the router swallows: exit status" 1 "$status"
ip -n "$router" route replace unreachable "$RIGHT/$HOST"
look
found "the router has no route" ping problem "says $LEFT_ROUTER .*unreachable"
stops "the router has no route" remote
ip -n "$router" route del "$RIGHT/$HOST"
refuse
look
found "a firewall on the way" ping ok "$RIGHT answers"
found "a firewall on the way" returns problem "says $LEFT_ROUTER .prohibited"
stops "a firewall on the way" remote
on_router nft flush ruleset
gretun -n "$right" del gre1
look
found "no tunnel at the far end" returns problem "$RIGHT refuses .*protocol-unreachable"
stops "no tunnel at the far end" inner
same "no tunnel at the far end: the fix" \
	"at the far end: gretun add gre1 local $RIGHT remote $LEFT" \
	"$(of returns problem fix)"

# Keys, and what else the two ends must agree on.
again
gretun -n "$left" set gre1 key 8
gretun -n "$right" set gre1 key 7
stopped "$right" "$LEFT_INNER"
look
found "another key" near-miss problem "from $RIGHT key 7; gre1 expects 8"
found "another key" returns problem "$RIGHT refuses"
same "another key: where it stops" inner \
	"$(jq -r '[.[0].path[] | select(.reached == false).station][0]' "$tmp/check")"
fix "another key" near-miss problem "$gretun set gre1 key 7"
gretun -n "$left" set gre1 key 8
gretun -n "$right" set gre1 ikey 8
look
found "another key back" near-miss problem "from $RIGHT key 7; gre1 expects 8"
fix "another key back" near-miss problem "$gretun set gre1 ikey 7"
again
gretun -n "$left" set gre1 csum on
look
found "no checksums" returns problem 'rx-no-checksum'
fix "no checksums" returns problem "$gretun set gre1 csum off"
gretun -n "$left" set gre1 seq on
look
found "no sequence numbers" returns problem 'rx-no-sequence'
fix "no sequence numbers" returns problem "$gretun set gre1 seq off"

# How long packets may be.
narrow 1320 silent
again
look
found "a narrow path, silent" path-mtu problem \
	"more than $((1320 - OVERHEAD)) bytes vanish"
fix "a narrow path, silent" path-mtu problem \
	"$gretun set gre1 mtu $((1320 - OVERHEAD))"
narrow 1320
again
look
found "a narrow path" path-mtu warning \
	"up to $((1320 - OVERHEAD)) bytes cross the tunnel, .* ICMP says so"
found "a narrow path" mss warning 'mss-clamp is off'
same "a narrow path: clamp" "$gretun set gre1 mss-clamp on" "$(of mss warning fix)"
gretun -n "$left" set gre1 mss-clamp on
look
found "a narrow path with mss-clamp" mss ok 'mss-clamp is on'
narrow 1500

# One end as NetBSD has it of old, one as FreeBSD.
gretun -n "$left" defaults default_mtu 1476
gretun -n "$right" defaults default_mtu 1450
if [[ $UNDERLAY == ipv6 ]]; then
	for ns in "$left" "$router" "$right"; do
		for dev in eth0 left right; do
			ip -n "$ns" link set "$dev" mtu 1520 2> /dev/null
		done
	done
fi
again
look
well "1476 here and 1450 there"
found "1476 here and 1450 there" far-mtu ok '1450, .*1476 here: .*work together'
look_from "$right" gre1
well "1450 here and 1476 there"
found "1450 here and 1476 there" far-mtu ok '1476, .*1450 here: .*work together'
lost 1450
look
found "the far end takes no more than its MTU" path-mtu problem 'more than 1450 bytes vanish'
same "the far end takes no more than its MTU: what it means" 1 \
	"$(of far-mtu warning text | grep -c 'do not work together')"
fix "the far end takes no more than its MTU" path-mtu problem "$gretun set gre1 mtu 1450"
on_right nft flush ruleset
gretun -n "$left" defaults default_mtu auto
gretun -n "$right" defaults default_mtu auto

# Ping may be filtered where the tunnel works.
again
on_router nft -f - <<- 'EOF'
table inet t {
	chain forward {
		type filter hook forward priority 0
		meta l4proto { icmp, icmpv6 } drop
	}
}
EOF
look
well "ping is filtered"
found "ping is filtered" ping ok 'ping is filtered'
on_router nft flush ruleset

# What sysctl sets.
again
ip -n "$left" route add 10.2.0.0/16 dev gre1
look
found "routes, and forwarding off" forwarding problem '10.2.0.0/16 lead into gre1, but IPv4 is not forwarded: .*(lan0|eth1)'
fix "routes, and forwarding off" forwarding problem \
	"ip netns exec $left sysctl -w net.ipv4.ip_forward=1"
if [[ $UNDERLAY == ipv4 ]]; then
	ip -n "$router" route replace "$LEFT" via "$LEFT2"
	look
	well "a detour"
	on_left sysctl -qw net.ipv4.conf.eth1.rp_filter=1
	look
	found "rp_filter" rp_filter problem 'answers seem to come in through eth1'
	fix "rp_filter" rp_filter problem \
		"ip netns exec $left sysctl -w net.ipv4.conf.eth1.rp_filter=2"
	ip -n "$router" route del "$LEFT"
	ip -n "$left" rule add fwmark 9 lookup 9
	ip -n "$left" route add default via "$LEFT2_ROUTER" dev eth1 table 9
	on_left sysctl -qw net.ipv4.conf.eth1.rp_filter=1
	gretun -n "$left" set gre1 fwmark 9
	look
	found "rp_filter where the mark leads" rp_filter problem 'comes in through eth1: rp_filter is strict'
	fix "rp_filter where the mark leads" rp_filter problem \
		"ip netns exec $left sysctl -w net.ipv4.conf.eth1.rp_filter=2"
	gretun -n "$left" set gre1 fwmark 0
fi

# What the other end's inner address is may be unknown.
gretun -n "$left" del gre1
gretun -n "$left" add gre1 local "$LEFT" remote "$RIGHT" address 10.1.12.37/32
look
found "no inner address" returns ok 'keepalives come back'
stops "no inner address" null
on_right sysctl -qw net.ipv4.conf.gre1.accept_local=1 net.ipv4.ip_forward=1 \
	net.ipv6.conf.all.forwarding=1
on_right sysctl -qw net.ipv6.conf.gre1.disable_ipv6=0 \
	net.ipv6.icmp.echo_ignore_multicast=1
# Until nothing of IPv6's own is heard any more.
check "keepalives" wait_for 20 keepalives
on_right sysctl -qw net.ipv6.icmp.echo_ignore_multicast=0
ip -n "$left" link set gre1 down
ip -n "$left" link set gre1 up
ip -n "$right" link set gre1 down
ip -n "$right" link set gre1 up
look
found "a link-local address" returns ok 'fe80::.* answers through the tunnel'

# Without a peer, or many.
gretun -n "$left" add e0 external local "$LEFT"
gretun -n "$left" add any0 local "$LEFT" remote any key 99
for name in e0 any0; do
	look_from "$left" "$name"
	same "$name: exit status" 0 "$status"
	found "$name" returns skipped 'has no peer of its own'
done

# The device elsewhere.
again
make_ns inner
ip -n "$left" link set gre1 netns "$inner"
ip -n "$inner" addr add "$LEFT_INNER/30" dev gre1
ip -n "$inner" link set gre1 up
look_from "$inner" gre1
same "moved: exit status" 0 "$status"
found "moved" local ok "$LEFT is on eth0"
found "moved" returns ok "$RIGHT_INNER answers"
found "moved" path-mtu ok 'cross the tunnel unfragmented'
ip -n "$left" route del default via "$LEFT_ROUTER"
look_from "$inner" gre1
check "moved: the fix is for where it belongs" grep -qF "$in_left route replace" \
	<(of route problem fix)
ip -n "$left" route add default via "$LEFT_ROUTER"
# Where its outer packets are has no name.
gretun -n "$inner" del gre1
make_ns hidden
join "$hidden" eth0 192.0.2.9/30 "$router" hidden 192.0.2.10/30
background ip netns exec "$hidden" sleep 600
gretun -n "$hidden" add gre1 local 192.0.2.9 remote 192.0.2.10 address "$LEFT_INNER/30"
ip -n "$hidden" link set gre1 netns "$inner"
ip -n "$inner" addr add "$LEFT_INNER/30" dev gre1
ip -n "$inner" link set gre1 up
ip netns del "$hidden"
look_from "$inner" gre1
check "moved from nowhere: what was not done" grep -q \
	'another network namespace, which could not be entered' \
	<(of local skipped text)
found "moved from nowhere" returns problem "silence: $RIGHT_INNER"
gretun -n "$inner" del gre1

# A VRF.
again
ip -n "$left" link add vrf0 type vrf table 10
ip -n "$left" link set vrf0 up
ip -n "$left" link set eth0 master vrf0
address "$left" eth0 "$LEFT/$PREFIX" 2> /dev/null
ip -n "$left" route add default via "$LEFT_ROUTER" table 10
look
found "a VRF" local problem "$LEFT is on eth0, which is in VRF vrf0, but the tunnel is not bound to that"
fix "a VRF" local problem "$gretun set gre1 dev vrf0"

check "no check took long ($slowest s)" test "$slowest" -le 15
end
