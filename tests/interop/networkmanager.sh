#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# NetworkManager on a host with tunnels, with a D-Bus of its own: nothing tells it of
# gre1, its settings name gre2 as unmanaged and gre3 as managed, and gre3 has a profile.
#
#   left gre1 10.1.12.37/30 ======================= gre1 10.1.12.38/30 right
#             fd12::37/64                                fd12::38/64
#        gre2 10.2.12.37/30 ======================= gre2 10.2.12.38/30
#        gre3 10.3.12.37/30 ======================= gre3 10.3.12.38/30
#   eth0 212.25.240.34/30 --- .33 router .1 --- eth0 217.154.12.2/30

set -u
cd "${BASH_SOURCE[0]%/*}/.." || exit
# shellcheck source-path=SCRIPTDIR source=../lib.sh
. ./lib.sh

readonly MANAGER=/usr/sbin/NetworkManager
manager=''

# bus: of the left's own, where anybody may do anything.
bus()
{
	cat > "$tmp/bus.conf" <<- END
	<busconfig>
	 <type>system</type>
	 <listen>unix:path=$tmp/bus</listen>
	 <auth>EXTERNAL</auth>
	 <policy context="default">
	  <allow send_destination="*"/>
	  <allow receive_sender="*"/>
	  <allow own="*"/>
	 </policy>
	</busconfig>
	END
	background dbus-daemon --nofork --config-file="$tmp/bus.conf" > "$tmp/dbus" 2>&1
}

# settings: what Debian has, but for where things are and for who may ask.
settings()
{
	mkdir -p "$tmp/conf.d" "$tmp/profiles" /var/lib/NetworkManager \
		/run/NetworkManager /etc/NetworkManager
	cat > "$tmp/manager.conf" <<- END
	[main]
	plugins=keyfile
	auth-polkit=root-only
	[keyfile]
	path=$tmp/profiles
	unmanaged-devices=interface-name:gre2
	[device-gre3]
	match-device=interface-name:gre3
	managed=1
	END
	cat > "$tmp/profiles/gre3.nmconnection" <<- END
	[connection]
	id=gre3
	type=generic
	interface-name=gre3
	[ipv4]
	method=manual
	address1=10.3.12.37/30
	route1=10.98.0.0/16
	[ipv6]
	method=disabled
	END
	chmod 600 "$tmp/profiles/gre3.nmconnection"
}

# start: NetworkManager, on the left. Where /sys can be written, it waits for udev.
start()
{
	# shellcheck disable=SC2016 # for the other shell
	on_left sh -c 'mount -o remount,ro /sys && exec "$0" "$@"' "$MANAGER" -n \
		--config="$tmp/manager.conf" --config-dir="$tmp/conf.d" \
		--intern-config="$tmp/intern" --state-file="$tmp/state" \
		--pid-file="$tmp/manager.pid" > "$tmp/manager.log" 2>&1 &
	manager=$!
	children+=("$manager")
}

runs()
{
	[[ $(nmcli -g RUNNING general) == running ]]
}

ended()
{
	! kill -0 "$manager" 2> /dev/null
}

# state DEV STATE: what NetworkManager says of it.
state()
{
	nmcli -g GENERAL.STATE device show "$1" | tee "$tmp/said"
	grep -qF "$2" "$tmp/said"
}

# profile: gre3 has the address and the route of its profile.
profile()
{
	ip -n "$left" -o addr show gre3 | grep -F 10.3.12.37/30 &&
		ip -n "$left" route show 10.98.0.0/16 | grep 'dev gre3'
}

# as_is DEV...: all that somebody may have changed.
as_is()
{
	local dev

	for dev; do
		gretun -n "$left" -j show "$dev" | jq '.[0] | del(.stats64, .ifindex)'
		ip -n "$left" -j addr show "$dev" | jq '.[0] |
			[.mtu, .flags, (.addr_info[] | [.local, .prefixlen, .scope])]'
		ip -n "$left" route show dev "$dev"
		ip -n "$left" -6 route show dev "$dev"
	done
}

# same_still TEXT: gre1 and gre2 are as they were.
same_still()
{
	as_is gre1 gre2 > "$tmp/after"
	check "$1: tunnels are as they were" diff "$tmp/before" "$tmp/after"
	check "$1: left pings right" pings "$left" "$RIGHT_INNER"
	check "$1: left pings right in gre2" pings "$left" 10.2.12.38
}

# ours NAME KEY WORD...: the left end.
ours()
{
	local name=$1 key=$2

	shift 2
	gretun -n "$left" add "$name" local "$LEFT" remote "$RIGHT" key "$key" "$@"
}

# own: gre1, with what is not of a profile.
own()
{
	ours gre1 1 address "$LEFT_INNER/30" mtu 1400 &&
		address "$left" gre1 "$LEFT_INNER6/64" &&
		ip -n "$left" route add 10.99.0.0/16 dev gre1
}

begin
[[ -x $MANAGER ]] || skip_all "NetworkManager is not there"
export DBUS_SYSTEM_BUS_ADDRESS=unix:path=$tmp/bus
two_hosts
for number in 1 2 3; do
	gretun -n "$right" add "gre$number" local "$RIGHT" remote "$LEFT" \
		key "$number" address "10.$number.12.38/30"
done
address "$right" gre1 "$RIGHT_INNER6/64"
check "left: a tunnel" own
check "left: a tunnel to be left alone" ours gre2 2 address 10.2.12.37/30
as_is gre1 gre2 > "$tmp/before"
bus
settings
check "a bus" wait_for 20 test -S "$tmp/bus"
start
check "NetworkManager runs" wait_for 60 runs
check "gre1 is unmanaged by itself" wait_for 20 state gre1 unmanaged
check "gre2 is, as it was told" wait_for 20 state gre2 unmanaged
same_still "it runs"
check "left: a tunnel with a profile" ours gre3 3
check "it gets address and route" wait_for 30 profile
check "gre3 is connected" wait_for 20 state gre3 connected
check "left pings right in gre3" pings "$left" 10.3.12.38
gretun -n "$left" del gre1
check "a tunnel that is made anew" own
check "gre1 is unmanaged again" wait_for 20 state gre1 unmanaged
same_still "made anew"
check "it reads its settings again" nmcli general reload
same_still "read again"
gretun -n "$left" del gre3
check "the one with a profile is made anew" ours gre3 3
check "it gets address and route again" wait_for 30 profile
gretun -n "$left" set gre3 mtu 1390
check "an MTU that was set stays" sh -c \
	"ip -n $left -j link show gre3 | jq -e '.[0].mtu == 1390'"
check "somebody wants gre1 managed" nmcli device set gre1 managed yes
check "it is, although no profile is for it" wait_for 20 state gre1 disconnected
same_still "managed"
kill "$manager"
check "NetworkManager ends" wait_for 30 ended
same_still "ended"
check "gre3 keeps its address" pings "$left" 10.3.12.38
end
