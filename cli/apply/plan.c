// SPDX-License-Identifier: GPL-2.0
/*
 * Brings together what there is and what files say, by name, and refuses what
 * cannot become true before anything is touched.
 */
#include <stdlib.h>
#include <string.h>

#include "apply.h"

static int by_name(const void *a, const void *b)
{
	const struct pair *one = a, *two = b;

	return strcmp(one->ifname, two->ifname);
}

/**
 * plan_find() - find a tunnel of the plan
 * @plan: the plan
 * @ifname: the name
 *
 * Return: the tunnel, or NULL.
 */
struct pair *plan_find(const struct plan *plan, const char *ifname)
{
	struct pair key = { .ifname = ifname };

	return bsearch(&key, plan->pair, plan->count, sizeof(key), by_name);
}

/**
 * plan_find_dev() - look up the device that a tunnel shall be bound to
 * @side: the tunnel
 *
 * It may be one that is not there yet.
 */
void plan_find_dev(struct side *side)
{
	if (*side->dev)
		side->tunnel.value[A(LINK)] = if_nametoindex(side->dev);
}

static struct pair *add_pair(struct plan *plan, const char *ifname)
{
	plan->pair = grow(plan->pair, plan->count, sizeof(*plan->pair));
	memset(&plan->pair[plan->count], 0, sizeof(*plan->pair));
	plan->pair[plan->count].ifname = ifname;
	return &plan->pair[plan->count++];
}

static void join(struct pair *pair, const struct side *side)
{
	pair->now = side;
	pair->ifindex = side ? side->tunnel.value[A(IFINDEX)] : 0;
}

/*
 * Those that came from another network namespace carry packets there; files
 * here have nothing to say about them.
 */
static void add_pruned(struct plan *plan)
{
	size_t with_file = plan->count;

	for (size_t i = 0; i < plan->before.count; i++) {
		const struct side *side = &plan->before.side[i];
		struct pair key = { .ifname = side->tunnel.ifname };

		if (!side->tunnel.link_elsewhere &&
		    !(with_file && bsearch(&key, plan->pair, with_file,
					   sizeof(key), by_name)))
			add_pair(plan, side->tunnel.ifname);
	}
}

/*
 * A tunnel without a file that is bound to one with a file stays what it is,
 * also if that one is made anew and has another number then.
 */
static void add_bound(struct plan *plan)
{
	size_t with_file = plan->count;

	for (size_t i = 0; i < plan->before.count && with_file; i++) {
		const struct side *side = &plan->before.side[i];
		struct pair name = { .ifname = side->tunnel.ifname };
		struct pair dev = { .ifname = side->dev };

		if (bsearch(&dev, plan->pair, with_file, sizeof(dev), by_name) &&
		    !bsearch(&name, plan->pair, with_file, sizeof(name), by_name))
			add_pair(plan, side->tunnel.ifname)->wanted = true;
	}
}

static enum status check_name(struct plan *plan, const struct pair *pair)
{
	const struct place *place = &pair->file->name_place;

	if (pair->now && pair->now->tunnel.link_elsewhere)
		return file_refused(place, pair->ifname, "the tunnel of that name came from another network namespace, where its outer packets still are; delete it, or give this one another name");
	if (!pair->now && link_there(&plan->route, pair->ifname))
		return file_refused(place, pair->ifname, "a device of that name exists already, and it is no tunnel of gretun");
	return DONE;
}

static enum status check_dev(const struct plan *plan, const struct pair *pair)
{
	const struct place *place = &pair->file->place[A(LINK)];
	const char *word = pair->file->request.word[A(LINK)];
	const char *dev = pair->want.dev;
	const struct pair *other;

	if (!*dev)
		return DONE;
	other = plan_find(plan, dev);
	if (other ? !other->wanted : !pair->want.tunnel.value[A(LINK)])
		return file_refused(place, word ? word : "dev",
				    other ? "%s is to be deleted" :
					    "there is no device %s",
				    dev);
	/* Each step leads to the next; the way is not longer than all. */
	for (size_t i = 0; other && i <= plan->count; i++)
		other = plan_find(plan, other->want.dev);
	if (other)
		return file_refused(place, word ? word : "dev",
				    "%s is bound to tunnels that are bound to %s",
				    dev, pair->ifname);
	return DONE;
}

static enum status check(struct plan *plan)
{
	enum status status = DONE, worst = DONE;

	for (size_t i = 0; i < plan->count; i++) {
		const struct pair *pair = &plan->pair[i];

		if (!pair->file)
			continue;
		status = check_name(plan, pair);
		if (!status)
			status = check_dev(plan, pair);
		if (status)
			worst = status;
	}
	return worst;
}

/**
 * plan_make() - find out what to do
 * @plan: the plan, with its connections; it is given the rest
 * @files: what there shall be
 * @prune: whether all other tunnels shall go
 *
 * Return: DONE, or REFUSED after a message.
 */
enum status plan_make(struct plan *plan, const struct file_list *files,
		      bool prune)
{
	enum status status;

	status = defaults_get(&plan->conn, plan->defaults);
	if (!status)
		status = state_get(plan, &plan->before);
	if (status)
		return status;
	for (size_t i = 0; i < files->count; i++) {
		const struct tunnel_file *file = &files->file[i];
		struct pair *pair = add_pair(plan, file->request.tunnel.ifname);

		pair->file = file;
		pair->wanted = true;
	}
	if (plan->count)
		qsort(plan->pair, plan->count, sizeof(*plan->pair), by_name);
	if (prune)
		add_pruned(plan);
	else
		add_bound(plan);
	if (plan->count)
		qsort(plan->pair, plan->count, sizeof(*plan->pair), by_name);

	for (size_t i = 0; i < plan->count; i++) {
		struct pair *pair = &plan->pair[i];

		join(pair, state_find(&plan->before, pair->ifname));
		pair->before = pair->now;
		if (!pair->wanted)
			continue;
		if (!pair->file) {
			want_same(pair);
			continue;
		}
		pair->left_out = !remote_find(pair);
		want_get(plan, pair);
		plan_find_dev(&pair->want);
		if (pair->before)
			want_keep(pair);
	}
	remote_leave_out(plan);
	status = check(plan);
	if (!status)
		diff(plan);
	return status;
}

/**
 * plan_read_again() - find out what the tunnels of a plan are now
 * @plan: the plan
 *
 * Return: DONE, or REFUSED after a message.
 */
enum status plan_read_again(struct plan *plan)
{
	enum status status;

	state_free(&plan->now);
	status = state_get(plan, &plan->now);
	for (size_t i = 0; i < plan->count && !status; i++)
		join(&plan->pair[i],
		     state_find(&plan->now, plan->pair[i].ifname));
	return status;
}

/* With a device that went, a tunnel that is bound to it lost something too. */
static void touch_bound(struct plan *plan)
{
	for (size_t i = 0; i < plan->count; i++) {
		const struct side *before = plan->pair[i].before;
		const struct pair *dev = NULL;

		if (before && *before->dev)
			dev = plan_find(plan, before->dev);
		if (dev && dev->before &&
		    dev->ifindex != dev->before->tunnel.value[A(IFINDEX)])
			plan->pair[i].touched = true;
	}
}

/**
 * plan_turn_back() - plan to get to what there was
 * @plan: the plan, of which some was done and read again
 *
 * What was not touched may have been changed by others and stays.
 */
void plan_turn_back(struct plan *plan)
{
	size_t kept = 0;

	plan->undoing = true;
	touch_bound(plan);
	for (size_t i = 0; i < plan->count; i++) {
		struct pair *pair = &plan->pair[i];

		want_free(pair);
		if (!pair->touched)
			continue;
		pair->wanted = pair->before;
		pair->file = NULL;
		pair->parked = false;
		pair->want = pair->before ? *pair->before : (struct side){ 0 };
		plan_find_dev(&pair->want);
		plan->pair[kept++] = *pair;
	}
	plan->count = kept;
	diff(plan);
}

/**
 * plan_free() - free all of a plan
 * @plan: the plan
 */
void plan_free(struct plan *plan)
{
	for (size_t i = 0; i < plan->count && !plan->undoing; i++)
		want_free(&plan->pair[i]);
	state_free(&plan->before);
	state_free(&plan->now);
	free(plan->pair);
	free(plan->change);
}
