// SPDX-License-Identifier: GPL-2.0
/*
 * What keepalive says of the peer: whether it answers, how fast and how often.
 */
#include <inttypes.h>
#include <stdio.h>
#include <json-c/json_object.h>
#include <netlink/attr.h>

#include "cli.h"

static const char *const states[] = {
	[GRETUN_KEEPALIVE_STATE_UP] = "up",
	[GRETUN_KEEPALIVE_STATE_DOWN] = "down",
	[GRETUN_KEEPALIVE_STATE_RECOVERING] = "recovering",
};

static const char *state_text(const struct keepalive *keepalive)
{
	return keepalive->state < ARRAY_SIZE(states) ?
		       states[keepalive->state] :
		       "other";
}

/**
 * keepalive_get() - read what keepalive says out of a message
 * @nest: the attribute of it
 * @keepalive: where it goes
 */
void keepalive_get(struct nlattr *nest, struct keepalive *keepalive)
{
	struct nlattr *attr;
	int rest;

	keepalive->working = true;
	nla_for_each_nested(attr, nest, rest) {
		switch (nla_type(attr)) {
		case GRETUN_A_KEEPALIVE_STATE:
			keepalive->state = nla_get_u8(attr);
			break;
		case GRETUN_A_KEEPALIVE_SENT:
			keepalive->sent = nla_get_u64(attr);
			break;
		case GRETUN_A_KEEPALIVE_ANSWERED:
			keepalive->answered = nla_get_u64(attr);
			break;
		case GRETUN_A_KEEPALIVE_AGE:
			keepalive->answers = true;
			keepalive->age = nla_get_u64(attr);
			break;
		case GRETUN_A_KEEPALIVE_RTT:
			keepalive->rtt = nla_get_u32(attr);
			break;
		case GRETUN_A_KEEPALIVE_SRTT:
			keepalive->srtt = nla_get_u32(attr);
			break;
		case GRETUN_A_KEEPALIVE_NEEDED:
			keepalive->needed = nla_get_u8(attr);
			break;
		}
	}
}

/**
 * keepalive_print() - print what keepalive says
 * @tunnel: the tunnel
 * @before: what to print before it
 *
 * Nothing is printed if it is not at work.
 */
void keepalive_print(const struct tunnel *tunnel, const char *before)
{
	const struct keepalive *keepalive = &tunnel->keepalive;
	char buf[32];

	if (!keepalive->working)
		return;
	printf("%s%s", before, state_text(keepalive));
	if (keepalive->state != GRETUN_KEEPALIVE_STATE_UP)
		printf(" until %u %sanswered in a row", keepalive->needed,
		       keepalive->state == GRETUN_KEEPALIVE_STATE_DOWN ?
			       "probes are " :
			       "more are ");
	if (keepalive->rtt)
		printf(", round trip %.1f ms, %.1f ms on average",
		       keepalive->rtt / 1000.0, keepalive->srtt / 1000.0);
	if (keepalive->answers)
		printf(", last answer %s",
		       ago(keepalive->age, buf, sizeof(buf)));
	printf(", %" PRIu64 " sent, %" PRIu64 " answered", keepalive->sent,
	       keepalive->answered);
}

static void add_number(struct json_object *object, const char *name, bool known,
		       uint64_t number)
{
	struct json_object *value = NULL;

	if (known)
		value = json_object_new_uint64(number);
	json_object_object_add(object, name, value);
}

/**
 * keepalive_json() - make an object of keepalive, as set and as it is
 * @tunnel: the tunnel
 *
 * Return: the object, or NULL if it is off.
 */
struct json_object *keepalive_json(const struct tunnel *tunnel)
{
	const struct keepalive *keepalive = &tunnel->keepalive;
	uint32_t period = tunnel->value[GRETUN_A_TUNNEL_KEEPALIVE_PERIOD];
	uint32_t retries = tunnel->value[GRETUN_A_TUNNEL_KEEPALIVE_RETRIES];
	struct json_object *object;

	if (!period)
		return NULL;
	object = json_object_new_object();
	json_object_object_add(object, "period", json_object_new_int64(period));
	json_object_object_add(object, "retries",
			       json_object_new_int64(retries));
	/* The device is down. */
	if (!keepalive->working)
		return object;
	json_object_object_add(object, "state",
			       json_object_new_string(state_text(keepalive)));
	json_object_object_add(object, "needed",
			       json_object_new_int64(keepalive->needed));
	add_number(object, "age_ms", keepalive->answers, keepalive->age);
	add_number(object, "rtt_us", keepalive->rtt, keepalive->rtt);
	add_number(object, "srtt_us", keepalive->rtt, keepalive->srtt);
	json_object_object_add(object, "sent",
			       json_object_new_uint64(keepalive->sent));
	json_object_object_add(object, "answered",
			       json_object_new_uint64(keepalive->answered));
	return object;
}
