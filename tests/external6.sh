#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# A device without a peer of its own and peers over IPv6: other such devices,
# tunnels of gretun and of ip6gre, and peers of both kinds at a time. What is the
# same for all peers is in external.sh.
#
#   left ext 10.9.0.1/32, fd09::1                ext 10.9.0.2/32, fd09::2 right
#   eth0 2001:db8:1::34/64 -- router -- eth0 2001:db8:2::2/64
#        192.0.2.1/30                        198.51.100.1/30
#   eth1 2001:db8:3::5/64 --- ::6

set -u
cd "${BASH_SOURCE[0]%/*}" || exit
# shellcheck source-path=SCRIPTDIR source=lib.sh
. ./lib.sh
# shellcheck source-path=SCRIPTDIR source=external_lib.sh
. ./external_lib.sh

readonly LEFT4=192.0.2.1 RIGHT4=198.51.100.1
# Set by make_ns.
inside=''

# numbered NS DEV NUMBER: the inner addresses with that number.
numbered()
{
	ip -n "$1" addr add "10.9.0.$3/32" dev "$2" &&
		address "$1" "$2" "fd09::$3/128"
}

# both_ways TEXT: everything crosses.
both_ways()
{
	check "$1: to right, IPv4" pings "$left" 10.9.0.2
	check "$1: to right, IPv6" pings "$left" fd09::2
	check "$1: to left, IPv4" pings "$right" 10.9.0.1
	check "$1: to left, IPv6" pings "$right" fd09::1
}

# made KIND OPTIONS WORDS: right has a device for left, of gretun, of ip6gre or an
# external one of ip6gre, which takes the WORDS of left's route for its own.
made()
{
	local -a options words way=(dev peer)

	read -ra options <<< "$2"
	read -ra words <<< "$3"
	case $1 in
	gretun)
		gretun -n "$right" add peer local "$RIGHT" remote "$LEFT" \
			"${options[@]}"
		;;
	ip6gre)
		ip -n "$right" link add peer type ip6gre local "$RIGHT" \
			remote "$LEFT" "${options[@]}"
		;;
	external)
		ip -n "$right" link add peer type ip6gre external
		way=(encap ip6 "${words[@]}" dst "$LEFT" dev peer)
		;;
	esac && ip -n "$right" link set peer up && numbered "$right" peer 2 &&
		reach "$right" 1 "${way[@]}" &&
		reach "$left" 2 encap ip6 "${words[@]}" dst "$RIGHT" dev ext
}

unmade()
{
	gretun -n "$right" del peer 2> /dev/null || ip -n "$right" link del peer
}

# shows FILTER: what left's ext is set to, by a jq FILTER.
shows()
{
	gretun -n "$left" -j show ext | tee "$tmp/show"
	jq -e ".[0]|$1" "$tmp/show"
}

begin
modprobe ip6_gre || skip_all "ip6_gre.ko is not there"
[[ $(type -P tc) ]] || skip_all "tc is not installed"
two_hosts
join "$left" eth1 "$LEFT2/64" "$router" left2 "$LEFT2_ROUTER/64"
ip -n "$left" addr add "$LEFT4/30" dev eth0
ip -n "$router" addr add 192.0.2.2/30 dev left
ip -n "$right" addr add "$RIGHT4/30" dev eth0
ip -n "$router" addr add 198.51.100.2/30 dev right
ip -n "$left" route add default via 192.0.2.2
ip -n "$right" route add default via 198.51.100.2

check "a device without a peer at left, of one kind" \
	gretun -n "$left" add ext external local "$LEFT"
check "its MTU leaves room for all that metadata may ask for" \
	shows '.mtu_auto and .mtu == 1444 and .overhead == 56'
check "and at right, of both kinds" gretun -n "$right" add ext external
on_left ethtool -K eth0 tx off > /dev/null
ip -n "$left" addr add 10.9.0.1/32 dev ext
python external6.py sent "$left" "$router"
python external6.py received "$left" "$router"
ip -n "$left" addr flush dev ext
numbered "$left" ext 1
numbered "$right" ext 2
on_left ethtool -K eth0 tx on > /dev/null

for words in "id 0" "id 4294967295 csum key seq"; do
	# shellcheck disable=SC2086 # several words
	{
		reach "$left" 2 encap ip6 $words dst "$RIGHT" dev ext
		reach "$right" 1 encap ip6 $words dst "$LEFT" dev ext
	}
	both_ways "routes with $words"
done
check "a peer of the other kind is none for it" \
	reach "$left" 2 encap ip id 7 dst "$RIGHT4" dev ext
check "and that is counted" counts '.[0].stats64.drops["tx-no-metadata"]' \
	stopped "$left" 10.9.0.2

# Of both kinds, at a time: IPv4 inside goes one way, IPv6 the other one.
gretun -n "$left" del ext
check "a device for both kinds" gretun -n "$left" add ext external
numbered "$left" ext 1
ip -n "$left" route replace 10.9.0.2 encap ip id 7 dst "$RIGHT4" dev ext
ip -n "$left" route replace fd09::2 encap ip6 id 7 dst "$RIGHT" dev ext
ip -n "$right" route replace 10.9.0.1 encap ip6 id 7 dst "$LEFT" dev ext
ip -n "$right" route replace fd09::1 encap ip id 7 dst "$LEFT4" dev ext
both_ways "peers of both kinds"

# A tunnel with this peer and key comes first.
gretun -n "$left" add exact local "$LEFT" remote "$RIGHT" key 7
reach "$right" 1 encap ip6 id 7 dst "$LEFT" dev ext
check "a tunnel with the key takes it away" \
	counts '.[] | select(.ifname == "exact") | .stats64.rx.packets' \
	pings "$right" 10.9.0.1
gretun -n "$left" del exact
gretun -n "$right" del ext

while IFS='|' read -r kind options words; do
	check "$kind $options: a device for left" made "$kind" "$options" "$words"
	both_ways "$kind $options, $words"
	unmade
done <<- EOF
	gretun||id 0
	gretun|key 7 csum on seq on|id 7 csum seq
	ip6gre|encaplimit none|id 0
	ip6gre|key 7 encaplimit 4|id 7 key
	ip6gre|encaplimit none key 7 csum seq|id 7 key csum seq
	external||id 7 key
	external||id 7 key seq
EOF
same "left has dropped none of all those packets" '{}' "$(drops "$left")"

# The path takes less than the device.
rmmod ip6_gre gre 2> /dev/null
made gretun "key 7" "id 7"
ip -n "$router" link set right mtu 1400
ip -n "$right" link set eth0 mtu 1400
check "a sender with DF is told what the path takes" \
	told "$left" $((1400 - 48)) -M "do" -s 1400 10.9.0.2
check "which it does" pings "$left" 10.9.0.2 -M "do" -s $((1400 - 48 - 28))
check "a sender of IPv6 is told" \
	told "$left" $((1400 - 48)) -M "do" -s 1380 fd09::2
check "what may be cut is" pings "$left" 10.9.0.2 -M dont -s 5000

# In another namespace the outer packets stay where they were.
make_ns inside
check "the device moves" ip -n "$left" link set ext netns "$inside"
numbered "$inside" ext 1
ip -n "$inside" link set ext up
reach "$inside" 2 encap ip6 id 7 dst "$RIGHT" dev ext
check "packets cross from there" pings "$inside" 10.9.0.2
check "and come back" pings "$right" fd09::1
end
