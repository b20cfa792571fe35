#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# The kernel's own tests of GRE, as they come with its sources, with gretun's tunnels
# in the place of its own: shim/ip is first in PATH, and shim/sh is bash, as they want
# it. Each draws its topology.

set -u
cd "${BASH_SOURCE[0]%/*}/.." || exit
# shellcheck source-path=SCRIPTDIR source=../lib.sh
. ./lib.sh

# Where scripts/interop puts them: those of one kernel, and what only the newest has.
readonly SOURCES=/root/selftests

# What takes a minute or less.
readonly QUICK=(net/forwarding/ipip_flat_gre.sh
	net/forwarding/ipip_hier_gre_keys.sh
	net/gre_gso.sh)
# What is run by a name with _all.
readonly MORE=(net/forwarding/ipip_{flat_gre_key,flat_gre_keys,hier_gre,hier_gre_key}.sh
	net/forwarding/gre_multipath{,_nh,_nh_res}.sh
	net/forwarding/gre_inner_v{4,6}_multipath.sh
	net/forwarding/ip6gre_{flat,hier}{,_key,_keys}.sh
	newest/gre_ipv6_lladdr.sh
	net/forwarding/gre_custom_multipath_hash.sh)

# run TEST: its results as ours, but for those of tunnels of Ethernet, which gretun does
# not make. The machine is slow, and the last test sends 16,384 pings one by one. Those
# of ip6gre send 1,000 packets at once and want all to arrive, for which queues on the
# way may be too short there: with a setting of theirs the packets come more slowly.
run()
{
	local name=${1##*/} status=0 line why='' results=0 failed=$ktap_failed delay=0
	local after

	[[ $name != ip6gre* ]] || delay=200usec
	(
		cd "$SOURCES/${1%/*}" || exit
		PATH=$shim:$PATH PING6=ping WAIT_TIME=1 PING_TIMEOUT=20 \
			TC_HIT_TIMEOUT=20000 MZ_DELAY=$delay timeout 1500 bash "./$name"
	) > "$tmp/out" 2>&1 < /dev/null || status=$?
	while IFS= read -r line; do
		case $line in
		*TEST:*gretap*) why='' ;;
		*TEST:*'[ OK ]'*)
			ok "$name: $(title "$line")"
			why='' results=1
			;;
		*TEST:*'[FAIL]'*)
			results=1
			# The reason is behind it.
			IFS= read -r after || after=
			not_ok "$name: $(title "$line")" <<< "$why$after"
			why=''
			;;
		*) why+=$line$'\n' ;;
		esac
	done < "$tmp/out"
	if ((! results || (status && failed == ktap_failed))); then
		not_ok "$name: ends well" <<< "$why"$'\n'"status $status"
	fi
	# A tunnel of the kernel's own would prove nothing.
	check "$name: its tunnels were gretun's" \
		grep -q '^ip for tests: gretun' "$tmp/out"
}

# title LINE: of the test in a line of its output.
title()
{
	sed 's/.*TEST: *//; s/ *\[.*//' <<< "$1"
}

begin
[[ -d $SOURCES ]] || skip_all "the kernel's tests are not there"
shim=$PWD/interop/shim
tests=("${QUICK[@]}")
[[ ${0##*/} != *_all.sh ]] || tests=("${MORE[@]}")
for test in "${@:-${tests[@]}}"; do
	run "$test"
done
end
