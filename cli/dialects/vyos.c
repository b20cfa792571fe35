// SPDX-License-Identifier: GPL-2.0
/*
 * The other end on VyOS. See Tunnel in its documentation, and
 * interface-definitions/interfaces_tunnel.xml.in of vyos-1x.
 */
#include <stdio.h>

#include "dialects.h"

/* As it is said there, in decimal digits. */
#define MAX_TOS 0x99

/* VyOS hands the number on to ip(8), which reads it as hexadecimal. */
static bool can_say_tos(uint32_t tos)
{
	return tos <= MAX_TOS && (tos & 0xf) <= 9;
}

static void note_limits(const struct far_end *far)
{
	const struct tunnel *tunnel = &far->tunnel;

	if (tunnel->value[A(CSUM)])
		note(far, "VyOS has no checksums for GRE. This tunnel needs csum off at the gretun end.");
	if (tunnel->value[A(SEQ)])
		note(far, "VyOS has no sequence numbers for GRE. This tunnel needs seq off at the gretun end.");
	if (!far->ipv6 && !tunnel->value[A(TOS_INHERIT)] &&
	    !can_say_tos(tunnel->value[A(TOS)]))
		note(far, "VyOS cannot set a TOS of 0x%02x; it copies that of the inner packet.",
		     tunnel->value[A(TOS)]);
	if (!far->ipv6 && tunnel->value[A(DF)] != GRETUN_DF_SET)
		note(far, "VyOS sets DF on all outer packets, as it takes no-pmtu-discovery only with a TTL that is that of the inner packet.");
	note_mtu(far);
}

static void print_ipv4(const struct tunnel *tunnel, const char *start)
{
	printf("%s parameters ip ttl %u\n", start, tunnel->value[A(TTL)]);
	/* Without the word it is that of the inner packet. */
	if (!tunnel->value[A(TOS_INHERIT)] && can_say_tos(tunnel->value[A(TOS)]))
		printf("%s parameters ip tos %x\n", start, tunnel->value[A(TOS)]);
}

static void print_ipv6(const struct tunnel *tunnel, const char *start)
{
	uint32_t mode = tunnel->value[A(FLOWLABEL_MODE)];

	printf("%s parameters ipv6 hoplimit %u\n", start, tunnel->value[A(TTL)]);
	if (!tunnel->value[A(TOS_INHERIT)])
		printf("%s parameters ipv6 tclass 0x%02x\n", start,
		       tunnel->value[A(TOS)]);
	/* Without the word it is 4. */
	if (has(tunnel, A(ENCAP_LIMIT)))
		printf("%s parameters ipv6 encaplimit %u\n", start,
		       tunnel->value[A(ENCAP_LIMIT)]);
	else
		printf("%s parameters ipv6 encaplimit none\n", start);
	if (mode == GRETUN_FLOWLABEL_MODE_INHERIT)
		printf("%s parameters ipv6 flowlabel inherit\n", start);
	else if (mode == GRETUN_FLOWLABEL_MODE_FIXED)
		printf("%s parameters ipv6 flowlabel 0x%05x\n", start,
		       tunnel->value[A(FLOWLABEL)]);
}

static void print_addresses(const struct far_end *far, const char *start)
{
	for (size_t i = 0; i < far->inner_count; i++) {
		const struct inner *inner = &far->inner[i];

		printf("%s%s address %s/%u\n", inner_start(far, inner), start,
		       inner->local, inner->prefixlen);
		/* A word for the peer is missing. */
		if (inner->peer)
			printf("set protocols static route%s %s/%u interface tun%u\n",
			       inner->family == AF_INET ? "" : "6",
			       inner->remote, inner->family == AF_INET ? 32 : 128,
			       far->unit);
	}
}

/**
 * print_vyos() - print the commands of VyOS
 * @far: the other end
 */
void print_vyos(const struct far_end *far)
{
	const struct tunnel *tunnel = &far->tunnel;
	bool key = same_key(far) && has(tunnel, A(OKEY));
	char start[48];

	snprintf(start, sizeof(start), "set interfaces tunnel tun%u", far->unit);
	note_limits(far);
	note_encap(far);
	note_keepalive(far);
	note(far, "In configuration mode:");
	printf("%s encapsulation %s\n", start, far->ipv6 ? "ip6gre" : "gre");
	printf("%s source-address %s\n", start, far->local);
	printf("%s remote %s\n", start, far->remote);
	if (far->ipv6)
		print_ipv6(tunnel, start);
	else
		print_ipv4(tunnel, start);
	if (key)
		printf("%s parameters ip key %u\n", start, tunnel->value[A(OKEY)]);
	printf("%s mtu %u\n", start, tunnel->mtu);
	print_addresses(far, start);
	puts("commit\nsave");
	note(far, "VyOS 1.2 says local-ip for source-address, and remote-ip for remote.");
}
