#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# How long a packet may be where the tunnel begins: the DF bit of the outer header,
# fragments, the messages that tell a sender of less, and the MTU of the device.
# What is further on is in pmtu.sh.
#
#   left gre1 10.1.12.37/30, fd12::37 ================ gre1 right
#   eth0 212.25.240.34/30 -- .33 router .1 ----------- eth0 217.154.12.2/30
#        MTU 1500, later 1400
#   eth1 192.0.2.5/30 ------ .6
#        MTU 1400

set -u
cd "${BASH_SOURCE[0]%/*}" || exit
# shellcheck source-path=SCRIPTDIR source=lib.sh
. ./lib.sh

readonly MTU=$((1500 - OVERHEAD))

# mtu_is BYTES [auto]: of left's gre1, and whether it is automatic.
mtu_is()
{
	gretun -n "$left" -j show gre1 > "$tmp/show"
	jq -c '.[0] | [.mtu, .mtu_auto, .overhead]' "$tmp/show"
	jq -e ".[0] | .mtu == $1 and .mtu_auto == $([[ ${2-} ]] && echo true || echo false)" \
		"$tmp/show" &&
		[[ $(on_left cat /sys/class/net/gre1/mtu) == "$1" ]]
}

# automatic MTU OPTION...: the MTU that goes with some options.
automatic()
{
	local mtu=$1

	shift
	gretun -n "$left" set gre1 "$@" && mtu_is "$mtu" auto
}

# fragments: how many left has made. Columns are found by their name, as they are
# more from kernel to kernel.
fragments()
{
	# shellcheck disable=SC2016 # awk's
	on_left awk -v version="$UNDERLAY" '
		$1 == "Ip6FragCreates" && version == "ipv6" { print $2 }
		$1 != "Ip:" || version != "ipv4" { next }
		column { print $column }
		{ for (i = 2; i <= NF; i++) if ($i == "FragCreates") column = i }
	' /proc/net/snmp /proc/net/snmp6
}

# cut COMMAND...: COMMAND passes, and left makes fragments of its packets.
cut()
{
	local before

	before=$(fragments)
	"$@" || return
	echo "fragments: $before before, $(fragments) after"
	(($(fragments) >= before + 10))
}

begin
two_hosts
join "$left" eth1 "$LEFT2/$PREFIX" "$router" left2 "$LEFT2_ROUTER/$PREFIX"
ip -n "$left" link set eth1 mtu 1400
ip -n "$left" route add default via "$LEFT2_ROUTER" metric 2048
tunnel gre1
on_left ethtool -K eth0 tx off > /dev/null
python df.py "$left" "$router"
tunnel6
gretun -n "$left" set gre1 df copy mtu auto

check "the MTU without options" mtu_is "$MTU" auto
check "with a checksum" automatic $((MTU - 4)) csum on
check "with checksum and key" automatic $((MTU - 8)) okey 1
check "with checksum, key and sequence number" automatic $((MTU - 12)) seq on
check "with key and sequence number" automatic $((MTU - 8)) csum off
check "with a key" automatic $((MTU - 4)) seq off
check "with a key of received packets alone" automatic "$MTU" okey none ikey 1
check "with checksum and sequence number" automatic $((MTU - 8)) ikey none csum on seq on
check "with a sequence number" automatic $((MTU - 4)) csum off
check "with none again" automatic "$MTU" seq off

check "it follows the device of the underlay" automatic $((1400 - OVERHEAD)) dev eth1
check "and back to none" automatic "$MTU" dev none
gretun -n "$left" set gre1 mtu 1300
check "a number pins it" mtu_is 1300
check "mtu auto takes the pin away" automatic "$MTU" mtu auto
ip -n "$left" link set gre1 mtu 1290
check "ip link pins it too" mtu_is 1290
check "and mtu auto takes that away" automatic "$MTU" mtu auto

# The device's MTU is pinned to more than the route takes.
gretun -n "$left" set gre1 mtu "$MTU"
for dev in "$left eth0" "$router left" "$router right" "$right eth0"; do
	ip -n "${dev% *}" link set "${dev#* }" mtu 1400
done
check "packets without DF are cut here and arrive" \
	cut pings "$left" "$RIGHT_INNER" -M dont -s $((MTU - 28))
before=$(counter "$left" gre1 '.drops["tx-too-big"]')
check "a packet with DF that is too long here: the sender is told" \
	told "$left" $((1400 - OVERHEAD)) -M "do" -s $((MTU - 28)) "$RIGHT_INNER"
check "an IPv6 packet that is too long here: the sender is told" \
	told "$left" $((1400 - OVERHEAD)) -M "do" -s $((MTU - 48)) "$RIGHT_INNER6"
check "and both are counted" \
	test "$(counter "$left" gre1 '.drops["tx-too-big"]')" -ge $((before + 2))
gretun -n "$left" set gre1 df clear
ip -n "$left" route flush cache
check "with df clear they are cut instead" \
	cut pings "$left" "$RIGHT_INNER" -M "do" -s $((MTU - 28))
end
