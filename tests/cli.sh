#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# What the command line tool does when all is well.
#
#   netns cli: lo, dummy u0 192.0.2.1/24 (MTU 1500), and tunnels

set -u
cd "${BASH_SOURCE[0]%/*}" || exit
# shellcheck source-path=SCRIPTDIR source=lib.sh
. ./lib.sh

# Set by make_ns.
cli=''
for man in /usr/share/man/man8/gretun.8 ../cli/man/gretun.8; do
	[[ ! -e $man ]] || break
done
readonly man

g()
{
	gretun -n "$cli" "$@"
}

# json NAME FILTER: a value of a tunnel.
json()
{
	g -j show "$1" | jq -c ".[0]|$2"
}

# does TEXT ARG...: a command that ends with 0 and says nothing.
does()
{
	local text=$1 out status=0

	shift
	out=$(g "$@" 2>&1) || status=$?
	same "$text" "0 " "$status $out"
}

add=(add t0 local 192.0.2.1 remote 192.0.2.2)

begin
make_ns cli
ip netns exec "$cli" sysctl -qw net.ipv6.conf.all.disable_ipv6=0 \
	net.ipv6.conf.default.disable_ipv6=0
ip -n "$cli" link add u0 type dummy
ip -n "$cli" addr add 192.0.2.1/24 dev u0
ip -n "$cli" link set u0 up

# The module comes by itself.
rmmod gretun 2> /dev/null
does "the module is loaded on demand" "${add[@]}"
check "the module is there" test -d /sys/module/gretun
does "del" del t0
rmmod gretun
check "anybody can show, with no module loaded" \
	ip netns exec "$cli" setpriv --reuid 65534 --regid 65534 \
	--clear-groups gretun show

# With no tunnels.
g show > "$tmp/out" 2> "$tmp/err"
same "show without tunnels: exit status" 0 $?
same "show without tunnels: stdout" "" "$(< "$tmp/out")"
check "show without tunnels: a hint on stderr" grep -q 'gretun add' "$tmp/err"
same "show -j without tunnels" '[]' "$(g -j show | jq -c .)"
does "del --all without tunnels" del --all

# What is not given has a value all the same.
does "add" "${add[@]}"
same "JSON: keys" 'ifname ifindex external local local_dev remote dev encap encap_port encap_source_port ttl tos ikey okey csum seq df flowlabel encaplimit mtu mtu_auto fwmark fastpath mss_clamp keepalive keepalive_signed operstate reason loop moved_peer flags overhead addresses' \
	"$(g -j show t0 | command jq -r '.[0]|keys_unsorted|join(" ")')"
same "defaults" \
	'["t0",false,"192.0.2.1","192.0.2.2",null,64,0,null,null,false,false,"copy",null,null,1476,true,0,false,false,null,24,[]]' \
	"$(json t0 '[.ifname,.external,.local,.remote,.dev,.ttl,.tos,.ikey,.okey,.csum,.seq,.df,.flowlabel,.encaplimit,.mtu,.mtu_auto,.fwmark,.fastpath,.mss_clamp,.loop,.overhead,
		[.addresses[]|select(.local|startswith("fe80")|not)]]')"
same "ifindex is the device's" "$(ip -n "$cli" -j link show t0 | jq '.[0].ifindex')" \
	"$(json t0 .ifindex)"
same "operstate is what ip shows" \
	"$(ip -n "$cli" -j link show t0 | jq '.[0].operstate')" "$(json t0 .operstate)"
check "the device is up" sh -c "ip -n $cli link show up dev t0 | grep -q t0"
check "ip -d shows the kind" sh -c "ip -n $cli -d link show t0 | grep -qw gretun"
does "add, down" add t1 local 192.0.2.1 remote 192.0.2.3 down
same "down: the device is down" '"DOWN"' "$(json t1 .operstate)"

# Each word, for a new tunnel and for one that exists.
# try_on NAME LOCAL REMOTE WORD VALUE FILTER WANTED
try_on()
{
	g add t2 local "$2" remote "$3" "$4" "$5"
	same "add $4 $5" "$7" "$(json t2 "$6")"
	g del t2
	g set "$1" "$4" "$5"
	same "set $4 $5" "$7" "$(json "$1" "$6")"
}

# try WORD VALUE FILTER WANTED
try()
{
	try_on t1 192.0.2.1 192.0.2.4 "$@"
}

# try6 WORD VALUE FILTER WANTED: with outer packets of IPv6.
try6()
{
	try_on t6 2001:db8:2::1 2001:db8:2::4 "$@"
}
try ttl 1 .ttl 1
try ttl 255 .ttl 255
try tos 252 .tos 252
try tos 0x28 .tos 40
try tos inherit .tos '"inherit"'
try tos 0 .tos 0
try key 0 '[.ikey,.okey]' '[0,0]'
try key 4294967295 '[.ikey,.okey]' '[4294967295,4294967295]'
try key 0xffffffff '[.ikey,.okey]' '[4294967295,4294967295]'
try key 1.2.3.4 '[.ikey,.okey]' '[16909060,16909060]'
try ikey 9 .ikey 9
try okey 10 .okey 10
try csum on .csum true
try csum off .csum false
try seq on .seq true
try seq off .seq false
try df set .df '"set"'
try df clear .df '"clear"'
try df copy .df '"copy"'
try mtu 68 '[.mtu,.mtu_auto]' '[68,false]'
try mtu 1400 '[.mtu,.mtu_auto]' '[1400,false]'
try dev u0 .dev '"u0"'
try dev none .dev null
try fwmark 4294967295 .fwmark 4294967295
try fwmark 0 .fwmark 0
try encap udp '[.encap,.encap_port,.encap_source_port]' '["udp",4754,"flow"]'
try encap none '[.encap,.encap_port,.encap_source_port]' '["none",null,null]'
try fastpath on .fastpath true
try fastpath off .fastpath false
try mss-clamp on .mss_clamp true
try mss-clamp off .mss_clamp false
does "set mtu auto" set t1 mtu auto
same "mtu auto leaves room for the key" '[1472,true,28]' \
	"$(json t1 '[.mtu,.mtu_auto,.overhead]')"
does "set local and remote" set t1 local 192.0.2.7 remote 192.0.2.8
same "local and remote" '["192.0.2.7","192.0.2.8"]' "$(json t1 '[.local,.remote]')"
does "set ikey none" set t1 ikey none
same "ikey none" '[null,10]' "$(json t1 '[.ikey,.okey]')"
does "set key none" set t1 key none
same "key none" '[null,null]' "$(json t1 '[.ikey,.okey]')"
does "set okey" set t1 okey 3
does "set okey none" set t1 okey none
same "okey none" '[null,null]' "$(json t1 '[.ikey,.okey]')"
does "set many at once" set t1 ttl 9 tos 8 csum on seq on df set
same "many at once" '[9,8,true,true,"set"]' \
	"$(json t1 '[.ttl,.tos,.csum,.seq,.df]')"
does "set remote any" set t1 remote any
same "remote any" '["192.0.2.7","any"]' "$(json t1 '[.local,.remote]')"
does "set remote any and local" set t1 remote any local 192.0.2.7
does "set a remote again" set t1 remote 192.0.2.8
same "a remote again" '["192.0.2.7","192.0.2.8"]' "$(json t1 '[.local,.remote]')"
for word in ikey okey key encaplimit; do
	does "add $word none" add t2 local 192.0.2.1 remote 192.0.2.4 "$word" none
	same "add $word none: there is none" '[null,null,null]' \
		"$(json t2 '[.ikey,.okey,.encaplimit]')"
	g del t2
done

# IPv6 outside.
does "add with IPv6 outside" add t6 local 2001:db8:2::1 remote 2001:db8:2::3 down
same "IPv6: defaults" \
	'["2001:db8:2::1","2001:db8:2::3",64,0,"copy","auto",null,true,false,44]' \
	"$(json t6 '[.local,.remote,.ttl,.tos,.df,.flowlabel,.encaplimit,.mtu_auto,.mss_clamp,.overhead]')"
try6 flowlabel 0 .flowlabel 0
try6 flowlabel 1048575 .flowlabel 1048575
try6 flowlabel 0x12345 .flowlabel 74565
try6 flowlabel inherit .flowlabel '"inherit"'
try6 flowlabel auto .flowlabel '"auto"'
try6 encaplimit 0 '[.encaplimit,.overhead]' '[0,52]'
try6 encaplimit 255 '[.encaplimit,.overhead]' '[255,52]'
try6 encaplimit none '[.encaplimit,.overhead]' '[null,44]'
try6 ttl 9 .ttl 9
try6 tos inherit .tos '"inherit"'
try6 key 5 '[.ikey,.okey,.overhead]' '[5,5,48]'
try6 mss-clamp on .mss_clamp true
try6 fastpath on .fastpath true
try6 fastpath off .fastpath false
does "IPv6: set local and remote" set t6 local 2001:DB8:2:0::7 remote 2001:db8:2::8
same "IPv6: local and remote" '["2001:db8:2::7","2001:db8:2::8"]' \
	"$(json t6 '[.local,.remote]')"
does "IPv6: remote any" set t6 remote any
same "IPv6: remote any, read back" '["2001:db8:2::7","any"]' \
	"$(json t6 '[.local,.remote]')"
does "add, local dev" add l0 local dev ppp0 remote 192.0.2.9
same "of no device yet" '[null,"ppp0","192.0.2.9","no-local"]' \
	"$(json l0 '[.local,.local_dev,.remote,.reason]')"
same "in the table" "l0 no address dev ppp0" \
	"$(g show | grep '^l0 ' | tr -s ' ' | cut -d ' ' -f 1-5)"
does "set local dev" set l0 local dev u0
same "of the device" '["192.0.2.1","u0",null]' "$(json l0 '[.local,.local_dev,.reason]')"
does "set local to an address" set l0 remote any local 192.0.2.7
same "the device is out" '["192.0.2.7",null]' "$(json l0 '[.local,.local_dev]')"
does "set local dev, remote any" set l0 local dev u0 remote any key 9
same "with a key" '["u0","any"]' "$(json l0 '[.local_dev,.remote]')"
does "local dev, remote any6" add l6 remote any6 local dev ppp0 down
same "is over IPv6" "l6: down, MTU 1456, 44 bytes of overhead" \
	"$(g show l6 | head -n 1)"
same "in the words that make it" " local dev ppp0 remote any6" \
	"$(g show l6 | grep -o ' local dev.*')"
does "remote any stays IPv6 there" set l6 remote any
same "remote any6" '["ppp0","any6"]' "$(json l6 '[.local_dev,.remote]')"
g del l0 l6
does "add, remote any before local" add a4 remote any local 192.0.2.1 down
does "add, remote any with IPv6" add a6 local 2001:db8:2::1 remote any \
	flowlabel 7 encaplimit 3 mss-clamp on down
same "show: any and IPv6" 'a4 down 192.0.2.1 any -
a6 down 2001:db8:2::1 any -
t6 down 2001:db8:2::7 any 5' "$(g show | awk '/^(a|t6)/ { print $1, $2, $3, $4, $5 }' | sort)"

# Addresses.
does "add with addresses" add t3 local 192.0.2.1 remote 192.0.2.5 \
	address 10.1.12.37/30 address 10.9.9.1/32 peer 10.9.9.2 \
	address 2001:db8::1/64
same "addresses" '[["10.1.12.37",30,null],["10.9.9.1",32,"10.9.9.2"],["2001:db8::1",64,null]]' \
	"$(json t3 '[.addresses[]|select(.local|startswith("fe80")|not)|[.local,.prefixlen,.peer]]|sort')"
check "a route to the other end of the /30" \
	sh -c "ip -n $cli route get 10.1.12.38 | grep -qw 'dev t3'"
check "a route to the peer" \
	sh -c "ip -n $cli route get 10.9.9.2 | grep -qw 'dev t3'"
check "a route to the IPv6 prefix" \
	sh -c "ip -n $cli route get 2001:db8::2 | grep -qw 'dev t3'"

# A tunnel without a peer of its own.
external='[.external,.local,.remote,.tos,.ikey,.okey,.csum,.seq]'
does "add external" add e0 external
same "external: any local address" \
	'[true,null,null,null,null,null,null,null]' "$(json e0 "$external")"
does "add external with a local address" add e1 external local 192.0.2.1
same "external: a local address" \
	'[true,"192.0.2.1",null,null,null,null,null,null]' "$(json e1 "$external")"
does "add external with all that goes with it" add e2 local 192.0.2.9 dev u0 \
	ttl 9 df set mtu 1400 fwmark 5 fastpath on external \
	address 10.3.0.1/32 down
all='[.external,.local,.dev,.ttl,.df,.mtu,.fwmark,.fastpath,.operstate,.addresses[0].local]'
same "external: all that goes with it" \
	'[true,"192.0.2.9","u0",9,"set",1400,5,true,"DOWN","10.3.0.1"]' "$(json e2 "$all")"
does "set external" set e2 dev none ttl 8 df clear mtu auto fwmark 6 fastpath off
same "external: what set changed, and the rest" \
	'[true,"192.0.2.9",null,8,"clear",1464,6,false,"DOWN","10.3.0.1"]' "$(json e2 "$all")"
same "show: external and its addresses" 'e0 up - external -
e1 up 192.0.2.1 external -
e2 down 192.0.2.9 external -' "$(g show | awk '/^e/ { print $1, $2, $3, $4, $5 }')"
check "external: is up" sh -c "ip -n $cli link show up dev e1 | grep -q e1"
check "external: a route that brings the peer" ip -n "$cli" route add \
	10.4.0.0/16 encap ip id 7 dst 192.0.2.2 key dev e1

# show NAME is in the words of add, so that it makes the same tunnel again.
does "set more for show" set t1 fastpath on key 4 tos inherit fwmark 9 dev u0
for name in t1 t6 a4 a6 e0 e1 e2; do
	same_as_made=$(json "$name" 'del(.ifindex,.addresses,.operstate,.reason,.flags)')
	read -ra words < <(g show "$name" | sed -n '2,3p' | tr '\n' ' ')
	g del "$name"
	does "show $name is words for add: ${words[*]}" add "$name" "${words[@]}"
	same "show $name is all there is" "$same_as_made" \
		"$(json "$name" 'del(.ifindex,.addresses,.operstate,.reason,.flags)')"
done
g del t6 a4 a6 e0 e1 e2

# What new tunnels are like.
# sets WORD VALUE NAME WANTED: set a default, and sysctl has it too.
sets()
{
	does "defaults $1 $2" defaults "$1" "$2"
	same "defaults $1 $2: read back" "$4" \
		"$(g defaults | sed -n "s/^$1 //p")"
	same "defaults $1 $2: sysctl" "$3" \
		"$(ip netns exec "$cli" sysctl -n "net.gretun.$1")"
}
same "defaults" 'default_ttl 64
default_mtu auto
allow 1' "$(g defaults)"
same "defaults -j" '[{"default_ttl":64,"default_mtu":0,"allow":true}]' \
	"$(g -j defaults | command jq -c .)"
sets default_ttl 255 255 255
sets default_ttl 9 9 9
sets default_mtu 68 68 68
sets default_mtu 1450 1450 1450
g add t2 local 192.0.2.1 remote 192.0.2.4
same "defaults: a new tunnel has them" '[9,1450,false]' \
	"$(json t2 '[.ttl,.mtu,.mtu_auto]')"
same "defaults: one that was there has not" '[false,true]' \
	"$(json t0 '[.ttl==9,.mtu_auto]')"
g del t2
g add t2 local 192.0.2.1 remote 192.0.2.4 ttl 8 mtu auto
same "defaults: what is given comes first" '[8,1476,true]' \
	"$(json t2 '[.ttl,.mtu,.mtu_auto]')"
g del t2
sets default_mtu auto 0 auto
sets default_mtu 0 0 auto
sets default_ttl 64 64 64
sets allow 0 0 0
same "defaults -j: allow" false "$(g -j defaults | jq '.[0].allow')"
does "allow 0: what is there can be set" set t0 ttl 64
sets allow 1 1 1

# What people read.
g show > "$tmp/show"
same "show: a line for each tunnel and one above" 4 "$(wc -l < "$tmp/show")"
check "show: the line above" grep -qE 'NAME.*LOCAL.*REMOTE' "$tmp/show"
check "show: endpoints and addresses" \
	grep -qE '^t3 .*192\.0\.2\.1 .*192\.0\.2\.5 .*10\.1\.12\.37/30' "$tmp/show"
check "show: no colour in a file" sh -c "! grep -q $'\\033' $tmp/show"
# But for what was sent meanwhile.
g > "$tmp/alone"
same "gretun alone is show" "$(sed -E 's/ +[0-9.]+ [kMG]?B//g' "$tmp/show")" \
	"$(sed -E 's/ +[0-9.]+ [kMG]?B//g' "$tmp/alone")"
check "show NAME" sh -c "gretun -n $cli show t1 | grep -qw 192.0.2.8"
check "show NAME shows that one alone" sh -c "! gretun -n $cli show t1 | grep -qw t3"
same "show NAME -j is an array of one" 1 "$(g -j show t1 | jq length)"
same "show -j lists all" '["t0","t1","t3"]' "$(g -j show | jq -c '[.[].ifname]|sort')"

# Counters.
check "stats" g stats
check "stats NAME" g stats t3
same "stats -j: keys" 'rx tx rx_age_ms keepalive_replies drops icmp' \
	"$(g -j stats t3 | command jq -r '.[0].stats64|keys_unsorted|join(" ")')"
same "stats -j: every reason of the manual is there, and no other" \
	"$(grep -oE '^\.It [rt]x-[a-z-]+' "$man" | cut -c5- | sort)" \
	"$(g -j stats t3 | jq -r '.[0].stats64.drops|keys[]' | sort)"
same "stats -j: the same for the netns" \
	"$(sed -n '/^GRE packets that no tunnel took/,/^ICMP errors/s/^\.It //p' "$man" | sort)" \
	"$(g -j stats | jq -r '.[-1].stats64.drops|keys[]' | sort)"
same "stats -j: the netns comes last" '"netns"' "$(g -j stats | jq '.[-1].scope')"
same "stats -j: keys of the netns" 'scope stats64 near_misses' \
	"$(g -j stats | command jq -r '.[-1]|keys_unsorted|join(" ")')"
same "stats -j --explain: keys of the netns" 'scope stats64 near_misses explain' \
	"$(g -j stats --explain | command jq -r '.[-1]|keys_unsorted|join(" ")')"
same "stats --explain NAME is stats NAME --explain" "$(g stats t1 --explain)" \
	"$(g stats --explain t1)"
same "stats -j: one object for each tunnel" 3 \
	"$(g -j stats | jq '[.[]|select(.ifname)]|length')"
# The kernel sends some of its own, to find IPv6 routers.
before=$(g -j stats t3 | jq .[0].stats64.tx.packets)
ip netns exec "$cli" ping -c 5 -i 0.2 -W 1 -q 10.1.12.38 > /dev/null 2>&1
check "stats -j: packets that were sent" \
	test "$(g -j stats t3 | jq .[0].stats64.tx.packets)" -ge $((before + 5))

# iproute2 sees the devices and is told who makes them.
ip -n "$cli" link add t9 type gretun > "$tmp/out" 2>&1
same "ip link add: exit status" 2 $?
check "ip link add: says how to" grep -q 'gretun add' "$tmp/out"
check "ip link add: made nothing" sh -c "! ip -n $cli link show t9"
check "ip link set mtu" ip -n "$cli" link set t0 mtu 1300
same "ip link set mtu pins it" '[1300,false]' "$(json t0 '[.mtu,.mtu_auto]')"
check "ip link del" ip -n "$cli" link del t0
same "ip link del: it is gone" '["t1","t3"]' "$(g -j show | jq -c '[.[].ifname]|sort')"

# Events.
background gretun -n "$cli" monitor > "$tmp/monitor"
background gretun -n "$cli" -j monitor > "$tmp/monitor.json"
# Until both listen, make noise.
heard()
{
	g set t1 ttl 7
	[[ -s $tmp/monitor && -s $tmp/monitor.json ]]
}
wait_for 10 heard
g add m0 local 192.0.2.1 remote 192.0.2.66 key 5 ttl 11
g set m0 ttl 12
ip -n "$cli" link set m0 down
g del m0
for event in new set del; do
	check "monitor: $event" wait_for 5 grep -qE "^$event m0 " "$tmp/monitor"
	check "monitor -j: $event" wait_for 5 \
		grep -qE "\"$event\".*\"m0\"" "$tmp/monitor.json"
done
check "monitor: says what changed" grep -qE '^set m0 .*ttl 12' "$tmp/monitor"
check "monitor -j: an object on each line" \
	sh -c "jq -es 'all(.[]; type == \"object\")' $tmp/monitor.json"
same "monitor -j: no line is broken" "$(wc -l < "$tmp/monitor.json")" \
	"$(jq -c . "$tmp/monitor.json" | wc -l)"
for monitor in "${children[@]}"; do
	kill "$monitor"
	wait "$monitor"
	same "monitor: ends cleanly when told to" 0 $?
done
children=()
mkfifo "$tmp/fifo"
head -n 1 < "$tmp/fifo" > /dev/null &
background gretun -n "$cli" monitor > "$tmp/fifo"
ended()
{
	g set t1 ttl 8
	! kill -0 "${children[0]}"
}
check "monitor: ends when nobody reads" wait_for 10 ended
children=()

# Many names, and all.
for i in 1 2 3; do
	g add "d$i" local 192.0.2.1 remote "192.0.2.10$i"
done
does "del two" del d1 d3
same "del two: they are gone" '["d2","t1","t3"]' "$(g -j show | jq -c '[.[].ifname]|sort')"
does "del --all" del --all
same "del --all: all are gone" '[]' "$(g -j show | jq -c .)"
same "del --all: u0 is still there" u0 "$(ip -n "$cli" -j link show u0 | jq -r '.[0].ifname')"

# More than fit into one message.
check "many tunnels" ip netns exec "$cli" ./many 3000
same "show: many" 3001 "$(g show | wc -l)"
same "show -j: many" 3000 "$(g -j show | jq length)"
same "stats -j: many" 3001 "$(g -j stats | jq length)"
does "del --all: many" del --all
same "del --all: none of the many is left" '[]' "$(g -j show | jq -c .)"

# Words about the tool itself.
check "version" sh -c "gretun version | grep -qE '^gretun [0-9]'"
for word in -h --help; do
	check "$word" sh -c "gretun $word | grep -q 'gretun.*COMMAND'"
done
for word in add set del show stats monitor defaults version -j -n --all --explain \
	local remote ttl tos key ikey okey csum seq df mtu dev fwmark fastpath \
	external flowlabel encaplimit mss-clamp address peer down default_ttl \
	default_mtu allow; do
	check "the manual page has $word" grep -qwe "${word#-}" "$man"
done

end
