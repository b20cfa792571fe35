// SPDX-License-Identifier: GPL-2.0
/*
 * The attributes of a fixed size: wrong sizes and bad values are refused.
 */
#include <asm/byteorder.h>

#include "refusal.h"

#define BE(address) __constant_htonl(address)

/* Each attribute that is a number or an address. */
FIXTURE(number)
{
	struct nl nl;
	struct tunnel t0;
};

struct bad {
	uint32_t value;
	int err;
};

FIXTURE_VARIANT(number)
{
	uint16_t type;
	uint32_t good[4]; /* as long as an address */
	bool ipv6;
	bool not_new;
	struct bad bad[5];
};

/* clang-format off */
FIXTURE_VARIANT_ADD(number, ifindex) {
	.type = A(IFINDEX), .good = { 1 }, .not_new = true,
	.bad = { { 0, ERANGE }, { 4711, ENODEV }, { 1u << 31, ENODEV },
		 { UINT32_MAX, ENODEV } },
};

FIXTURE_VARIANT_ADD(number, local) {
	.type = A(LOCAL_IPV4), .good = { 1 },
	.bad = { { BE(0), EINVAL }, { BE(0xe0000001), EINVAL },
		 { BE(0xefffffff), EINVAL }, { BE(0xffffffff), EINVAL } },
};

FIXTURE_VARIANT_ADD(number, remote) {
	.type = A(REMOTE_IPV4), .good = { 1 },
	.bad = { { BE(0xe0000001), EINVAL }, { BE(0xefffffff), EINVAL },
		 { BE(0xffffffff), EINVAL } },
};

FIXTURE_VARIANT_ADD(number, link) {
	.type = A(LINK), .good = { 1 },
	.bad = { { 4711, ENODEV }, { 1u << 31, ENODEV }, { UINT32_MAX, ENODEV } },
};

FIXTURE_VARIANT_ADD(number, ttl) {
	.type = A(TTL), .good = { 1 }, .bad = { { 0, ERANGE } },
};

FIXTURE_VARIANT_ADD(number, tos) {
	.type = A(TOS), .good = { 4 },
	.bad = { { 1, EINVAL }, { 2, EINVAL }, { 3, EINVAL }, { 255, EINVAL } },
};

FIXTURE_VARIANT_ADD(number, tos_inherit) {
	.type = A(TOS_INHERIT), .good = { 1 },
	.bad = { { 2, ERANGE }, { 255, ERANGE } },
};

FIXTURE_VARIANT_ADD(number, ikey) {
	.type = A(IKEY), .good = { 1 },
};

FIXTURE_VARIANT_ADD(number, okey) {
	.type = A(OKEY), .good = { 1 },
};

FIXTURE_VARIANT_ADD(number, unset) {
	.type = A(UNSET), .good = { 1 }, .not_new = true,
	.bad = { { 16, EINVAL }, { 31, EINVAL }, { UINT32_MAX, EINVAL } },
};

FIXTURE_VARIANT_ADD(number, csum) {
	.type = A(CSUM), .good = { 1 }, .bad = { { 2, ERANGE }, { 255, ERANGE } },
};

FIXTURE_VARIANT_ADD(number, seq) {
	.type = A(SEQ), .good = { 1 }, .bad = { { 2, ERANGE }, { 255, ERANGE } },
};

FIXTURE_VARIANT_ADD(number, df) {
	.type = A(DF), .good = { 1 }, .bad = { { 3, ERANGE }, { 255, ERANGE } },
};

FIXTURE_VARIANT_ADD(number, mtu) {
	.type = A(MTU), .good = { 1400 },
	.bad = { { 1, ERANGE }, { 67, ERANGE }, { 65512, ERANGE },
		 { UINT32_MAX, ERANGE } },
};

FIXTURE_VARIANT_ADD(number, fwmark) {
	.type = A(FWMARK), .good = { 1 },
};

FIXTURE_VARIANT_ADD(number, fastpath) {
	.type = A(FASTPATH), .good = { 1 }, .bad = { { 2, ERANGE }, { 255, ERANGE } },
};

FIXTURE_VARIANT_ADD(number, external) {
	.type = A(EXTERNAL), .good = { 1 }, .bad = { { 2, ERANGE }, { 255, ERANGE } },
};

FIXTURE_VARIANT_ADD(number, local_ipv6) {
	.type = A(LOCAL_IPV6), .good = { 1 }, .ipv6 = true,
};

FIXTURE_VARIANT_ADD(number, remote_ipv6) {
	.type = A(REMOTE_IPV6), .good = { 1 }, .ipv6 = true,
};

FIXTURE_VARIANT_ADD(number, flowlabel) {
	.type = A(FLOWLABEL), .good = { 0 }, .ipv6 = true,
	.bad = { { 1, EINVAL }, { 0xfffff, EINVAL }, { 0x100000, ERANGE },
		 { UINT32_MAX, ERANGE } },
};

FIXTURE_VARIANT_ADD(number, flowlabel_mode) {
	.type = A(FLOWLABEL_MODE), .good = { 1 }, .ipv6 = true,
	.bad = { { 3, ERANGE }, { 255, ERANGE } },
};

FIXTURE_VARIANT_ADD(number, encap_limit) {
	.type = A(ENCAP_LIMIT), .good = { 1 }, .ipv6 = true,
};

FIXTURE_VARIANT_ADD(number, mss_clamp) {
	.type = A(MSS_CLAMP), .good = { 1 },
	.bad = { { 2, ERANGE }, { 255, ERANGE } },
};

FIXTURE_VARIANT_ADD(number, keepalive_period) {
	.type = A(KEEPALIVE_PERIOD), .good = { 10 },
	.bad = { { 32768, ERANGE }, { 65536, ERANGE }, { UINT32_MAX, ERANGE } },
};

FIXTURE_VARIANT_ADD(number, keepalive_retries) {
	.type = A(KEEPALIVE_RETRIES), .good = { 3 }, .bad = { { 0, ERANGE } },
};

FIXTURE_VARIANT_ADD(number, encap) {
	.type = A(ENCAP), .good = { 1 }, .bad = { { 2, ERANGE }, { 255, ERANGE } },
};

/* Good ones are for a tunnel in UDP. */
FIXTURE_VARIANT_ADD(number, encap_port) {
	.type = A(ENCAP_PORT), .good = { 1 },
	.bad = { { 0, ERANGE }, { 1, EINVAL }, { UINT16_MAX, EINVAL } },
};

FIXTURE_VARIANT_ADD(number, encap_source_port) {
	.type = A(ENCAP_SOURCE_PORT), .good = { 1 },
	.bad = { { 0, EINVAL }, { UINT16_MAX, EINVAL } },
};

/* clang-format on */

FIXTURE_SETUP(number)
{
	if (variant->ipv6)
		setup6(_metadata, &self->nl, &self->t0);
	else
		setup(_metadata, &self->nl, &self->t0);
}

FIXTURE_TEARDOWN(number)
{
	nl_close(&self->nl);
}

/* Begin a request with all that it needs but attribute @type. */
static struct nlattr *begin_for(struct nl *nl, bool ipv6, uint8_t cmd,
				uint16_t type)
{
	return ipv6 ? begin6(nl, cmd, type) : begin(nl, cmd, type);
}

TEST_F(number, wrong_size)
{
	static const char zeros[20];
	/* An address is bytes to the kernel, and how many is their range. */
	int err = tunnel_attr_size(variant->type) > 4 ? ERANGE : EINVAL;
	struct nlattr *nest, *attr;
	size_t i, len;

	for (i = 0; i < ARRAY_SIZE(commands) - variant->not_new; i++) {
		for (len = 0; len <= sizeof(zeros); len++) {
			if (len == tunnel_attr_size(variant->type))
				continue;
			nest = begin_for(&self->nl, variant->ipv6,
					 commands[i], variant->type);
			attr = nl_put(&self->nl, variant->type, zeros, len);
			mnl_attr_nest_end(self->nl.msg, nest);
			EXPECT_REFUSED(err, attr);
		}
	}
}

/* The attribute says that it is longer or shorter than can be. */
TEST_F(number, truncated)
{
	static const uint16_t lens[] = { 0, 1, 3, 64, UINT16_MAX };
	struct nlattr *nest, *attr;
	size_t i, j;

	for (i = 0; i < ARRAY_SIZE(commands) - variant->not_new; i++) {
		for (j = 0; j < ARRAY_SIZE(lens); j++) {
			nest = begin_for(&self->nl, variant->ipv6,
					 commands[i], variant->type);
			attr = nl_put(&self->nl, variant->type, variant->good,
				      tunnel_attr_size(variant->type));
			mnl_attr_nest_end(self->nl.msg, nest);
			attr->nla_len = lens[j];
			EXPECT_EQ(EINVAL, nl_talk(&self->nl, NULL, NULL));
			EXPECT_STRNE("", self->nl.text);
			expect_unchanged(_metadata, &self->nl, &self->t0);
		}
	}
}

TEST_F(number, given_twice)
{
	size_t size = tunnel_attr_size(variant->type);
	struct nlattr *nest, *attr;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(commands) - variant->not_new; i++) {
		nest = begin_for(&self->nl, variant->ipv6,
				 commands[i], variant->type);
		nl_put(&self->nl, variant->type, variant->good, size);
		attr = nl_put(&self->nl, variant->type, variant->good, size);
		mnl_attr_nest_end(self->nl.msg, nest);
		EXPECT_REFUSED(EINVAL, attr);
	}
}

TEST_F(number, marked_as_nest)
{
	struct nlattr *nest, *attr;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(commands) - variant->not_new; i++) {
		nest = begin_for(&self->nl, variant->ipv6,
				 commands[i], variant->type);
		attr = nl_put(&self->nl, variant->type | NLA_F_NESTED,
			      variant->good, tunnel_attr_size(variant->type));
		mnl_attr_nest_end(self->nl.msg, nest);
		EXPECT_REFUSED(EINVAL, attr);
	}
}

TEST_F(number, bad_value)
{
	struct nlattr *nest, *attr;
	size_t i, j;

	for (i = 0; i < ARRAY_SIZE(commands) - variant->not_new; i++) {
		for (j = 0; variant->bad[j].err; j++) {
			nest = begin_for(&self->nl, variant->ipv6,
					 commands[i], variant->type);
			attr = nl_put(&self->nl, variant->type,
				      &variant->bad[j].value,
				      tunnel_attr_size(variant->type));
			mnl_attr_nest_end(self->nl.msg, nest);
			EXPECT_REFUSED(variant->bad[j].err, attr);
		}
	}
}

TEST_HARNESS_MAIN
