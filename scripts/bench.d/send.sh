# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# send.sh VERSION SIZE COUNT TUNNELS MAC [FLOWS]: pktgen sends COUNT packets of
# SIZE bytes to as many destinations as there are TUNNELS, in turn. Printed are
# the nanoseconds it took until the last one was freed, and for how many of them
# pktgen was not running. With FLOWS, that many processors do so at once, each on
# a link of its own.

readonly PKTGEN=/proc/net/pktgen

# pktgen FILE COMMAND
pktgen()
{
	echo "$2" > "$PKTGEN/$1"
}

last=$(printf '10.%d.%d.%d' $((128 + ($4 >> 16))) $(($4 >> 8 & 255)) $(($4 & 255)))
settings=("count $3" 'delay 0' 'clone_skb 0' "pkt_size $2" "dst_mac $5"
	  'udp_src_min 9' 'udp_src_max 9' 'udp_dst_min 9' 'udp_dst_max 9')
if (($1 == 6)); then
	settings+=('src6 fd00:1::2' 'dst6 fd00:2::2')
else
	settings+=('src_min 10.0.1.2' 'src_max 10.0.1.2'
		   'dst_min 10.128.0.1' "dst_max $last")
fi
for thread in "$PKTGEN"/kpktgend_*; do
	pktgen "${thread##*/}" rem_device_all
done
for ((flow = 0; flow < ${6:-1}; flow++)); do
	pktgen "kpktgend_$flow" "add_device g$flow"
	for setting in "${settings[@]}"; do
		pktgen "g$flow" "$setting"
	done
done
pktgen pgctrl start
# The slowest is the one that counts; in microseconds.
read -r all away < <(sed -n 's/.*OK: \([0-9]*\)(c[0-9]*+d\([0-9]*\)).*/\1 \2/p' \
			"$PKTGEN"/g? | sort -n | tail -n 1)
echo "$((all * 1000)) $((away * 1000))"
