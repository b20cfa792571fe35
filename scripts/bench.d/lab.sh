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

# What is compared with plain forwarding: "KIND words of newtunnels"; gre is
# ip_gre, made with ip(8).
# shellcheck disable=SC2034 # for those who source this
readonly KINDS=(gre gretun)
# K is a key, C a checksum, S a sequence number.
# shellcheck disable=SC2034 # for those who source this
readonly FLAGS=(none K C S CKS)
readonly R1=192.0.2.1 R2=192.0.2.2
readonly SINK_MAC=02:00:00:00:00:99
# The first addresses that distinct remote addresses and destinations count
# from, as numbers: 198.18.0.0 and 10.128.0.0.
readonly REMOTES=$((198 << 24 | 18 << 16)) DESTINATIONS=$((10 << 24 | 128 << 16))
# A count that is not exact is tried again this many times.
readonly TRIES=3

tmp=$(mktemp -d)

# result NAME=VALUE...
result()
{
	printf '@ %s\n' "$*"
}

# ipv4 NUMBER: as an address.
ipv4()
{
	printf '%d.%d.%d.%d\n' $(($1 >> 24)) $(($1 >> 16 & 255)) \
		$(($1 >> 8 & 255)) $(($1 & 255))
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

lab_down()
{
	local ns

	for ns in g r1 r2 s; do
		ip netns del "$ns"
	done
}

# flag_words FLAGS: the words of ip(8) and newtunnels for csum and seq.
flag_words()
{
	[[ $1 != *C* ]] || echo csum
	[[ $1 != *S* ]] || echo seq
}

# new_end NETNS KIND FIRST LAST LOCAL REMOTE KEY FLAGS: tunnels tFIRST to tLAST
# in NETNS. A + behind an address or key is as newtunnels has it.
new_end()
{
	local -a words

	mapfile -t words < <(flag_words "$8")
	[[ $8 != *K* ]] || words+=(key "$7")
	if [[ $2 != gre ]]; then
		ip netns exec "$1" newtunnels t "$3" "$4" local "$5" remote "$6" \
			"${words[@]}"
	else
		gre_batch add "$3" "$4" "$5" "$6" "${words[*]}" > "$tmp/batch"
		ip -n "$1" -batch "$tmp/batch"
	fi
	seq -f 'link set t%.0f up' "$3" "$4" > "$tmp/batch"
	ip -n "$1" -batch "$tmp/batch"
}

# gre_batch COMMAND FIRST LAST LOCAL REMOTE WORDS: lines for ip -batch.
gre_batch()
{
	awk -v command="$1" -v first="$2" -v last="$3" -v local="$4" \
	    -v remote="$5" -v words="$6" '
	function counted(addr, i, part, n) {
		if (addr !~ /\+$/)
			return addr
		split(addr, part, /[.+]/)
		n = part[3] * 256 + part[4] + i
		return part[1] "." part[2] + int(n / 65536) "." \
		       int(n / 256) % 256 "." n % 256
	}
	BEGIN {
		for (i = first; i <= last; i++) {
			w = words
			sub(/0\+/, i, w)
			print "link", command, "t" i, "type gre local",
			      counted(local, i), "remote", counted(remote, i),
			      "ttl 64", w
		}
	}'
}

# new_tunnels KIND FIRST LAST LAYOUT FLAGS: both ends of tunnels. LAYOUT says
# what remote addresses r1 has: with keys all tunnels have the same, with
# routed each has its own behind a router, with link each its own on the link.
new_tunnels()
{
	local r2=$R2 remotes

	if [[ $4 != keys ]]; then
		remotes=$(ipv4 "$REMOTES")
		r2=$remotes+
		# A route of type local instead would make r2 validate the
		# source of every packet.
		ip -n r2 addr replace "$remotes/15" dev lo
		if [[ $4 == link ]]; then
			ip -n r1 route replace "$remotes/15" dev u1
		else
			ip -n r1 route replace "$remotes/15" via "$R2"
		fi
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

# routes KIND FIRST LAST: each of these destinations by a route of its own,
# through its tunnel unless KIND is plain.
routes()
{
	awk -v kind="$1" -v first="$2" -v last="$3" -v via="via $R2" '
	BEGIN {
		for (i = first; i <= last; i++)
			print "route add 10." 128 + int(i / 65536) "." \
			      int(i / 256) % 256 "." i % 256,
			      kind == "plain" ? via : "dev t" i
	}' > "$tmp/batch"
	ip -n r1 -batch "$tmp/batch"
}

# received: packets that came to the sink.
received()
{
	ip netns exec s cat /sys/class/net/s0/statistics/rx_packets
}

# send VERSION SIZE COUNT TUNNELS: send, and set ns and lost.
send()
{
	local before

	before=$(received)
	ns=$(ip netns exec g bash /root/send.sh "$@" "$(mac r1 rg)")
	lost=$((before + $3 - $(received)))
}

# measure VERSION SIZE COUNT TUNNELS NAME=VALUE...: send, twice since the first
# packets find nothing prepared, and print a result.
measure()
{
	local ns lost try warm=$4

	((warm >= 500)) || warm=500
	send "$1" "$2" "$warm" "$4"
	for ((try = 1; try <= TRIES; try++)); do
		send "${@:1:4}"
		((lost)) || break
		echo "$lost of $3 packets were lost (try $try of $TRIES): ${*:5}"
	done
	result "${@:5}" "ip=$1" "size=$2" "tunnels=$4" "packets=$3" \
		"lost=$lost" "ns=$ns"
}
