// SPDX-License-Identifier: GPL-2.0
/*
 * What an outer packet has where a rule looks: much is plain, such as its
 * protocol and addresses.
 */
#include <string.h>
#include <json-c/json_object.h>

#include "firewall.h"

/*
 * Protocols that GRE is not; a rule with a field of them is for them alone. UDP
 * is one of them unless the tunnel has it.
 */
static const char *const other_protocols[] = {
	"ah", "arp", "comp", "dccp", "esp", "icmp", "icmpv6", "igmp",
	"sctp", "tcp", "udp", "udplite", "vlan"
};

/**
 * text_of() - take a text out of an object
 * @object: the object, NULL for none
 * @name: the name of the text in it
 *
 * Return: the text, "" if there is none.
 */
const char *text_of(struct json_object *object, const char *name)
{
	struct json_object *value;

	if (!json_object_object_get_ex(object, name, &value) ||
	    !json_object_is_type(value, json_type_string))
		return "";
	return json_object_get_string(value);
}

/**
 * part_of() - take an object out of another
 * @object: the other
 * @name: its name in that
 *
 * Return: it, or NULL.
 */
struct json_object *part_of(struct json_object *object, const char *name)
{
	struct json_object *value = NULL;

	json_object_object_get_ex(object, name, &value);
	return value;
}

static bool is(const char *one, const char *other)
{
	return strcmp(one, other) == 0;
}

static struct value name_value(const char *name)
{
	return (struct value){ .kind = NAME, .name = name };
}

static struct value ip_value(const struct in6_addr *ip)
{
	struct value value = { .kind = ip_is_any(ip) ? UNKNOWN : IP };

	value.ip = *ip;
	return value;
}

/* A device; a packet that is received has none that it leaves through. */
static struct value dev_value(const struct packet *packet, bool is_in)
{
	struct value unknown = { .kind = UNKNOWN };

	if (packet->received != is_in)
		return name_value("");
	return *packet->dev ? name_value(packet->dev) : unknown;
}

static struct value protocol_value(const struct packet *packet)
{
	return (struct value){
		.kind = PROTOCOL,
		.number = packet->port ? IPPROTO_UDP : IPPROTO_GRE,
	};
}

/* A field of UDP, or of what has ports; the source may be any. */
static struct value udp_value(const struct packet *packet, const char *field)
{
	struct value value = { .kind = UNKNOWN };

	if (is(field, "dport"))
		value = (struct value){ .kind = NUMBER, .number = packet->port };
	return value;
}

static struct value meta_value(const struct packet *packet, const char *key)
{
	struct value value = { .kind = UNKNOWN };

	if (is(key, "l4proto"))
		value = protocol_value(packet);
	else if (is(key, "nfproto"))
		value = name_value(packet->ipv4 ? "ipv4" : "ipv6");
	else if (is(key, "protocol"))
		value = name_value(packet->ipv4 ? "ip" : "ip6");
	else if (is(key, "iifname") || is(key, "iif"))
		value = dev_value(packet, true);
	else if (is(key, "oifname") || is(key, "oif"))
		value = dev_value(packet, false);
	else if (is(key, "pkttype") && packet->received)
		value = name_value("host");
	return value;
}

static struct value payload_value(const struct packet *packet,
				  struct json_object *payload)
{
	const char *protocol = text_of(payload, "protocol");
	const char *field = text_of(payload, "field");
	struct value value = { .kind = UNKNOWN };

	if (packet->port && (is(protocol, "udp") || is(protocol, "th")))
		return udp_value(packet, field);
	for (size_t i = 0; i < ARRAY_SIZE(other_protocols); i++) {
		if (is(protocol, other_protocols[i]))
			value.kind = ABSENT;
	}
	if (!is(protocol, "ip") && !is(protocol, "ip6"))
		return value;
	if (is(protocol, "ip") != packet->ipv4)
		value.kind = ABSENT;
	else if (is(field, "saddr"))
		value = ip_value(&packet->src);
	else if (is(field, "daddr"))
		value = ip_value(&packet->dst);
	else if (is(field, "protocol") || is(field, "nexthdr"))
		value = protocol_value(packet);
	else if ((is(field, "ttl") || is(field, "hoplimit")) && packet->ttl)
		value = (struct value){ .kind = NUMBER, .number = packet->ttl };
	return value;
}

static bool has_flag(struct json_object *flags, const char *flag)
{
	if (!json_object_is_type(flags, json_type_array))
		return json_object_is_type(flags, json_type_string) &&
		       is(json_object_get_string(flags), flag);
	for (size_t i = 0; i < json_object_array_length(flags); i++) {
		struct json_object *one = json_object_array_get_idx(flags, i);

		if (json_object_is_type(one, json_type_string) &&
		    is(json_object_get_string(one), flag))
			return true;
	}
	return false;
}

/* What the routes of this host say of an address. */
static struct value fib_value(const struct packet *packet,
			      struct json_object *fib)
{
	struct json_object *flags = part_of(fib, "flags");
	struct value value = { .kind = UNKNOWN };
	bool source = has_flag(flags, "saddr");

	/* The local address is this host's own, and the other is not. */
	if (is(text_of(fib, "result"), "type"))
		return name_value(source == packet->received ? "unicast" :
							       "local");
	if (is(text_of(fib, "result"), "oif") && source && packet->way_back &&
	    packet->received)
		return (struct value){ .kind = NUMBER, .number = 1 };
	return value;
}

/* Of its flow connection tracking knows no more than the state. */
static struct value ct_value(const struct packet *packet,
			     struct json_object *ct)
{
	struct value value = { .kind = UNKNOWN };

	if (is(text_of(ct, "key"), "state") && packet->state)
		return name_value(packet->state);
	if (is(text_of(ct, "key"), "status"))
		value.kind = STATUS;
	return value;
}

/**
 * value_of() - tell what a packet has where a rule looks
 * @packet: the packet
 * @left: where the rule looks
 *
 * Return: it, as far as it is known.
 */
struct value value_of(const struct packet *packet,
		      struct json_object *left)
{
	struct value value = { .kind = UNKNOWN };
	struct json_object *of;

	if (json_object_object_get_ex(left, "meta", &of))
		return meta_value(packet, text_of(of, "key"));
	if (json_object_object_get_ex(left, "payload", &of))
		return payload_value(packet, of);
	if (json_object_object_get_ex(left, "fib", &of))
		return fib_value(packet, of);
	if (json_object_object_get_ex(left, "ct", &of))
		return ct_value(packet, of);
	return value;
}
