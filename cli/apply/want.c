// SPDX-License-Identifier: GPL-2.0
/*
 * What a tunnel shall be: what its file says; for what the file leaves out,
 * what a new tunnel has; and the addresses and routes that others gave it.
 */
#include <stdlib.h>
#include <string.h>
#include <linux/if_addr.h>

#include "apply.h"

#define D(name) GRETUN_A_DEFAULTS_##name

/* What every tunnel has, in bits, and what one over IPv6 has besides. */
#define ALL                                                               \
	(BIT(A(LINK)) | BIT(A(TTL)) | BIT(A(TOS)) | BIT(A(TOS_INHERIT)) | \
	 BIT(A(CSUM)) | BIT(A(SEQ)) | BIT(A(DF)) | BIT(A(MTU)) |          \
	 BIT(A(FWMARK)) | BIT(A(FASTPATH)) | BIT(A(EXTERNAL)) |           \
	 BIT(A(MSS_CLAMP)) | BIT(A(ENCAP)) |                              \
	 BIT(A(KEEPALIVE_PERIOD)) | BIT(A(KEEPALIVE_RETRIES)))
#define ALL_IPV6 (BIT(A(FLOWLABEL)) | BIT(A(FLOWLABEL_MODE)))

/* What the module has for a tunnel without keepalives. */
#define KEEPALIVE_RETRIES 3

#define ADDRESSES                                   \
	(BIT(A(LOCAL_IPV4)) | BIT(A(REMOTE_IPV4)) | \
	 BIT(A(LOCAL_IPV6)) | BIT(A(REMOTE_IPV6)))

/*
 * The address that a device has, as a tunnel that follows it says. It is only to
 * see which tunnels would be each other's rivals.
 */
static void find_local(const struct plan *plan, struct tunnel *tunnel)
{
	bool ipv4 = ip_is_ipv4(&tunnel->outer[REMOTE]);

	ip_any(ipv4, &tunnel->outer[LOCAL]);
	for (size_t i = 0; i < plan->before.count; i++) {
		const struct tunnel *one = &plan->before.side[i].tunnel;

		if (!has(one, A(LOCAL_DEV)) || local_missing(one) ||
		    one->link_elsewhere ||
		    ip_is_ipv4(&one->outer[LOCAL]) != ipv4 ||
		    strcmp(one->local_dev, tunnel->local_dev))
			continue;
		tunnel->outer[LOCAL] = one->outer[LOCAL];
		return;
	}
}

/* An external device has no peer, and its local address may be any. */
static void get_outer(const struct plan *plan, const struct pair *pair,
		      struct request *full)
{
	const struct request *given = &pair->file->request;
	struct in6_addr local = given->tunnel.outer[LOCAL];
	struct in6_addr remote = pair->file->host ?
					 pair->remote :
					 given->tunnel.outer[REMOTE];

	if (given->tunnel.value[A(EXTERNAL)]) {
		if (!(given->tunnel.present & ADDRESSES))
			ip_any(true, &local);
		ip_any(ip_is_ipv4(&local), &remote);
	}
	give_address(full, REMOTE, &remote);
	if (!has(&given->tunnel, A(LOCAL_DEV))) {
		give_address(full, LOCAL, &local);
		return;
	}
	full->tunnel.present |= BIT(A(LOCAL_DEV));
	strcpy(full->tunnel.local_dev, given->tunnel.local_dev);
	find_local(plan, &full->tunnel);
}

static void get_attrs(const struct plan *plan, const struct pair *pair,
		      struct tunnel *out)
{
	const struct request *given = &pair->file->request;
	struct request full = { 0 };

	full.tunnel.present = ALL;
	full.tunnel.value[A(TTL)] = plan->defaults[D(TTL)];
	full.tunnel.value[A(MTU)] = plan->defaults[D(MTU)];
	full.tunnel.value[A(KEEPALIVE_RETRIES)] = KEEPALIVE_RETRIES;
	strcpy(full.tunnel.ifname, given->tunnel.ifname);
	get_outer(plan, pair, &full);
	if (!ip_is_ipv4(&full.tunnel.outer[REMOTE]))
		full.tunnel.present |= ALL_IPV6;
	for (uint32_t type = 1; type <= A(MAX); type++) {
		if (given->tunnel.present & ~ADDRESSES & BIT(type))
			give(&full, type, given->tunnel.value[type]);
	}
	memcpy(full.tunnel.secret, given->tunnel.secret, SECRET_LEN);
	*out = full.tunnel;
	out->flags = given->down ? 0 : IFF_UP;
}

static void add_address(struct tunnel *tunnel, const struct address *address,
			uint8_t proto)
{
	tunnel->address = grow(tunnel->address, tunnel->address_count,
			       sizeof(*address));
	tunnel->address[tunnel->address_count] = *address;
	tunnel->address[tunnel->address_count++].proto = proto;
}

static void add_route(struct side *side, const struct route *route)
{
	side->route = grow(side->route, side->route_count, sizeof(*route));
	side->route[side->route_count++] = *route;
}

/**
 * want_get() - find out what a tunnel shall be
 * @plan: the plan
 * @pair: the tunnel, of which the file is known
 */
void want_get(const struct plan *plan, struct pair *pair)
{
	const struct tunnel_file *file = pair->file;
	const struct tunnel *given = &file->request.tunnel;
	struct side *want = &pair->want;

	get_attrs(plan, pair, &want->tunnel);
	if (file->request.dev)
		strncpy(want->dev, file->request.dev, IFNAMSIZ - 1);
	for (size_t i = 0; i < given->address_count; i++)
		add_address(&want->tunnel, &given->address[i], GRETUN_PROTO);
	/* Through a device that is down there is no route. */
	for (size_t i = 0; i < file->route_count && !file->request.down; i++) {
		struct route route = {
			.to = file->route[i],
			.proto = GRETUN_PROTO,
		};

		add_route(want, &route);
	}
}

/**
 * address_by_kernel() - tell the addresses that the kernel makes by itself
 * @address: the address
 *
 * Return: whether it is one.
 */
bool address_by_kernel(const struct address *address)
{
	return address->proto == IFAPROT_KERNEL_LO ||
	       address->proto == IFAPROT_KERNEL_RA ||
	       address->proto == IFAPROT_KERNEL_LL;
}

static bool same_address(const struct address *one, const struct address *two)
{
	return one->family == two->family &&
	       memcmp(one->local, two->local, sizeof(one->local)) == 0;
}

/*
 * Whether the file has it too, be it with another prefix or peer, which one
 * address of IPv6 cannot have beside it.
 */
static bool address_in_file(const struct pair *pair, const struct address *address)
{
	const struct tunnel *given = &pair->file->request.tunnel;

	for (size_t i = 0; i < given->address_count; i++) {
		if (same_address(&given->address[i], address) &&
		    (address->family == AF_INET6 ||
		     (given->address[i].prefixlen == address->prefixlen &&
		      memcmp(given->address[i].peer, address->peer,
			     sizeof(address->peer)) == 0)))
			return true;
	}
	return false;
}

static bool route_in_file(const struct pair *pair, const struct route *route)
{
	for (size_t i = 0; i < pair->file->route_count; i++) {
		if (route_compare(&pair->want.route[i], route) == 0)
			return true;
	}
	return false;
}

/**
 * want_keep() - let a tunnel keep what others gave it
 * @pair: the tunnel, of which it is known what it was
 */
void want_keep(struct pair *pair)
{
	const struct side *before = pair->before;

	for (size_t i = 0; i < before->tunnel.address_count; i++) {
		const struct address *address = &before->tunnel.address[i];

		if (address->proto != GRETUN_PROTO && !address_by_kernel(address) &&
		    !address_in_file(pair, address))
			add_address(&pair->want.tunnel, address,
				    address->proto);
	}
	for (size_t i = 0; i < before->route_count; i++) {
		if (before->route[i].proto != GRETUN_PROTO &&
		    pair->want.tunnel.flags & IFF_UP &&
		    !route_in_file(pair, &before->route[i]))
			add_route(&pair->want, &before->route[i]);
	}
}

/**
 * want_same() - let a tunnel be what it was
 * @pair: the tunnel, which has no file
 */
void want_same(struct pair *pair)
{
	const struct side *before = pair->before;
	struct side *want = &pair->want;

	*want = *before;
	want->tunnel.address = NULL;
	want->tunnel.address_count = 0;
	want->route = NULL;
	want->route_count = 0;
	for (size_t i = 0; i < before->tunnel.address_count; i++)
		add_address(&want->tunnel, &before->tunnel.address[i],
			    before->tunnel.address[i].proto);
	for (size_t i = 0; i < before->route_count; i++)
		add_route(want, &before->route[i]);
}

/**
 * want_free() - free what the others here took
 * @pair: the tunnel
 */
void want_free(struct pair *pair)
{
	free(pair->want.tunnel.address);
	free(pair->want.route);
}
