/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The gretun family of generic netlink, for the C tests.
 */
#ifndef GRETUN_TESTS_NL_H
#define GRETUN_TESTS_NL_H

#include <net/if.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <libmnl/libmnl.h>
#include <linux/gretun.h>

/*
 * What is received at once. The kernel makes the parts of a dump as large as
 * the largest buffer that a socket was ever read with, so this is for all.
 */
#define NL_PART 4096

/* The longest reply that there is, the one with all near misses. */
#define NL_LONGEST 16384

#define BIT(n) (1u << (n))
#define A(name) GRETUN_A_TUNNEL_##name

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
 * struct tunnel - a tunnel nest and, in a reply, the state beside it
 * @present: a bit for each attribute that is there
 * @value: numbers, by attribute type; IPv4 addresses in network byte order
 * @local6: outer source address, IPv6
 * @remote6: outer destination address, IPv6
 * @ifname: name of the device
 * @has_state: the rest is there
 * @operstate: IF_OPER_*
 * @flags: IFF_*
 * @mtu: in force, in bytes
 * @overhead: in bytes
 * @loop: the route that must not be
 */
struct tunnel {
	uint32_t present;
	uint32_t value[GRETUN_A_TUNNEL_MAX + 1];
	struct in6_addr local6;
	struct in6_addr remote6;
	char ifname[64];
	bool has_state;
	uint8_t operstate;
	uint32_t flags;
	uint32_t mtu;
	uint32_t overhead;
	struct loop loop;
};

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

struct tunnel tunnel_named(const char *ifname);
struct tunnel tunnel_new(const char *ifname, const char *local,
			 const char *remote);
struct tunnel tunnel_numbered(int number);
void tunnel_set(struct tunnel *tunnel, uint16_t type, uint32_t value);
void tunnel_unset(struct tunnel *tunnel, uint16_t type);
void tunnel_set_local(struct tunnel *tunnel, const char *addr);
void tunnel_set_remote(struct tunnel *tunnel, const char *addr);
struct in6_addr *tunnel_addr6(struct tunnel *tunnel, uint16_t type);
size_t tunnel_attr_size(uint16_t type);
void tunnel_read(const struct nlmsghdr *msg, struct tunnel *tunnel);

#endif /* GRETUN_TESTS_NL_H */
