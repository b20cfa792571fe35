#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# What people see of tunnels on terminals of several widths, with and without
# colors, and of a tunnel whose name would have a terminal do something.
# host/width.sh has the details of tables and text.
#
#   left gre1 10.1.12.37/30 ====================== gre1 10.1.12.38/30 right
#   eth0 212.25.240.34/30 -- .33 router .1 -- eth0 217.154.12.2/30

set -u
cd "${BASH_SOURCE[0]%/*}" || exit
# shellcheck source-path=SCRIPTDIR source=lib.sh
. ./lib.sh

readonly ESCAPE=$'\033'
readonly ODD="odd${ESCAPE}[2J"
unset COLUMNS NO_COLOR
export TERM=xterm

# on COLUMNS WORD...: what gretun says of left on such a terminal.
on()
{
	local columns=$1

	shift
	/usr/bin/python3 width.py "$columns" gretun -n "$left" "$@"
}

# plain COLUMNS WORD...: the same without colors and signs of progress.
plain()
{
	TERM=dumb on "$@"
}

# words: of what is on stdin, each on a line; but not how long something took.
words()
{
	tr -s ' \n' '\n' | sed -E 's/^[0-9]+(\.[0-9]+)?$/N/'
}

# shown COLUMNS: the table fits, has all that stays, and says what went.
shown()
{
	local text missing=''

	plain "$1" show > "$tmp/shown"
	cat "$tmp/shown"
	! grep -E "^.{$(($1 + 1))}" "$tmp/shown" || return
	for text in $(gretun -n "$left" show | head -n 1); do
		head -n 1 "$tmp/shown" | grep -qw "$text" ||
			missing+=${missing:+, }$text
	done
	echo "missing: $missing"
	[[ "$(sed -n '/^Left/,$p' "$tmp/shown" | paste -sd ' ')" == \
		"${missing:+Left out, as the terminal is narrow: }$missing" ]] ||
		return
	for text in gre1 "$RIGHT" 10.1.12.37/30 fd12::37/64 fd12::38/64; do
		grep -qw -- "$text" "$tmp/shown" || return
	done
}

# fits COLUMNS WORD...: nothing is wider but commands and the picture of the path,
# no word is lost, and commands are as whole as in a pipe.
fits()
{
	local columns=$1 whole='^ *(next step|fix): '

	shift
	plain "$columns" "$@" > "$tmp/fits"
	gretun -n "$left" "$@" > "$tmp/pipe"
	cat "$tmp/fits"
	! grep -vE "$whole|^  this host " "$tmp/fits" |
		grep -E "^.{$((columns + 1))}" || return
	grep -qE "$whole" "$tmp/fits" &&
		diff <(words < "$tmp/pipe") <(words < "$tmp/fits") &&
		diff <(grep -E "$whole" "$tmp/pipe") <(grep -E "$whole" "$tmp/fits")
}

# monitored: monitor has told of a change that is made.
monitored()
{
	ip -n "$left" link set "$ODD" mtu 1300
	ip -n "$left" link set "$ODD" mtu 1200
	[[ -s $tmp/monitor ]]
}

# silent WORD...: it says the odd name, in a way that a terminal can bear.
silent()
{
	gretun -n "$left" "$@" > "$tmp/silent" 2>&1
	cat -v "$tmp/silent"
	grep -qF 'odd\x1b[2J' "$tmp/silent" && ! grep -q "$ESCAPE" "$tmp/silent"
}

begin
two_hosts
tunnel gre1 key 8
tunnel6
address "$left" gre1 fd12::38/64
pings "$left" "$RIGHT_INNER" > /dev/null
pings "$left" "$RIGHT_INNER6" > /dev/null
same "a wide terminal shows what a pipe gets" "$(gretun -n "$left" show)" \
	"$(plain 300 show)"
for columns in 110 80 72 60 50; do
	check "$columns columns have room" shown "$columns"
done
same "a pipe gets all columns whatever COLUMNS says" \
	"$(gretun -n "$left" show)" "$(COLUMNS=50 gretun -n "$left" show)"
same "a terminal that COLUMNS says is narrower" "$(plain 60 show)" \
	"$(COLUMNS=60 plain 300 show)"

# Color or not: of a terminal, of one that wants none, of one that cannot.
same "up is green" 1 "$(on 300 show | grep -c "${ESCAPE}\[32mup${ESCAPE}\[0m")"
same "NO_COLOR without a value is none" 1 \
	"$(NO_COLOR='' on 300 show | grep -c "$ESCAPE")"
same "NO_COLOR" 0 "$(NO_COLOR=0 on 300 show | grep -c "$ESCAPE")"
same "TERM=dumb" 0 "$(TERM=dumb on 300 show | grep -c "$ESCAPE")"
same "a pipe" 0 "$(gretun -n "$left" show | grep -c "$ESCAPE")"
same "check has colors too" yes \
	"$(on 300 check gre1 | grep -q "${ESCAPE}\[32mok" && echo yes)"
same "and not with NO_COLOR" 0 \
	"$(NO_COLOR=1 on 300 check gre1 | grep -c "$ESCAPE\[3")"

# What is wrong takes many words.
ip -n "$left" link set gre1 down
gretun -n "$right" set gre1 key 9
on_right ping -c 2 -i 0.05 -W 0.2 "$LEFT_INNER" > /dev/null
gretun -n "$right" set gre1 key 8
on_right ping -c 2 -i 0.05 -W 0.2 "$LEFT_INNER" > /dev/null
for columns in 100 70 50; do
	check "reasons in $columns columns" fits "$columns" stats --explain
done
check "steps of a check in 60 columns" fits 60 check gre1

gretun -n "$left" add "$ODD" local "$LEFT" remote "$RIGHT" key 9
gretun -n "$left" add inner dev "$ODD" local "$LEFT" remote "$RIGHT" key 10
on_right ping -c 2 -i 0.05 -W 0.2 "$LEFT_INNER" > /dev/null
for command in show stats "stats --explain" "show inner"; do
	# shellcheck disable=SC2086 # they are words
	check "$command is not led on by a name" silent $command
done
for command in show stats check; do
	check "$command NAME is not either" silent "$command" "$ODD"
done
check "nor an error" silent show "${ODD}x"
gretun -n "$left" monitor > "$tmp/monitor" &
monitor=$!
children+=("$monitor")
wait_for 5 monitored
kill "$monitor"
same "nor monitor" 0 "$(grep -c "$ESCAPE" "$tmp/monitor")"
check "which says it" grep -qF 'odd\x1b[2J' "$tmp/monitor"
end
