/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Every reason for which gretun does not deliver or send a packet. The
 * counters, their names on netlink and the texts of the command line tool all
 * come from these two lists; nothing else names a reason.
 *
 * An entry is X(SYMBOL, "name on netlink", "what happened, for a person").
 */
#ifndef GRETUN_DROP_H
#define GRETUN_DROP_H

/* Packets of one tunnel. They are dropped; the counter is the tunnel's. */
#define GRETUN_TUNNEL_REASONS(X)					\
	X(RX_DOWN, "rx-down",						\
	  "received while the tunnel device was down")			\
	X(RX_POLICY, "rx-policy",					\
	  "received outside IPsec, which a policy asks for")		\
	X(RX_TRUNCATED, "rx-truncated",					\
	  "received with an inner IP header cut short")			\
	X(RX_PROTOCOL, "rx-protocol",					\
	  "received with a payload that is neither IPv4 nor IPv6")	\
	X(RX_CHECKSUM, "rx-checksum",					\
	  "received with a wrong GRE checksum")				\
	X(RX_NO_CHECKSUM, "rx-no-checksum",				\
	  "received without the checksum that csum on requires")	\
	X(RX_OLD_SEQUENCE, "rx-old-sequence",				\
	  "received late or twice, by its sequence number")		\
	X(RX_NO_SEQUENCE, "rx-no-sequence",				\
	  "received without the sequence number that seq on requires")	\
	X(RX_ECN, "rx-ecn",						\
	  "received with congestion marked on a flow without ECN")	\
	X(RX_MEMORY, "rx-memory",					\
	  "received while memory was short")				\
	X(RX_BACKLOG, "rx-backlog",					\
	  "received nested in other tunnels, with the queue full")	\
	X(TX_PROTOCOL, "tx-protocol",					\
	  "not sent, as it is not a whole IPv4 or IPv6 packet")		\
	X(TX_NO_METADATA, "tx-no-metadata",				\
	  "not sent, as an external device got no IPv4 peer with it")	\
	X(TX_NO_ROUTE, "tx-no-route",					\
	  "not sent, as there is no route to the remote address")	\
	X(TX_LOOP, "tx-loop",						\
	  "not sent, as the route to the remote leads into a tunnel")	\
	X(TX_TOO_BIG, "tx-too-big",					\
	  "not sent, as it does not fit the path and may not be cut")	\
	X(TX_MEMORY, "tx-memory",					\
	  "not sent while memory was short")				\
	X(TX_REFUSED, "tx-refused",					\
	  "refused by the firewall or a queue of the underlay")

/*
 * Packets that reached the network namespace and that no tunnel took. The
 * counter is the namespace's. Those named passed-* go on to whoever else wants
 * them (ip_gre, PPTP, or the ICMP answer of the stack).
 */
#define GRETUN_NETNS_REASONS(X)						\
	X(PASSED_PAIR, "passed-pair",					\
	  "passed on, from or to addresses of no tunnel")		\
	X(PASSED_KEY, "passed-key",					\
	  "passed on, the addresses are a tunnel's but not the key")	\
	X(PASSED_DEV, "passed-dev",					\
	  "passed on, came in through another device than the tunnel's") \
	X(PASSED_VERSION, "passed-version",				\
	  "passed on, not GRE version 0")				\
	X(TRUNCATED, "truncated",					\
	  "dropped, with a tunnel's addresses and a GRE header cut short") \
	X(ROUTING, "routing",						\
	  "dropped, with a tunnel's addresses and GRE routing (RFC 1701)") \
	X(RESERVED, "reserved",						\
	  "dropped, with a tunnel's addresses and reserved bits (RFC 2784)") \
	X(MEMORY, "memory",						\
	  "dropped, with a tunnel's addresses, while memory was short")	\
	X(CONNTRACK, "conntrack",					\
	  "dropped by connection tracking, which could not keep the flow")

#define GRETUN_REASON_ENUM(symbol, name, text) GRETUN_##symbol,
#define GRETUN_REASON_NAME(symbol, name, text) name,

enum gretun_tunnel_reason {
	GRETUN_TUNNEL_REASONS(GRETUN_REASON_ENUM)
	GRETUN_TUNNEL_REASON_COUNT
};

enum gretun_netns_reason {
	GRETUN_NETNS_REASONS(GRETUN_REASON_ENUM)
	GRETUN_NETNS_REASON_COUNT
};

#endif /* GRETUN_DROP_H */
