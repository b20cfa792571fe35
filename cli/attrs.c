// SPDX-License-Identifier: GPL-2.0
/*
 * The one table of what a tunnel has: the word on the command line, the
 * netlink attribute, how its value is read from a word, and how it is printed.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <json-c/json_object.h>

#include "attrs.h"

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

static const char *parse_ip(const struct attr *attr, const char *text,
			    struct request *request)
{
	struct in6_addr ip;

	if (!ip_parse(text, &ip))
		return "";
	give_address(request, attr->end, &ip);
	return NULL;
}

/* Of the two words "dev ppp0" words_parse() makes one text. */
static const char *parse_local(const struct attr *attr, const char *text,
			       struct request *request)
{
	static const char dev[] = "dev ";
	const char *ifname = text + strlen(dev), *reason;

	if (strncmp(text, dev, strlen(dev)))
		return parse_ip(attr, text, request);
	reason = ifname_reason(ifname);
	if (reason)
		return reason;
	strcpy(request->tunnel.local_dev, ifname);
	request->tunnel.present |= BIT(A(LOCAL_DEV));
	return NULL;
}

#define NO_PEER \
	"the address of all zeros is no peer; for packets of every source it takes the word any"

#define NO_NAME \
	"names are for tunnel files, see gretun.netdev(5); here it takes an address, or any"

static const char *parse_remote(const struct attr *attr, const char *text,
				struct request *request)
{
	const char *reason;

	/* Of which family that is, the local address says if there is one. */
	request->any6 = strcmp(text, "any6") == 0;
	request->any = request->any6 || strcmp(text, "any") == 0;
	if (request->any)
		return NULL;
	if (parse_host(text))
		return NO_NAME;
	reason = parse_ip(attr, text, request);
	if (!reason && ip_is_any(&request->tunnel.outer[REMOTE]))
		return NO_PEER;
	return reason;
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

static const char *parse_flowlabel(const struct attr *attr, const char *text,
				   struct request *request)
{
	uint32_t mode = GRETUN_FLOWLABEL_MODE_FIXED;

	/* A label of 0 goes with the other modes. */
	give(request, A(FLOWLABEL), 0);
	if (strcmp(text, "auto") == 0)
		mode = GRETUN_FLOWLABEL_MODE_AUTO;
	else if (strcmp(text, "inherit") == 0)
		mode = GRETUN_FLOWLABEL_MODE_INHERIT;
	else if (parse_value(attr, text, request))
		return "";
	give(request, A(FLOWLABEL_MODE), mode);
	return NULL;
}

/* The port of RFC 8086. */
#define ENCAP_PORT 4754

/* All of it is given, so that the same words always make the same tunnel. */
static const char *parse_encap(const struct attr *attr, const char *text,
			       struct request *request)
{
	const char *reason = parse_value(attr, text, request);

	if (reason || !request->tunnel.value[A(ENCAP)])
		return reason;
	/* In a file the ports may stand before. */
	if (!has(&request->tunnel, A(ENCAP_PORT)))
		give(request, A(ENCAP_PORT), ENCAP_PORT);
	if (!has(&request->tunnel, A(ENCAP_SOURCE_PORT)))
		give(request, A(ENCAP_SOURCE_PORT), 0);
	return NULL;
}

/* What there is without a number: Cisco's. */
#define KEEPALIVE_PERIOD 10
#define KEEPALIVE_RETRIES 3

/* Both are given, so that the same words always make the same tunnel. */
static const char *parse_keepalive(const struct attr *attr, const char *text,
				   struct request *request)
{
	uint32_t period = KEEPALIVE_PERIOD, retries = KEEPALIVE_RETRIES;
	const char *colon = strchr(text, ':');
	char number[16];

	if (strcmp(text, attr->zero) == 0) {
		period = 0;
	} else if (strcmp(text, "on") != 0) {
		size_t len = colon ? (size_t)(colon - text) : strlen(text);

		if (len >= sizeof(number))
			return "";
		memcpy(number, text, len);
		number[len] = '\0';
		if (!parse_number(number, attr->min, attr->max, &period) ||
		    (colon &&
		     !parse_number(colon + 1, 1, UINT8_MAX, &retries)))
			return "";
	}
	give(request, A(KEEPALIVE_PERIOD), period);
	give(request, A(KEEPALIVE_RETRIES), retries);
	return NULL;
}

static const char *parse_secret(const struct attr *attr, const char *text,
				struct request *request)
{
	const char *reason = secret_read(text, request->tunnel.secret);

	if (!reason)
		give(request, attr->type, 0);
	return reason;
}

static const char *parse_keys(const struct attr *attr, const char *text,
			      struct request *request)
{
	uint64_t both = BIT(attr->type) | attr->also;
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
	/* It follows an address. */
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

static bool print_ip(const struct attr *attr, const struct tunnel *tunnel,
		     char *buf, size_t size)
{
	const struct in6_addr *ip = &tunnel->outer[attr->end];

	(void)size;
	if (!ip_is_any(ip))
		ip_text(ip, buf);
	return !ip_is_any(ip);
}

static bool print_local(const struct attr *attr, const struct tunnel *tunnel,
			char *buf, size_t size)
{
	if (!has(tunnel, A(LOCAL_DEV)))
		return print_ip(attr, tunnel, buf, size);
	snprintf(buf, size, "dev %s", tunnel->local_dev);
	return true;
}

static bool print_remote(const struct attr *attr, const struct tunnel *tunnel,
			 char *buf, size_t size)
{
	/* Where no local address tells the family, the word does. */
	bool any6 = has(tunnel, A(LOCAL_DEV)) &&
		    !ip_is_ipv4(&tunnel->outer[attr->end]);

	if (!print_ip(attr, tunnel, buf, size))
		snprintf(buf, size, any6 ? "any6" : "any");
	return true;
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

static bool print_flowlabel(const struct attr *attr,
			    const struct tunnel *tunnel, char *buf, size_t size)
{
	uint32_t mode = tunnel->value[A(FLOWLABEL_MODE)];

	if (mode == GRETUN_FLOWLABEL_MODE_FIXED)
		return print_value(attr, tunnel, buf, size);
	snprintf(buf, size, "%s",
		 mode == GRETUN_FLOWLABEL_MODE_AUTO ? "auto" : "inherit");
	/* Over IPv4 there is none. */
	return has(tunnel, A(FLOWLABEL_MODE));
}

static bool print_keepalive(const struct attr *attr,
			    const struct tunnel *tunnel, char *buf, size_t size)
{
	snprintf(buf, size, "%u:%u", tunnel->value[attr->type],
		 tunnel->value[A(KEEPALIVE_RETRIES)]);
	return tunnel->value[attr->type];
}

/* Which file it was in nobody knows, and what was in it is a secret. */
static bool print_secret(const struct attr *attr, const struct tunnel *tunnel,
			 char *buf, size_t size)
{
	snprintf(buf, size, "given");
	(void)attr;
	return is_signed(tunnel);
}

static bool print_if_there(const struct attr *attr,
			   const struct tunnel *tunnel, char *buf, size_t size)
{
	return has(tunnel, attr->type) && print_value(attr, tunnel, buf, size);
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

static struct json_object *json_local(const struct attr *attr,
				      const struct tunnel *tunnel)
{
	char buf[64];

	return print_ip(attr, tunnel, buf, sizeof(buf)) ?
		       json_object_new_string(buf) :
		       NULL;
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

static struct json_object *json_choice(const struct attr *attr,
				       const struct tunnel *tunnel)
{
	uint32_t value = tunnel->value[attr->type];

	return json_object_new_string(value < attr->max ? attr->choice[value] :
							  "?");
}

static struct json_object *json_source_port(const struct attr *attr,
					    const struct tunnel *tunnel)
{
	return tunnel->value[attr->type] ? json_number(attr, tunnel) :
					   json_text(attr, tunnel);
}

static struct json_object *json_tos(const struct attr *attr,
				    const struct tunnel *tunnel)
{
	return tunnel->value[A(TOS_INHERIT)] ? json_text(attr, tunnel) :
					       json_number(attr, tunnel);
}

static struct json_object *json_flowlabel(const struct attr *attr,
					  const struct tunnel *tunnel)
{
	return tunnel->value[A(FLOWLABEL_MODE)] == GRETUN_FLOWLABEL_MODE_FIXED ?
		       json_number(attr, tunnel) :
		       json_text(attr, tunnel);
}

static struct json_object *json_keepalive(const struct attr *attr,
					  const struct tunnel *tunnel)
{
	(void)attr;
	return keepalive_json(tunnel);
}

static struct json_object *json_if_there(const struct attr *attr,
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
static const char *const encap_choice[] = {
	[GRETUN_ENCAP_NONE] = "none",
	[GRETUN_ENCAP_UDP] = "udp",
	NULL
};

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
		.also = BIT(A(LOCAL_IPV6)) | BIT(A(LOCAL_DEV)), .end = LOCAL,
		.values = "an IPv4 or IPv6 address, the outer source, or dev, followed by the name of the device that has it",
		.pair = "dev",
		.parse = parse_local, .print = print_local, .json = json_local,
	}, {
		.word = "remote", .type = A(REMOTE_IPV4), .use = BOTH | NEEDED | BY_PACKET,
		.also = BIT(A(REMOTE_IPV6)), .end = REMOTE,
		.values = "an IPv4 or IPv6 address, the outer destination, or any, or any6",
		.parse = parse_remote, .print = print_remote, .json = json_text,
	}, {
		.word = "dev", .type = A(LINK), .use = BOTH,
		.values = "the name of a device, or none", .zero = "none",
		.parse = parse_dev, .print = print_dev, .json = json_text,
	}, {
		.word = "encap", .type = A(ENCAP), .use = BOTH,
		.values = "udp or none", .choice = encap_choice, .max = 2,
		.parse = parse_encap, .print = print_unless_0, .json = json_choice,
	}, {
		.word = "port", .type = A(ENCAP_PORT), .use = BOTH,
		.values = "a number from 1 to 65535, the UDP port of both ends",
		.min = 1, .max = 65535, .follows = "encap",
		.parse = parse_value, .print = print_if_there,
		.json = json_if_there, .json_name = "encap_port",
	}, {
		.word = "source-port", .type = A(ENCAP_SOURCE_PORT), .use = BOTH,
		.values = "a number from 1 to 65535, or flow", .zero = "flow",
		.min = 1, .max = 65535, .follows = "encap",
		.parse = parse_value, .print = print_if_there,
		.json = json_source_port, .json_name = "encap_source_port",
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
		.parse = parse_keys, .print = print_key, .json = json_if_there,
	}, {
		.word = "okey", .type = A(OKEY), .use = BOTH | NONE | BY_PACKET,
		.values = KEY_VALUES,
		.parse = parse_keys, .print = print_key, .json = json_if_there,
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
		.word = "flowlabel", .type = A(FLOWLABEL),
		.also = BIT(A(FLOWLABEL_MODE)), .use = BOTH,
		.values = "a number from 0 to 1048575, auto or inherit", .max = 0xfffff,
		.parse = parse_flowlabel, .print = print_flowlabel,
		.json = json_flowlabel,
	}, {
		.word = "encaplimit", .type = A(ENCAP_LIMIT), .use = BOTH | NONE,
		.values = "a number from 0 to 255", .max = 255,
		.parse = parse_value, .print = print_if_there, .json = json_if_there,
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
		.word = "mss-clamp", .type = A(MSS_CLAMP), .use = BOTH,
		.values = "on or off", .choice = off_on, .max = 2,
		.parse = parse_value, .print = print_value, .json = json_on,
	}, {
		.word = "keepalive", .type = A(KEEPALIVE_PERIOD),
		.also = BIT(A(KEEPALIVE_RETRIES)), .use = BOTH,
		.values = "on, which is 10:3, off, PERIOD or PERIOD:RETRIES, from 1 to 32767 seconds and from 1 to 255",
		.zero = "off", .min = 1, .max = 32767,
		.parse = parse_keepalive, .print = print_keepalive,
		.json = json_keepalive,
	}, {
		.word = "keepalive-secret-file", .type = A(KEEPALIVE_SECRET),
		.use = BOTH | NONE | BY_PACKET,
		.values = "a file with 32 bytes in base64",
		.parse = parse_secret, .print = print_secret,
	}, {
		.word = "address", .use = FOR_ADD | REPEATS,
		.values = "an address and the length of its prefix, like 10.1.12.37/30",
		.parse = parse_address,
	}, {
		.word = "peer", .use = FOR_ADD | REPEATS, .follows = "address",
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
 * attr_find() - find what a word stands for
 * @word: the word
 * @use: which command it is for
 *
 * Return: what it stands for, or NULL.
 */
const struct attr *attr_find(const char *word, enum use use)
{
	for (const struct attr *attr = attrs; attr->word; attr++) {
		if (attr->use & use && strcmp(attr->word, word) == 0)
			return attr;
	}
	return NULL;
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
		if (!attr->values)
			continue;
		putchar(' ');
		text_put(stdout, buf);
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
		char name[32], *dash;

		if (attr->json && applies(attr, tunnel))
			value = attr->json(attr, tunnel);
		snprintf(name, sizeof(name), "%s",
			 attr->json_name ? attr->json_name : attr->word);
		dash = strchr(name, '-');
		if (dash)
			*dash = '_';
		if (attr->json)
			json_object_object_add(object, name, value);
		if (attr->type == A(KEEPALIVE_PERIOD))
			json_object_object_add(object, "keepalive_signed",
					       json_object_new_boolean(is_signed(tunnel)));
		/* The ones in force stand above; these are what was set. */
		if (attr->type == A(LOCAL_IPV4))
			json_object_object_add(object, "local_dev",
					       has(tunnel, A(LOCAL_DEV)) ?
						       json_object_new_string(tunnel->local_dev) :
						       NULL);
		if (attr->type == A(MTU))
			json_object_object_add(object, "mtu_auto",
					       json_object_new_boolean(!tunnel->value[A(MTU)]));
	}
}
