// SPDX-License-Identifier: GPL-2.0
/*
 * The IPv4 underlay: the route of the outer packets and their IP header.
 */
#include "gretun.h"

#include <linux/netfilter.h>
#include <net/inet_ecn.h>
#include <net/ip.h>
#include <net/ip_tunnels.h>
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
 * Context: bottom halves off.
 * Return: the route, which the caller puts, or an error pointer.
 */
struct rtable *gretun_outer4_route(struct gretun_conf *conf)
{
	struct rtable *rt;
	__be32 saddr;

	rt = dst_cache_get_ip4(&conf->route, &saddr);
	if (likely(rt))
		return rt;

	rt = gretun_outer4_lookup(conf->tunnel->net, &conf->params);
	if (!IS_ERR(rt))
		dst_cache_set_ip4(&conf->route, &rt->dst, conf->params.local);
	return rt;
}

/**
 * gretun_outer4_template - prepare the headers that all packets share
 * @conf: a tunnel's configuration with its parameters, not yet in use
 *
 * Sets the IP and GRE header and their lengths.
 *
 * Context: any.
 */
void gretun_outer4_template(struct gretun_conf *conf)
{
	const struct gretun_params *params = &conf->params;
	const struct gretun_hdr hdr = {
		.has_csum = params->csum,
		.has_key = params->has_okey,
		.has_seq = params->seq,
		.key = htonl(params->okey),
	};

	conf->hlen = gretun_hdr_build((u8 *)conf->gre, &hdr);
	conf->overhead = sizeof(conf->iph) + conf->hlen;
	conf->iph = (struct iphdr) {
		.version = 4,
		.ihl = sizeof(conf->iph) / 4,
		.ttl = params->ttl,
		.protocol = IPPROTO_GRE,
		.saddr = params->local,
		.daddr = params->remote,
	};
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

/**
 * gretun_outer4_send - put the IP header on and send
 * @conf: the tunnel's configuration
 * @skb: packet from its GRE header on; gretun_outer4_send() takes it
 * @rt: its route; gretun_outer4_send() takes it
 * @tos: TOS byte of the outer header
 * @df: DF bit of the outer header, network byte order
 *
 * Context: bottom halves off.
 * Return: 0 if the packet was sent. If not, it is freed and counted.
 */
int gretun_outer4_send(struct gretun_conf *conf, struct sk_buff *skb,
		       struct rtable *rt, u8 tos, __be16 df)
{
	struct gretun_tunnel *tunnel = conf->tunnel;
	struct iphdr *iph;
	int err;

	skb_scrub_packet(skb, !net_eq(tunnel->net, dev_net(conf->dev)));
	skb_clear_hash_if_not_l4(skb);
	skb_dst_set(skb, &rt->dst);
	memset(IPCB(skb), 0, sizeof(*IPCB(skb)));

	iph = skb_push(skb, sizeof(*iph));
	skb_reset_network_header(skb);
	*iph = conf->iph;
	iph->tos = tos;
	iph->frag_off = df;
	skb->protocol = htons(ETH_P_IP);
	/* An atomic packet needs no id of its own (RFC 6864, section 4.1). */
	if (!df || skb_is_gso(skb))
		iph->id = gretun_outer4_id(tunnel, skb);

	err = ip_local_out(tunnel->net, NULL, skb);
	/* A macro that looks at its argument twice. */
	err = net_xmit_eval(err);
	if (unlikely(err))
		gretun_count(tunnel, GRETUN_TX_REFUSED);
	return err;
}

/**
 * gretun_outer4_learn_input - remember the route of a received packet
 * @conf: configuration that the packet matched
 * @skb: outer packet, with a local route
 * @iif: ifindex of the device it came through
 *
 * The next packet of the tunnel through that device has the same addresses,
 * and so the same route and the same verdict of source validation.
 *
 * Context: softirq or bottom halves off, RCU read lock held.
 */
void gretun_outer4_learn_input(const struct gretun_conf *conf,
			       struct sk_buff *skb, int iif)
{
	struct gretun_percpu *percpu = this_cpu_ptr(conf->tunnel->percpu);
	struct dst_entry *dst = skb_dst(skb);

	if (dst == percpu->input || !dst_hold_safe(dst))
		return;
	dst_release(percpu->input);
	percpu->input = dst;
	percpu->input_iif = iif;
	percpu->input_conf_id = conf->id;
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

	if (!percpu->input || percpu->input_iif != iif ||
	    percpu->input_conf_id != conf->id)
		return false;
	if (unlikely(!dst_check(percpu->input, 0))) {
		dst_release(percpu->input);
		percpu->input = NULL;
		return false;
	}
	skb_dst_set_noref(skb, percpu->input);
	return true;
}

/**
 * gretun_outer4_forget_input - let go of what gretun_outer4_learn_input() took
 * @tunnel: a tunnel that no packet can find any more
 *
 * Context: any.
 */
void gretun_outer4_forget_input(struct gretun_tunnel *tunnel)
{
	int cpu;

	for_each_possible_cpu(cpu)
		dst_release(per_cpu_ptr(tunnel->percpu, cpu)->input);
}
