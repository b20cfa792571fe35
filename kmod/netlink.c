// SPDX-License-Identifier: GPL-2.0
/*
 * Generic netlink handlers. The policy and the table of operations are
 * generated from Documentation/netlink/specs/gretun.yaml.
 *
 * Requests run under RTNL as a whole. One that makes or deletes many tunnels
 * does it in one go and all or nothing.
 */
#include "gretun.h"

#include <linux/module.h>
#include <linux/rtnetlink.h>
#include <net/genetlink.h>
#include <net/netlink.h>

/* Its multicast groups are static, so it is no object of its own. */
#include "netlink-gen.c"

static struct genl_family gretun_nl_family;

/* Room for all near misses there can be, with IPv6 addresses. */
#define GRETUN_NL_NEAR_MISS_SIZE 16384

/* The one tunnel nest of a request, taken apart. */
static int gretun_nl_one(struct genl_info *info, struct nlattr **tb)
{
	const struct nlattr *attr, *nest = NULL;
	int rem;

	nlmsg_for_each_attr(attr, info->nlhdr, GENL_HDRLEN, rem) {
		if (nla_type(attr) != GRETUN_A_TUNNEL)
			continue;
		if (nest) {
			NL_SET_ERR_MSG_ATTR(info->extack, attr,
					    "one tunnel at a time");
			return -EINVAL;
		}
		nest = attr;
	}
	if (!nest) {
		NL_SET_ERR_ATTR_MISS(info->extack, NULL, GRETUN_A_TUNNEL);
		GENL_SET_ERR_MSG(info, "the attribute tunnel is missing");
		return -EINVAL;
	}
	return gretun_attrs_parse(nest, tb, info->extack);
}

static int gretun_nl_find(struct genl_info *info, const struct nlattr *nest,
			  struct nlattr **tb, struct gretun_tunnel **tunnel)
{
	const struct nlattr *ifname = tb[GRETUN_A_TUNNEL_IFNAME];
	const struct nlattr *attr = tb[GRETUN_A_TUNNEL_IFINDEX];
	struct net_device *dev, *named = NULL;
	char name[IFNAMSIZ];

	if (ifname) {
		nla_strscpy(name, ifname, sizeof(name));
		named = __dev_get_by_name(genl_info_net(info), name);
	}
	if (attr) {
		u32 ifindex = nla_get_u32(attr);

		dev = ifindex > INT_MAX ? NULL :
		      __dev_get_by_index(genl_info_net(info), ifindex);
	} else if (ifname) {
		attr = ifname;
		dev = named;
	} else {
		NL_SET_ERR_ATTR_MISS(info->extack, nest,
				     GRETUN_A_TUNNEL_IFNAME);
		GENL_SET_ERR_MSG(info,
				 "the attribute ifname or ifindex is missing");
		return -EINVAL;
	}

	if (!dev) {
		NL_SET_ERR_MSG_ATTR(info->extack, attr,
				    "there is no such device");
		return -ENODEV;
	}
	if (!gretun_is_tunnel(dev)) {
		NL_SET_ERR_MSG_ATTR(info->extack, attr,
				    "this device is not a gretun tunnel");
		return -EOPNOTSUPP;
	}
	if (ifname && dev != named) {
		NL_SET_ERR_MSG_ATTR(info->extack, ifname,
				    "the device of that ifindex has another name");
		return -ENODEV;
	}
	*tunnel = netdev_priv(dev);
	return 0;
}

static int gretun_nl_check_name(struct genl_info *info,
				const struct nlattr *nest,
				const struct nlattr *attr, char *name)
{
	if (!attr) {
		NL_SET_ERR_ATTR_MISS(info->extack, nest,
				     GRETUN_A_TUNNEL_IFNAME);
		GENL_SET_ERR_MSG(info, "the attribute ifname is missing");
		return -EINVAL;
	}
	nla_strscpy(name, attr, IFNAMSIZ);
	if (!dev_valid_name(name) || strchr(name, '%')) {
		NL_SET_ERR_MSG_ATTR(info->extack, attr,
				    "not a name for a device: 1 to 15 characters, no space, '/', ':' or '%'");
		return -EINVAL;
	}
	if (__dev_get_by_name(genl_info_net(info), name)) {
		NL_SET_ERR_MSG_ATTR(info->extack, attr,
				    "a device of that name exists already");
		return -EEXIST;
	}
	return 0;
}

/* Does a request say anything of what packets are matched by? */
static bool gretun_nl_gives_key(struct nlattr **tb)
{
	return tb[GRETUN_A_TUNNEL_LOCAL_DEV] ||
	       tb[GRETUN_A_TUNNEL_REMOTE_IPV4] ||
	       tb[GRETUN_A_TUNNEL_REMOTE_IPV6] || tb[GRETUN_A_TUNNEL_IKEY] ||
	       tb[GRETUN_A_TUNNEL_UNSET];
}

static int gretun_nl_check_rival(struct genl_info *info, struct nlattr **tb,
				 const struct nlattr *nest,
				 const struct net *net,
				 const struct gretun_tunnel *self,
				 struct gretun_params *params)
{
	const struct gretun_tunnel *rival = gretun_tunnel_rival(net, params);

	if (!rival || rival == self)
		return 0;
	/* One that waits for its address goes on to, whatever else is set. */
	if (self && params->local_dev[0] && !gretun_nl_gives_key(tb)) {
		gretun_local_yield(params);
		return 0;
	}
	if (params->external)
		NL_SET_ERR_MSG_ATTR(info->extack,
				    tb[GRETUN_A_TUNNEL_LOCAL_IPV4] ?:
				    tb[GRETUN_A_TUNNEL_LOCAL_IPV6] ?: nest,
				    "another external device has this local address");
	else
		NL_SET_ERR_MSG_ATTR(info->extack,
				    tb[GRETUN_A_TUNNEL_REMOTE_IPV4] ?:
				    tb[GRETUN_A_TUNNEL_REMOTE_IPV6] ?: nest,
				    "another tunnel has this local address, remote address and key for received packets");
	return -EEXIST;
}

static int gretun_nl_check_secret(struct genl_info *info, struct nlattr **tb,
				  const struct net *net,
				  const struct gretun_tunnel *self,
				  const struct gretun_params *params)
{
	const struct nlattr *secret = tb[GRETUN_A_TUNNEL_KEEPALIVE_SECRET];
	const struct gretun_tunnel *rival;

	if (!secret)
		return 0;
	rival = gretun_signed_rival(gretun_net(net), params);
	if (!rival || rival == self)
		return 0;
	NL_SET_ERR_MSG_ATTR(info->extack, secret,
			    "another tunnel has this secret, and its peer could pass for this one's; each needs its own");
	return -EEXIST;
}

static int gretun_nl_need_addrs(struct genl_info *info,
				const struct nlattr *nest, struct nlattr **tb)
{
	if (!tb[GRETUN_A_TUNNEL_LOCAL_IPV4] &&
	    !tb[GRETUN_A_TUNNEL_LOCAL_IPV6] &&
	    !tb[GRETUN_A_TUNNEL_LOCAL_DEV]) {
		NL_SET_ERR_ATTR_MISS(info->extack, nest,
				     tb[GRETUN_A_TUNNEL_REMOTE_IPV6] ?
				     GRETUN_A_TUNNEL_LOCAL_IPV6 :
				     GRETUN_A_TUNNEL_LOCAL_IPV4);
		GENL_SET_ERR_MSG(info,
				 "the attribute local-ipv4 or local-ipv6 is missing");
		return -EINVAL;
	}
	if (!tb[GRETUN_A_TUNNEL_REMOTE_IPV4] &&
	    !tb[GRETUN_A_TUNNEL_REMOTE_IPV6]) {
		NL_SET_ERR_ATTR_MISS(info->extack, nest,
				     tb[GRETUN_A_TUNNEL_LOCAL_IPV6] ?
				     GRETUN_A_TUNNEL_REMOTE_IPV6 :
				     GRETUN_A_TUNNEL_REMOTE_IPV4);
		GENL_SET_ERR_MSG(info,
				 "the attribute remote-ipv4 or remote-ipv6 is missing");
		return -EINVAL;
	}
	return 0;
}

/* Say that somebody else has the UDP port of a tunnel, if that is so. */
static bool gretun_nl_port_taken(struct genl_info *info, struct nlattr **tb,
				 const struct nlattr *nest, int err)
{
	if (err != -EADDRINUSE)
		return false;
	NL_SET_ERR_MSG_ATTR(info->extack, tb[GRETUN_A_TUNNEL_ENCAP] ?:
			    tb[GRETUN_A_TUNNEL_ENCAP_PORT] ?: nest,
			    "somebody else has this UDP port; ss -lun shows programs, ip fou show other tunnels");
	return true;
}

static int gretun_nl_new(struct genl_info *info, const struct nlattr *nest,
			 struct gretun_tunnel **tunnel)
{
	struct nlattr *tb[GRETUN_A_TUNNEL_MAX + 1];
	struct net *net = genl_info_net(info);
	struct gretun_params params;
	char name[IFNAMSIZ];
	int err;

	err = gretun_attrs_parse(nest, tb, info->extack);
	if (err)
		return err;
	err = gretun_nl_check_name(info, nest, tb[GRETUN_A_TUNNEL_IFNAME],
				   name);
	if (err)
		return err;
	if (tb[GRETUN_A_TUNNEL_IFINDEX] || tb[GRETUN_A_TUNNEL_UNSET]) {
		NL_SET_ERR_MSG_ATTR(info->extack,
				    tb[GRETUN_A_TUNNEL_IFINDEX] ?:
				    tb[GRETUN_A_TUNNEL_UNSET],
				    "this attribute is not for a new tunnel");
		return -EINVAL;
	}
	if (!tb[GRETUN_A_TUNNEL_EXTERNAL] ||
	    !nla_get_u8(tb[GRETUN_A_TUNNEL_EXTERNAL])) {
		err = gretun_nl_need_addrs(info, nest, tb);
		if (err)
			return err;
	}

	if (!READ_ONCE(gretun_net(net)->defaults.allow)) {
		GENL_SET_ERR_MSG(info,
				 "net.gretun.allow is 0 in this network namespace and refuses new tunnels");
		return -EPERM;
	}
	gretun_params_default(gretun_net(net), &params);
	err = gretun_attrs_params(nest, tb, net, true, &params, info->extack);
	if (err)
		return err;
	err = gretun_nl_check_rival(info, tb, nest, net, NULL, &params);
	if (err)
		return err;
	err = gretun_nl_check_secret(info, tb, net, NULL, &params);
	if (err)
		return err;

	*tunnel = gretun_tunnel_create(net, name, &params);
	if (IS_ERR(*tunnel)) {
		err = PTR_ERR(*tunnel);
		if (!gretun_nl_port_taken(info, tb, nest, err))
			GENL_SET_ERR_MSG(info, "the device could not be made");
		return err;
	}
	if (!tb[GRETUN_A_TUNNEL_UP])
		return 0;
	err = dev_open((*tunnel)->dev, info->extack);
	if (err)
		unregister_netdevice((*tunnel)->dev);
	return err;
}

/**
 * gretun_nl_tunnel_new_doit - make tunnels
 * @skb: request
 * @info: request, taken apart
 *
 * Context: process, may sleep.
 * Return: 0, or a negative error code with extack set.
 */
int gretun_nl_tunnel_new_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct gretun_tunnel *tunnel, *tmp;
	const struct nlattr *nest;
	bool any = false;
	LIST_HEAD(doomed);
	LIST_HEAD(made);
	int err = 0;
	int rem;

	rtnl_lock();
	nlmsg_for_each_attr(nest, info->nlhdr, GENL_HDRLEN, rem) {
		any = true;
		err = gretun_nl_new(info, nest, &tunnel);
		if (err)
			break;
		list_add_tail(&tunnel->batch, &made);
	}
	list_for_each_entry_safe(tunnel, tmp, &made, batch) {
		list_del_init(&tunnel->batch);
		if (err)
			unregister_netdevice_queue(tunnel->dev, &doomed);
	}
	unregister_netdevice_many(&doomed);
	rtnl_unlock();

	if (!any) {
		NL_SET_ERR_ATTR_MISS(info->extack, NULL, GRETUN_A_TUNNEL);
		GENL_SET_ERR_MSG(info, "the attribute tunnel is missing");
		return -EINVAL;
	}
	return err;
}

static int gretun_nl_set(struct sk_buff *skb, struct genl_info *info,
			 struct nlattr **tb)
{
	const struct nlattr *nest = info->attrs[GRETUN_A_TUNNEL];
	struct gretun_tunnel *tunnel;
	struct gretun_params params;
	bool was_external;
	int err;

	err = gretun_nl_find(info, nest, tb, &tunnel);
	if (err)
		return err;
	/* The device may have come here from a netns of somebody else. */
	if (!netlink_ns_capable(skb, tunnel->net->user_ns, CAP_NET_ADMIN)) {
		GENL_SET_ERR_MSG(info,
				 "CAP_NET_ADMIN is needed in the netns of the outer packets too");
		return -EPERM;
	}

	gretun_tunnel_params(tunnel, &params);
	was_external = params.external;
	err = gretun_attrs_params(nest, tb, tunnel->net, false, &params,
				  info->extack);
	if (err)
		return err;
	if (params.external != was_external || tb[GRETUN_A_TUNNEL_UP]) {
		NL_SET_ERR_MSG_ATTR(info->extack,
				    tb[GRETUN_A_TUNNEL_UP] ?:
				    tb[GRETUN_A_TUNNEL_EXTERNAL],
				    "this attribute is for a new tunnel");
		return -EINVAL;
	}
	err = gretun_nl_check_rival(info, tb, nest, tunnel->net, tunnel,
				    &params);
	if (err)
		return err;
	err = gretun_nl_check_secret(info, tb, tunnel->net, tunnel, &params);
	if (err)
		return err;
	err = gretun_tunnel_set(tunnel, &params);
	if (err) {
		if (!gretun_nl_port_taken(info, tb, nest, err))
			GENL_SET_ERR_MSG(info,
					 "the tunnel could not be changed");
		return err;
	}
	gretun_netlink_notify(tunnel, GRETUN_CMD_TUNNEL_SET_NTF);
	return 0;
}

/**
 * gretun_nl_tunnel_set_doit - change a tunnel
 * @skb: request
 * @info: request, taken apart
 *
 * Context: process, may sleep.
 * Return: 0, or a negative error code with extack set.
 */
int gretun_nl_tunnel_set_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct nlattr *tb[GRETUN_A_TUNNEL_MAX + 1];
	int err;

	err = gretun_nl_one(info, tb);
	if (err)
		return err;
	rtnl_lock();
	err = gretun_nl_set(skb, info, tb);
	rtnl_unlock();
	return err;
}

static int gretun_nl_choose(struct genl_info *info, struct list_head *chosen)
{
	struct nlattr *tb[GRETUN_A_TUNNEL_MAX + 1];
	struct gretun_tunnel *tunnel;
	const struct nlattr *nest;
	int err;
	int rem;

	nlmsg_for_each_attr(nest, info->nlhdr, GENL_HDRLEN, rem) {
		err = gretun_attrs_parse(nest, tb, info->extack);
		if (err)
			return err;
		err = gretun_nl_find(info, nest, tb, &tunnel);
		if (err)
			return err;
		if (!list_empty(&tunnel->batch)) {
			NL_SET_ERR_MSG_ATTR(info->extack, nest,
					    "this tunnel is named twice");
			return -EINVAL;
		}
		list_add_tail(&tunnel->batch, chosen);
	}
	if (list_empty(chosen)) {
		NL_SET_ERR_ATTR_MISS(info->extack, NULL, GRETUN_A_TUNNEL);
		GENL_SET_ERR_MSG(info, "the attribute tunnel is missing");
		return -EINVAL;
	}
	return 0;
}

/**
 * gretun_nl_tunnel_del_doit - delete tunnels
 * @skb: request
 * @info: request, taken apart
 *
 * Context: process, may sleep.
 * Return: 0, or a negative error code with extack set.
 */
int gretun_nl_tunnel_del_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct gretun_tunnel *tunnel, *tmp;
	LIST_HEAD(doomed);
	LIST_HEAD(chosen);
	int err;

	rtnl_lock();
	err = gretun_nl_choose(info, &chosen);
	list_for_each_entry_safe(tunnel, tmp, &chosen, batch) {
		list_del_init(&tunnel->batch);
		if (!err)
			unregister_netdevice_queue(tunnel->dev, &doomed);
	}
	unregister_netdevice_many(&doomed);
	rtnl_unlock();
	return err;
}

static int gretun_nl_fill(struct sk_buff *skb, struct gretun_tunnel *tunnel,
			  u32 portid, u32 seq, int flags, u8 cmd,
			  bool with_stats, bool with_secret)
{
	void *hdr;
	int err;

	hdr = genlmsg_put(skb, portid, seq, &gretun_nl_family, flags, cmd);
	if (!hdr)
		return -EMSGSIZE;
	err = gretun_fill(skb, tunnel, with_stats, with_secret);
	if (err) {
		genlmsg_cancel(skb, hdr);
		return err;
	}
	genlmsg_end(skb, hdr);
	return 0;
}

/* May who sent a request see the secret of a tunnel? */
static bool gretun_nl_sees_secret(const struct sk_buff *request,
				  const struct gretun_tunnel *tunnel)
{
	return rtnl_dereference(tunnel->conf)->params.has_secret &&
	       netlink_ns_capable(request, tunnel->net->user_ns, CAP_NET_ADMIN);
}

/**
 * gretun_nl_tunnel_get_doit - read a tunnel
 * @skb: request
 * @info: request, taken apart
 *
 * Context: process, may sleep.
 * Return: 0, or a negative error code with extack set.
 */
int gretun_nl_tunnel_get_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct nlattr *tb[GRETUN_A_TUNNEL_MAX + 1];
	struct gretun_tunnel *tunnel;
	struct sk_buff *msg;
	int err;

	err = gretun_nl_one(info, tb);
	if (err)
		return err;
	msg = genlmsg_new(GENLMSG_DEFAULT_SIZE, GFP_KERNEL);
	if (!msg)
		return -ENOMEM;

	rtnl_lock();
	err = gretun_nl_find(info, info->attrs[GRETUN_A_TUNNEL], tb, &tunnel);
	if (!err)
		err = gretun_nl_fill(msg, tunnel, info->snd_portid,
				     info->snd_seq, 0,
				     GRETUN_CMD_TUNNEL_GET,
				     info->attrs[GRETUN_A_WITH_STATS],
				     gretun_nl_sees_secret(skb, tunnel));
	rtnl_unlock();
	if (err) {
		nlmsg_free(msg);
		return err;
	}
	return genlmsg_reply(msg, info);
}

/**
 * gretun_nl_tunnel_get_dumpit - read all tunnels
 * @skb: reply
 * @cb: state of the dump; args[0] is the id to go on with
 *
 * Context: process, may sleep.
 * Return: length of the reply, 0 at the end, or a negative error code.
 */
int gretun_nl_tunnel_get_dumpit(struct sk_buff *skb,
				struct netlink_callback *cb)
{
	struct nlattr **attrs = genl_info_dump(cb)->attrs;
	struct net *net = sock_net(skb->sk);
	struct gretun_tunnel *tunnel;
	unsigned long id;

	if (attrs[GRETUN_A_TUNNEL]) {
		NL_SET_ERR_MSG_ATTR(cb->extack, attrs[GRETUN_A_TUNNEL],
				    "a dump is of all tunnels; without NLM_F_DUMP it is of one");
		return -EINVAL;
	}

	rtnl_lock();
	for (id = cb->args[0]; (tunnel = gretun_tunnel_next(&id)); id++) {
		if (!net_eq(dev_net(tunnel->dev), net))
			continue;
		if (gretun_nl_fill(skb, tunnel, NETLINK_CB(cb->skb).portid,
				   cb->nlh->nlmsg_seq, NLM_F_MULTI,
				   GRETUN_CMD_TUNNEL_GET,
				   attrs[GRETUN_A_WITH_STATS],
				   gretun_nl_sees_secret(cb->skb, tunnel)))
			break;
	}
	rtnl_unlock();
	cb->args[0] = id;
	return skb->len;
}

/*
 * Answer a request about a netns. The attribute @refused of the request is for
 * the reply, if it is not 0.
 */
static int gretun_nl_reply(struct genl_info *info, size_t size, int refused,
			   int (*fill)(struct sk_buff *skb,
				       struct gretun_net *gn))
{
	struct sk_buff *msg;
	int err = 0;
	void *hdr;

	if (refused && info->attrs[refused]) {
		NL_SET_ERR_MSG_ATTR(info->extack, info->attrs[refused],
				    "this attribute is for the reply");
		return -EINVAL;
	}
	msg = genlmsg_new(size, GFP_KERNEL);
	if (!msg)
		return -ENOMEM;
	hdr = genlmsg_put_reply(msg, info, &gretun_nl_family, 0,
				info->genlhdr->cmd);
	if (!hdr)
		err = -EMSGSIZE;
	else if (fill)
		err = fill(msg, gretun_net(genl_info_net(info)));
	if (err) {
		nlmsg_free(msg);
		return err;
	}
	genlmsg_end(msg, hdr);
	return genlmsg_reply(msg, info);
}

/**
 * gretun_nl_netns_get_doit - read the counters of a netns
 * @skb: request
 * @info: request, taken apart
 *
 * Context: process, may sleep.
 * Return: 0, or a negative error code.
 */
int gretun_nl_netns_get_doit(struct sk_buff *skb, struct genl_info *info)
{
	return gretun_nl_reply(info, GENLMSG_DEFAULT_SIZE, 0,
			       info->attrs[GRETUN_A_WITH_STATS] ?
			       gretun_fill_netns : NULL);
}

/**
 * gretun_nl_near_miss_get_doit - read the near misses of a netns
 * @skb: request
 * @info: request, taken apart
 *
 * Context: process, may sleep.
 * Return: 0, or a negative error code.
 */
int gretun_nl_near_miss_get_doit(struct sk_buff *skb, struct genl_info *info)
{
	return gretun_nl_reply(info, GRETUN_NL_NEAR_MISS_SIZE,
			       GRETUN_A_NEAR_MISS, gretun_near_miss_fill);
}

/**
 * gretun_nl_defaults_get_doit - read what new tunnels of a netns are like
 * @skb: request
 * @info: request, taken apart
 *
 * Context: process, may sleep.
 * Return: 0, or a negative error code.
 */
int gretun_nl_defaults_get_doit(struct sk_buff *skb, struct genl_info *info)
{
	return gretun_nl_reply(info, GENLMSG_DEFAULT_SIZE, GRETUN_A_DEFAULTS,
			       gretun_fill_defaults);
}

/**
 * gretun_nl_defaults_set_doit - set what new tunnels of a netns are like
 * @skb: request
 * @info: request, taken apart
 *
 * Context: process, may sleep.
 * Return: 0, or a negative error code with extack set.
 */
int gretun_nl_defaults_set_doit(struct sk_buff *skb, struct genl_info *info)
{
	const struct nlattr *attr, *nest = NULL;
	int err;
	int rem;

	nlmsg_for_each_attr(attr, info->nlhdr, GENL_HDRLEN, rem) {
		if (nest) {
			NL_SET_ERR_MSG_ATTR(info->extack, attr,
					    "this attribute is given twice");
			return -EINVAL;
		}
		nest = attr;
	}
	if (!nest) {
		NL_SET_ERR_ATTR_MISS(info->extack, NULL, GRETUN_A_DEFAULTS);
		GENL_SET_ERR_MSG(info, "the attribute defaults is missing");
		return -EINVAL;
	}
	rtnl_lock();
	err = gretun_attrs_defaults(nest, gretun_net(genl_info_net(info)),
				    info->extack);
	rtnl_unlock();
	return err;
}

static struct genl_family gretun_nl_family __ro_after_init = {
	.name = GRETUN_GENL_NAME,
	.version = GRETUN_GENL_VERSION,
	.netnsok = true,
	.module = THIS_MODULE,
	.ops = gretun_nl_ops,
	.n_ops = ARRAY_SIZE(gretun_nl_ops),
	.resv_start_op = GRETUN_CMD_TUNNEL_GET,
	.mcgrps = gretun_nl_mcgrps,
	.n_mcgrps = ARRAY_SIZE(gretun_nl_mcgrps),
};

/**
 * gretun_netlink_notify - tell the events group of a tunnel
 * @tunnel: the tunnel
 * @cmd: what happened to it, GRETUN_CMD_TUNNEL_*_NTF
 *
 * Who listens in the netns of the device is told. A message that finds no
 * memory is lost; the listener sees that from its socket's ENOBUFS.
 *
 * Context: process, RTNL held, may sleep.
 */
void gretun_netlink_notify(struct gretun_tunnel *tunnel, u8 cmd)
{
	struct net *net = dev_net(tunnel->dev);
	struct sk_buff *msg;
	int err = -ENOMEM;

	if (!genl_has_listeners(&gretun_nl_family, net, GRETUN_NLGRP_EVENTS))
		return;
	msg = genlmsg_new(GENLMSG_DEFAULT_SIZE, GFP_KERNEL);
	if (msg)
		err = gretun_nl_fill(msg, tunnel, 0, 0, 0, cmd, false, false);
	if (err) {
		nlmsg_free(msg);
		genl_set_err(&gretun_nl_family, net, 0, GRETUN_NLGRP_EVENTS,
			     -ENOBUFS);
		return;
	}
	genlmsg_multicast_netns(&gretun_nl_family, net, msg, 0,
				GRETUN_NLGRP_EVENTS, GFP_KERNEL);
}

/**
 * gretun_netlink_init - have the generic netlink family
 *
 * Context: process, may sleep.
 * Return: 0, or a negative error code.
 */
int gretun_netlink_init(void)
{
	return genl_register_family(&gretun_nl_family);
}

/**
 * gretun_netlink_exit - undo gretun_netlink_init()
 *
 * Context: process, may sleep.
 */
void gretun_netlink_exit(void)
{
	genl_unregister_family(&gretun_nl_family);
}
