// SPDX-License-Identifier: GPL-2.0
/*
 * Makes the other end out of this one: what is local there is remote here.
 */
#include <arpa/inet.h>
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "dialects.h"

/* What a new tunnel has unless the host says otherwise. */
#define DEFAULT_TTL 64

/* For an address that nobody can guess. */
#define TO_CHOOSE "ADDRESS"

/* For a name that is not plain. */
#define PLAIN_NAME "gre1"

#define IPV4_HEADER 20
#define IPV6_HEADER 40
#define GRE_HEADER 4
#define GRE_OPTION 4
#define ENCAP_LIMIT_OPTION 8
#define UDP_HEADER 8

/**
 * tunnel_overhead() - count what a tunnel adds to a packet
 * @tunnel: the tunnel
 *
 * Return: that, in bytes.
 */
uint32_t tunnel_overhead(const struct tunnel *tunnel)
{
	uint32_t bytes = GRE_HEADER;

	bytes += ip_is_ipv4(&tunnel->outer[LOCAL]) ? IPV4_HEADER : IPV6_HEADER;
	if (tunnel->value[A(CSUM)])
		bytes += GRE_OPTION;
	if (has(tunnel, A(OKEY)))
		bytes += GRE_OPTION;
	if (tunnel->value[A(SEQ)])
		bytes += GRE_OPTION;
	if (has(tunnel, A(ENCAP_LIMIT)))
		bytes += ENCAP_LIMIT_OPTION;
	if (tunnel->value[A(ENCAP)])
		bytes += UDP_HEADER;
	return bytes;
}

/**
 * tunnel_complete() - add what the kernel would, had it made the tunnel
 * @tunnel: the tunnel, as words or a file say it
 */
void tunnel_complete(struct tunnel *tunnel)
{
	if (!has(tunnel, A(TTL)))
		tunnel->value[A(TTL)] = DEFAULT_TTL;
	if (!ip_is_ipv4(&tunnel->outer[LOCAL]))
		tunnel->present |= BIT(A(FLOWLABEL_MODE));
	tunnel->overhead = tunnel_overhead(tunnel);
	tunnel->mtu = tunnel->value[A(MTU)];
	if (!tunnel->mtu)
		tunnel->mtu = UNDERLAY_MTU - tunnel->overhead;
}

static size_t address_size(int family)
{
	return family == AF_INET ? 4 : 16;
}

/* Set the bits behind the prefix to 0. */
static void mask(uint8_t *bytes, size_t size, unsigned int prefixlen)
{
	for (size_t i = 0; i < size; i++) {
		unsigned int left = prefixlen > 8 * i ? prefixlen - 8 * i : 0;

		if (left < 8)
			bytes[i] &= 0xff << (8 - left);
	}
}

/*
 * The other address of a prefix that has two. Of four the first and the last
 * are not for hosts in IPv4 (broadcast); in IPv6 the first is that of all
 * routers, and a network of four is used as in IPv4.
 */
static bool find_other(const struct address *address, uint8_t *out)
{
	size_t size = address_size(address->family);
	uint8_t *last = &out[size - 1];
	unsigned int host = 8 * size - address->prefixlen;

	memcpy(out, address->local, size);
	if (host == 1) {
		*last ^= 1;
		return true;
	}
	*last ^= 3;
	return host == 2 && (address->local[size - 1] & 3) % 3;
}

static void mirror_address(const struct address *here,
			   const struct address *other, struct far_end *far)
{
	struct tunnel *tunnel = &far->tunnel;
	struct address address = *here;
	uint8_t network[16] = { 0 };
	struct in_addr netmask;
	struct inner *inner;

	far->inner = grow(far->inner, far->inner_count, sizeof(*inner));
	inner = &far->inner[far->inner_count++];
	memset(inner, 0, sizeof(*inner));
	inner->family = here->family;
	inner->prefixlen = here->prefixlen;
	inner->peer = here->has_peer;
	inner->known = true;
	memcpy(address.peer, here->local, sizeof(address.peer));
	if (here->has_peer)
		memcpy(address.local, here->peer, sizeof(address.local));
	else if (other)
		memcpy(address.local, other->local, sizeof(address.local));
	else
		inner->known = find_other(here, address.local);

	if (inner->known) {
		tunnel->address = grow(tunnel->address, tunnel->address_count,
				       sizeof(address));
		tunnel->address[tunnel->address_count++] = address;
		inet_ntop(inner->family, address.local, inner->local,
			  sizeof(inner->local));
	} else {
		strcpy(inner->local, TO_CHOOSE);
	}
	inet_ntop(inner->family, here->local, inner->remote,
		  sizeof(inner->remote));
	memcpy(network, here->local, sizeof(network));
	mask(network, address_size(inner->family), inner->prefixlen);
	inet_ntop(inner->family, network, inner->network,
		  sizeof(inner->network));
	if (inner->family == AF_INET) {
		memset(&netmask, 0xff, sizeof(netmask));
		mask((uint8_t *)&netmask, sizeof(netmask), inner->prefixlen);
		inet_ntop(AF_INET, &netmask, inner->netmask,
			  sizeof(inner->netmask));
	}
}

/**
 * address_is_own() - tell an address that no other end has anything to do with
 * @address: the address
 *
 * Return: whether it is link-local; each end has its own of these.
 */
bool address_is_own(const struct address *address)
{
	return address->family == AF_INET6 && address->local[0] == 0xfe &&
	       (address->local[1] & 0xc0) == 0x80;
}

static void swap_keys(const struct tunnel *here, struct tunnel *tunnel)
{
	tunnel->present &= ~(BIT(A(IKEY)) | BIT(A(OKEY)));
	tunnel->value[A(IKEY)] = here->value[A(OKEY)];
	tunnel->value[A(OKEY)] = here->value[A(IKEY)];
	if (has(here, A(OKEY)))
		tunnel->present |= BIT(A(IKEY));
	if (has(here, A(IKEY)))
		tunnel->present |= BIT(A(OKEY));
}

/* What others than this host may choke on is no name for the other end. */
static bool is_plain(const char *name)
{
	for (const char *c = name; *c; c++) {
		if (!isalnum((unsigned char)*c) && !strchr("._-", *c))
			return false;
	}
	return true;
}

/* The number in the name of a device, or 0. */
static unsigned int find_unit(const char *name)
{
	const char *digits = name + strlen(name);

	while (digits > name && digits[-1] >= '0' && digits[-1] <= '9')
		digits--;
	/* Nobody has more of them. */
	return strlen(digits) > 4 ? 0 : strtoul(digits, NULL, 10);
}

/**
 * mirror() - make the other end of a tunnel
 * @here: this end, complete
 * @other: the address there that goes with the first one here, NULL if the
 *	   prefix tells it
 * @far: where the other end goes; mirror_free() frees what it has
 *
 * The device, the mark and the fast path are each host's own business.
 */
void mirror(const struct tunnel *here, const struct address *other,
	    struct far_end *far)
{
	static const uint32_t own[] = { A(IFINDEX), A(LINK), A(FWMARK), A(FASTPATH) };
	struct tunnel *tunnel = &far->tunnel;
	uint32_t overhead = tunnel_overhead(here);

	memset(far, 0, sizeof(*far));
	*tunnel = *here;
	tunnel->address = NULL;
	tunnel->address_count = 0;
	tunnel->outer[LOCAL] = here->outer[REMOTE];
	tunnel->outer[REMOTE] = here->outer[LOCAL];
	tunnel->present &= ~BIT(A(LOCAL_DEV));
	far->follows = has(here, A(LOCAL_DEV)) ? here->local_dev : NULL;
	swap_keys(here, tunnel);
	for (size_t i = 0; i < ARRAY_SIZE(own); i++)
		tunnel->value[own[i]] = 0;
	tunnel->overhead = tunnel_overhead(tunnel);
	/* The same room on the way, but its own header. */
	if (!here->value[A(MTU)])
		tunnel->mtu = here->mtu + overhead - tunnel->overhead;

	ip_text(&tunnel->outer[LOCAL], far->local);
	ip_text(&tunnel->outer[REMOTE], far->remote);
	far->ipv6 = !ip_is_ipv4(&tunnel->outer[LOCAL]);
	if (!is_plain(here->ifname))
		strcpy(tunnel->ifname, PLAIN_NAME);
	far->unit = find_unit(tunnel->ifname);
	for (size_t i = 0; i < here->address_count; i++) {
		if (address_is_own(&here->address[i]))
			continue;
		mirror_address(&here->address[i], i ? NULL : other, far);
	}
}

/**
 * mirror_free() - free what the other end has
 * @far: the other end
 */
void mirror_free(struct far_end *far)
{
	free(far->tunnel.address);
	free(far->inner);
}
