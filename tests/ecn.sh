#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# The TOS byte: the DSCP that is set or inherited, and RFC 6040 for congestion
# marks, on the way in and on the way out.
#
#   left gre1 10.1.12.37/30
#   eth0 212.25.240.34/30 -- left router, which captures and sends

set -u
cd "${BASH_SOURCE[0]%/*}" || exit
# shellcheck source-path=SCRIPTDIR source=lib.sh
. ./lib.sh

begin
two_hosts
tunnel gre1
python ecn.py "$left" "$router"
end
