#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# What becomes of a device, its routes and the events when keepalive finds the
# peer dead and alive again, and what is no death.
#
#   left gre1 10.1.12.37/30 ================== gre1 10.1.12.38/30 right
#   eth0 212.25.240.34/30 --- .33 router .1 --- eth0 217.154.12.2/30

set -u
cd "${BASH_SOURCE[0]%/*}" || exit
# shellcheck source-path=SCRIPTDIR source=lib.sh
. ./lib.sh
# shellcheck source-path=SCRIPTDIR source=keepalive_lib.sh
. ./keepalive_lib.sh

# A place that left reaches through the tunnel, and else by itself.
readonly FAR=198.51.100.0/24

# events STATE: the events of gre1 that say so, as JSON.
events()
{
	grep '"event":"state"' "$tmp/monitor.json" |
		jq -c --arg state "$1" '.tunnel | select(.keepalive.state == $state)'
}

# heard STATE COUNT: so many of them were heard.
heard()
{
	(($(events "$1" | wc -l) == $2))
}

# took NUMBER: the answers that came between a death and the recovery from it.
took()
{
	local died back

	died=$(events down | sed -n "$1p" | jq .keepalive.answered)
	back=$(events up | sed -n "$1p" | jq .keepalive.answered)
	echo $((back - died))
}

# dies: the peer is taken for dead no sooner and no later than it should be.
dies()
{
	local start now

	start=$(date +%s%N)
	kill_peer
	wait_for "$SOON" no_carrier || return
	now=$(date +%s%N)
	echo "after $(((now - start) / 1000000)) ms"
	((now - start >= (PERIOD * RETRIES - PERIOD) * 1000000000))
}

# flap NUMBER ANSWERS: death and recovery of that number, which takes that many
# answers in a row.
flap()
{
	dies && wait_for "$SOON" heard down "$1" || return
	echo "needed: $(ka needed)"
	[[ $(ka needed) == "$2" ]] || return
	revive
	wait_for $((SOON + 2 * $2)) heard up "$1" && wait_for "$SOON" carrier || return
	echo "took: $(took "$1")"
	[[ $(took "$1") == "$2" ]]
}

# last_event TEXT: so says the last event of the state of left's gre1.
last_event()
{
	grep '^state gre1 ' "$tmp/monitor" | tail -n 1 | grep -qF -- "$1"
}

# ways: the way out of left for what is far goes by the tunnel while it has a
# carrier, and else by another.
way()
{
	ip -n "$left" route get "${FAR%0/24}1" | grep -q "dev $1"
}

# unsent: packets for the peer are told that it is not there.
unsent()
{
	on_left ping -c 2 -i 0.2 -W 1 "$RIGHT_INNER" | grep -q 'Host Unreachable'
}

begin
[[ $(type -P nft) ]] || skip_all "nft is not installed"
two_hosts
tunnel gre1
background on_left gretun monitor > "$tmp/monitor" 2> /dev/null
background on_left gretun -j monitor > "$tmp/monitor.json" 2> /dev/null
ip -n "$left" route add "$FAR" dev gre1 metric 1
ip -n "$left" -4 route add "$FAR" dev lo metric 9
linkdown()
{
	on_left sysctl -qw net.ipv4.conf.all.ignore_routes_with_linkdown="$1" \
		net.ipv4.conf.gre1.ignore_routes_with_linkdown="$1"
}
linkdown 1
check "keepalive is turned on" gretun -n "$left" set gre1 keepalive "$KEEPALIVE"
check "answers come" more answered 2
check "the way goes through the tunnel" way gre1
same "no state has changed" "" "$(grep '^state' "$tmp/monitor")"
check "the peer dies: no carrier" dies
check "the way goes elsewhere" wait_for "$SOON" way lo
check "the monitor says so" wait_for "$SOON" last_event "state no answer; keepalive: down"
check "once, to programs too" wait_for "$SOON" heard down 1
same "with the reason" keepalive "$(events down | jq -r .reason)"
check "show says so" sh -c "gretun -n $left show gre1 | grep -F 'gre1: no answer,' &&
	gretun -n $left show gre1 | grep -F 'keepalive: down until 1 probes are answered in a row'"
check "probes go on" more sent 2
linkdown 0
check "who sends is told" unsent
check "and it is counted" test "$(counter "$left" gre1 '.drops["tx-no-answer"]')" -gt 0
linkdown 1
revive
check "it comes back" wait_for "$SOON" carrier
check "the way is back" wait_for "$SOON" way gre1
check "the monitor says that" wait_for "$SOON" last_event "state up; keepalive: up"
same "one answer is enough" 1 "$(took 1)"
check "packets cross" pings "$left" "$RIGHT_INNER"

# It flaps, and takes longer each time.
check "the second time it takes 2 answers" flap 2 2
check "the third time 4" flap 3 4
check "and again" dies
revive
check "a few answers are not enough" wait_for "$SOON" is recovering
kill_peer
check "and those before a gap do not count" wait_for "$SOON" is down
same "as many as ever are needed" 8 "$(ka needed)"
check "keepalive off: there is a carrier" gretun -n "$left" set gre1 keepalive off
check "which shows" wait_for "$SOON" carrier
check "on again: the peer has its time" gretun -n "$left" set gre1 keepalive "$KEEPALIVE"
same "and is taken for alive" up "$(ka state)"
check "until it has passed" wait_for "$SOON" no_carrier
check "down and up: the same" ip -n "$left" link set gre1 down
same "no state while down" null "$(ka state)"
same "with the reason" admin "$(gretun -n "$left" -j show gre1 | jq -r '.[0].reason')"
ip -n "$left" link set gre1 up
same "alive at first, without an answer" "up 1 null" "$(ka state) $(ka needed) $(ka age_ms)"
check "until its time has passed" wait_for "$SOON" no_carrier
revive
check "and back" wait_for "$SOON" carrier

# What is set while it is dead.
kill_peer
check "dead" wait_for "$SOON" no_carrier
check "another period" gretun -n "$left" set gre1 keepalive 2:1
check "leaves it dead" is down
check "another address" gretun -n "$left" set gre1 remote "$RIGHT_ROUTER"
same "is another peer, which has not answered" "up null" "$(ka state) $(ka age_ms)"
gretun -n "$left" set gre1 remote "$RIGHT" keepalive "$KEEPALIVE"
revive
check "alive again" more answered 2

# A loop says nothing of the peer.
on_left sysctl -qw net.ipv6.conf.gre1.disable_ipv6=0
ip -n "$left" "-${UNDERLAY#ipv}" route add "$RIGHT" dev gre1
check "a loop" wait_for "$SOON" sh -c "gretun -n $left -j show gre1 | jq -e '.[0].reason == \"loop\"'"
changes=$(on_left cat /sys/class/net/gre1/carrier_changes)
sleep $((PERIOD * RETRIES + 1))
same "takes no carrier away" "up $changes" \
	"$(ka state) $(on_left cat /sys/class/net/gre1/carrier_changes)"
ip -n "$left" "-${UNDERLAY#ipv}" route del "$RIGHT" dev gre1
check "answers go on after it" more answered 2
check "and the carrier is there" carrier
end
