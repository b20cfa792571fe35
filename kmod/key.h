/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What a received packet is matched by: its outer addresses, its GRE key, and the
 * UDP port it came to.
 */
#ifndef GRETUN_KEY_H
#define GRETUN_KEY_H

#include <linux/bits.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/skbuff.h>

#include "addr.h"
#include "hdr.h"

/**
 * struct gretun_pair_key - the outer addresses of a tunnel, see addr.h
 * @local: our address
 * @remote: the peer's address, of the same family
 */
struct gretun_pair_key {
	struct in6_addr local;
	struct in6_addr remote;
};

/**
 * struct gretun_key - what a received packet is matched by
 * @pair: outer addresses; any for a remote address that may be any, and of an
 *	external device the local one, if it has one
 * @key: GRE key, network byte order, 0 without one
 * @kind: bits of enum gretun_key_kind, with the port from bit 16 on; a whole
 *	word, as the table hashes words
 */
struct gretun_key {
	struct gretun_pair_key pair;
	__be32 key;
	u32 kind;
};

/**
 * enum gretun_key_kind - what a struct gretun_key is the key of
 * @GRETUN_KEY_NONE: a tunnel without a GRE key
 * @GRETUN_KEY_GIVEN: a tunnel with a GRE key
 * @GRETUN_KEY_EXTERNAL: an external device; of a packet, that its GRE header
 *	could not be read
 * @GRETUN_KEY_UDP: GRE in UDP, see gretun_key_kind_udp()
 * @GRETUN_KEY_MISSING: a tunnel whose local address is missing, which no packet
 *	matches; the key is the id of the tunnel
 */
enum gretun_key_kind {
	GRETUN_KEY_NONE = 0,
	GRETUN_KEY_GIVEN = BIT(0),
	GRETUN_KEY_EXTERNAL = BIT(1),
	GRETUN_KEY_UDP = BIT(2),
	GRETUN_KEY_MISSING = BIT(3),
};

/**
 * gretun_key_kind_udp - the kind of a key that is for packets in UDP
 * @kind: that of the GRE header alone
 * @port: UDP port that the packets come to, host byte order
 *
 * Context: any.
 * Return: a kind that no key for other packets has, nor for another port.
 */
static inline u32 gretun_key_kind_udp(u32 kind, u16 port)
{
	return kind | GRETUN_KEY_UDP | (u32)port << 16;
}

/**
 * gretun_key_set - set the key that a packet is looked up by
 * @key: gets it
 * @hdr: the packet's GRE header
 *
 * Context: any.
 */
static inline void gretun_key_set(struct gretun_key *key,
				  const struct gretun_hdr *hdr)
{
	key->key = hdr->key;
	key->kind = hdr->has_key ? GRETUN_KEY_GIVEN : GRETUN_KEY_NONE;
}

/**
 * gretun_key_pair4 - the outer addresses of a received packet
 * @skb: packet, its network header that of IPv4
 * @pair: gets them
 *
 * Context: any.
 */
static inline void gretun_key_pair4(const struct sk_buff *skb,
				    struct gretun_pair_key *pair)
{
	pair->local = gretun_addr4(ip_hdr(skb)->daddr);
	pair->remote = gretun_addr4(ip_hdr(skb)->saddr);
}

/**
 * gretun_key_pair6 - the outer addresses of a received packet
 * @skb: packet, its network header that of IPv6
 * @pair: gets them
 *
 * Context: any.
 */
static inline void gretun_key_pair6(const struct sk_buff *skb,
				    struct gretun_pair_key *pair)
{
	pair->local = ipv6_hdr(skb)->daddr;
	pair->remote = ipv6_hdr(skb)->saddr;
}

#endif /* GRETUN_KEY_H */
