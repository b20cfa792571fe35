// SPDX-License-Identifier: GPL-2.0
/*
 * What is set reads back, nothing else changes, and a request about many
 * tunnels does all or nothing.
 *
 * Topology: an empty netns.
 */
#include <arpa/inet.h>
#include <sched.h>
#include <linux/genetlink.h>

#include "kselftest_harness.h"
#include "link.h"
#include "nl.h"

#define LOCAL "192.0.2.1"
#define REMOTE "192.0.2.2"

/* From linux/if.h, which does not go with net/if.h. */
#define IF_OPER_DOWN 2

/* Outer IPv4 header and GRE header without options. */
#define OVERHEAD 24

/* All attributes that a reply always has. */
#define ALWAYS (((BIT(GRETUN_A_TUNNEL_MAX + 1)) - 2) & \
		~(BIT(A(IKEY)) | BIT(A(OKEY)) | BIT(A(UNSET)) | BIT(A(UP))))

FIXTURE(config)
{
	struct nl nl;
};

FIXTURE_SETUP(config)
{
	ASSERT_EQ(0, unshare(CLONE_NEWNET));
	ASSERT_EQ(0, nl_open(&self->nl));
}

FIXTURE_TEARDOWN(config)
{
	nl_close(&self->nl);
}

static int create(struct nl *nl, const struct tunnel *tunnel)
{
	return nl_do(nl, GRETUN_CMD_TUNNEL_NEW, tunnel);
}

static int change(struct nl *nl, const struct tunnel *tunnel)
{
	return nl_do(nl, GRETUN_CMD_TUNNEL_SET, tunnel);
}

/* What a tunnel reads like that was made as @tunnel. */
static struct tunnel expected(const struct tunnel *tunnel)
{
	struct tunnel want = *tunnel;
	uint32_t *value = want.value;

	want.present &= ~BIT(A(UNSET));
	value[A(UNSET)] = 0;
	if (!(want.present & BIT(A(TTL))))
		value[A(TTL)] = 64;
	want.present |= ALWAYS;
	value[A(IFINDEX)] = if_nametoindex(want.ifname);
	want.has_state = true;
	want.operstate = IF_OPER_DOWN;
	want.flags = IFF_POINTOPOINT | IFF_NOARP | IFF_MULTICAST;
	want.overhead = OVERHEAD + 4 * (value[A(CSUM)] + value[A(SEQ)] +
					!!(want.present & BIT(A(OKEY))));
	want.mtu = value[A(MTU)] ? value[A(MTU)] : 1500 - want.overhead;
	return want;
}

static void expect_reads(struct __test_metadata *_metadata, struct nl *nl,
			 const struct tunnel *tunnel)
{
	struct tunnel want = expected(tunnel), is;
	uint16_t type;

	EXPECT_EQ(0, nl_get(nl, tunnel->ifname, &is));
	EXPECT_EQ(want.present, is.present);
	EXPECT_STREQ(want.ifname, is.ifname);
	for (type = 1; type <= GRETUN_A_TUNNEL_MAX; type++) {
		EXPECT_EQ(want.value[type], is.value[type])
		{
			TH_LOG("attribute %d", type);
		}
	}
	EXPECT_TRUE(is.has_state);
	EXPECT_EQ(want.operstate, is.operstate);
	EXPECT_EQ(want.flags, is.flags);
	EXPECT_EQ(want.mtu, is.mtu);
	EXPECT_EQ(want.overhead, is.overhead);
}

TEST_F(config, defaults)
{
	struct tunnel tunnel = tunnel_new("t0", LOCAL, REMOTE);

	ASSERT_EQ(0, create(&self->nl, &tunnel));
	expect_reads(_metadata, &self->nl, &tunnel);
}

/* Each value, given to a new tunnel and to one that exists. */
TEST_F(config, reads_back)
{
	static const struct {
		uint16_t type;
		uint32_t value[4];
	} cases[] = {
		{ A(LINK), { 1 } },
		{ A(TTL), { 1, 63, 65, 255 } },
		{ A(TOS), { 4, 0x28, 0xb8, 252 } },
		{ A(TOS_INHERIT), { 1 } },
		{ A(IKEY), { 0, 1, 0x01020304, UINT32_MAX } },
		{ A(OKEY), { 0, 1, 0x01020304, UINT32_MAX } },
		{ A(CSUM), { 1 } },
		{ A(SEQ), { 1 } },
		{ A(DF), { GRETUN_DF_SET, GRETUN_DF_CLEAR } },
		{ A(MTU), { 68, 1400, 1500, 65511 } },
		{ A(FWMARK), { 1, 0x01020304, UINT32_MAX } },
		{ A(FASTPATH), { 1 } },
	};
	struct tunnel fresh, old;
	size_t i, j;

	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		for (j = 0; j < ARRAY_SIZE(cases[i].value); j++) {
			if (j && !cases[i].value[j])
				break;
			fresh = tunnel_new("fresh", LOCAL, REMOTE);
			old = tunnel_new("old", LOCAL, "192.0.2.3");
			ASSERT_EQ(0, create(&self->nl, &old));
			tunnel_set(&fresh, cases[i].type, cases[i].value[j]);
			tunnel_set(&old, cases[i].type, cases[i].value[j]);
			EXPECT_EQ(0, create(&self->nl, &fresh))
			{
				TH_LOG("attribute %d, value %u", cases[i].type,
				       cases[i].value[j]);
			}
			EXPECT_EQ(0, change(&self->nl, &old));
			expect_reads(_metadata, &self->nl, &fresh);
			expect_reads(_metadata, &self->nl, &old);

			fresh = tunnel_named("fresh");
			old = tunnel_named("old");
			nl_do(&self->nl, GRETUN_CMD_TUNNEL_DEL, &fresh);
			nl_do(&self->nl, GRETUN_CMD_TUNNEL_DEL, &old);
		}
	}
}

TEST_F(config, addresses_read_back)
{
	static const char *const addrs[] = {
		"1.0.0.1",
		"10.255.255.255",
		"127.0.0.1",
		"192.0.2.0",
		"223.255.255.255",
	};
	struct tunnel tunnel;
	size_t i;

	tunnel = tunnel_new("t0", LOCAL, REMOTE);
	ASSERT_EQ(0, create(&self->nl, &tunnel));
	for (i = 0; i < ARRAY_SIZE(addrs); i++) {
		tunnel = tunnel_new("t0", addrs[i], REMOTE);
		EXPECT_EQ(0, change(&self->nl, &tunnel));
		expect_reads(_metadata, &self->nl, &tunnel);
		tunnel = tunnel_new("t0", LOCAL, addrs[i]);
		EXPECT_EQ(0, change(&self->nl, &tunnel));
		expect_reads(_metadata, &self->nl, &tunnel);
	}
}

TEST_F(config, names_read_back)
{
	static const char *const names[] = {
		"a",
		"a12345678901234",
		"gre-1.2_3@4",
		"-",
		"\xc3\xa9",
	};
	struct tunnel tunnel;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(names); i++) {
		tunnel = tunnel_new(names[i], LOCAL, REMOTE);
		EXPECT_EQ(0, create(&self->nl, &tunnel));
		expect_reads(_metadata, &self->nl, &tunnel);
		EXPECT_EQ(0, nl_do(&self->nl, GRETUN_CMD_TUNNEL_DEL, &tunnel));
	}
}

/* All at once, then each back, the rest staying as it is. */
TEST_F(config, set_changes_what_is_given)
{
	struct tunnel tunnel = tunnel_new("t0", LOCAL, REMOTE);
	static const struct {
		uint16_t type;
		uint32_t full, less;
	} steps[] = {
		{ A(TTL), 255, 7 },
		{ A(TOS), 252, 0 },
		{ A(TOS_INHERIT), 1, 0 },
		{ A(IKEY), UINT32_MAX, 0 },
		{ A(OKEY), 0x01020304, 0 },
		{ A(CSUM), 1, 0 },
		{ A(SEQ), 1, 0 },
		{ A(DF), GRETUN_DF_CLEAR, GRETUN_DF_COPY },
		{ A(MTU), 1400, 0 },
		{ A(FWMARK), UINT32_MAX, 0 },
		{ A(FASTPATH), 1, 0 },
		{ A(LINK), 1, 0 },
	};
	struct tunnel step;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(steps); i++)
		tunnel_set(&tunnel, steps[i].type, steps[i].full);
	ASSERT_EQ(0, create(&self->nl, &tunnel));
	expect_reads(_metadata, &self->nl, &tunnel);

	step = tunnel_named("t0");
	EXPECT_EQ(0, change(&self->nl, &step));
	expect_reads(_metadata, &self->nl, &tunnel);

	for (i = 0; i < ARRAY_SIZE(steps); i++) {
		step = tunnel_named("t0");
		tunnel_set(&step, steps[i].type, steps[i].less);
		tunnel_set(&tunnel, steps[i].type, steps[i].less);
		EXPECT_EQ(0, change(&self->nl, &step));
		expect_reads(_metadata, &self->nl, &tunnel);
	}
}

TEST_F(config, unset)
{
	struct tunnel tunnel = tunnel_new("t0", LOCAL, REMOTE);
	struct tunnel step = tunnel_named("t0");

	tunnel_set(&tunnel, A(IKEY), 1);
	tunnel_set(&tunnel, A(OKEY), 2);
	ASSERT_EQ(0, create(&self->nl, &tunnel));

	tunnel_set(&step, A(UNSET), GRETUN_OPTION_IKEY);
	EXPECT_EQ(0, change(&self->nl, &step));
	tunnel.present &= ~BIT(A(IKEY));
	tunnel.value[A(IKEY)] = 0;
	expect_reads(_metadata, &self->nl, &tunnel);

	/* There is none any more: that is no error. */
	EXPECT_EQ(0, change(&self->nl, &step));
	expect_reads(_metadata, &self->nl, &tunnel);

	tunnel_set(&step, A(UNSET), GRETUN_OPTION_IKEY | GRETUN_OPTION_OKEY);
	EXPECT_EQ(0, change(&self->nl, &step));
	tunnel.present &= ~BIT(A(OKEY));
	tunnel.value[A(OKEY)] = 0;
	expect_reads(_metadata, &self->nl, &tunnel);
}

TEST_F(config, set_by_ifindex)
{
	struct tunnel tunnel = tunnel_new("t0", LOCAL, REMOTE);
	struct tunnel step = {};

	ASSERT_EQ(0, create(&self->nl, &tunnel));
	tunnel_set(&step, A(IFINDEX), if_nametoindex("t0"));
	tunnel_set(&step, A(TTL), 9);
	tunnel_set(&tunnel, A(TTL), 9);
	EXPECT_EQ(0, change(&self->nl, &step));
	expect_reads(_metadata, &self->nl, &tunnel);
}

/* What fits into 65535 bytes with the outer headers, and no byte more. */
TEST_F(config, mtu_limit)
{
	static const uint16_t options[] = { A(CSUM), A(SEQ), A(OKEY) };
	struct tunnel tunnel = tunnel_new("t0", LOCAL, REMOTE);
	struct tunnel step;
	uint32_t mtu = UINT16_MAX - OVERHEAD;
	size_t i;

	tunnel_set(&tunnel, A(MTU), mtu + 1);
	EXPECT_EQ(ERANGE, create(&self->nl, &tunnel));
	tunnel_set(&tunnel, A(MTU), mtu);
	ASSERT_EQ(0, create(&self->nl, &tunnel));
	for (i = 0; i < ARRAY_SIZE(options); i++) {
		step = tunnel_named("t0");
		tunnel_set(&step, options[i], 1);
		EXPECT_EQ(ERANGE, change(&self->nl, &step));
		EXPECT_STRNE("", self->nl.text);
		EXPECT_NE(0u, self->nl.offset);
		expect_reads(_metadata, &self->nl, &tunnel);

		mtu -= 4;
		tunnel_set(&step, A(MTU), mtu);
		tunnel_set(&tunnel, A(MTU), mtu);
		tunnel_set(&tunnel, options[i], 1);
		EXPECT_EQ(0, change(&self->nl, &step));
		expect_reads(_metadata, &self->nl, &tunnel);
	}
	tunnel_set(&step, A(MTU), mtu + 1);
	EXPECT_EQ(ERANGE, change(&self->nl, &step));
	expect_reads(_metadata, &self->nl, &tunnel);
}

TEST_F(config, rtnetlink_mtu)
{
	struct tunnel tunnel = tunnel_new("t0", LOCAL, REMOTE);

	ASSERT_EQ(0, create(&self->nl, &tunnel));
	EXPECT_EQ(0, link_set_mtu("t0", 1300));
	tunnel_set(&tunnel, A(MTU), 1300);
	expect_reads(_metadata, &self->nl, &tunnel);

	EXPECT_EQ(EINVAL, link_set_mtu("t0", 67));
	EXPECT_EQ(EINVAL, link_set_mtu("t0", UINT16_MAX - OVERHEAD + 1));
	expect_reads(_metadata, &self->nl, &tunnel);

	tunnel_set(&tunnel, A(MTU), 0);
	EXPECT_EQ(0, change(&self->nl, &tunnel));
	expect_reads(_metadata, &self->nl, &tunnel);
}

TEST_F(config, same_addresses_and_key)
{
	struct tunnel plain = tunnel_new("plain", LOCAL, REMOTE);
	struct tunnel keyed = tunnel_new("keyed", LOCAL, REMOTE);
	struct tunnel other = tunnel_new("other", LOCAL, REMOTE);
	struct tunnel swapped = tunnel_new("swapped", REMOTE, LOCAL);
	struct tunnel step;

	ASSERT_EQ(0, create(&self->nl, &plain));
	EXPECT_EQ(0, create(&self->nl, &swapped));
	EXPECT_EQ(EEXIST, create(&self->nl, &other));
	EXPECT_STRNE("", self->nl.text);
	EXPECT_NE(0u, self->nl.offset);

	/* The key of sent packets does not tell tunnels apart. */
	tunnel_set(&other, A(OKEY), 1);
	EXPECT_EQ(EEXIST, create(&self->nl, &other));

	/* Key 0 is a key. */
	tunnel_set(&keyed, A(IKEY), 0);
	EXPECT_EQ(0, create(&self->nl, &keyed));
	tunnel_set(&other, A(IKEY), 0);
	EXPECT_EQ(EEXIST, create(&self->nl, &other));
	EXPECT_EQ(3, nl_count(&self->nl));
	tunnel_set(&other, A(IKEY), 1);
	EXPECT_EQ(0, create(&self->nl, &other));

	/* Nor can one become like another, but like itself it can. */
	step = tunnel_named("other");
	tunnel_set(&step, A(UNSET), GRETUN_OPTION_IKEY);
	EXPECT_EQ(EEXIST, change(&self->nl, &step));
	EXPECT_STRNE("", self->nl.text);
	step = tunnel_named("other");
	tunnel_set(&step, A(IKEY), 0);
	EXPECT_EQ(EEXIST, change(&self->nl, &step));
	EXPECT_EQ(0, change(&self->nl, &other));
	expect_reads(_metadata, &self->nl, &plain);
	expect_reads(_metadata, &self->nl, &keyed);
	expect_reads(_metadata, &self->nl, &other);

	/* What a tunnel leaves, by a change or by its end, is free. */
	tunnel_set(&step, A(IKEY), 2);
	EXPECT_EQ(0, change(&self->nl, &step));
	tunnel_set(&plain, A(IKEY), 1);
	EXPECT_EQ(0, change(&self->nl, &plain));
	EXPECT_EQ(0, nl_do(&self->nl, GRETUN_CMD_TUNNEL_DEL, &keyed));
	tunnel_set(&step, A(IKEY), 0);
	EXPECT_EQ(0, change(&self->nl, &step));
}

/* Counts the attributes of a reply by type. */
static int count_types(const struct nlmsghdr *msg, void *arg)
{
	const struct nlattr *nest, *attr;
	int(*count)[GRETUN_A_MAX + 1] = arg;

	mnl_attr_for_each(nest, msg, GENL_HDRLEN)
		mnl_attr_for_each_nested(attr, nest)
			(*count)[mnl_attr_get_type(nest)]++;
	return MNL_CB_OK;
}

/* Counters come when asked for, and those of reasons only if not 0. */
TEST_F(config, counters_when_asked)
{
	struct tunnel tunnel = tunnel_new("t0", LOCAL, REMOTE);
	static const uint16_t flags[] = { NLM_F_ACK, NLM_F_DUMP };
	size_t i;

	ASSERT_EQ(0, create(&self->nl, &tunnel));
	for (i = 0; i < ARRAY_SIZE(flags); i++) {
		int count[GRETUN_A_MAX + 1] = {};

		nl_begin(&self->nl, GRETUN_CMD_TUNNEL_GET, flags[i]);
		if (!(flags[i] & NLM_F_DUMP))
			nl_put_tunnel(&self->nl, &tunnel);
		EXPECT_EQ(0, nl_talk(&self->nl, count_types, &count));
		EXPECT_LT(0, count[GRETUN_A_TUNNEL]);
		EXPECT_EQ(4, count[GRETUN_A_STATE]);
		EXPECT_EQ(0, count[GRETUN_A_STATS]);

		nl_begin(&self->nl, GRETUN_CMD_TUNNEL_GET, flags[i]);
		if (!(flags[i] & NLM_F_DUMP))
			nl_put_tunnel(&self->nl, &tunnel);
		nl_put(&self->nl, GRETUN_A_WITH_STATS, NULL, 0);
		EXPECT_EQ(0, nl_talk(&self->nl, count_types, &count));
		EXPECT_LE(4, count[GRETUN_A_STATS]);
	}
}

TEST_HARNESS_MAIN
