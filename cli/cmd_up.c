// SPDX-License-Identifier: GPL-2.0
/*
 * gretun up: make a few tunnels what their files say. It is apply without a
 * word about what it does, for units and for people who know what they want.
 */
#include "apply/apply.h"

/**
 * cmd_up() - make tunnels, or change them, as their files say
 * @ctx: the command
 * @argc: words after it
 * @argv: these words
 *
 * Return: the exit status, after a message unless it is DONE.
 */
enum status cmd_up(const struct context *ctx, int argc, char **argv)
{
	struct file_list files = { 0 };
	enum status status;

	if (!argc)
		return wrong(ctx->command,
			     "the name or the file of the tunnel is missing; apply is for all of them");
	for (int i = 0; i < argc; i++) {
		if (*argv[i] == '-')
			return wrong(argv[i], "unknown option; %s has none",
				     ctx->command);
	}
	status = files_read(ctx, argc, argv, &files);
	if (!status)
		status = apply(ctx, &files, false, false, true);
	files_free(&files);
	return status;
}
