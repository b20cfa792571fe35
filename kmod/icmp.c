// SPDX-License-Identifier: GPL-2.0
/*
 * ICMP errors about outer packets: which tunnel sent what they quote, what they
 * say, and the path MTU.
 *
 * The stack hands ICMP errors to the owner of the protocol, which gretun is
 * not, and which may not be there at all. Anybody can send them, so one counts
 * only as far as it quotes what a tunnel sends: addresses, flags, key and a
 * recent sequence number.
 */
#include "gretun.h"

#include <linux/icmpv6.h>
#include <linux/netfilter_ipv4.h>
#include <linux/netfilter_ipv6.h>
#include <net/addrconf.h>
#include <net/icmp.h>
#include <net/ip.h>
#include <net/ip6_route.h>
#include <net/route.h>

/* Tunnels with the same addresses that are compared with a quote. */
#define GRETUN_ICMP_CANDIDATES 64
/* How far behind the last one sent a quoted sequence number may be. */
#define GRETUN_ICMP_RECENT 65536

/**
 * struct gretun_icmp_error - an ICMP error about a GRE packet, also one in UDP
 * @kind: what it says
 * @mtu: the MTU that it tells, in bytes, for %GRETUN_ICMP_KIND_TOO_BIG
 * @sent: length of the packet it is about, in bytes
 * @quote: where the quoted IP header is from skb->data on
 * @gre: where the quoted GRE header is, the same
 * @udp: there is a UDP header in front of it
 * @sender: who sent it
 * @pair: addresses of the packet it is about
 */
struct gretun_icmp_error {
	enum gretun_icmp_kind kind;
	u32 mtu;
	u32 sent;
	unsigned int quote;
	unsigned int gre;
	bool udp;
	struct in6_addr sender;
	struct gretun_pair_key pair;
};

/* Return: true if a quoted sequence number was sent lately. */
static bool gretun_icmp_recent(const struct gretun_tunnel *tunnel, __be32 seq)
{
	u32 behind = (u32)atomic_read(&tunnel->tx_seq) - 1 - ntohl(seq);

	return behind < GRETUN_ICMP_RECENT;
}

/*
 * Is that the UDP header of a tunnel's packet, or none where the tunnel has none?
 * The source port may be any of those that stand for a flow.
 */
static bool gretun_icmp_same_udp(const struct gretun_encap *encap,
				 const struct udphdr *uh)
{
	if (!uh || !encap->udp)
		return !uh == !encap->udp;
	return uh->dest == encap->udp_dest &&
	       (!encap->udp_source || uh->source == encap->udp_source);
}

/*
 * Are those the headers of a tunnel's packet, as far as they are quoted? Of the
 * GRE header behind a UDP header there may be nothing.
 */
static bool gretun_icmp_is_from(const struct gretun_conf *conf,
				const struct udphdr *uh, const u8 *gre,
				unsigned int len)
{
	const struct gretun_encap *encap = &conf->encap;
	unsigned int key = encap->csum ? 8 : 4;
	unsigned int seq = encap->hlen - 4;

	if (!gretun_icmp_same_udp(encap, uh))
		return false;
	if (len >= 2 && memcmp(gre, encap->gre, 2))
		return false;
	if (conf->params.has_okey && len >= key + 4 &&
	    memcmp(gre + key, (u8 *)encap->gre + key, 4))
		return false;
	return !encap->seq || len < encap->hlen ||
	       gretun_icmp_recent(conf->tunnel,
				  get_unaligned((__be32 *)(gre + seq)));
}

/* Compare with some of the tunnels that have the addresses. */
static struct gretun_conf *
gretun_icmp_candidate(struct gretun_net *gn,
		      const struct gretun_pair_key *key,
		      const struct udphdr *uh, const u8 *gre, unsigned int len)
{
	const struct gretun_pair *pair = gretun_lookup_pair(gn, key);
	struct gretun_conf *conf;
	int count = 0;

	if (!pair)
		return NULL;
	list_for_each_entry_rcu(conf, &pair->confs, siblings) {
		if (gretun_icmp_is_from(conf, uh, gre, len))
			return conf;
		if (++count == GRETUN_ICMP_CANDIDATES)
			break;
	}
	return NULL;
}

/*
 * Find who sent a packet. Mostly the keys for both ways are the same; a tunnel
 * with two different ones is looked for among those with its addresses. Nothing
 * can be said of the packets of external devices.
 */
static struct gretun_conf *gretun_icmp_sender(struct gretun_net *gn,
					      const struct gretun_pair_key *pair,
					      const struct udphdr *uh,
					      const u8 *gre, unsigned int len)
{
	struct gretun_key key = { .pair = *pair };
	struct gretun_conf *conf;
	struct gretun_hdr hdr;

	if (gretun_hdr_parse(gre, len, &hdr) == GRETUN_HDR_OK) {
		gretun_key_set(&key, &hdr);
		if (uh)
			key.kind = gretun_key_kind_udp(key.kind,
						       ntohs(uh->dest));
		conf = gretun_lookup(gn, &key);
		if (conf && gretun_icmp_is_from(conf, uh, gre, len))
			return conf;
	}
	conf = gretun_icmp_candidate(gn, pair, uh, gre, len);
	if (conf || uh)
		return conf;
	conf = gretun_lookup_wild(gn, &key);
	return conf && conf->params.external ? conf : NULL;
}

static void gretun_icmp_count(struct gretun_net *gn,
			      struct gretun_tunnel *tunnel,
			      const struct gretun_icmp_error *error)
{
	struct gretun_icmp_seen *seen = &tunnel->icmp[error->kind];

	spin_lock(&gn->icmp_lock);
	seen->packets++;
	seen->sender = error->sender;
	seen->when = jiffies;
	seen->mtu = error->mtu;
	spin_unlock(&gn->icmp_lock);
}

/*
 * Lower the MTU of the route that the tunnel's packets take. The stack looks at
 * the packet for its addresses, and where it is to go for the route.
 */
static void gretun_icmp_update4(const struct gretun_conf *conf,
				struct sk_buff *skb,
				const struct gretun_icmp_error *error)
{
	struct net_device *dev = skb->dev;
	u32 mark = skb->mark;
	struct dst_entry *dst;
	int offset;

	if (conf->params.external) {
		__skb_pull(skb, error->quote);
		ipv4_update_pmtu(skb, conf->tunnel->net, error->mtu,
				 conf->params.link, IPPROTO_GRE);
		__skb_push(skb, error->quote);
		return;
	}

	dst = gretun_outer_route(conf);
	if (IS_ERR(dst))
		return;
	offset = skb_network_offset(skb);
	skb_set_network_header(skb, error->quote);
	skb->dev = dst->dev;
	skb->mark = conf->params.fwmark;
	dst->ops->update_pmtu(dst, NULL, skb, error->mtu, false);
	skb->mark = mark;
	skb->dev = dev;
	skb_set_network_header(skb, offset);
}

static void gretun_icmp_update6(const struct gretun_conf *conf,
				struct sk_buff *skb,
				const struct gretun_icmp_error *error)
{
	__skb_pull(skb, error->quote);
	ip6_update_pmtu(skb, conf->tunnel->net, htonl(error->mtu),
			conf->params.link, conf->params.fwmark,
			sock_net_uid(conf->tunnel->net, NULL));
	__skb_push(skb, error->quote);
}

/*
 * What a port unreachable says: ip_gre without the tunnel sends one, and rules
 * that reject.
 */
static enum gretun_icmp_kind gretun_icmp_port(bool by_remote)
{
	return by_remote ? GRETUN_ICMP_KIND_PROTOCOL_UNREACHABLE :
			   GRETUN_ICMP_KIND_PROHIBITED;
}

/*
 * Have as much of the quoted GRE header as there is. A quote may be cut short,
 * but never below 8 bytes (RFC 792).
 */
static bool gretun_icmp_pull(struct gretun_net *gn, struct sk_buff *skb,
			     const struct gretun_icmp_error *error)
{
	if (skb->len >= error->gre + (error->udp ? 0 : 8) &&
	    pskb_may_pull(skb, min_t(unsigned int, skb->len,
				     error->gre + GRETUN_HDR_MAX)))
		return true;
	gretun_netns_count(gn, GRETUN_ICMP_INVALID);
	return false;
}

/*
 * May a quoted packet, with that behind its IP header, be one of ours? One in UDP
 * has a port of ours at one end: where it goes to, or, if the peer was found
 * behind a NAT, where it comes from. What is quoted of the GRE header begins
 * behind a UDP header then.
 */
static bool gretun_icmp_ours(struct gretun_net *gn, struct sk_buff *skb,
			     struct gretun_icmp_error *error, u8 proto, bool v6)
{
	const struct udphdr *uh;

	if (proto == IPPROTO_GRE)
		return true;
	if (proto != IPPROTO_UDP || list_empty(&gn->udp_ports) ||
	    !pskb_may_pull(skb, error->gre + sizeof(*uh)))
		return false;
	uh = (const void *)(skb->data + error->gre);
	error->udp = true;
	error->gre += sizeof(*uh);
	return gretun_udp_has_port(gn, v6, uh->dest) ||
	       gretun_udp_has_port(gn, v6, uh->source);
}

/* Is an error of that kind for the inner sender to know? */
static bool gretun_icmp_concerns(enum gretun_icmp_kind kind)
{
	switch (kind) {
	case GRETUN_ICMP_KIND_REASSEMBLY:
	case GRETUN_ICMP_KIND_PARAMETER:
	case GRETUN_ICMP_KIND_OTHER:
		return false;
	default:
		return true;
	}
}

/* Deal with an error that is not damaged. */
static void gretun_icmp_error(struct gretun_net *gn, struct sk_buff *skb,
			      const struct gretun_icmp_error *error)
{
	bool too_big = error->kind == GRETUN_ICMP_KIND_TOO_BIG;
	unsigned int len = min_t(unsigned int, skb->len - error->gre,
				 GRETUN_HDR_MAX);
	bool v6 = !ipv6_addr_v4mapped(&error->pair.local);
	const u8 *gre = skb->data + error->gre;
	const struct udphdr *uh = NULL;
	struct gretun_conf *conf;

	if (error->udp)
		uh = (const struct udphdr *)gre - 1;
	conf = gretun_icmp_sender(gn, &error->pair, uh, gre, len);
	if (!conf) {
		gretun_netns_count(gn, GRETUN_ICMP_UNMATCHED);
		return;
	}
	if (too_big && (error->mtu >= error->sent ||
			error->mtu < (v6 ? IPV6_MIN_MTU : IPV4_MIN_MTU))) {
		gretun_netns_count(gn, GRETUN_ICMP_INVALID);
		return;
	}
	gretun_icmp_count(gn, conf->tunnel, error);
	if (too_big && v6)
		gretun_icmp_update6(conf, skb, error);
	else if (too_big)
		gretun_icmp_update4(conf, skb, error);
	if (!gretun_icmp_concerns(error->kind) ||
	    gretun_icmp_relay(conf, skb, error->gre, too_big))
		return;
	/* The next packet that is too long is answered anyway. */
	if (too_big)
		return;
	WRITE_ONCE(conf->tunnel->reported, jiffies);
	set_bit(GRETUN_CONF_REPORT, &conf->flags);
}

/* Return: false for what is no error about a packet. */
static bool gretun_icmp_kind4(const struct icmphdr *icmph, bool by_remote,
			      struct gretun_icmp_error *error)
{
	switch (icmph->type) {
	case ICMP_DEST_UNREACH:
		break;
	case ICMP_TIME_EXCEEDED:
		error->kind = icmph->code == ICMP_EXC_TTL ?
			      GRETUN_ICMP_KIND_TTL_EXCEEDED :
			      GRETUN_ICMP_KIND_REASSEMBLY;
		return true;
	case ICMP_PARAMETERPROB:
		error->kind = GRETUN_ICMP_KIND_PARAMETER;
		return true;
	case ICMP_SOURCE_QUENCH:
		error->kind = GRETUN_ICMP_KIND_OTHER;
		return true;
	default:
		return false;
	}

	switch (icmph->code) {
	case ICMP_FRAG_NEEDED:
		error->kind = GRETUN_ICMP_KIND_TOO_BIG;
		error->mtu = ntohs(icmph->un.frag.mtu);
		break;
	case ICMP_NET_UNREACH:
	case ICMP_NET_UNKNOWN:
	case ICMP_NET_UNR_TOS:
		error->kind = GRETUN_ICMP_KIND_NET_UNREACHABLE;
		break;
	case ICMP_HOST_UNREACH:
	case ICMP_HOST_UNKNOWN:
	case ICMP_HOST_ISOLATED:
	case ICMP_HOST_UNR_TOS:
		error->kind = GRETUN_ICMP_KIND_HOST_UNREACHABLE;
		break;
	case ICMP_PORT_UNREACH:
		error->kind = gretun_icmp_port(by_remote);
		break;
	case ICMP_PROT_UNREACH:
		error->kind = GRETUN_ICMP_KIND_PROTOCOL_UNREACHABLE;
		break;
	case ICMP_NET_ANO:
	case ICMP_HOST_ANO:
	case ICMP_PKT_FILTERED:
		error->kind = GRETUN_ICMP_KIND_PROHIBITED;
		break;
	default:
		error->kind = GRETUN_ICMP_KIND_OTHER;
	}
	return true;
}

/**
 * gretun_icmp_receive4 - look at an ICMP packet
 * @gn: netns that it came to
 * @skb: the packet, at its IP header, stays the caller's; its headers may move
 *
 * Context: softirq or bottom halves off, RCU read lock held.
 */
void gretun_icmp_receive4(struct gretun_net *gn, struct sk_buff *skb)
{
	struct gretun_icmp_error error = {};
	unsigned int ihl = ip_hdrlen(skb);
	const struct icmphdr *icmph;
	const struct iphdr *quote;

	error.quote = ihl + sizeof(*icmph);
	if (!pskb_may_pull(skb, error.quote + sizeof(*quote)))
		return;
	quote = (const void *)(skb->data + error.quote);
	if (quote->version != 4 || quote->ihl < sizeof(*quote) / 4)
		return;
	error.gre = error.quote + quote->ihl * 4;
	icmph = (const void *)(skb->data + ihl);
	if (!gretun_icmp_kind4(icmph, ip_hdr(skb)->saddr == quote->daddr,
			       &error) ||
	    !gretun_icmp_ours(gn, skb, &error, quote->protocol, false) ||
	    !gretun_icmp_pull(gn, skb, &error))
		return;
	quote = (const void *)(skb->data + error.quote);

	error.sent = ntohs(quote->tot_len);
	error.sender = gretun_addr4(ip_hdr(skb)->saddr);
	error.pair.local = gretun_addr4(quote->saddr);
	error.pair.remote = gretun_addr4(quote->daddr);
	if (quote->frag_off & htons(IP_OFFSET) ||
	    !gretun_lookup_known(gn, &error.pair)) {
		gretun_netns_count(gn, GRETUN_ICMP_UNMATCHED);
		return;
	}
	if (nf_ip_checksum(skb, NF_INET_LOCAL_IN, ihl, IPPROTO_ICMP)) {
		gretun_netns_count(gn, GRETUN_ICMP_INVALID);
		return;
	}
	gretun_icmp_error(gn, skb, &error);
}

/* Return: false for what is no error about a packet. */
static bool gretun_icmp_kind6(const struct icmp6hdr *icmph, bool by_remote,
			      struct gretun_icmp_error *error)
{
	switch (icmph->icmp6_type) {
	case ICMPV6_PKT_TOOBIG:
		error->kind = GRETUN_ICMP_KIND_TOO_BIG;
		error->mtu = ntohl(icmph->icmp6_mtu);
		return true;
	case ICMPV6_TIME_EXCEED:
		error->kind = icmph->icmp6_code == ICMPV6_EXC_HOPLIMIT ?
			      GRETUN_ICMP_KIND_TTL_EXCEEDED :
			      GRETUN_ICMP_KIND_REASSEMBLY;
		return true;
	case ICMPV6_PARAMPROB:
		error->kind = icmph->icmp6_code == ICMPV6_UNK_NEXTHDR ?
			      GRETUN_ICMP_KIND_PROTOCOL_UNREACHABLE :
			      GRETUN_ICMP_KIND_PARAMETER;
		return true;
	case ICMPV6_DEST_UNREACH:
		break;
	default:
		return false;
	}

	switch (icmph->icmp6_code) {
	case ICMPV6_NOROUTE:
		error->kind = GRETUN_ICMP_KIND_NET_UNREACHABLE;
		break;
	case ICMPV6_ADDR_UNREACH:
		error->kind = GRETUN_ICMP_KIND_HOST_UNREACHABLE;
		break;
	case ICMPV6_PORT_UNREACH:
		error->kind = gretun_icmp_port(by_remote);
		break;
	case ICMPV6_ADM_PROHIBITED:
	case ICMPV6_POLICY_FAIL:
	case ICMPV6_REJECT_ROUTE:
		error->kind = GRETUN_ICMP_KIND_PROHIBITED;
		break;
	default:
		error->kind = GRETUN_ICMP_KIND_OTHER;
	}
	return true;
}

/*
 * Find the GRE or UDP header of a quoted packet of ours, which may have the
 * encapsulation limit and be a first fragment.
 *
 * Return: what is there, IPPROTO_NONE for something else.
 */
static u8 gretun_icmp_find_gre6(struct sk_buff *skb,
				struct gretun_icmp_error *error)
{
	const struct ipv6hdr *quote = (const void *)(skb->data + error->quote);
	unsigned int offset = error->quote + sizeof(*quote);
	u8 nexthdr = quote->nexthdr;
	const u8 *header;
	int i;

	for (i = 0; i < 2; i++) {
		if (nexthdr != NEXTHDR_DEST && nexthdr != NEXTHDR_FRAGMENT)
			break;
		/* Each of them is one unit of 8 bytes long. */
		if (!pskb_may_pull(skb, offset + 8))
			return IPPROTO_NONE;
		header = skb->data + offset;
		if (nexthdr == NEXTHDR_DEST ? header[1] :
		    header[2] || header[3] & 0xf8)
			return IPPROTO_NONE;
		nexthdr = header[0];
		offset += 8;
	}
	error->gre = offset;
	return nexthdr;
}

/**
 * gretun_icmp_receive6 - look at an ICMPv6 packet
 * @gn: netns that it came to
 * @skb: the packet, at its IPv6 header, stays the caller's; its headers may
 *	move
 * @offset: where its ICMPv6 header is
 *
 * Context: softirq or bottom halves off, RCU read lock held.
 */
void gretun_icmp_receive6(struct gretun_net *gn, struct sk_buff *skb,
			  unsigned int offset)
{
	struct gretun_icmp_error error = {};
	const struct icmp6hdr *icmph;
	const struct ipv6hdr *quote;
	u8 proto;

	error.quote = offset + sizeof(*icmph);
	if (!pskb_may_pull(skb, offset + sizeof(*icmph)))
		return;
	icmph = (const void *)(skb->data + offset);
	if (icmph->icmp6_type & ICMPV6_INFOMSG_MASK ||
	    !pskb_may_pull(skb, error.quote + sizeof(*quote)))
		return;
	icmph = (const void *)(skb->data + offset);
	quote = (const void *)(skb->data + error.quote);
	if (!gretun_icmp_kind6(icmph, ipv6_addr_equal(&ipv6_hdr(skb)->saddr,
						      &quote->daddr), &error))
		return;
	proto = gretun_icmp_find_gre6(skb, &error);
	if (!gretun_icmp_ours(gn, skb, &error, proto, true) ||
	    !gretun_icmp_pull(gn, skb, &error))
		return;
	quote = (const void *)(skb->data + error.quote);
	error.sent = ntohs(quote->payload_len) + sizeof(*quote);
	error.sender = ipv6_hdr(skb)->saddr;
	error.pair.local = quote->saddr;
	error.pair.remote = quote->daddr;
	if (!gretun_lookup_known(gn, &error.pair)) {
		gretun_netns_count(gn, GRETUN_ICMP_UNMATCHED);
		return;
	}
	if (nf_ip6_checksum(skb, NF_INET_LOCAL_IN, offset, IPPROTO_ICMPV6)) {
		gretun_netns_count(gn, GRETUN_ICMP_INVALID);
		return;
	}
	gretun_icmp_error(gn, skb, &error);
}
