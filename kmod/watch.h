/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Who looks at packets on their way: those of a device between the stack and its
 * driver, and outer ones where they come in. A shortcut past that part of the
 * stack is for packets that nobody looks at. It is asked for each packet, so all
 * of it is inline.
 */
#ifndef GRETUN_WATCH_H
#define GRETUN_WATCH_H

#include <linux/netdevice.h>
#include <linux/netfilter.h>
#include <net/sch_generic.h>

/**
 * gretun_watched_rx - does somebody look at the packets that come in?
 * @dev: a device
 *
 * A packet socket bound to no device that asks for one protocol is not found:
 * modules do not get to see the list of these.
 *
 * Context: RCU read lock held.
 * Return: true if there is a packet socket, tc, XDP, netfilter, receive packet
 * steering, or another device on top.
 */
static inline bool gretun_watched_rx(struct net_device *dev)
{
#ifdef CONFIG_NETFILTER_INGRESS
	if (unlikely(rcu_access_pointer(dev->nf_hooks_ingress)))
		return true;
#endif
	return unlikely(dev_nit_active(dev) ||
			!list_empty(&dev->ptype_specific) ||
			rcu_access_pointer(dev->rx_handler) ||
			rcu_access_pointer(dev->xdp_prog) ||
			gretun_compat_tc_ingress(dev) ||
			gretun_compat_rps(dev));
}

/**
 * gretun_watched_tx - does somebody look at the packets that go out?
 * @dev: a device with one queue
 *
 * Context: bottom halves off, RCU read lock held.
 * Return: true if there is a packet socket, tc, netfilter or a queue.
 */
static inline bool gretun_watched_tx(struct net_device *dev)
{
#ifdef CONFIG_NETFILTER_EGRESS
	if (unlikely(rcu_access_pointer(dev->nf_hooks_egress)))
		return true;
#endif
	return unlikely(dev_nit_active(dev) || gretun_compat_tc_egress(dev) ||
			rcu_dereference_bh(netdev_get_tx_queue(dev, 0)->qdisc)->enqueue);
}

/**
 * gretun_watched_hook - does somebody look at the packets in a hook?
 * @hooks: what is in the place of a hook of ours
 *
 * Context: RCU read lock held.
 * Return: false if ours is there and no other.
 */
static inline bool gretun_watched_hook(const struct nf_hook_entries *hooks)
{
	return unlikely(!hooks || hooks->num_hook_entries != 1);
}

#endif /* GRETUN_WATCH_H */
