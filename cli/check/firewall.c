// SPDX-License-Identifier: GPL-2.0
/*
 * The step of this host's own firewall: whether its rules drop the packets of
 * the tunnel. They are read, and nothing is changed.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <json-c/json_object.h>

#include "firewall.h"

static const char name[] = "firewall";

/* The rule as its program writes it, to be freed. */
static char *rule_text(struct json_object *rule)
{
	const char *const argv[] = {
		"nft", "-a", "list", "chain", text_of(rule, "family"),
		text_of(rule, "table"), text_of(rule, "chain"), NULL
	};
	struct json_object *handle = NULL;
	char *output, *line, *left, *end, mark[32];
	char *text = NULL;

	if (*text_of(rule, "text")) {
		text = strdup(text_of(rule, "text"));
		goto out;
	}
	json_object_object_get_ex(rule, "handle", &handle);
	snprintf(mark, sizeof(mark), " # handle %d",
		 json_object_get_int(handle));
	output = program_output(argv);
	if (!output)
		goto out;
	for (line = strtok_r(output, "\n", &left); line && !text;
	     line = strtok_r(NULL, "\n", &left)) {
		end = strstr(line, mark);
		if (!end || end[strlen(mark)])
			continue;
		*end = '\0';
		text = strdup(line + strspn(line, " \t"));
	}
	free(output);
out:
	if (!text)
		text = strdup("");
	if (!text)
		out_of_memory();
	return text;
}

/* The chains that iptables made have the names that it gives. */
static bool of_iptables(struct json_object *chain)
{
	const char *family = text_of(chain, "family");
	const char *chain_name = text_of(chain, "name");

	return (strcmp(family, "ip") == 0 || strcmp(family, "ip6") == 0) &&
	       strcasecmp(chain_name, text_of(chain, "hook")) == 0 &&
	       strcmp(chain_name, text_of(chain, "hook")) != 0;
}

static void fix(struct check *check, const struct packet *packet,
		const struct ruleset *rules, struct json_object *chain)
{
	const char *table = text_of(chain, "table");
	const char *chain_name = text_of(chain, "name");
	const char *family = packet->ipv4 ? "ip" : "ip6";
	const char *program = rules->program;
	char src[INET6_ADDRSTRLEN], dst[INET6_ADDRSTRLEN];
	char from[80] = "", to[80] = "", what[32];
	bool nft = strcmp(program, "nft") == 0;

	if (nft && of_iptables(chain) &&
	    program_exists(firewall_program(packet->ipv4, false))) {
		program = firewall_program(packet->ipv4, false);
		nft = false;
	}
	if (!ip_is_any(&packet->src))
		snprintf(from, sizeof(from), nft ? " %2$s saddr %1$s" : " -s %1$s",
			 ip_text(&packet->src, src), family);
	if (!ip_is_any(&packet->dst))
		snprintf(to, sizeof(to), nft ? " %2$s daddr %1$s" : " -d %1$s",
			 ip_text(&packet->dst, dst), family);
	if (packet->port)
		snprintf(what, sizeof(what),
			 nft ? "udp dport %u" : "-p udp --dport %u",
			 packet->port);
	else
		strcpy(what, nft ? "meta l4proto gre" : "-p gre");
	if (nft)
		step_fix(check, "%snft insert rule %s %s %s %s%s%s accept",
			 check->outside.exec, text_of(chain, "family"), table,
			 chain_name, what, from, to);
	else
		step_fix(check, "%s%s -t %s -I %s %s%s%s -j ACCEPT",
			 check->outside.exec, program, table, chain_name, what,
			 from, to);
}

static void where_text(struct json_object *rule, struct json_object *chain,
		       const struct ruleset *rules, char *buf, size_t size)
{
	struct json_object *at = rule ? rule : chain;
	struct json_object *handle = NULL;
	char number[32] = "";

	if (rule && json_object_object_get_ex(rule, "handle", &handle))
		snprintf(number, sizeof(number), "handle %d, ",
			 json_object_get_int(handle));
	snprintf(buf, size, "%schain %s of table %s %s (%s)", number,
		 text_of(at, rule ? "chain" : "name"), text_of(at, "family"),
		 text_of(at, "table"), rules->program);
}

/* @drops: what it does; @more: to be said of that. */
static void say(struct check *check, const struct packet *packet,
		const struct ruleset *rules, const struct verdict *verdict,
		enum result result, const char *drops, const char *more)
{
	const char *what = packet->received ? "what the far end sends" :
					      "what the tunnel sends";
	struct json_object *rule = verdict->rule;
	char where[512], *text;

	where_text(rule, verdict->chain, rules, where, sizeof(where));
	if (rule) {
		text = rule_text(rule);
		step(check, name, result, "the rule \"%s\", %s, %s %s%s", text,
		     where, drops, what, more);
		free(text);
	} else {
		step(check, name, result,
		     "the policy of %s %s %s, as no rule accepts it%s", where,
		     drops, what, more);
	}
	fix(check, packet, rules, verdict->chain);
	if (result == PROBLEM)
		step_stops(check, AT_GATEWAY);
}

/* Of what connection tracking decides, both are looked at. */
static bool check_packet(struct check *check, struct packet *packet,
			 const struct ruleset *rules)
{
	bool received = packet->received;
	struct verdict first, later;

	packet->state = "new";
	first = walk(packet, rules);
	packet->state = "established";
	later = walk(packet, rules);
	if (first.dropped == YES && later.dropped == YES)
		say(check, packet, rules, &first, PROBLEM, "drops", "");
	else if (first.dropped == YES && received)
		say(check, packet, rules, &first, WARNING, "drops",
		    ", but for answers to what this host sent: the far end cannot begin");
	else if (first.dropped == YES)
		say(check, packet, rules, &first, PROBLEM, "drops",
		    ", but for answers: this host cannot begin");
	else if (first.dropped == MAYBE)
		say(check, packet, rules, &first, WARNING, "may drop",
		    "; it asks for more than can be told here");
	else if (later.dropped != NO)
		say(check, packet, rules, &later, WARNING, "may drop",
		    "; it asks for more than can be told here");
	return first.dropped != NO || later.dropped != NO;
}

static void packet_of(const struct check *check, bool received,
		      struct packet *packet)
{
	const struct tunnel *tunnel = check->tunnel;
	const struct in6_addr *local = &tunnel->outer[LOCAL];
	const struct in6_addr *remote = &tunnel->outer[REMOTE];

	memset(packet, 0, sizeof(*packet));
	packet->received = received;
	packet->ipv4 = ip_is_ipv4(local);
	packet->src = received ? *remote : *local;
	packet->dst = received ? *local : *remote;
	packet->port = tunnel->value[GRETUN_A_TUNNEL_ENCAP_PORT];
	/* In a VRF the rules see the packet twice, with two devices. */
	if (!check->out_dev.master) {
		strcpy(packet->dev, check->out_dev.name);
		packet->way_back = check->routed;
	}
	if (!received)
		packet->ttl = tunnel->value[GRETUN_A_TUNNEL_TTL];
}

/**
 * check_firewall() - check that the firewall lets packets of the tunnel pass
 * @check: the check, outside; where the route leads is known if it does
 */
void check_firewall(struct check *check)
{
	bool ipv4 = ip_is_ipv4(&check->tunnel->outer[LOCAL]);
	struct ruleset rules[RULESETS];
	struct packet packet;
	bool any = false;
	size_t count;

	count = firewall_read(ipv4, rules);
	for (size_t i = 0; i < count; i++) {
		packet_of(check, true, &packet);
		any = check_packet(check, &packet, &rules[i]) || any;
		/* What has no peer sends to nobody. */
		packet_of(check, false, &packet);
		if (check->has_remote)
			any = check_packet(check, &packet, &rules[i]) || any;
		json_object_put(rules[i].list);
	}
	if (!count && geteuid() != 0) {
		check->unprivileged = true;
		step(check, name, SKIPPED,
		     "the rules were not looked at, as that needs root");
	} else if (!count) {
		step(check, name, SKIPPED,
		     "the rules were not looked at, as neither nft nor iptables could list them");
	}
	if (count && !any)
		step(check, name, FINE,
		     "no rule of this host drops %s from or to the far end",
		     check->tunnel->value[GRETUN_A_TUNNEL_ENCAP] ? "UDP" : "GRE");
}
