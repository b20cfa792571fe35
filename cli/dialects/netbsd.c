// SPDX-License-Identifier: GPL-2.0
/*
 * The other end on NetBSD, of today and of the time of greconfig(8). See gre(4),
 * ifconfig(8), ifconfig.if(5), greconfig(8) of 2002, and sys/net/if_gre.c for
 * what the pages do not say.
 */
#include <stdio.h>

#include "dialects.h"

/* The lowest MTU, and what the TTL is unless set. */
#define MIN_MTU 576
#define USUAL_TTL 30

/* The highest MTU of the gre(4) that greconfig(8) is for. */
#define OLD_MTU 1450

/* @start and the words after it are a line. */
static void print_words(const struct far_end *far, const char *start, bool mtu,
			bool all)
{
	if (mtu)
		printf("%smtu %u\n", start, far->tunnel.mtu);
	for (size_t i = 0; i < far->inner_count; i++) {
		const struct inner *inner = &far->inner[i];

		if (!all && !inner->known)
			continue;
		printf("%s%s", inner_start(far, inner), start);
		if (inner->family == AF_INET)
			printf("inet %s %s netmask %s alias\n", inner->local,
			       inner->remote, inner->netmask);
		else if (inner->peer)
			printf("inet6 %s %s prefixlen 128 alias\n",
			       inner->local, inner->remote);
		else
			printf("inet6 %s prefixlen %u alias\n", inner->local,
			       inner->prefixlen);
	}
	printf("%stunnel %s %s\n", start, far->local, far->remote);
	printf("%sup\n", start);
}

static void note_limits(const struct far_end *far)
{
	const struct tunnel *tunnel = &far->tunnel;

	if (has(tunnel, A(OKEY)))
		note(far, "NetBSD has no keys. This tunnel needs ikey none at the gretun end.");
	else if (has(tunnel, A(IKEY)))
		note(far, "NetBSD ignores the key of packets that it receives: it takes any.");
	if (tunnel->value[A(CSUM)])
		note(far, "NetBSD has no checksums. This tunnel needs csum off at the gretun end.");
	if (tunnel->value[A(SEQ)])
		note(far, "NetBSD has no sequence numbers. This tunnel needs seq off at the gretun end.");
	if (tunnel->value[A(TOS)] || tunnel->value[A(TOS_INHERIT)])
		note(far, "NetBSD cannot set the TOS of the outer packets, which is 0.");
	if (!far->ipv6 && tunnel->value[A(DF)] == GRETUN_DF_SET)
		note(far, "NetBSD never sets DF on the outer packets.");
	if (far->ipv6)
		note(far, "gre(4) says nothing of IPv6 outside, but the driver takes it. The TTL of the outer packets cannot be set there.");
}

static void note_old(const struct far_end *far, bool mtu)
{
	if (far->ipv6)
		return;
	note(far, "On an old NetBSD, whose ifconfig does not take the word tunnel for gre, greconfig(8) does that:");
	printf("#   ifconfig gre%u link1\n", far->unit);
	printf("#   greconfig -i gre%u -s %s -d %s\n", far->unit, far->local,
	       far->remote);
	note(far, "That one carries no IPv6, its TTL is that of the inner packet, so that what OSPF and RIP send with a TTL of 1 does not cross, and it refuses an MTU above %u.",
	     OLD_MTU);
	if (far->tunnel.mtu > OLD_MTU)
		note(far, "%set mtu %u at the gretun end.",
		     mtu ? "Leave out the mtu there, and s" : "S", OLD_MTU);
}

/**
 * print_netbsd() - print the commands of NetBSD
 * @far: the other end
 */
void print_netbsd(const struct far_end *far)
{
	uint32_t ttl = far->tunnel.value[A(TTL)];
	bool mtu, set_ttl;
	char start[32];

	set_ttl = !far->ipv6 && ttl != USUAL_TTL;
	note_limits(far);
	if (far->tunnel.value[A(ENCAP)])
		note(far, "NetBSD can put GRE in UDP, but that was not tried here: see gre(4), and tunnel in ifconfig(8), where a port follows each address. The lines below are for encap none.");
	note_keepalive(far);
	mtu = mtu_fits(far, MIN_MTU);
	if (set_ttl) {
		note(far, "The TTL is that of all GRE tunnels of this host.");
		printf("sysctl -w net.inet.ip.grettl=%u\n", ttl);
	}
	snprintf(start, sizeof(start), "ifconfig gre%u ", far->unit);
	printf("%screate\n", start);
	print_words(far, start, mtu, true);
	note_old(far, mtu);
	note(far, "After a reboot it is there again with these lines in /etc/ifconfig.gre%u:",
	     far->unit);
	puts("#   create");
	print_words(far, "#   ", mtu, false);
	if (set_ttl) {
		note(far, "and this one in /etc/sysctl.conf:");
		printf("#   net.inet.ip.grettl=%u\n", ttl);
	}
}
