// SPDX-License-Identifier: GPL-2.0
/*
 * What is set reads back, nothing else changes, and a request about many
 * tunnels does all or nothing.
 *
 * Topology: an empty netns. All is done with an IPv4 and with an IPv6 tunnel.
 */
#include <sched.h>
#include <linux/genetlink.h>

#include "link.h"
#include "reads.h"

#define AUTO GRETUN_FLOWLABEL_MODE_AUTO
#define FIXED GRETUN_FLOWLABEL_MODE_FIXED
#define INHERIT GRETUN_FLOWLABEL_MODE_INHERIT

FIXTURE(config)
{
	struct nl nl;
};

FIXTURE_VARIANT(config)
{
	int family; /* 4 or 6 */
	const char *local, *remote, *another;
	uint32_t overhead;
	const char *addrs[8];
};

/* clang-format off */
FIXTURE_VARIANT_ADD(config, ipv4) {
	.family = 4,
	.local = "192.0.2.1", .remote = "192.0.2.2", .another = "192.0.2.3",
	.overhead = OVERHEAD4,
	.addrs = { "1.0.0.1", "10.255.255.255", "127.0.0.1", "192.0.2.0",
		   "223.255.255.255" },
};

FIXTURE_VARIANT_ADD(config, ipv6) {
	.family = 6,
	.local = "2001:db8::1", .remote = "2001:db8::2",
	.another = "2001:db8::3",
	.overhead = OVERHEAD6,
	.addrs = { "2001:db8::", "::2", "::192.0.2.1", "64:ff9b::192.0.2.1",
		   "2002:c000:201::1", "fc00::1",
		   "feff:ffff:ffff:ffff:ffff:ffff:ffff:ffff" },
};

/* clang-format on */

FIXTURE_SETUP(config)
{
	ASSERT_EQ(0, unshare(CLONE_NEWNET));
	ASSERT_EQ(0, nl_open(&self->nl));
}

FIXTURE_TEARDOWN(config)
{
	nl_close(&self->nl);
}

/* A tunnel with all that it needs, and nothing else. */
#define PLAIN(name) tunnel_new(name, variant->local, variant->remote)

/* Does a tunnel of a family have no such attribute? */
static bool not_for(int family, uint16_t type)
{
	const uint32_t ipv6_only = BIT(A(FLOWLABEL)) | BIT(A(FLOWLABEL_MODE)) |
				   BIT(A(ENCAP_LIMIT));

	return family == 4 && ipv6_only & BIT(type);
}

TEST_F(config, defaults)
{
	struct tunnel tunnel = PLAIN("t0");

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
		{ A(MTU), { 68, 1400, 1500, UINT16_MAX - OVERHEAD6 } },
		{ A(FWMARK), { 1, 0x01020304, UINT32_MAX } },
		{ A(FASTPATH), { 1 } },
		{ A(MSS_CLAMP), { 1 } },
		{ A(KEEPALIVE_PERIOD), { 1, 10, 32767 } },
		{ A(KEEPALIVE_RETRIES), { 1, 4, 255 } },
		{ A(FLOWLABEL), { 0 } },
		{ A(FLOWLABEL_MODE), { FIXED, INHERIT } },
		{ A(ENCAP_LIMIT), { 0, 1, 4, 255 } },
	};
	struct tunnel fresh, old;
	size_t i, j;

	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		if (not_for(variant->family, cases[i].type))
			continue;
		for (j = 0; j < ARRAY_SIZE(cases[i].value); j++) {
			if (j && !cases[i].value[j])
				break;
			fresh = PLAIN("fresh");
			old = tunnel_new("old", variant->local, variant->another);
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
			destroy(&self->nl, &fresh);
			destroy(&self->nl, &old);
		}
	}
}

TEST_F(config, addresses_read_back)
{
	const char *const *addr;
	struct tunnel tunnel;

	tunnel = PLAIN("t0");
	ASSERT_EQ(0, create(&self->nl, &tunnel));
	for (addr = variant->addrs; *addr; addr++) {
		tunnel = tunnel_new("t0", *addr, variant->remote);
		EXPECT_EQ(0, change(&self->nl, &tunnel));
		expect_reads(_metadata, &self->nl, &tunnel);
		tunnel = tunnel_new("t0", variant->local, *addr);
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
		tunnel = PLAIN(names[i]);
		EXPECT_EQ(0, create(&self->nl, &tunnel));
		expect_reads(_metadata, &self->nl, &tunnel);
		EXPECT_EQ(0, destroy(&self->nl, &tunnel));
	}
}

/* All at once, then each back, the rest staying as it is. */
TEST_F(config, set_changes_what_is_given)
{
	struct tunnel tunnel = PLAIN("t0");
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
		{ A(MSS_CLAMP), 1, 0 },
		{ A(KEEPALIVE_PERIOD), 32767, 0 },
		{ A(KEEPALIVE_RETRIES), 255, 1 },
		{ A(LINK), 1, 0 },
		{ A(FLOWLABEL), 0xfffff, 0 },
		{ A(FLOWLABEL_MODE), FIXED, AUTO },
		{ A(ENCAP_LIMIT), 255, 0 },
	};
	struct tunnel step;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(steps); i++)
		if (!not_for(variant->family, steps[i].type))
			tunnel_set(&tunnel, steps[i].type, steps[i].full);
	ASSERT_EQ(0, create(&self->nl, &tunnel));
	expect_reads(_metadata, &self->nl, &tunnel);

	step = tunnel_named("t0");
	EXPECT_EQ(0, change(&self->nl, &step));
	expect_reads(_metadata, &self->nl, &tunnel);

	for (i = 0; i < ARRAY_SIZE(steps); i++) {
		if (not_for(variant->family, steps[i].type))
			continue;
		step = tunnel_named("t0");
		tunnel_set(&step, steps[i].type, steps[i].less);
		tunnel_set(&tunnel, steps[i].type, steps[i].less);
		EXPECT_EQ(0, change(&self->nl, &step));
		expect_reads(_metadata, &self->nl, &tunnel);
	}
}

/* Ports are there as long as UDP is. */
TEST_F(config, encap)
{
	struct tunnel step = tunnel_named("t0");
	struct tunnel tunnel = PLAIN("t0");

	tunnel_set(&tunnel, A(ENCAP), GRETUN_ENCAP_UDP);
	ASSERT_EQ(0, create(&self->nl, &tunnel));
	tunnel_set(&tunnel, A(ENCAP_PORT), 4754);
	tunnel_set(&tunnel, A(ENCAP_SOURCE_PORT), 0);
	expect_reads(_metadata, &self->nl, &tunnel);

	tunnel_set(&step, A(ENCAP_SOURCE_PORT), UINT16_MAX);
	tunnel_set(&tunnel, A(ENCAP_SOURCE_PORT), UINT16_MAX);
	EXPECT_EQ(0, change(&self->nl, &step));
	expect_reads(_metadata, &self->nl, &tunnel);

	tunnel_unset(&step, A(ENCAP_SOURCE_PORT));
	tunnel_set(&step, A(ENCAP_PORT), 1);
	tunnel_set(&tunnel, A(ENCAP_PORT), 1);
	EXPECT_EQ(0, change(&self->nl, &step));
	expect_reads(_metadata, &self->nl, &tunnel);

	tunnel_unset(&step, A(ENCAP_PORT));
	tunnel_set(&step, A(FASTPATH), 1);
	EXPECT_EQ(EINVAL, change(&self->nl, &step));
	expect_reads(_metadata, &self->nl, &tunnel);

	tunnel_set(&step, A(ENCAP), GRETUN_ENCAP_NONE);
	tunnel_set(&tunnel, A(ENCAP), GRETUN_ENCAP_NONE);
	tunnel_set(&tunnel, A(FASTPATH), 1);
	tunnel_unset(&tunnel, A(ENCAP_PORT));
	tunnel_unset(&tunnel, A(ENCAP_SOURCE_PORT));
	EXPECT_EQ(0, change(&self->nl, &step));
	expect_reads(_metadata, &self->nl, &tunnel);
}

TEST_F(config, unset)
{
	static const struct {
		uint16_t type;
		uint32_t option;
	} options[] = {
		{ A(IKEY), GRETUN_OPTION_IKEY },
		{ A(OKEY), GRETUN_OPTION_OKEY },
		{ A(ENCAP_LIMIT), GRETUN_OPTION_ENCAP_LIMIT },
	};
	struct tunnel step = tunnel_named("t0");
	struct tunnel tunnel = PLAIN("t0");
	uint32_t mask;
	size_t i;

	ASSERT_EQ(0, create(&self->nl, &tunnel));
	for (mask = 0; mask < 1 << ARRAY_SIZE(options); mask++) {
		tunnel_set(&tunnel, A(IKEY), 1);
		tunnel_set(&tunnel, A(OKEY), 2);
		if (variant->family == 6)
			tunnel_set(&tunnel, A(ENCAP_LIMIT), 3);
		EXPECT_EQ(0, change(&self->nl, &tunnel));
		tunnel_set(&step, A(UNSET), 0);
		for (i = 0; i < ARRAY_SIZE(options); i++) {
			if (!(mask & BIT(i)))
				continue;
			step.value[A(UNSET)] |= options[i].option;
			tunnel_unset(&tunnel, options[i].type);
		}
		EXPECT_EQ(0, change(&self->nl, &step));
		expect_reads(_metadata, &self->nl, &tunnel);

		/* There is none any more: that is no error. */
		EXPECT_EQ(0, change(&self->nl, &step));
		expect_reads(_metadata, &self->nl, &tunnel);
	}

	/* Not both in the same request, but one of one option, one of another. */
	for (i = 0; i < ARRAY_SIZE(options); i++) {
		step = tunnel_named("t0");
		tunnel_set(&step, A(UNSET), options[i].option);
		tunnel_set(&step, options[i].type, 5);
		EXPECT_EQ(EINVAL, change(&self->nl, &step));
		EXPECT_STRNE("", self->nl.text);
		expect_reads(_metadata, &self->nl, &tunnel);
	}
	step = tunnel_named("t0");
	tunnel_set(&step, A(UNSET), GRETUN_OPTION_OKEY);
	tunnel_set(&step, A(IKEY), 5);
	tunnel_set(&tunnel, A(IKEY), 5);
	EXPECT_EQ(0, change(&self->nl, &step));
	expect_reads(_metadata, &self->nl, &tunnel);
}

/* Named twice, by the name of another one: nobody can tell which is meant. */
TEST_F(config, names_that_differ)
{
	struct tunnel t0 = PLAIN("t0"), t1 = PLAIN("t1"), both, now;
	static const uint8_t commands[] = {
		GRETUN_CMD_TUNNEL_GET,
		GRETUN_CMD_TUNNEL_SET,
		GRETUN_CMD_TUNNEL_DEL,
	};
	static const char *const others[] = { "t1", "lo", "none-such" };
	size_t i, j;

	ASSERT_EQ(0, create(&self->nl, &t0));
	tunnel_set(&t1, A(IKEY), 1);
	ASSERT_EQ(0, create(&self->nl, &t1));
	for (i = 0; i < ARRAY_SIZE(commands); i++) {
		for (j = 0; j < ARRAY_SIZE(others); j++) {
			both = tunnel_named(others[j]);
			tunnel_set(&both, A(IFINDEX), if_nametoindex("t0"));
			EXPECT_EQ(ENODEV, nl_do(&self->nl, commands[i], &both));
			EXPECT_STRNE("", self->nl.text);
			EXPECT_NE(0u, self->nl.offset);
		}
	}
	expect_reads(_metadata, &self->nl, &t0);
	expect_reads(_metadata, &self->nl, &t1);
	both = tunnel_named("t0");
	tunnel_set(&both, A(IFINDEX), if_nametoindex("t0"));
	EXPECT_EQ(0, nl_do(&self->nl, GRETUN_CMD_TUNNEL_SET, &both));
	EXPECT_EQ(0, nl_do(&self->nl, GRETUN_CMD_TUNNEL_DEL, &both));
	EXPECT_EQ(ENODEV, nl_get(&self->nl, "t0", &now));
	expect_reads(_metadata, &self->nl, &t1);
}

TEST_F(config, set_by_ifindex)
{
	struct tunnel tunnel = PLAIN("t0");
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
	static const struct {
		uint16_t type;
		uint32_t len;
	} options[] = {
		{ A(CSUM), 4 },
		{ A(SEQ), 4 },
		{ A(OKEY), 4 },
		{ A(ENCAP_LIMIT), LIMIT_LEN },
	};
	uint32_t mtu = UINT16_MAX - variant->overhead;
	struct tunnel tunnel = PLAIN("t0");
	struct tunnel step;
	size_t i;

	tunnel_set(&tunnel, A(MTU), mtu + 1);
	EXPECT_EQ(ERANGE, create(&self->nl, &tunnel));
	tunnel_set(&tunnel, A(MTU), mtu);
	ASSERT_EQ(0, create(&self->nl, &tunnel));
	for (i = 0; i < ARRAY_SIZE(options); i++) {
		if (not_for(variant->family, options[i].type))
			continue;
		step = tunnel_named("t0");
		tunnel_set(&step, options[i].type, 1);
		EXPECT_EQ(ERANGE, change(&self->nl, &step));
		EXPECT_STRNE("", self->nl.text);
		EXPECT_NE(0u, self->nl.offset);
		expect_reads(_metadata, &self->nl, &tunnel);

		mtu -= options[i].len;
		tunnel_set(&step, A(MTU), mtu);
		tunnel_set(&tunnel, A(MTU), mtu);
		tunnel_set(&tunnel, options[i].type, 1);
		EXPECT_EQ(0, change(&self->nl, &step));
		expect_reads(_metadata, &self->nl, &tunnel);
	}
	tunnel_set(&step, A(MTU), mtu + 1);
	EXPECT_EQ(ERANGE, change(&self->nl, &step));
	expect_reads(_metadata, &self->nl, &tunnel);
}

TEST_F(config, rtnetlink_mtu)
{
	struct tunnel tunnel = PLAIN("t0");

	ASSERT_EQ(0, create(&self->nl, &tunnel));
	EXPECT_EQ(0, link_set_mtu("t0", 1300));
	tunnel_set(&tunnel, A(MTU), 1300);
	expect_reads(_metadata, &self->nl, &tunnel);

	EXPECT_EQ(EINVAL, link_set_mtu("t0", 67));
	EXPECT_EQ(EINVAL, link_set_mtu("t0", UINT16_MAX - variant->overhead + 1));
	expect_reads(_metadata, &self->nl, &tunnel);

	tunnel_set(&tunnel, A(MTU), 0);
	EXPECT_EQ(0, change(&self->nl, &tunnel));
	expect_reads(_metadata, &self->nl, &tunnel);
}

TEST_F(config, same_addresses_and_key)
{
	struct tunnel plain = PLAIN("plain");
	struct tunnel keyed = PLAIN("keyed");
	struct tunnel other = PLAIN("other");
	struct tunnel swapped = tunnel_new("swapped", variant->remote, variant->local);
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
	EXPECT_EQ(0, destroy(&self->nl, &keyed));
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
	struct tunnel tunnel = PLAIN("t0");
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
		EXPECT_EQ(5, count[GRETUN_A_STATE]);
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
