// SPDX-License-Identifier: GPL-2.0
/*
 * gretun metrics: counters and states for Prometheus.
 */
#include <stdio.h>
#include <stdlib.h>

#include "metrics/metrics.h"

/* Of the module that is loaded. */
static void read_version(char version[32])
{
	FILE *file = fopen("/sys/module/gretun/version", "re");

	*version = '\0';
	if (!file)
		return;
	if (fscanf(file, "%31s", version) != 1)
		*version = '\0';
	fclose(file);
}

static enum status get_all(const struct context *ctx, struct tunnel_list *list,
			   struct counters *netns, struct near_miss_list *misses)
{
	enum status status;
	struct conn conn;

	status = conn_open(&conn, ctx);
	if (!status)
		status = tunnels_get(&conn, NULL, true, list);
	if (!status)
		status = netns_counters_get(&conn, netns);
	if (!status)
		status = near_misses_get(&conn, misses);
	conn_close(&conn);
	return status;
}

/**
 * cmd_metrics() - print the metrics of the network namespace
 * @ctx: the command
 * @argc: words after it
 * @argv: these words
 *
 * Nothing is printed unless all could be read.
 *
 * Return: the exit status, after a message unless it is DONE.
 */
enum status cmd_metrics(const struct context *ctx, int argc, char **argv)
{
	struct near_miss_list misses = { 0 };
	struct tunnel_list list = { 0 };
	struct counters netns = { 0 };
	enum status status;
	char version[32];

	if (argc)
		return wrong(argv[0], "one word too many; metrics takes none");
	if (ctx->json)
		return wrong("-j", "metrics are no JSON; Prometheus has a format of its own");
	status = get_all(ctx, &list, &netns, &misses);
	if (!status) {
		read_version(version);
		metrics_print(&(struct metrics){
			.tunnels = &list,
			.netns = &netns,
			.near_misses = misses.count,
			.netns_name = ctx->netns,
			.module = version,
		});
		status = output_end();
	}
	tunnel_list_free(&list);
	free(misses.miss);
	return status;
}
