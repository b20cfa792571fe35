// SPDX-License-Identifier: GPL-2.0
/*
 * Where the peer of a tunnel is, if it is not where it was set to be.
 */
#include <stdio.h>
#include <json-c/json_object.h>
#include <netlink/attr.h>

#include "cli.h"

/**
 * roam_get() - read where the peer is out of a message
 * @nest: the attribute of it
 * @roam: where it goes
 */
void roam_get(struct nlattr *nest, struct roam *roam)
{
	struct nlattr *attr;
	int rest;

	roam->moved = true;
	nla_for_each_nested(attr, nest, rest) {
		switch (nla_type(attr)) {
		case GRETUN_A_PEER_IPV4:
		case GRETUN_A_PEER_IPV6:
			ip_get(attr, &roam->now.ip);
			break;
		case GRETUN_A_PEER_PORT:
			roam->now.port = nla_get_u16(attr);
			break;
		case GRETUN_A_PEER_BEFORE_IPV4:
		case GRETUN_A_PEER_BEFORE_IPV6:
			ip_get(attr, &roam->before.ip);
			break;
		case GRETUN_A_PEER_BEFORE_PORT:
			roam->before.port = nla_get_u16(attr);
			break;
		case GRETUN_A_PEER_MOVES:
			roam->moves = nla_get_u32(attr);
			break;
		case GRETUN_A_PEER_AGE:
			roam->age = nla_get_u64(attr);
			break;
		}
	}
}

static const char *place_text(const struct roam_place *place, char *buf,
			      size_t size)
{
	char ip[INET6_ADDRSTRLEN];

	if (ip_is_any(&place->ip))
		return "any";
	if (place->port)
		snprintf(buf, size, "%s port %u", ip_text(&place->ip, ip),
			 place->port);
	else
		snprintf(buf, size, "%s", ip_text(&place->ip, ip));
	return buf;
}

/**
 * roam_print() - print where the peer is
 * @tunnel: the tunnel
 * @before: what to print before it
 *
 * Nothing is printed if it is where it was set to be.
 */
void roam_print(const struct tunnel *tunnel, const char *before)
{
	const struct roam *roam = &tunnel->roam;
	char now[64], was[64], age[32];

	if (!roam->moved)
		return;
	printf("%sat %s, moved from %s %s", before,
	       place_text(&roam->now, now, sizeof(now)),
	       place_text(&roam->before, was, sizeof(was)),
	       ago(roam->age, age, sizeof(age)));
	if (roam->moves > 1)
		printf(", %u times in all", roam->moves);
}

static void put_place(struct json_object *object, const char *address,
		      const char *port, const struct roam_place *place)
{
	struct json_object *text = NULL, *number = NULL;
	char ip[INET6_ADDRSTRLEN];

	if (!ip_is_any(&place->ip))
		text = json_object_new_string(ip_text(&place->ip, ip));
	if (place->port)
		number = json_object_new_int64(place->port);
	json_object_object_add(object, address, text);
	json_object_object_add(object, port, number);
}

/**
 * roam_json() - make an object of where the peer is
 * @roam: where it is
 *
 * Return: the object, or NULL if it is where it was set to be.
 */
struct json_object *roam_json(const struct roam *roam)
{
	struct json_object *object;

	if (!roam->moved)
		return NULL;
	object = json_object_new_object();
	put_place(object, "remote", "port", &roam->now);
	put_place(object, "before", "before_port", &roam->before);
	json_object_object_add(object, "moves",
			       json_object_new_int64(roam->moves));
	json_object_object_add(object, "age_ms",
			       json_object_new_uint64(roam->age));
	return object;
}
