/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Packets of GRE written to a device by hand, from and to whatever address.
 */
#ifndef GRETUN_TESTS_GRE_H
#define GRETUN_TESTS_GRE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define GRE_KEY 0x2000
#define GRE_ROUTING 0x4000
#define GRE_CSUM 0x8000
#define GRE_RESERVED 0x0400

/**
 * struct gre - a packet
 * @local: its destination address, of either family
 * @remote: its source address
 * @flags: GRE_* and the version
 * @key: what stands behind the first word
 * @len: where it is cut off behind the IP header, 0 for not
 */
struct gre {
	const char *local, *remote;
	uint16_t flags;
	uint32_t key;
	size_t len;
};

int gre_open(const char *ifname);
bool gre_send(int fd, const uint8_t *mac, const struct gre *gre);

#endif /* GRETUN_TESTS_GRE_H */
