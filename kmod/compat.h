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
#include <linux/sysctl.h>
#include <net/genetlink.h>
#include <net/ip.h>
#include <net/ip6_fib.h>
#include <net/ipv6.h>
#include <net/route.h>

/* Removable when 6.5 is the oldest kernel: skbuff.h had what gso.h has now. */
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 5, 0)
#include <net/gso.h>
#endif

/* Removable when 6.7 is the oldest kernel: algapi.h had what utils.h has now. */
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 7, 0)
#include <crypto/utils.h>
#else
#include <crypto/algapi.h>
#endif

/* Removable when 6.4 is the oldest kernel: references were counted plainly. */
static inline unsigned int gretun_compat_dst_refs(struct dst_entry *dst)
{
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 4, 0)
	return rcuref_read(&dst->__rcuref);
#else
	return atomic_read(&dst->__refcnt);
#endif
}

/*
 * Removable when 6.6 is the oldest kernel: tc had its own programs on a device,
 * and queues had no header of their own.
 */
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 6, 0)
#include <net/netdev_rx_queue.h>
#endif

static inline bool gretun_compat_tc_ingress(const struct net_device *dev)
{
#if defined(CONFIG_NET_XGRESS)
	return rcu_access_pointer(dev->tcx_ingress);
#elif defined(CONFIG_NET_CLS_ACT) && \
	LINUX_VERSION_CODE < KERNEL_VERSION(6, 6, 0)
	return rcu_access_pointer(dev->miniq_ingress);
#else
	return false;
#endif
}

static inline bool gretun_compat_tc_egress(const struct net_device *dev)
{
#if defined(CONFIG_NET_XGRESS)
	return rcu_access_pointer(dev->tcx_egress);
#elif defined(CONFIG_NET_CLS_ACT) && \
	LINUX_VERSION_CODE < KERNEL_VERSION(6, 6, 0)
	return rcu_access_pointer(dev->miniq_egress);
#else
	return false;
#endif
}

static inline bool gretun_compat_rps(const struct net_device *dev)
{
#ifdef CONFIG_RPS
	return rcu_access_pointer(dev->_rx->rps_map);
#else
	return false;
#endif
}

/*
 * Removable when 6.7 is the oldest kernel: what OutRequests counts was counted
 * where OutTransmits is now.
 */
static inline void gretun_compat_count_request(struct net *net)
{
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 7, 0)
	IP_INC_STATS(net, IPSTATS_MIB_OUTREQUESTS);
#endif
}

/*
 * Removable when 6.6 is the oldest kernel: a table of files ended with an empty
 * entry, and its size was not given.
 */
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 6, 0)
#define GRETUN_COMPAT_SYSCTL_END 1
static inline struct ctl_table_header *
register_net_sysctl_sz(struct net *net, const char *path,
		       struct ctl_table *table, size_t size)
{
	return register_net_sysctl(net, path, table);
}
#else
#define GRETUN_COMPAT_SYSCTL_END 0
#endif

/*
 * Removable when 6.7 is the oldest kernel: what a tunnel sent over IPv6 was not
 * counted.
 */
static inline void gretun_compat_count_out6(struct net *net,
					    struct sk_buff *skb)
{
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 7, 0)
	IP6_UPD_PO_STATS(net, ip6_dst_idev(skb_dst(skb)), IPSTATS_MIB_OUT,
			 skb->len);
#endif
}

/* Removable when 6.7 is the oldest kernel: the attributes of a dump request. */
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 7, 0)
#define genl_info_dump(cb) genl_dumpit_info(cb)
#endif

/* Removable when 6.10 is the oldest kernel: each did it by hand. */
#ifndef dst_rtable
#define dst_rtable(ptr) container_of_const(ptr, struct rtable, dst)
#endif

/*
 * Removable when 6.10 is the oldest kernel: the flags of tunnel metadata were
 * a word. NAME is CSUM, KEY, SEQ or DONT_FRAGMENT.
 */
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 10, 0)
#define gretun_compat_set_flag(flags, NAME) ((flags) |= TUNNEL_##NAME)
#define gretun_compat_has_flag(flags, NAME) (!!((flags) & TUNNEL_##NAME))
#else
#define gretun_compat_set_flag(flags, NAME)	\
	__set_bit(IP_TUNNEL_##NAME##_BIT, flags)
#define gretun_compat_has_flag(flags, NAME)	\
	test_bit(IP_TUNNEL_##NAME##_BIT, flags)
#endif

/* Removable when 6.11 is the oldest kernel: the table was not constant. */
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 11, 0)
#define gretun_compat_ctl_table struct ctl_table
#else
#define gretun_compat_ctl_table const struct ctl_table
#endif

/* Removable when 6.12 is the oldest kernel: it was in asm/. */
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 12, 0)
#include <asm/unaligned.h>
#else
#include <linux/unaligned.h>
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

/* Removable when 6.16 is the oldest kernel: it had another name. */
#ifndef timer_container_of
#define timer_container_of(var, timer, field) from_timer(var, timer, field)
#endif

/* Removable when 6.17 is the oldest kernel: it had another name. */
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 17, 0)
#define netif_get_flags(dev) dev_get_flags(dev)
#endif

/*
 * Removable when 7.3 is the oldest kernel: the functions for tunnels in UDP took
 * the other half of a socket.
 */
#if LINUX_VERSION_CODE < KERNEL_VERSION(7, 3, 0)
#define gretun_compat_udp_sock(sk) ((sk)->sk_socket)
#else
#define gretun_compat_udp_sock(sk) (sk)
#endif

/* Removable when 6.19 is the oldest kernel: it had another name. */
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 19, 0)
#define blake2s_ctx blake2s_state
#endif

#endif /* GRETUN_COMPAT_H */
