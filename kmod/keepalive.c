// SPDX-License-Identifier: GPL-2.0
/*
 * Keepalive: is the peer alive? Each probe carries its own answer, an outer
 * packet from the peer to this host with GRE of type 0 and nothing in it, so
 * that a peer need only take the probe apart and route what it finds. Cisco's
 * format, and over IPv6 that of RouterOS. With a secret probes are those of
 * signed.c; what follows from probes and answers is the same.
 *
 * A timer for each tunnel sends probes and takes the peer for dead when it has
 * not answered in time. What follows from that for the device, its carrier and
 * the events, is done by a work of the netns, as it takes RTNL.
 */
#include "gretun.h"

#include <linux/pkt_sched.h>
#include <linux/random.h>
#include <linux/rtnetlink.h>
#include <net/ip.h>
#include <net/ipv6.h>

/* The answer has its own way to go, whatever TTL the tunnel has. */
#define GRETUN_KEEPALIVE_TTL 255

/* Network control (CS6), for tunnels that inherit it and for who routes it. */
#define GRETUN_KEEPALIVE_TOS 0xc0

/* Answers in a row that a recovery may take, and those that make it forgotten. */
#define GRETUN_KEEPALIVE_NEEDED 16
#define GRETUN_KEEPALIVE_STEADY 64

/* The time between two probes: an eighth to a quarter less than the period. */
static u64 gretun_keepalive_interval(const struct gretun_params *params)
{
	u32 period = params->keepalive_period * HZ;
	u32 eighth = period / 8;

	return period - eighth - get_random_u32_below(eighth);
}

/* When a peer that answers now must have answered again. */
static u64 gretun_keepalive_deadline(const struct gretun_params *params)
{
	return get_jiffies_64() + (u64)params->keepalive_period *
				  params->keepalive_retries * HZ;
}

/* Put the inner IP header of a probe on: from the peer to this host. */
static void gretun_keepalive_push4(struct sk_buff *skb,
				   const struct gretun_params *params)
{
	struct iphdr *iph = skb_push(skb, sizeof(*iph));

	*iph = (struct iphdr) {
		.version = 4,
		.ihl = sizeof(*iph) / 4,
		.tos = GRETUN_KEEPALIVE_TOS,
		.tot_len = htons(skb->len),
		.frag_off = htons(IP_DF),
		.ttl = GRETUN_KEEPALIVE_TTL,
		.protocol = IPPROTO_GRE,
		.saddr = gretun_addr_ipv4(&params->remote),
		.daddr = gretun_addr_ipv4(&params->local),
	};
	ip_send_check(iph);
	skb->protocol = htons(ETH_P_IP);
}

static void gretun_keepalive_push6(struct sk_buff *skb,
				   const struct gretun_params *params)
{
	unsigned int len = skb->len;
	struct ipv6hdr *ip6h = skb_push(skb, sizeof(*ip6h));

	*ip6h = (struct ipv6hdr) {
		.payload_len = htons(len),
		.nexthdr = IPPROTO_GRE,
		.hop_limit = GRETUN_KEEPALIVE_TTL,
		.saddr = params->remote,
		.daddr = params->local,
	};
	ip6_flow_hdr(ip6h, GRETUN_KEEPALIVE_TOS, 0);
	skb->protocol = htons(ETH_P_IPV6);
}

static void gretun_keepalive_probe(const struct gretun_conf *conf)
{
	const struct gretun_params *params = &conf->params;
	const struct gretun_hdr hdr = {
		.protocol = params->v6 ? htons(ETH_P_IPV6) : 0,
		.has_key = params->has_ikey,
		.key = htonl(params->ikey),
	};
	unsigned int room = READ_ONCE(conf->dev->needed_headroom) +
			    sizeof(struct ipv6hdr);
	u8 gre[GRETUN_HDR_MAX];
	struct sk_buff *skb;
	unsigned int len;

	skb = alloc_skb(room + GRETUN_HDR_MAX, GFP_ATOMIC);
	if (!skb) {
		gretun_count(conf->tunnel, GRETUN_TX_MEMORY);
		return;
	}
	len = gretun_hdr_build(gre, &hdr);
	skb_reserve(skb, room);
	skb_put_data(skb, gre, len);
	if (params->v6)
		gretun_keepalive_push6(skb, params);
	else
		gretun_keepalive_push4(skb, params);
	skb_reset_mac_header(skb);
	skb_reset_network_header(skb);
	skb->priority = TC_PRIO_CONTROL;
	skb->dev = conf->dev;
	gretun_tx_probe(conf, skb);
}

/**
 * gretun_keepalive_changed - have a work see to what is different now
 * @tunnel: a tunnel of which the state is another one, or the peer
 *
 * Context: under the lock of the keepalive.
 */
void gretun_keepalive_changed(struct gretun_tunnel *tunnel)
{
	struct gretun_keepalive *ka = &tunnel->keepalive;
	struct gretun_net *gn = gretun_net(tunnel->net);

	spin_lock(&gn->changed_lock);
	if (list_empty(&ka->changed))
		list_add_tail(&ka->changed, &gn->changed);
	spin_unlock(&gn->changed_lock);
	schedule_work(&gn->changed_work);
}

/*
 * What time has brought: the end of the peer's time, the next probe. While the
 * route leads back into the tunnel nothing can be sent, which says nothing of
 * the peer.
 *
 * Return: true if a probe is to be sent.
 */
static bool gretun_keepalive_due(struct gretun_tunnel *tunnel,
				 const struct gretun_params *params)
{
	struct gretun_keepalive *ka = &tunnel->keepalive;
	bool looping = READ_ONCE(tunnel->loop.ifindex);
	u64 now = get_jiffies_64();
	bool probe = false;
	u64 next;

	spin_lock(&ka->lock);
	/* Another configuration or the device's end is on its way. */
	if (!ka->running || !params->keepalive_period)
		goto unlock;

	if (looping)
		ka->deadline = gretun_keepalive_deadline(params);
	if (ka->state == GRETUN_KEEPALIVE_STATE_UP &&
	    time_after_eq64(now, ka->deadline)) {
		ka->state = GRETUN_KEEPALIVE_STATE_DOWN;
		gretun_keepalive_changed(tunnel);
	}
	if (time_after_eq64(now, ka->next)) {
		ka->next = now + gretun_keepalive_interval(params);
		probe = !looping && gretun_has_peer(params);
	}
	if (probe) {
		if (ka->waiting &&
		    ka->state == GRETUN_KEEPALIVE_STATE_RECOVERING)
			ka->state = GRETUN_KEEPALIVE_STATE_DOWN;
		WRITE_ONCE(ka->waiting, true);
		ka->sent++;
		ka->sent_at = ktime_get();
	}
	next = ka->next;
	if (ka->state == GRETUN_KEEPALIVE_STATE_UP &&
	    time_before64(ka->deadline, next))
		next = ka->deadline;
	mod_timer(&ka->timer, jiffies + (next - now));
unlock:
	spin_unlock(&ka->lock);
	return probe;
}

static void gretun_keepalive_tick(struct timer_list *timer)
{
	struct gretun_keepalive *ka = timer_container_of(ka, timer, timer);
	struct gretun_tunnel *tunnel =
		container_of(ka, struct gretun_tunnel, keepalive);
	const struct gretun_conf *conf;

	rcu_read_lock();
	conf = rcu_dereference(tunnel->conf);
	if (conf && gretun_keepalive_due(tunnel, &conf->params)) {
		if (conf->params.has_secret)
			gretun_signed_ask(conf);
		else
			gretun_keepalive_probe(conf);
	}
	rcu_read_unlock();
}

static void gretun_keepalive_measure(struct gretun_keepalive *ka, s64 rtt)
{
	/* RFC 6298, section 2.3, without the variance. */
	ka->rtt = clamp_t(s64, rtt, 1, U32_MAX / 8);
	if (ka->srtt)
		ka->srtt += ka->rtt - ka->srtt / 8;
	else
		ka->srtt = ka->rtt * 8;
}

/* One answer more in a row. Return: true if the peer is alive again. */
static bool gretun_keepalive_recover(struct gretun_keepalive *ka)
{
	if (ka->state == GRETUN_KEEPALIVE_STATE_DOWN)
		ka->left = ka->needed;
	ka->state = --ka->left ? GRETUN_KEEPALIVE_STATE_RECOVERING :
				 GRETUN_KEEPALIVE_STATE_UP;
	if (ka->left)
		return false;
	ka->needed = min(ka->needed * 2, GRETUN_KEEPALIVE_NEEDED);
	ka->steady = 0;
	return true;
}

/**
 * gretun_keepalive_heard - the peer has answered a probe
 * @conf: configuration of the tunnel
 * @rtt: how long that took, in microseconds
 *
 * Context: under the lock of the keepalive.
 */
void gretun_keepalive_heard(const struct gretun_conf *conf, s64 rtt)
{
	struct gretun_keepalive *ka = &conf->tunnel->keepalive;

	ka->answered++;
	ka->answered_at = get_jiffies_64();
	ka->deadline = gretun_keepalive_deadline(&conf->params);
	gretun_keepalive_measure(ka, rtt);
	if (ka->state != GRETUN_KEEPALIVE_STATE_UP) {
		if (gretun_keepalive_recover(ka))
			gretun_keepalive_changed(conf->tunnel);
	} else if (ka->needed > 1 && ++ka->steady == GRETUN_KEEPALIVE_STEADY) {
		ka->needed = 1;
	}
}

/**
 * gretun_keepalive_answer - take note of the answer to a probe
 * @conf: configuration of the tunnel that it came for
 *
 * There is one answer to a probe. So the lock is taken once for each probe sent,
 * however many packets look like answers. Where there is a secret this one has
 * no part in it.
 *
 * Context: softirq or bottom halves off, RCU read lock held.
 * Return: false if none was waited for.
 */
bool gretun_keepalive_answer(const struct gretun_conf *conf)
{
	struct gretun_keepalive *ka = &conf->tunnel->keepalive;
	bool wanted;

	if (conf->params.has_secret || !READ_ONCE(ka->waiting))
		return false;
	spin_lock(&ka->lock);
	wanted = ka->waiting;
	if (wanted) {
		WRITE_ONCE(ka->waiting, false);
		gretun_keepalive_heard(conf, ktime_us_delta(ktime_get(),
							    ka->sent_at));
	}
	spin_unlock(&ka->lock);
	return wanted;
}

/**
 * gretun_keepalive_hurry - have the next probe sent now
 * @ka: keepalive that is at work
 *
 * Context: under its lock.
 */
void gretun_keepalive_hurry(struct gretun_keepalive *ka)
{
	ka->next = get_jiffies_64();
	mod_timer(&ka->timer, jiffies);
}

/* The first probe, within a second, and the peer's time anew. */
static void gretun_keepalive_arm(struct gretun_keepalive *ka,
				 const struct gretun_params *params)
{
	u32 delay = get_random_u32_below(min(params->keepalive_period * HZ / 4,
					     HZ));

	ka->next = get_jiffies_64() + delay;
	ka->deadline = gretun_keepalive_deadline(params);
	mod_timer(&ka->timer, jiffies + delay);
}

/**
 * gretun_keepalive_init - have what keepalive needs, which is off
 * @tunnel: a new tunnel
 *
 * Context: process.
 */
void gretun_keepalive_init(struct gretun_tunnel *tunnel)
{
	struct gretun_keepalive *ka = &tunnel->keepalive;

	spin_lock_init(&ka->lock);
	timer_setup(&ka->timer, gretun_keepalive_tick, 0);
	INIT_LIST_HEAD(&ka->changed);
	atomic64_set(&ka->replies_due, 0);
	atomic64_set(&ka->signed_due, 0);
	do {
		ka->roam.id = get_random_u64();
	} while (!ka->roam.id);
}

/**
 * gretun_keepalive_start - begin to send probes, if they are asked for
 * @tunnel: a tunnel whose device is up or on its way there
 *
 * The peer counts as alive until its time has passed.
 *
 * Context: process, RTNL held.
 */
void gretun_keepalive_start(struct gretun_tunnel *tunnel)
{
	const struct gretun_conf *conf = rtnl_dereference(tunnel->conf);
	struct gretun_keepalive *ka = &tunnel->keepalive;

	if (!conf->params.keepalive_period ||
	    gretun_local_missing(&conf->params))
		return;
	spin_lock_bh(&ka->lock);
	ka->running = true;
	ka->state = GRETUN_KEEPALIVE_STATE_UP;
	ka->needed = 1;
	ka->steady = 0;
	ka->rtt = 0;
	ka->srtt = 0;
	ka->answered_at = 0;
	gretun_keepalive_arm(ka, &conf->params);
	spin_unlock_bh(&ka->lock);
}

/**
 * gretun_keepalive_stop - undo gretun_keepalive_start()
 * @tunnel: the tunnel
 *
 * Context: process, RTNL held, may sleep.
 */
void gretun_keepalive_stop(struct gretun_tunnel *tunnel)
{
	struct gretun_keepalive *ka = &tunnel->keepalive;
	struct gretun_net *gn = gretun_net(tunnel->net);

	spin_lock_bh(&ka->lock);
	ka->running = false;
	WRITE_ONCE(ka->waiting, false);
	ka->roam.candidate.addr = in6addr_any;
	ka->roam.moving = false;
	spin_lock(&gn->changed_lock);
	list_del_init(&ka->changed);
	spin_unlock(&gn->changed_lock);
	spin_unlock_bh(&ka->lock);
	/* Nothing starts it again, as it is not running. */
	timer_delete_sync(&ka->timer);
	gretun_tunnel_carrier(tunnel);
}

/*
 * Do two configurations have the same peer, and the same keys? Where it is now
 * makes no difference.
 */
static bool gretun_keepalive_same_peer(const struct gretun_params *one,
				       const struct gretun_params *two)
{
	return ipv6_addr_equal(&one->local, &two->local) &&
	       ipv6_addr_equal(&one->set_remote, &two->set_remote) &&
	       one->has_ikey == two->has_ikey && one->ikey == two->ikey &&
	       one->has_okey == two->has_okey && one->okey == two->okey &&
	       one->encap == two->encap && one->encap_port == two->encap_port &&
	       one->has_secret == two->has_secret &&
	       !memcmp(one->secret, two->secret, sizeof(one->secret));
}

/**
 * gretun_keepalive_set - follow a change of a tunnel
 * @tunnel: the tunnel, with its new configuration
 * @old: the configuration that it had
 *
 * With another address, key or secret all begins anew. With another period it
 * goes on.
 *
 * Context: process, RTNL held, may sleep.
 */
void gretun_keepalive_set(struct gretun_tunnel *tunnel,
			  const struct gretun_conf *old)
{
	const struct gretun_conf *conf = rtnl_dereference(tunnel->conf);
	struct gretun_keepalive *ka = &tunnel->keepalive;

	if (!netif_running(tunnel->dev) ||
	    (!conf->params.keepalive_period && !old->params.keepalive_period))
		return;
	if (!conf->params.keepalive_period || !old->params.keepalive_period ||
	    gretun_local_missing(&conf->params) ||
	    !gretun_keepalive_same_peer(&conf->params, &old->params)) {
		gretun_keepalive_stop(tunnel);
		gretun_keepalive_start(tunnel);
		return;
	}
	if (conf->params.keepalive_period == old->params.keepalive_period &&
	    conf->params.keepalive_retries == old->params.keepalive_retries)
		return;
	spin_lock_bh(&ka->lock);
	gretun_keepalive_arm(ka, &conf->params);
	spin_unlock_bh(&ka->lock);
}

/**
 * gretun_keepalive_down - does the peer count as dead?
 * @tunnel: the tunnel
 *
 * Context: process, RTNL held.
 * Return: true if keepalive is on and says so.
 */
bool gretun_keepalive_down(struct gretun_tunnel *tunnel)
{
	struct gretun_keepalive *ka = &tunnel->keepalive;
	bool down;

	spin_lock_bh(&ka->lock);
	down = ka->running && ka->state != GRETUN_KEEPALIVE_STATE_UP;
	spin_unlock_bh(&ka->lock);
	return down;
}

static int gretun_keepalive_put(struct sk_buff *skb,
				const struct gretun_keepalive *ka)
{
	bool recovering = ka->state == GRETUN_KEEPALIVE_STATE_RECOVERING;
	u64 age = jiffies64_to_msecs(get_jiffies_64() - ka->answered_at);

	if (nla_put_u8(skb, GRETUN_A_KEEPALIVE_STATE, ka->state) ||
	    nla_put_u64_64bit(skb, GRETUN_A_KEEPALIVE_SENT, ka->sent,
			      GRETUN_A_KEEPALIVE_PAD) ||
	    nla_put_u64_64bit(skb, GRETUN_A_KEEPALIVE_ANSWERED, ka->answered,
			      GRETUN_A_KEEPALIVE_PAD) ||
	    (ka->answered_at &&
	     nla_put_u64_64bit(skb, GRETUN_A_KEEPALIVE_AGE, age,
			       GRETUN_A_KEEPALIVE_PAD)) ||
	    (ka->rtt &&
	     (nla_put_u32(skb, GRETUN_A_KEEPALIVE_RTT, ka->rtt) ||
	      nla_put_u32(skb, GRETUN_A_KEEPALIVE_SRTT, ka->srtt / 8))) ||
	    nla_put_u8(skb, GRETUN_A_KEEPALIVE_NEEDED,
		       recovering ? ka->left : ka->needed))
		return -EMSGSIZE;
	return 0;
}

/**
 * gretun_keepalive_fill - write what keepalive says, if it is at work
 * @skb: message, in the nest of the state
 * @tunnel: the tunnel
 *
 * Context: process, RTNL held.
 * Return: 0, or -EMSGSIZE.
 */
int gretun_keepalive_fill(struct sk_buff *skb, struct gretun_tunnel *tunnel)
{
	struct gretun_keepalive *ka = &tunnel->keepalive;
	struct nlattr *nest;
	int err = 0;

	spin_lock_bh(&ka->lock);
	if (!ka->running)
		goto unlock;
	nest = nla_nest_start(skb, GRETUN_A_STATE_KEEPALIVE);
	err = nest ? gretun_keepalive_put(skb, ka) : -EMSGSIZE;
	if (!err)
		nla_nest_end(skb, nest);
unlock:
	spin_unlock_bh(&ka->lock);
	return err;
}

/* The next tunnel whose state has changed, or NULL. Context: RTNL held. */
static struct gretun_tunnel *gretun_keepalive_next(struct gretun_net *gn)
{
	struct gretun_tunnel *tunnel;

	spin_lock_bh(&gn->changed_lock);
	tunnel = list_first_entry_or_null(&gn->changed, struct gretun_tunnel,
					  keepalive.changed);
	if (tunnel)
		list_del_init(&tunnel->keepalive.changed);
	spin_unlock_bh(&gn->changed_lock);
	return tunnel;
}

/* What follows from a state or a peer that is another one. */
static void gretun_keepalive_follow(struct gretun_tunnel *tunnel)
{
	bool moved = gretun_roam_work(tunnel);

	/* The state may have come and gone meanwhile. */
	if (gretun_tunnel_carrier(tunnel) || moved)
		gretun_netlink_notify(tunnel, GRETUN_CMD_TUNNEL_STATE_NTF);
}

/* RTNL is let go after each, as there may be thousands. */
static void gretun_keepalive_work(struct work_struct *work)
{
	struct gretun_net *gn = container_of(work, struct gretun_net,
					     changed_work);
	struct gretun_tunnel *tunnel;

	do {
		rtnl_lock();
		tunnel = gretun_keepalive_next(gn);
		if (tunnel)
			gretun_keepalive_follow(tunnel);
		rtnl_unlock();
	} while (tunnel);
}

/**
 * gretun_keepalive_net_init - have what keepalive needs for a netns
 * @gn: the netns
 *
 * Context: process.
 */
void gretun_keepalive_net_init(struct gretun_net *gn)
{
	INIT_LIST_HEAD(&gn->changed);
	spin_lock_init(&gn->changed_lock);
	INIT_WORK(&gn->changed_work, gretun_keepalive_work);
}

/**
 * gretun_keepalive_net_exit - undo gretun_keepalive_net_init()
 * @gn: a netns without tunnels
 *
 * Context: process, may sleep; RTNL not held.
 */
void gretun_keepalive_net_exit(struct gretun_net *gn)
{
	cancel_work_sync(&gn->changed_work);
}
