// SPDX-License-Identifier: GPL-2.0
/*
 * The other end on Cisco IOS. See the Interface and Hardware Component Command
 * Reference, the commands that start with tunnel, and Tunnel ToS.
 */
#include <stdio.h>

#include "dialects.h"

/* IPv6 takes no lower one. */
#define IPV6_MIN_MTU 1280

static void note_limits(const struct far_end *far)
{
	const struct tunnel *tunnel = &far->tunnel;

	if (!far->ipv6 && tunnel->value[A(DF)] == GRETUN_DF_SET)
		note(far, "IOS cannot set DF on packets whose inner packet has none: it copies DF.");
	if (tunnel->value[A(KEEPALIVE_PERIOD)] && far->ipv6)
		note(far, "IOS has no keepalives for GRE over IPv6.");
	note_mtu(far);
}

static void print_addresses(const struct far_end *far)
{
	bool second = false, ipv6 = false;

	for (size_t i = 0; i < far->inner_count; i++) {
		const struct inner *inner = &far->inner[i];

		printf("%s", inner_start(far, inner));
		if (inner->family == AF_INET) {
			printf(" ip address %s %s%s\n", inner->local,
			       inner->netmask, second ? " secondary" : "");
			second = true;
		} else {
			printf(" ipv6 address %s/%u\n", inner->local,
			       inner->prefixlen);
			ipv6 = true;
		}
	}
	printf(" ip mtu %u\n", far->tunnel.mtu);
	if (ipv6 && far->tunnel.mtu >= IPV6_MIN_MTU)
		printf(" ipv6 mtu %u\n", far->tunnel.mtu);
}

/* The other address is in no network of the device. */
static void print_routes(const struct far_end *far)
{
	for (size_t i = 0; i < far->inner_count; i++) {
		const struct inner *inner = &far->inner[i];

		if (!inner->peer)
			continue;
		if (inner->family == AF_INET)
			printf("ip route %s 255.255.255.255 Tunnel%u\n",
			       inner->remote, far->unit);
		else
			printf("ipv6 route %s/128 Tunnel%u\n", inner->remote,
			       far->unit);
	}
}

/**
 * print_ios() - print the commands of Cisco IOS
 * @far: the other end
 */
void print_ios(const struct far_end *far)
{
	const struct tunnel *tunnel = &far->tunnel;
	bool key = same_key(far) && has(tunnel, A(OKEY));

	note_limits(far);
	note_encap(far);
	puts("configure terminal");
	printf("interface Tunnel%u\n", far->unit);
	print_addresses(far);
	printf(" tunnel source %s\n tunnel destination %s\n", far->local,
	       far->remote);
	printf(" tunnel mode gre %s\n", far->ipv6 ? "ipv6" : "ip");
	if (key)
		printf(" tunnel key %u\n", tunnel->value[A(OKEY)]);
	if (tunnel->value[A(CSUM)])
		puts(" tunnel checksum");
	if (tunnel->value[A(SEQ)])
		puts(" tunnel sequence-datagrams");
	printf(" tunnel ttl %u\n", tunnel->value[A(TTL)]);
	/* Without the word it is that of the inner packet. */
	if (!tunnel->value[A(TOS_INHERIT)])
		printf(" tunnel tos %u\n", tunnel->value[A(TOS)]);
	if (!far->ipv6 && tunnel->value[A(DF)] != GRETUN_DF_CLEAR)
		puts(" tunnel path-mtu-discovery");
	if (tunnel->value[A(KEEPALIVE_PERIOD)] && !far->ipv6)
		printf(" keepalive %u %u\n", tunnel->value[A(KEEPALIVE_PERIOD)],
		       tunnel->value[A(KEEPALIVE_RETRIES)]);
	else
		puts(" no keepalive");
	puts(" no shutdown\n exit");
	print_routes(far);
	puts("end");
	note(far, "copy running-config startup-config keeps it over a reload.");
}
