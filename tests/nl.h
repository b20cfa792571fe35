/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The gretun family of generic netlink, for the C tests.
 */
#ifndef GRETUN_TESTS_NL_H
#define GRETUN_TESTS_NL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <libmnl/libmnl.h>
#include <linux/gretun.h>

#include "tunnel.h"

/*
 * What is received at once. The kernel makes the parts of a dump as large as
 * the largest buffer that a socket was ever read with, so this is for all.
 */
#define NL_PART 4096

/* The longest reply that there is, the one with all near misses. */
#define NL_LONGEST 16384

/**
 * struct nl - a socket and the request at work
 * @sock: the socket
 * @family: id of the family
 * @events: id of the multicast group
 * @seq: number of the request
 * @part: how much is received at once
 * @msg: the request
 * @text: extack text of the answer, "" without one
 * @offset: of the bad attribute in the request, 0 without one
 * @missing: type of the missing attribute, 0 without one
 * @nest: offset of the nest that it is missing in, 0 without one
 * @buf: where the request is
 */
struct nl {
	struct mnl_socket *sock;
	uint16_t family;
	uint32_t events;
	uint32_t seq;
	size_t part;
	struct nlmsghdr *msg;
	char text[256];
	uint32_t offset;
	uint32_t missing;
	uint32_t nest;
	char buf[1 << 17] __attribute__((aligned(4)));
};

int nl_open(struct nl *nl);
void nl_close(struct nl *nl);
void nl_begin(struct nl *nl, uint8_t cmd, uint16_t flags);
struct nlattr *nl_put_tunnel(struct nl *nl, const struct tunnel *tunnel);
struct nlattr *nl_put(struct nl *nl, uint16_t type, const void *data,
		      size_t len);
int nl_talk(struct nl *nl, mnl_cb_t each, void *arg);
int nl_do(struct nl *nl, uint8_t cmd, const struct tunnel *tunnel);
int nl_get(struct nl *nl, const char *ifname, struct tunnel *tunnel);
int nl_count(struct nl *nl);
int nl_make(struct nl *nl, int count);

#endif /* GRETUN_TESTS_NL_H */
