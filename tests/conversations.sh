#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# A host with a tunnel takes the part of each end of the conversations that were
# captured: it must make out what the other end sent, and send what its end did, to
# the byte.
#
#   wire ---------- eth0 host
#   the other end        t, whose local address is that of its end

set -u
cd "${BASH_SOURCE[0]%/*}" || exit
# shellcheck source-path=SCRIPTDIR source=lib.sh
. ./lib.sh

begin
make_ns host wire
# No capture has these addresses.
join "$wire" wire 100.64.0.1/30 "$host" eth0 100.64.0.2/30
ip -n "$host" route add default via 100.64.0.1
# What is sent is compared to the byte, so no checksum is left to the cable.
ip netns exec "$host" ethtool -K eth0 tx off > /dev/null
ip netns exec "$host" sysctl -qw net.ipv4.conf.all.rp_filter=0 \
	net.ipv4.conf.default.rp_filter=0 net.ipv4.conf.eth0.rp_filter=0
python conversations.py "$host" "$wire" "${GRETUN_CAPTURES:-/captures}"
end
