// SPDX-License-Identifier: GPL-2.0
/*
 * Both ends side by side: for two people who compare what they have, and for
 * programs.
 */
#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>
#include <json-c/json_object.h>

#include "dialects.h"

static const struct column columns[] = {
	{ .title = "" },
	{ .title = "LEFT" },
	{ .title = "RIGHT" },
};

/* What is said of each host alone, or above in other words. */
static const uint32_t left_out[] = { A(EXTERNAL), A(LOCAL_IPV4), A(REMOTE_IPV4),
				     A(LINK), A(FWMARK), A(FASTPATH),
				     A(IKEY), A(OKEY), A(MTU) };

static bool is_left_out(uint32_t type)
{
	for (size_t i = 0; i < ARRAY_SIZE(left_out); i++) {
		if (left_out[i] == type)
			return true;
	}
	return false;
}

static void row(struct table *table, const char *what, const char *left,
		const char *right)
{
	table_cell(table, NULL, "%s", what);
	table_cell(table, NULL, "%s", left);
	table_cell(table, NULL, "%s", right);
}

static void key_row(struct table *table, const char *what, uint32_t type,
		    const struct tunnel *left, const struct tunnel *right)
{
	const struct tunnel *const end[] = { left, right };

	table_cell(table, NULL, "%s", what);
	for (size_t i = 0; i < ARRAY_SIZE(end); i++) {
		if (has(end[i], type))
			table_cell(table, NULL, "%u", end[i]->value[type]);
		else
			table_cell(table, NULL, "none");
	}
}

static void number_row(struct table *table, const char *what, uint32_t left,
		       uint32_t right)
{
	table_cell(table, NULL, "%s", what);
	table_cell(table, NULL, "%u", left);
	table_cell(table, NULL, "%u", right);
}

static void inner_rows(struct table *table, const struct inner *inner)
{
	row(table, "tunnel address", inner->remote,
	    inner->known ? inner->local : "to be chosen");
	number_row(table, "prefix", inner->prefixlen, inner->prefixlen);
	if (inner->family == AF_INET)
		row(table, "netmask", inner->netmask, inner->netmask);
}

static void attr_row(struct table *table, const struct attr *attr,
		     const struct tunnel *left, const struct tunnel *right)
{
	char left_text[64] = "none", right_text[64] = "none";
	bool there;

	there = attr->print(attr, left, left_text, sizeof(left_text));
	there |= attr->print(attr, right, right_text, sizeof(right_text));
	if (there)
		row(table, attr->word, left_text, right_text);
}

/**
 * both_table() - print both ends as a table of two columns
 * @left: this end
 * @right: the other end
 */
void both_table(const struct tunnel *left, const struct far_end *right)
{
	const struct tunnel *other = &right->tunnel;
	struct table table = { 0 };
	char name[NAME_TEXT];

	row(&table, "public address", right->remote, right->local);
	for (size_t i = 0; i < right->inner_count; i++)
		inner_rows(&table, &right->inner[i]);
	row(&table, "device", name_text(left->ifname, name), other->ifname);
	key_row(&table, "key sent", A(OKEY), left, other);
	key_row(&table, "key expected", A(IKEY), left, other);
	for (const struct attr *attr = attrs; attr->word; attr++) {
		if (attr->print && !is_left_out(attr->type))
			attr_row(&table, attr, left, other);
	}
	number_row(&table, "mtu", left->mtu, other->mtu);
	number_row(&table, "bytes added", left->overhead, other->overhead);
	if (left->value[A(ENCAP)])
		row(&table, "IP protocol", "17 (UDP)", "17 (UDP)");
	else
		row(&table, "IP protocol", "47", "47");
	table_print(&table, columns, ARRAY_SIZE(columns));
}

static struct json_object *end_json(const char *end,
				    const struct tunnel *tunnel)
{
	struct json_object *object = json_object_new_object();
	struct json_object *addresses = json_object_new_array();

	for (size_t i = 0; i < tunnel->address_count; i++) {
		const struct address *address = &tunnel->address[i];

		if (!address_is_own(address))
			json_object_array_add(addresses, address_json(address));
	}
	json_object_object_add(object, "end", json_object_new_string(end));
	json_object_object_add(object, "ifname",
			       json_object_new_string(tunnel->ifname));
	attrs_json(tunnel, object);
	/* A matter of one host, which a file has by its name. */
	json_object_object_del(object, "dev");
	json_object_object_del(object, "local_dev");
	json_object_object_add(object, "overhead",
			       json_object_new_int64(tunnel->overhead));
	json_object_object_add(object, "addresses", addresses);
	return object;
}

/**
 * both_json() - print both ends for programs
 * @left: this end
 * @right: the other end
 */
void both_json(const struct tunnel *left, const struct far_end *right)
{
	json_begin();
	json_put(end_json("left", left));
	json_put(end_json("right", &right->tunnel));
	json_end();
}
