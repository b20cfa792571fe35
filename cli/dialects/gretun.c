// SPDX-License-Identifier: GPL-2.0
/*
 * The other end with gretun: the words of "add".
 */
#include <stdio.h>

#include "dialects.h"

/**
 * print_gretun() - print the commands of gretun(8)
 * @far: the other end
 */
void print_gretun(const struct far_end *far)
{
	const struct tunnel *tunnel = &far->tunnel;

	printf("gretun add %s", tunnel->ifname);
	attrs_print(tunnel, " \\\n ");
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
	note(far, "A tunnel file brings it back after a reboot: gretun.netdev(5).");
}
