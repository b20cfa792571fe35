// SPDX-License-Identifier: GPL-2.0
/*
 * Who may do what: a user without CAP_NET_ADMIN, the root of a user namespace,
 * and one who got a device from somebody else.
 *
 * Topology: a netns with one tunnel, t0; a second netns in a user namespace of
 * its own for some of the tests.
 */
#include "child.h"
#include "nl.h"

#define NOBODY 65534

FIXTURE(access)
{
	struct nl nl;
	struct tunnel t0;
};

FIXTURE_SETUP(access)
{
	struct tunnel tunnel = tunnel_new("t0", "192.0.2.1", "192.0.2.2");

	ASSERT_EQ(0, unshare(CLONE_NEWNET));
	ASSERT_EQ(0, nl_open(&self->nl));
	ASSERT_EQ(0, nl_do(&self->nl, GRETUN_CMD_TUNNEL_NEW, &tunnel));
	ASSERT_EQ(0, nl_get(&self->nl, "t0", &self->t0));
}

FIXTURE_TEARDOWN(access)
{
	nl_close(&self->nl);
}

/* All writes are refused, all reads are not, and nothing changes. */
static void expect_read_only(struct __test_metadata *_metadata, struct nl *nl,
			     const struct tunnel *t0)
{
	struct tunnel tunnel = tunnel_new("t1", "192.0.2.1", "192.0.2.3");
	struct tunnel step = tunnel_named("t0"), now;

	EXPECT_EQ(EPERM, nl_do(nl, GRETUN_CMD_TUNNEL_NEW, &tunnel));
	EXPECT_EQ(EPERM, nl_do(nl, GRETUN_CMD_TUNNEL_DEL, &step));
	tunnel_set(&step, A(TTL), 1);
	EXPECT_EQ(EPERM, nl_do(nl, GRETUN_CMD_TUNNEL_SET, &step));

	EXPECT_EQ(1, nl_count(nl));
	EXPECT_EQ(0, nl_get(nl, "t0", &now));
	EXPECT_EQ(0, memcmp(t0, &now, sizeof(now)));
	nl_begin(nl, GRETUN_CMD_NETNS_GET, NLM_F_ACK);
	nl_put(nl, GRETUN_A_WITH_STATS, NULL, 0);
	EXPECT_EQ(0, nl_talk(nl, NULL, NULL));
	nl_begin(nl, GRETUN_CMD_NEAR_MISS_GET, NLM_F_ACK);
	EXPECT_EQ(0, nl_talk(nl, NULL, NULL));
	nl_begin(nl, GRETUN_CMD_DEFAULTS_GET, NLM_F_ACK);
	EXPECT_EQ(0, nl_talk(nl, NULL, NULL));
	nl_begin(nl, GRETUN_CMD_DEFAULTS_SET, NLM_F_ACK);
	EXPECT_EQ(EPERM, nl_talk(nl, NULL, NULL));
}

TEST_F(access, unprivileged)
{
	static struct nl nl;

	ASSERT_EQ(0, setresgid(NOBODY, NOBODY, NOBODY));
	ASSERT_EQ(0, setresuid(NOBODY, NOBODY, NOBODY));
	ASSERT_EQ(0, nl_open(&nl));
	expect_read_only(_metadata, &nl, &self->t0);
	nl_close(&nl);
}

/* A socket made by root gives no more rights than its user has. */
TEST_F(access, unprivileged_with_a_socket_of_root)
{
	ASSERT_EQ(0, setresgid(NOBODY, NOBODY, NOBODY));
	ASSERT_EQ(0, setresuid(NOBODY, NOBODY, NOBODY));
	expect_read_only(_metadata, &self->nl, &self->t0);
}

/* Root of a user namespace is nobody in a netns that is not its own. */
TEST_F(access, user_namespace_in_the_same_netns)
{
	static struct nl nl;

	ASSERT_EQ(0, unshare(CLONE_NEWUSER));
	ASSERT_EQ(0, nl_open(&nl));
	expect_read_only(_metadata, &nl, &self->t0);
	nl_close(&nl);
}

TEST_F(access, user_namespace_with_its_own_netns)
{
	struct tunnel tunnel = tunnel_new("t1", "192.0.2.1", "192.0.2.2");
	struct tunnel now;
	static struct nl nl;

	ASSERT_EQ(0, setresgid(NOBODY, NOBODY, NOBODY));
	ASSERT_EQ(0, setresuid(NOBODY, NOBODY, NOBODY));
	ASSERT_EQ(0, unshare(CLONE_NEWUSER | CLONE_NEWNET));
	ASSERT_EQ(0, nl_open(&nl));
	EXPECT_EQ(0, nl_count(&nl));
	EXPECT_EQ(0, nl_do(&nl, GRETUN_CMD_TUNNEL_NEW, &tunnel));
	tunnel_set(&tunnel, A(TTL), 9);
	EXPECT_EQ(0, nl_do(&nl, GRETUN_CMD_TUNNEL_SET, &tunnel));
	EXPECT_EQ(0, nl_get(&nl, "t1", &now));
	EXPECT_EQ(9u, now.value[A(TTL)]);
	EXPECT_EQ(0, nl_do(&nl, GRETUN_CMD_TUNNEL_DEL, &tunnel));
	EXPECT_EQ(0, nl_count(&nl));
	nl_close(&nl);
}

/*
 * A child is root of a user namespace and of a netns, to which t0 is moved.
 * It may look at t0, bring it up and delete it, but not change how outer
 * packets are sent in a netns that is not the child's.
 */
TEST_F(access, device_moved_to_a_user_namespace)
{
	struct child child;

	fork_with_t0(_metadata, &child);
	if (!child.pid) {
		struct tunnel step = tunnel_named("t0"), before, now;
		static struct nl nl;

		ASSERT_EQ(0, nl_open(&nl));

		EXPECT_EQ(1, nl_count(&nl));
		EXPECT_EQ(0, nl_get(&nl, "t0", &before));
		tunnel_set(&step, A(TTL), 1);
		EXPECT_EQ(EPERM, nl_do(&nl, GRETUN_CMD_TUNNEL_SET, &step));
		EXPECT_STRNE("", nl.text);
		EXPECT_EQ(0, nl_get(&nl, "t0", &now));
		EXPECT_EQ(0, memcmp(&before, &now, sizeof(now)));

		EXPECT_EQ(0, link_set_up("t0", true));
		EXPECT_EQ(0, nl_do(&nl, GRETUN_CMD_TUNNEL_DEL, &step));
		EXPECT_EQ(0, nl_count(&nl));
		_exit(_metadata->exit_code);
	}
	EXPECT_EQ(0, nl_count(&self->nl));
	end_child(_metadata, &child);
}

TEST_HARNESS_MAIN
