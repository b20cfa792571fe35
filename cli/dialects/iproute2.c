// SPDX-License-Identifier: GPL-2.0
/*
 * The other end on Linux with its own GRE. See ip-link(8), GRE, IPIP, SIT Type
 * Support and IP6GRE/IP6GRETAP Type Support; ip-address(8).
 */
#include <stdio.h>

#include "dialects.h"

static void print_keys(const struct tunnel *tunnel)
{
	bool same = has(tunnel, A(IKEY)) && has(tunnel, A(OKEY)) &&
		    tunnel->value[A(IKEY)] == tunnel->value[A(OKEY)];

	if (same) {
		printf(" key %u", tunnel->value[A(IKEY)]);
		return;
	}
	if (has(tunnel, A(IKEY)))
		printf(" ikey %u", tunnel->value[A(IKEY)]);
	if (has(tunnel, A(OKEY)))
		printf(" okey %u", tunnel->value[A(OKEY)]);
}

static void print_tos(const struct tunnel *tunnel, const char *word)
{
	if (tunnel->value[A(TOS_INHERIT)])
		printf(" %s inherit", word);
	else if (tunnel->value[A(TOS)])
		printf(" %s 0x%02x", word, tunnel->value[A(TOS)]);
}

/* ip_gre sets DF on all packets unless it is told otherwise. */
static void print_ipv4(const struct tunnel *tunnel)
{
	printf(" ttl %u", tunnel->value[A(TTL)]);
	print_tos(tunnel, "tos");
	if (tunnel->value[A(DF)] != GRETUN_DF_SET)
		printf(" nopmtudisc");
	if (tunnel->value[A(DF)] == GRETUN_DF_CLEAR)
		printf(" ignore-df");
}

static void print_ipv6(const struct tunnel *tunnel)
{
	uint32_t mode = tunnel->value[A(FLOWLABEL_MODE)];

	printf(" hoplimit %u", tunnel->value[A(TTL)]);
	print_tos(tunnel, "tclass");
	/* Without a word it is 4. */
	if (has(tunnel, A(ENCAP_LIMIT)))
		printf(" encaplimit %u", tunnel->value[A(ENCAP_LIMIT)]);
	else
		printf(" encaplimit none");
	if (mode == GRETUN_FLOWLABEL_MODE_INHERIT)
		printf(" flowlabel inherit");
	else if (mode == GRETUN_FLOWLABEL_MODE_FIXED)
		printf(" flowlabel 0x%05x", tunnel->value[A(FLOWLABEL)]);
}

/* Who receives, and which is not a part of the tunnel. */
static void print_fou(const struct far_end *far)
{
	printf("ip%s fou add port %u ipproto 47\n", far->ipv6 ? " -6" : "",
	       far->tunnel.value[A(ENCAP_PORT)]);
}

/* Over IPv6 there are checksums unless it is told otherwise. */
static void print_encap(const struct far_end *far)
{
	uint32_t source = far->tunnel.value[A(ENCAP_SOURCE_PORT)];

	printf(" encap fou encap-sport ");
	if (source)
		printf("%u", source);
	else
		printf("auto");
	printf(" encap-dport %u%s", far->tunnel.value[A(ENCAP_PORT)],
	       far->ipv6 ? "" : " encap-csum");
}

/**
 * print_iproute2() - print the commands of ip(8)
 * @far: the other end
 */
void print_iproute2(const struct far_end *far)
{
	const struct tunnel *tunnel = &far->tunnel;
	const char *name = linux_name(far);

	note_keepalive(far);
	if (tunnel->value[A(ENCAP)])
		print_fou(far);
	printf("ip link add %s type %s local %s remote %s", name,
	       far->ipv6 ? "ip6gre" : "gre", far->local, far->remote);
	if (far->ipv6)
		print_ipv6(tunnel);
	else
		print_ipv4(tunnel);
	print_keys(tunnel);
	printf("%s%s", tunnel->value[A(CSUM)] ? " csum" : "",
	       tunnel->value[A(SEQ)] ? " seq" : "");
	if (tunnel->value[A(ENCAP)])
		print_encap(far);
	putchar('\n');
	/* Unless set, it is that of the route to the other end, as here. */
	if (tunnel->value[A(MTU)])
		printf("ip link set %s mtu %u\n", name, tunnel->mtu);
	for (size_t i = 0; i < far->inner_count; i++) {
		const struct inner *inner = &far->inner[i];
		const char *start = inner_start(far, inner);

		printf("%sip address add %s", start, inner->local);
		if (inner->peer)
			printf(" peer %s", inner->remote);
		printf("/%u dev %s\n", inner->prefixlen, name);
	}
	printf("ip link set %s up\n", name);
	note(far, "This lasts until a reboot.");
}
