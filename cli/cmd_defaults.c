// SPDX-License-Identifier: GPL-2.0
/*
 * gretun defaults: what new tunnels in a network namespace are like. The
 * words are those that sysctl(8) has under net.gretun.
 */
#include <stdio.h>
#include <string.h>
#include <json-c/json_object.h>
#include <netlink/attr.h>
#include <netlink/genl/genl.h>

#include "cli.h"

#define D(name) GRETUN_A_DEFAULTS_##name

static const struct setting {
	const char *word;
	uint32_t type;	    /* of the netlink attribute */
	uint32_t size;	    /* that it has, in bytes */
	const char *values; /* what may follow the word */
	const char *zero;   /* how 0 is written, NULL: as a number */
	uint32_t min, max;
} settings[] = {
	{ "default_ttl", D(TTL), 1, "a number from 1 to 255", NULL, 1, 255 },
	{ "default_mtu", D(MTU), 4, "a number from 68 to 65535, or auto, which 0 is too",
	  "auto", 68, 65535 },
	{ "allow", D(ALLOW), 1, "1, or 0 to refuse new tunnels", NULL, 0, 1 },
};

static int on_defaults(struct nl_msg *msg, void *arg)
{
	struct nlattr *attr, *nest;
	uint32_t *value = arg;
	int rest;

	nest = nlmsg_find_attr(nlmsg_hdr(msg), GENL_HDRLEN,
			       GRETUN_A_DEFAULTS);
	if (!nest)
		return NL_OK;
	nla_for_each_nested(attr, nest, rest) {
		if (nla_type(attr) > D(MAX))
			continue;
		value[nla_type(attr)] = nla_len(attr) == 1 ? nla_get_u8(attr) :
							     nla_get_u32(attr);
	}
	return NL_OK;
}

static void put_defaults(const uint32_t *value)
{
	struct json_object *object = json_object_new_object();

	json_object_object_add(object, "default_ttl",
			       json_object_new_int64(value[D(TTL)]));
	json_object_object_add(object, "default_mtu",
			       json_object_new_int64(value[D(MTU)]));
	json_object_object_add(object, "allow",
			       json_object_new_boolean(value[D(ALLOW)]));
	json_begin();
	json_put(object);
	json_end();
}

static void print_defaults(const uint32_t *value)
{
	for (size_t i = 0; i < ARRAY_SIZE(settings); i++) {
		const struct setting *setting = &settings[i];

		if (setting->zero && !value[setting->type])
			printf("%s %s\n", setting->word, setting->zero);
		else
			printf("%s %u\n", setting->word, value[setting->type]);
	}
}

/**
 * defaults_get() - read what new tunnels are like
 * @conn: a connection to the module
 * @value: where the values go, by GRETUN_A_DEFAULTS_*
 *
 * Return: DONE, or REFUSED after a message.
 */
enum status defaults_get(struct conn *conn, uint32_t *value)
{
	struct nl_msg *msg = conn_request(conn, GRETUN_CMD_DEFAULTS_GET, 0, 64);
	enum status status = DONE;

	if (conn_talk(conn, msg, on_defaults, value))
		status = conn_refused(conn, conn->command, NULL);
	nlmsg_free(msg);
	return status;
}

static enum status get(const struct context *ctx, struct conn *conn)
{
	uint32_t value[D(MAX) + 1] = { 0 };
	enum status status = defaults_get(conn, value);

	if (!status && ctx->json)
		put_defaults(value);
	else if (!status)
		print_defaults(value);
	return status;
}

static enum status set(struct conn *conn, const struct setting *setting,
		       uint32_t value)
{
	struct nl_msg *msg = conn_request(conn, GRETUN_CMD_DEFAULTS_SET, 0, 64);
	struct nlattr *nest = nla_nest_start(msg, GRETUN_A_DEFAULTS);
	uint8_t byte = value;
	enum status status = DONE;

	if (!nest || nla_put(msg, setting->type, setting->size,
			     setting->size == 1 ? (void *)&byte :
						  (void *)&value))
		out_of_memory();
	nla_nest_end(msg, nest);
	if (conn_talk(conn, msg, NULL, NULL))
		status = conn_refused(conn, setting->word, NULL);
	nlmsg_free(msg);
	return status;
}

static enum status parse_words(const struct context *ctx, int argc,
			       char **argv, const struct setting **setting,
			       uint32_t *value)
{
	const char *words[ARRAY_SIZE(settings)];

	if (!argc)
		return DONE;
	for (size_t i = 0; i < ARRAY_SIZE(settings); i++) {
		words[i] = settings[i].word;
		if (strcmp(argv[0], words[i]) == 0)
			*setting = &settings[i];
	}
	if (!*setting)
		return unknown_word(argv[0], "default", words,
				    ARRAY_SIZE(words));
	if (argc == 1)
		return wrong(argv[0], "its value is missing; it takes %s",
			     (*setting)->values);
	if (argc > 2)
		return wrong(argv[2], "one word too many; %s takes one value at a time",
			     ctx->command);
	/* sysctl has the number alone. */
	if ((*setting)->zero && (strcmp(argv[1], (*setting)->zero) == 0 ||
				 strcmp(argv[1], "0") == 0))
		*value = 0;
	else if (!parse_number(argv[1], (*setting)->min, (*setting)->max,
			       value))
		return wrong(argv[0], "'%s' is not right; it takes %s", argv[1],
			     (*setting)->values);
	return DONE;
}

/**
 * cmd_defaults() - show what new tunnels are like, or change it
 * @ctx: the command
 * @argc: words after it
 * @argv: these words
 *
 * Return: the exit status, after a message unless it is DONE.
 */
enum status cmd_defaults(const struct context *ctx, int argc, char **argv)
{
	const struct setting *setting = NULL;
	enum status status;
	struct conn conn;
	uint32_t value;

	status = parse_words(ctx, argc, argv, &setting, &value);
	if (status)
		return status;
	status = conn_open(&conn, ctx);
	if (!status)
		status = setting ? set(&conn, setting, value) :
				   get(ctx, &conn);
	conn_close(&conn);
	return status ? status : output_end();
}
