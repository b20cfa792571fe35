// SPDX-License-Identifier: GPL-2.0
/*
 * The steps of how long a packet may be: what the path through the tunnel
 * takes, which MTU the far end has, and whether TCP knows.
 */
#include <stdio.h>
#include <string.h>

#include "check.h"
#include "shape.h"

/* The shortest packets that all must take. */
#define LEAST_IPV4 576
#define LEAST_IPV6 1280

/* How much longer than ours the packets are that tell the far end's MTU. */
#define BEYOND 600
#define LONGEST 65535

/* How long to wait, in milliseconds. */
#define WAIT_MIN 150
#define WAIT_MAX 600

#define TRIES 2

static int wait_time(const struct check *check)
{
	int wait = check->rtt / 1000 * 4 + WAIT_MIN;

	return wait < WAIT_MAX ? wait : WAIT_MAX;
}

/* Send a packet of that length, and once more before it is taken for lost. */
static enum echo probe(struct check *check, struct shape *shape, uint32_t size,
		       bool whole)
{
	enum echo echo = SILENCE;

	for (int i = 0; i < TRIES && echo == SILENCE; i++) {
		if (now() > check->deadline)
			return NOT_SENT;
		shape_start(shape);
		echo = icmp_echo(&check->inner, &check->through, size, whole,
				 wait_time(check));
	}
	if (echo == ANSWERED)
		shape_end(shape, &check->inner);
	return echo;
}

/* Find the longest that crosses; it is known to be shorter than the MTU. */
static uint32_t search(struct check *check, struct shape *shape, uint32_t least)
{
	uint32_t good = 0, bad = check->tunnel->mtu, size;
	uint32_t limit = check->inner.mtu;
	enum echo echo;

	while (bad - good > 1) {
		size = (good + bad) / 2;
		/* A router that tells the MTU spares the search. */
		if (limit > good && limit < bad)
			size = limit;
		if (!good)
			size = least;
		echo = probe(check, shape, size, true);
		if (echo == ANSWERED) {
			good = size;
			if (size == limit)
				break;
			continue;
		}
		if (!good || echo == NOT_SENT)
			break;
		bad = size;
		if (echo == TOO_LONG) {
			check->told = true;
			limit = check->inner.mtu;
		}
	}
	return good;
}

static uint32_t beyond(const struct check *check)
{
	uint32_t size = check->tunnel->mtu + BEYOND;

	return size < LONGEST ? size : LONGEST;
}

static void say_path(struct check *check)
{
	uint32_t mtu = check->tunnel->mtu;

	if (check->largest == mtu) {
		step(check, "path-mtu", FINE,
		     "packets of %u bytes, the MTU of %s, cross the tunnel unfragmented",
		     mtu, check->name);
	} else if (!check->largest) {
		step(check, "path-mtu", PROBLEM,
		     "short packets cross the tunnel, but not those of %u bytes and more",
		     ip_is_ipv4(&check->through.to) ? LEAST_IPV4 : LEAST_IPV6);
		step_fix(check, "%straceroute -n --mtu DEST",
			 check->outside.exec);
	} else if (check->told) {
		step(check, "path-mtu", WARNING,
		     "packets of up to %u bytes cross the tunnel, whose MTU is %u; ICMP says so to who sends longer ones",
		     check->largest, mtu);
		step_fix(check, "%s set %s mtu %u", check->inside.gretun,
			 check->name, check->largest);
	} else {
		step(check, "path-mtu", PROBLEM,
		     "packets of more than %u bytes vanish, though %s has an MTU of %u: the path or the far end takes no more, and no ICMP says so",
		     check->largest, check->name, mtu);
		step_fix(check, "%s set %s mtu %u", check->inside.gretun,
			 check->name, check->largest);
	}
}

/*
 * The far end fragments what is longer than its MTU: the first fragment tells
 * it, but for some bytes, as fragments have a length that 8 divides.
 */
static uint32_t far_mtu(struct check *check, struct shape *shape)
{
	uint32_t size = beyond(check), low, high;

	/* Unless what we may send was too long for it already. */
	if (!shape->first && probe(check, shape, size, false) != ANSWERED)
		return 0;
	if (!shape->first)
		return size;
	low = shape->first;
	high = low + 8;
	while (low + 1 < high) {
		size = (low + high) / 2;
		if (probe(check, shape, size, false) != ANSWERED)
			return 0;
		if (shape->first)
			high = size;
		else
			low = size;
	}
	return low;
}

static void say_far_mtu(struct check *check, uint32_t far)
{
	uint32_t mtu = check->tunnel->mtu;

	if (!far && check->largest < mtu && !check->told)
		step(check, "far-mtu", WARNING,
		     "the MTU of %u here and what the far end or the path takes, %u, do not work together: what is longer is lost",
		     mtu, check->largest);
	else if (!far)
		step(check, "far-mtu", SKIPPED,
		     "the far end's MTU could not be told, as fragments do not come back");
	else if (far == beyond(check))
		step(check, "far-mtu", FINE,
		     "the far end's MTU is %u or more, and %u here: both work together",
		     far, mtu);
	else if (far == mtu)
		step(check, "far-mtu", FINE,
		     "the far end's MTU is %u, the same as here", far);
	else if (check->largest == mtu)
		step(check, "far-mtu", FINE,
		     "the far end's MTU seems to be %u, and it is %u here: they differ, but work together, as each end takes what the other sends",
		     far, mtu);
	else if (check->told)
		step(check, "far-mtu", FINE,
		     "the far end's MTU seems to be %u, and it is %u here: they work together, as who sends more than %u bytes is told",
		     far, mtu, check->largest);
	else
		step(check, "far-mtu", WARNING,
		     "the far end's MTU seems to be %u, and it is %u here: they do not work together, as what is longer than %u bytes is lost",
		     far, mtu, check->largest);
}

static void say_mss(struct check *check)
{
	const struct tunnel *tunnel = check->tunnel;
	bool clamp = tunnel->value[GRETUN_A_TUNNEL_MSS_CLAMP];

	if (clamp) {
		step(check, "mss", FINE,
		     "mss-clamp is on, so TCP keeps to what the path takes");
	} else if (check->largest == tunnel->mtu) {
		step(check, "mss", FINE,
		     "mss-clamp is off, and not needed: the path takes what the MTU allows");
	} else {
		step(check, "mss", WARNING,
		     "TCP connections through %s may hang, as the path is shorter than its MTU and mss-clamp is off",
		     check->name);
		step_fix(check, "%s set %s mss-clamp on", check->inside.gretun,
			 check->name);
	}
}

/**
 * check_path_mtu() - check how long packets through the tunnel may be
 * @check: the check; an inner address answers
 */
void check_path_mtu(struct check *check)
{
	bool ipv4 = ip_is_ipv4(&check->through.to);
	uint32_t least = ipv4 ? LEAST_IPV4 : LEAST_IPV6;
	uint32_t mtu = check->tunnel->mtu;
	struct shape shape;
	enum echo echo;

	if (mtu < least) {
		step(check, "path-mtu", SKIPPED,
		     "not tried, as %s has an MTU of only %u", check->name,
		     mtu);
		return;
	}
	check->rtt = check->inner.rtt;
	shape_open(&shape, check);
	echo = probe(check, &shape, mtu, true);
	if (echo == ANSWERED) {
		check->largest = mtu;
	} else {
		check->told = echo == TOO_LONG;
		check->largest = search(check, &shape, least);
	}
	say_path(check);
	if (check->largest) {
		probe(check, &shape, check->largest, true);
		say_far_mtu(check, far_mtu(check, &shape));
		say_mss(check);
	}
	shape_close(&shape);
}
