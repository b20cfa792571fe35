/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Changes of a device that do not go through the gretun family.
 */
#ifndef GRETUN_TESTS_LINK_H
#define GRETUN_TESTS_LINK_H

#include <stdbool.h>

int link_set_mtu(const char *ifname, unsigned int mtu);
int link_set_up(const char *ifname, bool up);
int link_rename(const char *ifname, const char *to);
int link_move(const char *ifname, int netns_fd);

#endif /* GRETUN_TESTS_LINK_H */
