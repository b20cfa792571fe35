// SPDX-License-Identifier: GPL-2.0
/*
 * The steps of what sysctl(8) sets: whether what the far end sends is taken
 * for forged, and whether packets of others are forwarded into the tunnel.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <linux/rtnetlink.h>

#include "check.h"

/* So many devices are looked at. */
#define DEVICES 64

/* As rp_filter says it. */
#define STRICT 1

#define CONF "/proc/sys/net/ipv4/conf/"

static uint64_t setting(const char *dev, const char *name)
{
	uint64_t number = 0;
	char path[128];

	snprintf(path, sizeof(path), CONF "%s/%s", dev, name);
	read_number(path, &number);
	return number;
}

/* The larger of the two counts. */
static uint64_t rp_filter(const char *dev)
{
	uint64_t all = setting("all", "rp_filter");
	uint64_t own = setting(dev, "rp_filter");

	return own > all ? own : all;
}

/*
 * What the kernel does with a packet of the far end that comes in there: EXDEV
 * if rp_filter drops it, EINVAL if it cannot be. Newer kernels say the latter of
 * both.
 */
static int receive(struct check *check, const struct device *dev)
{
	const struct tunnel *tunnel = check->tunnel;
	struct route_query query = {
		.dst = tunnel->outer[LOCAL],
		.src = tunnel->outer[REMOTE],
		.iif = dev->ifindex,
	};
	struct route route;

	route_get(&check->outside, &query, &route);
	if (route.error == EINVAL && rp_filter(dev->name) == STRICT)
		route.error = EXDEV;
	return route.error;
}

static void fix_rp_filter(struct check *check, const char *dev)
{
	step_fix(check, "%ssysctl -w net.ipv4.conf.%s.rp_filter=2",
		 check->outside.exec, dev);
}

/* Whether packets that come in through @dev would be taken. */
static bool check_in(struct check *check, const struct device *dev)
{
	char remote[INET6_ADDRSTRLEN];

	ip_text(&check->tunnel->outer[REMOTE], remote);
	switch (receive(check, dev)) {
	case EXDEV:
		step(check, "rp_filter",
		     dev->ifindex == check->out_dev.ifindex ? PROBLEM : WARNING,
		     "what %s sends is dropped if it comes in through %s: rp_filter is strict there, and the route back does not leave through it",
		     remote, dev->name);
		fix_rp_filter(check, dev->name);
		return false;
	case EINVAL:
		step(check, "rp_filter", PROBLEM,
		     "what %s sends through %s is dropped as impossible (martian): this host's own routes say that it cannot come from there",
		     remote, dev->name);
		return false;
	default:
		return true;
	}
}

/* How many packets rp_filter has dropped in this netns. */
static uint64_t dropped(void)
{
	static const char between[] = { ' ', '\n', '\0' };
	FILE *file = fopen("/proc/net/netstat", "re");
	char *names = NULL, *values = NULL, *name, *value;
	char *names_left, *values_left;
	size_t names_size = 0, values_size = 0;
	uint64_t count = 0;

	if (!file)
		return 0;
	/* The names stand in one line, the values in the next. */
	while (getline(&names, &names_size, file) > 0 &&
	       getline(&values, &values_size, file) > 0) {
		name = strtok_r(names, between, &names_left);
		value = strtok_r(values, between, &values_left);
		while (name && value) {
			if (strcmp(name, "IPReversePathFilter") == 0)
				count = strtoull(value, NULL, 10);
			name = strtok_r(NULL, between, &names_left);
			value = strtok_r(NULL, between, &values_left);
		}
	}
	free(names);
	free(values);
	fclose(file);
	return count;
}

/**
 * check_rp_filter() - check that what the far end sends passes rp_filter
 * @check: the check; its local address and its route are good
 *
 * IPv6 has no such thing.
 */
void check_rp_filter(struct check *check)
{
	static const char *const modes[] = { "off", "strict", "loose" };
	const struct device *out = &check->out_dev;
	uint64_t mode;

	if (!ip_is_ipv4(&check->tunnel->outer[LOCAL]))
		return;
	check->martians = dropped();
	if (!check_in(check, out) ||
	    (check->local_dev.ifindex != out->ifindex &&
	     !check_in(check, &check->local_dev)))
		return;
	mode = rp_filter(out->name);
	step(check, "rp_filter", FINE, "%s on %s, and the route back is the same",
	     mode < ARRAY_SIZE(modes) ? modes[mode] : "on", out->name);
}

/**
 * check_rp_filter_after() - check whether rp_filter dropped answers to probes
 * @check: the check; probes were sent, and not all were answered
 */
void check_rp_filter_after(struct check *check)
{
	const struct tunnel_list *list = &check->outside.addresses;
	uint64_t count = dropped() - check->martians;
	char strict[IFNAMSIZ] = "";
	int looked_at = 0, strict_count = 0;
	struct device device;
	uint32_t last = 0;

	if (!ip_is_ipv4(&check->tunnel->outer[LOCAL]) || !check->routed ||
	    !count)
		return;
	for (size_t i = 0; i < list->address_count && looked_at < DEVICES;
	     i++) {
		uint32_t ifindex = list->address[i].ifindex;

		if (ifindex == last || list->address[i].family != AF_INET)
			continue;
		last = ifindex;
		looked_at++;
		device_get(&check->outside, ifindex, &device);
		if (device.flags & IFF_LOOPBACK ||
		    device.flags & IFF_POINTOPOINT ||
		    receive(check, &device) != EXDEV)
			continue;
		strict_count++;
		strcpy(strict, device.name);
	}
	step(check, "rp_filter", PROBLEM,
	     "while the far end was asked, rp_filter dropped %llu packets of this host; answers seem to come in through %s where it is strict, and the route back does not leave there",
	     (unsigned long long)count,
	     strict_count == 1 ? strict : "a device");
	fix_rp_filter(check, strict_count == 1 ? strict : "all");
	step_stops(check, AT_REMOTE);
}

/* Whether there may be other hosts behind another device of this one. */
static bool others(struct check *check, char *name)
{
	const struct tunnel_list *list = &check->inside.addresses;
	struct device device;
	uint32_t last = 0;
	int looked_at = 0;

	for (size_t i = 0; i < list->address_count && looked_at < DEVICES; i++) {
		uint32_t ifindex = list->address[i].ifindex;

		if (ifindex == last)
			continue;
		last = ifindex;
		looked_at++;
		device_get(&check->inside, ifindex, &device);
		if (device.flags & IFF_LOOPBACK || !(device.flags & IFF_UP) ||
		    device.flags & IFF_POINTOPOINT ||
		    strcmp(device.kind, "dummy") == 0)
			continue;
		if (!check->moved &&
		    (ifindex == check->out_dev.ifindex ||
		     ifindex == check->local_dev.ifindex))
			continue;
		strcpy(name, device.name);
		return true;
	}
	return false;
}

static bool forwards(const struct check *check, int family)
{
	uint64_t number = 1;

	if (family == AF_INET)
		return setting(check->name, "forwarding");
	read_number("/proc/sys/net/ipv6/conf/all/forwarding", &number);
	return number;
}

static void fix_forwarding(struct check *check, int family)
{
	step_fix(check, "%ssysctl -w net.%s=1", check->inside.exec,
		 family == AF_INET ? "ipv4.ip_forward" :
				     "ipv6.conf.all.forwarding");
}

/**
 * check_forwarding() - check that packets of others can get into the tunnel
 * @check: the check
 *
 * A host that uses the tunnel alone needs no forwarding. One with routes into
 * the tunnel and others behind another device most likely does.
 */
void check_forwarding(struct check *check)
{
	static const int families[] = { AF_INET, AF_INET6 };
	uint32_t ifindex = check->tunnel->value[GRETUN_A_TUNNEL_IFINDEX];
	char first[INET6_ADDRSTRLEN + 4], dev[IFNAMSIZ];
	bool any = false;

	for (size_t i = 0; i < ARRAY_SIZE(families); i++) {
		int family = families[i];
		const char *version = family == AF_INET ? "IPv4" : "IPv6";

		if (!routes_through(&check->inside, ifindex, family, first,
				    sizeof(first)))
			continue;
		any = true;
		if (forwards(check, family)) {
			step(check, "forwarding", FINE,
			     "routes like %s lead into %s, and %s is forwarded",
			     first, check->name, version);
		} else if (others(check, dev)) {
			step(check, "forwarding", PROBLEM,
			     "routes like %s lead into %s, but %s is not forwarded: nothing of the hosts behind %s gets there",
			     first, check->name, version, dev);
			fix_forwarding(check, family);
		} else {
			step(check, "forwarding", WARNING,
			     "routes like %s lead into %s, but %s is not forwarded: only this host can use them",
			     first, check->name, version);
			fix_forwarding(check, family);
		}
	}
	if (!any)
		step(check, "forwarding", FINE,
		     "no routes beyond its own prefix lead into %s, so only this host uses it",
		     check->name);
}
