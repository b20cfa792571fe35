#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# The other end of guests.sh, in a guest with another kernel: tunnels of that kernel's
# own. guests_lib.sh draws them. gretun is not loaded.

set -u
cd "${BASH_SOURCE[0]%/*}/.." || exit
# shellcheck source-path=SCRIPTDIR source=../lib.sh
. ./lib.sh
# shellcheck source-path=SCRIPTDIR source=guests_lib.sh
. interop/guests_lib.sh

far=''

# tunnels: all of them.
tunnels()
{
	local number

	for number in "${!KINDS[@]}" "$BESIDE"; do
		kernels_own "$far" "$number" "${KINDS[number]-k}" far &&
			inner "$far" "$number" 2 || return
	done
}

# received: each of them had packets, and none of these was bad, or late by its number.
received()
{
	ip -n "$far" -s -j link show | jq -ec --argjson count $((${#KINDS[@]} + 1)) '
		[.[] | select(.ifname | test("^g[0-9]")) |
		 [.ifname, .stats64.rx.packets, .stats64.rx.errors + .stats64.rx.dropped]] |
		., (length == $count and all(.[1] >= 10 and .[2] == 0))'
}

echo 'TAP version 13'
echo "$marker" > /dev/kmsg
trap cleanup EXIT
make_ns far
check "far, Linux $(uname -r): ip_gre and ip6gre" modprobe -a ip_gre ip6_gre
check "far: the cable" cable "$far" far
check "far: tunnels" tunnels
check "far: near is done" timeout 900 ip netns exec "$far" \
	/usr/bin/python3 interop/echo.py serve "$ECHO_PORT"
check "far: each tunnel had packets, none of them bad" received
end
