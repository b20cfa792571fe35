/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The firewall of this host as gretun check reads it. Rules have the form in
 * which "nft -j list ruleset" prints them, also those of iptables.
 */
#ifndef GRETUN_CHECK_FIREWALL_H
#define GRETUN_CHECK_FIREWALL_H

#include "check.h"

/* Whether a rule is for a packet; some of what rules ask is not known. */
enum truth {
	NO,
	MAYBE,
	YES,
};

/* An outer packet. */
struct packet {
	bool received; /* else sent */
	bool ipv4;
	const char *state;	  /* of its flow, NULL: not known */
	struct in6_addr src, dst; /* :: is not known */
	char dev[IFNAMSIZ];	  /* it passes, "": not known */
	uint32_t ttl;		  /* 0: not known */
	bool way_back;		  /* its source is reached through @dev */
	uint16_t port;		  /* UDP port that it goes to, 0: plain GRE */
};

/* Rules that are walked together. */
struct ruleset {
	struct json_object *list; /* of tables, chains, sets and rules */
	const char *program;	  /* that the user would change them with */
};

/* So many there may be: of nft, and of both kinds of iptables. */
#define RULESETS 3

/* More than a host has. */
#define BASE_CHAINS 64

/* What a packet has where a rule looks. */
struct value {
	enum {
		UNKNOWN,
		ABSENT, /* such a packet has none, whatever is asked of it */
		IP,
		NAME,
		NUMBER,
		PROTOCOL, /* GRE or UDP */
		STATUS,	  /* of the flow, whose addresses nobody changes */
	} kind;
	struct in6_addr ip;
	const char *name;
	uint32_t number;
};

/* What becomes of a packet. */
struct verdict {
	enum truth dropped;
	struct json_object *rule;  /* that does it, NULL: the policy */
	struct json_object *chain; /* that it is called from */
};

/* firewall_read.c */
const char *firewall_program(bool ipv4, bool legacy);
size_t firewall_read(bool ipv4, struct ruleset *rules);

/* firewall_value.c */
struct json_object *part_of(struct json_object *object, const char *name);
const char *text_of(struct json_object *object, const char *name);
struct value value_of(const struct packet *packet, struct json_object *left);

/* firewall_match.c */
enum truth match_value(const struct packet *packet,
		       const struct ruleset *rules, const char *table,
		       struct json_object *left, struct json_object *right);
enum truth match(const struct packet *packet, const struct ruleset *rules,
		 const char *table, struct json_object *match);
struct json_object *find_set(const struct ruleset *rules, const char *table,
			     const char *name);

/* firewall_base.c */
size_t base_chains(const struct packet *packet, const struct ruleset *rules,
		   struct json_object **base);

/* firewall_walk.c */
void table_of(struct json_object *object, char *buf, size_t size);
struct verdict walk(const struct packet *packet, const struct ruleset *rules);

/* firewall_save.c */
void parse_save(const char *text, bool ipv4, struct json_object *tables,
		struct json_object *list);

/* program.c */
bool program_exists(const char *program);
char *program_output(const char *const *argv);

#endif /* GRETUN_CHECK_FIREWALL_H */
