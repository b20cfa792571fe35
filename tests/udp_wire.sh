#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Packets of GRE in UDP (RFC 8086) to the byte, with scapy as the judge: what is
# sent, from which port, which checksums are taken, what is refused and why.
# udp_wire6.sh is the same over IPv6.
#
#   left  tunnels in UDP and without
#   eth0 212.25.240.34/30 -- left router, which captures and sends

set -u
cd "${BASH_SOURCE[0]%/*}" || exit
# shellcheck source-path=SCRIPTDIR source=lib.sh
. ./lib.sh

begin
/usr/bin/python3 -c 'import scapy' || skip_all "scapy is not installed"
two_hosts
# Such a cable leaves checksums to the other end unless told not to.
on_left ethtool -K eth0 tx off > /dev/null
python udp_wire.py "$left" "$router"
end
