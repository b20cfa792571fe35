# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# The tunnels between two guests. Sourced after lib.sh, not run.
#
#   near 10.20.0.N/16 ---- eth0 --- cable --- eth0 ---- 10.20.1.N/16 far
#        fd20::N/64                                     fd20::1:N/64
#   gN 10.30.N.1/30 =================================== gN 10.30.N.2/30
#      fd30:N::1/64                                        fd30:N::2/64
#
# near has tunnels of gretun, and far those of its kernel's own, all of them at once.
# Outer addresses are those of IPv4 below SIX, and of IPv6 from there on.

# What each tunnel has: checksum (C), a key for each way (K), one for both (k),
# sequence numbers (S), and the option that ip6gre puts before GRE by itself (E). A
# program that is called by a name with _few has some of them.
KINDS=([1]=- C k K S Ck CK CS kS KS CkS CKS
	[21]=- C k K S Ck CK CS kS KS CkS CKS E CKSE)
[[ ${0##*/} != *_few.sh ]] || KINDS=([1]=- [12]=CKS [21]=- [34]=CKSE)
# shellcheck disable=SC2034 # both ends read them
readonly KINDS
readonly SIX=20
# A tunnel of near's kernel's own, beside gretun's.
readonly BESIDE=50
# Where far sends back what it gets, and where it hears that all is done.
# shellcheck disable=SC2034
readonly ECHO_PORT=4700

# outer near|far N: the address there.
outer()
{
	local side=0

	[[ $1 == near ]] || side=1
	if (($2 < SIX || $2 == BESIDE)); then
		echo "10.20.$side.$2"
	else
		printf 'fd20::%s:%s\n' "$side" "$2"
	fi
}

# cable NS HOST DRIVER: eth0, which is the cable's, is in the namespace, with addresses.
cable()
{
	local number

	ip link set eth0 netns "$1" && ip -n "$1" link set eth0 up || return
	for number in "${!KINDS[@]}" "$BESIDE"; do
		if [[ $(outer near "$number") == *:* ]]; then
			address "$1" eth0 "$(outer "$2" "$number")/64" || return
		else
			address "$1" eth0 "$(outer "$2" "$number")/16" || return
		fi
	done
}

# inner NS N HOST: its end of the tunnel has addresses: host 1 is near's, 2 is far's.
inner()
{
	address "$1" "g$2" "10.30.$2.$3/30" && address "$1" "g$2" "fd30:$2::$3/64" &&
		ip -n "$1" link set "g$2" up
}

# kernels_own NS N KIND NEAR|FAR: the end of a tunnel that the kernel's own GRE makes.
kernels_own()
{
	local type=gre peer=near
	local -a words=()

	[[ $4 == far ]] || peer=far
	if [[ $(outer far "$2") == *:* ]]; then
		type=ip6gre
		[[ $3 == *E* ]] || words=(encaplimit none)
	fi
	[[ $3 != *C* ]] || words+=(csum)
	[[ $3 != *k* ]] || words+=(key "$2")
	[[ $3 != *K* ]] || words+=(ikey 4294967294 okey 7)
	[[ $3 != *S* ]] || words+=(seq)
	ip -n "$1" link add "g$2" type "$type" local "$(outer "$4" "$2")" \
		remote "$(outer "$peer" "$2")" ttl 64 "${words[@]}"
}
