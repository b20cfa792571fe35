// SPDX-License-Identifier: GPL-2.0
/*
 * Path MTU: what routers on the way say of outer packets, and what the inner
 * sender is told when the path does not take its packet.
 */
#include "gretun.h"

#include <linux/icmpv6.h>
#include <linux/ipv6.h>
#include <linux/netfilter_ipv4.h>
#include <net/icmp.h>
#include <net/ip.h>
#include <net/route.h>

/* What is read of an ICMP error: its header and the IP header it quotes. */
struct gretun_icmp_quote {
	struct icmphdr icmph;
	struct iphdr iph;
} __packed;

/**
 * gretun_icmp_receive - learn the path MTU from fragmentation needed
 * @gn: netns that an ICMP packet came to
 * @skb: the packet, stays the caller's; its headers may move
 *
 * The stack hands ICMP errors to the owner of the protocol, which gretun is
 * not, and which may not be there at all. Only an error that quotes a packet
 * of a tunnel counts, and the stack bounds how low the MTU goes
 * (ip_rt_min_pmtu). The packet that comes too late to fit is answered by
 * gretun_icmp_too_big().
 *
 * Context: softirq or bottom halves off, RCU read lock held.
 */
void gretun_icmp_receive(struct gretun_net *gn, struct sk_buff *skb)
{
	unsigned int ihl = ip_hdrlen(skb);
	const struct gretun_icmp_quote *quote;
	struct gretun_pair_key key;
	unsigned int offset;
	u32 mtu;

	offset = ihl + offsetof(struct gretun_icmp_quote, iph);
	if (!pskb_may_pull(skb, ihl + sizeof(*quote)))
		return;
	quote = (const void *)(skb->data + ihl);
	if (quote->icmph.type != ICMP_DEST_UNREACH ||
	    quote->icmph.code != ICMP_FRAG_NEEDED ||
	    quote->iph.protocol != IPPROTO_GRE)
		return;
	mtu = ntohs(quote->icmph.un.frag.mtu);
	key.local = quote->iph.saddr;
	key.remote = quote->iph.daddr;
	if (!mtu || !gretun_lookup_known(gn, &key) ||
	    nf_ip_checksum(skb, NF_INET_LOCAL_IN, ihl, IPPROTO_ICMP))
		return;

	/* It looks for the quoted header at the start. */
	__skb_pull(skb, offset);
	ipv4_update_pmtu(skb, gn->net, mtu, 0, IPPROTO_GRE);
	__skb_push(skb, offset);
}

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
		if (skb->len <= IPV6_MIN_MTU ||
		    (skb_is_gso(skb) &&
		     skb_gso_validate_network_len(skb, IPV6_MIN_MTU))) {
			*df = 0;
			return false;
		}
		mtu = IPV6_MIN_MTU;
	}
	skb_dst_update_pmtu_no_confirm(skb, mtu);
	icmpv6_ndo_send(skb, ICMPV6_PKT_TOOBIG, 0, mtu);
	return true;
}
