#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# gretun up and down: a tunnel by its file, from nothing to packets and back.
#
#   left gre1 10.1.12.37/30 ====================== gre1 10.1.12.38/30 right
#   eth0 212.25.240.34/30 -- .33 router .1 -- eth0 217.154.12.2/30

set -u
cd "${BASH_SOURCE[0]%/*}" || exit
# shellcheck source-path=SCRIPTDIR source=lib.sh
. ./lib.sh

# file PATH LINE...
file()
{
	local path=$1

	shift
	printf '%s\n' "$@" > "$path"
}

# does TEXT STATUS NS ARG...: gretun ARGs ends with STATUS and says nothing on
# stdout.
does()
{
	local text=$1 wanted=$2 ns=$3 out status=0

	shift 3
	out=$(gretun -n "$ns" "$@" 2> "$tmp/err") || status=$?
	same "$text" "$wanted " "$status $out"
}

index()
{
	gretun -n "$left" -j show "$1" | jq '.[0].ifindex'
}

# gone NS NAME: there is no such device.
gone()
{
	! ip -n "$1" link show "$2" 2> /dev/null
}

begin
two_hosts
mkdir "$tmp/left" "$tmp/right"
one=$tmp/left/gre1.netdev
file "$one" '[NetDev]' Name=gre1 Kind=gretun '[Tunnel]' \
	"Local=$LEFT" "Remote=$RIGHT" '[Network]' "Address=$LEFT_INNER/30" \
	'[Route]' Destination=10.9.0.0/16 "Gateway=$RIGHT_INNER"
# What systemd-networkd would take.
file "$tmp/right/gre1.netdev" '[NetDev]' Name=gre1 Kind=gre '[Tunnel]' \
	"Local=$RIGHT" "Remote=$LEFT"
file "$tmp/right/gre1.network" '[Match]' Name=gre1 '[Network]' \
	'[Address]' "Address=$RIGHT_INNER/30"

does "up" 0 "$left" up "$one"
same "up: no message" '' "$(< "$tmp/err")"
does "up: a pair of networkd's" 0 "$right" up "$tmp/right/gre1.netdev"
check "left pings right" pings "$left" "$RIGHT_INNER"
check "right pings left" pings "$right" "$LEFT_INNER"
check "the route is there" \
	sh -c "ip -n $left route show proto 103 | grep -q '^10.9.0.0/16 via $RIGHT_INNER dev gre1'"

# Reload, while packets cross: another tunnel of the same files is changed, and
# then this one, and no packet is lost.
second=$tmp/left/gre2.netdev
file "$second" '[NetDev]' Name=gre2 Kind=gretun '[Tunnel]' "Local=$LEFT" \
	"Remote=$RIGHT" Key=2
chmod 600 "$second"
does "up: two" 0 "$left" up "$one" "$second"
number=$(index gre1)
background ip netns exec "$left" ping -i 0.01 "$RIGHT_INNER" > "$tmp/flood"
flood=$!
for ttl in 9 10 11; do
	sed -i '/^TTL=/d' "$second"
	echo "TTL=$ttl" >> "$second"
	does "reload: TTL=$ttl of another" 0 "$left" up "$one" "$second"
done
sed -i 's/^Remote=.*/&\nTTL=33/' "$one"
does "reload: TTL=33 of this one" 0 "$left" up "$one"
kill -INT "$flood"
wait_for 10 grep -q 'packet loss' "$tmp/flood"
children=()
tail -n 2 "$tmp/flood"
check "reload: no packet is lost" grep -q ' 0% packet loss' "$tmp/flood"
same "reload: the device stays" "$number" "$(index gre1)"
same "reload: it is changed" '[33,11]' \
	"$(gretun -n "$left" -j show | jq -c '[.[].ttl]')"

# Broken files.
# state: all that up may change.
state()
{
	gretun -n "$left" -j show
	ip -n "$left" -j addr
	ip -n "$left" -j route show table all
}
before=$(state)
file "$tmp/broken.netdev" '[NetDev]' Name=gre3 Kind=gretun '[Tunnel]' \
	"Local=$LEFT" "Remote=$RIGHT" Key=3 TTL=0
sed 's/33/34/' "$one" > "$tmp/left/changed.netdev"
does "a broken file: exit status" 2 "$left" up "$tmp/left/changed.netdev" \
	"$tmp/broken.netdev"
check "a broken file: says where" \
	grep -F "gretun: $tmp/broken.netdev:8: TTL: " "$tmp/err"
does "no file" 2 "$left" up "$tmp/none.netdev"
same "broken files: nothing has changed" "$before" "$(state)"

# Down.
does "down: two, by name and by file" 0 "$left" down gre1 "$second"
same "down: no message" '' "$(< "$tmp/err")"
check "down: gone" gone "$left" gre1
check "down: the other too" gone "$left" gre2
check "down: the route with it" \
	sh -c "! ip -n $left route show | grep -q 10.9.0.0"
does "down again" 0 "$left" down gre1
check "down again: says that there is none" \
	grep -q '^gretun: gre1: there is no such tunnel' "$tmp/err"
does "down: the file must be right to tell the name" 2 "$left" \
	down "$tmp/broken.netdev"
ip -n "$left" link add dum0 type dummy
does "down: a device of another kind" 1 "$left" down dum0
check "down: a device of another kind stays" ip -n "$left" link show dum0
does "up again" 0 "$left" up "$one"
check "up again: left pings right" pings "$left" "$RIGHT_INNER"

# A name is a file of /etc/gretun.
if [[ ! -e /etc/gretun ]]; then
	mkdir /etc/gretun
	cp "$one" /etc/gretun/
	does "a name: up" 0 "$left" up gre1
	echo broken > /etc/gretun/gre1.netdev
	does "a name: up, broken file" 2 "$left" up gre1
	check "a name: up, broken file: says where" \
		grep -q '^gretun: /etc/gretun/gre1.netdev:1: ' "$tmp/err"
	does "a name: down, broken file" 0 "$left" down gre1
	check "a name: down, broken file: gone" gone "$left" gre1
	cp "$one" /etc/gretun/
	check "no words: apply reads them all" \
		sh -c "gretun -n $left apply --dry-run | grep -q '^+ gre1 '"
	rm -r /etc/gretun
	does "a name: down, no file" 0 "$left" down gre1
fi
end
