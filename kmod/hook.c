// SPDX-License-Identifier: GPL-2.0
/*
 * How packets get here: netfilter hooks. GRE version 0 has one owner in the
 * kernel, usually ip_gre; a hook needs no ownership. The hooks steal the
 * packets of gretun's tunnels and accept all others, which then reach ip_gre,
 * PPTP or the ICMP answer of the stack as if gretun was not there.
 *
 * They come last, after the admin's firewall has seen the outer packet. A netns
 * has them while it has a tunnel over that family. hook4.c and hook6.c have what
 * they do; this file has what is the same for both.
 */
#include "gretun.h"

#include <linux/netfilter_ipv4.h>
#include <linux/netfilter_ipv6.h>
#include <linux/rtnetlink.h>
#include <net/netfilter/nf_conntrack.h>

/*
 * Count a packet that no tunnel takes, and tell whether a tunnel has its
 * addresses. @key is of kind %GRETUN_KEY_EXTERNAL if no key is known.
 */
static bool gretun_hook_missed(struct gretun_net *gn,
			       const struct gretun_key *key, u32 iif,
			       enum gretun_netns_reason reason)
{
	bool known = gretun_lookup_known(gn, &key->pair);

	if (!known)
		reason = GRETUN_PASSED_PAIR;
	else if (reason == GRETUN_PASSED_KEY && gretun_lookup_otherwise(gn, key))
		reason = GRETUN_PASSED_ENCAP;
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

/**
 * gretun_hook_parse - read the GRE header of an outer packet
 * @skb: the packet, at its IP header; its headers may move
 * @offset: where its GRE header is
 * @hdr: where that goes
 * @key: gets the rest of what the packet is looked up by; the addresses are
 *	there
 *
 * Context: softirq or bottom halves off.
 * Return: what the header is, or a negative error code.
 */
int gretun_hook_parse(struct sk_buff *skb, unsigned int offset,
		      struct gretun_hdr *hdr, struct gretun_key *key)
{
	unsigned int len = min_t(unsigned int, skb->len - offset,
				 GRETUN_HDR_MAX);
	enum gretun_hdr_status status;

	key->key = 0;
	key->kind = GRETUN_KEY_EXTERNAL;
	if (unlikely(!pskb_may_pull(skb, offset + len)))
		return -ENOMEM;
	status = gretun_hdr_parse(skb->data + offset, len, hdr);
	if (likely(status == GRETUN_HDR_OK))
		gretun_key_set(key, hdr);
	return status;
}

/**
 * gretun_hook_refusal - why is a GRE header refused?
 * @status: what gretun_hook_parse() said of it, neither %GRETUN_HDR_OK nor
 *	%GRETUN_HDR_VERSION
 *
 * Context: any.
 * Return: the reason.
 */
enum gretun_netns_reason gretun_hook_refusal(int status)
{
	switch (status) {
	case GRETUN_HDR_TRUNCATED:
		return GRETUN_TRUNCATED;
	case GRETUN_HDR_ROUTING:
		return GRETUN_ROUTING;
	case GRETUN_HDR_RESERVED:
		return GRETUN_RESERVED;
	default:
		return GRETUN_MEMORY;
	}
}

/**
 * gretun_hook_lookup - find the tunnel of a packet, or who takes it
 * @gn: netns of the outer packet
 * @key: what it is looked up by
 *
 * A tunnel with this peer comes before one that takes any.
 *
 * Context: RCU read lock held.
 * Return: the tunnel's configuration, or NULL.
 */
struct gretun_conf *gretun_hook_lookup(struct gretun_net *gn,
				       const struct gretun_key *key)
{
	struct gretun_conf *conf = gretun_lookup(gn, key);

	return conf ?: gretun_lookup_wild(gn, key);
}

/**
 * gretun_hook_bound - did a packet come through the device of its tunnel?
 * @conf: the tunnel's configuration
 * @in: the device that the stack says it came through, in a VRF that
 * @iif: ifindex of the device it came through
 *
 * Context: softirq or bottom halves off, RCU read lock held.
 * Return: false if the tunnel is bound to another device.
 */
bool gretun_hook_bound(const struct gretun_conf *conf,
		       const struct net_device *in, int iif)
{
	int link = conf->params.link;

	return likely(!link) || link == in->ifindex || link == iif;
}

/**
 * gretun_hook_claim - is it a packet that a tunnel takes?
 * @state: of the hook in LOCAL_IN
 * @skb: a GRE packet, at its IP header; its headers may move
 * @offset: where its GRE header is
 * @iif: ifindex of the device it came through
 * @key: gets what it is looked up by; the addresses are there
 * @hdr: gets its GRE header
 * @conf: gets the configuration of the tunnel
 *
 * Context: softirq or bottom halves off, RCU read lock held.
 * Return: %NF_STOLEN if the tunnel of @conf takes it, else what becomes of it;
 * it is counted then.
 */
unsigned int gretun_hook_claim(const struct nf_hook_state *state,
			       struct sk_buff *skb, unsigned int offset,
			       u32 iif, struct gretun_key *key,
			       struct gretun_hdr *hdr,
			       const struct gretun_conf **conf)
{
	struct gretun_net *gn = gretun_net(state->net);
	int status = gretun_hook_parse(skb, offset, hdr, key);

	if (status == GRETUN_HDR_VERSION) {
		gretun_netns_count(gn, GRETUN_PASSED_VERSION);
		return NF_ACCEPT;
	}
	if (unlikely(status != GRETUN_HDR_OK))
		return gretun_hook_missed(gn, key, iif,
					  gretun_hook_refusal(status)) ?
		       NF_DROP : NF_ACCEPT;

	*conf = gretun_hook_lookup(gn, key);
	if (unlikely(!*conf)) {
		*conf = gretun_signed_find(gn, skb, offset, hdr, key);
		if (!*conf) {
			gretun_hook_missed(gn, key, iif, GRETUN_PASSED_KEY);
			return NF_ACCEPT;
		}
	}
	if (unlikely(!gretun_hook_bound(*conf, state->in, iif))) {
		gretun_hook_missed(gn, key, iif, GRETUN_PASSED_DEV);
		return NF_ACCEPT;
	}
	if (!gretun_hook_confirm(skb)) {
		gretun_netns_count(gn, GRETUN_CONNTRACK);
		return NF_DROP;
	}
	return NF_STOLEN;
}

static const struct nf_hook_ops gretun_hooks4[] = {
	{
		.hook = gretun_hook4_pre_routing,
		.pf = NFPROTO_IPV4,
		.hooknum = NF_INET_PRE_ROUTING,
		.priority = NF_IP_PRI_LAST,
	},
	{
		.hook = gretun_hook4_local_in,
		.pf = NFPROTO_IPV4,
		.hooknum = NF_INET_LOCAL_IN,
		.priority = NF_IP_PRI_LAST,
	},
};

static const struct nf_hook_ops gretun_hooks6[] = {
	{
		.hook = gretun_hook6_pre_routing,
		.pf = NFPROTO_IPV6,
		.hooknum = NF_INET_PRE_ROUTING,
		.priority = NF_IP6_PRI_LAST,
	},
	{
		.hook = gretun_hook6_local_in,
		.pf = NFPROTO_IPV6,
		.hooknum = NF_INET_LOCAL_IN,
		.priority = NF_IP6_PRI_LAST,
	},
};

/* Have two hooks for one more user of them. */
static int gretun_hook_register(struct gretun_net *gn, unsigned int *users,
				struct nf_hook_ops *hooks,
				const struct nf_hook_ops *template)
{
	int err;

	if (!*users) {
		memcpy(hooks, template, 2 * sizeof(*hooks));
		hooks[0].priv = gn;
		hooks[1].priv = gn;
		err = nf_register_net_hooks(gn->net, hooks, 2);
		if (err)
			return err;
	}
	++*users;
	return 0;
}

static void gretun_hook_unregister(struct gretun_net *gn, unsigned int *users,
				   const struct nf_hook_ops *hooks)
{
	if (!--*users)
		nf_unregister_net_hooks(gn->net, hooks, 2);
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
		err = gretun_hook_register(gn, &gn->hooks4_users,
					   gn->hooks4, gretun_hooks4);
		if (err)
			return err;
	}
	if (gretun_hook_wants6(params)) {
		err = gretun_hook_register(gn, &gn->hooks6_users,
					   gn->hooks6, gretun_hooks6);
		if (err)
			goto put4;
	}
	gn->tunnel_count++;
	return 0;

put4:
	if (gretun_hook_wants4(params))
		gretun_hook_unregister(gn, &gn->hooks4_users, gn->hooks4);
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
		gretun_hook_unregister(gn, &gn->hooks6_users, gn->hooks6);
	if (gretun_hook_wants4(params))
		gretun_hook_unregister(gn, &gn->hooks4_users, gn->hooks4);
}
