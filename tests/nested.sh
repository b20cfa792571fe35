#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Tunnels in tunnels: many levels in one packet that is received, and tunnels of
# both kinds of addresses inside one another.
#
#   left gre1, gre2 (key 2) ===================== right gre1
#        10.1.12.37/30                                  10.1.12.38/30
#   eth0 212.25.240.34/30 -- .33 router .1 -- eth0 217.154.12.2/30
#
#   in1  10.1.12.37 to 10.1.12.38, which is inside gre1: fd13::1 to fd13::2
#   in2  fd13::1 to fd13::2, which is inside in1: 10.9.2.1 to 10.9.2.2
#   in3, in4  inside that, and inside one another: 10.9.3.1, 10.9.4.1

set -u
cd "${BASH_SOURCE[0]%/*}" || exit
# shellcheck source-path=SCRIPTDIR source=lib.sh
. ./lib.sh

readonly MTU=$((1500 - OVERHEAD - 24 - 44))

# inside NAME LEFT RIGHT LEFT-INNER RIGHT-INNER LEN: a tunnel, both ends.
inside()
{
	gretun -n "$left" add "$1" local "$2" remote "$3" address "$4/$6" &&
		gretun -n "$right" add "$1" local "$3" remote "$2" address "$5/$6"
}

# loops: packets of left that are said to loop.
loops()
{
	gretun -n "$left" -j stats | jq '[.[].stats64.drops["tx-loop"] // 0] | add'
}

begin
two_hosts
for ns in "$left" "$right"; do
	ip netns exec "$ns" sysctl -qw net.ipv6.conf.default.disable_ipv6=0
done
tunnel gre1
gretun -n "$left" add gre2 local "$LEFT" remote "$RIGHT" key 2
python nested.py "$left" "$router"

check "a tunnel inside a tunnel" \
	inside in1 "$LEFT_INNER" "$RIGHT_INNER" fd13::1 fd13::2 64
check "and one inside that" inside in2 fd13::1 fd13::2 10.9.2.1 10.9.2.2 30
check "packets cross all three" pings "$left" 10.9.2.2
same "the MTU is less by each header" "$MTU" \
	"$(on_left cat /sys/class/net/in2/mtu)"
check "a packet as long as that MTU" pings "$left" 10.9.2.2 -M "do" -s $((MTU - 28))
check "a fourth" inside in3 10.9.2.1 10.9.2.2 10.9.3.1 10.9.3.2 30
check "packets cross all four" pings "$left" 10.9.3.2
same "none is said to loop" 0 "$(loops)"
check "a fifth" inside in4 10.9.3.1 10.9.3.2 10.9.4.1 10.9.4.2 30
check "is one too many" stopped "$left" 10.9.4.2
check "of what looks like a loop" test "$(loops)" -ge 2
end
