// SPDX-License-Identifier: GPL-2.0
/*
 * Whether what a rule asks is so of an outer packet. What cannot be told is
 * answered with MAYBE.
 */
#include <arpa/inet.h>
#include <fnmatch.h>
#include <netdb.h>
#include <stdlib.h>
#include <string.h>
#include <json-c/json_object.h>

#include "firewall.h"

static bool is(const char *one, const char *other)
{
	return strcmp(one, other) == 0;
}

static bool number_of(struct json_object *object, uint32_t *out)
{
	const char *text = json_object_get_string(object);
	struct protoent *protocol;

	if (!json_object_is_type(object, json_type_string)) {
		*out = json_object_get_int64(object);
		return json_object_is_type(object, json_type_int) ||
		       json_object_is_type(object, json_type_boolean);
	}
	if (parse_number(text, 0, UINT32_MAX, out))
		return true;
	protocol = getprotobyname(text);
	if (protocol)
		*out = protocol->p_proto;
	return protocol;
}

static bool ip_of(struct json_object *object, struct in6_addr *out)
{
	return json_object_is_type(object, json_type_string) &&
	       ip_parse(json_object_get_string(object), out);
}

static enum truth so(bool good)
{
	return good ? YES : NO;
}

static enum truth plain(const struct value *value, struct json_object *right)
{
	struct in6_addr ip;
	uint32_t number;

	switch (value->kind) {
	case IP:
		return ip_of(right, &ip) ? so(ip_equal(&ip, &value->ip)) :
					   MAYBE;
	case NUMBER:
		return number_of(right, &number) ? so(number == value->number) :
						   MAYBE;
	case PROTOCOL:
		return number_of(right, &number) ? so(number == value->number) :
						   NO;
	case STATUS:
		number = json_object_is_type(right, json_type_string) &&
			 (is(json_object_get_string(right), "dnat") ||
			  is(json_object_get_string(right), "snat"));
		return number ? NO : MAYBE;
	case NAME:
		if (!json_object_is_type(right, json_type_string))
			return MAYBE;
		/* A name with a star at its end is for many. */
		return so(!fnmatch(json_object_get_string(right), value->name,
				   0));
	default:
		return MAYBE;
	}
}

static enum truth in_prefix(const struct value *value,
			    struct json_object *prefix)
{
	uint32_t len = json_object_get_int(part_of(prefix, "len"));
	const uint8_t *one, *other;
	struct in6_addr ip;

	if (value->kind != IP || !ip_of(part_of(prefix, "addr"), &ip))
		return MAYBE;
	if (ip_is_ipv4(&ip) != ip_is_ipv4(&value->ip) ||
	    len > (ip_is_ipv4(&ip) ? 32u : 128u))
		return NO;
	one = ip_bytes(&ip);
	other = ip_bytes(&value->ip);
	if (memcmp(one, other, len / 8))
		return NO;
	if (len % 8 == 0)
		return YES;
	return so(!((one[len / 8] ^ other[len / 8]) >> (8 - len % 8)));
}

static enum truth in_range(const struct value *value, struct json_object *range)
{
	struct json_object *first = json_object_array_get_idx(range, 0);
	struct json_object *last = json_object_array_get_idx(range, 1);
	struct in6_addr low, high;
	uint32_t from, to;

	if (value->kind == IP) {
		if (!ip_of(first, &low) || !ip_of(last, &high))
			return MAYBE;
		return so(memcmp(&low, &value->ip, sizeof(low)) <= 0 &&
			  memcmp(&value->ip, &high, sizeof(high)) <= 0);
	}
	if (value->kind != PROTOCOL && value->kind != NUMBER)
		return MAYBE;
	if (!number_of(first, &from) || !number_of(last, &to))
		return MAYBE;
	return so(from <= value->number && value->number <= to);
}

static enum truth any_of(const struct packet *packet,
			 const struct ruleset *rules, const char *table,
			 struct json_object *left, struct json_object *array)
{
	enum truth best = NO;

	for (size_t i = 0; i < json_object_array_length(array) && best != YES;
	     i++) {
		enum truth one;

		one = match_value(packet, rules, table, left,
				  json_object_array_get_idx(array, i));
		if (one > best)
			best = one;
	}
	return best;
}

/* Several values at once, with as many to compare them with. */
static enum truth all_of(const struct packet *packet,
			 const struct ruleset *rules, const char *table,
			 struct json_object *left, struct json_object *right)
{
	struct json_object *values = part_of(right, "concat");
	enum truth worst = YES;

	if (!json_object_is_type(values, json_type_array) ||
	    json_object_array_length(values) != json_object_array_length(left))
		return MAYBE;
	for (size_t i = 0; i < json_object_array_length(left); i++) {
		enum truth one;

		one = match_value(packet, rules, table,
				  json_object_array_get_idx(left, i),
				  json_object_array_get_idx(values, i));
		if (one < worst)
			worst = one;
	}
	return worst;
}

/**
 * find_set() - find the elements of a set or map that has a name
 * @rules: the ruleset
 * @table: family and name of the table that it is in
 * @name: its name, with or without @
 *
 * Return: the array, or NULL.
 */
struct json_object *find_set(const struct ruleset *rules, const char *table,
			     const char *name)
{
	static const char *const kinds[] = { "set", "map" };
	size_t count = json_object_array_length(rules->list);
	struct json_object *set;
	char of[256];

	name += *name == '@';
	for (size_t i = 0; i < count; i++) {
		struct json_object *object =
			json_object_array_get_idx(rules->list, i);

		for (size_t j = 0; j < ARRAY_SIZE(kinds); j++) {
			if (!json_object_object_get_ex(object, kinds[j], &set))
				continue;
			snprintf(of, sizeof(of), "%s %s",
				 text_of(set, "family"), text_of(set, "table"));
			if (is(of, table) && is(text_of(set, "name"), name))
				return part_of(set, "elem");
		}
	}
	return NULL;
}

/**
 * match_value() - tell whether a packet has a value
 * @packet: the packet
 * @rules: the ruleset
 * @table: family and name of the table that the rule is in
 * @left: where the rule looks
 * @right: the value, or several of which one is enough
 *
 * Return: the answer.
 */
enum truth match_value(const struct packet *packet,
		       const struct ruleset *rules, const char *table,
		       struct json_object *left, struct json_object *right)
{
	struct json_object *of;
	struct value value;

	if (json_object_is_type(right, json_type_array))
		return any_of(packet, rules, table, left, right);
	if (json_object_is_type(right, json_type_string) &&
	    *json_object_get_string(right) == '@') {
		of = find_set(rules, table, json_object_get_string(right));
		/* A set that is empty has no elements at all. */
		return of ? match_value(packet, rules, table, left, of) : NO;
	}
	if (json_object_object_get_ex(right, "set", &of))
		return match_value(packet, rules, table, left, of);
	if (json_object_object_get_ex(right, "elem", &of))
		return match_value(packet, rules, table, left,
				   part_of(of, "val"));
	if (json_object_object_get_ex(left, "concat", &of))
		return all_of(packet, rules, table, of, right);

	value = value_of(packet, left);
	if (value.kind == ABSENT)
		return NO;
	if (json_object_object_get_ex(right, "prefix", &of))
		return in_prefix(&value, of);
	if (json_object_object_get_ex(right, "range", &of) &&
	    json_object_is_type(of, json_type_array))
		return in_range(&value, of);
	if (json_object_is_type(right, json_type_string) &&
	    is(json_object_get_string(right), "*"))
		return YES;
	return plain(&value, right);
}

static enum truth ordered(const struct value *value, const char *op,
			  struct json_object *right)
{
	uint32_t number;

	if (value->kind != NUMBER || !number_of(right, &number))
		return MAYBE;
	if (is(op, "<"))
		return so(value->number < number);
	if (is(op, ">"))
		return so(value->number > number);
	if (is(op, "<="))
		return so(value->number <= number);
	return is(op, ">=") ? so(value->number >= number) : MAYBE;
}

/**
 * match() - tell whether what a rule asks is so of a packet
 * @packet: the packet
 * @rules: the ruleset
 * @table: family and name of the table that the rule is in
 * @match: what the rule asks
 *
 * Return: the answer.
 */
enum truth match(const struct packet *packet, const struct ruleset *rules,
		 const char *table, struct json_object *match)
{
	struct json_object *left = part_of(match, "left");
	struct json_object *right = part_of(match, "right");
	const char *op = text_of(match, "op");
	struct value value = value_of(packet, left);
	enum truth equal;

	if (value.kind == ABSENT)
		return NO;
	if (is(op, "==") || is(op, "in"))
		return match_value(packet, rules, table, left, right);
	if (!is(op, "!="))
		return ordered(&value, op, right);
	equal = match_value(packet, rules, table, left, right);
	/* The opposite; what may be so may not be so. */
	return YES - equal;
}
