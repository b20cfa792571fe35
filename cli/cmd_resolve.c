// SPDX-License-Identifier: GPL-2.0
/*
 * gretun resolve: look up anew the names that tunnel files have for peers. It
 * changes nothing but remote addresses, so that a timer can do it.
 */
#include "apply/apply.h"

/* Who names a file expects something of it. */
static void warn_of_addresses(const struct file_list *files)
{
	for (size_t i = 0; i < files->count; i++) {
		const struct tunnel_file *file = &files->file[i];

		if (!file->host)
			file_warn(&file->name_place,
				  file->request.tunnel.ifname,
				  "Remote= is no name, so there is nothing to look up");
	}
}

/**
 * cmd_resolve() - set remote addresses to what their names stand for
 * @ctx: the command
 * @argc: words after it
 * @argv: these words
 *
 * Return: the exit status, after a message unless it is DONE.
 */
enum status cmd_resolve(const struct context *ctx, int argc, char **argv)
{
	struct file_list files = { 0 };
	enum status status;

	for (int i = 0; i < argc; i++) {
		if (*argv[i] == '-')
			return wrong(argv[i], "unknown option; %s has none",
				     ctx->command);
	}
	status = argc ? files_read(ctx, argc, argv, &files) :
			files_read_folder(ctx, TUNNEL_FILES, &files);
	if (!status) {
		if (argc)
			warn_of_addresses(&files);
		files_look_up(&files);
		status = resolve(ctx, &files, argc);
	}
	files_free(&files);
	return status;
}
