// SPDX-License-Identifier: GPL-2.0
/*
 * What there is: all tunnels of the network namespace with what they have.
 * Lists are sorted and joined in one walk, so that 10,000 take little longer
 * than it takes to read them.
 */
#include <stdlib.h>
#include <string.h>

#include "apply.h"

static uint32_t index_of(const struct side *side)
{
	return side->tunnel.value[A(IFINDEX)];
}

static int by_ifindex(const void *a, const void *b)
{
	uint32_t one = index_of(a), two = index_of(b);

	return one < two ? -1 : one > two;
}

static int by_name(const void *a, const void *b)
{
	const struct side *one = a, *two = b;

	return strcmp(one->tunnel.ifname, two->tunnel.ifname);
}

/* Both sorted, one walk gives each tunnel its routes. */
static void join(struct state *state)
{
	struct route_list *list = &state->routes;
	size_t next = 0;

	for (size_t i = 0; i < state->count; i++) {
		struct side *side = &state->side[i];

		while (next < list->count &&
		       list->route[next].ifindex < index_of(side))
			next++;
		side->route = list->route + next;
		while (next < list->count &&
		       list->route[next].ifindex == index_of(side)) {
			side->route_count++;
			next++;
		}
	}
}

static void find_dev(struct side *side)
{
	uint32_t link = side->tunnel.value[A(LINK)];

	if (link && !side->tunnel.link_elsewhere)
		if_indextoname(link, side->dev);
}

/**
 * state_get() - read what there is
 * @plan: the plan that needs it
 * @state: where it goes; state_free() frees it whatever is returned
 *
 * Return: DONE, or REFUSED after a message.
 */
enum status state_get(struct plan *plan, struct state *state)
{
	enum status status;

	memset(state, 0, sizeof(*state));
	status = tunnels_get(&plan->conn, NULL, false, &state->tunnels);
	if (!status)
		status = addresses_get(plan->ctx, &state->tunnels);
	if (!status)
		status = routes_get(&plan->route, &state->routes);
	if (status || !state->tunnels.count)
		return status;

	state->count = state->tunnels.count;
	state->side = calloc(state->count, sizeof(*state->side));
	if (!state->side)
		out_of_memory();
	for (size_t i = 0; i < state->count; i++) {
		state->side[i].tunnel = state->tunnels.tunnel[i];
		find_dev(&state->side[i]);
	}
	qsort(state->side, state->count, sizeof(*state->side), by_ifindex);
	join(state);
	qsort(state->side, state->count, sizeof(*state->side), by_name);
	return DONE;
}

/**
 * state_find() - find a tunnel
 * @state: where
 * @ifname: its name
 *
 * Return: the tunnel, or NULL.
 */
const struct side *state_find(const struct state *state, const char *ifname)
{
	struct side key;

	if (!state->count)
		return NULL;
	strcpy(key.tunnel.ifname, ifname);
	return bsearch(&key, state->side, state->count, sizeof(key), by_name);
}

/**
 * state_free() - free what state_get() read
 * @state: the state
 */
void state_free(struct state *state)
{
	tunnel_list_free(&state->tunnels);
	routes_free(&state->routes);
	free(state->side);
	memset(state, 0, sizeof(*state));
}
