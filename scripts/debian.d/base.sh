# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# The disk of a Debian machine with nothing of gretun on it: systemd, the
# kernel with its headers, and what the packages depend on. Made once, from the
# Debian archive, and kept in the cache. Sourced by scripts/check-debian.

readonly RELEASE=bookworm

# The last lines are what gretun-dkms and gretun depend on: packages are
# installed with dpkg alone, as the guest has no network.
readonly BASE_PACKAGES=(
	systemd-sysv udev kmod iproute2 iputils-ping
	linux-image-cloud-amd64 linux-headers-cloud-amd64
	dkms ccache
	libnl-3-200 libnl-genl-3-200 libnl-route-3-200 libjson-c5 libinih1
)

# Manuals and the like take time to unpack, and nobody reads them there.
readonly LEFT_OUT=('/usr/share/doc/*' '/usr/share/locale/*' '/usr/share/man/*')

# base: print the folder of disk.img, of root, which is the same as files, and of
# vmlinuz and initrd.
base()
{
	local key dir

	dir=$(make_cache debian)
	key=$(cat "$DEBIAN_D"/{base.sh,lab.service} | sha256sum | cut -c 1-16)
	[[ -e $dir/$key ]] || lock "$dir/.lock" make_base "$dir" "$key"
	printf '%s\n' "$dir/$key"
}

# make_base DIR KEY: make DIR/KEY, whole or not at all.
make_base()
{
	local dir=$1 key=$2 tmp mirror=http://deb.debian.org path
	# The disk is thrown away if that fails half-way.
	local -a options=(--dpkgopt=force-unsafe-io)

	[[ ! -e $dir/$key ]] || return 0
	rm -rf --one-file-system "$dir"/.new.*
	tmp=$(mktemp -d "$dir/.new.XXXXXX")
	# shellcheck disable=SC2064 # tmp is local: expand it now
	trap "rm -rf --one-file-system '$tmp'" EXIT
	for path in "${LEFT_OUT[@]}"; do
		options+=("--dpkgopt=path-exclude=$path")
	done
	say "making the disk of a Debian machine, some minutes"
	# What it mounts is nobody else's to see, and goes with it.
	unshare --mount mmdebstrap --quiet --mode=root --variant=essential \
		--include="$(IFS=,; echo "${BASE_PACKAGES[*]}")" \
		--aptopt='Acquire::Languages "none"' \
		--aptopt='Acquire::Retries 3' "${options[@]}" \
		"$RELEASE" "$tmp/root" \
		"deb $mirror/debian $RELEASE main" \
		"deb $mirror/debian-security $RELEASE-security main" >&2
	furnish "$tmp/root"
	mkdir "$tmp/base"
	cp "$tmp"/root/boot/vmlinuz-* "$tmp/base/vmlinuz"
	cp "$tmp"/root/boot/initrd.img-* "$tmp/base/initrd"
	# Room for what DKMS builds.
	mke2fs -q -t ext4 -O ^has_journal -d "$tmp/root" "$tmp/base/disk.img" 1500M >&2
	mv "$tmp/root" "$tmp/base/root"
	mv -T "$tmp/base" "$dir/$key"
	prune "$dir"
}

# furnish ROOT: settings of the machine.
furnish()
{
	local root=$1 unit

	echo gretun > "$root/etc/hostname"
	echo '127.0.0.1 localhost gretun' > "$root/etc/hosts"
	: > "$root/etc/fstab"
	# The journal shall outlive a boot.
	mkdir -p "$root/var/log/journal"
	# Nobody logs in, and what runs now and then only takes time.
	for unit in getty.target fstrim.timer e2scrub_all.timer \
		e2scrub_reap.service systemd-networkd-wait-online.service; do
		ln -s /dev/null "$root/etc/systemd/system/$unit"
	done
	install -m 644 "$DEBIAN_D/lab.service" "$root/etc/systemd/system/"
	mkdir -p "$root/etc/systemd/system/multi-user.target.wants"
	ln -s ../lab.service "$root/etc/systemd/system/multi-user.target.wants/"
}

# prune DIR: of the disks in DIR keep the two newest; the older of them may
# still be in use by somebody.
prune()
{
	find "$1" -mindepth 1 -maxdepth 1 -type d ! -name '.*' -printf '%T@ %p\0' |
		sort -rzn | tail -zn +3 | cut -zd ' ' -f 2- | xargs -r0 rm -rf
}
