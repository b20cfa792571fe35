/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The only file that knows kernel versions. The rest is written against the
 * newest API; what is here adapts it to older kernels. It is included before
 * everything else.
 */
#ifndef GRETUN_COMPAT_H
#define GRETUN_COMPAT_H

#include <linux/version.h>
#include <linux/netdevice.h>
#include <net/genetlink.h>

/* Removable when 6.5 is the oldest kernel: skbuff.h had what gso.h has now. */
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 5, 0)
#include <net/gso.h>
#endif

/* Removable when 6.7 is the oldest kernel: the attributes of a dump request. */
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 7, 0)
#define genl_info_dump(cb) genl_dumpit_info(cb)
#endif

/* Removable when 6.12 is the oldest kernel: lltx was a feature flag before. */
static inline void gretun_compat_set_lltx(struct net_device *dev)
{
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 12, 0)
	dev->features |= NETIF_F_LLTX;
#else
	dev->lltx = true;
#endif
}

/* Removable when 6.17 is the oldest kernel: it had another name. */
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 17, 0)
#define netif_get_flags(dev) dev_get_flags(dev)
#endif

#endif /* GRETUN_COMPAT_H */
