// SPDX-License-Identifier: GPL-2.0
/*
 * A request about many tunnels does all or nothing.
 *
 * Topology: an empty netns.
 */
#include <sched.h>

#include "kselftest_harness.h"
#include "nl.h"

#define LOCAL "192.0.2.1"
#define REMOTE "192.0.2.2"

FIXTURE(batch)
{
	struct nl nl;
};

FIXTURE_SETUP(batch)
{
	ASSERT_EQ(0, unshare(CLONE_NEWNET));
	ASSERT_EQ(0, nl_open(&self->nl));
}

FIXTURE_TEARDOWN(batch)
{
	nl_close(&self->nl);
}

static int create(struct nl *nl, const struct tunnel *tunnel)
{
	return nl_do(nl, GRETUN_CMD_TUNNEL_NEW, tunnel);
}

TEST_F(batch, delete_by_name_and_ifindex)
{
	struct tunnel one = tunnel_new("one", LOCAL, "192.0.2.3");
	struct tunnel two = tunnel_new("two", LOCAL, "192.0.2.4");
	struct tunnel named = tunnel_named("one"), numbered = {};

	ASSERT_EQ(0, create(&self->nl, &one));
	ASSERT_EQ(0, create(&self->nl, &two));
	tunnel_set(&numbered, A(IFINDEX), if_nametoindex("two"));
	nl_begin(&self->nl, GRETUN_CMD_TUNNEL_DEL, NLM_F_ACK);
	nl_put_tunnel(&self->nl, &numbered);
	nl_put_tunnel(&self->nl, &named);
	EXPECT_EQ(0, nl_talk(&self->nl, NULL, NULL));
	EXPECT_EQ(0, nl_count(&self->nl));
	EXPECT_EQ(0u, if_nametoindex("one"));
	EXPECT_EQ(0u, if_nametoindex("two"));
}

/* Nests for t0 to t19, to 192.0.2.10 and so on. */
static void put_good(struct nl *nl)
{
	struct tunnel tunnel;
	char name[8], addr[16];
	int i;

	for (i = 0; i < 20; i++) {
		snprintf(name, sizeof(name), "t%d", i);
		snprintf(addr, sizeof(addr), "192.0.2.%d", 10 + i);
		tunnel = tunnel_new(name, LOCAL, addr);
		nl_put_tunnel(nl, &tunnel);
	}
}

/* Nests of which the last is bad, in each of several ways. */
TEST_F(batch, new_all_or_nothing)
{
	struct tunnel taken = tunnel_new("taken", LOCAL, REMOTE);
	struct tunnel bad[] = {
		tunnel_new("taken", LOCAL, "192.0.2.100"),
		tunnel_new("t3", LOCAL, "192.0.2.100"),
		tunnel_new("bad", LOCAL, REMOTE),
		tunnel_new("bad", LOCAL, "192.0.2.13"),
		tunnel_new("bad", LOCAL, LOCAL),
		tunnel_new("bad", LOCAL, "192.0.2.100"),
		tunnel_new("bad", LOCAL, "192.0.2.100"),
		tunnel_named("bad"),
		tunnel_new("a/b", LOCAL, "192.0.2.100"),
	};
	static const int err[] = {
		EEXIST,
		EEXIST,
		EEXIST,
		EEXIST,
		EINVAL,
		ERANGE,
		ENODEV,
		EINVAL,
		EINVAL,
	};
	struct tunnel before, now;
	struct nlattr *nest;
	uint32_t at;
	size_t i;

	tunnel_set(&bad[5], A(TTL), 0);
	tunnel_set(&bad[6], A(LINK), 4711);
	ASSERT_EQ(0, create(&self->nl, &taken));
	ASSERT_EQ(0, nl_get(&self->nl, "taken", &before));
	for (i = 0; i < ARRAY_SIZE(bad); i++) {
		nl_begin(&self->nl, GRETUN_CMD_TUNNEL_NEW, NLM_F_ACK);
		put_good(&self->nl);
		nest = nl_put_tunnel(&self->nl, &bad[i]);
		EXPECT_EQ(err[i], nl_talk(&self->nl, NULL, NULL))
		{
			TH_LOG("bad nest %zu", i);
		}
		EXPECT_STRNE("", self->nl.text);
		/* It says which of the nests is bad. */
		at = (char *)nest - self->nl.buf;
		EXPECT_LE(at, self->nl.missing ? self->nl.nest :
						 self->nl.offset);
		EXPECT_EQ(1, nl_count(&self->nl));
		EXPECT_EQ(0u, if_nametoindex("t0"));
	}
	EXPECT_EQ(0, nl_get(&self->nl, "taken", &now));
	EXPECT_EQ(0, memcmp(&before, &now, sizeof(now)));

	/* Without the bad one they can all be made: nothing was left over. */
	nl_begin(&self->nl, GRETUN_CMD_TUNNEL_NEW, NLM_F_ACK);
	put_good(&self->nl);
	EXPECT_EQ(0, nl_talk(&self->nl, NULL, NULL));
	EXPECT_EQ(21, nl_count(&self->nl));
}

TEST_F(batch, delete_all_or_nothing)
{
	struct tunnel one = tunnel_new("one", LOCAL, "192.0.2.3");
	struct tunnel two = tunnel_new("two", LOCAL, "192.0.2.4");
	struct tunnel bad[] = {
		tunnel_named("nobody"),
		tunnel_named("lo"),
		tunnel_named("one"),
		{},
	};
	static const int err[] = { ENODEV, EOPNOTSUPP, EINVAL, EINVAL };
	struct nlattr *nest;
	uint32_t at;
	size_t i;

	ASSERT_EQ(0, create(&self->nl, &one));
	ASSERT_EQ(0, create(&self->nl, &two));
	for (i = 0; i < ARRAY_SIZE(bad); i++) {
		nl_begin(&self->nl, GRETUN_CMD_TUNNEL_DEL, NLM_F_ACK);
		nl_put_tunnel(&self->nl, &one);
		nl_put_tunnel(&self->nl, &two);
		nest = nl_put_tunnel(&self->nl, &bad[i]);
		EXPECT_EQ(err[i], nl_talk(&self->nl, NULL, NULL));
		EXPECT_STRNE("", self->nl.text);
		at = (char *)nest - self->nl.buf;
		EXPECT_LE(at, self->nl.missing ? self->nl.nest : self->nl.offset);
		EXPECT_EQ(2, nl_count(&self->nl));
		EXPECT_NE(0u, if_nametoindex("one"));
		EXPECT_NE(0u, if_nametoindex("two"));
	}
}

TEST_HARNESS_MAIN
