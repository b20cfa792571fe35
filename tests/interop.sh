#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# gretun at one end, the kernel's own ip_gre at the other: each combination of
# checksum (C), key (K) and sequence number (S), IPv4 and IPv6 inside, and TCP
# with every way of cutting and joining segments.
#
#   left gre1 (gretun) 10.1.12.37/30 ===== gre1 (ip_gre) 10.1.12.38/30 right
#             fd12::37/64                       fd12::38/64
#   eth0 212.25.240.34/30 --- .33 router .1 --- eth0 217.154.12.2/30

set -u
cd "${BASH_SOURCE[0]%/*}" || exit
# shellcheck source-path=SCRIPTDIR source=lib.sh
. ./lib.sh

readonly LEFT6=fd12::37 RIGHT6=fd12::38 MEGA=$((1024 * 1024))
readonly OFFLOADS=(tx tso gso gro)

# pair COMBINATION: a tunnel of it, gretun at left and ip_gre at right.
pair()
{
	local -a ours=() theirs=(ttl 64)

	[[ $1 != *C* ]] || ours+=(csum on)
	[[ $1 != *C* ]] || theirs+=(csum)
	# A key for each way: what one end sends is what the other receives.
	[[ $1 != *K* ]] || ours+=(ikey 7 okey 0xfffffffe)
	[[ $1 != *K* ]] || theirs+=(ikey 4294967294 okey 7)
	[[ $1 != *S* ]] || ours+=(seq on)
	[[ $1 != *S* ]] || theirs+=(seq)

	gretun -n "$left" add gre1 local "$LEFT" remote "$RIGHT" \
		address "$LEFT_INNER/30" "${ours[@]}" &&
		ip -n "$right" link add gre1 type gre local "$RIGHT" remote "$LEFT" \
			"${theirs[@]}" &&
		ip -n "$right" addr add "$RIGHT_INNER/30" dev gre1 &&
		ip -n "$right" link set gre1 up &&
		with_ipv6 "$left" "$LEFT6" &&
		with_ipv6 "$right" "$RIGHT6"
}

# with_ipv6 NS ADDRESS: IPv6 on gre1.
with_ipv6()
{
	ip netns exec "$1" sysctl -qw net.ipv6.conf.gre1.disable_ipv6=0 &&
		ip -n "$1" addr add "$2/64" dev gre1 nodad
}

unpair()
{
	gretun -n "$left" del gre1
	ip -n "$right" link del gre1
}

# no_errors: neither end has dropped a packet.
no_errors()
{
	local ours theirs

	ours=$(counter "$left" gre1 '.drops | add')
	theirs=$(ip -n "$right" -s -j link show gre1 |
		jq '.[0].stats64.rx | .errors + .dropped')
	echo "gretun dropped $ours, ip_gre $theirs"
	((ours == 0 && theirs == 0))
}

# offloads on|off NS...: of the cables and the tunnels in the namespaces.
offloads()
{
	local setting=$1 ns dev name
	local -a words=()

	shift
	for name in "${OFFLOADS[@]}"; do
		words+=("$name" "$setting")
	done
	for ns; do
		for dev in eth0 gre1 left right; do
			[[ ! $(ip -n "$ns" -o link show "$dev" 2> /dev/null) ]] ||
				ip netns exec "$ns" ethtool -K "$dev" "${words[@]}"
		done
	done > /dev/null 2>&1
}

# traffic WAY: bytes and packets that left's gre1 has sent (tx) or received (rx).
traffic()
{
	counter "$left" gre1 ".$1 | \"\\(.bytes) \\(.packets)\"" | tr -d '"'
}

# longer BYTES BYTES: the second is.
longer()
{
	echo "$1 and $2 bytes"
	(($2 > $1))
}

# transfer TEXT WAY MEGABYTES long|short [6]: that much goes from left (tx) or to
# it (rx) unharmed, and the packets in left's tunnel are several segments each
# on average (long) or one.
transfer()
{
	local text=$1 way=$2 size=$3 kind=$4 family=${5-} sum before after mean
	local from=$left to=$right address=$RIGHT_INNER

	[[ ! $family ]] || address=$RIGHT6
	if [[ $way == rx ]]; then
		from=$right to=$left address=$LEFT_INNER
		[[ ! $family ]] || address=$LEFT6
	fi
	sum=$(head -c $((size * MEGA)) "$tmp/file" | tee "$tmp/part" | sha256sum)
	read -ra before < <(traffic "$way")
	same "$text" "${sum%% *}" "$(/usr/bin/python3 interop.py "$from" "$to" \
		"$address" "$tmp/part" 2>&1)"
	read -ra after < <(traffic "$way")
	mean=$(((after[0] - before[0]) / (after[1] - before[1] + 1)))
	if [[ $kind == long ]]; then
		check "$text: several segments in a packet" longer 2000 "$mean"
	else
		check "$text: a segment in a packet" longer "$mean" 1500
	fi
}

begin
modprobe ip_gre || skip_all "ip_gre.ko is not there"
two_hosts

# Without offloads, so that each end verifies real checksums.
offloads off "$left" "$right" "$router"
for combination in none C K S CK CS KS CKS; do
	check "$combination: a tunnel" pair "$combination"
	check "$combination: left pings right" pings "$left" "$RIGHT_INNER"
	check "$combination: right pings left" pings "$right" "$LEFT_INNER"
	check "$combination: left pings right with IPv6" pings "$left" "$RIGHT6"
	check "$combination: right pings left with IPv6" pings "$right" "$LEFT6"
	check "$combination: nothing is dropped" no_errors
	unpair
done

head -c $((50 * MEGA)) /dev/urandom > "$tmp/file"
pair CK
offloads on "$left" "$right" "$router"
transfer "50 MB from gretun, offloads on" tx 50 long
transfer "50 MB to gretun, offloads on" rx 50 long
transfer "IPv6 from gretun, offloads on" tx 8 long 6
transfer "IPv6 to gretun, offloads on" rx 8 long 6
offloads off "$left" "$right" "$router"
transfer "50 MB from gretun, offloads off" tx 50 short
transfer "50 MB to gretun, offloads off" rx 50 short
# Cut by the sender, joined by the receiver's Ethernet device.
on_left ethtool -K eth0 gro on > /dev/null
transfer "to gretun, segments joined" rx 8 long
check "checksum and key: nothing is dropped" no_errors
unpair

# Segments of one packet would have one number, so a packet is a segment.
pair CKS
offloads on "$left" "$right" "$router"
transfer "with sequence numbers from gretun" tx 8 short
transfer "with sequence numbers to gretun" rx 8 short
unpair
end
