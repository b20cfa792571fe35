#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Packets that a tunnel does not take: each moves the counter of its reason and
# no other, and what is not for a tunnel reaches whoever wants it.
#
#   left: gretun tunnels to 217.154.12.2, told apart by key:
#     plain (none)  keyed 1  sequenced 3  checked 4  down 5  bound 6 (to eth0)
#   and one of ip_gre, or ip6gre over IPv6: others 99
#   eth0 212.25.240.34/30 -- left  router, which sends
#   eth1 192.0.2.5/30 ------ left2

set -u
cd "${BASH_SOURCE[0]%/*}" || exit
# shellcheck source-path=SCRIPTDIR source=lib.sh
. ./lib.sh

# add NAME [OPTION...]: a tunnel of left.
add()
{
	local name=$1

	shift
	gretun -n "$left" add "$name" local "$LEFT" remote "$RIGHT" "$@"
}

begin
modprobe "$OTHER_MODULE" || skip_all "$OTHER_MODULE.ko is not there"
two_hosts
join "$left" eth1 "$LEFT2/$PREFIX" "$router" left2 "$LEFT2_ROUTER/$PREFIX"
add plain
add keyed key 1
add sequenced key 3 seq on
add checked key 4 csum on
add down key 5 down
add bound key 6 dev eth0
ip -n "$left" link add others type "$OTHER_KIND" local "$LEFT" remote "$RIGHT" key 99
ip -n "$left" link set others up
python drops.py "$left" "$router"
end
