# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# KTAP output for tests in bash. Sourced, not run.

ktap_count=0
ktap_failed=0

# ok TEXT...: a case passed.
ok()
{
	ktap_count=$((ktap_count + 1))
	printf 'ok %s %s\n' "$ktap_count" "$*"
}

# not_ok TEXT...: a case failed. What is on stdin says why.
not_ok()
{
	sed 's/^/# /'
	ktap_count=$((ktap_count + 1))
	ktap_failed=$((ktap_failed + 1))
	printf 'not ok %s %s\n' "$ktap_count" "$*"
}

# check TEXT COMMAND...: a case that passes if COMMAND does.
check()
{
	local text=$1 out status=0

	shift
	out=$("$@" 2>&1) || status=$?
	if ((status == 0)); then
		ok "$text"
	else
		not_ok "$text" <<< "$* gave $status:"$'\n'"$out"
	fi
}

# same TEXT WANTED IS: a case that passes if the two are the same.
same()
{
	if [[ $2 == "$3" ]]; then
		ok "$1"
	else
		not_ok "$1" <<< "wanted: $2"$'\n'"    is: $3"
	fi
}

# wait_for SECONDS COMMAND...: until COMMAND passes; fails when time is up.
wait_for()
{
	local end=$((SECONDS + $1))

	shift
	until "$@" > /dev/null 2>&1; do
		((SECONDS < end)) || return 1
		sleep 0.1
	done
}

# report: turn lines "ok TEXT" and "not ok TEXT" into results. Those that start
# with "# " before a "not ok" say why. A helper that says nothing, or ends
# badly, is a failure: give report its name and exit status.
report()
{
	local line why='' seen=0

	while IFS= read -r line; do
		case $line in
		'ok '*)
			ok "${line#ok }"
			why=''
			seen=1
			;;
		'not ok '*)
			not_ok "${line#not ok }" <<< "$why"
			why=''
			seen=1
			;;
		'END 0') ((seen)) || not_ok "any result" <<< "none" ;;
		'END '*) not_ok "the helper ends well" <<< "$why"$'\n'"$line" ;;
		*) why+=${why:+$'\n'}${line#\# } ;;
		esac
	done
}

# python SCRIPT ARG...: run one of the Python helpers; its results are ours.
python()
{
	report < <(
		/usr/bin/python3 "$@" 2>&1
		echo "END $?"
	)
}

# ktap_end: the plan, and the exit status.
ktap_end()
{
	printf '1..%s\n' "$ktap_count"
	((ktap_failed == 0))
}
