// SPDX-License-Identifier: GPL-2.0
/*
 * The device: link kind "gretun", device operations, and what lives as long
 * as a netns.
 *
 * A device may move to another netns; its outer packets stay in the netns it
 * was made in, and go with that netns.
 */
#include "gretun.h"

#include <linux/if_arp.h>
#include <linux/if_vlan.h>
#include <linux/module.h>
#include <linux/ratelimit.h>
#include <net/ip.h>
#include <net/ip_tunnels.h>
#include <net/netns/generic.h>
#include <net/rtnetlink.h>

#define GRETUN_FEATURES (NETIF_F_SG | NETIF_F_FRAGLIST | NETIF_F_HIGHDMA | \
			 NETIF_F_HW_CSUM | NETIF_F_GSO_SOFTWARE)

/* ICMP errors for inner senders, in a second and a netns. */
#define GRETUN_RELAYS 100

static unsigned int gretun_net_id __read_mostly;

/**
 * gretun_net - what gretun keeps for a netns
 * @net: the netns
 *
 * Context: any.
 * Return: it; there always is one.
 */
struct gretun_net *gretun_net(const struct net *net)
{
	return net_generic(net, gretun_net_id);
}

static int gretun_netdev_ndo_init(struct net_device *dev)
{
	return gretun_tunnel_attach(netdev_priv(dev));
}

static void gretun_netdev_ndo_uninit(struct net_device *dev)
{
	gretun_tunnel_detach(netdev_priv(dev));
	/* A device that failed to register is freed without a grace period. */
	if (dev->reg_state != NETREG_UNREGISTERING)
		synchronize_net();
}

static void gretun_netdev_destroy(struct net_device *dev)
{
	struct gretun_tunnel *tunnel = netdev_priv(dev);
	struct gretun_percpu *percpu;
	int cpu;

	for_each_possible_cpu(cpu) {
		percpu = per_cpu_ptr(tunnel->percpu, cpu);
		dst_release(percpu->input);
		dst_release(percpu->output);
		if (percpu->metadata)
			dst_release(&percpu->metadata->dst);
	}
	free_percpu(tunnel->percpu);
}

static int gretun_netdev_open(struct net_device *dev)
{
	gretun_tunnel_follow(netdev_priv(dev));
	gretun_keepalive_start(netdev_priv(dev));
	return 0;
}

static int gretun_netdev_stop(struct net_device *dev)
{
	gretun_keepalive_stop(netdev_priv(dev));
	return 0;
}

static int gretun_netdev_change_mtu(struct net_device *dev, int mtu)
{
	struct gretun_tunnel *tunnel = netdev_priv(dev);

	if (!tunnel->mtu_follows)
		tunnel->mtu = mtu;
	WRITE_ONCE(dev->mtu, mtu);
	return 0;
}

/*
 * Segments of one packet would all have the same sequence number. Behind a UDP
 * header they would have the same GRE checksum.
 */
static netdev_features_t
gretun_netdev_fix_features(struct net_device *dev, netdev_features_t features)
{
	const struct gretun_tunnel *tunnel = netdev_priv(dev);
	const struct gretun_encap *encap = &rtnl_dereference(tunnel->conf)->encap;

	if (encap->seq || (encap->csum && encap->udp))
		features &= ~NETIF_F_GSO_SOFTWARE;
	return features;
}

/* Nor may those of a packet whose metadata asks for sequence numbers. */
static netdev_features_t
gretun_netdev_features_check(struct sk_buff *skb, struct net_device *dev,
			     netdev_features_t features)
{
	const struct gretun_tunnel *tunnel = netdev_priv(dev);
	const struct ip_tunnel_info *info;

	if (rcu_dereference_bh(tunnel->conf)->params.external) {
		info = skb_tunnel_info(skb);
		if (info && gretun_compat_has_flag(info->key.tun_flags, SEQ))
			features &= ~NETIF_F_GSO_MASK;
	}
	return vlan_features_check(skb, features);
}

static void gretun_netdev_stats64(struct net_device *dev,
				  struct rtnl_link_stats64 *stats)
{
	struct gretun_totals totals;
	int i;

	gretun_stats_read(netdev_priv(dev), &totals);
	stats->rx_packets = totals.rx_packets;
	stats->rx_bytes = totals.rx_bytes;
	stats->tx_packets = totals.tx_packets;
	stats->tx_bytes = totals.tx_bytes;
	stats->rx_crc_errors = totals.reasons[GRETUN_RX_CHECKSUM];
	stats->rx_fifo_errors = totals.reasons[GRETUN_RX_OLD_SEQUENCE];
	stats->tx_carrier_errors = totals.reasons[GRETUN_TX_NO_ROUTE];
	stats->collisions = totals.reasons[GRETUN_TX_LOOP];
	for (i = 0; i < GRETUN_TX_PROTOCOL; i++)
		stats->rx_dropped += totals.reasons[i];
	for (; i < GRETUN_TUNNEL_REASON_COUNT; i++)
		stats->tx_dropped += totals.reasons[i];
	stats->rx_errors = stats->rx_crc_errors + stats->rx_fifo_errors;
}

static int gretun_netdev_get_iflink(const struct net_device *dev)
{
	const struct gretun_tunnel *tunnel = netdev_priv(dev);
	const struct gretun_conf *conf;
	int link;

	rcu_read_lock();
	conf = rcu_dereference(tunnel->conf);
	link = conf && conf->params.link ? conf->params.link : dev->ifindex;
	rcu_read_unlock();
	return link;
}

const struct net_device_ops gretun_netdev_ops = {
	.ndo_init = gretun_netdev_ndo_init,
	.ndo_uninit = gretun_netdev_ndo_uninit,
	.ndo_open = gretun_netdev_open,
	.ndo_stop = gretun_netdev_stop,
	.ndo_start_xmit = gretun_tx,
	.ndo_change_mtu = gretun_netdev_change_mtu,
	.ndo_fix_features = gretun_netdev_fix_features,
	.ndo_features_check = gretun_netdev_features_check,
	.ndo_get_stats64 = gretun_netdev_stats64,
	.ndo_get_iflink = gretun_netdev_get_iflink,
	.ndo_neigh_construct = gretun_neigh_construct,
};

/**
 * gretun_netdev_setup - what all tunnel devices have in common
 * @dev: a device just allocated
 *
 * Context: process.
 */
void gretun_netdev_setup(struct net_device *dev)
{
	dev->netdev_ops = &gretun_netdev_ops;
	dev->ethtool_ops = &gretun_ethtool_ops;
	dev->header_ops = &ip_tunnel_header_ops;
	dev->rtnl_link_ops = &gretun_link_ops;
	dev->priv_destructor = gretun_netdev_destroy;
	dev->needs_free_netdev = true;

	dev->flags = IFF_POINTOPOINT | IFF_NOARP | IFF_MULTICAST;
	dev->priv_flags |= IFF_NO_QUEUE;
	dev->min_mtu = ETH_MIN_MTU;
	dev->features |= GRETUN_FEATURES;
	dev->hw_features |= GRETUN_FEATURES;
	gretun_compat_set_lltx(dev);
	netif_keep_dst(dev);
}

/**
 * gretun_netdev_apply - make a device follow its configuration
 * @dev: the device, registered or about to be
 * @conf: its configuration
 *
 * Context: process, RTNL held, may sleep.
 */
void gretun_netdev_apply(struct net_device *dev,
			 const struct gretun_conf *conf)
{
	const struct gretun_params *params = &conf->params;

	if (params->v6) {
		dev->type = ARPHRD_IP6GRE;
		dev->addr_len = sizeof(struct in6_addr);
		dev_addr_set(dev, params->local.s6_addr);
		memcpy(dev->broadcast, &params->remote, dev->addr_len);
	} else {
		dev->type = ARPHRD_IPGRE;
		dev->addr_len = sizeof(__be32);
		dev_addr_set(dev, (const u8 *)&params->local.s6_addr32[3]);
		memcpy(dev->broadcast, &params->remote.s6_addr32[3],
		       dev->addr_len);
	}
	dev->max_mtu = IP_MAX_MTU - conf->encap.overhead;
	WRITE_ONCE(dev->needed_headroom, conf->encap.overhead + LL_MAX_HEADER);
	if (dev->reg_state == NETREG_REGISTERED)
		netdev_update_features(dev);
}

static int gretun_link_validate(struct nlattr *tb[], struct nlattr *data[],
				struct netlink_ext_ack *extack)
{
	NL_SET_ERR_MSG(extack,
		       "tunnels are made and changed by gretun(8): gretun add NAME local ADDR remote ADDR");
	return -EOPNOTSUPP;
}

static struct net *gretun_link_net(const struct net_device *dev)
{
	const struct gretun_tunnel *tunnel = netdev_priv(dev);

	return tunnel->net;
}

struct rtnl_link_ops gretun_link_ops = {
	.kind = KBUILD_MODNAME,
	.priv_size = sizeof(struct gretun_tunnel),
	.setup = gretun_netdev_setup,
	.validate = gretun_link_validate,
	.get_link_net = gretun_link_net,
};

static int gretun_net_init(struct net *net)
{
	struct gretun_net *gn = gretun_net(net);
	int err;

	gn->net = net;
	INIT_LIST_HEAD(&gn->udp_ports);
	spin_lock_init(&gn->icmp_lock);
	gretun_keepalive_net_init(gn);
	gretun_local_net_init(gn);
	ratelimit_state_init(&gn->relay_limit, HZ, GRETUN_RELAYS);
	ratelimit_set_flags(&gn->relay_limit, RATELIMIT_MSG_ON_RELEASE);
	gn->stats = netdev_alloc_pcpu_stats(struct gretun_netns_stats);
	if (!gn->stats)
		return -ENOMEM;
	err = gretun_lookup_init(gn);
	if (err)
		goto free_stats;
	err = gretun_sysctl_init(gn);
	if (err)
		goto exit_lookup;
	err = gretun_follow_init(gn);
	if (err)
		goto exit_sysctl;
	return 0;

exit_sysctl:
	gretun_sysctl_exit(gn);
exit_lookup:
	gretun_lookup_exit(gn);
free_stats:
	free_percpu(gn->stats);
	return err;
}

static void gretun_net_exit_batch(struct list_head *nets)
{
	struct gretun_tunnel *tunnel;
	struct net *net;
	LIST_HEAD(doomed);
	unsigned long id;

	rtnl_lock();
	list_for_each_entry(net, nets, exit_list)
		for (id = 0; (tunnel = gretun_tunnel_next(&id)); id++)
			if (tunnel->net == net)
				unregister_netdevice_queue(tunnel->dev,
							   &doomed);
	unregister_netdevice_many(&doomed);
	rtnl_unlock();

	/* The last packets leave the hook before the tables go. */
	synchronize_net();
	list_for_each_entry(net, nets, exit_list) {
		struct gretun_net *gn = gretun_net(net);

		gretun_keepalive_net_exit(gn);
		gretun_local_net_exit(gn);
		gretun_follow_exit(gn);
		gretun_sysctl_exit(gn);
		gretun_lookup_exit(gn);
		gretun_near_miss_exit(gn);
		gretun_flow_exit(gn);
		free_percpu(gn->stats);
	}
}

static struct pernet_operations gretun_net_ops = {
	.init = gretun_net_init,
	.exit_batch = gretun_net_exit_batch,
	.id = &gretun_net_id,
	.size = sizeof(struct gretun_net),
};

/**
 * gretun_netdev_init - have the link kind and the state of each netns
 *
 * Context: process, may sleep.
 * Return: 0, or a negative error code.
 */
int gretun_netdev_init(void)
{
	int err;

	err = register_pernet_device(&gretun_net_ops);
	if (err)
		return err;
	err = rtnl_link_register(&gretun_link_ops);
	if (err)
		unregister_pernet_device(&gretun_net_ops);
	return err;
}

/**
 * gretun_netdev_exit - undo gretun_netdev_init(), deleting all tunnels
 *
 * Context: process, may sleep.
 */
void gretun_netdev_exit(void)
{
	rtnl_link_unregister(&gretun_link_ops);
	unregister_pernet_device(&gretun_net_ops);
}
