// SPDX-License-Identifier: GPL-2.0
/*
 * Recursive routing: the route to a tunnel's remote address leads into the
 * tunnel, by itself or through other tunnels. It comes about when a routing
 * protocol that runs over the tunnel announces the underlay.
 */
#include "gretun.h"

#include <linux/rtnetlink.h>
#include <net/ip6_fib.h>
#include <net/ip_fib.h>
#include <net/route.h>

/* Tunnels inside one another that are followed. */
#define GRETUN_LOOP_DEPTH 4

/**
 * gretun_loop_leads_back - does the way through a device end in a tunnel again?
 * @conf: configuration of the tunnel
 * @dev: the device that its route leads to
 *
 * More tunnels inside one another than are followed count as a loop. Where a
 * device goes that has its peers from its packets is not known.
 *
 * Context: bottom halves off, RCU read lock held.
 * Return: true if it does.
 */
bool gretun_loop_leads_back(const struct gretun_conf *conf,
			    const struct net_device *dev)
{
	const struct gretun_tunnel *next;
	const struct dst_entry *dst;
	struct gretun_conf *through;
	int depth;

	for (depth = 0; depth < GRETUN_LOOP_DEPTH; depth++) {
		if (!gretun_is_tunnel(dev))
			return false;
		if (dev == conf->dev)
			return true;
		next = netdev_priv(dev);
		through = rcu_dereference_bh(next->conf);
		if (!through || !gretun_has_peer(&through->params))
			return false;
		dst = gretun_outer_route(through);
		if (IS_ERR(dst))
			return false;
		dev = dst->dev;
	}
	return gretun_is_tunnel(dev);
}

static void gretun_loop_prefix4(const struct gretun_conf *conf,
				struct gretun_loop *loop)
{
	struct fib_result res;
	struct flowi4 fl4;

	gretun_outer4_flow(conf->tunnel->net, &conf->params, &fl4);
	if (fib_lookup(conf->tunnel->net, &fl4, &res, 0))
		return;
	loop->dst = gretun_addr4(res.prefix);
	loop->prefixlen = res.prefixlen;
	if (res.table)
		loop->table = res.table->tb_id;
}

static void gretun_loop_prefix6(const struct dst_entry *dst,
				struct gretun_loop *loop)
{
	const struct fib6_info *from = rcu_dereference_bh(dst_rt6_info(dst)->from);

	if (!from)
		return;
	loop->dst = from->fib6_dst.addr;
	loop->prefixlen = from->fib6_dst.plen;
	if (from->fib6_table)
		loop->table = from->fib6_table->tb6_id;
}

/**
 * gretun_loop_find - find the route that leads a tunnel's packets back into it
 * @conf: configuration of the tunnel
 * @dst: the route of its packets, or NULL without one
 * @loop: where it goes; all 0 if there is none
 *
 * Context: process, RTNL held.
 */
void gretun_loop_find(const struct gretun_conf *conf,
		      const struct dst_entry *dst, struct gretun_loop *loop)
{
	memset(loop, 0, sizeof(*loop));
	if (!dst || likely(!gretun_is_tunnel(dst->dev)))
		return;

	rcu_read_lock_bh();
	if (gretun_loop_leads_back(conf, dst->dev)) {
		loop->ifindex = dst->dev->ifindex;
		if (conf->params.v6)
			gretun_loop_prefix6(dst, loop);
		else
			gretun_loop_prefix4(conf, loop);
	}
	rcu_read_unlock_bh();
}
