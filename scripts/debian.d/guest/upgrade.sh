# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# The packages of a later version, and their removal. Sourced by start.

# installed VERSION: both packages are.
installed()
{
	local packages

	packages=$(dpkg-query -W -f '${Package} ${Version} ${db:Status-Status}\n' \
		gretun gretun-dkms)
	echo "$packages"
	[[ $packages == "gretun $1 installed"$'\n'"gretun-dkms $1 installed" ]]
}

# left: what was not there before the packages came. What the user made stays,
# and what DKMS keeps for itself.
left()
{
	! files | comm -13 before - | grep .
}

version=$(dpkg-deb -f new/gretun_*.deb Version)
index=$(ifindex gre1)
starts_pinging gre1
starts_pinging gre-2.b
check "the packages of a later version install" \
	dpkg -i new/gretun-dkms_*.deb new/gretun_*.deb
took "upgrade"
check "they are of that version" installed "$version"
same "so is the program" "gretun $version" "$(gretun version)"
check "DKMS built the module anew" built
same "from the sources of that version" "$version" "$(modinfo -F version gretun)"
same "the device is the same" "$index" "$(ifindex gre1)"
for name in "${!FAR[@]}"; do
	check "no packet of $name was lost" none_lost "$name"
	check "its unit is active" active "gretun@$name"
done

check "the packages go" dpkg -r gretun gretun-dkms
took "removal"
for name in "${!FAR[@]}"; do
	check "$name is gone" gone "$name"
done
check "no module is left to load" fails modinfo gretun
same "the tunnel files stay" "gre-2.b.netdev gre1.netdev" \
	"$(cd /etc/gretun && echo *)"
rm /etc/gretun/*
check "the packages are purged" dpkg -P gretun gretun-dkms
check "no file is left" left
same "no unit is left" '' \
	"$(systemctl list-units --plain --no-legend 'gretun*')"
took "purge"
