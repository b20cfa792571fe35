// SPDX-License-Identifier: GPL-2.0
/*
 * The IPv4 underlay: the route of the outer packets and their IP header.
 */
#include "gretun.h"

#include <linux/inetdevice.h>
#include <linux/netfilter.h>
#include <net/inet_ecn.h>
#include <net/ip.h>
#include <net/ip_fib.h>
#include <net/ip_tunnels.h>
#include <net/neighbour.h>
#include <net/route.h>

/* Ids for outer headers that a CPU takes at a time. */
#define GRETUN_ID_BLOCK 64

/**
 * gretun_outer4_lookup - look up the route of a tunnel's outer packets
 * @net: netns of the outer packets
 * @params: the tunnel's parameters
 *
 * The protocol is part of the flow, so an IPsec policy for GRE applies. With
 * an inherited DSCP all packets take the route of DSCP 0, as one route is kept
 * for a tunnel.
 *
 * Context: any.
 * Return: the route, which the caller puts, or an error pointer.
 */
struct rtable *gretun_outer4_lookup(struct net *net,
				    const struct gretun_params *params)
{
	struct flowi4 fl4;

	flowi4_init_output(&fl4, params->link, params->fwmark,
			   params->tos_inherit ? 0 : params->tos,
			   RT_SCOPE_UNIVERSE, IPPROTO_GRE, 0, params->remote,
			   params->local, 0, 0, sock_net_uid(net, NULL));
	return ip_route_output_key(net, &fl4);
}

/**
 * gretun_outer4_route - get the route of a tunnel's outer packets
 * @conf: the tunnel's configuration
 *
 * Each CPU keeps the last one, which any change of addresses or routes in the
 * netns makes invalid.
 *
 * Context: bottom halves off, RCU read lock held.
 * Return: the route, good for as long as RCU says, or an error pointer.
 */
struct rtable *gretun_outer4_route(const struct gretun_conf *conf)
{
	struct gretun_percpu *percpu = this_cpu_ptr(conf->tunnel->percpu);
	struct rtable *rt;

	if (likely(percpu->output && percpu->output_conf_id == conf->id &&
		   dst_check(percpu->output, 0)))
		return container_of(percpu->output, struct rtable, dst);

	rt = gretun_outer4_lookup(conf->tunnel->net, &conf->params);
	if (IS_ERR(rt))
		return rt;
	dst_release(percpu->output);
	percpu->output = &rt->dst;
	percpu->output_conf_id = conf->id;
	return rt;
}

/**
 * gretun_outer4_template - prepare the headers that all packets share
 * @encap: where they go
 * @params: a tunnel's parameters
 *
 * Context: any.
 */
void gretun_outer4_template(struct gretun_encap *encap,
			    const struct gretun_params *params)
{
	const struct gretun_hdr hdr = {
		.has_csum = params->csum,
		.has_key = params->has_okey,
		.has_seq = params->seq,
		.key = htonl(params->okey),
	};

	*encap = (struct gretun_encap) {
		.df = params->df,
		.tos_inherit = params->tos_inherit,
		.csum = params->csum,
		.seq = params->seq,
		.iph = {
			.version = 4,
			.ihl = sizeof(encap->iph) / 4,
			.tos = params->tos,
			.ttl = params->ttl,
			.protocol = IPPROTO_GRE,
			.saddr = params->local,
			.daddr = params->remote,
		},
	};
	encap->hlen = gretun_hdr_build((u8 *)encap->gre, &hdr);
	/* The packets of an external device may have all there is. */
	encap->overhead = sizeof(encap->iph) +
			  (params->external ? GRETUN_HDR_MAX : encap->hlen);
}

/*
 * The id tells apart the fragments of a pair of addresses (RFC 791). Each CPU
 * takes a block of ids at a time, so that a shared line is written once in a
 * block and not for each packet, as the stack's own counters are.
 */
static __be16 gretun_outer4_id(struct gretun_tunnel *tunnel,
			       const struct sk_buff *skb)
{
	struct gretun_percpu *percpu = this_cpu_ptr(tunnel->percpu);
	u16 segs = skb_shinfo(skb)->gso_segs ?: 1;
	u16 id;

	if (unlikely(percpu->ip_ids < segs)) {
		percpu->ip_ids = max_t(u16, segs, GRETUN_ID_BLOCK);
		percpu->ip_id = atomic_fetch_add(percpu->ip_ids,
						 &tunnel->tx_ids);
	}
	id = percpu->ip_id;
	percpu->ip_id += segs;
	percpu->ip_ids -= segs;
	return htons(id);
}

/* Return: true if the packet goes out in one piece, or as many as GSO makes. */
static bool gretun_outer4_fits(const struct sk_buff *skb,
			       const struct rtable *rt)
{
	unsigned int mtu;

	/* Mostly the MTU of the link is all there is to it. */
	if (likely(!rt->rt_pmtu && !dst_metric_raw(&rt->dst, RTAX_MTU) &&
		   skb->len <= READ_ONCE(rt->dst.dev->mtu)))
		return true;
	mtu = dst_mtu(&rt->dst);
	return skb->len <= mtu ||
	       (skb_is_gso(skb) && skb->len <= IP_MAX_MTU &&
		skb_gso_validate_network_len(skb, mtu));
}

/*
 * The neighbour that a packet can go to past the firewall. What needs more of
 * the stack does not: IPsec, a VRF, an encapsulation by the route, fragments,
 * a neighbour to be resolved.
 *
 * Return: the neighbour, good for as long as RCU says, or NULL.
 */
static struct neighbour *gretun_outer4_neigh(struct sk_buff *skb,
					     struct rtable *rt, bool *is_v6gw)
{
	struct neighbour *n;

	if (unlikely(rt->dst.output != ip_output ||
		     rt->rt_type != RTN_UNICAST || rt->dst.lwtstate ||
		     netif_is_l3_slave(rt->dst.dev) ||
		     netif_is_l3_master(rt->dst.dev) ||
		     !gretun_outer4_fits(skb, rt)))
		return NULL;
	n = ip_neigh_for_gw(rt, skb, is_v6gw);
	if (IS_ERR(n) || unlikely(!(READ_ONCE(n->nud_state) & NUD_VALID)))
		return NULL;
	return n;
}

/* What ip_local_out() does where there is but a neighbour to send to. */
static int gretun_outer4_to_neigh(struct net *net, struct sk_buff *skb,
				  struct neighbour *n, bool is_v6gw)
{
	struct iphdr *iph = ip_hdr(skb);

	iph->tot_len = htons(skb->len);
	ip_send_check(iph);
	skb->dev = n->dev;
	gretun_compat_count_request(net);
	IP_UPD_PO_STATS(net, IPSTATS_MIB_OUT, skb->len);
	sock_confirm_neigh(skb, n);
	return neigh_output(n, skb, is_v6gw);
}

/**
 * gretun_outer4_send - put the IP header on and send
 * @conf: the tunnel's configuration
 * @skb: packet from its GRE header on; gretun_outer4_send() takes it
 * @outer: how it is sent; a reference to the route is taken
 *
 * Context: bottom halves off, RCU read lock held.
 * Return: 0 if the packet was sent. If not, it is freed and counted.
 */
int gretun_outer4_send(const struct gretun_conf *conf, struct sk_buff *skb,
		       const struct gretun_outer *outer)
{
	struct gretun_tunnel *tunnel = conf->tunnel;
	struct neighbour *n = NULL;
	bool is_v6gw = false;
	struct iphdr *iph;
	int err;

	skb_scrub_packet(skb, !net_eq(tunnel->net, dev_net(conf->dev)));
	skb_clear_hash_if_not_l4(skb);
	if (outer->rt_held)
		skb_dst_set(skb, &outer->rt->dst);
	else
		skb_dst_set_noref(skb, &outer->rt->dst);

	iph = __skb_push(skb, sizeof(*iph));
	skb_reset_network_header(skb);
	*iph = outer->encap->iph;
	iph->tos = outer->tos;
	iph->frag_off = outer->df;
	skb->protocol = htons(ETH_P_IP);
	/* An atomic packet needs no id of its own (RFC 6864, section 4.1). */
	if (!outer->df || skb_is_gso(skb))
		iph->id = gretun_outer4_id(tunnel, skb);

	if (conf->params.fastpath)
		n = gretun_outer4_neigh(skb, outer->rt, &is_v6gw);
	if (n) {
		err = gretun_outer4_to_neigh(tunnel->net, skb, n, is_v6gw);
	} else {
		memset(IPCB(skb), 0, sizeof(*IPCB(skb)));
		err = ip_local_out(tunnel->net, NULL, skb);
	}
	/* A macro that looks at its argument twice. */
	err = net_xmit_eval(err);
	if (unlikely(err))
		gretun_count(tunnel, GRETUN_TX_REFUSED);
	return err;
}

static struct gretun_pair_key gretun_outer4_pair(const struct sk_buff *skb)
{
	return (struct gretun_pair_key) {
		.local = ip_hdr(skb)->daddr,
		.remote = ip_hdr(skb)->saddr,
	};
}

/* How the source of packets is validated; a change does not expire routes. */
static int gretun_outer4_rp_filter(const struct sk_buff *skb)
{
	struct in_device *in_dev = __in_dev_get_rcu(skb->dev);

	return in_dev ? IN_DEV_RPFILTER(in_dev) : -1;
}

/**
 * gretun_outer4_learn_input - remember the route of a received packet
 * @conf: configuration that the packet matched
 * @skb: outer packet, with a local route
 * @iif: ifindex of the device it came through
 *
 * The next packet of the tunnel with the same addresses through that device has
 * the same route and the same verdict of source validation. One of another peer
 * of an external device has the same route.
 *
 * Context: softirq or bottom halves off, RCU read lock held.
 */
void gretun_outer4_learn_input(const struct gretun_conf *conf,
			       struct sk_buff *skb, int iif)
{
	struct gretun_percpu *percpu = this_cpu_ptr(conf->tunnel->percpu);
	struct dst_entry *dst = skb_dst(skb);

	if (dst != percpu->input) {
		if (!dst_hold_safe(dst))
			return;
		dst_release(percpu->input);
		percpu->input = dst;
	}
	percpu->input_pair = gretun_outer4_pair(skb);
	percpu->input_rp_filter = gretun_outer4_rp_filter(skb);
	percpu->input_iif = iif;
	percpu->input_conf_id = conf->id;
}

/*
 * Whether the source of a packet is as good as any other's. Where paths are not
 * filtered, only addresses that cannot be a source are refused.
 */
static bool gretun_outer4_any_source(const struct gretun_percpu *percpu,
				     struct net *net, __be32 saddr)
{
	return !percpu->input_rp_filter &&
	       !net->ipv4.fib_has_custom_local_routes &&
	       !fib_num_tclassid_users(net) && !ipv4_is_multicast(saddr) &&
	       !ipv4_is_lbcast(saddr) && !ipv4_is_zeronet(saddr) &&
	       !ipv4_is_loopback(saddr) && !__ip_dev_find(net, saddr, false);
}

/**
 * gretun_outer4_set_input - give a received packet the route of its like
 * @conf: configuration that the packet matched
 * @skb: outer packet without a route
 * @iif: ifindex of the device it came through
 *
 * Any change of addresses or routes in the netns makes the route invalid.
 *
 * Context: softirq or bottom halves off, RCU read lock held.
 * Return: true if the packet has a local route now.
 */
bool gretun_outer4_set_input(const struct gretun_conf *conf,
			     struct sk_buff *skb, int iif)
{
	struct gretun_percpu *percpu = this_cpu_ptr(conf->tunnel->percpu);
	struct gretun_pair_key pair = gretun_outer4_pair(skb);

	if (!percpu->input || percpu->input_iif != iif ||
	    percpu->input_conf_id != conf->id ||
	    percpu->input_pair.local != pair.local ||
	    percpu->input_rp_filter != gretun_outer4_rp_filter(skb))
		return false;
	if (unlikely(percpu->input_pair.remote != pair.remote) &&
	    !gretun_outer4_any_source(percpu, dev_net(skb->dev), pair.remote))
		return false;
	if (unlikely(!dst_check(percpu->input, 0))) {
		dst_release(percpu->input);
		percpu->input = NULL;
		return false;
	}
	skb_dst_set_noref(skb, percpu->input);
	return true;
}
