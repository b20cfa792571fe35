// SPDX-License-Identifier: GPL-2.0
/*
 * gretun plan.
 */
#include "cli.h"

/**
 * cmd_plan() - to be written
 * @ctx: the command
 * @argc: words after it
 * @argv: these words
 *
 * Return: the exit status, after a message unless it is DONE.
 */
enum status cmd_plan(const struct context *ctx, int argc, char **argv)
{
	(void)argc;
	(void)argv;
	return refused(ctx->command, "not there yet");
}
