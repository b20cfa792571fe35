# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# The words that the command line tool knows, from its own messages, one a line
# and sorted. Sourced by tests in host/, not run. Nothing here asks the kernel.

program=../../cli/gretun
readonly PLAN=(212.25.240.34 217.154.12.2 10.1.12.36/30)

# one_of ARG...: the words that would be right in the place of the last one.
one_of()
{
	"$program" "$@" 2>&1 | sed -n 's/.*[Ii]t is one of: //p' |
		sed 's/, /\n/g' | sort
}

# choices ARG...: the words that can follow the last one, besides numbers, names
# and addresses.
choices()
{
	local said

	said=$("$program" "$@" 2>&1)
	[[ $said != *'it must follow encap'* ]] ||
		said=$("$program" "${@:1:$#-1}" encap udp "${@: -1}" 2>&1)
	sed -n 's/.*: its value is missing; it takes //p' <<< "$said" |
		sed 's/,\? or /\n/g; s/, /\n/g' | grep -xE '[a-z]+6?' | sort
}

# words_of COMMAND: the words of add or set.
words_of()
{
	one_of "$1" t1 no-such-word
}

# words_of_plan: those of add that plan does not refuse.
words_of_plan()
{
	local word

	for word in $(words_of add); do
		"$program" plan "${PLAN[@]}" "$word" 2>&1 |
			grep -q ': not for plan' || echo "$word"
	done
}

# flags [COMMAND]: the words of the help that begin with two dashes, of all
# commands or of one.
flags()
{
	"$program" --help | grep -E "^ .*${1+gretun $1\>}" |
		grep -oE -- '--[a-z][a-z-]*' | sort -u
}

# systems: those that peer and plan write for.
systems()
{
	one_of plan "${PLAN[@]}" --as no-such-system
}
