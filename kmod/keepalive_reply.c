// SPDX-License-Identifier: GPL-2.0
/*
 * Keepalive probes of the peer, answered. A router takes a probe apart and routes
 * what it finds, which is the answer. On Linux that takes accept_local,
 * forwarding and an rp_filter that lets it pass, as what it finds comes from an
 * address of its own; here it takes nothing.
 *
 * A probe is an inner packet without options from where the outer one went to
 * where it came from, with GRE that has nothing in it. Anything else is a packet
 * like others. An answer has nothing in it and so is no probe: nothing circles.
 */
#include "gretun.h"

#include <linux/pkt_sched.h>
#include <net/ip.h>
#include <net/ipv6.h>

/* Answers in a second; a device without one peer may have many peers. */
#define GRETUN_KEEPALIVE_REPLIES 10
#define GRETUN_KEEPALIVE_REPLIES_ANY 1000

/* Return: the length of the inner IP header, or 0 if it is no probe's. */
static unsigned int
gretun_keepalive_inner4(const struct sk_buff *skb,
			const union gretun_outer_header *outer)
{
	const struct iphdr *iph = ip_hdr(skb);

	if (skb->len < sizeof(*iph) || iph->version != 4 ||
	    iph->ihl != sizeof(*iph) / 4 || ntohs(iph->tot_len) != skb->len ||
	    iph->protocol != IPPROTO_GRE || ip_is_fragment(iph) ||
	    ip_fast_csum(iph, iph->ihl))
		return 0;
	if (outer->iph.version != 4 || iph->saddr != outer->iph.daddr ||
	    iph->daddr != outer->iph.saddr)
		return 0;
	return sizeof(*iph);
}

static unsigned int
gretun_keepalive_inner6(const struct sk_buff *skb,
			const union gretun_outer_header *outer)
{
	const struct ipv6hdr *ip6h = ipv6_hdr(skb);

	if (skb->len < sizeof(*ip6h) || ip6h->version != 6 ||
	    ntohs(ip6h->payload_len) != skb->len - sizeof(*ip6h) ||
	    ip6h->nexthdr != IPPROTO_GRE)
		return 0;
	if (outer->ip6h.version != 6 ||
	    !ipv6_addr_equal(&ip6h->saddr, &outer->ip6h.daddr) ||
	    !ipv6_addr_equal(&ip6h->daddr, &outer->ip6h.saddr))
		return 0;
	return sizeof(*ip6h);
}

/* Return: the length of the inner IP header, or 0 if it is no probe. */
static unsigned int gretun_keepalive_parse(struct sk_buff *skb,
					   const union gretun_outer_header *outer)
{
	struct gretun_hdr hdr;
	unsigned int len;

	if (skb_is_gso(skb) || !pskb_may_pull(skb, skb->len))
		return 0;
	len = skb->protocol == htons(ETH_P_IP) ?
	      gretun_keepalive_inner4(skb, outer) :
	      gretun_keepalive_inner6(skb, outer);
	if (!len ||
	    gretun_hdr_parse(skb->data + len, skb->len - len, &hdr) !=
	    GRETUN_HDR_OK || len + hdr.len != skb->len)
		return 0;
	/* RouterOS has that of IPv6. */
	if (hdr.protocol && (hdr.protocol != htons(ETH_P_IPV6) ||
			     skb->protocol != htons(ETH_P_IPV6)))
		return 0;
	return len;
}

/**
 * gretun_keepalive_allowed - may one more be answered?
 * @due: when as many as are allowed will have been, in nanoseconds
 * @rate: how many in a second; they may come at once
 *
 * Context: any number of CPUs at a time.
 * Return: true if it may; it is counted then.
 */
bool gretun_keepalive_allowed(atomic64_t *due, u32 rate)
{
	s64 interval = NSEC_PER_SEC / rate;
	s64 old = atomic64_read(due);
	s64 now = ktime_get_ns();
	s64 next;

	do {
		next = max(old, now) + interval;
		if (next - now > NSEC_PER_SEC)
			return false;
	} while (!atomic64_try_cmpxchg(due, &old, next));
	return true;
}

/**
 * gretun_keepalive_count - count a probe of the peer that is answered
 * @tunnel: the tunnel
 *
 * Context: bottom halves off.
 */
void gretun_keepalive_count(struct gretun_tunnel *tunnel)
{
	struct gretun_percpu *stats = this_cpu_ptr(tunnel->percpu);

	u64_stats_update_begin(&stats->syncp);
	u64_stats_inc(&stats->keepalive_replies);
	u64_stats_update_end(&stats->syncp);
}

/* A copy of a probe, with room for the tunnel's headers, or NULL. */
static struct sk_buff *gretun_keepalive_copy(const struct gretun_conf *conf,
					     const struct sk_buff *skb,
					     unsigned int hlen)
{
	unsigned int room = READ_ONCE(conf->dev->needed_headroom);
	struct sk_buff *copy;

	copy = alloc_skb(room + skb->len, GFP_ATOMIC);
	if (!copy)
		return NULL;
	skb_reserve(copy, room);
	skb_put_data(copy, skb->data, skb->len);
	skb_reset_mac_header(copy);
	skb_reset_network_header(copy);
	skb_set_transport_header(copy, hlen);
	copy->protocol = skb->protocol;
	copy->priority = TC_PRIO_CONTROL;
	copy->dev = conf->dev;
	return copy;
}

/* Have the way to the sender of a packet, for a device without a peer. */
static void gretun_keepalive_outer(const struct gretun_conf *conf,
				   const struct sk_buff *skb,
				   const union gretun_outer_header *from,
				   struct gretun_encap *encap,
				   struct gretun_outer *outer)
{
	struct gretun_peer peer;
	struct in6_addr local;

	gretun_roam_source(conf, skb, from, &peer);
	local = from->iph.version == 4 ? gretun_addr4(from->iph.daddr) :
					 from->ip6h.daddr;
	gretun_outer_to(conf, &local, &peer, encap, outer);
}

/**
 * gretun_keepalive_request - answer a packet if it is a keepalive probe
 * @conf: configuration of the tunnel that it came through
 * @skb: inner packet, at its IP header, which may move
 * @from: the outer IP header that it had
 *
 * An answer is shorter than its probe and goes to who sent that.
 *
 * Context: softirq or bottom halves off, RCU read lock held.
 * Return: true if it was one; @skb is gone then.
 */
bool gretun_keepalive_request(const struct gretun_conf *conf,
			      struct sk_buff *skb,
			      const union gretun_outer_header *from)
{
	struct gretun_outer outer = { .encap = &conf->encap };
	bool has_peer = gretun_has_peer(&conf->params);
	struct gretun_encap encap;
	struct sk_buff *copy;
	unsigned int hlen;

	hlen = gretun_keepalive_parse(skb, from);
	if (!hlen)
		return false;
	if (!gretun_keepalive_allowed(&conf->tunnel->keepalive.replies_due,
				      has_peer ? GRETUN_KEEPALIVE_REPLIES :
						 GRETUN_KEEPALIVE_REPLIES_ANY)) {
		gretun_drop(conf->tunnel, skb, GRETUN_RX_PROBES);
		return true;
	}
	copy = gretun_keepalive_copy(conf, skb, hlen);
	if (!copy) {
		gretun_drop(conf->tunnel, skb, GRETUN_RX_MEMORY);
		return true;
	}
	gretun_keepalive_count(conf->tunnel);
	if (!has_peer)
		gretun_keepalive_outer(conf, skb, from, &encap, &outer);
	consume_skb(skb);
	gretun_tx_reply(conf, copy, &outer);
	return true;
}
