// SPDX-License-Identifier: GPL-2.0
/*
 * External devices: one device for any number of peers. A packet to be sent
 * brings the peer along as metadata, put there by a route (lwtunnel), tc or
 * BPF; a received packet is given the same about its sender.
 */
#include "gretun.h"

#include <net/dst_metadata.h>
#include <net/dsfield.h>
#include <net/inet_ecn.h>
#include <net/ip.h>
#include <net/ip6_route.h>
#include <net/ip_tunnels.h>
#include <net/route.h>

/* In metadata, this TOS stands for that of the inner packet. */
#define GRETUN_TOS_INHERIT 1

/*
 * Take the addresses from metadata. A local address of its own makes a device
 * one for peers of that family.
 *
 * Return: false for a peer that it is not for, or none.
 */
static bool gretun_external_addrs(struct gretun_params *params,
				  const struct ip_tunnel_key *key)
{
	bool any = gretun_addr_is_any(&params->local);

	if (!any && params->v6 == ipv6_addr_v4mapped(&params->local))
		return false;
	if (params->v6) {
		params->remote = key->u.ipv6.dst;
		if (any || !ipv6_addr_any(&key->u.ipv6.src))
			params->local = key->u.ipv6.src;
	} else {
		params->remote = gretun_addr4(key->u.ipv4.dst);
		if (any || key->u.ipv4.src)
			params->local = gretun_addr4(key->u.ipv4.src);
	}
	return !gretun_addr_is_any(&params->remote);
}

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
 * Return: false if the packet has no metadata, or not of a peer that the
 * device can send to.
 */
bool gretun_external_encap(const struct gretun_conf *conf, struct sk_buff *skb,
			   struct gretun_encap *encap)
{
	const struct ip_tunnel_info *info = skb_tunnel_info(skb);
	const struct ip_tunnel_key *key;
	struct gretun_params params;

	if (unlikely(!info || !(info->mode & IP_TUNNEL_INFO_TX)))
		return false;

	key = &info->key;
	params = (struct gretun_params) {
		.local = conf->params.local,
		.v6 = ip_tunnel_info_af(info) == AF_INET6,
		.flowlabel = ntohl(key->label) ?: conf->params.flowlabel,
		.flowlabel_mode = key->label ? GRETUN_FLOWLABEL_MODE_FIXED :
					       conf->params.flowlabel_mode,
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
	if (!gretun_external_addrs(&params, key))
		return false;
	gretun_outer_template(encap, &params);
	return true;
}

static struct dst_entry *gretun_external_route4(const struct gretun_conf *conf,
						struct gretun_encap *encap,
						struct dst_cache *cache)
{
	struct net *net = conf->tunnel->net;
	struct rtable *rt = NULL;
	struct flowi4 fl4;

	if (cache)
		rt = dst_cache_get_ip4(cache, &encap->iph.saddr);
	if (rt)
		return &rt->dst;

	flowi4_init_output(&fl4, conf->params.link, conf->params.fwmark,
			   encap->tos, RT_SCOPE_UNIVERSE, IPPROTO_GRE, 0,
			   encap->iph.daddr, encap->iph.saddr, 0, 0,
			   sock_net_uid(net, NULL));
	rt = ip_route_output_key(net, &fl4);
	if (IS_ERR(rt))
		return ERR_CAST(rt);
	encap->iph.saddr = fl4.saddr;
	if (cache)
		dst_cache_set_ip4(cache, &rt->dst, fl4.saddr);
	return &rt->dst;
}

static struct dst_entry *gretun_external_route6(const struct gretun_conf *conf,
						struct gretun_encap *encap,
						struct dst_cache *cache)
{
	struct net *net = conf->tunnel->net;
	struct dst_entry *dst = NULL;
	struct flowi6 fl6;

	if (cache)
		dst = dst_cache_get_ip6(cache, &encap->ip6h.saddr);
	if (dst)
		return dst;

	fl6 = (struct flowi6) {
		.flowi6_oif = conf->params.link,
		.flowi6_mark = conf->params.fwmark,
		.flowi6_proto = IPPROTO_GRE,
		.flowi6_uid = sock_net_uid(net, NULL),
		.daddr = encap->ip6h.daddr,
		.saddr = encap->ip6h.saddr,
		.flowlabel = ip6_make_flowinfo(encap->tos,
					       ip6_flowlabel(&encap->ip6h)),
	};
	dst = gretun_outer6_flow(net, &fl6);
	if (IS_ERR(dst))
		return dst;
	encap->ip6h.saddr = fl6.saddr;
	if (cache)
		dst_cache_set_ip6(cache, dst, &fl6.saddr);
	return dst;
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
 * Return: the route, which the caller releases, or an error pointer.
 */
struct dst_entry *gretun_external_route(const struct gretun_conf *conf,
					struct sk_buff *skb,
					struct gretun_encap *encap)
{
	struct ip_tunnel_info *info = skb_tunnel_info(skb);
	struct dst_cache *cache = NULL;
	struct dst_entry *dst;

	if (ip_tunnel_dst_cache_usable(skb, info))
		cache = &info->dst_cache;
	if (encap->v6)
		return gretun_external_route6(conf, encap, cache);
	dst = gretun_external_route4(conf, encap, cache);
	/* The source address may be another one now. */
	if (conf->params.fastpath)
		ip_send_check(&encap->iph);
	return dst;
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

static void gretun_external_tag4(struct metadata_dst *metadata,
				 const struct iphdr *iph)
{
	struct ip_tunnel_key *key = &metadata->u.tun_info.key;

	metadata->u.tun_info.mode = 0;
	key->u.ipv4.src = iph->saddr;
	key->u.ipv4.dst = iph->daddr;
	key->tos = iph->tos;
	key->ttl = iph->ttl;
	if (iph->frag_off & htons(IP_DF))
		gretun_compat_set_flag(key->tun_flags, DONT_FRAGMENT);
}

static void gretun_external_tag6(struct metadata_dst *metadata,
				 const struct ipv6hdr *ip6h)
{
	struct ip_tunnel_key *key = &metadata->u.tun_info.key;

	metadata->u.tun_info.mode = IP_TUNNEL_INFO_IPV6;
	key->u.ipv6.src = ip6h->saddr;
	key->u.ipv6.dst = ip6h->daddr;
	key->label = ip6_flowlabel(ip6h);
	key->tos = ipv6_get_dsfield(ip6h);
	key->ttl = ip6h->hop_limit;
}

/**
 * gretun_external_tag - tell who sent a packet
 * @conf: configuration of the external device
 * @skb: inner packet, without a route
 * @outer: the outer IP header it had, IPv6 if its first bits say so
 * @hdr: the GRE header it had
 *
 * Context: softirq or bottom halves off, RCU read lock held.
 * Return: false if there was no memory.
 */
bool gretun_external_tag(const struct gretun_conf *conf, struct sk_buff *skb,
			 const union gretun_outer_header *outer,
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
	if (outer->iph.version == 4)
		gretun_external_tag4(metadata, &outer->iph);
	else
		gretun_external_tag6(metadata, &outer->ip6h);
	if (hdr->has_csum)
		gretun_compat_set_flag(key->tun_flags, CSUM);
	if (hdr->has_key)
		gretun_compat_set_flag(key->tun_flags, KEY);
	if (hdr->has_seq)
		gretun_compat_set_flag(key->tun_flags, SEQ);

	dst_hold(&metadata->dst);
	skb_dst_set(skb, &metadata->dst);
	return true;
}
