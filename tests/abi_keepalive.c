// SPDX-License-Identifier: GPL-2.0
/*
 * What is said of keepalive, and what the events group hears of it. That peers
 * answer is for keepalive.sh.
 *
 * Topology: a netns with the dummy d0, which takes what is sent to it, and the
 * tunnel t0 from its address to a peer that does not answer.
 */
#include <sched.h>
#include <unistd.h>

#include "events.h"
#include "link.h"
#include "reads.h"

#define K(name) GRETUN_A_KEEPALIVE_##name

/* From linux/if.h, which does not go with net/if.h. */
#define IFF_LOWER_UP BIT(16)

/* Milliseconds in which a peer of keepalive 1:1 is known to be dead. */
#define DEATH 2500

/* There whatever the peer does. */
#define ALWAYS_SAID (BIT(K(STATE)) | BIT(K(SENT)) | BIT(K(ANSWERED)) | \
		     BIT(K(NEEDED)))

FIXTURE(keepalive)
{
	struct nl nl, events;
	struct tunnel now, step;
	struct link link;
	struct heard heard;
};

FIXTURE_VARIANT(keepalive)
{
	const char *local, *remote, *another;
};

/* clang-format off */
FIXTURE_VARIANT_ADD(keepalive, ipv4) {
	.local = "192.0.2.1", .remote = "192.0.2.2", .another = "192.0.2.3",
};

FIXTURE_VARIANT_ADD(keepalive, ipv6) {
	.local = "2001:db8::1", .remote = "2001:db8::2",
	.another = "2001:db8::3",
};

/* clang-format on */

FIXTURE_SETUP(keepalive)
{
	struct tunnel t0 = tunnel_new("t0", variant->local, variant->remote);

	ASSERT_EQ(0, unshare(CLONE_NEWNET));
	ASSERT_EQ(0, nl_open(&self->nl));
	ASSERT_EQ(0, run_ip("link add d0 up type dummy"));
	ASSERT_EQ(0, run_ip("address add 192.0.2.1/24 dev d0"));
	ASSERT_EQ(0, run_ip("address add 2001:db8::1/64 dev d0 nodad"));
	tunnel_set(&t0, A(UP), 1);
	tunnel_set(&t0, A(KEEPALIVE_PERIOD), 1);
	tunnel_set(&t0, A(KEEPALIVE_RETRIES), 1);
	ASSERT_EQ(0, listen_to(&self->events));
	ASSERT_EQ(0, create(&self->nl, &t0));
	ASSERT_EQ(0, nl_get(&self->nl, "t0", &self->now));
	self->step = tunnel_named("t0");
}

FIXTURE_TEARDOWN(keepalive)
{
	nl_close(&self->nl);
	nl_close(&self->events);
}

/* What is said now, and that all who say something agree. */
static void expect_says(struct __test_metadata *_metadata, struct nl *nl,
			bool working, bool up)
{
	struct tunnel now;

	EXPECT_EQ(0, nl_get(nl, "t0", &now));
	EXPECT_EQ(working ? ALWAYS_SAID : 0, now.keepalive.present);
	EXPECT_EQ(0u, now.keepalive.value[K(ANSWERED)]);
	EXPECT_EQ(up, !!(now.flags & IFF_RUNNING));
	EXPECT_EQ(up, !!(now.flags & IFF_LOWER_UP));
	EXPECT_EQ(up ? GRETUN_DOWN_REASON_NONE : GRETUN_DOWN_REASON_KEEPALIVE,
		  now.reason);
	EXPECT_EQ(up, now.operstate != IF_OPER_DOWN);
	EXPECT_EQ(up ? GRETUN_KEEPALIVE_STATE_UP : GRETUN_KEEPALIVE_STATE_DOWN,
		  now.keepalive.value[K(STATE)]);
	EXPECT_EQ(working, now.keepalive.value[K(NEEDED)]);
}

#define EXPECT_SAYS(working, up) \
	expect_says(_metadata, &self->nl, working, up)

/* Wait until nothing more is heard of a peer that is dead. */
#define HEAR_DEATH()                                     \
	do {                                             \
		usleep(DEATH * 1000);                    \
		self->heard = hear(&self->events, 1500); \
	} while (0)

TEST_F_TIMEOUT(keepalive, dies, 60)
{
	EXPECT_SAYS(true, true);
	ASSERT_EQ(0, link_get("t0", &self->link));
	EXPECT_EQ(0u, self->link.carrier_changes);
	hear(&self->events, 50);

	HEAR_DEATH();
	EXPECT_SAYS(true, false);
	EXPECT_EQ(1, self->heard.state);
	/* The kernel makes a change of the carrier known later. */
	EXPECT_EQ(1, self->heard.set);
	EXPECT_EQ(0, self->heard.made + self->heard.deleted + self->heard.other);
	EXPECT_EQ(GRETUN_DOWN_REASON_KEEPALIVE, self->heard.last.reason);
	EXPECT_FALSE(self->heard.last.flags & IFF_RUNNING);
	ASSERT_EQ(0, link_get("t0", &self->link));
	EXPECT_EQ(1u, self->link.carrier_changes);
	EXPECT_TRUE(self->link.flags & IFF_UP);
	EXPECT_FALSE(self->link.flags & IFF_RUNNING);

	/* Probes go on, and nothing more is said of it. */
	ASSERT_EQ(0, nl_get(&self->nl, "t0", &self->now));
	EXPECT_LT(1u, self->now.keepalive.value[K(SENT)]);
	self->heard = hear(&self->events, 2500);
	EXPECT_EQ(0, self->heard.state + self->heard.set);
}

/* The first event of a death is that of the state, and it has all of it. */
TEST_F_TIMEOUT(keepalive, first_event, 60)
{
	struct pollfd fd = {
		.fd = mnl_socket_get_fd(self->events.sock),
		.events = POLLIN,
	};

	hear(&self->events, 50);
	ASSERT_EQ(1, poll(&fd, 1, 2 * DEATH));
	self->heard = hear(&self->events, 0);
	EXPECT_EQ(1, self->heard.state);
	EXPECT_EQ(GRETUN_DOWN_REASON_KEEPALIVE, self->heard.last.reason);
	EXPECT_EQ(GRETUN_KEEPALIVE_STATE_DOWN,
		  self->heard.last.keepalive.value[K(STATE)]);
	EXPECT_EQ(IF_OPER_DOWN, self->heard.last.operstate);
	EXPECT_FALSE(self->heard.last.flags & IFF_RUNNING);
	EXPECT_EQ(1u, self->heard.last.value[A(KEEPALIVE_PERIOD)]);
}

TEST_F_TIMEOUT(keepalive, off_and_on, 60)
{
	HEAR_DEATH();
	EXPECT_SAYS(true, false);
	tunnel_set(&self->step, A(KEEPALIVE_PERIOD), 0);
	ASSERT_EQ(0, change(&self->nl, &self->step));
	EXPECT_SAYS(false, true);
	self->heard = hear(&self->events, 1500);
	EXPECT_EQ(0, self->heard.state);
	EXPECT_EQ(GRETUN_DOWN_REASON_NONE, self->heard.last.reason);
	ASSERT_EQ(0, link_get("t0", &self->link));
	EXPECT_TRUE(self->link.flags & IFF_RUNNING);

	/* The peer has its time again. */
	tunnel_set(&self->step, A(KEEPALIVE_PERIOD), 1);
	ASSERT_EQ(0, change(&self->nl, &self->step));
	EXPECT_SAYS(true, true);
	HEAR_DEATH();
	EXPECT_SAYS(true, false);
	EXPECT_EQ(1, self->heard.state);
}

TEST_F_TIMEOUT(keepalive, down_and_up, 60)
{
	HEAR_DEATH();
	ASSERT_EQ(0, link_set_up("t0", false));
	EXPECT_EQ(0, nl_get(&self->nl, "t0", &self->now));
	EXPECT_EQ(0u, self->now.keepalive.present);
	EXPECT_EQ(GRETUN_DOWN_REASON_ADMIN, self->now.reason);
	EXPECT_EQ(1u, self->now.value[A(KEEPALIVE_PERIOD)]);
	hear(&self->events, 200);
	/* What is set on a device that is down shows when it is up. */
	tunnel_set(&self->step, A(KEEPALIVE_RETRIES), 255);
	ASSERT_EQ(0, change(&self->nl, &self->step));
	ASSERT_EQ(0, link_set_up("t0", true));
	EXPECT_SAYS(true, true);
	HEAR_DEATH();
	EXPECT_SAYS(true, true);
	EXPECT_EQ(0, self->heard.state);
}

/* Who else is set has its time; what else is set changes nothing. */
TEST_F_TIMEOUT(keepalive, another_peer, 60)
{
	HEAR_DEATH();
	tunnel_set(&self->step, A(TTL), 9);
	tunnel_set(&self->step, A(KEEPALIVE_RETRIES), 255);
	ASSERT_EQ(0, change(&self->nl, &self->step));
	EXPECT_SAYS(true, false);
	tunnel_set_remote(&self->step, variant->another);
	ASSERT_EQ(0, change(&self->nl, &self->step));
	EXPECT_SAYS(true, true);
	self->step = tunnel_named("t0");
	tunnel_set(&self->step, A(KEEPALIVE_RETRIES), 1);
	ASSERT_EQ(0, change(&self->nl, &self->step));
	HEAR_DEATH();
	EXPECT_SAYS(true, false);
	self->step = tunnel_named("t0");
	tunnel_set(&self->step, A(IKEY), 7);
	ASSERT_EQ(0, change(&self->nl, &self->step));
	EXPECT_SAYS(true, true);
}

static int read_one(const struct nlmsghdr *msg, void *arg)
{
	tunnel_read(msg, arg);
	return MNL_CB_OK;
}

TEST_F_TIMEOUT(keepalive, dump, 60)
{
	struct tunnel listed = {};

	HEAR_DEATH();
	nl_begin(&self->nl, GRETUN_CMD_TUNNEL_GET, NLM_F_DUMP);
	ASSERT_EQ(0, nl_talk(&self->nl, read_one, &listed));
	EXPECT_EQ(ALWAYS_SAID, listed.keepalive.present);
	EXPECT_EQ(GRETUN_KEEPALIVE_STATE_DOWN,
		  listed.keepalive.value[K(STATE)]);
	EXPECT_EQ(GRETUN_DOWN_REASON_KEEPALIVE, listed.reason);
}

TEST_HARNESS_MAIN
