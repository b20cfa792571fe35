// SPDX-License-Identifier: GPL-2.0
/*
 * Reads what iptables-save prints, and gives its rules the form that they have
 * with nft. A match that is not known here becomes one that nobody knows.
 */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <json-c/json_object.h>
#include <json-c/json_tokener.h>

#include "firewall.h"

/* More words than a rule has. */
#define WORDS 256

/* The chains that the kernel calls, and the priorities of their tables. */
static const struct {
	const char *chain;
	const char *hook;
} hooks[] = {
	{ "PREROUTING", "prerouting" },
	{ "INPUT", "input" },
	{ "OUTPUT", "output" },
	{ "POSTROUTING", "postrouting" },
};

static const struct {
	const char *table;
	int prio;
} priorities[] = {
	{ "raw", -300 },
	{ "mangle", -150 },
	{ "filter", 0 },
	{ "security", 50 },
	{ "nat", 100 },
};

/* Targets that end a rule, and what nft calls them. */
static const struct {
	const char *target;
	const char *word;
} targets[] = {
	{ "ACCEPT", "accept" },
	{ "DROP", "drop" },
	{ "REJECT", "reject" },
	{ "RETURN", "return" },
	{ "QUEUE", "queue" },
	{ "NFQUEUE", "queue" },
	{ "NOTRACK", "notrack" },
	{ "SNAT", "snat" },
	{ "DNAT", "dnat" },
	{ "MASQUERADE", "masquerade" },
	{ "REDIRECT", "redirect" },
};

/* Matches with options that are read here, or that do not matter. */
static const char *const known[] = {
	"addrtype", "comment", "conntrack", "state"
};

struct save {
	const char *family;
	char table[32];
	bool wanted; /* the table */
	struct json_object *list;
};

static struct json_object *text(const char *string)
{
	return json_object_new_string(string);
}

static void add_match(struct json_object *expr, bool not, const char *left,
		      struct json_object *right)
{
	struct json_object *match = json_object_new_object();
	struct json_object *word = json_object_new_object();

	json_object_object_add(match, "op", text(not ? "!=" : "=="));
	json_object_object_add(match, "left", json_tokener_parse(left));
	json_object_object_add(match, "right", right);
	json_object_object_add(word, "match", match);
	json_object_array_add(expr, word);
}

/* What is not known. */
static void add_xt(struct json_object *expr, const char *name)
{
	struct json_object *xt = json_object_new_object();
	struct json_object *word = json_object_new_object();

	json_object_object_add(xt, "type", text("match"));
	json_object_object_add(xt, "name", text(name));
	json_object_object_add(word, "xt", xt);
	json_object_array_add(expr, word);
}

static void add_word(struct json_object *expr, const char *name,
		     const char *target)
{
	struct json_object *word = json_object_new_object();
	struct json_object *value = NULL;

	if (target) {
		value = json_object_new_object();
		json_object_object_add(value, "target", text(target));
	}
	json_object_object_add(word, name, value);
	json_object_array_add(expr, word);
}

static void add_address(struct json_object *expr, bool not, const char *field,
			const struct save *save, char *word)
{
	struct json_object *prefix = json_object_new_object();
	struct json_object *right = json_object_new_object();
	char *slash = strchr(word, '/'), left[80];
	uint32_t len = strcmp(save->family, "ip") == 0 ? 32 : 128;

	/* A mask that is no prefix is left to those who know. */
	if (slash && !parse_number(slash + 1, 0, len, &len)) {
		json_object_put(prefix);
		json_object_put(right);
		add_xt(expr, "mask");
		return;
	}
	if (slash)
		*slash = '\0';
	json_object_object_add(prefix, "addr", text(word));
	json_object_object_add(prefix, "len", json_object_new_int(len));
	json_object_object_add(right, "prefix", prefix);
	snprintf(left, sizeof(left),
		 "{\"payload\":{\"protocol\":\"%s\",\"field\":\"%s\"}}",
		 save->family, field);
	add_match(expr, not, left, right);
}

static void add_dev(struct json_object *expr, bool not, const char *key,
		    char *word)
{
	size_t len = strlen(word);
	char left[40];

	if (len && word[len - 1] == '+')
		word[len - 1] = '*';
	snprintf(left, sizeof(left), "{\"meta\":{\"key\":\"%s\"}}", key);
	add_match(expr, not, left, text(word));
}

/* One of several words, which nft writes in small letters. */
static void add_words(struct json_object *expr, bool not, const char *left,
		      char *list)
{
	struct json_object *words = json_object_new_array();
	char *rest, *word;

	for (char *c = list; *c; c++)
		*c = tolower((unsigned char)*c);
	for (word = strtok_r(list, ",", &rest); word;
	     word = strtok_r(NULL, ",", &rest))
		json_object_array_add(words, text(word));
	add_match(expr, not, left, words);
}

static void add_target(struct json_object *expr, const char *target, bool to)
{
	for (size_t i = 0; i < ARRAY_SIZE(targets); i++) {
		if (strcmp(target, targets[i].target) == 0) {
			add_word(expr, targets[i].word, NULL);
			return;
		}
	}
	/* A chain, or a target that lets the packet go on: no such chain. */
	add_word(expr, to ? "goto" : "jump", target);
}

static bool is_known(const char *match)
{
	for (size_t i = 0; i < ARRAY_SIZE(known); i++) {
		if (strcmp(match, known[i]) == 0)
			return true;
	}
	return false;
}

/* Returns whether there is such an option here, with one value. */
static bool take_option(const struct save *save, struct json_object *expr,
			bool not, const char *option, char *value)
{
	if (strcmp(option, "-p") == 0)
		add_match(expr, not, "{\"meta\":{\"key\":\"l4proto\"}}",
			  text(value));
	else if (strcmp(option, "-s") == 0)
		add_address(expr, not, "saddr", save, value);
	else if (strcmp(option, "-d") == 0)
		add_address(expr, not, "daddr", save, value);
	else if (strcmp(option, "-i") == 0)
		add_dev(expr, not, "iifname", value);
	else if (strcmp(option, "-o") == 0)
		add_dev(expr, not, "oifname", value);
	else if (strcmp(option, "--ctstate") == 0 ||
		 strcmp(option, "--state") == 0)
		add_words(expr, not, "{\"ct\":{\"key\":\"state\"}}", value);
	else if (strcmp(option, "--dst-type") == 0)
		add_words(expr, not,
			  "{\"fib\":{\"result\":\"type\",\"flags\":\"daddr\"}}",
			  value);
	else if (strcmp(option, "--src-type") == 0)
		add_words(expr, not,
			  "{\"fib\":{\"result\":\"type\",\"flags\":\"saddr\"}}",
			  value);
	else if (strcmp(option, "-j") == 0 || strcmp(option, "-g") == 0)
		add_target(expr, value, option[1] == 'g');
	else if (strcmp(option, "-m") == 0 && !is_known(value))
		add_xt(expr, value);
	else
		return strcmp(option, "-m") == 0 ||
		       strcmp(option, "--comment") == 0;
	return true;
}

/* Split a line into words; what is quoted is one. */
static size_t split(char *line, char **word)
{
	size_t count = 0;
	char *to;

	while (count < WORDS) {
		line += strspn(line, " \t\r");
		if (!*line)
			break;
		to = line;
		word[count++] = line;
		if (*line == '"') {
			word[count - 1] = ++line;
			to = line;
			while (*line && *line != '"') {
				if (*line == '\\' && line[1])
					line++;
				*to++ = *line++;
			}
			if (*line)
				line++;
		} else {
			line += strcspn(line, " \t\r");
			to = line;
		}
		if (*line)
			line++;
		*to = '\0';
	}
	return count;
}

static struct json_object *new_object(const struct save *save)
{
	struct json_object *object = json_object_new_object();

	json_object_object_add(object, "family", text(save->family));
	json_object_object_add(object, "table", text(save->table));
	return object;
}

static void add(const struct save *save, const char *kind,
		struct json_object *object)
{
	struct json_object *outer = json_object_new_object();

	json_object_object_add(outer, kind, object);
	json_object_array_add(save->list, outer);
}

/* ":INPUT ACCEPT [0:0]" */
static void take_chain(const struct save *save, char *line)
{
	struct json_object *chain = new_object(save);
	char *word[WORDS];
	size_t count = split(line, word);

	if (!count)
		goto add;
	json_object_object_add(chain, "name", text(word[0]));
	for (size_t i = 0; i < ARRAY_SIZE(hooks); i++) {
		if (strcmp(word[0], hooks[i].chain) == 0)
			json_object_object_add(chain, "hook",
					       text(hooks[i].hook));
	}
	for (size_t i = 0; i < ARRAY_SIZE(priorities); i++) {
		if (strcmp(save->table, priorities[i].table) == 0)
			json_object_object_add(chain, "prio",
					       json_object_new_int(priorities[i].prio));
	}
	json_object_object_add(chain, "policy",
			       text(count > 1 && strcmp(word[1], "DROP") == 0 ?
					    "drop" :
					    "accept"));
add:
	add(save, "chain", chain);
}

/* "-A INPUT ! -s 192.0.2.0/24 -p gre -j DROP" */
static void take_rule(const struct save *save, char *line)
{
	struct json_object *expr = json_object_new_array();
	struct json_object *rule = new_object(save);
	bool not = false;
	char *word[WORDS];
	size_t count;

	json_object_object_add(rule, "text", text(line));
	count = split(line, word);
	if (count > 1)
		json_object_object_add(rule, "chain", text(word[1]));
	for (size_t i = 2; i < count; i++) {
		if (strcmp(word[i], "!") == 0) {
			not = true;
			continue;
		}
		/* What stands behind the target is of no interest. */
		if (*word[i] == '-' && i + 1 < count &&
		    take_option(save, expr, not, word[i], word[i + 1])) {
			if (word[i][1] == 'j' || word[i][1] == 'g')
				break;
			i++;
		} else if (*word[i] == '-') {
			add_xt(expr, word[i]);
		}
		not = false;
	}
	json_object_object_add(rule, "expr", expr);
	add(save, "rule", rule);
}

/**
 * parse_save() - read the tables that iptables-save prints
 * @text: what it prints
 * @ipv4: of IPv4, not IPv6
 * @tables: an object with the names of the tables to read, NULL for all
 * @list: what they have is added to this
 */
void parse_save(const char *text, bool ipv4, struct json_object *tables,
		struct json_object *list)
{
	struct save save = { .family = ipv4 ? "ip" : "ip6", .list = list };
	char *copy = strdup(text), *left, *line;

	if (!copy)
		out_of_memory();
	for (line = strtok_r(copy, "\n", &left); line;
	     line = strtok_r(NULL, "\n", &left)) {
		if (*line == '*') {
			snprintf(save.table, sizeof(save.table), "%s",
				 line + 1);
			save.wanted = !tables ||
				      json_object_object_get_ex(tables,
								save.table,
								NULL);
		} else if (save.wanted && *line == ':') {
			take_chain(&save, line + 1);
		} else if (save.wanted && strncmp(line, "-A ", 3) == 0) {
			take_rule(&save, line);
		}
	}
	free(copy);
}
