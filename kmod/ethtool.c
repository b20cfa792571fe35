// SPDX-License-Identifier: GPL-2.0
/*
 * What ethtool(8) shows of a device: the driver, and packets dropped, by reason.
 */
#include "gretun.h"

#include <linux/ethtool.h>

static const char gretun_ethtool_names[][ETH_GSTRING_LEN] = {
	GRETUN_TUNNEL_REASONS(GRETUN_REASON_NAME)
};

static void gretun_ethtool_drvinfo(struct net_device *dev,
				   struct ethtool_drvinfo *info)
{
	strscpy(info->driver, KBUILD_MODNAME, sizeof(info->driver));
	strscpy(info->version, GRETUN_VERSION, sizeof(info->version));
}

static int gretun_ethtool_sset_count(struct net_device *dev, int set)
{
	return set == ETH_SS_STATS ? GRETUN_TUNNEL_REASON_COUNT : -EOPNOTSUPP;
}

static void gretun_ethtool_strings(struct net_device *dev, u32 set, u8 *data)
{
	if (set == ETH_SS_STATS)
		memcpy(data, gretun_ethtool_names, sizeof(gretun_ethtool_names));
}

static void gretun_ethtool_stats(struct net_device *dev,
				 struct ethtool_stats *stats, u64 *data)
{
	struct gretun_totals totals;

	gretun_stats_read(netdev_priv(dev), &totals);
	memcpy(data, totals.reasons, sizeof(totals.reasons));
}

const struct ethtool_ops gretun_ethtool_ops = {
	.get_drvinfo = gretun_ethtool_drvinfo,
	.get_ethtool_stats = gretun_ethtool_stats,
	.get_link = ethtool_op_get_link,
	.get_sset_count = gretun_ethtool_sset_count,
	.get_strings = gretun_ethtool_strings,
};
