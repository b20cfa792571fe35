// SPDX-License-Identifier: GPL-2.0
/*
 * What ICMP brings: answers to echo requests, and errors about those or about
 * packets of the tunnel. All else that a host gets is left.
 */
#include <string.h>
#include <netinet/icmp6.h>
#include <netinet/ip.h>
#include <netinet/ip6.h>
#include <netinet/ip_icmp.h>

#include "check.h"

#define ICMP_HEADER 8

static void keep_error(struct icmp_socket *icmp, const struct icmp_error *error)
{
	for (size_t i = 0; i < icmp->errors; i++) {
		const struct icmp_error *other = &icmp->error[i];

		if (ip_equal(&other->sender, &error->sender) &&
		    other->type == error->type && other->code == error->code &&
		    other->about_gre == error->about_gre)
			return;
	}
	if (icmp->errors < ICMP_ERRORS)
		icmp->error[icmp->errors++] = *error;
}

static bool is_ours(const struct icmp_socket *icmp, const void *data,
		    size_t len, uint16_t *sequence)
{
	struct echo_packet request;

	if (len < ICMP_HEADER)
		return false;
	memcpy(&request, data, ICMP_HEADER);
	if (request.id != icmp->id)
		return false;
	*sequence = ntohs(request.sequence);
	return true;
}

/* Whether that behind an IP header is GRE, in UDP if the tunnel is. */
static bool of_tunnel(const struct tunnel *tunnel, uint8_t protocol,
		      const uint8_t *data, size_t len)
{
	uint16_t ports[2];

	if (!tunnel->value[GRETUN_A_TUNNEL_ENCAP])
		return protocol == IPPROTO_GRE;
	if (protocol != IPPROTO_UDP || len < sizeof(ports))
		return false;
	memcpy(ports, data, sizeof(ports));
	return ntohs(ports[1]) == tunnel->value[GRETUN_A_TUNNEL_ENCAP_PORT];
}

/* Whether a packet that an error quotes is of ours, or of the tunnel's. */
static bool about_us(const struct icmp_socket *icmp, const uint8_t *quote,
		     size_t len, struct icmp_error *error, uint16_t *sequence)
{
	size_t header = icmp->ipv4 ? sizeof(struct ip) : sizeof(struct ip6_hdr);
	struct in6_addr src, dst;
	uint8_t protocol;

	if (len < header)
		return false;
	ip_any(icmp->ipv4, &src);
	ip_any(icmp->ipv4, &dst);
	if (icmp->ipv4) {
		header = (quote[0] & 0xf) * 4;
		protocol = quote[offsetof(struct ip, ip_p)];
		memcpy((void *)ip_bytes(&src),
		       quote + offsetof(struct ip, ip_src), 4);
		memcpy((void *)ip_bytes(&dst),
		       quote + offsetof(struct ip, ip_dst), 4);
	} else {
		protocol = quote[offsetof(struct ip6_hdr, ip6_nxt)];
		memcpy(&src, quote + offsetof(struct ip6_hdr, ip6_src), 16);
		memcpy(&dst, quote + offsetof(struct ip6_hdr, ip6_dst), 16);
	}
	error->about_gre = of_tunnel(icmp->tunnel, protocol, quote + header,
				     len > header ? len - header : 0);
	if (error->about_gre)
		return ip_equal(&src, &icmp->tunnel->outer[LOCAL]) &&
		       ip_equal(&dst, &icmp->tunnel->outer[REMOTE]);
	if (protocol != (icmp->ipv4 ? IPPROTO_ICMP : IPPROTO_ICMPV6) ||
	    len < header)
		return false;
	return is_ours(icmp, quote + header, len - header, sequence);
}

static bool is_too_big(const struct icmp_socket *icmp,
		       const struct icmp_error *error)
{
	if (icmp->ipv4)
		return error->type == ICMP_UNREACH &&
		       error->code == ICMP_UNREACH_NEEDFRAG;
	return error->type == ICMP6_PACKET_TOO_BIG;
}

static bool is_error(const struct icmp_socket *icmp, uint8_t type)
{
	if (!icmp->ipv4)
		return !(type & ICMP6_INFOMSG_MASK);
	return type == ICMP_UNREACH || type == ICMP_TIMXCEED ||
	       type == ICMP_PARAMPROB;
}

/* Returns whether the last request has its end. */
static bool take_error(struct icmp_socket *icmp, const uint8_t *data,
		       size_t len, const struct in6_addr *sender,
		       enum echo *echo)
{
	struct icmp_error error = {
		.sender = *sender,
		.type = data[0],
		.code = data[1],
	};
	uint16_t sequence = icmp->sequence;
	uint32_t mtu;

	if (!about_us(icmp, data + ICMP_HEADER, len - ICMP_HEADER, &error,
		      &sequence))
		return false;
	memcpy(&mtu, data + 4, sizeof(mtu));
	if (is_too_big(icmp, &error))
		error.mtu = icmp->ipv4 ? ntohl(mtu) & 0xffff : ntohl(mtu);
	keep_error(icmp, &error);
	if (error.about_gre || sequence != icmp->sequence || !error.mtu)
		return false;
	icmp->mtu = error.mtu;
	*echo = TOO_LONG;
	return true;
}

/**
 * icmp_take() - take a packet that came in
 * @icmp: the socket
 * @data: the packet, as the socket gives it
 * @len: its length, in bytes
 * @sender: who sent it
 * @echo: what comes of the last request goes here
 *
 * Return: whether the last request has its end.
 */
bool icmp_take(struct icmp_socket *icmp, const uint8_t *data, size_t len,
	       const struct in6_addr *sender, enum echo *echo)
{
	uint8_t reply = icmp->ipv4 ? ICMP_ECHOREPLY : ICMP6_ECHO_REPLY;
	struct echo_packet answer;
	uint16_t sequence;

	if (icmp->ipv4) {
		size_t header = len ? (data[0] & 0xf) * 4 : 0;

		if (len < header)
			return false;
		data += header;
		len -= header;
	}
	if (len < ICMP_HEADER)
		return false;
	if (is_error(icmp, data[0]))
		return take_error(icmp, data, len, sender, echo);
	if (data[0] != reply || len < sizeof(answer) ||
	    !is_ours(icmp, data, len, &sequence) ||
	    sequence != icmp->sequence)
		return false;
	memcpy(&answer, data, sizeof(answer));
	/* A multicast comes back from this host too. */
	if (answer.nonce != icmp->nonce || ip_equal(sender, &icmp->own))
		return false;
	icmp->from = *sender;
	*echo = ANSWERED;
	return true;
}
