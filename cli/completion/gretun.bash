# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# Completion of gretun's words for bash.

# The names of the tunnels there are, in the network namespace given if any.
# Asking would load the module, which a tab is no reason for.
_gretun_names()
{
	[[ -d /sys/module/gretun ]] || return 0
	gretun "$@" show 2> /dev/null | awk 'NR > 1 { print $1 }'
}

# The names of all devices there.
_gretun_devices()
{
	ip "$@" -o link show 2> /dev/null | awk -F '[:@ ]+' '{ print $2 }'
}

# The words of add and set that are not there yet, and go with those that are.
_gretun_options()
{
	local command=$1 word
	local by_packet='remote|tos|key|ikey|okey|csum|seq'

	shift
	for word in external local remote dev ttl tos key ikey okey csum seq df \
		flowlabel encaplimit mtu fwmark fastpath mss-clamp address peer \
		down; do
		case $word in
		address | peer) [[ $command == add ]] || continue ;;
		down | external)
			[[ $command == add && " $* " != *" $word "* ]] || continue
			;;
		*) [[ " $* " != *" $word "* ]] || continue ;;
		esac
		[[ " $* " != *' external '* || ! $word =~ ^($by_packet)$ ]] ||
			continue
		[[ $word != external || ! " $* " =~ \ ($by_packet)\  ]] ||
			continue
		printf '%s\n' "$word"
	done
}

_gretun()
{
	local current=${COMP_WORDS[COMP_CWORD]} i=1 words=''
	local previous=${COMP_WORDS[COMP_CWORD - 1]}
	local -a netns=() before

	while ((i < COMP_CWORD)) && [[ ${COMP_WORDS[i]} == -* ]]; do
		if [[ ${COMP_WORDS[i]} == -n ]]; then
			netns=(-n "${COMP_WORDS[i + 1]}")
			((++i))
		fi
		((++i))
	done
	before=("${COMP_WORDS[@]:i:COMP_CWORD - i}")

	if [[ $previous == -n ]]; then
		words=$(ip netns list 2> /dev/null | awk '{ print $1 }')
	elif ((${#before[@]} == 0)); then
		words='add set del show stats monitor check defaults version'
		[[ $current != -* ]] || words='-j -n -h --help'
	else
		case ${before[0]}:$previous in
		del:*)
			words=$(_gretun_names "${netns[@]}" |
				grep -vxFf <(printf '%s\n' "${before[@]:1}"))
			((${#before[@]} > 1)) || words+=' --all'
			;;
		show:show | set:set | check:check)
			words=$(_gretun_names "${netns[@]}")
			;;
		stats:*)
			[[ " ${before[*]} " == *' --explain '* ]] ||
				words=--explain
			case "${before[*]}" in
			stats | 'stats --explain')
				words+=" $(_gretun_names "${netns[@]}")"
				;;
			esac
			;;
		defaults:defaults) words='default_ttl default_mtu allow' ;;
		defaults:default_mtu) words=auto ;;
		defaults:allow) words='0 1' ;;
		add:csum | add:seq | add:fastpath | add:mss-clamp | set:csum | \
			set:seq | set:fastpath | set:mss-clamp) words='on off' ;;
		add:df | set:df) words='copy set clear' ;;
		add:tos | set:tos) words=inherit ;;
		add:mtu | set:mtu) words=auto ;;
		add:remote | set:remote) words=any ;;
		add:flowlabel | set:flowlabel) words='auto inherit' ;;
		add:*key | set:*key | add:encaplimit | set:encaplimit) words=none ;;
		add:dev | set:dev) words="$(_gretun_devices "${netns[@]}") none" ;;
		add:add | add:local | add:ttl | add:fwmark | add:address | \
			add:peer | set:local | set:ttl | set:fwmark) ;;
		add:* | set:*)
			words=$(_gretun_options "${before[0]}" "${before[@]:2}")
			;;
		esac
	fi
	mapfile -t COMPREPLY < <(compgen -W "$words" -- "$current")
}

complete -F _gretun gretun
