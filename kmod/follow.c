// SPDX-License-Identifier: GPL-2.0
/*
 * Following the underlay: when its devices or routes change, automatic MTUs and
 * the state of loops are brought up to date. Changes come in groups, and a
 * router that learns all of the Internet's routes has them all the time; so all
 * tunnels of a netns are looked at together, some time later.
 */
#include "gretun.h"

#include <linux/rtnetlink.h>
#include <net/fib_notifier.h>

/* After a change that came alone, and at least between two looks. */
#define GRETUN_FOLLOW_DELAY msecs_to_jiffies(10)
#define GRETUN_FOLLOW_INTERVAL msecs_to_jiffies(500)

static void gretun_follow_work(struct work_struct *work)
{
	struct gretun_net *gn = container_of(to_delayed_work(work),
					     struct gretun_net, follow);
	struct gretun_tunnel *tunnel;
	unsigned long id;

	rtnl_lock();
	WRITE_ONCE(gn->followed, jiffies);
	/* An IPv6 address can be used once it has its route. */
	gretun_local_look(gn);
	for (id = 0; (tunnel = gretun_tunnel_next(&id)); id++)
		if (tunnel->net == gn->net)
			gretun_tunnel_follow(tunnel);
	rtnl_unlock();
}

/**
 * gretun_follow_schedule - look at the tunnels of a netns soon
 * @gn: the netns
 *
 * Context: any.
 */
void gretun_follow_schedule(struct gretun_net *gn)
{
	unsigned long next = READ_ONCE(gn->followed) + GRETUN_FOLLOW_INTERVAL;
	unsigned long delay = GRETUN_FOLLOW_DELAY;

	if (time_after(next, jiffies + delay))
		delay = next - jiffies;
	schedule_delayed_work(&gn->follow, delay);
}

static int gretun_follow_fib(struct notifier_block *nb, unsigned long event,
			     void *ptr)
{
	struct gretun_net *gn = container_of(nb, struct gretun_net, fib);
	const struct fib_notifier_info *info = ptr;

	if (READ_ONCE(gn->tunnel_count) &&
	    (info->family == AF_INET || info->family == AF_INET6))
		gretun_follow_schedule(gn);
	return NOTIFY_DONE;
}

/**
 * gretun_follow_init - begin to follow the underlay of a netns
 * @gn: the netns
 *
 * Context: process, may sleep; RTNL not held.
 * Return: 0, or a negative error code.
 */
int gretun_follow_init(struct gretun_net *gn)
{
	INIT_DELAYED_WORK(&gn->follow, gretun_follow_work);
	gn->followed = jiffies - GRETUN_FOLLOW_INTERVAL;
	gn->fib.notifier_call = gretun_follow_fib;
	return register_fib_notifier(gn->net, &gn->fib, NULL, NULL);
}

/**
 * gretun_follow_exit - undo gretun_follow_init()
 * @gn: a netns without tunnels
 *
 * Context: process, may sleep; RTNL not held.
 */
void gretun_follow_exit(struct gretun_net *gn)
{
	unregister_fib_notifier(gn->net, &gn->fib);
	cancel_delayed_work_sync(&gn->follow);
}
