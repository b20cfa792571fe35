// SPDX-License-Identifier: GPL-2.0
/*
 * What the last packets over IPv4 matched: each CPU remembers a few, so that
 * the next packet like one of them is neither parsed nor looked up. A packet
 * with a checksum or a sequence number is like no other.
 */
#include "gretun.h"

#include <linux/hash.h>
#include <net/ip.h>

#define GRETUN_FLOW_BITS 4
/* First word of a GRE header that has a key and nothing else optional. */
#define GRETUN_FLOW_HAS_KEY 0x20000000
#define GRETUN_FLOW_FLAGS 0xffff0000

/**
 * struct gretun_flow_key - what packets that are alike have in common
 * @local: outer destination address, network byte order
 * @remote: outer source address, the same
 * @word: first word of the GRE header, network byte order
 * @key: GRE key, network byte order, 0 without one
 * @iif: ifindex of the device they come through
 */
struct gretun_flow_key {
	__be32 local;
	__be32 remote;
	__be32 word;
	__be32 key;
	int iif;
};

/**
 * struct gretun_flow - what one of them matched
 * @key: what it was recognised by
 * @generation: that of the tables when it was looked up
 * @conf: what it matched; gone if the tables are of another generation now
 * @hdr: its GRE header
 */
struct gretun_flow {
	struct gretun_flow_key key;
	u32 generation;
	const struct gretun_conf *conf;
	struct gretun_hdr hdr;
};

/**
 * struct gretun_flows - what a CPU remembers
 * @slots: by a hash of the key
 */
struct gretun_flows {
	struct gretun_flow slots[1 << GRETUN_FLOW_BITS];
};

/*
 * Return: where the CPU remembers packets like this one, with what they have
 * in common in @key, or NULL for one like no other.
 */
static struct gretun_flow *gretun_flow_slot(struct gretun_net *gn,
					    const struct sk_buff *skb, int iif,
					    struct gretun_flow_key *key)
{
	const struct iphdr *iph = ip_hdr(skb);
	const __be32 *gre = (const __be32 *)(iph + 1);
	__be32 flags;
	u32 hash;

	if (unlikely(skb_headlen(skb) < sizeof(*iph) + 2 * sizeof(*gre)))
		return NULL;
	flags = gre[0] & htonl(GRETUN_FLOW_FLAGS);
	if (flags & ~htonl(GRETUN_FLOW_HAS_KEY))
		return NULL;
	key->local = iph->daddr;
	key->remote = iph->saddr;
	key->word = gre[0];
	key->key = flags ? gre[1] : 0;
	key->iif = iif;
	hash = hash_32((__force u32)(iph->saddr ^ key->key), GRETUN_FLOW_BITS);
	return &this_cpu_ptr(gn->flows)->slots[hash];
}

/**
 * gretun_flow_find - what did the last packet like this one match?
 * @gn: netns of the outer packet
 * @skb: the packet, which has no IP options
 * @iif: ifindex of the device it came through
 * @hdr: where its GRE header goes, if it is remembered
 *
 * Context: softirq or bottom halves off, RCU read lock held.
 * Return: the configuration that it matches, or NULL if that is not known.
 */
const struct gretun_conf *gretun_flow_find(struct gretun_net *gn,
					   const struct sk_buff *skb, int iif,
					   struct gretun_hdr *hdr)
{
	const struct gretun_flow *flow;
	struct gretun_flow_key key;

	flow = gretun_flow_slot(gn, skb, iif, &key);
	if (!flow || flow->generation != gretun_lookup_generation(gn) ||
	    flow->key.local != key.local || flow->key.remote != key.remote ||
	    flow->key.word != key.word || flow->key.key != key.key ||
	    flow->key.iif != key.iif)
		return NULL;
	*hdr = flow->hdr;
	return flow->conf;
}

/**
 * gretun_flow_keep - remember what a packet matched
 * @gn: netns of the outer packet
 * @skb: the packet, which has no IP options
 * @iif: ifindex of the device it came through
 * @generation: that of the tables before it was looked up
 * @conf: what it matched
 * @hdr: its GRE header
 *
 * Context: softirq or bottom halves off, RCU read lock held.
 */
void gretun_flow_keep(struct gretun_net *gn, const struct sk_buff *skb,
		      int iif, u32 generation, const struct gretun_conf *conf,
		      const struct gretun_hdr *hdr)
{
	struct gretun_flow_key key;
	struct gretun_flow *flow;

	flow = gretun_flow_slot(gn, skb, iif, &key);
	if (!flow)
		return;
	flow->key = key;
	flow->generation = generation;
	flow->conf = conf;
	flow->hdr = *hdr;
}

/**
 * gretun_flow_init - have room to remember, if there is none yet
 * @gn: a netns with tunnels
 *
 * Context: process, RTNL held, may sleep.
 * Return: 0, or -ENOMEM.
 */
int gretun_flow_init(struct gretun_net *gn)
{
	if (!gn->flows)
		gn->flows = alloc_percpu(struct gretun_flows);
	return gn->flows ? 0 : -ENOMEM;
}

/**
 * gretun_flow_exit - undo gretun_flow_init()
 * @gn: a netns that no packet comes to any more
 *
 * Context: process, may sleep.
 */
void gretun_flow_exit(struct gretun_net *gn)
{
	free_percpu(gn->flows);
}
