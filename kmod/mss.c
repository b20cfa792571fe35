// SPDX-License-Identifier: GPL-2.0
/*
 * The maximum segment size of TCP (RFC 9293, section 3.7.1): lowered in the
 * packets that open a connection, so that both ends send what fits the path
 * even where no ICMP comes back.
 */
#include "gretun.h"
#include "options.h"

#include <linux/swab.h>
#include <net/checksum.h>
#include <net/ip.h>
#include <net/ipv6.h>
#include <net/tcp.h>

/*
 * Find the TCP header of a packet that opens a connection.
 * Return: where it is from skb->data on, or 0 for another packet.
 */
static unsigned int gretun_mss_find_tcp(struct sk_buff *skb)
{
	unsigned int offset = skb_network_offset(skb);
	const struct tcphdr *th;
	__be16 frag_off;
	int end;
	u8 proto;

	if (skb->protocol == htons(ETH_P_IP)) {
		if (ip_hdr(skb)->protocol != IPPROTO_TCP ||
		    ip_hdr(skb)->frag_off & htons(IP_OFFSET) ||
		    ip_hdrlen(skb) < sizeof(struct iphdr))
			return 0;
		offset += ip_hdrlen(skb);
	} else if (likely(ipv6_hdr(skb)->nexthdr == IPPROTO_TCP)) {
		offset += sizeof(struct ipv6hdr);
	} else {
		proto = ipv6_hdr(skb)->nexthdr;
		end = ipv6_skip_exthdr(skb, offset + sizeof(struct ipv6hdr),
				       &proto, &frag_off);
		if (end < 0 || proto != IPPROTO_TCP ||
		    frag_off & htons(IP6_OFFSET))
			return 0;
		offset = end;
	}
	if (!pskb_may_pull(skb, offset + sizeof(*th)))
		return 0;
	th = (const void *)(skb->data + offset);
	return th->syn && th->doff * 4 > sizeof(*th) ? offset : 0;
}

/**
 * gretun_mss_clamp - lower the MSS of a packet that opens a TCP connection
 * @skb: inner packet, its IP header in the linear part; its headers may move
 * @mtu: longest inner packet that gets through, in bytes
 *
 * A packet that cannot be made writable, or is no such packet, is left alone.
 *
 * Context: any.
 */
void gretun_mss_clamp(struct sk_buff *skb, unsigned int mtu)
{
	unsigned int offset = gretun_mss_find_tcp(skb);
	unsigned int len, option, headers;
	struct tcphdr *th;
	u16 old, mss;

	if (likely(!offset))
		return;
	len = ((struct tcphdr *)(skb->data + offset))->doff * 4;
	if (offset + len > skb->len || skb_ensure_writable(skb, offset + len))
		return;
	th = (struct tcphdr *)(skb->data + offset);
	option = gretun_options_mss((u8 *)th, len);
	if (!option)
		return;

	/* Options of either header come off what TCP fills (RFC 6691). */
	headers = sizeof(*th) + (skb->protocol == htons(ETH_P_IP) ?
				 sizeof(struct iphdr) : sizeof(struct ipv6hdr));
	mss = max(mtu, headers + TCP_MIN_MSS) - headers;
	old = get_unaligned_be16((u8 *)th + option);
	if (old <= mss)
		return;
	put_unaligned_be16(mss, (u8 *)th + option);
	/* The sum is of words, and the option may lie across two of them. */
	if (option % 2) {
		old = swab16(old);
		mss = swab16(mss);
	}
	inet_proto_csum_replace2(&th->check, skb, htons(old), htons(mss),
				 false);
}
