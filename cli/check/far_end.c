// SPDX-License-Identifier: GPL-2.0
/*
 * The steps outside the tunnel: whether the far end answers to ping, and what
 * ICMP said to packets of the tunnel.
 */
#include <errno.h>
#include <string.h>
#include <netinet/icmp6.h>

#include "check.h"

#define TRIES 3
#define WAIT 400 /* milliseconds */
#define PING_SIZE 84

/* What is older is history. */
#define RECENT (10 * 60 * 1000) /* milliseconds */

/**
 * probes_open() - open the socket for what goes outside the tunnel
 * @check: the check, outside
 */
void probes_open(struct check *check)
{
	const struct tunnel *tunnel = check->tunnel;

	icmp_open(&check->outer, tunnel, ip_is_ipv4(&tunnel->outer[LOCAL]),
		  tunnel->value[GRETUN_A_TUNNEL_FWMARK]);
}

/**
 * probe_not_allowed() - say that a step could not be done, if so
 * @check: the check
 * @name: the step's name
 * @icmp: the socket that it needs
 *
 * Return: whether the socket is not open.
 */
bool probe_not_allowed(struct check *check, const char *name,
		       const struct icmp_socket *icmp)
{
	if (icmp->fd > 0)
		return false;
	if (icmp->why == EPERM || icmp->why == EACCES) {
		check->unprivileged = true;
		step(check, name, SKIPPED,
		     "not done, as it needs root or CAP_NET_RAW");
	} else {
		step(check, name, SKIPPED, "not done: %s",
		     strerror(icmp->why));
	}
	return true;
}

static const struct in6_addr *next_hop(const struct check *check)
{
	return ip_is_any(&check->route.gateway) ?
		       &check->tunnel->outer[REMOTE] :
		       &check->route.gateway;
}

static bool no_neighbour(struct check *check)
{
	const struct in6_addr *hop = next_hop(check);
	bool is_gateway = hop == &check->route.gateway;
	char ip[INET6_ADDRSTRLEN];

	if (!neighbour_failed(&check->outside, hop, check->route.oif))
		return false;
	ip_text(hop, ip);
	step(check, "ping", PROBLEM,
	     "%s, the %s, does not say where it is on %s: it is down, or not on that network",
	     ip, is_gateway ? "gateway" : "far end", check->out_dev.name);
	step_fix(check, "%s neigh show %s dev %s", check->outside.ip, ip,
		 check->out_dev.name);
	step_stops(check, is_gateway ? AT_GATEWAY : AT_REMOTE);
	return true;
}

/**
 * error_stops() - mark where an ICMP error says that packets stop
 * @check: the check; its last step is about the error
 * @sender: who sent the error
 */
void error_stops(struct check *check, const struct in6_addr *sender)
{
	const struct tunnel *tunnel = check->tunnel;

	if (ip_equal(sender, &tunnel->outer[LOCAL])) {
		step_stops(check, AT_GATEWAY);
	} else if (ip_equal(sender, &tunnel->outer[REMOTE])) {
		step_reached(check, AT_REMOTE);
		step_stops(check, AT_INNER);
	} else if (ip_equal(sender, &check->route.gateway)) {
		step_reached(check, AT_GATEWAY);
		step_stops(check, AT_REMOTE);
	} else {
		check->router = *sender;
		step_reached(check, AT_ROUTER);
		step_stops(check, AT_REMOTE);
	}
}

/* An error tells more than silence. Returns whether there is one. */
static bool refused_ping(struct check *check)
{
	char ip[INET6_ADDRSTRLEN], sender[INET6_ADDRSTRLEN];
	const struct icmp_socket *icmp = &check->outer;
	const struct in6_addr *remote = &check->tunnel->outer[REMOTE];
	const struct icmp_error *error = NULL;
	enum gretun_icmp_kind kind;

	for (size_t i = 0; i < icmp->errors && !error; i++) {
		if (!icmp->error[i].about_gre)
			error = &icmp->error[i];
	}
	if (!error)
		return false;
	kind = icmp_kind(error, remote);
	ip_text(remote, ip);
	ip_text(&error->sender, sender);
	switch (kind) {
	case GRETUN_ICMP_KIND_NET_UNREACHABLE:
	case GRETUN_ICMP_KIND_HOST_UNREACHABLE:
	case GRETUN_ICMP_KIND_TTL_EXCEEDED:
		step(check, "ping", PROBLEM,
		     "%s is not reached: %s, says %s (%s)", ip,
		     icmp_kinds[kind].text, sender, icmp_kinds[kind].name);
		step_fix(check, "%straceroute -n %s", check->outside.exec, ip);
		error_stops(check, &error->sender);
		break;
	default:
		step(check, "ping", WARNING,
		     "%s refuses ping to %s (%s); it may let GRE through all the same",
		     sender, ip, icmp_kinds[kind].name);
		if (ip_equal(&error->sender, remote)) {
			step_reached(check, AT_REMOTE);
			check->heard = true;
		}
	}
	return true;
}

static void no_answer(struct check *check)
{
	char ip[INET6_ADDRSTRLEN];

	if (refused_ping(check) || no_neighbour(check))
		return;
	if (!ip_is_any(&check->route.gateway))
		step_reached(check, AT_GATEWAY);
	step(check, "ping", WARNING,
	     "%s does not answer; it may be down, or something on the way may filter ping",
	     ip_text(&check->tunnel->outer[REMOTE], ip));
	step_fix(check, "%straceroute -n %s", check->outside.exec, ip);
}

/**
 * check_ping() - check that the far end answers, outside the tunnel
 * @check: the check; there is a route
 */
void check_ping(struct check *check)
{
	const struct tunnel *tunnel = check->tunnel;
	struct echo_path path = {
		.from = tunnel->outer[LOCAL],
		.to = tunnel->outer[REMOTE],
		.dev = tunnel->value[GRETUN_A_TUNNEL_LINK],
	};
	struct icmp_socket *icmp = &check->outer;
	char ip[INET6_ADDRSTRLEN];
	enum echo echo = SILENCE;

	if (probe_not_allowed(check, "ping", icmp))
		return;
	for (int i = 0; i < TRIES && echo == SILENCE && !icmp->errors; i++)
		echo = icmp_echo(icmp, &path, PING_SIZE, false, WAIT);
	ip_text(&path.to, ip);
	if (echo == ANSWERED) {
		step(check, "ping", FINE, "%s answers in %u.%u ms", ip,
		     icmp->rtt / 1000, icmp->rtt / 100 % 10);
		step_reached(check, AT_REMOTE);
		check->heard = true;
	} else if (echo == NOT_SENT && errno == EPERM) {
		step(check, "ping", WARNING,
		     "this host's firewall lets no ping out to %s", ip);
	} else if (echo == NOT_SENT) {
		step(check, "ping", WARNING, "%s could not be pinged: %s", ip,
		     strerror(errno));
	} else {
		no_answer(check);
	}
}

/* The step "returns" has said what came to the probes. */
static bool said_already(const struct check *check, enum gretun_icmp_kind kind,
			 const struct in6_addr *sender)
{
	const struct icmp_socket *icmp = &check->outer;

	for (size_t i = 0; i < icmp->errors && check->refused; i++) {
		const struct icmp_error *error = &icmp->error[i];

		if (error->about_gre && ip_equal(&error->sender, sender) &&
		    icmp_kind(error, &check->tunnel->outer[REMOTE]) == kind)
			return true;
	}
	return false;
}

/**
 * check_icmp() - check which ICMP errors the module counted
 * @check: the check, after the probes
 *
 * Where the tunnel works only those of now matter.
 */
void check_icmp(struct check *check)
{
	bool works = check->reached == AT_INNER;
	uint64_t recent = works ? now() - check->started : RECENT;
	bool any = check->refused;

	for (int i = 0; i < GRETUN_ICMP_KIND_COUNT; i++) {
		const struct icmp_errors *errors =
			&check->tunnel->counters.icmp[i];
		char sender[INET6_ADDRSTRLEN], when[32];

		if (!errors->packets || errors->age > recent ||
		    said_already(check, i, &errors->sender))
			continue;
		any = true;
		step(check, "icmp",
		     i == GRETUN_ICMP_KIND_TOO_BIG ? FINE : WARNING,
		     "%s, says %s (%s, %llu so far, the last %s)",
		     icmp_kinds[i].text, ip_text(&errors->sender, sender),
		     icmp_kinds[i].name, (unsigned long long)errors->packets,
		     ago(errors->age, when, sizeof(when)));
		if (i != GRETUN_ICMP_KIND_TOO_BIG)
			step_fix(check, "%s stats %s --explain",
				 check->inside.gretun, check->name);
	}
	if (!any)
		step(check, "icmp", FINE,
		     "no router or host complained of packets of the tunnel lately");
}
