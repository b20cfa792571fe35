// SPDX-License-Identifier: GPL-2.0
/*
 * gretun del: delete the tunnels named, all or none, or all there are.
 */
#include <errno.h>
#include <string.h>
#include <netlink/msg.h>

#include "cli.h"

/* What a name or an index takes in a message, with its nest. */
#define ROOM 64

static enum status parse_names(const struct context *ctx, int argc,
			       char **argv, bool *all)
{
	if (argc == 0)
		return wrong(ctx->command,
			     "the name of the tunnel is missing; --all is for all");
	*all = strcmp(argv[0], "--all") == 0;
	if (*all && argc > 1)
		return wrong(argv[1], "one word too many after --all");
	for (int i = 0; i < argc && !*all; i++) {
		enum status status = parse_ifname(argv[i]);

		if (status)
			return status;
		for (int j = 0; j < i; j++) {
			if (strcmp(argv[i], argv[j]) == 0)
				return wrong(argv[i], "given twice");
		}
	}
	return DONE;
}

static enum status del_names(struct conn *conn, int argc, char **argv)
{
	struct nl_msg *msg;
	enum status status = DONE;
	size_t which = argc;

	msg = conn_request(conn, GRETUN_CMD_TUNNEL_DEL, 0,
			   (size_t)argc * ROOM);
	for (int i = 0; i < argc; i++) {
		struct tunnel tunnel = { 0 };

		strcpy(tunnel.ifname, argv[i]);
		attrs_put(msg, &tunnel);
	}
	if (conn_talk(conn, msg, NULL, NULL)) {
		const char *word = conn->command;

		/* Where no name is to blame, it is about all of them. */
		conn_bad_attr(conn, msg, &which);
		if (which < (size_t)argc)
			word = argv[which];
		status = conn_refused(conn, word, NULL);
	}
	nlmsg_free(msg);
	return status;
}

static enum status del_all(struct conn *conn)
{
	struct tunnel_list list;
	enum status status;
	int error;

	/* One that somebody else deletes meanwhile is no reason to give up. */
	do {
		size_t left;

		error = 0;
		status = tunnels_get(conn, NULL, false, &list);
		left = status ? 0 : list.count;
		while (!error && left) {
			uint32_t some[TUNNELS_AT_A_TIME];
			size_t count = 0;

			while (left && count < ARRAY_SIZE(some))
				some[count++] = list.tunnel[--left]
							.value[GRETUN_A_TUNNEL_IFINDEX];
			error = tunnels_del(conn, some, count, NULL);
		}
		tunnel_list_free(&list);
	} while (error == ENODEV);
	return error ? conn_refused(conn, "--all", NULL) : status;
}

/**
 * cmd_del() - delete tunnels
 * @ctx: the command
 * @argc: words after it
 * @argv: these words
 *
 * Return: the exit status, after a message unless it is DONE.
 */
enum status cmd_del(const struct context *ctx, int argc, char **argv)
{
	enum status status;
	struct conn conn;
	bool all = false;

	status = parse_names(ctx, argc, argv, &all);
	if (status)
		return status;
	status = conn_open(&conn, ctx);
	if (!status)
		status = all ? del_all(&conn) : del_names(&conn, argc, argv);
	conn_close(&conn);
	return status;
}
