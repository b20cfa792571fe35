#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Random messages to the gretun family, from root, from a user namespace, and
# from somebody who may only read: fuzz.c.
#
# GRETUN_FUZZ_MESSAGES  from each of them (2000, or 100000 if there is a file
#                       "deep")
# GRETUN_FUZZ_SEED      what makes them others; the time, unless set
#
# Topology: that of fuzz.c.

set -u
cd "${BASH_SOURCE[0]%/*}" || exit
# shellcheck source-path=SCRIPTDIR source=lib.sh
. ./lib.sh

messages=2000
[[ ! -e deep ]] || messages=100000
seed=${GRETUN_FUZZ_SEED:-$(date +%s)}

begin
echo "# GRETUN_FUZZ_SEED=$seed makes the same messages again"
# Tunnels go by the hundreds.
echo 1 > /sys/kernel/rcu_expedited
for who in root user nobody; do
	report < <(
		./fuzz "$who" "${GRETUN_FUZZ_MESSAGES:-$messages}" "$seed" 2>&1 |
			tee /dev/stderr
		echo "END ${PIPESTATUS[0]}"
	) 2>&1
done
echo 0 > /sys/kernel/rcu_expedited
end
