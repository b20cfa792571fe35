// SPDX-License-Identifier: GPL-2.0
/*
 * The steps of the route to the far end: there is one, it does not lead into
 * the tunnel, and the MTU of the tunnel fits it.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <linux/rtnetlink.h>

#include "check.h"

/* A tunnel may lead through others; more than that is a circle. */
#define NESTED 8

static void query_for(const struct tunnel *tunnel, bool ours,
		      struct route_query *query)
{
	memset(query, 0, sizeof(*query));
	query->dst = tunnel->outer[REMOTE];
	/* The kernel refuses to route what others send. */
	if (ours)
		query->src = tunnel->outer[LOCAL];
	query->oif = tunnel->value[GRETUN_A_TUNNEL_LINK];
	query->mark = tunnel->value[GRETUN_A_TUNNEL_FWMARK];
}

/* The route that there would be without the one that is no good. */
static void fix_route(struct check *check)
{
	const struct in6_addr *remote = &check->tunnel->outer[REMOTE];
	char dst[INET6_ADDRSTRLEN], via[INET6_ADDRSTRLEN];
	const struct device *dev = &check->local_dev;
	struct route_query query;
	struct route route = { .error = 1 };
	int bits = ip_is_ipv4(remote) ? 32 : 128;

	/* With a source, IPv6 does not stick to the device. */
	query_for(check->tunnel, false, &query);
	query.oif = dev->ifindex;
	if (dev->ifindex)
		route_get(&check->outside, &query, &route);
	ip_text(remote, dst);
	if (!route.error && !ip_is_any(&route.gateway))
		step_fix(check, "%s route replace %s/%d via %s dev %s",
			 check->outside.ip, dst, bits,
			 ip_text(&route.gateway, via), dev->name);
	else
		step_fix(check, "%s route replace %s/%d via GATEWAY%s%s",
			 check->outside.ip, dst, bits, *dev->name ? " dev " : "",
			 dev->name);
}

static void no_route(struct check *check)
{
	char dst[INET6_ADDRSTRLEN];

	ip_text(&check->tunnel->outer[REMOTE], dst);
	switch (check->route.error) {
	case EACCES:
		step(check, "route", PROBLEM,
		     "a route or rule of type prohibit refuses packets to %s",
		     dst);
		break;
	case EINVAL:
		step(check, "route", PROBLEM,
		     "a route or rule of type blackhole swallows packets to %s",
		     dst);
		break;
	case EHOSTUNREACH:
		step(check, "route", PROBLEM,
		     "there is no route to %s, or one of type unreachable",
		     dst);
		break;
	case ENETUNREACH:
		step(check, "route", PROBLEM, "there is no route to %s", dst);
		break;
	default:
		step(check, "route", PROBLEM,
		     "the kernel finds no route to %s: %s", dst,
		     strerror(check->route.error));
	}
	fix_route(check);
	step_stops(check, AT_GATEWAY);
}

static const struct tunnel *find_tunnel(const struct check *check,
					uint32_t ifindex)
{
	/* Where the outer packets are, another device has that index. */
	if (check->moved)
		return NULL;
	for (size_t i = 0; i < check->list.count; i++) {
		const struct tunnel *tunnel = &check->list.tunnel[i];

		if (tunnel->value[GRETUN_A_TUNNEL_IFINDEX] == ifindex &&
		    !tunnel->link_elsewhere)
			return tunnel;
	}
	return NULL;
}

static void route_text(const struct route *route, const char *dev, char *buf,
		       size_t size)
{
	char prefix[INET6_ADDRSTRLEN], gateway[INET6_ADDRSTRLEN];
	bool has_gateway = !ip_is_any(&route->gateway);
	int len;

	if (route->prefixlen)
		len = snprintf(buf, size, "%s/%u",
			       ip_text(&route->prefix, prefix),
			       route->prefixlen);
	else
		len = snprintf(buf, size, "default");
	snprintf(buf + len, size - len, "%s%s dev %s",
		 has_gateway ? " via " : "",
		 has_gateway ? ip_text(&route->gateway, gateway) : "", dev);
}

/*
 * Follow a route through the tunnels that it leads to. @through is set to the
 * first of them that is not the one checked, NULL without one.
 */
static bool leads_back(struct check *check, const struct tunnel **through)
{
	uint32_t oif = check->route.oif;

	*through = NULL;
	for (int i = 0; i < NESTED; i++) {
		const struct tunnel *next = find_tunnel(check, oif);
		struct route_query query;
		struct route route;

		if (next == check->tunnel)
			return true;
		if (!next || ip_is_any(&next->outer[REMOTE]))
			return false;
		if (!*through)
			*through = next;
		query_for(next, true, &query);
		route_get(&check->outside, &query, &route);
		if (route.error)
			return false;
		oif = route.oif;
	}
	/* A circle further on is the others' problem, and so this one's. */
	return true;
}

static bool is_loop(struct check *check)
{
	const struct tunnel *through;
	char text[160], dst[INET6_ADDRSTRLEN];

	if (!leads_back(check, &through))
		return false;
	route_text(&check->route, check->out_dev.name, text, sizeof(text));
	ip_text(&check->tunnel->outer[REMOTE], dst);
	if (through)
		step(check, "route", PROBLEM,
		     "the route to %s leads through %s back into this tunnel: %s",
		     dst, through->ifname, text);
	else
		step(check, "route", PROBLEM,
		     "the route to %s leads into the tunnel itself: %s", dst,
		     text);
	fix_route(check);
	step_stops(check, AT_GATEWAY);
	return true;
}

static void say_route(struct check *check)
{
	const struct tunnel *under = find_tunnel(check, check->route.oif);
	char text[160];

	route_text(&check->route, check->out_dev.name, text, sizeof(text));
	step(check, "route", FINE, "%s, MTU %u%s%s", text, check->route_mtu,
	     check->route.learned ? " as routers on the way say" : "",
	     under ? ", another tunnel" : "");
}

/**
 * check_route() - check the route to the far end
 * @check: the check
 */
void check_route(struct check *check)
{
	char dst[INET6_ADDRSTRLEN];
	struct route_query query;

	query_for(check->tunnel, check->local_dev.ifindex, &query);
	route_get(&check->outside, &query, &check->route);
	if (check->route.error) {
		no_route(check);
		return;
	}
	device_get(&check->outside, check->route.oif, &check->out_dev);
	check->route_mtu = check->route.mtu ? check->route.mtu :
					      check->out_dev.mtu;
	if (check->route.type == RTN_LOCAL) {
		step(check, "route", PROBLEM,
		     "%s, the far end, is an address of this host itself",
		     ip_text(&query.dst, dst));
		step_fix(check, "%s set %s remote ADDR", check->inside.gretun,
			 check->name);
		step_stops(check, AT_GATEWAY);
		return;
	}
	if (is_loop(check))
		return;
	check->routed = true;
	say_route(check);
}

/**
 * check_mtu() - check that the tunnel's MTU fits the route
 * @check: the check; its route is known
 */
void check_mtu(struct check *check)
{
	const struct tunnel *tunnel = check->tunnel;
	bool fixed = tunnel->value[GRETUN_A_TUNNEL_MTU];
	const char *why = fixed ? "which is set" : "automatic";
	uint64_t usual = 0;
	uint32_t fits;

	if (check->route_mtu <= tunnel->overhead)
		return;
	fits = check->route_mtu - tunnel->overhead;
	read_number("/proc/sys/net/gretun/default_mtu", &usual);
	if (fixed && tunnel->mtu == usual)
		why = "as net.gretun.default_mtu has it";
	if (tunnel->mtu > fits && check->route.learned) {
		step(check, "mtu", FINE,
		     "%u bytes, %s, of which routers on the way take %u for now",
		     tunnel->mtu, why, fits);
		return;
	}
	if (tunnel->mtu > fits) {
		step(check, "mtu", WARNING,
		     "%s has an MTU of %u, but with %u bytes of overhead only %u fit the route's %u",
		     check->name, tunnel->mtu, tunnel->overhead, fits,
		     check->route_mtu);
		if (fixed)
			step_fix(check, "%s set %s mtu auto",
				 check->inside.gretun, check->name);
		else
			step_fix(check, "%s set %s mtu %u",
				 check->inside.gretun, check->name, fits);
		return;
	}
	step(check, "mtu", FINE,
	     "%u bytes, %s, and %u of overhead fit the route's %u",
	     tunnel->mtu, why, tunnel->overhead, check->route_mtu);
}
