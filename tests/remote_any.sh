#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# A tunnel that takes packets of every source with its key and sends none, beside
# tunnels that know their peer and an external device; and what is known of packets
# that nearly were a tunnel's.
#
#   left any (key 7), exact (to right, key 7), ext (external), and so on
#   eth0 212.25.240.34/30 -- .33 router, which sends
#   eth1 192.0.2.5/30 ------ .6

set -u
cd "${BASH_SOURCE[0]%/*}" || exit
# shellcheck source-path=SCRIPTDIR source=lib.sh
. ./lib.sh

# Groups of routers.
MULTICAST=224.0.0.5
[[ $UNDERLAY == ipv4 ]] || MULTICAST=ff02::5
readonly MULTICAST

# add NAME REMOTE [OPTION...]: a tunnel of left.
add()
{
	local name=$1 remote=$2

	shift 2
	gretun -n "$left" add "$name" local "$LEFT" remote "$remote" "$@"
}

# refused REASON COMMAND...: it fails and says that, and changes nothing.
refused()
{
	local reason=$1 before out

	shift
	before=$(gretun -n "$left" -j show)
	! out=$("$@" 2>&1) || return
	echo "$out"
	[[ $out == *"$reason"* && $(gretun -n "$left" -j show) == "$before" ]]
}

# shows NAME FILTER: what show says of left's tunnel.
shows()
{
	gretun -n "$left" -j show "$1" | tee "$tmp/show"
	jq -e ".[0]|$2" "$tmp/show"
}

# silent COMMAND...: left sends no GRE while COMMAND runs, and "any" counts what it
# did not send.
silent()
{
	local before sent

	before=$(counter "$left" any '.drops["tx-no-remote"]')
	on_left nft "table inet sent { chain c { type filter hook output priority 0;
		meta l4proto gre counter; }; }" || return
	"$@" || return
	sent=$(on_left nft list table inet sent)
	on_left nft delete table inet sent
	echo "$sent"
	[[ $sent == *'counter packets 0 '* ]] &&
		(($(counter "$left" any '.drops["tx-no-remote"]') >= before + 2)) &&
		(($(counter "$left" any .tx.packets) == 0))
}

begin
[[ $(type -P nft) ]] || skip_all "nft is not installed"
two_hosts
join "$left" eth1 "$LEFT2/$PREFIX" "$router" left2 "$LEFT2_ROUTER/$PREFIX"
check "a tunnel with any remote" add any any key 7 address 10.9.0.1/24
check "reads back as such" shows any '.remote == "any" and .local != null and
	.ikey == 7 and (.external | not)'
check "and in words" sh -c "gretun -n $left show any | grep -qw 'remote any'"
check "what is sent there is not sent, and counted" silent stopped "$left" 10.9.0.2

check "a group for a remote address is refused" refused "multicast" \
	add group "$MULTICAST"
check "nor can one be set" refused "multicast" \
	gretun -n "$left" set any remote "$MULTICAST"
check "a second one with the key is refused" refused "another tunnel has" \
	add any2 any key 7
check "one with another key is not" add any8 any key 8
gretun -n "$left" del any8
check "one without a key is not" add none any
gretun -n "$left" del none

python remote_any.py "$left" "$router"

# A tunnel can get a peer, and lose it.
gretun -n "$left" del --all
add any any key 7
check "set remote ADDRESS" gretun -n "$left" set any remote "$RIGHT" ttl 9
check "makes it one that knows its peer" shows any ".remote == \"$RIGHT\" and .ttl == 9"
gretun -n "$right" add gre1 local "$RIGHT" remote "$LEFT" key 7 address 10.9.0.2/24
ip -n "$left" addr add 10.9.0.1/24 dev any
check "which works" pings "$left" 10.9.0.2
check "set remote any" gretun -n "$left" set any remote any
check "takes the peer away" shows any '.remote == "any" and .ttl == 9'
check "and nothing is sent any more" stopped "$left" 10.9.0.2
end
