// SPDX-License-Identifier: GPL-2.0
/*
 * The step of near misses: GRE packets of the far end that are not the
 * tunnel's, and the word that would make them so.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "check.h"

/* What is older than the first may have been put right since; in milliseconds. */
#define RECENT (30 * 1000)
#define OLD (10 * 60 * 1000)

/* A far end that refuses the key of a tunnel that has but one has another. */
static const char *key_word(const struct check *check)
{
	const uint32_t *value = check->tunnel->value;
	uint64_t present = check->tunnel->present;

	return check->refused &&
			       !(present & BIT(GRETUN_A_TUNNEL_IKEY)) ==
				       !(present & BIT(GRETUN_A_TUNNEL_OKEY)) &&
			       value[GRETUN_A_TUNNEL_IKEY] ==
				       value[GRETUN_A_TUNNEL_OKEY] ?
		       "key" :
		       "ikey";
}

static void fix_key(struct check *check, const struct near_miss *miss)
{
	char key[16] = "none";

	if (miss->has_key)
		snprintf(key, sizeof(key), "%u", miss->key);
	step_fix(check, "%s set %s %s %s", check->inside.gretun, check->name,
		 key_word(check), key);
}

static void fix_encap(struct check *check, const struct near_miss *miss)
{
	if (miss->encap_port)
		step_fix(check, "%s set %s encap udp port %u",
			 check->inside.gretun, check->name, miss->encap_port);
	else
		step_fix(check, "%s set %s encap none", check->inside.gretun,
			 check->name);
}

static void fix_dev(struct check *check, const struct near_miss *miss)
{
	struct device device;

	device_get(&check->outside, miss->ifindex, &device);
	if (*device.name)
		step_fix(check, "%s set %s dev %s", check->inside.gretun,
			 check->name, device.name);
}

static void say(struct check *check, const struct near_miss *miss,
		enum nearly nearly, enum result result)
{
	const struct tunnel_list only = {
		.tunnel = check->tunnel,
		.count = 1,
	};
	char ip[INET6_ADDRSTRLEN];
	char *text;

	text = near_miss_text(miss, &only);
	step(check, "near-miss", result, "%s", text);
	free(text);
	switch (nearly) {
	case NEARLY_KEY:
		fix_key(check, miss);
		break;
	case NEARLY_ENCAP:
		fix_encap(check, miss);
		break;
	case NEARLY_DEV:
		fix_dev(check, miss);
		break;
	case NEARLY_REMOTE:
		step_fix(check, "%s set %s remote %s", check->inside.gretun,
			 check->name, ip_text(&miss->outer[REMOTE], ip));
		break;
	case NEARLY_LOCAL:
		step_fix(check, "%s set %s local %s", check->inside.gretun,
			 check->name, ip_text(&miss->outer[LOCAL], ip));
		break;
	default:
		step_fix(check, "%s stats --explain", check->outside.gretun);
	}
}

/* Other tunnels may be meant by packets that are not near to this one. */
static bool of_another(const struct check *check, const struct near_miss *miss)
{
	for (size_t i = 0; i < check->list.count; i++) {
		const struct tunnel *other = &check->list.tunnel[i];

		if (other != check->tunnel &&
		    near_miss_of(miss, other) == NOT_ANY_MORE)
			return true;
	}
	return false;
}

/**
 * check_near_misses() - check for packets that nearly were the tunnel's
 * @check: the check, after the probes
 *
 * Where the tunnel works those of before do not matter any more, and those of
 * now are a warning, as another tunnel may be meant that is yet to be made.
 */
void check_near_misses(struct check *check)
{
	bool works = check->reached == AT_INNER;
	uint64_t recent = works ? now() - check->started : OLD;
	struct near_miss_list list;
	bool any = false;

	if (near_misses_get(&check->outside_conn, &list))
		goto free;
	/* Packets are told from one tunnel's where its outer packets are. */
	check->tunnel->link_elsewhere = false;
	for (size_t i = 0; i < list.count; i++) {
		const struct near_miss *miss = &list.miss[i];
		enum nearly nearly = near_miss_of(miss, check->tunnel);
		enum result result = WARNING;

		if (miss->age > recent || nearly == NOT_NEARLY ||
		    nearly == NOT_ANY_MORE || of_another(check, miss))
			continue;
		if (nearly >= NEARLY_KEY && !works && miss->age < RECENT)
			result = PROBLEM;
		any = true;
		say(check, miss, nearly, result);
		if (result == PROBLEM) {
			step_stops(check, AT_INNER);
			check->heard = true;
		}
	}
	check->tunnel->link_elsewhere = check->moved;
	if (!any)
		step(check, "near-miss", FINE,
		     "no packets of the far end came lately that are not the tunnel's");
free:
	free(list.miss);
}
