/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Types and functions of gretun metrics.
 */
#ifndef GRETUN_METRICS_H
#define GRETUN_METRICS_H

#include "../cli.h"

/* What there is to tell of a network namespace. */
struct metrics {
	const struct tunnel_list *tunnels;
	const struct counters *netns;
	size_t near_misses;
	const char *netns_name; /* for a label, NULL for none */
	const char *module;	/* its version, "" if that is not known */
};

/* print.c */
void metrics_print(const struct metrics *metrics);

#endif /* GRETUN_METRICS_H */
