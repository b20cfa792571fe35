/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The table of what a tunnel has, for those who walk through it.
 */
#ifndef GRETUN_ATTRS_H
#define GRETUN_ATTRS_H

#include "cli.h"

#define A(name) GRETUN_A_TUNNEL_##name

/* How a word is used; the first bits are those of enum use. */
enum {
	NEEDED = BIT(2), /* by add */
	REPEATS = BIT(3),
	NONE = BIT(4),	    /* "none" is no value; set takes it away */
	NEW_LINE = BIT(5),  /* starts a line in what people read */
	BY_PACKET = BIT(6), /* each packet of an external device brings it */
};

struct attr {
	const char *word;
	unsigned int use;
	uint32_t type;	       /* of the netlink attribute, 0 for none */
	uint64_t also;	       /* bits of others that the word gives too */
	const char *values;    /* what may follow the word, NULL: nothing */
	const char *zero;      /* how 0 is written, NULL: as a number */
	const char *pair;      /* a value that is one with the word after it, or NULL */
	const char *follows;   /* the word that it must follow, NULL: any */
	const char *json_name; /* NULL: the word */
	const char *const *choice;
	uint32_t min, max;
	enum end end; /* of an address */
	/* Returns NULL, or what is wrong, which "" leaves to @values. */
	const char *(*parse)(const struct attr *attr, const char *text,
			     struct request *request);
	/* Returns whether there is something to print. */
	bool (*print)(const struct attr *attr, const struct tunnel *tunnel,
		      char *buf, size_t size);
	struct json_object *(*json)(const struct attr *attr,
				    const struct tunnel *tunnel);
};

/* In the order in which they are printed. The one without a word is the last. */
extern const struct attr attrs[];

/* There are fewer, so that a set of them fits into 32 bits. */
#define ATTRS_MAX 32

const struct attr *attr_find(const char *word, enum use use);

/* Bits of the netlink attributes that the word gives. */
static inline uint64_t attr_gives(const struct attr *attr)
{
	return attr->also | (attr->type ? BIT(attr->type) : 0);
}

static inline bool has(const struct tunnel *tunnel, uint32_t type)
{
	return tunnel->present & BIT(type);
}

/* The kernel says so also to whom it does not show the secret. */
static inline bool is_signed(const struct tunnel *tunnel)
{
	return has(tunnel, A(KEEPALIVE_SECRET)) || tunnel->keepalive_signed;
}

static inline void give(struct request *request, uint32_t type, uint32_t value)
{
	request->tunnel.value[type] = value;
	request->tunnel.present |= BIT(type);
}

static inline void give_address(struct request *request, enum end end,
				const struct in6_addr *ip)
{
	request->tunnel.outer[end] = *ip;
	if (end == LOCAL)
		request->tunnel.present |= ip_is_ipv4(ip) ? BIT(A(LOCAL_IPV4)) :
							    BIT(A(LOCAL_IPV6));
	else
		request->tunnel.present |= ip_is_ipv4(ip) ? BIT(A(REMOTE_IPV4)) :
							    BIT(A(REMOTE_IPV6));
}

#endif /* GRETUN_ATTRS_H */
