// SPDX-License-Identifier: GPL-2.0
/*
 * KUnit: what a tunnel adds to a packet, in bytes, the segment size of TCP with its
 * checksum, and how many packets are answered.
 */
#include "../gretun.h"

#include <kunit/test.h>
#include <linux/tcp.h>
#include <linux/udp.h>
#include <net/checksum.h>
#include <net/ip6_checksum.h>
#include <net/tcp.h>

/* Every set of options, over both underlays. */
static void gretun_packet_test_overhead(struct kunit *test)
{
	unsigned int set, want;

	for (set = 0; set < 128; set++) {
		const struct gretun_params params = {
			.csum = set & 1,
			.has_okey = set & 2,
			.seq = set & 4,
			.v6 = set & 8,
			.has_encap_limit = (set & 24) == 24,
			.external = set & 32,
			.encap = set & 64 ? GRETUN_ENCAP_UDP : GRETUN_ENCAP_NONE,
		};
		struct gretun_encap encap;

		gretun_outer_template(&encap, &params);
		want = 4 + (set & 1 ? 4 : 0) + (set & 2 ? 4 : 0) + (set & 4 ? 4 : 0);
		KUNIT_EXPECT_EQ(test, want, encap.hlen);
		/* Its packets may have all there is. */
		if (set & 32)
			want = 16;
		want += set & 8 ? 40 : 20;
		if ((set & 24) == 24)
			want += 8;
		if (set & 64)
			want += 8;
		KUNIT_EXPECT_EQ_MSG(test, want, encap.overhead, "set %u", set);
	}
}

/* The sum of a TCP packet with its pseudo-header, 0 if it is right. */
static __sum16 gretun_test_tcp_sum(const struct sk_buff *skb, bool v6)
{
	unsigned int hlen = v6 ? sizeof(struct ipv6hdr) : sizeof(struct iphdr);
	unsigned int len = skb->len - hlen;
	__wsum sum = csum_partial(skb->data + hlen, len, 0);

	return v6 ? csum_ipv6_magic(&ipv6_hdr(skb)->saddr, &ipv6_hdr(skb)->daddr,
				    len, IPPROTO_TCP, sum) :
		    csum_tcpudp_magic(ip_hdr(skb)->saddr, ip_hdr(skb)->daddr, len,
				      IPPROTO_TCP, sum);
}

/* A SYN whose MSS option comes after so many bytes of others. */
static struct sk_buff *gretun_test_syn(struct kunit *test, bool v6,
				       unsigned int before, u16 mss)
{
	unsigned int hlen = v6 ? sizeof(struct ipv6hdr) : sizeof(struct iphdr);
	struct sk_buff *skb = alloc_skb(128, GFP_KERNEL);
	struct tcphdr *th;
	u8 *option;

	KUNIT_ASSERT_NOT_NULL(test, skb);
	skb_put_zero(skb, hlen + sizeof(*th) + 8);
	skb_reset_network_header(skb);
	skb->protocol = htons(v6 ? ETH_P_IPV6 : ETH_P_IP);
	if (v6) {
		ipv6_hdr(skb)->version = 6;
		ipv6_hdr(skb)->nexthdr = IPPROTO_TCP;
		ipv6_hdr(skb)->saddr.s6_addr[15] = 9;
	} else {
		ip_hdr(skb)->version = 4;
		ip_hdr(skb)->ihl = 5;
		ip_hdr(skb)->protocol = IPPROTO_TCP;
		ip_hdr(skb)->saddr = htonl(0xc6336409);
	}
	th = (struct tcphdr *)(skb->data + hlen);
	th->syn = 1;
	th->doff = 7;
	option = (u8 *)(th + 1);
	memset(option, TCPOPT_NOP, 8);
	option[before] = TCPOPT_MSS;
	option[before + 1] = TCPOLEN_MSS;
	put_unaligned_be16(mss, option + before + 2);
	th->check = gretun_test_tcp_sum(skb, v6);
	return skb;
}

/* It is lowered and never raised, and the checksum is right, at any place. */
static void gretun_packet_test_mss(struct kunit *test)
{
	static const struct {
		unsigned int mtu;
		u16 mss;
		u16 want4;
		u16 want6;
	} sizes[] = {
		{ 1476, 1460, 1436, 1416 }, { 1476, 1400, 1400, 1400 },
		{ 1476, 0xffff, 1436, 1416 }, { 68, 1460, 88, 88 },
		{ 0xffff, 1460, 1460, 1460 }, { 1280, 0, 0, 0 },
	};
	unsigned int i, before, v6, hlen;
	struct sk_buff *skb;

	for (i = 0; i < ARRAY_SIZE(sizes) * 5 * 2; i++) {
		v6 = i % 2;
		before = i / 2 % 5;
		hlen = v6 ? sizeof(struct ipv6hdr) : sizeof(struct iphdr);
		skb = gretun_test_syn(test, v6, before, sizes[i / 10].mss);
		KUNIT_EXPECT_EQ(test, 0, (__force u16)gretun_test_tcp_sum(skb, v6));
		gretun_mss_clamp(skb, sizes[i / 10].mtu);
		KUNIT_EXPECT_EQ_MSG(test,
				    v6 ? sizes[i / 10].want6 : sizes[i / 10].want4,
				    get_unaligned_be16(skb->data + hlen + 20 + before + 2),
				    "size %u, after %u bytes", i / 10, before);
		KUNIT_EXPECT_EQ(test, 0, (__force u16)gretun_test_tcp_sum(skb, v6));
		kfree_skb(skb);
	}
}

/* The sum that the UDP header gets is right over both underlays, at any length. */
static void gretun_packet_test_udp(struct kunit *test)
{
	static const struct in6_addr six[] = {
		{ .s6_addr = { 0xfd, [15] = 1 } }, { .s6_addr = { 0xfd, [15] = 2 } },
	};
	struct gretun_params params = {
		.encap = GRETUN_ENCAP_UDP,
		.encap_port = 4754,
		.encap_source_port = 4000,
	};
	struct gretun_encap encap;
	const struct udphdr *uh;
	struct sk_buff *skb;
	unsigned int i, len;
	__wsum sum;

	for (i = 0; i < 128; i++) {
		params.v6 = i & 1;
		params.local = params.v6 ? six[0] : gretun_addr4(htonl(0xc0000201));
		params.remote = params.v6 ? six[1] : gretun_addr4(htonl(0xc0000202));
		gretun_outer_template(&encap, &params);
		skb = alloc_skb(256, GFP_KERNEL);
		KUNIT_ASSERT_NOT_NULL(test, skb);
		skb_reserve(skb, 64);
		skb_reset_network_header(skb);
		memset(skb_put(skb, 4 + i), i, 4 + i);
		gretun_udp_push(skb, &encap, &init_net);
		KUNIT_EXPECT_EQ(test, 0, skb_checksum_help(skb));

		uh = (const struct udphdr *)skb->data;
		len = 8 + 4 + i;
		KUNIT_EXPECT_EQ(test, len, skb->len);
		KUNIT_EXPECT_EQ(test, len, ntohs(uh->len));
		KUNIT_EXPECT_EQ(test, 4000, ntohs(uh->source));
		KUNIT_EXPECT_EQ(test, 4754, ntohs(uh->dest));
		KUNIT_EXPECT_NE(test, 0, (__force u16)uh->check);
		sum = csum_partial(skb->data, len, 0);
		KUNIT_EXPECT_EQ(test, 0, (__force u16)(params.v6 ?
			csum_ipv6_magic(&encap.ip6h.saddr, &encap.ip6h.daddr, len,
					IPPROTO_UDP, sum) :
			csum_tcpudp_magic(encap.iph.saddr, encap.iph.daddr, len,
					  IPPROTO_UDP, sum)));
		kfree_skb(skb);
	}
}

/* As many as a second has at once, and no more than go with the time after that. */
static void gretun_packet_test_rate(struct kunit *test)
{
	static const u32 rates[] = { 10, 1000 };
	atomic64_t due;
	u32 count, i;
	u64 begin;

	for (i = 0; i < ARRAY_SIZE(rates); i++) {
		atomic64_set(&due, 0);
		begin = ktime_get_ns();
		for (count = 0; count < 100000; count++)
			if (!gretun_keepalive_allowed(&due, rates[i]))
				break;
		begin = ktime_get_ns() - begin;
		KUNIT_EXPECT_GE(test, count, rates[i]);
		KUNIT_EXPECT_LE(test, (u64)count, rates[i] + 1 +
				div_u64(begin * rates[i], NSEC_PER_SEC));
	}
}

static struct kunit_case gretun_packet_cases[] = {
	KUNIT_CASE(gretun_packet_test_overhead),
	KUNIT_CASE(gretun_packet_test_mss),
	KUNIT_CASE(gretun_packet_test_udp),
	KUNIT_CASE(gretun_packet_test_rate),
	{}
};

static struct kunit_suite gretun_packet_suite = {
	.name = "gretun_packet",
	.test_cases = gretun_packet_cases,
};

kunit_test_suite(gretun_packet_suite);
