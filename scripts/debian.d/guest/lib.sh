# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# What the parts of the test share. Sourced, in the guest.
#
#   gre1    10.1.1.1/30 ============================= r1 10.1.1.2/30
#   gre-2.b 10.1.2.1/30 ============================= r2 10.1.2.2/30
#               under0 192.0.2.1/24 ---- eth0 192.0.2.2/24, 192.0.2.3/24
#               the machine                    network namespace far
#
# Far has the kernel's own ip_gre. far.service makes all of it but the tunnels
# of the machine.

# shellcheck source-path=SCRIPTDIR source=../../../tests/ktap.sh
. ./ktap.sh

# The other end of each tunnel; a name has what names of units may have.
declare -A FAR=([gre1]=10.1.1.2 [gre-2.b]=10.1.2.2)

# write_file NAME REMOTE ADDRESS [TTL]: a tunnel file.
write_file()
{
	cat > "/etc/gretun/$1.netdev" <<- END
	[NetDev]
	Name=$1
	Kind=gretun

	[Tunnel]
	Local=192.0.2.1
	Remote=$2
	TTL=${4:-64}

	[Address]
	Address=$3
	END
	chmod 640 "/etc/gretun/$1.netdev"
}

# crosses NAME: an echo request is answered from the tunnel's other end.
crosses()
{
	wait_for 20 ping -q -c 1 -W 1 -I "$1" "${FAR[$1]}"
}

# says UNIT: the end of what it said, for who looks for a reason.
says()
{
	journalctl -b -n 20 --no-pager -u "$1"
	return 1
}

# ttl NAME: what is in force.
ttl()
{
	gretun -j show "$1" | sed -n 's/.*"ttl": *\([0-9]*\).*/\1/p'
}

ifindex()
{
	cat "/sys/class/net/$1/ifindex"
}

gone()
{
	[[ ! -e /sys/class/net/$1 ]]
}

# starts_pinging NAME: in the background, 20 requests a second.
starts_pinging()
{
	ping -n -i 0.05 -I "$1" "${FAR[$1]}" > "ping.$1" &
	pings[$1]=$!
}

# none_lost NAME: end that; each request was answered, but for one that was on
# its way in the end.
none_lost()
{
	sleep 0.5
	kill -INT "${pings[$1]}"
	wait "${pings[$1]}"
	tail -n 3 "ping.$1"
	awk -F 'icmp_seq=' 'NF > 1 { n++; last = $2 + 0 }
		END { exit !(n > 5 && n == last) }' "ping.$1"
}
declare -A pings=()

# active UNIT...: as systemd sees it.
active()
{
	systemctl is-active "$@"
}

# journal_has UNIT TEXT: since this boot.
journal_has()
{
	journalctl -b -o cat -u "$1" | grep -F -- "$2"
}

# files: every file of the machine but those that packages in general change.
files()
{
	find / -xdev \( -path /tmp -o -path /var/tmp -o -path /var/log \
		-o -path /var/cache -o -path /var/lib/dpkg \
		-o -path /var/lib/lab -o -path /var/lib/systemd \) -prune \
		-o -printf '%p\n' | sort
}

# built: DKMS has the module for the running kernel, and modprobe finds it.
built()
{
	dkms status
	dkms status | grep -q "^gretun/.*, $(uname -r), .*: installed\$" &&
		modinfo -n gretun | grep '/updates/dkms/gretun.ko'
}

# took TEXT: say how long it was since the last call.
took()
{
	echo "# $1: $((SECONDS - since)) s"
	since=$SECONDS
}
since=$SECONDS
