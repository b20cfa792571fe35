// SPDX-License-Identifier: GPL-2.0
/*
 * The path of a packet as a picture: what it passes, and where it stops.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <json-c/json_object.h>

#include "check.h"

/* What is longer stands before the mark instead of behind it. */
#define LINE 100

/* A station as it is on the way of this tunnel. */
struct stop {
	bool there;
	const char *kind;
	char name[IFNAMSIZ]; /* of a device, "" without one */
	char address[INET6_ADDRSTRLEN];
};

/* How to name a station; a device has a name of its own. */
static const char *const kinds[STATION_COUNT] = {
	[AT_TUNNEL] = "tunnel",
	[AT_LOCAL] = "local",
	[AT_GATEWAY] = "gateway",
	[AT_ROUTER] = "router",
	[AT_REMOTE] = "remote",
	[AT_INNER] = "inner",
};

static void put_address(struct stop *stop, const struct in6_addr *address)
{
	stop->there = true;
	if (!ip_is_any(address))
		ip_text(address, stop->address);
}

static void put_inner(struct stop *stop, const struct tunnel *tunnel)
{
	struct in6_addr address;

	stop->there = true;
	for (size_t i = 0; i < tunnel->address_count; i++) {
		address_ip(&tunnel->address[i], false, &address);
		if (IN6_IS_ADDR_LINKLOCAL(&address))
			continue;
		ip_text(&address, stop->address);
		return;
	}
}

static void stations(const struct check *check, struct stop *stop)
{
	const struct tunnel *tunnel = check->tunnel;

	memset(stop, 0, STATION_COUNT * sizeof(*stop));
	for (int i = 0; i < STATION_COUNT; i++)
		stop[i].kind = kinds[i];
	strcpy(stop[AT_TUNNEL].name, check->name);
	stop[AT_TUNNEL].there = true;
	if (!tunnel)
		return;
	put_inner(&stop[AT_TUNNEL], tunnel);
	put_address(&stop[AT_LOCAL], &tunnel->outer[LOCAL]);
	strcpy(stop[AT_LOCAL].name, check->local_dev.name);
	if (!check->has_remote)
		return;
	put_address(&stop[AT_REMOTE], &tunnel->outer[REMOTE]);
	if (check->routed && !ip_is_any(&check->route.gateway))
		put_address(&stop[AT_GATEWAY], &check->route.gateway);
	if (!ip_is_any(&check->router))
		put_address(&stop[AT_ROUTER], &check->router);
	put_address(&stop[AT_INNER], &check->peer);
	if (!ip_is_any(&check->through.to))
		put_address(&stop[AT_INNER], &check->through.to);
}

/* The station before which the packets stop, STATION_COUNT if none. */
static enum station find_mark(const struct check *check,
			      const struct stop *stop)
{
	enum station at = check->stops;

	while (at < STATION_COUNT && !stop[at].there)
		at++;
	return at;
}

static size_t put_stop(FILE *out, enum station at, const struct stop *stop)
{
	const char *space = *stop->name && *stop->address ? " " : "";
	char name[NAME_TEXT];

	switch (at) {
	case AT_TUNNEL:
		return fprintf(out, "this host [%s%s%s]",
			       name_text(stop->name, name), space,
			       stop->address);
	case AT_INNER:
		return fprintf(out, "[%s]",
			       *stop->address ? stop->address : "its tunnel");
	case AT_REMOTE:
		return fprintf(out, "far end %s", stop->address);
	case AT_GATEWAY:
	case AT_ROUTER:
		return fprintf(out, "%s %s", stop->kind, stop->address);
	default:
		return fprintf(out, "%s%s%s",
			       name_text(stop->name, name), space,
			       *stop->address ? stop->address : "any address");
	}
}

static void print_mark(const struct check *check, size_t column)
{
	const char *text = check->step[check->why].text;
	size_t width = terminal_width();
	size_t behind = column + strlen("^ stops here: ");
	bool fits = column + strlen(text) <= LINE &&
		    behind + strlen(text) <= width;

	printf("%*s^ stops here:%s", (int)column, "", fits ? " " : "\n  ");
	text_wrap(text, fits ? behind : 2);
	putchar('\n');
}

/**
 * path_print() - draw the path
 * @check: the check
 */
void path_print(const struct check *check)
{
	struct stop stop[STATION_COUNT];
	size_t column = 2, mark_column = 0;
	enum station mark;

	stations(check, stop);
	mark = find_mark(check, stop);
	printf("\n  ");
	for (int i = 0; i < STATION_COUNT; i++) {
		if (!stop[i].there)
			continue;
		if (i == (int)mark) {
			mark_column = column + 2;
			column += printf(" -X- ");
		} else if (i) {
			column += printf(i <= (int)check->reached &&
							 i < (int)mark ?
						 " -- " :
						 " .. ");
		}
		column += put_stop(stdout, i, &stop[i]);
	}
	putchar('\n');
	if (mark < STATION_COUNT)
		print_mark(check, mark_column);
}

/**
 * path_json() - make an array of the stations
 * @check: the check
 *
 * Each tells whether packets of the tunnel got there, null if that is not
 * known.
 *
 * Return: the array.
 */
struct json_object *path_json(const struct check *check)
{
	struct json_object *array = json_object_new_array();
	struct stop stop[STATION_COUNT];
	enum station mark;

	stations(check, stop);
	mark = find_mark(check, stop);
	for (int i = 0; i < STATION_COUNT; i++) {
		struct json_object *object, *reached = NULL;

		if (!stop[i].there)
			continue;
		object = json_object_new_object();
		json_object_object_add(object, "station",
				       json_object_new_string(stop[i].kind));
		json_object_object_add(object, "dev",
				       *stop[i].name ?
					       json_object_new_string(stop[i].name) :
					       NULL);
		json_object_object_add(object, "address",
				       *stop[i].address ?
					       json_object_new_string(stop[i].address) :
					       NULL);
		if (i >= (int)mark)
			reached = json_object_new_boolean(false);
		else if (i <= (int)check->reached)
			reached = json_object_new_boolean(true);
		json_object_object_add(object, "reached", reached);
		json_object_array_add(array, object);
	}
	return array;
}
