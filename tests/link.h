/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Devices, addresses and routes, without the gretun family.
 */
#ifndef GRETUN_TESTS_LINK_H
#define GRETUN_TESTS_LINK_H

#include <stdbool.h>
#include <stdint.h>

/**
 * struct link - what rtnetlink says of a device
 * @type: ARPHRD_*
 * @flags: IFF_*
 * @mtu: in bytes
 * @carrier_changes: how often the carrier came or went
 * @addr_len: length of the addresses in bytes
 * @addr: its address
 * @broadcast: its broadcast address, of a tunnel the peer's
 */
struct link {
	uint16_t type;
	uint32_t flags;
	uint32_t mtu;
	uint32_t carrier_changes;
	uint16_t addr_len;
	uint8_t addr[32];
	uint8_t broadcast[32];
};

int run_ip(const char *format, ...) __attribute__((format(printf, 1, 2)));
int link_get(const char *ifname, struct link *link);
int link_set_mtu(const char *ifname, unsigned int mtu);
int link_set_up(const char *ifname, bool up);
int link_rename(const char *ifname, const char *to);
int link_move(const char *ifname, int netns_fd);

#endif /* GRETUN_TESTS_LINK_H */
