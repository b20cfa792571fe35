// SPDX-License-Identifier: GPL-2.0
/*
 * Netlink attributes that are written: a tunnel as it was set, its state and
 * counters, and what a netns has.
 */
#include "gretun.h"

#include <linux/rtnetlink.h>

static const char * const gretun_tunnel_reason_names[] = {
	GRETUN_TUNNEL_REASONS(GRETUN_REASON_NAME)
};

static const char * const gretun_netns_reason_names[] = {
	GRETUN_NETNS_REASONS(GRETUN_REASON_NAME)
};

static const char * const gretun_icmp_kind_names[] = {
	GRETUN_ICMP_KINDS(GRETUN_REASON_NAME)
};

/**
 * gretun_fill_put_addr - write an address
 * @skb: message
 * @type4: type of the attribute if it is an IPv4 address
 * @type6: type of the attribute if it is an IPv6 address
 * @addr: the address
 *
 * Context: any.
 * Return: 0, or -EMSGSIZE.
 */
int gretun_fill_put_addr(struct sk_buff *skb, int type4, int type6,
			 const struct in6_addr *addr)
{
	if (ipv6_addr_v4mapped(addr))
		return nla_put_in_addr(skb, type4, gretun_addr_ipv4(addr));
	return nla_put_in6_addr(skb, type6, addr);
}

/**
 * gretun_fill_netns_reason - the name of a reason on netlink
 * @reason: the reason
 *
 * Context: any.
 * Return: the name.
 */
const char *gretun_fill_netns_reason(enum gretun_netns_reason reason)
{
	return gretun_netns_reason_names[reason];
}

/* What only tunnels over IPv6 have. */
static int gretun_fill_tunnel6(struct sk_buff *skb,
			       const struct gretun_params *params)
{
	if (!params->v6)
		return 0;
	if (nla_put_u32(skb, GRETUN_A_TUNNEL_FLOWLABEL, params->flowlabel) ||
	    nla_put_u8(skb, GRETUN_A_TUNNEL_FLOWLABEL_MODE,
		       params->flowlabel_mode) ||
	    (params->has_encap_limit &&
	     nla_put_u8(skb, GRETUN_A_TUNNEL_ENCAP_LIMIT,
			params->encap_limit)))
		return -EMSGSIZE;
	return 0;
}

/* What only tunnels with UDP have, and what all say of it. */
static int gretun_fill_encap(struct sk_buff *skb,
			     const struct gretun_params *params)
{
	if (nla_put_u8(skb, GRETUN_A_TUNNEL_ENCAP, params->encap))
		return -EMSGSIZE;
	if (params->encap == GRETUN_ENCAP_UDP &&
	    (nla_put_u16(skb, GRETUN_A_TUNNEL_ENCAP_PORT,
			 params->encap_port) ||
	     nla_put_u16(skb, GRETUN_A_TUNNEL_ENCAP_SOURCE_PORT,
			 params->encap_source_port)))
		return -EMSGSIZE;
	return 0;
}

static int gretun_fill_tunnel(struct sk_buff *skb,
			      const struct gretun_tunnel *tunnel,
			      bool with_secret)
{
	struct gretun_params params;
	struct nlattr *nest;

	gretun_tunnel_params(tunnel, &params);
	nest = nla_nest_start(skb, GRETUN_A_TUNNEL);
	if (!nest ||
	    nla_put_u32(skb, GRETUN_A_TUNNEL_IFINDEX, tunnel->dev->ifindex) ||
	    nla_put_string(skb, GRETUN_A_TUNNEL_IFNAME, tunnel->dev->name) ||
	    gretun_fill_put_addr(skb, GRETUN_A_TUNNEL_LOCAL_IPV4,
				 GRETUN_A_TUNNEL_LOCAL_IPV6, &params.local) ||
	    gretun_fill_put_addr(skb, GRETUN_A_TUNNEL_REMOTE_IPV4,
				 GRETUN_A_TUNNEL_REMOTE_IPV6,
				 &params.set_remote) ||
	    nla_put_u32(skb, GRETUN_A_TUNNEL_LINK, params.link) ||
	    nla_put_u8(skb, GRETUN_A_TUNNEL_TTL, params.ttl) ||
	    nla_put_u8(skb, GRETUN_A_TUNNEL_TOS, params.tos) ||
	    nla_put_u8(skb, GRETUN_A_TUNNEL_TOS_INHERIT, params.tos_inherit) ||
	    (params.has_ikey &&
	     nla_put_u32(skb, GRETUN_A_TUNNEL_IKEY, params.ikey)) ||
	    (params.has_okey &&
	     nla_put_u32(skb, GRETUN_A_TUNNEL_OKEY, params.okey)) ||
	    nla_put_u8(skb, GRETUN_A_TUNNEL_CSUM, params.csum) ||
	    nla_put_u8(skb, GRETUN_A_TUNNEL_SEQ, params.seq) ||
	    nla_put_u8(skb, GRETUN_A_TUNNEL_DF, params.df) ||
	    nla_put_u32(skb, GRETUN_A_TUNNEL_MTU, params.mtu) ||
	    nla_put_u32(skb, GRETUN_A_TUNNEL_FWMARK, params.fwmark) ||
	    nla_put_u8(skb, GRETUN_A_TUNNEL_FASTPATH, params.fastpath) ||
	    nla_put_u8(skb, GRETUN_A_TUNNEL_EXTERNAL, params.external) ||
	    nla_put_u8(skb, GRETUN_A_TUNNEL_MSS_CLAMP, params.mss_clamp) ||
	    nla_put_u32(skb, GRETUN_A_TUNNEL_KEEPALIVE_PERIOD,
			params.keepalive_period) ||
	    nla_put_u8(skb, GRETUN_A_TUNNEL_KEEPALIVE_RETRIES,
		       params.keepalive_retries) ||
	    (params.local_dev[0] &&
	     nla_put_string(skb, GRETUN_A_TUNNEL_LOCAL_DEV,
			    params.local_dev)) ||
	    gretun_fill_encap(skb, &params) ||
	    (with_secret && params.has_secret &&
	     nla_put(skb, GRETUN_A_TUNNEL_KEEPALIVE_SECRET,
		     sizeof(params.secret), params.secret)) ||
	    gretun_fill_tunnel6(skb, &params))
		return -EMSGSIZE;
	nla_nest_end(skb, nest);
	return 0;
}

static int gretun_fill_loop(struct sk_buff *skb,
			    const struct gretun_tunnel *tunnel)
{
	const struct gretun_loop *loop = &tunnel->loop;
	const struct net_device *dev;
	struct nlattr *nest;

	if (!loop->ifindex)
		return 0;
	dev = __dev_get_by_index(tunnel->net, loop->ifindex);
	nest = nla_nest_start(skb, GRETUN_A_STATE_LOOP);
	if (!nest ||
	    nla_put_u32(skb, GRETUN_A_LOOP_IFINDEX, loop->ifindex) ||
	    (dev && nla_put_string(skb, GRETUN_A_LOOP_IFNAME, dev->name)) ||
	    gretun_fill_put_addr(skb, GRETUN_A_LOOP_DST_IPV4,
				 GRETUN_A_LOOP_DST_IPV6, &loop->dst) ||
	    nla_put_u8(skb, GRETUN_A_LOOP_PREFIXLEN, loop->prefixlen) ||
	    nla_put_u32(skb, GRETUN_A_LOOP_TABLE, loop->table))
		return -EMSGSIZE;
	nla_nest_end(skb, nest);
	return 0;
}

static enum gretun_down_reason
gretun_fill_down_reason(struct gretun_tunnel *tunnel)
{
	const struct gretun_conf *conf = rtnl_dereference(tunnel->conf);

	if (!netif_running(tunnel->dev))
		return GRETUN_DOWN_REASON_ADMIN;
	if (conf->params.local_taken)
		return GRETUN_DOWN_REASON_RIVAL;
	if (gretun_local_missing(&conf->params))
		return GRETUN_DOWN_REASON_NO_LOCAL;
	if (tunnel->loop.ifindex)
		return GRETUN_DOWN_REASON_LOOP;
	if (gretun_keepalive_down(tunnel))
		return GRETUN_DOWN_REASON_KEEPALIVE;
	return GRETUN_DOWN_REASON_NONE;
}

/*
 * The kernel makes something of a carrier that came or went a while later. Here
 * it goes by what it will be.
 */
static u8 gretun_fill_operstate(const struct net_device *dev)
{
	u8 operstate = READ_ONCE(dev->operstate);
	bool down = operstate == IF_OPER_DOWN ||
		    operstate == IF_OPER_LOWERLAYERDOWN;

	if (!netif_running(dev))
		return IF_OPER_DOWN;
	if (netif_carrier_ok(dev) == !down)
		return operstate;
	return down ? IF_OPER_UP : IF_OPER_DOWN;
}

static u32 gretun_fill_flags(const struct net_device *dev)
{
	u8 operstate = gretun_fill_operstate(dev);
	u32 flags = netif_get_flags(dev);

	if (operstate == IF_OPER_DOWN)
		return flags & ~IFF_RUNNING;
	return operstate == IF_OPER_UP ? flags | IFF_RUNNING : flags;
}

static int gretun_fill_state(struct sk_buff *skb, struct gretun_tunnel *tunnel)
{
	const struct gretun_conf *conf = rtnl_dereference(tunnel->conf);
	const struct net_device *dev = tunnel->dev;
	struct nlattr *nest;

	nest = nla_nest_start(skb, GRETUN_A_STATE);
	if (!nest ||
	    nla_put_u8(skb, GRETUN_A_STATE_OPERSTATE,
		       gretun_fill_operstate(dev)) ||
	    nla_put_u32(skb, GRETUN_A_STATE_FLAGS, gretun_fill_flags(dev)) ||
	    nla_put_u32(skb, GRETUN_A_STATE_MTU, dev->mtu) ||
	    nla_put_u32(skb, GRETUN_A_STATE_OVERHEAD, conf->encap.overhead) ||
	    (!net_eq(tunnel->net, dev_net(dev)) &&
	     nla_put_flag(skb, GRETUN_A_STATE_MOVED)) ||
	    nla_put_u8(skb, GRETUN_A_STATE_REASON,
		       gretun_fill_down_reason(tunnel)) ||
	    gretun_fill_loop(skb, tunnel) ||
	    gretun_keepalive_fill(skb, tunnel) ||
	    (conf->params.has_secret &&
	     nla_put_flag(skb, GRETUN_A_STATE_KEEPALIVE_SIGNED)) ||
	    gretun_roam_fill(skb, tunnel))
		return -EMSGSIZE;
	nla_nest_end(skb, nest);
	return 0;
}

static int gretun_fill_reason(struct sk_buff *skb, const char *name,
			      u64 packets)
{
	struct nlattr *nest;

	if (!packets)
		return 0;
	nest = nla_nest_start(skb, GRETUN_A_STATS_REASON);
	if (!nest ||
	    nla_put_string(skb, GRETUN_A_REASON_NAME, name) ||
	    nla_put_u64_64bit(skb, GRETUN_A_REASON_PACKETS, packets,
			      GRETUN_A_REASON_PAD))
		return -EMSGSIZE;
	nla_nest_end(skb, nest);
	return 0;
}

static int gretun_fill_icmp(struct sk_buff *skb,
			    const struct gretun_tunnel *tunnel,
			    enum gretun_icmp_kind kind)
{
	struct gretun_net *gn = gretun_net(tunnel->net);
	struct gretun_icmp_seen seen;
	struct nlattr *nest;

	spin_lock_bh(&gn->icmp_lock);
	seen = tunnel->icmp[kind];
	spin_unlock_bh(&gn->icmp_lock);
	if (!seen.packets)
		return 0;
	nest = nla_nest_start(skb, GRETUN_A_STATS_ICMP);
	if (!nest ||
	    nla_put_string(skb, GRETUN_A_ICMP_KIND,
			   gretun_icmp_kind_names[kind]) ||
	    nla_put_u64_64bit(skb, GRETUN_A_ICMP_PACKETS, seen.packets,
			      GRETUN_A_ICMP_PAD) ||
	    gretun_fill_put_addr(skb, GRETUN_A_ICMP_SENDER_IPV4,
				 GRETUN_A_ICMP_SENDER_IPV6, &seen.sender) ||
	    nla_put_u64_64bit(skb, GRETUN_A_ICMP_AGE,
			      jiffies_to_msecs(jiffies - seen.when),
			      GRETUN_A_ICMP_PAD) ||
	    (seen.mtu && nla_put_u32(skb, GRETUN_A_ICMP_MTU, seen.mtu)))
		return -EMSGSIZE;
	nla_nest_end(skb, nest);
	return 0;
}

static int gretun_fill_stats(struct sk_buff *skb,
			     const struct gretun_tunnel *tunnel)
{
	struct gretun_totals totals;
	struct nlattr *nest;
	int i;

	gretun_stats_read(tunnel, &totals);
	nest = nla_nest_start(skb, GRETUN_A_STATS);
	if (!nest ||
	    nla_put_u64_64bit(skb, GRETUN_A_STATS_RX_PACKETS,
			      totals.rx_packets, GRETUN_A_STATS_PAD) ||
	    nla_put_u64_64bit(skb, GRETUN_A_STATS_RX_BYTES,
			      totals.rx_bytes, GRETUN_A_STATS_PAD) ||
	    nla_put_u64_64bit(skb, GRETUN_A_STATS_TX_PACKETS,
			      totals.tx_packets, GRETUN_A_STATS_PAD) ||
	    nla_put_u64_64bit(skb, GRETUN_A_STATS_TX_BYTES,
			      totals.tx_bytes, GRETUN_A_STATS_PAD) ||
	    nla_put_u64_64bit(skb, GRETUN_A_STATS_KEEPALIVE_REPLIES,
			      totals.keepalive_replies, GRETUN_A_STATS_PAD) ||
	    (totals.rx_when &&
	     nla_put_u64_64bit(skb, GRETUN_A_STATS_RX_AGE,
			       jiffies64_to_msecs(get_jiffies_64() -
						  totals.rx_when),
			       GRETUN_A_STATS_PAD)))
		return -EMSGSIZE;
	for (i = 0; i < GRETUN_TUNNEL_REASON_COUNT; i++)
		if (gretun_fill_reason(skb, gretun_tunnel_reason_names[i],
				       totals.reasons[i]))
			return -EMSGSIZE;
	for (i = 0; i < GRETUN_ICMP_KIND_COUNT; i++)
		if (gretun_fill_icmp(skb, tunnel, i))
			return -EMSGSIZE;
	nla_nest_end(skb, nest);
	return 0;
}

/**
 * gretun_fill - write a tunnel
 * @skb: message; on an error the caller cancels it
 * @tunnel: the tunnel
 * @with_stats: write its counters too
 * @with_secret: write its secret too, as it is for an admin
 *
 * Context: process, RTNL held.
 * Return: 0, or -EMSGSIZE.
 */
int gretun_fill(struct sk_buff *skb, struct gretun_tunnel *tunnel,
		bool with_stats, bool with_secret)
{
	int err;

	err = gretun_fill_tunnel(skb, tunnel, with_secret);
	if (!err)
		err = gretun_fill_state(skb, tunnel);
	if (!err && with_stats)
		err = gretun_fill_stats(skb, tunnel);
	return err;
}

/**
 * gretun_fill_netns - write the counters of a netns
 * @skb: message; on an error the caller cancels it
 * @gn: the netns
 *
 * Context: process.
 * Return: 0, or -EMSGSIZE.
 */
int gretun_fill_netns(struct sk_buff *skb, struct gretun_net *gn)
{
	struct nlattr *nest;
	int i;

	nest = nla_nest_start(skb, GRETUN_A_STATS);
	if (!nest)
		return -EMSGSIZE;
	for (i = 0; i < GRETUN_NETNS_REASON_COUNT; i++)
		if (gretun_fill_reason(skb, gretun_netns_reason_names[i],
				       gretun_netns_stats_read(gn, i)))
			return -EMSGSIZE;
	nla_nest_end(skb, nest);
	return 0;
}

/**
 * gretun_fill_defaults - write what new tunnels are like
 * @skb: message; on an error the caller cancels it
 * @gn: the netns
 *
 * Context: process.
 * Return: 0, or -EMSGSIZE.
 */
int gretun_fill_defaults(struct sk_buff *skb, struct gretun_net *gn)
{
	struct nlattr *nest = nla_nest_start(skb, GRETUN_A_DEFAULTS);

	if (!nest ||
	    nla_put_u8(skb, GRETUN_A_DEFAULTS_TTL,
		       READ_ONCE(gn->defaults.ttl)) ||
	    nla_put_u32(skb, GRETUN_A_DEFAULTS_MTU,
			READ_ONCE(gn->defaults.mtu)) ||
	    nla_put_u8(skb, GRETUN_A_DEFAULTS_ALLOW,
		       READ_ONCE(gn->defaults.allow)))
		return -EMSGSIZE;
	nla_nest_end(skb, nest);
	return 0;
}
