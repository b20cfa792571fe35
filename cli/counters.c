// SPDX-License-Identifier: GPL-2.0
/*
 * Counters, with the names and texts of reasons from the module's own list.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <json-c/json_object.h>
#include <netlink/genl/genl.h>

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
		case GRETUN_A_STATS_RX_AGE:
			counters->has_rx_age = true;
			counters->rx_age = nla_get_u64(attr);
			break;
		case GRETUN_A_STATS_KEEPALIVE_REPLIES:
			counters->keepalive_replies = nla_get_u64(attr);
			break;
		}
	}
}

static int on_netns(struct nl_msg *msg, void *arg)
{
	struct nlattr *stats = nlmsg_find_attr(nlmsg_hdr(msg), GENL_HDRLEN,
					       GRETUN_A_STATS);

	if (stats)
		counters_get(stats, netns_reasons, arg);
	return NL_OK;
}

/**
 * netns_counters_get() - read the counters of the network namespace
 * @conn: a connection to the module
 * @counters: where they go, all 0
 *
 * Return: DONE, or REFUSED after a message.
 */
enum status netns_counters_get(struct conn *conn, struct counters *counters)
{
	struct nl_msg *msg = conn_request(conn, GRETUN_CMD_NETNS_GET, 0, 64);
	enum status status = DONE;

	nla_put_flag(msg, GRETUN_A_WITH_STATS);
	if (conn_talk(conn, msg, on_netns, counters))
		status = conn_refused(conn, conn->command, NULL);
	nlmsg_free(msg);
	return status;
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
		int indent;

		if (!counters->reason[i])
			continue;
		indent = printf("  %-16s %10" PRIu64 "  ", reasons[i].name,
				counters->reason[i]);
		text_wrap(reasons[i].text, indent);
		putchar('\n');
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
