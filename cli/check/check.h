/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Types and functions of gretun check, grouped by file.
 */
#ifndef GRETUN_CHECK_H
#define GRETUN_CHECK_H

#include "../cli.h"

/* What became of a step. */
enum result {
	FINE,
	WARNING,
	PROBLEM,
	SKIPPED, /* it could not be done */
};

struct step {
	const char *name;
	enum result result;
	char *text;
	char *fix; /* a command, NULL without one */
};

/* What a packet passes on its way, in this order. */
enum station {
	AT_TUNNEL,
	AT_LOCAL,
	AT_GATEWAY,
	AT_ROUTER, /* that sent an ICMP error */
	AT_REMOTE,
	AT_INNER, /* the other end of the tunnel */
	STATION_COUNT
};

struct device {
	uint32_t ifindex; /* 0: it is not there */
	char name[IFNAMSIZ];
	char kind[16];
	uint32_t flags;	 /* IFF_* */
	uint32_t mtu;	 /* in bytes */
	uint32_t master; /* ifindex, 0 without one */
};

/* What the kernel is asked about a route. Addresses that are :: are not told. */
struct route_query {
	struct in6_addr dst;
	struct in6_addr src;
	uint32_t oif;
	uint32_t iif; /* for a received packet, 0 for one of this host */
	uint32_t mark;
};

struct route {
	int error; /* errno; then the rest is not there */
	uint32_t oif;
	uint8_t type; /* RTN_* */
	bool learned; /* the MTU, from ICMP */
	uint32_t mtu; /* in bytes, 0: the device's */
	uint32_t table;
	uint8_t prefixlen;
	struct in6_addr prefix;	 /* of the entry in the table */
	struct in6_addr gateway; /* :: without one */
	struct in6_addr source;	 /* that the kernel would take */
};

/* A network namespace, and how commands begin that work there. */
struct place {
	int file; /* -1: it is not known */
	char gretun[80];
	char ip[80];
	char exec[80];
	struct conn route; /* rtnetlink */
	struct tunnel_list addresses;
};

/* An ICMP error that came back. */
struct icmp_error {
	struct in6_addr sender;
	uint8_t type;
	uint8_t code;
	uint32_t mtu;	/* of too big */
	bool about_gre; /* else about an echo request */
};

#define ICMP_ERRORS 8

/* The two ends of an echo request. */
struct echo_path {
	struct in6_addr from, to;
	uint32_t dev; /* to send through, 0 for any */
};

/* An echo request, as both versions of ICMP have it. */
struct echo_packet {
	uint8_t type;
	uint8_t code;
	uint16_t checksum;
	uint16_t id;
	uint16_t sequence; /* network byte order */
	uint64_t nonce;
} __attribute__((packed));

/* What came of an echo request. */
enum echo {
	ANSWERED,
	TOO_LONG, /* this host or a router on the way says */
	SILENCE,
	NOT_SENT, /* see errno */
};

/* A socket for ICMP, and what came in through it. */
struct icmp_socket {
	int fd;	   /* 0: not open */
	int why;   /* errno, if it could not be opened */
	bool ipv4; /* else IPv6 */
	uint16_t id;
	uint16_t sequence; /* of the last request */
	uint64_t nonce;	   /* in each of them */
	const struct tunnel *tunnel;

	/* Of the last request: */
	struct in6_addr own;  /* who sent it */
	struct in6_addr from; /* who answered */
	uint32_t rtt;	      /* in microseconds */
	uint32_t mtu;	      /* that is said to be the limit, 0 if none is */

	struct icmp_error error[ICMP_ERRORS];
	size_t errors;
};

struct check {
	const struct context *ctx;
	const char *name;	  /* of the tunnel */
	struct tunnel_list list;  /* all tunnels */
	struct tunnel *tunnel;	  /* that is checked */
	struct conn conn;	  /* to the module, where the device is */
	struct conn outside_conn; /* to the module, where outer packets are */
	bool moved;		  /* away from its outer packets */
	bool has_remote;	  /* one peer, which is known */

	struct place inside;  /* where the device is */
	struct place outside; /* where its outer packets are */

	struct device local_dev; /* that has the local address */
	struct device out_dev;	 /* that the route leads to */
	struct route route;	 /* to the remote address */
	bool routed;		 /* it leads there */
	uint32_t route_mtu;

	struct icmp_socket outer;
	struct icmp_socket inner;
	struct echo_path through; /* an inner address that answers, :: without */
	struct in6_addr peer;	  /* an inner address that should, :: without */
	uint32_t largest;	  /* that crosses the tunnel, 0: not known */
	bool told;		  /* that what is longer does not */
	uint32_t rtt;		  /* through the tunnel, in microseconds */
	bool unprivileged;	  /* a probe needed root */
	bool refused;		  /* what the tunnel sent, with ICMP */
	bool heard;		  /* something came from the far end */
	uint64_t martians;	  /* that rp_filter dropped before */

	struct step *step;
	size_t steps;
	struct in6_addr router; /* AT_ROUTER, :: without */
	enum station reached;
	enum station stops; /* before this one; STATION_COUNT: nowhere */
	size_t why;	    /* the step that says so */
	uint64_t started;   /* see now() */
	uint64_t deadline;  /* the same */
};

/* step.c */
void step(struct check *check, const char *name, enum result result,
	  const char *format, ...) __attribute__((format(printf, 4, 5)));
void step_fix(struct check *check, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
void step_stops(struct check *check, enum station before);
void step_settle(struct check *check, const char *name, const char *text);
void step_reached(struct check *check, enum station station);
bool step_failed(const struct check *check);
void steps_print(const struct check *check);
struct json_object *steps_json(const struct check *check);
void steps_free(struct check *check);

/* path.c */
void path_print(const struct check *check);
struct json_object *path_json(const struct check *check);

/* place.c */
enum status places_open(struct check *check);
void places_close(struct check *check);
bool go_outside(struct check *check);
void go_inside(struct check *check);
bool read_number(const char *path, uint64_t *out);

/* netlink.c */
void address_ip(const struct address *address, bool peer, struct in6_addr *out);
void device_get(struct place *place, uint32_t ifindex, struct device *device);
void route_get(struct place *place, const struct route_query *query,
	       struct route *route);
bool neighbour_failed(struct place *place, const struct in6_addr *address,
		      uint32_t ifindex);
size_t routes_through(struct place *place, uint32_t ifindex, int family,
		      char *first, size_t size);

/* tunnel.c */
bool check_module(struct check *check);
bool check_tunnel(struct check *check);

/* local.c */
void check_local(struct check *check);

/* route.c */
void check_route(struct check *check);
void check_mtu(struct check *check);

/* sysctl.c */
void check_rp_filter(struct check *check);
void check_rp_filter_after(struct check *check);
void check_forwarding(struct check *check);

/* icmp_take.c */
bool icmp_take(struct icmp_socket *icmp, const uint8_t *data, size_t len,
	       const struct in6_addr *sender, enum echo *echo);

/* icmp.c */
uint64_t now(void);
void icmp_open(struct icmp_socket *icmp, const struct tunnel *tunnel,
	       bool ipv4, uint32_t mark);
void icmp_close(struct icmp_socket *icmp);
enum echo icmp_echo(struct icmp_socket *icmp, const struct echo_path *path,
		    uint32_t size, bool whole, int wait);
void icmp_drain(struct icmp_socket *icmp);

/* icmp_kind.c */
enum gretun_icmp_kind icmp_kind(const struct icmp_error *error,
				const struct in6_addr *remote);

/* far_end.c */
void probes_open(struct check *check);
bool probe_not_allowed(struct check *check, const char *name,
		       const struct icmp_socket *icmp);
void error_stops(struct check *check, const struct in6_addr *sender);
void check_ping(struct check *check);
void check_icmp(struct check *check);

/* returns.c */
void check_returns(struct check *check);

/* keepalive.c */
bool keepalive_send(const struct check *check);

/* near.c */
void check_near_misses(struct check *check);

/* path_mtu.c */
void check_path_mtu(struct check *check);

/* firewall.c */
void check_firewall(struct check *check);

#endif /* GRETUN_CHECK_H */
