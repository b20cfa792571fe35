// SPDX-License-Identifier: GPL-2.0
/*
 * ICMP errors that came back about packets that a tunnel sent, by kind.
 */
#include <inttypes.h>
#include <stdio.h>
#include <json-c/json_object.h>
#include <netlink/attr.h>

#include "cli.h"

/**
 * icmp_get() - read the errors of one kind out of a message
 * @nest: the attribute of them
 * @errors: where they go, by kind
 */
void icmp_get(struct nlattr *nest, struct icmp_errors *errors)
{
	struct icmp_errors read = { 0 };
	/* So is what only a newer module tells apart. */
	int kind = GRETUN_ICMP_KIND_OTHER;
	struct nlattr *attr;
	int rest;

	nla_for_each_nested(attr, nest, rest) {
		switch (nla_type(attr)) {
		case GRETUN_A_ICMP_KIND:
			for (int i = 0; i < GRETUN_ICMP_KIND_COUNT; i++) {
				if (nla_strcmp(attr, icmp_kinds[i].name) == 0)
					kind = i;
			}
			break;
		case GRETUN_A_ICMP_PACKETS:
			read.packets = nla_get_u64(attr);
			break;
		case GRETUN_A_ICMP_SENDER_IPV4:
		case GRETUN_A_ICMP_SENDER_IPV6:
			ip_get(attr, &read.sender);
			break;
		case GRETUN_A_ICMP_AGE:
			read.age = nla_get_u64(attr);
			break;
		case GRETUN_A_ICMP_MTU:
			read.mtu = nla_get_u32(attr);
			break;
		}
	}
	read.packets += errors[kind].packets;
	errors[kind] = read;
}

static void print_last(const struct icmp_errors *last)
{
	char sender[INET6_ADDRSTRLEN], age[32];

	printf("    the last from %s, %s", ip_text(&last->sender, sender),
	       ago(last->age, age, sizeof(age)));
	if (last->mtu)
		printf(", with an MTU of %u", last->mtu);
	putchar('\n');
}

/**
 * icmp_print() - print the kinds that came
 * @tunnel: the tunnel
 * @explain: say what to do about each, too
 */
void icmp_print(const struct tunnel *tunnel, bool explain)
{
	bool first = true;

	for (int i = 0; i < GRETUN_ICMP_KIND_COUNT; i++) {
		const struct icmp_errors *errors = &tunnel->counters.icmp[i];
		int indent;

		if (!errors->packets)
			continue;
		if (first)
			puts("  ICMP errors that came back:");
		first = false;
		indent = printf("  %-20s %6" PRIu64 "  ", icmp_kinds[i].name,
				errors->packets);
		text_wrap(icmp_kinds[i].text, indent);
		putchar('\n');
		print_last(errors);
		if (explain)
			explain_print(&icmp_kinds[i], tunnel);
	}
}

/**
 * icmp_json() - make an object of the kinds that came
 * @errors: the errors, by kind
 *
 * Return: the object.
 */
struct json_object *icmp_json(const struct icmp_errors *errors)
{
	struct json_object *object = json_object_new_object();

	for (int i = 0; i < GRETUN_ICMP_KIND_COUNT; i++) {
		struct json_object *kind;
		char sender[INET6_ADDRSTRLEN];

		if (!errors[i].packets)
			continue;
		kind = json_object_new_object();
		ip_text(&errors[i].sender, sender);
		json_object_object_add(kind, "packets",
				       json_object_new_uint64(errors[i].packets));
		json_object_object_add(kind, "sender",
				       json_object_new_string(sender));
		json_object_object_add(kind, "age_ms",
				       json_object_new_uint64(errors[i].age));
		json_object_object_add(kind, "mtu",
				       errors[i].mtu ?
					       json_object_new_int64(errors[i].mtu) :
					       NULL);
		json_object_object_add(object, icmp_kinds[i].name, kind);
	}
	return object;
}

/**
 * icmp_explain() - add what to do about the kinds that came to an array
 * @tunnel: the tunnel
 * @array: the array
 */
void icmp_explain(const struct tunnel *tunnel, struct json_object *array)
{
	for (int i = 0; i < GRETUN_ICMP_KIND_COUNT; i++) {
		uint64_t packets = tunnel->counters.icmp[i].packets;

		if (packets)
			json_object_array_add(array,
					      explain_json("icmp",
							   &icmp_kinds[i],
							   packets, tunnel));
	}
}
