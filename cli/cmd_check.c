// SPDX-License-Identifier: GPL-2.0
/*
 * gretun check: follows a packet from the module to the other end of the
 * tunnel and back, and says what is wrong, and what would put it right.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <json-c/json_object.h>

#include "check/check.h"

/* All waits together, in milliseconds. */
#define TIME 12000

/* For a person who waits. */
static void progress(const struct check *check, const char *text)
{
	const char *term = getenv("TERM");

	if (check->ctx->json || !isatty(STDERR_FILENO) ||
	    !isatty(STDOUT_FILENO) || (term && strcmp(term, "dumb") == 0))
		return;
	fprintf(stderr, "\r\033[K%s", text);
}

static void outside(struct check *check)
{
	if (!go_outside(check)) {
		step(check, "local", SKIPPED,
		     "the outer packets are in another network namespace, which could not be entered: address, route, firewall and ping there were not looked at");
		return;
	}
	check_local(check);
	if (local_missing(check->tunnel)) {
		go_inside(check);
		return;
	}
	if (check->has_remote)
		check_route(check);
	if (check->routed)
		check_mtu(check);
	check_firewall(check);
	if (check->routed)
		check_rp_filter(check);
	if (check->routed && *check->local_dev.name) {
		progress(check, "asking the far end ...");
		probes_open(check);
		check_ping(check);
	}
	go_inside(check);
}

/* Whether packets can be sent through the tunnel, to be answered. */
static bool can_probe(struct check *check)
{
	const char *why = NULL;

	if (!check->has_remote)
		why = "the tunnel has no peer of its own to ask";
	else if (!(check->tunnel->flags & IFF_UP))
		why = "the tunnel is down";
	else if (check->outside.file < 0)
		return true;
	else if (local_missing(check->tunnel))
		why = "there is no local address";
	else if (!check->routed)
		why = "there is no way to the far end";
	else if (!*check->local_dev.name)
		why = "the local address is not one of this host";
	if (why)
		step(check, "returns", SKIPPED, "not tried, as %s", why);
	return !why;
}

static void after_probes(struct check *check)
{
	struct tunnel_list list;

	if (go_outside(check)) {
		check_near_misses(check);
		if (check->reached < AT_INNER && check->has_remote)
			check_rp_filter_after(check);
		go_inside(check);
	}
	if (!tunnels_get(&check->conn, check->name, true, &list) && list.count)
		check->tunnel->counters = list.tunnel[0].counters;
	tunnel_list_free(&list);
	if (check->has_remote)
		check_icmp(check);
}

static void walk_chain(struct check *check)
{
	if (!check_tunnel(check))
		return;
	outside(check);
	check_forwarding(check);
	if (can_probe(check)) {
		progress(check, "asking through the tunnel ...");
		check_returns(check);
	}
	after_probes(check);
	if (check->reached == AT_INNER && !ip_is_any(&check->through.to)) {
		progress(check, "trying how long packets may be ...");
		check_path_mtu(check);
	}
	progress(check, "");
	if (check->unprivileged && !check->heard)
		step(check, "privilege", PROBLEM,
		     "whether the far end answers cannot be told without root");
}

static void print(const struct check *check)
{
	size_t problems = 0, warnings = 0;

	steps_print(check);
	path_print(check);
	for (size_t i = 0; i < check->steps; i++) {
		problems += check->step[i].result == PROBLEM;
		warnings += check->step[i].result == WARNING;
	}
	putchar('\n');
	text_put(stdout, check->name);
	fputs(": ", stdout);
	if (!problems && !warnings)
		puts("all is well");
	else
		printf("%zu problem%s, %zu warning%s\n", problems,
		       problems == 1 ? "" : "s", warnings,
		       warnings == 1 ? "" : "s");
}

static void print_json(const struct check *check)
{
	struct json_object *object = json_object_new_object();

	json_object_object_add(object, "ifname",
			       json_object_new_string(check->name));
	json_object_object_add(object, "ok",
			       json_object_new_boolean(!step_failed(check)));
	json_object_object_add(object, "steps", steps_json(check));
	json_object_object_add(object, "path", path_json(check));
	json_begin();
	json_put(object);
	json_end();
}

static enum status find_tunnel(struct check *check)
{
	enum status status;

	status = conn_open(&check->conn, check->ctx);
	if (!status)
		status = tunnels_get(&check->conn, NULL, true, &check->list);
	if (!status)
		status = addresses_get(check->ctx, &check->list);
	if (status)
		return status;
	for (size_t i = 0; i < check->list.count; i++) {
		if (strcmp(check->list.tunnel[i].ifname, check->name) == 0)
			check->tunnel = &check->list.tunnel[i];
	}
	if (!check->tunnel)
		return DONE;
	check->moved = check->tunnel->link_elsewhere;
	/* It is checked where the peer is now. */
	if (check->tunnel->roam.moved)
		check->tunnel->outer[REMOTE] = check->tunnel->roam.now.ip;
	check->has_remote = !check->tunnel->value[GRETUN_A_TUNNEL_EXTERNAL] &&
			    !ip_is_any(&check->tunnel->outer[REMOTE]);
	return places_open(check);
}

/**
 * cmd_check() - check a tunnel from end to end
 * @ctx: the command
 * @argc: words after it
 * @argv: these words
 *
 * Return: DONE if there is no problem, else REFUSED.
 */
enum status cmd_check(const struct context *ctx, int argc, char **argv)
{
	struct check check = {
		.ctx = ctx,
		.name = argc ? argv[0] : NULL,
		.stops = STATION_COUNT,
		.started = now(),
		.inside.file = -1,
		.outside.file = -1,
	};
	enum status status;

	check.deadline = check.started + TIME;
	if (!argc)
		return wrong(ctx->command, "the name of the tunnel is missing");
	status = parse_one_name(ctx, argc, argv);
	if (status)
		return status;
	if (check_module(&check)) {
		status = find_tunnel(&check);
		if (status)
			goto close;
		walk_chain(&check);
	}
	if (ctx->json)
		print_json(&check);
	else
		print(&check);
	status = output_end();
	if (!status && step_failed(&check))
		status = REFUSED;

close:
	icmp_close(&check.outer);
	icmp_close(&check.inner);
	places_close(&check);
	conn_close(&check.conn);
	tunnel_list_free(&check.list);
	steps_free(&check);
	return status;
}
