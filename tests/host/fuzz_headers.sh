#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# The files of kmod/ that know of no packets in the kernel, under libFuzzer with
# AddressSanitizer and UndefinedBehaviorSanitizer, beside second implementations
# in fuzz/, with which they must agree. FUZZ_TIME is for how many seconds each
# runs, all at once. What they disagree about is kept in build/fuzz.

set -euo pipefail
cd "${BASH_SOURCE[0]%/*}"
# shellcheck source-path=SCRIPTDIR source=../ktap.sh
. ../ktap.sh

readonly FUZZ_TIME=${FUZZ_TIME:-20} TARGETS=(hdr seq options)
# What is worth more bytes than that is in fewer of them too.
readonly MAX_LEN=128

tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
found=$PWD/../../build/fuzz
mkdir -p "$found"

# seeds TARGET: the inputs of its file, each a file in $tmp/TARGET.
seeds()
{
	local line count=0

	mkdir "$tmp/$1"
	while read -r line _; do
		[[ $line && $line != '#'* ]] || continue
		count=$((count + 1))
		perl -e 'print pack "H*", $ARGV[0]' "$line" > "$tmp/$1/$count"
	done < "fuzz/$1.seeds"
	((count))
}

# build TARGET: the program $tmp/TARGET.fuzz.
build()
{
	clang -std=gnu11 -g -O1 -Wall -Wextra -Werror -Ifuzz/kernel \
		-fsanitize=fuzzer,address,undefined \
		-fno-sanitize-recover=all \
		"fuzz/$1.c" "../../kmod/$1.c" -o "$tmp/$1.fuzz"
}

# fuzz TARGET: begin with the seeds and go on from there.
fuzz()
{
	"$tmp/$1.fuzz" -max_total_time="$FUZZ_TIME" -max_len="$MAX_LEN" \
		-print_final_stats=1 -verbosity=0 -artifact_prefix="$found/$1-" \
		"$tmp/$1" > "$tmp/$1.out" 2>&1
}

# told TARGET: how that ended, and after how many inputs.
told()
{
	local runs

	cat "$tmp/$1.out"
	runs=$(awk '/^stat::number_of_executed_units:/ { print $2 }' "$tmp/$1.out")
	# So many take it a tenth of a second where nothing else goes on.
	((${ended[$1]} == 0 && runs > 10000))
}

echo 'TAP version 13'
declare -A ended=() running=()
for target in "${TARGETS[@]}"; do
	seeds "$target"
	check "build: $target" build "$target"
done
for target in "${TARGETS[@]}"; do
	fuzz "$target" &
	running[$target]=$!
done
for target in "${TARGETS[@]}"; do
	ended[$target]=0
	wait "${running[$target]}" || ended[$target]=$?
	check "$target: both say the same of any input" told "$target"
done
ktap_end
