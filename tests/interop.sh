#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# gretun at one end, the kernel's ip_gre at the other: every set of flags, IPv4
# and IPv6 inside, and TCP with and without offloads.
#
#   left gre1 10.1.12.37/30, fd12::37 ============== old1 .38/30, fd12::38 right
#   eth0 212.25.240.34/30 --- .33 router .1 --- eth0 217.154.12.2/30

set -u
cd "${BASH_SOURCE[0]%/*}" || exit
# shellcheck source-path=SCRIPTDIR source=lib.sh
. ./lib.sh

readonly MEGABYTES=50 FEW_MEGABYTES=5
readonly LEFT6=fd12::37 RIGHT6=fd12::38

# ends GRETUN-OPTIONS IP-OPTIONS: make both ends anew.
ends()
{
	local new=$1 old=$2

	gretun -n "$left" del gre1 2> /dev/null
	ip -n "$right" link del old1 2> /dev/null
	# shellcheck disable=SC2086 # words
	gretun -n "$left" add gre1 local "$LEFT" remote "$RIGHT" $new \
		address "$LEFT_INNER/30" &&
		ip -n "$right" link add old1 type gre local "$RIGHT" remote "$LEFT" \
			ttl 64 $old || return
	ip -n "$right" addr add "$RIGHT_INNER/30" dev old1
	ip -n "$right" link set old1 up
	on_left sysctl -qw net.ipv6.conf.gre1.disable_ipv6=0
	on_right sysctl -qw net.ipv6.conf.old1.disable_ipv6=0
	ip -n "$left" addr add "$LEFT6/64" dev gre1 nodad
	ip -n "$right" addr add "$RIGHT6/64" dev old1 nodad
}

# combination NAME GRETUN-OPTIONS IP-OPTIONS
combination()
{
	check "$1: the two ends" ends "$2" "$3"
	check "$1: gretun pings ip_gre" pings "$left" "$RIGHT_INNER"
	check "$1: ip_gre pings gretun" pings "$right" "$LEFT_INNER"
	check "$1: gretun pings ip_gre, IPv6" pings "$left" "$RIGHT6"
	check "$1: ip_gre pings gretun, IPv6" pings "$right" "$LEFT6"
	same "$1: gretun drops nothing" 0 \
		"$(counter "$left" gre1 '.drops|add')"
}

# offloads on|off: segmentation in and behind the stack, on all devices.
offloads()
{
	local device

	for device in "$left eth0" "$left gre1" "$right eth0" "$right old1" \
		"$router left" "$router right"; do
		ip netns exec "${device% *}" ethtool -K "${device#* }" \
			tso "$1" gso "$1" gro "$1" || return
	done
}

# transfer FROM TO ADDRESS MEGABYTES TEXT
transfer()
{
	python interop.py "$@"
}

begin
modprobe ip_gre
two_hosts
combination "no flags" "" ""
combination C "csum on" "csum"
combination K "key 7" "key 7"
combination S "seq on" "seq"
combination CK "csum on key 7" "csum key 7"
combination CS "csum on seq on" "csum seq"
combination KS "key 7 seq on" "key 7 seq"
combination CKS "csum on key 7 seq on" "csum key 7 seq"
combination "a key for each way" "ikey 7 okey 8" "ikey 8 okey 7"
check "the path takes full packets" ends "" ""
for setting in on off; do
	check "offloads $setting" offloads "$setting"
	transfer "$left" "$right" "$RIGHT_INNER" "$MEGABYTES" \
		"$MEGABYTES MB from gretun to ip_gre, offloads $setting"
	transfer "$right" "$left" "$LEFT_INNER" "$MEGABYTES" \
		"$MEGABYTES MB from ip_gre to gretun, offloads $setting"
done
check "offloads on again" offloads on
transfer "$left" "$right" "$RIGHT6" "$FEW_MEGABYTES" "IPv6 from gretun to ip_gre"
transfer "$right" "$left" "$LEFT6" "$FEW_MEGABYTES" "IPv6 from ip_gre to gretun"
check "with checksum, key and sequence number" ends "csum on key 7 seq on" "csum key 7 seq"
transfer "$left" "$right" "$RIGHT_INNER" "$FEW_MEGABYTES" "CKS from gretun to ip_gre"
transfer "$right" "$left" "$LEFT_INNER" "$FEW_MEGABYTES" "CKS from ip_gre to gretun"
check "with a checksum" ends "csum on" "csum"
transfer "$left" "$right" "$RIGHT_INNER" "$FEW_MEGABYTES" "C from gretun to ip_gre"
transfer "$right" "$left" "$LEFT_INNER" "$FEW_MEGABYTES" "C from ip_gre to gretun"
ip -n "$right" link del old1
end
