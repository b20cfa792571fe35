// SPDX-License-Identifier: GPL-2.0
/*
 * Tunnels whose local address is that of a device: what they read like, and what
 * becomes of them when the address and the device come and go. That packets get
 * through is for local_dev.sh.
 *
 * Topology: a netns with the dummy d0, and the tunnel t0 that follows it.
 */
#include <arpa/inet.h>
#include <fcntl.h>
#include <sched.h>
#include <unistd.h>

#include "events.h"
#include "link.h"
#include "refusal.h"
#include "reads.h"

/* From linux/if.h, which does not go with net/if.h. */
#define IFF_LOWER_UP BIT(16)

#define IF_OPER_LOWERLAYERDOWN 3

/*
 * Milliseconds: in which what changes by itself is known to have done so, in
 * which it is known that nothing does, and after which there are no events.
 */
#define SOON 5000
#define SILENCE 700
#define DRAIN 50

FIXTURE(local)
{
	struct nl nl, events;
	struct tunnel t0, step, now;
	struct link link;
	struct heard heard;
};

FIXTURE_VARIANT(local)
{
	const char *remote, *first, *second, *third;
	int bits; /* of the prefixes that they are in */
	uint32_t overhead;
	uint16_t type; /* of the attribute of the local address */
};

/* clang-format off */
FIXTURE_VARIANT_ADD(local, ipv4) {
	.remote = "198.51.100.2", .first = "192.0.2.1", .second = "192.0.2.129",
	.third = "203.0.113.1", .bits = 25, .overhead = OVERHEAD4,
	.type = A(LOCAL_IPV4),
};

FIXTURE_VARIANT_ADD(local, ipv6) {
	.remote = "2001:db8:1::2", .first = "2001:db8::1",
	.second = "2001:db8:2::1", .third = "2001:db8:3::1", .bits = 64,
	.overhead = OVERHEAD6, .type = A(LOCAL_IPV6),
};

/* clang-format on */

/* Change an address of a device. */
static int change_address(const char *what, const char *addr, int bits,
			  const char *rest)
{
	return run_ip("address %s %s/%d %s%s", what, addr, bits, rest,
		      strchr(addr, ':') && strcmp(what, "del") ? " nodad" : "");
}

#define ADDRESS(what, addr, rest) \
	ASSERT_EQ(0, change_address(what, addr, variant->bits, rest))

static struct tunnel follower(const char *ifname, const char *remote,
			      const char *dev)
{
	struct tunnel tunnel = tunnel_new(ifname, "0.0.0.0", remote);

	tunnel_set_local_dev(&tunnel, dev);
	tunnel_set(&tunnel, A(UP), 1);
	return tunnel;
}

FIXTURE_SETUP(local)
{
	struct tunnel t0 = follower("t0", variant->remote, "d0");

	ASSERT_EQ(0, unshare(CLONE_NEWNET));
	ASSERT_EQ(0, nl_open(&self->nl));
	ASSERT_EQ(0, run_ip("link add d0 up mtu 1400 type dummy"));
	ADDRESS("add", variant->first, "dev d0");
	ASSERT_EQ(0, run_ip("route add %s dev d0", variant->remote));
	ASSERT_EQ(0, create(&self->nl, &t0));
	ASSERT_EQ(0, nl_get(&self->nl, "t0", &self->t0));
	ASSERT_EQ(1400 - variant->overhead, self->t0.mtu);
	self->step = tunnel_named("t0");
	ASSERT_EQ(0, listen_to(&self->events));
}

FIXTURE_TEARDOWN(local)
{
	nl_close(&self->nl);
	nl_close(&self->events);
}

static void local_text(const struct tunnel *tunnel, char *buf)
{
	if (tunnel->present & BIT(A(LOCAL_IPV6)))
		inet_ntop(AF_INET6, &tunnel->local6, buf, INET6_ADDRSTRLEN);
	else
		inet_ntop(AF_INET, &tunnel->value[A(LOCAL_IPV4)], buf,
			  INET6_ADDRSTRLEN);
}

/* A tunnel comes to have the address, NULL for none, and all agrees on that. */
static void expect_local(struct __test_metadata *_metadata, struct nl *nl,
			 const char *ifname, const char *addr, uint8_t reason,
			 struct tunnel *now)
{
	bool up = reason == GRETUN_DOWN_REASON_NONE;
	char text[INET6_ADDRSTRLEN];
	int i;

	for (i = 0; i < SOON / 10; i++) {
		ASSERT_EQ(0, nl_get(nl, ifname, now));
		local_text(now, text);
		if (!addr)
			addr = now->present & BIT(A(LOCAL_IPV6)) ? "::" : "0.0.0.0";
		if (!strcmp(addr, text) && now->reason == reason)
			break;
		usleep(10000);
	}
	EXPECT_STREQ(addr, text);
	EXPECT_EQ(reason, now->reason);
	EXPECT_EQ(up, !!(now->flags & IFF_LOWER_UP));
	EXPECT_EQ(up, !!(now->flags & IFF_RUNNING));
	/* What the kernel calls it without the device that it is bound to. */
	if (now->operstate == IF_OPER_LOWERLAYERDOWN)
		now->operstate = IF_OPER_DOWN;
	EXPECT_EQ(up, now->operstate != IF_OPER_DOWN);
}

#define EXPECT_LOCAL(ifname, addr)                                                \
	expect_local(_metadata, &self->nl, ifname, addr, GRETUN_DOWN_REASON_NONE, \
		     &self->now)
#define EXPECT_NONE(ifname, reason)                      \
	expect_local(_metadata, &self->nl, ifname, NULL, \
		     GRETUN_DOWN_REASON_##reason, &self->now)

/* So many states change; the last event is that of the last one. */
static struct heard hear_states(struct nl *nl, int count)
{
	struct pollfd fd = { .fd = mnl_socket_get_fd(nl->sock), .events = POLLIN };
	struct heard heard = {}, some;
	int state = 0, i;

	if (!count)
		return hear(nl, SILENCE);
	for (i = 0; i < SOON / 100 && state < count; i++) {
		poll(&fd, 1, 100);
		some = hear(nl, 0);
		if (some.state)
			heard = some;
		state += some.state;
	}
	some = hear(nl, DRAIN);
	heard.state = state + some.state;
	return heard;
}

static void expect_states(struct __test_metadata *_metadata, struct nl *nl,
			  int count, struct heard *heard)
{
	*heard = hear_states(nl, count);
	EXPECT_EQ(count, heard->state);
}

#define EXPECT_STATES(count) \
	expect_states(_metadata, &self->events, count, &self->heard)

TEST_F(local, reads_back)
{
	EXPECT_LOCAL("t0", variant->first);
	EXPECT_STREQ("d0", self->t0.local_dev);
	EXPECT_TRUE(self->t0.present & BIT(variant->type));

	/* An address takes the place of the device, and the other way round. */
	tunnel_set_local(&self->step, variant->second);
	ASSERT_EQ(0, change(&self->nl, &self->step));
	EXPECT_LOCAL("t0", variant->second);
	EXPECT_FALSE(self->now.present & BIT(A(LOCAL_DEV)));
	ADDRESS("del", variant->first, "dev d0");
	EXPECT_STATES(0);
	EXPECT_LOCAL("t0", variant->second);
	tunnel_set_local_dev(&self->step, "d0");
	ASSERT_EQ(0, change(&self->nl, &self->step));
	EXPECT_NONE("t0", NO_LOCAL);
	EXPECT_STREQ("d0", self->now.local_dev);
	ADDRESS("add", variant->first, "dev d0");
	EXPECT_STATES(1);
	EXPECT_LOCAL("t0", variant->first);
	/* All is as it was, but for the flags of the device. */
	EXPECT_EQ(self->t0.present, self->now.present);
	EXPECT_EQ(0, memcmp(self->t0.value, self->now.value, sizeof(self->now.value)));
}

TEST_F(local, comes_and_goes)
{
	ADDRESS("del", variant->first, "dev d0");
	EXPECT_STATES(1);
	EXPECT_EQ(GRETUN_DOWN_REASON_NO_LOCAL, self->heard.last.reason);
	EXPECT_NONE("t0", NO_LOCAL);
	EXPECT_EQ(self->t0.mtu, self->now.mtu);
	/* What else is set leaves it waiting. */
	tunnel_set(&self->step, A(TTL), 9);
	ASSERT_EQ(0, change(&self->nl, &self->step));
	EXPECT_NONE("t0", NO_LOCAL);
	hear(&self->events, DRAIN);

	ADDRESS("add", variant->second, "dev d0");
	EXPECT_STATES(1);
	EXPECT_LOCAL("t0", variant->second);
	EXPECT_EQ(9u, self->now.value[A(TTL)]);
	EXPECT_EQ(self->t0.value[A(IFINDEX)], self->now.value[A(IFINDEX)]);
	ASSERT_EQ(0, link_get("t0", &self->link));
	EXPECT_EQ(2u, self->link.carrier_changes);
}

/* One more address is none of its business; nothing but the address changes. */
TEST_F(local, many_addresses)
{
	ADDRESS("add", variant->second, "dev d0");
	ADDRESS("add", variant->third, "dev d0");
	EXPECT_STATES(0);
	EXPECT_LOCAL("t0", variant->first);
	ADDRESS("del", variant->first, "dev d0");
	EXPECT_STATES(1);
	EXPECT_NE(GRETUN_DOWN_REASON_NO_LOCAL, self->heard.last.reason);
	EXPECT_EQ(0, nl_get(&self->nl, "t0", &self->now));
	EXPECT_EQ(GRETUN_DOWN_REASON_NONE, self->now.reason);
	ASSERT_EQ(0, link_get("t0", &self->link));
	EXPECT_EQ(0u, self->link.carrier_changes);
	/* That of another device is not its own. */
	ADDRESS("add", variant->first, "dev lo");
	EXPECT_STATES(0);
}

/* An address that only neighbours can use, or that is the peer's, is none. */
TEST_F(local, not_this_one)
{
	bool ipv6 = variant->type == A(LOCAL_IPV6);

	ADDRESS("del", variant->first, "dev d0");
	EXPECT_STATES(1);
	ADDRESS("add", ipv6 ? "fe80::7" : variant->second, "dev d0 scope link");
	ADDRESS("add", variant->remote, "dev d0");
	EXPECT_STATES(0);
	EXPECT_NONE("t0", NO_LOCAL);
	ADDRESS("add", variant->third, "dev d0");
	EXPECT_STATES(1);
	EXPECT_LOCAL("t0", variant->third);
}

/* What IPv6 alone has. */
TEST_F(local, only_ipv6)
{
	struct tunnel t1 = follower("t1", "fe80::2", "d0");

	if (variant->type != A(LOCAL_IPV6))
		return;
	/* A peer on the link is sent to from an address that is on it, too. */
	tunnel_set(&t1, A(LINK), if_nametoindex("d0"));
	ASSERT_EQ(0, change_address("add", "fe80::7", 64, "dev d0"));
	ASSERT_EQ(0, run_ip("address flush dev d0 scope link"));
	ASSERT_EQ(0, change_address("add", "fe80::8", 64, "dev d0"));
	ASSERT_EQ(0, create(&self->nl, &t1));
	EXPECT_LOCAL("t1", "fe80::8");

	/* One that is on its way out stays until there is another. */
	ADDRESS("change", variant->first, "dev d0 preferred_lft 0");
	ADDRESS("add", "2001:db8:9::9", "dev d0 preferred_lft 0");
	EXPECT_LOCAL("t0", variant->first);
	ADDRESS("add", variant->second, "dev d0");
	EXPECT_LOCAL("t0", variant->second);
	/* And it stays when the first one is as good again. */
	hear(&self->events, DRAIN);
	ADDRESS("change", variant->first, "dev d0 preferred_lft forever");
	ADDRESS("add", "2001:db8:9::8", "dev lo");
	EXPECT_STATES(0);
	/* One that somebody else may have is not used yet. */
	ASSERT_EQ(0, run_ip("link add v0 type veth peer name v1"));
	ASSERT_EQ(0, run_ip("link set v0 up"));
	ASSERT_EQ(0, run_ip("address add %s/64 dev v0", variant->third));
	tunnel_set_local_dev(&self->step, "v0");
	ASSERT_EQ(0, change(&self->nl, &self->step));
	EXPECT_NONE("t0", NO_LOCAL);
	ASSERT_EQ(0, run_ip("link set v1 up"));
	EXPECT_LOCAL("t0", variant->third);
}

TEST_F(local, device_down)
{
	ASSERT_EQ(0, run_ip("link set d0 down"));
	EXPECT_STATES(1);
	EXPECT_NONE("t0", NO_LOCAL);
	ASSERT_EQ(0, run_ip("link set d0 up"));
	/* IPv6 addresses go with it. */
	if (variant->type == A(LOCAL_IPV6))
		ADDRESS("add", variant->first, "dev d0");
	EXPECT_STATES(1);
	EXPECT_LOCAL("t0", variant->first);
}

/* The name counts. Who is bound to the device is bound to the next one of it. */
TEST_F(local, another_device)
{
	uint32_t ifindex = if_nametoindex("d0");

	tunnel_set(&self->step, A(LINK), ifindex);
	ASSERT_EQ(0, change(&self->nl, &self->step));
	ASSERT_EQ(0, run_ip("link del d0"));
	EXPECT_NONE("t0", NO_LOCAL);
	EXPECT_STREQ("d0", self->now.local_dev);
	EXPECT_EQ(ifindex, self->now.value[A(LINK)]);
	ASSERT_EQ(0, run_ip("link add d0 up type dummy"));
	ADDRESS("add", variant->second, "dev d0");
	EXPECT_LOCAL("t0", variant->second);
	EXPECT_NE(ifindex, if_nametoindex("d0"));
	EXPECT_EQ(if_nametoindex("d0"), self->now.value[A(LINK)]);
	EXPECT_EQ(self->t0.value[A(IFINDEX)], self->now.value[A(IFINDEX)]);
}

TEST_F(local, another_name)
{
	/* Newer kernels rename a device that is up; nothing else changes then. */
	EXPECT_STATES(0);
	if (!link_rename("d0", "d1")) {
		EXPECT_NONE("t0", NO_LOCAL);
		ASSERT_EQ(0, link_rename("d1", "d0"));
		EXPECT_LOCAL("t0", variant->first);
	}
	ASSERT_EQ(0, run_ip("link set d0 down"));
	ASSERT_EQ(0, link_rename("d0", "d1"));
	ASSERT_EQ(0, run_ip("link set d1 up"));
	if (variant->type == A(LOCAL_IPV6))
		ADDRESS("add", variant->first, "dev d1");
	EXPECT_NONE("t0", NO_LOCAL);
	ASSERT_EQ(0, run_ip("link set d1 down"));
	ASSERT_EQ(0, link_rename("d1", "d0"));
	ASSERT_EQ(0, run_ip("link set d0 up"));
	if (variant->type == A(LOCAL_IPV6))
		ADDRESS("add", variant->first, "dev d0");
	EXPECT_LOCAL("t0", variant->first);
	/* One that is not there yet can be followed, too. */
	tunnel_set_local_dev(&self->step, "ppp0");
	ASSERT_EQ(0, change(&self->nl, &self->step));
	EXPECT_NONE("t0", NO_LOCAL);
	hear(&self->events, DRAIN);
	ASSERT_EQ(0, run_ip("link add ppp0 up type dummy"));
	EXPECT_STATES(0);
	ADDRESS("add", variant->third, "dev ppp0");
	EXPECT_STATES(1);
	EXPECT_LOCAL("t0", variant->third);
}

/* The device is that of the netns of the outer packets, in which it is known. */
TEST_F(local, another_netns)
{
	int outside = open("/proc/self/ns/net", O_RDONLY), inside;
	static struct nl there;

	ASSERT_EQ(0, unshare(CLONE_NEWNET));
	inside = open("/proc/self/ns/net", O_RDONLY);
	ASSERT_EQ(0, nl_open(&there));
	ASSERT_EQ(0, run_ip("link add d0 up type dummy"));
	ADDRESS("add", variant->third, "dev d0");
	ASSERT_EQ(0, setns(outside, CLONE_NEWNET));
	ASSERT_EQ(0, link_move("t0", inside));
	ADDRESS("add", variant->second, "dev d0");
	ADDRESS("del", variant->first, "dev d0");
	expect_local(_metadata, &there, "t0", variant->second,
		     GRETUN_DOWN_REASON_ADMIN, &self->now);
	EXPECT_STREQ("d0", self->now.local_dev);
	nl_close(&there);
	close(inside);
	close(outside);
}

/* Two that would be the same: the second waits for the first to go. */
TEST_F(local, rivals)
{
	struct tunnel t1 = follower("t1", variant->remote, "d0");
	struct tunnel t0 = tunnel_named("t0");

	EXPECT_EQ(EEXIST, create(&self->nl, &t1));
	EXPECT_STRNE("", self->nl.text);
	ADDRESS("del", variant->first, "dev d0");
	hear(&self->events, DRAIN);
	ASSERT_EQ(0, create(&self->nl, &t1));
	EXPECT_NONE("t1", NO_LOCAL);
	hear(&self->events, DRAIN);
	ADDRESS("add", variant->first, "dev d0");
	EXPECT_STATES(2);
	EXPECT_LOCAL("t0", variant->first);
	EXPECT_NONE("t1", RIVAL);

	/* It can be changed, but not into what it waits for. */
	self->step = tunnel_named("t1");
	tunnel_set(&self->step, A(TTL), 9);
	ASSERT_EQ(0, change(&self->nl, &self->step));
	EXPECT_NONE("t1", RIVAL);
	tunnel_set_remote(&self->step, variant->remote);
	EXPECT_EQ(EEXIST, change(&self->nl, &self->step));

	/* Another address changes nothing of that. */
	hear(&self->events, DRAIN);
	ADDRESS("add", variant->second, "dev d0");
	ADDRESS("del", variant->first, "dev d0");
	EXPECT_LOCAL("t0", variant->second);
	EXPECT_NONE("t1", RIVAL);

	/* A key makes way, and so does its end. */
	hear(&self->events, DRAIN);
	tunnel_set(&t0, A(IKEY), 7);
	ASSERT_EQ(0, change(&self->nl, &t0));
	EXPECT_STATES(1);
	EXPECT_LOCAL("t1", variant->second);
	tunnel_set(&t0, A(IKEY), 0);
	ASSERT_EQ(0, change(&self->nl, &t0));
	self->step = tunnel_named("t1");
	tunnel_set(&self->step, A(IKEY), 0);
	EXPECT_EQ(EEXIST, change(&self->nl, &self->step));
	t0 = tunnel_named("t0");
	ASSERT_EQ(0, destroy(&self->nl, &t0));
	ASSERT_EQ(0, change(&self->nl, &self->step));
	EXPECT_LOCAL("t1", variant->second);
}

/* One with an address of its own is not disturbed, and not waited for in vain. */
TEST_F(local, rival_of_another_kind)
{
	struct tunnel t1 = tunnel_new("t1", variant->second, variant->remote);

	tunnel_set(&t1, A(UP), 1);
	ASSERT_EQ(0, create(&self->nl, &t1));
	ADDRESS("add", variant->second, "dev d0");
	ADDRESS("del", variant->first, "dev d0");
	EXPECT_NONE("t0", RIVAL);
	EXPECT_LOCAL("t1", variant->second);
	hear(&self->events, DRAIN);
	t1 = tunnel_named("t1");
	ASSERT_EQ(0, destroy(&self->nl, &t1));
	EXPECT_STATES(1);
	EXPECT_LOCAL("t0", variant->second);
}

/* Keepalive does not ask from nowhere, and begins anew with each address. */
TEST_F(local, keepalive)
{
	tunnel_set(&self->step, A(KEEPALIVE_PERIOD), 10);
	ASSERT_EQ(0, change(&self->nl, &self->step));
	EXPECT_LOCAL("t0", variant->first);
	EXPECT_TRUE(self->now.keepalive.present);
	ADDRESS("del", variant->first, "dev d0");
	EXPECT_NONE("t0", NO_LOCAL);
	EXPECT_EQ(0u, self->now.keepalive.present);
	tunnel_set(&self->step, A(KEEPALIVE_PERIOD), 9);
	ASSERT_EQ(0, change(&self->nl, &self->step));
	EXPECT_NONE("t0", NO_LOCAL);
	EXPECT_EQ(0u, self->now.keepalive.present);
	ASSERT_EQ(0, link_set_up("t0", false));
	ASSERT_EQ(0, link_set_up("t0", true));
	EXPECT_NONE("t0", NO_LOCAL);
	EXPECT_EQ(0u, self->now.keepalive.present);
	ADDRESS("add", variant->second, "dev d0");
	EXPECT_LOCAL("t0", variant->second);
	EXPECT_TRUE(self->now.keepalive.present);
}

FIXTURE(refused)
{
	struct nl nl;
	struct tunnel t0;
	struct nlattr *attr, *nest;
};

FIXTURE_SETUP(refused)
{
	setup(_metadata, &self->nl, &self->t0);
}

FIXTURE_TEARDOWN(refused)
{
	nl_close(&self->nl);
}

/* Put local-dev at the end of the nest, and end it. */
#define PUT_LOCAL_DEV(name)                                                       \
	do {                                                                      \
		self->attr = nl_put(&self->nl, A(LOCAL_DEV), name, sizeof(name)); \
		mnl_attr_nest_end(self->nl.msg, self->nest);                      \
	} while (0)

TEST_F(refused, not_a_name)
{
	size_t i;

	for (i = 0; i < 2; i++) {
		self->nest = begin(&self->nl, commands[i], A(LOCAL_IPV4));
		PUT_LOCAL_DEV("a/b");
		EXPECT_REFUSED(EINVAL, self->attr);
		self->nest = begin(&self->nl, commands[i], A(LOCAL_IPV4));
		PUT_LOCAL_DEV("");
		EXPECT_REFUSED(EINVAL, self->attr);
		self->nest = begin(&self->nl, commands[i], A(LOCAL_IPV4));
		PUT_LOCAL_DEV("sixteen-letters-");
		EXPECT_REFUSED(EINVAL, self->attr);
	}
}

TEST_F(refused, beside_an_address)
{
	self->nest = begin(&self->nl, GRETUN_CMD_TUNNEL_NEW, 0);
	PUT_LOCAL_DEV("d0");
	EXPECT_REFUSED(EINVAL, self->attr);
}

TEST_F(refused, external)
{
	self->nest = begin(&self->nl, GRETUN_CMD_TUNNEL_NEW, A(LOCAL_IPV4));
	mnl_attr_put_u8(self->nl.msg, A(EXTERNAL), 1);
	PUT_LOCAL_DEV("d0");
	EXPECT_EQ(EINVAL, nl_talk(&self->nl, NULL, NULL));
	EXPECT_STRNE("", self->nl.text);
}

TEST_HARNESS_MAIN
