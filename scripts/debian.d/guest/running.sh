# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# The second boot: the tunnels are there, and what is done to one leaves the
# other alone. Sourced by start.

# in_order: the tunnels were up before the network counted as configured, and
# that before its other end was made.
in_order()
{
	local unit moment last=0

	for unit in gretun@gre1 network.target far; do
		moment=$(systemctl show -P ActiveEnterTimestampMonotonic "$unit")
		echo "$unit: $moment"
		((moment > last)) || return
		last=$moment
	done
}

# no_cycle: systemd had not to leave a unit out to find an order.
no_cycle()
{
	! journalctl -b -o cat | grep -i 'ordering cycle'
}

# none_failed: no unit did.
none_failed()
{
	! systemctl --failed --no-legend --plain | grep .
}

# change FROM TO FILE: in the tunnel's file.
change()
{
	sed -i "s/^$1\$/$2/" "/etc/gretun/$3.netdev"
}

# fails COMMAND...: with a status above 0.
fails()
{
	! "$@"
}

# untouched: both tunnels are what they were, and so is the target.
untouched()
{
	active gretun@gre1 gretun@gre-2.b gretun.target &&
		[[ $(ifindex gre1) == "$index" ]] && crosses gre1 && crosses gre-2.b
}

check "no unit failed at boot" none_failed
check "systemd found an order for all units" no_cycle
check "the tunnels, the target are there after a boot" \
	active gretun@gre1 gretun@gre-2.b gretun.target
check "in the order that is meant" in_order
for name in "${!FAR[@]}"; do
	check "an echo request crosses $name" crosses "$name"
done
took "boot"

check "a tunnel stops" systemctl stop gretun@gre1
check "its device is gone" gone gre1
check "the other one is not" crosses gre-2.b
check "it starts" systemctl start gretun@gre1
check "and is there again" crosses gre1

index=$(ifindex gre1)
starts_pinging gre1
starts_pinging gre-2.b
sleep 0.5
change TTL=64 TTL=99 gre1
check "a tunnel is loaded anew after an edit" systemctl reload gretun@gre1
same "what the file says is in force" 99 "$(ttl gre1)"
same "the device is the same" "$index" "$(ifindex gre1)"
check "no packet of it was lost" none_lost gre1
check "no packet of the other was lost" none_lost gre-2.b

change TTL=99 TTL=much gre1
check "a broken edit is refused" fails systemctl reload gretun@gre1
check "the journal names file, line and word" \
	journal_has gretun@gre1 "/etc/gretun/gre1.netdev:8: TTL: 'much'"
check "the tunnel stays as it was" untouched
same "with what was in force" 99 "$(ttl gre1)"
change TTL=much TTL=64 gre1

write_file gre3 192.0.2.4 10.1.3.1/30 many
check "a tunnel with a broken file does not start" \
	fails systemctl start gretun@gre3
check "its unit failed" fails systemctl is-active gretun@gre3
check "the journal says why" \
	journal_has gretun@gre3 "/etc/gretun/gre3.netdev:8: TTL: 'many'"
check "no device is left" gone gre3
check "the others are untouched" untouched
rm /etc/gretun/gre3.netdev
check "a tunnel without a file does not start" \
	fails systemctl start gretun@gre3
check "the journal names the file" \
	journal_has gretun@gre3 '/etc/gretun/gre3.netdev'
systemctl reset-failed

write_file gre3 peer3.lab 10.1.3.1/30
check "a tunnel whose peer nobody knows does not start" \
	fails systemctl start gretun@gre3
check "the journal names the peer" journal_has gretun@gre3 peer3.lab
echo '192.0.2.4 peer3.lab' >> /etc/hosts
check "names are looked up again" systemctl start gretun-resolve
check "the tunnel that waited for that is there" \
	wait_for 20 active gretun@gre3
check "a tunnel that was stopped" systemctl stop gretun@gre3
check "is not started by a look" systemctl start gretun-resolve
check "and stays away" gone gre3
rm /etc/gretun/gre3.netdev

check "a tunnel restarts" systemctl restart gretun@gre1
same "with what the file says" 64 "$(ttl gre1)"
# That waits for the target alone.
check "all tunnels stop with the target" systemctl stop gretun.target
for name in "${!FAR[@]}"; do
	check "$name is gone" wait_for 20 gone "$name"
done
check "all start with it" systemctl start gretun.target
for name in "${!FAR[@]}"; do
	check "an echo request crosses $name again" crosses "$name"
done
took "units"
