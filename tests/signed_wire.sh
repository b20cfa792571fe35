#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Signed keepalives on the wire: requests to the byte, replies that count and those
# that do not, requests of the peer, somebody who says all of it again, and from
# where the peer must ask and answer for it to be there.
#
#   left: a tunnel to 217.154.12.2, or to any peer
#   eth0 212.25.240.34/30 -- .33 router, which captures and sends

set -u
cd "${BASH_SOURCE[0]%/*}" || exit
# shellcheck source-path=SCRIPTDIR source=lib.sh
. ./lib.sh

begin
two_hosts
on_left ethtool -K eth0 tx off > /dev/null
# What the peers say is the test's to send.
on_router nft "table inet t { chain c { type filter hook prerouting priority 0; meta l4proto gre drop; }; }"
for part in sent refused asked late attacked found moves any; do
	python signed.py "$part" "$left" "$router"
done
end
