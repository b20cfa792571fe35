#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# The manual pages beside the program: every word, option, reason and step of one
# is in the other. The pages are read as they are written, in mdoc(7). Pages of
# Documentation/ are all linked from the README, and the tests that security.rst
# names are there.

set -u
cd "${BASH_SOURCE[0]%/*}" || exit
# shellcheck source-path=SCRIPTDIR source=../ktap.sh
. ../ktap.sh
# shellcheck source-path=SCRIPTDIR source=../words_lib.sh
. ../words_lib.sh

readonly PAGE=../../cli/man/gretun.8

# part TITLE: the lines of the section or the subsection of the page.
part()
{
	awk -v title="$1" '
	/^\.S[hs] / { inside = ($0 == ".Sh " title || $0 == ".Ss " title) }
	inside' "$PAGE"
}

# items DEPTH: the tags of the lists on stdin that are so deep, 1 outside.
items()
{
	awk -v want="$1" '
	/^\.Bl / { depth++ }
	/^\.El/ { depth-- }
	/^\.It / && depth == want { sub(/^\.It /, ""); print }'
}

# words: each word that is marked as one to type, of tags on stdin with such words
# and their values; "Cm ttl Ar N , Cm tos Ar N" has two.
words()
{
	sed 's/ , /\n/g' | sed -n 's/^Cm \([^ ]*\).*/\1/p' | sort
}

# values WORD: what the page says can follow a word of a tunnel, besides numbers,
# names and addresses.
values()
{
	part 'Options of a tunnel' | items 1 | sed 's/ , /\n/g' |
		sed -n "s/^Cm $1\\( \\|\$\\)//p" |
		sed 's/Ar [^ ]*//g' | grep -oE '\<[a-z]+6?\>' | sort
}

# reasons LIST: the names of a list of drop.h.
reasons()
{
	gcc -E -P - <<- END | grep -oE '"[^"]*"' | tr -d '"' | sort
	#include "../../kmod/drop.h"
	$1(GRETUN_REASON_NAME)
	END
}

# page_reasons TEXT: the tags of the list in the page that comes after the line
# that begins with TEXT.
page_reasons()
{
	awk -v text="$1" '
	index($0, text) == 1 { inside = 1 }
	/^\.El/ { inside = 0 }
	inside && /^\.It / { print $2 }' "$PAGE" | sort
}

# page_flags: the words with two dashes that the mdoc on stdin has.
page_flags()
{
	grep -oE '\<Fl -[a-z][a-z-]*' | sed 's/^Fl /-/' | sort -u
}

# synopsis COMMAND: its part of the synopsis.
synopsis()
{
	part SYNOPSIS | awk -v command="$1" '
	/^\.Nm/ { inside = 0 }
	$1 == ".Cm" && last ~ /^\.Nm/ { inside = ($2 == command) }
	{ last = $0 }
	inside'
}

# only_add: the words whose text says that they are for add.
only_add()
{
	part 'Options of a tunnel' | awk '
	/^\.It / { word = $3 }
	/^For$/ { for_line = NR }
	/^\.Cm add ,/ && for_line == NR - 1 { print word }' | sort
}

# in_program: every word with two dashes that the program compares with. Those of
# check are iptables's.
in_program()
{
	grep -rhoE --include='*.c' --exclude-dir=check '"--[a-z][a-z-]*"' \
		../../cli | tr -d '"' | sort -u
}

# environment: the words of the environment that the program asks for.
environment()
{
	grep -rhoE --include='*.c' 'getenv\("[A-Z_]+"' ../../cli |
		cut -d '"' -f 2 | sort -u
}

# steps: the names of the steps of check, in the call or in a constant for it.
steps()
{
	cat ../../cli/cmd_check.c ../../cli/check/*.c | tr -d '\n\t' |
		grep -oE '(\<step\(check, |\<char name\[\] = )"[a-z_-]+"' |
		cut -d '"' -f 2 | sort -u
}

# unproved: tests and cases that security.rst names and that are not there, and
# how many it names.
unproved()
{
	# shellcheck disable=SC2016 # they are of perl
	perl -0777 -ne '
		s/\s+/ /g;
		while (/``([\w.\/]+\.(?:sh|py|c))``:((?: \*[^*]+\*,?)+)/g) {
			my ($file, $cases, $test) = ($1, $2, "");
			$test = do { local @ARGV = "../$file"; <> } if -e "../$file";
			for ($cases =~ /\*([^*]+)\*/g) {
				$count++;
				print "$file: $_\n" if index($test, $_) < 0;
			}
		}
		print $count < 30 ? "$count named\n" : "";
		' ../../Documentation/security.rst
}

echo 'TAP version 13'
for page in ../../cli/man/*.[1-9]; do
	check "${page##*/}: mandoc finds nothing" \
		mandoc -T lint -W warning "$page"
	while IFS= read -r other; do
		check "${page##*/}: there is $other" test -e "../../cli/man/$other"
	done < <(sed -n 's/^\.Xr \(gretun[^ ]*\) \([1-9]\).*/\1.\2/p' "$page" |
		 sort -u)
done

same "commands in the synopsis" "$(one_of no-such-command)" \
	"$(part SYNOPSIS | grep -A 1 '^\.Nm' | sed -n 's/^\.Cm \([a-z]*\).*/\1/p' |
	   sort -u)"
same "commands" "$(one_of no-such-command)" \
	"$(part Commands | items 1 | words)"
same "words of add" "$(words_of add)" "$({
	part 'Options of a tunnel' | items 1 | words
	# It stands with address.
	echo peer
} | sort)"
same "words that set does not take" "$({
	only_add
	echo peer
} | sort)" "$(comm -23 <(words_of add) <(words_of set))"
for word in $(words_of add); do
	case $word in
	external | down | peer | address) continue ;;
	esac
	same "values of $word" "$(choices add t1 "$word")" "$(values "$word")"
done
same "words of add that plan does not take" \
	"$(comm -23 <(words_of add) <(words_of_plan))" \
	"$(part Commands | sed -n '/^it takes all but/,/;$/p' | grep '^\.Cm' |
	   grep -oE '\<[a-z]+\>' | sort)"
same "defaults" "$(one_of defaults no-such-default 1)" \
	"$(part Commands | items 2 | grep -E '^Cm (default|allow)' | words)"
same "systems of peer and plan" "$(systems)" \
	"$(part Systems | items 1 | words)"
same "options with two dashes" "$({
	flags
	echo --help
} | sort -u)" "$(page_flags < "$PAGE")"
same "options with two dashes, in the program itself" "$(in_program)" \
	"$(page_flags < "$PAGE")"
for command in $(one_of no-such-command); do
	same "$command: options in the synopsis" "$(flags "$command")" \
		"$(synopsis "$command" | page_flags)"
done
same "reasons of a tunnel" "$(reasons GRETUN_TUNNEL_REASONS)" \
	"$(page_reasons 'Packets of a tunnel that are dropped')"
same "reasons of a network namespace" "$(reasons GRETUN_NETNS_REASONS)" \
	"$(page_reasons 'GRE packets that no tunnel took')"
same "kinds of ICMP errors" "$(reasons GRETUN_ICMP_KINDS)" \
	"$(page_reasons 'ICMP errors about packets that a tunnel sent')"
same "steps of check" "$(steps)" "$(part 'Steps of check' | items 1 |
	sed 's/ , /\n/g' | sort)"
same "environment" "$(environment)" "$(part ENVIRONMENT |
	sed -n 's/^\.\(It \)\?Ev \([A-Z_]*\).*/\2/p' | sort -u)"
for file in $(part FILES | sed -n 's/^\.It Pa \([^ ]*\)$/\1/p'); do
	check "a file that the sources know: $file" \
		grep -rqIF --exclude-dir=man "${file%/\**}" ../../cli
done
same "pages that the README links" "$(cd ../.. && ls Documentation/*.rst)" \
	"$(grep -oE '\]\(Documentation/[^)]*\.rst\)' ../../README.md |
	   tr -d '](),' | sort)"
same "cases that security.rst names and that no test has" "" "$(unproved)"
ktap_end
