// SPDX-License-Identifier: GPL-2.0
/*
 * How packets get here: a netfilter hook at LOCAL_IN, after the admin's
 * firewall has seen the outer packet. GRE version 0 has one owner in the
 * kernel, usually ip_gre; a hook needs no ownership. It steals the packets of
 * gretun's tunnels and accepts all others, which then reach ip_gre, PPTP or
 * the ICMP answer of the stack as if gretun was not there.
 *
 * A netns has the hook while it has a tunnel.
 */
#include "gretun.h"

#include <linux/netfilter_ipv4.h>
#include <linux/rtnetlink.h>
#include <net/ip.h>
#include <net/netfilter/nf_conntrack.h>

/*
 * Count a packet that no tunnel takes, and tell whether a tunnel has its
 * addresses.
 */
static bool gretun_hook_missed(struct gretun_net *gn,
			       const struct gretun_key *key,
			       enum gretun_netns_reason reason)
{
	bool known = gretun_lookup_pair(gn, &key->pair);

	gretun_netns_count(gn, known ? reason : GRETUN_PASSED_PAIR);
	return known;
}

/*
 * conntrack confirms a new flow in a hook of the same, last priority; which of
 * the two runs first depends on which was registered first. A packet that is
 * stolen before it is confirmed would leave no flow behind.
 */
static bool gretun_hook_confirm(struct sk_buff *skb)
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

static unsigned int gretun_hook_local_in(void *priv, struct sk_buff *skb,
					 const struct nf_hook_state *state)
{
	const struct iphdr *iph = ip_hdr(skb);
	struct gretun_net *gn = priv;
	const struct gretun_conf *conf;
	unsigned int ihl, len;
	struct gretun_key key;
	struct gretun_hdr hdr;

	if (iph->protocol != IPPROTO_GRE)
		return NF_ACCEPT;

	ihl = ip_hdrlen(skb);
	len = min_t(unsigned int, skb->len - ihl, GRETUN_HDR_MAX);
	if (!pskb_may_pull(skb, ihl + len))
		return NF_ACCEPT;
	iph = ip_hdr(skb);
	key.pair.local = iph->daddr;
	key.pair.remote = iph->saddr;

	switch (gretun_hdr_parse(skb->data + ihl, len, &hdr)) {
	case GRETUN_HDR_OK:
		break;
	case GRETUN_HDR_VERSION:
		gretun_netns_count(gn, GRETUN_PASSED_VERSION);
		return NF_ACCEPT;
	case GRETUN_HDR_TRUNCATED:
		return gretun_hook_missed(gn, &key, GRETUN_TRUNCATED) ?
		       NF_DROP : NF_ACCEPT;
	case GRETUN_HDR_ROUTING:
		return gretun_hook_missed(gn, &key, GRETUN_ROUTING) ?
		       NF_DROP : NF_ACCEPT;
	case GRETUN_HDR_RESERVED:
		return gretun_hook_missed(gn, &key, GRETUN_RESERVED) ?
		       NF_DROP : NF_ACCEPT;
	}

	key.key = hdr.key;
	key.has_key = hdr.has_key;
	conf = gretun_lookup(gn, &key);
	if (unlikely(!conf)) {
		gretun_hook_missed(gn, &key, GRETUN_PASSED_KEY);
		return NF_ACCEPT;
	}
	if (unlikely(conf->params.link &&
		     conf->params.link != state->in->ifindex &&
		     conf->params.link != IPCB(skb)->iif)) {
		gretun_netns_count(gn, GRETUN_PASSED_DEV);
		return NF_ACCEPT;
	}
	if (!gretun_hook_confirm(skb))
		return NF_DROP;

	gretun_rx(conf, skb, &hdr);
	return NF_STOLEN;
}

/**
 * gretun_hook_get - have the hook for one more tunnel
 * @gn: netns of its outer packets
 *
 * Context: process, RTNL held, may sleep.
 * Return: 0, or -ENOMEM.
 */
int gretun_hook_get(struct gretun_net *gn)
{
	int err;

	ASSERT_RTNL();
	if (!gn->tunnel_count) {
		gn->hook = (struct nf_hook_ops) {
			.hook = gretun_hook_local_in,
			.priv = gn,
			.pf = NFPROTO_IPV4,
			.hooknum = NF_INET_LOCAL_IN,
			.priority = NF_IP_PRI_LAST,
		};
		err = nf_register_net_hook(gn->net, &gn->hook);
		if (err)
			return err;
	}
	gn->tunnel_count++;
	return 0;
}

/**
 * gretun_hook_put - undo gretun_hook_get()
 * @gn: netns of the tunnel's outer packets
 *
 * A packet may still be in the hook when this returns, until RCU says.
 *
 * Context: process, RTNL held, may sleep.
 */
void gretun_hook_put(struct gretun_net *gn)
{
	ASSERT_RTNL();
	if (!--gn->tunnel_count)
		nf_unregister_net_hook(gn->net, &gn->hook);
}
