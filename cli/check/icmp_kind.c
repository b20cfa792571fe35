// SPDX-License-Identifier: GPL-2.0
/*
 * Sorts ICMP errors into the kinds that the module knows.
 */
#include <netinet/icmp6.h>
#include <netinet/ip_icmp.h>

#include "check.h"

static enum gretun_icmp_kind unreachable(uint8_t code)
{
	switch (code) {
	case ICMP_UNREACH_NET:
	case ICMP_UNREACH_NET_UNKNOWN:
	case ICMP_UNREACH_TOSNET:
		return GRETUN_ICMP_KIND_NET_UNREACHABLE;
	case ICMP_UNREACH_HOST:
	case ICMP_UNREACH_HOST_UNKNOWN:
	case ICMP_UNREACH_ISOLATED:
	case ICMP_UNREACH_TOSHOST:
		return GRETUN_ICMP_KIND_HOST_UNREACHABLE;
	case ICMP_UNREACH_PROTOCOL:
	case ICMP_UNREACH_PORT:
		return GRETUN_ICMP_KIND_PROTOCOL_UNREACHABLE;
	case ICMP_UNREACH_NEEDFRAG:
		return GRETUN_ICMP_KIND_TOO_BIG;
	case ICMP_UNREACH_NET_PROHIB:
	case ICMP_UNREACH_HOST_PROHIB:
	case ICMP_UNREACH_FILTER_PROHIB:
	case ICMP_UNREACH_HOST_PRECEDENCE:
	case ICMP_UNREACH_PRECEDENCE_CUTOFF:
		return GRETUN_ICMP_KIND_PROHIBITED;
	default:
		return GRETUN_ICMP_KIND_OTHER;
	}
}

static enum gretun_icmp_kind kind_of_ipv4(const struct icmp_error *error)
{
	switch (error->type) {
	case ICMP_UNREACH:
		return unreachable(error->code);
	case ICMP_TIMXCEED:
		return error->code == ICMP_TIMXCEED_INTRANS ?
			       GRETUN_ICMP_KIND_TTL_EXCEEDED :
			       GRETUN_ICMP_KIND_REASSEMBLY;
	case ICMP_PARAMPROB:
		return GRETUN_ICMP_KIND_PARAMETER;
	default:
		return GRETUN_ICMP_KIND_OTHER;
	}
}

/* The codes of ICMP6_DST_UNREACH of RFC 4443 that have no names. */
#define POLICY 5
#define REJECT_ROUTE 6

static enum gretun_icmp_kind unreachable6(uint8_t code)
{
	switch (code) {
	case ICMP6_DST_UNREACH_NOROUTE:
		return GRETUN_ICMP_KIND_NET_UNREACHABLE;
	case ICMP6_DST_UNREACH_BEYONDSCOPE:
	case ICMP6_DST_UNREACH_ADDR:
		return GRETUN_ICMP_KIND_HOST_UNREACHABLE;
	case ICMP6_DST_UNREACH_NOPORT:
		return GRETUN_ICMP_KIND_PROTOCOL_UNREACHABLE;
	case ICMP6_DST_UNREACH_ADMIN:
	case POLICY:
	case REJECT_ROUTE:
		return GRETUN_ICMP_KIND_PROHIBITED;
	default:
		return GRETUN_ICMP_KIND_OTHER;
	}
}

static enum gretun_icmp_kind kind_of_ipv6(const struct icmp_error *error)
{
	switch (error->type) {
	case ICMP6_DST_UNREACH:
		return unreachable6(error->code);
	case ICMP6_PACKET_TOO_BIG:
		return GRETUN_ICMP_KIND_TOO_BIG;
	case ICMP6_TIME_EXCEEDED:
		return error->code == ICMP6_TIME_EXCEED_TRANSIT ?
			       GRETUN_ICMP_KIND_TTL_EXCEEDED :
			       GRETUN_ICMP_KIND_REASSEMBLY;
	case ICMP6_PARAM_PROB:
		return error->code == ICMP6_PARAMPROB_NEXTHEADER ?
			       GRETUN_ICMP_KIND_PROTOCOL_UNREACHABLE :
			       GRETUN_ICMP_KIND_PARAMETER;
	default:
		return GRETUN_ICMP_KIND_OTHER;
	}
}

/**
 * icmp_kind() - sort an ICMP error
 * @error: the error
 * @remote: the far end
 *
 * Only the far end itself can have no such protocol or port; a firewall on the
 * way that says so means to refuse.
 *
 * Return: the kind.
 */
enum gretun_icmp_kind icmp_kind(const struct icmp_error *error,
				const struct in6_addr *remote)
{
	enum gretun_icmp_kind kind = ip_is_ipv4(&error->sender) ?
					     kind_of_ipv4(error) :
					     kind_of_ipv6(error);

	if (kind == GRETUN_ICMP_KIND_PROTOCOL_UNREACHABLE &&
	    !ip_equal(&error->sender, remote))
		return GRETUN_ICMP_KIND_PROHIBITED;
	return kind;
}
