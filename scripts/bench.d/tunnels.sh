#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# tunnels.sh [LAYOUT...]: what a packet costs with 1 to 10,000 tunnels and
# traffic on all of them. LAYOUT is one that lab.sh knows, keys if none is
# named. Runs in a guest.

set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=lab.sh
. "${0%/*}/lab.sh"

readonly COUNTS=(1 100 1000 10000) SIZE=64

# packets TUNNELS: how many to send; each destination gets the same number.
packets()
{
	echo $(($1 < 10000 ? 2000 : 10000))
}

# series KIND LAYOUT: more and more tunnels, or only routes for plain.
series()
{
	local first=1 count way=(via "$R2")

	lab_up 4
	for count in "${COUNTS[@]}"; do
		if [[ $1 != plain ]]; then
			new_tunnels "$1" "$first" "$count" "$2" K
			way=(dev t0+)
		fi
		routes "$first" "$count" "${way[@]}"
		measure 4 "$SIZE" "$(packets "$count")" "$count" "kind=$1" "layout=$2"
		first=$((count + 1))
	done
	lab_down
}

(($#)) || set -- keys
series plain none
for layout; do
	for kind in "${KINDS[@]}"; do
		series "$kind" "$layout"
	done
done
