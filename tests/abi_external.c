// SPDX-License-Identifier: GPL-2.0
/*
 * Devices without a peer of their own, and tunnels that start up.
 *
 * Topology: a netns with one external device, t0, and nothing else but lo.
 */
#include <arpa/inet.h>

#include "link.h"
#include "refusal.h"

/* Outer IPv4 header and the longest GRE header. */
#define OVERHEAD 36

FIXTURE(external)
{
	struct nl nl;
	struct tunnel t0;
};

/* An external device, which has a local address unless @local is NULL. */
static struct tunnel external(const char *ifname, const char *local)
{
	struct tunnel tunnel = tunnel_named(ifname);

	tunnel_set(&tunnel, A(EXTERNAL), 1);
	if (local)
		tunnel_set(&tunnel, A(LOCAL_IPV4), inet_addr(local));
	return tunnel;
}

static int create(struct nl *nl, const struct tunnel *tunnel)
{
	return nl_do(nl, GRETUN_CMD_TUNNEL_NEW, tunnel);
}

static int change(struct nl *nl, const struct tunnel *tunnel)
{
	return nl_do(nl, GRETUN_CMD_TUNNEL_SET, tunnel);
}

FIXTURE_SETUP(external)
{
	struct tunnel tunnel = external("t0", "198.51.100.1");

	ASSERT_EQ(0, unshare(CLONE_NEWNET));
	ASSERT_EQ(0, nl_open(&self->nl));
	ASSERT_EQ(0, create(&self->nl, &tunnel));
	ASSERT_EQ(0, nl_get(&self->nl, "t0", &self->t0));
}

FIXTURE_TEARDOWN(external)
{
	nl_close(&self->nl);
}

/*
 * Begin a request that changes t0, or makes an external device, with all that
 * it may need but attribute @without. Returns the nest, which is left open.
 */
static struct nlattr *begin_external(struct nl *nl, uint8_t cmd,
				     uint16_t without)
{
	struct tunnel tunnel = tunnel_named("t0");

	if (cmd == GRETUN_CMD_TUNNEL_NEW)
		tunnel = external("t1", LOCAL);
	tunnel.present &= ~BIT(without);
	nl_begin(nl, cmd, NLM_F_ACK);
	return nl_put_tunnel(nl, &tunnel);
}

/* What is given is there; all else is as it is without. */
TEST_F(external, reads_back)
{
	static const char *const local[] = { LOCAL, "0.0.0.0", NULL };
	struct tunnel tunnel, is;
	uint16_t type;
	uint32_t want;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(local); i++) {
		tunnel = external("t1", local[i]);
		ASSERT_EQ(0, create(&self->nl, &tunnel));
		ASSERT_EQ(0, nl_get(&self->nl, "t1", &is));
		for (type = A(IFNAME) + 1; type <= GRETUN_A_TUNNEL_MAX; type++) {
			want = tunnel.value[type];
			if (type == A(TTL))
				want = 64;
			if (type == A(KEEPALIVE_RETRIES))
				want = 3;
			EXPECT_EQ(want, is.value[type])
			{
				TH_LOG("attribute %d", type);
			}
		}
		EXPECT_TRUE(is.present & BIT(A(LOCAL_IPV4)));
		EXPECT_TRUE(is.present & BIT(A(REMOTE_IPV4)));
		EXPECT_FALSE(is.present & BIT(A(IKEY)));
		EXPECT_FALSE(is.present & BIT(A(OKEY)));
		EXPECT_EQ(OVERHEAD, is.overhead);
		EXPECT_EQ(1500 - OVERHEAD, is.mtu);
		tunnel = tunnel_named("t1");
		EXPECT_EQ(0, nl_do(&self->nl, GRETUN_CMD_TUNNEL_DEL, &tunnel));
	}
}

static int read_named(const struct nlmsghdr *msg, void *arg)
{
	struct tunnel *want = arg, is;

	tunnel_read(msg, &is);
	if (!strcmp(want->ifname, is.ifname))
		*want = is;
	return MNL_CB_OK;
}

TEST_F(external, dump)
{
	struct tunnel ordinary = tunnel_new("t1", LOCAL, REMOTE);
	struct tunnel is = tunnel_named("t0");

	ASSERT_EQ(0, create(&self->nl, &ordinary));
	nl_begin(&self->nl, GRETUN_CMD_TUNNEL_GET, NLM_F_DUMP);
	EXPECT_EQ(0, nl_talk(&self->nl, read_named, &is));
	EXPECT_EQ(1u, is.value[A(EXTERNAL)]);
	EXPECT_EQ(0, memcmp(&self->t0, &is, sizeof(is)));

	is = tunnel_named("t1");
	nl_begin(&self->nl, GRETUN_CMD_TUNNEL_GET, NLM_F_DUMP);
	EXPECT_EQ(0, nl_talk(&self->nl, read_named, &is));
	EXPECT_TRUE(is.present & BIT(A(EXTERNAL)));
	EXPECT_EQ(0u, is.value[A(EXTERNAL)]);
}

/* What an external device has of its own can be set and changed. */
TEST_F(external, options)
{
	static const struct {
		uint16_t type;
		uint32_t full, less;
	} steps[] = {
		{ A(TTL), 255, 7 },
		{ A(DF), GRETUN_DF_SET, GRETUN_DF_COPY },
		{ A(MTU), UINT16_MAX - OVERHEAD, 1300 },
		{ A(FWMARK), UINT32_MAX, 0 },
		{ A(FASTPATH), 1, 0 },
		{ A(MSS_CLAMP), 1, 0 },
		{ A(KEEPALIVE_RETRIES), 255, 1 },
		{ A(LINK), 1, 0 },
		{ A(LOCAL_IPV4), 0, 0x090200c0 },
	};
	struct tunnel fresh = external("t1", LOCAL), step, is;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(steps) - 1; i++)
		tunnel_set(&fresh, steps[i].type, steps[i].full);
	ASSERT_EQ(0, create(&self->nl, &fresh));
	ASSERT_EQ(0, nl_get(&self->nl, "t1", &is));
	for (i = 0; i < ARRAY_SIZE(steps) - 1; i++)
		EXPECT_EQ(steps[i].full, is.value[steps[i].type]);

	for (i = 0; i < ARRAY_SIZE(steps); i++) {
		step = tunnel_named("t0");
		tunnel_set(&step, steps[i].type, steps[i].full);
		EXPECT_EQ(0, change(&self->nl, &step));
		EXPECT_EQ(0, nl_get(&self->nl, "t0", &is));
		EXPECT_EQ(steps[i].full, is.value[steps[i].type]);

		tunnel_set(&step, steps[i].type, steps[i].less);
		EXPECT_EQ(0, change(&self->nl, &step));
		EXPECT_EQ(0, nl_get(&self->nl, "t0", &is));
		EXPECT_EQ(steps[i].less, is.value[steps[i].type]);
		EXPECT_EQ(1u, is.value[A(EXTERNAL)]);
	}

	step = tunnel_named("t0");
	tunnel_set(&step, A(MTU), UINT16_MAX - OVERHEAD + 1);
	EXPECT_EQ(ERANGE, change(&self->nl, &step));
}

/* What the metadata of packets says is not for the device to say. */
TEST_F(external, not_the_device_to_say)
{
	static const struct {
		uint16_t type;
		uint32_t value;
	} wrong[] = {
		{ A(REMOTE_IPV4), 0x020200c0 },
		{ A(IKEY), 0 },
		{ A(IKEY), 7 },
		{ A(OKEY), 0 },
		{ A(OKEY), 7 },
		{ A(CSUM), 1 },
		{ A(SEQ), 1 },
		{ A(TOS), 4 },
		{ A(TOS_INHERIT), 1 },
		{ A(KEEPALIVE_PERIOD), 10 },
	};
	struct nlattr *nest, *attr;
	size_t i, j;

	for (i = 0; i < ARRAY_SIZE(commands); i++) {
		for (j = 0; j < ARRAY_SIZE(wrong); j++) {
			nest = begin_external(&self->nl, commands[i],
					      wrong[j].type);
			attr = nl_put(&self->nl, wrong[j].type, &wrong[j].value,
				      tunnel_attr_size(wrong[j].type));
			mnl_attr_nest_end(self->nl.msg, nest);
			EXPECT_REFUSED(EINVAL, attr);
		}
	}
}

/* To say that there is none of it is no error. */
TEST_F(external, none_of_it)
{
	static const uint16_t none[] = {
		A(REMOTE_IPV4),
		A(CSUM),
		A(SEQ),
		A(TOS),
		A(TOS_INHERIT),
		A(KEEPALIVE_PERIOD),
	};
	struct tunnel fresh = external("t1", LOCAL), step = tunnel_named("t0");
	size_t i;

	for (i = 0; i < ARRAY_SIZE(none); i++) {
		tunnel_set(&fresh, none[i], 0);
		tunnel_set(&step, none[i], 0);
	}
	tunnel_set(&step, A(UNSET), GRETUN_OPTION_IKEY | GRETUN_OPTION_OKEY);
	tunnel_set(&step, A(EXTERNAL), 1);
	EXPECT_EQ(0, change(&self->nl, &step));
	expect_unchanged(_metadata, &self->nl, &self->t0);
	EXPECT_EQ(0, create(&self->nl, &fresh));
}

TEST_F(external, bad_local)
{
	static const char *const bad[] = {
		"224.0.0.1",
		"239.255.255.255",
		"255.255.255.255",
	};
	struct nlattr *nest, *attr;
	uint32_t local;
	size_t i, j;

	for (i = 0; i < ARRAY_SIZE(commands); i++) {
		for (j = 0; j < ARRAY_SIZE(bad); j++) {
			local = inet_addr(bad[j]);
			nest = begin_external(&self->nl, commands[i],
					      A(LOCAL_IPV4));
			attr = nl_put(&self->nl, A(LOCAL_IPV4), &local,
				      sizeof(local));
			mnl_attr_nest_end(self->nl.msg, nest);
			EXPECT_REFUSED(EINVAL, attr);
		}
	}
}

/* A tunnel is external or not for good. */
TEST_F(external, for_good)
{
	struct tunnel ordinary = tunnel_new("t1", LOCAL, REMOTE), before, now;
	struct nlattr *nest, *attr;
	struct tunnel step;
	uint8_t no = 0;

	nest = begin_external(&self->nl, GRETUN_CMD_TUNNEL_SET, A(EXTERNAL));
	attr = nl_put(&self->nl, A(EXTERNAL), &no, sizeof(no));
	mnl_attr_nest_end(self->nl.msg, nest);
	EXPECT_REFUSED(EINVAL, attr);

	ASSERT_EQ(0, create(&self->nl, &ordinary));
	ASSERT_EQ(0, nl_get(&self->nl, "t1", &before));
	step = tunnel_named("t1");
	tunnel_set(&step, A(EXTERNAL), 1);
	EXPECT_EQ(EINVAL, change(&self->nl, &step));
	EXPECT_STRNE("", self->nl.text);
	EXPECT_NE(0u, self->nl.offset);
	/* Nor with the peer taken away in the same request. */
	tunnel_set(&step, A(REMOTE_IPV4), 0);
	EXPECT_EQ(EINVAL, change(&self->nl, &step));
	EXPECT_EQ(0, nl_get(&self->nl, "t1", &now));
	EXPECT_EQ(0, memcmp(&before, &now, sizeof(now)));

	tunnel_set(&ordinary, A(EXTERNAL), 0);
	EXPECT_EQ(0, change(&self->nl, &ordinary));
}

/* Without external there must be a peer. */
TEST_F(external, peer_needed)
{
	struct nlattr *nest;
	uint8_t no = 0;

	nest = begin(&self->nl, GRETUN_CMD_TUNNEL_NEW, A(REMOTE_IPV4));
	EXPECT_MISSING(A(REMOTE_IPV4), nest);

	nest = begin(&self->nl, GRETUN_CMD_TUNNEL_NEW, A(REMOTE_IPV4));
	nl_put(&self->nl, A(EXTERNAL), &no, sizeof(no));
	mnl_attr_nest_end(self->nl.msg, nest);
	EXPECT_MISSING(A(REMOTE_IPV4), nest);
}

/* One for each local address, and one for any. */
TEST_F(external, same_local)
{
	struct tunnel same = external("t1", "198.51.100.1");
	struct tunnel other = external("t1", LOCAL);
	struct tunnel any = external("any", NULL);
	struct tunnel peer = tunnel_new("peer", "198.51.100.1", REMOTE);
	struct tunnel step = tunnel_named("t1"), second = any;
	struct nlattr *nest;

	nl_begin(&self->nl, GRETUN_CMD_TUNNEL_NEW, NLM_F_ACK);
	nest = nl_put_tunnel(&self->nl, &same);
	/* Named is the address, which comes after the name. */
	EXPECT_REFUSED(EEXIST, mnl_attr_next(mnl_attr_get_payload(nest)));

	EXPECT_EQ(0, create(&self->nl, &other));
	EXPECT_EQ(0, create(&self->nl, &any));
	EXPECT_EQ(0, create(&self->nl, &peer));
	EXPECT_EQ(4, nl_count(&self->nl));

	/* There is no address to name: the nest it is. */
	strcpy(second.ifname, "any2");
	nl_begin(&self->nl, GRETUN_CMD_TUNNEL_NEW, NLM_F_ACK);
	nest = nl_put_tunnel(&self->nl, &second);
	EXPECT_EQ(EEXIST, nl_talk(&self->nl, NULL, NULL));
	EXPECT_STRNE("", self->nl.text);
	EXPECT_EQ(offset(&self->nl, nest), self->nl.offset);

	/* Nor can one become like another; like itself it can. */
	tunnel_set(&step, A(LOCAL_IPV4), inet_addr("198.51.100.1"));
	EXPECT_EQ(EEXIST, change(&self->nl, &step));
	EXPECT_STRNE("", self->nl.text);
	tunnel_set(&step, A(LOCAL_IPV4), 0);
	EXPECT_EQ(EEXIST, change(&self->nl, &step));
	tunnel_set(&step, A(LOCAL_IPV4), inet_addr(LOCAL));
	EXPECT_EQ(0, change(&self->nl, &step));
	EXPECT_EQ(4, nl_count(&self->nl));

	/* What one leaves is free. */
	EXPECT_EQ(0, nl_do(&self->nl, GRETUN_CMD_TUNNEL_DEL, &any));
	tunnel_set(&step, A(LOCAL_IPV4), 0);
	EXPECT_EQ(0, change(&self->nl, &step));
	strcpy(same.ifname, "t2");
	tunnel_set(&same, A(LOCAL_IPV4), inet_addr(LOCAL));
	EXPECT_EQ(0, create(&self->nl, &same));
}

/* Nothing is left of a request of which the last part is bad. */
TEST_F(external, all_or_nothing)
{
	struct tunnel good[] = {
		external("t1", LOCAL),
		external("t2", NULL),
		tunnel_new("t3", LOCAL, REMOTE),
	};
	struct tunnel bad[] = {
		external("bad", LOCAL),
		external("bad", NULL),
		external("bad", "198.51.100.1"),
		external("bad", "192.0.2.3"),
		tunnel_named("bad"),
	};
	static const int err[] = { EEXIST, EEXIST, EEXIST, EINVAL, EINVAL };
	struct nlattr *nest;
	size_t i, j;
	uint32_t at;

	for (i = 0; i < ARRAY_SIZE(good); i++)
		tunnel_set(&good[i], A(UP), 1);
	tunnel_set(&bad[3], A(CSUM), 1);
	for (i = 0; i < ARRAY_SIZE(bad); i++) {
		nl_begin(&self->nl, GRETUN_CMD_TUNNEL_NEW, NLM_F_ACK);
		for (j = 0; j < ARRAY_SIZE(good); j++)
			nl_put_tunnel(&self->nl, &good[j]);
		nest = nl_put_tunnel(&self->nl, &bad[i]);
		EXPECT_EQ(err[i], nl_talk(&self->nl, NULL, NULL))
		{
			TH_LOG("bad nest %zu", i);
		}
		EXPECT_STRNE("", self->nl.text);
		at = offset(&self->nl, nest);
		EXPECT_LE(at, self->nl.missing ? self->nl.nest :
						 self->nl.offset);
		expect_unchanged(_metadata, &self->nl, &self->t0);
		EXPECT_EQ(0u, if_nametoindex("t1"));
	}

	nl_begin(&self->nl, GRETUN_CMD_TUNNEL_NEW, NLM_F_ACK);
	for (j = 0; j < ARRAY_SIZE(good); j++)
		nl_put_tunnel(&self->nl, &good[j]);
	EXPECT_EQ(0, nl_talk(&self->nl, NULL, NULL));
	EXPECT_EQ(4, nl_count(&self->nl));
}

TEST_F(external, starts_up)
{
	struct tunnel tunnels[] = {
		external("t1", NULL),
		tunnel_new("t2", LOCAL, REMOTE),
	};
	struct tunnel is;
	size_t i;

	EXPECT_FALSE(self->t0.flags & IFF_UP);
	for (i = 0; i < ARRAY_SIZE(tunnels); i++) {
		tunnel_set(&tunnels[i], A(UP), 1);
		EXPECT_EQ(0, create(&self->nl, &tunnels[i]));
		EXPECT_EQ(0, nl_get(&self->nl, tunnels[i].ifname, &is));
		EXPECT_TRUE(is.flags & IFF_UP);
		EXPECT_TRUE(is.flags & IFF_RUNNING);
		EXPECT_FALSE(is.present & BIT(A(UP)));
		EXPECT_EQ(0, link_set_up(tunnels[i].ifname, false));
		EXPECT_EQ(0, nl_get(&self->nl, tunnels[i].ifname, &is));
		EXPECT_FALSE(is.flags & IFF_UP);
	}
}

TEST_F(external, up_is_a_flag_of_a_new_one)
{
	struct nlattr *nest, *attr;

	nest = begin_external(&self->nl, GRETUN_CMD_TUNNEL_SET, A(UP));
	attr = nl_put(&self->nl, A(UP), NULL, 0);
	mnl_attr_nest_end(self->nl.msg, nest);
	EXPECT_REFUSED(EINVAL, attr);

	nest = begin_external(&self->nl, GRETUN_CMD_TUNNEL_NEW, A(UP));
	attr = nl_put(&self->nl, A(UP), "\1", 1);
	mnl_attr_nest_end(self->nl.msg, nest);
	EXPECT_REFUSED(ERANGE, attr);

	nest = begin_external(&self->nl, GRETUN_CMD_TUNNEL_NEW, A(UP));
	nl_put(&self->nl, A(UP), NULL, 0);
	attr = nl_put(&self->nl, A(UP), NULL, 0);
	mnl_attr_nest_end(self->nl.msg, nest);
	EXPECT_REFUSED(EINVAL, attr);
}

TEST_HARNESS_MAIN
