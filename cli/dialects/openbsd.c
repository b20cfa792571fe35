// SPDX-License-Identifier: GPL-2.0
/*
 * The other end on OpenBSD. See gre(4), ifconfig(8), TUNNEL, hostname.if(5), and
 * sys/net/if_gre.c for what the pages do not say.
 */
#include <stdio.h>

#include "dialects.h"

#define MIN_MTU 576

/* Each line starts so. Key and keepalive cannot change while the device is up. */
static void print_words(const struct far_end *far, const char *start, bool key,
			bool mtu)
{
	const struct tunnel *tunnel = &far->tunnel;

	if (key)
		printf("%svnetid %u\n", start, tunnel->value[A(OKEY)]);
	printf("%stunnel %s %s\n", start, far->local, far->remote);
	printf("%stunnelttl %u\n", start, tunnel->value[A(TTL)]);
	if (!far->ipv6)
		printf("%s%stunneldf\n", start,
		       tunnel->value[A(DF)] == GRETUN_DF_SET ? "" : "-");
	/* The upper three bits; without the word those of the inner packet. */
	if (!tunnel->value[A(TOS_INHERIT)])
		printf("%stxprio %u\n", start, tunnel->value[A(TOS)] >> 5);
	if (tunnel->value[A(KEEPALIVE_PERIOD)])
		printf("%skeepalive %u %u\n", start,
		       tunnel->value[A(KEEPALIVE_PERIOD)],
		       tunnel->value[A(KEEPALIVE_RETRIES)]);
	if (mtu)
		printf("%smtu %u\n", start, tunnel->mtu);
}

static void print_address(const struct far_end *far, const struct inner *inner)
{
	printf("%sifconfig gre%u ", inner_start(far, inner), far->unit);
	if (inner->family == AF_INET)
		printf("inet alias %s %s netmask %s\n", inner->local,
		       inner->remote, inner->netmask);
	else if (inner->peer)
		printf("inet6 alias %s %s prefixlen 128\n", inner->local,
		       inner->remote);
	else
		printf("inet6 alias %s prefixlen %u\n", inner->local,
		       inner->prefixlen);
}

/* The file has a form of its own for addresses, without a peer of IPv6. */
static void note_address(const struct inner *inner)
{
	if (!inner->known)
		return;
	if (inner->family == AF_INET)
		printf("#   inet alias %s %s\n#   dest %s\n", inner->local,
		       inner->netmask, inner->remote);
	else if (inner->peer)
		printf("#   !ifconfig \\$if inet6 alias %s %s prefixlen 128\n",
		       inner->local, inner->remote);
	else
		printf("#   inet6 alias %s %u\n", inner->local,
		       inner->prefixlen);
}

static void note_limits(const struct far_end *far)
{
	const struct tunnel *tunnel = &far->tunnel;

	if (tunnel->value[A(CSUM)])
		note(far, "OpenBSD refuses packets with a checksum. This tunnel needs csum off at the gretun end.");
	if (tunnel->value[A(SEQ)])
		note(far, "OpenBSD refuses packets with a sequence number. This tunnel needs seq off at the gretun end.");
	if (tunnel->value[A(TOS)] & 0x1f)
		note(far, "OpenBSD sets the upper three bits of the TOS: %u becomes %u.",
		     tunnel->value[A(TOS)], tunnel->value[A(TOS)] & 0xe0);
	if (!far->ipv6 && tunnel->value[A(DF)] == GRETUN_DF_COPY)
		note(far, "OpenBSD does not copy DF. It is never set here, so that what is too long is fragmented.");
}

/**
 * print_openbsd() - print the commands of OpenBSD
 * @far: the other end
 */
void print_openbsd(const struct far_end *far)
{
	bool key, mtu;
	char start[32];

	note_limits(far);
	note_encap(far);
	key = same_key(far) && has(&far->tunnel, A(OKEY));
	mtu = mtu_fits(far, MIN_MTU);
	snprintf(start, sizeof(start), "ifconfig gre%u ", far->unit);
	puts("sysctl net.inet.gre.allow=1");
	printf("%screate\n", start);
	print_words(far, start, key, mtu);
	for (size_t i = 0; i < far->inner_count; i++)
		print_address(far, &far->inner[i]);
	printf("%sup\n", start);
	note(far, "After a reboot it is there again with net.inet.gre.allow=1 in /etc/sysctl.conf and these lines in /etc/hostname.gre%u:",
	     far->unit);
	print_words(far, "#   ", key, mtu);
	for (size_t i = 0; i < far->inner_count; i++)
		note_address(&far->inner[i]);
	puts("#   up");
}
