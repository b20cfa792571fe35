#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Packets to the byte: each combination of checksum (C), key (K) and sequence
# number (S), with IPv4 and IPv6 inside. An independent program, scapy, says
# what they must be.
#
#   left  wire, a tunnel of each combination in turn
#   eth0 212.25.240.34/30 -- left router, which captures and sends

set -u
cd "${BASH_SOURCE[0]%/*}" || exit
# shellcheck source-path=SCRIPTDIR source=lib.sh
. ./lib.sh

begin
wire_hosts
python wire.py "$left" "$router"
end
