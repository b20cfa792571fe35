// SPDX-License-Identifier: GPL-2.0
/*
 * gretun set: change a tunnel. What is not given stays as it is.
 */
#include <netlink/msg.h>

#include "cli.h"

/* Some words mean what they mean for this tunnel alone. */
static enum status look_at_tunnel(struct conn *conn, struct request *request)
{
	const char *ifname = request->tunnel.ifname;
	struct tunnel_list list;
	enum status status;

	status = tunnels_get(conn, ifname, false, &list);
	/* The name was looked up here; it must mean the same there. */
	if (!status && request->dev && list.tunnel->link_elsewhere)
		status = refused("dev", "the outer packets of %s are in another network namespace, which has other devices",
				 ifname);
	if (!status && request->any &&
	    list.tunnel->value[GRETUN_A_TUNNEL_EXTERNAL])
		status = refused("remote", "not for an external device; each packet brings its own");
	if (!status)
		words_find_any(request, &list.tunnel->outer[LOCAL]);
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
	if (!status && (request.dev || request.any))
		status = look_at_tunnel(&conn, &request);
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
