// SPDX-License-Identifier: GPL-2.0
/*
 * Routes through tunnels: read, add, delete, compare, print. Those that gretun
 * made carry GRETUN_PROTO and are the only ones that it deletes.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <json-c/json_object.h>
#include <netlink/attr.h>
#include <netlink/msg.h>
#include <linux/rtnetlink.h>

#include "apply.h"

/* How often to read routes anew that change all the time. */
#define TRIES 10

/* What the kernel gives an IPv6 route that asks for none. */
#define IPV6_METRIC 1024

/*
 * Those that people make, and what a route has if they do not say. The kernel
 * takes them away with the device or its last address, and they come back with
 * it. Routing daemons see to theirs.
 */
static const uint8_t protos[] = { GRETUN_PROTO, RTPROT_BOOT, RTPROT_STATIC };

static size_t size_of(int family)
{
	return family == AF_INET ? 4 : 16;
}

static bool get(struct nlattr *attr, int family, uint8_t *out)
{
	if (!attr || nla_len(attr) != (int)size_of(family))
		return false;
	memcpy(out, nla_data(attr), nla_len(attr));
	return true;
}

static int on_route(struct nl_msg *msg, void *arg)
{
	struct rtmsg *info = nlmsg_data(nlmsg_hdr(msg));
	struct nlattr *attr[RTA_MAX + 1];
	struct route_list *list = arg;
	struct route *route;

	if (nlmsg_parse(nlmsg_hdr(msg), sizeof(*info), attr, RTA_MAX, NULL))
		return NL_OK;
	/* One with more than one device, or a nexthop object, is not ours. */
	if (info->rtm_type != RTN_UNICAST || info->rtm_flags & RTM_F_CLONED ||
	    !attr[RTA_OIF] || attr[RTA_NH_ID])
		return NL_OK;

	list->route = grow(list->route, list->count, sizeof(*route));
	route = &list->route[list->count++];
	memset(route, 0, sizeof(*route));
	route->ifindex = nla_get_u32(attr[RTA_OIF]);
	route->proto = info->rtm_protocol;
	route->to.family = info->rtm_family;
	route->to.prefixlen = info->rtm_dst_len;
	get(attr[RTA_DST], info->rtm_family, route->to.dst);
	route->to.has_gateway = get(attr[RTA_GATEWAY], info->rtm_family,
				    route->to.gateway);
	route->to.has_source = get(attr[RTA_PREFSRC], info->rtm_family,
				   route->to.source);
	if (attr[RTA_PRIORITY])
		route->to.metric = nla_get_u32(attr[RTA_PRIORITY]);
	route->to.table = attr[RTA_TABLE] ? nla_get_u32(attr[RTA_TABLE]) :
					    info->rtm_table;
	route->as_read = msg;
	nlmsg_get(msg);
	return NL_OK;
}

static void empty(struct route_list *list, size_t count)
{
	while (list->count > count)
		nlmsg_free(list->route[--list->count].as_read);
}

/* The kernel picks them out, as there may be a million others. */
static enum status get_some(struct conn *conn, int family, uint8_t proto,
			    struct route_list *list)
{
	struct rtmsg info = { .rtm_family = family, .rtm_protocol = proto };
	size_t count = list->count;
	int tries = 0;
	int error;

	do {
		struct nl_msg *msg = nlmsg_alloc_simple(RTM_GETROUTE,
							NLM_F_DUMP);

		if (!msg ||
		    nlmsg_append(msg, &info, sizeof(info), NLMSG_ALIGNTO))
			out_of_memory();
		empty(list, count);
		error = conn_talk(conn, msg, on_route, list);
		nlmsg_free(msg);
	} while (error == EINTR && ++tries < TRIES);
	/* A kernel without IPv6 has none. */
	if (!error || (family == AF_INET6 && error == EOPNOTSUPP))
		return DONE;
	return conn_refused(conn, conn->command,
			    "the routes could not be read: ");
}

static int by_ifindex(const void *a, const void *b)
{
	const struct route *one = a, *two = b;

	if (one->ifindex != two->ifindex)
		return one->ifindex < two->ifindex ? -1 : 1;
	return route_compare(a, b);
}

/**
 * routes_get() - read the routes that people and gretun made
 * @conn: a connection to rtnetlink
 * @list: where they go, sorted by device; routes_free() frees it whatever is
 *	returned
 *
 * Return: DONE, or REFUSED after a message.
 */
enum status routes_get(struct conn *conn, struct route_list *list)
{
	enum status status = DONE;

	memset(list, 0, sizeof(*list));
	for (size_t i = 0; i < ARRAY_SIZE(protos) && !status; i++) {
		status = get_some(conn, AF_INET, protos[i], list);
		if (!status)
			status = get_some(conn, AF_INET6, protos[i], list);
	}
	if (list->count)
		qsort(list->route, list->count, sizeof(*list->route),
		      by_ifindex);
	return status;
}

/**
 * routes_free() - free what routes_get() read
 * @list: the list
 */
void routes_free(struct route_list *list)
{
	empty(list, 0);
	free(list->route);
	memset(list, 0, sizeof(*list));
}

/* What the kernel shows of a route is what makes it again. */
static struct nl_msg *again(const struct route *route, uint32_t ifindex)
{
	struct nl_msg *msg = nlmsg_convert(nlmsg_hdr(route->as_read));
	struct nlattr *oif;
	struct rtmsg *info;

	if (!msg)
		out_of_memory();
	info = nlmsg_data(nlmsg_hdr(msg));
	nlmsg_hdr(msg)->nlmsg_type = RTM_NEWROUTE;
	nlmsg_hdr(msg)->nlmsg_flags = NLM_F_CREATE | NLM_F_EXCL;
	nlmsg_hdr(msg)->nlmsg_seq = NL_AUTO_SEQ;
	nlmsg_hdr(msg)->nlmsg_pid = NL_AUTO_PORT;
	/* The others tell the state of the device. */
	info->rtm_flags &= RTNH_F_ONLINK;
	oif = nlmsg_find_attr(nlmsg_hdr(msg), sizeof(*info), RTA_OIF);
	memcpy(nla_data(oif), &ifindex, sizeof(ifindex));
	return msg;
}

static int route_talk(struct conn *conn, int type, int flags,
		      uint32_t ifindex, const struct route *route)
{
	const struct file_route *to = &route->to;
	struct rtmsg info = {
		.rtm_family = to->family,
		.rtm_dst_len = to->prefixlen,
		.rtm_protocol = route->proto,
		.rtm_type = RTN_UNICAST,
	};
	struct nl_msg *msg = nlmsg_alloc_simple(type, flags);
	int size = size_of(to->family);
	int error;

	/* To delete, RT_SCOPE_NOWHERE stands for any. */
	if (to->family == AF_INET && type == RTM_DELROUTE)
		info.rtm_scope = RT_SCOPE_NOWHERE;
	else if (to->family == AF_INET && !to->has_gateway)
		info.rtm_scope = RT_SCOPE_LINK;
	if (!msg || nlmsg_append(msg, &info, sizeof(info), NLMSG_ALIGNTO) ||
	    nla_put(msg, RTA_DST, size, to->dst) ||
	    nla_put_u32(msg, RTA_OIF, ifindex) ||
	    nla_put_u32(msg, RTA_TABLE, to->table) ||
	    (to->has_gateway &&
	     nla_put(msg, RTA_GATEWAY, size, to->gateway)) ||
	    (to->has_source && nla_put(msg, RTA_PREFSRC, size, to->source)) ||
	    (to->metric && nla_put_u32(msg, RTA_PRIORITY, to->metric)))
		out_of_memory();
	error = conn_talk(conn, msg, NULL, NULL);
	nlmsg_free(msg);
	return error;
}

/**
 * route_add() - add a route
 * @conn: a connection to rtnetlink
 * @ifindex: the device
 * @route: the route
 *
 * Return: 0, or the error as a positive errno.
 */
int route_add(struct conn *conn, uint32_t ifindex, const struct route *route)
{
	struct nl_msg *msg;
	int error;

	if (!route->as_read)
		return route_talk(conn, RTM_NEWROUTE, NLM_F_CREATE | NLM_F_EXCL,
				  ifindex, route);
	msg = again(route, ifindex);
	error = conn_talk(conn, msg, NULL, NULL);
	nlmsg_free(msg);
	return error;
}

/**
 * route_del() - delete a route
 * @conn: a connection to rtnetlink
 * @ifindex: the device
 * @route: the route
 *
 * Return: 0, or the error as a positive errno.
 */
int route_del(struct conn *conn, uint32_t ifindex, const struct route *route)
{
	return route_talk(conn, RTM_DELROUTE, 0, ifindex, route);
}

/* The metric of a route that asks for none. */
static uint32_t usual_metric(int family)
{
	return family == AF_INET ? 0 : IPV6_METRIC;
}

static uint32_t metric_of(const struct file_route *to)
{
	return to->metric ? to->metric : usual_metric(to->family);
}

/**
 * route_compare_place() - compare what the kernel has but one of
 * @one: a route
 * @two: another
 *
 * Return: less than, equal to or greater than 0.
 */
int route_compare_place(const struct route *one, const struct route *two)
{
	const struct file_route *a = &one->to, *b = &two->to;

	if (a->family != b->family)
		return a->family < b->family ? -1 : 1;
	if (a->table != b->table)
		return a->table < b->table ? -1 : 1;
	if (metric_of(a) != metric_of(b))
		return metric_of(a) < metric_of(b) ? -1 : 1;
	if (a->prefixlen != b->prefixlen)
		return a->prefixlen < b->prefixlen ? -1 : 1;
	return memcmp(a->dst, b->dst, sizeof(a->dst));
}

/**
 * route_compare() - compare all of two routes but who made them, for qsort()
 * @a: a route
 * @b: another
 *
 * Return: less than, equal to or greater than 0.
 */
int route_compare(const void *a, const void *b)
{
	const struct file_route *one = &((const struct route *)a)->to;
	const struct file_route *two = &((const struct route *)b)->to;
	int order = route_compare_place(a, b);

	if (order)
		return order;
	if (one->has_gateway != two->has_gateway)
		return one->has_gateway ? 1 : -1;
	if (one->has_source != two->has_source)
		return one->has_source ? 1 : -1;
	order = memcmp(one->gateway, two->gateway, sizeof(one->gateway));
	if (order)
		return order;
	return memcmp(one->source, two->source, sizeof(one->source));
}

/**
 * route_text() - write a route as ip(8) takes it, without its device
 * @route: the route
 * @buf: where the text goes
 * @size: bytes there
 */
void route_text(const struct route *route, char *buf, size_t size)
{
	const struct file_route *to = &route->to;
	char addr[INET6_ADDRSTRLEN];
	int len;

	inet_ntop(to->family, to->dst, addr, sizeof(addr));
	len = snprintf(buf, size, "%s/%u", addr, to->prefixlen);
	if (to->has_gateway) {
		inet_ntop(to->family, to->gateway, addr, sizeof(addr));
		len += snprintf(buf + len, size - len, " via %s", addr);
	}
	if (to->has_source) {
		inet_ntop(to->family, to->source, addr, sizeof(addr));
		len += snprintf(buf + len, size - len, " src %s", addr);
	}
	if (metric_of(to) != usual_metric(to->family))
		len += snprintf(buf + len, size - len, " metric %u",
				to->metric);
	if (to->table != RT_TABLE_MAIN)
		snprintf(buf + len, size - len, " table %u", to->table);
}

static void put_ip(struct json_object *object, const char *name, int family,
		   const uint8_t *ip)
{
	char text[INET6_ADDRSTRLEN];

	inet_ntop(family, ip, text, sizeof(text));
	json_object_object_add(object, name, json_object_new_string(text));
}

/**
 * route_json() - make an object of a route
 * @route: the route
 *
 * Return: the object.
 */
struct json_object *route_json(const struct route *route)
{
	struct json_object *object = json_object_new_object();
	const struct file_route *to = &route->to;

	put_ip(object, "dst", to->family, to->dst);
	json_object_object_add(object, "prefixlen",
			       json_object_new_int(to->prefixlen));
	if (to->has_gateway)
		put_ip(object, "gateway", to->family, to->gateway);
	if (to->has_source)
		put_ip(object, "prefsrc", to->family, to->source);
	json_object_object_add(object, "metric",
			       json_object_new_int64(metric_of(to)));
	json_object_object_add(object, "table",
			       json_object_new_int64(to->table));
	return object;
}
