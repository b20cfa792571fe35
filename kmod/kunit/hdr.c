// SPDX-License-Identifier: GPL-2.0
/*
 * KUnit: the GRE header and sequence numbers, as the kernel's compiler makes them.
 * tests/host/fuzz/ has far more of both.
 */
#include "../hdr.h"
#include "../seq.h"

#include <kunit/test.h>
#include <linux/if_ether.h>

/* What is built from any set of fields is read back as that. */
static void gretun_hdr_test_round_trip(struct kunit *test)
{
	unsigned int set, len;
	u8 buf[GRETUN_HDR_MAX];

	for (set = 0; set < 8; set++) {
		const struct gretun_hdr want = {
			.protocol = htons(ETH_P_IPV6),
			.has_csum = set & 4,
			.has_key = set & 2,
			.has_seq = set & 1,
			.key = set & 2 ? htonl(0xc0ffee01) : 0,
			.seq = set & 1 ? 0xfffffffe : 0,
		};
		struct gretun_hdr hdr;

		len = gretun_hdr_build(buf, &want);
		KUNIT_EXPECT_EQ(test, 4 + 4 * hweight8(set), len);
		KUNIT_EXPECT_EQ(test, GRETUN_HDR_TRUNCATED,
				gretun_hdr_parse(buf, len - 1, &hdr));
		KUNIT_ASSERT_EQ(test, GRETUN_HDR_OK,
				gretun_hdr_parse(buf, len, &hdr));
		KUNIT_EXPECT_EQ(test, len, hdr.len);
		KUNIT_EXPECT_EQ(test, want.protocol, hdr.protocol);
		KUNIT_EXPECT_EQ(test, want.has_csum, hdr.has_csum);
		KUNIT_EXPECT_EQ(test, want.has_key, hdr.has_key);
		KUNIT_EXPECT_EQ(test, want.has_seq, hdr.has_seq);
		KUNIT_EXPECT_EQ(test, want.key, hdr.key);
		KUNIT_EXPECT_EQ(test, want.seq, hdr.seq);
	}
}

/* RFC 2784, section 2.3, and the bits of RFC 2890. */
static void gretun_hdr_test_bits(struct kunit *test)
{
	static const enum gretun_hdr_status status[16] = {
		[1] = GRETUN_HDR_ROUTING,
		[4] = GRETUN_HDR_RESERVED,
		[5] = GRETUN_HDR_RESERVED,
		[13] = GRETUN_HDR_VERSION,
		[14] = GRETUN_HDR_VERSION,
		[15] = GRETUN_HDR_VERSION,
	};
	unsigned int bit;

	/* As RFCs number them, from the first one on the wire. */
	for (bit = 0; bit < 16; bit++) {
		u8 buf[GRETUN_HDR_MAX] = {};
		struct gretun_hdr hdr;

		buf[bit / 8] = 0x80 >> bit % 8;
		KUNIT_EXPECT_EQ_MSG(test, status[bit],
				    gretun_hdr_parse(buf, sizeof(buf), &hdr),
				    "bit %u", bit);
	}
}

static bool gretun_seq_test_next(struct kunit *test, u64 *state, u32 seq)
{
	bool taken = gretun_seq_next(state, seq);

	if (taken)
		KUNIT_EXPECT_EQ(test, seq, (u32)*state);
	return taken;
}

/* Numbers ahead, late ones, and the end of the circle. */
static void gretun_seq_test_window(struct kunit *test)
{
	u64 state = 0;

	KUNIT_EXPECT_TRUE(test, gretun_seq_test_next(test, &state, 5000));
	KUNIT_EXPECT_FALSE(test, gretun_seq_test_next(test, &state, 5000));
	KUNIT_EXPECT_FALSE(test, gretun_seq_test_next(test, &state, 5000 - 256));
	KUNIT_EXPECT_TRUE(test, gretun_seq_test_next(test, &state, 5000 - 257));
	KUNIT_EXPECT_TRUE(test, gretun_seq_test_next(test, &state, U32_MAX));
	KUNIT_EXPECT_TRUE(test, gretun_seq_test_next(test, &state, 0));
	KUNIT_EXPECT_FALSE(test, gretun_seq_test_next(test, &state, U32_MAX));
	KUNIT_EXPECT_TRUE(test, gretun_seq_test_next(test, &state, S32_MAX));
	KUNIT_EXPECT_TRUE(test, gretun_seq_test_next(test, &state, U32_MAX - 1));
}

/* The sixteenth late one in a row is a restart of the peer. */
static void gretun_seq_test_run(struct kunit *test)
{
	u64 state = 0;
	u32 i;

	KUNIT_EXPECT_TRUE(test, gretun_seq_test_next(test, &state, 100));
	for (i = 0; i < GRETUN_SEQ_RUN - 1; i++)
		KUNIT_EXPECT_FALSE(test, gretun_seq_test_next(test, &state, 50 + i));
	KUNIT_EXPECT_TRUE(test, gretun_seq_test_next(test, &state, 50 + i));
	KUNIT_EXPECT_FALSE(test, gretun_seq_test_next(test, &state, 50));
}

static struct kunit_case gretun_hdr_cases[] = {
	KUNIT_CASE(gretun_hdr_test_round_trip),
	KUNIT_CASE(gretun_hdr_test_bits),
	KUNIT_CASE(gretun_seq_test_window),
	KUNIT_CASE(gretun_seq_test_run),
	{}
};

static struct kunit_suite gretun_hdr_suite = {
	.name = "gretun_hdr",
	.test_cases = gretun_hdr_cases,
};

kunit_test_suite(gretun_hdr_suite);
