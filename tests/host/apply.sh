#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# What gretun apply, up and down refuse before they ask the kernel.

set -u
cd "${BASH_SOURCE[0]%/*}" || exit
# shellcheck source-path=SCRIPTDIR source=../ktap.sh
. ../ktap.sh

tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT

# wrong WORD ARG...: exit status 2, a message about WORD, and no other output.
wrong()
{
	local word=$1 status=0 err

	shift
	err=$(../../cli/gretun "$@" 2>&1 > "$tmp/out") || status=$?
	same "$*: exit status" 2 "$status"
	check "$*: names $word" test "${err#"gretun: $word: "}" != "$err"
	same "$*: nothing else" '' "$(< "$tmp/out")"
}

echo 'TAP version 13'
mkdir "$tmp/empty"
printf '[NetDev]\nName=gre1\nKind=gretun\n[Tunnel]\nLocal=192.0.2.1\n' \
	> "$tmp/gre1.netdev"
file=$tmp/gre1.netdev
wrong "$file: Remote" apply "$file"
wrong "$file: Remote" apply "$tmp/empty/" "$file" --dry-run
wrong "$file: Remote" apply "$tmp/" --prune
wrong "$file: Remote" up "$file"
wrong "$file: Remote" down "$file"
wrong --prune apply "$file" --prune
wrong --prune apply --prune "$tmp/empty/" gre1
wrong --prune apply --prune --prune
wrong --dry-run apply --dry-run --dry-run
wrong --prun apply --prun
wrong -n apply -n
wrong up up
wrong -f up -f
wrong --prune up gre1 --prune
wrong down down
wrong --all down --all
wrong a/b.netdev up a/b.netdev
wrong "$tmp/none.netdev" down "$tmp/none.netdev"
wrong gre1gre1gre1gre1 down gre1gre1gre1gre1
ktap_end
