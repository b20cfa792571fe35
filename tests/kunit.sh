#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# The suites of kmod/kunit/, which run when the module is loaded on a kernel with
# KUnit. What they found is in debugfs.

set -u
cd "${BASH_SOURCE[0]%/*}" || exit
# shellcheck source-path=SCRIPTDIR source=lib.sh
. ./lib.sh

readonly RESULTS=/sys/kernel/debug/kunit

# suite NAME: each of its cases is one of ours.
suite()
{
	report < <(
		# What a case has to say comes before its result.
		sed -n -E 's/^ +(not )?ok [0-9]+ (- )?/\1ok /p; t
			s/^ +# /# /p' "$RESULTS/$1/results"
		echo 'END 0'
	)
}

begin
[[ -d $RESULTS ]] || mount -t debugfs none /sys/kernel/debug
[[ -d $RESULTS ]] || skip_all "the kernel has no KUnit"
for name in gretun_hdr gretun_lookup gretun_packet; do
	check "$name has run" grep -qE "^(not )?ok [0-9]+ (- )?$name" \
		"$RESULTS/$name/results"
	suite "$name"
done
end
