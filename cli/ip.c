// SPDX-License-Identifier: GPL-2.0
/*
 * Outer addresses. Both families have one form here, struct in6_addr, where
 * 192.0.2.1 is ::ffff:192.0.2.1: what only carries an address along, or
 * compares two, need not know the family.
 */
#include <arpa/inet.h>
#include <string.h>
#include <netlink/attr.h>

#include "cli.h"

/* Where the four bytes of IPv4 are. */
#define IPV4_OFFSET 12

/**
 * ip_is_ipv4() - tell the family
 * @ip: the address
 *
 * Return: true for IPv4, false for IPv6.
 */
bool ip_is_ipv4(const struct in6_addr *ip)
{
	return IN6_IS_ADDR_V4MAPPED(ip);
}

/**
 * ip_is_any() - tell the address of all zeros, of either family
 * @ip: the address
 *
 * Return: whether it is that.
 */
bool ip_is_any(const struct in6_addr *ip)
{
	struct in6_addr any;

	ip_any(ip_is_ipv4(ip), &any);
	return ip_equal(ip, &any);
}

/**
 * ip_equal() - compare two addresses
 * @one: an address
 * @two: another, of any family
 *
 * Return: whether they are the same.
 */
bool ip_equal(const struct in6_addr *one, const struct in6_addr *two)
{
	return memcmp(one, two, sizeof(*one)) == 0;
}

/**
 * ip_any() - make the address of all zeros
 * @ipv4: of IPv4, not of IPv6
 * @out: where it goes
 */
void ip_any(bool ipv4, struct in6_addr *out)
{
	memset(out, 0, sizeof(*out));
	if (ipv4)
		memset(out->s6_addr + IPV4_OFFSET - 2, 0xff, 2);
}

/**
 * ip_is_for_host() - tell an address that a host can have as its own
 * @family: AF_INET or AF_INET6
 * @ip: the address as it is on the wire
 *
 * Return: whether it is one.
 */
bool ip_is_for_host(int family, const uint8_t *ip)
{
	static const uint8_t loopback[16] = { [15] = 1 }, any[16] = { 0 };

	if (family == AF_INET)
		return ip[0] != 0 && ip[0] != 127 && ip[0] < 224;
	return ip[0] != 0xff && memcmp(ip, any, sizeof(any)) &&
	       memcmp(ip, loopback, sizeof(loopback));
}

/**
 * ip_bytes() - find the address as it is on the wire
 * @ip: the address
 *
 * Return: 4 bytes for IPv4, 16 for IPv6.
 */
const void *ip_bytes(const struct in6_addr *ip)
{
	return ip->s6_addr + (ip_is_ipv4(ip) ? IPV4_OFFSET : 0);
}

/**
 * ip_get() - read an address out of a message
 * @attr: the attribute; its length tells the family
 * @out: where the address goes
 *
 * Return: whether there is one.
 */
bool ip_get(struct nlattr *attr, struct in6_addr *out)
{
	bool ipv4 = nla_len(attr) == sizeof(struct in_addr);

	if (!ipv4 && nla_len(attr) != sizeof(*out))
		return false;
	ip_any(ipv4, out);
	memcpy(out->s6_addr + (ipv4 ? IPV4_OFFSET : 0), nla_data(attr),
	       nla_len(attr));
	return true;
}

/**
 * ip_parse() - read an address from a word
 * @text: the word
 * @out: where the address goes
 *
 * There is one way to write each: ::ffff:192.0.2.1 is none.
 *
 * Return: whether @text is an address.
 */
bool ip_parse(const char *text, struct in6_addr *out)
{
	ip_any(true, out);
	if (inet_pton(AF_INET, text, out->s6_addr + IPV4_OFFSET) == 1)
		return true;
	return inet_pton(AF_INET6, text, out) == 1 && !ip_is_ipv4(out);
}

/**
 * ip_text() - write an address
 * @ip: the address
 * @buf: where the text goes, INET6_ADDRSTRLEN bytes
 *
 * Return: @buf.
 */
const char *ip_text(const struct in6_addr *ip, char *buf)
{
	return inet_ntop(ip_is_ipv4(ip) ? AF_INET : AF_INET6, ip_bytes(ip), buf,
			 INET6_ADDRSTRLEN);
}
