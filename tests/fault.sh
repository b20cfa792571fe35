#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Each allocation of each path of configuration and of sending fails in turn:
# fault.c. Needs a kernel with fault injection, like the one called debug.
#
# GRETUN_FAULT_PATHS  names of paths, for those alone; else these, or all if there
#                     is a file "deep"
#
# Topology: that of fault.c.

set -u
cd "${BASH_SOURCE[0]%/*}" || exit
# shellcheck source-path=SCRIPTDIR source=lib.sh
. ./lib.sh

readonly DEBUG=/sys/kernel/debug

readonly MOST='new-up new-batch del-batch set-same-key set-other-key set-remote
	set-keepalive set-external get dump defaults-set sysctl move send-full
	send-external netns load'

# Where memory is short the kernel says so, with a trace. These are no complaints
# about gretun, and nothing else has such traces.
readonly SHORT='page allocation failure|percpu: allocation failed|vmalloc error'

# allow_faults: allocations that may sleep may fail too, quietly.
allow_faults()
{
	echo N > "$DEBUG/failslab/ignore-gfp-wait" &&
		echo N > "$DEBUG/fail_page_alloc/ignore-gfp-wait" &&
		echo 0 > "$DEBUG/fail_page_alloc/min-order" &&
		echo 0 > "$DEBUG/failslab/verbose" &&
		echo 0 > "$DEBUG/fail_page_alloc/verbose"
}

# complaints: what the kernel said beyond that memory is short.
# shellcheck disable=SC2317 # called by end
no_complaint()
{
	! dmesg | sed "1,/$marker/d" |
		awk -v short="$SHORT" '
		{ sub(/^\[[^]]*\] /, "") }
		$0 ~ short { skip = 1 }
		/^<\/TASK>|^ <\/TASK>/ { if (skip) { skip = 0; next } }
		!skip' | grep -E "$COMPLAINTS"
}

paths=${GRETUN_FAULT_PATHS-$MOST}
[[ ! -e deep ]] || paths=${GRETUN_FAULT_PATHS-}

begin
[[ -e /proc/self/fail-nth && -e $DEBUG/failslab ]] ||
	skip_all "this kernel cannot let allocations fail"
# Traces of memory that is short would spoil the console.
trap 'dmesg -n 7; cleanup' EXIT
dmesg -n 1
echo 1 > /sys/kernel/rcu_expedited
check "allocations may fail" allow_faults
report < <(
	# shellcheck disable=SC2086 # they are words
	./fault "$(modinfo -n gretun)" $paths 2>&1
	echo "END $?"
)
same "the kernel has no complaints" "" "$(no_complaint)"
dmesg -n 7
end
