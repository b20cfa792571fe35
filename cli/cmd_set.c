// SPDX-License-Identifier: GPL-2.0
/*
 * gretun set: change a tunnel. What is not given stays as it is.
 */
#include <netlink/msg.h>

#include "cli.h"

/* The name of a device was looked up here; it must mean the same there. */
static enum status check_dev(struct conn *conn, const struct request *request)
{
	const char *ifname = request->tunnel.ifname;
	struct tunnel_list list;
	enum status status;

	status = tunnels_get(conn, ifname, false, &list);
	if (!status && list.tunnel->link_elsewhere)
		status = refused("dev", "the outer packets of %s are in another network namespace, which has other devices",
				 ifname);
	tunnel_list_free(&list);
	return status;
}

/**
 * cmd_set() - change a tunnel
 * @ctx: the command
 * @argc: words after it
 * @argv: these words
 *
 * Return: the exit status, after a message unless it is DONE.
 */
enum status cmd_set(const struct context *ctx, int argc, char **argv)
{
	struct request request = { 0 };
	enum status status;
	struct nl_msg *msg;
	struct conn conn;

	status = words_parse(ctx, FOR_SET, argc, argv, &request);
	if (!status)
		status = words_find_dev(&request);
	if (status)
		return status;

	status = conn_open(&conn, ctx);
	if (!status && request.dev)
		status = check_dev(&conn, &request);
	if (!status) {
		msg = conn_request(&conn, GRETUN_CMD_TUNNEL_SET, 0, 512);
		attrs_put(msg, &request.tunnel);
		if (conn_talk(&conn, msg, NULL, NULL))
			status = words_refused(&conn, msg, &request);
		nlmsg_free(msg);
	}
	conn_close(&conn);
	return status;
}
