#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Keepalive for a long time over a bad path that fails now and then, of a tunnel of
# plain GRE and of one in UDP: every change of state has its event and its reason,
# none is missed, and none stays.
#
# GRETUN_SOAK_MINUTES  how long (1)
# GRETUN_SOAK_SEED     what makes it another one (1)
#
# scripts/soak runs it where minutes without work take no time.
#
#   left gre1 10.1.12.37/30 ================== gre1 10.1.12.38/30 right
#        gre2 10.1.12.41/30 ================== gre2 10.1.12.42/30, in UDP
#   eth0 212.25.240.34/30 --- .33 router .1 --- eth0 217.154.12.2/30
#        192.0.2.5/30 ------- .6
#   router loses, delays, reorders and repeats packets

set -u
cd "${BASH_SOURCE[0]%/*}" || exit
# shellcheck source-path=SCRIPTDIR source=lib.sh
. ./lib.sh

# A peer whose answers are lost as often as here is seldom taken for dead.
readonly DEAD_AFTER=4
# Seconds for answers in a row to come, as many as ever are needed, and more as
# some are lost.
readonly STEADY=400
readonly TUNNELS='gre1 gre2'
# Of a tunnel in a state: why it has no carrier, what keepalive says, milliseconds
# since an answer, and its local address.
readonly FIELDS='"\(.reason) \(.keepalive.state) \(.keepalive.age) \(.local)"'

# bad_path: what the router does to packets in both directions.
bad_path()
{
	local dev

	for dev in left right; do
		on_router tc qdisc add dev "$dev" root netem \
			delay 20ms 5ms loss 3% duplicate 5% reorder 10% || return
	done
}

# ends NS: both tunnels of that end.
ends()
{
	local local=(dev eth0) remote=$RIGHT inner=(10.1.12.37 10.1.12.41)

	if [[ $1 == "$right" ]]; then
		local=("$RIGHT") remote=$here inner=(10.1.12.38 10.1.12.42)
	fi
	gretun -n "$1" add gre1 local "${local[@]}" remote "$remote" \
		keepalive "1:$DEAD_AFTER" address "${inner[0]}/30" &&
		gretun -n "$1" add gre2 local "${local[@]}" remote "$remote" \
			key 2 encap udp keepalive "1:$DEAD_AFTER" \
			address "${inner[1]}/30"
}

# at ROUTER: the way out of left.
at()
{
	ip -n "$left" route replace default via "$1"
}

# moves SECONDS: left gets another address, which right is told that much later.
moves()
{
	local from=$here name

	if [[ $here == "$LEFT" ]]; then
		here=$LEFT2 gateway=$LEFT2_ROUTER
	else
		here=$LEFT gateway=$LEFT_ROUTER
	fi
	ip -n "$left" addr add "$here/$PREFIX" dev eth0 && at "$gateway" &&
		ip -n "$left" addr del "$from/$PREFIX" dev eth0 || return
	sleep "$1"
	for name in $TUNNELS; do
		gretun -n "$right" set "$name" remote "$here" || return
	done
}

# step: one thing that goes wrong for some seconds, or none.
step()
{
	local pause=$((4 + RANDOM % 12))

	case $((RANDOM % 7)) in
	0)
		echo "$pause s nothing"
		sleep "$pause"
		;;
	1)
		echo "$pause s no GRE, and none in UDP"
		on_router nft "table inet dead { chain c {
			type filter hook forward priority 0
			meta l4proto { gre, udp } drop
		}; }" && sleep "$pause" && on_router nft delete table inet dead
		;;
	2)
		echo "$pause s no underlay on left"
		ip -n "$left" link set eth0 down && sleep "$pause" &&
			ip -n "$left" link set eth0 up && at "$gateway"
		;;
	3)
		echo "$pause s no tunnels on right"
		gretun -n "$right" del gre1 gre2 && sleep "$pause" && ends "$right"
		;;
	4)
		echo "$pause s no address on right"
		ip -n "$right" addr del "$RIGHT/$PREFIX" dev eth0 && sleep "$pause" &&
			ip -n "$right" addr add "$RIGHT/$PREFIX" dev eth0 &&
			ip -n "$right" route replace default via "$RIGHT_ROUTER"
		;;
	5)
		echo "$pause s another option"
		gretun -n "$left" set gre1 ttl $((1 + RANDOM % 255)) && sleep "$pause"
		;;
	6)
		echo "$pause s another address of left"
		moves "$pause"
		;;
	esac || return
	# Mostly it recovers in between.
	sleep $((RANDOM % 20))
}

# soak: for that many minutes.
soak()
{
	local end=$((SECONDS + 60 * ${GRETUN_SOAK_MINUTES:-1})) steps=0

	while ((SECONDS < end)); do
		step || return
		steps=$((steps + 1))
	done
	echo "$steps steps"
}

# states NAME: of its events in the order that they came.
states()
{
	grep '"event":"state"' "$tmp/monitor" |
		jq -r --arg name "$1" ".tunnel | select(.ifname == \$name) | $FIELDS"
}

# explained NAME: each event has something new, and the right reason for it; then
# the carrier changed as often as events say.
explained()
{
	states "$1" | awk -v changes="$(changes "$1")" -v local="$LEFT" \
		-v least=$((1000 * (DEAD_AFTER - 1))) \
		-v most=$((1000 * (DEAD_AFTER + 3))) '
		BEGIN { reason = "null" }
		{ why = "" }
		$1 == reason && $4 == local { why = "nothing new" }
		$1 == "keepalive" && $2 == "up" { why = "dead, but up" }
		$1 == "keepalive" && reason == "null" && $3 != "null" &&
			($3 < least || $3 > most) { why = "not due" }
		$1 == "null" && $2 != "up" { why = "alive, but not up" }
		$1 == "null" && reason == "keepalive" && $4 == local &&
			$3 > 1000 { why = "no answer came" }
		$1 != "null" && $1 != "keepalive" { why = "no such reason" }
		why { print NR ": " $0 ": " why; bad = 1 }
		$1 != reason { count++ }
		$4 != local { moved++ }
		$1 != reason && $1 == "keepalive" { deaths++ }
		{ reason = $1; local = $4 }
		END {
			print deaths + 0 " deaths, " moved + 0 " moves, " count + 0 \
				" changes of the carrier, of " changes
			exit bad || count != changes
		}'
}

changes()
{
	echo $(($(on_left cat "/sys/class/net/$1/carrier_changes") - at_first))
}

# alive NS NAME: its keepalive says so, and nothing keeps it down.
alive()
{
	[[ $(gretun -n "$1" -j show "$2" |
		jq -r '.[0] | "\(.reason) \(.keepalive.state)"') == 'null up' ]]
}

RANDOM=${GRETUN_SOAK_SEED:-1}
here=$LEFT gateway=$LEFT_ROUTER

begin
[[ $(type -P nft) ]] || skip_all "nft is not installed"
two_hosts
address "$router" left "$LEFT2_ROUTER/$PREFIX"
check "the path is bad" bad_path
check "the tunnels of left" ends "$left"
check "and of right" ends "$right"
# What is at first does not count: from here on the monitor listens.
sleep 3
background on_left gretun -j monitor > "$tmp/monitor" 2> /dev/null
at_first=$(on_left cat /sys/class/net/gre1/carrier_changes)
for inner in "$RIGHT_INNER" 10.1.12.42; do
	background on_left ping -q -i 1 "$inner" > /dev/null 2>&1
done
check "it goes on" soak
for name in $TUNNELS; do
	check "$name is alive in the end" wait_for "$STEADY" alive "$left" "$name"
	check "$name: the other end too" wait_for "$STEADY" alive "$right" "$name"
done
sleep 2
for name in $TUNNELS; do
	check "$name: each change has an event and a reason" explained "$name"
	explained "$name" | sed "s/^/# $name: /"
done
check "packets cross" wait_for 60 pings "$left" "$RIGHT_INNER"
end
