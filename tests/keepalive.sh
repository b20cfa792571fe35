#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Keepalive between two hosts: with one end asking or both, under every option,
# with a peer that merely routes, and where it is refused.
#
#   left gre1 10.1.12.37/30 ================== gre1 10.1.12.38/30 right
#   eth0 212.25.240.34/30 --- .33 router .1 --- eth0 217.154.12.2/30

set -u
cd "${BASH_SOURCE[0]%/*}" || exit
# shellcheck source-path=SCRIPTDIR source=lib.sh
. ./lib.sh
# shellcheck source-path=SCRIPTDIR source=keepalive_lib.sh
. ./keepalive_lib.sh

# both_ways: each end asks, and each answers.
both_ways()
{
	gretun -n "$left" set gre1 keepalive "$KEEPALIVE" &&
		gretun -n "$right" set gre1 keepalive "$KEEPALIVE" &&
		more answered 3 && replies "$left" 3
}

# lost: probes sent and not answered.
lost()
{
	gretun -n "$left" -j show gre1 | jq '.[0].keepalive | .sent - .answered'
}

# no_loss BEFORE: there are no more of them, but for the one under way, and the
# time is known.
no_loss()
{
	(($(lost) - $1 <= 1)) && gretun -n "$left" -j show gre1 |
		jq -e '.[0].keepalive | .rtt_us > 0 and .srtt_us > 0 and .age_ms < 5000'
}

# options: each that changes what is sent, under keepalive.
options()
{
	local option

	for option in 'key 5' 'key 0' 'key none' 'csum on' 'seq on' 'csum off' 'seq off' \
		'ttl 3' 'ttl 64' 'tos inherit' 'df set' 'df clear' 'df copy' 'fastpath on' \
		'fastpath off'; do
		# shellcheck disable=SC2086 # a word and its value
		gretun -n "$right" set gre1 $option &&
			gretun -n "$left" set gre1 $option && more answered 2
		# shellcheck disable=SC2181 # of all three
		if (($?)); then
			echo "$option"
			return 1
		fi
	done
	gretun -n "$left" set gre1 okey 5 ikey 6 && gretun -n "$right" set gre1 okey 6 ikey 5 &&
		more answered 2 && gretun -n "$left" set gre1 key none &&
		gretun -n "$right" set gre1 key none && more answered 2 && is up
}

# refuses TEXT COMMAND...: it fails, and says so.
refuses()
{
	local text=$1

	shift
	! "$@" 2> "$tmp/refused" && grep -F -- "$text" "$tmp/refused"
}

# plain_peer: right's end is the kernel's own, which routes and knows nothing of
# keepalive; it must be told that it may route what comes from itself.
plain_peer()
{
	gretun -n "$right" del gre1
	ip -n "$right" link add gre1 type "$OTHER_KIND" local "$RIGHT" remote "$LEFT" \
		ttl 64 "$@" &&
		ip -n "$right" addr add "$RIGHT_INNER/30" dev gre1 &&
		address "$right" gre1 "$RIGHT_INNER6/64" &&
		ip -n "$right" link set gre1 up &&
		forward "$right" &&
		on_right sysctl -qw net.ipv4.conf.all.accept_local=1 \
			net.ipv4.conf.gre1.accept_local=1 \
			net.ipv4.conf.all.rp_filter=0 net.ipv4.conf.gre1.rp_filter=0
}

begin
two_hosts
tunnel gre1
same "keepalive is off by itself" null "$(ka period)"
check "and not said" sh -c "! gretun -n $left show gre1 | grep keepalive"

check "one end asks, the other one answers" gretun -n "$left" set gre1 keepalive "$KEEPALIVE"
check "answers come" more answered 3
check "none is lost, and the time is known" no_loss 0
check "show has it" sh -c "gretun -n $left show gre1 | tee /dev/stderr |
	grep -E 'keepalive: up, round trip [0-9.]+ ms, .* sent, [0-9]+ answered'"
check "with the words that make it" sh -c "gretun -n $left show gre1 | grep -qF ' keepalive $KEEPALIVE'"
check "both ends ask" both_ways
check "each option of the header" options
same "packets are no part of it" "0 0" "$(counter "$left" gre1 '.rx.packets') $(counter "$left" gre1 '.tx.packets')"
check "packets still cross" pings "$left" "$RIGHT_INNER"

# Refusals.
check "not for any peer" refuses "keepalive is for one peer" \
	gretun -n "$left" add any local "$LEFT" remote any key 9 keepalive 10
check "nor for an external device" refuses "keepalive is for one peer" \
	gretun -n "$left" add ext external keepalive on
check "nor may the peer go" refuses "turn keepalive off" gretun -n "$left" set gre1 remote any
gretun -n "$left" set gre1 keepalive on
same "on stands for Cisco's numbers" "10 3" "$(ka period) $(ka retries)"

# A peer that merely routes.
modprobe "$OTHER_MODULE" 2> /dev/null
check "a peer of the kernel's own" plain_peer
before=$(lost)
gretun -n "$left" set gre1 keepalive "$KEEPALIVE"
check "answers by routing" more answered 3
check "none is lost" no_loss "$before"
check "packets cross" pings "$left" "$RIGHT_INNER"
ip -n "$right" link del gre1
check "and is missed when it goes" wait_for "$SOON" no_carrier
check "with keys" plain_peer ikey 5 okey 6
gretun -n "$left" set gre1 okey 5 ikey 6
check "it answers, too" more answered 3
ip -n "$right" link del gre1
gretun -n "$left" del gre1
end
