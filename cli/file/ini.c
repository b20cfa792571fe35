// SPDX-License-Identifier: GPL-2.0
/*
 * Reads the lines of a file in systemd's syntax. The library inih takes them
 * apart. It is built with a syntax of its own, with comments after a value,
 * a colon for the equals sign and lines of less than 200 bytes; so it is only
 * given lines that mean the same to both, and what it could not read well is
 * noted as such.
 */
#include <ctype.h>
#include <ini.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ini.h"

#define BLANK " \t\r"
#define BOM "\xef\xbb\xbf"

/* Of a line that cannot be read, so much is shown. */
#define SHOWN 40

#define COMMENT \
	"a comment has a line of its own, and a value cannot have a ';' after a blank"

/* inih keeps so much of the name of a section. */
#define MAX_SECTION 49

struct reader {
	struct ini *ini;
	const char *next; /* byte to read */
	const char *end;
	unsigned int number;	   /* of lines read */
	unsigned int first_number; /* of the line that inih has */
	char *section;		   /* that its keys are in */
	bool announce;		   /* the section that inih has just read */
	bool in_section;	   /* that inih knows of */
	bool skip;		   /* a section whose name cannot be read */
};

static void add_line(struct reader *reader, struct ini_line line)
{
	struct ini *ini = reader->ini;

	line.number = reader->first_number;
	ini->line = grow(ini->line, ini->count, sizeof(line));
	ini->line[ini->count++] = line;
}

static char *copy(const char *text, size_t len)
{
	char *new = strndup(text, len);

	if (!new)
		out_of_memory();
	return new;
}

/* Characters that would be cut in the middle are left out. */
static void add_bad(struct reader *reader, const char *text, const char *reason)
{
	struct ini_line line = { .reason = reason };
	size_t len = strnlen(text, SHOWN);

	while (len == SHOWN && (text[len] & 0xc0) == 0x80 && len > SHOWN - 4)
		len--;
	line.bad = copy(text, len);
	add_line(reader, line);
}

static bool is_utf8(const char *text, size_t len)
{
	const unsigned char *c = (const unsigned char *)text;
	const unsigned char *end = c + len;

	while (c < end) {
		/* The smallest that takes so many bytes. */
		static const uint32_t min[] = { 0, 0x80, 0x800, 0x10000 };
		unsigned int more = *c < 0x80 ? 0 :
				    *c < 0xc0 ? 4 :
				    *c < 0xe0 ? 1 :
				    *c < 0xf0 ? 2 :
				    *c < 0xf8 ? 3 :
						4;
		uint32_t value = more ? *c & (0x3f >> more) : *c;

		if (more == 4 || end - c <= more)
			return false;
		c++;
		for (unsigned int i = 0; i < more; i++, c++) {
			if ((*c & 0xc0) != 0x80)
				return false;
			value = value << 6 | (*c & 0x3f);
		}
		if (value < min[more] || value > 0x10ffff ||
		    (value >= 0xd800 && value < 0xe000))
			return false;
	}
	return true;
}

static const char *text_reason(const char *text, size_t len)
{
	if (memchr(text, 0, len))
		return "it has a byte of zero; a tunnel file is text";
	for (size_t i = 0; i < len; i++) {
		if (iscntrl((unsigned char)text[i]) && text[i] != '\t')
			return "it has a control character";
	}
	return is_utf8(text, len) ? NULL : "it is not in UTF-8";
}

/* The next line of the file, without the blanks around it. */
static bool next_line(struct reader *reader, const char **text, size_t *len)
{
	const char *start = reader->next, *end;

	if (start == reader->end)
		return false;
	end = memchr(start, '\n', reader->end - start);
	reader->next = end ? end + 1 : reader->end;
	if (!end)
		end = reader->end;
	reader->number++;
	if (end > start && end[-1] == '\r')
		end--;
	while (start < end && strchr(BLANK, *start) && *start)
		start++;
	*text = start;
	*len = end - start;
	return true;
}

/* An even number of backslashes stands for themselves. */
static bool continues(const char *text, size_t len)
{
	size_t count = 0;

	while (count < len && text[len - 1 - count] == '\\')
		count++;
	return count % 2;
}

/*
 * The next line that is neither empty nor a comment, with those that continue
 * it, to be freed; *@reason is what is wrong with it, or NULL.
 */
static char *next_whole(struct reader *reader, const char **reason)
{
	char *whole = NULL;
	const char *text;
	size_t size = 0, len;
	bool more = true;

	*reason = NULL;
	while (more && next_line(reader, &text, &len)) {
		if (len ? *text == '#' || *text == ';' : !whole)
			continue;
		if (!whole)
			reader->first_number = reader->number;
		more = continues(text, len);
		if (!*reason)
			*reason = text_reason(text, len);
		whole = realloc(whole, size + len + 1);
		if (!whole)
			out_of_memory();
		memcpy(whole + size, text, len);
		size += len;
		if (more)
			whole[size - 1] = ' ';
		while (!more && size && strchr(BLANK, whole[size - 1]) &&
		       whole[size - 1])
			size--;
		whole[size] = '\0';
	}
	return whole;
}

static bool is_name(const char *text, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		if (!isalnum((unsigned char)text[i]) && text[i] != '-' &&
		    text[i] != '_')
			return false;
	}
	return len > 0;
}

static const char *section_reason(const char *text)
{
	size_t len = strlen(text);

	if (text[len - 1] != ']')
		return "the line of a section has nothing but its name in [ and ]";
	if (!is_name(text + 1, len - 2) || len - 2 > MAX_SECTION)
		return "this is no name of a section";
	return NULL;
}

static const char *key_reason(const struct reader *reader, const char *text)
{
	const char *equals = strchr(text, '=');
	size_t len;

	if (!equals)
		return "the '=' is missing; a line is KEY=VALUE, [SECTION] or a comment";
	len = equals - text;
	while (len && strchr(BLANK, text[len - 1]))
		len--;
	if (!is_name(text, len))
		return "a key of letters and digits must come before the '='";
	if (!reader->in_section)
		return "it is outside of a section; the file starts with [NetDev] or [Match]";
	for (const char *c = equals; *c; c++) {
		if (*c == ';' && strchr(BLANK, c[-1]))
			return COMMENT;
	}
	return NULL;
}

/*
 * Called by inih for each line. It reports no section that starts, only keys:
 * so each is followed by a key without a name.
 */
static char *give_line(char *buf, int size, void *arg)
{
	struct reader *reader = arg;
	const char *reason;
	char *whole;

	if (reader->announce) {
		reader->announce = false;
		return strcpy(buf, "=");
	}
	while ((whole = next_whole(reader, &reason))) {
		bool section = *whole == '[';

		/* Nothing, but continued. */
		if (!reason && !whole[strspn(whole, BLANK)]) {
			free(whole);
			continue;
		}
		if (!reason)
			reason = section ? section_reason(whole) :
					   key_reason(reader, whole);
		if (!reason && strlen(whole) >= (size_t)size)
			reason = "too long; with its continuation a line has at most 199 bytes";
		if (section) {
			reader->skip = reason;
			reader->announce = !reason;
			/* Which one does not matter. */
			reader->in_section = true;
		}
		if (!reason && !reader->skip)
			break;
		if (reason)
			add_bad(reader, whole, reason);
		free(whole);
	}
	if (!whole)
		return NULL;
	strcpy(buf, whole);
	free(whole);
	return buf;
}

/* Called by inih for each key. */
static int take_key(void *arg, const char *section, const char *key,
		    const char *value)
{
	struct reader *reader = arg;
	struct ini_line line = { .starts = !*key };

	if (line.starts) {
		reader->section = copy(section, strlen(section));
	} else {
		if (asprintf(&line.key, "%s%c%s", key, 0, value) < 0)
			out_of_memory();
		line.value = line.key + strlen(key) + 1;
	}
	line.section = reader->section;
	add_line(reader, line);
	return 1;
}

/**
 * ini_read() - read the lines of a file
 * @path: the file
 * @ini: where they go, also those that are wrong
 *
 * Return: DONE, or another status after a message if there are no lines.
 */
enum status ini_read(const char *path, struct ini *ini)
{
	struct reader reader = { .ini = ini };
	enum status status;
	size_t size;
	char *text;

	memset(ini, 0, sizeof(*ini));
	status = file_load(path, ini, &text, &size);
	if (status)
		return status;
	ini->path = copy(path, strlen(path));
	reader.next = text;
	reader.end = text + size;
	if (size >= strlen(BOM) && memcmp(text, BOM, strlen(BOM)) == 0)
		reader.next += strlen(BOM);
	/* It is given no line that it could find fault with. */
	if (ini_parse_stream(give_line, &reader, take_key, &reader))
		out_of_memory();
	free(text);
	return DONE;
}

/**
 * ini_free() - forget the lines
 * @ini: all of them
 */
void ini_free(struct ini *ini)
{
	for (size_t i = 0; i < ini->count; i++) {
		if (ini->line[i].starts)
			free(ini->line[i].section);
		free(ini->line[i].key);
		free(ini->line[i].bad);
	}
	free(ini->line);
	free(ini->path);
}
