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
wire_hosts
python udp_wire.py "$left" "$router"
end
