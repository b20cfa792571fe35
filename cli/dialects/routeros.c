// SPDX-License-Identifier: GPL-2.0
/*
 * The other end on MikroTik's RouterOS. See GRE in its documentation, Properties,
 * and IP Addressing.
 */
#include <stdio.h>

#include "dialects.h"

/* Of the TOS, the bits above those of ECN. */
#define DSCP_SHIFT 2

static void note_limits(const struct far_end *far)
{
	const struct tunnel *tunnel = &far->tunnel;

	if (has(tunnel, A(IKEY)) || has(tunnel, A(OKEY)))
		note(far, "RouterOS has no keys for GRE. This tunnel needs key none at the gretun end.");
	if (tunnel->value[A(CSUM)])
		note(far, "RouterOS has no checksums for GRE. This tunnel needs csum off at the gretun end.");
	if (tunnel->value[A(SEQ)])
		note(far, "RouterOS has no sequence numbers for GRE. This tunnel needs seq off at the gretun end.");
	if (!far->ipv6 && tunnel->value[A(DF)] == GRETUN_DF_SET)
		note(far, "RouterOS cannot set DF on packets whose inner packet has none: it copies DF.");
	note(far, "RouterOS has no word for the TTL of the outer packets.");
	if (!tunnel->value[A(KEEPALIVE_PERIOD)])
		note(far, "Its keepalive, which is on by default, is off, as that of the gretun end is.");
	note_mtu(far);
}

static void print_address(const struct far_end *far, const struct inner *inner)
{
	const char *name = far->tunnel.ifname;

	printf("%s", inner_start(far, inner));
	if (inner->family == AF_INET6) {
		printf("/ipv6 address add address=%s/%u interface=%s advertise=no\n",
		       inner->local, inner->prefixlen, name);
		/* A word for the peer is missing. */
		if (inner->peer)
			printf("/ipv6 route add dst-address=%s/128 gateway=%s\n",
			       inner->remote, name);
		return;
	}
	if (inner->peer || inner->prefixlen == 31)
		/* Not all versions take a network of two addresses. */
		printf("/ip address add address=%s/32 network=%s interface=%s\n",
		       inner->local, inner->remote, name);
	else
		printf("/ip address add address=%s/%u interface=%s\n",
		       inner->local, inner->prefixlen, name);
}

/**
 * print_routeros() - print the commands of RouterOS
 * @far: the other end
 */
void print_routeros(const struct far_end *far)
{
	const struct tunnel *tunnel = &far->tunnel;

	note_limits(far);
	note_encap(far);
	printf("/interface %s add name=%s local-address=%s remote-address=%s mtu=%u",
	       far->ipv6 ? "gre6" : "gre", tunnel->ifname, far->local,
	       far->remote, tunnel->mtu);
	if (tunnel->value[A(KEEPALIVE_PERIOD)])
		printf(" keepalive=%us,%u", tunnel->value[A(KEEPALIVE_PERIOD)],
		       tunnel->value[A(KEEPALIVE_RETRIES)]);
	else
		printf(" !keepalive");
	if (tunnel->value[A(TOS_INHERIT)])
		printf(" dscp=inherit");
	else
		printf(" dscp=%u", tunnel->value[A(TOS)] >> DSCP_SHIFT);
	if (!far->ipv6)
		printf(" dont-fragment=%s",
		       tunnel->value[A(DF)] == GRETUN_DF_CLEAR ? "no" : "inherit");
	printf(" clamp-tcp-mss=%s\n", tunnel->value[A(MSS_CLAMP)] ? "yes" : "no");
	for (size_t i = 0; i < far->inner_count; i++)
		print_address(far, &far->inner[i]);
}
