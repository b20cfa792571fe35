// SPDX-License-Identifier: GPL-2.0
/*
 * Messages, JSON, and numbers for people.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <json-c/json_object.h>

#include "cli.h"

static bool json_second;

static void message(const char *word, const char *format, va_list args)
{
	char *text;

	if (vasprintf(&text, format, args) < 0)
		out_of_memory();
	/* What is on stdout so far came first. */
	fflush(stdout);
	fputs("gretun: ", stderr);
	text_put(stderr, *word ? word : "''");
	fputs(": ", stderr);
	text_put(stderr, text);
	fputc('\n', stderr);
	free(text);
}

/**
 * wrong() - say that a word of the command line is wrong
 * @word: the word as it was typed
 * @format: the reason, as for printf()
 *
 * Return: WRONG_WORD.
 */
enum status wrong(const char *word, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	message(word, format, args);
	va_end(args);
	return WRONG_WORD;
}

/**
 * refused() - say why a command could not be done
 * @word: the word as it was typed
 * @format: the reason, as for printf()
 *
 * Return: REFUSED.
 */
enum status refused(const char *word, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	message(word, format, args);
	va_end(args);
	return REFUSED;
}

/**
 * warn() - say something that does not keep a command from going on
 * @word: the word that it is about
 * @text: what to say
 */
void warn(const char *word, const char *text)
{
	refused(word, "%s", text);
}

/**
 * out_of_memory() - say so and end the program
 */
void out_of_memory(void)
{
	fputs("gretun: memory: not enough\n", stderr);
	exit(REFUSED);
}

/**
 * grow() - make room for one more element at the end of an array
 * @array: the array, NULL if it is empty
 * @count: elements in it
 * @size: bytes of an element
 *
 * The array doubles each time its count reaches a power of two, so that many
 * elements cost no more than a fixed time each.
 *
 * Return: the array, which may have moved.
 */
void *grow(void *array, size_t count, size_t size)
{
	if (count & (count - 1))
		return array;
	array = reallocarray(array, count ? 2 * count : 1, size);
	if (!array)
		out_of_memory();
	return array;
}

/**
 * output_end() - make sure that all output was written
 *
 * Return: DONE, or REFUSED after a message.
 */
enum status output_end(void)
{
	if (fflush(stdout) || ferror(stdout))
		return refused("stdout", "%s", strerror(errno));
	return DONE;
}

/**
 * json_begin() - start the array
 */
void json_begin(void)
{
	putchar('[');
}

/**
 * json_put() - print an element of the array
 * @object: the element; it is freed
 */
void json_put(struct json_object *object)
{
	if (json_second)
		putchar(',');
	json_second = true;
	fputs(json_object_to_json_string_ext(object,
					     JSON_C_TO_STRING_NOSLASHESCAPE),
	      stdout);
	json_object_put(object);
}

/**
 * json_line() - print an object on a line of its own, outside of any array
 * @object: the object; it is freed
 */
void json_line(struct json_object *object)
{
	puts(json_object_to_json_string_ext(object,
					    JSON_C_TO_STRING_NOSLASHESCAPE));
	json_object_put(object);
}

/**
 * json_end() - end the array
 */
void json_end(void)
{
	puts("]");
}

/**
 * human() - write a number in three or four figures
 * @number: the number
 * @unit: what it counts
 * @buf: where the text goes
 * @size: bytes there
 */
void human(uint64_t number, const char *unit, char *buf, size_t size)
{
	static const char prefix[] = "kMGTPE";
	uint64_t part = number;
	int i = -1;

	if (number < 1000) {
		snprintf(buf, size, "%" PRIu64 " %s", number, unit);
		return;
	}
	/* One figure after the point fits as long as it is cut, not rounded. */
	do {
		number = part;
		part /= 1000;
		i++;
	} while (part >= 1000);
	snprintf(buf, size, "%" PRIu64 ".%" PRIu64 " %c%s", part,
		 number % 1000 / 100, prefix[i], unit);
}

/**
 * ago() - write how long ago something was
 * @age: in milliseconds
 * @buf: where the text goes
 * @size: bytes there
 *
 * Return: @buf.
 */
const char *ago(uint64_t age, char *buf, size_t size)
{
	static const struct {
		const char *unit;
		uint64_t seconds, below;
	} units[] = {
		{ "s", 1, 2 * 60 },
		{ "min", 60, 2 * 60 * 60 },
		{ "h", 60 * 60, 48 * 60 * 60 },
		{ "days", 24 * 60 * 60, UINT64_MAX },
	};
	uint64_t seconds = age / 1000;
	size_t i = 0;

	while (seconds >= units[i].below)
		i++;
	snprintf(buf, size, "%" PRIu64 " %s ago", seconds / units[i].seconds,
		 units[i].unit);
	return buf;
}
