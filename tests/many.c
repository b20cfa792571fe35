// SPDX-License-Identifier: GPL-2.0
/*
 * Makes many tunnels in the netns of the caller, for tests of what is slow or
 * breaks only then: many COUNT
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "nl.h"

int main(int argc, char **argv)
{
	static struct nl nl;
	int err;

	if (argc != 2 || nl_open(&nl))
		return 1;
	err = nl_make(&nl, atoi(argv[1]));
	if (err)
		fprintf(stderr, "%s: %s\n", strerror(err), nl.text);
	nl_close(&nl);
	return err != 0;
}
