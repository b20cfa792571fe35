// SPDX-License-Identifier: ((GPL-2.0 WITH Linux-syscall-note) OR BSD-3-Clause)
/* Do not edit directly, auto-generated from: */
/*	Documentation/netlink/specs/gretun.yaml */
/* YNL-GEN kernel source */

#include <net/netlink.h>
#include <net/genetlink.h>

#include "netlink-gen.h"

#include <uapi/linux/gretun.h>

/* Common nested types */
const struct nla_policy gretun_defaults_nl_policy[GRETUN_A_DEFAULTS_ALLOW + 1] = {
	[GRETUN_A_DEFAULTS_TTL] = NLA_POLICY_MIN(NLA_U8, 1),
	[GRETUN_A_DEFAULTS_MTU] = { .type = NLA_U32, },
	[GRETUN_A_DEFAULTS_ALLOW] = NLA_POLICY_MAX(NLA_U8, 1),
};

const struct nla_policy gretun_near_miss_nl_policy[GRETUN_A_NEAR_MISS_ENCAP_PORT + 1] = {
	[GRETUN_A_NEAR_MISS_LOCAL_IPV4] = { .type = NLA_U32, },
	[GRETUN_A_NEAR_MISS_REMOTE_IPV4] = { .type = NLA_U32, },
	[GRETUN_A_NEAR_MISS_LOCAL_IPV6] = NLA_POLICY_EXACT_LEN(16),
	[GRETUN_A_NEAR_MISS_REMOTE_IPV6] = NLA_POLICY_EXACT_LEN(16),
	[GRETUN_A_NEAR_MISS_KEY] = { .type = NLA_U32, },
	[GRETUN_A_NEAR_MISS_IFINDEX] = { .type = NLA_U32, },
	[GRETUN_A_NEAR_MISS_REASON] = { .type = NLA_NUL_STRING, },
	[GRETUN_A_NEAR_MISS_PACKETS] = { .type = NLA_U64, },
	[GRETUN_A_NEAR_MISS_AGE] = { .type = NLA_U64, },
	[GRETUN_A_NEAR_MISS_ENCAP_PORT] = { .type = NLA_U16, },
};

const struct nla_policy gretun_tunnel_nl_policy[GRETUN_A_TUNNEL_KEEPALIVE_SECRET + 1] = {
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
	[GRETUN_A_TUNNEL_UNSET] = NLA_POLICY_MASK(NLA_U32, 0xf),
	[GRETUN_A_TUNNEL_CSUM] = NLA_POLICY_MAX(NLA_U8, 1),
	[GRETUN_A_TUNNEL_SEQ] = NLA_POLICY_MAX(NLA_U8, 1),
	[GRETUN_A_TUNNEL_DF] = NLA_POLICY_MAX(NLA_U8, 2),
	[GRETUN_A_TUNNEL_MTU] = { .type = NLA_U32, },
	[GRETUN_A_TUNNEL_FWMARK] = { .type = NLA_U32, },
	[GRETUN_A_TUNNEL_FASTPATH] = NLA_POLICY_MAX(NLA_U8, 1),
	[GRETUN_A_TUNNEL_EXTERNAL] = NLA_POLICY_MAX(NLA_U8, 1),
	[GRETUN_A_TUNNEL_UP] = { .type = NLA_FLAG, },
	[GRETUN_A_TUNNEL_LOCAL_IPV6] = NLA_POLICY_EXACT_LEN(16),
	[GRETUN_A_TUNNEL_REMOTE_IPV6] = NLA_POLICY_EXACT_LEN(16),
	[GRETUN_A_TUNNEL_FLOWLABEL] = { .type = NLA_U32, },
	[GRETUN_A_TUNNEL_FLOWLABEL_MODE] = NLA_POLICY_MAX(NLA_U8, 2),
	[GRETUN_A_TUNNEL_ENCAP_LIMIT] = { .type = NLA_U8, },
	[GRETUN_A_TUNNEL_MSS_CLAMP] = NLA_POLICY_MAX(NLA_U8, 1),
	[GRETUN_A_TUNNEL_KEEPALIVE_PERIOD] = NLA_POLICY_MAX(NLA_U32, 32767),
	[GRETUN_A_TUNNEL_KEEPALIVE_RETRIES] = NLA_POLICY_MIN(NLA_U8, 1),
	[GRETUN_A_TUNNEL_LOCAL_DEV] = { .type = NLA_NUL_STRING, .len = 15, },
	[GRETUN_A_TUNNEL_ENCAP] = NLA_POLICY_MAX(NLA_U8, 1),
	[GRETUN_A_TUNNEL_ENCAP_PORT] = NLA_POLICY_MIN(NLA_U16, 1),
	[GRETUN_A_TUNNEL_ENCAP_SOURCE_PORT] = { .type = NLA_U16, },
	[GRETUN_A_TUNNEL_KEEPALIVE_SECRET] = NLA_POLICY_EXACT_LEN(32),
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

/* GRETUN_CMD_NEAR_MISS_GET - do */
const struct nla_policy gretun_near_miss_get_nl_policy[GRETUN_A_NEAR_MISS + 1] = {
	[GRETUN_A_NEAR_MISS] = NLA_POLICY_NESTED(gretun_near_miss_nl_policy),
};

/* GRETUN_CMD_DEFAULTS_GET - do */
const struct nla_policy gretun_defaults_get_nl_policy[GRETUN_A_DEFAULTS + 1] = {
	[GRETUN_A_DEFAULTS] = NLA_POLICY_NESTED(gretun_defaults_nl_policy),
};

/* GRETUN_CMD_DEFAULTS_SET - do */
const struct nla_policy gretun_defaults_set_nl_policy[GRETUN_A_DEFAULTS + 1] = {
	[GRETUN_A_DEFAULTS] = NLA_POLICY_NESTED(gretun_defaults_nl_policy),
};

/* Ops table for gretun */
const struct genl_ops gretun_nl_ops[8] = {
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
	{
		.cmd		= GRETUN_CMD_NEAR_MISS_GET,
		.doit		= gretun_nl_near_miss_get_doit,
		.policy		= gretun_near_miss_get_nl_policy,
		.maxattr	= GRETUN_A_NEAR_MISS,
	},
	{
		.cmd		= GRETUN_CMD_DEFAULTS_GET,
		.doit		= gretun_nl_defaults_get_doit,
		.policy		= gretun_defaults_get_nl_policy,
		.maxattr	= GRETUN_A_DEFAULTS,
	},
	{
		.cmd		= GRETUN_CMD_DEFAULTS_SET,
		.doit		= gretun_nl_defaults_set_doit,
		.policy		= gretun_defaults_set_nl_policy,
		.maxattr	= GRETUN_A_DEFAULTS,
		.flags		= GENL_UNS_ADMIN_PERM,
	},
};

static const struct genl_multicast_group gretun_nl_mcgrps[] = {
	[GRETUN_NLGRP_EVENTS] = { "events", },
};
