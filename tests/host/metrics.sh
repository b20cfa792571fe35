#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# What gretun metrics prints, about tunnels that are made up: promtool and a
# strict parser of OpenMetrics take it, whatever names devices have and however
# large numbers are, and the dashboard asks for what is there.

set -u
cd "${BASH_SOURCE[0]%/*}" || exit
# shellcheck source-path=SCRIPTDIR source=../ktap.sh
. ../ktap.sh
# shellcheck source-path=SCRIPTDIR source=../program_lib.sh
. ../program_lib.sh

# Lines of metrics for each tunnel, and beside them.
readonly LINES_EACH=47 LINES_ELSE=52

tmp=$(mktemp -d) || exit
trap 'rm -rf "$tmp"' EXIT

# lint WORD...: promtool has nothing to say about the metrics of metrics.c.
lint()
{
	local said

	said=$("$tmp/metrics" "$@" | "$promtool" check metrics 2>&1) ||
		said+="status $?"
	echo "$said"
	[[ ! $said ]]
}

# sized COUNT: as many lines as that many tunnels have; where there are more than
# three, one of them is without an age.
sized()
{
	local lines

	lines=$("$tmp/metrics" "$1" | wc -l)
	echo "$lines lines"
	((lines == LINES_EACH * $1 + LINES_ELSE - ($1 > 3) + 3 * ($1 > 0)))
}

# quiet FILE: it has no byte that tells a terminal to do something.
quiet()
{
	! LC_ALL=C grep -anP '[\x00-\x08\x0b-\x1f\x7f]|\xc2[\x80-\x9f]|\xe2\x80\xae' "$1"
}

# refused STATUS TEXT WORD...: gretun is told these words, and says no.
refused()
{
	local wanted=$1 text=$2 said status=0

	shift 2
	said=$(../../cli/gretun "$@" 2>&1) || status=$?
	echo "$status: $said"
	[[ $status == "$wanted" && $said == "gretun: $text"* ]]
}

# collect PROGRAM: the command of the unit, with PROGRAM for gretun metrics, in a
# folder of its own.
collect()
{
	local command

	command=$(sed -n "s|^ExecStart=/bin/sh -c '\(.*\)'\$|\1|p" \
		../../cli/systemd/gretun-metrics.service)
	[[ $command ]] || return 2
	mkdir -p "$tmp/collector"
	(cd "$tmp/collector" &&
	 sh -c "${command//@SBINDIR@\/gretun metrics/$1}")
}

echo 'TAP version 13'
check "a program with made up tunnels is built" program metrics
promtool=$(../../scripts/fetched promtool)
check "promtool is there" test -x "$promtool"
check "promtool takes the metrics of no tunnel" lint 0
check "of bad names and large numbers" lint 15
check "of 10,000 tunnels" lint 10000
check "of a network namespace with a bad name" lint 15 $'a"\\\xff\n'
"$tmp/metrics" 15 > "$tmp/sample"
"$tmp/metrics" 15 $'a"\\\xff\n' > "$tmp/netns"
check "a terminal is told nothing" quiet "$tmp/sample"
check "and not by the name of a network namespace" quiet "$tmp/netns"
python metrics.py sample "$tmp/sample"
python metrics.py sample "$tmp/netns"
same "each sample has the name of the network namespace" \
	"$(grep -c '^gretun_' "$tmp/netns")" \
	"$(grep -c '^gretun_[a-z_]*{netns="a\\"\\\\:ff:0a"[,}]' "$tmp/netns")"
for count in 0 1 1000 10000; do
	check "$LINES_EACH lines a tunnel, with $count" sized "$count"
done
python metrics.py dashboard "$tmp/sample"
/usr/bin/python3 metrics.py rules > "$tmp/rules.yml"
check "the queries of the dashboard are good" \
	"$promtool" check rules "$tmp/rules.yml"
check "a unit leaves them for node_exporter" collect "$tmp/metrics 15"
same "in one file" "gretun.prom" "$(ls "$tmp/collector")"
check "whole" cmp "$tmp/sample" "$tmp/collector/gretun.prom"
same "it fails where they cannot be read" 1 \
	"$(collect "sh -c \"echo half; false\"" && echo 0 || echo $?)"
same "and leaves none that are old" "" "$(ls "$tmp/collector")"
check "a word is one too many" refused 2 "x: one word too many" metrics x
check "an option too" refused 2 "--all: one word too many" metrics --all
check "there is no JSON of it" refused 2 "-j: " -j metrics
ktap_end
