// SPDX-License-Identifier: GPL-2.0
/*
 * Lists what must change for tunnels to become what they shall be.
 */
#include <stdlib.h>
#include <string.h>

#include "apply.h"

static const struct {
	uint32_t type, option;
} options[] = {
	{ A(IKEY), GRETUN_OPTION_IKEY },
	{ A(OKEY), GRETUN_OPTION_OKEY },
	{ A(ENCAP_LIMIT), GRETUN_OPTION_ENCAP_LIMIT },
	{ A(KEEPALIVE_SECRET), GRETUN_OPTION_KEEPALIVE_SECRET },
};

static const struct side nothing;

static void add(struct plan *plan, enum change_kind kind, struct pair *pair,
		size_t which, bool silent)
{
	plan->change = grow(plan->change, plan->change_count,
			    sizeof(*plan->change));
	plan->change[plan->change_count++] = (struct change){
		.kind = kind,
		.pair = pair,
		.which = which,
		.silent = silent,
	};
}

static bool is_outer(uint32_t type, enum end *end)
{
	*end = type == A(LOCAL_IPV4) || type == A(LOCAL_IPV6) ? LOCAL : REMOTE;
	return *end == LOCAL || type == A(REMOTE_IPV4) ||
	       type == A(REMOTE_IPV6);
}

static int secrets_compare(const struct tunnel *one, const struct tunnel *two)
{
	return memcmp(one->secret, two->secret, SECRET_LEN);
}

/**
 * difference() - find what to set so that a tunnel becomes another
 * @now: what it is
 * @want: what it shall be, of the same family
 * @out: where what to set goes
 *
 * Return: whether there is something.
 */
bool difference(const struct side *now, const struct side *want,
		struct tunnel *out)
{
	const struct tunnel *one = &now->tunnel, *two = &want->tunnel;
	uint32_t unset = 0;
	enum end end;

	memset(out, 0, sizeof(*out));
	for (uint32_t type = A(LOCAL_IPV4); type <= A(MAX); type++) {
		bool same = one->value[type] == two->value[type];

		if (!has(two, type))
			continue;
		if (type == A(LOCAL_DEV)) {
			same = strcmp(one->local_dev, two->local_dev) == 0;
			strcpy(out->local_dev, two->local_dev);
		} else if (is_outer(type, &end)) {
			/* The address of a device comes and goes by itself. */
			if (end == LOCAL && has(two, A(LOCAL_DEV)))
				continue;
			same = ip_equal(&one->outer[end], &two->outer[end]) &&
			       !(end == LOCAL && has(one, A(LOCAL_DEV)));
			out->outer[end] = two->outer[end];
		}
		if (type == A(KEEPALIVE_SECRET)) {
			same = secrets_compare(one, two) == 0;
			memcpy(out->secret, two->secret, SECRET_LEN);
		}
		if (same && has(one, type))
			continue;
		out->value[type] = two->value[type];
		out->present |= BIT(type);
	}
	for (size_t i = 0; i < ARRAY_SIZE(options); i++) {
		if (has(one, options[i].type) && !has(two, options[i].type))
			unset |= options[i].option;
	}
	if (unset) {
		out->value[A(UNSET)] = unset;
		out->present |= BIT(A(UNSET));
	}
	return out->present;
}

static int compare_bytes(const uint8_t *one, const uint8_t *two)
{
	return memcmp(one, two, 16);
}

static int by_address(const void *a, const void *b)
{
	const struct address *one = *(const struct address *const *)a;
	const struct address *two = *(const struct address *const *)b;
	int order = compare_bytes(one->local, two->local);

	if (one->family != two->family)
		return one->family < two->family ? -1 : 1;
	if (order)
		return order;
	if (one->prefixlen != two->prefixlen)
		return one->prefixlen < two->prefixlen ? -1 : 1;
	return compare_bytes(one->peer, two->peer);
}

static int by_route(const void *a, const void *b)
{
	return route_compare(*(const void *const *)a, *(const void *const *)b);
}

/* Things of the same kind, some of which are on one side alone. */
struct things {
	const char *base;
	size_t count;
	const void **order;
	bool *alone;
};

static void sort(struct things *things, const void *base, size_t count,
		 size_t size, int (*compare)(const void *, const void *))
{
	things->base = base;
	things->count = count;
	things->order = calloc(count + 1, sizeof(*things->order));
	things->alone = calloc(count + 1, sizeof(*things->alone));
	if (!things->order || !things->alone)
		out_of_memory();
	for (size_t i = 0; i < count; i++)
		things->order[i] = things->base + i * size;
	qsort(things->order, count, sizeof(*things->order), compare);
}

static void mark(struct things *things, size_t which, size_t size)
{
	things->alone[((const char *)things->order[which] - things->base) /
		      size] = true;
}

/* Both sorted, one walk finds what only one of them has. */
static void split(struct things *now, struct things *want, size_t size,
		  int (*compare)(const void *, const void *))
{
	size_t i = 0, j = 0;

	while (i < now->count || j < want->count) {
		int order = i == now->count  ? 1 :
			    j == want->count ? -1 :
					       compare(&now->order[i],
						       &want->order[j]);

		if (order < 0)
			mark(now, i, size);
		if (order > 0)
			mark(want, j, size);
		i += order <= 0;
		j += order >= 0;
	}
}

static void things_free(struct things *things)
{
	free(things->order);
	free(things->alone);
}

static bool same_bits(const uint8_t *one, const uint8_t *two, unsigned int bits)
{
	unsigned int rest = bits % 8;

	if (memcmp(one, two, bits / 8))
		return false;
	return !rest || !((one[bits / 8] ^ two[bits / 8]) >> (8 - rest));
}

static const uint8_t *other_end(const struct address *address)
{
	return address->has_peer ? address->peer : address->local;
}

/*
 * Whether an address must go for another to come. IPv6 has each once; with one
 * of the same subnet less, an IPv4 address would be a secondary one, which goes
 * together with the first.
 */
static bool in_the_way(const struct address *old, const struct address *fresh)
{
	if (old->family != fresh->family)
		return false;
	if (old->family == AF_INET6)
		return memcmp(old->local, fresh->local, 16) == 0;
	return old->prefixlen == fresh->prefixlen &&
	       same_bits(other_end(old), other_end(fresh), old->prefixlen);
}

static void diff_addresses(struct plan *plan, struct pair *pair,
			   const struct side *now)
{
	const struct address *old = now->tunnel.address;
	const struct address *new = pair->want.tunnel.address;
	struct things a, b;

	sort(&a, old, now->tunnel.address_count, sizeof(*old), by_address);
	sort(&b, new, pair->want.tunnel.address_count, sizeof(*new),
	     by_address);
	split(&a, &b, sizeof(*old), by_address);
	for (size_t i = 0; i < a.count && !pair->anew; i++) {
		bool early = false;

		if (!a.alone[i] || old[i].proto != GRETUN_PROTO)
			continue;
		for (size_t j = 0; j < b.count && !early; j++)
			early = b.alone[j] && in_the_way(&old[i], &new[j]);
		add(plan, early ? ADDRESS_DEL_EARLY : ADDRESS_DEL, pair, i,
		    false);
	}
	for (size_t i = 0; i < b.count; i++) {
		if ((b.alone[i] || pair->anew) && !address_by_kernel(&new[i]))
			add(plan, ADDRESS_ADD, pair, i, !b.alone[i]);
	}
	things_free(&a);
	things_free(&b);
}

static void diff_routes(struct plan *plan, struct pair *pair,
			const struct side *now)
{
	struct things a, b;

	sort(&a, now->route, now->route_count, sizeof(*now->route), by_route);
	sort(&b, pair->want.route, pair->want.route_count,
	     sizeof(*now->route), by_route);
	split(&a, &b, sizeof(*now->route), by_route);
	for (size_t i = 0; i < a.count && !pair->anew; i++) {
		if (a.alone[i] && now->route[i].proto == GRETUN_PROTO)
			add(plan, ROUTE_DEL, pair, i, false);
	}
	for (size_t i = 0; i < b.count; i++) {
		if (b.alone[i] || pair->anew)
			add(plan, ROUTE_ADD, pair, i, !b.alone[i]);
	}
	things_free(&a);
	things_free(&b);
}

/* Its family, and whether it is external, a tunnel keeps. */
static bool must_be_anew(const struct pair *pair)
{
	const struct tunnel *now = &pair->now->tunnel;
	const struct tunnel *want = &pair->want.tunnel;

	return ip_is_ipv4(&now->outer[REMOTE]) !=
		       ip_is_ipv4(&want->outer[REMOTE]) ||
	       now->value[A(EXTERNAL)] != want->value[A(EXTERNAL)];
}

/*
 * What another tunnel may wait for, such as a key that becomes free, is set
 * early; the device to bind to may have to be made first.
 */
static void add_set(struct plan *plan, struct pair *pair)
{
	add(plan, SET, pair, 0, false);
	if (pair->depth)
		add(plan, BIND, pair, 0, true);
}

static void diff_pair(struct plan *plan, struct pair *pair)
{
	const struct side *now = pair->now ? pair->now : &nothing;
	struct tunnel change;

	if (!pair->wanted) {
		add(plan, DEL, pair, 0, false);
		return;
	}
	if (pair->anew)
		add(plan, DEL_EARLY, pair, 0, true);
	if (!pair->now || pair->anew)
		add(plan, NEW, pair, 0, false);
	else if (difference(now, &pair->want, &change) || pair->depth)
		add_set(plan, pair);
	if (pair->now && !pair->anew &&
	    (now->tunnel.flags ^ pair->want.tunnel.flags) & IFF_UP)
		add(plan, LINK_STATE, pair, 0, false);
	diff_addresses(plan, pair, now);
	diff_routes(plan, pair, now);
}

/* How many of the tunnels it is bound to are to be made before it. */
static unsigned int depth_of(const struct plan *plan, const struct pair *pair)
{
	unsigned int depth = 0;

	while (*pair->want.dev && depth <= plan->count) {
		pair = plan_find(plan, pair->want.dev);
		if (!pair || !pair->wanted || (pair->now && !pair->anew))
			break;
		depth++;
	}
	return depth;
}

static int compare_places(const void *a, const void *b)
{
	return route_compare_place(*(const struct route *const *)a,
				   *(const struct route *const *)b);
}

/**
 * ends_compare() - compare what the kernel knows a tunnel by, which no other may
 *	have
 * @one: a tunnel
 * @two: another
 *
 * Return: less than, equal to or greater than 0.
 */
int ends_compare(const struct tunnel *one, const struct tunnel *two)
{
	int order = memcmp(one->outer, two->outer, sizeof(one->outer));

	if (order)
		return order;
	if (has(one, A(IKEY)) != has(two, A(IKEY)))
		return has(one, A(IKEY)) ? 1 : -1;
	if (one->value[A(IKEY)] != two->value[A(IKEY)])
		return one->value[A(IKEY)] < two->value[A(IKEY)] ? -1 : 1;
	return (int)one->value[A(EXTERNAL)] - (int)two->value[A(EXTERNAL)];
}

static int compare_ends(const void *a, const void *b)
{
	return ends_compare(*(const struct tunnel *const *)a,
			    *(const struct tunnel *const *)b);
}

static int compare_secrets(const void *a, const void *b)
{
	return secrets_compare(*(const struct tunnel *const *)a,
			       *(const struct tunnel *const *)b);
}

/* A tunnel that goes last is there if something fails, but not in the way. */
static void find_early(struct plan *plan)
{
	const struct tunnel **ends = calloc(plan->change_count + 1,
					    sizeof(*ends));
	const struct tunnel **secrets = calloc(plan->change_count + 1,
					       sizeof(*secrets));
	const struct route **routes = calloc(plan->change_count + 1,
					     sizeof(*routes));
	size_t end_count = 0, secret_count = 0, route_count = 0;

	if (!ends || !secrets || !routes)
		out_of_memory();
	for (size_t i = 0; i < plan->change_count; i++) {
		const struct change *change = &plan->change[i];
		const struct side *want = &change->pair->want;

		if (change->kind == NEW || change->kind == SET) {
			ends[end_count++] = &want->tunnel;
			if (has(&want->tunnel, A(KEEPALIVE_SECRET)))
				secrets[secret_count++] = &want->tunnel;
		} else if (change->kind == ROUTE_ADD) {
			routes[route_count++] = &want->route[change->which];
		}
	}
	qsort(secrets, secret_count, sizeof(*secrets), compare_secrets);
	qsort(ends, end_count, sizeof(*ends), compare_ends);
	qsort(routes, route_count, sizeof(*routes), compare_places);
	for (size_t i = 0; i < plan->change_count; i++) {
		const struct side *now = plan->change[i].pair->now;
		const struct tunnel *end = now ? &now->tunnel : NULL;
		bool early;

		if (plan->change[i].kind != DEL)
			continue;
		early = bsearch(&end, ends, end_count, sizeof(*ends),
				compare_ends) ||
			(has(end, A(KEEPALIVE_SECRET)) &&
			 bsearch(&end, secrets, secret_count, sizeof(*secrets),
				 compare_secrets));
		for (size_t j = 0; j < now->route_count && !early; j++) {
			const struct route *route = &now->route[j];

			early = bsearch(&route, routes, route_count,
					sizeof(*routes), compare_places);
		}
		if (early)
			plan->change[i].kind = DEL_EARLY;
	}
	free(ends);
	free(secrets);
	free(routes);
}

static void start(struct plan *plan)
{
	free(plan->change);
	plan->change = NULL;
	plan->change_count = 0;
	for (size_t i = 0; i < plan->count; i++) {
		struct pair *pair = &plan->pair[i];

		pair->anew = pair->wanted && pair->now && must_be_anew(pair);
	}
}

/**
 * diff() - list all that must change
 * @plan: the plan, whose pairs have both sides; it is given the changes
 */
void diff(struct plan *plan)
{
	start(plan);
	for (size_t i = 0; i < plan->count; i++) {
		struct pair *pair = &plan->pair[i];

		pair->depth = depth_of(plan, pair);
		if (pair->wanted || pair->now)
			diff_pair(plan, pair);
	}
	find_early(plan);
}

/**
 * diff_again() - list what the kernel took away with something else
 * @plan: the plan, whose tunnels were read again
 *
 * With the first IPv4 address of a subnet the others go, with the last one of
 * a device its routes, and with a device that is set down its IPv6 addresses.
 */
void diff_again(struct plan *plan)
{
	start(plan);
	for (size_t i = 0; i < plan->count; i++) {
		struct pair *pair = &plan->pair[i];

		if (!pair->touched || !pair->wanted || !pair->now)
			continue;
		diff_addresses(plan, pair, pair->now);
		diff_routes(plan, pair, pair->now);
	}
}
