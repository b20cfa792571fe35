// SPDX-License-Identifier: GPL-2.0
/*
 * gretun stats: what was sent and received, why the rest was not, and, with
 * --explain, what to do about it.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <json-c/json_object.h>

#include "cli.h"

/* What there is to show. */
struct report {
	const char *name; /* of the one tunnel that is asked for, or NULL */
	bool explain;
	struct tunnel_list tunnels;
	struct counters netns; /* unless it is about one tunnel */
	struct near_miss_list misses;
};

static void add_pair(struct json_object *object, const char *name,
		     uint64_t packets, uint64_t bytes)
{
	struct json_object *pair = json_object_new_object();

	json_object_object_add(pair, "packets",
			       json_object_new_uint64(packets));
	json_object_object_add(pair, "bytes", json_object_new_uint64(bytes));
	json_object_object_add(object, name, pair);
}

static void put_tunnel(const struct tunnel *tunnel,
		       const struct report *report)
{
	const struct counters *counters = &tunnel->counters;
	struct json_object *stats = json_object_new_object();
	struct json_object *object = tunnel_json(tunnel);

	add_pair(stats, "rx", counters->rx_packets, counters->rx_bytes);
	add_pair(stats, "tx", counters->tx_packets, counters->tx_bytes);
	json_object_object_add(stats, "rx_age_ms",
			       counters->has_rx_age ?
				       json_object_new_uint64(counters->rx_age) :
				       NULL);
	json_object_object_add(stats, "keepalive_replies",
			       json_object_new_uint64(counters->keepalive_replies));
	json_object_object_add(stats, "drops",
			       counters_json(counters, tunnel_reasons));
	json_object_object_add(stats, "icmp", icmp_json(counters->icmp));
	json_object_object_add(object, "stats64", stats);
	if (report->explain) {
		struct json_object *array =
			counters_explain(counters, tunnel_reasons, tunnel);

		icmp_explain(tunnel, array);
		json_object_object_add(object, "explain", array);
	}
	if (report->explain && report->name)
		json_object_object_add(object, "near_misses",
				       near_misses_json(&report->misses,
							&report->tunnels));
	json_put(object);
}

static void put_netns(const struct report *report)
{
	const struct counters *counters = &report->netns;
	struct json_object *object = json_object_new_object();
	struct json_object *stats = json_object_new_object();

	json_object_object_add(object, "scope",
			       json_object_new_string("netns"));
	json_object_object_add(stats, "drops",
			       counters_json(counters, netns_reasons));
	json_object_object_add(object, "stats64", stats);
	json_object_object_add(object, "near_misses",
			       near_misses_json(&report->misses,
						&report->tunnels));
	if (report->explain)
		json_object_object_add(object, "explain",
				       counters_explain(counters, netns_reasons,
							NULL));
	json_put(object);
}

static void put_report(const struct report *report)
{
	json_begin();
	for (size_t i = 0; i < report->tunnels.count; i++)
		put_tunnel(&report->tunnels.tunnel[i], report);
	if (!report->name)
		put_netns(report);
	json_end();
}

static void print_age(const struct counters *counters)
{
	char age[32];

	if (counters->has_rx_age)
		printf("  last received %s\n",
		       ago(counters->rx_age, age, sizeof(age)));
	else if (!counters->rx_packets)
		puts("  nothing received yet");
}

static void print_tunnel(const struct tunnel *tunnel, bool explain)
{
	const struct counters *counters = &tunnel->counters;
	char name[NAME_TEXT];

	printf("%s:\n", name_text(tunnel->ifname, name));
	printf("  received %" PRIu64 " packets, %" PRIu64 " bytes\n",
	       counters->rx_packets, counters->rx_bytes);
	printf("  sent     %" PRIu64 " packets, %" PRIu64 " bytes\n",
	       counters->tx_packets, counters->tx_bytes);
	print_age(counters);
	if (counters->keepalive_replies)
		printf("  answered %" PRIu64 " keepalive probes of the peer\n",
		       counters->keepalive_replies);
	if (explain && tunnel->loop.ifindex) {
		loop_print(tunnel, "  loop: ");
		putchar('\n');
	}
	counters_print(counters, tunnel_reasons, explain, tunnel);
	icmp_print(tunnel, explain);
}

static void print_netns(const struct report *report)
{
	static const struct counters zero;

	if (!memcmp(&report->netns, &zero, sizeof(zero)))
		return;
	puts("GRE packets that no tunnel took:");
	counters_print(&report->netns, netns_reasons, report->explain, NULL);
}

static void print_misses(const struct report *report)
{
	if (report->misses.count)
		puts("Near misses:");
	for (size_t i = 0; i < report->misses.count; i++) {
		char *text = near_miss_text(&report->misses.miss[i],
					    &report->tunnels);

		fputs("  ", stdout);
		text_wrap(text, 2);
		putchar('\n');
		free(text);
	}
}

static void print_report(const struct report *report)
{
	for (size_t i = 0; i < report->tunnels.count; i++)
		print_tunnel(&report->tunnels.tunnel[i], report->explain);
	if (!report->name)
		print_netns(report);
	if (report->explain)
		print_misses(report);
}

/* Leave those that have to do with the tunnel. */
static void keep_those_of(const struct tunnel *tunnel,
			  struct near_miss_list *misses)
{
	size_t kept = 0;

	for (size_t i = 0; i < misses->count; i++) {
		if (near_miss_of(&misses->miss[i], tunnel))
			misses->miss[kept++] = misses->miss[i];
	}
	misses->count = kept;
}

static enum status get_report(const struct context *ctx, struct report *report)
{
	enum status status;
	struct conn conn;

	status = conn_open(&conn, ctx);
	if (!status)
		status = tunnels_get(&conn, report->name, true,
				     &report->tunnels);
	if (!status)
		status = addresses_get(ctx, &report->tunnels);
	if (!status && !report->name)
		status = netns_counters_get(&conn, &report->netns);
	if (!status && (report->explain || (ctx->json && !report->name)))
		status = near_misses_get(&conn, &report->misses);
	conn_close(&conn);
	if (!status && report->name)
		keep_those_of(report->tunnels.tunnel, &report->misses);
	return status;
}

static enum status parse_words(int argc, char **argv, struct report *report)
{
	for (int i = 0; i < argc; i++) {
		enum status status;

		if (strcmp(argv[i], "--explain") == 0) {
			if (report->explain)
				return wrong(argv[i], "given twice");
			report->explain = true;
			continue;
		}
		if (report->name)
			return wrong(argv[i], "one word too many; stats takes one name or none, and --explain");
		status = parse_ifname(argv[i]);
		if (status)
			return status;
		report->name = argv[i];
	}
	return DONE;
}

/**
 * cmd_stats() - show counters, of one tunnel or of all and the rest
 * @ctx: the command
 * @argc: words after it
 * @argv: these words
 *
 * Return: the exit status, after a message unless it is DONE.
 */
enum status cmd_stats(const struct context *ctx, int argc, char **argv)
{
	struct report report = { 0 };
	enum status status;

	status = parse_words(argc, argv, &report);
	if (!status)
		status = get_report(ctx, &report);
	if (!status) {
		if (ctx->json)
			put_report(&report);
		else
			print_report(&report);
		status = output_end();
	}
	tunnel_list_free(&report.tunnels);
	free(report.misses.miss);
	return status;
}
