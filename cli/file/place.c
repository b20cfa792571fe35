// SPDX-License-Identifier: GPL-2.0
/*
 * Messages about a place in a file: "gretun: FILE:LINE: WORD: reason".
 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "file.h"

static void say(const struct place *place, const char *word,
		const char *format, va_list args)
{
	char *where, *text;

	if (place->line ? asprintf(&where, "%s:%u: %s", place->path,
				   place->line, word) < 0 :
			  asprintf(&where, "%s: %s", place->path, word) < 0)
		out_of_memory();
	if (vasprintf(&text, format, args) < 0)
		out_of_memory();
	warn(where, text);
	free(text);
	free(where);
}

/**
 * file_wrong() - say that something in a file is wrong
 * @place: where it stands
 * @word: the word as it stands there
 * @format: the reason, as for printf()
 *
 * Return: WRONG_WORD.
 */
enum status file_wrong(const struct place *place, const char *word,
		       const char *format, ...)
{
	va_list args;

	va_start(args, format);
	say(place, word, format, args);
	va_end(args);
	return WRONG_WORD;
}

/**
 * file_refused() - say why what a file asks for could not be done
 * @place: where it stands
 * @word: the word as it stands there
 * @format: the reason, as for printf()
 *
 * Return: REFUSED.
 */
enum status file_refused(const struct place *place, const char *word,
			 const char *format, ...)
{
	va_list args;

	va_start(args, format);
	say(place, word, format, args);
	va_end(args);
	return REFUSED;
}

/**
 * file_warn() - say something about a file that keeps nobody from going on
 * @place: where it stands
 * @word: the word as it stands there
 * @text: what to say
 */
void file_warn(const struct place *place, const char *word, const char *text)
{
	file_refused(place, word, "%s", text);
}
