// SPDX-License-Identifier: GPL-2.0
/*
 * The tables of a netns: tunnels by (local, remote, key), which is what every
 * received packet is looked up in, and pairs of addresses, which tells a
 * packet for somebody else from one that missed its tunnel. Readers hold the
 * RCU read lock, writers RTNL.
 */
#include "gretun.h"

#include <linux/jhash.h>
#include <linux/rhashtable.h>
#include <linux/rtnetlink.h>

/* Tunnels with the same addresses that a packet is compared with. */
#define GRETUN_LOOKUP_SIBLINGS 64

/* An address as one word; who chooses addresses to collide is the admin. */
static inline u32 gretun_addr_fold(const struct in6_addr *addr)
{
	return (__force u32)(addr->s6_addr32[0] ^ addr->s6_addr32[1] ^
			     addr->s6_addr32[2] ^ addr->s6_addr32[3]);
}

/* The generic ones are calls; these two are part of the lookup. */
static inline u32 gretun_key_hash(const void *data, u32 len, u32 seed)
{
	const struct gretun_key *key = data;

	return jhash_3words(gretun_addr_fold(&key->pair.remote),
			    gretun_addr_fold(&key->pair.local) + key->kind,
			    (__force u32)key->key, seed);
}

static inline int gretun_key_compare(struct rhashtable_compare_arg *arg,
				     const void *obj)
{
	const struct gretun_key *have = &((const struct gretun_conf *)obj)->key;
	const struct gretun_key *want = arg->key;

	return !ipv6_addr_equal(&have->pair.remote, &want->pair.remote) ||
	       have->key != want->key || have->kind != want->kind ||
	       !ipv6_addr_equal(&have->pair.local, &want->pair.local);
}

static const struct rhashtable_params gretun_tunnels_params = {
	.hashfn = gretun_key_hash,
	.obj_cmpfn = gretun_key_compare,
	.key_len = sizeof(struct gretun_key),
	.key_offset = offsetof(struct gretun_conf, key),
	.head_offset = offsetof(struct gretun_conf, node),
	.automatic_shrinking = true,
};

static const struct rhashtable_params gretun_pairs_params = {
	.key_len = sizeof(struct gretun_pair_key),
	.key_offset = offsetof(struct gretun_pair, key),
	.head_offset = offsetof(struct gretun_pair, node),
	.automatic_shrinking = true,
};

/*
 * The tables have changed. Who sees the new generation sees the change, and who
 * still sees the old one began before the grace period that what is gone waits
 * for. Generation 0 is nobody's.
 */
static void gretun_lookup_changed(struct gretun_net *gn)
{
	/* Pairs with gretun_lookup_generation(). */
	smp_store_release(&gn->generation, gn->generation + 1 ?: 1);
}

/**
 * gretun_lookup_init - make the tables of a netns
 * @gn: the netns
 *
 * Context: process, may sleep.
 * Return: 0, or -ENOMEM.
 */
int gretun_lookup_init(struct gretun_net *gn)
{
	int err;

	err = rhashtable_init(&gn->tunnels, &gretun_tunnels_params);
	if (err)
		return err;
	err = rhashtable_init(&gn->pairs, &gretun_pairs_params);
	if (err)
		goto destroy_tunnels;
	return 0;

destroy_tunnels:
	rhashtable_destroy(&gn->tunnels);
	return err;
}

/**
 * gretun_lookup_exit - free the tables of a netns, which are empty
 * @gn: the netns
 *
 * Context: process, may sleep; no reader is left.
 */
void gretun_lookup_exit(struct gretun_net *gn)
{
	rhashtable_destroy(&gn->pairs);
	rhashtable_destroy(&gn->tunnels);
}

/**
 * gretun_lookup - find the tunnel of a packet
 * @gn: netns of the outer packet
 * @key: its addresses and key
 *
 * Context: RCU read lock held.
 * Return: the tunnel's configuration, or NULL.
 */
struct gretun_conf *gretun_lookup(struct gretun_net *gn,
				  const struct gretun_key *key)
{
	return rhashtable_lookup(&gn->tunnels, key, gretun_tunnels_params);
}

/* Return: an external device for a local address, or NULL. */
static struct gretun_conf *gretun_lookup_external(struct gretun_net *gn,
						  const struct in6_addr *local)
{
	struct gretun_key key = { .kind = GRETUN_KEY_EXTERNAL };
	struct gretun_conf *conf = NULL;

	key.pair.remote = gretun_addr4(0);
	if (READ_ONCE(gn->external_count)) {
		key.pair.local = *local;
		conf = gretun_lookup(gn, &key);
	}
	if (!conf && READ_ONCE(gn->external_any)) {
		key.pair.local = gretun_addr4(0);
		conf = gretun_lookup(gn, &key);
	}
	return conf;
}

/* What stands for any remote address beside that local one. */
static struct in6_addr gretun_lookup_any(const struct in6_addr *local)
{
	return gretun_addr_any(!ipv6_addr_v4mapped(local));
}

/**
 * gretun_lookup_wild - find who takes a packet that no tunnel's peer sent
 * @gn: netns of the outer packet
 * @key: its addresses and key, which gretun_lookup() did not find
 *
 * A tunnel that takes every peer with its key comes before an external device,
 * and an external device for this local address before one for any. None takes
 * packets in UDP.
 *
 * Context: RCU read lock held.
 * Return: the tunnel's configuration, or NULL.
 */
struct gretun_conf *gretun_lookup_wild(struct gretun_net *gn,
				       const struct gretun_key *key)
{
	struct gretun_conf *conf = NULL;
	struct gretun_key any;

	if (unlikely(READ_ONCE(gn->any_count))) {
		any = *key;
		any.pair.remote = gretun_lookup_any(&key->pair.local);
		conf = gretun_lookup(gn, &any);
	}
	if (conf || key->kind & GRETUN_KEY_UDP)
		return conf;
	return gretun_lookup_external(gn, &key->pair.local);
}

/**
 * gretun_lookup_pair - find the tunnels with two addresses
 * @gn: netns of the outer packets
 * @key: the addresses
 *
 * Context: RCU read lock held.
 * Return: the addresses' entry, or NULL.
 */
struct gretun_pair *gretun_lookup_pair(struct gretun_net *gn,
				       const struct gretun_pair_key *key)
{
	return rhashtable_lookup(&gn->pairs, key, gretun_pairs_params);
}

/**
 * gretun_lookup_known - are these the addresses of a tunnel?
 * @gn: netns of the outer packet
 * @key: its addresses
 *
 * Context: RCU read lock held.
 * Return: true if there is one, or one that takes all peers.
 */
bool gretun_lookup_known(struct gretun_net *gn,
			 const struct gretun_pair_key *key)
{
	struct gretun_pair_key any;

	if (gretun_lookup_pair(gn, key))
		return true;
	if (READ_ONCE(gn->any_count)) {
		any.local = key->local;
		any.remote = gretun_lookup_any(&key->local);
		if (gretun_lookup_pair(gn, &any))
			return true;
	}
	return gretun_lookup_external(gn, &key->local);
}

/* Is that a tunnel with the same key? */
static bool gretun_lookup_same_key(const struct gretun_conf *conf,
				   const struct gretun_key *key)
{
	return conf->key.key == key->key &&
	       !((conf->key.kind ^ key->kind) &
		 (GRETUN_KEY_GIVEN | GRETUN_KEY_EXTERNAL |
		  GRETUN_KEY_MISSING));
}

/**
 * gretun_lookup_otherwise - does a tunnel take such packets, but not in UDP, or
 * only in UDP, or at another port?
 * @gn: netns of the outer packet
 * @key: its addresses and key, which no tunnel has
 *
 * Context: RCU read lock held.
 * Return: true if one of the first tunnels with its addresses does.
 */
bool gretun_lookup_otherwise(struct gretun_net *gn,
			     const struct gretun_key *key)
{
	const struct gretun_pair *pair = gretun_lookup_pair(gn, &key->pair);
	struct gretun_pair_key any = { .local = key->pair.local };
	const struct gretun_conf *conf;
	int count = 0;

	if (!pair) {
		any.remote = gretun_lookup_any(&key->pair.local);
		pair = gretun_lookup_pair(gn, &any);
	}
	if (!pair)
		return false;
	list_for_each_entry_rcu(conf, &pair->confs, siblings) {
		if (gretun_lookup_same_key(conf, key))
			return true;
		if (++count == GRETUN_LOOKUP_SIBLINGS)
			break;
	}
	return false;
}

/* Have the entry of two addresses, to put a configuration into its list. */
static struct gretun_pair *gretun_pair_get(struct gretun_net *gn,
					   const struct gretun_pair_key *key)
{
	struct gretun_pair *pair;
	int err;

	pair = rhashtable_lookup_fast(&gn->pairs, key, gretun_pairs_params);
	if (pair)
		return pair;

	pair = kzalloc(sizeof(*pair), GFP_KERNEL);
	if (!pair)
		return ERR_PTR(-ENOMEM);
	pair->key = *key;
	INIT_LIST_HEAD(&pair->confs);
	err = rhashtable_insert_fast(&gn->pairs, &pair->node,
				     gretun_pairs_params);
	if (err) {
		kfree(pair);
		return ERR_PTR(err);
	}
	return pair;
}

/* Let it go if its list is empty. */
static void gretun_pair_put(struct gretun_net *gn, struct gretun_pair *pair)
{
	if (!list_empty(&pair->confs))
		return;
	rhashtable_remove_fast(&gn->pairs, &pair->node, gretun_pairs_params);
	kfree_rcu(pair, rcu);
}

/* An entry of the table of tunnels has come or gone. */
static void gretun_lookup_count(struct gretun_net *gn,
				const struct gretun_conf *conf, int change)
{
	const struct gretun_params *params = &conf->params;

	if (params->external && gretun_addr_is_any(&params->local))
		WRITE_ONCE(gn->external_any, gn->external_any + change);
	else if (params->external)
		WRITE_ONCE(gn->external_count, gn->external_count + change);
	else if (gretun_addr_is_any(&params->remote))
		WRITE_ONCE(gn->any_count, gn->any_count + change);
	gretun_lookup_changed(gn);
}

/**
 * gretun_lookup_insert - let packets find a tunnel
 * @gn: netns of its outer packets
 * @conf: its configuration
 *
 * Context: process, RTNL held.
 * Return: 0, -EEXIST if another tunnel has that key, or -ENOMEM.
 */
int gretun_lookup_insert(struct gretun_net *gn, struct gretun_conf *conf)
{
	struct gretun_pair *pair;
	int err;

	ASSERT_RTNL();
	pair = gretun_pair_get(gn, &conf->key.pair);
	if (IS_ERR(pair))
		return PTR_ERR(pair);
	err = rhashtable_lookup_insert_fast(&gn->tunnels, &conf->node,
					    gretun_tunnels_params);
	if (err) {
		gretun_pair_put(gn, pair);
		return err;
	}
	list_add_rcu(&conf->siblings, &pair->confs);
	gretun_lookup_count(gn, conf, 1);
	return 0;
}

/**
 * gretun_lookup_replace - put a new configuration in the place of an old one
 * @gn: netns of the tunnel's outer packets
 * @old: what packets find now
 * @conf: what they find from now on
 *
 * At no time do packets find neither. On an error nothing has changed.
 *
 * Context: process, RTNL held.
 * Return: 0, -EEXIST if another tunnel has that key, or -ENOMEM.
 */
int gretun_lookup_replace(struct gretun_net *gn, struct gretun_conf *old,
			  struct gretun_conf *conf)
{
	int err;

	ASSERT_RTNL();
	if (memcmp(&old->key, &conf->key, sizeof(conf->key))) {
		err = gretun_lookup_insert(gn, conf);
		if (!err)
			gretun_lookup_remove(gn, old);
		return err;
	}
	err = rhashtable_replace_fast(&gn->tunnels, &old->node, &conf->node,
				      gretun_tunnels_params);
	if (err)
		return err;
	list_replace_rcu(&old->siblings, &conf->siblings);
	gretun_lookup_changed(gn);
	return 0;
}

/**
 * gretun_lookup_remove - let no more packets find a tunnel
 * @gn: netns of its outer packets
 * @conf: its configuration; readers may go on using it until RCU says
 *
 * Context: process, RTNL held.
 */
void gretun_lookup_remove(struct gretun_net *gn, struct gretun_conf *conf)
{
	struct gretun_pair *pair;

	ASSERT_RTNL();
	rhashtable_remove_fast(&gn->tunnels, &conf->node,
			       gretun_tunnels_params);
	list_del_rcu(&conf->siblings);
	gretun_lookup_count(gn, conf, -1);
	/* Somebody may have waited for that. */
	gretun_local_schedule(gn);
	pair = rhashtable_lookup_fast(&gn->pairs, &conf->key.pair,
				      gretun_pairs_params);
	gretun_pair_put(gn, pair);
}
