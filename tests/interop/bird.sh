#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# BIRD at one end, FRR at the other: OSPF over IPv4, and OSPFv3 over IPv6, in one
# tunnel.
#
#   left gre1 10.1.12.37/30 ====================== gre1 10.1.12.38/30 right
#   (BIRD)    fd12::37/64                               fd12::38/64   (FRR)
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

# lan NS NUMBER: a network behind it.
lan()
{
	ip -n "$1" link add lan type dummy && address "$1" lan "10.1.$2.1/24" &&
		address "$1" lan "fd0$2::1/64" && ip -n "$1" link set lan up &&
		forward "$1"
}

# bird: on the left.
bird()
{
	cat > "$tmp/bird.conf" <<- END
	router id 10.1.12.37;
	protocol device { }
	protocol kernel { ipv4 { export all; }; }
	protocol kernel { ipv6 { export all; }; }
	protocol ospf v2 four {
		area 0 {
			interface "gre1" { type ptp; hello 1; dead 20; };
			interface "lan" { stub; };
		};
	}
	protocol ospf v3 six {
		area 0 {
			interface "gre1" { type ptp; hello 1; dead 20; };
			interface "lan" { stub; };
		};
	}
	END
	on_left /usr/sbin/bird -c "$tmp/bird.conf" -s "$tmp/bird.ctl" \
		-P "$tmp/bird.pid" || return
	children+=("$(< "$tmp/bird.pid")")
}

birdc()
{
	/usr/sbin/birdcl -s "$tmp/bird.ctl" "$@"
}

# frr_right: FRR on the right.
frr_right()
{
	frr "$right" zebra ospfd ospf6d <<- END
	interface gre1
	 ip ospf area 0
	 ip ospf network point-to-point
	 ip ospf hello-interval 1
	 ip ospf dead-interval 20
	 ipv6 ospf6 area 0
	 ipv6 ospf6 network point-to-point
	 ipv6 ospf6 hello-interval 1
	 ipv6 ospf6 dead-interval 20
	interface lan
	 ip ospf area 0
	 ip ospf passive
	 ipv6 ospf6 area 0
	 ipv6 ospf6 passive
	router ospf
	 ospf router-id 10.1.12.38
	router ospf6
	 ospf6 router-id 10.1.12.38
	END
}

# bird_full PROTOCOL: its neighbour is Full.
bird_full()
{
	birdc show ospf neighbors "$1" | grep -q 'Full/PtP'
}

begin
[[ -x /usr/sbin/bird ]] || skip_all "BIRD is not there"
frr_begin
two_hosts
tunnel gre1
tunnel6
lan "$left" 1
lan "$right" 2
# Protocol 89 behind a TTL, or a hop limit, of 1.
check "the router watches" wire "$router" forward \
	"other=@th,0,16 != 0" \
	"left4=iifname left $PLAIN4 @th,96,16 0x0159" \
	"right4=iifname right $PLAIN4 @th,96,16 0x0159" \
	"left6=iifname left $PLAIN6 @th,80,16 0x5901" \
	"right6=iifname right $PLAIN6 @th,80,16 0x5901"
check "BIRD starts" bird
check "FRR starts" frr_right
check "OSPF: BIRD has a neighbour that is Full" wait_for 30 bird_full four
check "OSPF: FRR has" wait_for 30 full "$right" 1
check "OSPFv3: BIRD has a neighbour that is Full" wait_for 30 bird_full six
check "OSPFv3: FRR has" wait_for 30 ospf6_full "$right"
check "left has right's network" wait_for 20 has "$left" 10.1.2.0/24
check "right has left's" wait_for 20 has "$right" 10.1.1.0/24
check "left has right's IPv6 network" wait_for 20 has "$left" fd02::/64
check "right has left's IPv6 network" wait_for 20 has "$right" fd01::/64
check "network to network" pings "$left" 10.1.2.1 -I 10.1.1.1
check "and with IPv6" pings "$left" fd02::1 -I fd01::1
for who in left4 right4 left6 right6; do
	check "OSPF has a TTL of 1 in the tunnel, $who" on_wire "$router" "$who"
done
same "no header has an option" 0 "$(wired "$router" other)"
birdc down > /dev/null
frr_end "$right"
end
