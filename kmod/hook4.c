// SPDX-License-Identifier: GPL-2.0
/*
 * The hooks of IPv4. LOCAL_IN is where a packet is taken. PRE_ROUTING is a
 * shortcut: a plain packet of a tunnel for which the route is known from the
 * packet before it goes to the LOCAL_IN hooks from there, without another look
 * at the routes.
 */
#include "gretun.h"
#include "watch.h"

#include <linux/netfilter_bridge.h>
#include <linux/netfilter_ipv4.h>
#include <net/ip.h>

/**
 * gretun_hook4_local_in - the hook in LOCAL_IN of IPv4
 * @priv: the netns
 * @skb: a packet for this host, at its IPv4 header
 * @state: of the hook
 *
 * Context: softirq or bottom halves off, RCU read lock held.
 * Return: what becomes of the packet, NF_*.
 */
unsigned int gretun_hook4_local_in(void *priv, struct sk_buff *skb,
				   const struct nf_hook_state *state)
{
	const struct gretun_conf *conf;
	struct gretun_net *gn = priv;
	struct gretun_key key;
	struct gretun_hdr hdr;
	unsigned int verdict;

	if (ip_hdr(skb)->protocol == IPPROTO_ICMP)
		gretun_icmp_receive4(gn, skb);
	if (ip_hdr(skb)->protocol != IPPROTO_GRE)
		return NF_ACCEPT;

	gretun_key_pair4(skb, &key.pair);
	verdict = gretun_hook_claim(state, skb, ip_hdrlen(skb), IPCB(skb)->iif,
				    &key, &hdr, &conf);
	if (verdict != NF_STOLEN)
		return verdict;

	/* In a VRF the packet has changed devices; it goes the long way. */
	if (state->in->ifindex == IPCB(skb)->iif)
		gretun_outer4_learn_input(conf, skb, state->in->ifindex);
	gretun_rx(conf, skb, &hdr, false);
	return NF_STOLEN;
}

/*
 * Return: true for a packet about which routing could not say anything but
 * what it said of the tunnel's last one.
 */
static bool gretun_hook4_plain(const struct sk_buff *skb,
			       const struct nf_hook_state *state)
{
	const struct iphdr *iph = ip_hdr(skb);

#ifdef CONFIG_IP_MULTIPLE_TABLES
	if (state->net->ipv4.fib_has_custom_rules)
		return false;
#endif
	return iph->ihl == sizeof(*iph) / 4 && !ip_is_fragment(iph) &&
	       skb->pkt_type == PACKET_HOST && !skb_dst(skb) &&
	       !netif_is_l3_slave(state->in) &&
	       !netif_is_l3_master(state->in) && !nf_bridge_in_prerouting(skb);
}

/* The tunnel of a plain packet unlike the last ones, and its GRE header. */
static noinline const struct gretun_conf *
gretun_hook4_match(struct gretun_net *gn, struct sk_buff *skb,
		   const struct nf_hook_state *state, struct gretun_hdr *hdr)
{
	int iif = state->in->ifindex;
	const struct gretun_conf *conf;
	struct gretun_key key;
	u32 generation;

	generation = gretun_lookup_generation(gn);
	gretun_key_pair4(skb, &key.pair);
	if (gretun_hook_parse(skb, ip_hdrlen(skb), hdr, &key) != GRETUN_HDR_OK)
		return NULL;
	conf = gretun_hook_lookup(gn, &key);
	if (!conf || !gretun_hook_bound(conf, state->in, IPCB(skb)->iif))
		return NULL;
	gretun_flow_keep(gn, skb, iif, generation, conf, hdr);
	return conf;
}

static noinline unsigned int
gretun_hook4_shortcut(struct gretun_net *gn, struct sk_buff *skb,
		      const struct nf_hook_state *state)
{
	struct nf_hook_entries __rcu **hooks = state->net->nf.hooks_ipv4;
	const struct gretun_conf *conf;
	struct gretun_hdr hdr;
	bool hand_back;

	conf = gretun_flow_find(gn, skb, state->in->ifindex, &hdr) ?:
	       gretun_hook4_match(gn, skb, state, &hdr);
	if (!conf || !gretun_outer4_set_input(conf, skb, state->in->ifindex))
		return NF_ACCEPT;

	if (conf->params.fastpath) {
		if (unlikely(!gretun_hook_confirm(skb))) {
			gretun_netns_count(gn, GRETUN_CONNTRACK);
			return NF_DROP;
		}
		/* Is there nothing between this hook and the routing? */
		hand_back = net_eq(state->net, dev_net(conf->dev)) &&
			    !gretun_watched_hook(rcu_dereference(hooks[NF_INET_PRE_ROUTING]));
		return gretun_rx(conf, skb, &hdr, hand_back) ? NF_ACCEPT :
							       NF_STOLEN;
	}
	/* Where LOCAL_IN has but our hook, that is all it would do. */
	if (!gretun_watched_hook(rcu_dereference(hooks[NF_INET_LOCAL_IN]))) {
		gretun_rx(conf, skb, &hdr, false);
		return NF_STOLEN;
	}
	ip_local_deliver(skb);
	return NF_STOLEN;
}

/**
 * gretun_hook4_pre_routing - the hook in PRE_ROUTING of IPv4
 * @priv: the netns
 * @skb: any packet of the netns, at its IPv4 header; others leave at once
 * @state: of the hook
 *
 * Context: softirq or bottom halves off, RCU read lock held.
 * Return: what becomes of the packet, NF_*.
 */
unsigned int gretun_hook4_pre_routing(void *priv, struct sk_buff *skb,
				      const struct nf_hook_state *state)
{
	if (ip_hdr(skb)->protocol != IPPROTO_GRE ||
	    !gretun_hook4_plain(skb, state))
		return NF_ACCEPT;
	return gretun_hook4_shortcut(priv, skb, state);
}
