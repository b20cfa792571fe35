// SPDX-License-Identifier: GPL-2.0
/*
 * Tables that people read. In a terminal with less room than a table takes, the
 * last column is broken into lines; then columns are left out, and that is said.
 * No cell is ever cut.
 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli.h"

#define GAP 2

/* How a table is printed. */
struct layout {
	const struct column *column;
	size_t columns;
	size_t *width; /* of each column, 0 for one that is left out */
	size_t least;  /* that the last column needs */
};

/**
 * table_cell() - add the next cell of a table
 * @table: the table
 * @color: see color_on()
 * @format: the text, as for printf()
 */
void table_cell(struct table *table, const char *color, const char *format,
		...)
{
	struct cell *cell;
	va_list args;

	table->cell = grow(table->cell, table->count, sizeof(*cell));
	cell = &table->cell[table->count++];
	cell->color = color;
	va_start(args, format);
	if (vasprintf(&cell->text, format, args) < 0)
		out_of_memory();
	va_end(args);
}

static size_t max(size_t one, size_t other)
{
	return one > other ? one : other;
}

static size_t longest_word(const char *text)
{
	size_t longest = 0;

	while (*text) {
		size_t len = strcspn(text, " ");

		longest = max(longest, text_width(text, len));
		text += len;
		text += strspn(text, " ");
	}
	return longest;
}

static void measure(struct layout *layout, const struct table *table)
{
	size_t last = layout->columns - 1;

	for (size_t i = 0; i < layout->columns; i++)
		layout->width[i] = strlen(layout->column[i].title);
	layout->least = layout->width[last];
	for (size_t i = 0; i < table->count; i++) {
		const char *text = table->cell[i].text;
		size_t *width = &layout->width[i % layout->columns];

		*width = max(*width, text_width(text, strlen(text)));
		if (i % layout->columns == last)
			layout->least = max(layout->least, longest_word(text));
	}
}

/* Where the last column starts. */
static size_t indent(const struct layout *layout)
{
	size_t sum = 0;

	for (size_t i = 0; i + 1 < layout->columns; i++) {
		if (layout->width[i])
			sum += layout->width[i] + GAP;
	}
	return sum;
}

/* Returns the column that goes next, or NULL if all that are left stay. */
static size_t *next_to_go(const struct layout *layout)
{
	size_t *next = NULL;
	unsigned int first = 0;

	for (size_t i = 0; i < layout->columns; i++) {
		unsigned int goes = layout->column[i].goes;

		if (!goes || !layout->width[i] || (next && goes > first))
			continue;
		next = &layout->width[i];
		first = goes;
	}
	return next;
}

static void fit(struct layout *layout)
{
	size_t room = terminal_width();
	size_t *next;

	while (indent(layout) + layout->least > room) {
		next = next_to_go(layout);
		if (!next)
			break;
		*next = 0;
	}
}

static void pad(size_t spaces)
{
	while (spaces--)
		putchar(' ');
}

static void print_cell(const struct layout *layout, size_t i, const char *text,
		       const char *color)
{
	bool last = i + 1 == layout->columns;
	size_t space;

	if (!layout->width[i])
		return;
	space = layout->width[i] - text_width(text, strlen(text));
	if (layout->column[i].right)
		pad(space);
	fputs(color_on(color), stdout);
	if (last)
		text_wrap(text, indent(layout));
	else
		text_put(stdout, text);
	if (color)
		fputs(color_off(), stdout);
	if (last)
		putchar('\n');
	else
		pad(GAP + (layout->column[i].right ? 0 : space));
}

static void print_left_out(const struct layout *layout)
{
	const char *before = "Left out, as the terminal is narrow: ";
	size_t size;
	char *text;
	FILE *out;

	out = open_memstream(&text, &size);
	if (!out)
		out_of_memory();
	for (size_t i = 0; i < layout->columns; i++) {
		if (layout->width[i])
			continue;
		fprintf(out, "%s%s", before, layout->column[i].title);
		before = ", ";
	}
	if (fclose(out))
		out_of_memory();
	text_wrap(text, 0);
	if (*text)
		putchar('\n');
	free(text);
}

/**
 * table_print() - print a table with its header, and free it
 * @table: the table, whole rows
 * @column: its columns; the last one is not aligned right
 * @columns: how many
 */
void table_print(struct table *table, const struct column *column,
		 size_t columns)
{
	struct layout layout = { .column = column, .columns = columns };

	layout.width = calloc(columns, sizeof(*layout.width));
	if (!layout.width)
		out_of_memory();
	measure(&layout, table);
	fit(&layout);
	for (size_t i = 0; i < columns; i++)
		print_cell(&layout, i, column[i].title, NULL);
	for (size_t i = 0; i < table->count; i++) {
		print_cell(&layout, i % columns, table->cell[i].text,
			   table->cell[i].color);
		free(table->cell[i].text);
	}
	print_left_out(&layout);
	free(layout.width);
	free(table->cell);
	memset(table, 0, sizeof(*table));
}
