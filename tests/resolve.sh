#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Peers by name: what gretun up and apply do with names, and gretun resolve when
# they stand for other addresses. The left has tunnel files and hosts of its own.
#
#   left gre1 10.1.12.37/30 ====================== gre1 10.1.12.38/30 right
#   eth0 212.25.240.34/30 -- .33 router .1 -- eth0 217.154.12.2/30
#                                             lo   198.51.100.2, where it moves

set -u
cd "${BASH_SOURCE[0]%/*}" || exit
# shellcheck source-path=SCRIPTDIR source=lib.sh
. ./lib.sh

if [[ $UNDERLAY == ipv6 ]]; then
	readonly MOVED=2001:db8:4::2 ELSEWHERE=2001:db8:5::9 HIDDEN=::
	readonly OTHER_LEFT=192.0.2.1 OTHER=192.0.2.9 FAMILY=6
else
	readonly MOVED=198.51.100.2 ELSEWHERE=192.0.2.9 HIDDEN=0.0.0.0
	readonly OTHER_LEFT=2001:db8:5::1 OTHER=2001:db8:5::9 FAMILY=4
fi

# left_etc: what the left sees in /etc, where ip netns mounts it.
left_etc()
{
	etc=/etc/netns/$left
	mkdir -p "$etc/gretun" /etc/gretun
	echo 'hosts: files' > "$etc/nsswitch.conf"
	echo 'multi on' > "$etc/host.conf"
	: > "$etc/hosts"
	touch /etc/nsswitch.conf /etc/host.conf /etc/hosts
	trap 'rm -rf "$etc"; cleanup' EXIT
}

# hosts NAME ADDRESS...: the addresses of a host; without them it is unknown.
hosts()
{
	local name=$1 address

	shift
	sed -i "/ $name\$/d" "$etc/hosts"
	for address; do
		echo "$address $name" >> "$etc/hosts"
	done
}

# file NAME REMOTE [LINE...]: its tunnel file, with lines for [Tunnel] first.
file()
{
	local name=$1 remote=$2

	shift 2
	printf '%s\n' '[NetDev]' "Name=$name" Kind=gretun '[Tunnel]' \
		"Local=$LEFT" "Remote=$remote" "$@" > "$etc/gretun/$name.netdev"
	chmod 600 "$etc/gretun/$name.netdev"
}

# does TEXT STATUS OUTPUT ARG...: gretun ARGs on the left ends with STATUS and
# says OUTPUT.
does()
{
	local text=$1 wanted=$2 output=$3 out status=0

	shift 3
	out=$(on_left gretun "$@" 2> "$tmp/err") || status=$?
	same "$text" "$wanted $output" "$status $out"
}

# says TEXT WORDS: a case that passes if the last message has them, or if there
# was none where WORDS is empty.
says()
{
	if [[ $2 ]]; then
		check "$1" grep -F -- "$2" "$tmp/err"
	else
		same "$1" '' "$(< "$tmp/err")"
	fi
}

# of NAME FILTER: of a tunnel of the left the value at the jq FILTER.
of()
{
	gretun -n "$left" -j show "$1" | jq -c ".[0]|$2"
}

# gone NAME: there is no such tunnel.
gone()
{
	! ip -n "$left" link show "$1" 2> /dev/null
}

# all_but_remote: what of gre1 must not change with its remote address.
all_but_remote()
{
	of gre1 'del(.remote)'
	# To a device, the remote address is where broadcasts go.
	ip -n "$left" -j addr show gre1 | jq -c 'map(del(.broadcast))'
	ip -n "$left" -j route show dev gre1
}

begin
two_hosts
left_etc
address "$right" lo "$MOVED/$HOST"
ip -n "$router" route add "$MOVED" via "$RIGHT"
gretun -n "$right" add gre1 local "$RIGHT" remote "$LEFT" \
	address "$RIGHT_INNER/30"
place=/etc/gretun/gre1.netdev:6
file gre1 right.example '[Network]' "Address=$LEFT_INNER/30" \
	'[Route]' Destination=10.9.0.0/16

# The network is not there yet, as at boot.
does "up, unknown" 1 '' up gre1
says "up, unknown: where" \
	"gretun: $place: Remote: no IPv$FAMILY address of right.example: "
says "up, unknown: what that means" "; the tunnel is not made"
check "up, unknown: no tunnel" gone gre1
hosts right.example "$OTHER"
does "up, an address of the other family" 1 '' up gre1
hosts right.example "$HIDDEN"
does "up, all zeros" 1 '' up gre1
says "up, all zeros: why not" "none that a host can have"
check "up, all zeros: no tunnel" gone gre1
does "resolve, no tunnel" 1 '' resolve gre1
says "resolve, no tunnel: what to do" "gretun up"
does "resolve of all, no tunnel" 0 '' resolve
says "resolve of all, no tunnel: no message" ''

# And now it is.
hosts right.example "$HIDDEN" "$OTHER" "$RIGHT"
does "up" 0 '' up gre1
says "up: no message" ''
same "up: the address" "\"$RIGHT\"" "$(of gre1 .remote)"
check "up: left pings right" pings "$left" "$RIGHT_INNER"
does "resolve: nothing has changed" 0 '' resolve
does "resolve -j: nothing has changed" 0 '[]' -j resolve
does "apply: nothing has changed" 0 '' apply

# The peer moves, while packets cross.
before=$(all_but_remote)
background ip netns exec "$left" ping -i 0.01 "$RIGHT_INNER" > "$tmp/flood"
flood=$!
sleep 0.3
hosts right.example "$MOVED"
does "apply --dry-run: what would change" 0 \
	"~ gre1 remote $RIGHT -> $MOVED" apply --dry-run
gretun -n "$right" set gre1 local "$MOVED"
does "resolve" 0 "~ gre1 remote $RIGHT -> $MOVED" resolve
says "resolve: no message" ''
check "resolve: left pings right" pings "$left" "$RIGHT_INNER"
kill -INT "$flood"
wait_for 10 grep -q 'packet loss' "$tmp/flood"
children=()
tail -n 2 "$tmp/flood"
check "resolve: few packets are lost" \
	grep -qE ' ([0-9]|[1-4][0-9])(\.[0-9]*)?% packet loss' "$tmp/flood"
same "resolve: all else stays" "$before" "$(all_but_remote)"
gretun -n "$left" set gre1 remote "$RIGHT" ttl 9
before=$(all_but_remote)
does "resolve -j" 0 \
	"[{\"change\":\"set\",\"ifname\":\"gre1\",\"option\":\"remote\",\"from\":\"$RIGHT\",\"to\":\"$MOVED\"}]" \
	-j resolve gre1
same "resolve: nothing else of the file is done" "$before" "$(all_but_remote)"

# A name with several addresses makes no tunnel go back and forth.
hosts right.example "$ELSEWHERE" "$MOVED"
does "several: the present one stays" 0 '' resolve
does "several: the present one stays with up, too" 0 '' up gre1
same "several: the address" "[\"$MOVED\",64]" "$(of gre1 '[.remote, .ttl]')"
hosts right.example "$ELSEWHERE"
does "several: it is gone" 0 "~ gre1 remote $MOVED -> $ELSEWHERE" resolve
hosts right.example "$MOVED"
does "back" 0 "~ gre1 remote $ELSEWHERE -> $MOVED" resolve

# The name server is out.
hosts right.example
does "outage: resolve" 1 '' resolve
says "outage: resolve: what that means" "; the tunnel stays as it is"
sed -i "s/^Remote=.*/&\nTTL=33/" "$etc/gretun/gre1.netdev"
does "outage: up" 0 '' up gre1
says "outage: up: says what stays" "; it stays $MOVED"
same "outage: up: the rest of the file is done" "[\"$MOVED\",33]" \
	"$(of gre1 '[.remote, .ttl]')"
check "outage: left pings right" pings "$left" "$RIGHT_INNER"

# Many files: what is not known is left out, with what depends on it.
file gre2 unknown.example Key=2
file gre3 "$RIGHT" Key=3
file gre4 other.example Key=4
file gre5 "$RIGHT" Key=5 Device=gre2
file gre6 "$RIGHT" Key=6 Device=gre5
hosts other.example "$RIGHT"
hosts right.example "$MOVED"
does "apply: the rest is done" 1 "+ gre3 local $LEFT remote $RIGHT key 3"$'\n'"+ gre4 local $LEFT remote $RIGHT key 4" apply
says "apply: which is left out" "gre2.netdev:6: Remote: "
says "apply: and what is bound to it" "gre5.netdev:8: Device: gre2 is not made"
says "apply: and to that" "gre6.netdev:8: Device: gre5 is not made"
same "apply: these are there" '["gre1","gre3","gre4"]' \
	"$(gretun -n "$left" -j show | jq -c '[.[].ifname]')"
hosts other.example
does "apply --prune: a tunnel with a file is none too many" 1 '' \
	apply /etc/gretun/ --prune
same "apply --prune: these are there" '["gre1","gre3","gre4"]' \
	"$(gretun -n "$left" -j show | jq -c '[.[].ifname]')"
file gre3 nobody
before=$(gretun -n "$left" -j show gre3)
gretun -n "$left" set gre3 key none
gretun -n "$left" set gre3 key 3
does "apply: an address becomes an unknown name, it stays" 1 \
	"~ gre3 key 3 -> none" apply gre3 gre2
hosts other.example "$RIGHT" && rm "$etc/gretun/gre3.netdev"
does "up: one is not made, the others are" 1 '' up gre2 gre4
gretun -n "$left" del gre3

# Names that come to one address, or take each other's, are for two tunnels.
rm "$etc"/gretun/gre[56].netdev
hosts unknown.example "$ELSEWHERE"
file gre2 unknown.example Key=4
does "up: another peer, same key" 0 '' up gre2
hosts unknown.example "$RIGHT"
hosts right.example "$RIGHT"
does "resolve: the address of another is refused, the rest is done" 1 \
	"~ gre1 remote $MOVED -> $RIGHT" resolve
says "resolve: which is refused" "gre2.netdev:6: Remote: "
hosts other.example "$MOVED"
does "resolve: one waits for the address of another" 0 \
	"~ gre2 remote $ELSEWHERE -> $RIGHT"$'\n'"~ gre4 remote $RIGHT -> $MOVED" \
	resolve

# What is there is not what the file says.
gretun -n "$left" del gre4
gretun -n "$left" add gre4 external local "$LEFT"
does "resolve: an external device" 1 '' resolve gre4
says "resolve: an external device: why not" "is external; gretun up"
hosts other.example
does "up: an external device and an unknown name" 1 '' up gre4
says "up: an external device stays" "; the tunnel stays as it is"
same "up: it is external still" true "$(of gre4 .external)"
gretun -n "$left" del gre4
gretun -n "$left" add gre4 local "$OTHER_LEFT" remote "$OTHER"
does "resolve: another family" 1 '' resolve gre4
says "resolve: another family: why not" "of another family; gretun up"
does "up: another family and an unknown name" 1 '' up gre4
same "up: it stays" "\"$OTHER\"" "$(of gre4 .remote)"
file gre3 "$RIGHT" Key=3
does "resolve: a file without a name" 0 '' resolve gre3
says "resolve: a file without a name: says so" "is no name"
file gre3 "$RIGHT" Key=x
does "resolve: a broken file" 2 '' resolve
says "resolve: a broken file: where" "gretun: /etc/gretun/gre3.netdev:7: Key: "
end
