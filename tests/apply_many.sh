#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# gretun apply with as many tunnel files as a large network has, how long that
# takes, and that it takes no longer than it must when little has changed.
#
#   netns many: lo, dummy u0 192.0.2.1/24, and tunnels t1 ..., key N

set -u
cd "${BASH_SOURCE[0]%/*}" || exit
# shellcheck source-path=SCRIPTDIR source=lib.sh
. ./lib.sh

# For each device that goes lockdep looks through all that it knows.
if [[ -e /proc/lockdep_stats ]]; then
	readonly COUNT=1000
else
	readonly COUNT=10000
fi

# Set by make_ns.
many=''

# files FIRST LAST: a file for each of these tunnels, with an address.
files()
{
	awk -v first="$1" -v last="$2" -v dir="$dir" 'BEGIN {
		for (i = first; i <= last; i++) {
			file = dir "/t" i ".netdev"
			printf "[NetDev]\nName=t%d\nKind=gretun\n[Tunnel]\n" \
				"Local=192.0.2.1\nRemote=192.0.2.2\nKey=%d\n" \
				"[Address]\nAddress=10.%d.%d.%d/31\n", \
				i, i, 128 + int(i / 32768), \
				int(i * 2 / 256) % 256, i * 2 % 256 > file
			close(file)
		}
	}'
}

# timed TEXT COMMAND...: a case that passes if COMMAND does, and how long it
# took. What it says is in out.
timed()
{
	local text=$1 start=${EPOCHREALTIME/./} status=0

	shift
	"$@" > "$tmp/out" 2> "$tmp/err" || status=$?
	printf '# %s: %d ms\n' "$text" $(((${EPOCHREALTIME/./} - start) / 1000))
	same "$text" 0 "$status"
	head "$tmp/err"
}

apply()
{
	gretun -n "$many" apply "$dir/" "$@"
}

# list FILTER: what jq makes of all tunnels.
list()
{
	gretun -n "$many" -j show | jq -c "$1"
}

begin
umask 077
make_ns many
ip -n "$many" link add u0 type dummy
ip -n "$many" addr add 192.0.2.1/24 dev u0
ip -n "$many" link set u0 up
dir=$tmp/files
mkdir "$dir"
files 1 "$COUNT"

timed "$COUNT files: what is to do" apply --dry-run
same "$COUNT files: a line for each tunnel and address" $((2 * COUNT)) \
	"$(wc -l < "$tmp/out")"
timed "$COUNT files" apply
same "$COUNT files: all tunnels are there, up, and have their addresses" \
	"[$COUNT,$COUNT,$COUNT]" "$(list '[length,
		([.[] | select(.flags | index("UP"))] | length),
		([.[].addresses | select(length == 1)] | length)]')"
before=$(list 'map([.ifname, .ifindex])' | sha256sum)
timed "again: nothing to do" apply
same "again: says nothing" '' "$(< "$tmp/out")"

for i in 3 $((COUNT / 2)) $((COUNT - 1)); do
	sed -i 's/^Key=.*/&\nTTL=9/' "$dir/t$i.netdev"
done
timed "three of them changed" apply
same "three of them changed: no other is touched" "~ t3 ttl 64 -> 9
~ t$((COUNT / 2)) ttl 64 -> 9
~ t$((COUNT - 1)) ttl 64 -> 9" "$(< "$tmp/out")"
same "three of them changed: they are" "[\"t3\",\"t$((COUNT / 2))\",\"t$((COUNT - 1))\"]" \
	"$(list 'map(select(.ttl == 9).ifname) | sort')"
check "all keep their devices" \
	test "$before" = "$(list 'map([.ifname, .ifindex])' | sha256sum)"

rm -r "$dir"
mkdir "$dir"
timed "no files" apply --prune
same "no files: no tunnels" 0 "$(list length)"
end
