#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# What an operator has on the same host: firewalls of both kinds at each hook,
# connection tracking with zones, queues and filters of tc, BPF, tcpdump, and what
# ip(8), ethtool(8) and nstat(8) say of the tunnel.
#
#   left gre1 10.1.12.37/30 ======================= gre1 10.1.12.38/30 right
#             fd12::37/64                                fd12::38/64
#   eth0 212.25.240.34/30 --- .33 router .1 --- eth0 217.154.12.2/30

set -u
cd "${BASH_SOURCE[0]%/*}/.." || exit
# shellcheck source-path=SCRIPTDIR source=../lib.sh
. ./lib.sh

# blocks TEXT NS COMMAND...: after it nothing crosses, although left sends.
blocks()
{
	local text=$1 ns=$2

	shift 2
	check "$text" ip netns exec "$ns" "$@"
	check "$text: nothing crosses" stopped "$left" "$RIGHT_INNER"
}

# lets TEXT NS COMMAND...: after it packets cross.
lets()
{
	local text=$1 ns=$2

	shift 2
	check "$text" ip netns exec "$ns" "$@"
	check "$text: packets cross" pings "$left" "$RIGHT_INNER"
}

# iptables_at NS CHAIN [TABLE]: a rule of iptables there drops and has counted.
iptables_at()
{
	local ns=$1 chain=$2 table=${3-filter}

	blocks "iptables, $table, $chain drops" "$ns" \
		iptables -t "$table" -A "$chain" -p 47 -j DROP
	check "iptables, $table, $chain has counted" sh -c \
		"ip netns exec $ns iptables -t $table -nvxL $chain | grep -E '^ *[1-9].*DROP'"
	ip netns exec "$ns" iptables -t "$table" -F
}

# nft_at NS FAMILY HOOK [WORDS]: a chain of nft there drops and has counted.
nft_at()
{
	local ns=$1 family=$2 hook=$3 words=${4-}

	blocks "nft, $family, $hook drops" "$ns" nft "table $family t { chain c {
		type filter hook $hook $words priority 0
		ip protocol gre counter drop; }; }"
	check "nft, $family, $hook has counted" counted "$ns"
	ip netns exec "$ns" nft flush ruleset
}

# counted NS: each rule there with a counter has packets.
counted()
{
	ip netns exec "$ns" nft -j list ruleset | jq -e \
		'[.. | .counter? | objects | .packets] | length > 0 and all(. > 0)'
}

# zoned: connection tracking has the outer flow in zone 7 and the inner one in zone 9.
zoned()
{
	on_right conntrack -L 2>&1 | tee "$tmp/flows"
	grep -q "gre .*src=$LEFT dst=$RIGHT .*zone=7" "$tmp/flows" &&
		grep -q "icmp .*src=$LEFT_INNER dst=$RIGHT_INNER .*zone=9" "$tmp/flows"
}

# sees TEXT NS DEV PATTERN: tcpdump there prints a ping like that.
sees()
{
	local tcpdump

	ip netns exec "$2" timeout 20 tcpdump -Z root -lc 10 -ni "$3" \
		> "$tmp/seen" 2> "$tmp/tcpdump" &
	tcpdump=$!
	wait_for 10 grep -q listening "$tmp/tcpdump"
	pings "$left" "$RIGHT_INNER" > /dev/null
	wait "$tcpdump"
	check "$1" has_line "$4"
}

# has_line PATTERN: tcpdump printed it.
has_line()
{
	cat "$tmp/tcpdump" "$tmp/seen"
	grep -qE "$1" "$tmp/seen"
}

# stat64 FILTER: of ip -s what the jq FILTER has.
stat64()
{
	ip -n "$left" -s -j link show gre1 | jq ".[0].stats64|$1"
}

# nstat NAME: a counter of right's IP.
nstat()
{
	on_right nstat -asz "$1" | awk -v name="$1" '$1 == name { print $2 }'
}

begin
for tool in nft iptables conntrack tcpdump nstat; do
	[[ $(type -P "$tool") ]] || skip_all "$tool is not installed"
done
two_hosts
tunnel gre1
tunnel6

iptables_at "$left" OUTPUT
iptables_at "$left" POSTROUTING mangle
iptables_at "$router" FORWARD
iptables_at "$right" PREROUTING raw
iptables_at "$right" INPUT
blocks "iptables, a policy that drops" "$right" iptables -P INPUT DROP
# The inner packets are let in by name.
on_right iptables -A INPUT -i gre1 -j ACCEPT
lets "iptables, protocol 47 is accepted" "$right" iptables -A INPUT -p 47 -j ACCEPT
on_right iptables -P INPUT ACCEPT
on_right iptables -F
nft_at "$left" inet output
nft_at "$left" inet postrouting
nft_at "$left" netdev egress 'device eth0'
nft_at "$router" inet forward
nft_at "$right" netdev ingress 'device eth0'
nft_at "$right" inet prerouting
nft_at "$right" inet input
lets "no firewall" "$right" nft flush ruleset

lets "zones of connection tracking" "$right" nft 'table ip t {
	chain p {
		type filter hook prerouting priority raw
		iifname eth0 ip protocol gre ct zone set 7
		iifname gre1 ct zone set 9
	}
	chain o {
		type filter hook output priority raw
		oifname eth0 ip protocol gre ct zone set 7
		oifname gre1 ct zone set 9
	}
	chain i {
		type filter hook input priority 0
		ct state new,established counter
	}
}'
check "both flows are in their zones" zoned
on_right nft flush ruleset

lets "tc: a queue on the device" "$left" tc qdisc add dev gre1 root tbf rate 10mbit \
	burst 10k latency 50ms
check "tc: packets went through it" sh -c \
	"ip netns exec $left tc -s -j qdisc show dev gre1 | jq -e '.[0].packets >= 5'"
on_left tc qdisc del dev gre1 root
on_left tc qdisc add dev gre1 clsact
on_left tc qdisc add dev eth0 clsact
for place in 'gre1 ingress ip icmp' 'gre1 egress ip icmp' 'eth0 ingress ip 47' \
	'eth0 egress ip 47'; do
	# shellcheck disable=SC2086 # words
	set -- $place
	blocks "tc: a filter of $1, $2" "$left" tc filter add dev "$1" "$2" protocol "$3" \
		u32 match ip protocol "${4/icmp/1}" 0xff action drop
	on_left tc filter del dev "$1" "$2"
done
lets "tc: without filters" "$left" true

mkdir "$tmp/bpf"
mount -t bpf bpf "$tmp/bpf"
for program in 'xdp 1 drop' 'xdp 2 pass' 'tc 2 shot'; do
	# shellcheck disable=SC2086 # words
	/usr/bin/python3 interop/bpf.py ${program% *} "$tmp/bpf/${program##* }"
done
for fastpath in off on; do
	gretun -n "$left" set gre1 fastpath "$fastpath"
	what="BPF, fastpath $fastpath"
	blocks "$what: XDP drops" "$left" \
		ip link set dev gre1 xdpgeneric pinned "$tmp/bpf/drop"
	on_left ip link set dev gre1 xdpgeneric off
	lets "$what: XDP passes" "$left" \
		ip link set dev gre1 xdpgeneric pinned "$tmp/bpf/pass"
	on_left ip link set dev gre1 xdpgeneric off
	for way in ingress egress; do
		blocks "$what: tc, $way, drops" "$left" tc filter add dev gre1 $way \
			bpf direct-action object-pinned "$tmp/bpf/shot"
		on_left tc filter del dev gre1 $way
	done
done
gretun -n "$left" set gre1 fastpath off
lets "BPF: without" "$left" true
umount "$tmp/bpf"

sees "tcpdump on the device has the inner packets" "$left" gre1 \
	"IP $LEFT_INNER > $RIGHT_INNER: ICMP echo request"
sees "tcpdump on all devices has both" "$left" any \
	"gre1 +Out IP $LEFT_INNER > $RIGHT_INNER: ICMP echo request"
gretun -n "$left" set gre1 key 7 seq on csum on
gretun -n "$right" set gre1 key 7 seq on csum on
sees "tcpdump on the underlay has key, number and inner packet" "$left" eth0 \
	"IP $LEFT > $RIGHT: GREv0, (off 0x0, )?key=0x7, seq [0-9]+, length [0-9]+: IP $LEFT_INNER > $RIGHT_INNER: ICMP echo request"

check "ip -d link has the kind and both addresses" sh -c \
	"ip -n $left -d -j link show gre1 | jq -e '.[0] | .linkinfo.info_kind == \"gretun\" and
		.address == \"$LEFT\" and .broadcast == \"$RIGHT\"'"
same "ip -s link counts what gretun does, in" "$(counter "$left" gre1 .rx.packets)" \
	"$(stat64 .rx.packets)"
same "and out" "$(counter "$left" gre1 .tx.packets)" "$(stat64 .tx.packets)"
check "ethtool -i has the driver" sh -c \
	"ip netns exec $left ethtool -i gre1 | grep -qx 'driver: gretun'"
gretun -n "$right" set gre1 csum off
stopped "$left" "$RIGHT_INNER" > /dev/null
same "ethtool -S has the reasons of drops" \
	"$(gretun -n "$left" -j stats gre1 |
	   jq -r '.[0].stats64.drops | to_entries[] | "\(.key) \(.value)"' | sort)" \
	"$(on_left ethtool -S gre1 | sed -n 's/^ *\([a-z0-9-]*\): \([0-9]*\)$/\1 \2/p' | sort)"
check "and they are counted" test "$(counter "$left" gre1 '.drops["rx-no-checksum"]')" -gt 0
gretun -n "$right" set gre1 csum on
before=$(nstat IpInDelivers)
unknown=$(nstat IpInUnknownProtos)
pings "$left" "$RIGHT_INNER" > /dev/null
check "nstat counts the inner packets" test "$(nstat IpInDelivers)" -ge $((before + 5))
same "and none of a protocol that is not known" "$unknown" "$(nstat IpInUnknownProtos)"
end
