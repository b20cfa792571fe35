// SPDX-License-Identifier: GPL-2.0
/*
 * The loop state of a tunnel: the route to the remote address leads back into
 * the tunnel, so that nothing can be sent.
 */
#include <stdio.h>
#include <string.h>
#include <json-c/json_object.h>
#include <netlink/attr.h>
#include <linux/rtnetlink.h>

#include "cli.h"

/**
 * loop_get() - read the loop state out of a message
 * @nest: the attribute of it
 * @loop: where it goes
 */
void loop_get(struct nlattr *nest, struct loop *loop)
{
	struct nlattr *attr;
	int rest;

	nla_for_each_nested(attr, nest, rest) {
		switch (nla_type(attr)) {
		case GRETUN_A_LOOP_IFINDEX:
			loop->ifindex = nla_get_u32(attr);
			break;
		case GRETUN_A_LOOP_IFNAME:
			nla_strlcpy(loop->ifname, attr, IFNAMSIZ);
			break;
		case GRETUN_A_LOOP_DST_IPV4:
		case GRETUN_A_LOOP_DST_IPV6:
			ip_get(attr, &loop->dst);
			break;
		case GRETUN_A_LOOP_PREFIXLEN:
			loop->prefixlen = nla_get_u8(attr);
			break;
		case GRETUN_A_LOOP_TABLE:
			loop->table = nla_get_u32(attr);
			break;
		}
	}
}

static void dst_text(const struct loop *loop, char *buf, size_t size)
{
	char ip[INET6_ADDRSTRLEN];

	snprintf(buf, size, "%s/%u", ip_text(&loop->dst, ip), loop->prefixlen);
}

/* As ip(8) writes it. */
static void table_text(const struct loop *loop, char *buf, size_t size)
{
	switch (loop->table) {
	case RT_TABLE_MAIN:
		snprintf(buf, size, "main");
		break;
	case RT_TABLE_LOCAL:
		snprintf(buf, size, "local");
		break;
	case RT_TABLE_DEFAULT:
		snprintf(buf, size, "default");
		break;
	default:
		snprintf(buf, size, "%u", loop->table);
	}
}

/**
 * loop_print() - print which route makes the loop
 * @tunnel: the tunnel
 * @before: what to print before it
 *
 * Nothing is printed if there is no loop.
 */
void loop_print(const struct tunnel *tunnel, const char *before)
{
	const struct loop *loop = &tunnel->loop;
	char dst[64], table[16], name[NAME_TEXT];

	if (!loop->ifindex)
		return;
	dst_text(loop, dst, sizeof(dst));
	table_text(loop, table, sizeof(table));
	printf("%sroute %s table %s leads to %s, ", before, dst, table,
	       name_text(loop->ifname, name));
	/* Two network namespaces may use the same index. */
	if (loop->ifindex == tunnel->value[GRETUN_A_TUNNEL_IFINDEX] &&
	    !tunnel->link_elsewhere)
		printf("which is this tunnel");
	else
		printf("and from there back into this tunnel");
}

/**
 * loop_json() - make an object of the loop state
 * @loop: the state
 *
 * Return: the object, or NULL if there is no loop.
 */
struct json_object *loop_json(const struct loop *loop)
{
	struct json_object *object;
	char dst[64], table[16];

	if (!loop->ifindex)
		return NULL;
	object = json_object_new_object();
	dst_text(loop, dst, sizeof(dst));
	table_text(loop, table, sizeof(table));
	json_object_object_add(object, "dst", json_object_new_string(dst));
	json_object_object_add(object, "dev",
			       json_object_new_string(loop->ifname));
	json_object_object_add(object, "table", json_object_new_string(table));
	return object;
}
