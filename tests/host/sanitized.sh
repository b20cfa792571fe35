#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# The tests here that run gretun, with one that was built to see wrong memory
# accesses, leaks and undefined behaviour.

set -u
cd "${BASH_SOURCE[0]%/*}" || exit
# shellcheck source-path=SCRIPTDIR source=../ktap.sh
. ../ktap.sh

readonly PROGRAMS=(apply peer plan)

tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
# What they find ends the program with a status of its own.
export ASAN_OPTIONS=exitcode=99 UBSAN_OPTIONS=halt_on_error=1:exitcode=99

build()
{
	mkdir -p "$tmp/kmod" "$tmp/tests" &&
		cp -r ../../kmod/uapi ../../kmod/*.h "$tmp/kmod" &&
		cp -r ../../cli "$tmp" &&
		cp -r ../ktap.sh ../host "$tmp/tests" &&
		make -s -C "$tmp/cli" clean &&
		make -s -j "$(nproc)" -C "$tmp/cli" CFLAGS="-g -O1 \
			-fsanitize=address,undefined -fno-sanitize-recover=all"
}

echo 'TAP version 13'
check "gretun is built with sanitizers" build
for program in "${PROGRAMS[@]}"; do
	check "$program.sh" "$tmp/tests/host/$program.sh"
done
ktap_end
