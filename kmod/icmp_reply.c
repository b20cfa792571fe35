// SPDX-License-Identifier: GPL-2.0
/*
 * What the sender of an inner packet is told of the path: that its packet is
 * too long, or that the other end of the tunnel cannot be reached.
 */
#include "gretun.h"

#include <linux/icmpv6.h>
#include <linux/ratelimit.h>
#include <net/gre.h>
#include <net/icmp.h>
#include <net/ip.h>
#include <net/ip6_route.h>
#include <net/ip_tunnels.h>
#include <net/l3mdev.h>
#include <net/route.h>

/* Of an inner packet that is quoted: its IP header and what RFC 792 asks for. */
#define GRETUN_REPLY_QUOTE 8

/**
 * gretun_icmp_too_big - deal with a packet that is longer than the path takes
 * @skb: inner packet, stays the caller's
 * @mtu: longest inner packet that the path takes, in bytes
 * @df: DF bit of the outer header; cleared where the outer packet must be
 *	fragmented because the inner sender may not go lower
 *
 * An IPv4 sender is told with fragmentation needed (RFC 1191), an IPv6 sender
 * with packet too big (RFC 8201). IPv6 has a minimum MTU of 1280: packets of
 * up to that length are fragmented outside when the path takes less
 * (RFC 2473, section 7.1).
 *
 * Context: bottom halves off.
 * Return: true if the packet must not be sent.
 */
bool gretun_icmp_too_big(struct sk_buff *skb, unsigned int mtu, __be16 *df)
{
	if (skb->protocol == htons(ETH_P_IP)) {
		skb_dst_update_pmtu_no_confirm(skb, mtu);
		icmp_ndo_send(skb, ICMP_DEST_UNREACH, ICMP_FRAG_NEEDED,
			      htonl(mtu));
		return true;
	}

	if (mtu < IPV6_MIN_MTU) {
		if (gretun_fits(skb, IPV6_MIN_MTU)) {
			*df = 0;
			return false;
		}
		mtu = IPV6_MIN_MTU;
	}
	skb_dst_update_pmtu_no_confirm(skb, mtu);
	icmpv6_ndo_send(skb, ICMPV6_PKT_TOOBIG, 0, mtu);
	return true;
}

/* Have the route of a quoted packet, which leads into the tunnel. */
static bool gretun_reply_route4(const struct gretun_conf *conf,
				struct sk_buff *skb)
{
	struct flowi4 fl4 = {
		.flowi4_oif = l3mdev_master_ifindex_rcu(conf->dev),
		.daddr = ip_hdr(skb)->daddr,
	};
	struct rtable *rt;

	rt = ip_route_output_key(dev_net(conf->dev), &fl4);
	if (IS_ERR(rt))
		return false;
	skb_dst_set(skb, &rt->dst);
	return rt->dst.dev == conf->dev;
}

static bool gretun_reply_route6(const struct gretun_conf *conf,
				struct sk_buff *skb)
{
	struct flowi6 fl6 = {
		.flowi6_oif = l3mdev_master_ifindex_rcu(conf->dev),
		.daddr = ipv6_hdr(skb)->daddr,
	};
	struct dst_entry *dst;

	dst = ip6_route_output(dev_net(conf->dev), NULL, &fl6);
	skb_dst_set(skb, dst);
	return !dst->error && dst->dev == conf->dev;
}

/*
 * Nobody is told of what went to a group.
 * Return: false if the quote is too short, or its way is not into the tunnel.
 */
static bool gretun_reply4(const struct gretun_conf *conf, struct sk_buff *skb,
			  unsigned int mtu)
{
	const struct iphdr *iph = ip_hdr(skb);

	if (skb_headlen(skb) < sizeof(*iph) + GRETUN_REPLY_QUOTE ||
	    iph->version != 4 || iph->ihl < sizeof(*iph) / 4 ||
	    !pskb_may_pull(skb, ip_hdrlen(skb) + GRETUN_REPLY_QUOTE))
		return false;
	if (ipv4_is_multicast(ip_hdr(skb)->daddr))
		return true;
	if (!gretun_reply_route4(conf, skb))
		return false;

	memset(IPCB(skb), 0, sizeof(*IPCB(skb)));
	if (!mtu) {
		icmp_send(skb, ICMP_DEST_UNREACH, ICMP_HOST_UNREACH, 0);
		return true;
	}
	if (ntohs(ip_hdr(skb)->tot_len) <= mtu)
		return true;
	skb_dst_update_pmtu_no_confirm(skb, mtu);
	icmp_send(skb, ICMP_DEST_UNREACH, ICMP_FRAG_NEEDED, htonl(mtu));
	return true;
}

static bool gretun_reply6(const struct gretun_conf *conf, struct sk_buff *skb,
			  unsigned int mtu)
{
	if (!pskb_may_pull(skb, sizeof(struct ipv6hdr) + GRETUN_REPLY_QUOTE) ||
	    ipv6_hdr(skb)->version != 6)
		return false;
	if (ipv6_addr_is_multicast(&ipv6_hdr(skb)->daddr))
		return true;
	if (!gretun_reply_route6(conf, skb))
		return false;

	memset(IP6CB(skb), 0, sizeof(*IP6CB(skb)));
	IP6CB(skb)->iif = conf->dev->ifindex;
	if (!mtu) {
		icmpv6_send(skb, ICMPV6_DEST_UNREACH, ICMPV6_ADDR_UNREACH, 0);
		return true;
	}
	mtu = max_t(unsigned int, mtu, IPV6_MIN_MTU);
	if (ntohs(ipv6_hdr(skb)->payload_len) + sizeof(struct ipv6hdr) <= mtu)
		return true;
	skb_dst_update_pmtu_no_confirm(skb, mtu);
	icmpv6_send(skb, ICMPV6_PKT_TOOBIG, 0, mtu);
	return true;
}

/*
 * The longest inner packet that the path takes now. Return: 0 if any does, as
 * outer packets are fragmented.
 */
static unsigned int gretun_reply_mtu(const struct gretun_conf *conf)
{
	const struct dst_entry *dst = gretun_outer_route(conf);

	if (IS_ERR(dst) || (!conf->params.v6 && ip_mtu_locked(dst)))
		return 0;
	return dst_mtu(dst) - conf->encap.overhead;
}

/**
 * gretun_icmp_relay - tell the sender of an inner packet what became of it
 * @conf: configuration of the tunnel that sent the outer packet
 * @skb: ICMP error that quotes the outer packet, stays the caller's
 * @gre: where the quoted GRE header is from skb->data on
 * @too_big: the path MTU is less than the packet, and has been learned;
 *	otherwise the other end cannot be reached (RFC 2003, section 4)
 *
 * Errors can be forged, so only so many make a packet of ours.
 *
 * Context: softirq or bottom halves off, RCU read lock held.
 * Return: false if the quote does not say who it was for sure.
 */
bool gretun_icmp_relay(const struct gretun_conf *conf, struct sk_buff *skb,
		       unsigned int gre, bool too_big)
{
	struct gretun_net *gn = gretun_net(conf->tunnel->net);
	unsigned int inner = gre + conf->encap.hlen;
	unsigned int mtu = 0;
	struct sk_buff *copy;
	bool told = false;

	if (conf->params.external ||
	    skb->len < inner + sizeof(struct iphdr) + GRETUN_REPLY_QUOTE)
		return false;
	if (too_big) {
		mtu = gretun_reply_mtu(conf);
		if (!mtu)
			return true;
	}
	if (!__ratelimit(&gn->relay_limit))
		return true;
	copy = skb_clone(skb, GFP_ATOMIC);
	if (!copy)
		return true;
	if (!pskb_may_pull(copy, inner + sizeof(struct iphdr) +
			   GRETUN_REPLY_QUOTE))
		goto free_copy;

	skb_scrub_packet(copy, true);
	copy->protocol = ((struct gre_base_hdr *)(copy->data + gre))->protocol;
	copy->dev = conf->dev;
	__skb_pull(copy, inner);
	skb_reset_network_header(copy);
	if (copy->protocol == htons(ETH_P_IP))
		told = gretun_reply4(conf, copy, mtu);
	else if (copy->protocol == htons(ETH_P_IPV6))
		told = gretun_reply6(conf, copy, mtu);

free_copy:
	consume_skb(copy);
	return told;
}
