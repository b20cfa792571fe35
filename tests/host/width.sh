#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Tables and text on terminals of any width, and what does not get to them. Of
# width.c, which calls what the commands call.

set -u
cd "${BASH_SOURCE[0]%/*}" || exit
# shellcheck source-path=SCRIPTDIR source=../ktap.sh
. ../ktap.sh
# shellcheck source-path=SCRIPTDIR source=../program_lib.sh
. ../program_lib.sh

readonly ROWS=(gre1 1000 three 2000 '10.1.12.37/30, fd12::37/64, 192.0.2.1/32'
	much-longer-name 1 3 2 -)
readonly TEXT='a route through the tunnel covers the address of the peer'

tmp=$(mktemp -d) || exit
trap 'rm -rf "$tmp"' EXIT
unset COLUMNS NO_COLOR

# on COLUMNS WORD...: what width.c prints on such a terminal.
on()
{
	local columns=$1

	shift
	/usr/bin/python3 ../width.py "$columns" "$tmp/width" "$@"
}

# prints TEXT COLUMNS LINE... -- WORD...: it prints these lines.
prints()
{
	local text=$1 columns=$2 wanted=''

	shift 2
	while [[ $1 != -- ]]; do
		wanted+=${wanted:+$'\n'}$1
		shift
	done
	shift
	same "$text" "$wanted" "$(on "$columns" "$@")"
}

# fits COLUMNS INDENT: the text has no line that is longer, and all its words.
fits()
{
	on "$1" text "$2" "$TEXT" | tee "$tmp/fits"
	! grep -qE "^.{$(($1 + 1))}" "$tmp/fits" &&
		! grep -v "^ \{$2\}[^ ]" "$tmp/fits" &&
		[[ $(paste -sd ' ' "$tmp/fits" | tr -s ' ') == *" $TEXT" ]]
}

# says START WORD...: with these words gretun says what starts like this.
says()
{
	local start=$1 said

	shift
	said=$(../../cli/gretun "$@" 2>&1)
	echo "$said"
	[[ $said == "$start"* ]]
}

echo 'TAP version 13'
check "a program that prints tables is built" program width
whole=$("$tmp/width" table "${ROWS[@]}")
same "a pipe gets whole lines" 3 "$(wc -l <<< "$whole")"
same "whatever COLUMNS says" "$whole" \
	"$(COLUMNS=40 "$tmp/width" table "${ROWS[@]}")"
for columns in 300 80; do
	same "so does a terminal with $columns columns" "$whole" \
		"$(on "$columns" table "${ROWS[@]}")"
done
same "and one that does not tell" "$whole" "$(on 0 table "${ROWS[@]}")"
prints "one with 79 breaks the last column" 79 \
	"NAME              FIRST  THIRD  SECOND  LAST" \
	"gre1               1000  three    2000  10.1.12.37/30, fd12::37/64," \
	"                                        192.0.2.1/32" \
	"much-longer-name      1  3           2  -" \
	-- table "${ROWS[@]}"
prints "one with 50 leaves out a column, and says so" 50 \
	"NAME              THIRD  SECOND  LAST" \
	"gre1              three    2000  10.1.12.37/30," \
	"                                 fd12::37/64," \
	"                                 192.0.2.1/32" \
	"much-longer-name  3           2  -" \
	"Left out, as the terminal is narrow: FIRST" \
	-- table "${ROWS[@]}"
prints "one with 42 another one, in the order that they have" 42 \
	"NAME              THIRD  LAST" \
	"gre1              three  10.1.12.37/30," \
	"                         fd12::37/64," \
	"                         192.0.2.1/32" \
	"much-longer-name  3      -" \
	"Left out, as the terminal is narrow:" \
	"FIRST, SECOND" \
	-- table "${ROWS[@]}"
prints "where nothing helps, what must stay is whole" 10 \
	"NAME              LAST" \
	"gre1              10.1.12.37/30, fd12::37/64, 192.0.2.1/32" \
	"much-longer-name  -" \
	"Left out, as the terminal is narrow: FIRST, THIRD, SECOND" \
	-- table "${ROWS[@]}"
same "COLUMNS is heard before the terminal" "$(on 50 table "${ROWS[@]}")" \
	"$(COLUMNS=50 on 300 table "${ROWS[@]}")"
for columns in '' 0 x -5 99999999999; do
	same "but not if it is '$columns'" "$(on 50 table "${ROWS[@]}")" \
		"$(COLUMNS=$columns on 50 table "${ROWS[@]}")"
done
prints "columns stand below each other, however wide characters are" 80 \
	"NAME      FIRST  THIRD  SECOND  LAST" \
	"gré           1  2           3  4" \
	"中国          1  2           3  4" \
	$'e\xcc\x81             1  2           3  4' \
	'\x1b[31m      1  2           3  4' \
	-- table gré 1 2 3 4 中国 1 2 3 4 $'e\xcc\x81' 1 2 3 4 $'\033[31m' 1 2 3 4

for columns in 26 27 40 60 66 67 68 200; do
	check "text fits into $columns columns, with its words" fits "$columns" 10
done
same "with too little room it is left to the terminal" \
	"          $TEXT" "$(on 25 text 10 "$TEXT")"
same "a pipe gets one line" "          $TEXT" "$("$tmp/width" text 10 "$TEXT")"
prints "a word that is too long is not cut" 20 \
	"a" "2001:db8:1234:5678:9abc::1/128" "b" \
	-- text 0 "a 2001:db8:1234:5678:9abc::1/128 b"

# What printf makes of the first word must be shown as the second one.
while IFS=' ' read -r name shown; do
	same "a name like $shown" "$shown" \
		"$("$tmp/width" name "$(printf '%b' "$name")")"
done << 'EOF'
gre1 gre1
gr\xc3\xa9 gré
\xe4\xb8\xad 中
\xf0\x9f\x90\xa7 🐧
\\e[2J \e[2J
\e[2J \x1b[2J
\a\b\x7f \x07\x08\x7f
\xc2\x9b2J \xc2\x9b2J
\xe2\x80\xaetfel \xe2\x80\xaetfel
\xff\xfe \xff\xfe
\xc3 \xc3
\xc3( \xc3(
\xc0\xaf \xc0\xaf
\xe0\x80\xaf \xe0\x80\xaf
\xed\xa0\x80 \xed\xa0\x80
\xf4\x90\x80\x80 \xf4\x90\x80\x80
\xf8\x88\x80\x80\x80 \xf8\x88\x80\x80\x80
\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80 \x80\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80
EOF
check "messages too" says 'gretun: \x1b]0;x\x07: ' $'\e]0;x\a'
check "and one that quotes" says "gretun: -n: 'a/\\x1b' is not" -n $'a/\e' show
status=0
timeout 10 ../../cli/gretun zork 2> /dev/full || status=$?
same "messages that cannot be written are left out" 2 "$status"
ktap_end
