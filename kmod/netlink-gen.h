/* SPDX-License-Identifier: ((GPL-2.0 WITH Linux-syscall-note) OR BSD-3-Clause) */
/* Do not edit directly, auto-generated from: */
/*	Documentation/netlink/specs/gretun.yaml */
/* YNL-GEN kernel header */

#ifndef _LINUX_GRETUN_GEN_H
#define _LINUX_GRETUN_GEN_H

#include <net/netlink.h>
#include <net/genetlink.h>

#include <uapi/linux/gretun.h>

/* Common nested types */
extern const struct nla_policy gretun_defaults_nl_policy[GRETUN_A_DEFAULTS_ALLOW + 1];
extern const struct nla_policy gretun_near_miss_nl_policy[GRETUN_A_NEAR_MISS_ENCAP_PORT + 1];
extern const struct nla_policy gretun_tunnel_nl_policy[GRETUN_A_TUNNEL_KEEPALIVE_SECRET + 1];

extern const struct nla_policy gretun_tunnel_get_nl_policy[GRETUN_A_WITH_STATS + 1];

extern const struct nla_policy gretun_tunnel_new_nl_policy[GRETUN_A_TUNNEL + 1];

extern const struct nla_policy gretun_tunnel_set_nl_policy[GRETUN_A_TUNNEL + 1];

extern const struct nla_policy gretun_tunnel_del_nl_policy[GRETUN_A_TUNNEL + 1];

extern const struct nla_policy gretun_netns_get_nl_policy[GRETUN_A_WITH_STATS + 1];

extern const struct nla_policy gretun_near_miss_get_nl_policy[GRETUN_A_NEAR_MISS + 1];

extern const struct nla_policy gretun_defaults_get_nl_policy[GRETUN_A_DEFAULTS + 1];

extern const struct nla_policy gretun_defaults_set_nl_policy[GRETUN_A_DEFAULTS + 1];

/* Ops table for gretun */
extern const struct genl_ops gretun_nl_ops[8];

int gretun_nl_tunnel_get_doit(struct sk_buff *skb, struct genl_info *info);
int gretun_nl_tunnel_get_dumpit(struct sk_buff *skb,
				struct netlink_callback *cb);
int gretun_nl_tunnel_new_doit(struct sk_buff *skb, struct genl_info *info);
int gretun_nl_tunnel_set_doit(struct sk_buff *skb, struct genl_info *info);
int gretun_nl_tunnel_del_doit(struct sk_buff *skb, struct genl_info *info);
int gretun_nl_netns_get_doit(struct sk_buff *skb, struct genl_info *info);
int gretun_nl_near_miss_get_doit(struct sk_buff *skb, struct genl_info *info);
int gretun_nl_defaults_get_doit(struct sk_buff *skb, struct genl_info *info);
int gretun_nl_defaults_set_doit(struct sk_buff *skb, struct genl_info *info);

enum {
	GRETUN_NLGRP_EVENTS,
};

#endif /* _LINUX_GRETUN_GEN_H */
