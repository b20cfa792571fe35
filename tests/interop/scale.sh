#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# A hub and a thousand spokes: tunnel files at both ends, keepalive on each tunnel,
# and OSPF on a few of them, with FRR at the hub and in the namespaces that the
# devices of these spokes are moved to. Figures are printed.
#
#   hub  t0 ... t999 10.64.x.2y/31 ===== t0 ... t999 10.64.x.2y+1/31  spokes
#        eth0 192.0.2.1/30 ------------- eth0 192.0.2.2/30, 198.18.0.0/16 is local
#        lan 10.1.0.1/24
#   t0, t400 and t999 of the spokes are in namespaces of their own, each with a lan

set -u
cd "${BASH_SOURCE[0]%/*}/.." || exit
# shellcheck source-path=SCRIPTDIR source=../lib.sh
. ./lib.sh
# shellcheck source-path=SCRIPTDIR source=frr_lib.sh
. interop/frr_lib.sh
# shellcheck source-path=SCRIPTDIR source=wire_lib.sh
. interop/wire_lib.sh

readonly COUNT=1000 PERIOD=10 RETRIES=3
readonly SAMPLE=(0 400 999)
hub='' spokes='' s0='' s400='' s999=''

# files: a file for each tunnel, for both ends.
files()
{
	mkdir "$tmp/hub" "$tmp/spokes" && awk -v dir="$tmp" -v count="$COUNT" \
		-v keepalive="$PERIOD:$RETRIES" '
	function write(side, name, local, remote, address) {
		file = dir "/" side "/" name ".netdev"
		printf "[NetDev]\nName=%s\nKind=gretun\n[Tunnel]\nLocal=%s\n" \
			"Remote=%s\nKeepalive=%s\n[Address]\nAddress=%s\n", name,
			local, remote, keepalive, address > file
		close(file)
	}
	BEGIN {
		for (i = 0; i < count; i++) {
			spoke = "198.18." int(i / 250) "." i % 250 + 1
			net = "10.64." int(i / 128) "."
			write("hub", "t" i, "192.0.2.1", spoke,
			      net i % 128 * 2 "/31")
			write("spokes", "t" i, spoke, "192.0.2.1",
			      net i % 128 * 2 + 1 "/31")
		}
	}'
}

# timed TEXT COMMAND...: a case that passes if COMMAND does, and how long it took.
timed()
{
	local text=$1 start=${EPOCHREALTIME/./} status=0

	shift
	"$@" > "$tmp/out" 2>&1 || status=$?
	printf '# %s: %d ms\n' "$text" $(((${EPOCHREALTIME/./} - start) / 1000))
	((status == 0)) || head "$tmp/out"
	same "$text" 0 "$status"
}

# free_memory: KB that are free, without what is kept only as long as nobody wants it.
free_memory()
{
	echo 3 > /proc/sys/vm/drop_caches
	awk '/^MemFree/ { print $2 }' /proc/meminfo
}

# answered NS COUNT: keepalive of so many tunnels there has an answer, and none is
# down.
answered()
{
	[[ $(gretun -n "$1" -j show | jq \
		'[.[] | select(.keepalive |
			.state == "up" and .answered > 0)] | length') == "$2" ]]
}

# probes NS: how many were sent.
probes()
{
	gretun -n "$1" -j show | jq '[.[].keepalive.sent] | add'
}

# lan NS ADDRESS/LEN: a network behind it.
lan()
{
	ip -n "$1" link add lan type dummy && ip -n "$1" addr add "$2" dev lan &&
		ip -n "$1" link set lan up && forward "$1"
}

# moved N: the device of a spoke is in a namespace of its own.
moved()
{
	local name=s$1

	ip -n "$spokes" link set "t$1" netns "${!name}" &&
		ip -n "${!name}" addr add \
			"10.64.$(($1 / 128)).$(($1 % 128 * 2 + 1))/31" dev "t$1" &&
		ip -n "${!name}" link set "t$1" up &&
		lan "${!name}" "10.2.$(($1 / 256)).$(($1 % 256))/32"
}

# ospf NAME ROUTER-ID DEV...: zebra and ospfd there.
ospf()
{
	local ns=${!1} id=$2 dev

	shift 2
	{
		for dev; do
			cat <<- END
			interface $dev
			 ip ospf area 0
			 ip ospf network point-to-point
			 ip ospf hello-interval 2
			 ip ospf dead-interval 40
			END
		done
		cat <<- END
		interface lan
		 ip ospf area 0
		 ip ospf passive
		router ospf
		 ospf router-id $id
		END
	} | frr "$ns" zebra ospfd
}

begin
frr_begin
make_ns hub spokes s0 s400 s999
join "$hub" eth0 192.0.2.1/30 "$spokes" eth0 192.0.2.2/30
ip -n "$hub" route add 198.18.0.0/16 via 192.0.2.2
ip -n "$spokes" route add local 198.18.0.0/16 dev lo
lan "$hub" 10.1.0.1/24
umask 077
files

free=$(free_memory)
timed "the hub's $COUNT tunnels are made" gretun -n "$hub" apply "$tmp/hub/"
printf '# of memory that takes %d KB for each\n' $(((free - $(free_memory)) / COUNT))
timed "and those of the spokes" gretun -n "$spokes" apply "$tmp/spokes/"
timed "the hub hears from all of them" wait_for 60 answered "$hub" "$COUNT"
check "and they from the hub" wait_for 60 answered "$spokes" "$COUNT"
timed "nothing is left to do" gretun -n "$hub" apply "$tmp/hub/"

for number in "${SAMPLE[@]}"; do
	check "spoke $number has a namespace" moved "$number"
	check "spoke $number has OSPF" ospf "s$number" "10.2.0.$((number / 100 + 1))" \
		"t$number"
done
check "the hub has OSPF" ospf hub 10.1.0.1 "${SAMPLE[@]/#/t}"
timed "OSPF of the hub is Full with each of them" wait_for 60 full "$hub" "${#SAMPLE[@]}"
check "one reaches the network of another" wait_for 30 pings "$s0" 10.2.3.231 -I 10.2.0.0

# A probe is an IP packet to the hub itself, with a GRE header in it.
check "the spokes watch" wire "$spokes" input \
	"probe=ip saddr 192.0.2.1 $PLAIN4 @th,104,8 47 @th,160,32 0xc0000201"
before=$(probes "$hub") start=$SECONDS
wait_for 20 false
sent=$(($(probes "$hub") - before))
printf '# the hub sends %d probes in %d s\n' "$sent" $((SECONDS - start))
check "and the spokes see them" test "$(wired "$spokes" probe)" -ge "$sent"
check "all spokes still answer" answered "$hub" "$COUNT"
frr_end "$hub" "$s0" "$s400" "$s999"
rm -r "$tmp/hub"
mkdir "$tmp/hub"
timed "the hub's are taken away" gretun -n "$hub" apply "$tmp/hub/" --prune
same "none is left" 0 "$(gretun -n "$hub" -j show | jq length)"
end
