#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# gretun-update: by hand, and as the forced command of a real sshd, in a network
# namespace of its own. The gretun beside it writes down what it is told.

set -u
cd "${BASH_SOURCE[0]%/*}" || exit
# shellcheck source-path=SCRIPTDIR source=../ktap.sh
. ../ktap.sh

# What only root may make: networks, and an sshd.
if ((EUID == 0)) && [[ ! ${GRETUN_TEST_INSIDE-} ]]; then
	# From inside there is no way to the archive.
	../../scripts/fetched sshd > /dev/null
	GRETUN_TEST_INSIDE=y exec unshare -mn bash "./${0##*/}"
fi

readonly SERVER=192.0.2.1 SERVER6=2001:db8::1 PORT=2222
readonly FROM=198.51.100.7 ELSEWHERE=198.51.100.8 FROM6=2001:db8:7::7

tmp=$(mktemp -d) || exit
sshd=
trap '[[ ! $sshd ]] || kill "$sshd"; rm -rf "$tmp"' EXIT

# program: gretun-update, and a gretun that has gre1, gre6 over IPv6, any1 with
# remote any and ext1, which is external. What is set is in remote-NAME.
program()
{
	mkdir "$tmp/sbin"
	cp ../../cli/gretun-update "$tmp/sbin"
	cat > "$tmp/sbin/gretun" <<- END
	#!/bin/sh
	echo "\$*" >> $tmp/calls
	if [ "\$1" = set ]; then
		[ ! -e $tmp/refuse ] || exit 1
		echo "\$4" > "$tmp/remote-\$2"
		exit
	fi
	local='"192.0.2.1"' remote=null
	case \$3 in
	gre1 | any1) remote="\\"\$(cat "$tmp/remote-\$3")\\"" ;;
	gre6) local='"2001:db8::1"' remote="\\"\$(cat "$tmp/remote-\$3")\\"" ;;
	ext1) local=null ;;
	*) echo "gretun: \$3: there is no such tunnel" >&2; exit 1 ;;
	esac
	echo "[{\\"ifname\\":\\"\$3\\",\\"ifindex\\":4,\\"external\\":false,\\"local\\":\$local,\\"remote\\":\$remote,\\"dev\\":null,\\"addresses\\":[{\\"family\\":\\"inet\\",\\"local\\":\\"10.1.12.38\\"}]}]"
	END
	chmod 755 "$tmp/sbin/gretun"
	echo any > "$tmp/remote-any1"
	forget
}

# forget: the tunnels are as they were, and nobody was called.
forget()
{
	echo 192.0.2.9 > "$tmp/remote-gre1"
	echo 2001:db8::9 > "$tmp/remote-gre6"
	: > "$tmp/calls"
}

# sets: what gretun was told to set since forget.
sets()
{
	grep '^set' "$tmp/calls"
}

# by_hand TEXT STATUS SAYS SETS CONNECTION WORD...: gretun-update WORDs, called
# from an address, ends with STATUS, says SAYS, and calls SETS.
by_hand()
{
	local text=$1 wanted=$2 says=$3 sets=$4 connection=$5 said status=0

	shift 5
	said=$(SSH_CONNECTION=$connection "$tmp/sbin/gretun-update" "$@" 2>&1) ||
		status=$?
	same "$text: status, what is set" "$wanted $sets" "$status $(sets)"
	check "$text: says so" grep -qF -- "$says" <<< "$said"
	forget
}

words()
{
	local end="40000 $SERVER 22"

	by_hand "an address" 0 "gre1: remote 192.0.2.9 -> $FROM" \
		"set gre1 remote $FROM" "$FROM $end" gre1
	by_hand "the same address" 0 "gre1: remote is 192.0.2.9 already" '' \
		"192.0.2.9 $end" gre1
	by_hand "an address of IPv4 in IPv6" 0 "-> $FROM" \
		"set gre1 remote $FROM" "::ffff:$FROM $end" gre1
	by_hand "IPv6" 0 "gre6: remote 2001:db8::9 -> $FROM6" \
		"set gre6 remote $FROM6" "$FROM6 $end" gre6
	by_hand "from any to one" 0 "any1: remote any -> $FROM" \
		"set any1 remote $FROM" "$FROM $end" any1
	by_hand "IPv6 to a tunnel over IPv4" 1 "gre1 is over IPv4" '' \
		"$FROM6 $end" gre1
	by_hand "IPv4 to a tunnel over IPv6" 1 "gre6 is over IPv6" '' \
		"::ffff:$FROM $end" gre6
	by_hand "an external device" 1 "ext1 has no remote address" '' \
		"$FROM $end" ext1
	by_hand "no such tunnel" 1 "no such tunnel" '' "$FROM $end" gre9
	by_hand "no sshd" 1 "SSH_CONNECTION is not set" '' '' gre1
	by_hand "no address" 1 "'UNKNOWN' is not an address" '' \
		"UNKNOWN 65535 UNKNOWN 65535" gre1
	by_hand "an address of one link" 1 "is not an address" '' \
		"fe80::1%eth0 $end" gre6
	by_hand "words in it" 1 "is not an address" '' \
		"\$(touch\${IFS}$tmp/taken) $end" gre1
	by_hand "no name" 2 "the name of one tunnel" '' "$FROM $end"
	by_hand "two names" 2 "the name of one tunnel" '' "$FROM $end" gre1 gre6
	by_hand "an option" 2 "'-j' is not the name" '' "$FROM $end" -j
	by_hand "an empty name" 2 "'' is not the name" '' "$FROM $end" ''
	touch "$tmp/refuse"
	by_hand "gretun refuses" 1 '' "set gre1 remote $FROM" "$FROM $end" gre1
	rm "$tmp/refuse"
	SSH_ORIGINAL_COMMAND="gretun show" by_hand "a command" 2 \
		"no command is taken" '' "$FROM $end" gre1
	check "nothing else was called" test ! -e "$tmp/taken"
}

# network: the addresses of both ends, on one host.
network()
{
	local address

	ip link set lo up || return
	for address in "$SERVER/32" "$FROM/32" "$ELSEWHERE/32" \
		"$SERVER6/128" "$FROM6/128"; do
		ip addr add "$address" dev lo || return
	done
}

# start_sshd: for root, with a key for gre1 and one for gre6. It is this mount
# namespace alone that has its folder and its user.
start_sshd()
{
	local program key

	program=$(../../scripts/fetched sshd) || return
	mount -t tmpfs none /run && mkdir -m 755 /run/sshd || return
	sed '/^sshd:/d' /etc/passwd > "$tmp/passwd"
	echo 'sshd:x:65533:65534::/run/sshd:/usr/sbin/nologin' >> "$tmp/passwd"
	mount --bind "$tmp/passwd" /etc/passwd || return
	for key in host gre1 gre6 other; do
		ssh-keygen -q -t ed25519 -N '' -f "$tmp/$key" || return
	done
	for key in gre1 gre6; do
		echo "restrict,command=\"$tmp/sbin/gretun-update $key\"" \
			"$(< "$tmp/$key.pub")"
	done > "$tmp/keys"
	cat > "$tmp/config" <<- END
	Port $PORT
	HostKey $tmp/host
	PidFile none
	AuthorizedKeysFile $tmp/keys
	StrictModes no
	UsePAM no
	PasswordAuthentication no
	PermitRootLogin forced-commands-only
	Subsystem sftp internal-sftp
	END
	# It starts itself anew for each caller.
	export LD_LIBRARY_PATH=${program%/*}
	"$program" -D -e -f "$tmp/config" > "$tmp/log" 2>&1 &
	sshd=$!
	unset LD_LIBRARY_PATH
	wait_for 20 grep -q 'Server listening on ::' "$tmp/log"
}

# call TEXT STATUS SAYS SETS KEY FROM [OPTION...]: the holder of KEY connects from
# an address. OPTIONs are ssh's, and words after the host if they come after --.
call()
{
	local text=$1 wanted=$2 says=$3 sets=$4 key=$5 from=$6 status=0
	local server=$SERVER said
	local -a options=()

	shift 6
	[[ $from != *:* ]] || server=$SERVER6
	while (($#)) && [[ $1 != -- ]]; do
		options+=("$1")
		shift
	done
	said=$(timeout 30 ssh -F none -p "$PORT" -i "$tmp/$key" -b "$from" \
		-o IdentitiesOnly=yes -o IdentityAgent=none -o BatchMode=yes \
		-o StrictHostKeyChecking=accept-new \
		-o UserKnownHostsFile="$tmp/known" -o LogLevel=INFO \
		"${options[@]}" root@"$server" "${@:2}" \
		< /dev/null 2>&1) || status=$?
	same "sshd: $text: status, what is set" "$wanted $sets" \
		"$status $(sets)"
	check "sshd: $text: says so" grep -F -- "$says" <<< "$said"
	forget
}

callers()
{
	local set="set gre1 remote $FROM"

	call "an address" 0 "gre1: remote 192.0.2.9 -> $FROM" "$set" gre1 "$FROM"
	call "another" 0 "-> $ELSEWHERE" "set gre1 remote $ELSEWHERE" \
		gre1 "$ELSEWHERE"
	echo "$FROM" > "$tmp/remote-gre1"
	call "the same" 0 "gre1: remote is $FROM already" '' gre1 "$FROM"
	call "IPv6, and the key of another tunnel" 0 \
		"gre6: remote 2001:db8::9 -> $FROM6" "set gre6 remote $FROM6" \
		gre6 "$FROM6"
	call "IPv6 to a tunnel over IPv4" 1 "ssh -4" '' gre1 "$FROM6"
	call "a command" 2 "no command is taken" '' gre1 "$FROM" -- \
		gretun del --all
	call "a subsystem" 2 '' '' gre1 "$FROM" -s -- sftp
	call "another address in the environment" 0 "-> $FROM" "$set" gre1 \
		"$FROM" -o SetEnv='SSH_CONNECTION=203.0.113.1'
	call "a port of the server" 255 "remote port forwarding failed" '' gre1 \
		"$FROM" -N -o ExitOnForwardFailure=yes -R 9999:127.0.0.1:22
	call "another key" 255 "Permission denied" '' other "$FROM"
}

echo 'TAP version 13'
program
if ((EUID == 0)); then
	check "a network" network
	words
	if start_sshd > "$tmp/log" 2>&1; then
		ok "sshd starts"
		callers
	else
		not_ok "sshd starts" < "$tmp/log"
	fi
else
	words
	printf 'ok %s # SKIP sshd needs root\n' "$((++ktap_count))"
fi
ktap_end
