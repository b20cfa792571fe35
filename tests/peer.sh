#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# What gretun says of the other end, done there: with the kernel's own tunnels and
# with gretun. peer6.sh is the same over IPv6, with the outer addresses of lib.sh.
#
#   left gre1 10.1.12.37/30 ===== gre1, as the commands make it, right
#             fd12::1/126
#   eth0 212.25.240.34/30 -- .33 router .1 -- eth0 217.154.12.2/30

set -u
cd "${BASH_SOURCE[0]%/*}" || exit
# shellcheck source-path=SCRIPTDIR source=lib.sh
. ./lib.sh

readonly MTU=$((1500 - OVERHEAD))

# here [OPTION...]: this end.
here()
{
	gretun -n "$left" add gre1 local "$LEFT" remote "$RIGHT" \
		address "$LEFT_INNER/30" address fd12::1/126 "$@"
}

# there SYSTEM: make the other end with the commands for it.
there()
{
	gretun -n "$left" peer gre1 --as "$1" > "$tmp/script" || return
	cat "$tmp/script"
	ip netns exec "$right" sh -eu "$tmp/script"
}

# gone: neither end is there any more.
gone()
{
	gretun -n "$left" del gre1
	ip -n "$right" link del gre1
}

# crosses BYTES: packets go both ways, IPv6, and IPv4 as long as BYTES.
crosses()
{
	pings "$left" fd12::2 && pings "$right" fd12::1 &&
		pings "$right" "$LEFT_INNER" -M "do" -s $(($1 - 28)) &&
		pings "$left" "$RIGHT_INNER" -M "do" -s $(($1 - 28))
}

# mirrored: each end says of the other what that one says of itself.
mirrored()
{
	gretun -n "$left" -j peer gre1 > "$tmp/left" &&
		gretun -n "$right" -j peer gre1 > "$tmp/right" || return
	cat "$tmp/left" "$tmp/right"
	jq -es 'map(map(del(.end))) | .[0] == (.[1] | reverse)' \
		"$tmp/left" "$tmp/right"
}

# kind: of the device at the other end.
kind()
{
	ip -n "$right" -d -j link show gre1 | jq -r '.[0].linkinfo.info_kind'
}

# try TEXT MTU [OPTION...]: a tunnel of these options, with each system there.
try()
{
	local text=$1 mtu=$2 system

	shift 2
	for system in iproute2 gretun; do
		check "$text: this end" here "$@"
		check "$text: the other end, $system" there "$system"
		if [[ $system == gretun ]]; then
			check "$text: the mirror of the mirror" mirrored
		else
			same "$text: it is the kernel's own" "$OTHER_KIND" \
				"$(kind)"
		fi
		check "$text: packets cross, $system" crosses "$mtu"
		gone
	done
}

begin
modprobe "$OTHER_MODULE" || skip_all "$OTHER_MODULE is not there"
two_hosts
for ns in "$left" "$right"; do
	ip netns exec "$ns" sysctl -qw net.ipv6.conf.default.disable_ipv6=0
done
try "plain" "$MTU"
try "key" $((MTU - 4)) key 7
try "key 0" $((MTU - 4)) key 0
try "checksum and sequence numbers" $((MTU - 8)) csum on seq on
try "a key for each way" $((MTU - 4)) ikey 5 okey 0xfffffffe
try "a key one way" $((MTU - 4)) ikey 5
try "all at once" $((MTU - 12)) ikey 5 okey 6 csum on seq on tos 0x28 ttl 9
try "an MTU of its own" 1300 mtu 1300
if [[ $UNDERLAY == ipv4 ]]; then
	try "DF set" "$MTU" df set
	try "DF clear" "$MTU" df clear
	try "TOS of the inner packet" "$MTU" tos inherit
else
	try "encapsulation limit" $((MTU - 8)) encaplimit 3 flowlabel 7
	try "flow label of the inner packet" "$MTU" flowlabel inherit tos inherit
fi

# There is no other end.
here mtu auto
gretun -n "$left" set gre1 remote any
gretun -n "$left" peer gre1 > "$tmp/out" 2> "$tmp/err"
same "remote any: refused" 1 $?
same "remote any: no commands" "" "$(< "$tmp/out")"
check "remote any: why" grep -q 'gretun: gre1: remote any names no other end' \
	"$tmp/err"
gretun -n "$left" del gre1
gretun -n "$left" add gre1 external
gretun -n "$left" peer gre1 > "$tmp/out" 2> "$tmp/err"
same "external: refused" 1 $?
check "external: why" grep -q 'gretun: gre1: an external device' "$tmp/err"
gretun -n "$left" del gre1
gretun -n "$left" peer gre9 > "$tmp/out" 2> "$tmp/err"
same "no tunnel: refused" 1 $?
check "no tunnel: why" grep -q 'gretun: gre9: ' "$tmp/err"

# A name is that of a tunnel, then that of a file.
file=/etc/gretun/peer-$$.netdev
made=$(mkdir /etc/gretun 2> /dev/null && echo yes)
printf '[NetDev]\nName=peer-%s\nKind=gretun\n[Tunnel]\nLocal=%s\nRemote=%s\nTTL=9\n' \
	$$ "$LEFT" "$RIGHT" > "$file"
same "a name of a file" '["'"$RIGHT"'",9]' \
	"$(gretun -n "$left" -j peer "peer-$$" | jq -c '.[1]|[.local,.ttl]')"
gretun -n "$left" add "peer-$$" local "$LEFT" remote "$RIGHT" ttl 8
same "the tunnel comes before the file" 8 \
	"$(gretun -n "$left" -j peer "peer-$$" | jq '.[1].ttl')"
gretun -n "$left" del "peer-$$"
rm "$file"
[[ ! $made ]] || rmdir /etc/gretun

# The MTU in force is that of the underlay, and so is what is said of it.
ip -n "$left" link set eth0 mtu 1400
here mtu auto
same "the MTU in force" $((1400 - OVERHEAD)) \
	"$(gretun -n "$left" peer gre1 --as openbsd | sed -n 's/^ifconfig .* mtu //p')"
gretun -n "$left" del gre1
end
