#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# flags.sh COUNT SIZE...: what one tunnel costs with each set of flags, for
# both versions of IP as payload. Runs in a guest.

set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=lab.sh
. "${0%/*}/lab.sh"

count=$1
shift
for version in 4 6; do
	lab_up "$version"
	# IPv6 says on its own that it is there.
	((version == 4)) || settle
	via=$R2 prefix=10.128.0.0/9
	((version == 4)) || via=fd00:9::2 prefix=fd00:2::/64
	ip -n r1 route add "$prefix" via "$via"
	for size; do
		measure "$version" "$size" "$count" 1 kind=plain flags=none
	done
	ip -n r1 route del "$prefix"
	for kind in "${KINDS[@]}"; do
		for flags in "${FLAGS[@]}"; do
			new_tunnels "$kind" 1 1 keys "$flags"
			((version == 4)) || settle
			ip -n r1 route add "$prefix" dev t1
			for size; do
				measure "$version" "$size" "$count" 1 \
					"kind=$kind" "flags=$flags"
			done
			del_tunnel
		done
	done
	lab_down
done
