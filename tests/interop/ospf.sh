#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Three routers with FRR, zebra and ospfd on each, a tunnel between each two of them,
# and a router of the underlay that knows nothing of it. Each tunnel has a /30, or,
# called ospf_unnumbered.sh, each router has one address for all of its tunnels, that
# of its network ("ip unnumbered").
#
#                 lan 10.1.2.1/24
#                       r2
#       10.9.12.0/30  /    \  10.9.23.0/30
#                    /      \
#                  r1 ------ r3      .1 is at the end of the smaller number
#   lan 10.1.1.1/24          lan 10.1.3.1/24
#                10.9.13.0/30
#
#   r1 eth0 198.51.1.2/30 --- .1 u .1 --- 198.51.2.2/30 eth0 r2
#                                u .1 --- 198.51.3.2/30 eth0 r3

set -u
cd "${BASH_SOURCE[0]%/*}/.." || exit
# shellcheck source-path=SCRIPTDIR source=../lib.sh
. ./lib.sh
# shellcheck source-path=SCRIPTDIR source=frr_lib.sh
. interop/frr_lib.sh

# OSPF alone would take DEAD seconds to see that a tunnel is dead. Keepalive takes
# one period more than RETRIES, at most; then there are the routes to compute.
readonly DEAD=40 PERIOD=1 RETRIES=2 LATEST=8
r1='' r2='' r3='' u=''

# router N: with its underlay and its network.
router()
{
	local name=r$1 ns

	ns=${!name}
	forward "$ns" &&
		join "$ns" eth0 "198.51.$1.2/30" "$u" "$name" "198.51.$1.1/30" &&
		ip -n "$ns" route add default via "198.51.$1.1" &&
		ip -n "$ns" link add lan type dummy &&
		ip -n "$ns" addr add "10.1.$1.1/24" dev lan &&
		ip -n "$ns" link set lan up
}

# end_of N M ADDRESS: router N's end of the tunnel to M.
end_of()
{
	local name=r$1

	gretun -n "${!name}" add "r$2" local "198.51.$1.2" remote "198.51.$2.2" \
		address "$3" keepalive "$PERIOD:$RETRIES"
}

# numbered, unnumbered: all three.
numbered()
{
	end_of 1 2 10.9.12.1/30 && end_of 2 1 10.9.12.2/30 &&
		end_of 2 3 10.9.23.1/30 && end_of 3 2 10.9.23.2/30 &&
		end_of 1 3 10.9.13.1/30 && end_of 3 1 10.9.13.2/30
}

unnumbered()
{
	end_of 1 2 10.1.1.1/32 && end_of 2 1 10.1.2.1/32 &&
		end_of 2 3 10.1.2.1/32 && end_of 3 2 10.1.3.1/32 &&
		end_of 1 3 10.1.1.1/32 && end_of 3 1 10.1.3.1/32
}

# daemons N: start those of router N.
daemons()
{
	local name=r$1 other

	{
		for other in r1 r2 r3; do
			[[ $other != "$name" ]] || continue
			cat <<- END
			interface $other
			 ip ospf area 0
			 ip ospf network point-to-point
			 ip ospf hello-interval 1
			 ip ospf dead-interval $DEAD
			END
		done
		cat <<- END
		interface lan
		 ip ospf area 0
		 ip ospf passive
		router ospf
		 ospf router-id 10.1.$1.1
		 timers throttle spf 10 100 1000
		 timers throttle lsa all 100
		 timers lsa min-arrival 50
		END
	} | frr "${!name}" zebra ospfd
}

# hello: what u sees of a Hello of r1. Byte 33 is the protocol of the inner header.
hello()
{
	ip netns exec "$u" timeout 20 tcpdump -Z root -c 1 -ni r1 -v \
		"ip proto 47 and src 198.51.1.2 and ip[33] == 89" \
		2> /dev/null | tee "$tmp/hello"
	# The outer header comes first.
	[[ $(sed -n 's/.* ttl \([0-9]*\),.*/\1/p' "$tmp/hello" | paste -sd ' ') == \
		"64 1" ]] && grep -q 'OSPFv2, Hello' "$tmp/hello"
}

# leads N NETWORK DEV: router N's route leads into that tunnel.
leads()
{
	local name=r$1

	ip -n "${!name}" -j route show "$2" proto ospf | jq -e \
		".[0] | (.dev // .nexthops[].dev) == \"$3\"" > /dev/null
}

# routes: each router has the networks of the others, each through the tunnel there.
routes()
{
	leads 1 10.1.2.0/24 r2 && leads 1 10.1.3.0/24 r3 &&
		leads 2 10.1.1.0/24 r1 && leads 2 10.1.3.0/24 r3 &&
		leads 3 10.1.1.0/24 r1 && leads 3 10.1.2.0/24 r2
}

# lans TUNNEL: r1's network reaches that of r3, through that tunnel of r1.
lans()
{
	local before

	before=$(counter "$r1" "$1" .tx.packets)
	pings "$r1" 10.1.3.1 -I 10.1.1.1 || return
	(($(counter "$r1" "$1" .tx.packets) >= before + 5))
}

now()
{
	date +%s%3N
}

# moves: when GRE does not get from r1 to r3 any more, and back, traffic between
# their networks takes the way round, in time, and says what it took.
moves()
{
	local since took ping lost

	ip netns exec "$r1" ping -i 0.1 -W 1 -I 10.1.1.1 10.1.3.1 \
		> "$tmp/lost" 2>&1 &
	ping=$!
	children+=("$ping")
	wait_for 10 grep -q 'icmp_seq=5 ' "$tmp/lost" || return
	since=$(now)
	ip netns exec "$u" nft "table inet dead { chain c {
		type filter hook forward priority 0;
		iifname r1 oifname r3 meta l4proto gre drop
		iifname r3 oifname r1 meta l4proto gre drop
	}; }" || return
	wait_for "$DEAD" leads 1 10.1.3.0/24 r2 &&
		wait_for "$DEAD" leads 3 10.1.1.0/24 r2 || return
	took=$(($(now) - since))
	# Some packets that cross, as those at the end that did not are no loss.
	sleep 1
	kill -INT "$ping"
	wait "$ping"
	# Lost packets, in time.
	lost=$(sed -n 's/^\([0-9]*\) packets transmitted, \([0-9]*\) received.* time \([0-9]*\)ms/\1 \2 \3/p' \
		"$tmp/lost" | awk '{ printf "%d", ($1 - $2) * $3 / $1 }')
	echo "# keepalive $PERIOD:$RETRIES: $lost ms without traffic, and routes at both" \
		"ends $took ms after the tunnel died" >&3
	((took < LATEST * 1000))
}

# returns: and when it does, the old way.
returns()
{
	ip netns exec "$u" nft delete table inet dead &&
		wait_for "$DEAD" leads 1 10.1.3.0/24 r3 &&
		wait_for "$DEAD" leads 3 10.1.1.0/24 r1
}

# all_full: each router has two neighbours that are.
all_full()
{
	full "$r1" 2 && full "$r2" 2 && full "$r3" 2
}

begin
# For what is no result, from where output is kept for failures.
exec 3>&1
frr_begin
make_ns r1 r2 r3 u
forward "$u"
for number in 1 2 3; do
	router "$number"
done
addresses=numbered
[[ ${0##*/} != *_unnumbered.sh ]] || addresses=unnumbered
check "three tunnels" "$addresses"
for number in 1 2 3; do
	check "the daemons of r$number start" daemons "$number"
done
# Asking ip is quicker than asking the daemons.
check "routes converge" wait_for 40 routes
check "all neighbours are Full" wait_for 20 all_full
check "Hello has a TTL of 1, and of 64 outside" hello
check "traffic takes the tunnel" lans r3
check "a tunnel without an answer moves traffic" moves
check "it takes the way round" lans r2
check "and comes back" returns
check "traffic takes the tunnel again" lans r3
frr_end "$r1" "$r2" "$r3"
end
