#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# What "make install" with a DESTDIR puts where, and that "make uninstall" takes
# all of it away again.

set -u
cd "${BASH_SOURCE[0]%/*}" || exit
# shellcheck source-path=SCRIPTDIR source=../ktap.sh
. ../ktap.sh

# make_in PREFIX TARGET: make it in $root. Without the jobs of a make above.
make_in()
{
	MAKEFLAGS='' make -s -C ../.. "DESTDIR=$root" "PREFIX=$1" "$2"
}

# installed: the files and links in $root.
installed()
{
	(cd "$root" && find . ! -type d -printf '%P\n' | sort)
}

# expected PREFIX: the files that must be there; of the module's sources some.
expected()
{
	local prefix=${1#/} file

	cd ../..
	echo "$prefix"/sbin/gretun{,-update} | tr " " "\n"
	for file in cli/man/*.[1-9]; do
		echo "$prefix/share/man/man${file##*.}/${file##*/}"
	done
	for file in README.md Documentation/*.{rst,svg} cli/metrics/*.json; do
		echo "$prefix/share/doc/gretun/${file##*/}"
	done
	echo "$prefix/share/bash-completion/completions/gretun"
	echo "$prefix/share/zsh/site-functions/_gretun"
	echo "$prefix/share/fish/vendor_completions.d/gretun.fish"
	for file in cli/systemd/*; do
		echo "$prefix/lib/systemd/system/${file##*/}"
	done
	echo "$prefix/lib/systemd/system/multi-user.target.wants/gretun.target"
	echo etc/iproute2/rt_protos.d/gretun.conf
	for file in Makefile Kbuild dkms.conf kmod/Kbuild kmod/main.c \
		kmod/gretun.h kmod/uapi/linux/gretun.h; do
		echo "usr/src/gretun-VERSION/$file"
	done
}

# has_all PREFIX: nothing of that is missing, and nothing else is there but
# sources of the module.
has_all()
{
	local difference

	difference=$(diff <(expected "$1" | sort) \
		<(installed | sed 's|gretun-[0-9.]*/|gretun-VERSION/|')) || :
	! grep -v '^> usr/src/gretun-VERSION/kmod/[a-z0-9_-]*\.[ch]$\|^[0-9]' \
		<<< "$difference"
}

# runs PREFIX: the program is whole, and units name it by its path.
runs()
{
	local unit=$root$1/lib/systemd/system/gretun@.service

	"$root$1/sbin/gretun" version &&
		grep -qx "ExecStart=$1/sbin/gretun up %i" "$unit" &&
		! grep -r '@[A-Z]*@' "$root$1/lib/systemd"
}

# leads PREFIX: the target's link leads to it.
leads()
{
	[[ -f $root$1/lib/systemd/system/multi-user.target.wants/gretun.target ]]
}

# builds: DKMS finds its version, and each source that the kernel's build system
# will look for.
builds()
{
	local src

	src=$(echo "$root"/usr/src/gretun-*)
	grep -qx "PACKAGE_VERSION=\"${src##*-}\"" "$src/dkms.conf" || return
	sed -n 's/^gretun-y += //p' "$src/kmod/Kbuild" | tr ' ' '\n' |
		while IFS= read -r object; do
			[[ -e $src/kmod/${object%.o}.c ]] || {
				echo "${object%.o}.c is missing"
				return 1
			}
		done
}

# empty: there are folders at most.
empty()
{
	! installed | grep . && [[ ! -e $root/etc/gretun ]]
}

echo 'TAP version 13'
root=$(mktemp -d)
trap 'rm -rf "$root"' EXIT
for prefix in /usr/local /usr /opt/gretun; do
	check "$prefix: make install" make_in "$prefix" install
	check "$prefix: each file is in its place" has_all "$prefix"
	check "$prefix: the program is whole, and units name it" runs "$prefix"
	check "$prefix: the target is wanted at boot" leads "$prefix"
	same "$prefix: the folder of tunnel files is not for everybody" \
		750 "$(stat -c %a "$root/etc/gretun")"
	check "$prefix: DKMS has what it needs" builds
	check "$prefix: make install again" make_in "$prefix" install
	check "$prefix: make uninstall" make_in "$prefix" uninstall
	check "$prefix: it leaves no file" empty
	check "$prefix: make uninstall again" make_in "$prefix" uninstall
done
make_in /usr install > /dev/null 2>&1
touch "$root/etc/gretun/gre1.netdev"
make_in /usr uninstall > /dev/null 2>&1
same "a tunnel file of the user's stays" "etc/gretun/gre1.netdev" "$(installed)"
ktap_end
