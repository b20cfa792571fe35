# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# The first boot: the packages come to a machine that knows nothing of gretun,
# and two tunnels are enabled. Sourced by start.

# enabled: both tunnels, by one command each.
enabled()
{
	local name

	for name in "${!FAR[@]}"; do
		systemctl enable --now "gretun@$name" || says "gretun@$name" ||
			return
	done
}

install -m 644 far.service /etc/systemd/system/
systemctl enable --quiet --now far
files > before

took "boot and the like"
ccache -z > /dev/null
check "the packages install" dpkg -i old/gretun-dkms_*.deb old/gretun_*.deb
took "installation"
ccache -s | sed -n 's|^ *Hits: *|# compiled before: |p'
check "DKMS built the module for the running kernel" built
check "the target is there" active gretun.target
write_file gre1 192.0.2.2 10.1.1.1/30
write_file gre-2.b 192.0.2.3 10.1.2.1/30
check "two tunnels are enabled and started" enabled
for name in "${!FAR[@]}"; do
	check "an echo request crosses $name" crosses "$name"
done
check "systemd finds nothing wrong with the units" \
	systemd-analyze --man=no verify gretun.target gretun@gre1.service
took "the first tunnels"
