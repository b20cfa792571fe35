#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# What gretun peer says of the other end of tunnels in files. In peer/ are the
# files, and for each system what is said of all of them, compared with the
# manuals that the first lines there name.

set -u
cd "${BASH_SOURCE[0]%/*}" || exit
# shellcheck source-path=SCRIPTDIR source=../ktap.sh
. ../ktap.sh

readonly GRETUN=../../cli/gretun
readonly SYSTEMS=(gretun iproute2 networkd freebsd netbsd openbsd ios routeros
	vyos)
readonly SHELLS=(gretun iproute2 freebsd netbsd openbsd)
readonly CASES=(plain options keys key0 oneway underlay6 inner6 two mtu small peer
	choose none udp)

tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
# A file with a key is nobody else's to read.
mkdir "$tmp/in"
install -m 600 peer/*.netdev "$tmp/in/"
readonly IN=$tmp/in

# wanted FILE CASE: what stands there between this case and the next.
wanted()
{
	awk -v start="== $2" '/^== / { on = $0 == start; next } on' "peer/$1.txt"
}

# refuses TEXT STATUS MESSAGE ARG...: nothing on stdout, and this on stderr.
refuses()
{
	local text=$1 status=$2 message=$3 out is=0

	shift 3
	out=$("$GRETUN" "$@" 2> "$tmp/err") || is=$?
	same "$text" "$status||gretun: $message" "$is|$out|$(< "$tmp/err")"
}

# commands SYSTEM: of its lines on stdin those that are no comment.
commands()
{
	local sign='#'

	[[ $1 != ios ]] || sign='!'
	grep -v "^$sign"
}

# files: the files in what is said for networkd, on stdin, into $tmp.
files()
{
	umask 077
	awk -v to="$tmp/" '/^# \/etc\/systemd\/network\// {
		file = $2; sub(".*/", to, file); next } file { print > file }'
}

echo 'TAP version 13'

for system in "${SYSTEMS[@]}"; do
	same "$system: each case is there" "${CASES[*]}" \
		"$(sed -n 's/^== //p' "peer/$system.txt" | paste -sd ' ')"
	for case in "${CASES[@]}"; do
		"$GRETUN" peer "$IN/$case.netdev" --as "$system" \
			> "$tmp/out" 2> "$tmp/err"
		same "$system: $case: done" "0 " "$? $(< "$tmp/err")"
		same "$system: $case" "$(wanted "$system" "$case")" \
			"$(< "$tmp/out")"
		same "$system: $case: what is to be chosen is in comments" "" \
			"$(commands "$system" < "$tmp/out" | grep ADDRESS)"
	done
done
for system in "${SHELLS[@]}"; do
	for case in "${CASES[@]}"; do
		"$GRETUN" peer "$IN/$case.netdev" --as "$system" > "$tmp/out"
		check "$system: $case: bash reads it" bash -n "$tmp/out"
		check "$system: $case: sh reads it" sh -n "$tmp/out"
	done
done
same "without --as it is gretun's" "$(wanted gretun plain)" \
	"$("$GRETUN" peer "$IN/plain.netdev")"

# The same in a table, and for programs.
for case in "${CASES[@]}"; do
	same "table: $case" "$(wanted table "$case")" \
		"$("$GRETUN" peer "$IN/$case.netdev" --table | sed 's/ *$//')"
done
"$GRETUN" -j peer "$IN/keys.netdev" > "$tmp/out"
same "JSON: both ends" '["left","right"]' "$(jq -c '[.[].end]' "$tmp/out")"
same "JSON: keys" 'end ifname external local remote encap encap_port encap_source_port ttl tos ikey okey csum seq df flowlabel encaplimit mtu mtu_auto fwmark fastpath mss_clamp keepalive keepalive_signed overhead addresses' \
	"$(jq -r '.[1]|keys_unsorted|join(" ")' "$tmp/out")"
same "JSON: mirrored" \
	'["217.154.12.2","212.25.240.34",30,"inherit",6,5,1472,true,28,[{"local":"10.1.12.38","prefixlen":30}]]' \
	"$(jq -c '.[1]|[.local,.remote,.ttl,.tos,.ikey,.okey,.mtu,.mtu_auto,.overhead,.addresses]' "$tmp/out")"
same "JSON: a peer" '[{"local":"10.2.0.1","prefixlen":32,"peer":"10.1.0.1"},{"local":"fd13::1","prefixlen":128,"peer":"fd12::1"}]' \
	"$("$GRETUN" -j peer "$IN/peer.netdev" | jq -c '.[1].addresses')"
same "JSON: an address to be chosen is not there" '[]' \
	"$("$GRETUN" -j peer "$IN/choose.netdev" | jq -c '.[1].addresses')"
same "JSON: what is of one host is not mirrored" '[9,true,0,false]' \
	"$("$GRETUN" -j peer "$IN/none.netdev" |
		jq -c '[.[0].fwmark,.[0].fastpath,.[1].fwmark,.[1].fastpath]')"

# networkd's files are tunnel files of gretun too: the mirror of the mirror.
for case in plain key0 two mtu peer; do
	rm -f "$tmp"/*.net*
	"$GRETUN" peer "$IN/$case.netdev" --as networkd | files
	same "networkd: $case: the mirror of the mirror" \
		"$("$GRETUN" -j peer "$IN/$case.netdev" |
			jq -c '.[1]|[.local,.remote,.ttl,.tos,.ikey,.okey,.seq,.mtu,.addresses]')" \
		"$("$GRETUN" -j peer "$tmp"/*.netdev |
			jq -c '.[0]|[.local,.remote,.ttl,.tos,.ikey,.okey,.seq,.mtu,.addresses]')"
done

# Names that others may choke on are not handed on.
sed "s/^Name=.*/Name=a\$(b)'c/" "$IN/plain.netdev" > "$tmp/odd.netdev"
for system in "${SYSTEMS[@]}"; do
	same "$system: a name that is no plain word" \
		"$(wanted "$system" plain)" \
		"$("$GRETUN" peer "$tmp/odd.netdev" --as "$system")"
done

# There is no other end.
refuses "remote any" 1 \
	'gre1: remote any names no other end; print that of a tunnel with a peer, or see gretun plan' \
	peer "$IN/any.netdev"
refuses "external" 1 \
	'gre1: an external device has many other ends; print that of a tunnel with a peer, or see gretun plan' \
	peer "$IN/external.netdev"

sed '/^Local=/s/.*/LocalDevice=no-such-device/; s/^Remote=.*/Remote=192.0.2.2/' \
	"$IN/any.netdev" > "$tmp/device.netdev"
chmod 600 "$tmp/device.netdev"
refuses "an address that is not there" 1 \
	'gre1: it has no local address, as no-such-device has none for it now' \
	peer "$tmp/device.netdev"

# Wrong words.
list='it is one of: gretun, iproute2, networkd, freebsd, netbsd, openbsd, ios, routeros, vyos'
refuses "no word" 2 \
	'peer: the tunnel is missing; it takes its name or its file' peer
refuses "two names" 2 \
	'gre2: one word too many; peer takes one name or file' peer gre1 gre2
refuses "no name of a device" 2 \
	"a b: not a name for a device; it has no space, '/', ':' or '%'" \
	peer 'a b'
refuses "no such system" 2 "windows: unknown system; $list" \
	peer "$IN/plain.netdev" --as windows
refuses "a system that is nearly one" 2 \
	"openbds: unknown system; did you mean openbsd? It is ${list#it is }" \
	peer "$IN/plain.netdev" --as openbds
refuses "--as alone" 2 '--as: the system is missing, like --as openbsd' \
	peer "$IN/plain.netdev" --as
refuses "--as twice" 2 '--as: given twice' \
	peer "$IN/plain.netdev" --as ios --as vyos
refuses "--table twice" 2 '--table: given twice' \
	peer --table "$IN/plain.netdev" --table
refuses "a table of a system" 2 '--table: not with --as; a table is of no system' \
	peer "$IN/plain.netdev" --as ios --table
refuses "-j and a system" 2 \
	'--as: not with -j; it tells both ends, and no commands' \
	-j peer "$IN/plain.netdev" --as ios
refuses "-j and a table" 2 \
	'--table: not with -j; it tells both ends, and no commands' \
	-j peer "$IN/plain.netdev" --table
refuses "an unknown option" 2 '--name: unknown option; it is one of: --as, --table' \
	peer "$IN/plain.netdev" --name gre1
"$GRETUN" peer "$IN/nowhere.netdev" > "$tmp/out" 2> "$tmp/err"
same "no such file" 2 $?
check "no such file: why" grep -q "^gretun: $IN/nowhere.netdev: " "$tmp/err"
sed 's/^Local=.*/Local=300.0.0.1/' "$IN/plain.netdev" > "$tmp/bad.netdev"
"$GRETUN" peer "$tmp/bad.netdev" > "$tmp/out" 2> "$tmp/err"
same "a broken file" "2 " "$? $(< "$tmp/out")"
check "a broken file: where" grep -q "^gretun: $tmp/bad.netdev:[0-9]*: " \
	"$tmp/err"
"$GRETUN" peer "$IN/plain.netdev" > /dev/full 2> "$tmp/err"
same "a full disk is an error" 1 $?
ktap_end
