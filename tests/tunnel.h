/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A tunnel as the gretun family of generic netlink has it, for the C tests.
 */
#ifndef GRETUN_TESTS_TUNNEL_H
#define GRETUN_TESTS_TUNNEL_H

#include <net/if.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <libmnl/libmnl.h>
#include <linux/gretun.h>

/* Kselftest has one too, if it came first. */
#ifndef ARRAY_SIZE
#define ARRAY_SIZE(array) (sizeof(array) / sizeof((array)[0]))
#endif
#define BIT(n) (UINT64_C(1) << (n))
#define A(name) GRETUN_A_TUNNEL_##name
#define SECRET_LEN 32

/**
 * struct loop - a route that leads a tunnel's packets back into it
 * @ifindex: of the device that it leads to, 0 if there is no loop
 * @ifname: name of the device
 * @dst: prefix of the route, as text
 * @prefixlen: length of the prefix in bits
 * @table: table that the route is in
 */
struct loop {
	uint32_t ifindex;
	char ifname[IFNAMSIZ];
	char dst[INET6_ADDRSTRLEN];
	uint8_t prefixlen;
	uint32_t table;
};

/**
 * struct keepalive - what keepalive says of the peer
 * @present: a bit for each attribute that is there, 0 if it is not at work
 * @value: numbers, by attribute type
 */
struct keepalive {
	uint32_t present;
	uint64_t value[GRETUN_A_KEEPALIVE_MAX + 1];
};

/**
 * struct tunnel - a tunnel nest and, in a reply, the state beside it
 * @present: a bit for each attribute that is there
 * @value: numbers, by attribute type; IPv4 addresses in network byte order
 * @local6: outer source address, IPv6
 * @remote6: outer destination address, IPv6
 * @secret: what keepalives are signed with
 * @ifname: name of the device
 * @local_dev: name of the device whose address the local one is
 * @has_state: the rest is there
 * @operstate: IF_OPER_*
 * @flags: IFF_*
 * @mtu: in force, in bytes
 * @overhead: in bytes
 * @reason: GRETUN_DOWN_REASON_*
 * @loop: the route that must not be
 * @keepalive: what it says of the peer
 * @is_signed: it says that there is a secret
 */
struct tunnel {
	uint64_t present;
	uint32_t value[GRETUN_A_TUNNEL_MAX + 1];
	struct in6_addr local6;
	struct in6_addr remote6;
	uint8_t secret[SECRET_LEN];
	char ifname[64];
	char local_dev[64];
	bool has_state;
	uint8_t operstate;
	uint32_t flags;
	uint32_t mtu;
	uint32_t overhead;
	uint8_t reason;
	struct loop loop;
	struct keepalive keepalive;
	bool is_signed;
};

struct tunnel tunnel_named(const char *ifname);
struct tunnel tunnel_new(const char *ifname, const char *local,
			 const char *remote);
struct tunnel tunnel_numbered(int number);
void tunnel_set(struct tunnel *tunnel, uint16_t type, uint32_t value);
void tunnel_set_secret(struct tunnel *tunnel, uint8_t byte);
void tunnel_unset(struct tunnel *tunnel, uint16_t type);
void tunnel_set_local_dev(struct tunnel *tunnel, const char *ifname);
void tunnel_set_local(struct tunnel *tunnel, const char *addr);
void tunnel_set_remote(struct tunnel *tunnel, const char *addr);
struct in6_addr *tunnel_addr6(struct tunnel *tunnel, uint16_t type);
size_t tunnel_attr_size(uint16_t type);
void tunnel_read(const struct nlmsghdr *msg, struct tunnel *tunnel);

#endif /* GRETUN_TESTS_TUNNEL_H */
