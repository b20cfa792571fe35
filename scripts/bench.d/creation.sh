#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Which functions the instructions are spent in that it takes to create a
# tunnel. Runs in a guest.

set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=lab.sh
. "${0%/*}/lab.sh"

readonly COUNT=2000 PERIOD=9973
# What is looked at; the rest is within one of these.
readonly FUNCTIONS=(
	register_netdevice netdev_register_kobject ipv6_add_dev inetdev_init
	__register_sysctl_table kobject_uevent_env alloc_netdev_mqs
	rtmsg_ifinfo_build_skb gretun_conf_create gretun_tunnel_attach
)

create_gre()
{
	ip -batch "$tmp/create"
}

create_gretun()
{
	newtunnels t 1 "$COUNT" local "$R1" remote "$R2" key 0+
}

# destroy: all of them, a batch at a time.
destroy()
{
	counted 1 "$COUNT" link del t0+ | ip -batch -
}

# now: nanoseconds, which are instructions.
now()
{
	date +%s%N
}

# sample KIND COMMAND: the share of samples counts, of what creating a tunnel
# takes when none are taken.
sample()
{
	local kind=$1 command=$2 start spent

	"create_$kind"
	destroy
	start=$(now)
	"create_$kind"
	spent=$((($(now) - start) / COUNT))
	destroy
	result "kind=$kind" symbol=all "instructions=$spent"
	export -f "create_$kind"
	export tmp COUNT R1 R2
	perf record -q -g -o "$tmp/perf" -a -e cpu-clock -c "$PERIOD" -- \
		bash -c "create_$kind"
	perf report -i "$tmp/perf" --stdio --children -q -n -g none -s symbol \
		--comms "$command" 2> /dev/null |
		awk -v kind="$kind" -v all="$spent" -v names="${FUNCTIONS[*]}" '
		$1 ~ /%$/ && !whole { whole = $1 + 0 }
		$1 ~ /%$/ { share[$5] = $1 + 0 }
		END {
			n = split(names, name, " ")
			for (i = 1; i <= n; i++)
				if (name[i] in share)
					printf "@ kind=%s symbol=%s instructions=%.0f\n",
					       kind, name[i],
					       share[name[i]] / whole * all
		}'
	destroy
}

tmp=$(mktemp -d)
counted 1 "$COUNT" link add t0+ type gre local "$R1" remote "$R2" ttl 64 \
	key 0+ > "$tmp/create"
sample gre ip
sample gretun newtunnels
