// SPDX-License-Identifier: GPL-2.0
/*
 * From an inner packet to an outer packet without its IP header: what it
 * inherits, whether it fits, room, offloads, the GRE header.
 */
#include "gretun.h"

#include <linux/ipv6.h>
#include <net/dsfield.h>
#include <net/gre.h>
#include <net/inet_ecn.h>
#include <net/ip.h>
#include <net/ip_tunnels.h>
#include <net/route.h>

/*
 * A route to the remote that leads through other tunnels and back makes a
 * packet grow for ever. This many tunnels inside one another are as many as
 * anybody wants.
 */
#define GRETUN_TX_DEPTH 4

static DEFINE_PER_CPU(unsigned int, gretun_tx_depth);

/* Return: false if the packet is not a whole IPv4 or IPv6 header. */
static __always_inline bool gretun_tx_inherit(struct sk_buff *skb, struct gretun_outer *outer)
{
	const struct gretun_encap *encap = outer->encap;
	u8 inner_tos;

	if (unlikely(!gretun_may_pull_inner(skb)))
		return false;

	switch (skb->protocol) {
	case htons(ETH_P_IP):
		inner_tos = ipv4_get_dsfield(ip_hdr(skb));
		outer->df = ip_hdr(skb)->frag_off & htons(IP_DF);
		break;
	case htons(ETH_P_IPV6):
		inner_tos = ipv6_get_dsfield(ipv6_hdr(skb));
		outer->df = htons(IP_DF);
		break;
	default:
		return false;
	}

	if (encap->df != GRETUN_DF_COPY)
		outer->df = encap->df == GRETUN_DF_SET ? htons(IP_DF) : 0;

	/* RFC 6040, section 4.1: the ECN field is copied, CE included. */
	outer->tos = (encap->tos_inherit ? inner_tos : encap->tos) &
		     ~INET_ECN_MASK;
	outer->tos |= inner_tos & INET_ECN_MASK;
	return true;
}

/**
 * enum gretun_tx_kind - what is sent
 * @GRETUN_TX_DATA: a packet that the stack gave the device
 * @GRETUN_TX_UDP: the same, of a tunnel with UDP
 * @GRETUN_TX_PROBE: a packet of the module's own
 * @GRETUN_TX_REPLY: a GRE packet of the module's own that is there already; the
 *	IP header in front of it gives way to that of the tunnel
 */
enum gretun_tx_kind {
	GRETUN_TX_DATA,
	GRETUN_TX_UDP,
	GRETUN_TX_PROBE,
	GRETUN_TX_REPLY,
};

/*
 * To segmentation the GRE header behind a UDP header is a part of that.
 * Return: the type of GSO, SKB_GSO_*.
 */
static __always_inline int gretun_tx_gso(const struct gretun_encap *encap,
					 enum gretun_tx_kind kind)
{
	if (kind != GRETUN_TX_DATA && encap->udp)
		return SKB_GSO_UDP_TUNNEL_CSUM;
	return encap->csum ? SKB_GSO_GRE_CSUM : SKB_GSO_GRE;
}

/* Return: false if there is no memory for the headers. */
static __always_inline bool gretun_tx_room(struct sk_buff *skb,
					   const struct gretun_outer *outer,
					   enum gretun_tx_kind kind)
{
	const struct dst_entry *dst = outer->dst;
	unsigned int room = LL_RESERVED_SPACE(dst->dev) + dst->header_len +
			    outer->encap->overhead;

	if (unlikely(skb_cow_head(skb, room)))
		return false;
	if (likely(!skb_is_gso(skb) && skb->ip_summed != CHECKSUM_PARTIAL)) {
		skb->ip_summed = CHECKSUM_NONE;
		skb->encapsulation = 0;
		return true;
	}
	return !iptunnel_handle_offloads(skb, gretun_tx_gso(outer->encap,
							    kind));
}

static void gretun_tx_csum(struct sk_buff *skb, __be32 *csum)
{
	/* Segmentation gives each segment its own checksum. */
	if (skb_is_gso(skb))
		return;

	if (skb->ip_summed == CHECKSUM_PARTIAL) {
		*(__sum16 *)csum = csum_fold(lco_csum(skb));
		return;
	}
	skb->ip_summed = CHECKSUM_PARTIAL;
	skb->csum_start = skb_transport_header(skb) - skb->head;
	skb->csum_offset = sizeof(struct gre_base_hdr);
}

static __always_inline void gretun_tx_header(struct gretun_tunnel *tunnel,
					     const struct gretun_encap *encap,
					     struct sk_buff *skb)
{
	__be16 protocol = skb->protocol;
	unsigned int i;
	__be32 *gre;

	skb_set_inner_protocol(skb, protocol);
	gre = __skb_push(skb, encap->hlen);
	skb_reset_transport_header(skb);
	for (i = 0; i < encap->hlen / sizeof(*gre); i++)
		gre[i] = encap->gre[i];
	((struct gre_base_hdr *)gre)->protocol = protocol;

	if (encap->seq)
		gre[encap->hlen / sizeof(*gre) - 1] =
			htonl(atomic_fetch_inc(&tunnel->tx_seq));
	if (encap->csum)
		gretun_tx_csum(skb, &gre[1]);
}

static __always_inline void gretun_tx_count(struct gretun_tunnel *tunnel, unsigned int len)
{
	struct gretun_percpu *stats = this_cpu_ptr(tunnel->percpu);

	u64_stats_update_begin(&stats->syncp);
	u64_stats_inc(&stats->tx_packets);
	u64_stats_add(&stats->tx_bytes, len);
	u64_stats_update_end(&stats->syncp);
}

/*
 * Send a packet that has its GRE header. From here on it and the route are the
 * underlay's.
 */
static __always_inline int gretun_tx_send(const struct gretun_conf *conf, struct sk_buff *skb,
					  const struct gretun_outer *outer)
{
	skb_scrub_packet(skb, !net_eq(conf->tunnel->net, dev_net(conf->dev)));
	skb_clear_hash_if_not_l4(skb);
	if (outer->dst_held)
		skb_dst_set(skb, outer->dst);
	else
		skb_dst_set_noref(skb, outer->dst);
	return likely(!outer->encap->v6) ? gretun_outer4_send(conf, skb, outer) :
					   gretun_outer6_send(conf, skb, outer);
}

/*
 * Does the outer packet fit the path? A path MTU too low to be believed
 * (ip_rt_min_pmtu) is not obeyed.
 *
 * Return: false if it does not and may not be fragmented; the sender is told.
 */
static __always_inline bool gretun_tx_fit(struct sk_buff *skb, struct gretun_outer *outer)
{
	unsigned int mtu;

	if (outer->df && likely(!outer->encap->v6) &&
	    unlikely(ip_mtu_locked(outer->dst)))
		outer->df = 0;
	if (!outer->df)
		return true;
	mtu = dst_mtu(outer->dst) - outer->encap->overhead;
	return likely(gretun_fits(skb, mtu)) ||
	       !gretun_icmp_too_big(skb, mtu, &outer->df);
}

/* The longest inner packet that the path and the device take, in bytes. */
static unsigned int gretun_tx_mtu(const struct gretun_conf *conf,
				  const struct gretun_outer *outer)
{
	return min(READ_ONCE(conf->dev->mtu),
		   dst_mtu(outer->dst) - outer->encap->overhead);
}

/* Return: the tunnel's reason to drop the packet, or a negative number. */
static __always_inline int gretun_tx_through(const struct gretun_conf *conf,
					     struct sk_buff *skb,
					     struct gretun_outer *outer,
					     enum gretun_tx_kind kind)
{
	unsigned int *depth = this_cpu_ptr(&gretun_tx_depth);
	unsigned int len = skb->len;
	int reason;

	if (likely(!outer->dst_held))
		outer->dst = gretun_outer_route(conf);
	if (IS_ERR(outer->dst)) {
		dst_link_failure(skb);
		return GRETUN_TX_NO_ROUTE;
	}
	if (unlikely(!gretun_tx_inherit(skb, outer))) {
		reason = GRETUN_TX_PROTOCOL;
		goto put_route;
	}
	if (unlikely(*depth >= GRETUN_TX_DEPTH ||
		     (gretun_is_tunnel(outer->dst->dev) &&
		      gretun_loop_leads_back(conf, outer->dst->dev)))) {
		reason = GRETUN_TX_LOOP;
		goto looped;
	}
	if (unlikely(outer->encap->v6) &&
	    !gretun_outer6_inherit(conf->tunnel->net, skb, outer)) {
		reason = GRETUN_TX_ENCAP_LIMIT;
		goto put_route;
	}
	if (!gretun_tx_fit(skb, outer)) {
		reason = GRETUN_TX_TOO_BIG;
		goto put_route;
	}
	if (unlikely(READ_ONCE(conf->flags)) && test_bit(GRETUN_CONF_MSS, &conf->flags))
		gretun_mss_clamp(skb, gretun_tx_mtu(conf, outer));

	if (!gretun_tx_room(skb, outer, kind)) {
		reason = GRETUN_TX_MEMORY;
		goto put_route;
	}
	if (kind == GRETUN_TX_REPLY) {
		/* It takes part in no flow that could react. */
		outer->tos &= ~INET_ECN_MASK;
		__skb_pull(skb, skb_network_header_len(skb));
		skb_reset_transport_header(skb);
	} else {
		gretun_tx_header(conf->tunnel, outer->encap, skb);
	}
	if (kind != GRETUN_TX_DATA && outer->encap->udp)
		gretun_udp_push(skb, outer->encap, conf->tunnel->net);

	++*depth;
	if (likely(!gretun_tx_send(conf, skb, outer)) && kind <= GRETUN_TX_UDP)
		gretun_tx_count(conf->tunnel, len);
	--*depth;
	return -1;

looped:
	dst_link_failure(skb);
	if (!READ_ONCE(conf->tunnel->loop.ifindex))
		gretun_follow_schedule(gretun_net(conf->tunnel->net));
put_route:
	if (outer->dst_held)
		dst_release(outer->dst);
	return reason;
}

/* What is special shares a copy of it; that of plain packets is inlined. */
static noinline int gretun_tx_whole(const struct gretun_conf *conf,
				    struct sk_buff *skb,
				    struct gretun_outer *outer,
				    enum gretun_tx_kind kind)
{
	return gretun_tx_through(conf, skb, outer, kind);
}

/*
 * Send a packet for which the configuration is not all there is to it.
 *
 * Return: the tunnel's reason to drop the packet, or a negative number.
 */
static noinline int gretun_tx_special(struct gretun_conf *conf,
				      struct sk_buff *skb)
{
	struct gretun_outer outer = { .encap = &conf->encap };
	struct gretun_encap encap;

	if (test_bit(GRETUN_CONF_NO_REMOTE, &conf->flags))
		return GRETUN_TX_NO_REMOTE;
	if (test_bit(GRETUN_CONF_NO_LOCAL, &conf->flags)) {
		dst_link_failure(skb);
		return GRETUN_TX_NO_LOCAL;
	}
	/* Soon after the error it is about the same peer and as true. */
	if (test_and_clear_bit(GRETUN_CONF_REPORT, &conf->flags) &&
	    time_before(jiffies, READ_ONCE(conf->tunnel->reported) + HZ))
		dst_link_failure(skb);
	if (test_bit(GRETUN_CONF_EXTERNAL, &conf->flags)) {
		if (unlikely(!gretun_external_encap(conf, skb, &encap)))
			return GRETUN_TX_NO_METADATA;
		outer.encap = &encap;
		outer.dst = gretun_external_route(conf, skb, &encap);
		outer.dst_held = true;
	}
	return gretun_tx_whole(conf, skb, &outer,
			       test_bit(GRETUN_CONF_UDP, &conf->flags) ?
			       GRETUN_TX_UDP : GRETUN_TX_DATA);
}

/**
 * gretun_tx - ndo_start_xmit
 * @skb: inner packet
 * @dev: tunnel device
 *
 * Context: bottom halves off; no lock, any number of CPUs at a time.
 * Return: NETDEV_TX_OK.
 */
netdev_tx_t gretun_tx(struct sk_buff *skb, struct net_device *dev)
{
	struct gretun_tunnel *tunnel = netdev_priv(dev);
	struct gretun_conf *conf = rcu_dereference_bh(tunnel->conf);
	struct gretun_outer outer = { .encap = &conf->encap };
	int reason;

	reason = unlikely(READ_ONCE(conf->flags)) ?
		 gretun_tx_special(conf, skb) :
		 gretun_tx_through(conf, skb, &outer, GRETUN_TX_DATA);
	if (unlikely(reason >= 0))
		gretun_drop(tunnel, skb, reason);
	return NETDEV_TX_OK;
}

/**
 * gretun_tx_probe - send a packet of the module's own through a tunnel
 * @conf: configuration of a tunnel with a peer
 * @skb: inner packet; gretun_tx_probe() takes it
 *
 * It goes the way of all packets of the tunnel from the device on, whatever
 * carrier and queue the device has. It is no packet of the device's counters,
 * unless it is dropped.
 *
 * Context: bottom halves off, RCU read lock held.
 */
void gretun_tx_probe(const struct gretun_conf *conf, struct sk_buff *skb)
{
	struct gretun_outer outer = { .encap = &conf->encap };
	int reason = gretun_tx_whole(conf, skb, &outer, GRETUN_TX_PROBE);

	if (reason >= 0)
		gretun_drop(conf->tunnel, skb, reason);
}

/**
 * gretun_tx_reply - send a GRE packet that an inner packet holds
 * @conf: configuration of the tunnel that it came through
 * @skb: the inner packet, its transport header the GRE header;
 *	gretun_tx_reply() takes it
 * @outer: how it is sent, with the route if the tunnel has none
 *
 * Its IP header is made anew, as that of all outer packets is.
 *
 * Context: bottom halves off, RCU read lock held.
 */
void gretun_tx_reply(const struct gretun_conf *conf, struct sk_buff *skb,
		     struct gretun_outer *outer)
{
	int reason = gretun_tx_whole(conf, skb, outer, GRETUN_TX_REPLY);

	if (reason >= 0)
		gretun_drop(conf->tunnel, skb, reason);
}
