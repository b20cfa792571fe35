/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The lines of a file in systemd's syntax, before anybody asks what they mean.
 */
#ifndef GRETUN_CLI_FILE_INI_H
#define GRETUN_CLI_FILE_INI_H

#include "file.h"

struct ini_line {
	unsigned int number; /* of the first one, if it is continued */
	bool starts;	     /* a section; else it is a key, or bad */
	bool reset;	     /* a later line with no value takes it back */
	char *section;	     /* that it is in; the line that starts it has it */
	char *key;	     /* NULL for none */
	const char *value;   /* behind the key, in the same memory */
	char *bad;	     /* how a line starts that cannot be read, or NULL */
	const char *reason;  /* why it cannot */
};

struct ini {
	char *path;
	struct ini_line *line; /* without comments and empty lines */
	size_t count;
	bool group_writes; /* a group that is not root's */
	bool others_write;
	bool others_read;
};

/* file/load.c */
enum status file_load(const char *path, struct ini *ini, char **text,
		      size_t *size);

/* file/ini.c */
enum status ini_read(const char *path, struct ini *ini);
void ini_free(struct ini *ini);

#endif /* GRETUN_CLI_FILE_INI_H */
