// SPDX-License-Identifier: GPL-2.0
/*
 * What to do about a reason: the likely cause and the next step, with the
 * names and addresses of the tunnel in the place of those that stand for them.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <json-c/json_object.h>

#include "cli.h"

/* What a word of the text stands for, or NULL if it is like any other. */
static const char *meaning(const char *word, size_t len,
			   const struct tunnel *tunnel, char *buf)
{
	static const char *const ends[END_COUNT] = { "LOCAL", "REMOTE" };

	if (len == strlen("NAME") && strncmp(word, "NAME", len) == 0)
		return tunnel->ifname;
	for (int i = 0; i < END_COUNT; i++) {
		const struct in6_addr *ip = &tunnel->outer[i];

		if (len == strlen(ends[i]) &&
		    strncmp(word, ends[i], len) == 0 && !ip_is_any(ip))
			return ip_text(ip, buf);
	}
	return NULL;
}

/* Without a tunnel the words stay. The text is to be freed. */
static char *fill_in(const char *text, const struct tunnel *tunnel)
{
	char *filled, buf[INET6_ADDRSTRLEN];
	size_t size;
	FILE *out;

	out = open_memstream(&filled, &size);
	if (!out)
		out_of_memory();
	while (*text) {
		size_t len = strspn(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZ");
		const char *instead = NULL;

		if (len && tunnel)
			instead = meaning(text, len, tunnel, buf);
		if (instead)
			fputs(instead, out);
		else
			fwrite(text, 1, len ? len : 1, out);
		text += len ? len : 1;
	}
	if (fclose(out))
		out_of_memory();
	return filled;
}

/**
 * explain_print() - print what to do about a reason
 * @reason: the reason
 * @tunnel: whose packets they are, NULL for those of no tunnel
 */
void explain_print(const struct reason *reason, const struct tunnel *tunnel)
{
	static const char likely[] = "    likely cause: ";
	char *cause = fill_in(reason->cause, tunnel);
	char *step = fill_in(reason->step, tunnel);

	fputs(likely, stdout);
	text_wrap(cause, strlen(likely));
	/* This may be a command, to be copied. */
	fputs("\n    next step: ", stdout);
	text_put(stdout, step);
	putchar('\n');
	free(cause);
	free(step);
}

/**
 * explain_json() - make an object of what to do about a reason
 * @what: "reason", or "icmp" for a kind of ICMP error
 * @reason: the reason
 * @packets: how many there were
 * @tunnel: whose packets they are, NULL for those of no tunnel
 *
 * Return: the object.
 */
struct json_object *explain_json(const char *what, const struct reason *reason,
				 uint64_t packets, const struct tunnel *tunnel)
{
	struct json_object *object = json_object_new_object();
	char *cause = fill_in(reason->cause, tunnel);
	char *step = fill_in(reason->step, tunnel);

	json_object_object_add(object, what,
			       json_object_new_string(reason->name));
	json_object_object_add(object, "packets",
			       json_object_new_uint64(packets));
	json_object_object_add(object, "meaning",
			       json_object_new_string(reason->text));
	json_object_object_add(object, "cause", json_object_new_string(cause));
	json_object_object_add(object, "step", json_object_new_string(step));
	free(cause);
	free(step);
	return object;
}
