// SPDX-License-Identifier: GPL-2.0
/*
 * Walks through the words after "add" and "set", with the table of attrs.c:
 * each belongs there, stands there once, and has its value.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "attrs.h"

static enum status unknown_attr(const char *word, const struct context *ctx,
				enum use use)
{
	const char *words[ATTRS_MAX];
	const struct attr *attr;
	size_t count = 0;
	char what[32];

	attr = attr_find(word, FOR_ADD);
	if (attr && attr->type)
		return wrong(word, "only add takes it; a tunnel that exists keeps what it is");
	if (attr)
		return wrong(word, "only add takes it; for a tunnel that exists use ip(8)");
	for (attr = attrs; attr->word; attr++) {
		if (attr->use & use)
			words[count++] = attr->word;
	}
	snprintf(what, sizeof(what), "word for %s", ctx->command);
	return unknown_word(word, what, words, count);
}

/* Refuse a word that was there, or whose value another word gave. */
static enum status check_twice(const struct attr *attr, uint32_t seen)
{
	if (attr->use & REPEATS)
		return DONE;
	if (seen & BIT(attr - attrs))
		return wrong(attr->word, "given twice");
	for (const struct attr *other = attrs; other->word; other++) {
		if (seen & BIT(other - attrs) &&
		    attr_gives(attr) & attr_gives(other))
			return wrong(attr->word, "%s gives it already",
				     other->word);
	}
	return DONE;
}

/* Refuse a new tunnel that lacks a word, or has one too many. */
static enum status check_together(const struct context *ctx, uint32_t seen,
				  const struct request *request)
{
	bool external = request->tunnel.value[A(EXTERNAL)];

	for (const struct attr *attr = attrs; attr->word; attr++) {
		bool given = seen & BIT(attr - attrs);

		if (external && given && attr->use & BY_PACKET)
			return wrong(attr->word, "not for an external device; each packet brings its own");
		if (!external && !given && attr->use & NEEDED)
			return wrong(attr->word, "missing; %s needs it with %s",
				     ctx->command, attr->values);
	}
	return DONE;
}

/* A new tunnel does not have it anyway; set must take it away. */
static void give_none(const struct attr *attr, enum use use,
		      struct request *request)
{
	uint32_t unset = request->tunnel.value[A(UNSET)];

	if (use == FOR_ADD)
		return;
	if (attr_gives(attr) & BIT(A(IKEY)))
		unset |= GRETUN_OPTION_IKEY;
	if (attr_gives(attr) & BIT(A(OKEY)))
		unset |= GRETUN_OPTION_OKEY;
	if (attr_gives(attr) & BIT(A(ENCAP_LIMIT)))
		unset |= GRETUN_OPTION_ENCAP_LIMIT;
	if (attr_gives(attr) & BIT(A(KEEPALIVE_SECRET)))
		unset |= GRETUN_OPTION_KEEPALIVE_SECRET;
	give(request, A(UNSET), unset);
}

/* Make one text of two words, as of "dev ppp0". The text is to be freed. */
static char *join(const char *first, const char *second)
{
	char *text;

	if (asprintf(&text, "%s %s", first, second) < 0)
		out_of_memory();
	return text;
}

static enum status parse_word(const struct attr *attr, enum use use,
			      const char *text, struct request *request)
{
	bool none = attr->use & NONE;
	const char *reason;

	if (attr->values && (!text || (attr->pair && !strcmp(text, attr->pair))))
		return wrong(attr->word, "its value is missing; it takes %s%s",
			     attr->values, none ? ", or none" : "");
	if (none && strcmp(text, "none") == 0) {
		give_none(attr, use, request);
		return DONE;
	}
	reason = attr->parse(attr, text, request);
	if (!reason)
		return DONE;
	if (*reason)
		return wrong(attr->word, "%s", reason);
	return wrong(attr->word, "'%s' is not right; it takes %s%s", text,
		     attr->values, none ? ", or none" : "");
}

static const char *after_what(const struct attr *attr)
{
	return strcmp(attr->follows, "address") ?
		       "encap udp, like encap udp port 4754 source-port 4754" :
		       "an address, like address 10.1.12.37/32 peer 10.1.12.38";
}

/**
 * words_parse() - read the words after "add" or "set"
 * @ctx: the command
 * @use: which of the two it is
 * @argc: words after the command
 * @argv: these words, the name first
 * @request: where the values go; all must be 0
 *
 * Nothing but the words is looked at, neither the kernel nor the system.
 *
 * Return: DONE, or WRONG_WORD after a message.
 */
enum status words_parse(const struct context *ctx, enum use use, int argc,
			char **argv, struct request *request)
{
	const char *last = "";
	uint32_t seen = 0;
	enum status status;

	if (argc == 0)
		return wrong(ctx->command, "the name of the tunnel is missing");
	/* "add local 10.0.0.1": there is no tunnel that is called "local". */
	if (attr_find(argv[0], use) && (argc == 1 || !attr_find(argv[1], use)))
		return wrong(argv[0], "the name of the tunnel is missing before it");
	status = parse_ifname(argv[0]);
	if (status)
		return status;
	strcpy(request->tunnel.ifname, argv[0]);

	for (int i = 1; i < argc; i++) {
		const struct attr *attr = attr_find(argv[i], use);

		if (!attr)
			return unknown_attr(argv[i], ctx, use);
		status = check_twice(attr, seen);
		if (status)
			return status;
		if (attr->follows && strcmp(last, attr->follows))
			return wrong(argv[i], "it must follow %s",
				     after_what(attr));
		if (attr->pair && i + 2 < argc &&
		    strcmp(argv[i + 1], attr->pair) == 0) {
			char *text = join(argv[i + 1], argv[i + 2]);

			status = parse_word(attr, use, text, request);
			free(text);
			i++;
		} else {
			status = parse_word(attr, use, argv[i + 1], request);
		}
		if (status)
			return status;
		seen |= BIT(attr - attrs);
		/* One address has one peer. */
		if (!attr->follows || attr->use & REPEATS)
			last = attr->word;
		for (uint32_t type = 1; type <= A(MAX); type++) {
			if (attr_gives(attr) & BIT(type))
				request->word[type] = attr->word;
		}
		if (attr->values)
			i++;
	}

	if (has(&request->tunnel, A(LOCAL_IPV4)) ||
	    has(&request->tunnel, A(LOCAL_IPV6)))
		words_find_any(request, &request->tunnel.outer[LOCAL]);
	else if (use == FOR_ADD && has(&request->tunnel, A(LOCAL_DEV)))
		words_find_family(request);
	if (use == FOR_ADD)
		return check_together(ctx, seen, request);
	if (argc == 1)
		return wrong(ctx->command, "nothing to change is given");
	return DONE;
}

/**
 * words_find_dev() - look up the device that the tunnel shall be bound to
 * @request: what the user typed
 *
 * Return: DONE, or REFUSED after a message.
 */
enum status words_find_dev(struct request *request)
{
	unsigned int ifindex;

	if (!request->dev)
		return DONE;
	ifindex = if_nametoindex(request->dev);
	if (!ifindex)
		return refused("dev", "there is no device %s", request->dev);
	give(request, A(LINK), ifindex);
	return DONE;
}

/**
 * words_find_any() - turn "remote any" into an address
 * @request: what the user typed
 * @local: the local address of the tunnel, which tells the family
 *
 * It is done once; more calls do nothing.
 */
void words_find_any(struct request *request, const struct in6_addr *local)
{
	struct in6_addr ip;

	if (!request->any)
		return;
	request->any = false;
	ip_any(ip_is_ipv4(local) && !request->any6, &ip);
	give_address(request, REMOTE, &ip);
}

/**
 * words_find_family() - find the family of a new tunnel that follows a device
 * @request: what the user typed
 *
 * It is that of the peer; any peer is one of IPv4, any6 of IPv6.
 */
void words_find_family(struct request *request)
{
	struct in6_addr *local = &request->tunnel.outer[LOCAL];

	ip_any(!has(&request->tunnel, A(REMOTE_IPV6)) && !request->any6, local);
	words_find_any(request, local);
}

/**
 * words_refused() - say why the kernel refused a tunnel, and which word it was
 * @conn: the socket
 * @msg: the request, with one tunnel
 * @request: what the user typed
 *
 * Return: REFUSED.
 */
enum status words_refused(struct conn *conn, struct nl_msg *msg,
			  const struct request *request)
{
	uint32_t type = conn_bad_attr(conn, msg, NULL);
	const char *word = NULL;

	if (type <= A(MAX))
		word = request->word[type];
	return conn_refused(conn, word ? word : request->tunnel.ifname, NULL);
}
