// SPDX-License-Identifier: GPL-2.0
/*
 * The one table of what a tunnel has: the word on the command line, the
 * netlink attribute, how its value is read from a word, and how it is printed.
 */
#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <json-c/json_object.h>
#include <netlink/attr.h>

#include "attrs.h"

/* What each attribute takes on the wire, in bytes. */
/* clang-format off */
static const uint8_t wire_size[A(MAX) + 1] = {
	[A(IFINDEX)] = 4,	[A(LOCAL_IPV4)] = 4,	[A(REMOTE_IPV4)] = 4,
	[A(LINK)] = 4,		[A(TTL)] = 1,		[A(TOS)] = 1,
	[A(TOS_INHERIT)] = 1,	[A(IKEY)] = 4,		[A(OKEY)] = 4,
	[A(UNSET)] = 4,		[A(CSUM)] = 1,		[A(SEQ)] = 1,
	[A(DF)] = 1,		[A(MTU)] = 4,		[A(FWMARK)] = 4,
	[A(FASTPATH)] = 1,	[A(EXTERNAL)] = 1,
};

/* clang-format on */

static bool has(const struct tunnel *tunnel, uint32_t type)
{
	return tunnel->present & BIT(type);
}

/* Whether this is the tunnel's to say. */
static bool applies(const struct attr *attr, const struct tunnel *tunnel)
{
	return !(attr->use & BY_PACKET && tunnel->value[A(EXTERNAL)]);
}

/* Readers of words. */

static const char *parse_value(const struct attr *attr, const char *text,
			       struct request *request)
{
	uint32_t value = 0;
	bool good;

	if (attr->choice)
		good = parse_choice(text, attr->choice, &value);
	else if (attr->zero && strcmp(text, attr->zero) == 0)
		good = true;
	else
		good = parse_number(text, attr->min, attr->max, &value);
	if (!good)
		return "";
	give(request, attr->type, value);
	return NULL;
}

static const char *parse_ipv4(const struct attr *attr, const char *text,
			      struct request *request)
{
	struct in_addr addr;

	if (inet_pton(AF_INET, text, &addr) != 1)
		return "";
	give(request, attr->type, addr.s_addr);
	return NULL;
}

static const char *parse_dev(const struct attr *attr, const char *text,
			     struct request *request)
{
	if (strcmp(text, attr->zero) == 0)
		give(request, attr->type, 0);
	else
		request->dev = text;
	return NULL;
}

#define NO_INHERIT \
	"inherit is refused: packets with a TTL of 1, such as those of OSPF and RIP, could not cross the tunnel; it takes a number from 1 to 255"

static const char *parse_ttl(const struct attr *attr, const char *text,
			     struct request *request)
{
	if (strcmp(text, "inherit") == 0)
		return NO_INHERIT;
	return parse_value(attr, text, request);
}

static const char *parse_tos(const struct attr *attr, const char *text,
			     struct request *request)
{
	bool inherit = strcmp(text, "inherit") == 0;
	uint32_t value;

	(void)attr;
	if (!inherit) {
		if (!parse_number(text, 0, UINT8_MAX, &value))
			return "";
		/* They belong to ECN. */
		if (value & 3)
			return "";
		give(request, A(TOS), value);
	}
	give(request, A(TOS_INHERIT), inherit);
	return NULL;
}

static const char *parse_keys(const struct attr *attr, const char *text,
			      struct request *request)
{
	uint32_t both = BIT(attr->type) | attr->also;
	uint32_t value;

	if (!parse_key(text, &value))
		return "";
	if (both & BIT(A(IKEY)))
		give(request, A(IKEY), value);
	if (both & BIT(A(OKEY)))
		give(request, A(OKEY), value);
	return NULL;
}

static const char *parse_address(const struct attr *attr, const char *text,
				 struct request *request)
{
	struct tunnel *tunnel = &request->tunnel;
	struct address address;

	(void)attr;
	if (!parse_prefix(text, &address))
		return "";
	for (size_t i = 0; i < tunnel->address_count; i++) {
		const struct address *other = &tunnel->address[i];

		if (other->family == address.family &&
		    other->prefixlen == address.prefixlen &&
		    memcmp(other->local, address.local,
			   sizeof(address.local)) == 0)
			return "the same address is given twice";
	}
	tunnel->address = grow(tunnel->address, tunnel->address_count,
			       sizeof(address));
	tunnel->address[tunnel->address_count++] = address;
	return NULL;
}

static const char *parse_peer_of(const struct attr *attr, const char *text,
				 struct request *request)
{
	struct tunnel *tunnel = &request->tunnel;

	(void)attr;
	/* FOLLOWS sees to it that there is an address. */
	if (!parse_peer(text, &tunnel->address[tunnel->address_count - 1]))
		return "";
	return NULL;
}

static const char *parse_external(const struct attr *attr, const char *text,
				  struct request *request)
{
	(void)text;
	give(request, attr->type, 1);
	return NULL;
}

static const char *parse_down(const struct attr *attr, const char *text,
			      struct request *request)
{
	(void)attr;
	(void)text;
	request->down = true;
	return NULL;
}

/* Printers for people. */

static bool print_value(const struct attr *attr, const struct tunnel *tunnel,
			char *buf, size_t size)
{
	uint32_t value = tunnel->value[attr->type];

	if (attr->choice)
		snprintf(buf, size, "%s",
			 value < attr->max ? attr->choice[value] : "?");
	else if (attr->zero && !value)
		snprintf(buf, size, "%s", attr->zero);
	else
		snprintf(buf, size, "%u", value);
	return true;
}

static bool print_ipv4(const struct attr *attr, const struct tunnel *tunnel,
		       char *buf, size_t size)
{
	return tunnel->value[attr->type] &&
	       inet_ntop(AF_INET, &tunnel->value[attr->type], buf, size);
}

static bool print_dev(const struct attr *attr, const struct tunnel *tunnel,
		      char *buf, size_t size)
{
	uint32_t link = tunnel->value[attr->type];
	char name[IFNAMSIZ];

	if (link && !tunnel->link_elsewhere && if_indextoname(link, name))
		snprintf(buf, size, "%s", name);
	else
		snprintf(buf, size, "if%u", link);
	return link;
}

static bool print_tos(const struct attr *attr, const struct tunnel *tunnel,
		      char *buf, size_t size)
{
	if (!tunnel->value[A(TOS_INHERIT)])
		return print_value(attr, tunnel, buf, size);
	snprintf(buf, size, "inherit");
	return true;
}

static bool same_keys(const struct tunnel *tunnel)
{
	return has(tunnel, A(IKEY)) && has(tunnel, A(OKEY)) &&
	       tunnel->value[A(IKEY)] == tunnel->value[A(OKEY)];
}

static bool print_key(const struct attr *attr, const struct tunnel *tunnel,
		      char *buf, size_t size)
{
	/* "key" says it in one word when it can. */
	if (same_keys(tunnel) != !!attr->also || !has(tunnel, attr->type))
		return false;
	return print_value(attr, tunnel, buf, size);
}

static bool print_unless_0(const struct attr *attr,
			   const struct tunnel *tunnel, char *buf, size_t size)
{
	return tunnel->value[attr->type] &&
	       print_value(attr, tunnel, buf, size);
}

/* Printers for programs. */

static struct json_object *json_text(const struct attr *attr,
				     const struct tunnel *tunnel)
{
	char buf[64];

	if (!attr->print(attr, tunnel, buf, sizeof(buf)))
		return NULL;
	return json_object_new_string(buf);
}

static struct json_object *json_number(const struct attr *attr,
				       const struct tunnel *tunnel)
{
	return json_object_new_int64(tunnel->value[attr->type]);
}

static struct json_object *json_on(const struct attr *attr,
				   const struct tunnel *tunnel)
{
	return json_object_new_boolean(tunnel->value[attr->type]);
}

static struct json_object *json_tos(const struct attr *attr,
				    const struct tunnel *tunnel)
{
	return tunnel->value[A(TOS_INHERIT)] ? json_text(attr, tunnel) :
					       json_number(attr, tunnel);
}

static struct json_object *json_key(const struct attr *attr,
				    const struct tunnel *tunnel)
{
	return has(tunnel, attr->type) ? json_number(attr, tunnel) : NULL;
}

/* The MTU that is set may be "auto"; programs want the one in force. */
static struct json_object *json_mtu(const struct attr *attr,
				    const struct tunnel *tunnel)
{
	(void)attr;
	return json_object_new_int64(tunnel->mtu);
}

static const char *const off_on[] = { "off", "on", NULL };
static const char *const df_choice[] = {
	[GRETUN_DF_COPY] = "copy",
	[GRETUN_DF_SET] = "set",
	[GRETUN_DF_CLEAR] = "clear",
	NULL
};

#define BOTH (FOR_ADD | FOR_SET)
#define KEY_VALUES \
	"a number from 0 to 4294967295, in hexadecimal with 0x, or a dotted quad"

/* clang-format off */
const struct attr attrs[] = {
	{
		.word = "external", .type = A(EXTERNAL), .use = FOR_ADD | NEW_LINE,
		.parse = parse_external, .print = print_unless_0, .json = json_on,
	}, {
		.word = "local", .type = A(LOCAL_IPV4), .use = BOTH | NEEDED,
		.values = "an IPv4 address, the outer source",
		.parse = parse_ipv4, .print = print_ipv4, .json = json_text,
	}, {
		.word = "remote", .type = A(REMOTE_IPV4), .use = BOTH | NEEDED | BY_PACKET,
		.values = "an IPv4 address, the outer destination",
		.parse = parse_ipv4, .print = print_ipv4, .json = json_text,
	}, {
		.word = "dev", .type = A(LINK), .use = BOTH,
		.values = "the name of a device, or none", .zero = "none",
		.parse = parse_dev, .print = print_dev, .json = json_text,
	}, {
		.word = "ttl", .type = A(TTL), .use = BOTH | NEW_LINE,
		.values = "a number from 1 to 255", .min = 1, .max = 255,
		.parse = parse_ttl, .print = print_value, .json = json_number,
	}, {
		.word = "tos", .type = A(TOS), .also = BIT(A(TOS_INHERIT)),
		.use = BOTH | BY_PACKET,
		.values = "a multiple of 4 from 0 to 252, as the two low bits are for ECN, or inherit",
		.parse = parse_tos, .print = print_tos, .json = json_tos,
	}, {
		.word = "key", .type = A(IKEY), .also = BIT(A(OKEY)),
		.use = BOTH | NONE | BY_PACKET,
		.values = KEY_VALUES,
		.parse = parse_keys, .print = print_key,
	}, {
		.word = "ikey", .type = A(IKEY), .use = BOTH | NONE | BY_PACKET,
		.values = KEY_VALUES,
		.parse = parse_keys, .print = print_key, .json = json_key,
	}, {
		.word = "okey", .type = A(OKEY), .use = BOTH | NONE | BY_PACKET,
		.values = KEY_VALUES,
		.parse = parse_keys, .print = print_key, .json = json_key,
	}, {
		.word = "csum", .type = A(CSUM), .use = BOTH | BY_PACKET,
		.values = "on or off", .choice = off_on, .max = 2,
		.parse = parse_value, .print = print_value, .json = json_on,
	}, {
		.word = "seq", .type = A(SEQ), .use = BOTH | BY_PACKET,
		.values = "on or off", .choice = off_on, .max = 2,
		.parse = parse_value, .print = print_value, .json = json_on,
	}, {
		.word = "df", .type = A(DF), .use = BOTH,
		.values = "copy, set or clear", .choice = df_choice, .max = 3,
		.parse = parse_value, .print = print_value, .json = json_text,
	}, {
		.word = "mtu", .type = A(MTU), .use = BOTH,
		.values = "a number from 68 to 65535 less the overhead of the tunnel, or auto",
		.zero = "auto", .min = 68, .max = 65535,
		.parse = parse_value, .print = print_value, .json = json_mtu,
	}, {
		.word = "fwmark", .type = A(FWMARK), .use = BOTH,
		.values = "a number from 0 to 4294967295", .max = UINT32_MAX,
		.parse = parse_value, .print = print_unless_0, .json = json_number,
	}, {
		.word = "fastpath", .type = A(FASTPATH), .use = BOTH,
		.values = "on or off", .choice = off_on, .max = 2,
		.parse = parse_value, .print = print_value, .json = json_on,
	}, {
		.word = "address", .use = FOR_ADD | REPEATS,
		.values = "an address and the length of its prefix, like 10.1.12.37/30",
		.parse = parse_address,
	}, {
		.word = "peer", .use = FOR_ADD | REPEATS | FOLLOWS,
		.values = "another address, of the same family as the one before",
		.parse = parse_peer_of,
	}, {
		.word = "down", .use = FOR_ADD,
		.parse = parse_down,
	}, {
		.word = NULL,
	},
};

/* clang-format on */
_Static_assert(ARRAY_SIZE(attrs) <= ATTRS_MAX, "ATTRS_MAX is large enough");

/**
 * attrs_put() - write a tunnel into a message
 * @msg: the message
 * @tunnel: the tunnel; what is not present is left out
 */
void attrs_put(struct nl_msg *msg, const struct tunnel *tunnel)
{
	struct nlattr *nest = nla_nest_start(msg, GRETUN_A_TUNNEL);
	int error = nest ? 0 : -1;

	if (*tunnel->ifname)
		error |= nla_put_string(msg, A(IFNAME), tunnel->ifname);
	for (uint32_t type = 1; type <= A(MAX); type++) {
		uint32_t value = tunnel->value[type];
		uint8_t byte = value;

		if (!has(tunnel, type))
			continue;
		error |= nla_put(msg, type, wire_size[type],
				 wire_size[type] == 1 ? (void *)&byte :
							(void *)&value);
	}
	if (error)
		out_of_memory();
	nla_nest_end(msg, nest);
}

/**
 * attrs_get() - read a tunnel out of a message
 * @nest: the attribute of the tunnel
 * @tunnel: where it goes
 */
void attrs_get(struct nlattr *nest, struct tunnel *tunnel)
{
	struct nlattr *attr;
	int rest;

	nla_for_each_nested(attr, nest, rest) {
		uint32_t type = nla_type(attr);

		if (type == A(IFNAME))
			nla_strlcpy(tunnel->ifname, attr, IFNAMSIZ);
		if (type > A(MAX) || !wire_size[type] ||
		    nla_len(attr) != wire_size[type])
			continue;
		tunnel->present |= BIT(type);
		tunnel->value[type] = wire_size[type] == 1 ? nla_get_u8(attr) :
							     nla_get_u32(attr);
	}
}

/**
 * attrs_print() - print a tunnel in the words that make it
 * @tunnel: the tunnel
 * @line_start: what to print before each group of words
 */
void attrs_print(const struct tunnel *tunnel, const char *line_start)
{
	char buf[64];

	for (const struct attr *attr = attrs; attr->word; attr++) {
		if (attr->use & NEW_LINE)
			fputs(line_start, stdout);
		if (!attr->print || !applies(attr, tunnel) ||
		    !attr->print(attr, tunnel, buf, sizeof(buf)))
			continue;
		printf(" %s", attr->word);
		if (attr->values)
			printf(" %s", buf);
	}
}

/**
 * attrs_json() - add what a tunnel has to an object
 * @tunnel: the tunnel
 * @object: the object
 */
void attrs_json(const struct tunnel *tunnel, struct json_object *object)
{
	for (const struct attr *attr = attrs; attr->word; attr++) {
		struct json_object *value = NULL;

		if (attr->json && applies(attr, tunnel))
			value = attr->json(attr, tunnel);
		if (attr->json)
			json_object_object_add(object, attr->word, value);
		/* The one in force stands above; this is what was set. */
		if (attr->type == A(MTU))
			json_object_object_add(object, "mtu_auto",
					       json_object_new_boolean(!tunnel->value[A(MTU)]));
	}
}
