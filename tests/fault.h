/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What fault.c and the paths that it tries share.
 */
#ifndef GRETUN_TESTS_FAULT_H
#define GRETUN_TESTS_FAULT_H

#include <stdbool.h>

#include "nl.h"

/**
 * struct place - a netns
 * @nl: a socket in it; without the module there is none
 * @fd: the netns
 */
struct place {
	struct nl nl;
	int fd;
};

/**
 * struct path - something that the kernel is asked for
 * @name: what it is called
 * @prepare: makes what it needs in a netns without tunnels; returns 0, or an
 *	errno. NULL: nothing
 * @act: asks for it; the same
 * @loose: an error does not say that all is as it was, for it was the core of
 *	networking that found it
 * @last: only the last allocations are ours
 * @loads: it loads the module, which must not be there
 */
struct path {
	const char *name;
	int (*prepare)(void);
	int (*act)(void);
	bool loose;
	bool last;
	bool loads;
};

extern const struct path paths[];
extern const unsigned int path_count;

/* Where all is, and where a tunnel may be moved to. */
extern struct place home, other;
extern const char *module_path;

int set_default(uint16_t type, uint32_t value);

#endif /* GRETUN_TESTS_FAULT_H */
