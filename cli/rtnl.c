// SPDX-License-Identifier: GPL-2.0
/*
 * What rtnetlink does for a tunnel: addresses and the state of the link.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <json-c/json_object.h>
#include <netlink/attr.h>
#include <netlink/msg.h>
#include <linux/if_addr.h>
#include <linux/rtnetlink.h>

#include "cli.h"

/* How often to read addresses anew that change all the time. */
#define TRIES 10

static size_t address_size(const struct address *address)
{
	return address->family == AF_INET ? 4 : 16;
}

/* libnl of old has no way to say who made an address. */
static int address_talk(struct conn *conn, int type, int flags,
			uint32_t ifindex, const struct address *address)
{
	struct ifaddrmsg info = {
		.ifa_family = address->family,
		.ifa_prefixlen = address->prefixlen,
		.ifa_index = ifindex,
	};
	struct nl_msg *msg = nlmsg_alloc_simple(type, flags);
	const uint8_t *peer = address->has_peer ? address->peer :
						  address->local;
	int size = address_size(address);
	int error;

	if (!msg || nlmsg_append(msg, &info, sizeof(info), NLMSG_ALIGNTO) ||
	    nla_put(msg, IFA_LOCAL, size, address->local) ||
	    nla_put(msg, IFA_ADDRESS, size, peer) ||
	    (address->proto && nla_put_u8(msg, IFA_PROTO, address->proto)))
		out_of_memory();
	error = conn_talk(conn, msg, NULL, NULL);
	nlmsg_free(msg);
	return error;
}

/* Some kernels say no more than that they will not. */
static void explain_ipv6(struct kernel_error *error)
{
	/* What newer kernels say does not tell what to do. */
	if (error->error == EACCES)
		strcpy(error->text,
		       "IPv6 is off for this device; sysctl net.ipv6.conf.NAME.disable_ipv6 has it");
	else if (error->error == EINVAL && !*error->text)
		strcpy(error->text,
		       "not an address for a device, or its MTU is below the 1280 bytes that IPv6 needs");
}

/**
 * address_add() - give a device an address
 * @conn: a connection to rtnetlink
 * @ifindex: the device
 * @address: the address
 *
 * Return: 0, or the error as a positive errno.
 */
int address_add(struct conn *conn, uint32_t ifindex,
		const struct address *address)
{
	int error = address_talk(conn, RTM_NEWADDR, NLM_F_CREATE | NLM_F_EXCL,
				 ifindex, address);

	if (address->family == AF_INET6)
		explain_ipv6(&conn->error);
	return error;
}

/**
 * address_del() - take an address away from a device
 * @conn: a connection to rtnetlink
 * @ifindex: the device
 * @address: the address
 *
 * Return: 0, or the error as a positive errno.
 */
int address_del(struct conn *conn, uint32_t ifindex,
		const struct address *address)
{
	return address_talk(conn, RTM_DELADDR, 0, ifindex, address);
}

/**
 * link_set() - set a device up or down
 * @conn: a connection to rtnetlink
 * @ifindex: the device
 * @up: which of the two
 *
 * Return: 0, or the error as a positive errno.
 */
int link_set(struct conn *conn, uint32_t ifindex, bool up)
{
	struct ifinfomsg info = {
		.ifi_family = AF_UNSPEC,
		.ifi_index = ifindex,
		.ifi_flags = up ? IFF_UP : 0,
		.ifi_change = IFF_UP,
	};
	struct nl_msg *msg = nlmsg_alloc_simple(RTM_NEWLINK, 0);
	int error;

	if (!msg || nlmsg_append(msg, &info, sizeof(info), NLMSG_ALIGNTO))
		out_of_memory();
	error = conn_talk(conn, msg, NULL, NULL);
	nlmsg_free(msg);
	return error;
}

/**
 * link_there() - find out whether there is a device of any kind
 * @conn: a connection to rtnetlink
 * @ifname: its name
 *
 * For a name that there is not, if_nametoindex() makes the kernel look for a
 * module, which takes as long as starting a program.
 *
 * Return: whether there is one.
 */
bool link_there(struct conn *conn, const char *ifname)
{
	struct ifinfomsg info = { .ifi_family = AF_UNSPEC };
	struct nl_msg *msg = nlmsg_alloc_simple(RTM_GETLINK, 0);
	int error;

	if (!msg || nlmsg_append(msg, &info, sizeof(info), NLMSG_ALIGNTO) ||
	    nla_put_string(msg, IFLA_IFNAME, ifname) ||
	    nla_put_u32(msg, IFLA_EXT_MASK, RTEXT_FILTER_SKIP_STATS))
		out_of_memory();
	error = conn_talk(conn, msg, NULL, NULL);
	nlmsg_free(msg);
	return !error;
}

static int on_address(struct nl_msg *msg, void *arg)
{
	struct nlattr *attr[IFA_MAX + 1], *local;
	struct ifaddrmsg *info = nlmsg_data(nlmsg_hdr(msg));
	struct tunnel_list *list = arg;
	struct address *address;

	if (nlmsg_parse(nlmsg_hdr(msg), sizeof(*info), attr, IFA_MAX, NULL))
		return NL_OK;
	/* IFA_ADDRESS is the peer where there is one, else the same. */
	local = attr[IFA_LOCAL] ? attr[IFA_LOCAL] : attr[IFA_ADDRESS];
	if (!local || nla_len(local) > 16)
		return NL_OK;

	list->address = grow(list->address, list->address_count,
			     sizeof(*address));
	address = &list->address[list->address_count++];
	memset(address, 0, sizeof(*address));
	address->ifindex = info->ifa_index;
	address->family = info->ifa_family;
	address->prefixlen = info->ifa_prefixlen;
	if (attr[IFA_PROTO])
		address->proto = nla_get_u8(attr[IFA_PROTO]);
	memcpy(address->local, nla_data(local), nla_len(local));
	if (attr[IFA_ADDRESS] && nla_len(attr[IFA_ADDRESS]) == nla_len(local) &&
	    memcmp(nla_data(attr[IFA_ADDRESS]), nla_data(local),
		   nla_len(local))) {
		address->has_peer = true;
		memcpy(address->peer, nla_data(attr[IFA_ADDRESS]),
		       nla_len(local));
	}
	return NL_OK;
}

/* By device; the kernel's order within one stays. */
static int by_ifindex(const void *a, const void *b)
{
	const struct address *one = a, *two = b;

	if (one->ifindex != two->ifindex)
		return one->ifindex < two->ifindex ? -1 : 1;
	if (one->family != two->family)
		return one->family < two->family ? -1 : 1;
	return 0;
}

static int tunnel_by_ifindex(const void *a, const void *b)
{
	const struct tunnel *const *one = a, *const *two = b;
	uint32_t x = (*one)->value[GRETUN_A_TUNNEL_IFINDEX];
	uint32_t y = (*two)->value[GRETUN_A_TUNNEL_IFINDEX];

	return x < y ? -1 : x > y;
}

/* Both sorted, one walk gives each tunnel its addresses. */
static void join(struct tunnel_list *list)
{
	struct tunnel **order;
	size_t next = 0;

	if (!list->count || !list->address_count)
		return;
	order = calloc(list->count, sizeof(*order));
	if (!order)
		out_of_memory();
	for (size_t i = 0; i < list->count; i++)
		order[i] = &list->tunnel[i];
	qsort(order, list->count, sizeof(*order), tunnel_by_ifindex);
	qsort(list->address, list->address_count, sizeof(*list->address),
	      by_ifindex);
	for (size_t i = 0; i < list->count; i++) {
		uint32_t ifindex = order[i]->value[GRETUN_A_TUNNEL_IFINDEX];

		while (next < list->address_count &&
		       list->address[next].ifindex < ifindex)
			next++;
		order[i]->address = list->address + next;
		while (next < list->address_count &&
		       list->address[next].ifindex == ifindex) {
			order[i]->address_count++;
			next++;
		}
	}
	free(order);
}

/**
 * addresses_get() - read the addresses of tunnels
 * @ctx: the command that needs them
 * @list: the tunnels; each is given its addresses
 *
 * Return: DONE, or REFUSED after a message.
 */
enum status addresses_get(const struct context *ctx, struct tunnel_list *list)
{
	struct ifaddrmsg info = { .ifa_family = AF_UNSPEC };
	enum status status = DONE;
	struct conn conn;
	int tries = 0;
	int error;

	status = conn_open_route(&conn, ctx);
	if (status)
		goto close;
	do {
		struct nl_msg *msg = nlmsg_alloc_simple(RTM_GETADDR,
							NLM_F_DUMP);

		if (!msg ||
		    nlmsg_append(msg, &info, sizeof(info), NLMSG_ALIGNTO))
			out_of_memory();
		list->address_count = 0;
		free(list->address);
		list->address = NULL;
		error = conn_talk(&conn, msg, on_address, list);
		nlmsg_free(msg);
	} while (error == EINTR && ++tries < TRIES);
	if (error == EINTR)
		warn(ctx->command,
		     "addresses change faster than they are read; some may be missing");
	else if (error)
		status = conn_refused(&conn, ctx->command,
				      "the addresses could not be read: ");
	if (!status)
		join(list);
close:
	conn_close(&conn);
	return status;
}

/**
 * address_text() - write an address as add takes it
 * @address: the address
 * @buf: where the text goes
 * @size: bytes there
 */
void address_text(const struct address *address, char *buf, size_t size)
{
	char local[INET6_ADDRSTRLEN], peer[INET6_ADDRSTRLEN];

	inet_ntop(address->family, address->local, local, sizeof(local));
	inet_ntop(address->family, address->peer, peer, sizeof(peer));
	snprintf(buf, size, "%s/%u%s%s", local, address->prefixlen,
		 address->has_peer ? " peer " : "",
		 address->has_peer ? peer : "");
}

/**
 * address_json() - make an object of an address
 * @address: the address
 *
 * Return: the object.
 */
struct json_object *address_json(const struct address *address)
{
	struct json_object *object = json_object_new_object();
	char text[INET6_ADDRSTRLEN];

	inet_ntop(address->family, address->local, text, sizeof(text));
	json_object_object_add(object, "local", json_object_new_string(text));
	json_object_object_add(object, "prefixlen",
			       json_object_new_int(address->prefixlen));
	if (address->has_peer) {
		inet_ntop(address->family, address->peer, text, sizeof(text));
		json_object_object_add(object, "peer",
				       json_object_new_string(text));
	}
	return object;
}
