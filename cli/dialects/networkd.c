// SPDX-License-Identifier: GPL-2.0
/*
 * The other end on Linux with systemd-networkd: a pair of files. See
 * systemd.netdev(5), [NetDev] and [Tunnel], and systemd.network(5), [Address].
 */
#include <stdio.h>

#include "dialects.h"

#define FOLDER "/etc/systemd/network"

/* A low bit of the byte, which belongs to ECN, stands for that. */
#define TOS_INHERIT 1

static void print_keys(const struct tunnel *tunnel)
{
	if (has(tunnel, A(IKEY)))
		printf("InputKey=%u\n", tunnel->value[A(IKEY)]);
	if (has(tunnel, A(OKEY)))
		printf("OutputKey=%u\n", tunnel->value[A(OKEY)]);
}

static void print_ipv4(const struct far_end *far)
{
	const struct tunnel *tunnel = &far->tunnel;
	uint32_t df = tunnel->value[A(DF)];

	if (tunnel->value[A(TOS_INHERIT)])
		printf("TOS=%u\n", TOS_INHERIT);
	else if (tunnel->value[A(TOS)])
		printf("TOS=%u\n", tunnel->value[A(TOS)]);
	printf("DiscoverPathMTU=%s\n", df == GRETUN_DF_SET ? "yes" : "no");
	if (df == GRETUN_DF_CLEAR) {
		note(far, "systemd 254 and newer also clear a DF that the inner packet has with the next line:");
		note(far, "IgnoreDontFragment=yes");
	}
	print_keys(tunnel);
	if (tunnel->value[A(SEQ)])
		puts("SerializeTunneledPackets=yes");
}

static void print_ipv6(const struct far_end *far)
{
	const struct tunnel *tunnel = &far->tunnel;
	uint32_t mode = tunnel->value[A(FLOWLABEL_MODE)];

	if (has(tunnel, A(ENCAP_LIMIT)))
		printf("EncapsulationLimit=%u\n", tunnel->value[A(ENCAP_LIMIT)]);
	else
		puts("EncapsulationLimit=none");
	if (mode == GRETUN_FLOWLABEL_MODE_INHERIT)
		puts("IPv6FlowLabel=inherit");
	else if (mode == GRETUN_FLOWLABEL_MODE_FIXED)
		printf("IPv6FlowLabel=%u\n", tunnel->value[A(FLOWLABEL)]);
	if (tunnel->value[A(TOS_INHERIT)] || tunnel->value[A(TOS)])
		note(far, "systemd-networkd cannot set the traffic class of GRE over IPv6.");
	if (has(tunnel, A(IKEY)) || has(tunnel, A(OKEY)))
		note(far, "systemd-networkd has no keys for GRE over IPv6. This tunnel needs key none at the gretun end.");
	if (tunnel->value[A(SEQ)])
		note(far, "systemd-networkd has no sequence numbers for GRE over IPv6. This tunnel needs seq off at the gretun end.");
}

static void print_address(const struct far_end *far, const struct inner *inner)
{
	const char *start = inner_start(far, inner);

	printf("%s[Address]\n", start);
	printf("%sAddress=%s/%u\n", start, inner->local, inner->prefixlen);
	if (inner->peer)
		printf("%sPeer=%s/%u\n", start, inner->remote, inner->prefixlen);
}

/* It sends; who receives is a device of its own. */
static void print_encap(const struct far_end *far)
{
	const struct tunnel *tunnel = &far->tunnel;

	if (!tunnel->value[A(ENCAP)])
		return;
	if (far->ipv6) {
		note(far, "systemd-networkd has no UDP for GRE over IPv6. This tunnel needs encap none at the gretun end.");
		return;
	}
	printf("FooOverUDP=yes\nFOUDestinationPort=%u\n",
	       tunnel->value[A(ENCAP_PORT)]);
	if (tunnel->value[A(ENCAP_SOURCE_PORT)])
		printf("FOUSourcePort=%u\n",
		       tunnel->value[A(ENCAP_SOURCE_PORT)]);
}

/* Last, as it is no file that gretun would read. */
static void print_fou(const struct far_end *far)
{
	uint32_t port = far->tunnel.value[A(ENCAP_PORT)];

	if (!far->tunnel.value[A(ENCAP)] || far->ipv6)
		return;
	putchar('\n');
	note(far, "A third file, " FOLDER "/fou%u.netdev, takes what comes in; the name of its device is not used:",
	     port);
	printf("[NetDev]\nName=fou%u\nKind=fou\n\n", port);
	printf("[FooOverUDP]\nPort=%u\nProtocol=gre\n", port);
}

/**
 * print_networkd() - print the files of systemd-networkd
 * @far: the other end
 */
void print_networkd(const struct far_end *far)
{
	const struct tunnel *tunnel = &far->tunnel;
	const char *name = linux_name(far);

	note_keepalive(far);
	note(far, "Two files; networkctl reload reads them.");
	note(far, FOLDER "/%s.netdev", name);
	printf("[NetDev]\nName=%s\nKind=%s\n", name,
	       far->ipv6 ? "ip6gre" : "gre");
	/* Unless set, it is that of the route to the other end, as here. */
	if (tunnel->value[A(MTU)])
		printf("MTUBytes=%u\n", tunnel->mtu);
	printf("\n[Tunnel]\nIndependent=yes\nLocal=%s\nRemote=%s\nTTL=%u\n",
	       far->local, far->remote, tunnel->value[A(TTL)]);
	if (far->ipv6)
		print_ipv6(far);
	else
		print_ipv4(far);
	print_encap(far);
	if (tunnel->value[A(CSUM)])
		note(far, "systemd-networkd has no checksums. This tunnel needs csum off at the gretun end.");

	putchar('\n');
	note(far, FOLDER "/%s.network", name);
	printf("[Match]\nName=%s\n", name);
	for (size_t i = 0; i < far->inner_count; i++) {
		putchar('\n');
		print_address(far, &far->inner[i]);
	}
	print_fou(far);
}
