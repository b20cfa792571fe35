#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# More tunnels than the table of neighbours has room for (gc_thresh3, 1024), at
# the limits that the kernel sets: a packet through each, and none is lost.
#
#   left t0 ... tN, keys 0 ... N
#   eth0 192.0.2.1/24 --- eth0 10.0.0.1, 192.0.2.2/24 right

set -u
cd "${BASH_SOURCE[0]%/*}" || exit
# shellcheck source-path=SCRIPTDIR source=lib.sh
. ./lib.sh

# For each device that goes the kernel looks at all neighbours and routes, and lockdep
# at each such look.
if [[ -e /proc/lockdep_stats ]]; then
	readonly COUNT=1100
else
	readonly COUNT=3000
fi

# links WORD...: "link set tN WORD..." for each tunnel, for ip -batch.
links()
{
	seq -f "link set t%.0f $*" 0 $((COUNT - 1)) | ip -n "$left" -batch -
}

# routes: an address behind each tunnel.
routes()
{
	local i

	for ((i = 0; i < COUNT; i++)); do
		echo "route add 10.100.$((i >> 8)).$((i & 255)) dev t$i"
	done | ip -n "$left" -batch -
}

# pressed: how often the table of neighbours was full, and how often the kernel
# threw out entries so that it is not, on each CPU.
pressed()
{
	awk 'NR == 1 {
			for (i = 1; i <= NF; i++)
				column[$i] = i
			next
		}
		{ print $column["table_fulls"], $column["forced_gc_runs"] }' \
		/proc/net/stat/arp_cache
}

# all_arrived: right has seen a packet for each.
all_arrived()
{
	ip netns exec "$right" nft -j list counter ip t seen |
		jq -e --argjson count "$COUNT" \
			'[.nftables[] | .counter? | objects | .packets] | add == $count'
}

# send: a message into each tunnel.
send()
{
	on_left /usr/bin/python3 - "$COUNT" <<- 'EOF'
	import socket, sys
	s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
	s.bind(("192.0.2.1", 0))
	for i in range(int(sys.argv[1])):
	    s.sendto(b"x", ("10.100.%d.%d" % (i >> 8, i & 255), 9))
	EOF
}

begin
[[ $(type -P nft) ]] || skip_all "nft is not installed"
make_ns left right
join "$left" eth0 192.0.2.1/24 "$right" eth0 192.0.2.2/24
ip -n "$right" addr add 10.0.0.1/32 dev eth0
ip -n "$left" route add 10.0.0.1 via 192.0.2.2
ip netns exec "$right" nft -f - <<- EOF
table ip t {
	counter seen { }
	chain prerouting {
		type filter hook prerouting priority raw
		ip protocol 47 counter name seen
	}
}
EOF
check "$COUNT tunnels" ip netns exec "$left" ./many "$COUNT"
check "they come up" links up
check "a route through each" routes
pressed=$(pressed)
check "the table of neighbours counts such things" test "$pressed"
check "a packet into each" send
check "all have arrived" wait_for 10 all_arrived
same "there was always room in the table" "$pressed" "$(pressed)"
same "no tunnel has dropped one" "$COUNT 0" "$(gretun -n "$left" -j stats |
	jq -r '[([.[] | select(.ifname) | .stats64.tx.packets] | add),
		([.[] | select(.ifname) | .stats64.drops[]] | add // 0)] | join(" ")')"
end
