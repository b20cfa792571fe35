# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# The router workload, for the parts that run in a guest. Sourced, not run.
#
#    g              r1                      r2              s
#   g0 -------- rg      u1 ---------- u2        rs -------- s0
#                  192.0.2.1     192.0.2.2
#
# pktgen in g sends to 10.128.0.0/9 or fd00:2::/64, which r1 forwards to r2,
# plainly or through tunnels, and r2 to s, where packets are counted. The sink
# drops them at once: their address on the link is not its own.
#
# A result is a line "@ NAME=VALUE...".

# What is compared with plain forwarding: ip_gre, gretun, and gretun with
# fastpath.
# shellcheck disable=SC2034 # for those who source this
readonly KINDS=(gre gretun fast)
# K is a key, C a checksum, S a sequence number.
# shellcheck disable=SC2034 # for those who source this
readonly FLAGS=(none K C S CKS)
readonly R1=192.0.2.1 R2=192.0.2.2
readonly ROUTER_MAC=02:00:00:00:00:01 SINK_MAC=02:00:00:00:00:99
# What distinct remote addresses and destinations count from.
readonly REMOTES=198.18.0.0 DESTINATIONS=10.128.0.0
# A count that is not exact is tried again until it was tried this many times.
readonly TRIES=5

# result NAME=VALUE...
result()
{
	printf '@ %s\n' "$*"
}

# counted FIRST LAST WORD...: a line of these WORDs for each number. It is added
# to an address or a number that ends with a +.
counted()
{
	awk -v first="$1" -v last="$2" -v line="${*:3}" '
	function add(word, i, part, n) {
		if (split(word, part, ".") != 4)
			return word + i
		n = part[3] * 256 + part[4] + i
		return part[1] "." part[2] + int(n / 65536) "." \
		       int(n / 256) % 256 "." n % 256
	}
	BEGIN {
		# Text and what counts by turns.
		while (match(line, /[0-9.]+\+/)) {
			text[++n] = substr(line, 1, RSTART - 1)
			word[n] = substr(line, RSTART, RLENGTH - 1)
			line = substr(line, RSTART + RLENGTH)
		}
		for (i = first; i <= last; i++) {
			made = ""
			for (k = 1; k <= n; k++)
				made = made text[k] add(word[k], i)
			print made line
		}
	}'
}

# configure NETNS: what ip(8) is to do, a line each, from stdin.
configure()
{
	ip -n "$1" -batch -
}

# link NETNS NAME NETNS NAME: two ends of a veth, up.
link()
{
	ip link add "$2" netns "$1" type veth peer name "$4" netns "$3"
	ip -n "$1" link set "$2" up
	ip -n "$3" link set "$4" up
}

# mac NETNS NAME
mac()
{
	ip netns exec "$1" cat "/sys/class/net/$2/address"
}

# lab_up VERSION: the network, for a payload of that IP version.
lab_up()
{
	local ns

	# A packet that waits for ksoftirqd must find room.
	sysctl -wq net.core.netdev_max_backlog=100000
	for ns in g r1 r2 s; do
		ip netns add "$ns"
		# Nothing but the workload is to send packets.
		ip netns exec "$ns" sysctl -wq \
			net.ipv6.conf.all.disable_ipv6=$(($1 != 6)) \
			net.ipv6.conf.default.disable_ipv6=$(($1 != 6)) \
			net.ipv6.conf.default.accept_dad=0 \
			net.ipv6.conf.default.addr_gen_mode=1 \
			net.ipv6.conf.default.router_solicitations=0 \
			net.ipv6.conf.all.forwarding=1 \
			net.ipv4.ip_forward=1 \
			net.ipv4.conf.all.rp_filter=0 \
			net.ipv4.conf.default.rp_filter=0
		ip -n "$ns" link set lo up
	done
	link g g0 r1 rg
	link r1 u1 r2 u2
	link r2 rs s s0
	ip -n r1 link set rg address "$ROUTER_MAC"
	ip -n r1 addr add "$R1/24" dev u1
	ip -n r2 addr add "$R2/24" dev u2
	ip -n r1 neigh add "$R2" lladdr "$(mac r2 u2)" dev u1
	ip -n r2 neigh add "$R1" lladdr "$(mac r1 u1)" dev u2
	ip -n r1 addr add 10.0.1.1/24 dev rg
	ip -n r2 addr add 10.0.2.1/24 dev rs
	ip -n r2 neigh add 10.0.2.2 lladdr "$SINK_MAC" dev rs
	ip -n r2 route add 10.128.0.0/9 via 10.0.2.2
	if (($1 == 6)); then
		ip -n r1 addr add fd00:1::1/64 dev rg
		ip -n r1 addr add fd00:9::1/64 dev u1
		ip -n r2 addr add fd00:9::2/64 dev u2
		ip -n r2 addr add fd00:2::1/64 dev rs
		ip -n r1 neigh add fd00:9::2 lladdr "$(mac r2 u2)" dev u1
		ip -n r2 neigh add fd00:2::2 lladdr "$SINK_MAC" dev rs
	fi
}

# settle: until the kernel has finished what it does behind our backs. Idle time
# is for free where instructions are counted.
settle()
{
	local before=0 after=0

	while ((10#$after - 10#$before < 990)); do
		read -r _ before < /proc/uptime
		sleep 10
		read -r _ after < /proc/uptime
		# From seconds to hundredths.
		before=${before/./} after=${after/./}
	done
}

lab_down()
{
	local ns

	for ns in g r1 r2 s; do
		ip netns del "$ns"
	done
	settle
}

# flag_words FLAGS: the words of ip(8) and newtunnels for csum and seq.
flag_words()
{
	[[ $1 != *C* ]] || echo csum
	[[ $1 != *S* ]] || echo seq
}

# new_end NETNS KIND FIRST LAST LOCAL REMOTE KEY FLAGS: tunnels tFIRST to tLAST
# in NETNS, up. An address or a key may end with a +; see counted.
new_end()
{
	local -a words

	mapfile -t words < <(flag_words "$8")
	[[ $8 != *K* ]] || words+=(key "$7")
	[[ $2 != fast ]] || words+=(fastpath)
	if [[ $2 == gre ]]; then
		counted "$3" "$4" link add t0+ up type gre local "$5" \
			remote "$6" ttl 64 "${words[@]}" | configure "$1"
	else
		ip netns exec "$1" newtunnels t "$3" "$4" local "$5" \
			remote "$6" "${words[@]}" up
	fi
}

# new_remotes LAYOUT: r2 has a great many addresses, REMOTES. With routed, r1
# finds them behind a router; with link, on the link.
new_remotes()
{
	# A route of type local instead would make r2 validate the source of
	# every packet.
	ip -n r2 addr replace "$REMOTES/15" dev lo
	if [[ $1 == link ]]; then
		ip -n r1 route replace "$REMOTES/15" dev u1
	else
		ip -n r1 route replace "$REMOTES/15" via "$R2"
	fi
}

# new_tunnels KIND FIRST LAST LAYOUT FLAGS: both ends of tunnels. With LAYOUT
# keys all have the same remote address; with another, each has its own of
# new_remotes.
new_tunnels()
{
	local r2=$R2

	if [[ $4 != keys ]]; then
		new_remotes "$4"
		r2=$REMOTES+
	fi
	new_end r1 "$1" "$2" "$3" "$R1" "$r2" 0+ "$5"
	new_end r2 "$1" "$2" "$3" "$r2" "$R1" 0+ "$5"
}

# del_tunnel: both ends of t1.
del_tunnel()
{
	ip -n r1 link del t1
	ip -n r2 link del t1
}

# routes FIRST LAST WORD...: a route for each of these destinations. A WORD may
# end with a +; see counted.
routes()
{
	counted "$1" "$2" route add "$DESTINATIONS+" "${@:3}" | configure r1
}

# received: packets that came to the sink.
received()
{
	ip netns exec s cat /sys/class/net/s0/statistics/rx_packets
}

# send VERSION SIZE COUNT TUNNELS: send, and set ns, away and lost.
send()
{
	local before

	before=$(received)
	read -r ns away < <(ip netns exec g bash /root/send.sh "$@" "$ROUTER_MAC")
	lost=$((before + $3 - $(received)))
}

# send_well VERSION SIZE COUNT TUNNELS: send, again if packets were lost or
# ksoftirqd handled more than a few. It does so in batches, which cost more or
# less than one packet after the other, and it is chance when it takes over.
send_well()
{
	local try

	for ((try = 1; try <= TRIES; try++)); do
		send "$@"
		((lost || away > ns / 50)) || break
		printf 'try %d of %d: %d of %d packets were lost, pktgen was away for %d %%\n' \
			"$try" "$TRIES" "$lost" "$3" $((100 * away / ns)) >&2
	done
}

# measure VERSION SIZE COUNT TUNNELS NAME=VALUE...: send, twice since the first
# packets find nothing prepared, and print a result.
measure()
{
	local ns away lost warm=$4

	((warm >= 500)) || warm=500
	send "$1" "$2" "$warm" "$4"
	send_well "${@:1:4}"
	result "${@:5}" "ip=$1" "size=$2" "tunnels=$4" "packets=$3" \
		"lost=$lost" "ns=$ns" "away_ns=$away"
}

# whole_memory: from here on, memory can tell. Freed pages that the processor
# holds back for itself look like used ones, 100 MB of them; this is the least
# that it can hold.
whole_memory()
{
	sysctl -wq vm.percpu_pagelist_high_fraction=1000000
}

# memory: set free, slab and percpu, in bytes.
memory()
{
	sync
	echo 3 > /proc/sys/vm/drop_caches
	settle
	# shellcheck disable=SC2034 # for the caller
	read -r free slab percpu < <(awk '
		{ size[$1] = $2 * 1024 }
		END { printf "%.0f %.0f %.0f\n", size["MemFree:"], size["Slab:"],
		      size["Percpu:"] }' /proc/meminfo)
}
