/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The .network files of a folder, and which tunnel each is for.
 */
#ifndef GRETUN_CLI_FILE_MATCH_H
#define GRETUN_CLI_FILE_MATCH_H

#include "ini.h"

struct network {
	struct ini ini;
	char **pattern; /* of [Match] Name=, each with its '!' */
	size_t pattern_count;
	bool literal; /* all of them are plain names */
	bool used;    /* by a tunnel */
	bool failed;  /* something is wrong in it, which was said */
};

/* A plain name, and the first file that has it. */
struct literal {
	const char *name;
	size_t network;
};

struct networks {
	char *folder;
	struct network *network; /* by name of the file */
	size_t count;
	struct literal *literal; /* by name */
	size_t literal_count;
};

/* The paths of files. */
struct path_list {
	char **path;
	size_t count;
};

/* file/match.c */
enum status networks_read(const char *folder, struct networks *networks);
struct network *networks_find(const struct networks *networks,
			      const char *ifname);
void networks_free(struct networks *networks);

/* file/folder.c */
bool has_suffix(const char *name, const char *suffix);
enum status folder_list(const char *folder, const char *suffix,
			struct path_list *list);
void path_list_free(struct path_list *list);

#endif /* GRETUN_CLI_FILE_MATCH_H */
