#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Tunnels from behind a NAT, to a host with an address of its own: in UDP, which
# the NAT can tell apart by ports, and plain GRE, which has none.
#
#   left 192.168.1.2 --+
#                      +-- .1 router, masquerades .1 -- 217.154.12.2 right
#   next 192.168.1.6 --+  .5

set -u
cd "${BASH_SOURCE[0]%/*}" || exit
# shellcheck source-path=SCRIPTDIR source=lib.sh
. ./lib.sh

readonly BEHIND=192.168.1.2 NEXT=192.168.1.6
# Of next's tunnel.
readonly NEXT_INNER=10.1.12.41 NEXT_RIGHT=10.1.12.42
# Set by make_ns.
next=''

# add NS LOCAL REMOTE ADDRESS NAME WORD...: one end of a tunnel.
add()
{
	local ns=$1 local=$2 remote=$3 address=$4

	shift 4
	gretun -n "$ns" add "$@" local "$local" remote "$remote" \
		address "$address/30"
}

# heard: right got packets of next's tunnel, whether or not it is heard itself.
heard()
{
	ip netns exec "$next" ping -c 1 -W 0.2 "$NEXT_RIGHT"
	(($(counter "$right" gre2 .rx.packets) > 0))
}

begin
[[ $(type -P nft) ]] || skip_all "nft is not installed"
make_ns left next router right
join "$left" eth0 "$BEHIND/30" "$router" left 192.168.1.1/30
join "$next" eth0 "$NEXT/30" "$router" next 192.168.1.5/30
join "$right" eth0 "$RIGHT/$PREFIX" "$router" right "$RIGHT_ROUTER/$PREFIX"
ip -n "$left" route add default via 192.168.1.1
ip -n "$next" route add default via 192.168.1.5
forward "$router"
on_router nft -f - <<- EOF
	table ip t {
		chain in {
			type filter hook input priority 0
			iifname right ct state new drop
		}
		chain out {
			type nat hook postrouting priority 100
			oifname right masquerade
		}
	}
EOF

# In UDP, with the one port that both ends and the NAT keep.
add "$left" "$BEHIND" "$RIGHT" "$LEFT_INNER" gre1 encap udp source-port 4754
add "$right" "$RIGHT" "$RIGHT_ROUTER" "$RIGHT_INNER" gre1 \
	encap udp source-port 4754
check "nobody gets in from outside" stopped "$right" "$LEFT_INNER"
check "UDP: left pings right through the NAT" pings "$left" "$RIGHT_INNER"
check "UDP: and is reached from then on" pings "$right" "$LEFT_INNER"
# It gets another port from the NAT, which right does not know.
add "$next" "$NEXT" "$RIGHT" "$NEXT_INNER" gre1 key 2 encap udp source-port 4754
add "$right" "$RIGHT" "$RIGHT_ROUTER" "$NEXT_RIGHT" gre2 key 2 \
	encap udp source-port 4754
check "UDP: a second host behind the NAT is heard" wait_for 5 heard
check "UDP: the first is still reached" pings "$right" "$LEFT_INNER"
for ns in "$left" "$next" "$right"; do
	gretun -n "$ns" del --all
done

# Plain GRE: a NAT knows the two addresses, and no more.
add "$left" "$BEHIND" "$RIGHT" "$LEFT_INNER" gre1 key 1
add "$right" "$RIGHT" "$RIGHT_ROUTER" "$RIGHT_INNER" gre1 key 1
check "GRE: left pings right through the NAT" pings "$left" "$RIGHT_INNER"
check "GRE: and is reached from then on" pings "$right" "$LEFT_INNER"
add "$left" "$BEHIND" "$RIGHT" "$NEXT_INNER" gre2 key 2
add "$right" "$RIGHT" "$RIGHT_ROUTER" "$NEXT_RIGHT" gre2 key 2
check "GRE: a second tunnel of the same host crosses, by its key" \
	pings "$left" "$NEXT_RIGHT"
gretun -n "$left" del gre2
add "$next" "$NEXT" "$RIGHT" "$NEXT_INNER" gre1 key 2
check "GRE: for a second host behind the NAT there is no way" \
	stopped "$next" "$NEXT_RIGHT"
check "GRE: the first still has its own" pings "$left" "$RIGHT_INNER"
end
