// SPDX-License-Identifier: GPL-2.0
/*
 * The steps that concern tunnels as a whole: delete, set, make. Many are made
 * or deleted with one message. Those that take each other's addresses and keys
 * are set in the order in which these become free.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <netlink/msg.h>

#include "apply.h"

/* What a tunnel takes in a message at the most. */
#define ROOM 512

/* How often to look for a key that nobody has. */
#define TRIES 8

static const char *word_of(const struct pair *pair, uint32_t type)
{
	if (type <= A(MAX) && pair->file && pair->file->request.word[type])
		return pair->file->request.word[type];
	return NULL;
}

/* To undo, as much as can be done is better than all or nothing. */
static bool one_by_one(struct plan *plan, struct pair **some, size_t count,
		       bool (*act)(struct plan *plan, struct pair **some,
				   size_t count))
{
	bool go_on = true;

	for (size_t i = 0; i < count && go_on; i++)
		go_on = act(plan, some + i, 1);
	return go_on;
}

/* Say what the kernel has against a tunnel, and where that stands. */
static bool tunnel_refused(struct plan *plan, struct nl_msg *msg,
			   struct pair *const *pair)
{
	const struct place *place = NULL;
	size_t which = 0;
	uint32_t type = conn_bad_attr(&plan->conn, msg, &which);
	const char *word = word_of(pair[which], type);

	if (pair[which]->file)
		place = word ? &pair[which]->file->place[type] :
			       &pair[which]->file->name_place;
	return step_refused(plan, &plan->conn, pair[which], place,
			    word ? word : pair[which]->ifname);
}

static bool delete_some(struct plan *plan, struct pair **some, size_t count)
{
	uint32_t ifindex[TUNNELS_AT_A_TIME] = { 0 };
	size_t which = 0;

	for (size_t i = 0; i < count; i++)
		ifindex[i] = some[i]->ifindex;
	if (!tunnels_del(&plan->conn, ifindex, count, &which)) {
		for (size_t i = 0; i < count; i++)
			some[i]->touched = true;
		return step_done(plan, count);
	}
	if (plan->undoing && count > 1)
		return one_by_one(plan, some, count, delete_some);
	return step_refused(plan, &plan->conn, some[which], NULL,
			    some[which]->ifname);
}

/**
 * tunnels_delete() - do the changes of a kind that deletes
 * @plan: the plan
 * @kind: which kind
 *
 * Return: whether to go on.
 */
bool tunnels_delete(struct plan *plan, enum change_kind kind)
{
	size_t next = 0;
	bool go_on = true;

	while (go_on && next < plan->change_count) {
		struct pair *some[TUNNELS_AT_A_TIME];
		size_t count = 0;

		for (; next < plan->change_count && count < ARRAY_SIZE(some);
		     next++) {
			if (plan->change[next].kind == kind)
				some[count++] = plan->change[next].pair;
		}
		if (count)
			go_on = delete_some(plan, some, count);
	}
	return go_on;
}

static int by_depth(const void *a, const void *b)
{
	const struct pair *one = *(const struct pair *const *)a;
	const struct pair *two = *(const struct pair *const *)b;

	if (one->depth != two->depth)
		return one->depth < two->depth ? -1 : 1;
	return one < two ? -1 : one > two;
}

static bool make_some(struct plan *plan, struct pair **some, size_t count)
{
	struct nl_msg *msg = conn_request(&plan->conn, GRETUN_CMD_TUNNEL_NEW, 0,
					  count * ROOM);
	bool go_on = true;

	for (size_t i = 0; i < count; i++) {
		struct tunnel tunnel;

		plan_find_dev(&some[i]->want);
		tunnel = some[i]->want.tunnel;
		tunnel.present &= ~BIT(A(IFINDEX));
		if (tunnel.flags & IFF_UP)
			tunnel.present |= BIT(A(UP));
		attrs_put(msg, &tunnel);
	}
	if (conn_talk(&plan->conn, msg, NULL, NULL)) {
		go_on = plan->undoing && count > 1 ?
				one_by_one(plan, some, count, make_some) :
				tunnel_refused(plan, msg, some);
	} else {
		for (size_t i = 0; i < count; i++) {
			some[i]->touched = true;
			some[i]->ifindex = if_nametoindex(some[i]->ifname);
		}
		go_on = step_done(plan, count);
	}
	nlmsg_free(msg);
	return go_on;
}

/**
 * tunnels_make() - make the tunnels that are new
 * @plan: the plan
 *
 * Return: whether to go on.
 */
bool tunnels_make(struct plan *plan)
{
	struct pair **all = calloc(plan->change_count + 1, sizeof(*all));
	bool go_on = true;
	size_t count = 0;

	if (!all)
		out_of_memory();
	for (size_t i = 0; i < plan->change_count; i++) {
		if (plan->change[i].kind == NEW)
			all[count++] = plan->change[i].pair;
	}
	qsort(all, count, sizeof(*all), by_depth);
	for (size_t i = 0, some; i < count && go_on; i += some) {
		some = 1;
		while (some < TUNNELS_AT_A_TIME && i + some < count &&
		       all[i + some]->depth == all[i]->depth)
			some++;
		go_on = make_some(plan, all + i, some);
	}
	free(all);
	return go_on;
}

/* Send what is to be set; returns 0 or a positive errno. */
static int send_set(struct plan *plan, struct pair *pair,
		    struct tunnel *tunnel, struct nl_msg **msg)
{
	int error;

	tunnel->value[A(IFINDEX)] = pair->ifindex;
	tunnel->present |= BIT(A(IFINDEX));
	*msg = conn_request(&plan->conn, GRETUN_CMD_TUNNEL_SET, 0, ROOM);
	attrs_put(*msg, tunnel);
	error = conn_talk(&plan->conn, *msg, NULL, NULL);
	pair->touched |= !error;
	return error;
}

static bool set_one(struct plan *plan, struct pair *pair, bool bind)
{
	struct side now = *pair->now, want;
	struct tunnel tunnel;
	struct nl_msg *msg;
	bool go_on;

	if (pair->parked) {
		now.tunnel.present |= BIT(A(IKEY));
		now.tunnel.value[A(IKEY)] = pair->spare_key;
	}
	plan_find_dev(&pair->want);
	pair->waits = false;
	want = pair->want;
	if (pair->depth && !bind)
		want.tunnel.value[A(LINK)] = now.tunnel.value[A(LINK)];
	if (!difference(&now, &want, &tunnel))
		return step_done(plan, 1);
	if (send_set(plan, pair, &tunnel, &msg))
		go_on = tunnel_refused(plan, msg, &pair);
	else
		go_on = step_done(plan, 1);
	nlmsg_free(msg);
	return go_on;
}

/*
 * In a circle each waits for another one's key. With a key that nobody has, for
 * as long as it takes to set the others, one of them makes way. An external
 * device has none.
 */
static void park(struct plan *plan, struct pair *pair)
{
	int error = EEXIST;

	for (int i = 0; i < TRIES && error == EEXIST; i++) {
		struct tunnel tunnel = { .present = BIT(A(IKEY)) };
		struct nl_msg *msg;

		if (getrandom(&pair->spare_key, sizeof(pair->spare_key), 0) < 0)
			return;
		tunnel.value[A(IKEY)] = pair->spare_key;
		error = send_set(plan, pair, &tunnel, &msg);
		nlmsg_free(msg);
	}
	pair->parked = !error;
}

/* What packets for a tunnel are known by, and which tunnel has it. */
struct holder {
	const struct tunnel *ends;
	struct pair *pair;
};

static int by_ends(const void *a, const void *b)
{
	return ends_compare(((const struct holder *)a)->ends,
			    ((const struct holder *)b)->ends);
}

static struct pair *next_of(const struct pair *pair,
			    const struct holder *holder, size_t count)
{
	struct holder key = { .ends = &pair->want.tunnel };
	struct holder *found;

	found = bsearch(&key, holder, count, sizeof(key), by_ends);
	return found && found->pair != pair && found->pair->waits ?
		       found->pair :
		       NULL;
}

/* Set what a tunnel waits for, and what that waits for, the last one first. */
static bool set_chain(struct plan *plan, struct pair *first,
		      const struct holder *holder, size_t holders,
		      struct pair **chain)
{
	struct pair *pair = first;
	bool go_on = true;
	size_t count = 0;

	while (pair && !pair->on_chain) {
		pair->on_chain = true;
		chain[count++] = pair;
		pair = next_of(pair, holder, holders);
	}
	if (pair)
		park(plan, pair);
	while (count) {
		count--;
		chain[count]->on_chain = false;
		if (go_on)
			go_on = set_one(plan, chain[count], false);
	}
	return go_on;
}

/**
 * tunnels_set() - set what is to be set, but for devices that are not there yet
 * @plan: the plan
 *
 * Return: whether to go on.
 */
bool tunnels_set(struct plan *plan)
{
	struct holder *holder = calloc(plan->change_count + 1, sizeof(*holder));
	struct pair **chain = calloc(plan->change_count + 1, sizeof(*chain));
	bool go_on = true;
	size_t count = 0;

	if (!holder || !chain)
		out_of_memory();
	for (size_t i = 0; i < plan->change_count; i++) {
		struct pair *pair = plan->change[i].pair;

		if (plan->change[i].kind != SET)
			continue;
		pair->waits = true;
		holder[count].ends = &pair->now->tunnel;
		holder[count++].pair = pair;
	}
	qsort(holder, count, sizeof(*holder), by_ends);
	for (size_t i = 0; i < plan->change_count && go_on; i++) {
		struct pair *pair = plan->change[i].pair;

		if (plan->change[i].kind == SET && pair->waits)
			go_on = set_chain(plan, pair, holder, count, chain);
	}
	free(holder);
	free(chain);
	return go_on;
}

/**
 * tunnels_bind() - bind tunnels to devices that were made after them
 * @plan: the plan
 *
 * Return: whether to go on.
 */
bool tunnels_bind(struct plan *plan)
{
	bool go_on = true;

	for (size_t i = 0; i < plan->change_count && go_on; i++) {
		if (plan->change[i].kind == BIND)
			go_on = set_one(plan, plan->change[i].pair, true);
	}
	return go_on;
}
