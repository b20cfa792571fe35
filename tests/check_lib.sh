# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# What the tests of gretun check share. Sourced after lib.sh, not run.

# The longest that a check took, in seconds.
slowest=0

# look_from NS NAME: check the tunnel from there and keep what is said; sets
# status.
look_from()
{
	local start=$SECONDS

	status=0
	gretun -n "$1" -j check "$2" > "$tmp/check" 2> "$tmp/err" || status=$?
	((SECONDS - start <= slowest)) || slowest=$((SECONDS - start))
}

# look: the same for left's gre1.
look()
{
	look_from "$left" gre1
}

# said: all that the last look has found, for a case that fails.
said()
{
	jq -r '.[0].steps[] | [.result, .step, .text, .fix // ""] | @tsv' "$tmp/check"
	cat "$tmp/err"
}

# of STEP RESULT FIELD: that of the steps that end so.
of()
{
	jq -r --arg step "$1" --arg result "$2" \
		".[0].steps[] | select(.step == \$step and .result == \$result) | .$3 // empty" \
		"$tmp/check"
}

# well TEXT: the last look has found no problem and no warning.
well()
{
	local bad

	bad=$(said | grep -vE '^(ok|skipped)')
	same "$1: all is well" "0 " "$status $bad"
}

# found TEXT STEP RESULT WORDS: it has found that, in these words, an extended
# regular expression. A problem fails the command, a warning alone does not.
found()
{
	local wanted=0

	[[ $3 != problem ]] || wanted=1
	if of "$2" "$3" text | grep -qE "$4" &&
		[[ $3 == ok || $status == "$wanted" ]]; then
		ok "$1: $3"
	else
		not_ok "$1: $3" <<< "wanted: $2, $4"$'\n'"exit status $status"$'\n'"$(said)"
	fi
}

# fix TEXT STEP RESULT COMMAND: the fix is that, and typing it makes all well.
fix()
{
	local fix

	fix=$(of "$2" "$3" fix | head -n 1)
	same "$1: the fix" "$4" "$fix"
	check "$1: the fix works" bash -c "$fix"
	look
	well "$1, fixed"
}

# stops TEXT STATION: the picture shows the way up to there, and no farther.
stops()
{
	same "$1: where it stops" "$2" \
		"$(jq -r '[.[0].path[] | select(.reached == false).station][0]' "$tmp/check")"
}

# again: the tunnel gre1 anew, at both ends.
again()
{
	gretun -n "$left" del gre1 2> /dev/null
	gretun -n "$right" del gre1 2> /dev/null
	ip -n "$left" route flush cache
	ip -n "$left" -6 route flush cache
	tunnel gre1
}
