/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the tests of refusals share: each time the right errno, a text, the
 * offset of the attribute, and no change.
 *
 * Topology: a netns with one tunnel, t0, and nothing else but lo.
 */
#ifndef GRETUN_TESTS_REFUSAL_H
#define GRETUN_TESTS_REFUSAL_H

#include <sched.h>
#include <linux/genetlink.h>

#include "kselftest_harness.h"
#include "nl.h"

#define LOCAL "192.0.2.1"
#define REMOTE "192.0.2.2"
#define LOCAL6 "2001:db8::1"
#define REMOTE6 "2001:db8::2"

/* The request was refused for the attribute at @attr. */
#define EXPECT_REFUSED(err, attr)                                    \
	do {                                                         \
		EXPECT_EQ(err, nl_talk(&self->nl, NULL, NULL));      \
		EXPECT_STRNE("", self->nl.text);                     \
		EXPECT_EQ(offset(&self->nl, attr), self->nl.offset); \
		expect_unchanged(_metadata, &self->nl, &self->t0);   \
	} while (0)

/* The request was refused for the lack of attribute @type in @parent. */
#define EXPECT_MISSING(type, parent)                                 \
	do {                                                         \
		EXPECT_EQ(EINVAL, nl_talk(&self->nl, NULL, NULL));   \
		EXPECT_STRNE("", self->nl.text);                     \
		EXPECT_EQ((uint32_t)(type), self->nl.missing);       \
		EXPECT_EQ(offset(&self->nl, parent), self->nl.nest); \
		expect_unchanged(_metadata, &self->nl, &self->t0);   \
	} while (0)

/* Where something is in the request, as the kernel counts. */
static inline uint32_t offset(const struct nl *nl, const void *at)
{
	return at ? (const char *)at - nl->buf : 0;
}

static inline void expect_unchanged(struct __test_metadata *_metadata, struct nl *nl,
				    const struct tunnel *t0)
{
	struct tunnel now;

	EXPECT_EQ(1, nl_count(nl));
	EXPECT_EQ(0, nl_get(nl, "t0", &now));
	EXPECT_EQ(0, memcmp(t0, &now, sizeof(now)));
}

/* A netns of its own, and t0 in it, between those addresses. */
static inline void setup_between(struct __test_metadata *_metadata, struct nl *nl,
				 struct tunnel *t0, const char *local,
				 const char *remote)
{
	struct tunnel tunnel = tunnel_new("t0", local, remote);

	ASSERT_EQ(0, unshare(CLONE_NEWNET));
	ASSERT_EQ(0, nl_open(nl));
	ASSERT_EQ(0, nl_do(nl, GRETUN_CMD_TUNNEL_NEW, &tunnel));
	ASSERT_EQ(0, nl_get(nl, "t0", t0));
}

/* The same over IPv4. */
static inline void setup(struct __test_metadata *_metadata, struct nl *nl,
			 struct tunnel *t0)
{
	setup_between(_metadata, nl, t0, "198.51.100.1", "198.51.100.2");
}

/* The same over IPv6. */
static inline void setup6(struct __test_metadata *_metadata, struct nl *nl,
			  struct tunnel *t0)
{
	setup_between(_metadata, nl, t0, "2001:db8:1::1", "2001:db8:1::2");
}

/*
 * Begin a request that changes t0, or makes a tunnel between those addresses,
 * with all that it needs but attribute @without. Returns the nest, which is
 * left open.
 */
static inline struct nlattr *begin_between(struct nl *nl, uint8_t cmd,
					   uint16_t without, const char *local,
					   const char *remote)
{
	struct tunnel tunnel = tunnel_named("t0");

	if (cmd == GRETUN_CMD_TUNNEL_NEW)
		tunnel = tunnel_new("t1", local, remote);
	tunnel_unset(&tunnel, without);
	nl_begin(nl, cmd, NLM_F_ACK);
	return nl_put_tunnel(nl, &tunnel);
}

/* The same over IPv4. */
static inline struct nlattr *begin(struct nl *nl, uint8_t cmd, uint16_t without)
{
	return begin_between(nl, cmd, without, LOCAL, REMOTE);
}

/* The same over IPv6. */
static inline struct nlattr *begin6(struct nl *nl, uint8_t cmd, uint16_t without)
{
	return begin_between(nl, cmd, without, LOCAL6, REMOTE6);
}

static const uint8_t commands[] = {
	GRETUN_CMD_TUNNEL_SET,
	GRETUN_CMD_TUNNEL_NEW,
};

#endif /* GRETUN_TESTS_REFUSAL_H */
