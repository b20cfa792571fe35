#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Tunnel files: what good ones say, what is wrong with bad ones, and where. The
# files are in files/good and files/bad, folders there are pairs and more. The
# first lines of a file, or the file expect of a folder, have what is to come
# out. Nothing is asked of a kernel.

set -euo pipefail
cd "${BASH_SOURCE[0]%/*}"
# shellcheck source-path=SCRIPTDIR source=../ktap.sh
. ../ktap.sh

# Seconds for files with random faults.
readonly MUTATE_TIME=20

tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
umask 077
folder=$tmp/gretun
mkdir "$folder"
CFLAGS="-g -O1 -fsanitize=address,undefined -fno-sanitize-recover=all"
CFLAGS+=" -DTUNNEL_FILES='\"$folder\"'"
export ASAN_OPTIONS=exitcode=99 UBSAN_OPTIONS=halt_on_error=1:exitcode=99

# build: the two programs, from all of gretun but its main.c, with what finds
# wrong memory accesses.
build()
{
	local program flags objects

	mkdir "$tmp/kmod"
	cp -r ../../kmod/uapi ../../kmod/*.h "$tmp/kmod"
	cp -r ../../cli "$tmp"
	make -s -C "$tmp/cli" clean
	make -s -j "$(nproc)" -C "$tmp/cli" CFLAGS="$CFLAGS"
	# shellcheck disable=SC2016 # make expands it
	flags=$(make -s -C "$tmp/cli" CFLAGS="$CFLAGS" \
		--eval='flags:;@printf "%s\n" $(CFLAGS) $(LDLIBS)' flags)
	mapfile -t objects < <(find "$tmp/cli" -name '*.o' ! -path "$tmp/cli/main.o")
	mkdir -p "$tmp/tests/host"
	for program in readfiles mutate; do
		cp "$program.c" "$tmp/tests/host"
		# shellcheck disable=SC2086 # they are words
		(cd "$tmp/cli" && gcc "../tests/host/$program.c" \
			"${objects[@]}" -o "$tmp/$program" $flags)
	done
}

# read_files WORD...: what comes out of them, and the status. None may wait.
read_files()
{
	local status=0

	timeout 60 "$tmp/readfiles" "$@" > "$tmp/out" 2> "$tmp/err" || status=$?
	printf '%s\n' "$status"
}

# expected FILE: what it expects.
expected()
{
	sed -n 's/^# expect: //p' "$1"
}

# says TEXT STATUS: a case that passes if the last status was 2, nothing was
# given, and each line of messages starts with that of stdin.
says()
{
	local is wanted line=0 fault=

	[[ $2 == 2 ]] || fault="the status is $2"
	[[ ! -s $tmp/out ]] || fault="it was taken"
	while IFS= read -r wanted; do
		line=$((line + 1))
		is=$(sed -n "${line}p" "$tmp/err" | tr -d '\0')
		[[ $is == "gretun: $wanted"* ]] || fault="line $line is not: $wanted"
	done
	[[ $line == "$(wc -l < "$tmp/err")" ]] || fault+=" and there are $line"
	if [[ $fault ]]; then
		not_ok "$1" < <(echo "$fault" && cat "$tmp/err")
	else
		ok "$1"
	fi
}

# bad_file FILE: its faults are found.
bad_file()
{
	local path=$tmp/${1##*/}

	cp "$1" "$path"
	says "bad: ${1##*/}" "$(read_files "$path")" \
		< <(expected "$1" | sed "/^[0-9]/s|^|$path:|;/^[0-9/]/!s|^|$path: |")
}

# bad_folder FOLDER: the faults of its files are found.
bad_folder()
{
	local copy=$tmp/${1##*/}

	cp -r "$1" "$copy"
	says "bad: ${1##*/}/" "$(read_files "$copy/")" \
		< <(sed "/^#/d;s|^|$copy/|" "$1/expect")
}

# good TEXT STATUS: a case that passes if the last status was 0, nothing was
# said, and what was given is on stdin.
good()
{
	local wanted

	wanted=$(cat)
	same "$1" "0"$'\n'"$wanted" "$2"$'\n'"$(cat "$tmp/out" "$tmp/err")"
}

# tunnel NAME [LINE...]: a file for it, in the folder that names are looked for.
tunnel()
{
	local name=$1

	shift
	printf '%s\n' '[NetDev]' "Name=$name" 'Kind=gretun' '[Tunnel]' \
		'Local=192.0.2.1' 'Remote=192.0.2.2' "$@" > "$folder/$name.netdev"
}

# warned TEXT STATUS [WARNING]: a case that passes if the last status was 0, and
# what was said has WARNING, or is nothing without.
warned()
{
	local is

	is=$(cat "$tmp/err")
	if [[ $2 == 0 && ${3-} && $is == *"$3"* ]] ||
	   [[ $2 == 0 && ! ${3-} && ! $is ]]; then
		ok "$1"
	else
		not_ok "$1" <<< "$2"$'\n'"$is"
	fi
}

# words: how files are found, by name, path and folder.
words()
{
	tunnel gre1
	tunnel gre2 'TTL=7'
	good "by name" "$(read_files gre2)" \
		<<< "gre2 local 192.0.2.1 remote 192.0.2.2 ttl 7"
	good "several" "$(read_files gre2 "$folder/gre1.netdev")" <<- EOF
		gre2 local 192.0.2.1 remote 192.0.2.2 ttl 7
		gre1 local 192.0.2.1 remote 192.0.2.2
	EOF
	good "a folder, in order" "$(read_files "$folder")" <<- EOF
		gre1 local 192.0.2.1 remote 192.0.2.2
		gre2 local 192.0.2.1 remote 192.0.2.2 ttl 7
	EOF
	good "the folder of all" "$(read_files)" <<- EOF
		gre1 local 192.0.2.1 remote 192.0.2.2
		gre2 local 192.0.2.1 remote 192.0.2.2 ttl 7
	EOF
	says "no such tunnel" "$(read_files gre3)" \
		<<< "$folder/gre3.netdev: there is no such file"
	says "no such path" "$(read_files ./gre3)" \
		<<< "./gre3: there is no such file"
	says "no name" "$(read_files 'gre 1')" <<< "gre 1: not a name"
	says "all faults of all files" "$(read_files gre3 gre4 gre1)" <<- EOF
		$folder/gre3.netdev: there is no such file
		$folder/gre4.netdev: there is no such file
	EOF
	says "the same file twice" "$(read_files gre1 "$folder/")" <<- EOF
		$folder/gre1.netdev:2: Name: 'gre1' is the name of the tunnel in $folder/gre1.netdev, line 2
	EOF
	mv "$folder/gre2.netdev" "$folder/gre3.netdev"
	says "the file of another" "$(read_files gre3)" \
		<<< "$folder/gre3.netdev:2: Name: 'gre2', but this is the file of gre3"
	warned "a file not called as its tunnel" "$(read_files)" \
		"gre3.netdev:2: gre2: the file is not called so"
	rm "$folder"/*
	good "an empty folder" "$(read_files)" < /dev/null
	says "no such folder" "$(read_files "$folder/x/")" \
		<<< "$folder/x/: there is no such file"
}

# kinds_of_files: what is no regular file, or too long.
kinds_of_files()
{
	local path=$tmp/x.netdev

	mkfifo "$path"
	says "a pipe" "$(read_files "$path")" <<< "$path: not a regular file"
	rm "$path"
	ln -s /dev/null "$path"
	says "a device" "$(read_files "$path")" <<< "$path: not a regular file"
	rm "$path"
	mkdir "$path"
	good "a folder with the name of a file" "$(read_files "$path")" < /dev/null
	mkdir "$path/y.netdev"
	says "a folder in it" "$(read_files "$path")" \
		<<< "$path/y.netdev: not a regular file"
	rm -r "$path"
	cp files/good/left.netdev "$path"
	head -c 1048576 /dev/zero | tr '\0' '#' >> "$path"
	says "more than 1 MiB" "$(read_files "$path")" <<< "$path: too long"
	truncate -s 1048576 "$path"
	good "1 MiB" "$(read_files "$path")" < <(expected files/good/left.netdev)
	rm "$path"
}

# modes: who may read and write a file.
modes()
{
	local path=$folder/gre1.netdev

	tunnel gre1
	chmod 644 "$path"
	warned "everybody may read a file without a key" "$(read_files gre1)"
	tunnel gre1 Key=7
	warned "everybody may read a key" "$(read_files gre1)" \
		"$path: everybody can read the key in it; chmod o-r"
	chmod 640 "$path"
	warned "a group may" "$(read_files gre1)"
	chmod 602 "$path"
	warned "everybody may write" "$(read_files gre1)" \
		"$path: others than its owner can write it"
	chmod 620 "$path"
	((EUID != 0)) || chgrp 65534 "$path"
	warned "a group may write" "$(read_files gre1)" \
		"$path: others than its owner can write it"
	((EUID != 0)) || {
		chgrp 0 "$path"
		warned "root's group may write" "$(read_files gre1)"
	}
	chmod 600 "$path"
	printf '%s\n' '[Match]' 'Name=gre1' > "$folder/a.network"
	chmod 606 "$folder/a.network"
	warned "everybody may write the .network file" "$(read_files gre1)" \
		"$folder/a.network: others than its owner"
	rm "$folder/a.network"
	((EUID == 0)) || {
		chmod 0 "$path"
		same "nobody may read" 1 "$(read_files gre1)"
	}
	rm "$path"
}

# strangers: what is in a folder beside tunnel files.
strangers()
{
	tunnel gre1
	printf '%s\n' '[NetDev]' 'Name=br0' 'Kind=bridge' '[Bridge]' 'STP=yes' \
		> "$folder/br0.netdev"
	warned "a bridge" "$(read_files)" \
		"$folder/br0.netdev:3: bridge: a device of this kind is not gretun's"
	rm "$folder/br0.netdev"
	echo nonsense > "$folder/.gre1.netdev"
	echo nonsense > "$folder/gre1.netdev~"
	warned "what an editor left" "$(read_files)"
	mkdir "$folder/gre1.netdev.d"
	warned "drop-ins" "$(read_files gre1)" \
		"$folder/gre1.netdev.d: drop-in files are not read"
	rmdir "$folder/gre1.netdev.d"
	printf '%s\n' '[Match]' 'Name=gre7' > "$folder/a.network"
	warned "a .network file for nobody" "$(read_files)" \
		"$folder/a.network: its [Match] is for no tunnel"
	printf '%s\n' '[Match]' 'Type=ether' > "$folder/a.network"
	warned "one without a name" "$(read_files)" \
		"$folder/a.network: Name: missing in [Match]"
	rm -r "${folder:?}"/.gre1.netdev "${folder:?}"/*
}

# page: the manual page has each key, and no other, and its examples are good.
page()
{
	local page=../../cli/man/gretun.netdev.5 keys

	keys=$(sed -n 's/^\t\(NOT\|ONLY\|{\)[( ]*"\([A-Za-z]*\)", "\([A-Za-z0-9]*\)".*/\2 \3/p' \
		../../cli/file/keys.c | sort)
	same "the page has each key, and no other" "$keys" "$(awk '
		/^\.S[hs]/ { section = $2 ~ /^\[.*\]$/ ? substr($2, 2, length($2) - 2) : "" }
		/^\.It Cm/ && section { sub(/=.*/, "", $3); print section, $3 }
		' "$page" | sort)"
	awk -v folder="$folder" '
		/^\.Bd -literal/ { block = ""; inside = 1; next }
		/^\.Ed/ {
			# The second end of a tunnel comes in place of the first.
			match(block, /\nName=[a-z0-9]*/)
			name = substr(block, RSTART + 6, RLENGTH - 6)
			path = folder "/" name (block ~ /^\[Match/ ? ".network" : ".netdev")
			printf "%s", block > path
			close(path)
			inside = 0
		}
		inside { block = block $0 "\n" }' "$page"
	good "the examples of the page" "$(read_files)" <<- EOF
		gre0 local 217.154.12.2 remote 212.25.240.34 address 10.1.12.38/30
		gre1 local 212.25.240.34 remote 217.154.12.2 key 7 address 10.1.12.41/32 peer 10.1.12.42
		route 10.2.0.0/16 metric 0 table 254
		route 10.3.0.0/16 via 10.1.12.42 metric 100 table 254
		gre2 local 212.25.240.34 remote 217.154.12.2 ttl 64 address 10.1.12.49/30
		gre6 local 2001:db8::1 remote 2001:db8:1::1 address 10.1.12.45/30 address fd00:1::1/64
		route 2001:db8:2::/48 via fd00:1::2 metric 0 table 254
	EOF
}

echo 'TAP version 13'
check "build" build
[[ -x $tmp/readfiles ]] || { ktap_end; exit; }

for path in files/bad/*; do
	if [[ -d $path ]]; then
		bad_folder "$path"
	else
		bad_file "$path"
	fi
done
for path in files/good/*; do
	copy=$tmp/${path##*/}
	cp -r "$path" "$copy"
	if [[ -d $path ]]; then
		good "good: ${path##*/}/" "$(read_files "$copy")" \
			< <(sed '/^#/d' "$path/expect")
	else
		good "good: ${path##*/}" "$(read_files "$copy")" \
			< <(expected "$path")
	fi
done
words
kinds_of_files
modes
strangers
page
check "no fault of a file is one of gretun's" \
	"$tmp/mutate" "$MUTATE_TIME" files/good/*.netdev
ktap_end
