// SPDX-License-Identifier: GPL-2.0
/*
 * Reads tunnel files. (To be written.)
 */
#include "file.h"

enum status files_read(const struct context *ctx, int count, char **names,
		       struct file_list *list)
{
	(void)count;
	(void)names;
	(void)list;
	return refused(ctx->command, "not there yet");
}

enum status files_read_folder(const struct context *ctx, const char *folder,
			      struct file_list *list)
{
	(void)folder;
	(void)list;
	return refused(ctx->command, "not there yet");
}

void files_free(struct file_list *list)
{
	(void)list;
}
