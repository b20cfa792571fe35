// SPDX-License-Identifier: GPL-2.0
/*
 * What the inner sender is told when the path does not take its packet.
 */
#include "gretun.h"

#include <linux/icmpv6.h>
#include <linux/ipv6.h>
#include <net/icmp.h>
#include <net/ip.h>

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
