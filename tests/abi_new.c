// SPDX-License-Identifier: GPL-2.0
/*
 * New tunnels take what the defaults of their netns say, or are refused.
 *
 * Topology: an empty netns.
 */
#include <sched.h>

#include "link.h"
#include "reads.h"

#define LOCAL "192.0.2.1"
#define REMOTE "192.0.2.2"
#define LOCAL6 "2001:db8::1"
#define REMOTE6 "2001:db8::2"

#define D(name) GRETUN_A_DEFAULTS_##name

FIXTURE(new)
{
	struct nl nl;
};

FIXTURE_SETUP(new)
{
	ASSERT_EQ(0, unshare(CLONE_NEWNET));
	ASSERT_EQ(0, nl_open(&self->nl));
}

FIXTURE_TEARDOWN(new)
{
	nl_close(&self->nl);
}

/* Set one of the defaults; returns 0, or an errno. */
static int set(struct nl *nl, uint16_t type, uint32_t value)
{
	struct nlattr *nest;

	nl_begin(nl, GRETUN_CMD_DEFAULTS_SET, NLM_F_ACK);
	nest = mnl_attr_nest_start(nl->msg, GRETUN_A_DEFAULTS);
	nl_put(nl, type, &value, type == D(MTU) ? 4 : 1);
	mnl_attr_nest_end(nl->msg, nest);
	return nl_talk(nl, NULL, NULL);
}

/* New tunnels take them unless told otherwise, and keep what they took. */
TEST_F(new, defaults)
{
	struct tunnel four = tunnel_new("four", LOCAL, REMOTE);
	struct tunnel six = tunnel_new("six", LOCAL6, REMOTE6);
	struct tunnel any = tunnel_new("any", LOCAL6, "::");
	struct tunnel told = tunnel_new("told", LOCAL, "192.0.2.3");
	struct tunnel old = tunnel_new("old", LOCAL, "192.0.2.4");
	struct tunnel external = tunnel_named("external"), is;

	ASSERT_EQ(0, create(&self->nl, &old));
	ASSERT_EQ(0, set(&self->nl, D(TTL), 9));
	ASSERT_EQ(0, set(&self->nl, D(MTU), 1300));
	ASSERT_EQ(0, create(&self->nl, &four));
	ASSERT_EQ(0, create(&self->nl, &six));
	ASSERT_EQ(0, create(&self->nl, &any));
	tunnel_set(&told, A(TTL), 255);
	tunnel_set(&told, A(MTU), 0);
	ASSERT_EQ(0, create(&self->nl, &told));
	tunnel_set(&external, A(EXTERNAL), 1);
	ASSERT_EQ(0, create(&self->nl, &external));
	ASSERT_EQ(0, set(&self->nl, D(TTL), 11));
	ASSERT_EQ(0, set(&self->nl, D(MTU), 1200));

	tunnel_set(&four, A(TTL), 9);
	tunnel_set(&four, A(MTU), 1300);
	expect_reads(_metadata, &self->nl, &four);
	tunnel_set(&six, A(TTL), 9);
	tunnel_set(&six, A(MTU), 1300);
	expect_reads(_metadata, &self->nl, &six);
	tunnel_set(&any, A(TTL), 9);
	tunnel_set(&any, A(MTU), 1300);
	expect_reads(_metadata, &self->nl, &any);
	expect_reads(_metadata, &self->nl, &told);
	expect_reads(_metadata, &self->nl, &old);
	EXPECT_EQ(0, nl_get(&self->nl, "external", &is));
	EXPECT_EQ(9u, is.value[A(TTL)]);
	EXPECT_EQ(1300u, is.value[A(MTU)]);
	EXPECT_EQ(1300u, is.mtu);

	/* A change of something else does not take them. */
	tunnel_set(&old, A(TOS), 4);
	EXPECT_EQ(0, change(&self->nl, &old));
	expect_reads(_metadata, &self->nl, &old);
	/* The MTU that was taken can be given up. */
	tunnel_set(&four, A(MTU), 0);
	EXPECT_EQ(0, change(&self->nl, &four));
	expect_reads(_metadata, &self->nl, &four);
}

/* One that is too large for the headers is no MTU for a tunnel. */
TEST_F(new, mtu_without_room)
{
	struct tunnel tunnel = tunnel_new("t0", LOCAL, REMOTE);

	ASSERT_EQ(0, set(&self->nl, D(MTU), UINT16_MAX - OVERHEAD4 + 1));
	EXPECT_EQ(ERANGE, create(&self->nl, &tunnel));
	EXPECT_STRNE("", self->nl.text);
	EXPECT_EQ(0, nl_count(&self->nl));
	ASSERT_EQ(0, set(&self->nl, D(MTU), UINT16_MAX - OVERHEAD4));
	EXPECT_EQ(0, create(&self->nl, &tunnel));
	tunnel_set(&tunnel, A(MTU), UINT16_MAX - OVERHEAD4);
	expect_reads(_metadata, &self->nl, &tunnel);
}

#define NOT_ALLOWED "net.gretun.allow is 0 in this network namespace and refuses new tunnels"

TEST_F(new, allow_none)
{
	struct tunnel tunnels[] = {
		tunnel_new("t1", LOCAL, "192.0.2.3"),
		tunnel_new("t2", LOCAL6, REMOTE6),
		tunnel_new("t3", LOCAL, "0.0.0.0"),
		tunnel_named("t4"),
	};
	struct tunnel t0 = tunnel_new("t0", LOCAL, REMOTE);
	size_t i;

	tunnel_set(&tunnels[3], A(EXTERNAL), 1);
	ASSERT_EQ(0, create(&self->nl, &t0));
	ASSERT_EQ(0, set(&self->nl, D(ALLOW), 0));
	for (i = 0; i < ARRAY_SIZE(tunnels); i++) {
		EXPECT_EQ(EPERM, create(&self->nl, &tunnels[i]));
		EXPECT_STREQ(NOT_ALLOWED, self->nl.text);
	}
	nl_begin(&self->nl, GRETUN_CMD_TUNNEL_NEW, NLM_F_ACK);
	for (i = 0; i < ARRAY_SIZE(tunnels); i++)
		nl_put_tunnel(&self->nl, &tunnels[i]);
	EXPECT_EQ(EPERM, nl_talk(&self->nl, NULL, NULL));
	EXPECT_STREQ(NOT_ALLOWED, self->nl.text);
	EXPECT_EQ(1, nl_count(&self->nl));

	/* What is there goes on. */
	expect_reads(_metadata, &self->nl, &t0);
	tunnel_set(&t0, A(TTL), 9);
	EXPECT_EQ(0, change(&self->nl, &t0));
	expect_reads(_metadata, &self->nl, &t0);
	EXPECT_EQ(0, link_set_up("t0", true));
	EXPECT_EQ(0, destroy(&self->nl, &t0));
	EXPECT_EQ(EPERM, create(&self->nl, &t0));

	ASSERT_EQ(0, set(&self->nl, D(ALLOW), 1));
	EXPECT_EQ(0, create(&self->nl, &t0));
	for (i = 0; i < ARRAY_SIZE(tunnels); i++)
		EXPECT_EQ(0, create(&self->nl, &tunnels[i]));
}

TEST_HARNESS_MAIN
