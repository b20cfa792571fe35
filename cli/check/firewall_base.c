// SPDX-License-Identifier: GPL-2.0
/*
 * The chains in which a packet's way through the firewall begins.
 */
#include <stdio.h>
#include <string.h>
#include <json-c/json_object.h>

#include "firewall.h"

static int hook_order(struct json_object *chain, bool received)
{
	static const char *const hooks[] = {
		"prerouting", "input", "output", "postrouting"
	};
	const char *hook = text_of(chain, "hook");

	for (int i = 0; i < 2; i++) {
		if (strcmp(hook, hooks[i + (received ? 0 : 2)]) == 0)
			return i;
	}
	return -1;
}

/*
 * Whether a table's only flag is that it sleeps. nft 1.0.6 prints another word
 * for that, the table's name.
 */
static bool sleeps(struct json_object *flags)
{
	const char *text = json_object_get_string(flags);

	return strstr(text, "dormant") ||
	       (json_object_is_type(flags, json_type_string) &&
		strcmp(text, "owner") != 0 && strcmp(text, "persist") != 0);
}

static bool is_dormant(const struct ruleset *rules, const char *wanted)
{
	struct json_object *list = rules->list, *table, *flags;
	char name[256];

	for (size_t i = 0; i < json_object_array_length(list); i++) {
		if (!json_object_object_get_ex(json_object_array_get_idx(list, i),
					       "table", &table))
			continue;
		snprintf(name, sizeof(name), "%s %s", text_of(table, "family"),
			 text_of(table, "name"));
		if (strcmp(name, wanted) == 0 &&
		    json_object_object_get_ex(table, "flags", &flags))
			return sleeps(flags);
	}
	return false;
}

static bool is_for(const struct packet *packet, const struct ruleset *rules,
		   struct json_object *chain)
{
	const char *family = text_of(chain, "family");
	char table[256];

	if (hook_order(chain, packet->received) < 0)
		return false;
	if (strcmp(family, "inet") != 0 &&
	    strcmp(family, packet->ipv4 ? "ip" : "ip6") != 0)
		return false;
	table_of(chain, table, sizeof(table));
	return !is_dormant(rules, table);
}

static int priority(struct json_object *chain)
{
	struct json_object *prio;

	return json_object_object_get_ex(chain, "prio", &prio) ?
		       json_object_get_int(prio) :
		       0;
}

static bool comes_before(struct json_object *one, struct json_object *other,
			 bool received)
{
	int first = hook_order(one, received);
	int second = hook_order(other, received);

	if (first != second)
		return first < second;
	return priority(one) < priority(other);
}

/**
 * base_chains() - find the chains that the kernel calls for a packet
 * @packet: the packet
 * @rules: the ruleset
 * @base: where they go, in the order of the calls, up to BASE_CHAINS
 *
 * Return: how many.
 */
size_t base_chains(const struct packet *packet, const struct ruleset *rules,
		   struct json_object **base)
{
	struct json_object *list = rules->list, *chain;
	size_t count = 0;

	for (size_t i = 0; i < json_object_array_length(list); i++) {
		size_t at = count;

		if (!json_object_object_get_ex(json_object_array_get_idx(list, i),
					       "chain", &chain) ||
		    !is_for(packet, rules, chain) || count == BASE_CHAINS)
			continue;
		count++;
		while (at && comes_before(chain, base[at - 1],
					  packet->received)) {
			base[at] = base[at - 1];
			at--;
		}
		base[at] = chain;
	}
	return count;
}
