// SPDX-License-Identifier: GPL-2.0
/*
 * Does what a plan lists, kind by kind: what may be refused comes first, and
 * what cannot be brought back as it was comes last.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "apply.h"

/**
 * step_done() - take down that steps were done
 * @plan: the plan
 * @count: how many
 *
 * Return: whether to go on with the next.
 */
bool step_done(struct plan *plan, size_t count)
{
	progress_step(count);
	if (plan->undoing || !signals_pending())
		return true;
	progress_end();
	plan->status = refused(plan->ctx->command, "interrupted");
	return false;
}

/**
 * step_refused() - say how the kernel refused a step
 * @plan: the plan
 * @conn: the connection that was used
 * @pair: the tunnel
 * @place: what in its file asks for the step, NULL: nothing
 * @word: the word there, or what the step is about
 *
 * Return: whether to go on with the next, which only undoing does.
 */
bool step_refused(struct plan *plan, const struct conn *conn,
		  const struct pair *pair, const struct place *place,
		  const char *word)
{
	const struct kernel_error *error = &conn->error;
	char text[320];

	progress_end();
	plan->status = REFUSED;
	if (plan->undoing) {
		snprintf(text, sizeof(text), "%s%sthis could not be undone: ",
			 word == pair->ifname ? "" : word,
			 word == pair->ifname ? "" : ": ");
		conn_refused(conn, pair->ifname, text);
	} else if (place && (*error->text || error->error != EPERM)) {
		file_refused(place, word, "%s",
			     *error->text ? error->text :
					    strerror(error->error));
	} else {
		conn_refused(conn, word, NULL);
	}
	return plan->undoing;
}

/* Where the kernel says no more than that something exists. */
static void explain_exists(struct conn *conn, const char *text)
{
	struct kernel_error *error = &conn->error;

	if (error->error == EEXIST && !*error->text)
		strcpy(error->text, text);
}

static bool link_step(struct plan *plan, const struct change *change)
{
	struct pair *pair = change->pair;
	bool up = pair->want.tunnel.flags & IFF_UP;
	const struct place *place = pair->file ? &pair->file->name_place :
						 NULL;

	if (link_set(&plan->route, pair->ifindex, up))
		return step_refused(plan, &plan->route, pair, place,
				    pair->ifname);
	pair->touched = true;
	return step_done(plan, 1);
}

static bool address_step(struct plan *plan, const struct change *change)
{
	const struct side *side = change_side(change);
	const struct address *address = &side->tunnel.address[change->which];
	bool adds = change_adds(change);
	struct pair *pair = change->pair;
	const struct place *place = NULL;
	char text[128];
	int error;

	error = adds ? address_add(&plan->route, pair->ifindex, address) :
		       address_del(&plan->route, pair->ifindex, address);
	/* It went together with another. */
	if (!adds && error == EADDRNOTAVAIL)
		error = 0;
	if (!error) {
		pair->touched = true;
		return step_done(plan, 1);
	}
	explain_exists(&plan->route,
		       "the tunnel has this address already, with another prefix or peer, and it was set by hand");
	address_text(address, text, sizeof(text));
	if (adds && pair->file &&
	    change->which < pair->file->request.tunnel.address_count)
		place = &pair->file->address_place[change->which];
	return step_refused(plan, &plan->route, pair, place, text);
}

static bool route_step(struct plan *plan, const struct change *change)
{
	const struct route *route =
		&change_side(change)->route[change->which];
	bool adds = change_adds(change);
	struct pair *pair = change->pair;
	const struct place *place = NULL;
	char text[256];
	int error;

	error = adds ? route_add(&plan->route, pair->ifindex, route) :
		       route_del(&plan->route, pair->ifindex, route);
	/* It went together with an address. */
	if (!adds && error == ESRCH)
		error = 0;
	if (!error) {
		pair->touched = true;
		return step_done(plan, 1);
	}
	explain_exists(&plan->route,
		       "another route to there is in the table already, with this metric");
	route_text(route, text, sizeof(text));
	if (adds && pair->file && change->which < pair->file->route_count)
		place = &pair->file->route[change->which].place;
	return step_refused(plan, &plan->route, pair, place, text);
}

static bool each(struct plan *plan, enum change_kind kind,
		 bool (*step)(struct plan *plan, const struct change *change))
{
	bool go_on = true;

	for (size_t i = 0; i < plan->change_count && go_on; i++) {
		if (plan->change[i].kind == kind)
			go_on = step(plan, &plan->change[i]);
	}
	return go_on;
}

/**
 * execute() - do what a plan lists
 * @plan: the plan
 *
 * Return: whether all was done; if not, the reason was said.
 */
bool execute(struct plan *plan)
{
	return tunnels_delete(plan, DEL_EARLY) && tunnels_set(plan) &&
	       tunnels_make(plan) && tunnels_bind(plan) &&
	       each(plan, LINK_STATE, link_step) &&
	       each(plan, ADDRESS_DEL_EARLY, address_step) &&
	       each(plan, ADDRESS_ADD, address_step) &&
	       each(plan, ROUTE_DEL, route_step) &&
	       each(plan, ROUTE_ADD, route_step) &&
	       each(plan, ADDRESS_DEL, address_step) &&
	       tunnels_delete(plan, DEL);
}
