#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Open vSwitch at the far end, with its datapath in user space, which has a GRE of its
# own: gre0 is a port of the bridge br0 for packets without Ethernet (legacy_l3), and
# the bridge of the underlay, br1, has the outer address.
#
#   left gre1 10.1.12.37/30 ================ (gre0) br0 10.1.12.38/30 right
#        (gretun)                                   (Open vSwitch)
#   eth0 212.25.240.34/30 --- .33 router .1 --- (eth0) br1 217.154.12.2/30

set -u
cd "${BASH_SOURCE[0]%/*}/.." || exit
# shellcheck source-path=SCRIPTDIR source=../lib.sh
. ./lib.sh
# shellcheck source-path=SCRIPTDIR source=wire_lib.sh
. interop/wire_lib.sh

readonly OVS=/usr/lib/openvswitch-switch/ovs-vswitchd
export OVS_RUNDIR=''

vsctl()
{
	on_right ovs-vsctl --no-wait "--db=unix:$tmp/db.sock" "$@"
}

# switch: start it on the right, with both bridges.
switch()
{
	export OVS_RUNDIR=$tmp
	ovsdb-tool create "$tmp/conf.db" /usr/share/openvswitch/vswitch.ovsschema &&
		on_right ovsdb-server "$tmp/conf.db" --detach \
			"--remote=punix:$tmp/db.sock" "--pidfile=$tmp/db.pid" \
			"--unixctl=$tmp/db.ctl" || return
	children+=("$(< "$tmp/db.pid")")
	vsctl init &&
		vsctl add-br br0 -- set bridge br0 datapath_type=netdev &&
		vsctl add-br br1 -- set bridge br1 datapath_type=netdev &&
		vsctl add-port br1 eth0 || return
	on_right "$OVS" "unix:$tmp/db.sock" --detach "--pidfile=$tmp/switch.pid" \
		"--unixctl=$tmp/switch.ctl" "--log-file=$tmp/switch.log" || return
	children+=("$(< "$tmp/switch.pid")")
	wait_for 20 ip -n "$right" link show br1
}

# underlay: the address of the host is that of the bridge then.
underlay()
{
	ip -n "$right" addr del "$RIGHT/$PREFIX" dev eth0 &&
		ip -n "$right" addr add "$RIGHT/$PREFIX" dev br1 &&
		ip -n "$right" link set br1 up &&
		ip -n "$right" route replace default via "$RIGHT_ROUTER" dev br1 &&
		ip -n "$right" addr add "$RIGHT_INNER/30" dev br0 &&
		ip -n "$right" link set br0 up && pings "$right" "$LEFT"
}

# port OPTION...: the tunnel of the switch. Between it and br0, whose packets are of
# Ethernet, flows take the header off and put one on.
port()
{
	local mac

	vsctl --if-exists del-port br0 gre0 -- add-port br0 gre0 -- \
		set interface gre0 type=gre options:remote_ip="$LEFT" \
		options:packet_type=legacy_l3 ofport_request=9 "$@" || return
	mac=$(on_right cat /sys/class/net/br0/address)
	wait_for 10 port_there || return
	on_right ovs-ofctl del-flows "unix:$tmp/br0.mgmt" &&
		on_right ovs-ofctl add-flow "unix:$tmp/br0.mgmt" \
			"in_port=9,actions=set_field:$mac->eth_dst,LOCAL" &&
		on_right ovs-ofctl add-flow "unix:$tmp/br0.mgmt" \
			"in_port=LOCAL,ip,actions=output:9" &&
		ip -n "$right" neigh replace "$LEFT_INNER" lladdr 02:00:00:00:00:01 \
			dev br0
}

port_there()
{
	[[ $(vsctl get interface gre0 ofport) == 9 ]]
}

# ours WORD...: the tunnel of gretun.
ours()
{
	gretun -n "$left" add gre1 local "$LEFT" remote "$RIGHT" \
		address "$LEFT_INNER/30" "$@"
}

# crosses TEXT FLAGS: both ways, all with these as the first two bytes of the header,
# and nothing is dropped by gretun. The switch may drop the first packets, as it has to
# look for its neighbour and to make its flows.
crosses()
{
	check "$1: the router watches" wire "$router" forward \
		"left=iifname left @th,0,16 $2" "right=iifname right @th,0,16 $2" \
		"other=@th,0,16 != $2"
	check "$1: left pings right" wait_for 10 pings "$left" "$RIGHT_INNER"
	check "$1: right pings left" wait_for 10 pings "$right" "$LEFT_INNER"
	same "$1: nothing is dropped" 0 "$(counter "$left" gre1 '.drops | add')"
	check "$1: header bytes of left" on_wire "$router" left
	check "$1: header bytes of right" on_wire "$router" right
	same "$1: no other header" 0 "$(wired "$router" other)"
	wire_end "$router"
	gretun -n "$left" del gre1
}

# Its checksum is wrong where there is a sequence number other than 0: what it sends
# is dropped for that, and counted.
faulty()
{
	local before after

	before=$(counter "$left" gre1 '.drops["rx-checksum"]')
	! ip netns exec "$right" ping -c 5 -i 0.05 -W 1 "$LEFT_INNER" || return
	after=$(counter "$left" gre1 '.drops["rx-checksum"]')
	echo "$before and $after packets with a bad checksum"
	((after >= before + 4))
}

begin
[[ -x $OVS ]] || skip_all "Open vSwitch is not there"
modprobe tun
two_hosts
# The switch does not see that a checksum is left to the cable.
on_left ethtool -K eth0 tx off > /dev/null
on_router ethtool -K right tx off > /dev/null
check "the switch starts" switch
check "its bridge is on the underlay" underlay
check "plain: its port" port
ours
crosses "plain" 0x0000
check "key: its port" port options:key=7
ours key 7
crosses "key" 0x2000
check "a key for each way: its port" port options:in_key=8 options:out_key=9
ours ikey 9 okey 8
crosses "a key for each way" 0x2000
check "checksum: its port" port options:csum=true
ours csum on
crosses "checksum" 0x8000
check "sequence numbers: its port" port options:seq=true
ours seq on
crosses "sequence numbers" 0x1000
check "checksum and sequence numbers: its port" port options:csum=true options:seq=true
ours csum on seq on
check "checksum and sequence numbers: its checksums are wrong" faulty
for pid in "$tmp"/switch.pid "$tmp"/db.pid; do
	kill "$(< "$pid")"
done
end
