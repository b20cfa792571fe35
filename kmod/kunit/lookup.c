// SPDX-License-Identifier: GPL-2.0
/*
 * KUnit: the tables of tunnels. A tunnel here is a configuration alone, without
 * a device.
 */
#include "../gretun.h"

#include <kunit/test.h>
#include <linux/rtnetlink.h>

#define GRETUN_TEST_MANY 500

/* Two hosts and a third one, by IPv4. */
static const u32 gretun_test_here = 0xc0000201;
static const u32 gretun_test_peer = 0xc0000202;
static const u32 gretun_test_stranger = 0xcb007109;

static int gretun_lookup_test_init(struct kunit *test)
{
	struct gretun_net *gn = kunit_kzalloc(test, sizeof(*gn), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, gn);
	/* What leaves a table may make room for a tunnel that follows a device. */
	gretun_local_net_init(gn);
	KUNIT_ASSERT_EQ(test, 0, gretun_lookup_init(gn));
	test->priv = gn;
	return 0;
}

static void gretun_lookup_test_exit(struct kunit *test)
{
	struct gretun_net *gn = test->priv;

	if (!gn)
		return;
	/* Entries of pairs are freed after RCU, but leave the table at once. */
	gretun_lookup_exit(gn);
	gretun_local_net_exit(gn);
}

static struct gretun_key gretun_test_key(u32 local, u32 remote, u8 kind, u32 key)
{
	return (struct gretun_key) {
		.pair.local = gretun_addr4(htonl(local)),
		.pair.remote = gretun_addr4(htonl(remote)),
		.kind = kind,
		.key = htonl(key),
	};
}

static struct gretun_conf *gretun_test_conf(struct kunit *test, struct gretun_key key)
{
	struct gretun_conf *conf = kunit_kzalloc(test, sizeof(*conf), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, conf);
	conf->key = key;
	conf->params.local = key.pair.local;
	conf->params.remote = key.pair.remote;
	conf->params.external = key.kind == GRETUN_KEY_EXTERNAL;
	return conf;
}

static int gretun_test_insert(struct gretun_net *gn, struct gretun_conf *conf)
{
	int err;

	rtnl_lock();
	err = gretun_lookup_insert(gn, conf);
	rtnl_unlock();
	return err;
}

static void gretun_test_remove(struct gretun_net *gn, struct gretun_conf *conf)
{
	rtnl_lock();
	gretun_lookup_remove(gn, conf);
	rtnl_unlock();
}

static struct gretun_conf *gretun_test_find(struct gretun_net *gn, struct gretun_key key)
{
	struct gretun_conf *conf;

	rcu_read_lock();
	conf = gretun_hook_lookup(gn, &key);
	rcu_read_unlock();
	return conf;
}

static bool gretun_test_known(struct gretun_net *gn, struct gretun_key key)
{
	bool known;

	rcu_read_lock();
	known = gretun_lookup_known(gn, &key.pair);
	rcu_read_unlock();
	return known;
}

/* Addresses, key and whether there is one must all be the same. */
static void gretun_lookup_test_exact(struct kunit *test)
{
	const struct gretun_key keys[] = {
		gretun_test_key(gretun_test_here, gretun_test_peer, GRETUN_KEY_NONE, 0),
		gretun_test_key(gretun_test_here, gretun_test_peer, GRETUN_KEY_GIVEN, 0),
		gretun_test_key(gretun_test_here, gretun_test_peer, GRETUN_KEY_GIVEN, 7),
		gretun_test_key(gretun_test_here, gretun_test_stranger,
				GRETUN_KEY_NONE, 0),
		gretun_test_key(gretun_test_peer, gretun_test_here, GRETUN_KEY_NONE, 0),
	};
	struct gretun_conf *confs[ARRAY_SIZE(keys)];
	struct gretun_net *gn = test->priv;
	int i;

	for (i = 0; i < ARRAY_SIZE(keys); i++) {
		KUNIT_EXPECT_PTR_EQ(test, NULL, gretun_test_find(gn, keys[i]));
		confs[i] = gretun_test_conf(test, keys[i]);
		KUNIT_ASSERT_EQ(test, 0, gretun_test_insert(gn, confs[i]));
	}
	for (i = 0; i < ARRAY_SIZE(keys); i++)
		KUNIT_EXPECT_PTR_EQ(test, confs[i], gretun_test_find(gn, keys[i]));
	KUNIT_EXPECT_PTR_EQ(test, NULL,
			    gretun_test_find(gn, gretun_test_key(gretun_test_here,
								 gretun_test_peer,
								 GRETUN_KEY_GIVEN, 8)));
	for (i = 0; i < ARRAY_SIZE(keys); i++) {
		gretun_test_remove(gn, confs[i]);
		KUNIT_EXPECT_PTR_EQ(test, NULL, gretun_test_find(gn, keys[i]));
		/* The first three share their addresses. */
		KUNIT_EXPECT_EQ(test, i < 2, gretun_test_known(gn, keys[i]));
	}
}

/* One key has one tunnel, which can be replaced. */
static void gretun_lookup_test_rival(struct kunit *test)
{
	const struct gretun_key key = gretun_test_key(gretun_test_here, gretun_test_peer,
						      GRETUN_KEY_GIVEN, 7);
	const struct gretun_key other = gretun_test_key(gretun_test_here,
							gretun_test_stranger,
							GRETUN_KEY_GIVEN, 7);
	struct gretun_conf *first = gretun_test_conf(test, key);
	struct gretun_conf *rival = gretun_test_conf(test, key);
	struct gretun_conf *moved = gretun_test_conf(test, other);
	struct gretun_net *gn = test->priv;
	u32 generation;

	KUNIT_ASSERT_EQ(test, 0, gretun_test_insert(gn, first));
	generation = gn->generation;
	KUNIT_EXPECT_EQ(test, -EEXIST, gretun_test_insert(gn, rival));
	KUNIT_EXPECT_PTR_EQ(test, first, gretun_test_find(gn, key));
	KUNIT_EXPECT_EQ(test, generation, gn->generation);

	rtnl_lock();
	KUNIT_EXPECT_EQ(test, 0, gretun_lookup_replace(gn, first, rival));
	rtnl_unlock();
	KUNIT_EXPECT_PTR_EQ(test, rival, gretun_test_find(gn, key));
	KUNIT_EXPECT_NE(test, generation, gn->generation);

	rtnl_lock();
	KUNIT_EXPECT_EQ(test, 0, gretun_lookup_replace(gn, rival, moved));
	rtnl_unlock();
	KUNIT_EXPECT_PTR_EQ(test, NULL, gretun_test_find(gn, key));
	KUNIT_EXPECT_PTR_EQ(test, moved, gretun_test_find(gn, other));
	KUNIT_EXPECT_FALSE(test, gretun_test_known(gn, key));
	gretun_test_remove(gn, moved);
}

/* The tunnel of the peer, of any peer, an external device: in this order. */
static void gretun_lookup_test_order(struct kunit *test)
{
	const struct gretun_key key = gretun_test_key(gretun_test_here, gretun_test_peer,
						      GRETUN_KEY_GIVEN, 7);
	struct gretun_conf *confs[] = {
		gretun_test_conf(test, gretun_test_key(0, 0, GRETUN_KEY_EXTERNAL, 0)),
		gretun_test_conf(test, gretun_test_key(gretun_test_here, 0,
						       GRETUN_KEY_EXTERNAL, 0)),
		gretun_test_conf(test, gretun_test_key(gretun_test_here, 0,
						       GRETUN_KEY_GIVEN, 7)),
		gretun_test_conf(test, key),
	};
	struct gretun_net *gn = test->priv;
	int i;

	for (i = 0; i < ARRAY_SIZE(confs); i++) {
		KUNIT_ASSERT_EQ(test, 0, gretun_test_insert(gn, confs[i]));
		KUNIT_EXPECT_PTR_EQ(test, confs[i], gretun_test_find(gn, key));
		KUNIT_EXPECT_TRUE(test, gretun_test_known(gn, key));
	}
	while (i--) {
		KUNIT_EXPECT_PTR_EQ(test, confs[i], gretun_test_find(gn, key));
		gretun_test_remove(gn, confs[i]);
	}
	KUNIT_EXPECT_FALSE(test, gretun_test_known(gn, key));
	KUNIT_EXPECT_EQ(test, 0, gn->any_count + gn->external_count + gn->external_any);
}

/* The tables grow and shrink. */
static void gretun_lookup_test_many(struct kunit *test)
{
	struct gretun_net *gn = test->priv;
	struct gretun_conf **confs;
	struct gretun_key key;
	int i, wrong = 0;

	confs = kunit_kcalloc(test, GRETUN_TEST_MANY, sizeof(*confs), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, confs);
	for (i = 0; i < GRETUN_TEST_MANY; i++) {
		key = gretun_test_key(gretun_test_here, gretun_test_peer + i % 8,
				      GRETUN_KEY_GIVEN, i);
		confs[i] = gretun_test_conf(test, key);
		KUNIT_ASSERT_EQ(test, 0, gretun_test_insert(gn, confs[i]));
	}
	for (i = 0; i < GRETUN_TEST_MANY; i++)
		wrong += gretun_test_find(gn, confs[i]->key) != confs[i];
	KUNIT_EXPECT_EQ(test, 0, wrong);
	for (i = 0; i < GRETUN_TEST_MANY; i++)
		gretun_test_remove(gn, confs[i]);
}

static struct kunit_case gretun_lookup_cases[] = {
	KUNIT_CASE(gretun_lookup_test_exact),
	KUNIT_CASE(gretun_lookup_test_rival),
	KUNIT_CASE(gretun_lookup_test_order),
	KUNIT_CASE(gretun_lookup_test_many),
	{}
};

static struct kunit_suite gretun_lookup_suite = {
	.name = "gretun_lookup",
	.init = gretun_lookup_test_init,
	.exit = gretun_lookup_test_exit,
	.test_cases = gretun_lookup_cases,
};

kunit_test_suite(gretun_lookup_suite);
