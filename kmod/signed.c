// SPDX-License-Identifier: GPL-2.0
/*
 * Signed keepalives: requests and replies of two gretun ends that share a secret.
 * Who does not know it can neither make one nor change one, so nobody can say for
 * a peer that it is alive. What they mean for where the peer is, is in roam.c.
 *
 * Anybody can send a packet that looks like one. What it costs is its signature,
 * which is always verified before anything else; a limit ahead of that would be
 * for whoever wants to keep the peer from being heard.
 */
#include "gretun.h"

#include <crypto/blake2s.h>
#include <linux/hash.h>
#include <linux/pkt_sched.h>
#include <net/ip.h>

#define GRETUN_SIGNED_VERSION 1
#define GRETUN_SIGNED_MAC_LEN 16

/* What is hashed begins so; one secret is good for two things. */
static const u8 gretun_signed_label[] = "gretun keepalive 1";
static const u8 gretun_signed_hint_label[] = "gretun hint 1";

/**
 * enum gretun_signed_type - what a signed keepalive is
 * @GRETUN_SIGNED_REQUEST: it asks for a reply
 * @GRETUN_SIGNED_REPLY: it is one
 */
enum gretun_signed_type {
	GRETUN_SIGNED_REQUEST = 1,
	GRETUN_SIGNED_REPLY = 2,
};

/**
 * struct gretun_signed - a signed keepalive, behind its GRE header
 * @version: %GRETUN_SIGNED_VERSION
 * @type: one of enum gretun_signed_type
 * @reserved: 0
 * @hint: which secret it is signed with
 * @id: who sent it
 * @time: of a request, when it was sent, by the sender's clock; 0 in a reply
 * @asked_id: of a reply, the id in the request; 0 in a request
 * @asked_time: of a reply, the time in the request; 0 in a request
 * @mac: of the label, all before it, and the GRE key
 *
 * Both kinds have the same length, so that nobody can have more sent to somebody
 * else than he sends.
 */
struct gretun_signed {
	u8 version;
	u8 type;
	__be16 reserved;
	u8 hint[sizeof(u64)];
	__be64 id;
	__be64 time;
	__be64 asked_id;
	__be64 asked_time;
	u8 mac[GRETUN_SIGNED_MAC_LEN];
} __packed;

static void gretun_signed_mac(const struct gretun_conf *conf,
			      const struct gretun_signed *msg, bool has_key,
			      __be32 key, u8 *mac)
{
	const __be32 keys[] = { htonl(has_key), key };
	struct blake2s_ctx ctx;

	blake2s_init_key(&ctx, GRETUN_SIGNED_MAC_LEN, conf->params.secret,
			 GRETUN_SECRET_LEN);
	blake2s_update(&ctx, gretun_signed_label, sizeof(gretun_signed_label));
	blake2s_update(&ctx, (const u8 *)msg, offsetof(typeof(*msg), mac));
	blake2s_update(&ctx, (const u8 *)keys, sizeof(keys));
	blake2s_final(&ctx, mac);
}

/**
 * gretun_signed_init - prepare what a configuration needs for signed keepalives
 * @conf: the configuration, with a secret
 *
 * Context: any.
 */
void gretun_signed_init(struct gretun_conf *conf)
{
	struct blake2s_ctx ctx;

	blake2s_init_key(&ctx, sizeof(conf->hint), conf->params.secret,
			 GRETUN_SECRET_LEN);
	blake2s_update(&ctx, gretun_signed_hint_label,
		       sizeof(gretun_signed_hint_label));
	blake2s_final(&ctx, (u8 *)&conf->hint);
}

static struct hlist_head *gretun_signed_bucket(struct gretun_net *gn, u64 hint)
{
	return &gn->hints[hash_64(hint, GRETUN_HINT_BITS)];
}

/**
 * gretun_signed_insert - let signed keepalives from anywhere find a tunnel
 * @gn: netns of its outer packets
 * @conf: its configuration
 *
 * Context: process, RTNL held.
 */
void gretun_signed_insert(struct gretun_net *gn, struct gretun_conf *conf)
{
	if (gretun_roam_moved(&conf->params))
		gn->moved_count++;
	if (conf->params.has_secret)
		hlist_add_head_rcu(&conf->hinted,
				   gretun_signed_bucket(gn, conf->hint));
}

/**
 * gretun_signed_remove - undo gretun_signed_insert()
 * @gn: netns of the tunnel's outer packets
 * @conf: its configuration; readers may go on using it until RCU says
 *
 * Context: process, RTNL held.
 */
void gretun_signed_remove(struct gretun_net *gn, struct gretun_conf *conf)
{
	if (gretun_roam_moved(&conf->params))
		gn->moved_count--;
	if (conf->params.has_secret)
		hlist_del_rcu(&conf->hinted);
}

/**
 * gretun_signed_rival - find the tunnel that has a secret already
 * @gn: netns of the outer packets
 * @params: parameters of a tunnel to be
 *
 * Context: process, RTNL held.
 * Return: the tunnel, or NULL.
 */
struct gretun_tunnel *gretun_signed_rival(struct gretun_net *gn,
					  const struct gretun_params *params)
{
	struct gretun_conf *conf, probe = { .params = *params };

	if (!params->has_secret)
		return NULL;
	gretun_signed_init(&probe);
	hlist_for_each_entry(conf, gretun_signed_bucket(gn, probe.hint), hinted)
		if (conf->hint == probe.hint)
			return conf->tunnel;
	return NULL;
}

/* The tunnel that a hint is of, for packets to its address with its key. */
static struct gretun_conf *gretun_signed_lookup(struct gretun_net *gn,
						const u8 *hint,
						const struct gretun_key *key)
{
	struct gretun_conf *conf;
	u64 word;

	memcpy(&word, hint, sizeof(word));
	hlist_for_each_entry_rcu(conf, gretun_signed_bucket(gn, word), hinted)
		if (conf->hint == word && conf->key.key == key->key &&
		    conf->key.kind == key->kind &&
		    ipv6_addr_equal(&conf->key.pair.local, &key->pair.local))
			return conf;
	return NULL;
}

/**
 * gretun_signed_find - find the tunnel of a signed keepalive from an unknown peer
 * @gn: netns of the outer packet
 * @skb: a packet that no tunnel has the addresses of; its headers may move
 * @offset: where its GRE header begins
 * @hdr: that
 * @key: its addresses and key
 *
 * Nothing is verified yet.
 *
 * Context: softirq or bottom halves off, RCU read lock held.
 * Return: the tunnel's configuration, or NULL; it is if that is another packet.
 */
struct gretun_conf *gretun_signed_find(struct gretun_net *gn,
				       struct sk_buff *skb, unsigned int offset,
				       const struct gretun_hdr *hdr,
				       const struct gretun_key *key)
{
	const struct gretun_signed *msg;

	offset += hdr->len;
	if (hdr->protocol != htons(GRETUN_ETH_P_SIGNED) ||
	    !pskb_may_pull(skb, offset + sizeof(*msg)))
		return NULL;
	msg = (const struct gretun_signed *)(skb->data + offset);
	return gretun_signed_lookup(gn, msg->hint, key);
}

/*
 * The tunnel whose peer sent it. It is another one than packets from that source
 * are for where the peer has moved to the address of another tunnel's, or where
 * any source is taken.
 */
static const struct gretun_conf *
gretun_signed_whose(const struct gretun_conf *conf, const struct sk_buff *skb,
		    const struct gretun_hdr *hdr,
		    const union gretun_outer_header *outer, const u8 *hint)
{
	struct gretun_net *gn = gretun_net(conf->tunnel->net);
	struct gretun_key key;
	int link;

	if (conf->params.has_secret &&
	    !memcmp(hint, &conf->hint, sizeof(conf->hint)))
		return conf;
	gretun_key_set(&key, hdr);
	if (conf->key.kind != GRETUN_KEY_EXTERNAL)
		key.kind = conf->key.kind;
	key.pair.local = outer->iph.version == 4 ?
			 gretun_addr4(outer->iph.daddr) : outer->ip6h.daddr;
	conf = gretun_signed_lookup(gn, hint, &key);
	if (!conf || !(conf->dev->flags & IFF_UP))
		return NULL;
	link = conf->params.link;
	return !link || link == skb->dev->ifindex || link == skb->skb_iif ?
	       conf : NULL;
}

/* Is that the signature of a message? Context: any. */
static bool gretun_signed_good(const struct gretun_conf *conf,
			       const struct gretun_signed *msg,
			       const struct gretun_hdr *hdr)
{
	u8 mac[GRETUN_SIGNED_MAC_LEN];

	gretun_signed_mac(conf, msg, hdr->has_key, hdr->key, mac);
	return !crypto_memneq(mac, msg->mac, sizeof(mac)) &&
	       msg->version == GRETUN_SIGNED_VERSION && !msg->reserved;
}

/*
 * What tx.c takes a tunnel's TOS and DF from, as from the header of any packet
 * that it sends: network control, and nothing to be cut.
 */
static void gretun_signed_push_ip(struct sk_buff *skb)
{
	unsigned int len = skb->len;
	struct iphdr *iph = skb_push(skb, sizeof(*iph));

	*iph = (struct iphdr) {
		.version = 4,
		.ihl = sizeof(*iph) / 4,
		.tos = 0xc0,
		.tot_len = htons(sizeof(*iph) + len),
		.frag_off = htons(IP_DF),
		.ttl = 255,
		.protocol = IPPROTO_GRE,
	};
	ip_send_check(iph);
	skb_reset_mac_header(skb);
	skb_reset_network_header(skb);
	skb_set_transport_header(skb, sizeof(*iph));
	skb->protocol = htons(ETH_P_IP);
}

/* Sign a message and put the tunnel's GRE header in front. NULL: no memory. */
static struct sk_buff *gretun_signed_packet(const struct gretun_conf *conf,
					    struct gretun_signed *msg)
{
	const struct gretun_params *params = &conf->params;
	unsigned int room = READ_ONCE(conf->dev->needed_headroom) +
			    sizeof(struct iphdr);
	struct gretun_hdr hdr = {
		.protocol = htons(GRETUN_ETH_P_SIGNED),
		.has_csum = params->csum,
		.has_key = params->has_okey,
		.has_seq = params->seq,
		.key = htonl(params->okey),
	};
	u8 gre[GRETUN_HDR_MAX];
	struct sk_buff *skb;

	skb = alloc_skb(room + GRETUN_HDR_MAX + sizeof(*msg), GFP_ATOMIC);
	if (!skb)
		return NULL;
	if (params->seq)
		hdr.seq = atomic_fetch_inc(&conf->tunnel->tx_seq);
	memcpy(msg->hint, &conf->hint, sizeof(msg->hint));
	gretun_signed_mac(conf, msg, hdr.has_key, hdr.key, msg->mac);
	skb_reserve(skb, room);
	skb_put_data(skb, gre, gretun_hdr_build(gre, &hdr));
	skb_put_data(skb, msg, sizeof(*msg));
	if (params->csum)
		*(__sum16 *)(skb->data + 4) =
			csum_fold(csum_partial(skb->data, skb->len, 0));
	gretun_signed_push_ip(skb);
	skb->priority = TC_PRIO_CONTROL;
	skb->dev = conf->dev;
	return skb;
}

/*
 * Do the headers of the tunnel's packets lead a message to a peer, from the place
 * that answers go to? With UDP that is the port that the tunnel has, which may
 * not be the one its other packets come from.
 */
static bool gretun_signed_same_way(const struct gretun_conf *conf,
				   const struct gretun_peer *peer)
{
	const struct gretun_encap *encap = &conf->encap;

	return gretun_roam_is_peer(conf, peer) &&
	       (!encap->udp ||
		encap->udp_source == htons(conf->params.encap_port));
}

static void gretun_signed_send(const struct gretun_conf *conf,
			       struct gretun_signed *msg,
			       const struct gretun_peer *peer)
{
	struct gretun_outer outer = { .encap = &conf->encap };
	struct gretun_encap encap;
	struct sk_buff *skb;

	msg->version = GRETUN_SIGNED_VERSION;
	msg->id = cpu_to_be64(conf->tunnel->keepalive.roam.id);
	skb = gretun_signed_packet(conf, msg);
	if (!skb) {
		gretun_count(conf->tunnel, GRETUN_TX_MEMORY);
		return;
	}
	if (!gretun_signed_same_way(conf, peer))
		gretun_outer_to(conf, &conf->params.local, peer, &encap,
				&outer);
	gretun_tx_reply(conf, skb, &outer);
}

static void gretun_signed_request(const struct gretun_conf *conf, u64 time,
				  const struct gretun_peer *peer)
{
	struct gretun_signed msg = {
		.type = GRETUN_SIGNED_REQUEST,
		.time = cpu_to_be64(time),
	};

	gretun_signed_send(conf, &msg, peer);
}

/**
 * gretun_signed_ask - send a signed request to the peer
 * @conf: configuration of a tunnel with a secret and a peer
 *
 * Context: softirq, RCU read lock held.
 */
void gretun_signed_ask(const struct gretun_conf *conf)
{
	struct gretun_keepalive *ka = &conf->tunnel->keepalive;
	struct gretun_peer peer;
	u64 time;

	gretun_roam_peer(&conf->params, &peer);
	spin_lock(&ka->lock);
	time = gretun_roam_clock(&ka->roam);
	ka->roam.asked_peer = time;
	spin_unlock(&ka->lock);
	gretun_signed_request(conf, time, &peer);
}

/* Return: the tunnel's reason to drop the packet, or a negative number. */
static int gretun_signed_rx_request(const struct gretun_conf *conf,
				    const struct gretun_signed *asked,
				    const struct gretun_peer *from)
{
	struct gretun_signed msg = {
		.type = GRETUN_SIGNED_REPLY,
		.asked_id = asked->id,
		.asked_time = asked->time,
	};
	u64 challenge = 0;
	int reason;

	if (asked->asked_id || asked->asked_time)
		return GRETUN_RX_FORGED;
	reason = gretun_roam_request(conf, from, be64_to_cpu(asked->id),
				     be64_to_cpu(asked->time), &challenge);
	if (reason >= 0)
		return reason;
	gretun_keepalive_count(conf->tunnel);
	gretun_signed_send(conf, &msg, from);
	if (challenge)
		gretun_signed_request(conf, challenge, from);
	return -1;
}

/* Return: the tunnel's reason to drop the packet, or a negative number. */
static int gretun_signed_rx_reply(const struct gretun_conf *conf,
				  const struct gretun_signed *msg,
				  const struct gretun_peer *from)
{
	u64 id = conf->tunnel->keepalive.roam.id;

	if (msg->time)
		return GRETUN_RX_FORGED;
	if (be64_to_cpu(msg->asked_id) != id ||
	    !gretun_roam_reply(conf, from, be64_to_cpu(msg->id),
			       be64_to_cpu(msg->asked_time)))
		return GRETUN_RX_REPLAYED;
	return -1;
}

/* Return: the tunnel's reason to drop the packet, or a negative number. */
static int gretun_signed_take(const struct gretun_conf *conf,
			      const struct gretun_signed *msg,
			      const struct gretun_hdr *hdr,
			      const struct gretun_peer *from)
{
	if (!gretun_signed_good(conf, msg, hdr))
		return GRETUN_RX_FORGED;
	/* Sent back by somebody; there are two ends, and that is this one. */
	if (be64_to_cpu(msg->id) == conf->tunnel->keepalive.roam.id)
		return GRETUN_RX_REPLAYED;
	switch (msg->type) {
	case GRETUN_SIGNED_REQUEST:
		return gretun_signed_rx_request(conf, msg, from);
	case GRETUN_SIGNED_REPLY:
		return gretun_signed_rx_reply(conf, msg, from);
	}
	return GRETUN_RX_FORGED;
}

/**
 * gretun_signed_rx - receive a signed keepalive
 * @conf: configuration of the tunnel that the packet matched
 * @skb: the packet, from its GRE header on; gretun_signed_rx() takes it
 * @hdr: its GRE header, the checksum of which was verified
 * @outer: the outer IP header that it had
 *
 * It is no packet of the tunnel's sequence: it may have overtaken others, and
 * come from who is not the peer yet.
 *
 * Context: softirq or bottom halves off, RCU read lock held.
 */
void gretun_signed_rx(const struct gretun_conf *conf, struct sk_buff *skb,
		      const struct gretun_hdr *hdr,
		      const union gretun_outer_header *outer)
{
	struct gretun_tunnel *tunnel = conf->tunnel;
	struct gretun_signed msg;
	struct gretun_peer from;
	int reason = GRETUN_RX_FORGED;

	if (skb->len != hdr->len + sizeof(msg) ||
	    skb_copy_bits(skb, hdr->len, &msg, sizeof(msg)))
		goto drop;
	conf = gretun_signed_whose(conf, skb, hdr, outer, msg.hint);
	if (!conf)
		goto drop;
	tunnel = conf->tunnel;
	gretun_roam_source(conf, skb, outer, &from);
	reason = gretun_signed_take(conf, &msg, hdr, &from);
	if (reason >= 0)
		goto drop;
	consume_skb(skb);
	return;

drop:
	gretun_drop(tunnel, skb, reason);
}
