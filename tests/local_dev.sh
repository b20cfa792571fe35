#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# A tunnel whose local address is that of a device: packets cross from each
# address that the device has one after the other, and the tunnel stays.
#
#   left gre1 10.1.12.37/30 ================== gre1 10.1.12.38/30 right
#   eth0 212.25.240.34/30 --- .33 router .1 --- eth0 217.154.12.2/30
#        192.0.2.5/30 ------- .6
#
# abi_local has what the kernel says of it, case by case.

set -u
cd "${BASH_SOURCE[0]%/*}" || exit
# shellcheck source-path=SCRIPTDIR source=lib.sh
. ./lib.sh

readonly SOON=15

# show FILTER: of left's gre1.
show()
{
	gretun -n "$left" -j show gre1 | jq -r ".[0]$1"
}

# has ADDRESS: left's gre1 has this local address, and works; null: none.
has()
{
	local reason=null

	[[ $1 != null ]] || reason=no-local
	[[ $(show '|"\(.local) \(.reason) \(.local_dev)"') == "$1 $reason eth0" ]]
}

# soon ADDRESS: it has it in the next seconds.
soon()
{
	wait_for "$SOON" has "$1"
}

# at ROUTER: the way out of left.
at()
{
	ip -n "$left" route replace default via "$1"
}

# moves FROM TO ROUTER: eth0 has another address, and right is told.
moves()
{
	address "$left" eth0 "$2/$PREFIX" && at "$3" &&
		ip -n "$left" addr del "$1/$PREFIX" dev eth0 && soon "$2" &&
		gretun -n "$right" set gre1 remote "$2"
}

# comes: eth0 is there, with the first address.
comes()
{
	join "$left" eth0 "$LEFT/$PREFIX" "$router" left "$LEFT_ROUTER/$PREFIX" &&
		address "$router" left "$LEFT2_ROUTER/$PREFIX" && at "$LEFT_ROUTER" &&
		gretun -n "$right" set gre1 remote "$LEFT"
}

crosses()
{
	pings "$left" "$RIGHT_INNER" && pings "$right" "$LEFT_INNER"
}

# all_the_same: the device is the one it was, and its counters went on.
all_the_same()
{
	[[ $(show .ifindex) == "$ifindex" ]] &&
		(($(counter "$left" gre1 .rx.packets) > packets))
}

changes()
{
	on_left cat /sys/class/net/gre1/carrier_changes
}

no_carrier()
{
	ip -n "$left" link show gre1 | grep -q NO-CARRIER &&
		gretun -n "$left" show | grep -qE '^gre1 +no address +dev eth0 '
}

# last_event TEXT: so says the last event of the state of left's gre1.
last_event()
{
	grep '^state gre1 ' "$tmp/monitor" | tail -n 1 | grep -qF -- "$1"
}

# dropped: packets for the tunnel are dropped, counted, and who sends is told.
dropped()
{
	on_left ping -c 2 -i 0.2 -W 1 "$RIGHT_INNER" | grep -q 'Unreachable' &&
		(($(counter "$left" gre1 '.drops["tx-no-local"]') > 0))
}

# applied: the files make the tunnel what it is.
applied()
{
	[[ ! $(gretun -n "$left" apply "$tmp/files" --dry-run) ]]
}

# file LINE...: the tunnel file of gre1, with these lines in [Tunnel].
file()
{
	mkdir -p "$tmp/files"
	printf '%s\n' '[NetDev]' Name=gre1 Kind=gretun '[Tunnel]' \
		"Remote=$RIGHT" "$@" '[Network]' "Address=$LEFT_INNER/30" \
		> "$tmp/files/gre1.netdev"
}

begin
two_hosts
address "$router" left "$LEFT2_ROUTER/$PREFIX"
background on_left gretun monitor > "$tmp/monitor" 2> /dev/null
check "a tunnel follows eth0" gretun -n "$left" add gre1 local dev eth0 \
	remote "$RIGHT" address "$LEFT_INNER/30"
check "the other end" gretun -n "$right" add gre1 local "$RIGHT" \
	remote "$LEFT" address "$RIGHT_INNER/30"
check "it has the address" has "$LEFT"
check "packets cross" crosses
same "show has the words" " local dev eth0 remote $RIGHT" \
	"$(gretun -n "$left" show gre1 | grep -o ' local dev.*')"
check "and the address" sh -c "gretun -n $left show gre1 |
	grep -qF 'local address: $LEFT of eth0'"
check "peer prints the address" sh -c "gretun -n $left peer gre1 |
	grep -qF 'remote $LEFT'"
ifindex=$(show .ifindex) packets=$(counter "$left" gre1 .rx.packets)
before=$(changes)

# While packets are on their way.
background ip netns exec "$left" ping -i 0.05 "$RIGHT_INNER" > /dev/null 2>&1
check "another address" moves "$LEFT" "$LEFT2" "$LEFT2_ROUTER"
check "packets cross" crosses
check "with the same device and counters" all_the_same
same "the carrier stayed" "$before" "$(changes)"
check "the monitor says so" last_event "local address: $LEFT2 of eth0"
address "$left" eth0 "$LEFT/$PREFIX"
check "one more address: packets cross" crosses
check "nothing has changed" has "$LEFT2"
ip -n "$left" addr del "$LEFT/$PREFIX" dev eth0

# Without an address.
mtu=$(show .mtu)
ip -n "$left" addr del "$LEFT2/$PREFIX" dev eth0
check "the address goes" soon null
check "no carrier" wait_for "$SOON" no_carrier
check "the monitor says why" last_event "state no address; local address: none"
same "the MTU stays" "$mtu" "$(show .mtu)"
check "what is sent is dropped and counted" dropped
check "the other end's packets are nobody's" stopped "$right" "$LEFT_INNER"
check "check says what is missing" sh -c "gretun -n $left check gre1 |
	grep -q 'eth0 has no IPv. address that can be the local one'"
check "peer has nothing to print" sh -c "! gretun -n $left peer gre1"
file LocalDevice=eth0
check "a file takes it as it is" applied
address "$left" eth0 "$LEFT2/$PREFIX"
at "$LEFT2_ROUTER"
check "the address is back" soon "$LEFT2"
check "packets cross" crosses
check "check finds the address" sh -c "gretun -n $left check gre1 |
	grep -q '$LEFT2 is on eth0, which is up'"

# Without the device.
gretun -n "$left" set gre1 dev eth0
ip -n "$left" link del eth0
check "the device goes" soon null
check "check says so" sh -c "gretun -n $left check gre1 | grep -q 'there is no device eth0'"
comes
check "another one of that name" soon "$LEFT"
check "packets cross" crosses
check "with the same tunnel and counters" all_the_same
ip -n "$left" link set eth0 down
ip -n "$left" link set eth0 name eth9
ip -n "$left" link set eth9 up
check "it has another name" soon null
ip -n "$left" link set eth9 netns "$router"
ip -n "$router" link del eth9
comes
check "it is back" soon "$LEFT"
check "packets cross" crosses
ip -n "$left" link set eth0 netns "$router"
check "it is in another network namespace" soon null
ip -n "$router" link del eth0
comes
check "it is back" soon "$LEFT"
check "packets cross" crosses

# Tunnel files.
check "the file makes it what it is" gretun -n "$left" apply "$tmp/files"
file "Local=$LEFT2"
printf '%s\n' '[NetDev]' Name=gre2 Kind=gretun '[Tunnel]' "Local=$LEFT2" \
	"Remote=$RIGHT" 'Key=7' > "$tmp/files/gre2.netdev"
gretun -n "$left" add gre3 local "$LEFT2" remote "$RIGHT" key 7
check "what is refused with another file" sh -c "! gretun -n $left apply $tmp/files"
check "is undone" has "$LEFT"
rm "$tmp/files/gre2.netdev"
file "Local=$LEFT"
check "an address in place of the device" sh -c "gretun -n $left apply $tmp/files |
	grep -qF '~ gre1 local dev eth0 -> $LEFT'"
same "it stays what it was" "$LEFT null $ifindex" \
	"$(show '|"\(.local) \(.local_dev) \(.ifindex)"')"
file LocalDevice=eth0
check "and the device again" gretun -n "$left" apply "$tmp/files"
check "it follows again" has "$LEFT"
check "packets cross" crosses
check "keepalive is answered" gretun -n "$left" set gre1 keepalive 1:3
answered()
{
	[[ $(show .keepalive.state) == up ]] && (($(show .keepalive.answered) > 0))
}
check "from the address in effect" wait_for "$SOON" answered

# A network namespace that goes, with the device and the tunnel; and the module.
make_ns spare
ip -n "$spare" link add eth0 up type veth
address "$spare" eth0 "$LEFT/$PREFIX"
gretun -n "$spare" add gre1 local dev eth0 remote "$RIGHT"
check "a network namespace goes with it" ip netns del "$spare"
ip -n "$left" addr del "$LEFT/$PREFIX" dev eth0
check "the module goes with it" rmmod gretun
address "$left" eth0 "$LEFT/$PREFIX"
end
