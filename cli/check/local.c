// SPDX-License-Identifier: GPL-2.0
/*
 * The step of the local address: it is one of this host, on a device that is
 * up and where the tunnel looks for it.
 */
#include <stdio.h>
#include <string.h>

#include "check.h"

static uint32_t owner_of(const struct check *check, const struct in6_addr *ip)
{
	const struct tunnel_list *list = &check->outside.addresses;
	struct in6_addr address;

	for (size_t i = 0; i < list->address_count; i++) {
		address_ip(&list->address[i], false, &address);
		if (ip_equal(&address, ip))
			return list->address[i].ifindex;
	}
	return 0;
}

static void not_ours(struct check *check)
{
	const struct tunnel *tunnel = check->tunnel;
	const struct in6_addr *local = &tunnel->outer[LOCAL];
	char ip[INET6_ADDRSTRLEN], source[INET6_ADDRSTRLEN];
	struct route_query query = {
		.dst = tunnel->outer[REMOTE],
		.oif = tunnel->value[GRETUN_A_TUNNEL_LINK],
		.mark = tunnel->value[GRETUN_A_TUNNEL_FWMARK],
	};
	struct device device = { 0 };
	struct route route = { .error = 1 };

	ip_text(local, ip);
	if (check->has_remote)
		route_get(&check->outside, &query, &route);
	if (!route.error)
		device_get(&check->outside, route.oif, &device);
	if (!*device.name) {
		step(check, "local", PROBLEM,
		     "%s is not an address of this host", ip);
		step_fix(check, "%s addr add %s/%d dev DEV", check->outside.ip,
			 ip, ip_is_ipv4(local) ? 32 : 128);
	} else if (strcmp(device.name, check->name) == 0 ||
		   ip_is_any(&route.source)) {
		step(check, "local", PROBLEM,
		     "%s is not an address of this host", ip);
		step_fix(check, "%s addr add %s/%d dev lo", check->outside.ip,
			 ip, ip_is_ipv4(local) ? 32 : 128);
	} else {
		step(check, "local", PROBLEM,
		     "%s is not an address of this host; packets to the far end leave through %s, whose address is %s",
		     ip, device.name, ip_text(&route.source, source));
		step_fix(check, "%s set %s local %s", check->inside.gretun,
			 check->name, source);
	}
	step_stops(check, AT_LOCAL);
}

static bool is_vrf(const struct device *device)
{
	return strcmp(device->kind, "vrf") == 0;
}

/* In a VRF an address is found only by what is bound to the VRF. */
static bool check_vrf(struct check *check, const char *ip)
{
	const struct device *dev = &check->local_dev;
	struct device master, link;

	device_get(&check->outside, dev->master, &master);
	device_get(&check->outside,
		   check->tunnel->value[GRETUN_A_TUNNEL_LINK], &link);
	if (is_vrf(&master) && !link.ifindex) {
		step(check, "local", PROBLEM,
		     "%s is on %s, which is in VRF %s, but the tunnel is not bound to that",
		     ip, dev->name, master.name);
		step_fix(check, "%s set %s dev %s", check->inside.gretun,
			 check->name, master.name);
		return false;
	}
	if (is_vrf(&link) && dev->master != link.ifindex &&
	    dev->ifindex != link.ifindex) {
		step(check, "local", PROBLEM,
		     "%s is on %s, which is not in VRF %s that the tunnel is bound to",
		     ip, dev->name, link.name);
		step_fix(check, "%s link set %s master %s", check->outside.ip,
			 dev->name, link.name);
		return false;
	}
	return true;
}

/* What keeps the device from having an address for the tunnel. */
static void check_missing(struct check *check)
{
	const struct tunnel *tunnel = check->tunnel;
	bool ipv4 = ip_is_ipv4(&tunnel->outer[REMOTE]);
	const char *name = tunnel->local_dev;
	struct device dev;

	device_get(&check->outside, if_nametoindex(name), &dev);
	if (!dev.ifindex) {
		step(check, "local", PROBLEM,
		     "there is no device %s, whose address is to be the local one",
		     name);
	} else if (!(dev.flags & IFF_UP)) {
		step(check, "local", PROBLEM,
		     "%s, whose address is to be the local one, is down", name);
		step_fix(check, "%s link set %s up", check->outside.ip, name);
	} else if (tunnel->reason == GRETUN_DOWN_REASON_RIVAL) {
		step(check, "local", PROBLEM,
		     "with the address of %s another tunnel would have the same local address, remote address and key",
		     name);
	} else {
		step(check, "local", PROBLEM,
		     "%s has no %s address that can be the local one", name,
		     ipv4 ? "IPv4" : "IPv6");
	}
	step_stops(check, AT_LOCAL);
}

/**
 * check_local() - check that the local address is ours, on a device that is up
 * @check: the check
 */
void check_local(struct check *check)
{
	const struct in6_addr *local = &check->tunnel->outer[LOCAL];
	struct device *dev = &check->local_dev;
	char ip[INET6_ADDRSTRLEN];
	uint32_t owner;

	if (local_missing(check->tunnel)) {
		check_missing(check);
		return;
	}
	if (ip_is_any(local)) {
		step(check, "local", FINE, "any address of this host");
		return;
	}
	owner = owner_of(check, local);
	if (!owner) {
		not_ours(check);
		return;
	}
	device_get(&check->outside, owner, dev);
	ip_text(local, ip);
	if (!(dev->flags & IFF_UP)) {
		step(check, "local", PROBLEM, "%s is on %s, which is down", ip,
		     dev->name);
		step_fix(check, "%s link set %s up", check->outside.ip,
			 dev->name);
	} else if (!(dev->flags & IFF_RUNNING)) {
		step(check, "local", PROBLEM,
		     "%s is on %s, which has no carrier; look at its cable or its other end",
		     ip, dev->name);
	} else if (check_vrf(check, ip)) {
		step(check, "local", FINE, "%s is on %s, which is up", ip,
		     dev->name);
		step_reached(check, AT_LOCAL);
		return;
	}
	step_stops(check, AT_GATEWAY);
}
