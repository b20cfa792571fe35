#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Keepalive on the wire: probes to the byte, their answers, the answers that
# probes of the peer get and which packets are none, and how many are answered.
# Left does not forward, has no accept_local and filters sources strictly.
#
#   left: tunnels to 217.154.12.2, and to any peer
#   eth0 212.25.240.34/30 -- .33 router, which captures and sends

set -u
cd "${BASH_SOURCE[0]%/*}" || exit
# shellcheck source-path=SCRIPTDIR source=lib.sh
. ./lib.sh

begin
wire_hosts
on_left sysctl -qw net.ipv4.conf.all.rp_filter=1 net.ipv4.conf.default.rp_filter=1 \
	net.ipv4.conf.eth0.rp_filter=1
same "left takes no packets from itself" "0 0" \
	"$(on_left sysctl -n net.ipv4.conf.all.accept_local net.ipv4.ip_forward | paste -sd ' ')"
# What comes back to the router as the answer of a peer is the test's to send.
on_router nft "table inet t { chain c { type filter hook prerouting priority 0; meta l4proto gre drop; }; }"
for part in sent answered others refused any limit; do
	python keepalive.py "$part" "$left" "$router"
done
end
