// SPDX-License-Identifier: GPL-2.0
/*
 * Tunnels that take every peer, and external devices, over both families.
 *
 * Topology: an empty netns.
 */
#include <arpa/inet.h>
#include <sched.h>

#include "link.h"
#include "reads.h"

/* The longest GRE header is that much longer than the shortest. */
#define GRE_OPTIONS 12

FIXTURE(any)
{
	struct nl nl;
};

FIXTURE_VARIANT(any)
{
	const char *local, *remote, *another, *any;
	/* The same of the other family. */
	const char *foreign, *foreign_any;
	uint32_t overhead;
	uint16_t local_type, remote_type;
	const char *const *multicast;
};

static const char *const multicast4[] = { "224.0.0.1", "239.255.255.255", NULL };
static const char *const multicast6[] = { "ff00::", "ff02::1", "ff0e::101", NULL };

/* clang-format off */
FIXTURE_VARIANT_ADD(any, ipv4) {
	.local = "192.0.2.1", .remote = "192.0.2.2",
	.another = "192.0.2.3", .any = "0.0.0.0",
	.foreign = "2001:db8::1", .foreign_any = "::",
	.overhead = OVERHEAD4,
	.local_type = A(LOCAL_IPV4), .remote_type = A(REMOTE_IPV4),
	.multicast = multicast4,
};

FIXTURE_VARIANT_ADD(any, ipv6) {
	.local = "2001:db8::1", .remote = "2001:db8::2",
	.another = "2001:db8::3", .any = "::",
	.foreign = "192.0.2.1", .foreign_any = "0.0.0.0",
	.overhead = OVERHEAD6,
	.local_type = A(LOCAL_IPV6), .remote_type = A(REMOTE_IPV6),
	.multicast = multicast6,
};

/* clang-format on */

FIXTURE_SETUP(any)
{
	ASSERT_EQ(0, unshare(CLONE_NEWNET));
	ASSERT_EQ(0, nl_open(&self->nl));
}

FIXTURE_TEARDOWN(any)
{
	nl_close(&self->nl);
}

static struct tunnel external(const char *ifname, const char *local)
{
	struct tunnel tunnel = tunnel_named(ifname);

	tunnel_set(&tunnel, A(EXTERNAL), 1);
	if (local)
		tunnel_set_local(&tunnel, local);
	return tunnel;
}

TEST_F(any, reads_back)
{
	struct tunnel tunnel = tunnel_new("t0", variant->local, variant->any);
	struct tunnel keyed = tunnel_new("t1", variant->local, variant->any);
	struct tunnel is;

	ASSERT_EQ(0, create(&self->nl, &tunnel));
	expect_reads(_metadata, &self->nl, &tunnel);
	tunnel_set(&keyed, A(IKEY), 0);
	tunnel_set(&keyed, A(OKEY), 7);
	tunnel_set(&keyed, A(CSUM), 1);
	tunnel_set(&keyed, A(SEQ), 1);
	tunnel_set(&keyed, A(TOS), 4);
	tunnel_set(&keyed, A(MSS_CLAMP), 1);
	ASSERT_EQ(0, create(&self->nl, &keyed));
	expect_reads(_metadata, &self->nl, &keyed);

	/* Without a peer it has the MTU of the device that it is bound to. */
	ASSERT_EQ(0, run_ip("link add d0 mtu 1400 type dummy"));
	tunnel_set(&tunnel, A(LINK), if_nametoindex("d0"));
	EXPECT_EQ(0, change(&self->nl, &tunnel));
	EXPECT_EQ(0, nl_get(&self->nl, "t0", &is));
	EXPECT_EQ(1400 - variant->overhead, is.mtu);
}

/* It works like any other device. */
TEST_F(any, up)
{
	struct tunnel tunnel = tunnel_new("t0", variant->local, variant->any);
	struct tunnel is;

	tunnel_set(&tunnel, A(UP), 1);
	ASSERT_EQ(0, create(&self->nl, &tunnel));
	EXPECT_EQ(0, nl_get(&self->nl, "t0", &is));
	EXPECT_TRUE(is.flags & IFF_UP);
	EXPECT_TRUE(is.flags & IFF_RUNNING);
	EXPECT_EQ(0u, is.loop.ifindex);
}

/* There must be one to be alive. */
TEST_F(any, keepalive)
{
	struct tunnel tunnel = tunnel_new("t0", variant->local, variant->any);
	struct tunnel step = tunnel_named("t0");
	struct tunnel device = external("t1", NULL);

	tunnel_set(&tunnel, A(KEEPALIVE_PERIOD), 10);
	EXPECT_EQ(EINVAL, create(&self->nl, &tunnel));
	expect_named(_metadata, &self->nl, A(KEEPALIVE_PERIOD));
	tunnel_set_remote(&tunnel, variant->remote);
	ASSERT_EQ(0, create(&self->nl, &tunnel));
	tunnel_set_remote(&step, variant->any);
	EXPECT_EQ(EINVAL, change(&self->nl, &step));
	expect_named(_metadata, &self->nl, variant->remote_type);
	tunnel_set(&step, A(KEEPALIVE_PERIOD), 0);
	EXPECT_EQ(0, change(&self->nl, &step));
	tunnel_set(&step, A(KEEPALIVE_PERIOD), 10);
	EXPECT_EQ(EINVAL, change(&self->nl, &step));
	expect_named(_metadata, &self->nl, A(KEEPALIVE_PERIOD));

	tunnel_set(&device, A(KEEPALIVE_PERIOD), 10);
	EXPECT_EQ(EINVAL, create(&self->nl, &device));
	expect_named(_metadata, &self->nl, A(KEEPALIVE_PERIOD));
}

TEST_F(any, multicast)
{
	struct tunnel t0 = tunnel_new("t0", variant->local, variant->remote);
	const char *const *addr;
	struct tunnel tunnel;

	ASSERT_EQ(0, create(&self->nl, &t0));
	for (addr = variant->multicast; *addr; addr++) {
		tunnel = tunnel_new("t1", variant->local, *addr);
		EXPECT_EQ(EINVAL, create(&self->nl, &tunnel));
		expect_named(_metadata, &self->nl, variant->remote_type);
		EXPECT_NE(NULL, strstr(self->nl.text, "multicast"));
		strcpy(tunnel.ifname, "t0");
		EXPECT_EQ(EINVAL, change(&self->nl, &tunnel));
		expect_named(_metadata, &self->nl, variant->remote_type);
		expect_reads(_metadata, &self->nl, &t0);
	}
	EXPECT_EQ(1, nl_count(&self->nl));
}

/* One for each local address and key, beside those with a peer. */
TEST_F(any, rivals)
{
	struct tunnel tunnels[] = {
		tunnel_new("plain", variant->local, variant->any),
		tunnel_new("key0", variant->local, variant->any),
		tunnel_new("key1", variant->local, variant->any),
		tunnel_new("peer", variant->local, variant->remote),
		tunnel_new("another", variant->another, variant->any),
		tunnel_new("foreign", variant->foreign, variant->foreign_any),
		external("external", variant->local),
		external("every", NULL),
	};
	struct tunnel rival, before, now, step;
	size_t i;

	tunnel_set(&tunnels[1], A(IKEY), 0);
	tunnel_set(&tunnels[2], A(IKEY), 1);
	for (i = 0; i < ARRAY_SIZE(tunnels); i++)
		ASSERT_EQ(0, create(&self->nl, &tunnels[i]));
	for (i = 0; i < ARRAY_SIZE(tunnels); i++) {
		rival = tunnels[i];
		strcpy(rival.ifname, "rival");
		EXPECT_EQ(EEXIST, create(&self->nl, &rival));
		EXPECT_STRNE("", self->nl.text);
		EXPECT_NE(0u, self->nl.offset);
	}
	EXPECT_EQ((int)ARRAY_SIZE(tunnels), nl_count(&self->nl));

	/* A tunnel with a peer cannot become another one of any. */
	ASSERT_EQ(0, nl_get(&self->nl, "peer", &before));
	step = tunnel_named("peer");
	tunnel_set_remote(&step, variant->any);
	EXPECT_EQ(EEXIST, change(&self->nl, &step));
	expect_named(_metadata, &self->nl, variant->remote_type);
	EXPECT_EQ(0, nl_get(&self->nl, "peer", &now));
	EXPECT_EQ(0, memcmp(&before, &now, sizeof(now)));
}

/* To any and back. */
TEST_F(any, changes)
{
	struct tunnel tunnel = tunnel_new("t0", variant->local, variant->remote);
	struct tunnel other = tunnel_new("t1", variant->local, variant->remote);

	ASSERT_EQ(0, create(&self->nl, &tunnel));
	tunnel_set_remote(&tunnel, variant->any);
	EXPECT_EQ(0, change(&self->nl, &tunnel));
	expect_reads(_metadata, &self->nl, &tunnel);
	/* What it left is free. */
	EXPECT_EQ(0, create(&self->nl, &other));
	EXPECT_EQ(0, destroy(&self->nl, &other));
	tunnel_set_remote(&tunnel, variant->remote);
	EXPECT_EQ(0, change(&self->nl, &tunnel));
	expect_reads(_metadata, &self->nl, &tunnel);
	tunnel_set_remote(&other, variant->any);
	EXPECT_EQ(0, create(&self->nl, &other));
}

TEST_F(any, external_reads_back)
{
	const char *const locals[] = { variant->local, variant->any };
	struct tunnel tunnel, want;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(locals); i++) {
		tunnel = external("t0", locals[i]);
		ASSERT_EQ(0, create(&self->nl, &tunnel));
		want = tunnel;
		/* It has room for all that the metadata may ask for. */
		tunnel_set(&want, A(MTU), 0);
		ASSERT_EQ(0, nl_get(&self->nl, "t0", &tunnel));
		EXPECT_EQ(expected(&want).present, tunnel.present);
		EXPECT_EQ(0, memcmp(&want.local6, &tunnel.local6, sizeof(want.local6)));
		EXPECT_EQ(0, memcmp(&in6addr_any, &tunnel.remote6, sizeof(in6addr_any)));
		EXPECT_EQ(want.value[A(LOCAL_IPV4)], tunnel.value[A(LOCAL_IPV4)]);
		EXPECT_EQ(0u, tunnel.value[A(REMOTE_IPV4)]);
		EXPECT_EQ(1u, tunnel.value[A(EXTERNAL)]);
		EXPECT_EQ(variant->overhead + GRE_OPTIONS, tunnel.overhead);
		EXPECT_EQ(1500 - tunnel.overhead, tunnel.mtu);
		EXPECT_EQ(0, destroy(&self->nl, &tunnel));
	}
}

/* One that takes any local address does so over both families. */
TEST_F(any, external_of_both_families)
{
	struct tunnel all = external("every", variant->any);
	struct tunnel foreign = external("foreign", variant->foreign_any);
	struct tunnel neither = external("neither", NULL);
	struct tunnel local = external("local", variant->local);
	struct tunnel other = external("other", variant->foreign);

	ASSERT_EQ(0, create(&self->nl, &all));
	EXPECT_EQ(EEXIST, create(&self->nl, &foreign));
	EXPECT_STRNE("", self->nl.text);
	EXPECT_EQ(EEXIST, create(&self->nl, &neither));
	EXPECT_EQ(0, create(&self->nl, &local));
	EXPECT_EQ(0, create(&self->nl, &other));
	EXPECT_EQ(3, nl_count(&self->nl));

	/* Its family is what it was made with. */
	tunnel_set_local(&all, variant->local);
	tunnel_unset(&all, A(EXTERNAL));
	EXPECT_EQ(EEXIST, change(&self->nl, &all));
	expect_named(_metadata, &self->nl, variant->local_type);
	tunnel_set_local(&all, variant->another);
	EXPECT_EQ(0, change(&self->nl, &all));
	tunnel_unset(&foreign, A(EXTERNAL));
	strcpy(foreign.ifname, "every");
	EXPECT_EQ(EINVAL, change(&self->nl, &foreign));
	EXPECT_NE(0u, self->nl.offset);
	/* What it left is free, for the other family too. */
	EXPECT_EQ(0, create(&self->nl, &neither));
	EXPECT_EQ(4, nl_count(&self->nl));
}

/* The metadata of packets has the peer and the options. */
TEST_F(any, not_for_external)
{
	struct tunnel tunnel = external("t0", variant->local);
	struct tunnel step = tunnel_named("t0");

	tunnel_set_remote(&tunnel, variant->remote);
	EXPECT_EQ(EINVAL, create(&self->nl, &tunnel));
	expect_named(_metadata, &self->nl, variant->remote_type);
	tunnel_set_remote(&tunnel, variant->any);
	ASSERT_EQ(0, create(&self->nl, &tunnel));

	tunnel_set_remote(&step, variant->remote);
	EXPECT_EQ(EINVAL, change(&self->nl, &step));
	expect_named(_metadata, &self->nl, variant->remote_type);
	step = tunnel_named("t0");
	tunnel_set(&step, A(ENCAP_LIMIT), 4);
	EXPECT_EQ(EINVAL, change(&self->nl, &step));
	expect_named(_metadata, &self->nl, A(ENCAP_LIMIT));

	step = tunnel_named("t0");
	tunnel_set(&step, A(MSS_CLAMP), 1);
	EXPECT_EQ(0, change(&self->nl, &step));
	tunnel_set(&step, A(FASTPATH), 1);
	EXPECT_EQ(0, change(&self->nl, &step));
}

TEST_HARNESS_MAIN
