# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# The guest's file system: cpio archives that the kernel unpacks one after
# another. Those that stay the same from run to run are kept in the cache.
# Sourced by scripts/vm.

readonly VM_D=$GRETUN_TOP/scripts/vm.d

# Programs every guest has; a word of the second list is passed over when the
# host lacks it.
readonly GUEST_PROGS=(dash bash busybox ip tc ss bridge ping tcpdump
	modprobe insmod rmmod lsmod modinfo depmod sysctl ps
	timeout mktemp date sort seq stat od readlink realpath dd head tail
	tee tr wc cat sleep stdbuf nproc sed grep mawk cmp tar sha256sum
	unshare nsenter)
readonly GUEST_PROGS_MAYBE=(ethtool nft iptables iptables-save
	iptables-restore ip6tables ip6tables-save ip6tables-restore
	iptables-nft iptables-nft-save ip6tables-nft ip6tables-nft-save
	iptables-legacy iptables-legacy-save ip6tables-legacy
	ip6tables-legacy-save conntrack jq gojq strace tshark)

# host_path PROGRAM: where the host has it. The system's own comes first: what
# else PATH leads to may be a wrapper that is of no use elsewhere.
host_path()
{
	PATH=/usr/sbin:/usr/bin:/sbin:/bin:$PATH type -P "$1"
}

# skeleton DIR: the links that every archive must start with, or a folder of
# its own would take their place.
skeleton()
{
	local link

	for link in bin lib lib64 sbin; do
		mkdir -p "$1/usr/$link"
		ln -sfn "usr/$link" "$1/$link"
	done
}

# stage_libs DIR FILE...: copy the shared libraries of the FILEs into DIR.
stage_libs()
{
	local dir=$1

	shift
	{ ldd "$@" 2> /dev/null || :; } |
		awk '/=> \// { print $3 } /^\t\/.*ld-linux/ { print $1 }' |
		sort -u | xargs -r cp -L --parents --update -t "$dir"
}

# stage_progs DIR PROGRAM...: copy programs of the host with their libraries.
# A link stays one, since some programs go by the name they are called by. What
# is named by a path goes where the guest's PATH begins.
stage_progs()
{
	local dir=$1 prog path real
	local -a files=()

	shift
	for prog; do
		path=$(host_path "$prog") ||
			die "$prog: no such program on this system"
		real=$(readlink -f "$path")
		files+=("$real")
		if [[ $prog == */* ]]; then
			mkdir -p "$dir/usr/local/bin"
			cp "$real" "$dir/usr/local/bin/${prog##*/}"
			continue
		fi
		cp --parents "$real" "$dir"
		mkdir -p "$dir${path%/*}"
		[[ -e $dir$path ]] || ln -sfn "$real" "$dir$path"
	done
	stage_libs "$dir" "${files[@]}"
}

# stage_tree DIR PATH: copy a file or a folder of the host, if it has it.
stage_tree()
{
	[[ ! -e $2 ]] || (cd / && cp -a --parents "${2#/}" "$1")
}

# archive DIR FILE: DIR as a cpio archive owned by root.
archive()
{
	(cd "$1" && find . -mindepth 1 -printf '%P\0' | sort -z |
	 cpio --quiet -0 -o -H newc -R 0:0) > "$2"
}

# cached NAME KEY COMMAND...: print the path of the archive that COMMAND makes
# in the folder given to it as last word; made once for each KEY.
cached()
{
	local name=$1 file dir

	dir=$(make_cache vm) || exit
	file=$dir/$name-$(sha256sum <<< "$2" | cut -c 1-16).cpio
	shift 2
	[[ -e $file ]] || lock "$dir/.$name.lock" make_cached "$name" "$file" "$@"
	touch -c "$file"
	printf '%s\n' "$file"
}

make_cached()
{
	local name=$1 file=$2 tmp

	shift 2
	[[ ! -e $file ]] || return 0
	say "packing ${file##*/}"
	rm -rf "${file%/*}/.new.$name".*
	tmp=$(mktemp -d "${file%/*}/.new.$name.XXXXXX")
	# shellcheck disable=SC2064 # tmp is local: expand it now
	trap "rm -rf '$tmp'" EXIT
	mkdir "$tmp/root"
	skeleton "$tmp/root"
	"$@" "$tmp/root"
	archive "$tmp/root" "$tmp/cpio"
	mv "$tmp/cpio" "$file"
	# What nobody took for a week was made from files that have changed.
	find "${file%/*}" -maxdepth 1 -name '*.cpio' -mtime +7 -delete
}

# files_key FILE...: changes whenever one of them does, or a library.
files_key()
{
	stat -L -c '%n %s %Y' "$@" /etc/ld.so.cache
}

# base_archive: programs, settings and init.
base_archive()
{
	local prog
	local -a progs=("${GUEST_PROGS[@]}") paths=("$VM_D/init" "$VM_D/pack.sh")

	for prog in "${GUEST_PROGS_MAYBE[@]}"; do
		! host_path "$prog" > /dev/null || progs+=("$prog")
	done
	for prog in "${progs[@]}"; do
		paths+=("$(host_path "$prog")") ||
			die "$prog: not installed here; run scripts/deps demo"
	done
	cached base "$(files_key "${paths[@]}")" base_stage "${progs[@]}"
}

base_stage()
{
	local dir=${*: -1} file applet
	local -a progs=("${@:1:$#-1}")

	stage_progs "$dir" "${progs[@]}"
	mkdir -p "$dir"/{dev,etc,lab/busybox,proc,root,run,sys,tmp,var/lib,usr/local/{bin,sbin}}
	ln -s ../run "$dir/var/run"
	ln -sfn dash "$dir/usr/bin/sh"
	ln -sfn mawk "$dir/usr/bin/awk"
	for applet in $(busybox --list); do
		ln -s "$(readlink -f "$(host_path busybox)")" "$dir/lab/busybox/$applet"
	done
	for file in /etc/{protocols,services,ethertypes,iproute2} \
		/usr/share/iproute2 /usr/lib/x86_64-linux-gnu/xtables \
		/usr/libexec/coreutils \
		/usr/lib/terminfo/{d/dumb,l/linux,s/screen*,t/tmux*,v/vt[12]*0,x/xterm*}; do
		stage_tree "$dir" "$file"
	done
	echo 'root:x:0:0:root:/root:/bin/bash' > "$dir/etc/passwd"
	echo 'nobody:x:65534:65534:nobody:/:/bin/sh' >> "$dir/etc/passwd"
	printf '%s\n' 'root:x:0:' 'nogroup:x:65534:' > "$dir/etc/group"
	printf '%s\n' '127.0.0.1 localhost gretun' '::1 localhost' > "$dir/etc/hosts"
	printf '%s: files\n' passwd group hosts protocols services > "$dir/etc/nsswitch.conf"
	install -m 755 "$VM_D/init" "$dir/init"
}

# modules_archive NAME...: the kernel's modules that modules.txt names, and
# those of the NAMEs that the kernel has.
modules_archive()
{
	local wanted

	wanted=$(modules_wanted "$@")
	cached "modules-$KERNEL_RELEASE" \
		"$wanted $(files_key "$VM_D/pack.sh" "$KERNEL_MODULES/modules.dep")" \
		modules_stage "$wanted"
}

modules_stage()
{
	local wanted=$1 dir=$2/lib/modules/$KERNEL_RELEASE

	mkdir -p "$dir"
	(cd "$KERNEL_MODULES" && xargs cp --parents -t "$dir") <<< "$wanted"
	find "$dir" -name '*.ko.xz' -exec xz -d {} +
	cp "$KERNEL_MODULES"/modules.{builtin,builtin.modinfo,order} "$dir"
	depmod -b "$2" "$KERNEL_RELEASE"
}

# modules_wanted NAME...: print paths below the kernel's folder; modules.dep
# has on each line a module and all that it needs, directly or not.
modules_wanted()
{
	{ cat "$VM_D/modules.txt" && printf '%s\n' "$@"; } | awk '
	NR == FNR {
		if (/^#/ || !NF)
			next
		gsub(/-/, "_")
		gsub(/\*/, ".*")
		want = want "|" $1
		next
	}
	FNR == 1 { want = "^(" substr(want, 2) ")$" }
	{
		name = $1
		sub(/:$/, "", $1)
		sub(/.*\//, "", name)
		sub(/\.ko.*/, "", name)
		gsub(/-/, "_", name)
		if (name ~ want)
			for (i = 1; i <= NF; i++)
				print $i
	}' - "$KERNEL_MODULES/modules.dep" | sort -u
}

# python_archive: the system's Python with scapy and what else it has of the
# packages that tests use. Compiled ahead, as the guest is slow at that, and
# in a way that holds whatever time the guest gives the files.
python_archive()
{
	local python

	python=$(readlink -f /usr/bin/python3) ||
		die "python3: not installed; run scripts/deps check"
	cached python "$(files_key "$python" "$VM_D/pack.sh" \
		/usr/lib/python3/dist-packages)" python_stage "$python"
}

python_stage()
{
	local python=$1 dir=$2 lib package

	lib=/usr/lib/${python##*/}
	stage_progs "$dir" "${python##*/}"
	ln -s "$python" "$dir/usr/bin/python3"
	stage_tree "$dir" "$lib"
	(cd "$dir$lib" && rm -rf test idlelib tkinter ensurepip lib2to3 \
		pydoc_data distutils turtledemo config-3*)
	for package in scapy yaml _yaml jsonschema attr attrs pyrsistent; do
		stage_tree "$dir" "/usr/lib/python3/dist-packages/$package"
	done
	rm -rf "$dir"/usr/lib/python3/dist-packages/scapy/contrib/automotive
	find "$dir/usr/lib" -name __pycache__ -prune -exec rm -rf {} +
	"$python" -m compileall -q --invalidation-mode unchecked-hash \
		-s "$dir" "$dir/usr/lib" > /dev/null || :
	mapfile -t libs < <(find "$dir/usr/lib/python3"* -name '*.so')
	stage_libs "$dir" "${libs[@]}"
}

# root_archive FOLDER: what scripts/unpacked has put there.
root_archive()
{
	[[ -r $1/packages ]] || die "--root $1: no folder of scripts/unpacked"
	cached "root-${1##*/}" "$(files_key "$1/packages" "$VM_D/pack.sh")" \
		root_stage "$1"
}

root_stage()
{
	local folder=$1 dir=$2 libs needed
	local -a files

	cp -a "$folder/usr" "$dir"
	mapfile -t files < <(find "$folder/usr" -type f \
		\( -perm -u+x -o -name '*.so*' \))
	libs=$(find "$folder/usr" -name '*.so*' -printf '%h\n' | sort -u |
	       paste -sd :)
	needed=$(LD_LIBRARY_PATH=$libs ldd "${files[@]}" 2> /dev/null || :)
	! grep -F 'not found' <<< "$needed" >&2 ||
		die "$folder: what is not found is in no package of these"
	awk -v own="$folder/" '/=> \// && index($3, own) != 1 { print $3 }' \
		<<< "$needed" | sort -u | xargs -r cp -L --parents --update -t "$dir"
}
