/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What is kept while the lines of a tunnel's files are turned into values.
 */
#ifndef GRETUN_CLI_FILE_READING_H
#define GRETUN_CLI_FILE_READING_H

#include "../attrs.h"
#include "ini.h"

/* There are fewer keys with a value. */
#define KEYS_MAX 128

struct reading {
	struct tunnel_file *file;
	const struct ini *ini; /* that is read now */
	const char *path;      /* of it, which lasts as long as @file */
	unsigned int errors;   /* in it */
	bool failed;	       /* in this file or the one before */
	bool quiet;	       /* what is wrong in it was said already */
	bool is_network;       /* a .network file */
	bool local_any;
	const char *kind;
	struct place given[KEYS_MAX]; /* by key, line 0 for none */
	/* Of the [Address] or [Route] that is not at its end yet, by key. */
	const struct ini_line *later[KEYS_MAX];
	struct place object; /* where it starts */
	/* The key that gave it, and where, for what attrs[] has. */
	const char *by[ATTRS_MAX];
	struct place attr_place[ATTRS_MAX];
};

/*
 * A key. One with a value that a word of attrs[] takes has the word; @convert
 * makes the word's value of the file's, "" where that is to say nothing, NULL
 * if it is wrong. @set takes what no word is for, and returns what is wrong, or
 * NULL; "" leaves it to @values.
 */
struct key {
	const char *section;
	const char *name;
	const char *word;
	const char *values; /* what it takes, NULL: as the word does */
	const char *(*convert)(const char *value);
	const char *(*set)(struct reading *reading, const struct key *key,
			   const struct ini_line *line);
	const char *refused; /* why it is, whatever its value */
	bool repeats;
};

/* file/keys.c */
extern const struct key keys[];
const struct key *key_find(const char *section, const char *name);
const char *key_attr(struct reading *reading, const struct key *key,
		     const char *value);

/* file/sections.c */
void reading_wrong(struct reading *reading, const struct place *place,
		   const char *word, const char *format, ...)
	__attribute__((format(printf, 4, 5)));
const char *where(const struct reading *reading, const struct place *place);
void sections_read(struct reading *reading, const struct ini *ini);

/* file/whole.c */
void whole_check(struct reading *reading);

/* file/network.c */
void network_address(struct reading *reading, const struct ini_line *address,
		     const struct ini_line *peer);
void address_end(struct reading *reading);
void route_end(struct reading *reading);

#endif /* GRETUN_CLI_FILE_READING_H */
