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

# Each kind of path once, but for those that take long, to make two tunnels at once,
# a netns, and the module.
readonly MOST='new-udp del-batch set-same-key set-other-key set-remote
	set-keepalive set-udp set-port set-secret set-local-dev set-external get
	dump near-miss-get defaults-set sysctl up send-full send-udp send-external'

# Where memory is short the kernel says so, with a trace. These are no complaints
# about gretun, and nothing else has such traces. That a device is half moved when
# its name in sysfs cannot be made is so for any device.
readonly SHORT='page allocation failure|percpu: allocation failed|vmalloc error|sysctl could not get directory|WARNING: .* __dev_change_net_namespace'

# allow_faults: allocations that may sleep may fail too, quietly.
allow_faults()
{
	echo N > "$DEBUG/failslab/ignore-gfp-wait" &&
		echo N > "$DEBUG/fail_page_alloc/ignore-gfp-wait" &&
		echo 0 > "$DEBUG/fail_page_alloc/min-order" &&
		echo 0 > "$DEBUG/failslab/verbose" &&
		echo 0 > "$DEBUG/fail_page_alloc/verbose"
}

# quiet: the kernel said nothing beyond that memory is short. It says that so often
# that the first of it is forgotten, so all of it is in a file.
quiet()
{
	! awk -v short="$SHORT" -v marker="$marker" '
		!here { here = $0 ~ marker; next }
		/unreliable refcount tracker/ { next }
		$0 ~ short { skip = 1 }
		!skip
		/<\/TASK>/ { skip = 0 }' "$tmp/kmsg" | grep -E -B 8 -A 20 "$COMPLAINTS"
}

# no_complaint: what comes after that is on the console, where scripts/vm sees it.
# shellcheck disable=SC2317 # called by end
no_complaint()
{
	:
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
background cat /dev/kmsg > "$tmp/kmsg"
check "allocations may fail" allow_faults
report < <(
	# shellcheck disable=SC2086 # they are words
	./fault "$(modinfo -n gretun)" $paths 2>&1
	echo "END $?"
)
sleep 1
check "the kernel was heard" grep -q "$marker" "$tmp/kmsg"
check "it has no complaints" quiet
dmesg -n 7
end
