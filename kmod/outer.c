// SPDX-License-Identifier: GPL-2.0
/*
 * What the underlays have in common: which of them a tunnel has, the route that
 * each CPU keeps, the headers that all packets share.
 */
#include "gretun.h"

#include <net/dst.h>
#include <net/ip6_fib.h>
#include <net/route.h>

/**
 * gretun_outer_lookup - look up the route of a tunnel's outer packets
 * @net: netns of the outer packets
 * @params: the tunnel's parameters, with a remote address
 *
 * The protocol and the ports are part of the flow, so an IPsec policy for them
 * applies, but not a source port by flow. With an inherited DSCP all packets
 * take the route of DSCP 0, as one route is kept for a tunnel.
 *
 * Context: any.
 * Return: the route, which the caller releases, or an error pointer.
 */
struct dst_entry *gretun_outer_lookup(struct net *net,
				      const struct gretun_params *params)
{
	return params->v6 ? gretun_outer6_lookup(net, params) :
			    gretun_outer4_lookup(net, params);
}

/**
 * gretun_outer_new_route - look up the route of a tunnel's packets and keep it
 * @conf: the tunnel's configuration, with a remote address
 *
 * Context: bottom halves off, RCU read lock held.
 * Return: the route, good for as long as RCU says, or an error pointer.
 */
struct dst_entry *gretun_outer_new_route(const struct gretun_conf *conf)
{
	struct gretun_percpu *percpu = this_cpu_ptr(conf->tunnel->percpu);
	struct dst_entry *dst;

	dst = gretun_outer_lookup(conf->tunnel->net, &conf->params);
	if (IS_ERR(dst))
		return dst;
	dst_release(percpu->output);
	percpu->output = dst;
	percpu->output_conf_id = conf->id;
	percpu->output_cookie = conf->params.v6 ?
				rt6_get_cookie(dst_rt6_info(dst)) : 0;
	return dst;
}

/**
 * gretun_outer_proto - the protocol of a tunnel's outer packets
 * @params: the tunnel's parameters
 *
 * Context: any.
 * Return: IPPROTO_UDP or IPPROTO_GRE.
 */
u8 gretun_outer_proto(const struct gretun_params *params)
{
	return params->encap == GRETUN_ENCAP_UDP ? IPPROTO_UDP : IPPROTO_GRE;
}

/**
 * gretun_outer_template - prepare the headers that all packets share
 * @encap: where they go
 * @params: a tunnel's parameters
 *
 * Context: any.
 */
void gretun_outer_template(struct gretun_encap *encap,
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
		.tos = params->tos,
		.tos_inherit = params->tos_inherit,
		.csum = params->csum,
		.seq = params->seq,
		.v6 = params->v6,
	};
	encap->hlen = gretun_hdr_build((u8 *)encap->gre, &hdr);
	if (params->v6)
		gretun_outer6_template(encap, params);
	else
		gretun_outer4_template(encap, params);
	if (params->encap == GRETUN_ENCAP_UDP) {
		encap->udp = true;
		gretun_udp_ports(params, &encap->udp_source, &encap->udp_dest);
		encap->overhead += sizeof(struct udphdr);
	}
	/* The packets of an external device may have all there is. */
	if (params->external)
		encap->overhead += GRETUN_HDR_MAX - encap->hlen;
}

/**
 * gretun_outer_to - have the headers and the route to somebody
 * @conf: configuration of a tunnel or an external device
 * @local: the address to send from
 * @peer: whom to send to, of the same family
 * @encap: where the headers go
 * @outer: how a packet is sent; gets @encap and the route, which may be an error
 *
 * For what goes to somebody else than the tunnel's peer, or has none.
 *
 * Context: bottom halves off, RCU read lock held.
 */
void gretun_outer_to(const struct gretun_conf *conf,
		     const struct in6_addr *local,
		     const struct gretun_peer *peer,
		     struct gretun_encap *encap, struct gretun_outer *outer)
{
	struct gretun_params params = conf->params;

	params.external = false;
	params.v6 = !ipv6_addr_v4mapped(local);
	params.local = *local;
	gretun_roam_to(&params, peer);
	gretun_outer_template(encap, &params);
	outer->encap = encap;
	outer->dst = gretun_outer_lookup(conf->tunnel->net, &params);
	outer->dst_held = true;
}

/**
 * gretun_outer_keep_input - keep the route of a received packet
 * @conf: configuration that the packet matched
 * @skb: outer packet, with a local route
 * @iif: ifindex of the device it came through
 *
 * What else a packet must have in common with it is for the caller to keep.
 *
 * Context: softirq or bottom halves off, RCU read lock held.
 * Return: false if the route is about to go.
 */
bool gretun_outer_keep_input(const struct gretun_conf *conf,
			     const struct sk_buff *skb, int iif)
{
	struct gretun_percpu *percpu = this_cpu_ptr(conf->tunnel->percpu);
	struct dst_entry *dst = skb_dst(skb);

	if (dst != percpu->input) {
		if (!dst_hold_safe(dst))
			return false;
		dst_release(percpu->input);
		percpu->input = dst;
	}
	percpu->input_iif = iif;
	percpu->input_conf_id = conf->id;
	return true;
}
