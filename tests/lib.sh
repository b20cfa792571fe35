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

# The addresses that the examples use.
readonly LEFT=212.25.240.34 LEFT_INNER=10.1.12.37
readonly RIGHT=217.154.12.2 RIGHT_INNER=10.1.12.38

# Complaints of the kernel that fail a test.
readonly COMPLAINTS='BUG|WARNING|Call Trace|KASAN|UBSAN|refcount|Oops|unregister_netdevice: waiting|lockdep|possible .* detected|general protection|unreferenced object|stall'

tmp=$(mktemp -d)
marker="gretun-test ${0##*/} $$"
namespaces=()
# Set by make_ns in two_hosts.
left='' router='' right=''
children=()

# begin: start the output of a test. What it makes goes away when it ends.
begin()
{
	local tool

	echo 'TAP version 13'
	for tool in gretun ip ethtool jq /usr/bin/python3; do
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
# set NAME to what each is called. They are silent: no IPv6 unless asked for.
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
			net.ipv6.conf.default.disable_ipv6=1
	done
}

# join NS DEV ADDRESS/LEN PEER-NS PEER-DEV PEER-ADDRESS/LEN: a cable.
join()
{
	ip -n "$1" link add "$2" type veth peer name "$5" netns "$4" &&
		ip -n "$1" addr add "$3" dev "$2" &&
		ip -n "$4" addr add "$6" dev "$5" &&
		ip -n "$1" link set "$2" up &&
		ip -n "$4" link set "$5" up
}

# two_hosts: the topology of nearly every test; sets left, router and right.
#
#   left                     router                      right
#   eth0 212.25.240.34/30 -- left .33  right .1 -- eth0 217.154.12.2/30
two_hosts()
{
	make_ns left router right &&
		join "$left" eth0 "$LEFT/30" "$router" left 212.25.240.33/30 &&
		join "$right" eth0 "$RIGHT/30" "$router" right 217.154.12.1/30 &&
		ip -n "$left" route add default via 212.25.240.33 &&
		ip -n "$right" route add default via 217.154.12.1 &&
		ip netns exec "$router" sysctl -qw net.ipv4.ip_forward=1
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

# pings NS ADDRESS [OPTION...]: five echo requests, and all are answered.
pings()
{
	local ns=$1 address=$2

	shift 2
	ip netns exec "$ns" ping -c 5 -i 0.05 -W 5 "$@" "$address" |
		tee "$tmp/ping"
	grep -q '5 packets transmitted, 5 received,' "$tmp/ping"
}

# counter NS DEV FILTER: of the tunnel's statistics the value at the jq FILTER,
# like .rx.packets or .drops["rx-down"].
counter()
{
	gretun -n "$1" -j stats "$2" | jq ".[0].stats64|$3"
}

# report: turn lines "ok TEXT" and "not ok TEXT" into results. Those that start
# with "# " before a "not ok" say why. A helper that says nothing, or ends
# badly, is a failure: give report its name and exit status.
report()
{
	local line why='' seen=0

	while IFS= read -r line; do
		case $line in
		'ok '*)
			ok "${line#ok }"
			why=''
			seen=1
			;;
		'not ok '*)
			not_ok "${line#not ok }" <<< "$why"
			why=''
			seen=1
			;;
		'END 0') ((seen)) || not_ok "any result" <<< "none" ;;
		'END '*) not_ok "the helper ends well" <<< "$why"$'\n'"$line" ;;
		*) why+=${why:+$'\n'}${line#\# } ;;
		esac
	done
}

# python SCRIPT ARG...: run one of the Python helpers; its results are ours.
python()
{
	report < <(
		/usr/bin/python3 "$@" 2>&1
		echo "END $?"
	)
}

# no_complaint: the kernel has nothing to say about what this test did.
no_complaint()
{
	! dmesg | sed "1,/$marker/d" | grep -E "$COMPLAINTS"
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
