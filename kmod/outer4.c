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
 * gretun_outer4_flow - the flow that the route of outer packets is looked up by
 * @net: netns of the outer packets
 * @params: the tunnel's parameters, with a remote address
 * @fl4: where it goes
 *
 * Context: any.
 */
void gretun_outer4_flow(struct net *net, const struct gretun_params *params,
			struct flowi4 *fl4)
{
	__be16 source, dest;

	gretun_udp_ports(params, &source, &dest);
	flowi4_init_output(fl4, params->link, params->fwmark,
			   params->tos_inherit ? 0 : params->tos,
			   RT_SCOPE_UNIVERSE, gretun_outer_proto(params), 0,
			   gretun_addr_ipv4(&params->remote),
			   gretun_addr_ipv4(&params->local),
			   dest, source,
			   sock_net_uid(net, NULL));
}

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
struct dst_entry *gretun_outer4_lookup(struct net *net,
				       const struct gretun_params *params)
{
	struct rtable *rt;
	struct flowi4 fl4;

	gretun_outer4_flow(net, params, &fl4);
	rt = ip_route_output_key(net, &fl4);
	return IS_ERR(rt) ? ERR_CAST(rt) : &rt->dst;
}

/**
 * gretun_outer4_template - prepare the IP header that all packets share
 * @encap: where it goes; the GRE header is there
 * @params: a tunnel's parameters
 *
 * Context: any.
 */
void gretun_outer4_template(struct gretun_encap *encap,
			    const struct gretun_params *params)
{
	encap->iph = (struct iphdr) {
		.version = 4,
		.ihl = sizeof(encap->iph) / 4,
		.ttl = params->ttl,
		.protocol = gretun_outer_proto(params),
		.saddr = gretun_addr_ipv4(&params->local),
		.daddr = gretun_addr_ipv4(&params->remote),
	};
	ip_send_check(&encap->iph);
	encap->overhead = sizeof(encap->iph) + encap->hlen;
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

/*
 * The checksum of the header: that of the template and what has been written to
 * it since, which was 0 but for the version (RFC 1624).
 */
static __sum16 gretun_outer4_check(const struct iphdr *iph)
{
	u32 sum = (__force u16)~iph->check;

	sum += (__force u16)htons(iph->tos) + (__force u16)iph->tot_len +
	       (__force u16)iph->id + (__force u16)iph->frag_off;
	return csum_fold((__force __wsum)sum);
}

/* What ip_local_out() does where there is but a neighbour to send to. */
static int gretun_outer4_to_neigh(struct net *net, struct sk_buff *skb,
				  struct neighbour *n, bool is_v6gw)
{
	struct iphdr *iph = ip_hdr(skb);

	iph->tot_len = htons(skb->len);
	iph->check = gretun_outer4_check(iph);
	skb->dev = n->dev;
	gretun_compat_count_request(net);
	IP_UPD_PO_STATS(net, IPSTATS_MIB_OUT, skb->len);
	sock_confirm_neigh(skb, n);
	return neigh_output(n, skb, is_v6gw);
}

/**
 * gretun_outer4_send - put the IP header on and send
 * @conf: the tunnel's configuration
 * @skb: packet from its GRE header on, with its route; gretun_outer4_send()
 *	takes it
 * @outer: how it is sent
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
		n = gretun_outer4_neigh(skb, dst_rtable(outer->dst), &is_v6gw);
	if (n) {
		err = gretun_outer4_to_neigh(tunnel->net, skb, n, is_v6gw);
	} else {
		memset(IPCB(skb), 0, sizeof(*IPCB(skb)));
		err = ip_local_out(tunnel->net, NULL, skb);
	}
	return gretun_sent(tunnel, err);
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

	if (!gretun_outer_keep_input(conf, skb, iif))
		return;
	percpu->input_local = ip_hdr(skb)->daddr;
	percpu->input_remote = ip_hdr(skb)->saddr;
	percpu->input_rp_filter = gretun_outer4_rp_filter(skb);
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
	const struct iphdr *iph = ip_hdr(skb);

	if (!percpu->input || percpu->input_iif != iif ||
	    percpu->input_conf_id != conf->id ||
	    percpu->input_local != iph->daddr ||
	    percpu->input_rp_filter != gretun_outer4_rp_filter(skb))
		return false;
	if (unlikely(percpu->input_remote != iph->saddr) &&
	    !gretun_outer4_any_source(percpu, dev_net(skb->dev), iph->saddr))
		return false;
	if (unlikely(!dst_check(percpu->input, 0))) {
		dst_release(percpu->input);
		percpu->input = NULL;
		return false;
	}
	skb_dst_set_noref(skb, percpu->input);
	return true;
}
