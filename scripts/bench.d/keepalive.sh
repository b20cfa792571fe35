#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# What 10,000 tunnels cost that ask each 10 seconds whether the peer is alive, and
# the ends that answer: how long the processor was not idle in two minutes, with and
# without. Runs in a guest.

set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=lab.sh
. "${0%/*}/lab.sh"

readonly COUNT=10000 PERIOD=10 SECONDS_EACH=120

# busy KEEPALIVE: let time pass, and print a result.
busy()
{
	local up idle up_before idle_before sent answered

	read -r sent answered < <(probes)
	read -r up_before idle_before < /proc/uptime
	sleep "$SECONDS_EACH"
	read -r up idle < /proc/uptime
	# From seconds to hundredths.
	up=$((10#${up/./} - 10#${up_before/./}))
	idle=$((10#${idle/./} - 10#${idle_before/./}))
	result kind=gretun "keepalive=$1" "tunnels=$COUNT" "ns=$((up * 10000000))" \
		"busy_ns=$(((up - idle) * 10000000))" \
		"$(probes | awk -v sent="$sent" -v answered="$answered" \
			'{ printf "sent=%d answered=%d", $1 - sent, $2 - answered }')"
}

# probes: how many r1 has sent, and how many were answered.
probes()
{
	gretun -n r1 metrics | awk '
		/^gretun_keepalive_sent_total/ { sent += $NF }
		/^gretun_keepalive_answered_total/ { answered += $NF }
		END { print sent + 0, answered + 0 }'
}

lab_up 4
new_end r2 gretun 1 "$COUNT" "$R2" "$R1" 0+ K
new_end r1 gretun 1 "$COUNT" "$R1" "$R2" 0+ K
settle
busy 0
gretun -n r1 del --all
ip netns exec r1 newtunnels t 1 "$COUNT" local "$R1" remote "$R2" key 0+ \
	keepalive "$PERIOD" up
# The first probes of all are sent at once.
sleep $((2 * PERIOD))
busy "$PERIOD"
