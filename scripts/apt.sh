# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2154 # suite is set by who sources this
#
# Debian packages of $suite, fetched beside the system's own package
# management: nothing is installed. Sourced after lib.sh.

# Package lists older than this many minutes are fetched again.
readonly LISTS_MAX_AGE=720

# apt TOOL ARG...: apt-get or apt-cache on the suite's packages alone: own
# lists, own cache, an empty list of installed packages. The options come on
# the command line since only there they win over /etc/apt/apt.conf.d, which
# stays in force because a proxy may be set in it.
apt()
{
	local tool=$1 options option
	local -a args=()

	shift
	options="
		Dir::State=$apt/state
		Dir::State::status=$apt/status
		Dir::Cache=$apt/cache
		Dir::Etc::sourcelist=$apt/sources.list
		Dir::Etc::sourceparts=$apt/none
		Dir::Etc::preferences=$apt/none/none
		Dir::Etc::preferencesparts=$apt/none
		APT::Architecture=amd64
		APT::Sandbox::User=root
		APT::Install-Recommends=false
		Acquire::Languages=none
		Acquire::Retries=3
		Acquire::http::Timeout=20"
	[[ $suite == *-backports ]] && options+=" APT::Default-Release=$suite"
	for option in $options; do
		args+=(-o "$option")
	done
	"$tool" -qq "${args[@]}" "$@"
}

# apt_setup: make the private configuration of $suite.
apt_setup()
{
	local release=${suite%-backports} line
	local keyring=/usr/share/keyrings/debian-archive-keyring.gpg

	[[ -r $keyring ]] ||
		die "$keyring: not there; install debian-archive-keyring"
	apt=$(make_cache "apt/$suite")
	mkdir -p "$apt/state/lists/partial" "$apt/cache/archives/partial" "$apt/none"
	: > "$apt/status"
	line="deb [signed-by=$keyring] http://deb.debian.org"
	{
		printf '%s main\n' "$line/debian $release" \
			"$line/debian-security $release-security"
		[[ $suite == "$release" ]] ||
			printf '%s main\n' "$line/debian $suite"
	} > "$apt/sources.list.$BASHPID"
	# Somebody may be reading it.
	mv "$apt/sources.list.$BASHPID" "$apt/sources.list"
}

# apt_update [MINUTES]: fetch the package lists unless they are younger.
apt_update()
{
	lock "$apt/.lock" apt_update_locked "${1:-$LISTS_MAX_AGE}"
}

apt_update_locked()
{
	local stamp=$apt/updated

	[[ -z $(find "$stamp" -mmin "-$1" 2> /dev/null) ]] || return 0
	say "fetching the package lists of $suite"
	apt apt-get update -o APT::Update::Error-Mode=any >&2 || return 1
	touch "$stamp"
}

# prune DIR: of the versions in DIR keep the two newest; the older of them may
# still be in use by somebody.
prune()
{
	local old

	find "$1" -mindepth 1 -maxdepth 1 -type d ! -name '.*' -printf '%T@ %p\n' |
		sort -rn | tail -n +3 | while read -r _ old; do
			rm -rf "$old"
		done
}
