// SPDX-License-Identifier: GPL-2.0
/*
 * Tunnels over IPv6: all their options together, the device, what only one of
 * the families has, and what must not be mixed. What both families have alike
 * is in abi_config and abi_number.
 *
 * Topology: a netns with one tunnel, t0, and nothing else but lo.
 */
#include <arpa/inet.h>
#include <net/if.h>
#include <linux/if_arp.h>

#include "link.h"
#include "reads.h"
#include "refusal.h"

/* The addresses of t0. */
#define LOCAL_T0 "2001:db8:1::1"
#define REMOTE_T0 "2001:db8:1::2"

#define NOT_A_LABEL 0x100000

FIXTURE(ipv6)
{
	struct nl nl;
	struct tunnel t0;
	struct nlattr *attr;
};

FIXTURE_SETUP(ipv6)
{
	setup6(_metadata, &self->nl, &self->t0);
}

FIXTURE_TEARDOWN(ipv6)
{
	nl_close(&self->nl);
}

/* The same with an IPv4 tunnel. */
FIXTURE(ipv4)
{
	struct nl nl;
	struct tunnel t0;
	struct nlattr *attr;
};

FIXTURE_SETUP(ipv4)
{
	setup(_metadata, &self->nl, &self->t0);
}

FIXTURE_TEARDOWN(ipv4)
{
	nl_close(&self->nl);
}

/* Begin a request about @tunnel, and find its attribute @type. */
static struct nlattr *ask(struct nl *nl, uint8_t cmd, const struct tunnel *tunnel,
			  uint16_t type)
{
	struct nlattr *nest, *attr;

	nl_begin(nl, cmd, NLM_F_ACK);
	nest = nl_put_tunnel(nl, tunnel);
	mnl_attr_for_each_nested(attr, nest)
		if (mnl_attr_get_type(attr) == type)
			return attr;
	return nest;
}

/* Such a request is refused for that attribute. */
#define EXPECT_REFUSED_FOR(err, cmd, tunnel, type)              \
	do {                                                    \
		self->attr = ask(&self->nl, cmd, tunnel, type); \
		EXPECT_REFUSED(err, self->attr);                \
	} while (0)

/* Set or take away each option, as the bits of @options and the rest say. */
static void combine(struct tunnel *tunnel, unsigned int options,
		    uint8_t flowlabel_mode, uint8_t df)
{
	static const struct {
		uint16_t type;
		uint32_t value, option;
	} on[] = {
		{ A(IKEY), 0x01020304, GRETUN_OPTION_IKEY },
		{ A(OKEY), 0x05060708, GRETUN_OPTION_OKEY },
		{ A(ENCAP_LIMIT), 4, GRETUN_OPTION_ENCAP_LIMIT },
		{ A(CSUM), 1, 0 },
		{ A(SEQ), 1, 0 },
		{ A(MSS_CLAMP), 1, 0 },
		{ A(TOS_INHERIT), 1, 0 },
		{ A(FASTPATH), 1, 0 },
	};
	size_t i;

	tunnel_set(tunnel, A(UNSET), 0);
	for (i = 0; i < ARRAY_SIZE(on); i++) {
		if (options & BIT(i)) {
			tunnel_set(tunnel, on[i].type, on[i].value);
		} else if (on[i].option) {
			tunnel_unset(tunnel, on[i].type);
			tunnel->value[A(UNSET)] |= on[i].option;
		} else {
			tunnel_set(tunnel, on[i].type, 0);
		}
	}
	tunnel_set(tunnel, A(FLOWLABEL_MODE), flowlabel_mode);
	tunnel_set(tunnel, A(FLOWLABEL),
		   flowlabel_mode == GRETUN_FLOWLABEL_MODE_FIXED ? 0xfffff : 0);
	tunnel_set(tunnel, A(DF), df);
}

#define COMBINATIONS BIT(8)

TEST_F_TIMEOUT(ipv6, all_combinations, 120)
{
	struct tunnel t0 = tunnel_new("t0", LOCAL_T0, REMOTE_T0), fresh;
	unsigned int options;
	uint8_t mode, df;

	for (options = 0; options < COMBINATIONS; options++) {
		for (mode = 0; mode <= GRETUN_FLOWLABEL_MODE_INHERIT; mode++) {
			for (df = 0; df <= GRETUN_DF_CLEAR; df++) {
				combine(&t0, options, mode, df);
				ASSERT_EQ(0, change(&self->nl, &t0));
				expect_reads(_metadata, &self->nl, &t0);
			}
		}
		fresh = tunnel_new("fresh", LOCAL6, REMOTE6);
		combine(&fresh, options, options % 3, options / 3 % 3);
		tunnel_unset(&fresh, A(UNSET));
		ASSERT_EQ(0, create(&self->nl, &fresh));
		expect_reads(_metadata, &self->nl, &fresh);
		ASSERT_EQ(0, destroy(&self->nl, &fresh));
	}
}

/* Tools tell what kind of a tunnel it is by the device. */
TEST_F(ipv6, device)
{
	struct tunnel four = tunnel_new("four", LOCAL, REMOTE);
	struct tunnel any = tunnel_new("any", LOCAL6, "::");
	struct tunnel step = tunnel_named("t0");
	struct in6_addr addr;
	struct link link;

	ASSERT_EQ(0, link_get("t0", &link));
	EXPECT_EQ(ARPHRD_IP6GRE, link.type);
	EXPECT_EQ(sizeof(addr), link.addr_len);
	inet_pton(AF_INET6, LOCAL_T0, &addr);
	EXPECT_EQ(0, memcmp(&addr, link.addr, sizeof(addr)));
	inet_pton(AF_INET6, REMOTE_T0, &addr);
	EXPECT_EQ(0, memcmp(&addr, link.broadcast, sizeof(addr)));

	tunnel_set_local(&step, LOCAL6);
	tunnel_set_remote(&step, REMOTE6);
	EXPECT_EQ(0, change(&self->nl, &step));
	EXPECT_EQ(0, link_get("t0", &link));
	EXPECT_EQ(0, memcmp(&step.local6, link.addr, sizeof(addr)));
	EXPECT_EQ(0, memcmp(&step.remote6, link.broadcast, sizeof(addr)));

	ASSERT_EQ(0, create(&self->nl, &any));
	EXPECT_EQ(0, link_get("any", &link));
	EXPECT_EQ(ARPHRD_IP6GRE, link.type);
	EXPECT_EQ(0, memcmp(&in6addr_any, link.broadcast, sizeof(addr)));

	ASSERT_EQ(0, create(&self->nl, &four));
	EXPECT_EQ(0, link_get("four", &link));
	EXPECT_EQ(ARPHRD_IPGRE, link.type);
	EXPECT_EQ(sizeof(struct in_addr), link.addr_len);
	EXPECT_EQ(0, memcmp(&four.value[A(LOCAL_IPV4)], link.addr, 4));
	EXPECT_EQ(0, memcmp(&four.value[A(REMOTE_IPV4)], link.broadcast, 4));
}

TEST_F(ipv6, missing_in_new)
{
	static const uint16_t needed[] = {
		A(IFNAME),
		A(LOCAL_IPV6),
		A(REMOTE_IPV6),
	};
	struct nlattr *nest;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(needed); i++) {
		nest = begin6(&self->nl, GRETUN_CMD_TUNNEL_NEW, needed[i]);
		EXPECT_MISSING(needed[i], nest);
	}
}

/* Addresses of both families in one request. */
TEST_F(ipv6, families_mixed)
{
	struct tunnel mixed[] = {
		tunnel_new("t1", LOCAL, REMOTE6),
		tunnel_new("t1", LOCAL6, REMOTE),
		tunnel_new("t1", LOCAL, REMOTE),
	};
	size_t i, j;

	tunnel_set_local(&mixed[2], LOCAL6);
	tunnel_set_remote(&mixed[2], REMOTE6);
	for (i = 0; i < ARRAY_SIZE(commands); i++) {
		for (j = 0; j < ARRAY_SIZE(mixed); j++) {
			if (commands[i] == GRETUN_CMD_TUNNEL_SET)
				strcpy(mixed[j].ifname, "t0");
			else
				strcpy(mixed[j].ifname, "t1");
			EXPECT_REFUSED_FOR(EINVAL, commands[i], &mixed[j],
					   j ? A(LOCAL_IPV6) : A(REMOTE_IPV6));
		}
	}
}

/* The family of a tunnel is for good. */
TEST_F(ipv6, to_ipv4)
{
	struct tunnel step = tunnel_named("t0");

	tunnel_set_local(&step, LOCAL);
	EXPECT_REFUSED_FOR(EINVAL, GRETUN_CMD_TUNNEL_SET, &step, A(LOCAL_IPV4));
	EXPECT_EQ(EINVAL, change(&self->nl, &step));
	EXPECT_NE(NULL, strstr(self->nl.text, "IPv6"));
	tunnel_set_remote(&step, REMOTE);
	EXPECT_REFUSED_FOR(EINVAL, GRETUN_CMD_TUNNEL_SET, &step, A(LOCAL_IPV4));
	tunnel_unset(&step, A(LOCAL_IPV4));
	EXPECT_REFUSED_FOR(EINVAL, GRETUN_CMD_TUNNEL_SET, &step, A(REMOTE_IPV4));
	tunnel_set_remote(&step, "0.0.0.0");
	EXPECT_REFUSED_FOR(EINVAL, GRETUN_CMD_TUNNEL_SET, &step, A(REMOTE_IPV4));
}

TEST_F(ipv4, to_ipv6)
{
	struct tunnel step = tunnel_named("t0");

	tunnel_set_local(&step, LOCAL6);
	EXPECT_REFUSED_FOR(EINVAL, GRETUN_CMD_TUNNEL_SET, &step, A(LOCAL_IPV6));
	EXPECT_EQ(EINVAL, change(&self->nl, &step));
	EXPECT_NE(NULL, strstr(self->nl.text, "IPv4"));
	tunnel_set_remote(&step, REMOTE6);
	EXPECT_REFUSED_FOR(EINVAL, GRETUN_CMD_TUNNEL_SET, &step, A(LOCAL_IPV6));
	tunnel_unset(&step, A(LOCAL_IPV6));
	EXPECT_REFUSED_FOR(EINVAL, GRETUN_CMD_TUNNEL_SET, &step, A(REMOTE_IPV6));
	tunnel_set_remote(&step, "::");
	EXPECT_REFUSED_FOR(EINVAL, GRETUN_CMD_TUNNEL_SET, &step, A(REMOTE_IPV6));
}

TEST_F(ipv6, bad_addresses)
{
	static const char *const bad[] = {
		"::1",
		"ff00::",
		"ff02::1",
		"ff0e::101",
		"ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
		"::ffff:192.0.2.9",
		"::ffff:0.0.0.0",
		/* As a remote address it is good. */
		"::",
	};
	const char *ifname;
	struct tunnel tunnel;
	size_t i, j;

	for (i = 0; i < ARRAY_SIZE(commands); i++) {
		ifname = commands[i] == GRETUN_CMD_TUNNEL_NEW ? "t1" : "t0";
		for (j = 0; j < ARRAY_SIZE(bad); j++) {
			/* Both are given, and one is at fault. */
			tunnel = tunnel_new(ifname, bad[j], REMOTE6);
			EXPECT_REFUSED_FOR(EINVAL, commands[i], &tunnel, A(LOCAL_IPV6));
			if (!strcmp(bad[j], "::"))
				continue;
			tunnel = tunnel_new(ifname, LOCAL6, bad[j]);
			EXPECT_REFUSED_FOR(EINVAL, commands[i], &tunnel, A(REMOTE_IPV6));
		}
	}
}

TEST_F(ipv6, same_address_twice)
{
	struct tunnel tunnel = tunnel_new("t1", LOCAL6, LOCAL6);
	struct tunnel step = tunnel_named("t0");

	EXPECT_REFUSED_FOR(EINVAL, GRETUN_CMD_TUNNEL_NEW, &tunnel, A(REMOTE_IPV6));
	tunnel_set_local(&step, REMOTE_T0);
	EXPECT_REFUSED_FOR(EINVAL, GRETUN_CMD_TUNNEL_SET, &step, A(LOCAL_IPV6));
}

/* Which link it is on is part of a link-local address. */
TEST_F(ipv6, link_local)
{
	struct tunnel tunnel = tunnel_new("t1", "fe80::1", "fe80::2");
	struct tunnel step = tunnel_named("t0"), before, now;
	struct nlattr *attr;

	EXPECT_REFUSED_FOR(EINVAL, GRETUN_CMD_TUNNEL_NEW, &tunnel, A(REMOTE_IPV6));
	tunnel_set(&tunnel, A(LINK), 0);
	EXPECT_REFUSED_FOR(EINVAL, GRETUN_CMD_TUNNEL_NEW, &tunnel, A(REMOTE_IPV6));
	tunnel_set_remote(&step, "febf::2");
	EXPECT_REFUSED_FOR(EINVAL, GRETUN_CMD_TUNNEL_SET, &step, A(REMOTE_IPV6));

	tunnel_set(&tunnel, A(LINK), 1);
	EXPECT_EQ(0, create(&self->nl, &tunnel));
	expect_reads(_metadata, &self->nl, &tunnel);
	EXPECT_EQ(0, nl_get(&self->nl, "t1", &before));
	step = tunnel_named("t1");
	tunnel_set(&step, A(LINK), 0);
	attr = ask(&self->nl, GRETUN_CMD_TUNNEL_SET, &step, A(LINK));
	EXPECT_EQ(EINVAL, nl_talk(&self->nl, NULL, NULL));
	EXPECT_EQ(offset(&self->nl, attr), self->nl.offset);
	EXPECT_EQ(0, nl_get(&self->nl, "t1", &now));
	EXPECT_EQ(0, memcmp(&before, &now, sizeof(now)));

	/* A local one will do without. */
	tunnel_set_remote(&step, REMOTE6);
	EXPECT_EQ(0, change(&self->nl, &step));
	tunnel_set_remote(&tunnel, REMOTE6);
	tunnel_set(&tunnel, A(LINK), 0);
	expect_reads(_metadata, &self->nl, &tunnel);
}

/* A label of 20 bits, for the one mode that has use for it. */
TEST_F(ipv6, flowlabel)
{
	static const uint32_t labels[] = { 0, 1, 0x12345, 0xfffff };
	struct tunnel t0 = tunnel_new("t0", LOCAL_T0, REMOTE_T0);
	struct tunnel step = tunnel_named("t0");
	size_t i;

	for (i = 0; i < ARRAY_SIZE(labels); i++) {
		tunnel_set(&t0, A(FLOWLABEL), labels[i]);
		tunnel_set(&t0, A(FLOWLABEL_MODE), GRETUN_FLOWLABEL_MODE_FIXED);
		EXPECT_EQ(0, change(&self->nl, &t0));
		expect_reads(_metadata, &self->nl, &t0);
	}
	ASSERT_EQ(0, nl_get(&self->nl, "t0", &self->t0));

	tunnel_set(&step, A(FLOWLABEL), NOT_A_LABEL);
	EXPECT_REFUSED_FOR(ERANGE, GRETUN_CMD_TUNNEL_SET, &step, A(FLOWLABEL));
	/* The label is still there, and another mode has no use for it. */
	tunnel_unset(&step, A(FLOWLABEL));
	for (i = 0; i <= GRETUN_FLOWLABEL_MODE_INHERIT; i++) {
		if (i == GRETUN_FLOWLABEL_MODE_FIXED)
			continue;
		tunnel_set(&step, A(FLOWLABEL_MODE), i);
		EXPECT_REFUSED_FOR(EINVAL, GRETUN_CMD_TUNNEL_SET, &step, A(FLOWLABEL_MODE));
		tunnel_set(&step, A(FLOWLABEL), 1);
		EXPECT_REFUSED_FOR(EINVAL, GRETUN_CMD_TUNNEL_SET, &step, A(FLOWLABEL));
		tunnel_unset(&step, A(FLOWLABEL));
	}
	tunnel_set(&step, A(FLOWLABEL), 0);
	EXPECT_EQ(0, change(&self->nl, &step));
	tunnel_set(&t0, A(FLOWLABEL), 0);
	tunnel_set(&t0, A(FLOWLABEL_MODE), GRETUN_FLOWLABEL_MODE_INHERIT);
	expect_reads(_metadata, &self->nl, &t0);
}

/* What only IPv6 has is refused whatever its value. */
TEST_F(ipv4, not_for_ipv4)
{
	static const uint16_t types[] = {
		A(FLOWLABEL),
		A(FLOWLABEL_MODE),
		A(ENCAP_LIMIT),
	};
	struct tunnel step = tunnel_named("t0");
	struct nlattr *nest, *attr;
	uint32_t value;
	size_t i, j;

	for (i = 0; i < ARRAY_SIZE(commands); i++) {
		for (j = 0; j < ARRAY_SIZE(types); j++) {
			for (value = 0; value <= 1; value++) {
				nest = begin(&self->nl, commands[i], 0);
				attr = nl_put(&self->nl, types[j], &value,
					      tunnel_attr_size(types[j]));
				mnl_attr_nest_end(self->nl.msg, nest);
				EXPECT_REFUSED(EINVAL, attr);
			}
		}
	}

	/* To say that there is none is no error. */
	tunnel_set(&step, A(UNSET), GRETUN_OPTION_ENCAP_LIMIT);
	EXPECT_EQ(0, change(&self->nl, &step));
	expect_unchanged(_metadata, &self->nl, &self->t0);
}

/* Tunnels differ by all bits of an address, and by its family. */
TEST_F(ipv6, rivals)
{
	struct tunnel tunnels[] = {
		/* The words of the addresses add up to the same. */
		tunnel_new("t1", LOCAL_T0, "2001:db8:0:2:0:0:1:0"),
		tunnel_new("t2", REMOTE_T0, LOCAL_T0),
		tunnel_new("t3", "192.0.2.1", "192.0.2.2"),
		tunnel_new("t4", "::c000:201:0:ffff", "::c000:202:0:ffff"),
		tunnel_new("t5", "::192.0.2.1", "::192.0.2.2"),
		tunnel_new("t6", LOCAL_T0, REMOTE_T0),
	};
	struct tunnel rival, step;
	struct nlattr *attr;
	size_t i;

	tunnel_set(&tunnels[ARRAY_SIZE(tunnels) - 1], A(IKEY), 0);
	for (i = 0; i < ARRAY_SIZE(tunnels); i++) {
		ASSERT_EQ(0, create(&self->nl, &tunnels[i]));
		expect_reads(_metadata, &self->nl, &tunnels[i]);
	}
	for (i = 0; i < ARRAY_SIZE(tunnels); i++) {
		rival = tunnels[i];
		strcpy(rival.ifname, "rival");
		attr = ask(&self->nl, GRETUN_CMD_TUNNEL_NEW, &rival,
			   is_ipv6(&rival) ? A(REMOTE_IPV6) : A(REMOTE_IPV4));
		EXPECT_EQ(EEXIST, nl_talk(&self->nl, NULL, NULL));
		EXPECT_EQ(offset(&self->nl, attr), self->nl.offset);
	}

	/* Nor can one become like another, but like itself it can. */
	step = tunnel_named("t6");
	tunnel_set(&step, A(UNSET), GRETUN_OPTION_IKEY);
	EXPECT_EQ(EEXIST, change(&self->nl, &step));
	EXPECT_STRNE("", self->nl.text);
	for (i = 0; i < ARRAY_SIZE(tunnels); i++) {
		EXPECT_EQ(0, change(&self->nl, &tunnels[i]));
		expect_reads(_metadata, &self->nl, &tunnels[i]);
	}
	EXPECT_EQ((int)ARRAY_SIZE(tunnels) + 1, nl_count(&self->nl));
}

/* A request about tunnels of both families does all or nothing. */
TEST_F(ipv6, batch)
{
	struct tunnel good[] = {
		tunnel_new("t1", LOCAL6, REMOTE6),
		tunnel_new("t2", LOCAL, REMOTE),
		tunnel_new("t3", LOCAL6, "::"),
	};
	struct tunnel bad[] = {
		tunnel_new("bad", LOCAL6, REMOTE6),
		tunnel_new("bad", LOCAL6, "::"),
		tunnel_new("bad", LOCAL6, REMOTE),
		tunnel_new("bad", LOCAL6, "ff02::1"),
		tunnel_new("bad", LOCAL6, "fe80::1"),
	};
	size_t i, j;
	int err;

	for (i = 0; i < ARRAY_SIZE(bad); i++) {
		nl_begin(&self->nl, GRETUN_CMD_TUNNEL_NEW, NLM_F_ACK);
		for (j = 0; j < ARRAY_SIZE(good); j++)
			nl_put_tunnel(&self->nl, &good[j]);
		nl_put_tunnel(&self->nl, &bad[i]);
		err = nl_talk(&self->nl, NULL, NULL);
		EXPECT_EQ(i < 2 ? EEXIST : EINVAL, err);
		EXPECT_STRNE("", self->nl.text);
		expect_unchanged(_metadata, &self->nl, &self->t0);
	}
	nl_begin(&self->nl, GRETUN_CMD_TUNNEL_NEW, NLM_F_ACK);
	for (j = 0; j < ARRAY_SIZE(good); j++)
		nl_put_tunnel(&self->nl, &good[j]);
	EXPECT_EQ(0, nl_talk(&self->nl, NULL, NULL));
	for (j = 0; j < ARRAY_SIZE(good); j++)
		expect_reads(_metadata, &self->nl, &good[j]);
}

TEST_HARNESS_MAIN
