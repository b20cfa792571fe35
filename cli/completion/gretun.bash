# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# Completion of gretun's words for bash. All functions but the last one print
# words, one a line.

# Where tunnel files are, and what is there while the module is loaded.
_gretun_folder=/etc/gretun
_gretun_module=/sys/module/gretun

# These words.
_gretun_say()
{
	printf '%s\n' "$@"
}

# The words on stdin that are not among these.
_gretun_but()
{
	grep -vxFf <(_gretun_say "$@")
}

# The names of the tunnels there are, in the network namespace given if any.
# Asking would load the module, which a tab is no reason for.
_gretun_names()
{
	[[ -d $_gretun_module ]] || return 0
	gretun "$@" show 2> /dev/null | awk 'NR > 1 { print $1 }'
}

# The names of the tunnels that have a file.
_gretun_file_names()
{
	compgen -G "$_gretun_folder/*.netdev" | sed 's|.*/||; s|\.netdev$||'
}

# The paths of tunnel files and of folders that begin like this.
_gretun_paths()
{
	local path

	compgen -f -- "$1" | while IFS= read -r path; do
		[[ $path != *.netdev && ! -d $path ]] || _gretun_say "$path"
	done
}

# The names of all devices there.
_gretun_devices()
{
	ip "$@" -o link show 2> /dev/null | awk -F '[:@ ]+' '{ print $2 }'
}

# What can follow a word that has a value, in a network namespace if one is
# given. Fails if the word has none.
_gretun_values()
{
	case $1 in
	csum | seq | fastpath | mss-clamp | keepalive) _gretun_say on off ;;
	df) _gretun_say copy set clear ;;
	tos) _gretun_say inherit ;;
	mtu) _gretun_say auto ;;
	local) _gretun_say dev ;;
	remote) _gretun_say any any6 ;;
	encap) _gretun_say udp none ;;
	source-port) _gretun_say flow ;;
	flowlabel) _gretun_say auto inherit ;;
	key | ikey | okey | encaplimit | keepalive-secret-file) _gretun_say none ;;
	dev)
		_gretun_devices "${@:2}"
		_gretun_say none
		;;
	port | ttl | fwmark | address | peer | --name) ;;
	--as)
		_gretun_say gretun iproute2 networkd freebsd netbsd openbsd \
			ios routeros vyos
		;;
	*) return 1 ;;
	esac
}

# The words of add, set or plan that are not there yet, and go with those that
# are.
_gretun_options()
{
	local command=$1 word
	local by_packet='remote|tos|key|ikey|okey|csum|seq|keepalive|keepalive-secret-file'

	shift
	# This one is no word of its own.
	local given=" $* "
	given=${given/ local dev / local }
	for word in external local remote dev encap port source-port ttl tos key \
		ikey okey csum seq df flowlabel encaplimit mtu fwmark fastpath \
		mss-clamp keepalive keepalive-secret-file \
		address peer down; do
		case $command:$word in
		set:address | set:peer | set:down | set:external) continue ;;
		plan:local | plan:remote | plan:dev | plan:fwmark | \
			plan:fastpath | plan:down | plan:external) continue ;;
		*:address | *:peer) ;;
		*) [[ $given != *" $word "* ]] || continue ;;
		esac
		[[ " $* " != *' external '* || ! $word =~ ^($by_packet)$ ]] ||
			continue
		[[ $word != external || ! " $* " =~ \ ($by_packet)\  ]] ||
			continue
		_gretun_say "$word"
	done
}

# The words that can follow these, of which the first is the command.
_gretun_follow()
{
	local command=$1 last=${*: -1}

	case $command:$# in
	add:1 | monitor:* | metrics:* | version:*) ;;
	set:1 | show:1 | check:1) _gretun_names "${netns[@]}" ;;
	add:* | set:*)
		if [[ ${*: -2:1} == local && $last == dev ]]; then
			_gretun_devices "${netns[@]}"
			return
		fi
		_gretun_values "$last" "${netns[@]}" ||
			_gretun_options "$command" "${@:3}"
		;;
	del:*)
		(($# > 1)) || _gretun_say --all
		[[ " $* " == *' --all '* ]] ||
			_gretun_names "${netns[@]}" | _gretun_but "$@"
		;;
	stats:1 | stats:2)
		_gretun_say --explain | _gretun_but "$@"
		[[ $last != stats && $last != --explain ]] ||
			_gretun_names "${netns[@]}"
		;;
	up:* | down:* | apply:* | resolve:*)
		_gretun_file_names | _gretun_but "$@"
		[[ $command != apply ]] ||
			_gretun_say --dry-run --prune | _gretun_but "$@"
		;;
	peer:1)
		{
			_gretun_names "${netns[@]}"
			_gretun_file_names
		} | sort -u
		;;
	peer:*)
		_gretun_values "$last" ||
			_gretun_say --as --table | _gretun_but "$@"
		;;
	plan:1 | plan:2 | plan:3) ;;
	plan:*)
		_gretun_values "$last" || {
			_gretun_options plan "${@:5}"
			_gretun_say --name --as --table | _gretun_but "$@"
		}
		;;
	defaults:1) _gretun_say default_ttl default_mtu allow ;;
	defaults:2)
		case $last in
		default_mtu) _gretun_say auto ;;
		allow) _gretun_say 0 1 ;;
		esac
		;;
	esac
}

_gretun()
{
	local current=${COMP_WORDS[COMP_CWORD]} i=1 word
	local -a netns=() before=() words=()

	while ((i < COMP_CWORD)) && [[ ${COMP_WORDS[i]} == -* ]]; do
		if [[ ${COMP_WORDS[i]} == -n ]]; then
			netns=(-n "${COMP_WORDS[i + 1]}")
			((++i))
		fi
		((++i))
	done
	((i >= COMP_CWORD)) ||
		before=("${COMP_WORDS[@]:i:COMP_CWORD - i}")

	if ((i > COMP_CWORD)); then
		mapfile -t words < <(ip netns list 2> /dev/null |
			awk '{ print $1 }')
	elif ((${#before[@]})); then
		mapfile -t words < <(_gretun_follow "${before[@]}")
	elif [[ $current == -* ]]; then
		words=(-j -n -h --help)
	else
		words=(add set del show stats monitor check up down apply
			resolve peer plan metrics defaults version)
	fi
	COMPREPLY=()
	for word in "${words[@]}"; do
		[[ $word != "$current"* ]] || COMPREPLY+=("$word")
	done
	if [[ ${before[*]: -1} == keepalive-secret-file ]]; then
		mapfile -t -O "${#COMPREPLY[@]}" COMPREPLY \
			< <(compgen -f -- "$current")
		! compopt -o filenames 2> /dev/null || :
	fi
	case ${before[0]}:${#before[@]} in
	up:* | down:* | apply:* | resolve:* | peer:1)
		mapfile -t -O "${#COMPREPLY[@]}" COMPREPLY \
			< <(_gretun_paths "$current")
		# So that a folder ends in a slash, and a space is quoted.
		! compopt -o filenames 2> /dev/null || :
		;;
	esac
}

complete -F _gretun gretun
