// SPDX-License-Identifier: GPL-2.0
/*
 * Lists the files of a folder, in the order in which systemd takes them.
 */
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "match.h"

static int by_name(const struct dirent **one, const struct dirent **two)
{
	return strcmp((*one)->d_name, (*two)->d_name);
}

/**
 * has_suffix() - tell how the name of a file ends
 * @name: the name
 * @suffix: the end
 *
 * Return: whether @name is more than @suffix, and ends so.
 */
bool has_suffix(const char *name, const char *suffix)
{
	size_t len = strlen(name), tail = strlen(suffix);

	return len > tail && strcmp(name + len - tail, suffix) == 0;
}

/**
 * folder_list() - list the files of a folder whose names end so
 * @folder: the folder
 * @suffix: the end of their names
 * @list: where their paths go, by name
 *
 * Return: DONE, or another status after a message.
 */
enum status folder_list(const char *folder, const char *suffix,
			struct path_list *list)
{
	const char *slash = folder[strlen(folder) - 1] == '/' ? "" : "/";
	struct dirent **entry;
	int count;

	memset(list, 0, sizeof(*list));
	count = scandir(folder, &entry, NULL, by_name);
	if (count < 0 && (errno == ENOENT || errno == ENOTDIR))
		return wrong(folder, "there is no such folder; tunnel files are in one, see gretun.netdev(5)");
	if (count < 0)
		return refused(folder, "it cannot be read: %s",
			       strerror(errno));
	for (int i = 0; i < count; i++) {
		char *path = NULL;

		/* Hidden files are those of editors. */
		if (*entry[i]->d_name != '.' &&
		    has_suffix(entry[i]->d_name, suffix)) {
			list->path = grow(list->path, list->count,
					  sizeof(*list->path));
			if (asprintf(&path, "%s%s%s", folder, slash,
				     entry[i]->d_name) < 0)
				out_of_memory();
			list->path[list->count++] = path;
		}
		free(entry[i]);
	}
	free(entry);
	return DONE;
}

/**
 * path_list_free() - forget the paths
 * @list: all of them
 */
void path_list_free(struct path_list *list)
{
	for (size_t i = 0; i < list->count; i++)
		free(list->path[i]);
	free(list->path);
}
