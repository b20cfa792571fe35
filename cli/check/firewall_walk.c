// SPDX-License-Identifier: GPL-2.0
/*
 * Leads an outer packet through the chains that the firewall has for it, in
 * the order in which they are asked, and finds out whether it is dropped.
 */
#include <stdlib.h>
#include <string.h>
#include <json-c/json_object.h>
#include <json-c/json_object_iterator.h>

#include "firewall.h"

/* A chain may jump to others; the kernel has the same bound. */
#define DEPTH 16

/* Chains that call each other often could take forever; so many rules do not. */
#define RULES 100000

/* How a chain ends for a packet. */
enum end_of_chain {
	FALLS_THROUGH,
	ACCEPTED, /* by this base chain; others may still drop it */
	DROPPED,
};

struct walk {
	struct packet packet; /* changes on its way */
	const struct ruleset *rules;
	struct json_object *base;
	struct verdict verdict;
	bool sure; /* that the packet gets as far as here */
	unsigned int left;
};

/* Words that decide, and those that are of no interest here. */
static const char *const nat[] = {
	"snat", "dnat", "masquerade", "redirect", "tproxy"
};

static const char *const no_matter[] = {
	"counter", "log", "mangle", "set", "map", "dup", "tunnel", "flow",
	"ct helper", "ct timeout", "ct expectation", "secmark", "last"
};

static bool is_one_of(const char *word, const char *const *words, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		if (strcmp(word, words[i]) == 0)
			return true;
	}
	return false;
}

static enum truth less(enum truth one, enum truth other)
{
	return one < other ? one : other;
}

static enum end_of_chain walk_chain(struct walk *walk,
				    struct json_object *chain, bool sure,
				    int depth);

static void drop(struct walk *walk, struct json_object *rule, bool sure)
{
	enum truth dropped = sure && walk->sure ? YES : MAYBE;

	/* The first one that is sure, or else the first. */
	if (dropped <= walk->verdict.dropped)
		return;
	walk->verdict.dropped = dropped;
	walk->verdict.rule = rule;
	walk->verdict.chain = walk->base;
}

/**
 * table_of() - name the table that something is in
 * @object: a chain, rule or set
 * @buf: where its family and name go
 * @size: bytes there
 */
void table_of(struct json_object *object, char *buf, size_t size)
{
	snprintf(buf, size, "%s %s", text_of(object, "family"),
		 text_of(object, "table"));
}

static struct json_object *find_chain(struct walk *walk,
				      struct json_object *rule,
				      const char *name)
{
	struct json_object *list = walk->rules->list, *chain;
	char wanted[256], table[256];

	table_of(rule, wanted, sizeof(wanted));
	for (size_t i = 0; i < json_object_array_length(list); i++) {
		if (!json_object_object_get_ex(json_object_array_get_idx(list, i),
					       "chain", &chain))
			continue;
		table_of(chain, table, sizeof(table));
		if (strcmp(table, wanted) == 0 &&
		    strcmp(text_of(chain, "name"), name) == 0)
			return chain;
	}
	return NULL;
}

/*
 * What a word of a verdict does. @sure: it is reached for certain. Returns
 * whether the chain ends, for a packet that gets there.
 */
static bool decide(struct walk *walk, struct json_object *rule,
		   const char *word, struct json_object *value, bool sure,
		   int depth, enum end_of_chain *end)
{
	struct json_object *chain;
	bool to = strcmp(word, "goto") == 0;

	if (strcmp(word, "accept") == 0) {
		*end = ACCEPTED;
	} else if (strcmp(word, "drop") == 0 || strcmp(word, "reject") == 0) {
		drop(walk, rule, sure);
		*end = DROPPED;
	} else if (strcmp(word, "queue") == 0) {
		/* A program decides. */
		drop(walk, rule, false);
		*end = ACCEPTED;
	} else if (strcmp(word, "return") == 0) {
		*end = FALLS_THROUGH;
	} else if (to || strcmp(word, "jump") == 0) {
		chain = find_chain(walk, rule, text_of(value, "target"));
		*end = FALLS_THROUGH;
		if (chain && depth < DEPTH)
			*end = walk_chain(walk, chain, sure, depth + 1);
		return to || *end != FALLS_THROUGH;
	} else {
		return false; /* continue */
	}
	return true;
}

/* The first word of an object is all it has. */
static bool first_word(struct json_object *object, const char **word,
		       struct json_object **value)
{
	struct json_object_iterator at, end;

	if (!json_object_is_type(object, json_type_object))
		return false;
	at = json_object_iter_begin(object);
	end = json_object_iter_end(object);
	if (json_object_iter_equal(&at, &end))
		return false;
	*word = json_object_iter_peek_name(&at);
	*value = json_object_iter_peek_value(&at);
	return true;
}

/* How a rule ends for a packet. */
struct outcome {
	bool ends;	  /* the chain */
	bool may_leave;	  /* it, with what comes next in the one that called */
	enum truth truth; /* that the rule gets to its verdict */
	enum end_of_chain end;
};

/*
 * A decision that is not sure leaves the packet going on. If it may have been
 * accepted, what comes later is not sure either.
 */
static bool settle(struct walk *walk, struct outcome *outcome, bool ends)
{
	if (!ends)
		return false;
	if (outcome->truth == YES) {
		outcome->ends = true;
		return true;
	}
	if (outcome->end == ACCEPTED)
		walk->sure = false;
	else if (outcome->end == FALLS_THROUGH)
		outcome->may_leave = true;
	return false;
}

static bool walk_vmap(struct walk *walk, struct json_object *rule,
		      struct json_object *vmap, bool sure, int depth,
		      struct outcome *outcome)
{
	struct json_object *key = NULL, *data = NULL, *set = NULL;
	enum truth before = outcome->truth;
	char table[256];

	table_of(rule, table, sizeof(table));
	json_object_object_get_ex(vmap, "key", &key);
	json_object_object_get_ex(vmap, "data", &data);
	if (json_object_is_type(data, json_type_string))
		set = find_set(walk->rules, table,
			       json_object_get_string(data));
	else
		json_object_object_get_ex(data, "set", &set);
	if (!json_object_is_type(set, json_type_array))
		return false;
	for (size_t i = 0; i < json_object_array_length(set); i++) {
		struct json_object *pair = json_object_array_get_idx(set, i);
		struct json_object *value;
		const char *word;
		enum truth here;
		bool ends;

		if (!json_object_is_type(pair, json_type_array) ||
		    !first_word(json_object_array_get_idx(pair, 1), &word,
				&value))
			continue;
		here = match_value(&walk->packet, walk->rules, table, key,
				   json_object_array_get_idx(pair, 0));
		if (here == NO)
			continue;
		outcome->truth = less(before, here);
		ends = decide(walk, rule, word, value,
			      sure && outcome->truth == YES, depth,
			      &outcome->end);
		if (settle(walk, outcome, ends))
			return true;
		if (here == YES)
			break;
	}
	outcome->truth = before;
	return false;
}

/* A match or target of iptables, of which only the name is told. */
static bool walk_xt(struct walk *walk, struct json_object *rule,
		    struct json_object *xt, bool sure, struct outcome *outcome)
{
	const char *name = text_of(xt, "name");

	if (strcmp(text_of(xt, "type"), "target") != 0) {
		if (strcmp(name, "comment") != 0)
			outcome->truth = less(outcome->truth, MAYBE);
		return false;
	}
	if (strcmp(name, "REJECT") != 0)
		return false;
	drop(walk, rule, sure && outcome->truth == YES);
	outcome->end = DROPPED;
	return settle(walk, outcome, true);
}

/* Returns whether the rule is at its end. */
static bool walk_word(struct walk *walk, struct json_object *rule,
		      const char *word, struct json_object *value, bool sure,
		      int depth, struct outcome *outcome)
{
	char table[256];
	bool ends;

	if (strcmp(word, "match") == 0) {
		table_of(rule, table, sizeof(table));
		outcome->truth = less(outcome->truth,
				      match(&walk->packet, walk->rules, table,
					    value));
		return outcome->truth == NO;
	}
	if (strcmp(word, "vmap") == 0)
		return walk_vmap(walk, rule, value, sure, depth, outcome);
	if (strcmp(word, "xt") == 0)
		return walk_xt(walk, rule, value, sure, outcome);
	if (strcmp(word, "notrack") == 0) {
		walk->packet.state = NULL;
		return false;
	}
	if (is_one_of(word, nat, ARRAY_SIZE(nat)))
		word = "accept";
	if (is_one_of(word, no_matter, ARRAY_SIZE(no_matter)))
		return false;
	outcome->end = FALLS_THROUGH;
	ends = decide(walk, rule, word, value, sure && outcome->truth == YES,
		      depth, &outcome->end);
	if (ends || strcmp(word, "jump") == 0 || strcmp(word, "continue") == 0) {
		settle(walk, outcome, ends);
		return true;
	}
	/* A limit, or what only a newer nft has. */
	outcome->truth = less(outcome->truth, MAYBE);
	return false;
}

static struct outcome walk_rule(struct walk *walk, struct json_object *rule,
				bool sure, int depth)
{
	struct outcome outcome = { .truth = YES };
	struct json_object *expr, *value;
	const char *word;

	if (!json_object_object_get_ex(rule, "expr", &expr) ||
	    !json_object_is_type(expr, json_type_array))
		return outcome;
	for (size_t i = 0; i < json_object_array_length(expr); i++) {
		if (first_word(json_object_array_get_idx(expr, i), &word,
			       &value) &&
		    walk_word(walk, rule, word, value, sure, depth, &outcome))
			break;
	}
	return outcome;
}

static enum end_of_chain walk_chain(struct walk *walk,
				    struct json_object *chain, bool sure,
				    int depth)
{
	struct json_object *list = walk->rules->list, *rule;
	const char *name = text_of(chain, "name");
	char wanted[256], table[256];
	struct outcome outcome;

	table_of(chain, wanted, sizeof(wanted));
	for (size_t i = 0; i < json_object_array_length(list); i++) {
		if (!json_object_object_get_ex(json_object_array_get_idx(list, i),
					       "rule", &rule))
			continue;
		if (strcmp(text_of(rule, "chain"), name) != 0)
			continue;
		table_of(rule, table, sizeof(table));
		if (strcmp(table, wanted) != 0)
			continue;
		if (!walk->left) {
			walk->sure = false;
			return FALLS_THROUGH;
		}
		walk->left--;
		outcome = walk_rule(walk, rule, sure, depth);
		if (outcome.ends)
			return outcome.end;
		sure = sure && !outcome.may_leave;
	}
	return FALLS_THROUGH;
}

/**
 * walk() - find out what the firewall does to a packet
 * @packet: the packet
 * @rules: the ruleset
 *
 * Return: whether and where it is dropped.
 */
struct verdict walk(const struct packet *packet, const struct ruleset *rules)
{
	struct walk state = {
		.packet = *packet,
		.rules = rules,
		.left = RULES,
	};
	struct json_object *base[BASE_CHAINS];
	size_t count = base_chains(packet, rules, base);

	for (size_t i = 0; i < count && state.verdict.dropped != YES; i++) {
		enum end_of_chain end;

		state.base = base[i];
		state.sure = true;
		end = walk_chain(&state, base[i], true, 0);
		if (end == FALLS_THROUGH &&
		    strcmp(text_of(base[i], "policy"), "drop") == 0)
			drop(&state, NULL, true);
	}
	return state.verdict;
}
