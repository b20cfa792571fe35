// SPDX-License-Identifier: GPL-2.0
/*
 * net.gretun.*: what new tunnels of a netns are like.
 */
#include "gretun.h"

#include <linux/sysctl.h>

/* What most of the field has. */
#define GRETUN_DEFAULT_TTL 64

static int gretun_min_ttl = 1;
static int gretun_max_ttl = U8_MAX;
static int gretun_max_mtu = IP_MAX_MTU;

/* 0 stands for automatic, and what is between it and the lowest MTU is none. */
static int gretun_sysctl_mtu(gretun_compat_ctl_table *table, int write,
			     void *buffer, size_t *lenp, loff_t *ppos)
{
	struct ctl_table copy = *table;
	int mtu = READ_ONCE(*(int *)table->data);
	int err;

	copy.data = &mtu;
	err = proc_dointvec_minmax(&copy, write, buffer, lenp, ppos);
	if (err || !write)
		return err;
	if (mtu && mtu < ETH_MIN_MTU)
		return -EINVAL;
	WRITE_ONCE(*(int *)table->data, mtu);
	return 0;
}

static const struct ctl_table gretun_sysctl_template[] = {
	{
		.procname = "default_ttl",
		.maxlen = sizeof(int),
		.mode = 0644,
		.proc_handler = proc_dointvec_minmax,
		.extra1 = &gretun_min_ttl,
		.extra2 = &gretun_max_ttl,
	},
	{
		.procname = "default_mtu",
		.maxlen = sizeof(int),
		.mode = 0644,
		.proc_handler = gretun_sysctl_mtu,
		.extra1 = SYSCTL_ZERO,
		.extra2 = &gretun_max_mtu,
	},
	{
		.procname = "allow",
		.maxlen = sizeof(int),
		.mode = 0644,
		.proc_handler = proc_dointvec_minmax,
		.extra1 = SYSCTL_ZERO,
		.extra2 = SYSCTL_ONE,
	},
};

/**
 * gretun_sysctl_init - set the defaults of a netns and have their files
 * @gn: the netns
 *
 * Context: process, may sleep.
 * Return: 0, or -ENOMEM.
 */
int gretun_sysctl_init(struct gretun_net *gn)
{
	struct ctl_table *table;

	gn->defaults = (struct gretun_defaults) {
		.ttl = GRETUN_DEFAULT_TTL,
		.allow = 1,
	};
	table = kcalloc(ARRAY_SIZE(gretun_sysctl_template) +
			GRETUN_COMPAT_SYSCTL_END, sizeof(*table), GFP_KERNEL);
	if (!table)
		return -ENOMEM;
	memcpy(table, gretun_sysctl_template, sizeof(gretun_sysctl_template));
	table[0].data = &gn->defaults.ttl;
	table[1].data = &gn->defaults.mtu;
	table[2].data = &gn->defaults.allow;
	gn->sysctl = register_net_sysctl_sz(gn->net, "net/gretun", table,
					    ARRAY_SIZE(gretun_sysctl_template));
	if (gn->sysctl)
		return 0;
	kfree(table);
	return -ENOMEM;
}

/**
 * gretun_sysctl_exit - undo gretun_sysctl_init()
 * @gn: the netns
 *
 * Context: process, may sleep.
 */
void gretun_sysctl_exit(struct gretun_net *gn)
{
	const struct ctl_table *table = gn->sysctl->ctl_table_arg;

	unregister_net_sysctl_table(gn->sysctl);
	kfree(table);
}
