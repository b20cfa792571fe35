// SPDX-License-Identifier: GPL-2.0
/*
 * The other end with gretun: the words of "add". What every new tunnel has is
 * left out, so that people see what matters. TTL and MTU are there, as sysctls
 * of that host may say something else.
 */
#include <stdio.h>
#include <string.h>

#include "dialects.h"

/* Where it goes is for the other end to say; this is as good as any. */
#define SECRET_FILE "/etc/gretun/%s.secret"

/* Whether a new tunnel may be otherwise unless it is said. */
static bool is_said(const struct attr *attr, const struct tunnel *tunnel,
		    char *text, size_t size)
{
	struct tunnel fresh = {
		.present = tunnel->present & BIT(A(FLOWLABEL_MODE)),
	};
	char usual[64];

	if (!attr->print || !attr->print(attr, tunnel, text, size))
		return false;
	return attr->use & NEEDED || attr->type == A(TTL) ||
	       attr->type == A(MTU) ||
	       !attr->print(attr, &fresh, usual, sizeof(usual)) ||
	       strcmp(text, usual);
}

/**
 * print_gretun() - print the commands of gretun(8)
 * @far: the other end
 */
void print_gretun(const struct far_end *far)
{
	const struct tunnel *tunnel = &far->tunnel;

	printf("gretun add %s", tunnel->ifname);
	for (const struct attr *attr = attrs; attr->word; attr++) {
		char text[64];

		if (attr->type == A(KEEPALIVE_SECRET))
			continue;
		if (attr->use & NEW_LINE)
			fputs(" \\\n ", stdout);
		if (is_said(attr, tunnel, text, sizeof(text)))
			printf(" %s %s", attr->word, text);
	}
	if (is_signed(tunnel))
		printf(" \\\n  keepalive-secret-file " SECRET_FILE,
		       tunnel->ifname);
	for (size_t i = 0; i < far->inner_count; i++) {
		const struct inner *inner = &far->inner[i];

		if (!inner->known)
			continue;
		printf(" \\\n  address %s/%u", inner->local, inner->prefixlen);
		if (inner->peer)
			printf(" peer %s", inner->remote);
	}
	putchar('\n');
	for (size_t i = 0; i < far->inner_count; i++) {
		const struct inner *inner = &far->inner[i];

		if (!inner->known)
			printf("%sip address add %s/%u dev %s\n",
			       inner_start(far, inner), inner->local,
			       inner->prefixlen, tunnel->ifname);
	}
	if (is_signed(tunnel))
		note(far, "First bring the secret file of the gretun end to " SECRET_FILE " there, readable by root alone.",
		     tunnel->ifname);
	note(far, "A tunnel file brings it back after a reboot: gretun.netdev(5).");
}
