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
#include <linux/genetlink.h>

#include "cli.h"

static volatile sig_atomic_t told_to_end;

/* What the callback for messages needs and leaves. */
struct monitor {
	const struct context *ctx;
	int family;	 /* gretun's */
	bool unloaded;	 /* the module */
	int write_error; /* errno of stdout */
};

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
	case GRETUN_CMD_TUNNEL_STATE_NTF:
		return "state";
	default:
		return NULL;
	}
}

static void print_event(const char *event, const struct tunnel *tunnel)
{
	char name[NAME_TEXT];

	printf("%s %s", event, name_text(tunnel->ifname, name));
	attrs_print(tunnel, "");
	printf(" state %s", tunnel_state(tunnel));
	loop_print(tunnel, ": ");
	local_print(tunnel, "; local address: ");
	keepalive_print(tunnel, "; keepalive: ");
	roam_print(tunnel, "; peer: ");
	putchar('\n');
}

static void put_event(const char *event, const struct tunnel *tunnel)
{
	struct json_object *object = json_object_new_object();

	json_object_object_add(object, "event", json_object_new_string(event));
	json_object_object_add(object, "tunnel", tunnel_json(tunnel));
	json_line(object);
}

static void on_family(struct nl_msg *msg, struct monitor *monitor)
{
	struct genlmsghdr *hdr = genlmsg_hdr(nlmsg_hdr(msg));
	struct nlattr *id = nlmsg_find_attr(nlmsg_hdr(msg), GENL_HDRLEN,
					    CTRL_ATTR_FAMILY_ID);

	if (hdr->cmd == CTRL_CMD_DELFAMILY && id &&
	    nla_get_u16(id) == monitor->family)
		monitor->unloaded = true;
}

static int on_event(struct nl_msg *msg, void *arg)
{
	struct genlmsghdr *hdr = genlmsg_hdr(nlmsg_hdr(msg));
	struct monitor *monitor = arg;
	struct tunnel tunnel;
	const char *event;

	if (nlmsg_hdr(msg)->nlmsg_type == GENL_ID_CTRL) {
		on_family(msg, monitor);
		return NL_OK;
	}
	event = event_name(hdr->cmd);
	/* What a newer module may tell of besides. */
	if (!event)
		return NL_OK;
	tunnel_get(msg, &tunnel);
	if (monitor->ctx->json)
		put_event(event, &tunnel);
	else
		print_event(event, &tunnel);
	if (fflush(stdout) && !monitor->write_error)
		monitor->write_error = errno;
	return NL_OK;
}

static enum status receive(struct conn *conn)
{
	int error = nl_recvmsgs(conn->sock, conn->cb);

	/* libnl's word for ENOBUFS. */
	if (error == -NLE_NOMEM) {
		warn(conn->command,
		     "events were lost, as they came faster than they were read");
		return DONE;
	}
	if (error < 0 && error != -NLE_AGAIN && error != -NLE_INTR)
		return refused(conn->command, "%s", nl_geterror(error));
	return DONE;
}

/* Until told to end, or nobody reads what is printed. */
static enum status follow(struct conn *conn, const struct monitor *monitor,
			  const sigset_t *waiting)
{
	struct pollfd fds[] = {
		{ .fd = nl_socket_get_fd(conn->sock), .events = POLLIN },
		{ .fd = STDOUT_FILENO },
	};

	while (!told_to_end && !monitor->write_error) {
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
		if (monitor->unloaded)
			return refused(conn->command,
				       "the kernel module was unloaded; there will be no more events");
	}
	/* That nobody reads any more is a way to end it. */
	if (monitor->write_error && monitor->write_error != EPIPE)
		return refused("stdout", "%s", strerror(monitor->write_error));
	return DONE;
}

static int find_group(struct conn *conn, const char *family, const char *name)
{
	int group = genl_ctrl_resolve_grp(conn->sock, family, name);

	if (group < 0)
		refused(conn->command, "no %s of %s: %s", name, family,
			nl_geterror(group));
	return group;
}

static enum status listen_to(struct conn *conn, struct monitor *monitor)
{
	int events, families, error;

	/*
	 * Both are looked up before either is joined: an event that comes in
	 * between would be taken for the answer.
	 */
	events = find_group(conn, GRETUN_GENL_NAME, GRETUN_MCGRP_EVENTS);
	if (events < 0)
		return REFUSED;
	/* Here the kernel tells of a module that goes. */
	families = find_group(conn, "nlctrl", "notify");
	if (families < 0)
		return REFUSED;
	error = nl_socket_add_memberships(conn->sock, events, families, 0);
	if (error < 0)
		return refused(conn->command, "%s", nl_geterror(error));

	monitor->family = conn->family;
	nl_socket_set_nonblocking(conn->sock);
	nl_cb_set(conn->cb, NL_CB_VALID, NL_CB_CUSTOM, on_event, monitor);
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
	struct monitor monitor = { .ctx = ctx };
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
		status = listen_to(&conn, &monitor);
	if (!status)
		status = follow(&conn, &monitor, &waiting);
	conn_close(&conn);
	return status;
}
