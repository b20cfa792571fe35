/* SPDX-License-Identifier: GPL-2.0 */
/*
 * In which shape answers come back: whole, or in fragments.
 */
#ifndef GRETUN_CHECK_SHAPE_H
#define GRETUN_CHECK_SHAPE_H

#include "check.h"

struct shape {
	int fd;
	bool ipv4;
	uint32_t first; /* length of the first fragment, 0: it came whole */
};

void shape_open(struct shape *shape, const struct check *check);
void shape_close(struct shape *shape);
void shape_start(struct shape *shape);
void shape_end(struct shape *shape, const struct icmp_socket *icmp);

#endif /* GRETUN_CHECK_SHAPE_H */
