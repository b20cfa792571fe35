/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Outer addresses of either family in one type: an IPv4 address is its
 * IPv4-mapped IPv6 address (RFC 4291, section 2.5.5.2), which no packet has.
 */
#ifndef GRETUN_ADDR_H
#define GRETUN_ADDR_H

#include <net/ipv6.h>

/**
 * gretun_addr4 - an address from an IPv4 address
 * @ipv4: the IPv4 address, network byte order
 *
 * Context: any.
 * Return: the address.
 */
static inline struct in6_addr gretun_addr4(__be32 ipv4)
{
	struct in6_addr addr;

	ipv6_addr_set_v4mapped(ipv4, &addr);
	return addr;
}

/**
 * gretun_addr_ipv4 - the IPv4 address in an address
 * @addr: an address of that family
 *
 * Context: any.
 * Return: it, network byte order.
 */
static inline __be32 gretun_addr_ipv4(const struct in6_addr *addr)
{
	return addr->s6_addr32[3];
}

/**
 * gretun_addr_any - the unspecified address of a family
 * @v6: the family is IPv6
 *
 * Context: any.
 * Return: the address, :: or 0.0.0.0.
 */
static inline struct in6_addr gretun_addr_any(bool v6)
{
	return v6 ? in6addr_any : gretun_addr4(0);
}

/**
 * gretun_addr_is_any - is it the unspecified address of its family?
 * @addr: an address
 *
 * Context: any.
 * Return: true for 0.0.0.0 and for ::.
 */
static inline bool gretun_addr_is_any(const struct in6_addr *addr)
{
	return ipv6_addr_any(addr) ||
	       (ipv6_addr_v4mapped(addr) && !gretun_addr_ipv4(addr));
}

#endif /* GRETUN_ADDR_H */
