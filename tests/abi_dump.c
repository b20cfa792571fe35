// SPDX-License-Identifier: GPL-2.0
/*
 * A dump shows each tunnel once, whatever is made and deleted meanwhile.
 *
 * Topology: an empty netns.
 */
#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <linux/genetlink.h>

#include "kselftest_harness.h"
#include "nl.h"

#define MANY 2000

/* In how many pauses of the dump tunnels are made and deleted. */
#define CHANGES 40

FIXTURE(dump)
{
	struct nl nl;
	int seen[2 * MANY];
};

FIXTURE_SETUP(dump)
{
	ASSERT_EQ(0, unshare(CLONE_NEWNET));
	ASSERT_EQ(0, nl_open(&self->nl));
}

FIXTURE_TEARDOWN(dump)
{
	nl_close(&self->nl);
}

/* One request about the tunnels @from to @to - 1; returns 0, or an errno. */
static int change(struct nl *nl, uint8_t cmd, int from, int to)
{
	struct tunnel tunnel;

	nl_begin(nl, cmd, NLM_F_ACK);
	for (; from < to; from++) {
		tunnel = tunnel_numbered(from);
		nl_put_tunnel(nl, &tunnel);
	}
	return nl_talk(nl, NULL, NULL);
}

static int see(const struct nlmsghdr *msg, void *arg)
{
	struct tunnel tunnel;
	int *seen = arg;

	tunnel_read(msg, &tunnel);
	seen[tunnel.value[A(IKEY)]]++;
	return MNL_CB_OK;
}

/*
 * Take the next part of a dump. Returns 1 if there is more, 0 at the end, or
 * -1.
 */
static int next_part(struct nl *nl, int *seen)
{
	char buf[NL_PART] __attribute__((aligned(4)));
	int len;

	len = mnl_socket_recvfrom(nl->sock, buf, sizeof(buf));
	if (len < 0)
		return -1;
	return mnl_cb_run(buf, len, nl->seq, mnl_socket_get_portid(nl->sock),
			  see, seen);
}

/* Begin a dump that is taken part by part. */
static int begin_dump(struct nl *nl)
{
	nl_begin(nl, GRETUN_CMD_TUNNEL_GET, NLM_F_DUMP);
	return mnl_socket_sendto(nl->sock, nl->msg, nl->msg->nlmsg_len);
}

TEST_F_TIMEOUT(dump, thousands_with_changes, 120)
{
	static struct nl other;
	int parts = 0, ret;
	int i;

	ASSERT_EQ(0, nl_open(&other));
	ASSERT_EQ(0, nl_make(&other, MANY));
	ASSERT_LT(0, begin_dump(&self->nl));
	while ((ret = next_part(&self->nl, self->seen)) > 0) {
		if (parts == CHANGES)
			continue;
		/* Delete one that was seen and one far from it, make one. */
		i = parts;
		ASSERT_EQ(1, self->seen[i]);
		ASSERT_EQ(0, change(&other, GRETUN_CMD_TUNNEL_DEL, i, i + 1));
		i = MANY - 1 - parts;
		ASSERT_EQ(0, self->seen[i]);
		ASSERT_EQ(0, change(&other, GRETUN_CMD_TUNNEL_DEL, i, i + 1));
		i = MANY + parts;
		ASSERT_EQ(0, change(&other, GRETUN_CMD_TUNNEL_NEW, i, i + 1));
		parts++;
	}
	ASSERT_EQ(0, ret);
	/* It came in many parts, or this was no test. */
	ASSERT_EQ(CHANGES, parts);
	for (i = 0; i < MANY - CHANGES; i++) {
		ASSERT_EQ(1, self->seen[i])
		{
			TH_LOG("tunnel %d", i);
		}
	}
	for (; i < MANY; i++) {
		ASSERT_EQ(0, self->seen[i])
		{
			TH_LOG("tunnel %d, deleted ahead", i);
		}
	}
	for (; i < MANY + CHANGES; i++) {
		ASSERT_GE(1, self->seen[i])
		{
			TH_LOG("tunnel %d, new", i);
		}
	}
	EXPECT_EQ(MANY - CHANGES, nl_count(&other));
	nl_close(&other);
}

/* Dump while another process makes and deletes as fast as it can. */
TEST_F_TIMEOUT(dump, churn, 300)
{
	const int stable = 300, dumps = 20;
	int dump, i, ret;
	pid_t churn;

	ASSERT_EQ(0, nl_make(&self->nl, stable));
	churn = fork();
	ASSERT_LE(0, churn);
	if (!churn) {
		static struct nl other;

		ret = nl_open(&other);
		while (!ret) {
			ret = change(&other, GRETUN_CMD_TUNNEL_NEW, MANY,
				     MANY + 10) ||
			      change(&other, GRETUN_CMD_TUNNEL_DEL, MANY,
				     MANY + 10);
		}
		_exit(1);
	}
	for (dump = 1; dump <= dumps; dump++) {
		ASSERT_LT(0, begin_dump(&self->nl));
		do {
			ret = next_part(&self->nl, self->seen);
		} while (ret > 0);
		EXPECT_EQ(0, ret);
		for (i = 0; i < stable; i++)
			ASSERT_EQ(dump, self->seen[i]);
	}
	/* It was at work to the end. */
	EXPECT_EQ(0, waitpid(churn, NULL, WNOHANG));
	kill(churn, SIGKILL);
	waitpid(churn, NULL, 0);
}

TEST_F(dump, two_at_a_time)
{
	static int seen[MANY];
	static struct nl other;
	int one = 1, two = 1;
	int i;

	ASSERT_EQ(0, nl_open(&other));
	ASSERT_EQ(0, nl_make(&other, 300));
	ASSERT_LT(0, begin_dump(&self->nl));
	ASSERT_LT(0, begin_dump(&other));
	while (one > 0 || two > 0) {
		if (one > 0)
			one = next_part(&self->nl, self->seen);
		if (two > 0)
			two = next_part(&other, seen);
	}
	EXPECT_EQ(0, one);
	EXPECT_EQ(0, two);
	for (i = 0; i < 300; i++) {
		EXPECT_EQ(1, self->seen[i]);
		EXPECT_EQ(1, seen[i]);
	}
	nl_close(&other);
}

TEST_F(dump, empty)
{
	EXPECT_EQ(0, nl_count(&self->nl));
}

TEST_F(dump, of_this_netns_alone)
{
	static struct nl other;

	ASSERT_EQ(0, nl_make(&self->nl, 3));
	ASSERT_EQ(0, unshare(CLONE_NEWNET));
	ASSERT_EQ(0, nl_open(&other));
	EXPECT_EQ(0, nl_count(&other));
	EXPECT_EQ(0, nl_make(&other, 2));
	EXPECT_EQ(2, nl_count(&other));
	EXPECT_EQ(3, nl_count(&self->nl));
	nl_close(&other);
}

TEST_HARNESS_MAIN
