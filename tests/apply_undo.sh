#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# gretun apply when it cannot: what is refused, or interrupted, leaves all as it
# was.
#
#   netns cli: lo, dummy u0 192.0.2.1/24, and tunnels

set -u
cd "${BASH_SOURCE[0]%/*}" || exit
# shellcheck source-path=SCRIPTDIR source=lib.sh
. ./lib.sh

# Set by make_ns.
cli='' other=''

g()
{
	gretun -n "$cli" "$@"
}

# file NAME KEY [LINE...]: the tunnel file of NAME; the key is on line 7.
file()
{
	local name=$1 key=$2

	shift 2
	{
		printf '[NetDev]\nName=%s\nKind=gretun\n[Tunnel]\n' "$name"
		printf 'Local=192.0.2.1\nRemote=192.0.2.2\nKey=%s\n' "$key"
		printf '%s\n' "$@"
	} > "$dir/$name.netdev"
}

# state: all that apply may change, but for the numbers of devices when they are
# made anew.
state()
{
	g -j show
	ip -n "$cli" -j addr
	ip -n "$cli" -j route show table all
}

# the_same TEXT WANTED IS: a state, of which much is the same.
the_same()
{
	jq . <<< "$2" > "$tmp/wanted"
	jq . <<< "$3" > "$tmp/is"
	check "$1" sh -c "diff $tmp/wanted $tmp/is > $tmp/diff || {
		head -n 30 $tmp/diff
		exit 1
	}"
}

# says TEXT: what was said last has it.
says()
{
	cat "$tmp/err"
	grep -qF -- "$1" "$tmp/err"
}

# refuses TEXT STATUS PLACE REASON ARG...: apply with ARGs ends with STATUS, names
# PLACE, and what there is has not changed.
refuses()
{
	local text=$1 wanted=$2 place=$3 reason=$4 before status=0

	shift 4
	before=$(state)
	g apply "$dir/" "$@" > "$tmp/out" 2> "$tmp/err" || status=$?
	same "$text: exit status" "$wanted" "$status"
	check "$text: says where and why" says "gretun: $place: $reason"
	the_same "$text: all is as it was" "$before" "$(state)"
}

begin
umask 077
make_ns cli other
ip -n "$cli" link add u0 type dummy
ip -n "$cli" addr add 192.0.2.1/24 dev u0
ip -n "$cli" link set u0 up
dir=$tmp/files
mkdir "$dir"

# What there is: t1 to t5, and things set by hand.
for i in 1 2 3 4 5; do
	file "t$i" "$i" '[Address]' "Address=10.1.$i.1/30" '[Route]' \
		"Destination=10.2.$i.0/24" "Gateway=10.1.$i.2"
done
check "five to begin with" g apply "$dir/"
ip -n "$cli" addr add 10.3.1.1/24 dev t1
ip -n "$cli" route add 10.4.0.0/16 dev t5
g add hand local 192.0.2.1 remote 192.0.2.2 key 99

# What shall be: others for all of them, and t6, but t7 is in the way.
file t1 1 TTL=9 '[Address]' Address=10.1.1.1/30 '[Address]' \
	Address=10.1.1.5/30
file t2 3 '[Address]' Address=10.1.2.5/30 '[Route]' \
	Destination=10.2.2.0/24 Metric=5
file t3 2 '[Link]' ActivationPolicy=down
rm "$dir/t4.netdev"
file t6 6 '[Address]' Address=10.1.6.1/30 '[Route]' Destination=10.2.6.0/24
file t7 7

ip -n "$cli" link add t7 type dummy
refuses "another kind of device" 1 "$dir/t7.netdev:2: t7" \
	'a device of that name exists already'
refuses "another kind of device, dry run" 1 "$dir/t7.netdev:2: t7" \
	'a device of that name exists already' --dry-run
ip -n "$cli" link del t7
file t7 7 Device=none7
refuses "no such device" 1 "$dir/t7.netdev:8: Device" 'there is no device none7'
file t7 99
refuses "a tunnel that has its key" 1 "$dir/t7.netdev:6: Remote" 'another tunnel'
check "a tunnel that has its key: says that it undid" \
	says 'gretun: apply: what was done before is undone'
file t7 7 '[Address]' Address=10.1.7.1/30 '[Address]' Address=fd00::1/64
refuses "an address, without IPv6" 1 "$dir/t7.netdev:11: fd00::1/64" \
	'IPv6 is off for this device'
file t7 7 '[Address]' Address=10.1.7.1/30 '[Route]' \
	Destination=10.2.7.0/24 Gateway=10.77.0.1
refuses "a route to nowhere" 1 "$dir/t7.netdev:10: 10.2.7.0/24 via 10.77.0.1" \
	'Nexthop has invalid gateway'
ip -n "$cli" route add 10.2.7.0/24 dev u0
sed -i '/^Gateway/d' "$dir/t7.netdev"
refuses "a route that is there" 1 "$dir/t7.netdev:10: 10.2.7.0/24" 'another route to there is in the table already'
ip -n "$cli" route del 10.2.7.0/24

# With a deletion before it, devices are others afterwards, and all else is not.
anew()
{
	state | jq -s 'map(map(del(.ifindex, .stats64, .link_index)))'
}
sed -i 's/^Gateway.*//; s/^Destination=10.2.7.0.*/&\nGateway=10.77.0.1/' \
	"$dir/t7.netdev"
file t6 4 '[Address]' Address=10.1.6.1/30 '[Route]' Destination=10.2.4.0/24
file t5 '' '[Address]' Address=10.1.5.1/30
sed -i 's/^Key=$//; s/^Remote=.*//; s/^Local=.*/External=yes/' "$dir/t5.netdev"
g add bound local 192.0.2.1 remote 192.0.2.2 key 98 dev t5
before=$(anew)
g apply "$dir/" --prune > "$tmp/out" 2> "$tmp/err"
same "made anew, and pruned: exit status" 1 $?
check "made anew: says so" grep -q '^~ t5 made anew' "$tmp/out"
check "pruned: says so" grep -q '^- t4 ' "$tmp/out"
the_same "made anew, and pruned: all is as it was" \
	"$(jq 'map(sort)' <<< "$before")" "$(anew | jq 'map(sort)')"

# Without what is refused it works.
rm "$dir/t7.netdev"
check "what was refused was all" g apply "$dir/" --prune
same "what was refused was all: done" '["t1","t2","t3","t5","t6"]' \
	"$(g -j show | jq -c 'map(.ifname) | sort')"

# A tunnel that is in another network namespace.
ip -n "$cli" link set t6 netns "$other"
refuses "moved away" 1 "$dir/t6.netdev:6: Remote" 'another tunnel has this'
ip -n "$other" link set t6 name t7
ip -n "$other" link set t7 netns "$cli"
gretun -n "$other" add t6 local 192.0.2.1 remote 192.0.2.66
ip -n "$other" link set t6 netns "$cli"
refuses "came from elsewhere" 1 "$dir/t6.netdev:2: t6" \
	'the tunnel of that name came from another network namespace'
g del --all
rm "$dir"/*

# with_terminal COMMAND...: what it writes to a terminal.
with_terminal()
{
	/usr/bin/python3 -c 'import pty, sys; pty.spawn(sys.argv[1:])' "$@" \
		< /dev/null
}

# signalled SIGNAL DISPOSITION ARG...: gretun ARGs, with the signal waiting for it
# when it starts, so that it comes after the first step.
signalled()
{
	/usr/bin/python3 -c 'if True:
		import os, signal, sys
		number = getattr(signal, "SIG" + sys.argv[1])
		signal.signal(number, getattr(signal, "SIG_" + sys.argv[2]))
		signal.pthread_sigmask(signal.SIG_BLOCK, [number])
		os.kill(os.getpid(), number)
		os.execvp("gretun", ["gretun"] + sys.argv[3:])' "$@"
}

# Signals.
for ((i = 1; i <= 200; i++)); do
	lines=()
	for ((j = 1; j <= 5; j++)); do
		lines+=('[Address]' "Address=10.9.$j.$i/32")
	done
	file "m$i" "$i" "${lines[@]}"
done
before=$(state)
for signal in INT TERM HUP QUIT; do
	status=0
	signalled "$signal" DFL -n "$cli" apply "$dir/" > "$tmp/out" \
		2> "$tmp/err" || status=$?
	same "$signal: exit status" $((128 + $(kill -l "$signal"))) "$status"
	check "$signal: says so" says 'gretun: apply: interrupted'
	check "$signal: says that it undid" \
		says 'gretun: apply: what was done before is undone'
	the_same "$signal: all is as it was" "$before" "$(state)"
done

# mute ARG...: gretun ARGs, with nobody at the other end of its messages.
mute()
{
	/usr/bin/python3 -c 'if True:
		import os, signal, sys
		signal.signal(signal.SIGPIPE, signal.SIG_DFL)
		reader, writer = os.pipe()
		os.close(reader)
		os.dup2(writer, 2)
		os.execvp("gretun", ["gretun"] + sys.argv[1:])' "$@"
}

# Nobody reads what it says.
file z1 z1
sed -i 's/^Key=.*/Key=1001/; $a [Route]\nDestination=192.0.2.0/24' \
	"$dir/z1.netdev"
status=0
mute -n "$cli" apply "$dir/" > "$tmp/out" || status=$?
same "nobody reads messages: exit status" 1 "$status"
the_same "nobody reads messages: all is as it was" "$before" "$(state)"
rm "$dir/z1.netdev"

# No standard output: no socket takes its place.
status=0
g apply "$dir/" 2> "$tmp/err" >&- || status=$?
same "no standard output: exit status" 1 "$status"
check "no standard output: says so" says 'gretun: stdout: '
the_same "no standard output: all is as it was" "$before" "$(state)"

# Two at once: the second waits, until it has said so and the first ends. A signal
# that is ignored, as with nohup, changes nothing.
: > "$tmp/err"
background /usr/bin/python3 -c 'if True:
	import fcntl, sys, time
	lock = open("/run/gretun/lock", "a")
	fcntl.flock(lock, fcntl.LOCK_EX)
	print("held", flush=True)
	end = time.monotonic() + 60
	while "waits" not in open(sys.argv[1]).read() and time.monotonic() < end:
		time.sleep(0.1)' "$tmp/err" > "$tmp/held"
wait_for 10 grep -q held "$tmp/held"
signalled HUP IGN -n "$cli" apply "$dir/" > "$tmp/out" 2> "$tmp/err"
same "another one is at it: exit status" 0 $?
check "another one is at it: says that it waits" says 'this one waits'
same "another one is at it: all is done" '[200,1000]' \
	"$(g -j show | jq -c '[length, (map(.addresses | length) | add)]')"

# Long work shows how far it is to somebody who looks, and cleans up.
g del --all
with_terminal gretun -n "$cli" up "$dir"/m*.netdev > "$tmp/out"
check "a terminal: a line that shows how far it is" \
	grep -qE $'\rup \\[#* *\\] +[0-9]+ % [0-9]+ of 1200' "$tmp/out"
check "a terminal: at the end it is taken away" \
	sh -c "tail -c 2 $tmp/out | grep -q '^ '"
g del --all
same "no terminal: no such line" '' "$(g up "$dir"/m*.netdev 2>&1 | head)"
end
