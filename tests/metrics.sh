#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# gretun metrics beside gretun -j stats, with tunnels that work, that lose packets,
# that get ICMP errors, that loop and that have names of no sense; and when the
# last packet came.
#
#   left gre1 10.1.12.37/30 ====================== gre1 10.1.12.38/30 right
#        shut, loop, and a name with quotes
#   eth0 212.25.240.34/30 -- .33 router .1 -- eth0 217.154.12.2/30

set -u
cd "${BASH_SOURCE[0]%/*}" || exit
# shellcheck source-path=SCRIPTDIR source=lib.sh
. ./lib.sh

readonly ODD=$'a"\\\033[2J'

# metric REGEX: the values of left's metrics that start like this, in one line.
metric()
{
	gretun -n "$left" metrics | sed 's/{netns="[^"]*",\?/{/' |
		sed -nE "s/^gretun_$1[^ ]* //p" | paste -sd ' '
}

# age: of the last packet that left's gre1 received, in milliseconds, or null.
age()
{
	counter "$left" gre1 .rx_age_ms
}

# fresh COMMAND...: the packet that comes with it is the last one.
fresh()
{
	local start=$EPOCHREALTIME is took

	"$@" || return
	is=$(age)
	took=$(((${EPOCHREALTIME/./} - ${start/./}) / 1000))
	echo "$is ms, in $took ms"
	[[ $is =~ ^[0-9]+$ ]] && ((is <= took))
}

# old: the last packet is at least as old as $since, in microseconds; the kernel
# counts in ticks.
old()
{
	local passed is

	passed=$(((${EPOCHREALTIME/./} - since) / 1000))
	is=$(age)
	echo "$is ms, after $passed ms"
	((is >= passed - 20))
}

# said: people are told the same age.
said()
{
	local before after text

	before=$(age)
	text=$(gretun -n "$left" stats gre1)
	after=$(age)
	echo "between $before and $after ms"$'\n'"$text"
	[[ $text =~ $'\n  last received '([0-9]+)' s ago' ]] &&
		((BASH_REMATCH[1] >= before / 1000 &&
		  BASH_REMATCH[1] <= after / 1000))
}

# silence COMMAND...: it sends, and nobody answers.
silence()
{
	"$@" > /dev/null 2>&1
	:
}

# compared: left's metrics are what stats has, in its own network namespace and by
# the name of that.
compared()
{
	on_left gretun metrics > "$tmp/metrics"
	gretun -n "$left" -j stats > "$tmp/stats"
	python metrics.py "$tmp/metrics" "$tmp/stats"
	same "by the name of the network namespace it is the same, with a label" \
		"$(grep -v age "$tmp/metrics")" \
		"$(gretun -n "$left" metrics | grep -v age |
		   sed "s/{netns=\"$left\",/{/; s/{netns=\"$left\"}//")"
}

begin
two_hosts
same "no tunnel, no metrics of one" 0 \
	"$(gretun -n "$left" metrics | grep -c 'device=')"
same "but of the network namespace" "0" "$(metric near_misses)"
check "a tunnel" tunnel gre1 ikey 7 okey 7
same "nothing has come yet: no age" "null" "$(age)"
same "nor in metrics" "" "$(metric last_receive_age_seconds)"
check "people are told so" grep -qx "  nothing received yet" \
	<(gretun -n "$left" stats gre1)
check "packets cross, and the last one came just now" \
	fresh pings "$left" "$RIGHT_INNER"
since=${EPOCHREALTIME/./}
check "people are told so too" said
sleep 2.2
check "time goes by" old
check "for people as well" said
check "a packet starts it anew" fresh pings "$left" "$RIGHT_INNER"

gretun -n "$left" add "$ODD" local "$LEFT" remote "$RIGHT" key 8
gretun -n "$left" add shut local "$LEFT" remote "$RIGHT" key 9 address 10.2.0.1/30
gretun -n "$left" add loop local "$LEFT" remote 203.0.113.9 address 10.3.0.1/30
gretun -n "$right" add shut local "$RIGHT" remote "$LEFT" key 9 address 10.2.0.2/30
gretun -n "$right" add stray local "$RIGHT" remote "$LEFT" key 10 address 10.4.0.1/30
ip -n "$left" route add 203.0.113.9 dev loop
ip -n "$left" link set shut down
silence on_right ping -c 3 -i 0.05 -W 0.2 10.2.0.1
silence on_right ping -c 2 -i 0.05 -W 0.2 10.4.0.2
gretun -n "$right" del gre1
silence on_left ping -c 4 -i 0.3 -W 0.2 "$RIGHT_INNER"
silence on_left ping -c 2 -i 0.05 -W 0.2 10.3.0.2

same "states" "1 1 0 0" "$(metric up)"
same "a loop" "0 0 0 1" "$(metric loop)"
same "a drop" "3" "$(metric 'drops_total.*"shut",reason="rx-down"')"
same "a sender nearly of ours" "1" "$(metric near_misses)"
same "what it sent" "2" "$(metric 'netns_drops_total.*passed-key"')"
check "ICMP errors" test "$(metric 'icmp_errors_total.*"gre1",kind="protocol-')" -ge 1
compared

check "a full disk is a failure" \
	sh -c '! gretun metrics > /dev/full 2> /dev/null'
check "anybody may look" on_left setpriv --reuid 65534 --regid 65534 \
	--clear-groups gretun metrics
end
