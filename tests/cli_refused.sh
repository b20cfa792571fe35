#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# What the command line tool must refuse: with the right exit status, a message
# that names the word, nothing on stdout, and nothing changed.
#
#   netns cli: lo, and the tunnels t0 (192.0.2.1 to 192.0.2.2, an address)
#              and t1 (192.0.2.1 to 192.0.2.3, key 7), e0 (192.0.2.1, external)
#              and t6 (2001:db8:2::1 to 2001:db8:2::2)

set -u
cd "${BASH_SOURCE[0]%/*}" || exit
# shellcheck source-path=SCRIPTDIR source=lib.sh
. ./lib.sh

# Set by make_ns.
cli=''

# state: all that a command could have changed.
state()
{
	gretun -n "$cli" -j show
	gretun -n "$cli" defaults
	printf '%s\n' 'addr show' 'route show table all' |
		ip -n "$cli" -d -batch -
}

# unchanged TEXT: a case that fails if the state is not what it was.
unchanged()
{
	local now

	now=$(state 2>&1)
	same "nothing changed: $1" "$before" "$now"
	before=$now
}

# expect_refused STATUS WORD TEXT COMMAND...: COMMAND ends with STATUS, and
# says that WORD is wrong; '' is how an empty word is shown.
expect_refused()
{
	local want=$1 word=${2:-"''"} text=$3 status=0 err

	shift 3
	"$@" > "$tmp/out" 2> "$tmp/err" < /dev/null || status=$?
	err=$(< "$tmp/err")
	if ((status != want)); then
		not_ok "$text" <<< "exit status $status instead of $want: $err"
	elif [[ $err != "gretun: $word: "?* ]]; then
		not_ok "$text" <<< "does not name $word: $err"
	elif [[ -s $tmp/out ]]; then
		not_ok "$text" < "$tmp/out"
	else
		ok "$text"
	fi
}

# wrong WORD ARG...: it is a matter of words alone, and nobody else is asked.
# So it will do to look at the state after each group of these.
wrong()
{
	local word=$1

	shift
	expect_refused 2 "$word" "words: $*" gretun -n "$cli" "$@"
}

# refused WORD ARG...: the words are fine; the kernel or the state is against it.
refused()
{
	local word=$1

	shift
	expect_refused 1 "$word" "state: $*" gretun -n "$cli" "$@"
	unchanged "$*"
}

# says TEXT: the last message has it.
says()
{
	check "the reason: $1" grep -qiE -- "$1" "$tmp/err"
}

begin
make_ns cli
gretun -n "$cli" add t0 local 192.0.2.1 remote 192.0.2.2 address 10.1.12.37/30
gretun -n "$cli" add t1 local 192.0.2.1 remote 192.0.2.3 key 7
gretun -n "$cli" add e0 external local 192.0.2.1
gretun -n "$cli" add t6 local 2001:db8:2::1 remote 2001:db8:2::2
check "four tunnels to begin with" \
	test "$(gretun -n "$cli" -j show | jq length)" = 4
before=$(state)

add=(add t9 local 192.0.2.1 remote 192.0.2.9)
add6=(add t9 local 2001:db8:2::1 remote 2001:db8:2::9)

# Commands.
wrong frobnicate frobnicate
wrong ad ad t9 local 192.0.2.1 remote 192.0.2.9
wrong ADD ADD t9 local 192.0.2.1 remote 192.0.2.9
wrong '' ''
for command in up down peer; do
	wrong "$command" "$command"
done
wrong -x -x show
wrong --json --json show
unchanged "commands"

# Names.
wrong add add
wrong set set
wrong del del
for name in '' a/b 'a b' a:b . .. %d t%d a123456789012345; do
	wrong "$name" add "$name" local 192.0.2.1 remote 192.0.2.9
	wrong "$name" set "$name" ttl 9
	wrong "$name" del "$name"
	wrong "$name" show "$name"
done
unchanged "names"

# Words missing.
wrong local add t9
wrong local add t9 local dev
wrong local add t9 remote 192.0.2.9 local dev
wrong local add t9 local dev a/b remote 192.0.2.9
wrong remote add t9 local dev ppp0
refused local add t9 external local dev ppp0
refused remote "${add[@]:0:4}" remote any6
wrong local add t9 remote 192.0.2.9
wrong remote add t9 local 192.0.2.1
wrong set set t0
for word in local remote; do
	wrong "$word" add t9 "$word"
done
for word in ttl tos key ikey okey csum seq df mtu dev fwmark fastpath flowlabel \
	encaplimit mss-clamp keepalive address; do
	wrong "$word" "${add[@]}" "$word"
done
for word in local remote ttl tos key ikey okey csum seq df mtu dev fwmark \
	fastpath flowlabel encaplimit mss-clamp keepalive; do
	wrong "$word" set t0 "$word"
done
wrong peer "${add[@]}" address 192.0.2.9/30 peer
unchanged "words missing"

# Words given twice, also under another name.
for pair in 'local 192.0.2.1' 'ttl 9' 'tos 4' 'key 1' 'ikey 1' 'okey 1' \
	'csum on' 'seq on' 'df set' 'mtu 1400' 'fwmark 1' 'dev lo' \
	'fastpath on' 'flowlabel 7' 'encaplimit 4' 'mss-clamp on' 'keepalive 10' \
	'remote any' 'local 2001:db8:2::7'; do
	read -ra words <<< "$pair"
	wrong "${words[0]}" set t0 "${words[@]}" "${words[@]}"
done
wrong flowlabel set t6 flowlabel auto flowlabel 7
wrong encaplimit set t6 encaplimit none encaplimit 7
wrong local "${add[@]}" local 192.0.2.1
wrong local "${add[@]}" local 2001:db8:2::1
wrong remote "${add[@]}" remote any
wrong remote "${add[@]}" remote 192.0.2.9
wrong down "${add[@]}" down down
wrong external add t9 external external
wrong ikey set t0 key 1 ikey 2
wrong okey set t0 key 1 okey 2
wrong key set t0 ikey 2 key 1
wrong ikey set t0 key none ikey 2
wrong address "${add[@]}" address 192.0.2.9/30 address 192.0.2.9/30
wrong t0 del t0 t0
unchanged "words given twice"

# Words misspelt, or that belong elsewhere.
for word in locl remotes tl TTL ttl= tto keys csm sequence DF mtus device mark \
	addr downn keep-alive keepalives encap fast-path externals mss mssclamp flow-label \
	flowinfo encap-limit hoplimit name '' -j; do
	wrong "$word" "${add[@]}" "$word" 1
	wrong "$word" set t0 "$word" 1
done
for word in address peer down; do
	wrong "$word" set t0 "$word" 192.0.2.9/30
	says 'only add.* ip\(8\)'
done
wrong external set t0 external
says 'only add.* keeps'
wrong peer "${add[@]}" peer 192.0.2.10
wrong peer "${add[@]}" address 192.0.2.9/30 ttl 9 peer 192.0.2.10
wrong t1 show t0 t1
wrong t1 stats t0 t1
wrong t1 stats t0 --explain t1
wrong --explain stats --explain t0 --explain
wrong --explained stats --explained
wrong explain stats t0 explain
wrong --explain show --explain
wrong --explain --explain
wrong ttl defaults ttl 9
wrong default_tt defaults default_tt 9
says 'default_ttl'
wrong '' defaults ''
wrong default_mtu defaults default_mtu
says '68 to 65535, or auto'
wrong 9 defaults default_ttl 8 9
wrong default_mtu defaults default_ttl 8 default_mtu 1400
wrong x version x
wrong x monitor x
wrong t0 del --all t0
wrong --all del t0 --all
wrong --all show --all
unchanged "words misspelt"

# What does not go with external, before it and after it.
for pair in 'remote 192.0.2.9' 'remote 2001:db8::9' 'remote any' 'tos 4' \
	'tos inherit' 'key 1' 'ikey 1' 'okey 1' 'csum on' 'csum off' 'seq on'; do
	read -ra words <<< "$pair"
	wrong "${words[0]}" add t9 external "${words[@]}"
	says 'external'
	wrong "${words[0]}" add t9 local 192.0.2.9 "${words[@]}" external
done
wrong on add t9 external on
wrong external add external
unchanged "not for external"

# Values out of range or of another kind.
bad_values()
{
	local word=$1 value

	shift
	for value; do
		wrong "$word" set t0 "$word" "$value"
	done
}
bad_values local '' 192.0.2 192.0.2.256 192.0.2.1/32 localhost 0x1 ' ' any \
	2001:db8 2001:db8:::1 2001:db8::1/64 2001:db8::g fe80::1%lo \
	::ffff:192.0.2.1 '[2001:db8::1]'
bad_values remote '' 192.0.2 192.0.2.256 192.0.2.2/32 localhost ANY all none \
	external 0.0.0.0 :: 2001:db8:::1 2001:db8::1/64 fe80::1%lo \
	::ffff:192.0.2.1 ::ffff:0.0.0.0
bad_values ttl '' 0 256 -1 +1 1x 1.0 1e1 ' 1' 4294967297 18446744073709551617 on
bad_values tos '' 1 2 3 255 256 -4 inherits 0xfg 4294967296
bad_values key '' -1 4294967296 0x 0xg 1.2.3 1.2.3.256 1.2.3.4.5 x on off
bad_values ikey '' -1 4294967296 0x 1.2.3
bad_values okey '' -1 4294967296 0x 1.2.3
bad_values csum '' yes 1 0 ON true
bad_values seq '' yes 1 0 OFF
bad_values df '' on 0 Copy
bad_values fastpath '' yes 1 0 ON true
bad_values mss-clamp '' yes 1 0 ON true auto 1400
bad_values keepalive '' 0 32768 -1 10: :3 10:0 10:256 10:3:1 10x 10,3 '10 3' \
	off:3 on:3 none auto 00000000000000010x
bad_values flowlabel '' none Auto inherits -1 1048576 0x100000 0x on
bad_values encaplimit '' -1 256 0x100 auto inherit off
bad_values mtu '' 67 65536 -1 automatic 4294967296
bad_values fwmark '' -1 4294967296 0x
for value in '' 192.0.2.9 192.0.2.9/ 192.0.2.9/33 192.0.2.9/-1 192.0.2.9/x \
	192.0.2.256/30 192.0.2/30 2001:db8::1 2001:db8::1/129 2001:db8:::1/64 /30; do
	wrong address "${add[@]}" address "$value"
done
for value in '' 192.0.2.256 192.0.2.10/30 2001:db8::2 192.0.2.9; do
	wrong peer "${add[@]}" address 192.0.2.9/30 peer "$value"
done
unchanged "bad values"

for value in '' 0 256 -1 inherit auto; do
	wrong default_ttl defaults default_ttl "$value"
done
for value in '' 67 65536 -1 automatic none; do
	wrong default_mtu defaults default_mtu "$value"
done
for value in '' 2 -1 on off yes; do
	wrong allow defaults allow "$value"
done
unchanged "bad defaults"

# The reason is given where it is not plain.
wrong ttl set t0 ttl inherit
says 'OSPF|TTL of 1'
wrong ttl "${add[@]}" ttl inherit
says '1 to 255'
wrong remote "${add[@]:0:4}" remote 0.0.0.0
says 'the word any'
wrong remote set t6 remote ::
says 'the word any'
wrong ttl set t0 ttl 0
says '1 to 255'
wrong ttl set t0 ttl 256
says '1 to 255'
wrong mtu set t0 mtu 65536
says 'less the overhead'
wrong tos set t0 tos 3
says 'ECN'
wrong locla set t0 locla 192.0.2.1
says 'local'
wrong liveness set t0 liveness 10
says 'ttl.*csum|csum.*ttl'
unchanged "words with a reason"

# A network namespace that is missing.
wrong -n -n
expect_refused 1 "$cli-none" "state: -n a netns that is not there" \
	gretun -n "$cli-none" show

# The kernel and the state.
refused t0 add t0 local 192.0.2.1 remote 192.0.2.9 address 192.0.2.9/30
says 'exists'
refused lo add lo local 192.0.2.1 remote 192.0.2.9
refused remote add t9 local 192.0.2.1 remote 192.0.2.2 address 192.0.2.9/30
says 't0|another tunnel'
refused remote add t9 local 192.0.2.1 remote 192.0.2.3 key 7
refused remote add t9 local 192.0.2.1 remote 192.0.2.3 ikey 7 okey 8
refused remote set t1 remote 192.0.2.2 ikey none
refused remote add t9 local 192.0.2.1 remote 192.0.2.1
refused remote add t9 local 192.0.2.1 remote 224.0.0.1
refused remote add t9 local 192.0.2.1 remote 255.255.255.255
refused local add t9 local 224.0.0.1 remote 192.0.2.9
refused local add t9 local 0.0.0.0 remote 192.0.2.9
refused local set t0 local 192.0.2.2
refused remote "${add6[@]:0:4}" remote 2001:db8:2::2
says 'another tunnel'
refused remote "${add6[@]:0:4}" remote 2001:db8:2::1
refused remote "${add6[@]:0:4}" remote ff02::1
says 'multicast'
refused remote add t9 local 192.0.2.1 remote 224.0.0.1
says 'multicast'
refused remote add t9 local fe80::1 remote fe80::2
says 'link-local'
refused local add t9 local :: remote 2001:db8:2::9
refused local add t9 local ff02::1 remote 2001:db8:2::9
# An outer packet is of one family, from the beginning to the end.
refused remote add t9 local 192.0.2.1 remote 2001:db8:2::9
refused local add t9 local 2001:db8:2::1 remote 192.0.2.9
says 'both be IPv4 or both be IPv6'
refused remote set t0 remote 2001:db8:2::9
says 'IPv4; delete it and add it again'
refused local set t6 local 192.0.2.1
says 'IPv6; delete it and add it again'
refused local set t0 local 2001:db8:2::1 remote 2001:db8:2::9
for pair in 'flowlabel 7' 'flowlabel inherit' 'encaplimit 4'; do
	read -ra words <<< "$pair"
	refused "${words[0]}" "${add[@]}" "${words[@]}"
	says 'IPv6'
	refused "${words[0]}" set t0 "${words[@]}"
	says 'IPv6'
done
# One that takes from any peer is alone with its local address and its key.
gretun -n "$cli" add a0 local 192.0.2.1 remote any key 7 down
gretun -n "$cli" add a6 local 2001:db8:2::1 remote any down
before=$(state)
refused remote add t9 local 192.0.2.1 remote any key 7
refused remote add t9 local 2001:db8:2::1 remote any
refused remote set e0 remote any
says 'external'
gretun -n "$cli" del a0 a6
before=$(state)
refused local add e9 external local 192.0.2.1 address 192.0.2.9/30
says 'external'
refused local add e9 external local 224.0.0.1
refused local set e0 local 224.0.0.1
for pair in 'remote 192.0.2.9' 'tos 4' 'ikey 1' 'csum on' 'seq on'; do
	read -ra words <<< "$pair"
	refused "${words[0]}" set e0 "${words[@]}"
	says 'external'
done
refused mtu "${add[@]}" mtu 65512
refused mtu "${add[@]}" mtu 65535
refused mtu add e9 external mtu 65535
refused dev add e9 external dev nosuch
refused mtu set t0 mtu 65508 csum on
refused dev "${add[@]}" dev nosuch
refused dev set t0 dev nosuch
for command in set del show stats; do
	words=("$command" nosuch)
	[[ $command != set ]] || words+=(ttl 9)
	refused nosuch "${words[@]}"
	words[1]=lo
	refused lo "${words[@]}"
done
refused nosuch del t0 nosuch
refused nosuch del nosuch t1

# A netns that takes no new tunnels.
gretun -n "$cli" defaults allow 0
before=$(state)
refused t9 "${add[@]}"
says 'net\.gretun\.allow is 0'
gretun -n "$cli" defaults allow 1
before=$(state)

# A step that fails when the device is there already undoes it all: a new
# device has no IPv6 here.
refused address "${add[@]}" address 192.0.2.9/30 address 2001:db8::1/64
refused address add e9 external address 192.0.2.9/32 address 2001:db8::1/64

# A user without rights.
as_nobody=(ip netns exec "$cli" setpriv --reuid 65534 --regid 65534
	--clear-groups gretun)
for words in "${add[*]}" 'add e9 external' 'set t0 ttl 9' 'del t0' 'del --all' \
	'defaults default_ttl 9' 'defaults allow 0'; do
	read -ra args <<< "$words"
	expect_refused 1 "${args[0]}" "unprivileged: $words" \
		"${as_nobody[@]}" "${args[@]}"
	says 'CAP_NET_ADMIN'
	unchanged "unprivileged: $words"
done
check "unprivileged: show" "${as_nobody[@]}" show
check "unprivileged: stats" "${as_nobody[@]}" stats
check "unprivileged: stats --explain" "${as_nobody[@]}" stats --explain
check "unprivileged: defaults" "${as_nobody[@]}" defaults

# Nobody gets what cannot be written.
expect_full()
{
	local status=0

	"$@" > /dev/full 2> "$tmp/err" || status=$?
	((status == 1)) && [[ -s $tmp/err ]]
}
check "stdout is full: show" expect_full gretun -n "$cli" show
check "stdout is full: -j show" expect_full gretun -n "$cli" -j show
check "stdout is full: stats --explain" expect_full gretun -n "$cli" stats --explain
check "stdout is full: defaults" expect_full gretun -n "$cli" defaults

end
