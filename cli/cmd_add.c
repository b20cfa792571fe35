// SPDX-License-Identifier: GPL-2.0
/*
 * gretun add: the whole job at one end. It is done in steps, the device, its
 * addresses, the link; when one fails, the device goes and with it the rest.
 */
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <netlink/msg.h>

#include "cli.h"

static int on_made(struct nl_msg *msg, void *arg)
{
	tunnel_get(msg, arg);
	return NL_OK;
}

/* The kernel says only whether it was made; its index is read back. */
static enum status make(struct conn *conn, const struct request *request,
			struct tunnel *made)
{
	struct tunnel wanted = { 0 };
	enum status status = DONE;
	struct nl_msg *msg;

	msg = conn_request(conn, GRETUN_CMD_TUNNEL_NEW, 0, 512);
	attrs_put(msg, &request->tunnel);
	if (conn_talk(conn, msg, NULL, NULL))
		status = words_refused(conn, msg, request);
	nlmsg_free(msg);
	if (status)
		return status;

	memcpy(wanted.ifname, request->tunnel.ifname, sizeof(wanted.ifname));
	msg = conn_request(conn, GRETUN_CMD_TUNNEL_GET, 0, 64);
	attrs_put(msg, &wanted);
	if (conn_talk(conn, msg, on_made, made))
		status = conn_refused(conn, request->tunnel.ifname,
				      "it was made, but cannot be found: ");
	nlmsg_free(msg);
	return status;
}

static enum status configure(struct conn *route, const struct request *request,
			     uint32_t ifindex)
{
	const struct tunnel *tunnel = &request->tunnel;

	for (size_t i = 0; i < tunnel->address_count; i++) {
		char text[128];

		tunnel->address[i].proto = GRETUN_PROTO;
		if (!address_add(route, ifindex, &tunnel->address[i]))
			continue;
		address_text(&tunnel->address[i], text, sizeof(text) - 2);
		strcat(text, ": ");
		return conn_refused(route, "address", text);
	}
	if (!request->down && link_set(route, ifindex, true))
		return conn_refused(route, tunnel->ifname,
				    "the link does not come up: ");
	return DONE;
}

/**
 * cmd_add() - make a tunnel
 * @ctx: the command
 * @argc: words after it
 * @argv: these words
 *
 * Return: the exit status, after a message unless it is DONE.
 */
enum status cmd_add(const struct context *ctx, int argc, char **argv)
{
	struct request request = { 0 };
	struct tunnel made;
	struct conn conn, route;
	enum status status;
	sigset_t signals;

	status = words_parse(ctx, FOR_ADD, argc, argv, &request);
	if (!status)
		status = words_find_dev(&request);
	if (status)
		goto free_addresses;

	status = conn_open(&conn, ctx);
	if (status)
		goto close_conn;
	status = conn_open_route(&route, ctx);
	if (status)
		goto close_route;

	/* An interrupt must not leave half of it; the steps take no time. */
	sigfillset(&signals);
	sigprocmask(SIG_BLOCK, &signals, NULL);
	status = make(&conn, &request, &made);
	if (status)
		goto close_route;
	status = configure(&route, &request,
			   made.value[GRETUN_A_TUNNEL_IFINDEX]);
	if (status &&
	    tunnels_del(&conn, &made.value[GRETUN_A_TUNNEL_IFINDEX], 1, NULL))
		conn_refused(&conn, request.tunnel.ifname,
			     "it is left behind, as it cannot be deleted: ");

close_route:
	conn_close(&route);
close_conn:
	conn_close(&conn);
free_addresses:
	free(request.tunnel.address);
	return status;
}
