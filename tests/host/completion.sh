#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# What bash, zsh and fish offer for a command line that is begun, beside what the
# program says it takes. The shells get a gretun and an ip of the test's own, so
# it needs no tunnels and no root.

set -u
cd "${BASH_SOURCE[0]%/*}" || exit
# shellcheck source-path=SCRIPTDIR source=../ktap.sh
. ../ktap.sh
# shellcheck source-path=SCRIPTDIR source=../words_lib.sh
. ../words_lib.sh

readonly COMPLETION=$PWD/../../cli/completion
# The name of a tunnel file, which must not be taken for a command.
# shellcheck disable=SC2016
readonly ODD='$(touch${IFS}taken).netdev'

tmp=$(mktemp -d) || exit
trap 'rm -rf "$tmp"' EXIT

# in_bash: for each command line on stdin, the words that can come next in a line,
# sorted. So do the others.
in_bash()
{
	bash --norc "$tmp/drive.bash"
}

in_zsh()
{
	zsh -f "$tmp/drive.zsh"
}

in_fish()
{
	HOME=$tmp fish --no-config "$tmp/drive.fish"
}

# drivers: the programs that these run.
drivers()
{
	cat > "$tmp/common" <<- EOF
	_gretun_folder=$tmp/etc
	_gretun_module=$tmp/module
	EOF
	cat > "$tmp/drive.bash" <<- EOF
	. "$COMPLETION/gretun.bash"
	. "$tmp/common"
	cd "$tmp/here"
	while IFS= read -r line; do
		read -ra COMP_WORDS <<< "\$line"
		[[ \$line != *' ' ]] || COMP_WORDS+=('')
		COMP_CWORD=\$((\${#COMP_WORDS[@]} - 1))
		COMPREPLY=()
		_gretun
		printf '%s\n' "\${COMPREPLY[@]}" | sort | paste -sd ' '
	done
	EOF
	# A shell at a terminal of its own, with a key that writes down what the
	# widget of completion adds. What looks for matches alone (-O, -A, -D)
	# adds none.
	cat > "$tmp/setup.zsh" <<- EOF
	PS1= PS2=
	fpath=("$COMPLETION" \$fpath)
	autoload -Uz compinit
	compinit -D -u
	. "$tmp/common"
	cd "$tmp/here"
	compadd()
	{
		local -a found

		if [[ "\${@[1,(i)(-|--)]}" != *-[OAD]* ]]; then
			builtin compadd -O found "\$@"
			offered+=(\$found)
		fi
		builtin compadd "\$@"
	}
	write_down()
	{
		local -aU offered

		_main_complete
		print -r -- \${(o)offered} > "$tmp/offered.part"
		mv "$tmp/offered.part" "$tmp/offered"
		compstate[insert]= compstate[list]=
	}
	zle -C write-down complete-word write_down
	bindkey '^Xw' write-down
	print ready > "$tmp/offered"
	EOF
	cat > "$tmp/drive.zsh" <<- EOF
	zmodload zsh/zpty
	answer()
	{
		local output
		integer end=\$((SECONDS + 30))

		until [[ -e "$tmp/offered" ]]; do
			zpty -rt shell output || sleep 0.02
			(( SECONDS < end )) || { print 'no answer'; return }
		done
		cat "$tmp/offered"
		rm "$tmp/offered"
	}
	rm -f "$tmp/offered"
	zpty shell zsh -f -i
	zpty -w shell ". $tmp/setup.zsh"
	answer > /dev/null
	while IFS= read -r line; do
		zpty -wn shell "\$line"\$'\C-Xw'
		answer
		zpty -wn shell \$'\C-U'
	done
	zpty -d shell
	EOF
	cat > "$tmp/drive.fish" <<- EOF
	source "$COMPLETION/gretun.fish"
	set __gretun_folder "$tmp/etc"
	set __gretun_module "$tmp/module"
	cd "$tmp/here"
	while read -l line
		echo (complete -C \$line | string replace -r '\t.*' '' | sort)
	end
	EOF
}

# asks TEXT LINE WANTED...: a case for each shell: LINE is offered WANTED.
lines=() texts=() wanted=()
asks()
{
	texts+=("$1")
	lines+=("$2")
	wanted+=("$(printf '%s\n' "${@:3}" | sort -u | paste -sd ' ')")
}

# plain: without quotes, the folders that paths begin with, and the slashes of
# folders, as the shells keep these in different places.
plain()
{
	sed -E 's|\\||g; s|[^ ]*/([^ /])|\1|g; s|/( \|$)|\1|g' |
		while read -ra words; do
			printf '%s\n' "${words[@]}" | sort -u | paste -sd ' '
		done
}

# compare SHELL: the cases of asks, in one shell.
compare()
{
	local -a offered
	local i

	if [[ ! $(type -P "$1") ]]; then
		printf 'ok %s # SKIP %s is not installed\n' \
			"$((++ktap_count))" "$1"
		return
	fi
	mapfile -t offered < <(printf '%s\n' "${lines[@]}" | "in_$1" 2>&1 | plain)
	for i in "${!lines[@]}"; do
		same "$1: ${texts[i]}" "$(plain <<< "${wanted[i]}")" \
			"${offered[i]-}"
	done
	lines=() texts=() wanted=()
}

# ask_words: everything that the program takes is offered, and nothing else.
ask_words()
{
	local command word

	mapfile -t commands < <(one_of no-such-command)
	asks "commands" 'gretun ' "${commands[@]}"
	asks "no word twice" 'gretun version '
	asks "options" 'gretun -' -j -n -h --help
	for command in add set; do
		mapfile -t words < <(words_of "$command")
		asks "words of $command" "gretun $command t1 " "${words[@]}"
		for word in "${words[@]}"; do
			# dev is offered devices too, peer follows an address.
			mapfile -t values < <(choices "$command" t1 "$word")
			case $word in
			external | down) continue ;;
			dev) values+=(lo eth0) ;;
			# Any file will do, whatever its name is.
			keepalive-secret-file)
				values+=("$tmp"/here/*)
				values=("${values[@]##*/}")
				;;
			esac
			asks "$command: values of $word" \
				"gretun $command t1 $word " "${values[@]}"
		done
	done
	for command in "${commands[@]}"; do
		mapfile -t values < <(flags "$command")
		# They have other words before.
		[[ $command != peer && $command != plan ]] || continue
		asks "$command: its options" "gretun $command --" "${values[@]}"
	done
	mapfile -t values < <(systems)
	asks "peer: systems" 'gretun peer t1 --as ' "${values[@]}"
	asks "plan: systems" "gretun plan ${PLAN[*]} --as " "${values[@]}"
	mapfile -t values < <(words_of_plan)
	asks "words of plan" "gretun plan ${PLAN[*]} " "${values[@]}" \
		--name --as --table
	mapfile -t values < <(flags plan)
	asks "plan: its options" "gretun plan ${PLAN[*]} --" "${values[@]}"
	mapfile -t values < <(flags peer)
	asks "peer: its options" 'gretun peer t1 --' "${values[@]}"
	mapfile -t values < <(one_of defaults no-such-default 1)
	asks "defaults" 'gretun defaults ' "${values[@]}"
	mapfile -t values < <(choices defaults default_mtu)
	asks "defaults: default_mtu" 'gretun defaults default_mtu ' "${values[@]}"
	asks "defaults: allow" 'gretun defaults allow ' 0 1
	asks "defaults: default_ttl" 'gretun defaults default_ttl '
}

# ask_fits: what is there already counts.
ask_fits()
{
	asks "a beginning" 'gretun s' set show stats
	asks "a beginning of a value" 'gretun add t1 df c' copy clear
	asks "the name of a new tunnel is not known" 'gretun add '
	asks "no word twice" 'gretun set t1 local 192.0.2.1 remote any ttl 9 tos 0 key 1 df set d' dev
	asks "dev after local: devices alone" 'gretun set t1 local dev ' lo eth0
	asks "and dev again after that" 'gretun set t1 local dev lo d' dev df
	asks "but address, and peer" 'gretun add t1 address 10.1.1.1/32 p' peer port
	asks "nothing that each packet brings for an external device" \
		'gretun add t1 external ' address dev df down encap \
		encaplimit fastpath flowlabel fwmark local mss-clamp mtu peer \
		port source-port ttl
	asks "no external with what it does not take" \
		'gretun add t1 key 1 e' encap encaplimit
	asks "stats: the option comes once" 'gretun stats --explain -'
	asks "apply: an option comes once" 'gretun apply --prune -' --dry-run
	asks "plan: what is there does not come again" \
		"gretun plan ${PLAN[*]} key 1 --as ios t" ttl tos
	asks "plan: an option comes once" \
		"gretun plan ${PLAN[*]} --as ios --name x --" --table
	asks "peer: an option comes once" 'gretun peer t1 --as ios --' --table
	asks "nothing after metrics" 'gretun metrics '
	asks "network namespaces" 'gretun -n ' red blue
	asks "a command after -n" 'gretun -n red st' stats
}

# ask_files: names and paths of tunnel files.
ask_files()
{
	local command

	for command in up down resolve; do
		asks "$command: files" "gretun $command " f1 f2 here.netdev \
			lab "$ODD"
		asks "$command: no name twice" "gretun $command f2 f" f1
	done
	asks "apply: files and options" "gretun apply " f1 f2 here.netdev lab \
		"$ODD" --dry-run --prune
	asks "a path" "gretun up $tmp/here/lab/i" in.netdev
	asks "peer: one file" "gretun peer f" f1 f2
	asks "peer: no second one" "gretun peer f1 f"
}

# ask_names: names of tunnels.
ask_names()
{
	asks "names: set" 'gretun set ' t1 t2
	asks "names: show" 'gretun show ' t1 t2
	asks "names: check" 'gretun check ' t1 t2
	asks "names: stats" 'gretun stats --explain ' t1 t2
	asks "names: no second one" 'gretun show t1 '
	asks "names: del" 'gretun del ' t1 t2 --all
	asks "names: del, another one" 'gretun del t1 ' t2
	asks "names: of one network namespace" 'gretun -n red show ' redt1 redt2
	asks "names: peer" 'gretun peer t' t1 t2
}

# programs: the gretun and the ip that the shells get. This gretun writes down
# that it was called.
programs()
{
	mkdir -p "$tmp/bin" || exit
	cat > "$tmp/bin/gretun" <<- END
	#!/bin/sh
	echo "\$*" >> $tmp/calls
	begin=
	[ "\$1" != -n ] || { begin=\$2; shift 2; }
	[ "\$1" = show ] || exit 1
	printf 'NAME LOCAL\n%st1 192.0.2.1\n%st2 192.0.2.1\n' \$begin \$begin
	END
	cat > "$tmp/bin/ip" <<- 'END'
	#!/bin/sh
	case $* in
	'netns list') printf 'red (id: 0)\nblue\n' ;;
	'-o link show') printf '1: lo: <UP> x\n2: eth0@if3: <UP> x\n' ;;
	esac
	END
	chmod 755 "$tmp/bin/gretun" "$tmp/bin/ip"
	export PATH=$tmp/bin:$PATH
}

echo 'TAP version 13'
drivers
programs
mkdir -p "$tmp/etc" "$tmp/here/lab"
touch "$tmp/etc/f1.netdev" "$tmp/etc/f2.netdev" "$tmp/etc/other.network" \
	"$tmp/here/here.netdev" "$tmp/here/here.txt" "$tmp/here/lab/in.netdev" \
	"$tmp/here/$ODD"
for shell in bash zsh fish; do
	rm -rf "$tmp/module" "$tmp/calls"
	ask_words
	ask_fits
	ask_files
	asks "no module, no names" 'gretun show '
	compare "$shell"
	check "$shell: a tab does not load the module" test ! -e "$tmp/calls"
	mkdir "$tmp/module"
	ask_names
	compare "$shell"
done
check "no name of a file was taken for a command" test ! -e "$tmp/here/taken"
ktap_end
