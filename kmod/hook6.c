// SPDX-License-Identifier: GPL-2.0
/*
 * The hooks of IPv6, the same as those of IPv4. LOCAL_IN comes before the stack
 * has looked at extension headers and before it has put fragments together, so
 * both are done here, for packets that may be a tunnel's and for no others.
 */
#include "gretun.h"
#include "options.h"
#include "watch.h"

#include <linux/icmpv6.h>
#include <linux/netfilter_bridge.h>
#include <net/ipv6.h>
#include <net/ipv6_frag.h>
#include <net/netfilter/ipv6/nf_defrag_ipv6.h>

/* Extension headers in a row that are looked at. */
#define GRETUN_HOOK6_HEADERS 8

/* What there is at the end of the extension headers. */
struct gretun_hook6_end {
	unsigned int offset;
	u8 nexthdr;
	bool fragment;
};

/*
 * Go past the extension headers, up to a fragment header. Hop-by-hop options
 * have been looked at by the stack already.
 *
 * Return: false if they are for the stack to look at, or cut short.
 */
static bool gretun_hook6_find(struct sk_buff *skb, struct gretun_hook6_end *end)
{
	const u8 *header;
	unsigned int len;
	int i;

	end->offset = sizeof(struct ipv6hdr);
	end->nexthdr = ipv6_hdr(skb)->nexthdr;
	end->fragment = false;
	for (i = 0; i < GRETUN_HOOK6_HEADERS; i++) {
		switch (end->nexthdr) {
		case NEXTHDR_HOP:
		case NEXTHDR_DEST:
		case NEXTHDR_ROUTING:
			break;
		case NEXTHDR_FRAGMENT:
			if (!pskb_may_pull(skb, end->offset +
					   sizeof(struct frag_hdr)))
				return false;
			end->nexthdr = skb->data[end->offset];
			end->fragment = true;
			return true;
		default:
			return true;
		}
		if (!pskb_may_pull(skb, end->offset + 8))
			return false;
		len = ipv6_optlen((struct ipv6_opt_hdr *)(skb->data +
							  end->offset));
		if (!pskb_may_pull(skb, end->offset + len))
			return false;
		header = skb->data + end->offset;
		if (end->nexthdr == NEXTHDR_DEST &&
		    !gretun_options_skip6(header, len))
			return false;
		/* Segments left: it is not for us yet. */
		if (end->nexthdr == NEXTHDR_ROUTING && header[3])
			return false;
		end->nexthdr = header[0];
		end->offset += len;
	}
	return false;
}

/* Is there anything in the packet for gretun to look at? */
static bool gretun_hook6_wanted(const struct sk_buff *skb)
{
	switch (ipv6_hdr(skb)->nexthdr) {
	case IPPROTO_GRE:
	case IPPROTO_ICMPV6:
	case NEXTHDR_HOP:
	case NEXTHDR_DEST:
	case NEXTHDR_ROUTING:
	case NEXTHDR_FRAGMENT:
		return true;
	}
	return false;
}

/*
 * Take a fragment of a packet that may be a tunnel's. Each fragment says what
 * header the first one goes on with (RFC 8200, section 4.5).
 *
 * Return: %NF_STOLEN, %NF_DROP for one that cannot be part of a packet, or
 * %NF_ACCEPT if @skb is now the whole packet, or none of those; then @end is what
 * is behind the headers.
 */
static unsigned int gretun_hook6_defrag(struct gretun_net *gn,
					struct sk_buff *skb,
					struct gretun_hook6_end *end)
{
	struct gretun_pair_key pair;

	gretun_key_pair6(skb, &pair);
	if ((end->nexthdr != IPPROTO_GRE && end->nexthdr != NEXTHDR_DEST) ||
	    !gretun_lookup_known(gn, &pair))
		return NF_ACCEPT;
	switch (nf_ct_frag6_gather(gn->net, skb, IP6_DEFRAG_LOCAL_DELIVER)) {
	case 0:
		break;
	case -EINPROGRESS:
		return NF_STOLEN;
	default:
		/* Its route is gone, so nobody can go on with it. */
		gretun_netns_count(gn, GRETUN_FRAGMENT);
		return NF_DROP;
	}
	if (!gretun_hook6_find(skb, end))
		end->nexthdr = NEXTHDR_NONE;
	return NF_ACCEPT;
}

static unsigned int gretun_hook6_gre(struct sk_buff *skb, unsigned int offset,
				     const struct nf_hook_state *state)
{
	const struct gretun_conf *conf;
	struct gretun_key key;
	struct gretun_hdr hdr;
	unsigned int verdict;

	gretun_key_pair6(skb, &key.pair);
	verdict = gretun_hook_claim(state, skb, offset, IP6CB(skb)->iif, &key,
				    &hdr, &conf);
	if (verdict != NF_STOLEN)
		return verdict;

	/* In a VRF the packet has changed devices; it goes the long way. */
	if (offset == sizeof(struct ipv6hdr) &&
	    state->in->ifindex == IP6CB(skb)->iif)
		gretun_outer6_learn_input(conf, skb, state->in->ifindex);
	skb_set_transport_header(skb, offset);
	gretun_rx(conf, skb, &hdr, false);
	return NF_STOLEN;
}

/* A packet behind headers that gretun does not go past. */
static unsigned int gretun_hook6_passed(struct gretun_net *gn,
					const struct sk_buff *skb)
{
	struct gretun_pair_key pair;

	gretun_key_pair6(skb, &pair);
	if (gretun_lookup_known(gn, &pair))
		gretun_netns_count(gn, GRETUN_PASSED_HEADER);
	return NF_ACCEPT;
}

/**
 * gretun_hook6_local_in - the hook in LOCAL_IN of IPv6
 * @priv: the netns
 * @skb: a packet for this host, at its IPv6 header
 * @state: of the hook
 *
 * Context: softirq or bottom halves off, RCU read lock held.
 * Return: what becomes of the packet, NF_*.
 */
unsigned int gretun_hook6_local_in(void *priv, struct sk_buff *skb,
				   const struct nf_hook_state *state)
{
	struct gretun_net *gn = priv;
	struct gretun_hook6_end end;
	unsigned int verdict;

	if (!gretun_hook6_wanted(skb))
		return NF_ACCEPT;
	if (!gretun_hook6_find(skb, &end))
		return gretun_hook6_passed(gn, skb);
	if (end.fragment) {
		verdict = gretun_hook6_defrag(gn, skb, &end);
		if (verdict != NF_ACCEPT || end.fragment)
			return verdict;
	}
	switch (end.nexthdr) {
	case IPPROTO_GRE:
		return gretun_hook6_gre(skb, end.offset, state);
	case IPPROTO_ICMPV6:
		gretun_icmp_receive6(gn, skb, end.offset);
		break;
	case NEXTHDR_NONE:
		return gretun_hook6_passed(gn, skb);
	}
	return NF_ACCEPT;
}

/*
 * Return: true for a packet about which routing could not say anything but
 * what it said of the tunnel's last one.
 */
static bool gretun_hook6_plain(const struct sk_buff *skb,
			       const struct nf_hook_state *state)
{
#ifdef CONFIG_IPV6_MULTIPLE_TABLES
	if (state->net->ipv6.fib6_has_custom_rules)
		return false;
#endif
	return skb->pkt_type == PACKET_HOST && !skb_dst(skb) &&
	       !netif_is_l3_slave(state->in) &&
	       !netif_is_l3_master(state->in) && !nf_bridge_in_prerouting(skb);
}

static noinline unsigned int
gretun_hook6_shortcut(struct gretun_net *gn, struct sk_buff *skb,
		      const struct nf_hook_state *state)
{
	struct nf_hook_entries __rcu **hooks = state->net->nf.hooks_ipv6;
	const struct gretun_conf *conf;
	struct gretun_key key;
	struct gretun_hdr hdr;

	gretun_key_pair6(skb, &key.pair);
	if (gretun_hook_parse(skb, sizeof(struct ipv6hdr), &hdr, &key) !=
	    GRETUN_HDR_OK)
		return NF_ACCEPT;
	conf = gretun_lookup(gn, &key);
	if (!conf || !gretun_hook_bound(conf, state->in, state->in->ifindex) ||
	    !gretun_outer6_set_input(conf, skb, state->in->ifindex))
		return NF_ACCEPT;

	if (conf->params.fastpath) {
		if (unlikely(!gretun_hook_confirm(skb))) {
			gretun_netns_count(gn, GRETUN_CONNTRACK);
			return NF_DROP;
		}
	} else if (gretun_watched_hook(rcu_dereference(hooks[NF_INET_LOCAL_IN]))) {
		ip6_input(skb);
		return NF_STOLEN;
	}
	/* Where LOCAL_IN has but our hook, that is all it would do. */
	gretun_rx(conf, skb, &hdr, false);
	return NF_STOLEN;
}

/**
 * gretun_hook6_pre_routing - the hook in PRE_ROUTING of IPv6
 * @priv: the netns
 * @skb: any packet of the netns, at its IPv6 header; others leave at once
 * @state: of the hook
 *
 * Packets of tunnels of any peer and of external devices go the long way.
 *
 * Context: softirq or bottom halves off, RCU read lock held.
 * Return: what becomes of the packet, NF_*.
 */
unsigned int gretun_hook6_pre_routing(void *priv, struct sk_buff *skb,
				      const struct nf_hook_state *state)
{
	if (ipv6_hdr(skb)->nexthdr != IPPROTO_GRE ||
	    !gretun_hook6_plain(skb, state))
		return NF_ACCEPT;
	return gretun_hook6_shortcut(priv, skb, state);
}
