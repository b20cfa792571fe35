// SPDX-License-Identifier: GPL-2.0
/*
 * GRE in UDP (RFC 8086): the sockets that take the packets, one for each port
 * and family of a netns, and the UDP header of those that are sent.
 *
 * A socket of the stack's own is what makes it a port like others: the firewall
 * sees it, nobody else can have it, packets find it and are put together by GRO
 * before they get here.
 */
#include "gretun.h"

#include <linux/rtnetlink.h>
#include <linux/udp.h>
#include <net/gro.h>
#include <net/ip6_checksum.h>
#include <net/protocol.h>
#include <net/udp.h>
#include <net/udp_tunnel.h>

/* Source ports that stand for a flow (RFC 8086, section 3.2.1). */
#define GRETUN_UDP_FLOW_MIN 49152
#define GRETUN_UDP_FLOW_MAX 65535

/**
 * struct gretun_udp_port - a UDP port that tunnels of a netns have
 * @list: in the list of the netns
 * @gn: the netns
 * @sk: the socket that has it
 * @v6: it is one of IPv6
 * @port: its number, host byte order
 * @users: how many tunnels have it; under RTNL
 * @rcu: frees it
 */
struct gretun_udp_port {
	struct list_head list;
	struct gretun_net *gn;
	struct sock *sk;
	bool v6;
	u16 port;
	unsigned int users;
	struct rcu_head rcu;
};

/* ifindex of the device that a packet came through; in a VRF skb->dev is that. */
static u32 gretun_udp_iif(const struct gretun_udp_port *port,
			  const struct sk_buff *skb)
{
	return port->v6 ? IP6CB(skb)->iif : IPCB(skb)->iif;
}

/*
 * Read the GRE header of a packet, at its UDP header, and find its tunnel.
 *
 * Return: GRETUN_NETNS_REASON_COUNT, or why no tunnel takes it.
 */
static enum gretun_netns_reason
gretun_udp_find(const struct gretun_udp_port *port, struct sk_buff *skb,
		struct gretun_hdr *hdr, struct gretun_key *key,
		const struct gretun_conf **conf)
{
	int status = gretun_hook_parse(skb, sizeof(struct udphdr), hdr, key);

	if (status == GRETUN_HDR_VERSION)
		return GRETUN_UDP_VERSION;
	if (unlikely(status != GRETUN_HDR_OK))
		return gretun_hook_refusal(status);

	key->kind = gretun_key_kind_udp(key->kind, port->port);
	*conf = gretun_hook_lookup(port->gn, key) ?:
		gretun_signed_find(port->gn, skb, sizeof(struct udphdr), hdr,
				   key);
	if (!*conf)
		return GRETUN_UDP_KEY;
	if (!gretun_hook_bound(*conf, skb->dev, gretun_udp_iif(port, skb)))
		return GRETUN_UDP_DEV;
	return GRETUN_NETNS_REASON_COUNT;
}

/* Count a packet that no tunnel takes. It is nobody else's, so that is its end. */
static void gretun_udp_missed(const struct gretun_udp_port *port,
			      struct sk_buff *skb, struct gretun_key *key,
			      enum gretun_netns_reason reason)
{
	struct gretun_net *gn = port->gn;

	/* Without a GRE header that can be read it has no key. */
	if (key->kind == GRETUN_KEY_EXTERNAL)
		key->kind = gretun_key_kind_udp(key->kind, port->port);
	if (!gretun_lookup_known(gn, &key->pair))
		reason = GRETUN_UDP_PAIR;
	else if (reason == GRETUN_UDP_KEY && gretun_lookup_otherwise(gn, key))
		reason = GRETUN_UDP_ENCAP;
	gretun_netns_count(gn, reason);
	gretun_near_miss(gn, key, gretun_udp_iif(port, skb), reason);
	kfree_skb(skb);
}

/*
 * Take the UDP header off, and leave the packet as gretun_rx() takes it: of
 * IPv4, as long a header in front of the GRE header as that of IP is.
 */
static void gretun_udp_pull(const struct gretun_udp_port *port,
			    struct sk_buff *skb)
{
	__skb_pull(skb, sizeof(struct udphdr));
	skb_postpull_rcsum(skb, udp_hdr(skb), sizeof(struct udphdr));
	skb_reset_transport_header(skb);
	if (!port->v6)
		__skb_push(skb, ip_hdrlen(skb));
}

/*
 * encap_rcv of the socket. The stack has verified the checksum: one of 0 is none
 * for IPv4, and refused for IPv6 (RFC 8086, section 5).
 *
 * Return: 0; @skb is gone.
 */
static int gretun_udp_receive(struct sock *sk, struct sk_buff *skb)
{
	const struct gretun_udp_port *port = rcu_dereference_sk_user_data(sk);
	const struct gretun_conf *conf;
	enum gretun_netns_reason reason;
	struct gretun_key key;
	struct gretun_hdr hdr;

	if (unlikely(!port)) {
		kfree_skb(skb);
		return 0;
	}
	if (port->v6)
		gretun_key_pair6(skb, &key.pair);
	else
		gretun_key_pair4(skb, &key.pair);
	reason = gretun_udp_find(port, skb, &hdr, &key, &conf);
	if (unlikely(reason != GRETUN_NETNS_REASON_COUNT)) {
		gretun_udp_missed(port, skb, &key, reason);
		return 0;
	}
	gretun_udp_pull(port, skb);
	gretun_rx(conf, skb, &hdr, false);
	return 0;
}

/*
 * encap_err_lookup of the socket. ICMP errors are read in the hook, which asks
 * for more than the port before it believes one; the stack would not.
 *
 * Return: -ENOENT, for none that the stack is to act on.
 */
static int gretun_udp_error(struct sock *sk, struct sk_buff *skb)
{
	return -ENOENT;
}

/* What the stack does with GRE, behind a UDP header too. */
static const struct net_offload *gretun_udp_offload(const struct sock *sk)
{
	return sk->sk_family == AF_INET6 ?
	       rcu_dereference(inet6_offloads[IPPROTO_GRE]) :
	       rcu_dereference(inet_offloads[IPPROTO_GRE]);
}

static struct sk_buff *gretun_udp_gro_receive(struct sock *sk,
					      struct list_head *head,
					      struct sk_buff *skb)
{
	const struct net_offload *ops = gretun_udp_offload(sk);

	if (!ops || !ops->callbacks.gro_receive)
		return NULL;
	/* UDP and GRE are one level of tunnel, not two. */
	NAPI_GRO_CB(skb)->encap_mark = 0;
	/* GRE checksums could not be made anew behind a UDP header. */
	NAPI_GRO_CB(skb)->is_fou = 1;
	return call_gro_receive(ops->callbacks.gro_receive, head, skb);
}

/*
 * To GSO the GRE header is a part of the UDP header. That of GRE takes the type
 * away that UDP gave the packet, and the socket does not take one without.
 */
static int gretun_udp_gro_complete(struct sock *sk, struct sk_buff *skb,
				   int nhoff)
{
	const struct net_offload *ops = gretun_udp_offload(sk);
	const struct udphdr *uh;
	int err;

	if (!ops || !ops->callbacks.gro_complete)
		return -ENOENT;
	err = ops->callbacks.gro_complete(skb, nhoff);
	uh = (const struct udphdr *)(skb->data + nhoff) - 1;
	skb_shinfo(skb)->gso_type &= ~SKB_GSO_GRE;
	skb_shinfo(skb)->gso_type |= uh->check ? SKB_GSO_UDP_TUNNEL_CSUM :
						 SKB_GSO_UDP_TUNNEL;
	return err;
}

static int gretun_udp_open(struct gretun_udp_port *port)
{
	struct udp_tunnel_sock_cfg tunnel = {
		.sk_user_data = port,
		/* Any number but 0 will do. */
		.encap_type = 1,
		.encap_rcv = gretun_udp_receive,
		.encap_err_lookup = gretun_udp_error,
		.gro_receive = gretun_udp_gro_receive,
		.gro_complete = gretun_udp_gro_complete,
	};
	struct udp_port_cfg cfg = {
		.family = port->v6 ? AF_INET6 : AF_INET,
		.local_udp_port = htons(port->port),
		.use_udp_checksums = 1,
		.use_udp6_tx_checksums = 1,
		.use_udp6_rx_checksums = 1,
		.ipv6_v6only = port->v6,
	};
	struct socket *sock;
	int err;

	err = udp_sock_create(port->gn->net, &cfg, &sock);
	if (err)
		return err;
	port->sk = sock->sk;
	setup_udp_tunnel_sock(port->gn->net, gretun_compat_udp_sock(port->sk),
			      &tunnel);
	return 0;
}

static struct gretun_udp_port *gretun_udp_port(struct gretun_net *gn, bool v6,
					       u16 number)
{
	struct gretun_udp_port *port;

	list_for_each_entry_rcu(port, &gn->udp_ports, list,
				lockdep_rtnl_is_held())
		if (port->v6 == v6 && port->port == number)
			return port;
	return NULL;
}

/**
 * gretun_udp_get - have the UDP port of a tunnel, if it has one
 * @gn: netns of its outer packets
 * @params: its parameters
 *
 * Context: process, RTNL held, may sleep.
 * Return: 0, -EADDRINUSE if somebody else has it, or another negative error
 * code.
 */
int gretun_udp_get(struct gretun_net *gn, const struct gretun_params *params)
{
	struct gretun_udp_port *port;
	int err;

	ASSERT_RTNL();
	if (params->encap != GRETUN_ENCAP_UDP)
		return 0;
	port = gretun_udp_port(gn, params->v6, params->encap_port);
	if (port) {
		port->users++;
		return 0;
	}

	port = kzalloc(sizeof(*port), GFP_KERNEL);
	if (!port)
		return -ENOMEM;
	port->gn = gn;
	port->v6 = params->v6;
	port->port = params->encap_port;
	port->users = 1;
	err = gretun_udp_open(port);
	if (err) {
		kfree(port);
		return err;
	}
	list_add_rcu(&port->list, &gn->udp_ports);
	return 0;
}

/**
 * gretun_udp_put - undo gretun_udp_get()
 * @gn: netns of the tunnel's outer packets
 * @params: the tunnel's parameters
 *
 * Context: process, RTNL held, may sleep.
 */
void gretun_udp_put(struct gretun_net *gn, const struct gretun_params *params)
{
	struct gretun_udp_port *port;

	ASSERT_RTNL();
	if (params->encap != GRETUN_ENCAP_UDP)
		return;
	port = gretun_udp_port(gn, params->v6, params->encap_port);
	if (--port->users)
		return;
	list_del_rcu(&port->list);
	udp_tunnel_sock_release(gretun_compat_udp_sock(port->sk));
	kfree_rcu(port, rcu);
}

/**
 * gretun_udp_has_port - is that a UDP port of a tunnel?
 * @gn: netns of its outer packets
 * @v6: it is one of IPv6
 * @port: its number, network byte order
 *
 * Context: RCU read lock held.
 * Return: true if it is.
 */
bool gretun_udp_has_port(struct gretun_net *gn, bool v6, __be16 port)
{
	return gretun_udp_port(gn, v6, ntohs(port));
}

/**
 * gretun_udp_ports - the UDP ports of a tunnel's outer packets
 * @params: the tunnel's parameters
 * @source: gets the source port, network byte order; 0: by the inner flow, or
 *	there is no UDP
 * @dest: gets the destination port, the same; 0 without UDP
 *
 * Context: any.
 */
void gretun_udp_ports(const struct gretun_params *params, __be16 *source,
		      __be16 *dest)
{
	/* Who was found behind a NAT knows one port, and that is what answers. */
	*source = htons(params->peer_port ? params->encap_port :
					    params->encap_source_port);
	*dest = htons(params->peer_port ?: params->encap_port);
}

/* The sum of a packet that goes out in one piece, or what segments begin with. */
static void gretun_udp_csum(struct sk_buff *skb,
			    const struct gretun_encap *encap)
{
	if (encap->v6)
		udp6_set_csum(false, skb, &encap->ip6h.saddr,
			      &encap->ip6h.daddr, skb->len);
	else
		udp_set_csum(false, skb, encap->iph.saddr, encap->iph.daddr,
			     skb->len);
}

/**
 * gretun_udp_push - put the UDP header in front of the GRE header
 * @skb: packet from its GRE header on, its network header the inner one
 * @encap: its headers, with UDP
 * @net: netns of the outer packets
 *
 * There always is a checksum, which covers the addresses too (RFC 8086,
 * section 5).
 *
 * Context: bottom halves off.
 */
void gretun_udp_push(struct sk_buff *skb, const struct gretun_encap *encap,
		     struct net *net)
{
	__be16 source = encap->udp_source ?:
			udp_flow_src_port(net, skb, GRETUN_UDP_FLOW_MIN,
					  GRETUN_UDP_FLOW_MAX, false);
	struct udphdr *uh = __skb_push(skb, sizeof(*uh));

	skb_reset_transport_header(skb);
	uh->source = source;
	uh->dest = encap->udp_dest;
	uh->len = htons(skb->len);
	gretun_udp_csum(skb, encap);
}
