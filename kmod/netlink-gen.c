// SPDX-License-Identifier: ((GPL-2.0 WITH Linux-syscall-note) OR BSD-3-Clause)
/* Do not edit directly, auto-generated from: */
/*	Documentation/netlink/specs/gretun.yaml */
/* YNL-GEN kernel source */

#include <net/netlink.h>
#include <net/genetlink.h>

#include "netlink-gen.h"

#include <uapi/linux/gretun.h>

/* Common nested types */
const struct nla_policy gretun_tunnel_nl_policy[GRETUN_A_TUNNEL_UP + 1] = {
	[GRETUN_A_TUNNEL_IFINDEX] = NLA_POLICY_MIN(NLA_U32, 1),
	[GRETUN_A_TUNNEL_IFNAME] = { .type = NLA_NUL_STRING, .len = 15, },
	[GRETUN_A_TUNNEL_LOCAL_IPV4] = { .type = NLA_U32, },
	[GRETUN_A_TUNNEL_REMOTE_IPV4] = { .type = NLA_U32, },
	[GRETUN_A_TUNNEL_LINK] = { .type = NLA_U32, },
	[GRETUN_A_TUNNEL_TTL] = NLA_POLICY_MIN(NLA_U8, 1),
	[GRETUN_A_TUNNEL_TOS] = { .type = NLA_U8, },
	[GRETUN_A_TUNNEL_TOS_INHERIT] = NLA_POLICY_MAX(NLA_U8, 1),
	[GRETUN_A_TUNNEL_IKEY] = { .type = NLA_U32, },
	[GRETUN_A_TUNNEL_OKEY] = { .type = NLA_U32, },
	[GRETUN_A_TUNNEL_UNSET] = NLA_POLICY_MASK(NLA_U32, 0x3),
	[GRETUN_A_TUNNEL_CSUM] = NLA_POLICY_MAX(NLA_U8, 1),
	[GRETUN_A_TUNNEL_SEQ] = NLA_POLICY_MAX(NLA_U8, 1),
	[GRETUN_A_TUNNEL_DF] = NLA_POLICY_MAX(NLA_U8, 2),
	[GRETUN_A_TUNNEL_MTU] = { .type = NLA_U32, },
	[GRETUN_A_TUNNEL_FWMARK] = { .type = NLA_U32, },
	[GRETUN_A_TUNNEL_FASTPATH] = NLA_POLICY_MAX(NLA_U8, 1),
	[GRETUN_A_TUNNEL_EXTERNAL] = NLA_POLICY_MAX(NLA_U8, 1),
	[GRETUN_A_TUNNEL_UP] = { .type = NLA_FLAG, },
};

/* GRETUN_CMD_TUNNEL_GET - do */
const struct nla_policy gretun_tunnel_get_nl_policy[GRETUN_A_WITH_STATS + 1] = {
	[GRETUN_A_TUNNEL] = NLA_POLICY_NESTED(gretun_tunnel_nl_policy),
	[GRETUN_A_WITH_STATS] = { .type = NLA_FLAG, },
};

/* GRETUN_CMD_TUNNEL_NEW - do */
const struct nla_policy gretun_tunnel_new_nl_policy[GRETUN_A_TUNNEL + 1] = {
	[GRETUN_A_TUNNEL] = NLA_POLICY_NESTED(gretun_tunnel_nl_policy),
};

/* GRETUN_CMD_TUNNEL_SET - do */
const struct nla_policy gretun_tunnel_set_nl_policy[GRETUN_A_TUNNEL + 1] = {
	[GRETUN_A_TUNNEL] = NLA_POLICY_NESTED(gretun_tunnel_nl_policy),
};

/* GRETUN_CMD_TUNNEL_DEL - do */
const struct nla_policy gretun_tunnel_del_nl_policy[GRETUN_A_TUNNEL + 1] = {
	[GRETUN_A_TUNNEL] = NLA_POLICY_NESTED(gretun_tunnel_nl_policy),
};

/* GRETUN_CMD_NETNS_GET - do */
const struct nla_policy gretun_netns_get_nl_policy[GRETUN_A_WITH_STATS + 1] = {
	[GRETUN_A_WITH_STATS] = { .type = NLA_FLAG, },
};

/* Ops table for gretun */
const struct genl_ops gretun_nl_ops[5] = {
	{
		.cmd		= GRETUN_CMD_TUNNEL_GET,
		.doit		= gretun_nl_tunnel_get_doit,
		.dumpit		= gretun_nl_tunnel_get_dumpit,
		.policy		= gretun_tunnel_get_nl_policy,
		.maxattr	= GRETUN_A_WITH_STATS,
	},
	{
		.cmd		= GRETUN_CMD_TUNNEL_NEW,
		.doit		= gretun_nl_tunnel_new_doit,
		.policy		= gretun_tunnel_new_nl_policy,
		.maxattr	= GRETUN_A_TUNNEL,
		.flags		= GENL_UNS_ADMIN_PERM,
	},
	{
		.cmd		= GRETUN_CMD_TUNNEL_SET,
		.doit		= gretun_nl_tunnel_set_doit,
		.policy		= gretun_tunnel_set_nl_policy,
		.maxattr	= GRETUN_A_TUNNEL,
		.flags		= GENL_UNS_ADMIN_PERM,
	},
	{
		.cmd		= GRETUN_CMD_TUNNEL_DEL,
		.doit		= gretun_nl_tunnel_del_doit,
		.policy		= gretun_tunnel_del_nl_policy,
		.maxattr	= GRETUN_A_TUNNEL,
		.flags		= GENL_UNS_ADMIN_PERM,
	},
	{
		.cmd		= GRETUN_CMD_NETNS_GET,
		.doit		= gretun_nl_netns_get_doit,
		.policy		= gretun_netns_get_nl_policy,
		.maxattr	= GRETUN_A_WITH_STATS,
	},
};

static const struct genl_multicast_group gretun_nl_mcgrps[] = {
	[GRETUN_NLGRP_EVENTS] = { "events", },
};
