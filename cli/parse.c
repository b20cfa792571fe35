// SPDX-License-Identifier: GPL-2.0
/*
 * Turns one word of the command line into a value, strictly: there is one way
 * to write each value, and what is not that is refused.
 */
#include <arpa/inet.h>
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/param.h>

#include "cli.h"

/* A typed word as long as this is not compared with those that exist. */
#define LONG_WORD 32

#define MAX_NAME_TEXT "15"

#define HOST_LETTERS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
#define HOST_CHARACTERS HOST_LETTERS "0123456789-"
_Static_assert(IFNAMSIZ == 16, "MAX_NAME_TEXT says it");

/**
 * parse_number() - read a decimal number, or a hexadecimal one with 0x
 * @text: the word
 * @min: smallest number allowed
 * @max: largest number allowed
 * @out: where the number goes
 *
 * No sign, no space, and no leading zero, which others read as octal.
 *
 * Return: whether @text is such a number.
 */
bool parse_number(const char *text, uint32_t min, uint32_t max, uint32_t *out)
{
	unsigned int base = 10;
	uint64_t number = 0;

	if (text[0] == '0' && (text[1] == 'x' || text[1] == 'X')) {
		base = 16;
		text += 2;
	} else if (text[0] == '0' && text[1]) {
		return false;
	}
	if (!*text)
		return false;

	for (; *text; text++) {
		unsigned char c = *text;

		if (isdigit(c))
			number = number * base + c - '0';
		else if (base == 16 && isxdigit(c))
			number = number * base + tolower(c) - 'a' + 10;
		else
			return false;
		if (number > max)
			return false;
	}
	*out = number;
	return number >= min;
}

/**
 * parse_key() - read a key: a number or a dotted quad
 * @text: the word
 * @out: where the key goes, host byte order
 *
 * Return: whether @text is a key.
 */
bool parse_key(const char *text, uint32_t *out)
{
	struct in_addr quad;

	if (inet_pton(AF_INET, text, &quad) == 1) {
		*out = ntohl(quad.s_addr);
		return true;
	}
	return parse_number(text, 0, UINT32_MAX, out);
}

/**
 * parse_choice() - find a word among those allowed
 * @text: the word
 * @choice: the words allowed, NULL at the end
 * @out: where the index of the word goes
 *
 * Return: whether @text is one of them.
 */
bool parse_choice(const char *text, const char *const *choice, uint32_t *out)
{
	for (uint32_t i = 0; choice[i]; i++) {
		if (strcmp(text, choice[i]) == 0) {
			*out = i;
			return true;
		}
	}
	return false;
}

/**
 * parse_prefix() - read an address and the length of its prefix
 * @text: the word, ADDR/LEN, IPv4 or IPv6
 * @out: where the address goes
 *
 * Return: whether @text is one.
 */
bool parse_prefix(const char *text, struct address *out)
{
	const char *slash = strchr(text, '/');
	char addr[INET6_ADDRSTRLEN];
	uint32_t prefixlen;
	size_t len;

	if (!slash)
		return false;
	len = slash - text;
	if (len >= sizeof(addr))
		return false;
	memcpy(addr, text, len);
	addr[len] = '\0';

	memset(out, 0, sizeof(*out));
	out->family = strchr(addr, ':') ? AF_INET6 : AF_INET;
	if (inet_pton(out->family, addr, out->local) != 1)
		return false;
	if (!parse_number(slash + 1, 0, out->family == AF_INET ? 32 : 128,
			  &prefixlen))
		return false;
	out->prefixlen = prefixlen;
	return true;
}

/**
 * parse_peer() - read the address at the other end
 * @text: the word
 * @address: the address at this end; the peer goes there too
 *
 * Return: whether @text is another address of the same family.
 */
bool parse_peer(const char *text, struct address *address)
{
	if (inet_pton(address->family, text, address->peer) != 1)
		return false;
	address->has_peer = true;
	return memcmp(address->peer, address->local, sizeof(address->peer));
}

static bool is_label(const char *text, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		if (!strchr(HOST_CHARACTERS, text[i]))
			return false;
	}
	return len && len <= 63 && *text != '-' && text[len - 1] != '-';
}

/**
 * parse_host() - tell the name of a host (RFC 1123)
 * @text: the word
 *
 * Its last part begins with a letter, so that a mistyped address is none, and
 * nothing that the C library takes for an address: it takes 10.1 and 0x7f.1.
 *
 * Return: whether @text is one.
 */
bool parse_host(const char *text)
{
	size_t len = strlen(text), last = 0;

	/* The dot at the end says that no domain is to be added. */
	if (len && text[len - 1] == '.')
		len--;
	if (len > 253)
		return false;
	for (size_t i = 0; i <= len; i++) {
		if (i < len && text[i] != '.')
			continue;
		if (!is_label(text + last, i - last))
			return false;
		if (i < len)
			last = i + 1;
	}
	return strchr(HOST_LETTERS, text[last]);
}

/**
 * ifname_reason() - tell what keeps a word from being the name of a tunnel
 * @name: the word
 *
 * The rules are the kernel's, with one more: a name that starts with a dash
 * would look like an option.
 *
 * Return: the reason, or NULL for a good name.
 */
const char *ifname_reason(const char *name)
{
	if (*name == '-')
		return "a name that starts with a dash looks like an option";
	if (strlen(name) >= IFNAMSIZ)
		return "too long for a name; it has 1 to " MAX_NAME_TEXT " characters";
	if (!*name || strcmp(name, ".") == 0 || strcmp(name, "..") == 0)
		return "not a name for a device";
	for (const char *c = name; *c; c++) {
		if (isspace((unsigned char)*c) || strchr("/:%", *c))
			return "not a name for a device; it has no space, '/', ':' or '%'";
	}
	return NULL;
}

/**
 * parse_ifname() - refuse what cannot be the name of a tunnel
 * @name: the name
 *
 * Return: DONE, or WRONG_WORD after a message.
 */
enum status parse_ifname(const char *name)
{
	const char *reason = ifname_reason(name);

	if (*name == '-')
		return wrong(name, "unknown option; see gretun --help");
	return reason ? wrong(name, "%s", reason) : DONE;
}

/**
 * parse_one_name() - check the words of a command that takes one name or none
 * @ctx: the command
 * @argc: words after the command
 * @argv: these words
 *
 * Return: DONE, or WRONG_WORD after a message.
 */
enum status parse_one_name(const struct context *ctx, int argc, char **argv)
{
	if (argc > 1)
		return wrong(argv[1], "one word too many; %s takes one name or none",
			     ctx->command);
	return argc ? parse_ifname(argv[0]) : DONE;
}

/*
 * How many letters were forgotten, added, changed, or swapped with the next
 * one, to get from one word to the other.
 */
static unsigned int distance(const char *a, const char *b)
{
	unsigned int row[3][LONG_WORD + 1] = { 0 };
	size_t a_len = strlen(a), b_len = strlen(b);

	if (a_len > LONG_WORD || b_len > LONG_WORD)
		return LONG_WORD;
	for (size_t j = 0; j <= b_len; j++)
		row[0][j] = j;
	for (size_t i = 1; i <= a_len; i++) {
		unsigned int *now = row[i % 3], *last = row[(i + 2) % 3];
		unsigned int *before = row[(i + 1) % 3];

		now[0] = i;
		for (size_t j = 1; j <= b_len; j++) {
			unsigned int other = a[i - 1] != b[j - 1];

			now[j] = MIN(MIN(last[j], now[j - 1]) + 1,
				     last[j - 1] + other);
			if (i > 1 && j > 1 && a[i - 1] == b[j - 2] &&
			    a[i - 2] == b[j - 1])
				now[j] = MIN(now[j], before[j - 2] + 1);
		}
	}
	return row[a_len % 3][b_len];
}

/**
 * unknown_reason() - write that a word is unknown, and which would be right
 * @typed: the word
 * @what: what kind of word it should be, like "command"
 * @words: those that exist
 * @count: how many
 *
 * Return: the text, to be freed.
 */
char *unknown_reason(const char *typed, const char *what,
		     const char *const *words, size_t count)
{
	unsigned int best = LONG_WORD;
	const char *nearest = NULL;
	size_t size;
	char *text;
	FILE *out;

	for (size_t i = 0; i < count; i++) {
		unsigned int d = strcasecmp(typed, words[i]) ?
					 distance(typed, words[i]) :
					 0;

		if (d < best) {
			best = d;
			nearest = words[i];
		}
	}

	out = open_memstream(&text, &size);
	if (!out)
		out_of_memory();
	/* Two wrong letters of three are no misspelling. */
	if (nearest && best <= 2 && best < strlen(nearest) - 1)
		fprintf(out, "unknown %s; did you mean %s? It is one of: ",
			what, nearest);
	else
		fprintf(out, "unknown %s; it is one of: ", what);
	for (size_t i = 0; i < count; i++)
		fprintf(out, "%s%s", i ? ", " : "", words[i]);
	if (fclose(out))
		out_of_memory();
	return text;
}

/**
 * unknown_word() - say that a word is unknown, and which would be right
 * @typed: the word
 * @what: what kind of word it should be, like "command"
 * @words: those that exist
 * @count: how many
 *
 * Return: WRONG_WORD.
 */
enum status unknown_word(const char *typed, const char *what,
			 const char *const *words, size_t count)
{
	char *text = unknown_reason(typed, what, words, count);
	enum status status = wrong(typed, "%s", text);

	free(text);
	return status;
}
