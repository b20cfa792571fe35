// SPDX-License-Identifier: GPL-2.0
/*
 * gretun show: all tunnels as a table, one in full.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli.h"

/* Of <linux/if_addr.h>, which Debian 12 has without it. */
#ifndef IFAPROT_KERNEL_LL
#define IFAPROT_KERNEL_LL 3
#endif

#define GREEN "32"
#define RED "31"

/* clang-format off */
static const struct column columns[] = {
	{ "NAME", false, 0 },	{ "STATE", false, 0 },	{ "LOCAL", false, 6 },
	{ "REMOTE", false, 0 },	{ "KEY", false, 5 },	{ "TTL", true, 1 },
	{ "MTU", true, 2 },	{ "RX", true, 4 },	{ "TX", true, 3 },
	{ "ADDRESSES", false, 0 },
};

/* clang-format on */

static void key_text(const struct tunnel *tunnel, char *buf, size_t size)
{
	bool in = tunnel->present & BIT(GRETUN_A_TUNNEL_IKEY);
	bool out = tunnel->present & BIT(GRETUN_A_TUNNEL_OKEY);
	uint32_t ikey = tunnel->value[GRETUN_A_TUNNEL_IKEY];
	uint32_t okey = tunnel->value[GRETUN_A_TUNNEL_OKEY];

	if (!in && !out)
		snprintf(buf, size, "-");
	else if (in && out && ikey == okey)
		snprintf(buf, size, "%u", ikey);
	else if (in && out)
		snprintf(buf, size, "%u/%u", ikey, okey);
	else if (in)
		snprintf(buf, size, "%u/-", ikey);
	else
		snprintf(buf, size, "-/%u", okey);
}

static char *list_addresses(const struct tunnel *tunnel)
{
	char *list, text[128];
	const char *comma = "";
	size_t len;
	FILE *out;

	out = open_memstream(&list, &len);
	if (!out)
		out_of_memory();
	for (size_t i = 0; i < tunnel->address_count; i++) {
		/* Each tunnel has such a one; those set are of interest. */
		if (tunnel->address[i].proto == IFAPROT_KERNEL_LL)
			continue;
		address_text(&tunnel->address[i], text, sizeof(text));
		fprintf(out, "%s%s", comma, text);
		comma = ", ";
	}
	if (fclose(out))
		out_of_memory();
	return list;
}

static void outer_cell(struct table *table, const struct in6_addr *ip,
		       const char *absent)
{
	char buf[INET6_ADDRSTRLEN];

	table_cell(table, NULL, "%s",
		   ip_is_any(ip) ? absent : ip_text(ip, buf));
}

static void print_row(struct table *table, const struct tunnel *tunnel)
{
	const char *state = tunnel_state(tunnel);
	char key[32], rx[16], tx[16], *addresses;

	key_text(tunnel, key, sizeof(key));
	human(tunnel->counters.rx_bytes, "B", rx, sizeof(rx));
	human(tunnel->counters.tx_bytes, "B", tx, sizeof(tx));
	addresses = list_addresses(tunnel);

	table_cell(table, NULL, "%s", tunnel->ifname);
	table_cell(table, strcmp(state, "up") == 0 ? GREEN : RED, "%s", state);
	if (local_missing(tunnel))
		table_cell(table, NULL, "dev %s", tunnel->local_dev);
	else
		outer_cell(table, &tunnel->outer[LOCAL], "-");
	outer_cell(table,
		   tunnel->roam.moved ? &tunnel->roam.now.ip :
					&tunnel->outer[REMOTE],
		   tunnel_no_remote(tunnel));
	table_cell(table, NULL, "%s", key);
	table_cell(table, NULL, "%u", tunnel->value[GRETUN_A_TUNNEL_TTL]);
	table_cell(table, NULL, "%u", tunnel->mtu);
	table_cell(table, NULL, "%s", rx);
	table_cell(table, NULL, "%s", tx);
	table_cell(table, NULL, "%s", *addresses ? addresses : "-");
	free(addresses);
}

static void print_table(const struct tunnel_list *list)
{
	struct table table = { 0 };

	for (size_t i = 0; i < list->count; i++)
		print_row(&table, &list->tunnel[i]);
	table_print(&table, columns, ARRAY_SIZE(columns));
}

static void print_one(const struct tunnel *tunnel)
{
	char rx[16], tx[16], name[NAME_TEXT];

	human(tunnel->counters.rx_bytes, "B", rx, sizeof(rx));
	human(tunnel->counters.tx_bytes, "B", tx, sizeof(tx));
	printf("%s: %s, MTU %u, %u bytes of overhead",
	       name_text(tunnel->ifname, name), tunnel_state(tunnel),
	       tunnel->mtu, tunnel->overhead);
	local_print(tunnel, "\n  local address: ");
	loop_print(tunnel, "\n  loop: ");
	keepalive_print(tunnel, "\n  keepalive: ");
	roam_print(tunnel, "\n  peer: ");
	attrs_print(tunnel, "\n ");
	for (size_t i = 0; i < tunnel->address_count; i++) {
		char text[128];

		address_text(&tunnel->address[i], text, sizeof(text));
		printf("\n  address %s", text);
	}
	printf("\n  received %s in %llu packets, sent %s in %llu packets\n", rx,
	       (unsigned long long)tunnel->counters.rx_packets, tx,
	       (unsigned long long)tunnel->counters.tx_packets);
	counters_print(&tunnel->counters, tunnel_reasons, false, tunnel);
	icmp_print(tunnel, false);
}

static void print_list(const struct context *ctx, const char *name,
		       const struct tunnel_list *list)
{
	if (ctx->json) {
		json_begin();
		for (size_t i = 0; i < list->count; i++)
			json_put(tunnel_json(&list->tunnel[i]));
		json_end();
	} else if (name) {
		print_one(list->tunnel);
	} else if (list->count) {
		print_table(list);
	} else {
		fputs("There are no tunnels. To make one: gretun add NAME local ADDR remote ADDR\n",
		      stderr);
	}
}

/**
 * cmd_show() - show one tunnel or all
 * @ctx: the command
 * @argc: words after it
 * @argv: these words
 *
 * Return: the exit status, after a message unless it is DONE.
 */
enum status cmd_show(const struct context *ctx, int argc, char **argv)
{
	const char *name = argc ? argv[0] : NULL;
	struct tunnel_list list;
	enum status status;
	struct conn conn;

	status = parse_one_name(ctx, argc, argv);
	if (status)
		return status;
	status = conn_open(&conn, ctx);
	if (!status) {
		status = tunnels_get(&conn, name, !ctx->json, &list);
		if (!status)
			status = addresses_get(ctx, &list);
		if (!status)
			print_list(ctx, name, &list);
		tunnel_list_free(&list);
	}
	conn_close(&conn);
	return status ? status : output_end();
}
