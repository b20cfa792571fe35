// SPDX-License-Identifier: GPL-2.0
/*
 * From a matched outer packet to the inner packet in the stack: verify, take
 * the headers off, carry the congestion mark over, deliver.
 */
#include "gretun.h"
#include "seq.h"
#include "watch.h"

#include <linux/ipv6.h>
#include <net/dsfield.h>
#include <net/inet_ecn.h>
#include <net/ip.h>
#include <net/ip_tunnels.h>
#include <net/xfrm.h>

/*
 * Inner packets are delivered in place, from within the delivery of the outer
 * packet, which spares a queue. One packet can hold 60 GRE headers, and each
 * level takes stack; past this depth they are queued instead.
 */
#define GRETUN_RX_DEPTH 2

static DEFINE_PER_CPU(unsigned int, gretun_rx_depth);

static bool gretun_rx_in_sequence(struct gretun_tunnel *tunnel, u32 seq)
{
	s64 old = atomic64_read(&tunnel->rx_seq);
	bool taken;
	u64 state;

	do {
		state = old;
		taken = gretun_seq_next(&state, seq);
	} while (!atomic64_try_cmpxchg(&tunnel->rx_seq, &old, state));
	return taken;
}

/* RFC 6040, section 4.2. */
static bool gretun_rx_ecn(struct sk_buff *skb, u8 outer_tos)
{
	u8 inner_tos;

	if (skb->protocol == htons(ETH_P_IP))
		inner_tos = ipv4_get_dsfield(ip_hdr(skb));
	else
		inner_tos = ipv6_get_dsfield(ipv6_hdr(skb));
	return INET_ECN_decapsulate(skb, outer_tos, inner_tos) < 2;
}

static void gretun_rx_count(struct gretun_tunnel *tunnel, unsigned int len)
{
	struct gretun_percpu *stats = this_cpu_ptr(tunnel->percpu);

	u64_stats_update_begin(&stats->syncp);
	u64_stats_inc(&stats->rx_packets);
	u64_stats_add(&stats->rx_bytes, len);
	u64_stats_set(&stats->rx_when, get_jiffies_64());
	u64_stats_update_end(&stats->syncp);
}

static void gretun_rx_deliver(struct gretun_tunnel *tunnel,
			      struct sk_buff *skb)
{
	unsigned int *depth = this_cpu_ptr(&gretun_rx_depth);
	unsigned int len = skb->len;

	if (likely(*depth < GRETUN_RX_DEPTH)) {
		++*depth;
		netif_receive_skb(skb);
		--*depth;
	} else if (netif_rx(skb) != NET_RX_SUCCESS) {
		/* The queue has freed the packet it had no room for. */
		gretun_count(tunnel, GRETUN_RX_BACKLOG);
		return;
	}
	gretun_rx_count(tunnel, len);
}

/*
 * Make an inner packet what the stack has after its first look at an IPv4
 * packet. One with options, too long or damaged is left to the stack.
 *
 * Return: true if it is that.
 */
static bool gretun_rx_prepare(struct sk_buff *skb, struct net_device *dev)
{
	const struct iphdr *iph = ip_hdr(skb);
	struct net *net = dev_net(dev);

	if (skb->protocol != htons(ETH_P_IP) || iph->version != 4 ||
	    iph->ihl != sizeof(*iph) / 4 || ntohs(iph->tot_len) != skb->len ||
	    ip_fast_csum(iph, iph->ihl))
		return false;

	__IP_UPD_PO_STATS(net, IPSTATS_MIB_IN, skb->len);
	__IP_ADD_STATS(net,
		       IPSTATS_MIB_NOECTPKTS + (iph->tos & INET_ECN_MASK),
		       max_t(u16, 1, skb_shinfo(skb)->gso_segs));
	skb_set_transport_header(skb, sizeof(*iph));
	skb->skb_iif = dev->ifindex;
	memset(IPCB(skb), 0, sizeof(*IPCB(skb)));
	IPCB(skb)->iif = skb->skb_iif;
	return true;
}

static bool gretun_rx_policy(struct sk_buff *skb)
{
	return skb->protocol == htons(ETH_P_IP) ?
	       xfrm4_policy_check(NULL, XFRM_POLICY_IN, skb) :
	       xfrm6_policy_check(NULL, XFRM_POLICY_IN, skb);
}

/* Keepalive probes are short, and have another GRE header inside. */
static bool gretun_rx_may_be_probe(const struct sk_buff *skb)
{
	if (skb->protocol == htons(ETH_P_IP))
		return skb->len <= sizeof(struct iphdr) + GRETUN_HDR_MAX &&
		       ip_hdr(skb)->protocol == IPPROTO_GRE;
	return skb->len <= sizeof(struct ipv6hdr) + GRETUN_HDR_MAX &&
	       ipv6_hdr(skb)->nexthdr == IPPROTO_GRE;
}

/* Take the outer IP header off. Return: its TOS byte. */
static u8 gretun_rx_pull_outer(struct sk_buff *skb)
{
	if (likely(skb->protocol == htons(ETH_P_IP))) {
		__skb_pull(skb, ip_hdrlen(skb));
		return ip_hdr(skb)->tos;
	}
	/* Unlike an IPv4 header it counts in the sum of the whole packet. */
	skb_pull_rcsum(skb, skb_transport_offset(skb));
	return ipv6_get_dsfield(ipv6_hdr(skb));
}

/*
 * Copy the outer IP header, which is in front of the inner packet for as long
 * as nobody pushes a header on. Few packets need it.
 */
static void gretun_rx_outer(const struct sk_buff *skb, unsigned int offset,
			    union gretun_outer_header *outer)
{
	const struct iphdr *iph = (const struct iphdr *)(skb->head + offset);

	if (iph->version == 4)
		outer->iph = *iph;
	else
		outer->ip6h = *(const struct ipv6hdr *)iph;
}

/* Return: true if the packet was a keepalive probe and is gone. */
static noinline bool gretun_rx_probe(const struct gretun_conf *conf,
				     struct sk_buff *skb,
				     unsigned int outer_offset)
{
	union gretun_outer_header outer;

	gretun_rx_outer(skb, outer_offset, &outer);
	return gretun_keepalive_request(conf, skb, &outer);
}

/*
 * The MTU that goes for TCP: what the path that answers take is known to allow.
 */
static unsigned int gretun_rx_mtu(const struct gretun_conf *conf)
{
	unsigned int mtu = READ_ONCE(conf->dev->mtu);
	const struct dst_entry *dst;

	if (!gretun_has_peer(&conf->params))
		return mtu;
	dst = gretun_outer_route(conf);
	if (IS_ERR(dst))
		return mtu;
	return min(mtu, dst_mtu(dst) - conf->encap.overhead);
}

/*
 * A packet with nothing behind its GRE header: the answer to a keepalive probe.
 * What the tunnel asks of packets, a checksum and a sequence number, it need not
 * have.
 *
 * Return: false if it is something else.
 */
static noinline bool gretun_rx_empty(const struct gretun_conf *conf,
				     struct sk_buff *skb, const struct gretun_hdr *hdr)
{
	if (hdr->protocol &&
	    (!conf->params.v6 || hdr->protocol != htons(ETH_P_IPV6)))
		return false;
	if (hdr->has_csum && skb_checksum_simple_validate(skb))
		gretun_drop(conf->tunnel, skb, GRETUN_RX_CHECKSUM);
	else if (!gretun_keepalive_answer(conf))
		gretun_drop(conf->tunnel, skb, GRETUN_RX_UNASKED);
	else
		consume_skb(skb);
	return true;
}

/* A packet that is neither of the stack's protocols. */
static noinline void gretun_rx_other(const struct gretun_conf *conf,
				     struct sk_buff *skb,
				     unsigned int outer_offset,
				     const struct gretun_hdr *hdr)
{
	union gretun_outer_header outer;

	if (hdr->protocol != htons(GRETUN_ETH_P_SIGNED)) {
		gretun_drop(conf->tunnel, skb, GRETUN_RX_PROTOCOL);
		return;
	}
	gretun_rx_outer(skb, outer_offset, &outer);
	gretun_signed_rx(conf, skb, hdr, &outer);
}

/* What few tunnels ask for. Return: false if there was no memory for it. */
static noinline bool gretun_rx_special(const struct gretun_conf *conf,
				       struct sk_buff *skb,
				       unsigned int outer_offset,
				       const struct gretun_hdr *hdr)
{
	union gretun_outer_header outer;

	if (test_bit(GRETUN_CONF_MSS, &conf->flags))
		gretun_mss_clamp(skb, gretun_rx_mtu(conf));
	if (!test_bit(GRETUN_CONF_EXTERNAL, &conf->flags))
		return true;
	gretun_rx_outer(skb, outer_offset, &outer);
	return gretun_external_tag(conf, skb, &outer, hdr);
}

/**
 * gretun_rx - receive a packet of a tunnel
 * @conf: configuration of the tunnel that the packet matched
 * @skb: the packet, from its outer IP header on, its transport header the GRE
 *	header; gretun_rx() takes it
 * @hdr: its GRE header
 * @hand_back: the caller can go on with the inner packet where the stack was
 *	with the outer one, behind the hooks of PRE_ROUTING
 *
 * Context: softirq or bottom halves off, RCU read lock held.
 * Return: true if @skb is now the inner packet and the caller's again.
 */
bool gretun_rx(const struct gretun_conf *conf, struct sk_buff *skb,
	       const struct gretun_hdr *hdr, bool hand_back)
{
	struct gretun_tunnel *tunnel = conf->tunnel;
	unsigned int outer_offset = skb->network_header;
	u8 tos;

	if (unlikely(!(conf->dev->flags & IFF_UP))) {
		gretun_drop(tunnel, skb, GRETUN_RX_DOWN);
		return false;
	}

	if (unlikely(!gretun_rx_policy(skb))) {
		gretun_drop(tunnel, skb, GRETUN_RX_POLICY);
		return false;
	}

	/* The checksum covers the GRE header and all behind it. */
	tos = gretun_rx_pull_outer(skb);
	if (unlikely(hdr->protocol != htons(ETH_P_IP)) &&
	    skb->len == hdr->len && gretun_rx_empty(conf, skb, hdr))
		return false;
	if (hdr->has_csum) {
		if (skb_checksum_simple_validate(skb)) {
			gretun_drop(tunnel, skb, GRETUN_RX_CHECKSUM);
			return false;
		}
		skb_checksum_try_convert(skb, IPPROTO_GRE,
					 null_compute_pseudo);
	} else if (conf->params.csum) {
		gretun_drop(tunnel, skb, GRETUN_RX_NO_CHECKSUM);
		return false;
	}

	if (hdr->protocol != htons(ETH_P_IP) &&
	    hdr->protocol != htons(ETH_P_IPV6)) {
		gretun_rx_other(conf, skb, outer_offset, hdr);
		return false;
	}

	if (conf->params.seq) {
		if (!hdr->has_seq) {
			gretun_drop(tunnel, skb, GRETUN_RX_NO_SEQUENCE);
			return false;
		}
		if (!gretun_rx_in_sequence(tunnel, hdr->seq)) {
			gretun_drop(tunnel, skb, GRETUN_RX_OLD_SEQUENCE);
			return false;
		}
	}

	__skb_pull(skb, hdr->len);
	skb_postpull_rcsum(skb, skb->data - hdr->len, hdr->len);
	skb->protocol = hdr->protocol;
	skb_reset_network_header(skb);
	/* The device has no link-layer header. */
	skb_reset_mac_header(skb);
	skb_reset_mac_len(skb);
	if (unlikely(!gretun_may_pull_inner(skb))) {
		gretun_drop(tunnel, skb, GRETUN_RX_TRUNCATED);
		return false;
	}
	if (unlikely(gretun_rx_may_be_probe(skb)) &&
	    gretun_rx_probe(conf, skb, outer_offset))
		return false;
	if (unlikely(iptunnel_pull_offloads(skb))) {
		gretun_drop(tunnel, skb, GRETUN_RX_MEMORY);
		return false;
	}

	skb_clear_hash_if_not_l4(skb);
	skb_set_queue_mapping(skb, 0);
	skb_scrub_packet(skb, !net_eq(tunnel->net, dev_net(conf->dev)));
	skb->dev = conf->dev;

	if (unlikely(!gretun_rx_ecn(skb, tos))) {
		gretun_drop(tunnel, skb, GRETUN_RX_ECN);
		return false;
	}
	if (unlikely(READ_ONCE(conf->flags)) &&
	    !gretun_rx_special(conf, skb, outer_offset, hdr)) {
		gretun_drop(tunnel, skb, GRETUN_RX_MEMORY);
		return false;
	}

	if (hand_back && !gretun_watched_rx(conf->dev) &&
	    gretun_rx_prepare(skb, conf->dev)) {
		gretun_rx_count(tunnel, skb->len);
		return true;
	}
	gretun_rx_deliver(tunnel, skb);
	return false;
}
