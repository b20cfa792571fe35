// SPDX-License-Identifier: GPL-2.0
/*
 * gretun metrics.
 */
#include "cli.h"

/**
 * cmd_metrics() - to be written
 * @ctx: the command
 * @argc: words after it
 * @argv: these words
 *
 * Return: the exit status, after a message unless it is DONE.
 */
enum status cmd_metrics(const struct context *ctx, int argc, char **argv)
{
	(void)argc;
	(void)argv;
	return refused(ctx->command, "not there yet");
}
