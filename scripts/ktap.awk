# SPDX-License-Identifier: GPL-2.0
#
# Reads what the kernel's kselftest runner printed in a guest: a result for
# each test program, and before it the program's own output behind "# ", with a
# result for each of its cases. Prints the output of the programs that failed
# and, last, a line "PASSED FAILED SKIPPED" that counts the cases.
#
# Variables: kernel  its name in scripts/kernels.txt
#            expect  the programs that must have a result, with spaces between
#            skips   the file of the skips that are allowed

function fail(what)
{
	failed++
	why = why kernel ": " program ": " what "\n"
}

# skip(name, line): a skip is a failure unless it is expected.
function skip(name, line,	i)
{
	for (i = 1; i <= allowed; i++) {
		if (kernel ~ "^(" skip_kernel[i] ")$" &&
		    program == skip_program[i] && name ~ skip_name[i]) {
			skipped++
			print kernel ": " program ": " name ": skipped, " skip_why[i]
			return
		}
	}
	fail("skipped: " line)
}

# result(line): count one result, of a case or of a program without cases.
function result(line,	name)
{
	name = line
	sub(/^(not )?ok [0-9]+ *(- *)?/, "", name)
	if (line ~ /^not ok/)
		fail(name)
	else if (line ~ /# *SKIP/)
		skip(name, line)
	else
		passed++
}

function start(name)
{
	program = name
	output = ""
	why = ""
	plan = -1
	cases = 0
}

BEGIN {
	passed = failed = skipped = allowed = 0
	while ((getline line < skips) > 0) {
		if (line ~ /^#/ || split(line, field, /[ \t]+/) < 4)
			continue
		allowed++
		skip_kernel[allowed] = field[1]
		skip_program[allowed] = field[2]
		skip_name[allowed] = field[3]
		sub(/^[^ \t]+[ \t]+[^ \t]+[ \t]+[^ \t]+[ \t]+/, "", line)
		skip_why[allowed] = line
	}
	start("")
}

/^# selftests: gretun: / {
	start($4)
	next
}

/^# 1\.\.[0-9]+/ && plan < 0 {
	plan = substr($2, 4) + 0
}

/^# (not )?ok [0-9]+/ {
	cases++
	result(substr($0, 3))
}

/^#/ {
	output = output $0 "\n"
}

/^(not )?ok [0-9]+ selftests: gretun: / {
	program = $0
	sub(/.*gretun: /, "", program)
	sub(/ .*/, "", program)
	seen[program] = 1
	if (!cases)
		result($0)
	else if ($0 ~ /^ok/ && plan < 0)
		fail("no plan, so it may have ended early")
	else if ($0 ~ /^ok/ && plan != cases)
		fail(cases " results instead of the " plan " that were planned")
	else if ($0 ~ /^not/ && why == "")
		fail("no case failed, but " $0)
	if (why != "")
		printf "%s%s\n", output, why
	start("")
}

END {
	count = split(expect, list, " ")
	for (i = 1; i <= count; i++) {
		if (list[i] in seen)
			continue
		if (program != list[i])
			start(list[i])
		fail("no result")
		printf "%s%s\n", output, why
	}
	print passed, failed, skipped
}
