// SPDX-License-Identifier: GPL-2.0
/*
 * What changes by itself when routes and links of the underlay do: the state of
 * loops and automatic MTUs. The events group hears of it within a second.
 *
 * Topology: a netns with the dummies d0 and d1, which take what is sent to
 * them, and tunnels from the address of d0.
 */
#include <arpa/inet.h>
#include <sched.h>
#include <linux/rtnetlink.h>

#include "events.h"
#include "link.h"
#include "reads.h"

/* Milliseconds in which what changed by itself is known to have done so. */
#define SILENCE 600

/* Tunnels inside one another that are followed; one more is a loop. */
#define DEPTH 5

FIXTURE(state)
{
	struct nl nl, events;
	struct tunnel t0, now;
	struct link link;
	struct heard heard;
};

FIXTURE_VARIANT(state)
{
	int family; /* 4 or 6 */
	const char *local, *remote, *any;
	const char *format; /* of remote addresses of further tunnels */
	int bits;	    /* of an address */
	uint32_t overhead;
};

/* clang-format off */
FIXTURE_VARIANT_ADD(state, ipv4) {
	.family = 4, .local = "192.0.2.1", .remote = "198.51.100.2",
	.any = "0.0.0.0", .format = "203.0.113.%d",
	.bits = 32, .overhead = OVERHEAD4,
};

FIXTURE_VARIANT_ADD(state, ipv6) {
	.family = 6, .local = "2001:db8::1", .remote = "2001:db8:1::2",
	.any = "::", .format = "2001:db8:2::%d",
	.bits = 128, .overhead = OVERHEAD6,
};

/* clang-format on */

/* The routes of both families that the tunnels have at first. */
static int add_routes(void)
{
	return run_ip("address add 192.0.2.1/24 dev d0") ||
	       run_ip("address add 2001:db8::1/64 dev d0 nodad") ||
	       run_ip("route add 198.51.100.0/24 dev d0") ||
	       run_ip("route add 203.0.113.0/24 dev d0") ||
	       run_ip("route add 2001:db8:1::/64 dev d0") ||
	       run_ip("route add 2001:db8:2::/64 dev d0");
}

/* Make tunnel @number and bring it up. */
static int add_tunnel(struct nl *nl, int number, const char *local,
		      const char *remote)
{
	struct tunnel tunnel;
	char name[8];

	snprintf(name, sizeof(name), "t%d", number);
	tunnel = tunnel_new(name, local, remote);
	tunnel_set(&tunnel, A(UP), 1);
	return create(nl, &tunnel);
}

FIXTURE_SETUP(state)
{
	ASSERT_EQ(0, unshare(CLONE_NEWNET));
	ASSERT_EQ(0, nl_open(&self->nl));
	ASSERT_EQ(0, run_ip("link add d0 up type dummy"));
	ASSERT_EQ(0, run_ip("link add d1 up mtu 9000 type dummy"));
	ASSERT_EQ(0, add_routes());
	ASSERT_EQ(0, add_tunnel(&self->nl, 0, variant->local, variant->remote));
	ASSERT_EQ(0, listen_to(&self->events));
	hear(&self->events, SILENCE);
	ASSERT_EQ(0, nl_get(&self->nl, "t0", &self->t0));
	ASSERT_EQ(0, link_get("t0", &self->link));
	ASSERT_EQ(1500 - variant->overhead, self->t0.mtu);
	ASSERT_EQ(0u, self->t0.loop.ifindex);
}

FIXTURE_TEARDOWN(state)
{
	nl_close(&self->nl);
	nl_close(&self->events);
}

/* Change a route to one address of the family under test. */
#define ROUTE(what, addr, rest)                                                \
	ASSERT_EQ(0, run_ip("-%d route " what " %s/%d " rest, variant->family, \
			    addr, variant->bits))

/* What does not happen by itself, and errors. */
static int changes_made(const struct heard *heard)
{
	return heard->made + heard->deleted + heard->other;
}

/* So many states changed, and nothing else did. */
#define EXPECT_STATES(count)                                \
	do {                                                \
		self->heard = hear(&self->events, SILENCE); \
		EXPECT_EQ(count, self->heard.state);        \
		EXPECT_EQ(0, self->heard.set);              \
		EXPECT_EQ(0, changes_made(&self->heard));   \
	} while (0)

/* The MTU of a tunnel changed last, and no state did. */
static void expect_followed(struct __test_metadata *_metadata, struct nl *nl,
			    const struct heard *heard, const char *ifname,
			    uint32_t mtu)
{
	struct tunnel now;

	EXPECT_EQ(0, heard->state);
	EXPECT_LE(1, heard->set);
	EXPECT_EQ(0, changes_made(heard));
	EXPECT_STREQ(ifname, heard->last.ifname);
	EXPECT_EQ(mtu, heard->last.mtu);
	EXPECT_EQ(0, nl_get(nl, ifname, &now));
	EXPECT_EQ(mtu, now.mtu)
	{
		TH_LOG("MTU of %s", ifname);
	}
	EXPECT_EQ(0u, now.value[A(MTU)]);
}

#define EXPECT_FOLLOWED(ifname, mtu)                                              \
	do {                                                                      \
		self->heard = hear(&self->events, SILENCE);                       \
		expect_followed(_metadata, &self->nl, &self->heard, ifname, mtu); \
	} while (0)

static void expect_loop(struct __test_metadata *_metadata, struct nl *nl,
			const char *ifname, const char *dev, const char *dst,
			int prefixlen, uint32_t table)
{
	struct tunnel now;

	EXPECT_EQ(0, nl_get(nl, ifname, &now));
	EXPECT_EQ(if_nametoindex(dev), now.loop.ifindex);
	EXPECT_STREQ(dev, now.loop.ifname);
	EXPECT_STREQ(dst, now.loop.dst);
	EXPECT_EQ(prefixlen, now.loop.prefixlen);
	EXPECT_EQ(table, now.loop.table);
	EXPECT_EQ(now.flags & IFF_UP && now.loop.ifindex,
		  now.reason == GRETUN_DOWN_REASON_LOOP);
}

/* But for a loop nothing of t0 and its device is other than at first. */
static void expect_steady(struct __test_metadata *_metadata, struct nl *nl,
			  const struct tunnel *t0, const struct link *before)
{
	struct tunnel now;
	struct link link;

	EXPECT_EQ(0, nl_get(nl, "t0", &now));
	now.loop = t0->loop;
	now.reason = t0->reason;
	EXPECT_EQ(0, memcmp(t0, &now, sizeof(now)));
	EXPECT_EQ(0, link_get("t0", &link));
	EXPECT_EQ(before->carrier_changes, link.carrier_changes);
	EXPECT_EQ(before->flags, link.flags);
	EXPECT_EQ(before->mtu, link.mtu);
}

#define EXPECT_LOOP(ifname, dev, dst, prefixlen, table) \
	expect_loop(_metadata, &self->nl, ifname, dev, dst, prefixlen, table)
#define EXPECT_NO_LOOP(ifname) EXPECT_LOOP(ifname, "", "", 0, 0)
#define EXPECT_STEADY() \
	expect_steady(_metadata, &self->nl, &self->t0, &self->link)

TEST_F(state, direct)
{
	ROUTE("add", variant->remote, "dev t0");
	EXPECT_STATES(1);
	EXPECT_LOOP("t0", "t0", variant->remote, variant->bits, RT_TABLE_MAIN);
	EXPECT_STEADY();
	/* The event says of the tunnel what a request says of it. */
	EXPECT_EQ(0, nl_get(&self->nl, "t0", &self->now));
	EXPECT_EQ(0, memcmp(&self->now, &self->heard.last, sizeof(self->now)));

	ROUTE("del", variant->remote, "dev t0");
	EXPECT_STATES(1);
	EXPECT_NO_LOOP("t0");
	EXPECT_STEADY();
	EXPECT_EQ(0, memcmp(&self->t0, &self->heard.last, sizeof(self->t0)));
}

/* Packets that run into the loop change nothing. */
TEST_F(state, with_packets)
{
	union {
		struct sockaddr any;
		struct sockaddr_in in;
		struct sockaddr_in6 in6;
	} to = {};
	int fd, i;

	ROUTE("add", variant->remote, "dev t0");
	EXPECT_STATES(1);
	if (variant->family == 6) {
		to.in6.sin6_family = AF_INET6;
		to.in6.sin6_port = htons(9);
		inet_pton(AF_INET6, variant->remote, &to.in6.sin6_addr);
	} else {
		to.in.sin_family = AF_INET;
		to.in.sin_port = htons(9);
		inet_pton(AF_INET, variant->remote, &to.in.sin_addr);
	}
	fd = socket(to.any.sa_family, SOCK_DGRAM, 0);
	ASSERT_LE(0, fd);
	for (i = 0; i < 200; i++)
		sendto(fd, "", 1, 0, &to.any, sizeof(to));
	close(fd);
	EXPECT_STATES(0);
	EXPECT_LOOP("t0", "t0", variant->remote, variant->bits, RT_TABLE_MAIN);
	EXPECT_STEADY();
}

/* A route that covers the remote address once a better one is gone. */
TEST_F(state, default_route)
{
	const char *net = variant->family == 6 ? "2001:db8:1::/64" :
						 "198.51.100.0/24";

	ASSERT_EQ(0, run_ip("-%d route add default dev t0", variant->family));
	EXPECT_STATES(0);
	ASSERT_EQ(0, run_ip("-%d route del %s dev d0", variant->family, net));
	EXPECT_STATES(1);
	EXPECT_LOOP("t0", "t0", variant->any, 0, RT_TABLE_MAIN);
	EXPECT_STEADY();
	ASSERT_EQ(0, run_ip("-%d route add %s dev d0", variant->family, net));
	EXPECT_STATES(1);
	EXPECT_NO_LOOP("t0");
	EXPECT_STEADY();
}

/* A table that only the packets of the tunnel look into. */
TEST_F(state, another_table)
{
	struct tunnel step = tunnel_named("t0");

	tunnel_set(&step, A(FWMARK), 7);
	ASSERT_EQ(0, change(&self->nl, &step));
	hear(&self->events, SILENCE);
	ASSERT_EQ(0, nl_get(&self->nl, "t0", &self->t0));
	ROUTE("add", variant->remote, "dev t0 table 4711");
	EXPECT_STATES(0);
	ASSERT_EQ(0, run_ip("-%d rule add fwmark 7 lookup 4711", variant->family));
	/* A rule is no change of a route; the next one shows it. */
	ROUTE("change", variant->remote, "dev t0 table 4711 mtu 1400");
	EXPECT_STATES(1);
	EXPECT_LOOP("t0", "t0", variant->remote, variant->bits, 4711);
	EXPECT_STEADY();
	ROUTE("del", variant->remote, "dev t0 table 4711");
	EXPECT_STATES(1);
	EXPECT_NO_LOOP("t0");
}

/* A tunnel that is bound to a device does not take the route. */
TEST_F(state, bound)
{
	struct tunnel step = tunnel_named("t0");

	tunnel_set(&step, A(LINK), if_nametoindex("d0"));
	ASSERT_EQ(0, change(&self->nl, &step));
	hear(&self->events, SILENCE);
	ASSERT_EQ(0, nl_get(&self->nl, "t0", &self->t0));
	ROUTE("add", variant->remote, "dev t0");
	EXPECT_STATES(0);
	EXPECT_NO_LOOP("t0");
	/* A change of the tunnel itself shows at once. */
	tunnel_set(&step, A(LINK), 0);
	ASSERT_EQ(0, change(&self->nl, &step));
	EXPECT_LOOP("t0", "t0", variant->remote, variant->bits, RT_TABLE_MAIN);
	tunnel_set(&step, A(LINK), if_nametoindex("d0"));
	ASSERT_EQ(0, change(&self->nl, &step));
	EXPECT_NO_LOOP("t0");
	EXPECT_STEADY();
}

TEST_F(state, through_a_second_tunnel)
{
	uint32_t mtu = self->t0.mtu - variant->overhead;
	char remote[INET6_ADDRSTRLEN];

	snprintf(remote, sizeof(remote), variant->format, 2);
	ASSERT_EQ(0, add_tunnel(&self->nl, 1, variant->local, remote));
	hear(&self->events, SILENCE);

	/* One tunnel inside the other is no loop. */
	ROUTE("add", variant->remote, "dev t1");
	EXPECT_FOLLOWED("t0", mtu);
	EXPECT_NO_LOOP("t0");
	ASSERT_EQ(0, nl_get(&self->nl, "t0", &self->t0));
	ASSERT_EQ(0, link_get("t0", &self->link));

	/* Each inside the other is one of both. */
	ROUTE("add", remote, "dev t0");
	EXPECT_STATES(2);
	EXPECT_LOOP("t0", "t1", variant->remote, variant->bits, RT_TABLE_MAIN);
	EXPECT_LOOP("t1", "t0", remote, variant->bits, RT_TABLE_MAIN);
	EXPECT_STEADY();
	EXPECT_STATES(0);

	ROUTE("del", remote, "dev t0");
	EXPECT_STATES(2);
	EXPECT_NO_LOOP("t0");
	EXPECT_NO_LOOP("t1");
	EXPECT_STEADY();
	ROUTE("del", variant->remote, "dev t1");
	EXPECT_FOLLOWED("t0", 1500 - variant->overhead);
}

/* With the tunnel that the route leads through goes the loop. */
TEST_F(state, second_tunnel_goes)
{
	struct tunnel second = tunnel_named("t1");
	char remote[INET6_ADDRSTRLEN];

	snprintf(remote, sizeof(remote), variant->format, 2);
	ASSERT_EQ(0, add_tunnel(&self->nl, 1, variant->local, remote));
	ROUTE("add", remote, "dev t0");
	ROUTE("add", variant->remote, "dev t1");
	hear(&self->events, SILENCE);
	EXPECT_LOOP("t0", "t1", variant->remote, variant->bits, RT_TABLE_MAIN);

	ASSERT_EQ(0, destroy(&self->nl, &second));
	self->heard = hear(&self->events, SILENCE);
	EXPECT_EQ(1, self->heard.state);
	EXPECT_EQ(1, self->heard.deleted);
	EXPECT_NO_LOOP("t0");
	EXPECT_STEADY();
}

/* With the device go the routes through it. */
TEST_F(state, down)
{
	ROUTE("add", variant->remote, "dev t0");
	EXPECT_STATES(1);
	ASSERT_EQ(0, link_set_up("t0", false));
	hear(&self->events, SILENCE);
	EXPECT_NO_LOOP("t0");
	ASSERT_EQ(0, link_set_up("t0", true));
	hear(&self->events, SILENCE);
	EXPECT_NO_LOOP("t0");
}

/* Tunnels inside one another without end are no different from a loop. */
TEST_F(state, depth)
{
	char remote[INET6_ADDRSTRLEN];
	char name[8];
	int i;

	for (i = DEPTH; i > 0; i--) {
		snprintf(remote, sizeof(remote), variant->format, i);
		ASSERT_EQ(0, add_tunnel(&self->nl, i, variant->local, remote));
		if (i < DEPTH)
			ASSERT_EQ(0, run_ip("-%d route add %s/%d dev t%d", variant->family,
					    remote, variant->bits, i + 1));
	}
	hear(&self->events, SILENCE);
	for (i = 1; i <= DEPTH; i++) {
		snprintf(name, sizeof(name), "t%d", i);
		EXPECT_NO_LOOP(name);
	}
	ROUTE("add", variant->remote, "dev t1");
	EXPECT_STATES(1);
	EXPECT_LOOP("t0", "t1", variant->remote, variant->bits, RT_TABLE_MAIN);
	ROUTE("change", variant->remote, "dev t2");
	hear(&self->events, SILENCE);
	EXPECT_NO_LOOP("t0");
}

/* Many changes make few events, and the last of them counts. */
TEST_F_TIMEOUT(state, many_changes, 60)
{
	int i;

	for (i = 0; i < 20; i++) {
		ROUTE("add", variant->remote, "dev t0");
		ROUTE("del", variant->remote, "dev t0");
	}
	ROUTE("add", variant->remote, "dev t0");
	self->heard = hear(&self->events, SILENCE);
	EXPECT_EQ(1, self->heard.state % 2);
	EXPECT_EQ(0, self->heard.set);
	EXPECT_EQ(0, changes_made(&self->heard));
	EXPECT_LOOP("t0", "t0", variant->remote, variant->bits, RT_TABLE_MAIN);
	EXPECT_STEADY();
}

TEST_F(state, mtu_follows_link)
{
	ASSERT_EQ(0, link_set_mtu("d0", 1400));
	EXPECT_FOLLOWED("t0", 1400 - variant->overhead);
	ASSERT_EQ(0, link_set_mtu("d0", 9000));
	EXPECT_FOLLOWED("t0", 9000 - variant->overhead);
	/* That of another one is none of its business. */
	ASSERT_EQ(0, link_set_mtu("d1", 1300));
	EXPECT_STATES(0);
}

TEST_F(state, mtu_follows_route)
{
	ROUTE("add", variant->remote, "dev d0 mtu 1300");
	EXPECT_FOLLOWED("t0", 1300 - variant->overhead);
	ROUTE("change", variant->remote, "dev d0 mtu 1350");
	EXPECT_FOLLOWED("t0", 1350 - variant->overhead);
	ROUTE("change", variant->remote, "dev d1");
	EXPECT_FOLLOWED("t0", 9000 - variant->overhead);
	ROUTE("del", variant->remote, "dev d1");
	EXPECT_FOLLOWED("t0", 1500 - variant->overhead);
	EXPECT_STEADY();
}

/* An MTU that was set stays, and follows from when it is automatic again. */
TEST_F(state, mtu_set)
{
	struct tunnel step = tunnel_named("t0"), now;

	tunnel_set(&step, A(MTU), 1200);
	ASSERT_EQ(0, change(&self->nl, &step));
	hear(&self->events, SILENCE);
	ROUTE("add", variant->remote, "dev d0 mtu 1300");
	ASSERT_EQ(0, link_set_mtu("d0", 1400));
	EXPECT_STATES(0);
	EXPECT_EQ(0, nl_get(&self->nl, "t0", &now));
	EXPECT_EQ(1200u, now.mtu);

	tunnel_set(&step, A(MTU), 0);
	ASSERT_EQ(0, change(&self->nl, &step));
	EXPECT_EQ(0, nl_get(&self->nl, "t0", &now));
	EXPECT_EQ(1300 - variant->overhead, now.mtu);
	hear(&self->events, SILENCE);
	ROUTE("del", variant->remote, "dev d0");
	EXPECT_FOLLOWED("t0", 1400 - variant->overhead);
}

/* Through a tunnel, the MTU follows that tunnel's, which follows its link's. */
TEST_F(state, mtu_follows_tunnel)
{
	char remote[INET6_ADDRSTRLEN];
	struct tunnel now;

	snprintf(remote, sizeof(remote), variant->format, 2);
	ASSERT_EQ(0, add_tunnel(&self->nl, 1, variant->local, remote));
	ROUTE("add", variant->remote, "dev t1");
	hear(&self->events, SILENCE);
	ASSERT_EQ(0, link_set_mtu("d0", 1400));
	EXPECT_FOLLOWED("t0", 1400 - 2 * variant->overhead);
	EXPECT_EQ(0, nl_get(&self->nl, "t1", &now));
	EXPECT_EQ(1400 - variant->overhead, now.mtu);
}

TEST_HARNESS_MAIN
