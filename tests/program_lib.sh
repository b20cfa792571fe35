# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# Programs of tests/host that call functions of gretun. Sourced, not run, in that
# folder.

# program NAME: build $tmp/NAME of NAME.c and the objects of gretun.
program()
{
	local -a objects=() pkgs=(libnl-genl-3.0 libnl-route-3.0 json-c inih)

	mapfile -t objects < <(find ../../cli -name '*.o' ! -path '*/cli/main.o')
	# shellcheck disable=SC2046,SC2154 # they are words; tmp is the test's
	gcc -std=gnu11 -Wall -Wextra -Werror -D_GNU_SOURCE -I../../kmod/uapi \
		$(pkg-config --cflags "${pkgs[@]}") -o "$tmp/$1" "$1.c" \
		"${objects[@]}" $(pkg-config --libs "${pkgs[@]}")
}
