// SPDX-License-Identifier: GPL-2.0
/*
 * The local address of tunnels that follow a device: whether there is one.
 */
#include <ifaddrs.h>
#include <stdio.h>
#include <string.h>

#include "cli.h"

/**
 * local_missing() - does a tunnel wait for its local address?
 * @tunnel: the tunnel, as the kernel has it
 *
 * Return: whether it follows a device, and has no address of it.
 */
bool local_missing(const struct tunnel *tunnel)
{
	return *tunnel->local_dev && ip_is_any(&tunnel->outer[LOCAL]);
}

/**
 * local_state() - say why a tunnel has no local address
 * @tunnel: the tunnel, which waits for it
 *
 * Return: that, in few words for people.
 */
const char *local_state(const struct tunnel *tunnel)
{
	return tunnel->reason == GRETUN_DOWN_REASON_RIVAL ? "rival" :
							    "no address";
}

/**
 * local_print() - print which address a tunnel that follows a device has
 * @tunnel: the tunnel
 * @before: what to print before it
 *
 * Nothing is printed if it follows none.
 */
void local_print(const struct tunnel *tunnel, const char *before)
{
	const struct in6_addr *local = &tunnel->outer[LOCAL];
	char ip[INET6_ADDRSTRLEN], name[NAME_TEXT];

	if (!*tunnel->local_dev)
		return;
	name_text(tunnel->local_dev, name);
	if (!ip_is_any(local))
		printf("%s%s of %s", before, ip_text(local, ip), name);
	else if (tunnel->reason == GRETUN_DOWN_REASON_RIVAL)
		printf("%snone, as with the address of %s another tunnel would be the same",
		       before, name);
	else
		printf("%snone, until %s is up and has an %s address", before,
		       name,
		       ip_is_ipv4(&tunnel->outer[REMOTE]) ? "IPv4" : "IPv6");
}

static bool is_usable(const struct sockaddr *sockaddr, bool ipv4,
		      struct in6_addr *out)
{
	if (ipv4) {
		const struct sockaddr_in *in = (const void *)sockaddr;
		uint32_t host = ntohl(in->sin_addr.s_addr);

		ip_any(true, out);
		memcpy(&out->s6_addr[12], &in->sin_addr, sizeof(in->sin_addr));
		return host >> 24 != IN_LOOPBACKNET;
	}
	*out = ((const struct sockaddr_in6 *)(const void *)sockaddr)->sin6_addr;
	return !IN6_IS_ADDR_LOOPBACK(out) && !IN6_IS_ADDR_LINKLOCAL(out);
}

/**
 * local_find() - find the address that a tunnel which follows a device would have
 * @ifname: the device
 * @ipv4: of which family
 * @out: where it goes
 *
 * Return: whether there is one.
 */
bool local_find(const char *ifname, bool ipv4, struct in6_addr *out)
{
	int family = ipv4 ? AF_INET : AF_INET6;
	struct ifaddrs *all;
	bool found = false;

	if (getifaddrs(&all))
		return false;
	for (struct ifaddrs *one = all; one && !found; one = one->ifa_next) {
		if (one->ifa_addr && one->ifa_addr->sa_family == family &&
		    strcmp(one->ifa_name, ifname) == 0)
			found = is_usable(one->ifa_addr, ipv4, out);
	}
	freeifaddrs(all);
	return found;
}
