#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# A link further on that takes less than the others, with routers that say so and
# with routers that do not, and messages that only look as if they did.
#
#   left gre1 10.1.12.37/30, fd12::37 =============== gre1 10.1.12.38/30 right
#   eth0 212.25.240.34/30 -- r1 -- r2 -- r3 -- eth0 217.154.12.2/30
#   |                                MTU 1400
#   inside 10.2.0.1/24, fd02::1 -- eth0 10.2.0.2/24, fd02::2 inside

set -u
cd "${BASH_SOURCE[0]%/*}" || exit
# shellcheck source-path=SCRIPTDIR source=lib.sh
. ./lib.sh

readonly NARROW=1400 INSIDE=10.2.0.2 INSIDE6=fd02::2
# Of inner packets: what the device takes, and what the path takes.
readonly MTU=$((1500 - OVERHEAD)) PATH_MTU=$((NARROW - OVERHEAD))
# Set by make_ns.
r1='' r2='' r3='' inside=''

# hosts: the chain, and both tunnel ends.
hosts()
{
	local a=198.51.100.1 b=198.51.100.2 c=198.51.100.5 d=198.51.100.6

	[[ $UNDERLAY == ipv4 ]] ||
		a=2001:db8:a::1 b=2001:db8:a::2 c=2001:db8:b::1 d=2001:db8:b::2
	make_ns left r1 r2 r3 right inside &&
		join "$left" eth0 "$LEFT/$PREFIX" "$r1" left "$LEFT_ROUTER/$PREFIX" &&
		join "$r1" r2 "$a/$PREFIX" "$r2" r1 "$b/$PREFIX" &&
		join "$r2" r3 "$c/$PREFIX" "$r3" r2 "$d/$PREFIX" &&
		join "$right" eth0 "$RIGHT/$PREFIX" "$r3" right "$RIGHT_ROUTER/$PREFIX" &&
		join "$left" inside 10.2.0.1/24 "$inside" eth0 "$INSIDE/24" &&
		address "$left" inside fd02::1/64 &&
		address "$inside" eth0 "$INSIDE6/64" &&
		ip -n "$r2" link set r3 mtu "$NARROW" &&
		ip -n "$r3" link set r2 mtu "$NARROW" &&
		forward "$left" && forward "$r1" && forward "$r2" && forward "$r3" &&
		ip -n "$left" route add default via "$LEFT_ROUTER" &&
		ip -n "$r1" route add default via "$b" &&
		ip -n "$r2" route add "$LEFT/$HOST" via "$a" &&
		ip -n "$r2" route add "$RIGHT/$HOST" via "$d" &&
		ip -n "$r3" route add default via "$c" &&
		ip -n "$right" route add default via "$RIGHT_ROUTER" &&
		ip -n "$inside" route replace default via 10.2.0.1 &&
		ip -n "$inside" -6 route replace default via fd02::1 &&
		tunnel gre1 && tunnel6 &&
		ip -n "$right" route add 10.2.0.0/24 dev gre1 &&
		ip -n "$right" route add fd02::/64 dev gre1
}

# forget: what was learned of paths, everywhere.
forget()
{
	local ns

	for ns in "$left" "$right" "$inside"; do
		ip -n "$ns" route flush cache
		ip -n "$ns" -6 route flush cache
	done
}

# learned: the MTU of the path that left knows of, if any.
learned()
{
	ip -n "$left" route get "$RIGHT" | grep -oE 'mtu (lock )?[0-9]+' |
		grep -oE '[0-9]+'
}

# gre1_mtu MTU: whether left's device has it.
gre1_mtu()
{
	[[ $(ip netns exec "$left" cat /sys/class/net/gre1/mtu) == "$1" ]]
}

# at_once NS ADDRESS IP-HEADER: of nothing but the first packet that is too long.
at_once()
{
	forget
	told "$1" "$PATH_MTU" -c 1 -M "do" -s $((MTU - $3 - 8)) "$2"
}

# fits NS ADDRESS IP-HEADER: packets as long as the path takes arrive.
fits()
{
	pings "$1" "$2" -M "do" -s $((PATH_MTU - $3 - 8))
}

# lost NS ADDRESS IP-HEADER: no answer and no message comes.
lost()
{
	forget
	ip netns exec "$1" ping -c 2 -i 0.1 -W 1 -M "do" -s $((MTU - $3 - 8)) "$2" |
		tee "$tmp/ping"
	grep -q '2 packets transmitted, 0 received, 100% packet loss' "$tmp/ping"
}

# may_be_cut NS ADDRESS: packets without DF arrive, once the way of both ends is
# known. No router cuts what is IPv6.
may_be_cut()
{
	forget
	[[ $UNDERLAY == ipv4 ]] || ip netns exec "$1" ping -c 3 -i 0.1 -W 1 \
		-M dont -s $((MTU - 28)) "$2"
	pings "$1" "$2" -M dont -s $((MTU - 28))
}

# transfer TEXT [COUNT]: TCP gets through both ways, from and to either host.
transfer()
{
	local sum from to address count=${2-4}

	sum=$(sha256sum < "$tmp/file")
	while ((count-- > 0)) && read -r from to address; do
		forget
		same "$1: TCP from ${from%-*} to $address" "${sum%% *}" \
			"$(/usr/bin/python3 interop.py "$from" "$to" "$address" \
				"$tmp/file" 2>&1)"
	done <<- EOF
	$inside $right $RIGHT_INNER6
	$right $left $LEFT_INNER
	$left $right $RIGHT_INNER
	$right $inside $INSIDE6
	EOF
}

# silence: r2 and r3 send no ICMP errors.
silence()
{
	local ns

	for ns in "$r2" "$r3"; do
		ip netns exec "$ns" nft -f - <<- EOF || return
		table inet t {
			chain c {
				type filter hook output priority 0
				icmp type destination-unreachable drop
				icmpv6 type packet-too-big drop
			}
		}
		EOF
	done
}

# both OPTION...: gretun set at both ends.
both()
{
	gretun -n "$left" set gre1 "$@" && gretun -n "$right" set gre1 "$@"
}

begin
[[ $(type -P nft) ]] || skip_all "nft is not installed"
# Nobody but gretun is there to learn from messages.
rmmod ip_gre ip6_gre gre 2> /dev/null
hosts
head -c $((1024 * 1024)) /dev/urandom > "$tmp/file"
check "short packets cross" pings "$left" "$RIGHT_INNER"
same "nothing is known of the path" "" "$(learned)"

check "the first packet that is too long: its sender is told" \
	at_once "$left" "$RIGHT_INNER" 20
same "the path is known now" "$NARROW" "$(learned)"
check "and what fits it arrives" fits "$left" "$RIGHT_INNER" 20
check "the same with IPv6" at_once "$left" "$RIGHT_INNER6" 40
check "and what fits arrives" fits "$left" "$RIGHT_INNER6" 40
check "the same with a sender further in" at_once "$inside" "$RIGHT_INNER" 20
check "and what fits arrives" fits "$inside" "$RIGHT_INNER" 20
check "the same with IPv6" at_once "$inside" "$RIGHT_INNER6" 40
check "and what fits arrives" fits "$inside" "$RIGHT_INNER6" 40
ip -n "$left" link set eth0 mtu 1490
check "the device follows its link, not what the path was found to take" \
	wait_for 10 gre1_mtu $((MTU - 10))
ip -n "$left" link set eth0 mtu 1500
check "and back" wait_for 10 gre1_mtu "$MTU"
check "what may be cut arrives" may_be_cut "$left" "$RIGHT_INNER"
check "and that of a sender further in" may_be_cut "$inside" "$RIGHT_INNER"
check "the messages are counted, with the router" jq -e \
	'.[0].stats64.icmp["too-big"] | .packets > 0 and .mtu == 1400 and .sender != null' \
	<(gretun -n "$left" -j stats gre1)
transfer "routers that tell"

check "routers that do not tell" silence
check "a packet that is too long is lost" lost "$left" "$RIGHT_INNER" 20
same "and nothing was learned" "" "$(learned)"
if [[ $UNDERLAY == ipv4 ]]; then
	check "what may be cut arrives" may_be_cut "$left" "$RIGHT_INNER"
	check "and that of a sender further in" may_be_cut "$inside" "$RIGHT_INNER"
	check "tunnels whose packets may be cut" both df clear
	transfer "routers that do not tell, df clear" 1
fi
check "tunnels that take what the path takes" both df copy mtu "$PATH_MTU"
check "the sender is told" told "$inside" "$PATH_MTU" -c 1 -M "do" -s $((MTU - 28)) \
	"$RIGHT_INNER"
check "and what fits arrives" fits "$inside" "$RIGHT_INNER" 20
transfer "routers that do not tell, a fixed MTU" 1

check "the MTU of the links again" both mtu auto
forget
gretun -n "$left" add gre2 local "$LEFT" remote "$RIGHT" ikey 8 okey 7 seq on
ip -n "$left" addr flush dev gre1
python pmtu.py "$left" "$r1"
end
