// SPDX-License-Identifier: GPL-2.0
/*
 * Near misses: GRE packets that came to a netns and nearly were a tunnel's. The
 * last senders are kept, so that the admin can see what the peer does
 * differently.
 *
 * Anybody can send such packets. So the tables are small and of fixed size, and
 * a packet that finds them busy is not put down; all are counted elsewhere.
 */
#include "gretun.h"

#include <net/netlink.h>

/* Senders that are kept of each sort. */
#define GRETUN_NEAR_MISSES 32

/**
 * struct gretun_near_miss - packets of one sender
 * @key: their addresses and key; kind %GRETUN_KEY_EXTERNAL for no key known
 * @iif: ifindex of the device that the last one came through
 * @reason: why no tunnel took it
 * @packets: how many; 0 for an entry that is free
 * @when: jiffies when the last one came
 */
struct gretun_near_miss {
	struct gretun_key key;
	u32 iif;
	enum gretun_netns_reason reason;
	u64 packets;
	unsigned long when;
};

/**
 * struct gretun_near_misses - those of a netns
 * @lock: for all of it
 * @sampled: jiffies when the last packet of unknown addresses was put down
 * @known: packets with the addresses of a tunnel
 * @unknown: packets with other addresses, which may be somebody else's
 */
struct gretun_near_misses {
	/* For all of it. */
	spinlock_t lock;
	unsigned long sampled;
	struct gretun_near_miss known[GRETUN_NEAR_MISSES];
	struct gretun_near_miss unknown[GRETUN_NEAR_MISSES];
};

/* The entry of a sender, or the one that is to be given up for it. */
static struct gretun_near_miss *
gretun_near_miss_slot(struct gretun_near_miss *table,
		      const struct gretun_key *key)
{
	struct gretun_near_miss *oldest = table;
	struct gretun_near_miss *entry;

	for (entry = table; entry < table + GRETUN_NEAR_MISSES; entry++) {
		if (!entry->packets)
			return entry;
		if (!memcmp(&entry->key, key, sizeof(*key)))
			return entry;
		if (time_before(entry->when, oldest->when))
			oldest = entry;
	}
	oldest->packets = 0;
	return oldest;
}

/**
 * gretun_near_miss - put down a packet that no tunnel took
 * @gn: netns that it came to
 * @key: its addresses and key
 * @iif: ifindex of the device it came through
 * @reason: why; %GRETUN_PASSED_PAIR or %GRETUN_UDP_PAIR if no tunnel has its
 *	addresses
 *
 * Context: softirq or bottom halves off, RCU read lock held.
 */
void gretun_near_miss(struct gretun_net *gn, const struct gretun_key *key,
		      u32 iif, enum gretun_netns_reason reason)
{
	struct gretun_near_misses *misses = READ_ONCE(gn->near_misses);
	bool known = reason != GRETUN_PASSED_PAIR && reason != GRETUN_UDP_PAIR;
	struct gretun_near_miss *entry;

	if (unlikely(!misses))
		return;
	/* Those may be all the packets of ip_gre. */
	if (!known && !time_after(jiffies, READ_ONCE(misses->sampled)))
		return;
	if (!spin_trylock(&misses->lock))
		return;
	if (!known)
		WRITE_ONCE(misses->sampled, jiffies);
	entry = gretun_near_miss_slot(known ? misses->known : misses->unknown,
				      key);
	entry->key = *key;
	entry->iif = iif;
	entry->reason = reason;
	entry->packets++;
	entry->when = jiffies;
	spin_unlock(&misses->lock);
}

static int gretun_near_miss_put(struct sk_buff *skb,
				const struct gretun_near_miss *entry)
{
	u64 age = jiffies_to_msecs(jiffies - entry->when);
	struct nlattr *nest;

	nest = nla_nest_start(skb, GRETUN_A_NEAR_MISS);
	if (!nest ||
	    gretun_fill_put_addr(skb, GRETUN_A_NEAR_MISS_LOCAL_IPV4,
				 GRETUN_A_NEAR_MISS_LOCAL_IPV6,
				 &entry->key.pair.local) ||
	    gretun_fill_put_addr(skb, GRETUN_A_NEAR_MISS_REMOTE_IPV4,
				 GRETUN_A_NEAR_MISS_REMOTE_IPV6,
				 &entry->key.pair.remote) ||
	    (entry->key.kind & GRETUN_KEY_GIVEN &&
	     nla_put_u32(skb, GRETUN_A_NEAR_MISS_KEY, ntohl(entry->key.key))) ||
	    (entry->key.kind & GRETUN_KEY_UDP &&
	     nla_put_u16(skb, GRETUN_A_NEAR_MISS_ENCAP_PORT,
			 entry->key.kind >> 16)) ||
	    nla_put_u32(skb, GRETUN_A_NEAR_MISS_IFINDEX, entry->iif) ||
	    nla_put_string(skb, GRETUN_A_NEAR_MISS_REASON,
			   gretun_fill_netns_reason(entry->reason)) ||
	    nla_put_u64_64bit(skb, GRETUN_A_NEAR_MISS_PACKETS, entry->packets,
			      GRETUN_A_NEAR_MISS_PAD) ||
	    nla_put_u64_64bit(skb, GRETUN_A_NEAR_MISS_AGE, age,
			      GRETUN_A_NEAR_MISS_PAD))
		return -EMSGSIZE;
	nla_nest_end(skb, nest);
	return 0;
}

/* The newest entry of those that are not done, or NULL. */
static const struct gretun_near_miss *
gretun_near_miss_next(const struct gretun_near_miss *table,
		      const unsigned long *done)
{
	const struct gretun_near_miss *newest = NULL;
	int i;

	for (i = 0; i < GRETUN_NEAR_MISSES; i++) {
		const struct gretun_near_miss *entry = &table[i];

		if (entry->packets && !test_bit(i, done) &&
		    (!newest || time_after(entry->when, newest->when)))
			newest = entry;
	}
	return newest;
}

static int gretun_near_miss_put_all(struct sk_buff *skb,
				    const struct gretun_near_miss *table)
{
	DECLARE_BITMAP(done, GRETUN_NEAR_MISSES) = {};
	const struct gretun_near_miss *entry;
	int err;

	while ((entry = gretun_near_miss_next(table, done))) {
		err = gretun_near_miss_put(skb, entry);
		if (err)
			return err;
		__set_bit(entry - table, done);
	}
	return 0;
}

/**
 * gretun_near_miss_fill - write the near misses of a netns
 * @skb: message; on an error the caller cancels it
 * @gn: the netns
 *
 * Those with the addresses of a tunnel come first, then the newest.
 *
 * Context: process, may sleep.
 * Return: 0, -EMSGSIZE or -ENOMEM.
 */
int gretun_near_miss_fill(struct sk_buff *skb, struct gretun_net *gn)
{
	struct gretun_near_misses *misses = READ_ONCE(gn->near_misses);
	struct gretun_near_misses *copy;
	int err;

	if (!misses)
		return 0;
	copy = kmalloc(sizeof(*copy), GFP_KERNEL);
	if (!copy)
		return -ENOMEM;
	spin_lock_bh(&misses->lock);
	memcpy(copy, misses, sizeof(*copy));
	spin_unlock_bh(&misses->lock);

	err = gretun_near_miss_put_all(skb, copy->known);
	if (!err)
		err = gretun_near_miss_put_all(skb, copy->unknown);
	kfree(copy);
	return err;
}

/**
 * gretun_near_miss_init - have room for near misses, if there is none yet
 * @gn: a netns with tunnels
 *
 * Context: process, RTNL held, may sleep.
 * Return: 0, or -ENOMEM.
 */
int gretun_near_miss_init(struct gretun_net *gn)
{
	struct gretun_near_misses *misses;

	if (gn->near_misses)
		return 0;
	misses = kzalloc(sizeof(*misses), GFP_KERNEL);
	if (!misses)
		return -ENOMEM;
	spin_lock_init(&misses->lock);
	misses->sampled = jiffies - 1;
	/* Hooks may be there already. */
	smp_store_release(&gn->near_misses, misses);
	return 0;
}

/**
 * gretun_near_miss_exit - undo gretun_near_miss_init()
 * @gn: a netns that no packet comes to any more
 *
 * Context: process, may sleep.
 */
void gretun_near_miss_exit(struct gretun_net *gn)
{
	kfree(gn->near_misses);
}
