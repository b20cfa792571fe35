#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# gretun-update on a tunnel that carries packets: the right end moves and tells
# the left. The test of the same name in host/ has a real sshd.

set -u
cd "${BASH_SOURCE[0]%/*}" || exit
# shellcheck source-path=SCRIPTDIR source=lib.sh
. ./lib.sh

readonly MOVED=198.51.100.2

# caller ADDRESS: gretun-update on the left, as sshd would call it.
caller()
{
	SSH_CONNECTION="$1 40000 $LEFT 22" on_left gretun-update gre1 \
		> "$tmp/out" 2>&1
}

# remote: the remote address of the left.
remote()
{
	gretun -n "$left" -j show gre1 | jq -r '.[0].remote'
}

begin
[[ $(type -P gretun-update) ]] || skip_all "gretun-update is not installed"
two_hosts
address "$right" lo "$MOVED/32"
ip -n "$router" route add "$MOVED" via "$RIGHT"
tunnel gre1
check "left pings right" pings "$left" "$RIGHT_INNER"
gretun -n "$right" set gre1 local "$MOVED"
check "the right has moved" stopped "$left" "$RIGHT_INNER"
check "it tells the left" caller "$MOVED"
same "the left says so" "gre1: remote $RIGHT -> $MOVED" "$(< "$tmp/out")"
check "left pings right again" pings "$left" "$RIGHT_INNER"
check "it tells the left once more" caller "$MOVED"
same "nothing is to be done" "gre1: remote is $MOVED already" "$(< "$tmp/out")"
check "it calls through the tunnel" eval "! caller $RIGHT_INNER"
check "that is refused" grep 'you come through gre1 itself' "$tmp/out"
same "the remote address stays" "$MOVED" "$(remote)"
check "it calls over IPv6" eval "! caller 2001:db8::2"
same "the remote address stays still" "$MOVED" "$(remote)"
end
