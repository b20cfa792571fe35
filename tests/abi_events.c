// SPDX-License-Identifier: GPL-2.0
/*
 * The events group hears of all that happens to a tunnel.
 *
 * Topology: a netns, and a second one to which devices move.
 */
#include <arpa/inet.h>
#include <fcntl.h>
#include <sched.h>
#include <sys/syscall.h>

#include "kselftest_harness.h"
#include "events.h"
#include "link.h"
#include "nl.h"

/* Milliseconds of silence after which nothing more will come. */
#define SILENCE 200

FIXTURE(events)
{
	struct nl nl;	       /* for requests */
	struct nl here, there; /* for events of the two netns */
	int here_fd, there_fd;
	struct tunnel t0;
};

static int open_netns(void)
{
	return open("/proc/self/ns/net", O_RDONLY);
}

FIXTURE_SETUP(events)
{
	ASSERT_EQ(0, unshare(CLONE_NEWNET));
	self->there_fd = open_netns();
	ASSERT_LE(0, self->there_fd);
	ASSERT_EQ(0, listen_to(&self->there));
	ASSERT_EQ(0, unshare(CLONE_NEWNET));
	self->here_fd = open_netns();
	ASSERT_LE(0, self->here_fd);
	ASSERT_EQ(0, listen_to(&self->here));
	ASSERT_EQ(0, nl_open(&self->nl));
	self->t0 = tunnel_new("t0", "192.0.2.1", "192.0.2.2");
	tunnel_set(&self->t0, A(IKEY), 7);
}

FIXTURE_TEARDOWN(events)
{
	nl_close(&self->nl);
	nl_close(&self->here);
	nl_close(&self->there);
}

/* Nothing was heard but what is given; of changes there may be several. */
static void expect_heard(struct __test_metadata *_metadata,
			 const struct heard *heard, int made, bool set,
			 int deleted)
{
	EXPECT_EQ(made, heard->made);
	EXPECT_EQ(set, heard->set > 0);
	EXPECT_EQ(deleted, heard->deleted);
	EXPECT_EQ(0, heard->state);
	EXPECT_EQ(0, heard->other);
}

/* The last event says of the tunnel what a request says of it. */
static void expect_current(struct __test_metadata *_metadata, struct nl *nl,
			   const struct heard *heard)
{
	struct tunnel now;

	EXPECT_EQ(0, nl_get(nl, heard->last.ifname, &now));
	EXPECT_EQ(0, memcmp(&now, &heard->last, sizeof(now)));
	EXPECT_TRUE(heard->last.has_state);
}

TEST_F(events, new_set_del)
{
	struct tunnel step = tunnel_named("t0");
	struct heard heard;

	ASSERT_EQ(0, nl_do(&self->nl, GRETUN_CMD_TUNNEL_NEW, &self->t0));
	heard = hear(&self->here, SILENCE);
	expect_heard(_metadata, &heard, 1, false, 0);
	expect_current(_metadata, &self->nl, &heard);

	tunnel_set(&step, A(TTL), 9);
	EXPECT_EQ(0, nl_do(&self->nl, GRETUN_CMD_TUNNEL_SET, &step));
	heard = hear(&self->here, SILENCE);
	expect_heard(_metadata, &heard, 0, true, 0);
	expect_current(_metadata, &self->nl, &heard);
	EXPECT_EQ(9u, heard.last.value[A(TTL)]);

	EXPECT_EQ(0, nl_do(&self->nl, GRETUN_CMD_TUNNEL_DEL, &step));
	heard = hear(&self->here, SILENCE);
	expect_heard(_metadata, &heard, 0, false, 1);
	EXPECT_STREQ("t0", heard.last.ifname);
	EXPECT_EQ(9u, heard.last.value[A(TTL)]);
	EXPECT_EQ(7u, heard.last.value[A(IKEY)]);

	/* The other netns is none of its business. */
	heard = hear(&self->there, SILENCE);
	expect_heard(_metadata, &heard, 0, false, 0);
}

TEST_F(events, up_and_down)
{
	struct heard heard;

	ASSERT_EQ(0, nl_do(&self->nl, GRETUN_CMD_TUNNEL_NEW, &self->t0));
	heard = hear(&self->here, SILENCE);
	EXPECT_FALSE(heard.last.flags & IFF_UP);

	EXPECT_EQ(0, link_set_up("t0", true));
	heard = hear(&self->here, SILENCE);
	expect_heard(_metadata, &heard, 0, true, 0);
	EXPECT_TRUE(heard.last.flags & IFF_UP);
	expect_current(_metadata, &self->nl, &heard);

	EXPECT_EQ(0, link_set_up("t0", false));
	heard = hear(&self->here, SILENCE);
	expect_heard(_metadata, &heard, 0, true, 0);
	EXPECT_FALSE(heard.last.flags & IFF_UP);
	expect_current(_metadata, &self->nl, &heard);
}

TEST_F(events, mtu_and_name)
{
	struct heard heard;

	ASSERT_EQ(0, nl_do(&self->nl, GRETUN_CMD_TUNNEL_NEW, &self->t0));
	hear(&self->here, SILENCE);

	EXPECT_EQ(0, link_set_mtu("t0", 1300));
	heard = hear(&self->here, SILENCE);
	expect_heard(_metadata, &heard, 0, true, 0);
	EXPECT_EQ(1300u, heard.last.value[A(MTU)]);
	expect_current(_metadata, &self->nl, &heard);

	EXPECT_EQ(0, link_rename("t0", "renamed"));
	heard = hear(&self->here, SILENCE);
	expect_heard(_metadata, &heard, 0, true, 0);
	EXPECT_STREQ("renamed", heard.last.ifname);
	expect_current(_metadata, &self->nl, &heard);
}

/* One netns hears of an end, the other of a beginning. */
TEST_F(events, move)
{
	struct heard heard;

	ASSERT_EQ(0, nl_do(&self->nl, GRETUN_CMD_TUNNEL_NEW, &self->t0));
	hear(&self->here, SILENCE);

	EXPECT_EQ(0, link_move("t0", self->there_fd));
	heard = hear(&self->here, SILENCE);
	expect_heard(_metadata, &heard, 0, heard.set, 1);
	EXPECT_STREQ("t0", heard.last.ifname);
	heard = hear(&self->there, SILENCE);
	expect_heard(_metadata, &heard, 1, heard.set, 0);
	EXPECT_STREQ("t0", heard.last.ifname);
	EXPECT_EQ(7u, heard.last.value[A(IKEY)]);
	EXPECT_EQ(0, nl_count(&self->nl));

	/* From there on, there is where it is heard of. */
	ASSERT_EQ(0, setns(self->there_fd, CLONE_NEWNET));
	nl_close(&self->nl);
	ASSERT_EQ(0, nl_open(&self->nl));
	EXPECT_EQ(0, nl_do(&self->nl, GRETUN_CMD_TUNNEL_DEL, &self->t0));
	heard = hear(&self->there, SILENCE);
	expect_heard(_metadata, &heard, 0, false, 1);
	heard = hear(&self->here, SILENCE);
	expect_heard(_metadata, &heard, 0, false, 0);
}

/* A refused request is no event, whatever was made and undone for it. */
TEST_F(events, none_of_a_refusal)
{
	struct tunnel bad = tunnel_new("t0", "192.0.2.1", "192.0.2.3");
	struct heard heard;

	ASSERT_EQ(0, nl_do(&self->nl, GRETUN_CMD_TUNNEL_NEW, &self->t0));
	hear(&self->here, SILENCE);

	EXPECT_EQ(EEXIST, nl_do(&self->nl, GRETUN_CMD_TUNNEL_NEW, &bad));
	tunnel_set(&bad, A(TOS), 1);
	EXPECT_EQ(EINVAL, nl_do(&self->nl, GRETUN_CMD_TUNNEL_SET, &bad));
	heard = hear(&self->here, SILENCE);
	expect_heard(_metadata, &heard, 0, false, 0);
}

TEST_F(events, each_of_a_batch)
{
	struct heard heard;
	char addr[16];
	int i;

	nl_begin(&self->nl, GRETUN_CMD_TUNNEL_NEW, NLM_F_ACK);
	for (i = 1; i <= 50; i++) {
		snprintf(addr, sizeof(addr), "198.51.100.%d", i);
		self->t0 = tunnel_new(addr, "192.0.2.1", addr);
		nl_put_tunnel(&self->nl, &self->t0);
	}
	EXPECT_EQ(0, nl_talk(&self->nl, NULL, NULL));
	heard = hear(&self->here, SILENCE);
	expect_heard(_metadata, &heard, 50, false, 0);

	nl_begin(&self->nl, GRETUN_CMD_TUNNEL_DEL, NLM_F_ACK);
	for (i = 1; i <= 50; i++) {
		snprintf(addr, sizeof(addr), "198.51.100.%d", i);
		self->t0 = tunnel_named(addr);
		nl_put_tunnel(&self->nl, &self->t0);
	}
	EXPECT_EQ(0, nl_talk(&self->nl, NULL, NULL));
	heard = hear(&self->here, SILENCE);
	expect_heard(_metadata, &heard, 0, false, 50);
}

/* Who does not read in time is told that something was lost. */
TEST_F(events, too_many)
{
	int size = 4096, i, len;
	char buf[1 << 15];
	bool lost = false;

	mnl_socket_setsockopt(self->here.sock, NETLINK_NO_ENOBUFS, &(int){ 0 },
			      sizeof(int));
	ASSERT_EQ(0, setsockopt(mnl_socket_get_fd(self->here.sock), SOL_SOCKET,
				SO_RCVBUF, &size, sizeof(size)));
	ASSERT_EQ(0, nl_do(&self->nl, GRETUN_CMD_TUNNEL_NEW, &self->t0));
	for (i = 1; i <= 100; i++) {
		tunnel_set(&self->t0, A(TTL), i);
		EXPECT_EQ(0, nl_do(&self->nl, GRETUN_CMD_TUNNEL_SET, &self->t0));
	}
	for (i = 0; i < 100 && !lost; i++) {
		len = mnl_socket_recvfrom(self->here.sock, buf, sizeof(buf));
		lost = len < 0 && errno == ENOBUFS;
	}
	EXPECT_TRUE(lost);
}

TEST_F(events, end_of_the_module)
{
	struct heard heard;

	ASSERT_EQ(0, nl_do(&self->nl, GRETUN_CMD_TUNNEL_NEW, &self->t0));
	hear(&self->here, SILENCE);
	ASSERT_EQ(0, syscall(SYS_delete_module, "gretun", 0));
	heard = hear(&self->here, SILENCE);
	expect_heard(_metadata, &heard, 0, false, 1);
	EXPECT_STREQ("t0", heard.last.ifname);
	EXPECT_EQ(0u, if_nametoindex("t0"));
}

TEST_HARNESS_MAIN
