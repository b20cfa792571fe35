#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Tunnels that change, move and go while packets cross them both ways.
#
#   left gre1 10.1.12.37/30 ======================= gre1 10.1.12.38/30 right
#   eth0 212.25.240.34/30 --- .33 router .1 --- eth0 217.154.12.2/30
#   other: a namespace that left's gre1 moves to

set -u
cd "${BASH_SOURCE[0]%/*}" || exit
# shellcheck source-path=SCRIPTDIR source=lib.sh
. ./lib.sh

# flood NS ADDRESS: echo requests as fast as answers come, until the test ends
# or quiet stops them.
flood()
{
	background ip netns exec "$1" ping -f -q -W 1 "$2" > /dev/null 2>&1
}

# quiet: no more floods. The namespaces that they ran in are free to go.
quiet()
{
	((${#children[@]} == 0)) || kill "${children[@]}" 2> /dev/null
	wait
	children=()
}

# busy: packets come out of right's gre1, by at least 50 more.
busy()
{
	local goal=$(($(counter "$right" gre1 .rx.packets) + 50))

	reached()
	{
		(($(counter "$right" gre1 .rx.packets) >= goal))
	}
	wait_for 10 reached
}

# move: left's gre1 goes to the namespace other, where it comes up again.
move()
{
	ip -n "$left" link set gre1 netns "$other" &&
		ip -n "$other" addr add "$LEFT_INNER/30" dev gre1 &&
		ip -n "$other" link set gre1 up
}

# outer_from_left COMMAND...: GRE goes out of left's eth0 in meantime.
outer_from_left()
{
	local before after

	before=$(on_left cat /sys/class/net/eth0/statistics/tx_packets)
	"$@" || return
	after=$(on_left cat /sys/class/net/eth0/statistics/tx_packets)
	((after >= before + 5))
}

# set_all: each option to something else and back, at both ends.
set_all()
{
	local ns option

	for option in 'ttl 9' 'ttl 64' 'tos inherit' 'tos 16' 'tos 0' 'df set' \
		'df clear' 'df copy' 'mtu 1400' 'mtu auto' 'fwmark 7' 'fwmark 0' \
		'dev eth0' 'dev none' 'key 5' 'okey 6' 'ikey 6' 'key none' \
		'csum on' 'csum off' 'seq on' 'seq off'; do
		for ns in "$left" "$right"; do
			# shellcheck disable=SC2086 # a word and its value
			gretun -n "$ns" set gre1 $option || return
		done
	done
	for ns in "$left" "$right"; do
		gretun -n "$ns" set gre1 local "$LEFT2" remote "$LEFT2_ROUTER" || return
	done
	gretun -n "$left" set gre1 local "$LEFT" remote "$RIGHT" &&
		gretun -n "$right" set gre1 local "$RIGHT" remote "$LEFT"
}

# no_device NS: there is no gretun device.
no_device()
{
	[[ ! $(ip -n "$1" -o link show type gretun) ]]
}

# router_alone: the router's end of its link to left has gone with the namespace.
router_alone()
{
	! ip -n "$router" link show left > /dev/null 2>&1
}

# unload: the module.
unload()
{
	rmmod gretun && [[ ! -d /sys/module/gretun ]]
}

begin
two_hosts
make_ns other
tunnel gre1
flood "$left" "$RIGHT_INNER"
flood "$right" "$LEFT_INNER"
check "packets cross both ways" busy
check "every option changes under traffic" set_all
check "and packets still cross" busy
quiet
check "all are answered after that" pings "$left" "$RIGHT_INNER"

flood "$right" "$LEFT_INNER"
check "a device moves to another namespace under traffic" move
check "it works there" pings "$other" "$RIGHT_INNER"
check "its outer packets stay where they were" \
	outer_from_left pings "$other" "$RIGHT_INNER"
check "it is listed where it is" gretun -n "$other" show gre1
same "and not where it was" '[]' "$(gretun -n "$left" -j show)"
check "it can be changed where it is" gretun -n "$other" set gre1 ttl 33
check "its addresses and key are taken where its packets are" \
	sh -c "! gretun -n $left add gre9 local $LEFT remote $RIGHT"
check "it moves back" ip -n "$other" link set gre1 netns "$left"
ip -n "$left" addr add "$LEFT_INNER/30" dev gre1
ip -n "$left" link set gre1 up
check "and works" pings "$left" "$RIGHT_INNER"

check "a device is deleted under traffic" gretun -n "$left" del gre1
check "and made again" gretun -n "$left" add gre1 local "$LEFT" remote "$RIGHT" \
	address "$LEFT_INNER/30"
check "and works" pings "$left" "$RIGHT_INNER"
check "ip deletes one too" ip -n "$left" link del gre1
gretun -n "$left" add gre1 local "$LEFT" remote "$RIGHT" address "$LEFT_INNER/30"

move
check "the device's namespace is deleted under traffic" ip netns del "$other"
make_again()
{
	gretun -n "$left" add gre1 local "$LEFT" remote "$RIGHT" \
		address "$LEFT_INNER/30"
}
check "the device goes with it" wait_for 20 make_again
check "and another takes its place" pings "$left" "$RIGHT_INNER"

make_ns other
move
check "the outer packets' namespace is deleted under traffic" ip netns del "$left"
check "the device goes with that too" wait_for 20 no_device "$other"
check "and the link of the namespace" wait_for 20 router_alone
quiet

# The module goes, and all devices with it.
gretun -n "$right" del gre1
make_ns left
join "$left" eth0 "$LEFT/$PREFIX" "$router" left "$LEFT_ROUTER/$PREFIX"
ip -n "$left" route add default via "$LEFT_ROUTER"
tunnel gre1
gretun -n "$left" add gre2 local "$LEFT" remote "$RIGHT" key 2
move
flood "$right" "$LEFT_INNER"
flood "$other" "$RIGHT_INNER"
check "packets cross both ways again" busy
check "the module is unloaded under traffic" unload
for ns in "$left" "$right" "$other"; do
	check "no device is left in ${ns%-*}" no_device "$ns"
done
check "the module is loaded again" modprobe gretun
quiet
check "and makes tunnels" tunnel gre1
check "which work" pings "$left" "$RIGHT_INNER"
end
