// SPDX-License-Identifier: GPL-2.0
/*
 * What is kept of GRE packets that no tunnel took.
 *
 * Topology: a netns with a pair of veth, in0 and out0. Frames are written to
 * out0, from whatever source, and come in through in0, which has the local
 * address.
 */
#include <arpa/inet.h>
#include <sched.h>
#include <linux/genetlink.h>

#include "gre.h"
#include "link.h"
#include "reads.h"

/* Senders that are kept of each sort. */
#define KEPT 32

/* More than that. */
#define MANY 40

/* Microseconds in which the clock of the kernel goes on. */
#define TICK 20000

struct miss {
	char local[INET6_ADDRSTRLEN];
	char remote[INET6_ADDRSTRLEN];
	int64_t key; /* -1 for none */
	uint32_t ifindex;
	char reason[32];
	uint64_t packets;
	uint64_t age;
};

struct misses {
	size_t count;
	uint64_t packets; /* of all */
	struct miss miss[3 * KEPT];
};

FIXTURE(near_miss)
{
	struct nl nl;
	int out;
	struct link in;
	struct gre gre; /* the last one */
	struct misses misses;
	struct miss miss; /* the one that is looked at */
};

FIXTURE_VARIANT(near_miss)
{
	int family;
	const char *local, *remote, *another, *any;
	const char *format; /* of addresses that are nobody's */
};

/* clang-format off */
FIXTURE_VARIANT_ADD(near_miss, ipv4) {
	.family = AF_INET, .local = "192.0.2.1", .remote = "192.0.2.2",
	.another = "192.0.2.3", .any = "0.0.0.0",
	.format = "198.51.100.%d",
};

FIXTURE_VARIANT_ADD(near_miss, ipv6) {
	.family = AF_INET6, .local = "2001:db8::1", .remote = "2001:db8::2",
	.another = "2001:db8::3", .any = "::",
	.format = "2001:db8:ffff:ffff:ffff:ffff:ffff:%d",
};

/* clang-format on */

/* An IPv6 address has its route a moment later than the device is up. */
static bool is_local6(void)
{
	FILE *routes = fopen("/proc/thread-self/net/ipv6_route", "r");
	static const char start[] = "20010db8000000000000000000000001 80 ";
	bool found = false;
	char line[256];

	if (!routes)
		return false;
	while (!found && fgets(line, sizeof(line), routes))
		found = !strncmp(line, start, strlen(start));
	fclose(routes);
	return found;
}

FIXTURE_SETUP(near_miss)
{
	int i;

	ASSERT_EQ(0, unshare(CLONE_NEWNET));
	ASSERT_EQ(0, nl_open(&self->nl));
	self->nl.part = NL_LONGEST;
	ASSERT_EQ(0, run_ip("link add in0 type veth peer name out0"));
	ASSERT_EQ(0, run_ip("address add 192.0.2.1/24 dev in0"));
	ASSERT_EQ(0, run_ip("address add 2001:db8::1/64 dev in0 nodad"));
	ASSERT_EQ(0, link_set_up("lo", true));
	ASSERT_EQ(0, link_set_up("in0", true));
	ASSERT_EQ(0, link_set_up("out0", true));
	for (i = 0; i < 500 && !is_local6(); i++)
		usleep(TICK);
	ASSERT_TRUE(is_local6());
	ASSERT_EQ(0, link_get("in0", &self->in));
	self->out = gre_open("out0");
	ASSERT_LE(0, self->out);
}

FIXTURE_TEARDOWN(near_miss)
{
	nl_close(&self->nl);
	close(self->out);
}

/* A packet from that address, of which only so many bytes come, 0 for all. */
#define RECEIVE_CUT(from, flags, key, len)                                   \
	do {                                                                 \
		self->gre = (struct gre){ variant->local, from, flags,       \
					  key, len };                        \
		ASSERT_TRUE(gre_send(self->out, self->in.addr, &self->gre)); \
	} while (0)

#define RECEIVE(from, flags, key) RECEIVE_CUT(from, flags, key, 0)

static void read_addr(const struct nlattr *attr, char *text)
{
	bool ipv6 = mnl_attr_get_payload_len(attr) == sizeof(struct in6_addr);

	inet_ntop(ipv6 ? AF_INET6 : AF_INET, mnl_attr_get_payload(attr), text,
		  INET6_ADDRSTRLEN);
}

static void read_miss(const struct nlattr *nest, struct miss *miss)
{
	const struct nlattr *attr;

	miss->key = -1;
	mnl_attr_for_each_nested(attr, nest) {
		switch (mnl_attr_get_type(attr)) {
		case GRETUN_A_NEAR_MISS_LOCAL_IPV4:
		case GRETUN_A_NEAR_MISS_LOCAL_IPV6:
			read_addr(attr, miss->local);
			break;
		case GRETUN_A_NEAR_MISS_REMOTE_IPV4:
		case GRETUN_A_NEAR_MISS_REMOTE_IPV6:
			read_addr(attr, miss->remote);
			break;
		case GRETUN_A_NEAR_MISS_KEY:
			miss->key = mnl_attr_get_u32(attr);
			break;
		case GRETUN_A_NEAR_MISS_IFINDEX:
			miss->ifindex = mnl_attr_get_u32(attr);
			break;
		case GRETUN_A_NEAR_MISS_REASON:
			snprintf(miss->reason, sizeof(miss->reason), "%s",
				 mnl_attr_get_str(attr));
			break;
		case GRETUN_A_NEAR_MISS_PACKETS:
			miss->packets = mnl_attr_get_u64(attr);
			break;
		case GRETUN_A_NEAR_MISS_AGE:
			miss->age = mnl_attr_get_u64(attr);
			break;
		}
	}
}

static int read_misses(const struct nlmsghdr *msg, void *arg)
{
	struct misses *misses = arg;
	const struct nlattr *nest;

	mnl_attr_for_each(nest, msg, GENL_HDRLEN) {
		if (misses->count == ARRAY_SIZE(misses->miss))
			return MNL_CB_ERROR;
		read_miss(nest, &misses->miss[misses->count]);
		misses->packets += misses->miss[misses->count++].packets;
	}
	return MNL_CB_OK;
}

/* Read all of them; returns 0, or an errno. */
static int get(struct nl *nl, struct misses *misses)
{
	memset(misses, 0, sizeof(*misses));
	nl_begin(nl, GRETUN_CMD_NEAR_MISS_GET, NLM_F_ACK);
	return nl_talk(nl, read_misses, misses);
}

/* Read them when there are as many packets; those on the way take a moment. */
static void wait_for(struct __test_metadata *_metadata, struct nl *nl,
		     struct misses *misses, uint64_t packets)
{
	int i;

	for (i = 0; i < 100; i++) {
		ASSERT_EQ(0, get(nl, misses));
		if (misses->packets >= packets)
			break;
		usleep(TICK);
	}
	EXPECT_EQ(packets, misses->packets);
}

/* Entry @number is of that sender; @key is -1 for none. */
#define EXPECT_MISS(number, from, key_, reason_, packets_)            \
	do {                                                          \
		self->miss = self->misses.miss[number];               \
		EXPECT_STREQ(variant->local, self->miss.local);       \
		EXPECT_STREQ(from, self->miss.remote);                \
		EXPECT_EQ((int64_t)(key_), self->miss.key);           \
		EXPECT_STREQ(reason_, self->miss.reason);             \
		EXPECT_EQ((uint64_t)(packets_), self->miss.packets);  \
		EXPECT_EQ(if_nametoindex("in0"), self->miss.ifindex); \
		EXPECT_GT(60000u, self->miss.age);                    \
	} while (0)

TEST_F(near_miss, none)
{
	struct tunnel tunnel = tunnel_new("t0", variant->local, variant->remote);
	static struct nl other;

	/* Without a tunnel there is nothing to miss. */
	RECEIVE(variant->remote, 0, 0);
	usleep(5 * TICK);
	ASSERT_EQ(0, get(&self->nl, &self->misses));
	EXPECT_EQ(0u, self->misses.count);

	/* Nor is a packet that the tunnel takes a miss. */
	ASSERT_EQ(0, create(&self->nl, &tunnel));
	RECEIVE(variant->remote, 0, 0);
	usleep(5 * TICK);
	ASSERT_EQ(0, get(&self->nl, &self->misses));
	EXPECT_EQ(0u, self->misses.count);

	/* What comes to one netns is not for another one to see. */
	RECEIVE(variant->remote, GRE_KEY, 7);
	wait_for(_metadata, &self->nl, &self->misses, 1);
	ASSERT_EQ(0, unshare(CLONE_NEWNET));
	ASSERT_EQ(0, nl_open(&other));
	ASSERT_EQ(0, nl_make(&other, 1));
	ASSERT_EQ(0, get(&other, &self->misses));
	EXPECT_EQ(0u, self->misses.count);
	nl_close(&other);
}

TEST_F(near_miss, key)
{
	struct tunnel tunnel = tunnel_new("t0", variant->local, variant->remote);

	tunnel_set(&tunnel, A(IKEY), 8);
	ASSERT_EQ(0, create(&self->nl, &tunnel));
	RECEIVE(variant->remote, GRE_KEY, 7);
	RECEIVE(variant->remote, GRE_KEY, 7);
	RECEIVE(variant->remote, GRE_KEY, 7);
	usleep(TICK);
	RECEIVE(variant->remote, GRE_KEY, 0);
	usleep(TICK);
	RECEIVE(variant->remote, 0, 0);
	usleep(TICK);
	RECEIVE(variant->remote, GRE_KEY, UINT32_MAX);
	wait_for(_metadata, &self->nl, &self->misses, 6);
	EXPECT_EQ(4u, self->misses.count);
	EXPECT_MISS(0, variant->remote, UINT32_MAX, "passed-key", 1);
	EXPECT_MISS(1, variant->remote, -1, "passed-key", 1);
	EXPECT_MISS(2, variant->remote, 0, "passed-key", 1);
	EXPECT_MISS(3, variant->remote, 7, "passed-key", 3);

	/* Who comes again is the newest. */
	usleep(TICK);
	RECEIVE(variant->remote, GRE_KEY, 7);
	wait_for(_metadata, &self->nl, &self->misses, 7);
	EXPECT_EQ(4u, self->misses.count);
	EXPECT_MISS(0, variant->remote, 7, "passed-key", 4);
	EXPECT_MISS(1, variant->remote, UINT32_MAX, "passed-key", 1);

	/* And gets older. */
	usleep(300000);
	ASSERT_EQ(0, get(&self->nl, &self->misses));
	EXPECT_LE(280u, self->misses.miss[0].age);
	EXPECT_LE(self->misses.miss[0].age, self->misses.miss[3].age);
}

/* A tunnel of any peer has the addresses of all. */
TEST_F(near_miss, key_of_any)
{
	struct tunnel tunnel = tunnel_new("t0", variant->local, variant->any);
	char nobody[INET6_ADDRSTRLEN];

	snprintf(nobody, sizeof(nobody), variant->format, 9);
	tunnel_set(&tunnel, A(IKEY), 8);
	ASSERT_EQ(0, create(&self->nl, &tunnel));
	RECEIVE(variant->remote, GRE_KEY, 7);
	usleep(TICK);
	RECEIVE(nobody, GRE_KEY, 7);
	RECEIVE(variant->remote, GRE_KEY, 8);
	wait_for(_metadata, &self->nl, &self->misses, 2);
	EXPECT_MISS(0, nobody, 7, "passed-key", 1);
	EXPECT_MISS(1, variant->remote, 7, "passed-key", 1);
}

TEST_F(near_miss, device)
{
	struct tunnel tunnel = tunnel_new("t0", variant->local, variant->remote);
	struct tunnel external = tunnel_named("t1");

	tunnel_set(&tunnel, A(LINK), if_nametoindex("lo"));
	tunnel_set(&tunnel, A(IKEY), 8);
	ASSERT_EQ(0, create(&self->nl, &tunnel));
	RECEIVE(variant->remote, GRE_KEY, 8);
	wait_for(_metadata, &self->nl, &self->misses, 1);
	EXPECT_MISS(0, variant->remote, 8, "passed-dev", 1);

	tunnel_set(&external, A(EXTERNAL), 1);
	tunnel_set(&external, A(LINK), if_nametoindex("lo"));
	ASSERT_EQ(0, create(&self->nl, &external));
	usleep(TICK);
	RECEIVE(variant->another, 0, 0);
	wait_for(_metadata, &self->nl, &self->misses, 2);
	EXPECT_MISS(0, variant->another, -1, "passed-dev", 1);
}

/* What is wrong now may be something else than it was. */
TEST_F(near_miss, last_reason)
{
	struct tunnel tunnel = tunnel_new("t0", variant->local, variant->remote);

	tunnel_set(&tunnel, A(IKEY), 8);
	ASSERT_EQ(0, create(&self->nl, &tunnel));
	RECEIVE(variant->remote, GRE_KEY, 7);
	wait_for(_metadata, &self->nl, &self->misses, 1);
	tunnel_set(&tunnel, A(IKEY), 7);
	tunnel_set(&tunnel, A(LINK), if_nametoindex("lo"));
	ASSERT_EQ(0, change(&self->nl, &tunnel));
	RECEIVE(variant->remote, GRE_KEY, 7);
	wait_for(_metadata, &self->nl, &self->misses, 2);
	EXPECT_EQ(1u, self->misses.count);
	EXPECT_MISS(0, variant->remote, 7, "passed-dev", 2);
}

/* Of a header that cannot be read there is no key, whatever stands there. */
TEST_F(near_miss, header)
{
	static const struct {
		uint16_t flags;
		size_t len;
		const char *reason;
	} bad[] = {
		{ GRE_KEY, 4, "truncated" },
		{ GRE_KEY | GRE_CSUM, 8, "truncated" },
		{ 0, 2, "truncated" },
		{ GRE_KEY | GRE_ROUTING, 0, "routing" },
		{ GRE_KEY | GRE_RESERVED, 0, "reserved" },
	};
	struct tunnel tunnel = tunnel_new("t0", variant->local, variant->remote);
	size_t i;

	ASSERT_EQ(0, create(&self->nl, &tunnel));
	for (i = 0; i < ARRAY_SIZE(bad); i++) {
		RECEIVE_CUT(variant->remote, bad[i].flags, 7, bad[i].len);
		wait_for(_metadata, &self->nl, &self->misses, i + 1);
		EXPECT_EQ(1u, self->misses.count);
		EXPECT_MISS(0, variant->remote, -1, bad[i].reason, i + 1);
	}
	/* PPTP is none of gretun's business. */
	RECEIVE(variant->remote, GRE_KEY | 1, 7);
	usleep(5 * TICK);
	ASSERT_EQ(0, get(&self->nl, &self->misses));
	EXPECT_EQ(i, self->misses.packets);
}

/* Packets from or to addresses of no tunnel come behind the others. */
TEST_F(near_miss, pair)
{
	struct tunnel tunnel = tunnel_new("t0", variant->local, variant->remote);
	char nobody[INET6_ADDRSTRLEN];

	snprintf(nobody, sizeof(nobody), variant->format, 9);
	ASSERT_EQ(0, create(&self->nl, &tunnel));
	RECEIVE(variant->remote, GRE_KEY, 7);
	usleep(TICK);
	RECEIVE(variant->another, GRE_KEY, 8);
	usleep(TICK);
	RECEIVE(nobody, 0, 0);
	wait_for(_metadata, &self->nl, &self->misses, 3);
	EXPECT_MISS(0, variant->remote, 7, "passed-key", 1);
	EXPECT_MISS(1, nobody, -1, "passed-pair", 1);
	EXPECT_MISS(2, variant->another, 8, "passed-pair", 1);
}

/* The newest senders of each sort are kept, and do not push out the other. */
TEST_F(near_miss, many)
{
	struct tunnel tunnel = tunnel_new("t0", variant->local, variant->remote);
	char nobody[INET6_ADDRSTRLEN];
	int i;

	ASSERT_EQ(0, create(&self->nl, &tunnel));
	for (i = 0; i < MANY; i++) {
		RECEIVE(variant->remote, GRE_KEY, i);
		snprintf(nobody, sizeof(nobody), variant->format, 10 + i);
		RECEIVE(nobody, GRE_KEY, UINT32_MAX);
		usleep(TICK);
	}
	wait_for(_metadata, &self->nl, &self->misses, 2 * KEPT);
	EXPECT_EQ(2u * KEPT, self->misses.count);
	for (i = 0; i < KEPT; i++) {
		EXPECT_MISS(i, variant->remote, MANY - 1 - i, "passed-key", 1);
		snprintf(nobody, sizeof(nobody), variant->format,
			 10 + MANY - 1 - i);
		EXPECT_MISS(KEPT + i, nobody, UINT32_MAX, "passed-pair", 1);
	}

	/* Who was pushed out and comes again begins anew. */
	RECEIVE(variant->remote, GRE_KEY, 0);
	usleep(5 * TICK);
	wait_for(_metadata, &self->nl, &self->misses, 2 * KEPT);
	EXPECT_MISS(0, variant->remote, 0, "passed-key", 1);
	EXPECT_MISS(KEPT - 1, variant->remote, MANY - KEPT + 1, "passed-key", 1);
}

TEST_F(near_miss, bad_request)
{
	static const uint16_t types[] = {
		GRETUN_A_NEAR_MISS,
		GRETUN_A_TUNNEL,
		GRETUN_A_DEFAULTS,
		GRETUN_A_MAX + 1,
	};
	struct nlattr *nest;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(types); i++) {
		nl_begin(&self->nl, GRETUN_CMD_NEAR_MISS_GET, NLM_F_ACK);
		nest = mnl_attr_nest_start(self->nl.msg, types[i]);
		mnl_attr_nest_end(self->nl.msg, nest);
		EXPECT_EQ(EINVAL, nl_talk(&self->nl, NULL, NULL));
		EXPECT_STRNE("", self->nl.text);
		EXPECT_EQ((uint32_t)((char *)nest - self->nl.buf),
			  self->nl.offset);
	}
}

TEST_HARNESS_MAIN
