// SPDX-License-Identifier: GPL-2.0
/*
 * For metrics.sh: what gretun metrics prints about tunnels that are made up:
 *
 *   metrics COUNT [NETNS]
 *
 * The first ones have names as bad as the kernel lets them be, and all numbers
 * of the very first are the largest there are.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../../cli/attrs.h"
#include "../../cli/metrics/metrics.h"

static const char *const names[] = {
	"gre1",
	"a\"b\\c\\\\n\"",
	"{},=#1",
	"#EOF",
	"gr\xc3\xa9\xe4\xb8\xad\xf0\x9f\x90\xa7", /* UTF-8; what follows is none */
	"\xff\xfe",
	"\xff\\xfe",
	"\xc3",
	"\xe0\x80\xaf",
	"\xed\xa0\x80",
	"\xf4\x90\x80\x80",
	"\xf8\x80\x80\x80",
	"\x1b[31mred\x7f",
	"\xc2\x9b[2J",	    /* the same in one character */
	"\xe2\x80\xaetfel", /* turns the direction of what follows */
};

static void most(struct counters *counters)
{
	memset(counters, 0xff, sizeof(*counters));
	counters->has_rx_age = true;
}

static void make(struct tunnel *tunnel, size_t i)
{
	if (i < ARRAY_SIZE(names))
		strcpy(tunnel->ifname, names[i]);
	else
		snprintf(tunnel->ifname, IFNAMSIZ, "t%u", (unsigned int)i);
	tunnel->mtu = 1476;
	tunnel->overhead = 24;
	tunnel->operstate = 6;
	tunnel->flags = IFF_UP | IFF_RUNNING;
	ip_parse("192.0.2.1", &tunnel->outer[LOCAL]);
	ip_parse("2001:db8::2", &tunnel->outer[REMOTE]);
	tunnel->counters.has_rx_age = true;
	tunnel->counters.rx_age = i;
}

int main(int argc, char **argv)
{
	struct tunnel_list list = { .count = strtoul(argv[1], NULL, 10) };
	struct counters netns = { 0 };

	list.tunnel = calloc(list.count + 1, sizeof(*list.tunnel));
	if (!list.tunnel)
		out_of_memory();
	for (size_t i = 0; i < list.count; i++)
		make(&list.tunnel[i], i);
	if (list.count) {
		most(&netns);
		most(&list.tunnel->counters);
		list.tunnel->present = BIT(A(IKEY));
		list.tunnel->keepalive = (struct keepalive){
			.working = true,
			.sent = UINT64_MAX,
			.answered = UINT64_MAX - 1,
			.srtt = 1200,
		};
	}
	if (list.count > 3) {
		list.tunnel[1].flags = 0;
		list.tunnel[2].loop.ifindex = 7;
		list.tunnel[3].counters.has_rx_age = false;
		memset(&list.tunnel[3].outer[REMOTE], 0, sizeof(struct in6_addr));
	}
	metrics_print(&(struct metrics){
		.tunnels = &list,
		.netns = &netns,
		.near_misses = list.count,
		.netns_name = argc > 2 ? argv[2] : NULL,
		.module = "0.0.9",
	});
	free(list.tunnel);
	return output_end();
}
