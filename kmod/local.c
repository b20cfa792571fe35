// SPDX-License-Identifier: GPL-2.0
/*
 * Tunnels whose local address is that of a device (local-dev). The device goes by
 * its name: ppp0 is another device each time it comes, and need not be there.
 * While it has no address for the tunnel, the tunnel matches no packet, sends
 * none and has no carrier; all else of it stays.
 *
 * Addresses and devices change under locks of others, and an address is often
 * replaced in two steps. So a work looks at what there is in the end.
 */
#include "gretun.h"

#include <linux/inetdevice.h>
#include <linux/rtnetlink.h>
#include <net/addrconf.h>
#include <net/if_inet6.h>

/* Between two looks, however many addresses change. */
#define GRETUN_LOCAL_INTERVAL msecs_to_jiffies(20)

/* The one in effect, for as long as it is there, or else the first one. */
static struct in6_addr gretun_local_find4(const struct net_device *dev,
					  const struct gretun_params *params)
{
	const struct in_device *in_dev = __in_dev_get_rtnl(dev);
	struct in6_addr addr, found = gretun_addr4(0);
	const struct in_ifaddr *ifa;

	if (!in_dev)
		return found;
	in_dev_for_each_ifa_rtnl(ifa, in_dev) {
		addr = gretun_addr4(ifa->ifa_local);
		if (ifa->ifa_flags & IFA_F_SECONDARY ||
		    ifa->ifa_scope >= RT_SCOPE_LINK ||
		    ipv6_addr_equal(&addr, &params->remote))
			continue;
		if (ipv6_addr_equal(&addr, &params->local))
			return addr;
		if (gretun_addr_is_any(&found))
			found = addr;
	}
	return found;
}

/* How good an address is; 0 cannot be used. The one in effect is a bit better. */
static int gretun_local_rank6(const struct inet6_ifaddr *ifa,
			      const struct gretun_params *params)
{
	int wanted = ipv6_addr_type(&params->remote) & IPV6_ADDR_LINKLOCAL;
	int type = ipv6_addr_type(&ifa->addr);
	bool tentative = ifa->flags & IFA_F_TENTATIVE &&
			 !(ifa->flags & IFA_F_OPTIMISTIC);

	if (tentative || ifa->flags & (IFA_F_DADFAILED | IFA_F_TEMPORARY) ||
	    type & IPV6_ADDR_LOOPBACK || (type & IPV6_ADDR_LINKLOCAL) != wanted ||
	    ipv6_addr_equal(&ifa->addr, &params->remote))
		return 0;
	return (ifa->flags & IFA_F_DEPRECATED ? 1 : 3) +
	       ipv6_addr_equal(&ifa->addr, &params->local);
}

/* The best one; of those as good as it the oldest one, wherever it is in the list. */
static struct in6_addr gretun_local_find6(const struct net_device *dev,
					  const struct gretun_params *params)
{
	struct inet6_dev *idev = __in6_dev_get(dev);
	struct in6_addr found = in6addr_any;
	const struct inet6_ifaddr *ifa;
	unsigned long since = 0;
	int best = 0, rank;

	if (!idev)
		return found;
	read_lock_bh(&idev->lock);
	list_for_each_entry(ifa, &idev->addr_list, if_list) {
		rank = gretun_local_rank6(ifa, params);
		if (rank > best || (rank && rank == best &&
				    time_before(ifa->cstamp, since))) {
			best = rank;
			since = ifa->cstamp;
			found = ifa->addr;
		}
	}
	read_unlock_bh(&idev->lock);
	return found;
}

/**
 * gretun_local_find - find the local address of a tunnel that follows a device
 * @net: netns of the outer packets
 * @params: the tunnel's parameters; gets the address, any if there is none
 *
 * One that was bound to the device, too, is bound to that which has the name now.
 * A tunnel that follows none stays as it is.
 *
 * Context: process, RTNL held.
 */
void gretun_local_find(const struct net *net, struct gretun_params *params)
{
	const struct net_device *dev;

	ASSERT_RTNL();
	if (!params->local_dev[0])
		return;
	params->local_taken = false;
	dev = __dev_get_by_name((struct net *)net, params->local_dev);
	if (dev) {
		if (params->link && params->link == params->local_ifindex)
			params->link = dev->ifindex;
		params->local_ifindex = dev->ifindex;
	}
	if (!dev || !(dev->flags & IFF_UP))
		params->local = gretun_addr_any(params->v6);
	else if (params->v6)
		params->local = gretun_local_find6(dev, params);
	else
		params->local = gretun_local_find4(dev, params);
}

/**
 * gretun_local_yield - leave the address of the device to another tunnel
 * @params: parameters of a tunnel that follows a device and has a rival
 *
 * Context: any.
 */
void gretun_local_yield(struct gretun_params *params)
{
	params->local = gretun_addr_any(params->v6);
	params->local_taken = true;
}

/* Bring a tunnel up to date. */
static void gretun_local_update(struct gretun_tunnel *tunnel)
{
	const struct gretun_params *now =
		&rtnl_dereference(tunnel->conf)->params;
	const struct gretun_tunnel *rival;
	struct gretun_params params;

	gretun_tunnel_params(tunnel, &params);
	gretun_local_find(tunnel->net, &params);
	rival = gretun_tunnel_rival(tunnel->net, &params);
	if (rival && rival != tunnel)
		gretun_local_yield(&params);
	if (ipv6_addr_equal(&params.local, &now->local) &&
	    params.local_taken == now->local_taken && params.link == now->link)
		return;
	if (gretun_tunnel_set(tunnel, &params))
		gretun_local_schedule(gretun_net(tunnel->net));
	else
		gretun_netlink_notify(tunnel, GRETUN_CMD_TUNNEL_STATE_NTF);
}

/**
 * gretun_local_look - bring all tunnels that follow a device up to date
 * @gn: netns of their outer packets
 *
 * Of those that would be each other's rivals the first one has the address.
 *
 * Context: process, RTNL held, may sleep.
 */
void gretun_local_look(struct gretun_net *gn)
{
	struct gretun_tunnel *tunnel;

	list_for_each_entry(tunnel, &gn->followers, follower)
		gretun_local_update(tunnel);
}

static void gretun_local_work(struct work_struct *work)
{
	struct gretun_net *gn = container_of(to_delayed_work(work),
					     struct gretun_net, local_work);

	rtnl_lock();
	WRITE_ONCE(gn->local_when, jiffies);
	gretun_local_look(gn);
	rtnl_unlock();
}

/**
 * gretun_local_schedule - look at the tunnels that follow a device soon
 * @gn: netns of their outer packets
 *
 * At once, unless that was just done. Without such a tunnel it does nothing.
 *
 * Context: any.
 */
void gretun_local_schedule(struct gretun_net *gn)
{
	unsigned long next = READ_ONCE(gn->local_when) + GRETUN_LOCAL_INTERVAL;
	unsigned long now = jiffies;

	if (!list_empty(&gn->followers))
		schedule_delayed_work(&gn->local_work,
				      time_after(next, now) ? next - now : 0);
}

/**
 * gretun_local_track - have a tunnel in the list of those that follow a device
 * @tunnel: the tunnel
 * @follows: it does
 *
 * Context: process, RTNL held.
 */
void gretun_local_track(struct gretun_tunnel *tunnel, bool follows)
{
	struct gretun_net *gn = gretun_net(tunnel->net);

	ASSERT_RTNL();
	if (follows != list_empty(&tunnel->follower))
		return;
	if (!follows) {
		list_del_init(&tunnel->follower);
		return;
	}
	list_add_tail(&tunnel->follower, &gn->followers);
	/* Who changed an address meanwhile saw an empty list. */
	gretun_local_schedule(gn);
}

static int gretun_local_inetaddr(struct notifier_block *nb,
				 unsigned long event, void *ptr)
{
	const struct in_ifaddr *ifa = ptr;

	gretun_local_schedule(gretun_net(dev_net(ifa->ifa_dev->dev)));
	return NOTIFY_DONE;
}

static int gretun_local_inet6addr(struct notifier_block *nb,
				  unsigned long event, void *ptr)
{
	const struct inet6_ifaddr *ifa = ptr;

	gretun_local_schedule(gretun_net(dev_net(ifa->idev->dev)));
	return NOTIFY_DONE;
}

static struct notifier_block gretun_local_notifier4 = {
	.notifier_call = gretun_local_inetaddr,
};

static struct notifier_block gretun_local_notifier6 = {
	.notifier_call = gretun_local_inet6addr,
};

/**
 * gretun_local_net_init - have what following devices needs for a netns
 * @gn: the netns
 *
 * Context: process.
 */
void gretun_local_net_init(struct gretun_net *gn)
{
	INIT_LIST_HEAD(&gn->followers);
	INIT_DELAYED_WORK(&gn->local_work, gretun_local_work);
	gn->local_when = jiffies - GRETUN_LOCAL_INTERVAL;
}

/**
 * gretun_local_net_exit - undo gretun_local_net_init()
 * @gn: a netns without tunnels
 *
 * Context: process, may sleep; RTNL not held.
 */
void gretun_local_net_exit(struct gretun_net *gn)
{
	cancel_delayed_work_sync(&gn->local_work);
}

/**
 * gretun_local_init - begin to follow addresses
 *
 * Context: process, may sleep.
 * Return: 0, or a negative error code.
 */
int gretun_local_init(void)
{
	int err;

	err = register_inetaddr_notifier(&gretun_local_notifier4);
	if (err)
		return err;
	err = register_inet6addr_notifier(&gretun_local_notifier6);
	if (err)
		unregister_inetaddr_notifier(&gretun_local_notifier4);
	return err;
}

/**
 * gretun_local_exit - undo gretun_local_init()
 *
 * Context: process, may sleep.
 */
void gretun_local_exit(void)
{
	unregister_inet6addr_notifier(&gretun_local_notifier6);
	unregister_inetaddr_notifier(&gretun_local_notifier4);
}
