#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Random packets, and that none gets lost unseen: of those sent, each is delivered,
# dropped for a reason or passed on, by counters. noise.c makes them. NOISE is how
# many there are of each of six kinds, fewer on the kernel that checks itself, which is
# slow. NOISE_SEED is where they begin.
#
#   left: gretun tunnels to 217.154.12.2, told apart by key:
#     plain (none)  checked 1 csum  sequenced 2 seq  fast 3 fastpath, mss-clamp
#     down 4        alive 5 csum, seq, keepalive     any 6 remote any
#   and an external device for the rest; in UDP:
#     u-plain (none), mss-clamp  u-checked 1 csum  u-sequenced 2 seq  u-down 4
#   eth0 212.25.240.34/30 -- left  router, which sends  -- right, with plain

set -u
cd "${BASH_SOURCE[0]%/*}" || exit
# shellcheck source-path=SCRIPTDIR source=lib.sh
. ./lib.sh

# With noise6.sh more than a million where time does not matter.
noise=10000
[[ ${GRETUN_KERNEL-} != debug ]] || noise=5000
[[ ! -e deep ]] || noise=90000
readonly NOISE=${NOISE:-$noise} NOISE_SEED=${NOISE_SEED:-$RANDOM}

# add NAME [OPTION...]: a tunnel of left.
add()
{
	local name=$1

	shift
	gretun -n "$left" add "$name" local "$LEFT" remote "$RIGHT" "$@"
}

# total FILTER: of all counters, the sum of those that the jq FILTER gives.
total()
{
	gretun -n "$left" -j stats |
		jq "[.[].stats64 | $1 | numbers] | add"
}

# ends: what became of GRE packets so far, each counted once.
ends()
{
	local answered

	answered=$(gretun -n "$left" -j show alive |
		   jq '.[0].keepalive.answered // 0')
	echo $((answered + $(total '.rx.packets, .keepalive_replies,
		(.drops | to_entries[] | select(.key |
		 test("^(rx-|passed-|udp-|truncated|routing|reserved|memory|conntrack)")) |
		 .value)')))
}

# reports: what became of ICMP errors so far.
reports()
{
	total '(.icmp // {} | .[].packets), .drops["icmp-unmatched"],
	       .drops["icmp-invalid"]'
}

# noise KIND: send; sets sent and due.
noise()
{
	local out

	out=$(on_router ./noise left "$mac" "$LEFT" "$RIGHT" "$1" "$NOISE" \
		"$NOISE_SEED" < hdr.seeds) || return
	sent=$(awk '/^sent/ { print $2 }' <<< "$out")
	due=$(awk '/^due/ { print $2 }' <<< "$out")
}

# settled COMMAND: what COMMAND prints when it does not change any more.
settled()
{
	local last now

	now=$("$1")
	until [[ $now == "${last-}" ]]; do
		sleep 0.2
		last=$now
		now=$("$1")
	done
	echo "$now"
}

# seen: GRE packets that the firewall of left saw come to it, whole.
seen()
{
	on_left nft -j list chain inet t input |
		jq '[.nftables[].rule | objects | .expr[].counter | objects |
		     .packets] | add'
}

# account KIND: packets of a kind while others cross; those that the firewall
# saw are those that went somewhere.
account()
{
	local before seen_before after seen_after

	before=$(settled ends) seen_before=$(seen)
	# So many that noise is still most of it.
	background ip netns exec "$right" ping -q -f -i 0.005 "$LEFT_INNER" > /dev/null
	noise "$1"
	kill "${children[@]}"
	wait
	children=()
	after=$(settled ends) seen_after=$(seen)
	echo "# $1: $sent sent, $((seen_after - seen_before)) seen"
	same "$1: what came is delivered, dropped or passed on" \
		"$((seen_after - seen_before))" "$((after - before))"
	check "$1: and something came" [ "$after" -gt "$((before + NOISE / 4))" ]
}

# still_works: after all that.
still_works()
{
	pings "$right" "$LEFT_INNER"
}

begin
two_hosts
add plain address "$LEFT_INNER/30" mss-clamp on
add checked key 1 csum on
add sequenced key 2 seq on
add fast key 3 fastpath on mss-clamp on
add down key 4 down
add alive key 5 csum on seq on
gretun -n "$left" add any local "$LEFT" remote any key 6
gretun -n "$left" add ext external
add u-plain encap udp mss-clamp on
add u-checked key 1 csum on encap udp
add u-sequenced key 2 seq on encap udp
add u-down key 4 encap udp down
gretun -n "$right" add plain local "$RIGHT" remote "$LEFT" \
	address "$RIGHT_INNER/30"
mac=$(on_left cat /sys/class/net/eth0/address)
# Nothing is to wait in a queue that runs over.
sysctl -qw net.core.netdev_max_backlog=100000
echo "# NOISE_SEED=$NOISE_SEED"

for kind in gre udp; do
	before=$(settled ends)
	noise "$kind"
	after=$(settled ends)
	same "$kind: what was sent is delivered, dropped or passed on" \
		"$due" "$((after - before))"
	check "$kind: and much of it was" [ "$due" -gt "$((NOISE / 2))" ]
done

before=$(reports)
noise icmp
same "icmp: what quotes a tunnel's packets is taken or ignored for a reason" \
	"$due" "$(($(settled reports) - before))"
check "icmp: and some of it was" [ "$due" -gt "$((NOISE / 10))" ]

gretun -n "$left" set fast fastpath off
gretun -n "$left" set alive keepalive 1
on_left nft -f - << EOF
table inet t {
	chain input {
		type filter hook input priority 0
		meta l4proto gre counter
	}
}
EOF
account nested
# How the firewall looks at broken headers of IPv6 is not how others do.
if [[ $UNDERLAY == ipv4 ]]; then
	account fragment
	account outer
else
	noise fragment
	noise outer
fi
check "packets still cross" still_works
end
