#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# FRR at both ends: bgpd with bfdd in the tunnel, which sees sooner than BGP that the
# tunnel is dead, and ospf6d with IPv6 inside.
#
#   left gre1 10.1.12.37/30 ====================== gre1 10.1.12.38/30 right
#   AS 65001  fd12::37/64                               fd12::38/64   AS 65002
#   lan 10.1.1.1/24 fd01::1/64              lan 10.1.2.1/24 fd02::1/64
#   eth0 212.25.240.34/30 --- .33 router .1 --- eth0 217.154.12.2/30

set -u
cd "${BASH_SOURCE[0]%/*}/.." || exit
# shellcheck source-path=SCRIPTDIR source=../lib.sh
. ./lib.sh
# shellcheck source-path=SCRIPTDIR source=frr_lib.sh
. interop/frr_lib.sh
# shellcheck source-path=SCRIPTDIR source=wire_lib.sh
. interop/wire_lib.sh

# BGP would see after HOLD seconds what BFD sees within LATEST; its three intervals of
# 300 ms pass quickly, but the machine may be slow.
readonly HOLD=90 LATEST=8

# lan NS NUMBER: a network behind it.
lan()
{
	ip -n "$1" link add lan type dummy && address "$1" lan "10.1.$2.1/24" &&
		address "$1" lan "fd0$2::1/64" && ip -n "$1" link set lan up &&
		forward "$1"
}

# daemons NS NUMBER PEER-NUMBER PEER: all of one end.
daemons()
{
	frr "$1" zebra bfdd bgpd ospf6d <<- END
	bfd
	 profile quick
	  detect-multiplier 3
	  receive-interval 300
	  transmit-interval 300
	router bgp 6500$2
	 bgp router-id 10.1.$2.1
	 no bgp ebgp-requires-policy
	 timers bgp 30 $HOLD
	 neighbor $4 remote-as 6500$3
	 neighbor $4 timers connect 1
	 neighbor $4 bfd profile quick
	 address-family ipv4 unicast
	  network 10.1.$2.0/24
	interface gre1
	 ipv6 ospf6 area 0
	 ipv6 ospf6 network point-to-point
	 ipv6 ospf6 hello-interval 1
	 ipv6 ospf6 dead-interval 20
	interface lan
	 ipv6 ospf6 area 0
	 ipv6 ospf6 passive
	router ospf6
	 ospf6 router-id 10.1.$2.1
	END
}

# bgp_is NS PEER STATE: what bgpd says of its neighbour.
bgp_is()
{
	show "$1" "bgp neighbors $2" ".[\"$2\"].bgpState == \"$3\""
}

# bfd_is NS STATE: what bfdd says.
bfd_is()
{
	show "$1" 'bfd peers' "length == 1 and .[0].status == \"$2\""
}

has_no()
{
	! has "$@"
}

now()
{
	date +%s%3N
}

# dies: without GRE, routes of BGP are gone in time, and it says what that took.
dies()
{
	local since took

	since=$(now)
	on_router nft "table inet dead { chain c {
		type filter hook forward priority 0; meta l4proto gre drop; }; }"
	wait_for "$HOLD" has_no "$left" 10.1.2.0/24 || return
	took=$(($(now) - since))
	echo "# BFD, 3 times 300 ms: the route of BGP went $took ms after the tunnel died" >&3
	((took < LATEST * 1000))
}

# only_outside: the underlay has no word of BGP or BFD but inside of GRE.
only_outside()
{
	on_router nft -j list counters |
		jq -e '[.nftables[] | .counter? | objects | {(.name): .packets}] |
		       add | .inside > 0 and .plain == 0'
}

begin
# For what is no result, from where output is kept for failures.
exec 3>&1
frr_begin
two_hosts
tunnel gre1
tunnel6
lan "$left" 1
lan "$right" 2
on_router nft -f - <<- END
table inet t {
	counter inside { }
	counter plain { }
	chain forward {
		type filter hook forward priority 0
		meta l4proto gre counter name inside
		tcp dport 179 counter name plain
		udp dport { 3784, 3785 } counter name plain
	}
}
END
# BGP has a TTL of 1, BFD one of 255 and its port; OSPFv3 a hop limit of 1.
check "the router watches GRE" wire "$router" forward \
	"other=@th,0,16 != 0" \
	"BGP=$PLAIN4 @th,96,16 0x0106" \
	"BFD=$PLAIN4 @th,96,16 0xff11 @th,208,16 3784" \
	"OSPFv3=$PLAIN6 @th,80,16 0x5901"
check "the daemons of left start" daemons "$left" 1 2 "$RIGHT_INNER"
check "those of right start" daemons "$right" 2 1 "$LEFT_INNER"
check "BGP: left is Established" wait_for 30 bgp_is "$left" "$RIGHT_INNER" Established
check "BGP: right is" wait_for 10 bgp_is "$right" "$LEFT_INNER" Established
check "BFD is up at left" wait_for 20 bfd_is "$left" up
check "and at right" wait_for 10 bfd_is "$right" up
check "BGP: left has right's network" wait_for 20 has "$left" 10.1.2.0/24
check "BGP: right has left's" wait_for 20 has "$right" 10.1.1.0/24
check "network to network" pings "$left" 10.1.2.1 -I 10.1.1.1
check "OSPFv3: left is Full" wait_for 30 ospf6_full "$left"
check "OSPFv3: right is" wait_for 10 ospf6_full "$right"
check "OSPFv3: left has right's network" wait_for 20 has "$left" fd02::/64
check "OSPFv3: right has left's" wait_for 20 has "$right" fd01::/64
check "network to network with IPv6" pings "$left" fd02::1 -I fd01::1
check "all of it was in the tunnel" only_outside
for what in BGP BFD OSPFv3; do
	check "with the TTL that it sets: $what" on_wire "$router" "$what"
done
same "no header has an option" 0 "$(wired "$router" other)"
check "BFD tells BGP that the tunnel is dead" dies
check "BFD is down" bfd_is "$left" down
on_router nft delete table inet dead
check "the route of BGP comes back" wait_for 60 has "$left" 10.1.2.0/24
frr_end "$left" "$right"
end
