# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# TCP through a tunnel gre1 between left and right: which of the devices cut and
# join segments, and whether the bytes arrive. Sourced after lib.sh, not run.

readonly MEGA=$((1024 * 1024))
readonly OFFLOADS=(tx tso gso gro)

# offloads on|off NS...: of the cables and the tunnels in the namespaces.
offloads()
{
	local setting=$1 ns dev name
	local -a words=()

	shift
	for name in "${OFFLOADS[@]}"; do
		words+=("$name" "$setting")
	done
	for ns; do
		for dev in eth0 gre1 left right; do
			[[ ! $(ip -n "$ns" -o link show "$dev" 2> /dev/null) ]] ||
				ip netns exec "$ns" ethtool -K "$dev" "${words[@]}"
		done
	done > /dev/null 2>&1
}

# tunnel_traffic WAY: bytes and packets that left's gre1 has sent (tx) or
# received (rx).
tunnel_traffic()
{
	counter "$left" gre1 ".$1 | \"\(.bytes) \(.packets)\"" | tr -d '"'
}

# wire_traffic WAY: the same on left's cable.
wire_traffic()
{
	local stats=/sys/class/net/eth0/statistics

	on_left cat "$stats/$1_bytes" "$stats/$1_packets" | paste -sd ' '
}

# segments TEXT one|many BYTES PACKETS BYTES PACKETS: between the two, the
# packets held a segment each on average or several.
segments()
{
	local text=$1 kind=$2 mean=$((($5 - $3) / ($6 - $4 + 1)))

	if [[ $kind == one ]]; then
		check "$text: a segment in a packet" longer "$mean" 1530
	else
		check "$text: several segments in a packet" longer 2000 "$mean"
	fi
}

# longer BYTES BYTES: the second is.
longer()
{
	echo "$1 and $2 bytes"
	(($2 > $1))
}

# transfer TEXT WAY MEGABYTES TUNNEL WIRE [6]: that much goes from left (tx) or
# to it (rx) unharmed; TUNNEL and WIRE tell how many segments the packets of
# left's tunnel and cable hold, one or many.
transfer()
{
	local text=$1 way=$2 size=$3 family=${6-} sum in_tunnel on_wire
	local from=$left to=$right address=$RIGHT_INNER

	[[ ! $family ]] || address=$RIGHT_INNER6
	if [[ $way == rx ]]; then
		from=$right to=$left address=$LEFT_INNER
		[[ ! $family ]] || address=$LEFT_INNER6
	fi
	sum=$(head -c $((size * MEGA)) "$tmp/file" | tee "$tmp/part" | sha256sum)
	in_tunnel=$(tunnel_traffic "$way") on_wire=$(wire_traffic "$way")
	same "$text" "${sum%% *}" "$(/usr/bin/python3 interop.py "$from" "$to" \
		"$address" "$tmp/part" 2>&1)"
	# shellcheck disable=SC2046,SC2086 # two numbers each
	segments "$text, in the tunnel" "$4" $in_tunnel $(tunnel_traffic "$way")
	# shellcheck disable=SC2046,SC2086
	segments "$text, on the cable" "$5" $on_wire $(wire_traffic "$way")
}

# cut_at_cables: the tunnels take packets of many segments, and the cables do
# not: they cut them, and join those that they receive.
cut_at_cables()
{
	local dev name

	offloads on "$left" "$right" "$router"
	for dev in "$left eth0" "$right eth0" "$router left" "$router right"; do
		for name in tx tso gso; do
			ip netns exec "${dev% *}" ethtool -K "${dev#* }" "$name" off
		done
	done > /dev/null 2>&1
}
