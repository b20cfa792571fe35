#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# What IPv6 has and IPv4 has not: the flow label and the encapsulation limit of
# outer packets, extension headers of received ones, and fragments, which gretun
# puts together where nobody else has, and leaves to others where they are not
# for a tunnel.
#
#   left gre1 to router's addresses, and all that router sends
#   eth0 2001:db8:1::34/64 -- left ::33 router, which captures and sends

set -u
cd "${BASH_SOURCE[0]%/*}" || exit
# shellcheck source-path=SCRIPTDIR source=lib.sh
. ./lib.sh

begin
[[ $(type -P nft) ]] || skip_all "nft is not installed"
two_hosts
tunnel gre1
on_left ethtool -K eth0 tx off > /dev/null
python headers6.py labels "$left" "$router"
python headers6.py limits "$left" "$router"

# Connection tracking puts fragments together before gretun sees them.
python headers6.py received "$left" "$router"
python headers6.py fragments "$left" "$router"
check "connection tracking" on_left nft \
	"table inet t { chain c { type filter hook input priority 0; ct state new counter; }; }"
python headers6.py fragments "$left" "$router" "tracked, "
check "and with the tunnel made after it" gretun -n "$left" del gre1
gretun -n "$left" add gre1 local "$LEFT" remote "$RIGHT" address "$LEFT_INNER/30"
python headers6.py fragments "$left" "$router" "tracked first, "

# From here on left sends packets of IPv6 by itself.
tunnel6
ip -n "$left" route add fd99::/16 dev gre1
python headers6.py problem "$left" "$router"
end
