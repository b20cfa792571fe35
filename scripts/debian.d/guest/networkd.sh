# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# What "peer --as networkd" prints is what systemd-networkd takes. Sourced by
# start.
#
#   network namespace near                               the machine, networkd
#   gre9 10.1.9.1/30 ================================ gre9 10.1.9.2/30
#   eth0 198.51.100.1/24 ---------------------------- under9 198.51.100.2/24

# near: the network, and gretun's end of the tunnel.
near()
{
	ip netns add near &&
		ip link add under9 type veth peer name eth0 netns near &&
		ip addr add 198.51.100.2/24 dev under9 &&
		ip link set under9 up &&
		ip -n near addr add 198.51.100.1/24 dev eth0 &&
		ip -n near link set eth0 up &&
		gretun -n near up "$PWD/gre9.netdev"
}

# peer_files: each file below the line that names it, in the folder of what
# does not outlive a boot.
peer_files()
{
	mkdir -p /run/systemd/network
	gretun peer "$PWD/gre9.netdev" --as networkd | tee peer | awk '
		/^# \/etc\/systemd\/network\// {
			file = $2
			sub(/^\/etc/, "/run", file)
			next
		}
		file { print > file }'
	cat peer
	[[ -s /run/systemd/network/gre9.netdev &&
	   -s /run/systemd/network/gre9.network ]]
}

sed 's/gre1/gre9/; s/192.0.2.1/198.51.100.1/; s/192.0.2.2/198.51.100.2/
     s/10.1.1.1/10.1.9.1/' /etc/gretun/gre1.netdev > gre9.netdev
check "a tunnel whose other end is networkd's" near
check "peer writes files for networkd" peer_files
check "networkd starts" systemctl start systemd-networkd
check "an echo request crosses to networkd" \
	wait_for 20 ip netns exec near ping -q -c 1 -W 1 10.1.9.2
check "an echo request crosses from networkd" \
	wait_for 20 ping -q -c 1 -W 1 -I gre9 10.1.9.1
same "networkd has nothing to say about its files" '' \
	"$(journalctl -b -o cat -u systemd-networkd -p warning)"
systemctl stop --quiet systemd-networkd.socket systemd-networkd
rm -rf /run/systemd/network
ip link del gre9
ip -n near link del gre9
ip netns del near
took networkd
