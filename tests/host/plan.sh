#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# gretun plan: both ends out of two addresses and a network. It needs neither root
# nor a module.

set -u
cd "${BASH_SOURCE[0]%/*}" || exit
# shellcheck source-path=SCRIPTDIR source=../ktap.sh
. ../ktap.sh

readonly GRETUN=../../cli/gretun A=212.25.240.34 B=217.154.12.2
readonly A6=2001:db8:1::34 B6=2001:db8:2::2

tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT

# plan ARG...: as anybody would run it.
plan()
{
	if ((EUID)); then
		"$GRETUN" plan "$@"
	else
		setpriv --reuid 65534 --regid 65534 --clear-groups \
			"$GRETUN" plan "$@"
	fi
}

# ends ARG...: both ends, each a line of what is inside and outside.
ends()
{
	"$GRETUN" -j plan "$@" |
		jq -r '.[]|[.ifname,.local,.remote,.addresses[0].local,
			.addresses[0].prefixlen]|join(" ")'
}

# refuses WORD REASON ARG...: exit status 2, and this on stderr alone.
refuses()
{
	local word=$1 reason=$2 out is=0

	shift 2
	out=$("$GRETUN" plan "$@" 2> "$tmp/err") || is=$?
	same "refused: $*" "2||gretun: $word: $reason" \
		"$is|$out|$(< "$tmp/err")"
}

echo 'TAP version 13'
# What is under /root is for root alone.
((EUID)) || setpriv --reuid 65534 --regid 65534 --clear-groups \
	test -x "$GRETUN" || plan() { "$GRETUN" plan "$@"; }

# The networks.
same "/30" "gre1 $A $B 10.1.12.37 30
gre1 $B $A 10.1.12.38 30" "$(ends $A $B 10.1.12.36/30)"
same "/31" "gre1 $A $B 10.1.12.36 31
gre1 $B $A 10.1.12.37 31" "$(ends $A $B 10.1.12.36/31)"
same "larger" "gre1 $A $B 10.9.0.1 16
gre1 $B $A 10.9.0.2 16" "$(ends $A $B 10.9.0.0/16)"
same "IPv6, /126" "gre1 $A $B fd12::1 126
gre1 $B $A fd12::2 126" "$(ends $A $B fd12::/126)"
same "IPv6, /127" "gre1 $A $B fd12:: 127
gre1 $B $A fd12::1 127" "$(ends $A $B fd12::/127)"
same "IPv6, /64" "gre1 $A $B fd12::1 64
gre1 $B $A fd12::2 64" "$(ends $A $B fd12::/64)"
same "IPv6 outside" "gre1 $A6 $B6 10.1.12.37 30
gre1 $B6 $A6 10.1.12.38 30" "$(ends $A6 $B6 10.1.12.36/30)"
same "a name" "to-munich $A $B 10.1.12.37 30
to-munich $B $A 10.1.12.38 30" "$(ends $A $B 10.1.12.36/30 --name to-munich)"

# The commands: gretun's at the first end, those of a system at the second.
same "both ends with gretun" "# gretun on $A, the end of the tunnel to $B
gretun add gre1 \\
  local $A remote $B \\
  ttl 9 ikey 5 okey 6 csum on mtu auto \\
  address 10.1.12.37/30
# A tunnel file brings it back after a reboot: gretun.netdev(5).

# gretun on $B, the end of the tunnel to $A
gretun add gre1 \\
  local $B remote $A \\
  ttl 9 ikey 6 okey 5 csum on mtu auto \\
  address 10.1.12.38/30
# A tunnel file brings it back after a reboot: gretun.netdev(5)." \
	"$(plan $A $B 10.1.12.36/30 ikey 5 okey 6 ttl 9 csum on)"
same "the second end with ios" "! Cisco IOS on $B, the end of the tunnel to $A
! The MTU of 1472 is for links of 1500 bytes on the way.
configure terminal
interface Tunnel12
 ip address 10.1.12.2 255.255.255.0
 ip mtu 1472
 tunnel source $B
 tunnel destination $A
 tunnel mode gre ip
 tunnel key 5
 tunnel ttl 64
 tunnel tos 0
 tunnel path-mtu-discovery
 no keepalive
 no shutdown
 exit
end
! copy running-config startup-config keeps it over a reload." \
	"$(plan $A $B 10.1.12.0/24 key 5 --name gre12 --as ios | sed '1,/^$/d')"
same "options of plan stand anywhere" \
	"$(plan $A $B 10.1.12.36/30 key 5 --as vyos --name x3)" \
	"$(plan --as vyos --name x3 $A $B 10.1.12.36/30 key 5)"
for system in gretun iproute2 freebsd netbsd openbsd; do
	plan $A6 $B6 10.1.12.36/30 key 5 --as "$system" > "$tmp/out"
	check "$system: sh reads both ends" sh -n "$tmp/out"
done
same "an MTU that is given needs no guess" "" \
	"$(plan $A $B 10.1.12.36/30 mtu 1400 --as openbsd | grep 1500)"
# Keepalives: where there are some, in the words of the system, else why not.
# alive SYSTEM: what is said of them.
alive()
{
	plan $A $B 10.1.12.36/30 keepalive 5:4 --as "$1" | sed '1,/^$/d' |
		grep -iE 'keepalive' | tail -n 1
}
same "keepalive: openbsd" '#   keepalive 5 4' "$(alive openbsd)"
same "keepalive: ios" ' keepalive 5 4' "$(alive ios)"
same "keepalive: routeros" 'keepalive=5s,4' \
	"$(alive routeros | grep -o 'keepalive=[^ ]*')"
same "keepalive: routeros, off" '!keepalive' \
	"$(plan $A $B 10.1.12.36/30 --as routeros | grep -o '.keepalive .' |
		tail -n 1 | cut -c1-10)"
same "keepalive: gretun" 'keepalive 5:4' \
	"$(alive gretun | grep -o 'keepalive [^ ]*')"
for system in iproute2 networkd freebsd netbsd vyos; do
	check "keepalive: $system has none" \
		grep -q 'has no keepalives\.' <(alive "$system")
done
same "keepalive: ios over IPv6" ' no keepalive' \
	"$(plan $A6 $B6 10.1.12.36/30 keepalive 5:4 --as ios |
		sed '1,/^$/d' | grep '^ .*keepalive')"

same "the table" "                LEFT             RIGHT
public address  $A    $B
tunnel address  10.1.12.37       10.1.12.38
prefix          30               30
netmask         255.255.255.252  255.255.255.252
device          gre1             gre1
key sent        6                5
key expected    5                6
ttl             64               64
tos             0                0
csum            off              off
seq             off              off
df              copy             copy
mss-clamp       off              off
mtu             1472             1472
bytes added     28               28
IP protocol     47               47" \
	"$(plan $A $B 10.1.12.36/30 ikey 5 okey 6 --table | sed 's/ *$//')"

# Wrong words.
usage='it takes the public addresses of both ends and a network for the inside, like 212.25.240.34 217.154.12.2 10.1.12.36/30'
refuses fe80::/64 "link-local addresses are each end's own; it takes a network that both ends are in" \
	$A $B fe80::/64
refuses ::/126 'no addresses that a host can have' $A $B ::/126
refuses plan "$usage"
refuses plan "$usage" $A $B
refuses $A 'the same address twice; a tunnel has two ends' $A $A 10.1.12.36/30
refuses $B6 "$A is not of the same family; both are IPv4 or both IPv6" \
	$A $B6 10.1.12.36/30
refuses 300.1.1.1 'not an IPv4 or IPv6 address' 300.1.1.1 $B 10.1.12.36/30
refuses any 'not an IPv4 or IPv6 address' $A any 10.1.12.36/30
for ip in 0.0.0.0 127.0.0.1 224.0.0.1 255.255.255.255; do
	refuses "$ip" 'not an address that a host can have' \
		$A "$ip" 10.1.12.36/30
done
for ip in :: ::1 ff02::1; do
	refuses "$ip" 'not an address that a host can have' \
		"$ip" $B6 10.1.12.36/30
done
refuses 10.1.12.36 'not a network; it takes an address and the length of the prefix, like 10.1.12.36/30' \
	$A $B 10.1.12.36
refuses 10.1.12.37/30 'not the start of a network; that is 10.1.12.36/30' \
	$A $B 10.1.12.37/30
refuses fd12::1/64 'not the start of a network; that is fd12::/64' \
	$A $B fd12::1/64
refuses 10.1.12.36/32 'no two addresses are in it; it takes a prefix of 31 bits or fewer' \
	$A $B 10.1.12.36/32
refuses fd12::1/128 'no two addresses are in it; it takes a prefix of 127 bits or fewer' \
	$A $B fd12::1/128
for net in 0.0.0.0/0 127.0.0.0/8 224.0.0.0/4 ff00::/8; do
	refuses "$net" 'no addresses that a host can have' $A $B "$net"
done
refuses 212.25.240.32/29 "$A is in it, which must not be routed into the tunnel" \
	$A $B 212.25.240.32/29
refuses 2001:db8:2::/64 "$B6 is in it, which must not be routed into the tunnel" \
	$A6 $B6 2001:db8:2::/64
for word in local remote external dev fwmark fastpath down; do
	refuses "$word" 'not for plan, but for add on one host' \
		$A $B 10.1.12.36/30 "$word"
done
refuses ttl "'256' is not right; it takes a number from 1 to 255" \
	$A $B 10.1.12.36/30 ttl 256
refuses ttl 'given twice' $A $B 10.1.12.36/30 ttl 1 ttl 2
refuses key 'its value is missing; it takes a number from 0 to 4294967295, in hexadecimal with 0x, or a dotted quad, or none' \
	$A $B 10.1.12.36/30 key
refuses peer 'it must follow an address, like address 10.1.12.37/32 peer 10.1.12.38' \
	$A $B 10.1.12.36/30 peer 10.1.12.38
refuses mtu 'at most 65511, as the tunnel adds 24 bytes' \
	$A $B 10.1.12.36/30 mtu 65512
refuses flowlabel 'only over IPv6' $A $B 10.1.12.36/30 flowlabel 5
refuses encaplimit 'only over IPv6' $A $B 10.1.12.36/30 encaplimit 5
refuses --name 'the name of the tunnel is missing' $A $B 10.1.12.36/30 --name
refuses --name 'given twice' $A $B 10.1.12.36/30 --name a --name b
refuses a/b "not a name for a device; it has no space, '/', ':' or '%'" \
	$A $B 10.1.12.36/30 --name a/b
refuses --dry-run 'unknown option; it is one of: --as, --table, --name' \
	$A $B 10.1.12.36/30 --dry-run
ktap_end
