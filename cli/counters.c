// SPDX-License-Identifier: GPL-2.0
/*
 * Counters, with the names and texts of reasons from the module's own list.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <json-c/json_object.h>
#include <netlink/attr.h>

#include "cli.h"

/* clang-format off */
#define REASON(symbol, name, text, cause, step) { name, text, cause, step },

/* For what a newer module counts; its name is not known here. */
#define OTHER {								\
	"other", "for a reason that this version of gretun does not know", \
	"the module is newer than this program",			\
	"install the program of the same version; see gretun version",	\
}

const struct reason tunnel_reasons[] = {
	GRETUN_TUNNEL_REASONS(REASON)
	OTHER,
	{ NULL },
};

const struct reason netns_reasons[] = {
	GRETUN_NETNS_REASONS(REASON)
	OTHER,
	{ NULL },
};

const struct reason icmp_kinds[] = {
	GRETUN_ICMP_KINDS(REASON)
};

/* clang-format on */

_Static_assert(ARRAY_SIZE(netns_reasons) - 1 <= REASON_COUNT,
	       "counters have room for the reasons of a netns");

static void get_reason(struct nlattr *nest, const struct reason *reasons,
		       struct counters *counters)
{
	struct nlattr *attr, *name = NULL, *packets = NULL;
	size_t i = 0;
	int rest;

	nla_for_each_nested(attr, nest, rest) {
		if (nla_type(attr) == GRETUN_A_REASON_NAME)
			name = attr;
		if (nla_type(attr) == GRETUN_A_REASON_PACKETS)
			packets = attr;
	}
	if (!name || !packets || nla_len(packets) != sizeof(uint64_t))
		return;
	/* The last one, "other", takes what has no name here. */
	while (reasons[i + 1].name &&
	       nla_strcmp(name, reasons[i].name) != 0)
		i++;
	counters->reason[i] += nla_get_u64(packets);
}

/**
 * counters_get() - read counters out of a message
 * @nest: the attribute of the counters
 * @reasons: which reasons there are
 * @counters: where they go, all 0
 */
void counters_get(struct nlattr *nest, const struct reason *reasons,
		  struct counters *counters)
{
	struct nlattr *attr;
	int rest;

	nla_for_each_nested(attr, nest, rest) {
		if (nla_type(attr) == GRETUN_A_STATS_REASON) {
			get_reason(attr, reasons, counters);
			continue;
		}
		if (nla_type(attr) == GRETUN_A_STATS_ICMP) {
			icmp_get(attr, counters->icmp);
			continue;
		}
		if (nla_len(attr) != sizeof(uint64_t))
			continue;
		switch (nla_type(attr)) {
		case GRETUN_A_STATS_RX_PACKETS:
			counters->rx_packets = nla_get_u64(attr);
			break;
		case GRETUN_A_STATS_RX_BYTES:
			counters->rx_bytes = nla_get_u64(attr);
			break;
		case GRETUN_A_STATS_TX_PACKETS:
			counters->tx_packets = nla_get_u64(attr);
			break;
		case GRETUN_A_STATS_TX_BYTES:
			counters->tx_bytes = nla_get_u64(attr);
			break;
		}
	}
}

/**
 * counters_print() - print the reasons that have counted something
 * @counters: the counters
 * @reasons: which reasons there are
 * @explain: say what to do about each, too
 * @tunnel: whose counters they are, NULL for those of a netns
 */
void counters_print(const struct counters *counters,
		    const struct reason *reasons, bool explain,
		    const struct tunnel *tunnel)
{
	for (size_t i = 0; reasons[i].name; i++) {
		if (!counters->reason[i])
			continue;
		printf("  %-16s %10" PRIu64 "  %s\n", reasons[i].name,
		       counters->reason[i], reasons[i].text);
		if (explain)
			explain_print(&reasons[i], tunnel);
	}
}

/**
 * counters_json() - make an object of the reasons
 * @counters: the counters
 * @reasons: which reasons there are
 *
 * All that this version knows are there, also those that are 0.
 *
 * Return: the object.
 */
struct json_object *counters_json(const struct counters *counters,
				  const struct reason *reasons)
{
	struct json_object *object = json_object_new_object();

	for (size_t i = 0; reasons[i].name; i++) {
		/* "other" is there when there is such a thing. */
		if (!reasons[i + 1].name && !counters->reason[i])
			break;
		json_object_object_add(object, reasons[i].name,
				       json_object_new_uint64(counters->reason[i]));
	}
	return object;
}

/**
 * counters_explain() - make an array of what to do about the reasons
 * @counters: the counters
 * @reasons: which reasons there are
 * @tunnel: whose counters they are, NULL for those of a netns
 *
 * Return: the array, of those that have counted something.
 */
struct json_object *counters_explain(const struct counters *counters,
				     const struct reason *reasons,
				     const struct tunnel *tunnel)
{
	struct json_object *array = json_object_new_array();

	for (size_t i = 0; reasons[i].name; i++) {
		if (counters->reason[i])
			json_object_array_add(array,
					      explain_json("reason",
							   &reasons[i],
							   counters->reason[i],
							   tunnel));
	}
	return array;
}
