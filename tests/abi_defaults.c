// SPDX-License-Identifier: GPL-2.0
/*
 * What new tunnels of a netns are like: read and set by netlink and by sysctl,
 * which agree.
 *
 * Topology: an empty netns; a second one for some of the tests.
 */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <linux/genetlink.h>

#include "kselftest_harness.h"
#include "nl.h"

#define NOBODY 65534

#define D(name) GRETUN_A_DEFAULTS_##name

/* A bit in @present for each attribute that is there. */
struct defaults {
	uint32_t present;
	uint32_t value[GRETUN_A_DEFAULTS_MAX + 1];
};

#define ALL (BIT(D(TTL)) | BIT(D(MTU)) | BIT(D(ALLOW)))

static const char *const files[] = {
	[D(TTL)] = "default_ttl",
	[D(MTU)] = "default_mtu",
	[D(ALLOW)] = "allow",
};

FIXTURE(defaults)
{
	struct nl nl;
};

FIXTURE_SETUP(defaults)
{
	ASSERT_EQ(0, unshare(CLONE_NEWNET));
	ASSERT_EQ(0, nl_open(&self->nl));
}

FIXTURE_TEARDOWN(defaults)
{
	nl_close(&self->nl);
}

static size_t size(uint16_t type)
{
	return type == D(MTU) ? sizeof(uint32_t) : sizeof(uint8_t);
}

static int read_defaults(const struct nlmsghdr *msg, void *arg)
{
	struct defaults *defaults = arg;
	const struct nlattr *nest, *attr;
	uint16_t type;

	mnl_attr_for_each(nest, msg, GENL_HDRLEN) {
		if (mnl_attr_get_type(nest) != GRETUN_A_DEFAULTS)
			continue;
		mnl_attr_for_each_nested(attr, nest) {
			type = mnl_attr_get_type(attr);
			defaults->present |= BIT(type);
			memcpy(&defaults->value[type],
			       mnl_attr_get_payload(attr), size(type));
		}
	}
	return MNL_CB_OK;
}

static int get(struct nl *nl, struct defaults *defaults)
{
	memset(defaults, 0, sizeof(*defaults));
	nl_begin(nl, GRETUN_CMD_DEFAULTS_GET, NLM_F_ACK);
	return nl_talk(nl, read_defaults, defaults);
}

static struct nlattr *begin(struct nl *nl)
{
	nl_begin(nl, GRETUN_CMD_DEFAULTS_SET, NLM_F_ACK);
	return mnl_attr_nest_start(nl->msg, GRETUN_A_DEFAULTS);
}

/* Set one of them; returns 0, or an errno. */
static int set(struct nl *nl, uint16_t type, uint32_t value)
{
	struct nlattr *nest = begin(nl);

	nl_put(nl, type, &value, size(type));
	mnl_attr_nest_end(nl->msg, nest);
	return nl_talk(nl, NULL, NULL);
}

static int open_file(uint16_t type, int flags)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/sys/net/gretun/%s", files[type]);
	return open(path, flags);
}

/* What the file says, or -1. */
static long read_file(uint16_t type)
{
	int fd = open_file(type, O_RDONLY);
	char text[32];
	ssize_t len;

	if (fd < 0)
		return -1;
	len = read(fd, text, sizeof(text) - 1);
	close(fd);
	if (len < 0)
		return -1;
	text[len] = '\0';
	return atol(text);
}

/* Write to the file; returns 0, or an errno. */
static int write_file(uint16_t type, const char *text)
{
	int fd = open_file(type, O_WRONLY);
	int err = 0;

	if (fd < 0)
		return errno;
	if (write(fd, text, strlen(text)) < 0)
		err = errno;
	close(fd);
	return err;
}

/* Both ways say this. */
static void expect_defaults(struct __test_metadata *_metadata, struct nl *nl,
			    uint32_t ttl, uint32_t mtu, uint32_t allow)
{
	const uint32_t want[] = {
		[D(TTL)] = ttl,
		[D(MTU)] = mtu,
		[D(ALLOW)] = allow,
	};
	struct defaults is;
	uint16_t type;

	EXPECT_EQ(0, get(nl, &is));
	EXPECT_EQ(ALL, is.present);
	for (type = 1; type < ARRAY_SIZE(want); type++) {
		EXPECT_EQ(want[type], is.value[type]);
		EXPECT_EQ(want[type], read_file(type));
	}
}

TEST_F(defaults, at_first)
{
	expect_defaults(_metadata, &self->nl, 64, 0, 1);
}

/* Each value, set one way and read both ways; the others stay. */
TEST_F(defaults, read_back)
{
	static const struct {
		uint16_t type;
		uint32_t value[6];
	} cases[] = {
		{ D(TTL), { 1, 2, 63, 128, 255, 64 } },
		{ D(MTU), { 68, 1280, 1450, 1476, 65535, 0 } },
		{ D(ALLOW), { 0, 1, 0, 1, 0, 1 } },
	};
	uint32_t want[] = {
		[D(TTL)] = 64,
		[D(MTU)] = 0,
		[D(ALLOW)] = 1,
	};
	char text[16];
	size_t i, j;
	int by_file;

	for (by_file = 0; by_file <= 1; by_file++) {
		for (i = 0; i < ARRAY_SIZE(cases); i++) {
			for (j = 0; j < ARRAY_SIZE(cases[i].value); j++) {
				want[cases[i].type] = cases[i].value[j];
				snprintf(text, sizeof(text), "%u\n",
					 cases[i].value[j]);
				if (by_file) {
					EXPECT_EQ(0, write_file(cases[i].type, text));
				} else {
					EXPECT_EQ(0, set(&self->nl, cases[i].type,
							 cases[i].value[j]));
				}
				expect_defaults(_metadata, &self->nl,
						want[D(TTL)], want[D(MTU)],
						want[D(ALLOW)]);
			}
		}
	}
}

TEST_F(defaults, all_at_once)
{
	struct nlattr *nest = begin(&self->nl);
	uint8_t ttl = 9, allow = 0;
	uint32_t mtu = 1400;

	nl_put(&self->nl, D(TTL), &ttl, sizeof(ttl));
	nl_put(&self->nl, D(MTU), &mtu, sizeof(mtu));
	nl_put(&self->nl, D(ALLOW), &allow, sizeof(allow));
	mnl_attr_nest_end(self->nl.msg, nest);
	EXPECT_EQ(0, nl_talk(&self->nl, NULL, NULL));
	expect_defaults(_metadata, &self->nl, 9, 1400, 0);

	/* Nothing given is nothing changed. */
	nest = begin(&self->nl);
	mnl_attr_nest_end(self->nl.msg, nest);
	EXPECT_EQ(0, nl_talk(&self->nl, NULL, NULL));
	expect_defaults(_metadata, &self->nl, 9, 1400, 0);
}

static const struct {
	uint16_t type;
	uint32_t value;
} bad_values[] = {
	{ D(TTL), 0 },
	{ D(MTU), 1 },
	{ D(MTU), 67 },
	{ D(MTU), 65536 },
	{ D(MTU), 1u << 31 },
	{ D(MTU), UINT32_MAX },
	{ D(ALLOW), 2 },
	{ D(ALLOW), 255 },
};

/* The request was refused for @attr, and all is as at first. */
static void expect_refused(struct __test_metadata *_metadata, struct nl *nl,
			   int err, const struct nlattr *attr)
{
	EXPECT_EQ(err, nl_talk(nl, NULL, NULL));
	EXPECT_STRNE("", nl->text);
	EXPECT_EQ((uint32_t)((char *)attr - nl->buf), nl->offset);
	expect_defaults(_metadata, nl, 64, 0, 1);
}

/* A bad value among good ones changes nothing. */
TEST_F(defaults, bad_value)
{
	static const uint32_t good[] = {
		[D(TTL)] = 9,
		[D(MTU)] = 1400,
		[D(ALLOW)] = 0,
	};
	struct nlattr *nest, *attr = NULL;
	uint16_t type;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(bad_values); i++) {
		nest = begin(&self->nl);
		for (type = 1; type <= GRETUN_A_DEFAULTS_MAX; type++) {
			if (type == bad_values[i].type)
				attr = nl_put(&self->nl, type,
					      &bad_values[i].value, size(type));
			else
				nl_put(&self->nl, type, &good[type], size(type));
		}
		mnl_attr_nest_end(self->nl.msg, nest);
		expect_refused(_metadata, &self->nl, ERANGE, attr);
	}
}

TEST_F(defaults, bad_text)
{
	static const struct {
		uint16_t type;
		const char *text[7];
	} bad[] = {
		{ D(TTL), { "0", "256", "-1", "x", "4294967360" } },
		{ D(MTU), { "1", "67", "65536", "-1", "auto", "4294967296" } },
		{ D(ALLOW), { "2", "-1", "yes" } },
	};
	const char *const *text;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(bad); i++) {
		for (text = bad[i].text; *text; text++) {
			EXPECT_EQ(EINVAL, write_file(bad[i].type, *text))
			{
				TH_LOG("%s to %s", *text, files[bad[i].type]);
			}
			expect_defaults(_metadata, &self->nl, 64, 0, 1);
		}
	}
}

TEST_F(defaults, wrong_size)
{
	static const char ones[8] = { 1, 1, 1, 1, 1, 1, 1, 1 };
	struct nlattr *nest, *attr;
	uint16_t type;
	size_t len;

	for (type = 1; type <= GRETUN_A_DEFAULTS_MAX; type++) {
		for (len = 0; len <= sizeof(ones); len++) {
			if (len == size(type))
				continue;
			nest = begin(&self->nl);
			attr = nl_put(&self->nl, type, ones, len);
			mnl_attr_nest_end(self->nl.msg, nest);
			expect_refused(_metadata, &self->nl, EINVAL, attr);
		}
	}
}

TEST_F(defaults, unknown_attribute)
{
	static const uint16_t types[] = { 0, GRETUN_A_DEFAULTS_MAX + 1, 4711 };
	struct nlattr *nest, *attr;
	uint8_t ttl = 9;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(types); i++) {
		nest = begin(&self->nl);
		nl_put(&self->nl, D(TTL), &ttl, sizeof(ttl));
		attr = nl_put(&self->nl, types[i], "abc", 4);
		mnl_attr_nest_end(self->nl.msg, nest);
		expect_refused(_metadata, &self->nl, EINVAL, attr);

		/* The same beside the nest. */
		nest = begin(&self->nl);
		nl_put(&self->nl, D(TTL), &ttl, sizeof(ttl));
		mnl_attr_nest_end(self->nl.msg, nest);
		attr = nl_put(&self->nl, types[i] + GRETUN_A_MAX * !!types[i],
			      "abc", 4);
		expect_refused(_metadata, &self->nl, EINVAL, attr);
	}
}

/* Only one of two could count. */
TEST_F(defaults, given_twice)
{
	struct nlattr *nest, *attr;
	uint32_t one = 1, i;

	for (i = 1; i <= GRETUN_A_DEFAULTS_MAX; i++) {
		if (i == D(MTU))
			one = 1400;
		nest = begin(&self->nl);
		nl_put(&self->nl, i, &one, size(i));
		attr = nl_put(&self->nl, i, &one, size(i));
		mnl_attr_nest_end(self->nl.msg, nest);
		expect_refused(_metadata, &self->nl, EINVAL, attr);
		one = 1;
	}
	nest = begin(&self->nl);
	nl_put(&self->nl, D(TTL), &one, 1);
	mnl_attr_nest_end(self->nl.msg, nest);
	attr = mnl_attr_nest_start(self->nl.msg, GRETUN_A_DEFAULTS);
	nl_put(&self->nl, D(TTL), &one, 1);
	mnl_attr_nest_end(self->nl.msg, attr);
	expect_refused(_metadata, &self->nl, EINVAL, attr);
}

TEST_F(defaults, bad_requests)
{
	struct nlattr *nest;

	/* What is for the reply does not go into the request. */
	nl_begin(&self->nl, GRETUN_CMD_DEFAULTS_GET, NLM_F_ACK);
	nest = mnl_attr_nest_start(self->nl.msg, GRETUN_A_DEFAULTS);
	mnl_attr_nest_end(self->nl.msg, nest);
	expect_refused(_metadata, &self->nl, EINVAL, nest);

	nest = begin(&self->nl);
	mnl_attr_nest_end(self->nl.msg, nest);
	nest->nla_type &= ~NLA_F_NESTED;
	expect_refused(_metadata, &self->nl, EINVAL, nest);

	nl_begin(&self->nl, GRETUN_CMD_DEFAULTS_SET, NLM_F_ACK);
	EXPECT_EQ(EINVAL, nl_talk(&self->nl, NULL, NULL));
	EXPECT_STRNE("", self->nl.text);
	EXPECT_EQ((uint32_t)GRETUN_A_DEFAULTS, self->nl.missing);
	EXPECT_EQ(0u, self->nl.nest);
}

TEST_F(defaults, per_netns)
{
	static struct nl other;

	ASSERT_EQ(0, set(&self->nl, D(TTL), 9));
	ASSERT_EQ(0, set(&self->nl, D(MTU), 1400));
	ASSERT_EQ(0, set(&self->nl, D(ALLOW), 0));
	ASSERT_EQ(0, unshare(CLONE_NEWNET));
	ASSERT_EQ(0, nl_open(&other));
	expect_defaults(_metadata, &other, 64, 0, 1);
	EXPECT_EQ(0, write_file(D(TTL), "7"));
	expect_defaults(_metadata, &other, 7, 0, 1);
	nl_close(&other);
}

/* All writes are refused, all reads are not, and nothing changes. */
static void expect_read_only(struct __test_metadata *_metadata, struct nl *nl)
{
	uint16_t type;

	for (type = 1; type <= GRETUN_A_DEFAULTS_MAX; type++) {
		EXPECT_EQ(EPERM, set(nl, type, type == D(MTU) ? 1400 : 1));
		EXPECT_EQ(EACCES, write_file(type, "1"));
	}
	expect_defaults(_metadata, nl, 64, 0, 1);
}

TEST_F(defaults, unprivileged)
{
	static struct nl nl;

	ASSERT_EQ(0, setresgid(NOBODY, NOBODY, NOBODY));
	ASSERT_EQ(0, setresuid(NOBODY, NOBODY, NOBODY));
	ASSERT_EQ(0, nl_open(&nl));
	expect_read_only(_metadata, &nl);
	nl_close(&nl);
	/* Nor with a socket of root. */
	expect_read_only(_metadata, &self->nl);
}

/* Root of a user namespace is that of its own netns, and of no other. */
TEST_F(defaults, user_namespace)
{
	static struct nl nl;

	ASSERT_EQ(0, setresgid(NOBODY, NOBODY, NOBODY));
	ASSERT_EQ(0, setresuid(NOBODY, NOBODY, NOBODY));
	ASSERT_EQ(0, unshare(CLONE_NEWUSER));
	ASSERT_EQ(0, nl_open(&nl));
	expect_read_only(_metadata, &nl);
	nl_close(&nl);

	ASSERT_EQ(0, unshare(CLONE_NEWNET));
	ASSERT_EQ(0, nl_open(&nl));
	EXPECT_EQ(0, set(&nl, D(TTL), 9));
	EXPECT_EQ(0, write_file(D(MTU), "1400"));
	expect_defaults(_metadata, &nl, 9, 1400, 1);
	nl_close(&nl);
}

TEST_HARNESS_MAIN
