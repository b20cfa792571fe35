// SPDX-License-Identifier: GPL-2.0
/*
 * Netlink attributes of a tunnel: read into parameters, with a reason for
 * everything that is refused, and written from a tunnel.
 */
#include "gretun.h"
#include "netlink-gen.h"

#include <linux/bitmap.h>
#include <linux/inet.h>
#include <linux/rtnetlink.h>
#include <net/inet_ecn.h>
#include <net/ip.h>

/* Refuse the attribute named; the value of the expression is the error. */
#define GRETUN_REFUSE(extack, attr, err, msg)				\
	({								\
		NL_SET_ERR_MSG_ATTR(extack, attr, msg);			\
		(err);							\
	})

static const char * const gretun_tunnel_reason_names[] = {
	GRETUN_TUNNEL_REASONS(GRETUN_REASON_NAME)
};

static const char * const gretun_netns_reason_names[] = {
	GRETUN_NETNS_REASONS(GRETUN_REASON_NAME)
};

/**
 * gretun_attrs_parse - take a tunnel nest apart
 * @nest: the nest, already validated against the policy
 * @tb: where the attributes go, by type, %GRETUN_A_TUNNEL_MAX + 1 of them
 * @extack: says why it was refused
 *
 * An attribute that is there twice is refused, as only one could count.
 *
 * Context: any.
 * Return: 0, or -EINVAL.
 */
int gretun_attrs_parse(const struct nlattr *nest, struct nlattr **tb,
		       struct netlink_ext_ack *extack)
{
	DECLARE_BITMAP(seen, GRETUN_A_TUNNEL_MAX + 1) = {};
	const struct nlattr *attr;
	int rem;

	nla_for_each_nested(attr, nest, rem)
		if (nla_type(attr) <= GRETUN_A_TUNNEL_MAX &&
		    __test_and_set_bit(nla_type(attr), seen))
			return GRETUN_REFUSE(extack, attr, -EINVAL,
					     "this attribute is given twice");
	return nla_parse_nested(tb, GRETUN_A_TUNNEL_MAX, nest,
				gretun_tunnel_nl_policy, extack);
}

static int gretun_attrs_check_addrs(struct nlattr **tb,
				    const struct gretun_params *params,
				    struct netlink_ext_ack *extack)
{
	const struct nlattr *local = tb[GRETUN_A_TUNNEL_LOCAL_IPV4];
	const struct nlattr *remote = tb[GRETUN_A_TUNNEL_REMOTE_IPV4];

	if (params->external)
		remote = NULL;
	if (local && ((ipv4_is_zeronet(params->local) &&
		       !(params->external && !params->local)) ||
		      ipv4_is_multicast(params->local) ||
		      ipv4_is_lbcast(params->local)))
		return GRETUN_REFUSE(extack, local, -EINVAL,
				     "local must be a unicast address of this host");
	if (remote && ipv4_is_multicast(params->remote))
		return GRETUN_REFUSE(extack, remote, -EINVAL,
				     "remote is a multicast address; a tunnel has one peer");
	if (remote && (ipv4_is_zeronet(params->remote) ||
		       ipv4_is_lbcast(params->remote)))
		return GRETUN_REFUSE(extack, remote, -EINVAL,
				     "remote must be the unicast address of the peer");
	if (!params->external && (local || remote) &&
	    params->local == params->remote)
		return GRETUN_REFUSE(extack, remote ?: local, -EINVAL,
				     "local and remote are the same address");
	return 0;
}

static int gretun_attrs_check_mtu(const struct nlattr *nest,
				  struct nlattr **tb,
				  const struct gretun_params *params,
				  struct netlink_ext_ack *extack)
{
	const struct nlattr *mtu = tb[GRETUN_A_TUNNEL_MTU];
	struct gretun_encap encap;

	if (!params->mtu)
		return 0;
	gretun_outer4_template(&encap, params);
	if (params->mtu < ETH_MIN_MTU)
		return GRETUN_REFUSE(extack, mtu, -ERANGE,
				     "mtu must be 0 for automatic, or at least 68");
	if (params->mtu > IP_MAX_MTU - encap.overhead)
		return GRETUN_REFUSE(extack, mtu ?: nest, -ERANGE,
				     "mtu leaves no room for the outer headers in 65535 bytes");
	return 0;
}

/* What the metadata of packets says is not for the device to say. */
static int gretun_attrs_check_external(struct nlattr **tb,
				       const struct gretun_params *params,
				       struct netlink_ext_ack *extack)
{
	const struct nlattr *attr = NULL;

	if (!params->external)
		return 0;
	if (params->remote)
		attr = tb[GRETUN_A_TUNNEL_REMOTE_IPV4];
	else if (params->has_ikey)
		attr = tb[GRETUN_A_TUNNEL_IKEY];
	else if (params->has_okey)
		attr = tb[GRETUN_A_TUNNEL_OKEY];
	else if (params->csum)
		attr = tb[GRETUN_A_TUNNEL_CSUM];
	else if (params->seq)
		attr = tb[GRETUN_A_TUNNEL_SEQ];
	else if (params->tos)
		attr = tb[GRETUN_A_TUNNEL_TOS];
	else if (params->tos_inherit)
		attr = tb[GRETUN_A_TUNNEL_TOS_INHERIT];
	if (attr)
		return GRETUN_REFUSE(extack, attr, -EINVAL,
				     "the metadata of packets sets this for an external device");
	return 0;
}

static void gretun_attrs_keys(struct nlattr **tb, struct gretun_params *params)
{
	u32 unset = tb[GRETUN_A_TUNNEL_UNSET] ?
		    nla_get_u32(tb[GRETUN_A_TUNNEL_UNSET]) : 0;

	if (unset & GRETUN_OPTION_IKEY) {
		params->has_ikey = false;
		params->ikey = 0;
	}
	if (unset & GRETUN_OPTION_OKEY) {
		params->has_okey = false;
		params->okey = 0;
	}
	if (tb[GRETUN_A_TUNNEL_IKEY]) {
		params->has_ikey = true;
		params->ikey = nla_get_u32(tb[GRETUN_A_TUNNEL_IKEY]);
	}
	if (tb[GRETUN_A_TUNNEL_OKEY]) {
		params->has_okey = true;
		params->okey = nla_get_u32(tb[GRETUN_A_TUNNEL_OKEY]);
	}
}

/**
 * gretun_attrs_params - apply attributes to parameters
 * @nest: the tunnel nest
 * @tb: its attributes by type
 * @net: netns of the outer packets
 * @params: what holds for attributes not given; the result on success
 * @extack: says why it was refused
 *
 * Context: process, RTNL held.
 * Return: 0, or a negative error code with @extack set.
 */
int gretun_attrs_params(const struct nlattr *nest, struct nlattr **tb,
			const struct net *net, struct gretun_params *params,
			struct netlink_ext_ack *extack)
{
	const struct nlattr *link = tb[GRETUN_A_TUNNEL_LINK];
	int err;

	if (tb[GRETUN_A_TUNNEL_LOCAL_IPV4])
		params->local = nla_get_in_addr(tb[GRETUN_A_TUNNEL_LOCAL_IPV4]);
	if (tb[GRETUN_A_TUNNEL_REMOTE_IPV4])
		params->remote =
			nla_get_in_addr(tb[GRETUN_A_TUNNEL_REMOTE_IPV4]);
	if (link)
		params->link = nla_get_u32(link);
	if (tb[GRETUN_A_TUNNEL_TTL])
		params->ttl = nla_get_u8(tb[GRETUN_A_TUNNEL_TTL]);
	if (tb[GRETUN_A_TUNNEL_TOS])
		params->tos = nla_get_u8(tb[GRETUN_A_TUNNEL_TOS]);
	if (tb[GRETUN_A_TUNNEL_TOS_INHERIT])
		params->tos_inherit =
			nla_get_u8(tb[GRETUN_A_TUNNEL_TOS_INHERIT]);
	if (tb[GRETUN_A_TUNNEL_CSUM])
		params->csum = nla_get_u8(tb[GRETUN_A_TUNNEL_CSUM]);
	if (tb[GRETUN_A_TUNNEL_SEQ])
		params->seq = nla_get_u8(tb[GRETUN_A_TUNNEL_SEQ]);
	if (tb[GRETUN_A_TUNNEL_DF])
		params->df = nla_get_u8(tb[GRETUN_A_TUNNEL_DF]);
	if (tb[GRETUN_A_TUNNEL_MTU])
		params->mtu = nla_get_u32(tb[GRETUN_A_TUNNEL_MTU]);
	if (tb[GRETUN_A_TUNNEL_FWMARK])
		params->fwmark = nla_get_u32(tb[GRETUN_A_TUNNEL_FWMARK]);
	if (tb[GRETUN_A_TUNNEL_FASTPATH])
		params->fastpath = nla_get_u8(tb[GRETUN_A_TUNNEL_FASTPATH]);
	if (tb[GRETUN_A_TUNNEL_EXTERNAL])
		params->external = nla_get_u8(tb[GRETUN_A_TUNNEL_EXTERNAL]);
	gretun_attrs_keys(tb, params);

	if (params->tos & INET_ECN_MASK)
		return GRETUN_REFUSE(extack, tb[GRETUN_A_TUNNEL_TOS], -EINVAL,
				     "the two low bits of tos are ECN and follow RFC 6040; they must be 0");
	if (link && params->link &&
	    (params->link > INT_MAX ||
	     !__dev_get_by_index((struct net *)net, params->link)))
		return GRETUN_REFUSE(extack, link, -ENODEV,
				     "there is no such underlay device in the netns of the outer packets");
	err = gretun_attrs_check_external(tb, params, extack);
	if (err)
		return err;
	err = gretun_attrs_check_addrs(tb, params, extack);
	if (err)
		return err;
	return gretun_attrs_check_mtu(nest, tb, params, extack);
}

static int gretun_attrs_fill_tunnel(struct sk_buff *skb,
				    const struct gretun_tunnel *tunnel)
{
	struct gretun_params params;
	struct nlattr *nest;

	gretun_tunnel_params(tunnel, &params);
	nest = nla_nest_start(skb, GRETUN_A_TUNNEL);
	if (!nest ||
	    nla_put_u32(skb, GRETUN_A_TUNNEL_IFINDEX, tunnel->dev->ifindex) ||
	    nla_put_string(skb, GRETUN_A_TUNNEL_IFNAME, tunnel->dev->name) ||
	    nla_put_in_addr(skb, GRETUN_A_TUNNEL_LOCAL_IPV4, params.local) ||
	    nla_put_in_addr(skb, GRETUN_A_TUNNEL_REMOTE_IPV4, params.remote) ||
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
	    nla_put_u8(skb, GRETUN_A_TUNNEL_EXTERNAL, params.external))
		return -EMSGSIZE;
	nla_nest_end(skb, nest);
	return 0;
}

static int gretun_attrs_fill_state(struct sk_buff *skb,
				   const struct gretun_tunnel *tunnel)
{
	const struct gretun_conf *conf = rtnl_dereference(tunnel->conf);
	const struct net_device *dev = tunnel->dev;
	struct nlattr *nest;

	nest = nla_nest_start(skb, GRETUN_A_STATE);
	if (!nest ||
	    nla_put_u8(skb, GRETUN_A_STATE_OPERSTATE, netif_running(dev) ?
		       READ_ONCE(dev->operstate) : IF_OPER_DOWN) ||
	    nla_put_u32(skb, GRETUN_A_STATE_FLAGS, netif_get_flags(dev)) ||
	    nla_put_u32(skb, GRETUN_A_STATE_MTU, dev->mtu) ||
	    nla_put_u32(skb, GRETUN_A_STATE_OVERHEAD, conf->encap.overhead) ||
	    (!net_eq(tunnel->net, dev_net(dev)) &&
	     nla_put_flag(skb, GRETUN_A_STATE_MOVED)))
		return -EMSGSIZE;
	nla_nest_end(skb, nest);
	return 0;
}

static int gretun_attrs_fill_reason(struct sk_buff *skb, const char *name,
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

static int gretun_attrs_fill_stats(struct sk_buff *skb,
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
			      totals.tx_bytes, GRETUN_A_STATS_PAD))
		return -EMSGSIZE;
	for (i = 0; i < GRETUN_TUNNEL_REASON_COUNT; i++)
		if (gretun_attrs_fill_reason(skb, gretun_tunnel_reason_names[i],
					     totals.reasons[i]))
			return -EMSGSIZE;
	nla_nest_end(skb, nest);
	return 0;
}

/**
 * gretun_attrs_fill - write a tunnel
 * @skb: message; on an error the caller cancels it
 * @tunnel: the tunnel
 * @with_stats: write its counters too
 *
 * Context: process, RTNL held.
 * Return: 0, or -EMSGSIZE.
 */
int gretun_attrs_fill(struct sk_buff *skb, struct gretun_tunnel *tunnel,
		      bool with_stats)
{
	int err;

	err = gretun_attrs_fill_tunnel(skb, tunnel);
	if (!err)
		err = gretun_attrs_fill_state(skb, tunnel);
	if (!err && with_stats)
		err = gretun_attrs_fill_stats(skb, tunnel);
	return err;
}

/**
 * gretun_attrs_fill_netns - write the counters of a netns
 * @skb: message; on an error the caller cancels it
 * @gn: the netns
 *
 * Context: process.
 * Return: 0, or -EMSGSIZE.
 */
int gretun_attrs_fill_netns(struct sk_buff *skb, const struct gretun_net *gn)
{
	struct nlattr *nest;
	int i;

	nest = nla_nest_start(skb, GRETUN_A_STATS);
	if (!nest)
		return -EMSGSIZE;
	for (i = 0; i < GRETUN_NETNS_REASON_COUNT; i++)
		if (gretun_attrs_fill_reason(skb, gretun_netns_reason_names[i],
					     gretun_netns_stats_read(gn, i)))
			return -EMSGSIZE;
	nla_nest_end(skb, nest);
	return 0;
}
