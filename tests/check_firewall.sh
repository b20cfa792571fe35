#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# gretun check finds the rules of this host's firewall that drop packets of the
# tunnel, be they nft's or iptables', names them, and says what would let the
# packets pass. It changes no rule.
#
#   left gre1 10.1.12.37/30 ======================= gre1 10.1.12.38/30 right
#   eth0 212.25.240.34/30 --- .33 router .1 --- eth0 217.154.12.2/30
#   left has the firewall
#
# check_firewall6.sh is the same with outer packets of IPv6, see lib.sh

set -u
cd "${BASH_SOURCE[0]%/*}" || exit
# shellcheck source-path=SCRIPTDIR source=lib.sh
. ./lib.sh
# shellcheck source-path=SCRIPTDIR source=check_lib.sh
. ./check_lib.sh

# rules CHAIN HOOK [POLICY]: left's firewall has the rules on stdin in one chain.
rules()
{
	{
		printf 'flush ruleset\ntable inet t {\n'
		printf 'set peers { type %s; elements = { %s, %s } \n }\n' \
			"$ADDRESS_TYPE" "$RIGHT" "$LEFT_ROUTER"
		printf 'chain other { \n meta l4proto gre drop \n }\n'
		printf 'chain nothing { \n }\n'
		printf 'chain %s { type filter hook %s priority 0; policy %s;\n' \
			"$1" "$2" "${3:-accept}"
		cat
		printf '}\n}\n'
	} > "$tmp/rules"
	on_left nft -f "$tmp/rules"
}

# in_rules RESULT WORDS RULE: what is found of that rule in input.
in_rules()
{
	rules input input <<< "$3"
	look
	found "$3" firewall "$1" "$2"
}

begin
for tool in nft iptables ip6tables; do
	[[ $(type -P "$tool") ]] || skip_all "$tool is not installed"
done
two_hosts
tunnel gre1
if [[ $UNDERLAY == ipv6 ]]; then
	iptables=ip6tables ip=ip6
	readonly ADDRESS_TYPE=ipv6_addr NEXT='ip6 nexthdr'
	readonly NET=2001:db8:2::/48 OTHER=2001:db8:9::1 OTHER_IP=ip OTHER_PROTO=ipv4
else
	iptables=iptables ip=ip
	readonly ADDRESS_TYPE=ipv4_addr NEXT='ip protocol'
	readonly NET=217.154.0.0/16 OTHER=192.0.2.99 OTHER_IP=ip6 OTHER_PROTO=ipv6
fi
in_left="ip netns exec $left"
gre="meta l4proto gre"
let_in="$in_left nft insert rule inet t input $gre $ip saddr $RIGHT $ip daddr $LEFT accept"
let_out="$in_left nft insert rule inet t output $gre $ip saddr $LEFT $ip daddr $RIGHT accept"

# Both ways, and where the fix goes.
rules input input <<< "$gre counter drop"
on_left nft list ruleset > "$tmp/before"
look
on_left nft list ruleset > "$tmp/after"
# The rule counts the answers that it drops.
check "no rule was changed" diff <(sed 's/packets.*drop/drop/' "$tmp/before") \
	<(sed 's/packets.*drop/drop/' "$tmp/after")
found "input drops" firewall problem \
	'the rule "meta l4proto gre counter.* drop", handle [0-9]+, chain input of table inet t .nft., drops what the far end sends'
stops "input drops" gateway
fix "input drops" firewall problem "$let_in"
rules output output <<< "$gre reject"
look
found "output drops" firewall problem 'chain output .* drops what the tunnel sends'
fix "output drops" firewall problem "$let_out"
rules prerouting prerouting <<< "$gre drop"
look
found "prerouting drops" firewall problem 'chain prerouting .* drops what the far end sends'
rules postrouting postrouting <<< "$gre drop"
look
found "postrouting drops" firewall problem 'chain postrouting .* drops what the tunnel sends'
rules input input drop <<< "meta l4proto { icmp, icmpv6 } accept"
look
found "a policy that drops" firewall problem 'the policy of chain input .* as no rule accepts it'
fix "a policy that drops" firewall problem "$let_in"

# Connection tracking.
rules input input drop <<- 'EOF'
ct state established,related accept
meta l4proto { icmp, icmpv6 } accept
EOF
look
found "answers may come in" firewall warning 'the far end cannot begin'
found "answers may come in" returns ok 'answers through the tunnel'
fix "answers may come in" firewall warning "$let_in"
rules output output drop <<- 'EOF'
ct state vmap { established : accept, related : accept, invalid : drop }
meta l4proto { icmp, icmpv6 } accept
EOF
look
found "answers may go out" firewall problem 'this host cannot begin'
rules input input <<- 'EOF'
ct status dnat accept
meta l4proto gre reject
EOF
look
found "what is translated may come in" firewall problem 'drops what the far end sends'
rules input input drop <<- 'EOF'
ct state { new, established } accept
EOF
look
well "all that is tracked may come in"
on_left nft flush ruleset

# Which rules are for a packet of the tunnel.
while read -r rule; do
	in_rules problem 'drops what the far end sends' "$rule"
done <<- EOF
$NEXT gre drop
$NEXT 47 drop
$NEXT { 4, 47 } reject
meta l4proto 40-50 drop
meta l4proto != { tcp, udp, icmp, icmpv6 } drop
iifname "eth*" $gre drop
iifname { "eth0", "eth7" } $ip saddr $RIGHT $gre drop
iif eth0 oifname != "x" $gre drop
$ip saddr $NET $ip daddr $LEFT $gre drop
$ip saddr @peers $gre drop
$ip saddr != $OTHER $gre drop
$ip saddr . $ip daddr { $OTHER . $LEFT, $RIGHT . $LEFT } $gre drop
jump other
goto other
$NEXT vmap { tcp : accept, gre : jump other }
meta pkttype host $gre log counter drop
EOF
while read -r rule; do
	in_rules warning 'may drop what the far end sends' "$rule"
done <<- EOF
$gre limit rate over 100/second drop
$gre meta mark 5 drop
$gre ct mark 3 jump other
EOF
rules input input <<< "$gre meta length > 1400 drop"
look
same "long packets: the rule" warning "$(jq -r '.[0].steps[] | select(.step == "firewall").result' "$tmp/check")"
found "long packets: what comes of it" path-mtu problem \
	"more than $((1400 - OVERHEAD)) bytes vanish"
while read -r rule; do
	in_rules ok 'no rule of this host drops GRE' "$rule"
done <<- EOF
tcp dport 22 drop
udp dport { 53, 67 } reject
$NEXT esp drop
$ip saddr $OTHER $gre drop
$ip saddr { $OTHER, $LEFT } drop
$ip saddr . $ip daddr { $OTHER . $LEFT } drop
$OTHER_IP version != 15 drop
iifname != "eth0" $gre drop
oifname "eth0" drop
ct state invalid drop
meta nfproto $OTHER_PROTO $gre drop
meta pkttype { broadcast, multicast } drop
$gre accept comment "and no more"
fib saddr . iif oif missing drop
fib daddr type { broadcast, multicast } drop
fib daddr type != local drop
fib saddr type != unicast drop
jump nothing
EOF
rules input input <<- EOF
$gre accept
$gre drop
EOF
look
well "a rule that never is reached"
rules input input <<- EOF
$gre meta mark 5 return
$gre drop
EOF
look
same "a rule that may not be reached" warning \
	"$(jq -r '.[0].steps[] | select(.step == "firewall").result' "$tmp/check")"
found "a rule that was reached" returns problem 'silence: '
on_left nft -f - <<- EOF
flush ruleset
table inet t {
	flags dormant
	chain input {
		type filter hook input priority 0; policy drop;
	}
}
table netdev n {
	chain x {
	}
}
table arp a {
	chain input {
		type filter hook input priority 0; policy accept;
	}
}
EOF
look
well "a table that sleeps, and what is of no interest"
on_left nft flush ruleset

# iptables, as nft sees it and as only iptables does.
on_left "$iptables" -A INPUT -p gre -j DROP
look
found "iptables" firewall problem 'chain INPUT of table ip.? filter'
fix "iptables" firewall problem \
	"$in_left $iptables-nft -t filter -I INPUT -p gre -s $RIGHT -d $LEFT -j ACCEPT"
on_left nft flush ruleset
on_left "$iptables" -N GATE
on_left "$iptables" -A INPUT -m conntrack --ctstate INVALID -j DROP
on_left "$iptables" -A INPUT -i eth+ -m comment --comment 'who "is" there' -j GATE
on_left "$iptables" -A GATE ! -s "$OTHER" -p gre -j REJECT
look
found "iptables, with matches of its own" firewall problem \
	"the rule \"-A GATE ! -s $OTHER.* -p (gre|47) -j REJECT.*\", chain GATE of table ip6? filter .*drops"
fix "iptables, with matches of its own" firewall problem \
	"$in_left $iptables-nft -t filter -I INPUT -p gre -s $RIGHT -d $LEFT -j ACCEPT"
on_left nft flush ruleset
on_left "$iptables" -A OUTPUT -m mark --mark 7 -m limit --limit 1/s -j DROP
look
found "iptables, with what cannot be told" firewall warning 'may drop what the tunnel sends'
on_left nft flush ruleset
on_left "$iptables" -P INPUT DROP
on_left "$iptables" -A INPUT -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT
on_left "$iptables" -A INPUT -p icmp -j ACCEPT
on_left "$iptables" -A INPUT -p ipv6-icmp -j ACCEPT
look
found "iptables, where answers may come in" firewall warning 'the far end cannot begin'
on_left "$iptables" -P INPUT ACCEPT
on_left nft flush ruleset
on_left "$iptables" -N NOT_OURS
on_left "$iptables" -A INPUT -p tcp -m multiport --dports 22,80 -j DROP
on_left "$iptables" -A INPUT -m conntrack --ctstate INVALID,UNTRACKED -j DROP
on_left "$iptables" -A INPUT -j NOT_OURS
on_left "$iptables" -A NOT_OURS -m addrtype --dst-type LOCAL -j RETURN
on_left "$iptables" -A NOT_OURS -m limit --limit 3/min -j LOG --log-prefix "-j ACCEPT "
on_left "$iptables" -A NOT_OURS -j DROP
look
well "iptables, with rules for others"
on_left "$iptables" -A INPUT -p gre -m conntrack --ctstatus CONFIRMED -j DROP
look
same "iptables, with an option that is not known" warning \
	"$(jq -r '.[0].steps[] | select(.step == "firewall").result' "$tmp/check")"
on_left nft flush ruleset

legacy=$iptables-legacy
if on_left "$legacy" -t raw -A PREROUTING -p gre -j DROP; then
	look
	found "iptables-legacy" firewall problem 'chain PREROUTING of table ip6? raw'
	fix "iptables-legacy" firewall problem \
		"$in_left $legacy -t raw -I PREROUTING -p gre -s $RIGHT -d $LEFT -j ACCEPT"
else
	ok "iptables-legacy # SKIP this kernel has none"
fi
check "no check took long ($slowest s)" test "$slowest" -le 15
end
