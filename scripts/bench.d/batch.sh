#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Creates, lists and deletes 10,000 tunnels, and looks at the memory that they
# take. ip_gre's in batches of ip(8). Runs in a guest.
#
# All is done once before it counts: what the first tunnels leave in the
# kernel's caches is not theirs.

set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=lab.sh
. "${0%/*}/lab.sh"

readonly COUNT=10000

# memory: set free, slab, percpu, in bytes.
memory()
{
	sync
	echo 3 > /proc/sys/vm/drop_caches
	# What RCU frees must be gone.
	sleep 1
	read -r free slab percpu < <(awk '
		{ size[$1] = $2 * 1024 }
		END { printf "%.0f %.0f %.0f\n", size["MemFree:"], size["Slab:"],
		      size["Percpu:"] }' /proc/meminfo)
}

# timed KIND WHAT COMMAND...: the guest's time, waits included.
timed()
{
	local kind=$1 what=$2 start end idle_before idle_after

	shift 2
	idle_before=$(awk '/^cpu / { print $5 }' /proc/stat)
	start=${EPOCHREALTIME/./}
	"$@"
	end=${EPOCHREALTIME/./}
	idle_after=$(awk '/^cpu / { print $5 }' /proc/stat)
	result "kind=$kind" "what=$what" "tunnels=$COUNT" \
		"ns=$(((end - start) * 1000))" \
		"idle_ns=$(((idle_after - idle_before) * 10000000))"
}

# listed FILE: the list must be whole.
listed()
{
	local found

	found=$(grep -o '"ifname":"t[0-9]*"' "$1" | sort -u | wc -l)
	((found == COUNT)) || {
		echo "$found of $COUNT tunnels are in the list"
		exit 1
	}
	rm "$1"
}

create_gre()
{
	ip -batch "$tmp/create"
}

list_gre()
{
	ip -d -j link show > "$tmp/list"
}

delete_gre()
{
	ip -batch "$tmp/delete"
}

create_gretun()
{
	newtunnels t 1 "$COUNT" local "$R1" remote "$R2" key 0+
}

list_gretun()
{
	gretun -j show > "$tmp/list"
}

delete_gretun()
{
	gretun del --all
}

gre_batch add 1 "$COUNT" "$R1" "$R2" 'key 0+' > "$tmp/create"
seq -f 'link del t%.0f' 1 "$COUNT" > "$tmp/delete"
# Freed pages that the processor holds back for itself look like used ones,
# 100 MB of them. This is the least that it can hold.
sysctl -wq vm.percpu_pagelist_high_fraction=1000000
for kind in gretun gre; do
	"create_$kind"
	"delete_$kind"
done
for kind in gretun gre; do
	memory
	free_before=$free slab_before=$slab percpu_before=$percpu
	timed "$kind" create "create_$kind"
	memory
	result "kind=$kind" what=memory "tunnels=$COUNT" \
		"bytes=$((free_before - free))" "slab=$((slab - slab_before))" \
		"percpu=$((percpu - percpu_before))"
	timed "$kind" list "list_$kind"
	listed "$tmp/list"
	timed "$kind" delete "delete_$kind"
	[[ ! -e /sys/class/net/t1 ]]
done
