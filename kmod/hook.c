// SPDX-License-Identifier: GPL-2.0
/*
 * How packets get here: netfilter hooks. GRE version 0 has one owner in the
 * kernel, usually ip_gre; a hook needs no ownership. The hooks steal the
 * packets of gretun's tunnels and accept all others, which then reach ip_gre,
 * PPTP or the ICMP answer of the stack as if gretun was not there.
 *
 * LOCAL_IN, last, after the admin's firewall has seen the outer packet, is
 * where a packet is taken. PRE_ROUTING, last, is a shortcut: a plain packet
 * of a tunnel for which the route is known from the packet before it goes to
 * the LOCAL_IN hooks from there, without another look at the routes.
 *
 * This file has the hooks of IPv4, and registers those of both families: a
 * netns has them while it has a tunnel over that family.
 */
#include "gretun.h"

#include <linux/netfilter_bridge.h>
#include <linux/netfilter_ipv4.h>
#include <linux/netfilter_ipv6.h>
#include <linux/rtnetlink.h>
#include <net/ip.h>
#include <net/netfilter/nf_conntrack.h>

/**
 * gretun_hook_missed - count a packet that no tunnel takes
 * @gn: netns that it came to
 * @key: what it was looked up by; kind %GRETUN_KEY_EXTERNAL for no key known
 * @iif: ifindex of the device it came through
 * @reason: why, if a tunnel has its addresses
 *
 * Context: softirq or bottom halves off, RCU read lock held.
 * Return: true if a tunnel has its addresses.
 */
bool gretun_hook_missed(struct gretun_net *gn, const struct gretun_key *key,
			u32 iif, enum gretun_netns_reason reason)
{
	bool known = gretun_lookup_known(gn, &key->pair);

	if (!known)
		reason = GRETUN_PASSED_PAIR;
	gretun_netns_count(gn, reason);
	gretun_near_miss(gn, key, iif, reason);
	return known;
}

/**
 * gretun_hook_confirm - confirm the flow of a packet
 * @skb: a packet that is about to be stolen
 *
 * conntrack confirms a new flow in a hook of the same, last priority; which of
 * the two runs first depends on which was registered first. A packet that is
 * stolen before it is confirmed would leave no flow behind.
 *
 * Context: softirq or bottom halves off, RCU read lock held.
 * Return: false if conntrack does not let it pass.
 */
bool gretun_hook_confirm(struct sk_buff *skb)
{
#if IS_ENABLED(CONFIG_NF_CONNTRACK)
	const struct nf_ct_hook *ct_hook;
	enum ip_conntrack_info ctinfo;
	const struct nf_conn *ct;

	ct = nf_ct_get(skb, &ctinfo);
	if (likely(!ct || nf_ct_is_confirmed(ct)))
		return true;
	ct_hook = rcu_dereference(nf_ct_hook);
	return !ct_hook || ct_hook->confirm(skb) == NF_ACCEPT;
#else
	return true;
#endif
}

/*
 * Read the GRE header of an outer packet and what it is looked up by.
 * Return: what the header is, or a negative error code.
 */
static int gretun_hook_parse(struct sk_buff *skb, struct gretun_hdr *hdr,
			     struct gretun_key *key)
{
	unsigned int ihl = ip_hdrlen(skb);
	unsigned int len = min_t(unsigned int, skb->len - ihl, GRETUN_HDR_MAX);
	enum gretun_hdr_status status;

	key->pair.local = gretun_addr4(ip_hdr(skb)->daddr);
	key->pair.remote = gretun_addr4(ip_hdr(skb)->saddr);
	key->key = 0;
	key->kind = GRETUN_KEY_EXTERNAL;
	if (unlikely(!pskb_may_pull(skb, ihl + len)))
		return -ENOMEM;
	status = gretun_hdr_parse(skb->data + ihl, len, hdr);
	if (likely(status == GRETUN_HDR_OK)) {
		key->key = hdr->key;
		key->kind = hdr->has_key ? GRETUN_KEY_GIVEN : GRETUN_KEY_NONE;
	}
	return status;
}

/* A tunnel with this peer comes before one that takes any. */
static struct gretun_conf *gretun_hook_lookup(struct gretun_net *gn,
					      const struct gretun_key *key)
{
	struct gretun_conf *conf = gretun_lookup(gn, key);

	return conf ?: gretun_lookup_wild(gn, key);
}

/* A packet of a tunnel that is bound to a device must come through it. */
static bool gretun_hook_bound(const struct gretun_conf *conf,
			      struct sk_buff *skb,
			      const struct nf_hook_state *state)
{
	u32 link = conf->params.link;

	return !link || link == state->in->ifindex || link == IPCB(skb)->iif;
}

static unsigned int gretun_hook_local_in(void *priv, struct sk_buff *skb,
					 const struct nf_hook_state *state)
{
	enum gretun_netns_reason reason;
	struct gretun_net *gn = priv;
	const struct gretun_conf *conf;
	struct gretun_key key;
	struct gretun_hdr hdr;

	if (ip_hdr(skb)->protocol == IPPROTO_ICMP)
		gretun_icmp_receive4(gn, skb);
	if (ip_hdr(skb)->protocol != IPPROTO_GRE)
		return NF_ACCEPT;

	switch (gretun_hook_parse(skb, &hdr, &key)) {
	case GRETUN_HDR_OK:
		break;
	case GRETUN_HDR_VERSION:
		gretun_netns_count(gn, GRETUN_PASSED_VERSION);
		return NF_ACCEPT;
	case GRETUN_HDR_TRUNCATED:
		reason = GRETUN_TRUNCATED;
		goto refused;
	case GRETUN_HDR_ROUTING:
		reason = GRETUN_ROUTING;
		goto refused;
	case GRETUN_HDR_RESERVED:
		reason = GRETUN_RESERVED;
		goto refused;
	default:
		reason = GRETUN_MEMORY;
		goto refused;
	}

	conf = gretun_hook_lookup(gn, &key);
	if (unlikely(!conf)) {
		gretun_hook_missed(gn, &key, IPCB(skb)->iif, GRETUN_PASSED_KEY);
		return NF_ACCEPT;
	}
	if (unlikely(!gretun_hook_bound(conf, skb, state))) {
		gretun_hook_missed(gn, &key, IPCB(skb)->iif, GRETUN_PASSED_DEV);
		return NF_ACCEPT;
	}
	if (!gretun_hook_confirm(skb)) {
		gretun_netns_count(gn, GRETUN_CONNTRACK);
		return NF_DROP;
	}

	/* In a VRF the packet has changed devices; it goes the long way. */
	if (state->in->ifindex == IPCB(skb)->iif)
		gretun_outer4_learn_input(conf, skb, state->in->ifindex);
	gretun_rx(conf, skb, &hdr, false);
	return NF_STOLEN;

refused:
	return gretun_hook_missed(gn, &key, IPCB(skb)->iif, reason) ?
	       NF_DROP : NF_ACCEPT;
}

/*
 * Return: true for a packet about which routing could not say anything but
 * what it said of the tunnel's last one.
 */
static bool gretun_hook_plain(const struct sk_buff *skb,
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

/* Return: true if no hook of that kind but ours is there. */
static bool gretun_hook_alone(const struct net *net, unsigned int hooknum)
{
	const struct nf_hook_entries *hooks;

	hooks = rcu_dereference(net->nf.hooks_ipv4[hooknum]);
	return hooks && hooks->num_hook_entries == 1;
}

/* The tunnel of a plain packet, and the packet's GRE header. */
static const struct gretun_conf *
gretun_hook_match(struct gretun_net *gn, struct sk_buff *skb,
		  const struct nf_hook_state *state, struct gretun_hdr *hdr)
{
	int iif = state->in->ifindex;
	const struct gretun_conf *conf;
	struct gretun_key key;
	u32 generation;

	conf = gretun_flow_find(gn, skb, iif, hdr);
	if (likely(conf))
		return conf;

	generation = gretun_lookup_generation(gn);
	if (gretun_hook_parse(skb, hdr, &key) != GRETUN_HDR_OK)
		return NULL;
	conf = gretun_hook_lookup(gn, &key);
	if (!conf || !gretun_hook_bound(conf, skb, state))
		return NULL;
	gretun_flow_keep(gn, skb, iif, generation, conf, hdr);
	return conf;
}

static noinline unsigned int
gretun_hook_shortcut(struct gretun_net *gn, struct sk_buff *skb,
		     const struct nf_hook_state *state)
{
	const struct gretun_conf *conf;
	struct gretun_hdr hdr;
	bool hand_back;

	conf = gretun_hook_match(gn, skb, state, &hdr);
	if (!conf || !gretun_outer4_set_input(conf, skb, state->in->ifindex))
		return NF_ACCEPT;

	if (conf->params.fastpath) {
		if (unlikely(!gretun_hook_confirm(skb))) {
			gretun_netns_count(gn, GRETUN_CONNTRACK);
			return NF_DROP;
		}
		/* Is there nothing between this hook and the routing? */
		hand_back = gretun_hook_alone(state->net, NF_INET_PRE_ROUTING) &&
			    net_eq(state->net, dev_net(conf->dev));
		return gretun_rx(conf, skb, &hdr, hand_back) ? NF_ACCEPT :
							       NF_STOLEN;
	}
	/* Where LOCAL_IN has but our hook, that is all it would do. */
	if (likely(gretun_hook_alone(state->net, NF_INET_LOCAL_IN))) {
		gretun_rx(conf, skb, &hdr, false);
		return NF_STOLEN;
	}
	ip_local_deliver(skb);
	return NF_STOLEN;
}

/* Every packet of the netns comes here, so that others leave at once. */
static unsigned int gretun_hook_pre_routing(void *priv, struct sk_buff *skb,
					    const struct nf_hook_state *state)
{
	if (ip_hdr(skb)->protocol != IPPROTO_GRE ||
	    !gretun_hook_plain(skb, state))
		return NF_ACCEPT;
	return gretun_hook_shortcut(priv, skb, state);
}

static const struct nf_hook_ops gretun_hooks4[] = {
	{
		.hook = gretun_hook_pre_routing,
		.pf = NFPROTO_IPV4,
		.hooknum = NF_INET_PRE_ROUTING,
		.priority = NF_IP_PRI_LAST,
	},
	{
		.hook = gretun_hook_local_in,
		.pf = NFPROTO_IPV4,
		.hooknum = NF_INET_LOCAL_IN,
		.priority = NF_IP_PRI_LAST,
	},
};

static const struct nf_hook_ops gretun_hook6 = {
	.hook = gretun_hook6_local_in,
	.pf = NFPROTO_IPV6,
	.hooknum = NF_INET_LOCAL_IN,
	.priority = NF_IP6_PRI_LAST,
};

static int gretun_hook_get4(struct gretun_net *gn)
{
	int err;

	if (!gn->hooks4_users) {
		memcpy(gn->hooks4, gretun_hooks4, sizeof(gn->hooks4));
		gn->hooks4[0].priv = gn;
		gn->hooks4[1].priv = gn;
		err = nf_register_net_hooks(gn->net, gn->hooks4,
					    ARRAY_SIZE(gn->hooks4));
		if (err)
			return err;
	}
	gn->hooks4_users++;
	return 0;
}

static void gretun_hook_put4(struct gretun_net *gn)
{
	if (!--gn->hooks4_users)
		nf_unregister_net_hooks(gn->net, gn->hooks4,
					ARRAY_SIZE(gn->hooks4));
}

static int gretun_hook_get6(struct gretun_net *gn)
{
	int err;

	if (!gn->hooks6_users) {
		gn->hook6 = gretun_hook6;
		gn->hook6.priv = gn;
		err = nf_register_net_hook(gn->net, &gn->hook6);
		if (err)
			return err;
	}
	gn->hooks6_users++;
	return 0;
}

static void gretun_hook_put6(struct gretun_net *gn)
{
	if (!--gn->hooks6_users)
		nf_unregister_net_hook(gn->net, &gn->hook6);
}

/* An external device is for both families, as its addresses may change. */
static bool gretun_hook_wants6(const struct gretun_params *params)
{
	return params->v6 || (params->external && ipv6_mod_enabled());
}

static bool gretun_hook_wants4(const struct gretun_params *params)
{
	return !params->v6 || params->external;
}

/**
 * gretun_hook_get - have the hooks for one more tunnel
 * @gn: netns of its outer packets
 * @params: its parameters
 *
 * Context: process, RTNL held, may sleep.
 * Return: 0, or a negative error code.
 */
int gretun_hook_get(struct gretun_net *gn, const struct gretun_params *params)
{
	int err;

	ASSERT_RTNL();
	err = gretun_flow_init(gn);
	if (err)
		return err;
	err = gretun_near_miss_init(gn);
	if (err)
		return err;
	if (gretun_hook_wants4(params)) {
		err = gretun_hook_get4(gn);
		if (err)
			return err;
	}
	if (gretun_hook_wants6(params)) {
		err = gretun_hook_get6(gn);
		if (err)
			goto put4;
	}
	gn->tunnel_count++;
	return 0;

put4:
	if (gretun_hook_wants4(params))
		gretun_hook_put4(gn);
	return err;
}

/**
 * gretun_hook_put - undo gretun_hook_get()
 * @gn: netns of the tunnel's outer packets
 * @params: the tunnel's parameters
 *
 * A packet may still be in a hook when this returns, until RCU says.
 *
 * Context: process, RTNL held, may sleep.
 */
void gretun_hook_put(struct gretun_net *gn, const struct gretun_params *params)
{
	ASSERT_RTNL();
	gn->tunnel_count--;
	if (gretun_hook_wants6(params))
		gretun_hook_put6(gn);
	if (gretun_hook_wants4(params))
		gretun_hook_put4(gn);
}
