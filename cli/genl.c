// SPDX-License-Identifier: GPL-2.0
/*
 * Netlink sockets: open one, ask the kernel, and say how it refused.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
#include <netlink/genl/ctrl.h>
#include <netlink/genl/genl.h>
#include <linux/genetlink.h>

#include "cli.h"

#ifndef NLMSGERR_ATTR_MISS_TYPE
#define NLMSGERR_ATTR_MISS_TYPE 5
#endif

/* 10,000 tunnels are listed in fewer system calls with large buffers. */
#define RECEIVE_BUFFER (1024 * 1024)
#define MESSAGE_BUFFER (64 * 1024)

static void read_extack(struct conn *conn, struct nlmsghdr *hdr,
			size_t payload)
{
	struct nlattr *attr = (void *)((char *)nlmsg_data(hdr) + payload);
	int rest = (int)nlmsg_datalen(hdr) - (int)payload;

	nla_for_each_attr(attr, attr, rest, rest) {
		switch (nla_type(attr)) {
		case NLMSGERR_ATTR_MSG:
			nla_strlcpy(conn->error.text, attr,
				    sizeof(conn->error.text));
			break;
		case NLMSGERR_ATTR_OFFS:
			conn->error.offset = nla_get_u32(attr);
			break;
		case NLMSGERR_ATTR_MISS_TYPE:
			conn->error.missing = nla_get_u32(attr);
			break;
		}
	}
}

static int on_error(struct sockaddr_nl *from, struct nlmsgerr *error,
		    void *arg)
{
	struct nlmsghdr *hdr = (void *)((char *)error - NLMSG_HDRLEN);
	struct conn *conn = arg;
	size_t payload = sizeof(*error);

	(void)from;
	conn->error.error = -error->error;
	conn->done = true;
	if (!(hdr->nlmsg_flags & NLM_F_CAPPED))
		payload += nlmsg_datalen(&error->msg);
	if (hdr->nlmsg_flags & NLM_F_ACK_TLVS)
		read_extack(conn, hdr, NLMSG_ALIGN(payload));
	return NL_STOP;
}

static int on_ack(struct nl_msg *msg, void *arg)
{
	struct conn *conn = arg;

	(void)msg;
	conn->done = true;
	return NL_STOP;
}

/* The end of a dump may carry an error. */
static int on_finish(struct nl_msg *msg, void *arg)
{
	struct nlmsghdr *hdr = nlmsg_hdr(msg);
	struct conn *conn = arg;

	if (nlmsg_datalen(hdr) >= (int)sizeof(int)) {
		conn->error.error = -*(int *)nlmsg_data(hdr);
		if (hdr->nlmsg_flags & NLM_F_ACK_TLVS)
			read_extack(conn, hdr, NLMSG_ALIGN(sizeof(int)));
	}
	conn->done = true;
	return NL_STOP;
}

static enum status conn_start(struct conn *conn, const struct context *ctx,
			      int protocol)
{
	static const int options[] = {
		NETLINK_EXT_ACK,	/* say why */
		NETLINK_CAP_ACK,	/* do not send the request back */
		NETLINK_GET_STRICT_CHK, /* refuse a dump that is ill asked */
	};
	int error;

	memset(conn, 0, sizeof(*conn));
	conn->command = ctx->command;
	conn->sock = nl_socket_alloc();
	conn->cb = nl_cb_alloc(NL_CB_DEFAULT);
	if (!conn->sock || !conn->cb)
		out_of_memory();
	error = nl_connect(conn->sock, protocol);
	if (error < 0)
		return refused(ctx->command, "no netlink socket: %s",
			       nl_geterror(error));
	nl_socket_set_buffer_size(conn->sock, RECEIVE_BUFFER, RECEIVE_BUFFER);
	nl_socket_set_msg_buf_size(conn->sock, MESSAGE_BUFFER);
	nl_socket_disable_auto_ack(conn->sock);
	/* All that gretun runs on have them. */
	for (size_t i = 0; i < ARRAY_SIZE(options); i++)
		setsockopt(nl_socket_get_fd(conn->sock), SOL_NETLINK,
			   options[i], &(int){ 1 }, sizeof(int));

	nl_cb_err(conn->cb, NL_CB_CUSTOM, on_error, conn);
	nl_cb_set(conn->cb, NL_CB_ACK, NL_CB_CUSTOM, on_ack, conn);
	nl_cb_set(conn->cb, NL_CB_FINISH, NL_CB_CUSTOM, on_finish, conn);
	return DONE;
}

/*
 * The kernel loads the module by itself, unless it was told to call no program
 * for that. The path is the kernel's own.
 */
static void load_module(void)
{
	pid_t pid = fork();

	if (pid == 0) {
		execl("/sbin/modprobe", "modprobe", "-q", "gretun", NULL);
		_exit(127);
	}
	if (pid > 0)
		waitpid(pid, NULL, 0);
}

/**
 * conn_open() - connect to the module, loading it if it is not there
 * @conn: where the connection goes; conn_close() ends it whatever is returned
 * @ctx: the command that needs it
 *
 * Return: DONE, or REFUSED after a message.
 */
enum status conn_open(struct conn *conn, const struct context *ctx)
{
	enum status status = conn_start(conn, ctx, NETLINK_GENERIC);

	if (status)
		return status;
	conn->family = genl_ctrl_resolve(conn->sock, GRETUN_GENL_NAME);
	if (conn->family < 0 && geteuid() == 0) {
		load_module();
		conn->family = genl_ctrl_resolve(conn->sock, GRETUN_GENL_NAME);
	}
	if (conn->family < 0)
		return refused(ctx->command,
			       "the kernel module is not loaded and does not load; as root, try modprobe gretun");
	return DONE;
}

/**
 * conn_open_route() - connect to rtnetlink
 * @conn: where the connection goes; conn_close() ends it whatever is returned
 * @ctx: the command that needs it
 *
 * Return: DONE, or REFUSED after a message.
 */
enum status conn_open_route(struct conn *conn, const struct context *ctx)
{
	return conn_start(conn, ctx, NETLINK_ROUTE);
}

/**
 * conn_close() - end a connection
 * @conn: the connection, also one that did not open
 */
void conn_close(struct conn *conn)
{
	nl_cb_put(conn->cb);
	nl_socket_free(conn->sock);
}

/**
 * conn_request() - start a request to the module
 * @conn: the connection
 * @command: GRETUN_CMD_*
 * @flags: NLM_F_* beyond NLM_F_REQUEST
 * @size: room for attributes, in bytes
 *
 * Return: the message.
 */
struct nl_msg *conn_request(const struct conn *conn, int command, int flags,
			    size_t size)
{
	struct nl_msg *msg;

	msg = nlmsg_alloc_size(NLMSG_HDRLEN + GENL_HDRLEN + size);
	if (!msg || !genlmsg_put(msg, NL_AUTO_PORT, NL_AUTO_SEQ, conn->family,
				 0, flags, command, GRETUN_GENL_VERSION))
		out_of_memory();
	return msg;
}

/**
 * conn_talk() - send a request and take what the kernel says to it
 * @conn: the connection; its error tells the reason of a refusal
 * @msg: the request
 * @each: called for each message of the reply, NULL if none is expected
 * @arg: for @each
 *
 * Return: 0, or the error as a positive errno. EINTR is for a dump that is not
 * of one piece, as something changed meanwhile.
 */
int conn_talk(struct conn *conn, struct nl_msg *msg, nl_recvmsg_msg_cb_t each,
	      void *arg)
{
	int error;

	memset(&conn->error, 0, sizeof(conn->error));
	conn->done = false;
	nl_cb_set(conn->cb, NL_CB_VALID, each ? NL_CB_CUSTOM : NL_CB_DEFAULT,
		  each, arg);
	nlmsg_hdr(msg)->nlmsg_flags |= NLM_F_REQUEST | NLM_F_ACK;
	nl_complete_msg(conn->sock, msg);
	error = nl_send(conn->sock, msg);
	while (error >= 0 && !conn->done)
		error = nl_recvmsgs(conn->sock, conn->cb);
	if (error == -NLE_DUMP_INTR)
		conn->error.error = EINTR;
	if (conn->done)
		return conn->error.error;

	/* libnl has errors of its own; what the user needs is its text. */
	conn->error.error = EIO;
	strncpy(conn->error.text, nl_geterror(error),
		sizeof(conn->error.text) - 1);
	return conn->error.error;
}

/**
 * conn_refused() - say how the kernel refused the last request
 * @conn: the connection
 * @word: the word that it is about
 * @before: what to say before the reason, NULL for nothing
 *
 * Return: REFUSED.
 */
enum status conn_refused(const struct conn *conn, const char *word,
			 const char *before)
{
	const struct kernel_error *error = &conn->error;
	const char *reason = *error->text ? error->text :
					    strerror(error->error);

	if (!before)
		before = "";
	if (error->error == EPERM && !*error->text)
		return refused(conn->command, "%snot permitted; this needs root, or CAP_NET_ADMIN in the network namespace",
			       before);
	return refused(word, "%s%s", before, reason);
}

/**
 * conn_bad_attr() - find the attribute that the kernel refused
 * @conn: the connection
 * @msg: the request
 * @nest: where the number of its tunnel in the request goes, or NULL
 *
 * Return: its type in the tunnel, or 0 if it is not known.
 */
uint32_t conn_bad_attr(const struct conn *conn, struct nl_msg *msg,
		       size_t *nest)
{
	const char *bad = (char *)nlmsg_hdr(msg) + conn->error.offset;
	struct nlattr *outer, *inner;
	size_t number = 0;
	int rest, left;

	if (!conn->error.offset)
		return conn->error.missing;
	nlmsg_for_each_attr(outer, nlmsg_hdr(msg), GENL_HDRLEN, rest) {
		if ((char *)outer <= bad &&
		    bad < (char *)outer + nla_total_size(nla_len(outer))) {
			if (nest)
				*nest = number;
			nla_for_each_nested(inner, outer, left) {
				if ((char *)inner == bad)
					return nla_type(inner);
			}
			return conn->error.missing;
		}
		number++;
	}
	return 0;
}
