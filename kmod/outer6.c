// SPDX-License-Identifier: GPL-2.0
/*
 * The IPv6 underlay: the route of the outer packets and their IP header
 * (RFC 7676, with what RFC 2473 says of tunnels over IPv6).
 */
#include "gretun.h"

#include <linux/ip6_tunnel.h>
#include <net/addrconf.h>
#include <net/dsfield.h>
#include <net/ip6_route.h>
#include <net/ipv6.h>
#include <net/ndisc.h>

/**
 * gretun_outer6_flow - look up the route of a flow of outer packets
 * @net: netns of the outer packets
 * @fl6: the flow; gets a source address if it has none
 *
 * With a source address the stack takes the device as a wish, which for IPv4
 * is an order, and sends from an address that is not there, which it does not
 * for IPv4.
 *
 * Context: any.
 * Return: the route, which the caller releases, or an error pointer.
 */
struct dst_entry *gretun_outer6_flow(struct net *net, struct flowi6 *fl6)
{
	struct dst_entry *dst;
	int flags = 0;
	int err;

	if (ipv6_addr_any(&fl6->saddr))
		return ip6_dst_lookup_flow(net, NULL, fl6, NULL);

	if (fl6->flowi6_oif && !netif_index_is_l3_master(net, fl6->flowi6_oif))
		flags = RT6_LOOKUP_F_IFACE;
	dst = ip6_route_output_flags(net, NULL, fl6, flags);
	err = dst->error;
	if (err) {
		dst_release(dst);
		return ERR_PTR(err);
	}
	if (!ipv6_chk_addr_and_flags(net, &fl6->saddr, dst->dev, true, 0,
				     IFA_F_TENTATIVE)) {
		dst_release(dst);
		return ERR_PTR(-EADDRNOTAVAIL);
	}
	return xfrm_lookup_route(net, dst, flowi6_to_flowi(fl6), NULL, 0);
}

/**
 * gretun_outer6_lookup - look up the route of outer packets over IPv6
 * @net: netns of the outer packets
 * @params: the tunnel's parameters, with a remote address
 *
 * Context: any.
 * Return: the route, which the caller releases, or an error pointer.
 */
struct dst_entry *gretun_outer6_lookup(struct net *net,
				       const struct gretun_params *params)
{
	u8 tclass = params->tos_inherit ? 0 : params->tos;
	struct flowi6 fl6 = {
		.flowi6_oif = params->link,
		.flowi6_mark = params->fwmark,
		.flowi6_proto = gretun_outer_proto(params),
		.flowi6_uid = sock_net_uid(net, NULL),
		.daddr = params->remote,
		.saddr = params->local,
		.flowlabel = ip6_make_flowinfo(tclass,
					       htonl(params->flowlabel)),
	};

	gretun_udp_ports(params, &fl6.fl6_sport, &fl6.fl6_dport);
	return gretun_outer6_flow(net, &fl6);
}

/**
 * gretun_outer6_route_mtu - the MTU that an IPv6 route was given
 * @dst: the route of outer packets
 *
 * A path MTU that was learned makes a route of its own, whose metric it is.
 *
 * Context: any.
 * Return: bytes; 0 if the route has that of its device.
 */
u32 gretun_outer6_route_mtu(const struct dst_entry *dst)
{
	const struct fib6_info *from;
	u32 mtu;

	rcu_read_lock();
	from = rcu_dereference(dst_rt6_info(dst)->from);
	/* What IPsec leaves is the metric of a route that comes from no other. */
	mtu = from ? from->fib6_pmtu : dst_metric_raw(dst, RTAX_MTU);
	rcu_read_unlock();
	return mtu;
}

/**
 * gretun_outer6_template - prepare the IP header that all packets share
 * @encap: where it goes; the GRE header is there
 * @params: a tunnel's parameters
 *
 * Context: any.
 */
void gretun_outer6_template(struct gretun_encap *encap,
			    const struct gretun_params *params)
{
	encap->flowlabel_mode = params->flowlabel_mode;
	encap->ip6h = (struct ipv6hdr) {
		.nexthdr = gretun_outer_proto(params),
		.hop_limit = params->ttl,
		.saddr = params->local,
		.daddr = params->remote,
	};
	ip6_flow_hdr(&encap->ip6h, 0, htonl(params->flowlabel));
	encap->overhead = sizeof(encap->ip6h) + encap->hlen;
	if (!params->has_encap_limit)
		return;

	encap->has_limit = true;
	encap->limit[0] = encap->ip6h.nexthdr;
	encap->ip6h.nexthdr = IPPROTO_DSTOPTS;
	encap->limit[1] = GRETUN_LIMIT_LEN / 8 - 1;
	encap->limit[2] = IPV6_TLV_TNL_ENCAP_LIMIT;
	encap->limit[3] = 1;
	encap->limit[4] = params->encap_limit;
	encap->limit[5] = IPV6_TLV_PADN;
	encap->limit[6] = 1;
	encap->overhead += GRETUN_LIMIT_LEN;
}

/*
 * Find the encapsulation limit of an inner packet (RFC 2473, section 4.1.1).
 * It stands in a destination options header right behind the IPv6 header, as
 * that is where tunnels put it.
 *
 * Return: where its value is from the IPv6 header on, or 0 without one.
 */
static unsigned int gretun_outer6_find_limit(struct sk_buff *skb)
{
	unsigned int start = skb_network_offset(skb) + sizeof(struct ipv6hdr);
	unsigned int pos, end;
	const u8 *options;

	if (ipv6_hdr(skb)->nexthdr != IPPROTO_DSTOPTS ||
	    !pskb_may_pull(skb, start + 2))
		return 0;
	end = (skb->data[start + 1] + 1) * 8;
	if (!pskb_may_pull(skb, start + end))
		return 0;

	options = skb->data + start;
	pos = 2;
	while (pos + 2 < end) {
		if (options[pos] == IPV6_TLV_TNL_ENCAP_LIMIT)
			return options[pos + 1] == 1 ?
			       sizeof(struct ipv6hdr) + pos + 2 : 0;
		/* Padding of one byte is the one kind that has no length. */
		pos += options[pos] == IPV6_TLV_PAD1 ? 1 : options[pos + 1] + 2;
	}
	return 0;
}

static bool gretun_outer6_limit(struct sk_buff *skb,
				struct gretun_outer *outer)
{
	unsigned int offset = 0;
	u8 limit;

	outer->limit = outer->encap->limit[4];
	if (skb->protocol == htons(ETH_P_IPV6))
		offset = gretun_outer6_find_limit(skb);
	if (!offset)
		return true;
	limit = skb_network_header(skb)[offset];
	if (!limit) {
		icmpv6_ndo_send(skb, ICMPV6_PARAMPROB, ICMPV6_HDR_FIELD,
				offset);
		return false;
	}
	outer->limit = limit - 1;
	return true;
}

/**
 * gretun_outer6_inherit - what the outer header takes from the inner packet
 * @net: netns of the outer packets
 * @skb: inner packet, whose header may move
 * @outer: how it is sent
 *
 * Context: bottom halves off.
 * Return: false if the packet may not be put into another tunnel; its sender
 * has been told.
 */
bool gretun_outer6_inherit(struct net *net, struct sk_buff *skb,
			   struct gretun_outer *outer)
{
	const struct gretun_encap *encap = outer->encap;
	struct flowi6 fl6 = {};

	switch (encap->flowlabel_mode) {
	case GRETUN_FLOWLABEL_MODE_AUTO:
		/* Without a hash yet it would be made of what is given here. */
		skb_get_hash(skb);
		fl6.flowi6_proto = IPPROTO_GRE;
		fl6.daddr = encap->ip6h.daddr;
		fl6.saddr = encap->ip6h.saddr;
		outer->label = ip6_make_flowlabel(net, skb, 0, true, &fl6);
		break;
	case GRETUN_FLOWLABEL_MODE_FIXED:
		outer->label = ip6_flowlabel(&encap->ip6h);
		break;
	case GRETUN_FLOWLABEL_MODE_INHERIT:
		if (skb->protocol == htons(ETH_P_IPV6))
			outer->label = ip6_flowlabel(ipv6_hdr(skb));
		break;
	}
	return likely(!encap->has_limit) || gretun_outer6_limit(skb, outer);
}

/*
 * The neighbour that a packet can go to past the firewall, as for IPv4.
 * Return: the neighbour, good for as long as RCU says, or NULL.
 */
static struct neighbour *gretun_outer6_neigh(const struct sk_buff *skb)
{
	const struct rt6_info *rt = dst_rt6_info(skb_dst(skb));
	const struct dst_entry *dst = &rt->dst;
	const struct in6_addr *nexthop;
	struct neighbour *n;

	if (unlikely(dst->output != ip6_output || rt->rt6i_flags & RTF_LOCAL ||
		     dst->lwtstate || netif_is_l3_slave(dst->dev) ||
		     netif_is_l3_master(dst->dev) ||
		     !gretun_fits(skb, dst_mtu(dst))))
		return NULL;
	nexthop = rt6_nexthop(rt, &ipv6_hdr(skb)->daddr);
	n = __ipv6_neigh_lookup_noref(dst->dev, nexthop);
	return n && READ_ONCE(n->nud_state) & NUD_VALID ? n : NULL;
}

/* What ip6_local_out() does where there is but a neighbour to send to. */
static int gretun_outer6_to_neigh(struct net *net, struct sk_buff *skb,
				  struct neighbour *n)
{
	unsigned int len = skb->len - sizeof(struct ipv6hdr);

	ipv6_hdr(skb)->payload_len = htons(len > IPV6_MAXPLEN ? 0 : len);
	skb->dev = n->dev;
	gretun_compat_count_out6(net, skb);
	sock_confirm_neigh(skb, n);
	return neigh_output(n, skb, false);
}

/**
 * gretun_outer6_send - put the IP header on and send
 * @conf: the tunnel's configuration
 * @skb: packet from its GRE header on, with its route; gretun_outer6_send()
 *	takes it
 * @outer: how it is sent
 *
 * A packet that may be fragmented is, here and by nobody else.
 *
 * Context: bottom halves off, RCU read lock held.
 * Return: 0 if the packet was sent. If not, it is freed and counted.
 */
int gretun_outer6_send(const struct gretun_conf *conf, struct sk_buff *skb,
		       const struct gretun_outer *outer)
{
	struct gretun_tunnel *tunnel = conf->tunnel;
	struct neighbour *n = NULL;
	struct ipv6hdr *ip6h;
	u8 *limit;
	int err;

	if (outer->encap->has_limit) {
		limit = __skb_push(skb, GRETUN_LIMIT_LEN);
		memcpy(limit, outer->encap->limit, GRETUN_LIMIT_LEN);
		limit[4] = outer->limit;
	}
	ip6h = __skb_push(skb, sizeof(*ip6h));
	skb_reset_network_header(skb);
	*ip6h = outer->encap->ip6h;
	ip6_flow_hdr(ip6h, outer->tos, outer->label);
	skb->protocol = htons(ETH_P_IPV6);
	skb->ignore_df = !outer->df;
	memset(IP6CB(skb), 0, sizeof(*IP6CB(skb)));
	if (conf->params.fastpath)
		n = gretun_outer6_neigh(skb);
	err = n ? gretun_outer6_to_neigh(tunnel->net, skb, n) :
		  ip6_local_out(tunnel->net, NULL, skb);
	return gretun_sent(tunnel, err);
}

/**
 * gretun_outer6_learn_input - remember the route of a received packet
 * @conf: configuration that the packet matched
 * @skb: outer packet, with a local route
 * @iif: ifindex of the device it came through
 *
 * The next packet of the tunnel through that device has the same addresses and
 * the same route, if the tunnel has a peer.
 *
 * Context: softirq or bottom halves off, RCU read lock held.
 */
void gretun_outer6_learn_input(const struct gretun_conf *conf,
			       struct sk_buff *skb, int iif)
{
	struct gretun_percpu *percpu = this_cpu_ptr(conf->tunnel->percpu);

	if (gretun_has_peer(&conf->params) &&
	    gretun_outer_keep_input(conf, skb, iif))
		percpu->input_cookie =
			rt6_get_cookie(dst_rt6_info(skb_dst(skb)));
}

/**
 * gretun_outer6_set_input - give a received packet the route of its like
 * @conf: configuration that the packet matched
 * @skb: outer packet without a route
 * @iif: ifindex of the device it came through
 *
 * Any change of addresses or routes in the netns makes the route invalid.
 *
 * Context: softirq or bottom halves off, RCU read lock held.
 * Return: true if the packet has a local route now.
 */
bool gretun_outer6_set_input(const struct gretun_conf *conf,
			     struct sk_buff *skb, int iif)
{
	struct gretun_percpu *percpu = this_cpu_ptr(conf->tunnel->percpu);

	if (!percpu->input || percpu->input_iif != iif ||
	    percpu->input_conf_id != conf->id)
		return false;
	if (unlikely(!dst_check(percpu->input, percpu->input_cookie))) {
		dst_release(percpu->input);
		percpu->input = NULL;
		return false;
	}
	skb_dst_set_noref(skb, percpu->input);
	return true;
}
