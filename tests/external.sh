#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# One device without a peer of its own at left, and many peers: other such
# devices, tunnels of gretun and of ip_gre, and what routes and tc say of them.
#
#   left ext 10.9.0.1/32, fd09::1                ext 10.9.0.2/32, fd09::2 right
#   eth0 212.25.240.34/30 -- .33 router .1 -- eth0 217.154.12.2/30
#   lo   192.0.2.1/32            .5 third         lo   198.51.100.1/32
#   eth1 10.8.0.1/30             |
#           |            eth0 203.0.113.6/30 third peer 10.9.0.3/32, fd09::3
#   eth0 10.8.0.2/30 lan

set -u
cd "${BASH_SOURCE[0]%/*}" || exit
# shellcheck source-path=SCRIPTDIR source=lib.sh
. ./lib.sh
# shellcheck source-path=SCRIPTDIR source=external_lib.sh
. ./external_lib.sh

readonly LEFT_LO=192.0.2.1 RIGHT_LO=198.51.100.1 THIRD=203.0.113.6

# Set by make_ns.
third='' lan='' inside=''

hosts()
{
	two_hosts && make_ns third lan &&
		join "$third" eth0 "$THIRD/30" "$router" third 203.0.113.5/30 &&
		join "$left" eth1 10.8.0.1/30 "$lan" eth0 10.8.0.2/30 &&
		join "$left" eth2 "$LEFT2/30" "$router" left2 "$LEFT2_ROUTER/30" &&
		ip -n "$left" route add default via "$LEFT2_ROUTER" metric 100 &&
		ip -n "$third" route add default via 203.0.113.5 &&
		ip -n "$lan" route add default via 10.8.0.1 &&
		ip -n "$left" addr add "$LEFT_LO/32" dev lo &&
		ip -n "$right" addr add "$RIGHT_LO/32" dev lo &&
		ip -n "$router" route add "$LEFT_LO" via "$LEFT" &&
		ip -n "$router" route add "$RIGHT_LO" via "$RIGHT" &&
		on_left sysctl -qw net.ipv4.ip_forward=1 \
			net.ipv6.conf.all.forwarding=1
}

# numbered NS DEV NUMBER: the inner addresses with that number.
numbered()
{
	ip netns exec "$1" sysctl -qw "net.ipv6.conf.$2.disable_ipv6=0" &&
		ip -n "$1" addr add "10.9.0.$3/32" dev "$2" &&
		ip -n "$1" addr add "fd09::$3/128" dev "$2" nodad
}

# both_ways TEXT NS NUMBER PEER-NS PEER-NUMBER: everything crosses.
both_ways()
{
	check "$1: there, IPv4" pings "$2" "10.9.0.$5"
	check "$1: there, IPv6" pings "$2" "fd09::$5"
	check "$1: back, IPv4" pings "$4" "10.9.0.$3"
	check "$1: back, IPv6" pings "$4" "fd09::$3"
}

# made KIND OPTIONS WORDS: third has a device for left, of gretun, of ip_gre or
# an external one of ip_gre, which takes the WORDS of left's route for its own.
made()
{
	local -a options words way=(dev peer)

	read -ra options <<< "$2"
	read -ra words <<< "$3"
	case $1 in
	gretun)
		gretun -n "$third" add peer local "$THIRD" remote "$LEFT" \
			"${options[@]}"
		;;
	ip_gre)
		ip -n "$third" link add peer type gre local "$THIRD" \
			remote "$LEFT" ttl 64 "${options[@]}"
		;;
	external)
		ip -n "$third" link add peer type gre external
		way=(encap ip "${words[@]}" dst "$LEFT" dev peer)
		;;
	esac && ip -n "$third" link set peer up && numbered "$third" peer 3 &&
		reach "$third" 1 "${way[@]}" && reach "$third" 2 "${way[@]}" &&
		reach "$left" 3 encap ip "${words[@]}" dst "$THIRD" dev ext
}

unmade()
{
	gretun -n "$third" del peer 2> /dev/null || ip -n "$third" link del peer
}

# packets NS DEV COMMAND...: DEV receives five packets in the meantime.
packets()
{
	local ns=$1 dev=$2 before after

	shift 2
	before=$(ip netns exec "$ns" cat "/sys/class/net/$dev/statistics/rx_packets")
	"$@" || return
	after=$(ip netns exec "$ns" cat "/sys/class/net/$dev/statistics/rx_packets")
	echo "$dev had $before packets and has $after"
	((after == before + 5))
}

# passed: GRE packets to left that were passed on, as their address is nobody's.
passed()
{
	gretun -n "$left" -j stats |
		jq '.[-1].stats64.drops["passed-pair"]'
}

# source_is ADDRESS [NS]: packets to right of the device, which is at left or in
# NS, come from it.
source_is()
{
	gretun -n "$right" set gre2 remote "$1" &&
		reach "$right" 1 encap ip id 7 dst "$1" dev ext &&
		packets "$right" gre2 pings "${2-$left}" 10.9.0.2
}

# transfer FROM TO ADDRESS: the file crosses unharmed.
transfer()
{
	local sum

	sum=$(sha256sum < "$tmp/file")
	[[ $(/usr/bin/python3 interop.py "$@" "$tmp/file") == "${sum%% *}" ]]
}

# fails COMMAND...
fails()
{
	! "$@"
}

# refused REASON WORD...: gretun set at left says that, and changes nothing.
refused()
{
	local reason=$1 before out

	shift
	before=$(gretun -n "$left" -j show ext)
	! out=$(gretun -n "$left" set ext "$@" 2>&1) || return
	echo "$out"
	[[ $out == *"$reason"* && $(gretun -n "$left" -j show ext) == "$before" ]]
}

# shows FILTER: what left's ext is set to, by a jq FILTER.
shows()
{
	gretun -n "$left" -j show ext | jq -e ".[0]|$1"
}

begin
modprobe ip_gre || skip_all "ip_gre.ko is not there"
for tool in taskset tc; do
	[[ $(type -P "$tool") ]] || skip_all "$tool is not installed"
done
# What is kept of a packet is each CPU's own: stay on one.
taskset -p 1 $$ > /dev/null
hosts

check "a device without a peer at left" gretun -n "$left" add ext external
check "and at right" gretun -n "$right" add ext external local "$RIGHT"
ip -n "$left" addr add 10.9.0.1/32 dev ext
# The capture is of packets that are whole. IPv6 would send some by itself.
on_left ethtool -K eth0 tx off > /dev/null
python external.py refused "$left" "$router"
ip -n "$left" addr flush dev ext
numbered "$left" ext 1
numbered "$right" ext 2
python external.py sent "$left" "$router"
python external.py received "$left" "$router"
on_left ethtool -K eth0 tx on > /dev/null

dropped=$(drops "$left")
for words in "id 0" "id 7" "id 0 csum" "id 0 seq" "id 4294967295 csum key seq"; do
	# shellcheck disable=SC2086 # several words
	{
		reach "$left" 2 encap ip $words dst "$RIGHT" dev ext
		reach "$right" 1 encap ip $words dst "$LEFT" dev ext
	}
	both_ways "routes with $words" "$left" 1 "$right" 2
done

# The same device and other kinds of peers, with what they send and require.
while IFS='|' read -r kind options words; do
	check "$kind $options: a device for left" made "$kind" "$options" "$words"
	both_ways "$kind $options, $words" "$left" 1 "$third" 3
	unmade
done <<- EOF
	gretun||id 0
	gretun|key 7|id 7
	gretun|key 0|id 0 key
	gretun|csum on|id 0 csum
	gretun|key 7 csum on seq on|id 7 csum seq
	ip_gre||id 0
	ip_gre|key 7|id 7 key
	ip_gre|key 7 csum seq|id 7 key csum seq
	external||id 7 key
	external||id 7 key seq
EOF
same "left has dropped none of all those packets" "$dropped" "$(drops "$left")"
same "nor has right" '{}' "$(drops "$right")"

# One of the peers reaches another one through left.
made gretun "key 7" "id 7"
reach "$right" 3 encap ip id 8 dst "$LEFT" dev ext
both_ways "from peer to peer" "$right" 2 "$third" 3
gretun -n "$left" set ext fastpath on
gretun -n "$right" set ext fastpath on
both_ways "with the fast path" "$left" 1 "$right" 2
both_ways "from peer to peer with the fast path" "$right" 2 "$third" 3
gretun -n "$left" set ext fastpath off
gretun -n "$right" set ext fastpath off
unmade

# tc gives metadata to packets on their way to the device, or at the device.
tc -n "$left" qdisc add dev eth1 clsact
tc -n "$left" qdisc add dev ext clsact
ip -n "$right" route add 10.8.0.2 encap ip id 9 dst "$LEFT" dev ext
ip -n "$left" route add 10.9.1.2 dev ext
ip -n "$right" addr add 10.9.1.2/32 dev ext
check "a filter that redirects" tc -n "$left" filter add dev eth1 ingress \
	protocol ip flower dst_ip 10.9.0.2 \
	action tunnel_key set id 9 src_ip "$LEFT" dst_ip "$RIGHT" \
	action mirred egress redirect dev ext
check "packets cross by it" packets "$right" ext pings "$lan" 10.9.0.2
check "nothing crosses without metadata" stopped "$left" 10.9.1.2
check "a filter of the device" tc -n "$left" filter add dev ext egress \
	protocol ip flower dst_ip 10.9.1.2 \
	action tunnel_key set id 9 src_ip "$LEFT" dst_ip "$RIGHT"
check "packets cross by it" packets "$right" ext pings "$left" 10.9.1.2
tc -n "$left" qdisc del dev eth1 clsact
tc -n "$left" qdisc del dev ext clsact

# A tunnel with this peer and key comes first, whenever it was made.
reach "$right" 1 encap ip id 7 dst "$LEFT" dev ext
check "the device takes key 7" packets "$left" ext pings "$right" 10.9.0.1
gretun -n "$left" add gre1 local "$LEFT" remote "$RIGHT" key 7
check "a tunnel with key 7 takes it away" packets "$left" gre1 pings "$right" 10.9.0.1
reach "$right" 1 encap ip id 8 dst "$LEFT" dev ext
check "but not key 8" packets "$left" ext pings "$right" 10.9.0.1
ip -n "$left" link set gre1 down
reach "$right" 1 encap ip id 7 dst "$LEFT" dev ext
check "nor does it let go while it is down" stopped "$right" 10.9.0.1
gretun -n "$left" del gre1
check "when it is deleted the device has key 7 again" \
	packets "$left" ext pings "$right" 10.9.0.1

# A device for a local address comes before one for any.
gretun -n "$left" add here external local "$LEFT"
check "one for the local address comes first" \
	packets "$left" here pings "$right" 10.9.0.1
reach "$right" 1 encap ip id 7 dst "$LEFT_LO" dev ext
check "another address is for the one for any" \
	packets "$left" ext pings "$right" 10.9.0.1
gretun -n "$left" del here
gretun -n "$left" set ext local "$LEFT"
ip -n "$left" link add old type gre local "$LEFT_LO" remote "$RIGHT" key 7
ip -n "$left" link set old up
before=$(passed)
check "where there is none for any, ip_gre gets them" \
	packets "$left" old pings "$right" 10.9.0.1
same "and that is counted" $((before + 5)) "$(passed)"
ip -n "$left" link del old
reach "$right" 1 encap ip id 7 dst "$LEFT" dev ext

# What the device has of its own counts from the moment it is changed, though
# routes remember the way that their last packet took.
gretun -n "$right" add gre2 local "$RIGHT" remote "$LEFT" key 7
gretun -n "$left" del ext
check "the device is made again" gretun -n "$left" add ext external
numbered "$left" ext 1
reach "$left" 2 encap ip id 7 dst "$RIGHT" dev ext
check "packets come from the address of the route to the peer" source_is "$LEFT"
gretun -n "$left" set ext local "$LEFT_LO"
check "or from a local address" source_is "$LEFT_LO"
gretun -n "$left" set ext local "$LEFT"
check "or from another one" source_is "$LEFT"
gretun -n "$left" del ext
gretun -n "$left" add ext external
numbered "$left" ext 1
reach "$left" 2 encap ip id 7 dst "$RIGHT" dev ext
check "again from that of the route" source_is "$LEFT"
gretun -n "$left" set ext dev eth2
check "bound to a device they leave through it" source_is "$LEFT2"
reach "$right" 1 encap ip id 7 dst "$LEFT" dev ext
check "and those that come in through another are passed on" \
	counts '.[-1].stats64.drops["passed-dev"]' stopped "$right" 10.9.0.1
gretun -n "$left" set ext dev none
check "not any more when that is over" source_is "$LEFT"
gretun -n "$right" del gre2

for words in "remote 192.0.2.9" "key 5" "ikey 5" "okey 5" "csum on" "seq on" "tos 4" \
	"tos inherit"; do
	# shellcheck disable=SC2086 # two words
	check "set $words is refused" refused "${words% *}: the metadata of packets sets this" $words
done
check "set external is refused" refused "external: " external
gretun -n "$left" add gre1 local "$LEFT" remote 192.0.2.99
check "for a tunnel with a peer too" fails gretun -n "$left" set gre1 external
gretun -n "$left" del gre1
check "a second one for any address is refused" \
	fails gretun -n "$left" add ext2 external
check "ttl, df, mtu, fastpath and fwmark are not" gretun -n "$left" set ext \
	ttl 9 df set mtu 1300 fastpath on fwmark 9
check "and read back" shows '.ttl == 9 and .df == "set" and .mtu == 1300 and
	.fastpath and .fwmark == 9 and .external and .remote == null'
gretun -n "$left" set ext ttl 64 df copy mtu auto fastpath off fwmark 0
check "the MTU leaves room for all that metadata may ask for" \
	shows '.mtu == 1464 and .mtu_auto and .overhead == 36'

# Neither the packet nor the machine goes round and round.
ip -n "$left" route add 10.7.0.1 encap ip id 1 dst 10.7.0.1 dev ext
check "a peer that is reached through the device itself" \
	counts '.[0].stats64.drops["tx-loop"]' stopped "$left" 10.7.0.1
gretun -n "$left" add here external local "$LEFT"
ip -n "$left" route add 10.7.0.2 encap ip id 1 src "$LEFT" dst 10.7.0.3 dev ext
ip -n "$left" route add 10.7.0.3 encap ip id 1 src "$LEFT" dst 10.7.0.2 dev here
check "two devices that reach their peers through one another" \
	counts '[.[].stats64.drops["tx-loop"]] | add' stopped "$left" 10.7.0.2
gretun -n "$left" del here
ip -n "$left" link set ext down
check "packets received while the device is down" \
	counts '.[0].stats64.drops["rx-down"]' stopped "$right" 10.9.0.1
ip -n "$left" link set ext up
ip -n "$left" addr flush dev ext
numbered "$left" ext 1
reach "$left" 2 encap ip id 7 dst "$RIGHT" dev ext
both_ways "up again" "$left" 1 "$right" 2

# TCP in packets of many segments, which the cables cut. With sequence numbers
# each needs its own.
on_left ethtool -K eth0 tx off tso off gso off > /dev/null 2>&1
on_router ethtool -K third tx off tso off gso off > /dev/null 2>&1
head -c $((8 * 1024 * 1024)) /dev/urandom > "$tmp/file"
made gretun "key 7" "id 7"
check "8 MB to a peer" transfer "$left" "$third" 10.9.0.3
check "8 MB from it" transfer "$third" "$left" 10.9.0.1
unmade
made gretun "key 7 csum on seq on" "id 7 csum seq"
check "8 MB with checksums and sequence numbers" \
	transfer "$left" "$third" 10.9.0.3
same "of which none came late or twice" 0 \
	"$(counter "$third" peer '.drops["rx-old-sequence"]')"
unmade

# The path takes less than the device. Nobody but gretun is there to learn of it.
rmmod ip_gre gre
ip -n "$router" link set right mtu 1400
ip -n "$right" link set eth0 mtu 1400
check "packets without DF are cut on the way" \
	pings "$left" 10.9.0.2 -M dont -s $((1464 - 28))
check "longer ones are cut here" pings "$left" 10.9.0.2 -M dont -s 5000
check "a sender with DF is told what the path takes" \
	told "$left" 1372 -M "do" -s $((1464 - 28)) 10.9.0.2
check "which it does" pings "$left" 10.9.0.2 -M "do" -s $((1372 - 28))
check "a sender of IPv6 is told" told "$left" 1372 -M "do" -s $((1464 - 48)) fd09::2
check "and it does too" pings "$left" fd09::2 -M "do" -s $((1372 - 48))
ip -n "$left" route flush cache
ip -n "$left" -6 route flush cache
gretun -n "$left" set ext mtu 1464
ip -n "$left" link set eth0 mtu 1400
check "where the first link takes less, the packet is counted" \
	counts '.[0].stats64.drops["tx-too-big"]' \
	told "$left" 1372 -M "do" -s $((1464 - 28)) 10.9.0.2
gretun -n "$left" set ext mtu auto dev eth0
check "an automatic MTU is that of dev" shows '.mtu == 1364 and .mtu_auto'
gretun -n "$left" set ext dev none

# In another namespace the outer packets stay where they were.
make_ns inside
check "the device moves" ip -n "$left" link set ext netns "$inside"
numbered "$inside" ext 1
ip -n "$inside" link set ext up
reach "$inside" 2 encap ip id 7 dst "$RIGHT" dev ext
both_ways "from another namespace" "$inside" 1 "$right" 2
gretun -n "$inside" set ext fastpath on
both_ways "and with the fast path" "$inside" 1 "$right" 2

# Rules of routing come last, as the shortcuts of PREROUTING end with them.
ip -n "$left" route add default via "$LEFT2_ROUTER" table 5
ip -n "$left" rule add fwmark 5 table 5
gretun -n "$right" add gre2 local "$RIGHT" remote 192.0.2.99 key 7
check "packets without a mark" source_is "$LEFT" "$inside"
gretun -n "$inside" set ext fwmark 5
check "with a mark they go the way that it has" source_is "$LEFT2" "$inside"
gretun -n "$inside" set ext fwmark 0
check "and not any more without" source_is "$LEFT" "$inside"
end
