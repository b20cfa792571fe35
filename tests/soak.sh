#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Keepalive for a long time over a bad path that fails now and then, of a tunnel of
# plain GRE, of one in UDP, and of one in UDP with signed keepalives through a NAT
# that forgets: every change of state has its event and its reason, none is missed,
# and none stays. soak.py reads the events.
#
# GRETUN_SOAK_MINUTES  how long (3, or 30 if there is a file "deep")
# GRETUN_SOAK_SEED     what makes it another one (1)
#
# scripts/soak runs it alone. It waits for most of its time, so it is for a guest
# that counts instructions.
#
#   left gre1 10.1.12.37/30 ================== gre1 10.1.12.38/30 right
#        gre2 10.1.12.41/30 ================== gre2 10.1.12.42/30, in UDP
#        gre3 10.1.12.45/30 ================== gre3 10.1.12.46/30, which learns
#   eth0 212.25.240.34/30 --- .33 router .1 --- eth0 217.154.12.2/30
#        192.0.2.5/30 ------- .6
#   router loses, delays, reorders and repeats packets

set -u
cd "${BASH_SOURCE[0]%/*}" || exit
# shellcheck source-path=SCRIPTDIR source=lib.sh
. ./lib.sh

minutes=3
[[ ! -e deep ]] || minutes=30
readonly MINUTES=${GRETUN_SOAK_MINUTES:-$minutes} SEED=${GRETUN_SOAK_SEED:-1}
# A peer whose answers are lost as often as here is seldom taken for dead; soak.py
# knows when it is.
readonly KEEPALIVE=1:4
# What goes wrong on the way, at left, at right, at the router. Before it begins anew
# all must be well again, within so many seconds: for answers in a row to come, as
# many as ever are needed, and more as some are lost.
readonly KINDS=(nothing dropped unplugged deleted unaddressed set moved forgotten)
readonly STEADY=400

# bad_path: what the router does to packets in both directions.
bad_path()
{
	local dev

	for dev in left right; do
		on_router tc qdisc add dev "$dev" root netem \
			delay 20ms 5ms loss 3% duplicate 5% reorder 10% || return
	done
}

# translated PORT: what the router makes of the address and the port of gre3; it has
# some ports, as what a host had at its old address keeps one busy.
translated()
{
	on_router nft -f - <<- END || return
		table ip t
		flush table ip t
		table ip t {
			chain out {
				type nat hook postrouting priority 100
				oifname right udp dport 5555 snat to $RIGHT_ROUTER:$1-$(($1 + 9))
			}
		}
	END
	on_router conntrack -D -p udp > /dev/null 2>&1 || :
}

# ends NS: the tunnels of that end.
ends()
{
	local local=(dev eth0) remote=$RIGHT far=$RIGHT inner=(10.1.12.37 10.1.12.41 10.1.12.45)

	if [[ $1 == "$right" ]]; then
		local=("$RIGHT") remote=$here far=any inner=(10.1.12.38 10.1.12.42 10.1.12.46)
	fi
	gretun -n "$1" add gre1 local "${local[@]}" remote "$remote" \
		keepalive "$KEEPALIVE" address "${inner[0]}/30" &&
		gretun -n "$1" add gre2 local "${local[@]}" remote "$remote" \
			key 2 encap udp keepalive "$KEEPALIVE" \
			address "${inner[1]}/30" &&
		gretun -n "$1" add gre3 local "${local[@]}" remote "$far" \
			encap udp port 5555 source-port 5555 \
			keepalive "$KEEPALIVE" \
			keepalive-secret-file "$tmp/secret" \
			address "${inner[2]}/30"
}

# stamped: each line with the time in front.
stamped()
{
	local line

	while IFS= read -r line; do
		printf '%s %s\n' "$EPOCHREALTIME" "$line"
	done
}

# at ROUTER: the way out of left.
at()
{
	ip -n "$left" route replace default via "$1"
}

# moves SECONDS: left gets another address, which right is told that much later, or
# learns.
moves()
{
	local from=$here name

	if [[ $here == "$LEFT" ]]; then
		here=$LEFT2 gateway=$LEFT2_ROUTER
	else
		here=$LEFT gateway=$LEFT_ROUTER
	fi
	ip -n "$left" addr add "$here/$PREFIX" dev eth0 && at "$gateway" &&
		ip -n "$left" addr del "$from/$PREFIX" dev eth0 || return
	sleep "$1"
	for name in gre1 gre2; do
		gretun -n "$right" set "$name" remote "$here" || return
	done
}

# step KIND: one thing that goes wrong for some seconds, or none. Mostly it recovers
# after that.
step()
{
	local pause=$((4 + RANDOM % 12))

	echo "$1 for $pause s" | stamped >> "$tmp/steps"
	case $1 in
	nothing) sleep "$pause" ;;
	dropped)
		on_router nft "table inet dead { chain c {
			type filter hook forward priority 0
			meta l4proto gre drop
			meta l4proto udp drop
		}; }" && sleep "$pause" && on_router nft delete table inet dead
		;;
	unplugged)
		ip -n "$left" link set eth0 down && sleep "$pause" &&
			ip -n "$left" link set eth0 up && at "$gateway"
		;;
	deleted) gretun -n "$right" del --all && sleep "$pause" && ends "$right" ;;
	unaddressed)
		ip -n "$right" addr del "$RIGHT/$PREFIX" dev eth0 && sleep "$pause" &&
			ip -n "$right" addr add "$RIGHT/$PREFIX" dev eth0 &&
			ip -n "$right" route replace default via "$RIGHT_ROUTER"
		;;
	set) gretun -n "$left" set gre1 ttl $((1 + RANDOM % 255)) && sleep "$pause" ;;
	moved) moves "$pause" ;;
	forgotten)
		port=$((port + 10))
		translated "$port" && sleep "$pause"
		;;
	esac && sleep $((RANDOM % 20))
}

# well NS: keepalive of each tunnel there says so, and nothing keeps one down.
well()
{
	gretun -n "$1" -j show | jq -e 'length == 3 and
		all(.reason == null and .keepalive.state == "up")' > /dev/null
}

# settled: all are well again. Looking costs more than waiting.
settled()
{
	local end=$((SECONDS + STEADY))

	until well "$left" && well "$right"; do
		((SECONDS < end)) || return 1
		sleep 5
	done
}

# soak: for all these minutes, each thing once before one comes again.
soak()
{
	local end=$((SECONDS + 60 * MINUTES)) i kinds=()

	RANDOM=$SEED
	while ((SECONDS < end)); do
		if ((${#kinds[@]} == 0)); then
			settled || return
			kinds=("${KINDS[@]}")
		fi
		i=$((RANDOM % ${#kinds[@]}))
		step "${kinds[i]}" || return
		unset "kinds[i]"
		kinds=("${kinds[@]}")
	done
}

here=$LEFT gateway=$LEFT_ROUTER port=61000

begin
for tool in nft conntrack; do
	[[ $(type -P "$tool") ]] || skip_all "$tool is not installed"
done
(umask 077 && head -c 32 /dev/urandom | base64 > "$tmp/secret")
two_hosts
address "$router" left "$LEFT2_ROUTER/$PREFIX"
check "the path is bad" bad_path
check "and has a NAT" translated "$port"
background on_left gretun -j monitor > >(stamped > "$tmp/left") 2> /dev/null
background on_right gretun -j monitor > >(stamped > "$tmp/right") 2> /dev/null
sleep 1
check "the tunnels of left" ends "$left"
check "and of right" ends "$right"
for inner in "$RIGHT_INNER" 10.1.12.42 10.1.12.46; do
	background on_left ping -q -i 2 "$inner" > /dev/null 2>&1
done
soak
same "it goes on for $MINUTES minutes" 0 $?
check "all tunnels are alive in the end" settled
for inner in "$RIGHT_INNER" 10.1.12.42 10.1.12.46; do
	check "packets cross to $inner" wait_for 60 pings "$left" "$inner"
done
python soak.py "$tmp" "$left" "$right"
end
