// SPDX-License-Identifier: GPL-2.0
/*
 * Where the peer is, learned from signed keepalives. A request from another place
 * than the peer's, newer than all before it, makes that place a candidate, and a
 * request of our own is sent there. The peer has moved if the reply to that one
 * comes from there. So one who sends on what the peer has sent, or writes
 * another source into it, moves nothing unless he gets our request and brings it
 * to the peer as well.
 *
 * One who does both could be a router on the way, and draws the tunnel to himself
 * if that is all there is to it. So while the peer answers where it is, the next
 * request must come from the new place too, and none from the old one. One who
 * cannot keep the peer's own packets back does not manage that.
 *
 * The data path knows nothing of it: a peer that has moved is another remote
 * address in a new configuration.
 */
#include "gretun.h"

#include <linux/rtnetlink.h>

/* Requests in a second that are answered of those who did not answer us yet. */
#define GRETUN_ROAM_STRANGERS 10

/**
 * gretun_roam_moved - is the peer somewhere else than it was set to be?
 * @params: parameters of a tunnel
 *
 * Context: any.
 * Return: true if another place was learned.
 */
bool gretun_roam_moved(const struct gretun_params *params)
{
	return params->peer_port ||
	       !ipv6_addr_equal(&params->remote, &params->set_remote);
}

/**
 * gretun_roam_to - have a tunnel send to a peer, and receive from it
 * @params: parameters of the tunnel
 * @peer: where the peer is, of the same family
 *
 * Context: any.
 */
void gretun_roam_to(struct gretun_params *params,
		    const struct gretun_peer *peer)
{
	params->remote = peer->addr;
	params->peer_port = peer->port;
}

/**
 * gretun_roam_home - forget what was learned of the peer
 * @params: parameters of a tunnel
 *
 * Context: any.
 */
void gretun_roam_home(struct gretun_params *params)
{
	params->remote = params->set_remote;
	params->peer_port = 0;
}

/**
 * gretun_roam_source - where does a packet come from?
 * @conf: configuration of the tunnel that it came through
 * @skb: the packet, its transport header the GRE header
 * @outer: the outer IP header that it had
 * @peer: gets it
 *
 * Context: any.
 */
void gretun_roam_source(const struct gretun_conf *conf,
			const struct sk_buff *skb,
			const union gretun_outer_header *outer,
			struct gretun_peer *peer)
{
	*peer = (struct gretun_peer) {
		.addr = outer->iph.version == 4 ?
			gretun_addr4(outer->iph.saddr) : outer->ip6h.saddr,
		.port = conf->params.encap == GRETUN_ENCAP_UDP ?
			ntohs(gretun_udp_source(skb)) : 0,
	};
}

/**
 * gretun_roam_peer - the place that a tunnel sends to
 * @params: parameters of the tunnel
 * @peer: gets it
 *
 * Context: any.
 */
void gretun_roam_peer(const struct gretun_params *params,
		      struct gretun_peer *peer)
{
	*peer = (struct gretun_peer) {
		.addr = params->remote,
		.port = params->peer_port ?: params->encap_port,
	};
}

static bool gretun_roam_same(const struct gretun_peer *one,
			     const struct gretun_peer *two)
{
	return ipv6_addr_equal(&one->addr, &two->addr) &&
	       one->port == two->port;
}

/**
 * gretun_roam_is_peer - is that where the peer of a tunnel is?
 * @conf: its configuration
 * @peer: the place
 *
 * Context: any.
 * Return: true if it is.
 */
bool gretun_roam_is_peer(const struct gretun_conf *conf,
			 const struct gretun_peer *peer)
{
	struct gretun_peer now;

	gretun_roam_peer(&conf->params, &now);
	return gretun_roam_same(&now, peer);
}

/**
 * gretun_roam_clock - have a time for a request
 * @roam: of the tunnel
 *
 * Context: under the lock of the keepalive.
 * Return: nanoseconds since boot, more than the last time.
 */
u64 gretun_roam_clock(struct gretun_roam *roam)
{
	roam->asked = max(ktime_get_boottime_ns(), roam->asked + 1);
	return roam->asked;
}

static void gretun_roam_forget(struct gretun_roam *roam)
{
	roam->candidate.addr = in6addr_any;
	roam->validated = false;
	roam->challenge = 0;
}

/*
 * The peer has been heard where it is, so nobody has to be believed who says that
 * it is somewhere else. A copy of a request that was seen before says as much,
 * as the one seen first may have been the copy; but not of a peer that does not
 * answer, or whoever repeats requests could keep it from moving.
 */
static void gretun_roam_heard(struct gretun_keepalive *ka, u64 time)
{
	struct gretun_roam *roam = &ka->roam;

	if (!roam->moving && time >= roam->candidate_asked &&
	    (time > roam->peer_asked ||
	     ka->state == GRETUN_KEEPALIVE_STATE_UP))
		gretun_roam_forget(roam);
}

/* Could a peer be there? The stack has looked at the source already. */
static bool gretun_roam_possible(const struct gretun_params *params,
				 const struct gretun_peer *from)
{
	return params->v6 == !ipv6_addr_v4mapped(&from->addr) &&
	       !gretun_addr_is_any(&from->addr) &&
	       (params->encap != GRETUN_ENCAP_UDP || from->port) &&
	       !ipv6_addr_equal(&from->addr, &params->local) &&
	       (params->link ||
		!(ipv6_addr_type(&from->addr) & IPV6_ADDR_LINKLOCAL));
}

/* Is it at work, and with that configuration? Context: under the lock. */
static bool gretun_roam_working(const struct gretun_conf *conf)
{
	const struct gretun_tunnel *tunnel = conf->tunnel;

	return tunnel->keepalive.running && !tunnel->keepalive.roam.moving &&
	       rcu_access_pointer(tunnel->conf) == conf;
}

static void gretun_roam_move(const struct gretun_conf *conf)
{
	conf->tunnel->keepalive.roam.moving = true;
	gretun_keepalive_changed(conf->tunnel);
}

/*
 * A request has come from somewhere else.
 * Return: the time of the request to be sent there, or 0.
 */
static u64 gretun_roam_consider(const struct gretun_conf *conf,
				const struct gretun_peer *from, bool known,
				u64 time)
{
	struct gretun_roam *roam = &conf->tunnel->keepalive.roam;
	const struct gretun_params *params = &conf->params;
	u64 now = get_jiffies_64();
	bool same;

	if (time_after64(now, roam->candidate_until))
		gretun_roam_forget(roam);
	same = gretun_roam_same(&roam->candidate, from);
	if (same && roam->validated) {
		if (known && time > roam->candidate_asked)
			gretun_roam_move(conf);
		return 0;
	}
	/* A stranger does not take the place of another one. */
	if (!same && !known && !ipv6_addr_any(&roam->candidate.addr))
		return 0;
	if (!same) {
		gretun_roam_forget(roam);
		roam->candidate = *from;
		roam->candidate_asked = time;
	}
	roam->candidate_until = now + (u64)params->keepalive_period *
				      params->keepalive_retries * HZ;
	roam->challenge = gretun_roam_clock(roam);
	return roam->challenge;
}

/**
 * gretun_roam_request - take note of a signed request
 * @conf: configuration of the tunnel that it is for
 * @from: where it came from
 * @id: who sent it
 * @time: when, by the sender's clock
 * @challenge: gets the time of a request that is to be sent there, if one is
 *
 * Who answered last is known, and each of its requests is newer than the one
 * before. Who has not answered yet may be the peer after a restart, or somebody
 * with requests from long ago; so these are limited, and the limit is no one
 * else's.
 *
 * Context: softirq or bottom halves off, RCU read lock held.
 * Return: the tunnel's reason to drop the packet, or a negative number if it is
 * to be answered.
 */
int gretun_roam_request(const struct gretun_conf *conf,
			const struct gretun_peer *from, u64 id, u64 time,
			u64 *challenge)
{
	struct gretun_keepalive *ka = &conf->tunnel->keepalive;
	bool is_peer = gretun_roam_is_peer(conf, from);
	struct gretun_roam *roam = &ka->roam;
	int reason = -1;
	bool known;

	spin_lock(&ka->lock);
	known = id == roam->peer_id;
	if (known && is_peer)
		gretun_roam_heard(ka, time);
	if (known && time <= roam->peer_asked) {
		reason = GRETUN_RX_REPLAYED;
		goto unlock;
	}
	if (!known && !gretun_keepalive_allowed(&ka->signed_due,
						GRETUN_ROAM_STRANGERS)) {
		reason = GRETUN_RX_PROBES;
		goto unlock;
	}
	if (known)
		roam->peer_asked = time;
	if (!is_peer && gretun_roam_working(conf) &&
	    gretun_roam_possible(&conf->params, from))
		*challenge = gretun_roam_consider(conf, from, known, time);
unlock:
	spin_unlock(&ka->lock);
	return reason;
}

/*
 * The candidate has answered. Where there is no peer, or it does not answer, the
 * candidate is the peer from now on.
 */
static bool gretun_roam_validate(const struct gretun_conf *conf,
				 const struct gretun_peer *from, s64 rtt)
{
	struct gretun_keepalive *ka = &conf->tunnel->keepalive;
	struct gretun_roam *roam = &ka->roam;

	if (!gretun_roam_same(&roam->candidate, from) ||
	    time_after64(get_jiffies_64(), roam->candidate_until))
		return false;
	roam->challenge = 0;
	roam->validated = true;
	if (ka->state != GRETUN_KEEPALIVE_STATE_UP ||
	    !gretun_has_peer(&conf->params)) {
		ka->sent++;
		gretun_keepalive_heard(conf, rtt);
		gretun_roam_move(conf);
	}
	return true;
}

/* The peer has answered, from where it is. */
static bool gretun_roam_answer(const struct gretun_conf *conf,
			       const struct gretun_peer *from, u64 time, s64 rtt)
{
	struct gretun_keepalive *ka = &conf->tunnel->keepalive;
	struct gretun_roam *roam = &ka->roam;

	if (!gretun_roam_is_peer(conf, from) || time <= roam->answered ||
	    time > roam->asked_peer)
		return false;
	roam->answered = time;
	if (time == roam->asked_peer)
		WRITE_ONCE(ka->waiting, false);
	gretun_keepalive_heard(conf, rtt);
	return true;
}

/**
 * gretun_roam_reply - take note of the signed reply to a request
 * @conf: configuration of the tunnel that it is for
 * @from: where it came from
 * @id: who sent it
 * @time: that of the request
 *
 * A reply is good once, and for as long as the peer has to give one. That the
 * request was ours is known.
 *
 * Context: softirq or bottom halves off, RCU read lock held.
 * Return: false if it came late, twice, or from somewhere else.
 */
bool gretun_roam_reply(const struct gretun_conf *conf,
		       const struct gretun_peer *from, u64 id, u64 time)
{
	struct gretun_keepalive *ka = &conf->tunnel->keepalive;
	const struct gretun_params *params = &conf->params;
	struct gretun_roam *roam = &ka->roam;
	u64 bound = (u64)params->keepalive_period * params->keepalive_retries *
		    NSEC_PER_SEC;
	u64 now = ktime_get_boottime_ns();
	bool good = false;
	s64 rtt;

	spin_lock(&ka->lock);
	if (!gretun_roam_working(conf) || time > roam->asked ||
	    now - time > bound)
		goto unlock;
	rtt = div_u64(now - time, NSEC_PER_USEC);
	good = roam->challenge && time == roam->challenge ?
	       gretun_roam_validate(conf, from, rtt) :
	       gretun_roam_answer(conf, from, time, rtt);
	if (good && roam->peer_id != id) {
		roam->peer_id = id;
		roam->peer_asked = 0;
	}
unlock:
	spin_unlock(&ka->lock);
	return good;
}

/* Where the peer is to be, if it has moved. Context: process, RTNL held. */
static bool gretun_roam_take(struct gretun_roam *roam,
			     struct gretun_peer *peer)
{
	struct gretun_keepalive *ka =
		container_of(roam, struct gretun_keepalive, roam);
	bool moving;

	spin_lock_bh(&ka->lock);
	moving = roam->moving;
	*peer = roam->candidate;
	roam->moving = false;
	gretun_roam_forget(roam);
	spin_unlock_bh(&ka->lock);
	return moving;
}

/**
 * gretun_roam_work - let a tunnel follow its peer, if that has moved
 * @tunnel: the tunnel
 *
 * Where another tunnel has that address and the key it does not.
 *
 * Context: process, RTNL held, may sleep.
 * Return: true if it did.
 */
bool gretun_roam_work(struct gretun_tunnel *tunnel)
{
	struct gretun_keepalive *ka = &tunnel->keepalive;
	struct gretun_roam *roam = &ka->roam;
	struct gretun_params params;
	struct gretun_peer before;
	struct gretun_peer peer;
	u32 moves = roam->moves;

	if (!gretun_roam_take(roam, &peer))
		return false;
	gretun_tunnel_params(tunnel, &params);
	gretun_roam_peer(&params, &before);
	gretun_roam_to(&params, &peer);
	if (gretun_tunnel_set(tunnel, &params))
		return false;
	roam->before = before;
	roam->moves = moves + 1;
	roam->moved_at = get_jiffies_64();
	spin_lock_bh(&ka->lock);
	gretun_keepalive_hurry(ka);
	spin_unlock_bh(&ka->lock);
	return true;
}

static int gretun_roam_put(struct sk_buff *skb, int type4, int type6,
			   int type_port, const struct gretun_peer *peer)
{
	if (gretun_fill_put_addr(skb, type4, type6, &peer->addr) ||
	    (peer->port && nla_put_u16(skb, type_port, peer->port)))
		return -EMSGSIZE;
	return 0;
}

/**
 * gretun_roam_fill - write where the peer is, if it has moved
 * @skb: message, in the nest of the state
 * @tunnel: the tunnel
 *
 * Context: process, RTNL held.
 * Return: 0, or -EMSGSIZE.
 */
int gretun_roam_fill(struct sk_buff *skb, const struct gretun_tunnel *tunnel)
{
	const struct gretun_conf *conf = rtnl_dereference(tunnel->conf);
	const struct gretun_roam *roam = &tunnel->keepalive.roam;
	u64 age = jiffies64_to_msecs(get_jiffies_64() - roam->moved_at);
	struct gretun_peer peer;
	struct nlattr *nest;

	if (!roam->moves)
		return 0;
	gretun_roam_peer(&conf->params, &peer);
	nest = nla_nest_start(skb, GRETUN_A_STATE_PEER);
	if (!nest ||
	    gretun_roam_put(skb, GRETUN_A_PEER_IPV4, GRETUN_A_PEER_IPV6,
			    GRETUN_A_PEER_PORT, &peer) ||
	    gretun_roam_put(skb, GRETUN_A_PEER_BEFORE_IPV4,
			    GRETUN_A_PEER_BEFORE_IPV6,
			    GRETUN_A_PEER_BEFORE_PORT, &roam->before) ||
	    nla_put_u32(skb, GRETUN_A_PEER_MOVES, roam->moves) ||
	    nla_put_u64_64bit(skb, GRETUN_A_PEER_AGE, age, GRETUN_A_PEER_PAD))
		return -EMSGSIZE;
	nla_nest_end(skb, nest);
	return 0;
}
