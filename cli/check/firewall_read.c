// SPDX-License-Identifier: GPL-2.0
/*
 * Reads the rules of nft and of iptables, which may both be there.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <json-c/json_object.h>
#include <json-c/json_tokener.h>

#include "firewall.h"

static struct json_object *nft_list(void)
{
	static const char *const argv[] = {
		"nft", "-j", "list", "ruleset", NULL
	};
	struct json_object *object, *list = NULL;
	char *text = program_output(argv);

	if (!text)
		return NULL;
	object = json_tokener_parse(text);
	free(text);
	if (json_object_object_get_ex(object, "nftables", &list) &&
	    json_object_is_type(list, json_type_array))
		json_object_get(list);
	else
		list = NULL;
	json_object_put(object);
	return list;
}

/*
 * The tables of a family with rules that nft does not show in full: iptables
 * made them, and can.
 */
static struct json_object *xt_tables(struct json_object *list, bool ipv4)
{
	struct json_object *tables = json_object_new_object();
	struct json_object *rule, *expr;

	for (size_t i = 0; i < json_object_array_length(list); i++) {
		if (!json_object_object_get_ex(json_object_array_get_idx(list, i),
					       "rule", &rule) ||
		    strcmp(text_of(rule, "family"), ipv4 ? "ip" : "ip6") != 0 ||
		    !json_object_object_get_ex(rule, "expr", &expr) ||
		    !json_object_is_type(expr, json_type_array))
			continue;
		for (size_t j = 0; j < json_object_array_length(expr); j++) {
			if (json_object_object_get_ex(json_object_array_get_idx(expr, j),
						      "xt", NULL))
				json_object_object_add(tables,
						       text_of(rule, "table"),
						       NULL);
		}
	}
	return tables;
}

/* All but those tables. */
static struct json_object *without(struct json_object *list, bool ipv4,
				   struct json_object *tables)
{
	static const char *const kinds[] = { "chain", "rule" };
	struct json_object *rest = json_object_new_array();

	for (size_t i = 0; i < json_object_array_length(list); i++) {
		struct json_object *object =
			json_object_array_get_idx(list, i);
		struct json_object *of;
		bool take = true;

		for (size_t j = 0; j < ARRAY_SIZE(kinds); j++) {
			if (json_object_object_get_ex(object, kinds[j], &of) &&
			    strcmp(text_of(of, "family"),
				   ipv4 ? "ip" : "ip6") == 0 &&
			    json_object_object_get_ex(tables,
						      text_of(of, "table"),
						      NULL))
				take = false;
		}
		if (take)
			json_object_array_add(rest, json_object_get(object));
	}
	return rest;
}

/**
 * firewall_program() - find the iptables of a family
 * @ipv4: for IPv4, not IPv6
 * @legacy: the one that does not use nft's part of the kernel
 *
 * Return: its name.
 */
const char *firewall_program(bool ipv4, bool legacy)
{
	static const char *const programs[2][2] = {
		{ "ip6tables-nft", "ip6tables-legacy" },
		{ "iptables-nft", "iptables-legacy" },
	};
	const char *program = programs[ipv4][legacy];

	if (program_exists(program))
		return program;
	return ipv4 ? "iptables" : "ip6tables";
}

/* What iptables of a kind has, NULL if it does not tell. */
static struct json_object *save_list(bool ipv4, bool legacy,
				     struct json_object *tables)
{
	struct json_object *list;
	const char *argv[2] = { 0 };
	char program[64];
	char *text;

	snprintf(program, sizeof(program), "%s-save",
		 firewall_program(ipv4, legacy));
	argv[0] = program;
	text = program_output(argv);
	if (!text)
		return NULL;
	list = json_object_new_array();
	parse_save(text, ipv4, tables, list);
	free(text);
	return list;
}

/* The kernel has a file of the legacy tables in use. */
static bool has_legacy(bool ipv4)
{
	FILE *file = fopen(ipv4 ? "/proc/net/ip_tables_names" :
				  "/proc/net/ip6_tables_names",
			   "re");
	bool any;

	if (!file)
		return false;
	any = fgetc(file) != EOF;
	fclose(file);
	return any;
}

/**
 * firewall_read() - read the rules of this network namespace
 * @ipv4: those of iptables for IPv4, not IPv6
 * @rules: where they go, RULESETS of them; each list is to be put
 *
 * Return: how many rulesets there are, 0 if they could not be read.
 */
size_t firewall_read(bool ipv4, struct ruleset *rules)
{
	struct json_object *list = nft_list(), *tables, *saved = NULL;
	size_t count = 0;

	if (list) {
		tables = xt_tables(list, ipv4);
		if (json_object_object_length(tables))
			saved = save_list(ipv4, false, tables);
		if (saved) {
			struct json_object *rest = without(list, ipv4, tables);

			json_object_put(list);
			list = rest;
			rules[count++] = (struct ruleset){
				.list = saved,
				.program = firewall_program(ipv4, false),
			};
		}
		json_object_put(tables);
		rules[count++] = (struct ruleset){ list, "nft" };
	}
	if (has_legacy(ipv4)) {
		saved = save_list(ipv4, true, NULL);
		if (saved)
			rules[count++] = (struct ruleset){
				.list = saved,
				.program = firewall_program(ipv4, true),
			};
	}
	return count;
}
