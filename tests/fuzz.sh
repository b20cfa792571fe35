#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Random messages to the gretun family, from root, from a user namespace, and
# from somebody who may only read: fuzz.c.
#
# GRETUN_FUZZ_MESSAGES  from all of them, root sends most (100000, or a million if
#                       there is a file "deep")
# GRETUN_FUZZ_SEED      what makes them others; the time, unless set
#
# Topology: that of fuzz.c.

set -u
cd "${BASH_SOURCE[0]%/*}" || exit
# shellcheck source-path=SCRIPTDIR source=lib.sh
. ./lib.sh

messages=100000
[[ ! -e deep ]] || messages=1000000
messages=${GRETUN_FUZZ_MESSAGES:-$messages}
seed=${GRETUN_FUZZ_SEED:-$(date +%s)}

begin
echo "# GRETUN_FUZZ_SEED=$seed makes the same messages again"
# Tunnels go by the hundreds.
echo 1 > /sys/kernel/rcu_expedited
for who in root user nobody; do
	count=$((messages / 5))
	[[ $who != root ]] || count=$((messages * 3 / 5))
	report < <(
		./fuzz "$who" "$count" "$seed" 2>&1 | tee /dev/stderr
		echo "END ${PIPESTATUS[0]}"
	) 2>&1
	seed=$((seed + 1))
done
echo 0 > /sys/kernel/rcu_expedited
end
