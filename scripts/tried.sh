# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# A module that is built otherwise than usual, from a copy of its sources, and guests
# that run tests with it. Sourced after lib.sh by scripts/coverage and scripts/mutate,
# in $GRETUN_TOP.

# copy_module COPY: its sources, and what builds them.
copy_module()
{
	need rsync make
	mkdir -p "$1"
	rsync -a --delete --exclude=/build Kbuild Makefile kmod scripts "$1"
}

# install_tests OUT: the tests in OUT/tests, and the program that they run.
install_tests()
{
	make -s cli
	mkdir -p build/check/tests
	make -s -C tests install OUTPUT="$GRETUN_TOP/build/check/tests" \
		INSTALL_PATH="$1/tests" > "$1/tests.build" 2>&1 ||
		die "the tests cannot be built: ${1#"$GRETUN_TOP/"}/tests.build"
}

# run_tests OUT KERNEL MODULE WORD...: what scripts/vm takes, WORDs with SCRIPT last, for
# a guest with what install_tests made; what it says goes to OUT/log. Nobody looks for
# memory that is lost, which takes long.
run_tests()
{
	scripts/vm run --kernel "$2" --word kmemleak=off --with python --module "$3" \
		--prog "$GRETUN_TOP/cli/gretun" --prog setpriv \
		--file "$1/tests:/root/tests" "${@:4}" < /dev/null > "$1/log" 2>&1
}
