// SPDX-License-Identifier: GPL-2.0
/*
 * The gretun family of generic netlink, for the C tests. Nothing here checks
 * what it is given: tests send nonsense on purpose.
 */
#include "nl.h"

#include <arpa/inet.h>
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
		else if (type == A(LOCAL_IPV6))
			nl_put(nl, type, &tunnel->local6, sizeof(tunnel->local6));
		else if (type == A(REMOTE_IPV6))
			nl_put(nl, type, &tunnel->remote6, sizeof(tunnel->remote6));
		else if (tunnel_attr_size(type) == 0)
			mnl_attr_put(nl->msg, type, 0, NULL);
		else if (tunnel_attr_size(type) == 1)
			mnl_attr_put_u8(nl->msg, type, tunnel->value[type]);
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

/**
 * tunnel_named - a tunnel of which only the name is known
 * @ifname: the name
 *
 * Return: the tunnel.
 */
struct tunnel tunnel_named(const char *ifname)
{
	struct tunnel tunnel = { .present = BIT(A(IFNAME)) };

	snprintf(tunnel.ifname, sizeof(tunnel.ifname), "%s", ifname);
	return tunnel;
}

/**
 * tunnel_new - a tunnel with all that it needs
 * @ifname: name of the device
 * @local: outer source address, of either family
 * @remote: outer destination address, of either family
 *
 * Return: the tunnel.
 */
struct tunnel tunnel_new(const char *ifname, const char *local,
			 const char *remote)
{
	struct tunnel tunnel = tunnel_named(ifname);

	tunnel_set_local(&tunnel, local);
	tunnel_set_remote(&tunnel, remote);
	return tunnel;
}

/**
 * tunnel_numbered - a tunnel that differs from others by its name and key
 * @number: its key
 *
 * Return: the tunnel.
 */
struct tunnel tunnel_numbered(int number)
{
	struct tunnel tunnel = tunnel_new("", "192.0.2.1", "10.0.0.1");

	snprintf(tunnel.ifname, sizeof(tunnel.ifname), "t%d", number);
	tunnel_set(&tunnel, A(IKEY), number);
	return tunnel;
}

/**
 * tunnel_set - set an attribute of a tunnel
 * @tunnel: the tunnel
 * @type: which attribute
 * @value: its value
 */
void tunnel_set(struct tunnel *tunnel, uint16_t type, uint32_t value)
{
	tunnel->present |= BIT(type);
	tunnel->value[type] = value;
}

/**
 * tunnel_unset - take an attribute of a tunnel away
 * @tunnel: the tunnel
 * @type: which attribute
 */
void tunnel_unset(struct tunnel *tunnel, uint16_t type)
{
	tunnel->present &= ~BIT(type);
	tunnel->value[type] = 0;
	if (tunnel_addr6(tunnel, type))
		memset(tunnel_addr6(tunnel, type), 0, sizeof(struct in6_addr));
}

/**
 * tunnel_addr6 - the IPv6 address that is an attribute of a tunnel
 * @tunnel: the tunnel
 * @type: which attribute
 *
 * Return: the address, or NULL if the attribute is something else.
 */
struct in6_addr *tunnel_addr6(struct tunnel *tunnel, uint16_t type)
{
	switch (type) {
	case A(LOCAL_IPV6):
		return &tunnel->local6;
	case A(REMOTE_IPV6):
		return &tunnel->remote6;
	}
	return NULL;
}

/* Set the attribute that is of the family of @addr. */
static void set_addr(struct tunnel *tunnel, uint16_t type4, uint16_t type6,
		     const char *addr)
{
	if (inet_pton(AF_INET6, addr, tunnel_addr6(tunnel, type6)) == 1)
		tunnel->present |= BIT(type6);
	else
		tunnel_set(tunnel, type4, inet_addr(addr));
}

/**
 * tunnel_set_local - set the outer source address of a tunnel
 * @tunnel: the tunnel
 * @addr: the address, of either family; one of the other family stays
 */
void tunnel_set_local(struct tunnel *tunnel, const char *addr)
{
	set_addr(tunnel, A(LOCAL_IPV4), A(LOCAL_IPV6), addr);
}

/**
 * tunnel_set_remote - set the outer destination address of a tunnel
 * @tunnel: the tunnel
 * @addr: the address, of either family; one of the other family stays
 */
void tunnel_set_remote(struct tunnel *tunnel, const char *addr)
{
	set_addr(tunnel, A(REMOTE_IPV4), A(REMOTE_IPV6), addr);
}

/**
 * tunnel_attr_size - what an attribute takes on the wire
 * @type: attribute that is a number, a flag or an IPv6 address
 *
 * Return: bytes.
 */
size_t tunnel_attr_size(uint16_t type)
{
	const uint32_t bytes = BIT(A(TTL)) | BIT(A(TOS)) | BIT(A(TOS_INHERIT)) |
			       BIT(A(CSUM)) | BIT(A(SEQ)) | BIT(A(DF)) |
			       BIT(A(FASTPATH)) | BIT(A(EXTERNAL)) |
			       BIT(A(FLOWLABEL_MODE)) | BIT(A(ENCAP_LIMIT)) |
			       BIT(A(MSS_CLAMP));

	if (type == A(UP))
		return 0;
	if (type == A(LOCAL_IPV6) || type == A(REMOTE_IPV6))
		return sizeof(struct in6_addr);
	return bytes & BIT(type) ? sizeof(uint8_t) : sizeof(uint32_t);
}

static void read_option(struct tunnel *tunnel, const struct nlattr *attr)
{
	uint16_t type = mnl_attr_get_type(attr);

	tunnel->present |= BIT(type);
	if (type == A(IFNAME))
		snprintf(tunnel->ifname, sizeof(tunnel->ifname), "%s",
			 mnl_attr_get_str(attr));
	else if (tunnel_addr6(tunnel, type))
		memcpy(tunnel_addr6(tunnel, type), mnl_attr_get_payload(attr),
		       sizeof(struct in6_addr));
	else if (tunnel_attr_size(type) == 1)
		tunnel->value[type] = mnl_attr_get_u8(attr);
	else if (tunnel_attr_size(type) == 4)
		tunnel->value[type] = mnl_attr_get_u32(attr);
}

static void read_loop(struct loop *loop, const struct nlattr *nest)
{
	const struct nlattr *attr;

	mnl_attr_for_each_nested(attr, nest) {
		switch (mnl_attr_get_type(attr)) {
		case GRETUN_A_LOOP_IFINDEX:
			loop->ifindex = mnl_attr_get_u32(attr);
			break;
		case GRETUN_A_LOOP_IFNAME:
			snprintf(loop->ifname, sizeof(loop->ifname), "%s",
				 mnl_attr_get_str(attr));
			break;
		case GRETUN_A_LOOP_DST_IPV4:
			inet_ntop(AF_INET, mnl_attr_get_payload(attr),
				  loop->dst, sizeof(loop->dst));
			break;
		case GRETUN_A_LOOP_DST_IPV6:
			inet_ntop(AF_INET6, mnl_attr_get_payload(attr),
				  loop->dst, sizeof(loop->dst));
			break;
		case GRETUN_A_LOOP_PREFIXLEN:
			loop->prefixlen = mnl_attr_get_u8(attr);
			break;
		case GRETUN_A_LOOP_TABLE:
			loop->table = mnl_attr_get_u32(attr);
			break;
		}
	}
}

static void read_state(struct tunnel *tunnel, const struct nlattr *attr)
{
	tunnel->has_state = true;
	switch (mnl_attr_get_type(attr)) {
	case GRETUN_A_STATE_OPERSTATE:
		tunnel->operstate = mnl_attr_get_u8(attr);
		break;
	case GRETUN_A_STATE_FLAGS:
		tunnel->flags = mnl_attr_get_u32(attr);
		break;
	case GRETUN_A_STATE_MTU:
		tunnel->mtu = mnl_attr_get_u32(attr);
		break;
	case GRETUN_A_STATE_OVERHEAD:
		tunnel->overhead = mnl_attr_get_u32(attr);
		break;
	case GRETUN_A_STATE_LOOP:
		read_loop(&tunnel->loop, attr);
		break;
	}
}

/**
 * tunnel_read - read a tunnel from a reply or an event
 * @msg: the message
 * @tunnel: where it goes
 */
void tunnel_read(const struct nlmsghdr *msg, struct tunnel *tunnel)
{
	const struct nlattr *nest, *attr;

	memset(tunnel, 0, sizeof(*tunnel));
	mnl_attr_for_each(nest, msg, GENL_HDRLEN) {
		mnl_attr_for_each_nested(attr, nest) {
			if (mnl_attr_get_type(nest) == GRETUN_A_TUNNEL)
				read_option(tunnel, attr);
			else if (mnl_attr_get_type(nest) == GRETUN_A_STATE)
				read_state(tunnel, attr);
		}
	}
}
