#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Signed keepalives between two gretun ends, while left goes from one address to
# another and back: up and down, a wrong secret, traffic, events, what show says,
# and secrets in files.
#
#   left gre1 10.1.12.37/30 ================== gre1 10.1.12.38/30 right
#   eth0 212.25.240.34/30 --- .33 router .1 --- eth0 217.154.12.2/30
#   eth1 192.0.2.5/30 ------- .6

set -u
cd "${BASH_SOURCE[0]%/*}" || exit
# shellcheck source-path=SCRIPTDIR source=lib.sh
. ./lib.sh
# shellcheck source-path=SCRIPTDIR source=keepalive_lib.sh
. ./keepalive_lib.sh

# secret NAME: make one, in a file.
secret()
{
	(umask 077 && head -c 32 /dev/urandom | base64 > "$tmp/$1.secret")
}

# says FILTER: what right's show has, like the jq FILTER wants it.
says()
{
	gretun -n "$right" -j show gre1 | tee "$tmp/show"
	jq -e ".[0]|$1" "$tmp/show"
}

# at ADDRESS: right has its peer there.
at()
{
	says ".moved_peer.remote == \"$1\""
}

# count ADDRESS: GRE packets that the router has sent on to it.
count()
{
	on_router nft -j list counters |
		jq --arg name "to_$1" '.nftables[].counter? | objects | select(.name == $name).packets'
}

# events FILTER: right's events with the peer elsewhere, as JSON.
moved()
{
	grep '"event":"state"' "$tmp/monitor.json" |
		jq -e "select(.tunnel.moved_peer)|.tunnel.moved_peer|$1"
}

# file [LINE...]: right's tunnel file.
file()
{
	{
		printf '[NetDev]\nName=gre1\nKind=gretun\n[Tunnel]\nKey=7\n'
		printf 'Local=%s\nRemote=%s\nKeepalive=%s\n' "$RIGHT" "$LEFT" "$KEEPALIVE"
		printf '%s\n' "$@"
	} > "$tmp/files/gre1.netdev"
}

begin
[[ $(type -P nft) ]] || skip_all "nft is not installed"
two_hosts
join "$left" eth1 "$LEFT2/$PREFIX" "$router" left2 "$LEFT2_ROUTER/$PREFIX"
family=${UNDERLAY/ipv/ip}
on_router nft -f - << EOF
table inet t {
	counter to_left { }
	counter to_left2 { }
	chain c {
		type filter hook forward priority -1
		${family/ip4/ip} daddr $LEFT meta l4proto gre counter name to_left
		${family/ip4/ip} daddr $LEFT2 meta l4proto gre counter name to_left2
	}
}
EOF
secret a
secret b
tunnel gre1 key 7 keepalive "$KEEPALIVE" keepalive-secret-file "$tmp/a.secret"
background on_right gretun -j monitor > "$tmp/monitor.json" 2> /dev/null
background on_right gretun monitor > "$tmp/monitor" 2> /dev/null
check "answers come" more answered 2
check "packets cross" pings "$left" "$RIGHT_INNER"
check "show says that it is signed" says '.keepalive_signed and .moved_peer == null'
check "and not with what" sh -c "! gretun -n $right show gre1 | grep -F '$(< "$tmp/a.secret")' &&
	gretun -n $right show gre1 | grep -F 'keepalive-secret-file given'"

kill_peer
check "the peer dies" wait_for "$SOON" no_carrier
revive
check "and is back" wait_for "$SOON" carrier
gretun -n "$right" set gre1 keepalive-secret-file "$tmp/b.secret"
check "another secret: it is dead" wait_for "$SOON" no_carrier
check "which is counted" test "$(counter "$left" gre1 '.drops["rx-forged"]')" -gt 0
gretun -n "$right" set gre1 keepalive-secret-file none
check "without one it is dead, too" is down
gretun -n "$right" set gre1 keepalive-secret-file "$tmp/a.secret"
check "the same again: it is back" wait_for "$SOON" carrier

# Left goes elsewhere.
old=$(count left)
gretun -n "$left" set gre1 local "$LEFT2"
check "right follows" wait_for "$SOON" at "$LEFT2"
old=$(count left)
check "packets cross from left" pings "$left" "$RIGHT_INNER"
check "and from right" pings "$right" "$LEFT_INNER"
same "nothing goes to the old address" "$old" "$(count left)"
check "but to the new one" test "$(count left2)" -ge 10
check "remote is what was set" says ".remote == \"$LEFT\""
check "an event says from where to where" wait_for "$SOON" moved \
	".remote == \"$LEFT2\" and .before == \"$LEFT\" and .moves == 1"
check "in words as well" grep -qF "; peer: at $LEFT2, moved from $LEFT " "$tmp/monitor"
check "the table has the new address" \
	sh -c "gretun -n $right show | grep -E '^gre1 .* ${LEFT2//./\\.} '"
check "another tunnel cannot have the old one" \
	sh -c "! gretun -n $right add gre2 local $RIGHT remote $LEFT key 7"
check "but with another key" gretun -n "$right" add gre2 local "$RIGHT" remote "$LEFT" key 8

# The tunnel's file knows nothing of where the peer is.
mkdir "$tmp/files"
file "KeepaliveSecretFile=$tmp/a.secret" '[Address]' "Address=$RIGHT_INNER/30"
gretun -n "$right" apply "$tmp/files/" --dry-run > "$tmp/out"
same "the file is what there is" "" "$(grep -v address "$tmp/out")"
check "apply leaves the peer where it is" \
	sh -c "gretun -n $right apply $tmp/files/ && gretun -n $right -j show gre1 | jq -e '.[0].moved_peer'"
file "KeepaliveSecretFile=$tmp/b.secret" '[Address]' "Address=$RIGHT_INNER/30"
same "another secret is another one to apply" "~ keepalive-secret-file given -> another" \
	"$(gretun -n "$right" apply "$tmp/files/" --dry-run | sed -n 's/~ gre1 keep/~ keep/p')"
printf '[NetDev]\nName=gre3\nKind=gretun\n[Tunnel]\nLocal=%s\nRemote=%s\nKey=8\n' \
	"$RIGHT" "$LEFT" > "$tmp/files/gre3.netdev"
check "what cannot be done is undone" sh -c "! gretun -n $right apply $tmp/files/"
gretun -n "$left" set gre1 local "$LEFT2" ttl 9
check "with the secret that there was" wait_for "$SOON" at "$LEFT2"
check "and answers" more answered 2

gretun -n "$left" set gre1 local "$LEFT"
check "back: right follows" wait_for "$SOON" at "$LEFT"
check "which an event says" wait_for "$SOON" moved \
	".remote == \"$LEFT\" and .before == \"$LEFT2\""
check "packets cross" pings "$right" "$LEFT_INNER"
gretun -n "$right" set gre1 remote any
check "of any peer: that one is found" wait_for "$SOON" at "$LEFT"
check "and packets go there" pings "$right" "$LEFT_INNER"
end
