// SPDX-License-Identifier: GPL-2.0
/*
 * The other end on FreeBSD. See gre(4), ifconfig(8), rc.conf(5), and
 * sys/net/if_gre.c and sys/netinet/ip_gre.c for what the pages do not say.
 */
#include <stdio.h>

#include "dialects.h"

/* The lowest MTU, and what the TTL is unless set. */
#define MIN_MTU 576
#define USUAL_TTL 30
#define USUAL_HOP_LIMIT 64

/* Of GRE in UDP. */
#define UDP_PORT 4754

static void print_ttl(const struct far_end *far, const char *start)
{
	printf("%s%s=%u\n", start,
	       far->ipv6 ? "net.inet6.ip6.grehlim" : "net.inet.ip.grettl",
	       far->tunnel.value[A(TTL)]);
}

/* What stands behind the name of the device. */
static void print_tunnel(const struct far_end *far, const char *between,
			 bool mtu)
{
	const struct tunnel *tunnel = &far->tunnel;

	printf("%stunnel %s %s", far->ipv6 ? "inet6 " : "", far->local,
	       far->remote);
	if (has(tunnel, A(OKEY)) && tunnel->value[A(OKEY)])
		printf("%sgrekey %u", between, tunnel->value[A(OKEY)]);
	if (tunnel->value[A(CSUM)])
		printf("%senable_csum", between);
	if (tunnel->value[A(SEQ)])
		printf("%senable_seq", between);
	if (tunnel->value[A(ENCAP)])
		printf("%sudpencap", between);
	if (tunnel->value[A(ENCAP)] && tunnel->value[A(ENCAP_SOURCE_PORT)])
		printf("%sudpport %u", between,
		       tunnel->value[A(ENCAP_SOURCE_PORT)]);
	if (mtu)
		printf("%smtu %u", between, tunnel->mtu);
}

static void print_address(const struct inner *inner)
{
	if (inner->family == AF_INET)
		printf("inet %s %s netmask %s", inner->local, inner->remote,
		       inner->netmask);
	else if (inner->peer)
		printf("inet6 %s %s prefixlen 128", inner->local,
		       inner->remote);
	else
		printf("inet6 %s prefixlen %u", inner->local, inner->prefixlen);
}

static void note_limits(const struct far_end *far)
{
	const struct tunnel *tunnel = &far->tunnel;

	if (has(tunnel, A(IKEY)))
		note(far, "FreeBSD ignores the key of packets that it receives: it takes any.");
	if (has(tunnel, A(OKEY)) && !tunnel->value[A(OKEY)])
		note(far, "FreeBSD cannot send the key 0, which means no key there. This tunnel needs another ikey at the gretun end.");
	if (tunnel->value[A(SEQ)])
		note(far, "FreeBSD ignores the sequence numbers of packets that it receives.");
	if (tunnel->value[A(TOS)] || (tunnel->value[A(TOS_INHERIT)] && far->ipv6))
		note(far, "FreeBSD cannot set the TOS of the outer packets: over IPv4 it is that of an inner IPv4 packet, else 0.");
	if (tunnel->value[A(ENCAP)] && tunnel->value[A(ENCAP_PORT)] != UDP_PORT)
		note(far, "FreeBSD has GRE in UDP at port %u alone. This tunnel needs encap udp port %u at the gretun end.",
		     UDP_PORT, UDP_PORT);
	if (!far->ipv6 && tunnel->value[A(DF)] == GRETUN_DF_SET)
		note(far, "FreeBSD never sets DF on the outer packets.");
}

static void note_reboot(const struct far_end *far, const char *name, bool ttl,
			bool mtu)
{
	size_t number = 0;

	note(far, "After a reboot it is there again with these lines in /etc/rc.conf:");
	printf("#   cloned_interfaces=\"%s\"\n", name);
	printf("#   ifconfig_%s=\"", name);
	print_tunnel(far, " ", mtu);
	puts(" up\"");
	for (size_t i = 0; i < far->inner_count; i++) {
		if (!far->inner[i].known)
			continue;
		printf("#   ifconfig_%s_alias%zu=\"", name, number++);
		print_address(&far->inner[i]);
		puts("\"");
	}
	if (ttl) {
		note(far, "and this one in /etc/sysctl.conf:");
		print_ttl(far, "#   ");
	}
}

/**
 * print_freebsd() - print the commands of FreeBSD
 * @far: the other end
 */
void print_freebsd(const struct far_end *far)
{
	uint32_t usual = far->ipv6 ? USUAL_HOP_LIMIT : USUAL_TTL;
	bool ttl = far->tunnel.value[A(TTL)] != usual;
	char name[16], between[32];
	bool mtu;

	snprintf(name, sizeof(name), "gre%u", far->unit);
	snprintf(between, sizeof(between), "\nifconfig %s ", name);
	note_limits(far);
	note_keepalive(far);
	if (ttl) {
		note(far, "The TTL is that of all GRE tunnels of this host.");
		print_ttl(far, "sysctl ");
	}
	mtu = mtu_fits(far, MIN_MTU);
	printf("ifconfig %s create\nifconfig %s ", name, name);
	print_tunnel(far, between, mtu);
	putchar('\n');
	for (size_t i = 0; i < far->inner_count; i++) {
		const struct inner *inner = &far->inner[i];

		printf("%sifconfig %s ", inner_start(far, inner), name);
		print_address(inner);
		puts(" alias");
	}
	printf("ifconfig %s up\n", name);
	note_reboot(far, name, ttl, mtu);
}
