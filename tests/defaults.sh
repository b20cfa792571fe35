#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# What new tunnels of a namespace are like, and whether there may be any; and two
# ends that were set up for the MTUs of other systems.
#
#   left gre1 10.1.12.37/30 ======================= gre1 10.1.12.38/30 right
#   eth0 212.25.240.34/30 --- .33 router .1 --- eth0 217.154.12.2/30
#   default_mtu 1450, as NetBSD has it              1476, as FreeBSD has it

set -u
cd "${BASH_SOURCE[0]%/*}" || exit
# shellcheck source-path=SCRIPTDIR source=lib.sh
. ./lib.sh

# add NAME [OPTION...]: a tunnel of left, for which there is nobody.
add()
{
	local name=$1

	shift
	gretun -n "$left" add "$name" local "$LEFT" remote 192.0.2.9 "$@"
}

# set_at NS NAME VALUE: by sysctl.
set_at()
{
	ip netns exec "$1" sysctl -qw "net.gretun.$2=$3"
}

# sysctls NS: all there are.
sysctls()
{
	ip netns exec "$1" sysctl -n net.gretun.default_ttl net.gretun.default_mtu \
		net.gretun.allow | paste -sd ' '
}

# defaults NS: what the tool says.
defaults()
{
	gretun -n "$1" -j defaults | jq -c '.[0] | [.default_ttl, .default_mtu, .allow]'
}

# is NAME FILTER WANTED: what left's tunnel is set to.
is()
{
	same "$1: $2" "$3" "$(gretun -n "$left" -j show "$1" | jq -c ".[0]|$2")"
}

# fails COMMAND...: it does, and nothing is another default then.
fails()
{
	local before

	before=$(sysctls "$left")
	! "$@" || return
	[[ $(sysctls "$left") == "$before" ]]
}

# says TEXT COMMAND...: it fails, and says that.
says()
{
	local text=$1 out

	shift
	! out=$("$@" 2>&1) || return
	echo "$out"
	[[ $out == *"$text"* ]]
}

# nobody COMMAND...: as a user without privileges, in left.
nobody()
{
	on_left setpriv --reuid 65534 --regid 65534 --clear-groups "$@"
}

# own SCRIPT: by such a user, who is root of a namespace of his own.
own()
{
	setpriv --reuid 65534 --regid 65534 --clear-groups \
		unshare --user --map-root-user --net sh -ec "$1"
}

# crosses: packets of all lengths that either end sends, and TCP.
crosses()
{
	local length

	for length in 1450 1476; do
		check "$length bytes to right" \
			pings "$left" "$RIGHT_INNER" -M dont -s $((length - 28))
		check "$length bytes to left" \
			pings "$right" "$LEFT_INNER" -M dont -s $((length - 28))
	done
	check "1450 bytes to right, not to be cut" \
		pings "$left" "$RIGHT_INNER" -M "do" -s $((1450 - 28))
	check "1476 bytes to left, not to be cut" \
		pings "$right" "$LEFT_INNER" -M "do" -s $((1476 - 28))
	check "a sender at left is told of 1450" \
		told "$left" 1450 -M "do" -s $((1476 - 28)) "$RIGHT_INNER"
	check "TCP to right" transfer "$left" "$right" "$RIGHT_INNER"
	check "TCP to left" transfer "$right" "$left" "$LEFT_INNER"
}

# transfer FROM TO ADDRESS: the file crosses unharmed.
transfer()
{
	local sum

	sum=$(sha256sum < "$tmp/file")
	[[ $(/usr/bin/python3 interop.py "$@" "$tmp/file") == "${sum%% *}" ]]
}

begin
for tool in setpriv unshare; do
	[[ $(type -P "$tool") ]] || skip_all "$tool is not installed"
done
two_hosts
for ns in "$left" "$right"; do
	same "${ns%-*}: what sysctl says at first" "64 0 1" "$(sysctls "$ns")"
	same "${ns%-*}: what the tool says" "[64,0,true]" "$(defaults "$ns")"
done

# Each by both ways, and seen both ways.
check "sysctl sets the TTL" set_at "$left" default_ttl 33
same "and the tool sees that" "[33,0,true]" "$(defaults "$left")"
check "the tool sets the MTU" gretun -n "$left" defaults default_mtu 1450
same "and sysctl sees that" "33 1450 1" "$(sysctls "$left")"
same "the other namespace has its own" "64 0 1" "$(sysctls "$right")"
add one
is one '[.ttl, .mtu, .mtu_auto]' '[33,1450,false]'
add two ttl 9 mtu 1300 key 2
is two '[.ttl, .mtu, .mtu_auto]' '[9,1300,false]'
add three mtu auto key 3
is three '[.ttl, .mtu, .mtu_auto]' '[33,1472,true]'
gretun -n "$left" add four local "$LEFT2" external
is four '[.ttl, .mtu, .mtu_auto]' '[33,1450,false]'
gretun -n "$left" add five local 2001:db8::1 remote 2001:db8::2
is five '[.ttl, .mtu, .mtu_auto]' '[33,1450,false]'
gretun -n "$left" defaults default_ttl 255
gretun -n "$left" defaults default_mtu auto
is one '[.ttl, .mtu, .mtu_auto]' '[33,1450,false]'
gretun -n "$left" set one mtu auto
is one '[.ttl, .mtu, .mtu_auto]' '[33,1476,true]'
add six key 6
is six '[.ttl, .mtu, .mtu_auto]' '[255,1472,true]'

for value in default_ttl=0 default_ttl=256 default_ttl=-1 default_mtu=1 default_mtu=67 \
	default_mtu=65536 default_mtu=-1 allow=2 allow=-1; do
	check "sysctl refuses $value" fails set_at "$left" "${value%=*}" "${value#*=}"
	check "the tool refuses $value" fails \
		gretun -n "$left" defaults "${value%=*}" "${value#*=}"
done
for value in default_ttl=1 default_mtu=68 default_mtu=65535 allow=1; do
	check "sysctl takes $value" set_at "$left" "${value%=*}" "${value#*=}"
done
check "a tunnel that cannot have the MTU is refused" says "mtu" add seven key 7
gretun -n "$left" defaults default_mtu 0
check "anybody may read" nobody gretun defaults
check "nobody else may set" says "not permitted" nobody gretun defaults default_ttl 7
check "nor by sysctl" fails nobody sysctl -w net.gretun.default_ttl=7
check "root of a namespace may set his own" own \
	"gretun defaults default_ttl 7; sysctl -n net.gretun.default_ttl | grep -qx 7"
check "and by sysctl" own \
	"sysctl -qw net.gretun.allow=0; gretun -j defaults | grep -q '\"allow\": *false'"
same "which are his alone" "1 0 1" "$(sysctls "$left")"
gretun -n "$left" del --all

# No new ones.
set_at "$left" default_ttl 64
tunnel gre1
check "no new tunnels" gretun -n "$left" defaults allow 0
for words in "add no local $LEFT remote 192.0.2.9" "add no external" \
	"add no local 2001:db8::1 remote 2001:db8::2"; do
	# shellcheck disable=SC2086 # several words
	check "refuses $words" says "net.gretun.allow is 0" gretun -n "$left" $words
done
same "and makes none" '["gre1"]' \
	"$(gretun -n "$left" -j show | jq -c '[.[].ifname]')"
check "the one that is there goes on" pings "$left" "$RIGHT_INNER"
check "and can be changed" gretun -n "$left" set gre1 ttl 9 mtu 1400
check "and deleted" gretun -n "$left" del gre1
check "another namespace makes its own" gretun -n "$right" add free local "$RIGHT" \
	remote 192.0.2.9
check "and its devices may move here" ip -n "$right" link set free netns "$left"
gretun -n "$left" del free
check "a new one again" set_at "$left" allow 1
check "is made" add again
gretun -n "$left" del --all
gretun -n "$right" del --all

# Those two settings do not fit, and everything crosses all the same.
head -c $((1024 * 1024)) /dev/urandom > "$tmp/file"
set_at "$left" default_mtu 1450
set_at "$right" default_mtu 1476
tunnel gre1
is gre1 '[.mtu, .mtu_auto]' '[1450,false]'
crosses
end
