// SPDX-License-Identifier: GPL-2.0
/*
 * Counters. Each CPU writes its own; readers add them up.
 */
#include "gretun.h"

/**
 * gretun_count - count a packet of a tunnel that was dropped
 * @tunnel: whose packet it was
 * @reason: why
 *
 * Context: softirq, or bottom halves off.
 */
void gretun_count(struct gretun_tunnel *tunnel,
		  enum gretun_tunnel_reason reason)
{
	struct gretun_percpu *stats = this_cpu_ptr(tunnel->percpu);

	u64_stats_update_begin(&stats->syncp);
	u64_stats_inc(&stats->reasons[reason]);
	u64_stats_update_end(&stats->syncp);
}

/**
 * gretun_drop - free a packet and count why
 * @tunnel: whose packet it is
 * @skb: the packet; gretun_drop() takes it
 * @reason: why
 *
 * Context: softirq, or bottom halves off.
 */
void gretun_drop(struct gretun_tunnel *tunnel, struct sk_buff *skb,
		 enum gretun_tunnel_reason reason)
{
	gretun_count(tunnel, reason);
	kfree_skb(skb);
}

/**
 * gretun_netns_count - count a packet that no tunnel takes
 * @gn: the netns it came to
 * @reason: why no tunnel takes it
 *
 * Context: softirq, or bottom halves off.
 */
void gretun_netns_count(struct gretun_net *gn, enum gretun_netns_reason reason)
{
	struct gretun_netns_stats *stats = this_cpu_ptr(gn->stats);

	u64_stats_update_begin(&stats->syncp);
	u64_stats_inc(&stats->reasons[reason]);
	u64_stats_update_end(&stats->syncp);
}

/**
 * gretun_stats_read - add up the counters of a tunnel
 * @tunnel: the tunnel
 * @totals: where the sums go
 *
 * Context: any.
 */
void gretun_stats_read(const struct gretun_tunnel *tunnel,
		       struct gretun_totals *totals)
{
	unsigned int start;
	int cpu, i;

	memset(totals, 0, sizeof(*totals));
	for_each_possible_cpu(cpu) {
		const struct gretun_percpu *stats;
		struct gretun_totals one;

		stats = per_cpu_ptr(tunnel->percpu, cpu);
		do {
			start = u64_stats_fetch_begin(&stats->syncp);
			one.rx_packets = u64_stats_read(&stats->rx_packets);
			one.rx_bytes = u64_stats_read(&stats->rx_bytes);
			one.rx_when = u64_stats_read(&stats->rx_when);
			one.tx_packets = u64_stats_read(&stats->tx_packets);
			one.tx_bytes = u64_stats_read(&stats->tx_bytes);
			one.keepalive_replies =
				u64_stats_read(&stats->keepalive_replies);
			for (i = 0; i < GRETUN_TUNNEL_REASON_COUNT; i++)
				one.reasons[i] =
					u64_stats_read(&stats->reasons[i]);
		} while (u64_stats_fetch_retry(&stats->syncp, start));

		totals->rx_packets += one.rx_packets;
		totals->rx_bytes += one.rx_bytes;
		totals->rx_when = max(totals->rx_when, one.rx_when);
		totals->tx_packets += one.tx_packets;
		totals->tx_bytes += one.tx_bytes;
		totals->keepalive_replies += one.keepalive_replies;
		for (i = 0; i < GRETUN_TUNNEL_REASON_COUNT; i++)
			totals->reasons[i] += one.reasons[i];
	}
}

/**
 * gretun_netns_stats_read - add up one counter of a netns
 * @gn: the netns
 * @reason: which counter
 *
 * Context: any.
 * Return: packets that no tunnel took for that reason.
 */
u64 gretun_netns_stats_read(const struct gretun_net *gn,
			    enum gretun_netns_reason reason)
{
	u64 sum = 0;
	int cpu;

	for_each_possible_cpu(cpu) {
		const struct gretun_netns_stats *stats;
		unsigned int start;
		u64 one;

		stats = per_cpu_ptr(gn->stats, cpu);
		do {
			start = u64_stats_fetch_begin(&stats->syncp);
			one = u64_stats_read(&stats->reasons[reason]);
		} while (u64_stats_fetch_retry(&stats->syncp, start));
		sum += one;
	}
	return sum;
}
