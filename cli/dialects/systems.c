// SPDX-License-Identifier: GPL-2.0
/*
 * The systems that the other end may run, which of them the user asked for, and
 * what their dialects share: comments, and names.
 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "dialects.h"

/* Columns of a comment. */
#define WIDTH 78

/* The first is for those who did not say. */
const struct system systems[] = {
	{ "gretun", "gretun", "#", print_gretun },
	{ "iproute2", "Linux with iproute2", "#", print_iproute2 },
	{ "networkd", "Linux with systemd-networkd", "#", print_networkd },
	{ "freebsd", "FreeBSD", "#", print_freebsd },
	{ "netbsd", "NetBSD", "#", print_netbsd },
	{ "openbsd", "OpenBSD", "#", print_openbsd },
	{ "ios", "Cisco IOS", "!", print_ios },
	{ "routeros", "RouterOS", "#", print_routeros },
	{ "vyos", "VyOS", "#", print_vyos },
};

static enum status find_system(const char *word, struct view *view)
{
	const char *words[ARRAY_SIZE(systems)];

	if (view->system)
		return wrong("--as", "given twice");
	if (!word)
		return wrong("--as", "the system is missing, like --as openbsd");
	for (size_t i = 0; i < ARRAY_SIZE(systems); i++) {
		words[i] = systems[i].word;
		if (strcmp(word, words[i]) == 0)
			view->system = &systems[i];
	}
	return view->system ? DONE :
			      unknown_word(word, "system", words, ARRAY_SIZE(words));
}

/**
 * view_parse() - take the options out of the words of a command
 * @ctx: the command
 * @names: whether it takes --name
 * @argc: how many words there are; those that are left are counted
 * @argv: the words; those that are left move together
 * @view: where the options go
 *
 * Return: DONE, or WRONG_WORD after a message.
 */
enum status view_parse(const struct context *ctx, bool names, int *argc,
		       char **argv, struct view *view)
{
	static const char *const options[] = { "--as", "--table", "--name" };
	enum status status = DONE;
	int left = 0;

	memset(view, 0, sizeof(*view));
	for (int i = 0; i < *argc && !status; i++) {
		const char *value = i + 1 < *argc ? argv[i + 1] : NULL;

		if (*argv[i] != '-') {
			argv[left++] = argv[i];
		} else if (strcmp(argv[i], "--table") == 0) {
			if (view->table)
				return wrong("--table", "given twice");
			view->table = true;
		} else if (strcmp(argv[i], "--as") == 0) {
			status = find_system(value, view);
			i++;
		} else if (names && strcmp(argv[i], "--name") == 0) {
			if (view->name)
				return wrong("--name", "given twice");
			if (!value)
				return wrong("--name", "the name of the tunnel is missing");
			view->name = value;
			status = parse_ifname(value);
			i++;
		} else {
			return unknown_word(argv[i], "option", options,
					    names ? 3 : 2);
		}
	}
	*argc = left;
	if (!status && view->table && view->system)
		return wrong("--table", "not with --as; a table is of no system");
	if (!status && ctx->json && (view->table || view->system))
		return wrong(view->table ? "--table" : "--as",
			     "not with -j; it tells both ends, and no commands");
	if (!view->system)
		view->system = &systems[0];
	return status;
}

/**
 * note() - print a comment, in as many lines as it takes
 * @far: the other end; its system knows what a comment is
 * @format: the text, as for printf()
 */
void note(const struct far_end *far, const char *format, ...)
{
	const char *sign = far->system->comment;
	size_t column = 0;
	char *text, *rest;
	va_list args;

	va_start(args, format);
	if (vasprintf(&text, format, args) < 0)
		out_of_memory();
	va_end(args);
	rest = text;
	for (char *word; (word = strsep(&rest, " "));) {
		size_t len = strlen(word);

		if (column && column + 1 + len > WIDTH) {
			putchar('\n');
			column = 0;
		}
		if (!column) {
			fputs(sign, stdout);
			column = strlen(sign);
		}
		printf(" %s", word);
		column += 1 + len;
	}
	putchar('\n');
	free(text);
}

/**
 * note_mtu() - say where an MTU comes from that nobody measured
 * @far: the other end
 */
void note_mtu(const struct far_end *far)
{
	if (far->mtu_guessed)
		note(far, "The MTU of %u is for links of %u bytes on the way.",
		     far->tunnel.mtu, UNDERLAY_MTU);
}

/**
 * note_keepalive() - say what becomes of keepalives where the system has none
 * @far: the other end
 */
void note_keepalive(const struct far_end *far)
{
	if (far->tunnel.value[A(KEEPALIVE_PERIOD)])
		note(far, "%s has no keepalives. Those of the gretun end come back only if this host forwards packets.",
		     far->system->title);
}

/**
 * note_encap() - say that a system has no GRE in UDP, where the tunnel has it
 * @far: the other end
 */
void note_encap(const struct far_end *far)
{
	if (far->tunnel.value[A(ENCAP)])
		note(far, "%s is not known to have GRE in UDP (RFC 8086). This tunnel needs encap none at the gretun end.",
		     far->system->title);
}

/**
 * inner_start() - start the line that sets an address
 * @far: the other end
 * @inner: the address
 *
 * Return: what to print first: nothing, or the sign of a comment where the
 * address is to be chosen, after a comment that says so.
 */
const char *inner_start(const struct far_end *far, const struct inner *inner)
{
	static char sign[8];

	if (inner->known)
		return "";
	if (strcmp(inner->network, inner->remote) == 0)
		note(far, "%s/%u does not tell the address of this end; choose it:",
		     inner->remote, inner->prefixlen);
	else
		note(far, "Choose an address of %s/%u for this end; the other end has %s:",
		     inner->network, inner->prefixlen, inner->remote);
	snprintf(sign, sizeof(sign), "%s ", far->system->comment);
	return sign;
}

/**
 * linux_name() - tell the name of the device where ip_gre makes it
 * @far: the other end
 *
 * Return: the name it has here, unless the module takes that for itself.
 */
const char *linux_name(const struct far_end *far)
{
	static const char *const taken[] = { "gre0", "gretap0", "erspan0",
					     "ip6gre0", "ip6gretap0" };

	for (size_t i = 0; i < ARRAY_SIZE(taken); i++) {
		if (strcmp(far->tunnel.ifname, taken[i]) == 0)
			return "gre1";
	}
	return far->tunnel.ifname;
}

/**
 * same_key() - tell whether one key, or none, does for both directions
 * @far: the other end
 *
 * Return: whether it does, after a comment unless so.
 */
bool same_key(const struct far_end *far)
{
	const struct tunnel *tunnel = &far->tunnel;

	if (has(tunnel, A(IKEY)) == has(tunnel, A(OKEY)) &&
	    tunnel->value[A(IKEY)] == tunnel->value[A(OKEY)])
		return true;
	note(far, "%s has one key for both directions. This tunnel needs the same ikey and okey at the gretun end.",
	     far->system->title);
	return false;
}

/**
 * mtu_fits() - tell whether an MTU can be set that is not the usual 1476
 * @far: the other end
 * @min: the lowest MTU of the system, in bytes
 *
 * Return: whether to set it; comments are printed that go with it.
 */
bool mtu_fits(const struct far_end *far, uint32_t min)
{
	if (far->tunnel.mtu == 1476)
		return false;
	if (far->tunnel.mtu < min) {
		note(far, "An MTU of %u is too low for %s, which takes %u or more.",
		     far->tunnel.mtu, far->system->title, min);
		return false;
	}
	note_mtu(far);
	return true;
}

/**
 * far_print() - print the commands for the other end
 * @far: the other end
 * @system: what it runs
 */
void far_print(struct far_end *far, const struct system *system)
{
	far->system = system;
	note(far, "%s on %s, the end of the tunnel to %s", system->title,
	     far->local, far->remote);
	system->print(far);
	if (system->print != print_gretun && is_signed(&far->tunnel))
		note(far, "%s does not sign keepalives. To the gretun end it is dead unless that has keepalive-secret-file none, or keepalive off.",
		     system->title);
	if (!far->inner_count)
		note(far, "The other end has no address in the tunnel, so none is set.");
	if (far->follows)
		note(far, "%s is the address that %s has here now. When it is another one, the other end must be told.",
		     far->remote, far->follows);
	if (far->routes)
		note(far, "The other end has routes through the tunnel to networks here. Routes to its networks are for you to add.");
}
