// SPDX-License-Identifier: GPL-2.0
/*
 * gretun set: change a tunnel. What is not given stays as it is.
 */
#include <netlink/msg.h>

#include "cli.h"

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

	status = attrs_parse(ctx, FOR_SET, argc, argv, &request);
	if (!status)
		status = attrs_find_dev(&request);
	if (status)
		return status;

	status = conn_open(&conn, ctx);
	if (!status) {
		msg = conn_request(&conn, GRETUN_CMD_TUNNEL_SET, 0, 512);
		attrs_put(msg, &request.tunnel);
		if (conn_talk(&conn, msg, NULL, NULL))
			status = attrs_refused(&conn, msg, &request);
		nlmsg_free(msg);
	}
	conn_close(&conn);
	return status;
}
