// SPDX-License-Identifier: GPL-2.0
/*
 * Neighbour entries of the device. There is nothing to resolve, yet the stack
 * sends through one. So this is where it hands a packet to the device, and
 * where that can be done without what lies between, if nobody looks.
 */
#include "gretun.h"
#include "watch.h"

#include <net/neighbour.h>

/* What the device takes as it is, unless the user turned it off. */
#define GRETUN_NEIGH_FEATURES (NETIF_F_SG | NETIF_F_FRAGLIST | \
			       NETIF_F_HIGHDMA | NETIF_F_HW_CSUM)

/*
 * Return: true if dev_queue_xmit() would do nothing to the packet but hand it
 * to the device.
 */
static bool gretun_neigh_plain(const struct sk_buff *skb,
			       struct net_device *dev)
{
	return likely((dev->features & GRETUN_NEIGH_FEATURES) ==
		      GRETUN_NEIGH_FEATURES && dev->flags & IFF_UP &&
		      !skb_is_gso(skb) && !skb_vlan_tag_present(skb) &&
		      !skb_shinfo(skb)->tx_flags) &&
	       !gretun_watched_tx(dev);
}

/*
 * Entries count towards the limit of the ARP table (gc_thresh3, 1024), one for
 * each device that sends, and past it packets are lost. A permanent one does
 * not count.
 */
static void gretun_neigh_keep(struct neighbour *n)
{
	neigh_update(n, NULL, NUD_PERMANENT,
		     NEIGH_UPDATE_F_OVERRIDE | NEIGH_UPDATE_F_ADMIN, 0);
}

/*
 * Without a carrier the stack drops what it is given; here it counts, and the
 * sender is told.
 */
static int gretun_neigh_dead(struct sk_buff *skb, struct net_device *dev)
{
	struct gretun_tunnel *tunnel = netdev_priv(dev);
	const struct gretun_conf *conf;
	bool missing;

	dst_link_failure(skb);
	rcu_read_lock_bh();
	conf = rcu_dereference_bh(tunnel->conf);
	missing = test_bit(GRETUN_CONF_NO_LOCAL, &conf->flags);
	gretun_drop(tunnel, skb, missing ? GRETUN_TX_NO_LOCAL :
					   GRETUN_TX_NO_ANSWER);
	rcu_read_unlock_bh();
	return NET_XMIT_DROP;
}

static int gretun_neigh_output(struct neighbour *n, struct sk_buff *skb)
{
	struct net_device *dev = n->dev;
	bool bh_off = in_softirq();
	bool plain;

	if (unlikely(!(READ_ONCE(n->nud_state) & NUD_PERMANENT)) &&
	    n->tbl->family == AF_INET)
		gretun_neigh_keep(n);

	__skb_pull(skb, skb_network_offset(skb));
	/* For a forwarded packet they are off, and to nest that costs. */
	if (!bh_off)
		local_bh_disable();
	plain = gretun_neigh_plain(skb, dev);
	if (plain) {
		skb_reset_mac_header(skb);
		skb_set_queue_mapping(skb, 0);
		gretun_tx(skb, dev);
	}
	if (!bh_off)
		local_bh_enable();
	if (plain)
		return NET_XMIT_SUCCESS;
	if (unlikely(dev->flags & IFF_UP && !netif_carrier_ok(dev)))
		return gretun_neigh_dead(skb, dev);
	return dev_queue_xmit(skb);
}

static void gretun_neigh_error(struct neighbour *n, struct sk_buff *skb)
{
	dst_link_failure(skb);
	kfree_skb(skb);
}

static const struct neigh_ops gretun_neigh_ops4 = {
	.family = AF_INET,
	.error_report = gretun_neigh_error,
	.output = gretun_neigh_output,
	.connected_output = gretun_neigh_output,
};

static const struct neigh_ops gretun_neigh_ops6 = {
	.family = AF_INET6,
	.error_report = gretun_neigh_error,
	.output = gretun_neigh_output,
	.connected_output = gretun_neigh_output,
};

/**
 * gretun_neigh_construct - ndo_neigh_construct
 * @dev: tunnel device
 * @n: a new entry of the table of IPv4 or IPv6
 *
 * Context: any; the entry is not in the table yet.
 * Return: 0.
 */
int gretun_neigh_construct(struct net_device *dev, struct neighbour *n)
{
	n->ops = n->tbl->family == AF_INET ? &gretun_neigh_ops4 :
					     &gretun_neigh_ops6;
	n->output = gretun_neigh_output;
	return 0;
}
