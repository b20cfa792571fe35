/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the tests of attributes that read back share: what a tunnel reads like
 * that was made in a netns where nothing is up.
 */
#ifndef GRETUN_TESTS_READS_H
#define GRETUN_TESTS_READS_H

#include "kselftest_harness.h"
#include "nl.h"

/* From linux/if.h, which does not go with net/if.h. */
#define IF_OPER_DOWN 2

/* Outer header and GRE header without options. */
#define OVERHEAD4 24
#define OVERHEAD6 44

/* Destination options header with the encapsulation limit. */
#define LIMIT_LEN 8

#define UDP_LEN 8

/* Attributes that are not in every reply, and those of one family alone. */
#define SOMETIMES (BIT(A(IKEY)) | BIT(A(OKEY)) | BIT(A(UNSET)) | BIT(A(UP)) | \
		   BIT(A(ENCAP_LIMIT)) | BIT(A(LOCAL_DEV)) |                  \
		   BIT(A(ENCAP_PORT)) | BIT(A(ENCAP_SOURCE_PORT)) |           \
		   BIT(A(KEEPALIVE_SECRET)))
#define IPV4_ONLY (BIT(A(LOCAL_IPV4)) | BIT(A(REMOTE_IPV4)))
#define IPV6_ONLY (BIT(A(LOCAL_IPV6)) | BIT(A(REMOTE_IPV6)) | \
		   BIT(A(FLOWLABEL)) | BIT(A(FLOWLABEL_MODE)))
#define ALWAYS ((BIT(GRETUN_A_TUNNEL_MAX + 1) - 2) & \
		~(SOMETIMES | IPV4_ONLY | IPV6_ONLY))

static inline bool is_ipv6(const struct tunnel *tunnel)
{
	return tunnel->present & BIT(A(LOCAL_IPV6));
}

static inline uint32_t overhead(const struct tunnel *tunnel)
{
	const uint32_t *value = tunnel->value;
	uint32_t words = value[A(CSUM)] + value[A(SEQ)];

	if (tunnel->present & BIT(A(OKEY)))
		words++;
	if (tunnel->present & BIT(A(ENCAP_LIMIT)))
		words += LIMIT_LEN / 4;
	if (value[A(ENCAP)])
		words += UDP_LEN / 4;
	return (is_ipv6(tunnel) ? OVERHEAD6 : OVERHEAD4) + 4 * words;
}

/* What a tunnel reads like that was made as @tunnel. */
static inline struct tunnel expected(const struct tunnel *tunnel)
{
	struct tunnel want = *tunnel;

	tunnel_unset(&want, A(UNSET));
	if (!(want.present & BIT(A(TTL))))
		want.value[A(TTL)] = 64;
	if (!(want.present & BIT(A(KEEPALIVE_RETRIES))))
		want.value[A(KEEPALIVE_RETRIES)] = 3;
	want.present |= ALWAYS | (is_ipv6(&want) ? IPV6_ONLY : IPV4_ONLY);
	want.value[A(IFINDEX)] = if_nametoindex(want.ifname);
	want.has_state = true;
	want.operstate = IF_OPER_DOWN;
	want.reason = GRETUN_DOWN_REASON_ADMIN;
	want.flags = IFF_POINTOPOINT | IFF_NOARP | IFF_MULTICAST;
	want.overhead = overhead(&want);
	want.mtu = want.value[A(MTU)] ? want.value[A(MTU)] : 1500 - want.overhead;
	return want;
}

static inline void expect_reads(struct __test_metadata *_metadata, struct nl *nl,
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
	EXPECT_EQ(0, memcmp(&want.local6, &is.local6, sizeof(is.local6)));
	EXPECT_EQ(0, memcmp(&want.remote6, &is.remote6, sizeof(is.remote6)));
	EXPECT_TRUE(is.has_state);
	EXPECT_EQ(want.operstate, is.operstate);
	EXPECT_EQ(want.flags, is.flags);
	EXPECT_EQ(want.mtu, is.mtu);
	EXPECT_EQ(want.overhead, is.overhead);
	EXPECT_EQ(want.reason, is.reason);
	EXPECT_EQ(0u, is.loop.ifindex);
	EXPECT_EQ(0u, is.keepalive.present);
}

static inline int create(struct nl *nl, const struct tunnel *tunnel)
{
	return nl_do(nl, GRETUN_CMD_TUNNEL_NEW, tunnel);
}

static inline int change(struct nl *nl, const struct tunnel *tunnel)
{
	return nl_do(nl, GRETUN_CMD_TUNNEL_SET, tunnel);
}

static inline int destroy(struct nl *nl, const struct tunnel *tunnel)
{
	return nl_do(nl, GRETUN_CMD_TUNNEL_DEL, tunnel);
}

/* The last request was refused for the attribute @type of its only nest. */
static inline void expect_named(struct __test_metadata *_metadata,
				const struct nl *nl, uint16_t type)
{
	const struct nlattr *attr;

	EXPECT_STRNE("", nl->text);
	ASSERT_LT(0u, nl->offset);
	attr = (const struct nlattr *)(nl->buf + nl->offset);
	EXPECT_EQ(type, mnl_attr_get_type(attr));
}

#endif /* GRETUN_TESTS_READS_H */
