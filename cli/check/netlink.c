// SPDX-License-Identifier: GPL-2.0
/*
 * What rtnetlink says of devices, routes and neighbours. Nothing is changed.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <linux/neighbour.h>
#include <linux/rtnetlink.h>

#include "check.h"

static struct nl_msg *request(int type, int flags, const void *header,
			      size_t size)
{
	struct nl_msg *msg = nlmsg_alloc_simple(type, flags);

	if (!msg || nlmsg_append(msg, (void *)header, size, NLMSG_ALIGNTO))
		out_of_memory();
	return msg;
}

static void put(struct nl_msg *msg, int type, const void *data, int size)
{
	if (nla_put(msg, type, size, data))
		out_of_memory();
}

static void put_number(struct nl_msg *msg, int type, uint32_t number)
{
	if (number)
		put(msg, type, &number, sizeof(number));
}

static int family_of(const struct in6_addr *ip)
{
	return ip_is_ipv4(ip) ? AF_INET : AF_INET6;
}

static int bits_of(const struct in6_addr *ip)
{
	return ip_is_ipv4(ip) ? 32 : 128;
}

static void put_ip(struct nl_msg *msg, int type, const struct in6_addr *ip)
{
	put(msg, type, ip_bytes(ip), bits_of(ip) / 8);
}

/**
 * address_ip() - take an address of a device out of its structure
 * @address: the address
 * @peer: the one at the other end, not this
 * @out: where it goes, :: if there is none
 */
void address_ip(const struct address *address, bool peer, struct in6_addr *out)
{
	bool ipv4 = address->family == AF_INET;
	const uint8_t *bytes = peer ? address->peer : address->local;

	ip_any(false, out);
	if (peer && !address->has_peer)
		return;
	ip_any(ipv4, out);
	memcpy((void *)ip_bytes(out), bytes, ipv4 ? 4 : 16);
}

static int on_device(struct nl_msg *msg, void *arg)
{
	struct ifinfomsg *header = nlmsg_data(nlmsg_hdr(msg));
	struct nlattr *attr, *inner;
	struct device *device = arg;
	int rest, left;

	device->ifindex = header->ifi_index;
	device->flags = header->ifi_flags;
	nlmsg_for_each_attr(attr, nlmsg_hdr(msg), sizeof(*header), rest) {
		switch (nla_type(attr)) {
		case IFLA_IFNAME:
			nla_strlcpy(device->name, attr, sizeof(device->name));
			break;
		case IFLA_MTU:
			device->mtu = nla_get_u32(attr);
			break;
		case IFLA_MASTER:
			device->master = nla_get_u32(attr);
			break;
		case IFLA_LINKINFO:
			nla_for_each_nested(inner, attr, left) {
				if (nla_type(inner) == IFLA_INFO_KIND)
					nla_strlcpy(device->kind, inner,
						    sizeof(device->kind));
			}
			break;
		}
	}
	return NL_OK;
}

/**
 * device_get() - read what a device is
 * @place: where it is
 * @ifindex: its index
 * @device: where it goes; its ifindex is 0 if it is not there
 */
void device_get(struct place *place, uint32_t ifindex, struct device *device)
{
	struct ifinfomsg header = { .ifi_index = ifindex };
	struct nl_msg *msg;

	memset(device, 0, sizeof(*device));
	if (!ifindex)
		return;
	msg = request(RTM_GETLINK, 0, &header, sizeof(header));
	conn_talk(&place->route, msg, on_device, device);
	nlmsg_free(msg);
}

static uint32_t mtu_of(struct nlattr *metrics)
{
	struct nlattr *attr;
	int rest;

	nla_for_each_nested(attr, metrics, rest) {
		if (nla_type(attr) == RTAX_MTU)
			return nla_get_u32(attr);
	}
	return 0;
}

static void get_via(const struct nlattr *attr, struct in6_addr *out)
{
	const struct rtvia *via = nla_data(attr);

	if (nla_len(attr) == sizeof(*via) + sizeof(*out))
		memcpy(out, via->rtvia_addr, sizeof(*out));
}

static int on_route(struct nl_msg *msg, void *arg)
{
	struct rtmsg *header = nlmsg_data(nlmsg_hdr(msg));
	struct route *route = arg;
	struct nlattr *attr;
	int rest;

	route->type = header->rtm_type;
	nlmsg_for_each_attr(attr, nlmsg_hdr(msg), sizeof(*header), rest) {
		const struct rta_cacheinfo *info = nla_data(attr);

		switch (nla_type(attr)) {
		case RTA_OIF:
			route->oif = nla_get_u32(attr);
			break;
		case RTA_GATEWAY:
			ip_get(attr, &route->gateway);
			break;
		case RTA_VIA:
			get_via(attr, &route->gateway);
			break;
		case RTA_PREFSRC:
			ip_get(attr, &route->source);
			break;
		case RTA_METRICS:
			route->mtu = mtu_of(attr);
			break;
		case RTA_CACHEINFO:
			if (nla_len(attr) >= (int)sizeof(*info))
				route->learned = info->rta_expires > 0;
			break;
		}
	}
	route->learned = route->learned && route->mtu;
	return NL_OK;
}

/* The entry of the table that the route comes from. */
static int on_entry(struct nl_msg *msg, void *arg)
{
	struct rtmsg *header = nlmsg_data(nlmsg_hdr(msg));
	struct route *route = arg;
	struct nlattr *attr;
	int rest;

	ip_any(header->rtm_family == AF_INET, &route->prefix);
	route->prefixlen = header->rtm_dst_len;
	route->table = header->rtm_table;
	nlmsg_for_each_attr(attr, nlmsg_hdr(msg), sizeof(*header), rest) {
		if (nla_type(attr) == RTA_DST)
			ip_get(attr, &route->prefix);
		if (nla_type(attr) == RTA_TABLE)
			route->table = nla_get_u32(attr);
	}
	return NL_OK;
}

static int ask_route(struct place *place, const struct route_query *query,
		     uint32_t flags, nl_recvmsg_msg_cb_t each,
		     struct route *route)
{
	struct rtmsg header = {
		.rtm_family = family_of(&query->dst),
		.rtm_dst_len = bits_of(&query->dst),
		.rtm_flags = flags,
	};
	bool has_src = !ip_is_any(&query->src);
	struct nl_msg *msg;
	int error;

	/* IPv6 does so anyway, and does not take the word. */
	if (ip_is_ipv4(&query->dst))
		header.rtm_flags |= RTM_F_LOOKUP_TABLE;
	if (has_src)
		header.rtm_src_len = bits_of(&query->src);
	msg = request(RTM_GETROUTE, 0, &header, sizeof(header));
	put_ip(msg, RTA_DST, &query->dst);
	if (has_src)
		put_ip(msg, RTA_SRC, &query->src);
	put_number(msg, RTA_OIF, query->oif);
	put_number(msg, RTA_IIF, query->iif);
	put_number(msg, RTA_MARK, query->mark);
	error = conn_talk(&place->route, msg, each, route);
	nlmsg_free(msg);
	return error;
}

/**
 * route_get() - ask which route a packet takes
 * @place: where
 * @query: the packet
 * @route: where the route goes
 */
void route_get(struct place *place, const struct route_query *query,
	       struct route *route)
{
	memset(route, 0, sizeof(*route));
	route->error = ask_route(place, query, 0, on_route, route);
	if (!route->error && !query->iif)
		ask_route(place, query, RTM_F_FIB_MATCH, on_entry, route);
}

static int on_neighbour(struct nl_msg *msg, void *arg)
{
	const struct ndmsg *header = nlmsg_data(nlmsg_hdr(msg));

	*(uint16_t *)arg = header->ndm_state;
	return NL_OK;
}

/**
 * neighbour_failed() - tell whether a neighbour does not say where it is
 * @place: where
 * @address: the neighbour's address
 * @ifindex: the device that leads to it
 *
 * Return: true if it was asked, by ARP or neighbour discovery, and said nothing.
 */
bool neighbour_failed(struct place *place, const struct in6_addr *address,
		      uint32_t ifindex)
{
	struct ndmsg header = {
		.ndm_family = family_of(address),
		.ndm_ifindex = ifindex,
	};
	uint16_t state = NUD_NONE;
	struct nl_msg *msg;

	msg = request(RTM_GETNEIGH, 0, &header, sizeof(header));
	put_ip(msg, NDA_DST, address);
	conn_talk(&place->route, msg, on_neighbour, &state);
	nlmsg_free(msg);
	return state & (NUD_INCOMPLETE | NUD_FAILED);
}

struct through {
	uint32_t ifindex;
	size_t count;
	char *first;
	size_t size;
};

static int on_through(struct nl_msg *msg, void *arg)
{
	struct rtmsg *header = nlmsg_data(nlmsg_hdr(msg));
	char text[INET6_ADDRSTRLEN];
	struct through *through = arg;
	struct in6_addr prefix;
	struct nlattr *attr;
	int rest;

	/* Those of the kernel come with an address of the device. */
	if (header->rtm_type != RTN_UNICAST ||
	    header->rtm_protocol == RTPROT_KERNEL)
		return NL_OK;
	ip_any(header->rtm_family == AF_INET, &prefix);
	nlmsg_for_each_attr(attr, nlmsg_hdr(msg), sizeof(*header), rest) {
		if (nla_type(attr) == RTA_OIF &&
		    nla_get_u32(attr) != through->ifindex)
			return NL_OK;
		if (nla_type(attr) == RTA_DST)
			ip_get(attr, &prefix);
	}
	if (!through->count++)
		snprintf(through->first, through->size, "%s/%u",
			 ip_text(&prefix, text), header->rtm_dst_len);
	return NL_OK;
}

/**
 * routes_through() - count the routes that lead to a device
 * @place: where it is
 * @ifindex: the device
 * @family: of the routes
 * @first: where the prefix of the first one goes
 * @size: bytes there
 *
 * Routes that the kernel made for an address of the device do not count.
 *
 * Return: how many.
 */
size_t routes_through(struct place *place, uint32_t ifindex, int family,
		      char *first, size_t size)
{
	struct rtmsg header = { .rtm_family = family };
	struct through through = {
		.ifindex = ifindex,
		.first = first,
		.size = size,
	};
	struct nl_msg *msg;

	msg = request(RTM_GETROUTE, NLM_F_DUMP, &header, sizeof(header));
	put_number(msg, RTA_OIF, ifindex);
	conn_talk(&place->route, msg, on_through, &through);
	nlmsg_free(msg);
	return through.count;
}
