// SPDX-License-Identifier: GPL-2.0
/*
 * What happens to devices: a change of a tunnel's own device is told to the
 * events group, a change of any makes follow.c and local.c look at the tunnels.
 */
#include "gretun.h"

#include <linux/notifier.h>
#include <linux/rtnetlink.h>

static void gretun_events_tunnel(unsigned long event, struct net_device *dev)
{
	struct gretun_tunnel *tunnel = netdev_priv(dev);

	/* A late NETDEV_UNREGISTER comes again until all references are gone. */
	if (!rtnl_dereference(tunnel->conf))
		return;

	switch (event) {
	case NETDEV_REGISTER:
		gretun_netlink_notify(tunnel, GRETUN_CMD_TUNNEL_NEW_NTF);
		break;
	case NETDEV_UNREGISTER:
		gretun_netlink_notify(tunnel, GRETUN_CMD_TUNNEL_DEL_NTF);
		break;
	case NETDEV_UP:
	case NETDEV_DOWN:
	case NETDEV_CHANGE:
	case NETDEV_CHANGEMTU:
	case NETDEV_CHANGENAME:
		gretun_netlink_notify(tunnel, GRETUN_CMD_TUNNEL_SET_NTF);
		break;
	}
}

static void gretun_events_underlay(unsigned long event,
				   const struct net_device *dev)
{
	struct gretun_net *gn = gretun_net(dev_net(dev));

	switch (event) {
	case NETDEV_UP:
	case NETDEV_DOWN:
	case NETDEV_CHANGENAME:
		gretun_local_schedule(gn);
		break;
	}
	switch (event) {
	case NETDEV_UP:
	case NETDEV_CHANGE:
	case NETDEV_CHANGEMTU:
		if (gn->tunnel_count)
			gretun_follow_schedule(gn);
		break;
	}
}

static int gretun_events_netdev(struct notifier_block *nb,
				unsigned long event, void *ptr)
{
	struct net_device *dev = netdev_notifier_info_to_dev(ptr);

	if (gretun_is_tunnel(dev))
		gretun_events_tunnel(event, dev);
	/* A tunnel may be the underlay of another one. */
	gretun_events_underlay(event, dev);
	return NOTIFY_DONE;
}

static struct notifier_block gretun_events_notifier = {
	.notifier_call = gretun_events_netdev,
};

/**
 * gretun_events_init - begin to follow what happens to devices
 *
 * Context: process, may sleep.
 * Return: 0, or a negative error code.
 */
int gretun_events_init(void)
{
	return register_netdevice_notifier(&gretun_events_notifier);
}

/**
 * gretun_events_exit - undo gretun_events_init()
 *
 * The notifier is called once more for each device, as if it went. So this
 * tells the events group of the end of each tunnel.
 *
 * Context: process, may sleep.
 */
void gretun_events_exit(void)
{
	unregister_netdevice_notifier(&gretun_events_notifier);
}
