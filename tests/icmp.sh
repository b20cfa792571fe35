#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# What routers and the other end say of outer packets, other than that they are
# too long: it is counted by kind, with who said it, and the inner sender is told.
#
#   left a tunnel for each kind
#   eth0 212.25.240.34/30 -- left .33 router .1 -- eth0 217.154.12.2/30 right
#   |                        refuses some addresses     has no tunnel
#   inside 10.2.0.1/24, fd02::1 -- eth0 10.2.0.2/24, fd02::2 inside

set -u
cd "${BASH_SOURCE[0]%/*}" || exit
# shellcheck source-path=SCRIPTDIR source=lib.sh
. ./lib.sh

# Where inner packets go: 10.4.N.1 and fd04:N::1 are behind tunnel N.
NET=203.0.113.
[[ $UNDERLAY == ipv4 ]] || NET=2001:db8:7::
readonly NET
# Set by make_ns.
inside=''

# a tunnel of left, by number: its kind of error, its remote address and options.
add()
{
	local number=$1 name=$2 remote=$3

	shift 3
	gretun -n "$left" add "$name" local "$LEFT" remote "$remote" "$@" \
		address "10.3.$number.1/32" &&
		address "$left" "$name" "fd03:$number::1/128" &&
		ip -n "$left" route add "10.4.$number.0/24" dev "$name" &&
		ip -n "$left" route add "fd04:$number::/64" dev "$name"
}

# errors NAME KIND FILTER: what left's tunnel knows of the errors of a kind.
errors()
{
	counter "$left" "$1" ".icmp[\"$2\"] // {packets: 0} | $3"
}

# unreachable NS ADDRESS: the first packet there is answered with that it cannot
# arrive.
unreachable()
{
	ip netns exec "$1" ping -c 1 -W 5 "$2" | tee "$tmp/ping"
	grep -qE 'Destination (Host U|unreachable: Address u)nreachable' "$tmp/ping"
}

# kind NUMBER NAME KIND SENDER: all that is the same for each.
kind()
{
	local number=$1 name=$2 kind=$3 sender=$4 ns address before

	before=$(errors "$name" "$kind" .packets)
	for ns in "$left" "$inside"; do
		for address in "10.4.$number.1" "fd04:$number::1"; do
			check "$name: a sender at ${ns%-*} is told, $address" \
				unreachable "$ns" "$address"
		done
	done
	gretun -n "$left" -j stats "$name" > "$tmp/stats"
	same "$name: all are counted as $kind, with the last sender" \
		"{\"$kind\":[$((before + 4)),\"$sender\",true]} 0" \
		"$(jq -c '.[0].stats64 | (.icmp | map_values([.packets, .sender,
			.age_ms < 60000])), (.drops | add)' "$tmp/stats" | paste -sd ' ')"
}

# filter WORD...: router does so with GRE to right.
filter()
{
	on_router nft -f - <<- EOF
	flush ruleset
	table inet t {
		chain c {
			type filter hook forward priority 0
			meta l4proto gre $*
		}
	}
	EOF
}

begin
[[ $(type -P nft) ]] || skip_all "nft is not installed"
two_hosts
make_ns inside
join "$left" inside 10.2.0.1/24 "$inside" eth0 10.2.0.2/24
address "$left" inside fd02::1/64
address "$inside" eth0 fd02::2/64
forward "$left"
ip -n "$inside" route replace default via 10.2.0.1
ip -n "$inside" -6 route replace default via fd02::1
# Those who are told shall not wait for more. This one is for all namespaces.
cost=$(sysctl -n net.ipv4.route.error_cost)
sysctl -qw net.ipv4.route.error_cost=0
for ns in "$left" "$router" "$right"; do
	ip netns exec "$ns" sysctl -qw net.ipv4.icmp_ratelimit=0 \
		net.ipv6.icmp.ratelimit=0
done
# A router tells by itself of groups that it is in.
on_left nft "table ip6 t {
	chain c { type filter hook output priority 0; icmpv6 type mld2-listener-report drop; }
}"
rmmod ip_gre ip6_gre gre 2> /dev/null
# With IPv6 such a route is as none. Where nobody has the address it is said after
# some time, which need not be long here.
host=${NET}2
if [[ $UNDERLAY == ipv4 ]]; then
	ip -n "$router" route add unreachable "$host"
else
	host=2001:db8:2::99
	on_router sysctl -qw net.ipv6.neigh.right.retrans_time_ms=100
fi
ip -n "$router" route add prohibit "${NET}3/$HOST"

add 1 net "${NET}1"
add 2 host "$host"
add 3 prohibited "${NET}3"
add 4 protocol "$RIGHT"
add 5 hops "$RIGHT" ttl 1 key 5
kind 1 net net-unreachable "$LEFT_ROUTER"
kind 2 host host-unreachable "$LEFT_ROUTER"
kind 3 prohibited prohibited "$LEFT_ROUTER"
kind 4 protocol protocol-unreachable "$RIGHT"
kind 5 hops ttl-exceeded "$LEFT_ROUTER"
sysctl -qw "net.ipv4.route.error_cost=$cost"
while read -r with kind; do
	check "a firewall that says $with" filter reject with icmpx type "$with"
	add 6 firewall "$RIGHT" key 6
	kind 6 firewall "$kind" "$LEFT_ROUTER"
	gretun -n "$left" del firewall
done <<- EOF
	port-unreachable prohibited
	no-route net-unreachable
EOF
on_router nft flush ruleset
# The kernel's own tunnels say something else where there is none.
if modprobe "$OTHER_MODULE"; then
	kind 4 protocol protocol-unreachable "$RIGHT"
	rmmod "$OTHER_MODULE" gre
fi
check "stats --explain has the kind and the sender" sh -c \
	"gretun -n $left stats hops --explain | grep -A2 ttl-exceeded | grep -q $LEFT_ROUTER"

# Made by hand, also as short as they may be. Nobody else says a word.
gretun -n "$left" del --all
filter drop
add 7 hand "$RIGHT" ikey 8 okey 7
python icmp.py messages "$left" "$router" "$inside"
on_left sysctl -qw net.ipv4.icmp_ratelimit=1000 net.ipv6.icmp.ratelimit=1000
python icmp.py flood "$left" "$router" "$inside"
end
