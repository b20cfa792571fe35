# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# Daemons of FRR in network namespaces. Sourced after lib.sh, not run.

readonly FRR=/usr/lib/frr

# frr_begin: what the daemons want of a system.
frr_begin()
{
	[[ -x $FRR/zebra ]] || skip_all "FRR is not there"
	grep -q '^frrvty:' /etc/group || echo 'frrvty:x:901:root' >> /etc/group
	mkdir -p /etc/pam.d
	printf '%s sufficient pam_permit.so\n' auth account > /etc/pam.d/frr
}

# frr NS DAEMON...: start them in that order, zebra first, with what stdin has as the
# configuration of all of them.
frr()
{
	local ns=$1 daemon

	shift
	mkdir -p "/var/run/frr/$ns" "/etc/frr/$ns"
	cat > "/etc/frr/$ns/frr.conf"
	: > "/etc/frr/$ns/vtysh.conf"
	for daemon; do
		ip netns exec "$ns" "$FRR/$daemon" -d -N "$ns" -u root -g root \
			-A 127.0.0.1 -f /dev/null \
			-i "/var/run/frr/$ns/$daemon.pid" \
			--log "file:$tmp/$ns-$daemon" ||
			return
		children+=("$(< "/var/run/frr/$ns/$daemon.pid")")
	done
	vty "$ns" -f "/etc/frr/$ns/frr.conf"
}

# vty NS WORD...: ask or tell the daemons there.
vty()
{
	vtysh -N "$1" "${@:2}"
}

# show NS COMMAND FILTER: of the JSON that "show COMMAND json" gives, what the jq
# FILTER has.
show()
{
	vty "$1" -c "show $2 json" | jq -e "$3"
}

# full NS COUNT: its ospfd has so many neighbours that are Full.
full()
{
	show "$1" 'ip ospf neighbor' \
		"[.neighbors[][] | select((.state // .nbrState) | startswith(\"Full\"))] | length == $2"
}

# frr_end NS...: the daemons there are gone.
frr_end()
{
	local ns file

	for ns; do
		for file in "/var/run/frr/$ns"/*.pid; do
			kill "$(< "$file")"
			wait_for 10 gone "$(< "$file")"
		done
		rm -rf "/var/run/frr/$ns" "/etc/frr/$ns"
	done
}

# gone PID: there is no such process.
gone()
{
	[[ ! -d /proc/$1 ]]
}

# ospf6_full NS: the neighbour of ospf6d is Full.
ospf6_full()
{
	show "$1" 'ipv6 ospf6 neighbor' \
		'.neighbors | length == 1 and .[0].state == "Full"'
}

# has NS NETWORK: there is a route there into the tunnel.
has()
{
	[[ $(ip -n "$1" -o route show "$2" dev gre1; \
	     ip -n "$1" -6 -o route show "$2" dev gre1) ]]
}
