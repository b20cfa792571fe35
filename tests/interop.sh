#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# gretun at one end, the kernel's own ip_gre at the other, or ip6gre over IPv6: each
# combination of checksum (C), key (K) and sequence number (S), IPv4 and IPv6
# inside, and TCP with every way of cutting and joining segments.
#
#   left gre1 (gretun) 10.1.12.37/30 ===== gre1 (ip_gre) 10.1.12.38/30 right
#             fd12::37/64                       fd12::38/64
#   eth0 212.25.240.34/30 --- .33 router .1 --- eth0 217.154.12.2/30

set -u
cd "${BASH_SOURCE[0]%/*}" || exit
# shellcheck source-path=SCRIPTDIR source=lib.sh
. ./lib.sh
# shellcheck source-path=SCRIPTDIR source=stream_lib.sh
. ./stream_lib.sh

# pair COMBINATION [LIMIT]: a tunnel of it, gretun at left and the kernel's own at
# right. LIMIT is for the option with which ip6gre sends by itself, a header more.
pair()
{
	local -a ours=() theirs=(ttl 64)

	[[ $UNDERLAY == ipv4 ]] || theirs+=(encaplimit "${2-none}")
	[[ $1 != *C* ]] || ours+=(csum on)
	[[ $1 != *C* ]] || theirs+=(csum)
	# A key for each way: what one end sends is what the other receives.
	[[ $1 != *K* ]] || ours+=(ikey 7 okey 0xfffffffe)
	[[ $1 != *K* ]] || theirs+=(ikey 4294967294 okey 7)
	[[ $1 != *S* ]] || ours+=(seq on)
	[[ $1 != *S* ]] || theirs+=(seq)

	gretun -n "$left" add gre1 local "$LEFT" remote "$RIGHT" \
		address "$LEFT_INNER/30" "${ours[@]}" &&
		ip -n "$right" link add gre1 type "$OTHER_KIND" local "$RIGHT" \
			remote "$LEFT" "${theirs[@]}" &&
		ip -n "$right" addr add "$RIGHT_INNER/30" dev gre1 &&
		ip -n "$right" link set gre1 up && tunnel6
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
	echo "gretun dropped $ours, the other end $theirs"
	((ours == 0 && theirs == 0))
}

# crosses TEXT: a tunnel carries packets both ways and drops none.
crosses()
{
	check "$1: left pings right" pings "$left" "$RIGHT_INNER"
	check "$1: right pings left" pings "$right" "$LEFT_INNER"
	check "$1: left pings right with IPv6" pings "$left" "$RIGHT_INNER6"
	check "$1: right pings left with IPv6" pings "$right" "$LEFT_INNER6"
	check "$1: nothing is dropped" no_errors
}

begin
modprobe "$OTHER_MODULE" || skip_all "$OTHER_MODULE.ko is not there"
two_hosts

# Without offloads, so that each end verifies real checksums.
offloads off "$left" "$right" "$router"
combinations=(none C K S CK CS KS CKS) large=50
# What does not depend on the outer header has been seen to work then.
[[ $UNDERLAY == ipv4 ]] || combinations=(none CK CKS) large=8
for combination in "${combinations[@]}"; do
	check "$combination: a tunnel" pair "$combination"
	crosses "$combination"
	unpair
done
if [[ $UNDERLAY == ipv6 ]]; then
	check "with the other end's option: a tunnel" pair CKS 4
	crosses "with the other end's option"
	check "with the same of our own" gretun -n "$left" set gre1 encaplimit 4
	crosses "with the option both ways"
	unpair
fi

head -c $((large * MEGA)) /dev/urandom > "$tmp/file"
pair CK
offloads on "$left" "$right" "$router"
transfer "$large MB from gretun, offloads on" tx "$large" many many
transfer "$large MB to gretun, offloads on" rx "$large" many many
offloads off "$left" "$right" "$router"
if [[ $UNDERLAY == ipv4 ]]; then
	transfer "$large MB from gretun, offloads off" tx "$large" one one
	transfer "$large MB to gretun, offloads off" rx "$large" one one
fi
cut_at_cables
transfer "from gretun, cut at the cable" tx 8 many one
transfer "to gretun, joined at the cable" rx 8 many one
transfer "IPv6 from gretun, cut at the cable" tx 8 many one 6
transfer "IPv6 to gretun, joined at the cable" rx 8 many one 6
check "checksum and key: nothing is dropped" no_errors
unpair

# Segments of one packet would have one number, so a packet is a segment.
pair CKS
cut_at_cables
transfer "with sequence numbers from gretun" tx 8 one one
transfer "with sequence numbers to gretun" rx 8 one one
unpair
end
