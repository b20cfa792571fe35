#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# What wireshark makes of packets of a tunnel, captured on the underlay.
#
#   left gre1 10.1.12.37/30 ======================= gre1 10.1.12.38/30 right
#   eth0 212.25.240.34/30 --- .33 router .1 --- eth0 217.154.12.2/30

set -u
cd "${BASH_SOURCE[0]%/*}/.." || exit
# shellcheck source-path=SCRIPTDIR source=../lib.sh
. ./lib.sh

# captured WORD...: pings through a tunnel like that are in $tmp/pcap.
captured()
{
	local tcpdump

	tunnel gre1 "$@" || return
	on_router tcpdump -Z root -U -i left -w "$tmp/pcap" -c 10 \
		'ip proto 47 or udp port 4754' > "$tmp/tcpdump" 2>&1 &
	tcpdump=$!
	if ! wait_for 10 grep -q listening "$tmp/tcpdump" ||
		! pings "$left" "$RIGHT_INNER"; then
		kill "$tcpdump"
		return 1
	fi
	wait "$tcpdump" && gretun -n "$left" del gre1 && gretun -n "$right" del gre1
}

# fields FILTER FIELD...: of each packet that the filter takes.
fields()
{
	local filter=$1

	shift
	tshark -r "$tmp/pcap" -o ip.check_checksum:TRUE -Y "$filter" -T fields \
		-E occurrence=l "${@/#/-e}" 2> /dev/null
}

# dissected TEXT FIELDS FIELD...: the requests of left have these, and are sound.
dissected()
{
	local text=$1 want=$2

	shift 2
	same "$text" "$want" "$(fields "icmp.type == 8" "$@" | sort -u | tr '\t' ' ')"
	same "$text: nothing is malformed" "" \
		"$(fields '_ws.malformed || _ws.expert.severity >= 0x600000' frame.number)"
}

begin
[[ $(type -P tshark) ]] || skip_all "tshark is not there"
two_hosts
# Checksums are whole then.
on_left ethtool -K eth0 tx off > /dev/null
on_right ethtool -K eth0 tx off > /dev/null
check "plain: packets are captured" captured
dissected "plain" "0x0000 0x0800 $LEFT_INNER $RIGHT_INNER" \
	gre.flags_and_version gre.proto ip.src ip.dst
check "checksum, key, number: packets are captured" captured csum on key 7 seq on
dissected "checksum, key, number" "0xb000 0x0800 1 0x00000007 $LEFT_INNER $RIGHT_INNER" \
	gre.flags_and_version gre.proto gre.checksum.status gre.key ip.src ip.dst
same "numbers follow one another" "1 1 1 1" \
	"$(fields 'icmp.type == 8' gre.sequence_number |
	   awk 'NR > 1 { print $1 - last } { last = $1 }' | paste -sd ' ')"
check "in UDP: packets are captured" captured encap udp
dissected "in UDP" "4754 0x0800 $LEFT_INNER $RIGHT_INNER" \
	udp.dstport gre.proto ip.src ip.dst
end
