# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# What the tests of packets share: network namespaces that go away at the end,
# two hosts and a router, counters. Sourced, not run.
#
# The tests load and unload modules, so they belong in a virtual machine. On a
# machine whose own network namespace has gretun tunnels they do not start.

# shellcheck source-path=SCRIPTDIR source=ktap.sh
. ./ktap.sh

# The outer packets are IPv4, or IPv6 in a test that is called by a name with a 6
# at its end: ping6.sh is a link to ping.sh. Python helpers see UNDERLAY too.
# OVERHEAD is what an IP header and a GRE header without options take. LEFT2 and
# LEFT2_ROUTER are for a second cable. OTHER_KIND is that of the kernel's own
# tunnels.
# shellcheck disable=SC2034 # they are for the tests
if [[ ${0##*/} == *6.sh ]]; then
	export UNDERLAY=ipv6
	readonly LEFT=2001:db8:1::34 LEFT_ROUTER=2001:db8:1::33
	readonly RIGHT=2001:db8:2::2 RIGHT_ROUTER=2001:db8:2::1
	readonly LEFT2=2001:db8:3::5 LEFT2_ROUTER=2001:db8:3::6
	readonly PREFIX=64 HOST=128 OVERHEAD=44
	readonly OTHER_KIND=ip6gre OTHER_MODULE=ip6_gre
else
	export UNDERLAY=ipv4
	readonly LEFT=212.25.240.34 LEFT_ROUTER=212.25.240.33
	readonly RIGHT=217.154.12.2 RIGHT_ROUTER=217.154.12.1
	readonly LEFT2=192.0.2.5 LEFT2_ROUTER=192.0.2.6
	readonly PREFIX=30 HOST=32 OVERHEAD=24
	readonly OTHER_KIND=gre OTHER_MODULE=ip_gre
fi
readonly UNDERLAY LEFT_INNER=10.1.12.37 RIGHT_INNER=10.1.12.38
readonly LEFT_INNER6=fd12::37 RIGHT_INNER6=fd12::38

# Complaints of the kernel that fail a test.
readonly COMPLAINTS='BUG|WARNING|Call Trace|KASAN|UBSAN|refcount|Oops|unregister_netdevice: waiting|lockdep|possible .* detected|general protection|unreferenced object|stall'

tmp=$(mktemp -d)
marker="gretun-test ${0##*/} $$"
namespaces=()
# Set by make_ns in two_hosts.
left='' router='' right=''
children=()

# jq OPTION... FILTER [FILE]: gojq, which starts seven times as fast in an emulated
# machine. It sorts the keys of objects: their order takes "command jq".
jq()
{
	gojq "$@"
}

# begin: start the output of a test. What it makes goes away when it ends.
begin()
{
	local tool

	echo 'TAP version 13'
	for tool in gretun ip ethtool jq gojq /usr/bin/python3; do
		[[ $(type -P "$tool") ]] || skip_all "$tool is not installed"
	done
	((EUID == 0)) || skip_all "must be root"
	[[ ! $(ip link show type gretun 2> /dev/null) ]] ||
		skip_all "this machine has gretun tunnels of its own"
	modprobe gretun 2> /dev/null || [[ -d /sys/module/gretun ]] ||
		skip_all "gretun.ko is not there"
	echo "$marker" > /dev/kmsg
	trap cleanup EXIT
	trap 'exit 1' INT TERM HUP
}

# skip_all WHY: end the whole test.
skip_all()
{
	printf '1..0 # SKIP %s\n' "$*"
	exit 4
}

# shellcheck disable=SC2317 # called by the trap
cleanup()
{
	local ns

	((${#children[@]} == 0)) || kill "${children[@]}" 2> /dev/null
	for ns in "${namespaces[@]}"; do
		ip netns del "$ns" 2> /dev/null
	done
	rm -rf "$tmp"
}

# background COMMAND...: run it until the test ends; $! is its process.
background()
{
	"$@" &
	children+=($!)
}

# make_ns NAME...: make namespaces, named apart from those of other runs, and
# set NAME to what each is called. They are silent: no IPv6 unless asked for, and
# then without looking for others of the same address or for routers.
make_ns()
{
	local name

	for name; do
		printf -v "$name" '%s' "$name-$$"
		ip netns add "${!name}" || return
		namespaces+=("${!name}")
		ip -n "${!name}" link set lo up
		ip netns exec "${!name}" sysctl -qw \
			net.ipv6.conf.all.disable_ipv6=1 \
			net.ipv6.conf.default.disable_ipv6=1 \
			net.ipv6.conf.default.accept_dad=0 \
			net.ipv6.conf.default.router_solicitations=0
	done
}

# address NS DEV ADDRESS/LEN: DEV has it; with an IPv6 address it has IPv6.
address()
{
	if [[ $3 == *:* ]]; then
		ip netns exec "$1" sysctl -qw net.ipv6.conf.lo.disable_ipv6=0 \
			"net.ipv6.conf.$2.disable_ipv6=0" || return
	fi
	ip -n "$1" addr add "$3" dev "$2"
}

# forward NS: it is a router.
forward()
{
	ip netns exec "$1" sysctl -qw net.ipv4.ip_forward=1 \
		net.ipv6.conf.all.forwarding=1
}

# join NS DEV ADDRESS/LEN PEER-NS PEER-DEV PEER-ADDRESS/LEN: a cable.
join()
{
	ip -n "$1" link add "$2" type veth peer name "$5" netns "$4" &&
		address "$1" "$2" "$3" && address "$4" "$5" "$6" &&
		ip -n "$1" link set "$2" up &&
		ip -n "$4" link set "$5" up
}

# two_hosts: the topology of nearly every test; sets left, router and right.
#
#   left                     router                      right
#   eth0 212.25.240.34/30 -- left .33  right .1 -- eth0 217.154.12.2/30
#
# or with IPv6:
#
#   eth0 2001:db8:1::34/64 - left ::33 right ::1 - eth0 2001:db8:2::2/64
two_hosts()
{
	make_ns left router right &&
		join "$left" eth0 "$LEFT/$PREFIX" \
			"$router" left "$LEFT_ROUTER/$PREFIX" &&
		join "$right" eth0 "$RIGHT/$PREFIX" \
			"$router" right "$RIGHT_ROUTER/$PREFIX" &&
		ip -n "$left" route add default via "$LEFT_ROUTER" &&
		ip -n "$right" route add default via "$RIGHT_ROUTER" &&
		forward "$router"
}

# wire_hosts: the same for a test of bytes on the wire, of which scapy is the judge.
# Such a cable leaves checksums to the other end unless told not to.
wire_hosts()
{
	/usr/bin/python3 -c 'import scapy' || skip_all "scapy is not installed"
	two_hosts
	on_left ethtool -K eth0 tx off > /dev/null
}

# on_left, on_right, on_router COMMAND...: run it there.
on_left()
{
	ip netns exec "$left" "$@"
}

on_right()
{
	ip netns exec "$right" "$@"
}

on_router()
{
	ip netns exec "$router" "$@"
}

# tunnel NAME [OPTION...]: the same tunnel at both ends, with /30 addresses.
tunnel()
{
	local name=$1

	shift
	gretun -n "$left" add "$name" local "$LEFT" remote "$RIGHT" \
		address "$LEFT_INNER/30" "$@" &&
		gretun -n "$right" add "$name" local "$RIGHT" remote "$LEFT" \
			address "$RIGHT_INNER/30" "$@"
}

# tunnel6: IPv6 inside the tunnel gre1, at both ends.
tunnel6()
{
	address "$left" gre1 "$LEFT_INNER6/64" &&
		address "$right" gre1 "$RIGHT_INNER6/64"
}

# pings NS ADDRESS [OPTION...]: five echo requests, and all are answered. Once ping had
# an answer, it waits for the last for two round trips or the interval: -W is for when
# there is none at all. On a busy machine that is too short. When it is the last that
# are missing, they are sent anew, with a longer interval.
pings()
{
	local ns=$1 address=$2 interval

	shift 2
	for interval in 0.01 0.5; do
		ip netns exec "$ns" ping -c 5 -i "$interval" -W 5 "$@" "$address" |
			tee "$tmp/ping"
		! grep -q '5 packets transmitted, 5 received,' "$tmp/ping" || return 0
		last_missing || return
	done
	return 1
}

# last_missing: in $tmp/ping there are answers to the first requests, to all of those.
last_missing()
{
	sed -n 's/.*bytes from.* icmp_seq=\([0-9]*\) .*/\1/p' "$tmp/ping" | sort -nu |
		awk '$1 != NR { gap = 1 } END { exit !NR || gap }'
}

# stopped NS ADDRESS: it is not reached.
stopped()
{
	! ip netns exec "$1" ping -c 2 -i 0.05 -W 0.5 "$2"
}

# told NS BYTES OPTION...: a ping from there is too long and told so, and by how
# much.
told()
{
	local ns=$1 mtu=$2

	shift 2
	ip netns exec "$ns" ping -c 2 -i 0.2 -W 3 "$@" > "$tmp/ping" 2>&1
	cat "$tmp/ping"
	grep -qE "[Ff]rag(mentation)? needed.*mtu ?= ?$mtu\\b|Packet too big: mtu=$mtu\\b|message too long, mtu[=:] ?$mtu\\b" \
		"$tmp/ping"
}

# counter NS DEV FILTER: of the tunnel's statistics the value at the jq FILTER,
# like .rx.packets or .drops["rx-down"].
counter()
{
	gretun -n "$1" -j stats "$2" | jq ".[0].stats64|$3"
}

# esp: the outer packets of both ends must go through IPsec, in transport mode.
esp()
{
	local ns dir from to

	for ns in "$left" "$right"; do
		for dir in in out; do
			from=$LEFT to=$RIGHT
			[[ $ns/$dir != "$left/in" && $ns/$dir != "$right/out" ]] ||
				from=$RIGHT to=$LEFT
			ip -n "$ns" xfrm policy add src "$from" dst "$to" \
				proto gre dir "$dir" \
				tmpl proto esp mode transport || return
		done
	done
}

# keys: and they can. ESP without a cipher (RFC 2410) asks nothing of the kernel.
keys()
{
	local ns

	for ns in "$left" "$right"; do
		ip -n "$ns" xfrm state add src "$LEFT" dst "$RIGHT" proto esp \
			spi 1 mode transport enc 'ecb(cipher_null)' '' \
			auth digest_null '' &&
			ip -n "$ns" xfrm state add src "$RIGHT" dst "$LEFT" \
				proto esp spi 2 mode transport \
				enc 'ecb(cipher_null)' '' auth digest_null '' ||
			return
	done
}

no_esp()
{
	local ns

	for ns in "$left" "$right"; do
		ip -n "$ns" xfrm state flush
		ip -n "$ns" xfrm policy flush
	done
}

# only_esp: the router forwards ESP and no GRE while packets cross.
only_esp()
{
	on_router nft -f - <<- EOF
	table inet t {
		counter sealed { }
		counter plain { }
		chain forward {
			type filter hook forward priority 0
			meta l4proto esp counter name sealed
			meta l4proto gre counter name plain
		}
	}
	EOF
	pings "$left" "$RIGHT_INNER" || return
	on_router nft list counters
	on_router nft -j list counters |
		jq -e '[.nftables[] | .counter? | objects | {(.name): .packets}] |
		       add | .sealed == 10 and .plain == 0'
	on_router nft flush ruleset
}

# no_complaint: the kernel has nothing to say about what this test did. Races that
# KCSAN finds in other functions of the kernel are not about it, and neither are
# lists that nftables goes through with a lock that it does not tell RCU of.
no_complaint()
{
	! dmesg | sed -e "1,/$marker/d" -e '/KCSAN: data-race in /{/gretun_/!d;}' \
		-e '/WARNING: suspicious RCU usage/{:a;/<\/TASK>/!{N;ba;}' \
		-e '\|^\([^\n]*\n\)\{3\}[^\n]* net/netfilter/[^\n]* RCU-list |d;}' |
		grep -E "$COMPLAINTS"
}

# devices_left: names of the gretun devices in our namespaces.
devices_left()
{
	local ns

	for ns in "${namespaces[@]}"; do
		[[ ! -e /run/netns/$ns ]] || ip -n "$ns" -o link show type gretun
	done
}

# end: the closing case of every test, which is that no gretun object is alive
# and that the kernel has not complained; then the exit status.
end()
{
	local ns left_behind

	for ns in "${namespaces[@]}"; do
		[[ ! -e /run/netns/$ns ]] || [[ ! -d /sys/module/gretun ]] ||
			gretun -n "$ns" del --all
	done
	left_behind=$(devices_left)
	cleanup
	trap - EXIT
	# Unloading waits for the namespaces that are still going away.
	if [[ -d /sys/module/gretun ]] && ! rmmod gretun; then
		left_behind+="the module is in use"
	fi
	left_behind+=$(no_complaint)
	same "nothing is left behind" "" "$left_behind"
	ktap_end
	exit
}
