// SPDX-License-Identifier: GPL-2.0
/*
 * External devices: one device for any number of peers. A packet to be sent
 * brings the peer along as metadata, put there by a route (lwtunnel), tc or
 * BPF; a received packet is given the same about its sender.
 */
#include "gretun.h"

#include <net/dst_metadata.h>
#include <net/inet_ecn.h>
#include <net/ip.h>
#include <net/ip_tunnels.h>
#include <net/route.h>

/* In metadata, this TOS stands for that of the inner packet. */
#define GRETUN_TOS_INHERIT 1

/**
 * gretun_external_encap - headers as the metadata of a packet says
 * @conf: configuration of the external device
 * @skb: inner packet
 * @encap: where the headers go
 *
 * A TTL of 0 stands for the device's. Metadata has no flag for "no key", so
 * that an id other than 0 is a key even without the flag.
 *
 * Context: bottom halves off.
 * Return: false if the packet has no metadata, or not of an IPv4 peer.
 */
bool gretun_external_encap(const struct gretun_conf *conf, struct sk_buff *skb,
			   struct gretun_encap *encap)
{
	const struct ip_tunnel_info *info = skb_tunnel_info(skb);
	const struct ip_tunnel_key *key;
	struct gretun_params params;

	if (unlikely(!info || !(info->mode & IP_TUNNEL_INFO_TX) ||
		     ip_tunnel_info_af(info) != AF_INET ||
		     !info->key.u.ipv4.dst))
		return false;

	key = &info->key;
	params = (struct gretun_params) {
		.local = key->u.ipv4.src ?: conf->params.local,
		.remote = key->u.ipv4.dst,
		.ttl = key->ttl ?: conf->params.ttl,
		.tos = key->tos & ~INET_ECN_MASK,
		.tos_inherit = key->tos == GRETUN_TOS_INHERIT,
		.okey = ntohl(tunnel_id_to_key32(key->tun_id)),
		.has_okey = gretun_compat_has_flag(key->tun_flags, KEY) ||
			    key->tun_id,
		.csum = gretun_compat_has_flag(key->tun_flags, CSUM),
		.seq = gretun_compat_has_flag(key->tun_flags, SEQ),
		.df = gretun_compat_has_flag(key->tun_flags, DONT_FRAGMENT) ?
		      GRETUN_DF_SET : conf->params.df,
	};
	gretun_outer4_template(encap, &params);
	return true;
}

/**
 * gretun_external_route - get the route to the peer of a packet
 * @conf: configuration of the external device
 * @skb: inner packet with metadata
 * @encap: its headers; gets the source address if it has none yet
 *
 * The metadata of a route or of tc has a cache for this.
 *
 * Context: bottom halves off.
 * Return: the route, which the caller puts, or an error pointer.
 */
struct rtable *gretun_external_route(const struct gretun_conf *conf,
				     struct sk_buff *skb,
				     struct gretun_encap *encap)
{
	struct ip_tunnel_info *info = skb_tunnel_info(skb);
	bool cached = ip_tunnel_dst_cache_usable(skb, info);
	struct net *net = conf->tunnel->net;
	struct rtable *rt = NULL;
	struct flowi4 fl4;

	if (cached)
		rt = dst_cache_get_ip4(&info->dst_cache, &encap->iph.saddr);
	if (rt)
		return rt;

	flowi4_init_output(&fl4, conf->params.link, conf->params.fwmark,
			   encap->iph.tos, RT_SCOPE_UNIVERSE, IPPROTO_GRE, 0,
			   encap->iph.daddr, encap->iph.saddr, 0, 0,
			   sock_net_uid(net, NULL));
	rt = ip_route_output_key(net, &fl4);
	if (IS_ERR(rt))
		return rt;
	encap->iph.saddr = fl4.saddr;
	if (cached)
		dst_cache_set_ip4(&info->dst_cache, &rt->dst, fl4.saddr);
	return rt;
}

/*
 * Metadata that nobody but this CPU has: what it used for the last packet, if
 * that is done with it, or new one.
 */
static struct metadata_dst *
gretun_external_metadata(struct gretun_percpu *percpu)
{
	struct metadata_dst *metadata = percpu->metadata;

	if (likely(metadata && gretun_compat_dst_refs(&metadata->dst) == 1)) {
		/* What others read of it comes before what is written now. */
		smp_acquire__after_ctrl_dep();
		return metadata;
	}
	metadata = metadata_dst_alloc(0, METADATA_IP_TUNNEL, GFP_ATOMIC);
	if (!metadata)
		return NULL;
	if (percpu->metadata)
		dst_release(&percpu->metadata->dst);
	percpu->metadata = metadata;
	return metadata;
}

/**
 * gretun_external_tag - tell who sent a packet
 * @conf: configuration of the external device
 * @skb: inner packet, without a route
 * @outer: the outer IP header it had
 * @hdr: the GRE header it had
 *
 * Context: softirq or bottom halves off, RCU read lock held.
 * Return: false if there was no memory.
 */
bool gretun_external_tag(const struct gretun_conf *conf, struct sk_buff *skb,
			 const struct iphdr *outer,
			 const struct gretun_hdr *hdr)
{
	struct metadata_dst *metadata;
	struct ip_tunnel_key *key;

	metadata = gretun_external_metadata(this_cpu_ptr(conf->tunnel->percpu));
	if (unlikely(!metadata))
		return false;

	key = &metadata->u.tun_info.key;
	memset(key, 0, sizeof(*key));
	key->tun_id = key32_to_tunnel_id(hdr->key);
	key->u.ipv4.src = outer->saddr;
	key->u.ipv4.dst = outer->daddr;
	key->tos = outer->tos;
	key->ttl = outer->ttl;
	if (hdr->has_csum)
		gretun_compat_set_flag(key->tun_flags, CSUM);
	if (hdr->has_key)
		gretun_compat_set_flag(key->tun_flags, KEY);
	if (hdr->has_seq)
		gretun_compat_set_flag(key->tun_flags, SEQ);
	if (outer->frag_off & htons(IP_DF))
		gretun_compat_set_flag(key->tun_flags, DONT_FRAGMENT);

	dst_hold(&metadata->dst);
	skb_dst_set(skb, &metadata->dst);
	return true;
}
