// SPDX-License-Identifier: GPL-2.0
/*
 * gretun plan: both ends of a tunnel that is not there yet, out of two public
 * addresses and a network for the inside. Nothing but the words is looked at, so
 * that anybody can make plans anywhere.
 */
#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "dialects/dialects.h"

#define DEFAULT_NAME "gre1"

/* Words of "add" that are of one host alone, or said already. */
static const char *const not_here[] = { "local", "remote", "external", "dev",
					"fwmark", "fastpath", "down" };

static unsigned int host_bits(const struct address *prefix)
{
	return (prefix->family == AF_INET ? 32 : 128) - prefix->prefixlen;
}

static enum status parse_outer(const char *word, struct in6_addr *out)
{
	if (!ip_parse(word, out))
		return wrong(word, "not an IPv4 or IPv6 address");
	if (!ip_is_for_host(ip_is_ipv4(out) ? AF_INET : AF_INET6,
			    ip_bytes(out)))
		return wrong(word, "not an address that a host can have");
	return DONE;
}

static enum status parse_ends(char **argv, struct in6_addr end[END_COUNT])
{
	enum status status;

	status = parse_outer(argv[0], &end[LOCAL]);
	if (!status)
		status = parse_outer(argv[1], &end[REMOTE]);
	if (status)
		return status;
	if (ip_is_ipv4(&end[LOCAL]) != ip_is_ipv4(&end[REMOTE]))
		return wrong(argv[1], "%s is not of the same family; both are IPv4 or both IPv6",
			     argv[0]);
	if (ip_equal(&end[LOCAL], &end[REMOTE]))
		return wrong(argv[1], "the same address twice; a tunnel has two ends");
	return DONE;
}

/* Whether @ip has the first @len bits of @network. */
static bool is_in(const struct address *network, const uint8_t *ip)
{
	for (unsigned int bit = 0; bit < network->prefixlen; bit++) {
		if ((network->local[bit / 8] ^ ip[bit / 8]) & 0x80 >> bit % 8)
			return false;
	}
	return true;
}

/* The first address of the network, with all bits 0 that are the host's. */
static void find_network(struct address *network)
{
	unsigned int end = network->family == AF_INET ? 32 : 128;

	for (unsigned int bit = network->prefixlen; bit < end; bit++)
		network->local[bit / 8] &= ~(0x80 >> bit % 8);
}

/* The first two addresses for hosts. A network of two has these alone. */
static void find_hosts(const struct address *network, struct address *first,
		       struct address *second)
{
	size_t last = network->family == AF_INET ? 3 : 15;
	uint8_t skip = host_bits(network) > 1;

	*first = *network;
	*second = *network;
	first->local[last] += skip;
	second->local[last] += skip + 1;
}

static enum status parse_network(const char *word,
				 const struct in6_addr end[END_COUNT],
				 struct address *first, struct address *second)
{
	char text[128], outer[INET6_ADDRSTRLEN];
	struct address given, network;

	if (!parse_prefix(word, &given))
		return wrong(word, "not a network; it takes an address and the length of the prefix, like 10.1.12.36/30");
	network = given;
	find_network(&network);
	address_text(&network, text, sizeof(text));
	if (memcmp(given.local, network.local, sizeof(given.local)))
		return wrong(word, "not the start of a network; that is %s",
			     text);
	if (!host_bits(&network))
		return wrong(word, "no two addresses are in it; it takes a prefix of %u bits or fewer",
			     network.prefixlen - 1);
	if (address_is_own(&network))
		return wrong(word, "link-local addresses are each end's own; it takes a network that both ends are in");
	find_hosts(&network, first, second);
	if (!ip_is_for_host(network.family, first->local) ||
	    !ip_is_for_host(network.family, second->local))
		return wrong(word, "no addresses that a host can have");
	for (int i = 0; i < END_COUNT; i++) {
		int family = ip_is_ipv4(&end[i]) ? AF_INET : AF_INET6;

		if (family == network.family &&
		    is_in(&network, ip_bytes(&end[i])))
			return wrong(word, "%s is in it, which must not be routed into the tunnel",
				     ip_text(&end[i], outer));
	}
	return DONE;
}

/* What the kernel would refuse once there is one. */
static enum status check_options(const struct tunnel *tunnel)
{
	uint32_t most = UINT16_MAX - tunnel_overhead(tunnel);

	if (tunnel->value[A(MTU)] > most)
		return wrong("mtu", "at most %u, as the tunnel adds %u bytes",
			     most, tunnel_overhead(tunnel));
	if (ip_is_ipv4(&tunnel->outer[LOCAL])) {
		if (has(tunnel, A(FLOWLABEL)))
			return wrong("flowlabel", "only over IPv6");
		if (has(tunnel, A(ENCAP_LIMIT)))
			return wrong("encaplimit", "only over IPv6");
	}
	return DONE;
}

/* Read the options as "add" would. */
static enum status parse_options(const struct context *ctx, const char *name,
				 const struct address *first, int argc,
				 char **argv, struct request *request)
{
	char address[128], **words;
	enum status status;
	int count = 0;

	for (int i = 3; i < argc; i++) {
		for (size_t j = 0; j < ARRAY_SIZE(not_here); j++) {
			if (strcmp(argv[i], not_here[j]) == 0)
				return wrong(argv[i], "not for %s, but for add on one host",
					     ctx->command);
		}
	}
	/* NULL is behind the last, as with those of main(). */
	words = calloc(argc + 5, sizeof(*words));
	if (!words)
		out_of_memory();
	address_text(first, address, sizeof(address));
	words[count++] = (char *)name;
	words[count++] = "address";
	words[count++] = address;
	words[count++] = "local";
	words[count++] = argv[0];
	words[count++] = "remote";
	words[count++] = argv[1];
	for (int i = 3; i < argc; i++)
		words[count++] = argv[i];
	status = words_parse(ctx, FOR_ADD, count, words, request);
	free(words);
	return status ? status : check_options(&request->tunnel);
}

/* The first end as the other end of the second, which has the same form. */
static void print_plan(const struct context *ctx, const struct view *view,
		       struct tunnel *left, const struct address *first,
		       const struct address *second)
{
	struct far_end near, far;

	tunnel_complete(left);
	mirror(left, second, &far);
	mirror(&far.tunnel, first, &near);
	near.mtu_guessed = !left->value[A(MTU)];
	far.mtu_guessed = near.mtu_guessed;
	if (ctx->json) {
		both_json(left, &far);
	} else if (view->table) {
		both_table(left, &far);
	} else {
		far_print(&near, &systems[0]);
		putchar('\n');
		far_print(&far, view->system);
	}
	mirror_free(&near);
	mirror_free(&far);
}

/**
 * cmd_plan() - print both ends of a tunnel to be
 * @ctx: the command
 * @argc: words after it
 * @argv: these words
 *
 * Return: the exit status, after a message unless it is DONE.
 */
enum status cmd_plan(const struct context *ctx, int argc, char **argv)
{
	struct address first, second;
	struct in6_addr end[END_COUNT];
	struct request request = { 0 };
	enum status status;
	struct view view;

	status = view_parse(ctx, true, &argc, argv, &view);
	if (status)
		return status;
	if (argc < 3)
		return wrong(ctx->command, "it takes the public addresses of both ends and a network for the inside, like 212.25.240.34 217.154.12.2 10.1.12.36/30");
	status = parse_ends(argv, end);
	if (!status)
		status = parse_network(argv[2], end, &first, &second);
	if (status)
		return status;
	status = parse_options(ctx, view.name ? view.name : DEFAULT_NAME,
			       &first, argc, argv, &request);
	if (!status)
		print_plan(ctx, &view, &request.tunnel, &first, &second);
	free(request.tunnel.address);
	return status ? status : output_end();
}
