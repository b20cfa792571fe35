#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# What "gretun stats --explain" says when something is wrong: which counter,
# what it means, and whose configuration does not fit. explain6.sh is the same
# over IPv6, with the outer addresses of lib.sh.
#
#   left gre1 10.1.12.37/30 ====================== gre1 10.1.12.38/30 right
#   eth0 212.25.240.34/30 -- .33 router .1 -- eth0 217.154.12.2/30
#   lo 192.0.2.5/32                           lo 203.0.113.9/32

set -u
cd "${BASH_SOURCE[0]%/*}" || exit
# shellcheck source-path=SCRIPTDIR source=lib.sh
. ./lib.sh

if [[ $UNDERLAY == ipv6 ]]; then
	readonly STRANGER=2001:db8:9::9 NOWHERE=2001:db8:a::1 SHUT=2001:db8:b::1
else
	readonly STRANGER=203.0.113.9 NOWHERE=198.51.100.1 SHUT=192.0.2.129
fi

# explain [NAME]: what left says of all tunnels, or of one.
explain()
{
	gretun -n "$left" stats "$@" --explain | tee "$tmp/explain"
}

# says PATTERN...: it has said all of these.
says()
{
	local pattern

	cat "$tmp/explain"
	for pattern; do
		grep -qE -- "$pattern" "$tmp/explain" || return
	done
}

# sends: right sends five packets into the tunnel, which nobody answers.
sends()
{
	ip netns exec "$right" ping -c 5 -i 0.05 -W 1 -q "$LEFT_INNER"
	:
}

# remade OPTION...: right's tunnel, made again, sends.
remade()
{
	gretun -n "$right" del gre1
	gretun -n "$right" add gre1 remote "$LEFT" address "$RIGHT_INNER/30" \
		"$@" && sends
}

# misses FILTER: of left's near misses.
misses()
{
	gretun -n "$left" -j stats | jq -c "[.[-1].near_misses[]|$1]"
}

# Source routing of RFC 1701, which no tunnel takes.
readonly send_routing='
import socket, sys
family = socket.AF_INET6 if ":" in sys.argv[1] else socket.AF_INET
with socket.socket(family, socket.SOCK_RAW, 47) as sock:
    sock.sendto(bytes([0x40, 0, 8, 0]) + bytes(20), (sys.argv[1], 0))
'

begin
two_hosts
ip netns exec "$router" sysctl -qw net.ipv4.icmp_ratelimit=0 \
	net.ipv6.icmp.ratelimit=0
address "$right" lo "$STRANGER/$HOST"
ip -n "$router" route add "$STRANGER" via "$RIGHT"
ip -n "$router" route add prohibit "$SHUT"
tunnel gre1 key 8
check "the tunnel is fine" pings "$left" "$RIGHT_INNER"
explain gre1 > /dev/null
check "then there is nothing to explain" \
	sh -c "! grep -E 'cause|next step|from' '$tmp/explain'"
same "JSON: nothing either" '[[],[],{}]' \
	"$(gretun -n "$left" -j stats gre1 --explain |
		jq -c '.[0]|[.explain,.near_misses,.stats64.icmp]')"

# A counter of the tunnel, with the tunnel's own name in what to do.
gretun -n "$left" set gre1 csum on
sends
explain gre1 > /dev/null
check "a counter, its cause and the next step" says \
	'^  rx-no-checksum +5 ' '^    likely cause: csum is on here' \
	'^    next step: .*gretun set gre1 csum off'
same "JSON: the same" '["rx-no-checksum",5,"string","string","string"]' \
	"$(gretun -n "$left" -j stats gre1 --explain | jq -c '.[0].explain[0]|
		[.reason,.packets,(.meaning|type),(.cause|type),(.step|type)]')"
gretun -n "$left" stats gre1 > "$tmp/explain"
check "without the word there is the counter alone" \
	sh -c "grep -q rx-no-checksum '$tmp/explain' && ! grep -q cause '$tmp/explain'"
gretun -n "$left" set gre1 csum off

# Near misses.
remade local "$RIGHT" key 7
explain > /dev/null
check "the counter of another key" says '^  passed-key +5 ' \
	'likely cause: .*key' 'next step: .*near misses'
check "another key" says "^  from $RIGHT key 7; gre1 expects 8 \\(5 packets, [0-9]+ s ago\\)"
same "JSON: another key" \
	"[[\"$RIGHT\",\"$LEFT\",7,\"eth0\",\"passed-key\",5,[\"gre1\"]]]" \
	"$(misses '[.remote,.local,.key,.dev,.reason,.packets,.tunnels]')"
explain gre1 > /dev/null
check "asked for that tunnel: the same" says "^  from $RIGHT key 7; gre1 expects 8 "
check "asked for that tunnel: nothing of the others" \
	sh -c "! grep passed-key '$tmp/explain'"
gretun -n "$left" set gre1 okey 7
explain > /dev/null
check "ikey and okey the wrong way round" says 'gre1 expects 8 and sends 7 .*wrong way round'
gretun -n "$left" set gre1 ikey 7
explain > /dev/null
check "a miss that is none any more" says "^  from $RIGHT key 7; gre1 takes them now"
gretun -n "$left" set gre1 key 8
remade local "$RIGHT"
explain > /dev/null
check "no key" says "^  from $RIGHT without a key; gre1 expects 8 "
gretun -n "$left" add gre2 local "$LEFT" remote "$RIGHT" key 9
explain > /dev/null
check "two tunnels of the same addresses" says 'gre1 expects 8, gre2 expects 9 '
explain gre2 > /dev/null
check "asked for one of the two" says 'without a key; gre2 expects 9 '
gretun -n "$left" del gre2
remade local "$STRANGER" key 8
explain > /dev/null
check "another sender" says \
	"^  from $STRANGER key 8; gre1 has that key but expects them from $RIGHT "
remade local "$STRANGER" key 6
explain > /dev/null
check "addresses and key of no tunnel" says \
	"^  from $STRANGER to $LEFT key 6; no tunnel is for these addresses "
explain gre1 > /dev/null
check "asked for a tunnel: not what has nothing to do with it" \
	sh -c "! grep 'key 6' '$tmp/explain'"
gretun -n "$left" add gre2 local "$LEFT" remote any key 9
explain > /dev/null
check "a tunnel from any peer" says \
	"^  from $STRANGER key 6; gre2 expects 9 from every source " \
	"^  from $STRANGER key 8; gre1 has that key "
gretun -n "$left" del gre2
address "$left" lo "$LEFT2/$HOST"
ip -n "$router" route add "$LEFT2" via "$LEFT"
gretun -n "$right" del gre1
gretun -n "$right" add gre1 local "$RIGHT" remote "$LEFT2" key 8 \
	address "$RIGHT_INNER/30"
sends
explain > /dev/null
check "another address of this host" says \
	"^  from $RIGHT to $LEFT2 key 8; gre1 expects them at $LEFT "
ip netns exec "$right" /usr/bin/python3 -c "$send_routing" "$LEFT"
explain > /dev/null
check "a header that is refused" says \
	"^  from $RIGHT for gre1; dropped, .* GRE routing \\(RFC 1701\\) \\(1 packet, "
ip -n "$left" link add u0 type dummy
gretun -n "$left" set gre1 dev u0
remade local "$RIGHT" key 8
explain > /dev/null
check "another device" says \
	"^  from $RIGHT key 8 through eth0; gre1 is bound to u0 "
gretun -n "$left" set gre1 dev none
check "the tunnel is fine again" pings "$left" "$RIGHT_INNER"

# ICMP errors.
# bounces KIND REMOTE [OPTION...]: a packet to REMOTE comes back as such.
bounces()
{
	local kind=$1 remote=$2

	shift 2
	gretun -n "$left" add gre2 local "$LEFT" remote "$remote" \
		address 10.2.0.1/30 "$@"
	ip netns exec "$left" ping -c 3 -i 0.2 -W 1 -q 10.2.0.2 > /dev/null
	explain gre2 > /dev/null
	check "ICMP: $kind" says "^  $kind +[1-9]" \
		"^    the last from $LEFT_ROUTER, [0-9]+ s ago" \
		'^    likely cause: ' '^    next step: '
	same "JSON: $kind" "[\"$LEFT_ROUTER\",true,true,null]" \
		"$(gretun -n "$left" -j stats gre2 |
			jq -c ".[0].stats64.icmp[\"$kind\"]|
				[.sender,.packets>0,.age_ms<60000,.mtu]")"
	gretun -n "$left" del gre2
}
bounces net-unreachable "$NOWHERE"
bounces prohibited "$SHUT"
bounces ttl-exceeded "$STRANGER" ttl 1
ip -n "$router" link set right mtu 1400
ip netns exec "$left" ping -c 3 -i 0.2 -W 1 -q -M "do" \
	-s $((1500 - OVERHEAD - 4 - 28)) "$RIGHT_INNER" > /dev/null 2>&1
explain gre1 > /dev/null
check "ICMP: too-big" says '^  too-big +[1-9]' \
	"^    the last from $LEFT_ROUTER, .*, with an MTU of 1400$"
same "JSON: too-big" 1400 "$(gretun -n "$left" -j stats gre1 |
	jq '.[0].stats64.icmp["too-big"].mtu')"
ip -n "$router" link set right mtu 1500

# A route that leads into the tunnel.
background gretun -n "$left" monitor > "$tmp/monitor"
heard()
{
	gretun -n "$left" set gre1 ttl 64
	[[ -s $tmp/monitor ]]
}
wait_for 10 heard
ip netns exec "$left" sysctl -qw net.ipv6.conf.gre1.disable_ipv6=0
ip -n "$left" route add "$RIGHT/$HOST" dev gre1
loop="route $RIGHT/$HOST table main leads to gre1, which is this tunnel"
looped()
{
	ip netns exec "$left" ping -c 1 -W 1 "$RIGHT_INNER"
	gretun -n "$left" show gre1 | tee /dev/stderr | grep -q "^  loop: $loop"
}
check "loop: show NAME has the route" wait_for 10 looped
same "loop: show has the state" loop \
	"$(gretun -n "$left" show | awk '$1 == "gre1" { print $2 }')"
same "loop: JSON" "{\"dst\":\"$RIGHT/$HOST\",\"dev\":\"gre1\",\"table\":\"main\"}" \
	"$(gretun -n "$left" -j show gre1 | command jq -c '.[0].loop')"
check "loop: monitor has it" wait_for 10 grep -qE \
	"^state gre1 .* state loop: $loop" "$tmp/monitor"
cat "$tmp/monitor"
explain gre1
check "loop: what to do" says "^  loop: $loop" '^  tx-loop +[1-9]' \
	"next step: .*ip route add $RIGHT via"
ip -n "$left" route del "$RIGHT/$HOST" dev gre1
ended()
{
	[[ $(gretun -n "$left" -j show gre1 | jq '.[0].loop') == null ]]
}
check "loop: it ends with the route" wait_for 10 ended
check "loop: monitor has that" wait_for 10 grep -qE \
	"^state gre1 .* state up$" "$tmp/monitor"
check "loop: the tunnel is fine again" pings "$left" "$RIGHT_INNER"

gretun -n "$left" del gre1
explain > /dev/null
check "a tunnel that is gone" says "^  from $RIGHT to $LEFT key 7; their tunnel is gone"
end
