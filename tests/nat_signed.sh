#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# A tunnel in UDP from behind a NAT to a host that knows neither the address nor
# the port that the NAT gives it, and learns both from signed keepalives: with
# source ports by flow or fixed, with a key and without, and after the NAT has
# forgotten all and gives another port, or another address.
#
#   left 192.168.1.2 --- .1 router, NAT, .1 and 198.51.100.7 --- 217.154.12.2 right
#   or fd01::2/64 ------ ::1 ------- 2001:db8:2::1 and :3::7 --- 2001:db8:2::2

set -u
cd "${BASH_SOURCE[0]%/*}" || exit
# shellcheck source-path=SCRIPTDIR source=lib.sh
. ./lib.sh

readonly SOON=20
if [[ $UNDERLAY == ipv6 ]]; then
	readonly BEHIND=fd01::2 INSIDE=fd01::1 NEW=2001:db8:3::7 TABLE=ip6
else
	readonly BEHIND=192.168.1.2 INSIDE=192.168.1.1 NEW=198.51.100.7 TABLE=ip
fi

# bindings OPTION...: conntrack of the router, about UDP.
bindings()
{
	on_router conntrack "$@" -f "$UNDERLAY" -p udp 2> /dev/null
}

# translated ADDRESS [PORT]: what the router makes of left's address and port, from
# now on for what is on its way as well.
translated()
{
	local to=$1

	[[ $to != *:* ]] || to="[$to]"
	on_router nft -f - <<- EOF
		table $TABLE t
		flush table $TABLE t
		table $TABLE t {
			chain in {
				type filter hook input priority 0
				iifname right ct state new drop
			}
			chain out {
				type nat hook postrouting priority 100
				oifname right meta l4proto udp snat to $to${2+:$2}
			}
		}
	EOF
	bindings -D > /dev/null
}

# both WORD...: the two ends.
both()
{
	gretun -n "$left" add gre1 local "$BEHIND" remote "$RIGHT" \
		keepalive 1:5 keepalive-secret-file "$tmp/secret" \
		address "$LEFT_INNER/30" "$@"
	gretun -n "$right" add gre1 local "$RIGHT" remote any \
		keepalive 1:5 keepalive-secret-file "$tmp/secret" \
		address "$RIGHT_INNER/30" "$@"
}

# at ADDRESS PORT: right has its peer there.
at()
{
	gretun -n "$right" -j show gre1 |
		jq -e ".[0].moved_peer|.remote == \"$1\" and .port == $2"
}

# moved FILTER: one of right's events says so of the peer.
moved()
{
	jq -e "select(.event == \"state\")|.tunnel.moved_peer|values|$1" \
		"$tmp/monitor.json"
}

# crosses: packets do, in both directions.
crosses()
{
	pings "$right" "$LEFT_INNER" && pings "$left" "$RIGHT_INNER"
}

begin
for tool in nft conntrack; do
	[[ $(type -P "$tool") ]] || skip_all "$tool is not installed"
done
make_ns left router right
join "$left" eth0 "$BEHIND/$PREFIX" "$router" left "$INSIDE/$PREFIX"
join "$right" eth0 "$RIGHT/$PREFIX" "$router" right "$RIGHT_ROUTER/$PREFIX"
ip -n "$left" route add default via "$INSIDE"
ip -n "$router" address add "$NEW/$HOST" dev right
ip -n "$right" route add "$NEW" via "$RIGHT_ROUTER"
forward "$router"
(umask 077 && head -c 32 /dev/urandom | base64 > "$tmp/secret")
translated "$RIGHT_ROUTER" 61000
background on_right gretun -j monitor > "$tmp/monitor.json" 2> /dev/null

both encap udp source-port 4754
check "right finds left behind the NAT" wait_for "$SOON" at "$RIGHT_ROUTER" 61000
check "which an event says" wait_for "$SOON" moved \
	".remote == \"$RIGHT_ROUTER\" and .port == 61000 and .before == null"
check "packets cross, from right first" crosses
same "and have no other binding than that of keepalive" 1 \
	"$(bindings -L | grep -c dport=4754)"

translated "$RIGHT_ROUTER" 61001
check "another port: right follows" wait_for "$SOON" at "$RIGHT_ROUTER" 61001
check "which an event says" wait_for "$SOON" moved \
	".port == 61001 and .before == \"$RIGHT_ROUTER\" and .before_port == 61000"
check "packets cross" crosses
translated "$NEW" 61001
check "another address: right follows" wait_for "$SOON" at "$NEW" 61001
check "which an event says" wait_for "$SOON" moved \
	".remote == \"$NEW\" and .before == \"$RIGHT_ROUTER\""
check "packets cross" crosses
check "in words, too" sh -c "gretun -n $right show gre1 |
	grep -F 'peer: at $NEW port 61001, moved from $RIGHT_ROUTER port 61001 '"
same "to left right never moved" null \
	"$(gretun -n "$left" -j show gre1 | jq '.[0].moved_peer')"
gretun -n "$left" del gre1
gretun -n "$right" del gre1

# Keepalives come from the port that answers go to, whatever the others do.
translated "$RIGHT_ROUTER"
both key 7 encap udp port 5555
check "ports by flow, a key: right finds left" \
	wait_for "$SOON" at "$RIGHT_ROUTER" 5555
check "packets cross, from right first" crosses
end
