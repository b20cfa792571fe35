// SPDX-License-Identifier: GPL-2.0
/*
 * For width.sh: a table, and text.
 *
 *   width table CELL...     rows of five columns, of which three may go
 *   width text INDENT TEXT  text that starts in that column
 *   width name NAME         that of a device
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../../cli/cli.h"

static const struct column columns[] = {
	{ "NAME", false, 0 },
	{ "FIRST", true, 1 },
	{ "THIRD", false, 3 },
	{ "SECOND", true, 2 },
	{ "LAST", false, 0 },
};

int main(int argc, char **argv)
{
	struct table table = { 0 };
	char name[NAME_TEXT];
	int indent;

	if (strcmp(argv[1], "name") == 0) {
		puts(name_text(argv[2], name));
		return 0;
	}
	if (strcmp(argv[1], "text") == 0) {
		indent = atoi(argv[2]);
		printf("%*s", indent, "");
		text_wrap(argv[3], indent);
		putchar('\n');
		return 0;
	}
	for (int i = 2; i < argc; i++)
		table_cell(&table, NULL, "%s", argv[i]);
	table_print(&table, columns, ARRAY_SIZE(columns));
	return 0;
}
