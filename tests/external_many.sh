#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# One device and as many peers as there are routes, with the limits of the
# neighbour tables as they come. Each peer has outer and inner addresses and a
# key of its own.
#
#   left ext 10.9.0.1, fd09::1 ====== ext right 10.100.0.0/16, fd64::/64
#   eth0 212.25.240.34/30 -- router -- eth0 217.154.12.2/30, 10.200.0.0/16

set -u
cd "${BASH_SOURCE[0]%/*}" || exit
# shellcheck source-path=SCRIPTDIR source=lib.sh
. ./lib.sh

readonly COUNT=3000

# routes: to each peer, for ip -batch. Without a metric of its own each route
# would be compared with all that there are.
routes()
{
	local i low

	for ((i = 1; i <= COUNT; i++)); do
		low=$((i >> 8)).$((i & 255))
		echo "route add 10.100.$low encap ip id $i dst 10.200.$low dev ext metric $i"
		printf 'route add fd64::%x encap ip id %s dst 10.200.%s dev ext\n' \
			"$i" "$i" "$low"
	done
}

# full TABLE: how often a neighbour table was full, on each CPU.
full()
{
	awk 'NR == 1 { for (i = 1; i <= NF; i++) if ($i == "table_fulls") column = i; next }
		{ print $column }' "/proc/net/stat/$1"
}

begin
two_hosts
ip -n "$router" route add 10.200.0.0/16 via "$RIGHT"
for ns in "$left" "$right"; do
	gretun -n "$ns" add ext external
	ip netns exec "$ns" sysctl -qw net.ipv6.conf.ext.disable_ipv6=0 \
		net.ipv6.conf.lo.disable_ipv6=0
done
ip -n "$left" addr add 10.9.0.1/32 dev ext
ip -n "$left" addr add fd09::1/128 dev ext nodad
ip -n "$right" addr add 10.200.0.0/16 dev lo
ip -n "$right" addr add 10.100.0.0/16 dev lo
ip -n "$right" -6 route add local fd64::/64 dev lo
ip -n "$right" route add 10.9.0.1 encap ip id 1 dst "$LEFT" dev ext
ip -n "$right" -6 route add fd09::1 encap ip id 1 dst "$LEFT" dev ext

routes > "$tmp/routes"
check "$COUNT peers" ip -n "$left" -batch "$tmp/routes"
arp=$(full arp_cache) ndisc=$(full ndisc_cache)
check "the tables of neighbours count when they are full" test "$arp" -a "$ndisc"
python external_many.py "$left" "$router" "$right" "$COUNT"
same "no table of neighbours was full" "$arp, $ndisc" \
	"$(full arp_cache), $(full ndisc_cache)"
same "nobody else got the packets" "{}" "$(gretun -n "$right" -j stats |
	jq -c '.[-1].stats64.drops | with_entries(select(.value > 0))')"
check "the device goes with all its peers" gretun -n "$left" del ext
same "none of the routes is left" "" "$(ip -n "$left" route show to root 10.100.0.0/16)"
end
