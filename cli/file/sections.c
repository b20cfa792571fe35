// SPDX-License-Identifier: GPL-2.0
/*
 * Walks through the lines of a tunnel file: each key belongs there, stands
 * there once, and has its value. What is wrong is said of all lines, not only
 * of the first.
 */
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "reading.h"

/* Who has more of them has another kind of file. */
#define MAX_ERRORS 20

static const struct section {
	const char *name;
	bool netdev, network; /* which files have it */
	void (*end)(struct reading *reading);
} sections[] = {
	{ "NetDev", .netdev = true },
	{ "Tunnel", .netdev = true },
	{ "Match", .network = true },
	{ "Link", true, true, NULL },
	{ "Network", true, true, NULL },
	{ "Address", true, true, address_end },
	{ "Route", true, true, route_end },
};

/**
 * reading_wrong() - say that something in a tunnel file is wrong
 * @reading: the tunnel that is read
 * @place: where it stands
 * @word: the word as it stands there
 * @format: the reason, as for printf()
 */
void reading_wrong(struct reading *reading, const struct place *place,
		   const char *word, const char *format, ...)
{
	va_list args;
	char *text;

	reading->failed = true;
	reading->errors++;
	if (reading->quiet)
		return;
	if (reading->errors > MAX_ERRORS) {
		if (reading->errors == MAX_ERRORS + 1)
			file_wrong(place, word,
				   "here and further on more is wrong");
		return;
	}
	va_start(args, format);
	if (vasprintf(&text, format, args) < 0)
		out_of_memory();
	va_end(args);
	file_wrong(place, word, "%s", text);
	free(text);
}

/**
 * where() - write where something else stands
 * @reading: the tunnel that is read
 * @place: where
 *
 * Return: text that is good until the next call.
 */
const char *where(const struct reading *reading, const struct place *place)
{
	static char text[PATH_MAX + 32];

	if (strcmp(place->path, reading->path) == 0)
		snprintf(text, sizeof(text), "in line %u", place->line);
	else
		snprintf(text, sizeof(text), "in %s, line %u", place->path,
			 place->line);
	return text;
}

static const struct section *find_section(const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(sections); i++) {
		if (strcmp(sections[i].name, name) == 0)
			return &sections[i];
	}
	return NULL;
}

static const struct section *start(struct reading *reading,
				   const struct ini_line *line)
{
	const struct section *section = find_section(line->section);
	struct place place = { reading->path, line->number };
	const char *words[ARRAY_SIZE(sections)];
	size_t count = 0;
	char *reason;

	for (size_t i = 0; i < ARRAY_SIZE(sections); i++) {
		if (reading->is_network ? sections[i].network :
					  sections[i].netdev)
			words[count++] = sections[i].name;
	}
	if (section && (reading->is_network ? section->network :
					      section->netdev)) {
		reading->object = place;
		/* As forget() does. */
		for (const struct key *key = keys; section->end && key->name;
		     key++) {
			if (strcmp(key->section, section->name) == 0)
				reading->given[key - keys].line = 0;
		}
		memset(reading->later, 0, sizeof(reading->later));
		return section;
	}
	if (section) {
		reading_wrong(reading, &place, line->section,
			      "only a %s file has this section",
			      reading->is_network ? ".netdev" : ".network");
		return NULL;
	}
	reason = unknown_reason(line->section, "section", words, count);
	reading_wrong(reading, &place, line->section, "%s", reason);
	free(reason);
	return NULL;
}

static void unknown_key(struct reading *reading, const struct ini_line *line)
{
	struct place place = { reading->path, line->number };
	const char *words[KEYS_MAX];
	size_t count = 0;
	char *reason, what[64];

	for (const struct key *key = keys; key->name; key++) {
		bool here = strcmp(key->section, line->section) == 0;

		if (here && !key->refused)
			words[count++] = key->name;
		if (here || key->refused || strcmp(key->name, line->key))
			continue;
		reading_wrong(reading, &place, line->key,
			      "it belongs in [%s], not in [%s]", key->section,
			      line->section);
		return;
	}
	snprintf(what, sizeof(what), "key of [%s]", line->section);
	reason = unknown_reason(line->key, what, words, count);
	reading_wrong(reading, &place, line->key, "%s", reason);
	free(reason);
}

/* Refuse a key that was there, or whose value another key gave. */
static bool is_twice(struct reading *reading, const struct key *key,
		     const struct place *place)
{
	struct place *given = &reading->given[key - keys];
	const struct attr *attr;

	if (given->line && !key->repeats) {
		reading_wrong(reading, place, key->name,
			      "given twice, also %s", where(reading, given));
		return true;
	}
	*given = *place;
	if (!key->word)
		return false;
	attr = attr_find(key->word, FOR_ADD);
	for (const struct attr *other = attrs; other->word; other++) {
		const char *by = reading->by[other - attrs];

		if (!by || !(attr_gives(attr) & attr_gives(other)))
			continue;
		reading_wrong(reading, place, key->name,
			      "%s= gives it already, %s", by,
			      where(reading,
				    &reading->attr_place[other - attrs]));
		return true;
	}
	reading->by[attr - attrs] = key->name;
	reading->attr_place[attr - attrs] = *place;
	return false;
}

static void take(struct reading *reading, const struct ini_line *line)
{
	const struct key *key = key_find(line->section, line->key);
	struct place place = { reading->path, line->number };
	const char *value, *values, *reason;

	if (!key) {
		unknown_key(reading, line);
		return;
	}
	if (line->reset)
		return;
	if (key->refused) {
		reading_wrong(reading, &place, key->name, "%s", key->refused);
		return;
	}
	if (is_twice(reading, key, &place))
		return;
	values = key->values ? key->values :
		 key->word   ? attr_find(key->word, FOR_ADD)->values :
			       "";
	value = key->convert ? key->convert(line->value) : line->value;
	if (!value)
		reason = "";
	else if (key->set)
		reason = key->set(reading, key, line);
	else if (*value)
		reason = key_attr(reading, key, value);
	else
		reason = NULL;
	if (reason && *reason)
		reading_wrong(reading, &place, key->name, "'%s': %s",
			      line->value, reason);
	else if (reason)
		reading_wrong(reading, &place, key->name,
			      "'%s' is not right; it takes %s", line->value,
			      values);
}

/* Each [Address] and [Route] has keys of its own. */
static void forget(const char *name, bool *reset)
{
	const struct section *section = find_section(name);

	if (!section || !section->end)
		return;
	for (const struct key *key = keys; key->name; key++) {
		if (strcmp(key->section, name) == 0)
			reset[key - keys] = false;
	}
}

/*
 * A key without a value takes back what stands before it, in the same [Address]
 * or [Route]. In [Network], Address= takes back all addresses.
 */
static void find_reset(const struct ini *ini)
{
	const struct key *all = key_find("Network", "Address");
	bool reset[KEYS_MAX] = { 0 };

	for (size_t i = ini->count; i--;) {
		struct ini_line *line = &ini->line[i];
		bool address = !line->bad &&
			       strcmp(line->section, "Address") == 0;
		const struct key *key;

		line->reset = address && reset[all - keys];
		if (line->starts)
			forget(line->section, reset);
		key = line->key ? key_find(line->section, line->key) : NULL;
		if (!key)
			continue;
		if (!*line->value)
			reset[key - keys] = true;
		line->reset |= reset[key - keys];
	}
}

/**
 * sections_read() - turn the lines of a file into values
 * @reading: the tunnel that they are about
 * @ini: the lines
 */
void sections_read(struct reading *reading, const struct ini *ini)
{
	const struct section *section = NULL;

	reading->ini = ini;
	reading->errors = 0;
	find_reset(ini);
	for (size_t i = 0; i < ini->count; i++) {
		const struct ini_line *line = &ini->line[i];
		struct place place = { reading->path, line->number };

		if (line->bad) {
			reading_wrong(reading, &place, line->bad, "%s",
				      line->reason);
		} else if (line->starts) {
			if (section && section->end)
				section->end(reading);
			section = line->reset ? NULL : start(reading, line);
		} else if (section) {
			take(reading, line);
		}
	}
	if (section && section->end)
		section->end(reading);
}
