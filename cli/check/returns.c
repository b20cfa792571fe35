// SPDX-License-Identifier: GPL-2.0
/*
 * The step through the tunnel: whether something of the far end's comes back,
 * and if not, what became of it.
 */
#include <arpa/inet.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <poll.h>

#include "check.h"

/* So many addresses at the other end are tried, and each so often. */
#define PEERS 3
#define TRIES 3
#define WAIT 400	   /* milliseconds */
#define KEEPALIVE_WAIT 600 /* milliseconds */
#define PING_SIZE 84

/* Of the whole check; see check_returns(). */
static const char name[] = "returns";

/* What to do about the counters that an option moves. */
static const struct {
	enum gretun_tunnel_reason reason;
	const char *option;
} options[] = {
	{ GRETUN_RX_NO_CHECKSUM, "csum off" },
	{ GRETUN_RX_NO_SEQUENCE, "seq off" },
};

/* The other address of a prefix that has two, or the peer that is set. */
static bool other_end(const struct address *address, struct echo_path *path)
{
	int host_bits = (address->family == AF_INET ? 32 : 128) -
			address->prefixlen;
	uint8_t *last = &path->to.s6_addr[15];
	uint8_t number;

	address_ip(address, false, &path->from);
	address_ip(address, true, &path->to);
	if (!ip_is_any(&path->to))
		return true;
	path->to = path->from;
	number = *last & 3;
	if (host_bits == 1) {
		*last ^= 1;
		return true;
	}
	/* The first of four is the network, the last one is for broadcast. */
	if (host_bits == 2 && number && number < 3) {
		*last ^= 3;
		return true;
	}
	ip_any(false, &path->to);
	return false;
}

/* Set a path to whoever is at the other end, by its link-local address. */
static bool all_nodes(const struct address *address, struct echo_path *path)
{
	address_ip(address, false, &path->from);
	if (!IN6_IS_ADDR_LINKLOCAL(&path->from))
		return false;
	inet_pton(AF_INET6, "ff02::1", &path->to);
	return true;
}

static bool try_path(struct check *check, const struct echo_path *path)
{
	struct icmp_socket *icmp = &check->inner;
	enum echo echo = SILENCE;

	icmp_close(icmp);
	icmp_open(icmp, check->tunnel, ip_is_ipv4(&path->to), 0);
	for (int i = 0; i < TRIES && echo == SILENCE; i++)
		echo = icmp_echo(icmp, path, PING_SIZE, false, WAIT);
	if (echo != ANSWERED)
		return false;
	check->through = *path;
	check->through.to = icmp->from;
	return true;
}

/* Ping what is, or should be, at the other end of the tunnel. */
static bool ping_through(struct check *check)
{
	const struct tunnel *tunnel = check->tunnel;
	struct echo_path path = {
		.dev = tunnel->value[GRETUN_A_TUNNEL_IFINDEX],
	};
	int tried = 0;

	for (size_t i = 0; i < tunnel->address_count && tried < PEERS; i++) {
		if (!other_end(&tunnel->address[i], &path))
			continue;
		if (ip_is_any(&check->peer))
			check->peer = path.to;
		tried++;
		if (try_path(check, &path))
			return true;
	}
	for (size_t i = 0; i < tunnel->address_count; i++) {
		if (all_nodes(&tunnel->address[i], &path) &&
		    try_path(check, &path))
			return true;
	}
	return false;
}

static bool read_counters(struct check *check, struct counters *counters)
{
	struct tunnel_list list;
	bool good;

	good = !tunnels_get(&check->conn, check->name, true, &list) &&
	       list.count;
	if (good)
		*counters = list.tunnel[0].counters;
	tunnel_list_free(&list);
	return good;
}

/* Returns whether keepalives come back. */
static bool keepalive(struct check *check)
{
	uint64_t end = now() + KEEPALIVE_WAIT;
	struct counters before, after;
	bool sent = false;

	/* One without a number would be dropped; any number is a wrong one. */
	if (check->tunnel->value[GRETUN_A_TUNNEL_SEQ] ||
	    !read_counters(check, &before) || !go_outside(check))
		return false;
	for (int i = 0; i < TRIES; i++)
		sent = keepalive_send(check) || sent;
	go_inside(check);
	while (sent && now() < end) {
		poll(NULL, 0, 50);
		if (!read_counters(check, &after))
			return false;
		if (after.reason[GRETUN_RX_UNASKED] >
		    before.reason[GRETUN_RX_UNASKED])
			return true;
	}
	return false;
}

static void fix_far_end(struct check *check)
{
	char local[INET6_ADDRSTRLEN], remote[INET6_ADDRSTRLEN];
	const struct tunnel *tunnel = check->tunnel;
	char keys[64] = "";
	size_t len = 0;

	if (tunnel->present & BIT(GRETUN_A_TUNNEL_OKEY))
		len = snprintf(keys, sizeof(keys), " ikey %u",
			       tunnel->value[GRETUN_A_TUNNEL_OKEY]);
	if (tunnel->present & BIT(GRETUN_A_TUNNEL_IKEY))
		snprintf(keys + len, sizeof(keys) - len, " okey %u",
			 tunnel->value[GRETUN_A_TUNNEL_IKEY]);
	step_fix(check, "at the far end: gretun add %s local %s remote %s%s",
		 check->name, ip_text(&tunnel->outer[REMOTE], remote),
		 ip_text(&tunnel->outer[LOCAL], local), keys);
}

/* Returns whether ICMP says why nothing comes back. */
static bool refused_gre(struct check *check)
{
	const struct in6_addr *remote = &check->tunnel->outer[REMOTE];
	char ip[INET6_ADDRSTRLEN], sender[INET6_ADDRSTRLEN];
	struct icmp_socket *icmp = &check->outer;
	const struct icmp_error *error = NULL;
	enum gretun_icmp_kind kind;

	icmp_drain(icmp);
	for (size_t i = 0; i < icmp->errors; i++) {
		if (icmp->error[i].about_gre && !icmp->error[i].mtu)
			error = &icmp->error[i];
	}
	if (!error)
		return false;
	check->refused = true;
	kind = icmp_kind(error, remote);
	ip_text(&error->sender, sender);
	ip_text(remote, ip);
	if (kind == GRETUN_ICMP_KIND_PROTOCOL_UNREACHABLE) {
		step(check, name, PROBLEM,
		     "%s refuses what the tunnel sends: it has no tunnel for this host with %s, or no GRE at all (%s)",
		     ip,
		     check->tunnel->present & BIT(GRETUN_A_TUNNEL_OKEY) ?
			     "this key" :
			     "no key",
		     icmp_kinds[kind].name);
		fix_far_end(check);
		check->heard = true;
	} else {
		step(check, name, PROBLEM,
		     "what the tunnel sends does not get to %s: %s, says %s (%s)",
		     ip, icmp_kinds[kind].text, sender, icmp_kinds[kind].name);
		step_fix(check, "%straceroute -n %s", check->outside.exec, ip);
	}
	error_stops(check, &error->sender);
	return true;
}

/* Returns whether a counter says why nothing comes back. */
static bool counted(struct check *check, const struct counters *before,
		    const struct counters *after)
{
	for (size_t i = 0; i < GRETUN_TUNNEL_REASON_COUNT; i++) {
		const struct reason *reason = &tunnel_reasons[i];
		bool sent = strncmp(reason->name, "tx-", 3) == 0;
		const char *option = NULL;

		if (after->reason[i] == before->reason[i] ||
		    i == GRETUN_RX_PROTOCOL || i == GRETUN_RX_UNASKED ||
		    i == GRETUN_TX_TOO_BIG)
			continue;
		for (size_t j = 0; j < ARRAY_SIZE(options); j++) {
			if (options[j].reason == i)
				option = options[j].option;
		}
		step(check, name, PROBLEM, "%s is dropped here, %s: %s",
		     sent ? "what the tunnel sends" : "what comes back",
		     reason->name, reason->text);
		if (option)
			step_fix(check, "%s set %s %s", check->inside.gretun,
				 check->name, option);
		else
			step_fix(check, "%s stats %s --explain",
				 check->inside.gretun, check->name);
		step_stops(check, sent ? AT_GATEWAY : AT_INNER);
		check->heard = check->heard || !sent;
		return true;
	}
	return false;
}

static void say_nothing(struct check *check)
{
	char peer[INET6_ADDRSTRLEN], remote[INET6_ADDRSTRLEN], what[24];
	uint32_t port = check->tunnel->value[GRETUN_A_TUNNEL_ENCAP_PORT];

	ip_text(&check->tunnel->outer[REMOTE], remote);
	if (ip_is_any(&check->peer) && check->heard) {
		step(check, name, WARNING,
		     "it cannot be told whether the far end has the tunnel: the other end's inner address is not known, and keepalives do not come back; ping something behind it");
		return;
	}
	if (ip_is_any(&check->peer)) {
		step(check, name, PROBLEM,
		     "the far end could not be made to answer: neither to ping, nor to keepalives through the tunnel");
		step_stops(check, AT_REMOTE);
	} else {
		step(check, name, PROBLEM,
		     "silence: %s does not answer through the tunnel, nor does anything else; the far end may have no such tunnel, another key or a firewall",
		     ip_text(&check->peer, peer));
		step_stops(check, AT_INNER);
	}
	if (port)
		snprintf(what, sizeof(what), "udp port %u", port);
	else
		snprintf(what, sizeof(what), "ip%s proto 47",
			 ip_is_ipv4(&check->tunnel->outer[REMOTE]) ? "" : "6");
	if (*check->out_dev.name)
		step_fix(check, "%stcpdump -ni %s %s and host %s",
			 check->outside.exec, check->out_dev.name, what, remote);
	else
		step_fix(check, "%s stats %s --explain", check->inside.gretun,
			 check->name);
}

/* What comes of ping outside does not matter then. */
static void answered(struct check *check)
{
	const struct icmp_socket *icmp = &check->inner;
	char peer[INET6_ADDRSTRLEN];

	step(check, name, FINE, "%s answers through the tunnel in %u.%u ms",
	     ip_text(&check->through.to, peer), icmp->rtt / 1000,
	     icmp->rtt / 100 % 10);
	step_reached(check, AT_INNER);
	step_settle(check, "ping",
		    "nobody answers to ping outside the tunnel, but through it: ping is filtered");
}

/* Something comes back, but not what was asked for. */
static void other_returns(struct check *check, bool echo)
{
	const char *what = echo ? "keepalives come back" :
				  "GRE packets come back";
	char peer[INET6_ADDRSTRLEN];

	/*
	 * A keepalive brings its own key back. Where somebody is known who should
	 * answer and does not, it says nothing of that which the far end sends.
	 */
	if (!echo || ip_is_any(&check->peer))
		step_reached(check, AT_INNER);
	check->heard = check->heard || !echo;
	if (ip_is_any(&check->peer)) {
		step(check, name, FINE, "%s from the far end's tunnel", what);
		return;
	}
	ip_text(&check->peer, peer);
	step(check, name, WARNING,
	     "%s, but %s does not answer: the far end's tunnel has another address, or filters ping",
	     what, peer);
	step_fix(check, "at the far end: ip addr show");
}

/**
 * check_returns() - check that something comes back through the tunnel
 * @check: the check; there is a route, and the tunnel is up
 */
void check_returns(struct check *check)
{
	struct counters before, after;

	icmp_open(&check->inner, check->tunnel, true, 0);
	if (probe_not_allowed(check, name, &check->inner))
		return;
	if (!read_counters(check, &before))
		return;
	if (ping_through(check)) {
		check->heard = true;
		answered(check);
		return;
	}
	if (!read_counters(check, &after))
		return;
	if (counted(check, &before, &after))
		return;
	if (after.rx_packets > before.rx_packets)
		other_returns(check, false);
	else if (keepalive(check))
		other_returns(check, true);
	else if (!refused_gre(check))
		say_nothing(check);
}
