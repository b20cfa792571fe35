#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# The outer packets pass the host's firewall like all others, the first of a
# tunnel and those after it, and connection tracking keeps their flow.
#
#   left gre1 10.1.12.37/30 ======================= gre1 10.1.12.38/30 right
#   eth0 212.25.240.34/30 --- .33 router .1 --- eth0 217.154.12.2/30
#   eth1 192.0.2.5/30 ------- .6 left2
#   left has the firewall

set -u
cd "${BASH_SOURCE[0]%/*}" || exit
# shellcheck source-path=SCRIPTDIR source=lib.sh
. ./lib.sh

# Nobody answers to this: what is sent there through the tunnel goes one way.
readonly SILENT=198.51.100.1

# firewall CHAIN RULE: left's firewall has one rule in one chain.
firewall()
{
	on_left nft -f - <<- EOF
	flush ruleset
	table inet t {
		chain $1 {
			type filter hook $1 priority filter
			$2
		}
	}
	EOF
}

no_firewall()
{
	on_left nft flush ruleset
}

# hit: the counter of the firewall's rule is not zero.
hit()
{
	on_left nft -j list ruleset | tee "$tmp/rules"
	jq -e '[.. | .counter? | objects | .packets] | add > 0' "$tmp/rules"
}

# one_way: three packets from right cross the tunnel; nothing comes back.
one_way()
{
	local before

	before=$(counter "$left" gre1 .rx.packets)
	on_right ping -c 3 -i 0.1 -W 1 "$SILENT"
	(($(counter "$left" gre1 .rx.packets) == before + 3))
}

# tracked: connection tracking knows the flow that right began.
tracked()
{
	on_left conntrack -L -f "$UNDERLAY" -p gre 2>&1 | tee "$tmp/flows"
	grep -q "src=$RIGHT dst=$LEFT .*UNREPLIED" "$tmp/flows"
}

# counted REASON COMMAND...: packets are dropped for REASON.
counted()
{
	local reason=$1 before

	shift
	before=$(counter "$left" gre1 ".drops[\"$reason\"]")
	"$@" || return
	(($(counter "$left" gre1 ".drops[\"$reason\"]") > before))
}

# policy add|del: packets from right must have come through IPsec.
policy()
{
	ip -n "$left" xfrm policy "$1" src "$RIGHT" dst "$LEFT" proto gre dir in \
		${2:+tmpl proto esp mode transport}
}

# detour: right's packets come to left through eth1.
detour()
{
	ip -n "$router" route replace "$LEFT/$HOST" via "$LEFT2"
}

begin
for tool in nft conntrack taskset; do
	[[ $(type -P "$tool") ]] || skip_all "$tool is not installed"
done
# What a tunnel learns from its first packet is each CPU's own: stay on one.
taskset -p 1 $$ > /dev/null
two_hosts
join "$left" eth1 "$LEFT2/$PREFIX" "$router" left2 "$LEFT2_ROUTER/$PREFIX"
tunnel gre1
ip -n "$right" route add "$SILENT" dev gre1
check "packets cross without a firewall" pings "$left" "$RIGHT_INNER"

for chain in input prerouting; do
	check "a rule of $chain that counts" firewall "$chain" "meta l4proto gre counter"
	check "$chain: packets cross" pings "$left" "$RIGHT_INNER"
	check "$chain: it has counted them" hit
	check "a rule of $chain that drops" firewall "$chain" "meta l4proto gre counter drop"
	check "$chain: nothing crosses" stopped "$left" "$RIGHT_INNER"
	check "$chain: it has seen that" hit
	no_firewall
	check "$chain: packets cross without it" pings "$left" "$RIGHT_INNER"
done

# Who of gretun and connection tracking comes last depends on who came first.
check "connection tracking, after the tunnel" \
	firewall input "ct state new,established counter"
check "packets cross one way" one_way
check "their flow is known" tracked
gretun -n "$left" del gre1
on_left conntrack -D -f "$UNDERLAY" -p gre > /dev/null 2>&1
check "connection tracking, before the tunnel" gretun -n "$left" add gre1 \
	local "$LEFT" remote "$RIGHT" address "$LEFT_INNER/30"
check "packets cross one way again" one_way
check "their flow is known again" tracked

check "only answers may come in" \
	firewall input "ct state established accept"$'\n'"meta l4proto gre drop"
on_left conntrack -D -f "$UNDERLAY" -p gre > /dev/null 2>&1
check "right cannot begin" stopped "$right" "$LEFT_INNER"
on_left conntrack -D -f "$UNDERLAY" -p gre > /dev/null 2>&1
check "left can" pings "$left" "$RIGHT_INNER"
no_firewall

check "a policy that asks for IPsec" policy add esp
check "plain packets are dropped and counted" counted rx-policy \
	stopped "$left" "$RIGHT_INNER"
check "without the policy" policy del
check "packets cross" pings "$left" "$RIGHT_INNER"

check "a policy that asks for IPsec both ways" esp
check "nothing crosses without" stopped "$left" "$RIGHT_INNER"
check "keys for it" keys
check "IPsec carries every packet" only_esp
check "also those as long as the device takes" \
	pings "$left" "$RIGHT_INNER" -M dont -s $((1500 - OVERHEAD - 28))
no_esp
check "packets cross without it" pings "$left" "$RIGHT_INNER"

check "packets come in where no route leads back" detour
check "and are taken" pings "$left" "$RIGHT_INNER"
# IPv6 leaves that to the firewall.
validate()
{
	if [[ $UNDERLAY == ipv6 ]]; then
		firewall prerouting "meta l4proto gre fib saddr . iif oif missing drop"
	else
		on_left sysctl -qw net.ipv4.conf.eth1.rp_filter=1
	fi
}
check "the source address is validated" validate
check "and they are not taken" stopped "$right" "$LEFT_INNER"
no_firewall
on_left sysctl -qw net.ipv4.conf.eth1.rp_filter=0
check "and again without that" pings "$left" "$RIGHT_INNER"
end
