// SPDX-License-Identifier: GPL-2.0
/*
 * Finds the .network file of a tunnel: the first one of the folder whose
 * [Match] Name= fits. Of the others only that is looked at, as they may be for
 * devices that are not gretun's.
 */
#include <fnmatch.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "match.h"

#define BLANK " \t"

/* A '!' before the first one turns all of them around. */
static void add_patterns(struct network *network, char *value)
{
	const char *mark = *value == '!' ? "!" : "";
	char *rest = value + strlen(mark), *word;

	while ((word = strtok_r(rest, BLANK, &rest))) {
		char *pattern;

		if (asprintf(&pattern, "%s%s", mark, word) < 0)
			out_of_memory();
		network->pattern = grow(network->pattern,
					network->pattern_count,
					sizeof(*network->pattern));
		network->pattern[network->pattern_count++] = pattern;
		if (strpbrk(pattern, "!*?[\\"))
			network->literal = false;
	}
}

static void forget_patterns(struct network *network)
{
	for (size_t i = 0; i < network->pattern_count; i++)
		free(network->pattern[i]);
	free(network->pattern);
	network->pattern = NULL;
	network->pattern_count = 0;
	network->literal = true;
}

static enum status find_patterns(struct network *network)
{
	const struct ini *ini = &network->ini;
	struct place place = { .path = ini->path };

	network->literal = true;
	for (size_t i = 0; i < ini->count; i++) {
		const struct ini_line *line = &ini->line[i];
		char *value;

		if (!line->key || strcmp(line->section, "Match") ||
		    strcmp(line->key, "Name"))
			continue;
		place.line = line->number;
		if (strpbrk(line->value, "'\""))
			return file_wrong(&place, line->key,
					  "'%s': no quotes are read; it takes names and patterns with blanks between them",
					  line->value);
		if (!*line->value)
			forget_patterns(network);
		value = strdup(line->value);
		if (!value)
			out_of_memory();
		add_patterns(network, value);
		free(value);
	}
	/* To systemd it is for all devices, but no tunnel needs that. */
	if (!network->pattern_count)
		file_warn(&place, "Name",
			  "missing in [Match]; without it, this file is for no tunnel");
	return DONE;
}

static int by_name(const void *one, const void *two)
{
	const struct literal *a = one, *b = two;

	return strcmp(a->name, b->name);
}

static int by_name_and_file(const void *one, const void *two)
{
	const struct literal *a = one, *b = two;
	int order = by_name(one, two);

	if (order)
		return order;
	return a->network < b->network ? -1 : 1;
}

static void index_literals(struct networks *networks)
{
	struct literal *literal = NULL;
	size_t count = 0, kept = 0;

	for (size_t i = 0; i < networks->count; i++) {
		const struct network *network = &networks->network[i];

		for (size_t j = 0;
		     network->literal && j < network->pattern_count; j++) {
			literal = grow(literal, count, sizeof(*literal));
			literal[count].name = network->pattern[j];
			literal[count++].network = i;
		}
	}
	if (count)
		qsort(literal, count, sizeof(*literal), by_name_and_file);
	for (size_t i = 0; i < count; i++) {
		if (!kept || by_name(&literal[kept - 1], &literal[i]))
			literal[kept++] = literal[i];
	}
	networks->literal = literal;
	networks->literal_count = kept;
}

/**
 * networks_read() - read the .network files of a folder
 * @folder: the folder
 * @networks: where they go; to be freed in any case
 *
 * Return: DONE, or another status after a message.
 */
enum status networks_read(const char *folder, struct networks *networks)
{
	struct path_list list;
	enum status status;

	memset(networks, 0, sizeof(*networks));
	status = folder_list(folder, ".network", &list);
	if (status)
		return status;
	for (size_t i = 0; i < list.count; i++) {
		struct network *network;
		enum status one;

		networks->network = grow(networks->network, networks->count,
					 sizeof(*network));
		network = &networks->network[networks->count++];
		memset(network, 0, sizeof(*network));
		one = ini_read(list.path[i], &network->ini);
		if (!one)
			one = find_patterns(network);
		if (one > status)
			status = one;
	}
	path_list_free(&list);
	index_literals(networks);
	return status;
}

/* As systemd does: none that is turned around may fit, and one of the others. */
static bool fits(const struct network *network, const char *ifname)
{
	bool wanted = false, found = false;

	for (size_t i = 0; i < network->pattern_count; i++) {
		const char *pattern = network->pattern[i];
		bool inverted = *pattern == '!';
		bool same = fnmatch(pattern + inverted, ifname, 0) == 0;

		if (same && inverted)
			return false;
		wanted |= !inverted;
		found |= same;
	}
	return network->pattern_count && (found || !wanted);
}

/**
 * networks_find() - find the .network file of a tunnel
 * @networks: those of the folder
 * @ifname: name of the tunnel
 *
 * Return: the first one that is for it, or NULL.
 */
struct network *networks_find(const struct networks *networks,
			      const char *ifname)
{
	const struct literal wanted = { .name = ifname };
	const struct literal *literal = NULL;
	size_t end;

	if (networks->literal_count)
		literal = bsearch(&wanted, networks->literal,
				  networks->literal_count, sizeof(*literal),
				  by_name);
	end = literal ? literal->network : networks->count;
	for (size_t i = 0; i < end; i++) {
		struct network *network = &networks->network[i];

		if (!network->literal && fits(network, ifname))
			return network;
	}
	return literal ? &networks->network[literal->network] : NULL;
}

/**
 * networks_free() - forget the .network files of a folder
 * @networks: all of them
 */
void networks_free(struct networks *networks)
{
	for (size_t i = 0; i < networks->count; i++) {
		ini_free(&networks->network[i].ini);
		forget_patterns(&networks->network[i]);
	}
	free(networks->network);
	free(networks->literal);
	free(networks->folder);
}
