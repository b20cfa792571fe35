// SPDX-License-Identifier: GPL-2.0
/*
 * An [Address] and a [Route], when all lines of it were read.
 */
#include <arpa/inet.h>
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <linux/rtnetlink.h>
#include <netlink/route/route.h>

#include "reading.h"

/* Where the names of tables are, the first one that has it. */
static const char *const table_files[] = {
	"/etc/iproute2/rt_tables",
	"/usr/share/iproute2/rt_tables",
};

static void wrong_value(struct reading *reading, const struct ini_line *line,
			const char *right)
{
	struct place place = { reading->path, line->number };

	reading_wrong(reading, &place, line->key,
		      "'%s' is not right; it takes %s", line->value, right);
}

/* The same address is there already; tell where. */
static void same_address(struct reading *reading, const struct ini_line *line)
{
	const struct tunnel_file *file = reading->file;
	const struct tunnel *tunnel = &file->request.tunnel;
	struct place place = { reading->path, line->number };
	struct address address;
	size_t i = 0;

	parse_prefix(line->value, &address);
	while (i + 1 < tunnel->address_count &&
	       (tunnel->address[i].prefixlen != address.prefixlen ||
		memcmp(tunnel->address[i].local, address.local,
		       sizeof(address.local))))
		i++;
	reading_wrong(reading, &place, line->key,
		      "'%s': the same address is given twice, also %s",
		      line->value, where(reading, &file->address_place[i]));
}

/* Like the address before it, it may have the length of the prefix. */
static void add_peer(struct reading *reading, const struct ini_line *line)
{
	struct tunnel *tunnel = &reading->file->request.tunnel;
	const struct attr *attr = attr_find("peer", FOR_ADD);
	struct address with_length;
	char text[INET6_ADDRSTRLEN];
	const char *peer = line->value;

	if (parse_prefix(peer, &with_length) &&
	    with_length.prefixlen ==
		    tunnel->address[tunnel->address_count - 1].prefixlen)
		peer = inet_ntop(with_length.family, with_length.local, text,
				 sizeof(text));
	if (attr->parse(attr, peer, &reading->file->request))
		wrong_value(reading, line,
			    "another address of the same family, like 10.1.12.38");
}

/* The line of the section that is at its end, or NULL. */
static const struct ini_line *line_of(const struct reading *reading,
				      const char *section, const char *name)
{
	return reading->later[key_find(section, name) - keys];
}

/**
 * network_address() - take an address of the tunnel
 * @reading: the tunnel
 * @address: where the address stands
 * @peer: where that of the other end stands, or NULL
 */
void network_address(struct reading *reading, const struct ini_line *address,
		     const struct ini_line *peer)
{
	const struct attr *attr = attr_find("address", FOR_ADD);
	struct tunnel_file *file = reading->file;
	size_t count = file->request.tunnel.address_count;
	const char *reason;

	reason = attr->parse(attr, address->value, &file->request);
	if (reason && *reason) {
		same_address(reading, address);
	} else if (reason) {
		wrong_value(reading, address, attr->values);
	} else {
		file->address_place = grow(file->address_place, count,
					   sizeof(*file->address_place));
		file->address_place[count].path = reading->path;
		file->address_place[count].line = address->number;
		if (peer)
			add_peer(reading, peer);
	}
}

/**
 * address_end() - take what an [Address] says
 * @reading: the tunnel, with the lines of the section
 */
void address_end(struct reading *reading)
{
	const struct ini_line *address = line_of(reading, "Address", "Address");

	if (address)
		network_address(reading, address,
				line_of(reading, "Address", "Peer"));
	else
		reading_wrong(reading, &reading->object, "Address",
			      "missing; an [Address] needs it");
}

/* An address without the length of its prefix is that of a host. */
static bool parse_destination(const char *text, struct address *out)
{
	char host[INET6_ADDRSTRLEN + 4];

	if (strchr(text, '/') || strlen(text) >= INET6_ADDRSTRLEN)
		return parse_prefix(text, out);
	snprintf(host, sizeof(host), "%s/%s", text,
		 strchr(text, ':') ? "128" : "32");
	return parse_prefix(host, out);
}

/* Clears what is behind the prefix; returns whether there was something. */
static bool mask(struct address *address)
{
	bool changed = false;

	for (unsigned int i = 0; i < sizeof(address->local); i++) {
		unsigned int bits = address->prefixlen > 8 * i ?
					    address->prefixlen - 8 * i :
					    0;
		uint8_t keep = bits >= 8 ? 0xff : 0xff << (8 - bits);

		changed |= address->local[i] & ~keep;
		address->local[i] &= keep;
	}
	return changed;
}

static void set_destination(struct reading *reading,
			    const struct ini_line *line,
			    struct file_route *route)
{
	struct place place = { reading->path, line->number };
	char text[INET6_ADDRSTRLEN];
	struct address address;

	if (!parse_destination(line->value, &address)) {
		wrong_value(reading, line,
			    "an address and the length of its prefix, like 10.2.0.0/16");
		return;
	}
	if (mask(&address)) {
		inet_ntop(address.family, address.local, text, sizeof(text));
		reading_wrong(reading, &place, line->key,
			      "'%s' has bits behind its prefix; the network is %s/%u",
			      line->value, text, address.prefixlen);
	}
	route->family = address.family;
	route->prefixlen = address.prefixlen;
	memcpy(route->dst, address.local, sizeof(route->dst));
}

/* Of the route's family, which it gives if nothing did yet. */
static bool set_ip(struct reading *reading, const struct ini_line *line,
		   struct file_route *route, uint8_t *out)
{
	struct in6_addr ip;
	int family;

	if (!ip_parse(line->value, &ip) || ip_is_any(&ip)) {
		wrong_value(reading, line, "an IPv4 or IPv6 address");
		return false;
	}
	family = ip_is_ipv4(&ip) ? AF_INET : AF_INET6;
	if (route->family && route->family != family) {
		wrong_value(reading, line,
			    "an address of the family that the route has");
		return false;
	}
	route->family = family;
	memcpy(out, ip_bytes(&ip), family == AF_INET ? 4 : 16);
	return true;
}

static bool table_by_name(const char *name, uint32_t *table)
{
	static const struct {
		const char *name;
		uint32_t table;
	} known[] = {
		{ "main", RT_TABLE_MAIN },
		{ "local", RT_TABLE_LOCAL },
		{ "default", RT_TABLE_DEFAULT },
	};

	for (size_t i = 0; i < ARRAY_SIZE(known); i++) {
		*table = known[i].table;
		if (strcmp(name, known[i].name) == 0)
			return true;
	}
	/* libnl reads numbers too, in ways that parse_number() refuses. */
	if (!isalpha((unsigned char)*name))
		return false;
	for (size_t i = 0; i < ARRAY_SIZE(table_files); i++) {
		int found;

		if (rtnl_route_read_table_names(table_files[i]) < 0)
			continue;
		found = rtnl_route_str2table(name);
		*table = found;
		if (found > 0)
			return true;
	}
	return false;
}

/* The kernel gives a route of IPv6 this metric if none is given. */
static uint32_t metric_of(const struct file_route *route)
{
	return route->metric || route->family == AF_INET ? route->metric : 1024;
}

static bool is_same(const struct file_route *one, const struct file_route *two)
{
	return one->family == two->family &&
	       one->prefixlen == two->prefixlen && one->table == two->table &&
	       metric_of(one) == metric_of(two) &&
	       memcmp(one->dst, two->dst, sizeof(one->dst)) == 0;
}

static void add_route(struct reading *reading, const struct file_route *route)
{
	struct tunnel_file *file = reading->file;

	for (size_t i = 0; i < file->route_count; i++) {
		if (is_same(&file->route[i], route)) {
			reading_wrong(reading, &route->place, "Route",
				      "the same route is given twice, also %s; another needs another Metric= or Table=",
				      where(reading, &file->route[i].place));
			return;
		}
	}
	file->route = grow(file->route, file->route_count, sizeof(*route));
	file->route[file->route_count++] = *route;
}

/**
 * route_end() - take what a [Route] says
 * @reading: the tunnel, with the lines of the section
 */
void route_end(struct reading *reading)
{
	const struct ini_line *dst = line_of(reading, "Route", "Destination");
	const struct ini_line *gateway = line_of(reading, "Route", "Gateway");
	const struct ini_line *source = line_of(reading, "Route",
						"PreferredSource");
	const struct ini_line *metric = line_of(reading, "Route", "Metric");
	const struct ini_line *table = line_of(reading, "Route", "Table");
	struct file_route route = {
		.table = RT_TABLE_MAIN,
		.place = reading->object,
	};
	unsigned int errors = reading->errors;

	if (!dst && !gateway) {
		reading_wrong(reading, &reading->object, "Destination",
			      "missing; a [Route] needs it, or Gateway= for a default route");
		return;
	}
	if (dst)
		set_destination(reading, dst, &route);
	if (gateway)
		route.has_gateway = set_ip(reading, gateway, &route,
					   route.gateway);
	if (source)
		route.has_source = set_ip(reading, source, &route,
					  route.source);
	if (metric &&
	    !parse_number(metric->value, 0, UINT32_MAX, &route.metric))
		wrong_value(reading, metric, "a number from 0 to 4294967295");
	if (table &&
	    !parse_number(table->value, 1, UINT32_MAX, &route.table) &&
	    !table_by_name(table->value, &route.table))
		wrong_value(reading, table,
			    "a number from 1 to 4294967295, main, local, default, or a name of /etc/iproute2/rt_tables");
	/* Of a wrong one it is not known whether it is there already. */
	if (reading->errors == errors)
		add_route(reading, &route);
}
