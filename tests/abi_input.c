// SPDX-License-Identifier: GPL-2.0
/*
 * Requests that the family must refuse for something else than a number.
 */
#include "refusal.h"

FIXTURE(input)
{
	struct nl nl;
	struct tunnel t0;
};

FIXTURE_SETUP(input)
{
	setup(_metadata, &self->nl, &self->t0);
}

FIXTURE_TEARDOWN(input)
{
	nl_close(&self->nl);
}

static const uint8_t about_tunnels[] = {
	GRETUN_CMD_TUNNEL_NEW,
	GRETUN_CMD_TUNNEL_GET,
	GRETUN_CMD_TUNNEL_SET,
	GRETUN_CMD_TUNNEL_DEL,
};

TEST_F(input, bad_name)
{
	static const char *const names[] = {
		"", ".", "..", "a/b", "a b", "a:b", "a\n", "%d", "t%d", "%%",
		"x%", "a123456789012345",
		"a1234567890123456789012345678901234567890"
	};
	struct nlattr *nest, *attr;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(names); i++) {
		nest = begin(&self->nl, GRETUN_CMD_TUNNEL_NEW, A(IFNAME));
		attr = nl_put(&self->nl, A(IFNAME), names[i],
			      strlen(names[i]) + 1);
		mnl_attr_nest_end(self->nl.msg, nest);
		EXPECT_REFUSED(EINVAL, attr);
	}
}

/* A name is a string that ends with a 0 byte. */
TEST_F(input, name_without_end)
{
	struct nlattr *nest, *attr;
	size_t len;

	for (len = 0; len <= 20; len++) {
		nest = begin(&self->nl, GRETUN_CMD_TUNNEL_NEW, A(IFNAME));
		attr = nl_put(&self->nl, A(IFNAME), "xxxxxxxxxxxxxxxxxxxx", len);
		mnl_attr_nest_end(self->nl.msg, nest);
		EXPECT_REFUSED(EINVAL, attr);
	}
}

TEST_F(input, name_given_twice)
{
	struct nlattr *nest, *attr;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(about_tunnels); i++) {
		nest = begin(&self->nl, about_tunnels[i], 0);
		attr = nl_put(&self->nl, A(IFNAME), "t0", 3);
		mnl_attr_nest_end(self->nl.msg, nest);
		EXPECT_REFUSED(EINVAL, attr);
	}
}

TEST_F(input, name_taken)
{
	static const char *const names[] = { "t0", "lo" };
	struct nlattr *nest, *attr;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(names); i++) {
		nest = begin(&self->nl, GRETUN_CMD_TUNNEL_NEW, A(IFNAME));
		attr = nl_put(&self->nl, A(IFNAME), names[i],
			      strlen(names[i]) + 1);
		mnl_attr_nest_end(self->nl.msg, nest);
		EXPECT_REFUSED(EEXIST, attr);
	}
}

TEST_F(input, missing_in_new)
{
	static const uint16_t needed[] = {
		A(IFNAME),
		A(LOCAL_IPV4),
		A(REMOTE_IPV4),
	};
	struct nlattr *nest;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(needed); i++) {
		nest = begin(&self->nl, GRETUN_CMD_TUNNEL_NEW, needed[i]);
		EXPECT_MISSING(needed[i], nest);
	}
}

TEST_F(input, not_for_new)
{
	static const uint16_t types[] = { A(IFINDEX), A(UNSET) };
	struct nlattr *nest, *attr;
	uint32_t value = 1;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(types); i++) {
		nest = begin(&self->nl, GRETUN_CMD_TUNNEL_NEW, 0);
		attr = nl_put(&self->nl, types[i], &value, sizeof(value));
		mnl_attr_nest_end(self->nl.msg, nest);
		EXPECT_REFUSED(EINVAL, attr);
	}
}

static const uint8_t about_one[] = {
	GRETUN_CMD_TUNNEL_GET,
	GRETUN_CMD_TUNNEL_SET,
	GRETUN_CMD_TUNNEL_DEL,
};

static const uint8_t about_none[] = {
	GRETUN_CMD_NETNS_GET,
	GRETUN_CMD_NEAR_MISS_GET,
	GRETUN_CMD_DEFAULTS_GET,
	GRETUN_CMD_DEFAULTS_SET,
};

TEST_F(input, nobody_named)
{
	struct nlattr *nest;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(about_one); i++) {
		nest = begin(&self->nl, about_one[i], A(IFNAME));
		EXPECT_MISSING(A(IFNAME), nest);
	}
}

TEST_F(input, not_found)
{
	struct tunnel named = tunnel_named("nobody");
	struct nlattr *nest;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(about_one); i++) {
		nl_begin(&self->nl, about_one[i], NLM_F_ACK);
		nest = nl_put_tunnel(&self->nl, &named);
		EXPECT_REFUSED(ENODEV, mnl_attr_get_payload(nest));
	}
}

TEST_F(input, not_a_tunnel)
{
	struct tunnel named = tunnel_named("lo");
	struct nlattr *nest;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(about_one); i++) {
		nl_begin(&self->nl, about_one[i], NLM_F_ACK);
		nest = nl_put_tunnel(&self->nl, &named);
		EXPECT_REFUSED(EOPNOTSUPP, mnl_attr_get_payload(nest));
	}
}

TEST_F(input, same_address_twice)
{
	struct tunnel tunnel = tunnel_new("t1", LOCAL, LOCAL);
	struct nlattr *nest, *attr;

	/* Named is the second of them. */
	nl_begin(&self->nl, GRETUN_CMD_TUNNEL_NEW, NLM_F_ACK);
	nest = nl_put_tunnel(&self->nl, &tunnel);
	attr = mnl_attr_next(mnl_attr_next(mnl_attr_get_payload(nest)));
	EXPECT_REFUSED(EINVAL, attr);

	/* Given is one of them, and it becomes the other one. */
	nest = begin(&self->nl, GRETUN_CMD_TUNNEL_SET, 0);
	attr = nl_put(&self->nl, A(LOCAL_IPV4),
		      &self->t0.value[A(REMOTE_IPV4)], sizeof(uint32_t));
	mnl_attr_nest_end(self->nl.msg, nest);
	EXPECT_REFUSED(EINVAL, attr);
}

TEST_F(input, no_nest)
{
	struct tunnel nothing = {};
	struct nlattr *nest;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(about_tunnels); i++) {
		nl_begin(&self->nl, about_tunnels[i], NLM_F_ACK);
		EXPECT_MISSING(GRETUN_A_TUNNEL, NULL);

		nl_begin(&self->nl, about_tunnels[i], NLM_F_ACK);
		nest = nl_put_tunnel(&self->nl, &nothing);
		EXPECT_MISSING(A(IFNAME), nest);
	}
}

TEST_F(input, nest_without_flag)
{
	struct nlattr *nest;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(commands); i++) {
		nest = begin(&self->nl, commands[i], 0);
		nest->nla_type &= ~NLA_F_NESTED;
		EXPECT_REFUSED(EINVAL, nest);
	}
}

TEST_F(input, nest_too_short)
{
	struct nlattr *nest;
	size_t len;

	for (len = 1; len < sizeof(*nest); len++) {
		nl_begin(&self->nl, GRETUN_CMD_TUNNEL_NEW, NLM_F_ACK);
		nest = nl_put(&self->nl, GRETUN_A_TUNNEL | NLA_F_NESTED,
			      "xxxx", len);
		EXPECT_REFUSED(ERANGE, nest);
	}
}

TEST_F(input, unknown_attribute)
{
	static const uint16_t types[] = { 0, GRETUN_A_TUNNEL_MAX + 1, 4711 };
	struct nlattr *nest, *attr;
	size_t i, j;

	for (i = 0; i < ARRAY_SIZE(commands); i++) {
		for (j = 0; j < ARRAY_SIZE(types); j++) {
			nest = begin(&self->nl, commands[i], 0);
			attr = nl_put(&self->nl, types[j], "abc", 4);
			mnl_attr_nest_end(self->nl.msg, nest);
			EXPECT_REFUSED(EINVAL, attr);

			/* The same beside the nest. */
			begin(&self->nl, commands[i], 0);
			attr = nl_put(&self->nl, types[j], "abc", 4);
			EXPECT_REFUSED(EINVAL, attr);
		}
	}
}

TEST_F(input, attribute_of_another_command)
{
	static const uint16_t types[] = {
		GRETUN_A_WITH_STATS,
		GRETUN_A_STATE,
		GRETUN_A_STATS,
		GRETUN_A_NEAR_MISS,
		GRETUN_A_DEFAULTS,
	};
	struct nlattr *attr;
	size_t i, j;

	for (i = 0; i < ARRAY_SIZE(commands); i++) {
		for (j = 0; j < ARRAY_SIZE(types); j++) {
			begin(&self->nl, commands[i], 0);
			attr = nl_put(&self->nl, types[j], NULL, 0);
			EXPECT_REFUSED(EINVAL, attr);
		}
	}
	for (i = 0; i < ARRAY_SIZE(about_none); i++) {
		nl_begin(&self->nl, about_none[i], NLM_F_ACK);
		attr = nl_put(&self->nl, GRETUN_A_TUNNEL | NLA_F_NESTED, NULL, 0);
		EXPECT_REFUSED(EINVAL, attr);
	}
}

TEST_F(input, flag_with_a_value)
{
	struct nlattr *attr;

	begin(&self->nl, GRETUN_CMD_TUNNEL_GET, 0);
	attr = nl_put(&self->nl, GRETUN_A_WITH_STATS, "x", 1);
	EXPECT_REFUSED(ERANGE, attr);
}

TEST_F(input, one_at_a_time)
{
	static const uint8_t single[] = {
		GRETUN_CMD_TUNNEL_GET,
		GRETUN_CMD_TUNNEL_SET,
	};
	struct tunnel named = tunnel_named("t0");
	struct nlattr *nest;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(single); i++) {
		begin(&self->nl, single[i], 0);
		nest = nl_put_tunnel(&self->nl, &named);
		EXPECT_REFUSED(EINVAL, nest);
	}
}

TEST_F(input, dump_of_one)
{
	struct tunnel named = tunnel_named("t0");

	nl_begin(&self->nl, GRETUN_CMD_TUNNEL_GET, NLM_F_DUMP | NLM_F_ACK);
	nl_put_tunnel(&self->nl, &named);
	EXPECT_EQ(EINVAL, nl_talk(&self->nl, NULL, NULL));
	EXPECT_STRNE("", self->nl.text);
}

TEST_F(input, dump_of_nothing)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(about_none); i++) {
		nl_begin(&self->nl, about_none[i], NLM_F_DUMP | NLM_F_ACK);
		EXPECT_EQ(EOPNOTSUPP, nl_talk(&self->nl, NULL, NULL));
	}
}

TEST_F(input, unknown_command)
{
	static const uint8_t unknown[] = {
		0,
		GRETUN_CMD_TUNNEL_NEW_NTF,
		GRETUN_CMD_TUNNEL_SET_NTF,
		GRETUN_CMD_TUNNEL_DEL_NTF,
		GRETUN_CMD_TUNNEL_STATE_NTF,
		GRETUN_CMD_MAX + 1,
		UINT8_MAX,
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(unknown); i++) {
		begin(&self->nl, unknown[i], 0);
		EXPECT_EQ(EOPNOTSUPP, nl_talk(&self->nl, NULL, NULL));
		expect_unchanged(_metadata, &self->nl, &self->t0);
	}
}

TEST_F(input, reserved_header_field)
{
	struct genlmsghdr *genl;

	begin(&self->nl, GRETUN_CMD_TUNNEL_NEW, 0);
	genl = mnl_nlmsg_get_payload(self->nl.msg);
	genl->reserved = 1;
	EXPECT_EQ(EINVAL, nl_talk(&self->nl, NULL, NULL));
	EXPECT_STRNE("", self->nl.text);
	expect_unchanged(_metadata, &self->nl, &self->t0);
}

/* The message ends before the attributes do. */
TEST_F(input, message_cut_short)
{
	uint32_t whole, len;

	begin(&self->nl, GRETUN_CMD_TUNNEL_NEW, 0);
	whole = self->nl.msg->nlmsg_len;
	for (len = whole - 4; len > NLMSG_HDRLEN; len -= 4) {
		begin(&self->nl, GRETUN_CMD_TUNNEL_NEW, 0);
		self->nl.msg->nlmsg_len = len;
		EXPECT_EQ(EINVAL, nl_talk(&self->nl, NULL, NULL));
		expect_unchanged(_metadata, &self->nl, &self->t0);
	}
}

TEST_HARNESS_MAIN
