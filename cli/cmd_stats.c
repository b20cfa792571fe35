// SPDX-License-Identifier: GPL-2.0
/*
 * gretun stats: what was sent and received, and why the rest was not.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <json-c/json_object.h>
#include <netlink/genl/genl.h>

#include "cli.h"

static void add_pair(struct json_object *object, const char *name,
		     uint64_t packets, uint64_t bytes)
{
	struct json_object *pair = json_object_new_object();

	json_object_object_add(pair, "packets",
			       json_object_new_uint64(packets));
	json_object_object_add(pair, "bytes", json_object_new_uint64(bytes));
	json_object_object_add(object, name, pair);
}

static void put_tunnel(const struct tunnel *tunnel)
{
	const struct counters *counters = &tunnel->counters;
	struct json_object *stats = json_object_new_object();
	struct json_object *object = tunnel_json(tunnel);

	add_pair(stats, "rx", counters->rx_packets, counters->rx_bytes);
	add_pair(stats, "tx", counters->tx_packets, counters->tx_bytes);
	json_object_object_add(stats, "drops",
			       counters_json(counters, tunnel_reasons));
	json_object_object_add(object, "stats64", stats);
	json_put(object);
}

static void put_netns(const struct counters *counters)
{
	struct json_object *object = json_object_new_object();
	struct json_object *stats = json_object_new_object();

	json_object_object_add(object, "scope",
			       json_object_new_string("netns"));
	json_object_object_add(stats, "drops",
			       counters_json(counters, netns_reasons));
	json_object_object_add(object, "stats64", stats);
	json_put(object);
}

static void print_tunnel(const struct tunnel *tunnel)
{
	const struct counters *counters = &tunnel->counters;

	printf("%s:\n", tunnel->ifname);
	printf("  received %" PRIu64 " packets, %" PRIu64 " bytes\n",
	       counters->rx_packets, counters->rx_bytes);
	printf("  sent     %" PRIu64 " packets, %" PRIu64 " bytes\n",
	       counters->tx_packets, counters->tx_bytes);
	counters_print(counters, tunnel_reasons);
}

static void print_netns(const struct counters *counters)
{
	static const struct counters zero;

	if (!memcmp(counters, &zero, sizeof(zero)))
		return;
	puts("GRE packets that no tunnel took:");
	counters_print(counters, netns_reasons);
}

static int on_netns(struct nl_msg *msg, void *arg)
{
	struct nlattr *stats = nlmsg_find_attr(nlmsg_hdr(msg), GENL_HDRLEN,
					       GRETUN_A_STATS);

	if (stats)
		counters_get(stats, netns_reasons, arg);
	return NL_OK;
}

static enum status get_netns(struct conn *conn, struct counters *counters)
{
	struct nl_msg *msg = conn_request(conn, GRETUN_CMD_NETNS_GET, 0, 64);
	enum status status = DONE;

	memset(counters, 0, sizeof(*counters));
	nla_put_flag(msg, GRETUN_A_WITH_STATS);
	if (conn_talk(conn, msg, on_netns, counters))
		status = conn_refused(conn, conn->command, NULL);
	nlmsg_free(msg);
	return status;
}

/**
 * cmd_stats() - show counters, of one tunnel or of all and the rest
 * @ctx: the command
 * @argc: words after it
 * @argv: these words
 *
 * Return: the exit status, after a message unless it is DONE.
 */
enum status cmd_stats(const struct context *ctx, int argc, char **argv)
{
	const char *name = argc ? argv[0] : NULL;
	struct tunnel_list list = { 0 };
	struct counters netns;
	enum status status;
	struct conn conn;

	status = parse_one_name(ctx, argc, argv);
	if (status)
		return status;
	status = conn_open(&conn, ctx);
	if (!status)
		status = tunnels_get(&conn, name, true, &list);
	if (!status)
		status = addresses_get(ctx, &list);
	if (!status && !name)
		status = get_netns(&conn, &netns);
	conn_close(&conn);
	if (status)
		goto free_list;

	if (ctx->json)
		json_begin();
	for (size_t i = 0; i < list.count; i++) {
		if (ctx->json)
			put_tunnel(&list.tunnel[i]);
		else
			print_tunnel(&list.tunnel[i]);
	}
	if (!name) {
		if (ctx->json)
			put_netns(&netns);
		else
			print_netns(&netns);
	}
	if (ctx->json)
		json_end();
	status = output_end();

free_list:
	tunnel_list_free(&list);
	return status;
}
