/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Every reason for which gretun does not deliver or send a packet, and every
 * kind of ICMP error about one. The counters, their names on netlink and the
 * texts of the command line tool all come from these lists; nothing else names
 * a reason.
 *
 * An entry is X(SYMBOL, "name on netlink", "what happened, for a person",
 * "the likely cause", "the next step"). In the last two, NAME, LOCAL and REMOTE
 * stand for those of the tunnel.
 */
#ifndef GRETUN_DROP_H
#define GRETUN_DROP_H

/* Packets of one tunnel. They are dropped; the counter is the tunnel's. */
#define GRETUN_TUNNEL_REASONS(X)					\
	X(RX_DOWN, "rx-down",						\
	  "received while the tunnel device was down",			\
	  "the device was set down here, and the peer goes on",		\
	  "ip link set NAME up")					\
	X(RX_POLICY, "rx-policy",					\
	  "received outside IPsec, which a policy asks for",		\
	  "the peer sends without the IPsec protection wanted here",	\
	  "compare ip xfrm policy and ip xfrm state at both ends")	\
	X(RX_TRUNCATED, "rx-truncated",					\
	  "received with an inner IP header cut short",			\
	  "something on the way cuts packets, or the peer builds them wrong", \
	  "look at their length: tcpdump -nvi any proto 47 and host REMOTE") \
	X(RX_PROTOCOL, "rx-protocol",					\
	  "received with a payload that is neither IPv4 nor IPv6",	\
	  "the peer's tunnel carries Ethernet (gretap, EoIP) or MPLS, not IP", \
	  "make a layer 3 tunnel of it at the peer")			\
	X(RX_CHECKSUM, "rx-checksum",					\
	  "received with a wrong GRE checksum",				\
	  "packets are damaged on the way, or the peer computes it wrong", \
	  "set csum off at the peer; one that is there is always verified") \
	X(RX_NO_CHECKSUM, "rx-no-checksum",				\
	  "received without the checksum that csum on requires",	\
	  "csum is on here and off at the peer",			\
	  "turn it on at the peer, or off here: gretun set NAME csum off") \
	X(RX_OLD_SEQUENCE, "rx-old-sequence",				\
	  "received late or twice, by its sequence number",		\
	  "the network reorders or repeats packets, or somebody replays them", \
	  "if the inner traffic bears disorder: gretun set NAME seq off") \
	X(RX_NO_SEQUENCE, "rx-no-sequence",				\
	  "received without the sequence number that seq on requires",	\
	  "seq is on here and off at the peer",				\
	  "turn it on at the peer, or off here: gretun set NAME seq off") \
	X(RX_UNASKED, "rx-unasked",					\
	  "received as keepalive answers, with no probe waiting for one", \
	  "an answer that came twice or late, or somebody forges them",	\
	  "see who sends them: tcpdump -nvi any proto 47 and host REMOTE") \
	X(RX_PROBES, "rx-probes",					\
	  "received as keepalive probes, more in a second than are answered", \
	  "somebody floods this host with probes, in the name of the peer", \
	  "see how many: tcpdump -ni any proto 47 and host REMOTE")	\
	X(RX_FORGED, "rx-forged",					\
	  "received as signed keepalives, with a signature that is not right", \
	  "the secrets of the ends differ, or one has none, or it is an attack", \
	  "give both the same keepalive-secret-file; compare with sha256sum") \
	X(RX_REPLAYED, "rx-replayed",					\
	  "received as signed keepalives that came late, twice or back",	\
	  "the network holds or repeats packets, or somebody replays them", \
	  "see who sends them: tcpdump -nvi any proto 47")		\
	X(RX_ECN, "rx-ecn",						\
	  "received with congestion marked on a flow without ECN",	\
	  "the peer or a router sets ECN bits of packets that do not use them", \
	  "let the peer's tunnel follow RFC 6040; a fixed TOS ends in two 0 bits") \
	X(RX_MEMORY, "rx-memory",					\
	  "received while memory was short",				\
	  "this host is short of memory for packets",			\
	  "look at free -m, and in dmesg for page allocation failures")	\
	X(RX_BACKLOG, "rx-backlog",					\
	  "received nested in other tunnels, with the queue full",	\
	  "somebody sends tunnels in tunnels faster than they are unpacked", \
	  "see who sends them: tcpdump -ni NAME proto 47")		\
	X(TX_PROTOCOL, "tx-protocol",					\
	  "not sent, as it is not a whole IPv4 or IPv6 packet",		\
	  "a program writes something else than IP packets to the device", \
	  "see what it is: tcpdump -nvi NAME")				\
	X(TX_NO_METADATA, "tx-no-metadata",				\
	  "not sent, as an external device got no peer with it",	\
	  "a route to the device has no encap, or a peer of the other family", \
	  "ip route show dev NAME; each one needs encap ip (or ip6) with dst") \
	X(TX_NO_REMOTE, "tx-no-remote",					\
	  "not sent, as remote any has no peer to send to",		\
	  "a route leads packets into a tunnel that can only receive",	\
	  "take the route away, or name a peer: gretun set NAME remote ADDR") \
	X(TX_NO_LOCAL, "tx-no-local",					\
	  "not sent, as local dev has no address to send from",		\
	  "the device is not there, or down, or its address is yet to come", \
	  "see gretun show NAME, and ip address for the device that it names") \
	X(TX_ENCAP_LIMIT, "tx-encap-limit",				\
	  "not sent, as it may not be put into another tunnel (RFC 2473)", \
	  "packets go through more tunnels in a row than the first one allows", \
	  "nest fewer tunnels, or raise encaplimit where the first one begins") \
	X(TX_NO_ANSWER, "tx-no-answer",					\
	  "not sent, as the peer does not answer keepalive probes",	\
	  "the peer is dead or cut off, or GRE does not get there and back", \
	  "see gretun show NAME; at the peer: tcpdump -nvi any proto 47") \
	X(TX_NO_ROUTE, "tx-no-route",					\
	  "not sent, as there is no route to the remote address",	\
	  "no route, or its device is down; dev and fwmark narrow the choice", \
	  "ip route get REMOTE from LOCAL, with oif for dev and mark for fwmark") \
	X(TX_LOOP, "tx-loop",						\
	  "not sent, as the route to the remote leads into a tunnel",	\
	  "a route through the tunnel covers the address of the peer",	\
	  "route the peer around it: ip route add REMOTE via GATEWAY")	\
	X(TX_TOO_BIG, "tx-too-big",					\
	  "not sent, as it does not fit the path and may not be cut",	\
	  "a sender does not shorten its packets when ICMP asks it to",	\
	  "let ICMP through to the senders; for TCP: gretun set NAME mss-clamp on") \
	X(TX_MEMORY, "tx-memory",					\
	  "not sent while memory was short",				\
	  "this host is short of memory for packets",			\
	  "look at free -m, and in dmesg for page allocation failures")	\
	X(TX_REFUSED, "tx-refused",					\
	  "refused by the firewall or a queue of the underlay",		\
	  "a rule in OUTPUT or POSTROUTING, an IPsec policy, or a full queue", \
	  "look at nft list ruleset, ip xfrm policy and tc -s qdisc")

/*
 * Packets that reached the network namespace and that no tunnel took. The
 * counter is the namespace's. Those named passed-* go on to whoever else wants
 * them (ip_gre, PPTP, or the ICMP answer of the stack).
 */
#define GRETUN_NETNS_REASONS(X)						\
	X(PASSED_PAIR, "passed-pair",					\
	  "passed on, from or to addresses of no tunnel",		\
	  "other tunnels (ip_gre, PPTP), or a peer with another address (NAT)", \
	  "compare the near misses with the addresses that gretun show has") \
	X(PASSED_KEY, "passed-key",					\
	  "passed on, the addresses are a tunnel's but not the key",	\
	  "the okey of the peer is not the ikey here",			\
	  "take the key from the near misses: gretun set NAME key K, or ikey K") \
	X(PASSED_ENCAP, "passed-encap",					\
	  "passed on, GRE without the UDP header that the tunnel asks for", \
	  "encap udp is on here and off at the peer",			\
	  "turn it on at the peer, or off here: gretun set NAME encap none") \
	X(PASSED_DEV, "passed-dev",					\
	  "passed on, came in through another device than the tunnel's", \
	  "packets come in on another way than dev says",		\
	  "gretun set NAME dev none, or change the routes at the peer")	\
	X(PASSED_VERSION, "passed-version",				\
	  "passed on, not GRE version 0",				\
	  "PPTP, which uses version 1",					\
	  "nothing, unless the peer's tunnel should not be PPTP")	\
	X(PASSED_HEADER, "passed-header",				\
	  "passed on, behind IPv6 headers that the stack must look at",	\
	  "the peer or a router adds a routing header or the like",	\
	  "see which: tcpdump -nvi any ip6; send without it")		\
	X(UDP_PAIR, "udp-pair",						\
	  "dropped, GRE in UDP from or to addresses of no tunnel",	\
	  "a peer with another address (NAT), or somebody looks for open ports", \
	  "compare the near misses with the addresses that gretun show has") \
	X(UDP_KEY, "udp-key",						\
	  "dropped, GRE in UDP with a tunnel's addresses but not the key", \
	  "the okey of the peer is not the ikey here",			\
	  "take the key from the near misses: gretun set NAME key K, or ikey K") \
	X(UDP_ENCAP, "udp-encap",					\
	  "dropped, in UDP or at a UDP port that the tunnel does not have", \
	  "encap is not the same at both ends",				\
	  "gretun set NAME encap udp port N, with the port of the near misses") \
	X(UDP_DEV, "udp-dev",						\
	  "dropped, GRE in UDP that came in through another device",	\
	  "packets come in on another way than dev says",		\
	  "gretun set NAME dev none, or change the routes at the peer")	\
	X(UDP_VERSION, "udp-version",					\
	  "dropped, in UDP and not GRE version 0",			\
	  "somebody sends something else than GRE to the port",		\
	  "see who sends it, and block it in the firewall")		\
	X(TRUNCATED, "truncated",					\
	  "dropped, with a tunnel's addresses and a GRE header cut short", \
	  "something on the way cuts packets, or it is no GRE at all",	\
	  "look at their length: tcpdump -nvi any proto 47")		\
	X(ROUTING, "routing",						\
	  "dropped, with a tunnel's addresses and GRE routing (RFC 1701)", \
	  "an attack, or very old software at the peer",		\
	  "find the sender among the near misses, and block it in the firewall") \
	X(RESERVED, "reserved",						\
	  "dropped, with a tunnel's addresses and reserved bits (RFC 2784)", \
	  "the peer speaks a dialect of GRE, or it is an attack",	\
	  "find the sender among the near misses; see tcpdump -nvi any proto 47") \
	X(FRAGMENT, "fragment",						\
	  "dropped, a fragment with a tunnel's addresses that fits no other", \
	  "fragments overlap: an attack, or a router that makes bad ones", \
	  "see who sends them: tcpdump -nvi any 'ip6[6] == 44'")	\
	X(MEMORY, "memory",						\
	  "dropped, with a tunnel's addresses, while memory was short",	\
	  "this host is short of memory for packets",			\
	  "look at free -m, and in dmesg for page allocation failures")	\
	X(CONNTRACK, "conntrack",					\
	  "dropped by connection tracking, which could not keep the flow", \
	  "the table of connections is full",				\
	  "look at conntrack -S; raise net.netfilter.nf_conntrack_max")	\
	X(ICMP_UNMATCHED, "icmp-unmatched",				\
	  "ICMP errors ignored, quoting a packet that no tunnel sent",	\
	  "about packets of others, of a tunnel that is gone, or forged", \
	  "if there are many, see who sends them: tcpdump -nvi any icmp or icmp6") \
	X(ICMP_INVALID, "icmp-invalid",					\
	  "ICMP errors ignored, damaged or with an MTU that cannot be",	\
	  "damaged on the way, or forged",				\
	  "if there are many, see who sends them: tcpdump -nvi any icmp or icmp6")

/*
 * ICMP errors about the outer packets of a tunnel, counted for the tunnel. The
 * packets themselves were sent, and are in no other counter.
 */
#define GRETUN_ICMP_KINDS(X)						\
	X(TOO_BIG, "too-big",						\
	  "a router on the way needs shorter packets",			\
	  "the path has a link with a smaller MTU; now and then that is normal", \
	  "none while TCP works; if it hangs: gretun set NAME mss-clamp on") \
	X(NET_UNREACHABLE, "net-unreachable",				\
	  "a router on the way has no route to the remote address",	\
	  "the network of the peer is cut off, or remote is wrong",	\
	  "see where it ends: traceroute REMOTE")			\
	X(HOST_UNREACHABLE, "host-unreachable",				\
	  "the last router does not reach the remote host",		\
	  "the peer is off, or has another address now",		\
	  "ask the peer; see where it ends: traceroute REMOTE")		\
	X(PROTOCOL_UNREACHABLE, "protocol-unreachable",			\
	  "the remote host has no such tunnel, or no GRE at all",	\
	  "the peer has no tunnel with these addresses and this key",	\
	  "make it there, with local REMOTE remote LOCAL and the same key") \
	X(PROHIBITED, "prohibited",					\
	  "a firewall on the way or at the remote host refused a packet", \
	  "a firewall does not let IP protocol 47 (encap udp: the port) through", \
	  "allow it between LOCAL and REMOTE where the sender says no")	\
	X(TTL_EXCEEDED, "ttl-exceeded",					\
	  "the TTL did not last to the remote host, or packets circle",	\
	  "two routers send packets back and forth, or ttl is too small", \
	  "see where it ends: traceroute REMOTE; then gretun set NAME ttl 64") \
	X(REASSEMBLY, "reassembly",					\
	  "a fragment got lost on the way",				\
	  "the outer packets are fragmented, and firewalls drop fragments", \
	  "avoid them: gretun set NAME df copy mtu auto mss-clamp on")	\
	X(PARAMETER, "parameter",					\
	  "a header could not be understood",				\
	  "somebody on the way does not know an option of the outer header", \
	  "over IPv6 try: gretun set NAME encaplimit none")		\
	X(OTHER, "other",						\
	  "another ICMP error",						\
	  "something unusual on the way",				\
	  "see what it is: tcpdump -nvi any icmp or icmp6")

#define GRETUN_REASON_ENUM(symbol, ...) GRETUN_##symbol,
#define GRETUN_REASON_NAME(symbol, name, ...) name,
#define GRETUN_ICMP_ENUM(symbol, ...) GRETUN_ICMP_KIND_##symbol,

enum gretun_tunnel_reason {
	GRETUN_TUNNEL_REASONS(GRETUN_REASON_ENUM)
	GRETUN_TUNNEL_REASON_COUNT
};

enum gretun_netns_reason {
	GRETUN_NETNS_REASONS(GRETUN_REASON_ENUM)
	GRETUN_NETNS_REASON_COUNT
};

enum gretun_icmp_kind {
	GRETUN_ICMP_KINDS(GRETUN_ICMP_ENUM)
	GRETUN_ICMP_KIND_COUNT
};

#endif /* GRETUN_DROP_H */
