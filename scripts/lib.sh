# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# What the scripts of the VM lab share. Sourced, not run.

# A command that fails in $(...) ends that shell too.
shopt -s inherit_errexit

GRETUN_TOP=$(cd "${BASH_SOURCE[0]%/*}/.." && pwd)
GRETUN_CACHE=${GRETUN_CACHE:-/var/cache/gretun}
GRETUN_KERNELS=$GRETUN_TOP/scripts/kernels.txt
GRETUN_SELF=${0##*/}

# say TEXT...: a line about what is going on; stdout belongs to results.
say()
{
	printf '%s: %s\n' "$GRETUN_SELF" "$*" >&2
}

# die TEXT...: the same, and the end.
die()
{
	say "$@"
	exit 1
}

# usage_error TEXT...: say which word is wrong, show the usage, exit 2.
usage_error()
{
	say "$@"
	usage >&2
	exit 2
}

# kernel_names [all]: the names in kernels.txt, in the file's order; those for every
# day, or all.
kernel_names()
{
	awk -v all="${1-}" '!/^#/ && NF && (all || $5 != "deep") { print $1 }' \
		"$GRETUN_KERNELS"
}

# kernel_line NAME: set suite, package and compiler from NAME's line.
# shellcheck disable=SC2034 # they are for the caller
kernel_line()
{
	local fields

	fields=$(awk -v name="$1" '!/^#/ && $1 == name { print $2, $3, $4 }' \
		 "$GRETUN_KERNELS")
	[[ $fields ]] ||
		usage_error "$1: no such kernel; it is one of:" \
			    "$(kernel_names all | paste -sd ' ')"
	read -r suite package compiler <<< "$fields"
}

# is_built: whether the kernel of the last kernel_line is built from its source.
is_built()
{
	[[ ${package-} == linux-source-* ]]
}

# need PROGRAM...: stop with a useful word if one is not installed.
need()
{
	local prog

	for prog; do
		[[ $(PATH=$PATH:/usr/sbin:/sbin type -P "$prog") ]] ||
			die "$prog: not installed; run scripts/deps demo"
	done
}

# make_cache DIR: create a folder below the cache and print its path.
make_cache()
{
	mkdir -p "$GRETUN_CACHE/$1" 2> /dev/null ||
		die "$GRETUN_CACHE: cannot write there; be root, or set" \
		    "GRETUN_CACHE to a folder of yours"
	printf '%s\n' "$GRETUN_CACHE/$1"
}

# lock FILE COMMAND...: run COMMAND while holding FILE's lock, so that two
# scripts at the same time do the work once.
lock()
{
	local file=$1

	shift
	(
		flock 9
		"$@"
	) 9> "$file"
}
