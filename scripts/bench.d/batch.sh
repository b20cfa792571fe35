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

# all_up: the flags of a device that is down are even.
all_up()
{
	local found

	found=$(cat /sys/class/net/t*/flags | grep -c '[13579bdf]$')
	((found == COUNT)) || {
		echo "$found of $COUNT tunnels are up"
		exit 1
	}
}

create_gre()
{
	ip -batch "$tmp/create"
}

up_gre()
{
	ip -batch "$tmp/up"
}

up_at_once_gre()
{
	ip -batch "$tmp/up_at_once"
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
	newtunnels t 1 "$COUNT" local "$R1" remote "$R2" key 0+ "$@"
}

up_gretun()
{
	create_gretun up
}

list_gretun()
{
	gretun -j show > "$tmp/list"
}

delete_gretun()
{
	gretun del --all
}

tmp=$(mktemp -d)
gre=(type gre local "$R1" remote "$R2" ttl 64 key 0+)
counted 1 "$COUNT" link add t0+ "${gre[@]}" > "$tmp/create"
counted 1 "$COUNT" link add t0+ up "${gre[@]}" > "$tmp/up_at_once"
{
	cat "$tmp/create"
	counted 1 "$COUNT" link set t0+ up
} > "$tmp/up"
counted 1 "$COUNT" link del t0+ > "$tmp/delete"
whole_memory
# What IPv6 does with a device that comes up, and how long that takes it with
# this many, is not the tunnel's.
sysctl -wq net.ipv6.conf.default.disable_ipv6=1
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
# Last, as it leaves behind a large table of neighbours.
for kind in gretun gre; do
	timed "$kind" up "up_$kind"
	all_up
	timed "$kind" delete_up "delete_$kind"
done
timed gre up_at_once up_at_once_gre
