# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2034,SC2154 # shared with scripts/check-debian
#
# Boots the machine of base.sh and brings what it says. Sourced by
# scripts/check-debian after vm.d/qemu.sh; $tmp is the folder of this run.

# compile DEB: let DKMS build the module of the package DEB for the machine's
# kernel here, which takes a tenth of the time. What the compiler made of each
# file is kept in $tmp/lab/ccache for the machine, where DKMS asks for the same.
compile()
{
	rm -rf "$tmp/dkms"
	mkdir -p "$tmp/dkms" "$tmp/lab/ccache"
	dpkg-deb -x "$1" "$tmp/dkms" || return
	# shellcheck disable=SC2016 # expanded by the inner shell
	unshare --mount sh -ec '
		mount --rbind /dev "$1/dev"
		mount --rbind /proc "$1/proc"
		mount -t tmpfs tmpfs "$1/var/lib/dkms"
		mount --bind "$2/dkms/usr/src" "$1/tmp"
		mount --bind "$2/lab/ccache" "$1/mnt"
		exec chroot "$1" /usr/bin/env -i PATH=/usr/sbin:/usr/bin \
			CCACHE_DIR=/mnt DEBIAN_KERNEL_USE_CCACHE=1 \
			dkms build --sourcetree /tmp -m gretun \
			-v "$3" -k "$(ls "$1/lib/modules")"
		' sh "$base/root" "$tmp" "$(dpkg-deb -f "$1" Version)"
}

# start_machine BOOT: boot in the background, set $qemu to its process. When the
# guest boots again QEMU ends: it does not always come back from a reset. Three
# ports: the kernel's console, what the test says, and one that vm.d/qemu.sh has
# for a verdict.
start_machine()
{
	local smp=1 kernel
	local -a machine

	kernel=$(kernel_names | head -n 1)
	machine "$(accelerator)"
	[[ -e $tmp/disk.img ]] || cp --sparse=always "$base/disk.img" "$tmp"
	: > "$tmp/out.$1"
	setpriv --pdeathsig KILL qemu-system-x86_64 -nodefaults \
		-no-user-config -display none -nic none -no-reboot \
		"${machine[@]}" -m 1024 \
		-kernel "$base/vmlinuz" -initrd "$base/initrd" \
		-append "root=/dev/vda rw quiet $KERNEL_WORDS" \
		-drive "file=$tmp/disk.img,if=virtio,format=raw,cache=unsafe" \
		-drive "file=$tmp/lab.tar,if=virtio,format=raw,readonly=on" \
		-chardev "file,id=port0,path=$tmp/console.$1" \
		-serial chardev:port0 \
		-chardev "file,id=port1,path=$tmp/out.$1" \
		-chardev null,id=port2 < /dev/null > "$tmp/qemu.log" 2>&1 &
	qemu=$!
}

# machine_output BOOT: what the guest says, until it ends or its time is up.
machine_output()
{
	timeout "$TIMEOUT" tail -n +1 -s 0.2 -f --pid="$qemu" "$tmp/out.$1" ||
		echo "not ok 0 the machine ends within $TIMEOUT s"
}

# clean_console: the kernel complained of nothing.
clean_console()
{
	! cat "$tmp"/console.* | grep -aE "$CONSOLE_BAD" | grep -avE "$CONSOLE_FINE"
}
