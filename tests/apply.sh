#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# gretun apply: tunnels become what files say, with no more change than it
# takes, and all or nothing.
#
#   netns cli: lo, dummy u0 192.0.2.1/24 and 2001:db8:2::1/64, and tunnels

set -u
cd "${BASH_SOURCE[0]%/*}" || exit
# shellcheck source-path=SCRIPTDIR source=lib.sh
. ./lib.sh

# Set by make_ns.
cli=''

g()
{
	gretun -n "$cli" "$@"
}

# file NAME LINE...: the tunnel file of NAME has these lines after its name.
file()
{
	local name=$1

	shift
	{
		printf '[NetDev]\nName=%s\nKind=gretun\n' "$name"
		printf '%s\n' "$@"
	} > "$dir/$name.netdev"
}

# ends [LAST]: the lines for both ends of a tunnel to 192.0.2.LAST.
ends()
{
	printf '%s\n' '[Tunnel]' Local=192.0.2.1 "Remote=192.0.2.${1:-2}"
}

# json NAME: all of a tunnel but what says which it is.
json()
{
	g -j show "$1" | jq -c '.[0] | del(.ifindex, .ifname, .remote, .flags) |
		.addresses |= map(select(.local | startswith("fe80") | not))'
}

# index NAME: the number of its device.
index()
{
	g -j show "$1" | jq '.[0].ifindex'
}

# state: all that apply may change.
state()
{
	g -j show
	ip -n "$cli" -j addr
	ip -n "$cli" -j route show table all
	ip -n "$cli" -j -6 route show table all
}

# applies TEXT WANTED ARG...: apply with ARGs ends well and says WANTED.
applies()
{
	local text=$1 wanted=$2 out status=0

	shift 2
	out=$(g apply "$dir/" "$@" 2>&1) || status=$?
	same "$text" "0 $wanted" "$status $out"
}

begin
# Keys are nobody's business.
umask 077
make_ns cli
ip netns exec "$cli" sysctl -qw net.ipv6.conf.all.disable_ipv6=0 \
	net.ipv6.conf.default.disable_ipv6=0
ip -n "$cli" link add u0 type dummy
ip -n "$cli" addr add 192.0.2.1/24 dev u0
ip -n "$cli" addr add 2001:db8:2::1/64 dev u0
ip -n "$cli" link set u0 up
dir=$tmp/files
mkdir "$dir"

# New ones, none, and again.
mapfile -t ends < <(ends)
file t0 "${ends[@]}" TTL=32 '[Address]' Address=10.1.12.37/30 '[Route]' \
	Destination=10.2.0.0/16 Gateway=10.1.12.38 '[Route]' \
	Destination=fd02::/16 Metric=7
applies "dry run: says what is new" '+ t0 local 192.0.2.1 remote 192.0.2.2 ttl 32
+ t0 address 10.1.12.37/30
+ t0 route 10.2.0.0/16 via 10.1.12.38
+ t0 route fd02::/16 metric 7' --dry-run
same "dry run: nothing is made" '[]' "$(g -j show | jq -c .)"
same "dry run -j" '["new","address-add","route-add","route-add"]' \
	"$(g -j apply "$dir/" --dry-run | jq -c 'map(.change)')"
check "a new one" g apply "$dir/"
check "a new one is up" sh -c "ip -n $cli link show up dev t0 | grep -q t0"
same "a new one: its address" '["10.1.12.37",30]' \
	"$(ip -n "$cli" -j -4 addr show dev t0 |
		jq -c '.[0].addr_info[0] | [.local, .prefixlen]')"
same "a new one: routes and mark" '10.2.0.0/16 via 10.1.12.38 fd02::/16' \
	"$(ip -n "$cli" route show proto 103 dev t0 | awk '{ print $1, $2, $3 }') $(ip -n "$cli" -6 route show proto 103 dev t0 | awk '{ print $1 }')"
before=$(state)
background ip -n "$cli" -o monitor all > "$tmp/ip"
background gretun -n "$cli" monitor > "$tmp/monitor"
g add m0 local 192.0.2.1 remote 192.0.2.99 key 5
heard()
{
	g set m0 ttl 9
	g set m0 ttl 10
	ip -n "$cli" link set m0 alias heard
	[[ -s $tmp/monitor ]] && grep -q m0 "$tmp/ip"
}
check "somebody listens" wait_for 10 heard
applies "nothing to change: says nothing" ''
applies "nothing to change: dry run" '' --dry-run
same "nothing to change -j" '[]' "$(g -j apply "$dir/" | jq -c .)"
g del m0
check "the listeners heard the last one" \
	wait_for 10 sh -c "grep -q '^del m0' $tmp/monitor && grep -q '[Dd]eleted.*m0' $tmp/ip"
same "nothing to change: no events of gretun" '' \
	"$(grep -v ' m0 ' "$tmp/monitor")"
same "nothing to change: no events of rtnetlink" '' \
	"$(grep -vE 'm0|fe80|ff00|nsid' "$tmp/ip")"
kill "${children[@]}"
wait "${children[@]}" 2> /dev/null
children=()
same "nothing to change: nothing has" "$before" "$(state)"

# Each key: added, changed, taken away; as new tunnels have it.
# tries FAMILY KEY=VALUE KEY=OTHER WORDS: the same as a new tunnel with WORDS.
tries()
{
	local family=$1 one=$2 other=$3 local=192.0.2.1 remote=192.0.2 fresh
	local number
	local -a lines words

	read -ra words <<< "$4"
	if [[ $family == 6 ]]; then
		local=2001:db8:2::1 remote=2001:db8:2:
	fi
	[[ $family != 6 ]] || remote+=:
	[[ $family == 6 ]] || remote+=.
	lines=('[Tunnel]' "Local=$local" "Remote=${remote}7")
	file t7 "${lines[@]}"
	g apply "$dir/" > /dev/null
	fresh=$(json t7)
	number=$(index t7)
	file t7 "${lines[@]}" "$other"
	g apply "$dir/" > /dev/null
	file t7 "${lines[@]}" "$one"
	g apply "$dir/" > "$tmp/out"
	g add t8 local "$local" remote "${remote}8" "${words[@]}"
	one=${one##*$'\n'}
	same "$one is ${words[*]}" "$(json t8)" "$(json t7)"
	check "$one: says so" grep -q '^~ t7 ' "$tmp/out"
	g del t8
	file t7 "${lines[@]}"
	g apply "$dir/" > /dev/null
	same "no $one: as a new tunnel" "$fresh" "$(json t7)"
	same "$one: the device stays" "$number" "$(index t7)"
	g del t7
}
tries 4 TTL=9 TTL=10 'ttl 9'
tries 4 TOS=inherit TOS=8 'tos inherit'
tries 4 TOS=8 TOS=inherit 'tos 8'
tries 4 Key=7 Key=8 'key 7'
tries 4 InputKey=7 Key=7 'ikey 7'
tries 4 OutputKey=7 Key=7 'okey 7'
tries 4 Checksum=yes Checksum=no 'csum on'
tries 4 SerializeTunneledPackets=yes SerializeTunneledPackets=no 'seq on'
tries 4 DontFragment=set DontFragment=clear 'df set'
tries 4 DiscoverPathMTU=no DontFragment=set 'df clear'
tries 4 FirewallMark=5 FirewallMark=6 'fwmark 5'
tries 4 FastPath=yes FastPath=no 'fastpath on'
tries 4 MSSClamp=yes MSSClamp=no 'mss-clamp on'
tries 4 Device=u0 Device=t0 'dev u0'
tries 4 $'[NetDev]\nMTUBytes=1400' $'[NetDev]\nMTUBytes=1300' 'mtu 1400'
tries 6 IPv6FlowLabel=7 IPv6FlowLabel=inherit 'flowlabel 7'
tries 6 IPv6FlowLabel=inherit IPv6FlowLabel=7 'flowlabel inherit'
tries 6 EncapsulationLimit=4 EncapsulationLimit=5 'encaplimit 4'
tries 6 Key=7 EncapsulationLimit=5 'key 7'
rm "$dir/t7.netdev"

# What is left out follows the defaults of the network namespace.
file t0 "${ends[@]}"
g apply "$dir/" > /dev/null
g defaults default_ttl 77
g defaults default_mtu 1333
applies "defaults: they are what a file leaves out" '~ t0 ttl 64 -> 77
~ t0 mtu auto -> 1333'
g defaults default_ttl 64
g defaults default_mtu auto
g apply "$dir/" > /dev/null

# What cannot be changed is made anew, and has all that it had.
ip -n "$cli" addr add 10.7.0.1/24 dev t0
ip -n "$cli" route add 10.8.0.0/16 dev t0
number=$(index t0)
file t0 '[Tunnel]' Local=2001:db8:2::1 Remote=2001:db8:2::2 '[Address]' \
	Address=10.1.12.37/30
applies "another family" \
	'~ t0 made anew: local 2001:db8:2::1 remote 2001:db8:2::2
~ t0 address + 10.1.12.37/30'
check "another family: another device" test "$number" != "$(index t0)"
same "another family: addresses set by hand stay" '10.7.0.1 10.1.12.37' \
	"$(g -j show t0 | jq -r '[.[0].addresses[].local | select(startswith("10."))] | sort | reverse | join(" ")')"
check "another family: routes set by hand stay" \
	sh -c "ip -n $cli route show 10.8.0.0/16 | grep -q t0"
file t0 '[Tunnel]' External=yes
check "external" g apply "$dir/"
same "external: it is" true "$(g -j show t0 | jq '.[0].external')"
same "external: the address of the file is gone, the other is not" '10.7.0.1' \
	"$(g -j show t0 | jq -r '[.[0].addresses[].local | select(startswith("10."))] | join(" ")')"
g del t0

# Addresses and routes, one by one.
file t0 "${ends[@]}" '[Address]' Address=10.1.12.37/30 '[Address]' \
	Address=10.5.0.1/32 Peer=10.5.0.2 '[Address]' Address=fd05::1/64
g apply "$dir/" > /dev/null
number=$(index t0)
ip -n "$cli" addr add 10.7.0.1/24 dev t0
file t0 "${ends[@]}" '[Address]' Address=10.1.12.37/29 '[Address]' \
	Address=10.5.0.1/32 Peer=10.5.0.3 '[Address]' Address=fd05::1/48
applies "addresses: another prefix or peer" '~ t0 address - 10.1.12.37/30
~ t0 address - 10.5.0.1/32 peer 10.5.0.2
~ t0 address - fd05::1/64
~ t0 address + 10.1.12.37/29
~ t0 address + 10.5.0.1/32 peer 10.5.0.3
~ t0 address + fd05::1/48'
# addresses: those of t0, without the link-local one.
addresses()
{
	g -j show t0 | jq -r '[.[0].addresses[] |
		"\(.local)/\(.prefixlen)" + (.peer // "")] |
		map(select(startswith("fe80") | not)) | sort | join(" ")'
}
same "addresses: they are" \
	'10.1.12.37/29 10.5.0.1/3210.5.0.3 10.7.0.1/24 fd05::1/48' "$(addresses)"
ip -n "$cli" addr add 10.7.0.2/24 dev t0
file t0 "${ends[@]}" '[Address]' Address=10.7.0.1/24 '[Address]' \
	Address=10.6.0.1/24 '[Address]' Address=10.6.0.2/24
applies "addresses: all others; one that is there already stays as it is" \
	'~ t0 address - 10.1.12.37/29
~ t0 address - 10.5.0.1/32 peer 10.5.0.3
~ t0 address - fd05::1/48
~ t0 address + 10.6.0.1/24
~ t0 address + 10.6.0.2/24'
# With the first of a subnet the kernel takes the second away.
file t0 "${ends[@]}" '[Address]' Address=10.6.0.2/24 '[Route]' \
	Destination=10.66.0.0/16 Gateway=10.6.0.3 '[Route]' Destination=10.67.0.0/16
applies "addresses: the first of a subnet" '~ t0 address - 10.6.0.1/24
~ t0 route + 10.66.0.0/16 via 10.6.0.3
~ t0 route + 10.67.0.0/16'
same "addresses: the second stays, and those set by hand" \
	'10.6.0.2/24 10.7.0.1/24 10.7.0.2/24' "$(addresses)"
ip -n "$cli" route add 10.68.0.0/16 dev t0
# routes: those of t0 that the kernel did not make.
routes()
{
	ip -n "$cli" route show dev t0 | awk '!/proto kernel/ { print $1 }' |
		sort | paste -sd ' '
}
file t0 "${ends[@]}" '[Route]' Destination=10.67.0.0/16 Metric=7 '[Route]' \
	Destination=10.68.0.0/16
applies "routes: another metric, and one that is there already" \
	'~ t0 address - 10.6.0.2/24
~ t0 route - 10.66.0.0/16 via 10.6.0.3
~ t0 route - 10.67.0.0/16
~ t0 route + 10.67.0.0/16 metric 7'
same "routes: they are" '10.67.0.0/16 10.68.0.0/16' "$(routes)"
file t0 "${ends[@]}"
applies "routes: none" '~ t0 route - 10.67.0.0/16 metric 7'
same "routes: the one set by hand stays" '10.68.0.0/16' "$(routes)"
same "addresses and routes: the device stays" "$number" "$(index t0)"
g del t0
g add t0 local 192.0.2.1 remote 192.0.2.2 address 10.1.12.37/30
applies "addresses of add carry the mark too" '~ t0 address - 10.1.12.37/30'

# Up and down.
file t0 "${ends[@]}" '[Address]' Address=fd05::1/64 '[Route]' \
	Destination=10.2.0.0/16 '[Link]' ActivationPolicy=down
applies "down" '~ t0 up -> down
~ t0 address + fd05::1/64'
same "down: it is, with its address" 'false fd05::1/64' \
	"$(g -j show t0 | jq '.[0].flags | index("UP") != null') $(addresses)"
applies "down: nothing to change" ''
sed -i 's/=down/=up/' "$dir/t0.netdev"
applies "up" '~ t0 down -> up
~ t0 route + 10.2.0.0/16'
ip -n "$cli" link set t0 down
applies "set down by hand" '~ t0 down -> up
~ t0 address + fd05::1/64
~ t0 route + 10.2.0.0/16'

# Tunnels that take each other's keys, addresses and routes.
# keyed NAME KEY LAST ROUTE
keyed()
{
	file "$1" '[Tunnel]' Local=192.0.2.1 "Remote=192.0.2.$3" "Key=$2" \
		'[Route]' "Destination=10.20.$4.0/24"
}
keyed k1 1 2 1
keyed k2 2 2 2
keyed k3 3 2 3
keyed r1 7 3 4
keyed r2 7 4 5
keyed c1 10 5 6
keyed c2 11 5 7
keyed c3 12 5 8
check "many to begin with" g apply "$dir/"
devices=$(g -j show | jq -c 'map([.ifname, .ifindex])')
keyed k1 2 2 3
keyed k2 3 2 1
keyed k3 1 2 2
keyed r1 7 4 5
keyed r2 7 3 4
keyed c1 11 5 6
keyed c2 12 5 7
keyed c3 13 5 8
check "keys and remotes go round" g apply "$dir/"
same "keys and remotes go round: they did" \
	'["c1",11,"192.0.2.5"] ["c2",12,"192.0.2.5"] ["c3",13,"192.0.2.5"] ["k1",2,"192.0.2.2"] ["k2",3,"192.0.2.2"] ["k3",1,"192.0.2.2"] ["r1",7,"192.0.2.4"] ["r2",7,"192.0.2.3"]' \
	"$(g -j show | jq -c '.[] | select(.ikey) | [.ifname, .okey, .remote]' | sort | paste -sd ' ')"
same "keys and remotes go round: all keep their devices" "$devices" \
	"$(g -j show | jq -c 'map([.ifname, .ifindex])')"
same "routes go round" 'k2 k3 k1' "$(for i in 1 2 3; do
	ip -n "$cli" -j route show "10.20.$i.0/24" | jq -r '.[0].dev'
done | paste -sd ' ')"
applies "they go round: nothing to change" ''

# One tunnel over another.
rm "$dir"/[krc]?.netdev
file b2 '[Tunnel]' Local=10.1.12.37 Remote=10.1.12.38 Device=b3
file b3 '[Tunnel]' Local=192.0.2.1 Remote=192.0.2.77 '[Address]' \
	Address=10.1.12.37/30
g apply "$dir/" --prune > "$tmp/out"
check "--prune: those without a file go" grep -q '^- k1 local' "$tmp/out"
same "--prune: they are gone" '["b2","b3","t0"]' \
	"$(g -j show | jq -c 'map(.ifname) | sort')"
same "bound to a new one" '"b3"' "$(g -j show b2 | jq '.[0].dev')"
sed -i 's/192\.0\.2\.1/2001:db8:2::1/; s/192\.0\.2\.77/2001:db8:2::77/' "$dir/b3.netdev"
number=$(index b2)
g add b4 local 192.0.2.1 remote 192.0.2.78 dev b3
check "bound to one that is made anew" g apply "$dir/"
same "bound to one that is made anew: to the new one" '"b3"' \
	"$(g -j show b2 | jq '.[0].dev')"
same "bound to one that is made anew, without a file: the same" '"b3"' \
	"$(g -j show b4 | jq '.[0].dev')"
same "bound to one that is made anew: keeps its device" "$number" "$(index b2)"

# One takes the ends of another, which is to be bound to a third, all at once.
file b5 "${ends[@]}" Key=55
check "to make room" g apply "$dir/"
file b5 "${ends[@]}" Key=56 Device=b6
file b6 "${ends[@]}" Key=57
file b7 "${ends[@]}" Key=55
check "ends of one that is bound to a new one" g apply "$dir/"
same "ends of one that is bound to a new one: bound" '["b6",56,55]' \
	"$(g -j show | jq -c 'INDEX(.ifname) | [.b5.dev, .b5.ikey, .b7.ikey]')"

# A tunnel that goes makes room for one that comes.
rm "$dir"/b?.netdev
mapfile -t lines < <(ends 2)
rm "$dir/t0.netdev"
file t1 "${lines[@]}"
check "the ends of one that goes" g apply "$dir/" --prune
same "the ends of one that goes: another has them" '["t1"]' \
	"$(g -j show | jq -c 'map(.ifname)')"
rm "$dir/t1.netdev"
check "no files, --prune" g apply "$dir/" --prune
same "no files, --prune: no tunnels" '[]' "$(g -j show | jq -c .)"
end
