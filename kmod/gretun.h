/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Structures and prototypes private to the module, grouped by file.
 */
#ifndef GRETUN_H
#define GRETUN_H

#include <linux/if_ether.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/ktime.h>
#include <linux/netdevice.h>
#include <linux/netfilter.h>
#include <linux/ratelimit_types.h>
#include <linux/refcount.h>
#include <linux/rhashtable-types.h>
#include <linux/skbuff.h>
#include <linux/spinlock.h>
#include <linux/timer.h>
#include <linux/udp.h>
#include <linux/u64_stats_sync.h>
#include <linux/workqueue.h>
#include <net/dst_metadata.h>
#include <net/ip_tunnels.h>
#include <net/net_namespace.h>
#include <uapi/linux/gretun.h>

#include "addr.h"
#include "drop.h"
#include "hdr.h"
#include "key.h"
#include "version.h"

/* Destination options header with the encapsulation limit (RFC 2473, 4.1.1). */
#define GRETUN_LIMIT_LEN 8

/* EtherType of signed keepalives: one for local experiments (IEEE Std 802). */
#define GRETUN_ETH_P_SIGNED 0x88b5

/* Bytes of a secret, and buckets of the table of tunnels that have one. */
#define GRETUN_SECRET_LEN 32
#define GRETUN_HINT_BITS 7

/**
 * struct gretun_pair - two addresses that have at least one tunnel
 * @node: entry of the netns' table of pairs
 * @key: the addresses
 * @confs: configurations of the tunnels between them; written under RTNL
 * @rcu: frees it
 */
struct gretun_pair {
	struct rhash_head node;
	struct gretun_pair_key key;
	struct list_head confs;
	struct rcu_head rcu;
};

/**
 * struct gretun_params - what a user can set on a tunnel
 * @local: outer source address, see addr.h; any only if @external, or if that of
 *	@local_dev is missing
 * @remote: outer destination address in effect, of the same family; any for
 *	every peer, or if @external
 * @link: ifindex of the underlay device it is bound to, 0 for none
 * @ikey: key of received packets, host byte order, if @has_ikey
 * @okey: key of sent packets, host byte order, if @has_okey
 * @mtu: device MTU in bytes, 0 for automatic
 * @fwmark: mark for the route lookup of outer packets
 * @flowlabel: outer flow label, host byte order, if that is fixed; IPv6
 * @flowlabel_mode: one of enum gretun_flowlabel_mode; IPv6
 * @encap_limit: value of the encapsulation limit option, if @has_encap_limit
 * @ttl: outer TTL or hop limit, 1 to 255
 * @tos: outer TOS or traffic class, ECN bits 0, unless @tos_inherit
 * @df: one of enum gretun_df
 * @has_ikey: there is an @ikey
 * @has_okey: there is an @okey
 * @has_encap_limit: there is an @encap_limit; IPv6
 * @v6: the addresses are IPv6; for the device's whole life
 * @tos_inherit: take the DSCP of the inner header
 * @csum: send checksums and require them
 * @seq: send sequence numbers and require them
 * @fastpath: go past the firewall of the underlay
 * @mss_clamp: lower the MSS of TCP to what the path takes
 * @external: the packets bring their peers along; for the device's whole life
 * @encap: one of enum gretun_encap_type
 * @keepalive_period: seconds between two probes, 0 for none; needs a @remote
 * @encap_port: UDP port of both ends, host byte order, 0 without UDP
 * @encap_source_port: UDP port that packets come from, host byte order, 0 for
 *	one by flow
 * @peer_port: UDP port of a peer that was found at @remote, host byte order;
 *	0 for @encap_port
 * @keepalive_retries: periods without an answer that the peer is given
 * @local_dev: name of the device whose address @local is, or ""
 * @local_ifindex: index of the device that had that name last, 0 for none
 * @local_taken: the address of @local_dev is missing, as with it another tunnel
 *	would be a rival
 * @has_secret: there is a @secret
 * @set_remote: what @remote is unless another one was learned
 * @secret: what keepalives are signed with
 */
struct gretun_params {
	struct in6_addr local;
	struct in6_addr remote;
	u32 link;
	u32 ikey;
	u32 okey;
	u32 mtu;
	u32 fwmark;
	u32 flowlabel;
	u8 flowlabel_mode;
	u8 encap_limit;
	u8 ttl;
	u8 tos;
	u8 df;
	bool has_ikey;
	bool has_okey;
	bool has_encap_limit;
	bool v6;
	bool tos_inherit;
	bool csum;
	bool seq;
	bool fastpath;
	bool mss_clamp;
	bool external;
	u8 encap;
	u16 keepalive_period;
	u16 encap_port;
	u16 encap_source_port;
	u16 peer_port;
	u8 keepalive_retries;
	char local_dev[IFNAMSIZ];
	u32 local_ifindex;
	bool local_taken;
	bool has_secret;
	struct in6_addr set_remote;
	u8 secret[GRETUN_SECRET_LEN];
};

/**
 * struct gretun_peer - where packets of a peer come from, and go to
 * @addr: its address, see addr.h
 * @port: its UDP port, host byte order; 0 without UDP
 */
struct gretun_peer {
	struct in6_addr addr;
	u16 port;
};

/**
 * gretun_has_peer - is there one peer that all packets go to?
 * @params: parameters of a tunnel
 *
 * Context: any.
 * Return: false for an external device, and for a tunnel of any peer.
 */
static inline bool gretun_has_peer(const struct gretun_params *params)
{
	return !params->external && !gretun_addr_is_any(&params->remote);
}

/**
 * gretun_local_missing - does a tunnel wait for a local address?
 * @params: its parameters
 *
 * Context: any.
 * Return: true if it follows a device that has none for it.
 */
static inline bool gretun_local_missing(const struct gretun_params *params)
{
	return params->local_dev[0] && gretun_addr_is_any(&params->local);
}

/**
 * struct gretun_encap - what is put around an inner packet
 * @hlen: length of the GRE header in bytes
 * @overhead: outer IP, UDP and GRE header, in bytes
 * @df: one of enum gretun_df
 * @tos: outer TOS or traffic class without ECN
 * @tos_inherit: take the DSCP of the inner header instead of @tos
 * @csum: there is a checksum
 * @seq: there is a sequence number
 * @v6: the outer header is @ip6h, not @iph
 * @flowlabel_mode: one of enum gretun_flowlabel_mode
 * @has_limit: @limit is between @ip6h and the GRE header
 * @iph: outer IP header; length, id, DSCP, DF and checksum vary
 * @ip6h: outer IP header; length, traffic class and flow label vary
 * @limit: destination options header; its value varies
 * @gre: GRE header; protocol, checksum and sequence number vary
 * @udp: there is a UDP header in front of the GRE header
 * @udp_source: its source port, network byte order; 0: by the inner flow
 * @udp_dest: its destination port, network byte order
 */
struct gretun_encap {
	u16 hlen;
	u16 overhead;
	u8 df;
	u8 tos;
	bool tos_inherit;
	bool csum;
	bool seq;
	bool v6;
	u8 flowlabel_mode;
	bool has_limit;
	union {
		struct iphdr iph;
		struct {
			struct ipv6hdr ip6h;
			u8 limit[GRETUN_LIMIT_LEN];
		};
	};
	__be32 gre[GRETUN_HDR_MAX / sizeof(__be32)];
	bool udp;
	__be16 udp_source;
	__be16 udp_dest;
};

/**
 * enum gretun_conf_flag - what makes sending more than the plain case
 * @GRETUN_CONF_EXTERNAL: an external device
 * @GRETUN_CONF_NO_REMOTE: there is no peer to send to
 * @GRETUN_CONF_MSS: there is the MSS of TCP to look at
 * @GRETUN_CONF_REPORT: the next sender is to be told that the peer cannot be
 *	reached; comes and goes
 * @GRETUN_CONF_NO_LOCAL: there is no local address to send from
 * @GRETUN_CONF_UDP: there is a UDP header
 */
enum gretun_conf_flag {
	GRETUN_CONF_EXTERNAL,
	GRETUN_CONF_NO_REMOTE,
	GRETUN_CONF_MSS,
	GRETUN_CONF_REPORT,
	GRETUN_CONF_NO_LOCAL,
	GRETUN_CONF_UDP,
};

/**
 * struct gretun_conf - a tunnel's configuration as the data path sees it
 * @node: entry of the netns' table of tunnels
 * @key: what a received packet is matched by
 * @tunnel: whose configuration it is
 * @dev: its device
 * @siblings: in the list of its struct gretun_pair
 * @flags: bits of enum gretun_conf_flag
 * @id: tells it from the tunnel's other configurations
 * @params: as set
 * @encap: the headers; of an external device only the overhead counts
 * @hinted: entry of the netns' table of tunnels with a secret, if it has one
 * @hint: what signed keepalives for it begin with, see signed.c
 * @rcu: frees it
 *
 * It never changes once readers can see it, but for one flag: a change makes a
 * new one. That way a packet is sent and received by one configuration and no
 * mixture.
 */
struct gretun_conf {
	struct rhash_head node;
	struct gretun_key key;
	struct gretun_tunnel *tunnel;
	struct net_device *dev;
	struct list_head siblings;
	unsigned long flags;
	u32 id;
	struct gretun_params params;
	struct gretun_encap encap;
	struct hlist_node hinted;
	u64 hint;
	struct rcu_head rcu;
};

/**
 * struct gretun_outer - how one packet is sent
 * @encap: its headers
 * @dst: its route
 * @dst_held: @dst is there from the start, and a reference to it goes with the
 *	packet; without it @dst is good for as long as RCU says
 * @tos: TOS byte or traffic class of the outer header
 * @limit: its encapsulation limit, if it has that option
 * @df: not 0 if it may not be fragmented; the DF bit, network byte order
 * @label: its flow label, network byte order; IPv6
 */
struct gretun_outer {
	const struct gretun_encap *encap;
	struct dst_entry *dst;
	bool dst_held;
	u8 tos;
	u8 limit;
	__be16 df;
	__be32 label;
};

/**
 * struct gretun_percpu - what a tunnel keeps for each CPU
 * @rx_packets: packets delivered
 * @rx_bytes: their bytes, from the inner IP header on
 * @rx_when: when the last one came, in jiffies; 0: none came
 * @tx_packets: packets sent
 * @tx_bytes: their bytes, from the inner IP header on
 * @reasons: packets dropped, by reason
 * @syncp: makes 64 bits readable on 32-bit CPUs
 * @ip_id: next id for an outer header
 * @ip_ids: how many ids from @ip_id on are this CPU's
 * @output: route of the packets sent; NULL without one
 * @output_conf_id: id of the configuration that asked for it
 * @output_cookie: what tells whether it is still good; IPv6
 * @input: route of the last received packet, a local one; NULL without one
 * @input_local: the packet's destination, network byte order
 * @input_remote: its source, the same; both IPv4
 * @input_cookie: what tells whether @input is still good; IPv6
 * @input_iif: ifindex of the device that it came through
 * @input_conf_id: id of the configuration that it matched
 * @input_rp_filter: how its source was validated
 * @metadata: used for the last packet that an external device received
 * @keepalive_replies: keepalive probes of the peer that were answered
 */
struct gretun_percpu {
	u64_stats_t rx_packets;
	u64_stats_t rx_bytes;
	u64_stats_t rx_when;
	u64_stats_t tx_packets;
	u64_stats_t tx_bytes;
	u64_stats_t reasons[GRETUN_TUNNEL_REASON_COUNT];
	struct u64_stats_sync syncp;
	u16 ip_id;
	u16 ip_ids;
	struct dst_entry *output;
	u32 output_conf_id;
	u32 output_cookie;
	struct dst_entry *input;
	__be32 input_local;
	union {
		__be32 input_remote;
		u32 input_cookie;
	};
	int input_iif;
	u32 input_conf_id;
	int input_rp_filter;
	struct metadata_dst *metadata;
	u64_stats_t keepalive_replies;
};

/**
 * struct gretun_totals - counters of one tunnel over all CPUs
 * @rx_packets: packets delivered
 * @rx_bytes: their bytes
 * @rx_when: when the last one came, in jiffies; 0: none came
 * @tx_packets: packets sent
 * @tx_bytes: their bytes
 * @keepalive_replies: keepalive probes of the peer that were answered
 * @reasons: packets dropped, by reason
 */
struct gretun_totals {
	u64 rx_packets;
	u64 rx_bytes;
	u64 rx_when;
	u64 tx_packets;
	u64 tx_bytes;
	u64 keepalive_replies;
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
 * struct gretun_loop - a route that leads a tunnel's packets back into it
 * @ifindex: the device that the route leads to, a tunnel; 0 if there is no loop
 * @table: the routing table that the route is in
 * @dst: its prefix
 * @prefixlen: length of @dst in bits, as the address family counts them
 */
struct gretun_loop {
	u32 ifindex;
	u32 table;
	struct in6_addr dst;
	u8 prefixlen;
};

/**
 * struct gretun_icmp_seen - ICMP errors of one kind about a tunnel's packets
 * @packets: how many
 * @sender: who sent the last one
 * @when: jiffies when that was
 * @mtu: the MTU that it told, in bytes, or 0
 */
struct gretun_icmp_seen {
	u64 packets;
	struct in6_addr sender;
	unsigned long when;
	u32 mtu;
};

/**
 * struct gretun_roam - what signed keepalives say of where the peer is
 * @id: this end's, at random for the life of the device
 * @asked: when the last request was sent to anybody; tells requests apart
 * @asked_peer: when the last one was sent to the peer in effect
 * @answered: the last of these that was answered
 * @peer_id: that of who answered last; 0: nobody yet
 * @peer_asked: the last request of that one
 * @candidate: who may be the peer now; its address is :: while there is none
 * @candidate_until: until when it is that, in jiffies
 * @candidate_asked: the first request that came from there
 * @challenge: the request sent there that no answer has come to; 0: none
 * @validated: one was answered from there
 * @moving: @candidate is to be the peer, which a work will see to
 * @before: where the peer was before it moved; under RTNL, as what follows
 * @moves: how many times it did, since it was where it was set to be
 * @moved_at: when it did last, in jiffies
 *
 * Requests are told apart by the time at which they were sent, in nanoseconds
 * since boot, by the clock of who sent them.
 */
struct gretun_roam {
	u64 id;
	u64 asked;
	u64 asked_peer;
	u64 answered;
	u64 peer_id;
	u64 peer_asked;
	struct gretun_peer candidate;
	u64 candidate_until;
	u64 candidate_asked;
	u64 challenge;
	bool validated;
	bool moving;
	struct gretun_peer before;
	u32 moves;
	u64 moved_at;
};

/**
 * struct gretun_keepalive - whether the peer of a tunnel is alive
 * @lock: protects all of it but @changed and the two that say when; of @roam
 *	what is not under RTNL
 * @timer: for the next probe or the end of the peer's time; runs while keepalive
 *	is on and the device is up
 * @running: it does
 * @waiting: no answer has come since the last probe
 * @state: one of enum gretun_keepalive_state
 * @needed: answers in a row that the next recovery takes
 * @left: answers that this one still takes, if @state is recovering
 * @steady: answers since the last recovery, while @needed is more than 1
 * @next: when the next probe is due, in jiffies
 * @deadline: when a peer that is up counts as dead, in jiffies
 * @sent_at: when the last probe was sent
 * @answered_at: when the last answer came since it began, in jiffies; 0: none
 * @sent: probes sent
 * @answered: how many of them were answered
 * @rtt: round-trip time of the last one, in microseconds; 0: not known
 * @srtt: the same smoothed, in eighths of microseconds
 * @changed: in the list of those whose state has changed; under @changed_lock of
 *	struct gretun_net
 * @replies_due: when as many probes of the peer as are allowed will have been
 *	answered, in nanoseconds
 * @signed_due: the same of signed requests of strangers
 * @roam: where the peer is, if there is a secret
 */
struct gretun_keepalive {
	/* Protects what is said above. */
	spinlock_t lock;
	struct timer_list timer;
	bool running;
	bool waiting;
	u8 state;
	u8 needed;
	u8 left;
	u8 steady;
	u64 next;
	u64 deadline;
	ktime_t sent_at;
	u64 answered_at;
	u64 sent;
	u64 answered;
	u32 rtt;
	u32 srtt;
	struct list_head changed;
	atomic64_t replies_due;
	atomic64_t signed_due;
	struct gretun_roam roam;
};

/**
 * struct gretun_tunnel - private part of a tunnel's device
 * @dev: the device
 * @net: netns of the outer packets, for the device's whole life
 * @conf: configuration; written under RTNL
 * @percpu: counters and what else each CPU has for itself
 * @mtu: MTU as set, 0 for automatic; under RTNL
 * @mtu_follows: the change of MTU going on is gretun's own; under RTNL
 * @loop: state of the route of the outer packets; written under RTNL
 * @batch: in the list of those the netlink request at work is about; under RTNL
 * @id: never given twice; where a dump goes on
 * @conf_id: id of @conf; under RTNL
 * @tx_ids: first id for outer headers that no CPU has taken
 * @tx_seq: next sequence number to send
 * @rx_seq: see seq.h
 * @reported: jiffies when %GRETUN_CONF_REPORT was set
 * @icmp: ICMP errors by kind; under @icmp_lock of struct gretun_net
 * @keepalive: whether the peer is alive
 * @follower: in the list of those that follow a device; under RTNL
 */
struct gretun_tunnel {
	struct net_device *dev;
	struct net *net;
	struct gretun_conf __rcu *conf;
	struct gretun_percpu __percpu *percpu;
	u32 mtu;
	bool mtu_follows;
	struct gretun_loop loop;
	struct list_head batch;
	u32 id;
	u32 conf_id;
	atomic_t tx_ids;
	atomic_t tx_seq ____cacheline_aligned_in_smp;
	atomic64_t rx_seq;
	unsigned long reported;
	struct gretun_icmp_seen icmp[GRETUN_ICMP_KIND_COUNT];
	struct gretun_keepalive keepalive;
	struct list_head follower;
};

/**
 * struct gretun_defaults - what new tunnels of a netns are like
 * @ttl: TTL or hop limit, 1 to 255
 * @mtu: MTU in bytes, 0 for automatic
 * @allow: 0 if there are to be none
 */
struct gretun_defaults {
	int ttl;
	int mtu;
	int allow;
};

/**
 * struct gretun_net - what gretun keeps for a netns of outer packets
 * @tunnels: struct gretun_conf by struct gretun_key
 * @pairs: struct gretun_pair by struct gretun_pair_key
 * @tunnel_count: tunnels here; under RTNL
 * @hooks4_users: how many take packets over IPv4; the hooks are there when it is
 *	not 0; under RTNL
 * @hooks6_users: the same over IPv6
 * @any_count: how many of @tunnels take every peer with their key; written under
 *	RTNL
 * @external_count: how many are external and have a local address; the same
 * @external_any: how many are external and have none; the same
 * @generation: counts the changes of @tunnels, from 1 on; written under RTNL
 * @flows: what each CPU remembers of packets
 * @hints: struct gretun_conf by @hint, of tunnels with a secret; written under
 *	RTNL
 * @moved_count: how many tunnels have a peer that moved; under RTNL
 * @near_misses: packets that nearly were a tunnel's; there is one while there
 *	are hooks
 * @stats: counters
 * @hooks4: how packets over IPv4 get here
 * @hooks6: how packets over IPv6 do
 * @icmp_lock: for the ICMP errors of all tunnels
 * @relay_limit: how many of them make ICMP errors for inner senders
 * @defaults: what new tunnels are like
 * @sysctl: the files of @defaults
 * @follow: brings what depends on the underlay's routes up to date
 * @followed: jiffies when it did last
 * @fib: tells of changes of routes
 * @udp_ports: UDP ports of tunnels, struct gretun_udp_port; written under RTNL
 * @changed: keepalives whose state has changed
 * @changed_lock: for @changed
 * @changed_work: does what follows from that
 * @followers: tunnels that follow a device; written under RTNL
 * @local_work: gives them their addresses
 * @local_when: jiffies when it did last
 * @net: the netns
 */
struct gretun_net {
	struct rhashtable tunnels;
	struct rhashtable pairs;
	unsigned int tunnel_count;
	unsigned int hooks4_users;
	unsigned int hooks6_users;
	unsigned int any_count;
	unsigned int external_count;
	unsigned int external_any;
	u32 generation;
	struct gretun_flows __percpu *flows;
	struct hlist_head hints[1 << GRETUN_HINT_BITS];
	unsigned int moved_count;
	struct gretun_near_misses *near_misses;
	struct gretun_netns_stats __percpu *stats;
	struct nf_hook_ops hooks4[2];
	struct nf_hook_ops hooks6[2];
	/* Protects @icmp of each struct gretun_tunnel. */
	spinlock_t icmp_lock;
	struct ratelimit_state relay_limit;
	struct gretun_defaults defaults;
	struct ctl_table_header *sysctl;
	struct delayed_work follow;
	unsigned long followed;
	struct notifier_block fib;
	struct list_head udp_ports;
	struct list_head changed;
	/* Protects @changed. */
	spinlock_t changed_lock;
	struct work_struct changed_work;
	struct list_head followers;
	struct delayed_work local_work;
	unsigned long local_when;
	struct net *net;
};

/**
 * union gretun_outer_header - the outer IP header that a packet had
 * @iph: of IPv4
 * @ip6h: of IPv6
 */
union gretun_outer_header {
	struct iphdr iph;
	struct ipv6hdr ip6h;
};

/**
 * gretun_fits - is a packet, or each segment of it, no longer than that?
 * @skb: packet, from its network header on
 * @mtu: in bytes
 *
 * Context: any.
 * Return: true if it is.
 */
static inline bool gretun_fits(const struct sk_buff *skb, unsigned int mtu)
{
	return likely(skb->len <= mtu) ||
	       (skb_is_gso(skb) && skb_gso_validate_network_len(skb, mtu));
}

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

/* ethtool.c */
extern const struct ethtool_ops gretun_ethtool_ops;

/* netdev.c */
extern const struct net_device_ops gretun_netdev_ops;
extern struct rtnl_link_ops gretun_link_ops;
struct gretun_net *gretun_net(const struct net *net);

/**
 * gretun_is_tunnel - is this a device of gretun's?
 * @dev: any device
 *
 * Context: any.
 * Return: true if its private part is a struct gretun_tunnel.
 */
static inline bool gretun_is_tunnel(const struct net_device *dev)
{
	return dev->netdev_ops == &gretun_netdev_ops;
}

void gretun_netdev_setup(struct net_device *dev);
void gretun_netdev_apply(struct net_device *dev,
			 const struct gretun_conf *conf);
int gretun_netdev_init(void);
void gretun_netdev_exit(void);

/* tunnel.c */
void gretun_params_default(const struct gretun_net *gn,
			   struct gretun_params *params);
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
void gretun_tunnel_follow(struct gretun_tunnel *tunnel);
bool gretun_tunnel_carrier(struct gretun_tunnel *tunnel);
struct gretun_tunnel *gretun_tunnel_next(unsigned long *id);

/* lookup.c */
int gretun_lookup_init(struct gretun_net *gn);
void gretun_lookup_exit(struct gretun_net *gn);
struct gretun_conf *gretun_lookup(struct gretun_net *gn,
				  const struct gretun_key *key);
struct gretun_conf *gretun_lookup_wild(struct gretun_net *gn,
				       const struct gretun_key *key);
struct gretun_pair *gretun_lookup_pair(struct gretun_net *gn,
				       const struct gretun_pair_key *key);
bool gretun_lookup_known(struct gretun_net *gn,
			 const struct gretun_pair_key *key);
bool gretun_lookup_otherwise(struct gretun_net *gn,
			     const struct gretun_key *key);
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

/* near_miss.c */
int gretun_near_miss_init(struct gretun_net *gn);
void gretun_near_miss_exit(struct gretun_net *gn);
void gretun_near_miss(struct gretun_net *gn, const struct gretun_key *key,
		      u32 iif, enum gretun_netns_reason reason);
int gretun_near_miss_fill(struct sk_buff *skb, struct gretun_net *gn);

/* hook.c */
int gretun_hook_get(struct gretun_net *gn, const struct gretun_params *params);
void gretun_hook_put(struct gretun_net *gn, const struct gretun_params *params);
bool gretun_hook_confirm(struct sk_buff *skb);
int gretun_hook_parse(struct sk_buff *skb, unsigned int offset,
		      struct gretun_hdr *hdr, struct gretun_key *key);
enum gretun_netns_reason gretun_hook_refusal(int status);
struct gretun_conf *gretun_hook_lookup(struct gretun_net *gn,
				       const struct gretun_key *key);
unsigned int gretun_hook_claim(const struct nf_hook_state *state,
			       struct sk_buff *skb, unsigned int offset,
			       u32 iif, struct gretun_key *key,
			       struct gretun_hdr *hdr,
			       const struct gretun_conf **conf);
bool gretun_hook_bound(const struct gretun_conf *conf,
		       const struct net_device *in, int iif);

/* hook4.c */
unsigned int gretun_hook4_pre_routing(void *priv, struct sk_buff *skb,
				      const struct nf_hook_state *state);
unsigned int gretun_hook4_local_in(void *priv, struct sk_buff *skb,
				   const struct nf_hook_state *state);

/* hook6.c */
unsigned int gretun_hook6_pre_routing(void *priv, struct sk_buff *skb,
				      const struct nf_hook_state *state);
unsigned int gretun_hook6_local_in(void *priv, struct sk_buff *skb,
				   const struct nf_hook_state *state);

/* rx.c */
bool gretun_rx(const struct gretun_conf *conf, struct sk_buff *skb,
	       const struct gretun_hdr *hdr, bool hand_back);

/* udp.c */
int gretun_udp_get(struct gretun_net *gn, const struct gretun_params *params);
void gretun_udp_put(struct gretun_net *gn, const struct gretun_params *params);
bool gretun_udp_has_port(struct gretun_net *gn, bool v6, __be16 port);
void gretun_udp_ports(const struct gretun_params *params, __be16 *source,
		      __be16 *dest);
void gretun_udp_push(struct sk_buff *skb, const struct gretun_encap *encap,
		     struct net *net);

/**
 * gretun_udp_source - the UDP port that a packet came from
 * @skb: packet of a tunnel with UDP, outer or inner, its transport header the
 *	GRE header
 *
 * Context: any.
 * Return: it, network byte order.
 */
static inline __be16 gretun_udp_source(const struct sk_buff *skb)
{
	return ((const struct udphdr *)skb_transport_header(skb) - 1)->source;
}

/* tx.c */
netdev_tx_t gretun_tx(struct sk_buff *skb, struct net_device *dev);
void gretun_tx_probe(const struct gretun_conf *conf, struct sk_buff *skb);
void gretun_tx_reply(const struct gretun_conf *conf, struct sk_buff *skb,
		     struct gretun_outer *outer);

/* keepalive.c */
void gretun_keepalive_changed(struct gretun_tunnel *tunnel);
void gretun_keepalive_heard(const struct gretun_conf *conf, s64 rtt);
void gretun_keepalive_hurry(struct gretun_keepalive *ka);
void gretun_keepalive_init(struct gretun_tunnel *tunnel);
void gretun_keepalive_start(struct gretun_tunnel *tunnel);
void gretun_keepalive_stop(struct gretun_tunnel *tunnel);
void gretun_keepalive_set(struct gretun_tunnel *tunnel,
			  const struct gretun_conf *old);
bool gretun_keepalive_down(struct gretun_tunnel *tunnel);
bool gretun_keepalive_answer(const struct gretun_conf *conf);
int gretun_keepalive_fill(struct sk_buff *skb, struct gretun_tunnel *tunnel);
void gretun_keepalive_net_init(struct gretun_net *gn);
void gretun_keepalive_net_exit(struct gretun_net *gn);

/* keepalive_reply.c */
bool gretun_keepalive_request(const struct gretun_conf *conf,
			      struct sk_buff *skb,
			      const union gretun_outer_header *outer);
bool gretun_keepalive_allowed(atomic64_t *due, u32 rate);
void gretun_keepalive_count(struct gretun_tunnel *tunnel);

/* signed.c */
void gretun_signed_init(struct gretun_conf *conf);
void gretun_signed_insert(struct gretun_net *gn, struct gretun_conf *conf);
void gretun_signed_remove(struct gretun_net *gn, struct gretun_conf *conf);
struct gretun_tunnel *gretun_signed_rival(struct gretun_net *gn,
					  const struct gretun_params *params);
struct gretun_conf *gretun_signed_find(struct gretun_net *gn,
				       struct sk_buff *skb, unsigned int offset,
				       const struct gretun_hdr *hdr,
				       const struct gretun_key *key);
void gretun_signed_ask(const struct gretun_conf *conf);
void gretun_signed_rx(const struct gretun_conf *conf, struct sk_buff *skb,
		      const struct gretun_hdr *hdr,
		      const union gretun_outer_header *outer);

/* roam.c */
bool gretun_roam_moved(const struct gretun_params *params);
void gretun_roam_to(struct gretun_params *params,
		    const struct gretun_peer *peer);
void gretun_roam_home(struct gretun_params *params);
void gretun_roam_source(const struct gretun_conf *conf,
			const struct sk_buff *skb,
			const union gretun_outer_header *outer,
			struct gretun_peer *peer);
void gretun_roam_peer(const struct gretun_params *params,
		      struct gretun_peer *peer);
bool gretun_roam_is_peer(const struct gretun_conf *conf,
			 const struct gretun_peer *peer);
u64 gretun_roam_clock(struct gretun_roam *roam);
int gretun_roam_request(const struct gretun_conf *conf,
			const struct gretun_peer *from, u64 id, u64 time,
			u64 *challenge);
bool gretun_roam_reply(const struct gretun_conf *conf,
		       const struct gretun_peer *from, u64 id, u64 time);
bool gretun_roam_work(struct gretun_tunnel *tunnel);
int gretun_roam_fill(struct sk_buff *skb, const struct gretun_tunnel *tunnel);

/* neigh.c */
int gretun_neigh_construct(struct net_device *dev, struct neighbour *n);

/* external.c */
bool gretun_external_encap(const struct gretun_conf *conf, struct sk_buff *skb,
			   struct gretun_encap *encap);
struct dst_entry *gretun_external_route(const struct gretun_conf *conf,
					struct sk_buff *skb,
					struct gretun_encap *encap);
bool gretun_external_tag(const struct gretun_conf *conf, struct sk_buff *skb,
			 const union gretun_outer_header *outer,
			 const struct gretun_hdr *hdr);

/* outer.c */
struct dst_entry *gretun_outer_lookup(struct net *net,
				      const struct gretun_params *params);
struct dst_entry *gretun_outer_new_route(const struct gretun_conf *conf);
u8 gretun_outer_proto(const struct gretun_params *params);
void gretun_outer_to(const struct gretun_conf *conf,
		     const struct in6_addr *local,
		     const struct gretun_peer *peer,
		     struct gretun_encap *encap, struct gretun_outer *outer);
void gretun_outer_template(struct gretun_encap *encap,
			   const struct gretun_params *params);
bool gretun_outer_keep_input(const struct gretun_conf *conf,
			     const struct sk_buff *skb, int iif);

/**
 * gretun_outer_route - get the route of a tunnel's outer packets
 * @conf: the tunnel's configuration, with a remote address
 *
 * Each CPU keeps the last one, which any change of addresses or routes in the
 * netns makes invalid.
 *
 * Context: bottom halves off, RCU read lock held.
 * Return: the route, good for as long as RCU says, or an error pointer.
 */
static inline struct dst_entry *
gretun_outer_route(const struct gretun_conf *conf)
{
	struct gretun_percpu *percpu = this_cpu_ptr(conf->tunnel->percpu);

	if (likely(percpu->output && percpu->output_conf_id == conf->id &&
		   dst_check(percpu->output, percpu->output_cookie)))
		return percpu->output;
	return gretun_outer_new_route(conf);
}

/* outer4.c */
void gretun_outer4_flow(struct net *net, const struct gretun_params *params,
			struct flowi4 *fl4);
struct dst_entry *gretun_outer4_lookup(struct net *net,
				       const struct gretun_params *params);
void gretun_outer4_template(struct gretun_encap *encap,
			    const struct gretun_params *params);
int gretun_outer4_send(const struct gretun_conf *conf, struct sk_buff *skb,
		       const struct gretun_outer *outer);
void gretun_outer4_learn_input(const struct gretun_conf *conf,
			       struct sk_buff *skb, int iif);
bool gretun_outer4_set_input(const struct gretun_conf *conf,
			     struct sk_buff *skb, int iif);

/* outer6.c */
struct dst_entry *gretun_outer6_flow(struct net *net, struct flowi6 *fl6);
u32 gretun_outer6_route_mtu(const struct dst_entry *dst);
struct dst_entry *gretun_outer6_lookup(struct net *net,
				       const struct gretun_params *params);
void gretun_outer6_template(struct gretun_encap *encap,
			    const struct gretun_params *params);
bool gretun_outer6_inherit(struct net *net, struct sk_buff *skb,
			   struct gretun_outer *outer);
int gretun_outer6_send(const struct gretun_conf *conf, struct sk_buff *skb,
		       const struct gretun_outer *outer);
void gretun_outer6_learn_input(const struct gretun_conf *conf,
			       struct sk_buff *skb, int iif);
bool gretun_outer6_set_input(const struct gretun_conf *conf,
			     struct sk_buff *skb, int iif);

/* loop.c */
bool gretun_loop_leads_back(const struct gretun_conf *conf,
			    const struct net_device *dev);
void gretun_loop_find(const struct gretun_conf *conf,
		      const struct dst_entry *dst, struct gretun_loop *loop);

/* follow.c */
void gretun_follow_schedule(struct gretun_net *gn);
int gretun_follow_init(struct gretun_net *gn);
void gretun_follow_exit(struct gretun_net *gn);

/* local.c */
void gretun_local_find(const struct net *net, struct gretun_params *params);
void gretun_local_yield(struct gretun_params *params);
void gretun_local_track(struct gretun_tunnel *tunnel, bool follows);
void gretun_local_schedule(struct gretun_net *gn);
void gretun_local_look(struct gretun_net *gn);
void gretun_local_net_init(struct gretun_net *gn);
void gretun_local_net_exit(struct gretun_net *gn);
int gretun_local_init(void);
void gretun_local_exit(void);

/* mss.c */
void gretun_mss_clamp(struct sk_buff *skb, unsigned int mtu);

/* icmp.c */
void gretun_icmp_receive4(struct gretun_net *gn, struct sk_buff *skb);
void gretun_icmp_receive6(struct gretun_net *gn, struct sk_buff *skb,
			  unsigned int offset);

/* icmp_reply.c */
bool gretun_icmp_too_big(struct sk_buff *skb, unsigned int mtu, __be16 *df);
bool gretun_icmp_relay(const struct gretun_conf *conf, struct sk_buff *skb,
		       unsigned int gre, bool too_big);

/* sysctl.c */
int gretun_sysctl_init(struct gretun_net *gn);
void gretun_sysctl_exit(struct gretun_net *gn);

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

/**
 * gretun_sent - count a packet that the underlay refused
 * @tunnel: whose packet it was
 * @err: what the underlay said to it
 *
 * Context: bottom halves off.
 * Return: 0 if the packet was sent.
 */
static inline int gretun_sent(struct gretun_tunnel *tunnel, int err)
{
	/* A macro that looks at its argument twice. */
	err = net_xmit_eval(err);
	if (unlikely(err))
		gretun_count(tunnel, GRETUN_TX_REFUSED);
	return err;
}

/* events.c */
int gretun_events_init(void);
void gretun_events_exit(void);

/* attrs.c */
int gretun_attrs_parse(const struct nlattr *nest, struct nlattr **tb,
		       struct netlink_ext_ack *extack);
int gretun_attrs_params(const struct nlattr *nest, struct nlattr **tb,
			const struct net *net, bool is_new,
			struct gretun_params *params,
			struct netlink_ext_ack *extack);
int gretun_attrs_defaults(const struct nlattr *nest, struct gretun_net *gn,
			  struct netlink_ext_ack *extack);

/* fill.c */
int gretun_fill_defaults(struct sk_buff *skb, struct gretun_net *gn);
int gretun_fill(struct sk_buff *skb, struct gretun_tunnel *tunnel,
		bool with_stats, bool with_secret);
int gretun_fill_netns(struct sk_buff *skb, struct gretun_net *gn);
int gretun_fill_put_addr(struct sk_buff *skb, int type4, int type6,
			 const struct in6_addr *addr);
const char *gretun_fill_netns_reason(enum gretun_netns_reason reason);

/* netlink.c */
void gretun_netlink_notify(struct gretun_tunnel *tunnel, u8 cmd);
int gretun_netlink_init(void);
void gretun_netlink_exit(void);

#endif /* GRETUN_H */
