// SPDX-License-Identifier: GPL-2.0
/*
 * The secret of signed keepalives: who sees it, what is refused, and what becomes
 * of it. What is signed with it is for signed_wire.sh.
 *
 * Topology: a netns with the tunnel t0, of which the device is down.
 */
#include "child.h"
#include "events.h"
#include "reads.h"

#define NOBODY 65534
#define BYTE 0x5a

FIXTURE(secret)
{
	struct nl nl, events;
	struct tunnel t0, step;
};

FIXTURE_VARIANT(secret)
{
	const char *local, *remote, *another, *any;
};

/* clang-format off */
FIXTURE_VARIANT_ADD(secret, ipv4) {
	.local = "192.0.2.1", .remote = "192.0.2.2", .another = "192.0.2.3",
	.any = "0.0.0.0",
};

FIXTURE_VARIANT_ADD(secret, ipv6) {
	.local = "2001:db8::1", .remote = "2001:db8::2",
	.another = "2001:db8::3", .any = "::",
};

/* clang-format on */

FIXTURE_SETUP(secret)
{
	ASSERT_EQ(0, unshare(CLONE_NEWNET));
	ASSERT_EQ(0, nl_open(&self->nl));
	ASSERT_EQ(0, listen_to(&self->events));
	self->t0 = tunnel_new("t0", variant->local, variant->remote);
	tunnel_set_secret(&self->t0, BYTE);
	ASSERT_EQ(0, create(&self->nl, &self->t0));
	self->step = tunnel_named("t0");
}

FIXTURE_TEARDOWN(secret)
{
	nl_close(&self->nl);
	nl_close(&self->events);
}

/* What a reply about t0 says of the secret. */
static void expect_says(struct __test_metadata *_metadata,
			const struct tunnel *tunnel, bool there, bool seen)
{
	struct tunnel want = {};

	if (seen)
		tunnel_set_secret(&want, BYTE);
	EXPECT_EQ(want.present, tunnel->present & BIT(A(KEEPALIVE_SECRET)));
	EXPECT_EQ(0, memcmp(want.secret, tunnel->secret, sizeof(want.secret)));
	EXPECT_EQ(there, tunnel->is_signed);
}

static int read_t0(const struct nlmsghdr *msg, void *arg)
{
	struct tunnel tunnel;

	tunnel_read(msg, &tunnel);
	if (strcmp(tunnel.ifname, "t0") == 0)
		*(struct tunnel *)arg = tunnel;
	return MNL_CB_OK;
}

/* What all that can be read says. */
static void expect_reads_secret(struct __test_metadata *_metadata, struct nl *nl,
				bool there, bool seen)
{
	struct tunnel now, listed = {};

	EXPECT_EQ(0, nl_get(nl, "t0", &now));
	expect_says(_metadata, &now, there, seen);
	nl_begin(nl, GRETUN_CMD_TUNNEL_GET, NLM_F_DUMP);
	EXPECT_EQ(0, nl_talk(nl, read_t0, &listed));
	expect_says(_metadata, &listed, there, seen);
}

#define EXPECT_READS_SECRET(there, seen) \
	expect_reads_secret(_metadata, &self->nl, there, seen)

TEST_F(secret, reads_back)
{
	EXPECT_READS_SECRET(true, true);
	tunnel_set(&self->step, A(TTL), 9);
	ASSERT_EQ(0, change(&self->nl, &self->step));
	EXPECT_READS_SECRET(true, true);
	tunnel_set_secret(&self->step, BYTE + 1);
	ASSERT_EQ(0, change(&self->nl, &self->step));
	tunnel_set_secret(&self->step, BYTE);
	ASSERT_EQ(0, change(&self->nl, &self->step));
	EXPECT_READS_SECRET(true, true);

	self->step = tunnel_named("t0");
	tunnel_set(&self->step, A(UNSET), GRETUN_OPTION_KEEPALIVE_SECRET);
	ASSERT_EQ(0, change(&self->nl, &self->step));
	EXPECT_READS_SECRET(false, false);
	/* What is given counts after what is taken away. */
	tunnel_set_secret(&self->step, BYTE);
	ASSERT_EQ(0, change(&self->nl, &self->step));
	EXPECT_READS_SECRET(true, true);
}

TEST_F(secret, unprivileged)
{
	static struct nl nl;

	ASSERT_EQ(0, setresgid(NOBODY, NOBODY, NOBODY));
	ASSERT_EQ(0, setresuid(NOBODY, NOBODY, NOBODY));
	/* Neither with a socket of his own nor with one of root's. */
	EXPECT_READS_SECRET(true, false);
	ASSERT_EQ(0, nl_open(&nl));
	expect_reads_secret(_metadata, &nl, true, false);
	nl_close(&nl);
}

TEST_F(secret, user_namespace)
{
	static struct nl nl;

	ASSERT_EQ(0, unshare(CLONE_NEWUSER));
	ASSERT_EQ(0, nl_open(&nl));
	expect_reads_secret(_metadata, &nl, true, false);
	nl_close(&nl);
}

/* Who got the device is no admin where its outer packets are. */
TEST_F(secret, moved_device)
{
	struct child child;

	fork_with_t0(_metadata, &child);
	if (!child.pid) {
		static struct nl nl;

		ASSERT_EQ(0, nl_open(&nl));
		expect_reads_secret(_metadata, &nl, true, false);
		_exit(_metadata->exit_code);
	}
	end_child(_metadata, &child);
}

/* No event has it, whoever listens. */
TEST_F(secret, events)
{
	struct heard heard = hear(&self->events, 100);

	EXPECT_EQ(1, heard.made);
	expect_says(_metadata, &heard.last, true, false);
	tunnel_set_secret(&self->step, BYTE + 1);
	ASSERT_EQ(0, change(&self->nl, &self->step));
	heard = hear(&self->events, 100);
	EXPECT_EQ(1, heard.set);
	expect_says(_metadata, &heard.last, true, false);
}

#define EXPECT_NAMED(type) expect_named(_metadata, &self->nl, type)

TEST_F(secret, refused)
{
	static const size_t lens[] = { 0, 1, 31, 33, 64 };
	struct tunnel other = tunnel_new("t1", variant->local, variant->another);
	struct tunnel external = tunnel_named("t2");
	static const uint8_t bytes[64] = { 1 };
	struct nlattr *nest;

	tunnel_set_secret(&self->step, 0);
	EXPECT_EQ(EINVAL, change(&self->nl, &self->step));
	EXPECT_NAMED(A(KEEPALIVE_SECRET));
	tunnel_set_secret(&other, BYTE);
	EXPECT_EQ(EEXIST, create(&self->nl, &other));
	EXPECT_NAMED(A(KEEPALIVE_SECRET));
	tunnel_set_secret(&other, BYTE + 1);
	ASSERT_EQ(0, create(&self->nl, &other));
	tunnel_set_secret(&self->step, BYTE + 1);
	EXPECT_EQ(EEXIST, change(&self->nl, &self->step));
	EXPECT_NAMED(A(KEEPALIVE_SECRET));
	tunnel_set(&external, A(EXTERNAL), 1);
	tunnel_set_secret(&external, BYTE + 2);
	EXPECT_EQ(EINVAL, create(&self->nl, &external));
	EXPECT_NAMED(A(KEEPALIVE_SECRET));
	for (size_t i = 0; i < sizeof(lens) / sizeof(*lens); i++) {
		self->step = tunnel_named("t0");
		nl_begin(&self->nl, GRETUN_CMD_TUNNEL_SET, NLM_F_ACK);
		nest = mnl_attr_nest_start(self->nl.msg, GRETUN_A_TUNNEL);
		mnl_attr_put_strz(self->nl.msg, A(IFNAME), "t0");
		nl_put(&self->nl, A(KEEPALIVE_SECRET), bytes, lens[i]);
		mnl_attr_nest_end(self->nl.msg, nest);
		EXPECT_NE(0, nl_talk(&self->nl, NULL, NULL));
		EXPECT_NAMED(A(KEEPALIVE_SECRET));
	}
	EXPECT_READS_SECRET(true, true);
}

/* With a secret a tunnel of any peer may have one, and so a keepalive. */
TEST_F(secret, any)
{
	struct tunnel any = tunnel_new("t1", variant->local, variant->any);
	struct tunnel step = tunnel_named("t1"), now;

	tunnel_set(&any, A(KEEPALIVE_PERIOD), 10);
	EXPECT_EQ(EINVAL, create(&self->nl, &any));
	EXPECT_NAMED(A(KEEPALIVE_PERIOD));
	tunnel_set_secret(&any, BYTE + 1);
	ASSERT_EQ(0, create(&self->nl, &any));
	tunnel_set(&step, A(UNSET), GRETUN_OPTION_KEEPALIVE_SECRET);
	EXPECT_EQ(EINVAL, change(&self->nl, &step));
	EXPECT_NAMED(A(UNSET));
	EXPECT_EQ(0, nl_get(&self->nl, "t1", &now));
	EXPECT_TRUE(now.is_signed);
	tunnel_set(&step, A(KEEPALIVE_PERIOD), 0);
	EXPECT_EQ(0, change(&self->nl, &step));
}

TEST_HARNESS_MAIN
