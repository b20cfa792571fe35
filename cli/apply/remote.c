// SPDX-License-Identifier: GPL-2.0
/*
 * Where the peers are that files name. A name that nobody can tell the address
 * of keeps a tunnel from being made, but must neither take away one that works
 * nor stop others.
 */
#include <string.h>

#include "apply.h"

/**
 * remote_best() - choose an address of a host
 * @host: the host, with addresses
 * @now: the one that a tunnel has, or NULL
 *
 * Name servers that give several in turn would make a tunnel go back and forth, so
 * one that is among them stays.
 *
 * Return: the address.
 */
const struct in6_addr *remote_best(const struct host *host,
				   const struct in6_addr *now)
{
	for (size_t i = 0; now && i < host->count; i++) {
		if (ip_equal(&host->address[i], now))
			return now;
	}
	return &host->address[0];
}

/* Whether the tunnel that is there has an address that can stay. */
static bool can_stay(const struct pair *pair, const struct in6_addr *now)
{
	return !pair->before->tunnel.value[A(EXTERNAL)] && !ip_is_any(now) &&
	       ip_is_ipv4(now) == (pair->file->host->family == AF_INET);
}

/**
 * remote_find() - find the address of a peer that has a name
 * @pair: the tunnel, of which the file is known and what it was
 *
 * Return: whether the tunnel can become what the file says, be it with the
 * address that it has; if not, or with that, after a message.
 */
bool remote_find(struct pair *pair)
{
	const struct host *host = pair->file->host;
	const struct in6_addr *now = NULL;

	if (!host)
		return true;
	if (pair->before)
		now = &pair->before->tunnel.outer[REMOTE];
	if (host->count) {
		pair->remote = *remote_best(host, now);
		return true;
	}
	if (now && can_stay(pair, now)) {
		char text[INET6_ADDRSTRLEN + 16];

		strcpy(text, "it stays ");
		ip_text(now, text + strlen(text));
		host_unknown(pair->file, text);
		pair->remote = *now;
		return true;
	}
	host_unknown(pair->file, pair->before ? "the tunnel stays as it is" :
						"the tunnel is not made");
	return false;
}

/* A tunnel that is bound to one that is not made is not made either. */
static bool lacks_dev(const struct plan *plan, const struct pair *pair)
{
	const struct pair *dev;

	if (!pair->wanted || pair->left_out || !*pair->want.dev ||
	    pair->want.tunnel.value[A(LINK)])
		return false;
	dev = plan_find(plan, pair->want.dev);
	if (!dev || !dev->left_out)
		return false;
	file_refused(&pair->file->place[A(LINK)],
		     pair->file->request.word[A(LINK)],
		     "%s is not made, so %s stays as it is or is not made",
		     pair->want.dev, pair->ifname);
	return true;
}

/**
 * remote_leave_out() - take those out of a plan whose peers are not found
 * @plan: the plan, sorted, with what is wanted
 */
void remote_leave_out(struct plan *plan)
{
	size_t kept = 0;
	bool more;

	do {
		more = false;
		for (size_t i = 0; i < plan->count; i++) {
			if (!lacks_dev(plan, &plan->pair[i]))
				continue;
			plan->pair[i].left_out = true;
			more = true;
		}
	} while (more);
	for (size_t i = 0; i < plan->count; i++) {
		if (plan->pair[i].left_out)
			want_free(&plan->pair[i]);
		else
			plan->pair[kept++] = plan->pair[i];
	}
	plan->left_out = kept < plan->count;
	plan->count = kept;
}
