// SPDX-License-Identifier: GPL-2.0
/*
 * What is printed follows the terminal: its colors, its width, and what may be
 * sent to it. A name that the kernel takes may hold nearly any byte; one that
 * tells a terminal to do something is printed as \x and two digits.
 *
 * Text is UTF-8, whatever the locale is: so are terminals of today.
 */
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>
#include <wchar.h>

#include "cli.h"

/* With less room than this behind the indentation text is not broken. */
#define LEAST_ROOM 16

/**
 * terminal_width() - tell how many columns there are to print to
 *
 * COLUMNS says it if that is set, as a person has done that.
 *
 * Return: the columns, or SIZE_MAX where stdout is no terminal: programs find
 * whole lines there.
 */
size_t terminal_width(void)
{
	const char *columns = getenv("COLUMNS");
	struct winsize size;
	uint32_t number;

	if (!isatty(STDOUT_FILENO))
		return SIZE_MAX;
	if (columns && parse_number(columns, 1, UINT16_MAX, &number))
		return number;
	if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) || !size.ws_col)
		return SIZE_MAX;
	return size.ws_col;
}

static bool colors(void)
{
	const char *no_color = getenv("NO_COLOR");
	const char *term = getenv("TERM");

	return isatty(STDOUT_FILENO) && !(no_color && *no_color) &&
	       !(term && strcmp(term, "dumb") == 0);
}

/**
 * color_on() - start a color if a person is likely to see it
 * @color: the number of the color in a terminal, NULL for none
 *
 * Return: what to print. It takes no room on the screen.
 */
const char *color_on(const char *color)
{
	static char sequence[8];

	if (!color || !colors())
		return "";
	snprintf(sequence, sizeof(sequence), "\033[%sm", color);
	return sequence;
}

/**
 * color_off() - go back to the usual color
 *
 * Return: what to print.
 */
const char *color_off(void)
{
	return colors() ? "\033[0m" : "";
}

/* Returns the number of a character in UTF-8, or 0 for bytes that are none. */
static uint32_t decode(const char *text, size_t *bytes)
{
	/* By length; a character is not written longer than it needs. */
	static const uint32_t smallest[] = { 0, 0, 0x80, 0x800, 0x10000 };
	unsigned char lead = text[0];
	uint32_t number;
	size_t len;

	*bytes = 1;
	if (lead < 0x80)
		return lead;
	len = lead < 0xe0 ? 2 : lead < 0xf0 ? 3 :
					      4;
	if (lead < 0xc0 || lead >= 0xf8)
		return 0;
	number = lead & (0x7f >> len);
	for (size_t i = 1; i < len; i++) {
		if ((text[i] & 0xc0) != 0x80)
			return 0;
		number = number << 6 | (text[i] & 0x3f);
	}
	if (number < smallest[len] || number > 0x10ffff ||
	    (number >= 0xd800 && number < 0xe000))
		return 0;
	*bytes = len;
	return number;
}

/* What has a terminal do something, or turns the direction of what follows. */
static bool is_control(uint32_t number)
{
	return number < 0x20 || (number >= 0x7f && number < 0xa0) ||
	       (number >= 0x200e && number <= 0x200f) ||
	       (number >= 0x2028 && number <= 0x202e) ||
	       (number >= 0x2066 && number <= 0x2069);
}

static size_t columns_of(uint32_t number)
{
	static bool known;
	int columns;

	/* wcwidth() knows nothing in the locale that programs start with. */
	if (!known)
		setlocale(LC_CTYPE, "C.UTF-8");
	known = true;
	columns = wcwidth((wchar_t)number);
	return columns < 0 ? 1 : columns;
}

/**
 * character() - read a character
 * @text: where it starts, not at the end of the text
 * @columns: how many it takes when it is printed, 0 if it must not be; or NULL
 * @printable: whether it may be printed as it is
 *
 * Return: its length in bytes.
 */
size_t character(const char *text, size_t *columns, bool *printable)
{
	size_t bytes;
	uint32_t number = decode(text, &bytes);

	*printable = !is_control(number);
	if (columns)
		*columns = *printable ? columns_of(number) :
					bytes * strlen("\\x00");
	return bytes;
}

static size_t put_character(FILE *out, const char *text)
{
	bool printable;
	size_t bytes = character(text, NULL, &printable);

	/* Also if it cannot be written it is done with, or this never ends. */
	if (printable)
		fwrite(text, 1, bytes, out);
	for (size_t i = 0; i < bytes && !printable; i++)
		fprintf(out, "\\x%02x", (unsigned char)text[i]);
	return bytes;
}

/**
 * text_put() - print text, but for what a terminal must not get
 * @out: where to
 * @text: the text
 */
void text_put(FILE *out, const char *text)
{
	while (*text)
		text += put_character(out, text);
}

/**
 * text_width() - tell how many columns a text takes
 * @text: the text
 * @len: how many bytes of it to look at
 *
 * Return: the columns.
 */
size_t text_width(const char *text, size_t len)
{
	size_t width = 0;

	for (const char *c = text; c < text + len;) {
		bool printable;
		size_t columns;

		c += character(c, &columns, &printable);
		width += columns;
	}
	return width;
}

/**
 * text_wrap() - print text on as many lines as it takes, without the last end
 * @text: the text, which is broken at spaces; what is a command is not for this
 * @indent: the column where the text starts, and where more lines start
 */
void text_wrap(const char *text, size_t indent)
{
	size_t width = terminal_width();
	size_t column = indent;

	if (width < indent + LEAST_ROOM)
		width = SIZE_MAX;
	while (*text) {
		size_t word = strcspn(text, " ");
		size_t columns = text_width(text, word);
		size_t gap = column > indent;

		if (gap && column + gap + columns > width) {
			printf("\n%*s", (int)indent, "");
			column = indent;
			gap = 0;
		}
		if (gap)
			putchar(' ');
		column += gap + columns;
		for (const char *end = text + word; text < end;)
			text += put_character(stdout, text);
		text += *text == ' ';
	}
}

/**
 * name_text() - write the name of a device as it may be printed
 * @name: the name
 * @buf: where it goes, NAME_TEXT bytes
 *
 * Return: @buf.
 */
const char *name_text(const char *name, char *buf)
{
	FILE *out = fmemopen(buf, NAME_TEXT, "w");

	if (!out)
		out_of_memory();
	text_put(out, name);
	fclose(out);
	return buf;
}
