/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Structures and prototypes private to the module, grouped by file.
 */
#ifndef GRETUN_H
#define GRETUN_H

#include <linux/if_ether.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/netdevice.h>
#include <linux/netfilter.h>
#include <linux/refcount.h>
#include <linux/rhashtable-types.h>
#include <linux/skbuff.h>
#include <linux/u64_stats_sync.h>
#include <linux/workqueue.h>
#include <net/dst_metadata.h>
#include <net/ip_tunnels.h>
#include <net/net_namespace.h>
#include <uapi/linux/gretun.h>

#include "drop.h"
#include "hdr.h"
#include "version.h"

#define GRETUN_DEFAULT_TTL 64

/**
 * struct gretun_pair_key - the outer addresses of a tunnel
 * @local: our address, network byte order
 * @remote: the peer's address, network byte order
 */
struct gretun_pair_key {
	__be32 local;
	__be32 remote;
};

/**
 * struct gretun_key - what a received packet is matched by
 * @pair: outer addresses; of an external device the local one, if it has one
 * @key: GRE key, network byte order, 0 without one
 * @kind: one of enum gretun_key_kind; a whole word, as the table hashes words
 */
struct gretun_key {
	struct gretun_pair_key pair;
	__be32 key;
	u32 kind;
};

/**
 * enum gretun_key_kind - what a struct gretun_key is the key of
 * @GRETUN_KEY_NONE: a tunnel without a GRE key
 * @GRETUN_KEY_GIVEN: a tunnel with a GRE key
 * @GRETUN_KEY_EXTERNAL: an external device
 */
enum gretun_key_kind {
	GRETUN_KEY_NONE,
	GRETUN_KEY_GIVEN,
	GRETUN_KEY_EXTERNAL,
};

/**
 * struct gretun_pair - two addresses that have at least one tunnel
 * @node: entry of the netns' table of pairs
 * @key: the addresses
 * @tunnels: how many tunnels there are between them; under RTNL
 * @rcu: frees it
 */
struct gretun_pair {
	struct rhash_head node;
	struct gretun_pair_key key;
	unsigned int tunnels;
	struct rcu_head rcu;
};

/**
 * struct gretun_params - what a user can set on a tunnel
 * @local: outer source address, network byte order; 0 for any if @external
 * @remote: outer destination address, network byte order; 0 if @external
 * @link: ifindex of the underlay device it is bound to, 0 for none
 * @ikey: key of received packets, host byte order, if @has_ikey
 * @okey: key of sent packets, host byte order, if @has_okey
 * @mtu: device MTU in bytes, 0 for automatic
 * @fwmark: mark for the route lookup of outer packets
 * @ttl: outer TTL, 1 to 255
 * @tos: outer TOS, ECN bits 0, unless @tos_inherit
 * @df: one of enum gretun_df
 * @has_ikey: there is an @ikey
 * @has_okey: there is an @okey
 * @tos_inherit: take the DSCP of the inner header
 * @csum: send checksums and require them
 * @seq: send sequence numbers and require them
 * @fastpath: go past the firewall of the underlay
 * @external: the packets bring their peers along; for the device's whole life
 */
struct gretun_params {
	__be32 local;
	__be32 remote;
	u32 link;
	u32 ikey;
	u32 okey;
	u32 mtu;
	u32 fwmark;
	u8 ttl;
	u8 tos;
	u8 df;
	bool has_ikey;
	bool has_okey;
	bool tos_inherit;
	bool csum;
	bool seq;
	bool fastpath;
	bool external;
};

/**
 * struct gretun_encap - what is put around an inner packet
 * @hlen: length of the GRE header in bytes
 * @overhead: outer IP and GRE header, in bytes
 * @df: one of enum gretun_df
 * @tos_inherit: take the DSCP of the inner header instead of that of @iph
 * @csum: there is a checksum
 * @seq: there is a sequence number
 * @iph: outer IP header; length, id, DSCP, DF and checksum vary
 * @gre: GRE header; protocol, checksum and sequence number vary
 */
struct gretun_encap {
	unsigned int hlen;
	unsigned int overhead;
	u8 df;
	bool tos_inherit;
	bool csum;
	bool seq;
	struct iphdr iph;
	__be32 gre[GRETUN_HDR_MAX / sizeof(__be32)];
};

/**
 * struct gretun_conf - a tunnel's configuration as the data path sees it
 * @node: entry of the netns' table of tunnels
 * @key: what a received packet is matched by
 * @tunnel: whose configuration it is
 * @dev: its device
 * @pair: its addresses' entry in the table of pairs
 * @id: tells it from the tunnel's other configurations
 * @params: as set
 * @encap: the headers; of an external device only the overhead counts
 * @rcu: frees it
 *
 * It never changes once readers can see it: a change makes a new one. That
 * way a packet is sent and received by one configuration and no mixture.
 */
struct gretun_conf {
	struct rhash_head node;
	struct gretun_key key;
	struct gretun_tunnel *tunnel;
	struct net_device *dev;
	struct gretun_pair *pair;
	u32 id;
	struct gretun_params params;
	struct gretun_encap encap;
	struct rcu_head rcu;
};

/**
 * struct gretun_outer - how one packet is sent
 * @encap: its headers
 * @rt: its route
 * @rt_held: a reference to @rt goes with the packet; without it @rt is good
 *	for as long as RCU says
 * @tos: TOS byte of the outer header
 * @df: DF bit of the outer header, network byte order
 */
struct gretun_outer {
	const struct gretun_encap *encap;
	struct rtable *rt;
	bool rt_held;
	u8 tos;
	__be16 df;
};

/**
 * struct gretun_percpu - what a tunnel keeps for each CPU
 * @rx_packets: packets delivered
 * @rx_bytes: their bytes, from the inner IP header on
 * @tx_packets: packets sent
 * @tx_bytes: their bytes, from the inner IP header on
 * @reasons: packets dropped, by reason
 * @syncp: makes 64 bits readable on 32-bit CPUs
 * @ip_id: next id for an outer header
 * @ip_ids: how many ids from @ip_id on are this CPU's
 * @output: route of the packets sent; NULL without one
 * @output_conf_id: id of the configuration that asked for it
 * @input: route of the last received packet, a local one; NULL without one
 * @input_pair: the packet's addresses
 * @input_iif: ifindex of the device that it came through
 * @input_conf_id: id of the configuration that it matched
 * @input_rp_filter: how its source was validated
 * @metadata: used for the last packet that an external device received
 */
struct gretun_percpu {
	u64_stats_t rx_packets;
	u64_stats_t rx_bytes;
	u64_stats_t tx_packets;
	u64_stats_t tx_bytes;
	u64_stats_t reasons[GRETUN_TUNNEL_REASON_COUNT];
	struct u64_stats_sync syncp;
	u16 ip_id;
	u16 ip_ids;
	struct dst_entry *output;
	u32 output_conf_id;
	int input_iif;
	struct dst_entry *input;
	struct gretun_pair_key input_pair;
	u32 input_conf_id;
	int input_rp_filter;
	struct metadata_dst *metadata;
};

/**
 * struct gretun_totals - counters of one tunnel over all CPUs
 * @rx_packets: packets delivered
 * @rx_bytes: their bytes
 * @tx_packets: packets sent
 * @tx_bytes: their bytes
 * @reasons: packets dropped, by reason
 */
struct gretun_totals {
	u64 rx_packets;
	u64 rx_bytes;
	u64 tx_packets;
	u64 tx_bytes;
	u64 reasons[GRETUN_TUNNEL_REASON_COUNT];
};

/**
 * struct gretun_netns_stats - counters of one netns on one CPU
 * @reasons: packets that no tunnel took, by reason
 * @syncp: makes 64 bits readable on 32-bit CPUs
 */
struct gretun_netns_stats {
	u64_stats_t reasons[GRETUN_NETNS_REASON_COUNT];
	struct u64_stats_sync syncp;
};

/**
 * struct gretun_tunnel - private part of a tunnel's device
 * @dev: the device
 * @net: netns of the outer packets, for the device's whole life
 * @conf: configuration; written under RTNL
 * @percpu: counters and what else each CPU has for itself
 * @mtu: MTU as set, 0 for automatic; under RTNL
 * @mtu_follows: the change of MTU going on is gretun's own; under RTNL
 * @batch: in the list of those the netlink request at work is about; under RTNL
 * @id: never given twice; where a dump goes on
 * @conf_id: id of @conf; under RTNL
 * @tx_ids: first id for outer headers that no CPU has taken
 * @tx_seq: next sequence number to send
 * @rx_seq: see seq.h
 */
struct gretun_tunnel {
	struct net_device *dev;
	struct net *net;
	struct gretun_conf __rcu *conf;
	struct gretun_percpu __percpu *percpu;
	u32 mtu;
	bool mtu_follows;
	struct list_head batch;
	u32 id;
	u32 conf_id;
	atomic_t tx_ids;
	atomic_t tx_seq ____cacheline_aligned_in_smp;
	atomic64_t rx_seq;
};

/**
 * struct gretun_net - what gretun keeps for a netns of outer packets
 * @tunnels: struct gretun_conf by struct gretun_key
 * @pairs: struct gretun_pair by struct gretun_pair_key
 * @tunnel_count: tunnels here; the hooks are there when it is not 0; under RTNL
 * @external_count: how many of @tunnels are external and have a local address;
 *	written under RTNL
 * @external_any: how many are external and have none; written under RTNL
 * @generation: counts the changes of @tunnels, from 1 on; written under RTNL
 * @flows: what each CPU remembers of packets
 * @stats: counters
 * @hooks: how packets get here, registered while there are tunnels
 * @mtu_work: brings automatic MTUs up to date
 * @net: the netns
 */
struct gretun_net {
	struct rhashtable tunnels;
	struct rhashtable pairs;
	unsigned int tunnel_count;
	unsigned int external_count;
	unsigned int external_any;
	u32 generation;
	struct gretun_flows __percpu *flows;
	struct gretun_netns_stats __percpu *stats;
	struct nf_hook_ops hooks[2];
	struct delayed_work mtu_work;
	struct net *net;
};

/**
 * gretun_may_pull_inner - have the inner IP header in the linear part
 * @skb: packet, its network header the inner one, at skb->data
 *
 * Context: any.
 * Return: false if the packet is too short for it, or memory is.
 */
static inline bool gretun_may_pull_inner(struct sk_buff *skb)
{
	return likely(skb_headlen(skb) >= sizeof(struct ipv6hdr)) ||
	       pskb_inet_may_pull(skb);
}

/**
 * gretun_lookup_generation - which changes of the tables can be seen?
 * @gn: netns of the tables
 *
 * What is found in the tables after this is of this generation or newer, and
 * stays there for as long as the generation does not change.
 *
 * Context: RCU read lock held.
 * Return: a number that is another one after a change, and never 0 where
 * something can be found.
 */
static inline u32 gretun_lookup_generation(const struct gretun_net *gn)
{
	/* Pairs with gretun_lookup_changed(). */
	return smp_load_acquire(&gn->generation);
}

/* netdev.c */
extern struct rtnl_link_ops gretun_link_ops;
struct gretun_net *gretun_net(const struct net *net);
bool gretun_is_tunnel(const struct net_device *dev);
void gretun_netdev_setup(struct net_device *dev);
void gretun_netdev_apply(struct net_device *dev,
			 const struct gretun_conf *conf);
int gretun_netdev_init(void);
void gretun_netdev_exit(void);

/* tunnel.c */
void gretun_params_default(struct gretun_params *params);
struct gretun_tunnel *gretun_tunnel_rival(const struct net *net,
					  const struct gretun_params *params);
struct gretun_tunnel *gretun_tunnel_create(struct net *net, const char *name,
					   const struct gretun_params *params);
int gretun_tunnel_attach(struct gretun_tunnel *tunnel);
void gretun_tunnel_detach(struct gretun_tunnel *tunnel);
int gretun_tunnel_set(struct gretun_tunnel *tunnel,
		      const struct gretun_params *params);
void gretun_tunnel_params(const struct gretun_tunnel *tunnel,
			  struct gretun_params *params);
void gretun_tunnel_update_mtu(struct gretun_tunnel *tunnel);
struct gretun_tunnel *gretun_tunnel_next(unsigned long *id);

/* lookup.c */
int gretun_lookup_init(struct gretun_net *gn);
void gretun_lookup_exit(struct gretun_net *gn);
struct gretun_conf *gretun_lookup(struct gretun_net *gn,
				  const struct gretun_key *key);
struct gretun_conf *gretun_lookup_external(struct gretun_net *gn, __be32 local);
bool gretun_lookup_known(struct gretun_net *gn,
			 const struct gretun_pair_key *key);
int gretun_lookup_insert(struct gretun_net *gn, struct gretun_conf *conf);
int gretun_lookup_replace(struct gretun_net *gn, struct gretun_conf *old,
			  struct gretun_conf *conf);
void gretun_lookup_remove(struct gretun_net *gn, struct gretun_conf *conf);

/* flow.c */
int gretun_flow_init(struct gretun_net *gn);
void gretun_flow_exit(struct gretun_net *gn);
const struct gretun_conf *gretun_flow_find(struct gretun_net *gn,
					   const struct sk_buff *skb, int iif,
					   struct gretun_hdr *hdr);
void gretun_flow_keep(struct gretun_net *gn, const struct sk_buff *skb,
		      int iif, u32 generation, const struct gretun_conf *conf,
		      const struct gretun_hdr *hdr);

/* hook.c */
int gretun_hook_get(struct gretun_net *gn);
void gretun_hook_put(struct gretun_net *gn);

/* rx.c */
bool gretun_rx(const struct gretun_conf *conf, struct sk_buff *skb,
	       const struct gretun_hdr *hdr, bool hand_back);

/* tx.c */
netdev_tx_t gretun_tx(struct sk_buff *skb, struct net_device *dev);

/* neigh.c */
int gretun_neigh_construct(struct net_device *dev, struct neighbour *n);

/* external.c */
bool gretun_external_encap(const struct gretun_conf *conf, struct sk_buff *skb,
			   struct gretun_encap *encap);
struct rtable *gretun_external_route(const struct gretun_conf *conf,
				     struct sk_buff *skb,
				     struct gretun_encap *encap);
bool gretun_external_tag(const struct gretun_conf *conf, struct sk_buff *skb,
			 const struct iphdr *outer,
			 const struct gretun_hdr *hdr);

/* outer4.c */
struct rtable *gretun_outer4_lookup(struct net *net,
				    const struct gretun_params *params);
struct rtable *gretun_outer4_route(const struct gretun_conf *conf);
void gretun_outer4_template(struct gretun_encap *encap,
			    const struct gretun_params *params);
int gretun_outer4_send(const struct gretun_conf *conf, struct sk_buff *skb,
		       const struct gretun_outer *outer);
void gretun_outer4_learn_input(const struct gretun_conf *conf,
			       struct sk_buff *skb, int iif);
bool gretun_outer4_set_input(const struct gretun_conf *conf,
			     struct sk_buff *skb, int iif);

/* icmp.c */
void gretun_icmp_receive(struct gretun_net *gn, struct sk_buff *skb);
bool gretun_icmp_too_big(struct sk_buff *skb, unsigned int mtu, __be16 *df);

/* stats.c */
void gretun_count(struct gretun_tunnel *tunnel,
		  enum gretun_tunnel_reason reason);
void gretun_drop(struct gretun_tunnel *tunnel, struct sk_buff *skb,
		 enum gretun_tunnel_reason reason);
void gretun_netns_count(struct gretun_net *gn,
			enum gretun_netns_reason reason);
void gretun_stats_read(const struct gretun_tunnel *tunnel,
		       struct gretun_totals *totals);
u64 gretun_netns_stats_read(const struct gretun_net *gn,
			    enum gretun_netns_reason reason);

/* events.c */
int gretun_events_init(void);
void gretun_events_exit(void);

/* attrs.c */
int gretun_attrs_parse(const struct nlattr *nest, struct nlattr **tb,
		       struct netlink_ext_ack *extack);
int gretun_attrs_params(const struct nlattr *nest, struct nlattr **tb,
			const struct net *net, struct gretun_params *params,
			struct netlink_ext_ack *extack);
int gretun_attrs_fill(struct sk_buff *skb, struct gretun_tunnel *tunnel,
		      bool with_stats);
int gretun_attrs_fill_netns(struct sk_buff *skb, const struct gretun_net *gn);

/* netlink.c */
void gretun_netlink_notify(struct gretun_tunnel *tunnel, u8 cmd);
int gretun_netlink_init(void);
void gretun_netlink_exit(void);

#endif /* GRETUN_H */
