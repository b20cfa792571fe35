#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# systemd-networkd on a host with tunnels: gre1 has a file that wants it to have
# addresses and a route, and gre2 has none.
#
#   left gre1 10.1.12.37/30 ======================= gre1 10.1.12.38/30 right
#             fd12::37/64                                fd12::38/64
#   left gre2 10.2.12.37/30, whose far end is nowhere
#   eth0 212.25.240.34/30 --- .33 router .1 --- eth0 217.154.12.2/30

set -u
cd "${BASH_SOURCE[0]%/*}/.." || exit
# shellcheck source-path=SCRIPTDIR source=../lib.sh
. ./lib.sh

readonly NETWORKD=/usr/lib/systemd/systemd-networkd
networkd=''

# start: networkd, on the left. Where /sys can be written, it waits for udev.
start()
{
	grep -q '^systemd-network:' /etc/passwd || {
		echo 'systemd-network:x:998:998::/:/bin/sh' >> /etc/passwd
		echo 'systemd-network:x:998:' >> /etc/group
	}
	mkdir -p /run/systemd/{netif/{links,leases,lldp},network} &&
		chown -R 998:998 /run/systemd/netif &&
		printf '%s\n' '[Match]' Name=gre1 '[Network]' "Address=$LEFT_INNER/30" \
			"Address=$LEFT_INNER6/64" LinkLocalAddressing=no IPv6AcceptRA=no \
			'[Route]' Destination=10.99.0.0/16 > /run/systemd/network/50-gre1.network ||
		return
	# shellcheck disable=SC2016 # for the other shell
	on_left sh -c 'mount -o remount,ro /sys && exec "$0"' "$NETWORKD" \
		> "$tmp/networkd" 2>&1 &
	networkd=$!
	children+=("$networkd")
}

# state DEV STATE: what networkd says of it.
state()
{
	grep -x "ADMIN_STATE=$2" "/run/systemd/netif/links/$(on_left cat "/sys/class/net/$1/ifindex")"
}

# managed: gre1 has what its file wants.
managed()
{
	ip -n "$left" -o addr show gre1 | grep -F "$LEFT_INNER/30" &&
		ip -n "$left" -o addr show gre1 | grep -F "$LEFT_INNER6/64" &&
		ip -n "$left" route show 10.99.0.0/16 | grep 'dev gre1'
}

# settings DEV: those of the tunnel, and the addresses of the device.
settings()
{
	gretun -n "$left" -j show "$1" | jq '.[0] | del(.stats64)'
	ip -n "$left" -o addr show "$1" | awk '{ print $4 }'
}

# ours: the left end, which networkd gives its addresses.
ours()
{
	gretun -n "$left" add gre1 local "$LEFT" remote "$RIGHT" key 7
}

begin
[[ -x $NETWORKD ]] || skip_all "systemd-networkd is not there"
two_hosts
check "left: a tunnel without addresses" ours
gretun -n "$right" add gre1 local "$RIGHT" remote "$LEFT" key 7 address "$RIGHT_INNER/30"
address "$right" gre1 "$RIGHT_INNER6/64"
check "left: a tunnel that networkd has no file for" gretun -n "$left" add gre2 \
	local "$LEFT" remote 203.0.113.9 csum on address 10.2.12.37/30
settings gre2 > "$tmp/before"
start
check "networkd starts" test "$networkd"
check "gre1 gets its addresses and its route" wait_for 30 managed
check "networkd says that it is configured" wait_for 10 state gre1 configured
check "left pings right" pings "$left" "$RIGHT_INNER"
check "left pings right with IPv6" pings "$left" "$RIGHT_INNER6"
check "networkd says that gre2 is unmanaged" wait_for 10 state gre2 unmanaged
settings gre2 > "$tmp/after"
check "gre2 is as it was" cmp "$tmp/before" "$tmp/after"
gretun -n "$left" del gre1
check "the tunnel is made anew" ours
check "it gets its addresses again" wait_for 30 managed
check "left pings right again" pings "$left" "$RIGHT_INNER"
gretun -n "$left" set gre1 mtu 1400
check "an MTU that was set stays" sh -c \
	"ip -n $left -j link show gre1 | jq -e '.[0].mtu == 1400'"
check "addresses stay too" managed
kill "$networkd"
check "networkd ends" wait_for 20 sh -c "! kill -0 $networkd"
check "left pings right without networkd" pings "$left" "$RIGHT_INNER"
check "gre2 is as it was still" cmp "$tmp/before" <(settings gre2)
end
