// SPDX-License-Identifier: GPL-2.0
/*
 * The gretun family of generic netlink, for the C tests. Nothing here checks
 * what it is given: tests send nonsense on purpose.
 */
#include "nl.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <linux/genetlink.h>

/* Take the extended part of an answer, which begins after @skip bytes. */
static void read_extack(struct nl *nl, const struct nlmsghdr *msg, size_t skip)
{
	const struct nlattr *attr;

	if (!(msg->nlmsg_flags & NLM_F_ACK_TLVS))
		return;
	mnl_attr_for_each(attr, msg, skip) {
		switch (mnl_attr_get_type(attr)) {
		case NLMSGERR_ATTR_MSG:
			snprintf(nl->text, sizeof(nl->text), "%s",
				 mnl_attr_get_str(attr));
			break;
		case NLMSGERR_ATTR_OFFS:
			nl->offset = mnl_attr_get_u32(attr);
			break;
		case NLMSGERR_ATTR_MISS_TYPE:
			nl->missing = mnl_attr_get_u32(attr);
			break;
		case NLMSGERR_ATTR_MISS_NEST:
			nl->nest = mnl_attr_get_u32(attr);
			break;
		}
	}
}

/* Take the answer to a request; returns its errno. */
static int read_answer(struct nl *nl, const struct nlmsghdr *msg)
{
	const struct nlmsgerr *err = mnl_nlmsg_get_payload(msg);

	/* The end of a dump has the number alone. */
	read_extack(nl, msg, msg->nlmsg_type == NLMSG_DONE ? sizeof(err->error) : sizeof(*err));
	return -err->error;
}

/**
 * nl_talk - send the request and take the replies
 * @nl: socket, with the request in it
 * @each: called for each reply, or NULL
 * @arg: for @each
 *
 * Return: 0, or the errno that the kernel answered with.
 */
int nl_talk(struct nl *nl, mnl_cb_t each, void *arg)
{
	char buf[NL_LONGEST] __attribute__((aligned(4)));
	struct nlmsghdr *msg;
	int len;

	nl->text[0] = '\0';
	nl->offset = 0;
	nl->missing = 0;
	nl->nest = 0;
	if (mnl_socket_sendto(nl->sock, nl->msg, nl->msg->nlmsg_len) < 0)
		return errno;
	for (;;) {
		len = mnl_socket_recvfrom(nl->sock, buf, nl->part);
		if (len < 0)
			return errno;
		for (msg = (struct nlmsghdr *)buf; mnl_nlmsg_ok(msg, len);
		     msg = mnl_nlmsg_next(msg, &len)) {
			if (msg->nlmsg_seq != nl->seq)
				continue;
			if (msg->nlmsg_type == NLMSG_ERROR ||
			    msg->nlmsg_type == NLMSG_DONE)
				return read_answer(nl, msg);
			if (each)
				each(msg, arg);
		}
	}
}

static int read_family(const struct nlmsghdr *msg, void *arg)
{
	const struct nlattr *attr, *group, *field;
	struct nl *nl = arg;
	uint32_t id = 0;
	bool ours;

	mnl_attr_for_each(attr, msg, GENL_HDRLEN) {
		if (mnl_attr_get_type(attr) == CTRL_ATTR_FAMILY_ID)
			nl->family = mnl_attr_get_u16(attr);
		if (mnl_attr_get_type(attr) != CTRL_ATTR_MCAST_GROUPS)
			continue;
		mnl_attr_for_each_nested(group, attr) {
			ours = false;
			mnl_attr_for_each_nested(field, group) {
				if (mnl_attr_get_type(field) ==
				    CTRL_ATTR_MCAST_GRP_ID)
					id = mnl_attr_get_u32(field);
				else
					ours = !strcmp(mnl_attr_get_str(field),
						       GRETUN_MCGRP_EVENTS);
			}
			if (ours)
				nl->events = id;
		}
	}
	return MNL_CB_OK;
}

/**
 * nl_open - open a socket in the netns of the caller
 * @nl: where it goes
 *
 * The kernel loads the module if it is not there.
 *
 * Return: 0, or -1 with errno set.
 */
int nl_open(struct nl *nl)
{
	int on = 1;

	memset(nl, 0, sizeof(*nl));
	nl->part = NL_PART;
	nl->sock = mnl_socket_open(NETLINK_GENERIC);
	if (!nl->sock || mnl_socket_bind(nl->sock, 0, MNL_SOCKET_AUTOPID) < 0)
		return -1;
	mnl_socket_setsockopt(nl->sock, NETLINK_EXT_ACK, &on, sizeof(on));
	/* Requests may be long, and answers shall not repeat them. */
	mnl_socket_setsockopt(nl->sock, NETLINK_CAP_ACK, &on, sizeof(on));
	nl->family = GENL_ID_CTRL;
	nl_begin(nl, CTRL_CMD_GETFAMILY, NLM_F_ACK);
	mnl_attr_put_strz(nl->msg, CTRL_ATTR_FAMILY_NAME, GRETUN_GENL_NAME);
	errno = nl_talk(nl, read_family, nl);
	return errno ? -1 : 0;
}

/**
 * nl_close - close a socket
 * @nl: the socket
 */
void nl_close(struct nl *nl)
{
	mnl_socket_close(nl->sock);
}

/**
 * nl_begin - begin a request
 * @nl: the socket
 * @cmd: GRETUN_CMD_*
 * @flags: NLM_F_* beside NLM_F_REQUEST
 */
void nl_begin(struct nl *nl, uint8_t cmd, uint16_t flags)
{
	struct genlmsghdr *genl;

	nl->msg = mnl_nlmsg_put_header(nl->buf);
	nl->msg->nlmsg_type = nl->family;
	nl->msg->nlmsg_flags = NLM_F_REQUEST | flags;
	nl->msg->nlmsg_seq = ++nl->seq;
	genl = mnl_nlmsg_put_extra_header(nl->msg, sizeof(*genl));
	genl->cmd = cmd;
	genl->version = GRETUN_GENL_VERSION;
}

/**
 * nl_put - put an attribute at the end of the request
 * @nl: the socket
 * @type: attribute type
 * @data: its bytes
 * @len: how many
 *
 * Return: the attribute.
 */
struct nlattr *nl_put(struct nl *nl, uint16_t type, const void *data,
		      size_t len)
{
	struct nlattr *attr = mnl_nlmsg_get_payload_tail(nl->msg);

	mnl_attr_put(nl->msg, type, len, data);
	return attr;
}

/**
 * nl_put_tunnel - put a tunnel nest at the end of the request
 * @nl: the socket
 * @tunnel: what goes into it
 *
 * Return: the nest.
 */
struct nlattr *nl_put_tunnel(struct nl *nl, const struct tunnel *tunnel)
{
	struct nlattr *nest;
	uint16_t type;

	nest = mnl_attr_nest_start(nl->msg, GRETUN_A_TUNNEL);
	for (type = 1; type <= GRETUN_A_TUNNEL_MAX; type++) {
		if (!(tunnel->present & BIT(type)))
			continue;
		if (type == A(IFNAME))
			mnl_attr_put_strz(nl->msg, type, tunnel->ifname);
		else if (type == A(LOCAL_DEV))
			mnl_attr_put_strz(nl->msg, type, tunnel->local_dev);
		else if (type == A(LOCAL_IPV6))
			nl_put(nl, type, &tunnel->local6, sizeof(tunnel->local6));
		else if (type == A(REMOTE_IPV6))
			nl_put(nl, type, &tunnel->remote6, sizeof(tunnel->remote6));
		else if (type == A(KEEPALIVE_SECRET))
			nl_put(nl, type, tunnel->secret, sizeof(tunnel->secret));
		else if (tunnel_attr_size(type) == 0)
			mnl_attr_put(nl->msg, type, 0, NULL);
		else if (tunnel_attr_size(type) == 1)
			mnl_attr_put_u8(nl->msg, type, tunnel->value[type]);
		else if (tunnel_attr_size(type) == 2)
			mnl_attr_put_u16(nl->msg, type, tunnel->value[type]);
		else
			mnl_attr_put_u32(nl->msg, type, tunnel->value[type]);
	}
	mnl_attr_nest_end(nl->msg, nest);
	return nest;
}

/**
 * nl_do - one request about one tunnel
 * @nl: the socket
 * @cmd: GRETUN_CMD_*
 * @tunnel: the tunnel
 *
 * Return: 0, or the errno that the kernel answered with.
 */
int nl_do(struct nl *nl, uint8_t cmd, const struct tunnel *tunnel)
{
	nl_begin(nl, cmd, NLM_F_ACK);
	nl_put_tunnel(nl, tunnel);
	return nl_talk(nl, NULL, NULL);
}

static int read_tunnel(const struct nlmsghdr *msg, void *arg)
{
	tunnel_read(msg, arg);
	return MNL_CB_OK;
}

/**
 * nl_get - read a tunnel
 * @nl: the socket
 * @ifname: name of its device
 * @tunnel: where it goes
 *
 * Return: 0, or the errno that the kernel answered with.
 */
int nl_get(struct nl *nl, const char *ifname, struct tunnel *tunnel)
{
	struct tunnel named = tunnel_named(ifname);

	memset(tunnel, 0, sizeof(*tunnel));
	nl_begin(nl, GRETUN_CMD_TUNNEL_GET, NLM_F_ACK);
	nl_put_tunnel(nl, &named);
	return nl_talk(nl, read_tunnel, tunnel);
}

static int count_reply(const struct nlmsghdr *msg, void *arg)
{
	(void)msg;
	++*(int *)arg;
	return MNL_CB_OK;
}

/**
 * nl_count - count the tunnels of the netns
 * @nl: the socket
 *
 * Return: how many, or -1 on an error.
 */
int nl_count(struct nl *nl)
{
	int count = 0;

	nl_begin(nl, GRETUN_CMD_TUNNEL_GET, NLM_F_DUMP);
	return nl_talk(nl, count_reply, &count) ? -1 : count;
}

/**
 * nl_make - make tunnels t0, t1 and so on, told apart by their keys
 * @nl: the socket
 * @count: how many
 *
 * Return: 0, or the errno that the kernel answered with.
 */
int nl_make(struct nl *nl, int count)
{
	const int in_one_request = 500;
	struct tunnel tunnel;
	int err = 0;
	int i = 0;

	while (i < count && !err) {
		nl_begin(nl, GRETUN_CMD_TUNNEL_NEW, NLM_F_ACK);
		do {
			tunnel = tunnel_numbered(i++);
			nl_put_tunnel(nl, &tunnel);
		} while (i < count && i % in_one_request);
		err = nl_talk(nl, NULL, NULL);
	}
	return err;
}
