// SPDX-License-Identifier: GPL-2.0
/*
 * gretun monitor: say what happens to tunnels, an event on each line.
 */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include <json-c/json_object.h>
#include <netlink/errno.h>
#include <netlink/genl/ctrl.h>
#include <netlink/genl/genl.h>

#include "cli.h"

static volatile sig_atomic_t told_to_end;

static void on_signal(int signal)
{
	told_to_end = signal;
}

static const char *event_name(int command)
{
	switch (command) {
	case GRETUN_CMD_TUNNEL_NEW_NTF:
		return "new";
	case GRETUN_CMD_TUNNEL_SET_NTF:
		return "set";
	case GRETUN_CMD_TUNNEL_DEL_NTF:
		return "del";
	default:
		return NULL;
	}
}

static void print_event(const char *event, const struct tunnel *tunnel)
{
	printf("%s %s", event, tunnel->ifname);
	attrs_print(tunnel, "");
	printf(" state %s\n", tunnel_state(tunnel));
}

static void put_event(const char *event, const struct tunnel *tunnel)
{
	struct json_object *object = json_object_new_object();

	json_object_object_add(object, "event", json_object_new_string(event));
	json_object_object_add(object, "tunnel", tunnel_json(tunnel));
	json_line(object);
}

static int on_event(struct nl_msg *msg, void *arg)
{
	const struct context *ctx = arg;
	struct genlmsghdr *hdr = genlmsg_hdr(nlmsg_hdr(msg));
	const char *event = event_name(hdr->cmd);
	struct tunnel tunnel;

	/* What a newer module may tell of besides. */
	if (!event)
		return NL_OK;
	tunnel_get(msg, &tunnel);
	if (ctx->json)
		put_event(event, &tunnel);
	else
		print_event(event, &tunnel);
	fflush(stdout);
	return NL_OK;
}

static enum status receive(struct conn *conn)
{
	int error = nl_recvmsgs(conn->sock, conn->cb);

	/* libnl's word for ENOBUFS. */
	if (error == -NLE_NOMEM) {
		refused(conn->command,
			"events were lost, as they came faster than they were read");
		return DONE;
	}
	if (error < 0 && error != -NLE_AGAIN && error != -NLE_INTR)
		return refused(conn->command, "%s", nl_geterror(error));
	return DONE;
}

/* Until told to end, or nobody reads what is printed. */
static enum status follow(struct conn *conn, const sigset_t *waiting)
{
	struct pollfd fds[] = {
		{ .fd = nl_socket_get_fd(conn->sock), .events = POLLIN },
		{ .fd = STDOUT_FILENO },
	};

	while (!told_to_end && !ferror(stdout)) {
		enum status status;

		if (ppoll(fds, ARRAY_SIZE(fds), NULL, waiting) < 0) {
			if (errno == EINTR)
				continue;
			return refused(conn->command, "%s", strerror(errno));
		}
		if (fds[1].revents & (POLLERR | POLLHUP | POLLNVAL))
			return DONE;
		status = receive(conn);
		if (status)
			return status;
	}
	return DONE;
}

static enum status listen_to(struct conn *conn, const struct context *ctx)
{
	int group = genl_ctrl_resolve_grp(conn->sock, GRETUN_GENL_NAME,
					  GRETUN_MCGRP_EVENTS);
	int error;

	if (group < 0)
		return refused(ctx->command, "the module has no events: %s",
			       nl_geterror(group));
	error = nl_socket_add_membership(conn->sock, group);
	if (error < 0)
		return refused(ctx->command, "%s", nl_geterror(error));
	nl_socket_set_nonblocking(conn->sock);
	nl_cb_set(conn->cb, NL_CB_SEQ_CHECK, NL_CB_CUSTOM, NULL, NULL);
	nl_cb_set(conn->cb, NL_CB_VALID, NL_CB_CUSTOM, on_event, (void *)ctx);
	return DONE;
}

/**
 * cmd_monitor() - print events until told to end
 * @ctx: the command
 * @argc: words after it
 * @argv: these words
 *
 * Return: the exit status, after a message unless it is DONE.
 */
enum status cmd_monitor(const struct context *ctx, int argc, char **argv)
{
	struct sigaction action = { .sa_handler = on_signal };
	sigset_t ends, waiting;
	enum status status;
	struct conn conn;

	if (argc)
		return wrong(argv[0], "one word too many; monitor takes none");

	/* Signals come in while waiting and at no other time. */
	sigemptyset(&ends);
	sigaddset(&ends, SIGINT);
	sigaddset(&ends, SIGTERM);
	sigprocmask(SIG_BLOCK, &ends, &waiting);
	sigaction(SIGINT, &action, NULL);
	sigaction(SIGTERM, &action, NULL);
	signal(SIGPIPE, SIG_IGN);

	status = conn_open(&conn, ctx);
	if (!status)
		status = listen_to(&conn, ctx);
	if (!status)
		status = follow(&conn, &waiting);
	conn_close(&conn);
	return status;
}
