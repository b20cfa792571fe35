#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# What sees packets of a tunnel with and without fastpath, and that a packet
# that the fast path must not carry goes the normal way.
#
#   inside --- left gre1 10.1.12.37/30 ==================== gre1 10.1.12.38/30 right
#   10.2.0.2   10.2.0.1
#              eth0 212.25.240.34/30 --- router --- eth0 217.154.12.2/30

set -u
cd "${BASH_SOURCE[0]%/*}" || exit
# shellcheck source-path=SCRIPTDIR source=lib.sh
. ./lib.sh

readonly INSIDE=10.2.0.2
SNMP=/proc/net/snmp
[[ $UNDERLAY == ipv4 ]] || SNMP+=6
readonly SNMP

# hooks [tracked] NAME...: left's firewall counts outer packets at these hooks,
# with tracked those of a flow that connection tracking knows.
hooks()
{
	local name state=

	if [[ $1 == tracked ]]; then
		state='ct state new,established'
		shift
	fi
	{
		echo "flush ruleset"
		echo "table inet t {"
		for name; do
			echo "counter $name { }"
			echo "chain $name { type filter hook $name priority 0;"
			echo "meta l4proto gre $state counter name $name; }"
		done
		echo "}"
	} > "$tmp/rules"
	on_left nft -f "$tmp/rules"
}

no_hooks()
{
	on_left nft flush ruleset
}

# seen HOOK: outer packets counted there so far.
seen()
{
	on_left nft -j list counter inet t "$1" |
		jq '[.nftables[] | .counter? | objects | .packets] | add'
}

# sees HOOK NUMBER COMMAND...: while COMMAND runs, and is well, HOOK sees so
# many packets.
sees()
{
	local hook=$1 number=$2 before after

	shift 2
	before=$(seen "$hook")
	"$@" || return
	after=$(seen "$hook")
	echo "$hook saw $((after - before)), not $number"
	((after - before == number))
}

# tracked: connection tracking has the flow that right's packets are.
tracked()
{
	on_left conntrack -L -f "$UNDERLAY" -p gre 2>&1 | tee "$tmp/flows"
	grep -q "src=$RIGHT dst=$LEFT " "$tmp/flows"
}

both_fast()
{
	gretun -n "$left" set gre1 fastpath "$1" &&
		gretun -n "$right" set gre1 fastpath "$1"
}

# warm: the first packets go the normal way, and are learnt from.
warm()
{
	pings "$left" "$RIGHT_INNER" > /dev/null
}

# unmoved COMMAND...: left receives nothing from the tunnel meanwhile.
unmoved()
{
	local before

	before=$(counter "$left" gre1 .rx.packets)
	"$@" || return
	(($(counter "$left" gre1 .rx.packets) == before))
}

# moved COMMAND...: it does.
moved()
{
	! unmoved "$@"
}

# snmp NAME: a counter of left's stack, of the underlay's kind.
snmp()
{
	# shellcheck disable=SC2016 # awk's
	on_left awk -v name="$1" -v version="$UNDERLAY" '
		version == "ipv6" { if ($1 == "Ip6" name) print $2; next }
		$1 == "Ip:" {
			if (at) print $at
			for (i = 2; i <= NF; i++) if ($i == name) at = i
		}' "$SNMP"
}

# snmp_of MODE: what the stack counts for five pings; the least of three times, as
# a neighbour may be looked for meanwhile.
snmp_of()
{
	local in out

	both_fast "$1"
	warm
	for _ in 1 2 3; do
		in=$(snmp InReceives) out=$(snmp OutRequests)
		pings "$left" "$RIGHT_INNER" > /dev/null
		echo "$(($(snmp InReceives) - in)) $(($(snmp OutRequests) - out))"
	done | sort -n -k 1,1 -k 2,2 | head -n 1
}

# sniffed: a packet socket on left's gre1 sees five requests and five answers.
sniffed()
{
	: > "$tmp/ready"
	on_left /usr/bin/python3 - "$tmp/ready" > "$tmp/sniffed" <<- 'EOF' &
	import socket, sys
	s = socket.socket(socket.AF_PACKET, socket.SOCK_DGRAM, socket.htons(3))
	s.bind(("gre1", 3))
	s.settimeout(5)
	open(sys.argv[1], "w").write("yes")
	seen = {}
	try:
	    while sum(seen.values()) < 10:
	        kind = s.recvfrom(2048)[1][2]
	        seen[kind] = seen.get(kind, 0) + 1
	except TimeoutError:
	    pass
	print(seen.get(socket.PACKET_HOST), seen.get(socket.PACKET_OUTGOING))
	EOF
	wait_for 10 test -s "$tmp/ready"
	pings "$left" "$RIGHT_INNER"
	wait $!
	[[ $(< "$tmp/sniffed") == "5 5" ]]
}

# no_address, readdress: left loses its outer address, and gets it back.
no_address()
{
	ip -n "$left" addr del "$LEFT/$PREFIX" dev eth0
}

readdress()
{
	ip -n "$left" addr add "$LEFT/$PREFIX" dev eth0 &&
		ip -n "$left" route replace default via "$LEFT_ROUTER"
}

forget_neighbour()
{
	ip -n "$left" neigh del "$LEFT_ROUTER" dev eth0
}

# inner: all that may look at inner packets does.
inner()
{
	local way hook

	check "a packet socket on the tunnel sees both ways" sniffed
	check "a queue on the tunnel" on_left tc qdisc add dev gre1 root netem loss 100%
	check "gets what is sent" stopped "$left" "$RIGHT_INNER"
	on_left tc qdisc del dev gre1 root
	check "tc on the tunnel" on_left tc qdisc add dev gre1 clsact
	for way in ingress egress; do
		check "tc: a filter of $way that drops" \
			on_left tc filter add dev gre1 "$way" matchall action drop
		check "tc: sees every packet of $way" stopped "$left" "$RIGHT_INNER"
		on_left tc filter del dev gre1 "$way"
		check "tc: packets cross again" pings "$left" "$RIGHT_INNER"
	done
	on_left tc qdisc del dev gre1 clsact
	for way in ingress egress; do
		check "the firewall of the device, $way, drops" on_left nft \
			"table netdev t { chain c { type filter hook $way device gre1 priority 0; drop; }; }"
		check "it sees every packet" stopped "$left" "$RIGHT_INNER"
		no_hooks
		check "packets cross without it" pings "$left" "$RIGHT_INNER"
	done
	for hook in prerouting input; do
		check "inner packets meet $hook" on_left nft \
			"table ip t { chain c { type filter hook $hook priority 0; iifname gre1 drop; }; }"
		check "which drops them" stopped "$left" "$RIGHT_INNER"
		no_hooks
		check "packets cross without it" pings "$left" "$RIGHT_INNER"
	done
}

# validation: left asks whether a route leads back to where packets come from, which
# none does. IPv6 leaves that to the firewall.
validation()
{
	check "packets come in where no route leads back" \
		ip -n "$left" route add "$RIGHT/$HOST" dev inside
	check "and are taken" moved stopped "$right" "$LEFT_INNER"
	on_left sysctl -qw net.ipv4.conf.eth0.rp_filter=1
	check "the source address is validated" unmoved stopped "$right" "$LEFT_INNER"
	on_left sysctl -qw net.ipv4.conf.eth0.rp_filter=0
	ip -n "$left" route del "$RIGHT/$HOST"
	check "packets cross without that" pings "$left" "$RIGHT_INNER"
}

begin
for tool in nft tc conntrack taskset; do
	[[ $(type -P "$tool") ]] || skip_all "$tool is not installed"
done
# What a tunnel learns from its first packet is each CPU's own: stay on one.
taskset -p 1 $$ > /dev/null
two_hosts
tunnel gre1
make_ns inside
join "$inside" eth0 "$INSIDE/24" "$left" inside 10.2.0.1/24
ip -n "$inside" route add default via 10.2.0.1
on_left sysctl -qw net.ipv4.ip_forward=1
ip -n "$right" route add 10.2.0.0/24 dev gre1
all=(prerouting input output postrouting)

for with in '' tracked; do
	# shellcheck disable=SC2086 # a word or none
	hooks $with "${all[@]}"
	warm
	for hook in "${all[@]}"; do
		check "without fastpath $hook sees every packet${with:+, $with}" \
			sees "$hook" 5 pings "$left" "$RIGHT_INNER"
	done
done
no_hooks
normal=$(snmp_of off)

check "fastpath on" both_fast on
hooks "${all[@]}"
warm
check "prerouting sees every packet" \
	sees prerouting 5 pings "$left" "$RIGHT_INNER"
for hook in input output postrouting; do
	check "$hook sees none" sees "$hook" 0 pings "$left" "$RIGHT_INNER"
done
on_left conntrack -D -f "$UNDERLAY" -p gre > /dev/null 2>&1
hooks tracked prerouting
warm
check "prerouting sees every packet, tracked" \
	sees prerouting 5 pings "$left" "$RIGHT_INNER"
check "connection tracking keeps the flow" tracked
hooks input output postrouting
warm
for hook in input output postrouting; do
	check "$hook sees none where nothing is in prerouting" \
		sees "$hook" 0 pings "$left" "$RIGHT_INNER"
done
same "the stack counts the same packets" "$normal" "$(no_hooks; snmp_of on)"
check "forwarded packets cross" pings "$inside" "$RIGHT_INNER"
check "and come back" pings "$right" "$INSIDE"
check "a packet with IP options crosses" pings "$right" "$LEFT_INNER" -R
check "a large one" pings "$right" "$LEFT_INNER" -s 4000
check "one that may go no further is answered" \
	bash -c "ip netns exec $right ping -c 1 -W 5 -t 1 $INSIDE |
		 grep -q 'From $LEFT_INNER .*Time to live exceeded'"

inner
hooks output
warm
check "an unknown neighbour" forget_neighbour
check "output sees the packet that finds it, and none is lost" \
	sees output 1 pings "$left" "$RIGHT_INNER"
check "from then on output sees none" \
	sees output 0 pings "$left" "$RIGHT_INNER"
check "packets that are too long for the path" \
	gretun -n "$left" set gre1 mtu 1500 df clear
check "are sent in fragments, past output" \
	sees output 5 pings "$left" "$RIGHT_INNER" -s 1472
hooks input
gretun -n "$left" set gre1 mtu auto df copy
check "the same from right" gretun -n "$right" set gre1 mtu 1500 df clear
# With IPv6 they are put together behind that hook.
whole=5
[[ $UNDERLAY == ipv4 ]] || whole=10
check "input sees the fragments, as packets with IPv4" \
	sees input "$whole" pings "$right" "$LEFT_INNER" -s 1472 -c 5
gretun -n "$right" set gre1 mtu auto df copy
no_hooks

warm
check "without the outer address" no_address
check "nothing is received" unmoved stopped "$right" "$LEFT_INNER"
check "with it" readdress
check "packets cross" pings "$left" "$RIGHT_INNER"

[[ $UNDERLAY == ipv6 ]] || validation

check "a policy that asks for IPsec" esp
check "nothing gets out or in without" unmoved stopped "$left" "$RIGHT_INNER"
check "keys for it" keys
check "IPsec carries every packet" only_esp
no_esp
check "packets cross without it" pings "$left" "$RIGHT_INNER"

tunnel6
check "IPv6 crosses" pings "$left" "$RIGHT_INNER6"

check "a tunnel inside" gretun -n "$left" add gre2 local "$LEFT_INNER" \
	remote "$RIGHT_INNER" address 10.3.0.1/30 fastpath on
check "and its other end" gretun -n "$right" add gre2 local "$RIGHT_INNER" \
	remote "$LEFT_INNER" address 10.3.0.2/30 fastpath on
check "packets cross it" pings "$left" 10.3.0.2
check "and come back" pings "$right" 10.3.0.1

make_ns elsewhere
check "the device moves away" ip -n "$left" link set gre1 netns "$elsewhere"
ip -n "$elsewhere" addr add "$LEFT_INNER/30" dev gre1
ip -n "$elsewhere" link set gre1 up
check "packets cross from there" pings "$elsewhere" "$RIGHT_INNER"
end
