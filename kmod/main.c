// SPDX-License-Identifier: GPL-2.0
/*
 * Load and unload.
 */
#include "gretun.h"

#include <linux/module.h>
#include <net/genetlink.h>
#include <net/rtnetlink.h>

static int __init gretun_init(void)
{
	int err;

	err = gretun_netdev_init();
	if (err)
		return err;
	err = gretun_netlink_init();
	if (err)
		goto exit_netdev;
	err = gretun_events_init();
	if (err)
		goto exit_netlink;
	err = gretun_local_init();
	if (err)
		goto exit_events;
	return 0;

exit_events:
	gretun_events_exit();
exit_netlink:
	gretun_netlink_exit();
exit_netdev:
	gretun_netdev_exit();
	return err;
}

static void __exit gretun_exit(void)
{
	gretun_local_exit();
	gretun_events_exit();
	gretun_netlink_exit();
	gretun_netdev_exit();
	/* Configurations of tunnels are freed by code of this module. */
	rcu_barrier();
}

module_init(gretun_init);
module_exit(gretun_exit);

MODULE_DESCRIPTION("GRE tunnels (RFC 2784, RFC 2890)");
MODULE_AUTHOR("The gretun authors");
MODULE_LICENSE("GPL");
MODULE_VERSION(GRETUN_VERSION);
MODULE_ALIAS_RTNL_LINK(KBUILD_MODNAME);
MODULE_ALIAS_GENL_FAMILY(GRETUN_GENL_NAME);
