#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# gretun in this guest, and the kernel's own GRE in another one with another kernel,
# whose program is far.sh. guests_lib.sh draws the topology.

set -u
cd "${BASH_SOURCE[0]%/*}/.." || exit
# shellcheck source-path=SCRIPTDIR source=../lib.sh
. ./lib.sh
# shellcheck source-path=SCRIPTDIR source=guests_lib.sh
. interop/guests_lib.sh

# What goes through each tunnel and back.
readonly BYTES=200000
near=''

# ours N KIND: near's end.
ours()
{
	local -a words=()

	[[ $2 != *C* ]] || words+=(csum on)
	[[ $2 != *k* ]] || words+=(key "$1")
	[[ $2 != *K* ]] || words+=(ikey 7 okey 4294967294)
	[[ $2 != *S* ]] || words+=(seq on)
	[[ $2 != *E* ]] || words+=(encaplimit 4)
	gretun -n "$near" add "g$1" local "$(outer near "$1")" \
		remote "$(outer far "$1")" "${words[@]}" && inner "$near" "$1" 1
}

# flags KIND: the first two bytes of its header.
flags()
{
	local bits=0

	[[ $1 != *C* ]] || bits=$((bits | 0x8000))
	[[ $1 != *[kK]* ]] || bits=$((bits | 0x2000))
	[[ $1 != *S* ]] || bits=$((bits | 0x1000))
	echo "$bits"
}

# watch N KIND: count packets of the tunnel, both ways, with its flags and without.
watch()
{
	local family=ip where

	((${1} < SIX)) || family=ip6
	for where in "input $family saddr $(outer far "$1")" \
		"output $family daddr $(outer far "$1")"; do
		echo "add rule inet t $where meta l4proto gre @th,0,16 $(flags "$2")" \
			"counter comment \"good $1\""
		echo "add rule inet t $where meta l4proto gre @th,0,16 != $(flags "$2")" \
			"counter comment \"bad $1\""
	done
}

# seen N: those both ways, all with its flags.
seen()
{
	ip netns exec "$near" nft -j list ruleset | jq -ec --arg n "$1" '
		[.nftables[].rule? | objects | select(.comment | test("^(good|bad) " + $n + "$")) |
		 [.comment, (.expr[].counter? | objects | .packets)]] |
		., (length == 4 and all(if .[0] | test("good") then .[1] > 0 else .[1] == 0 end))'
}

# sends N ADDRESS: TCP to far and back.
sends()
{
	ip netns exec "$near" timeout 120 /usr/bin/python3 interop/echo.py send "$1" \
		"$ECHO_PORT" "$BYTES"
}

# counted NAME: a counter of near's IP.
counted()
{
	ip netns exec "$near" nstat -asz "$1" | awk -v name="$1" '$1 == name { print $2 }'
}

# answered ADDRESS [OPTION...]: five echo requests, and near counts five answers. ping
# itself need not see all of them: when it had one, it waits for the last for two round
# trips and no longer, whatever -W says, and the other guest may stand still for more.
answered()
{
	local name=IcmpInEchoReps before

	[[ $1 != *:* ]] || name=Icmp6InEchoReplies
	before=$(counted "$name")
	ip netns exec "$near" ping -q -c 5 -i 0.01 -W 5 "${@:2}" "$1" | tee "$tmp/ping"
	grep -q ' 5 received,' "$tmp/ping" ||
		echo "# ping $*: $(grep received "$tmp/ping")" >&3
	wait_for 10 has_counted "$name" $((before + 5))
}

# has_counted NAME VALUE: it is that.
has_counted()
{
	[[ $(counted "$1") == "$2" ]]
}

# crosses N KIND: IPv4 and IPv6 in it, packets larger than the tunnel's, TCP.
crosses()
{
	local what="tunnel $1, $2"

	check "$what: IPv4" answered "10.30.$1.2"
	check "$what: IPv6" answered "fd30:$1::2"
	check "$what: IPv4 in fragments" answered "10.30.$1.2" -s 4000
	check "$what: IPv6 in fragments" answered "fd30:$1::2" -s 4000
	check "$what: TCP over IPv4" sends "10.30.$1.2"
	check "$what: TCP over IPv6" sends "fd30:$1::2"
	same "$what: nothing is dropped" 0 "$(counter "$near" "g$1" '.drops | add')"
	check "$what: header bytes both ways" seen "$1"
}

begin
# For what is no result, from where output is kept for failures.
exec 3>&1
make_ns near
check "the cable" cable "$near" near
{
	echo 'add table inet t'
	for hook in input output; do
		echo "add chain inet t $hook { type filter hook $hook priority 0; }"
	done
	for number in "${!KINDS[@]}"; do
		watch "$number" "${KINDS[number]}"
	done
} > "$tmp/rules"
check "a watch" ip netns exec "$near" nft -f "$tmp/rules"
for number in "${!KINDS[@]}"; do
	check "tunnel $number, ${KINDS[number]}" ours "$number" "${KINDS[number]}"
done
modprobe ip_gre
check "the kernel's own beside them" kernels_own "$near" "$BESIDE" k near
check "with addresses" inner "$near" "$BESIDE" 1
# The other guest may still be at its boot.
check "far is there" wait_for 300 sends 10.30.1.2
for number in "${!KINDS[@]}"; do
	crosses "$number" "${KINDS[number]}"
done
check "the kernel's own: IPv4" pings "$near" "10.30.$BESIDE.2"
check "the kernel's own: TCP" sends "fd30:$BESIDE::2"
for name in IpReasmFails Ip6ReasmFails IcmpInCsumErrors Icmp6InCsumErrors; do
	same "$name" 0 "$(counted "$name")"
done
check "far ends" ip netns exec "$near" /usr/bin/python3 interop/echo.py stop \
	10.30.1.2 "$ECHO_PORT"
ip -n "$near" link del "g$BESIDE"
end
