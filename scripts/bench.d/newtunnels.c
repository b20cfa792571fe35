// SPDX-License-Identifier: GPL-2.0
/*
 * Makes many gretun tunnels with few netlink messages, as a program that
 * manages them would.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <libmnl/libmnl.h>
#include <linux/genetlink.h>
#include <linux/gretun.h>

/* A message is sent when it has come to this size. */
#define CHUNK 65536
/* More than one tunnel takes. */
#define ROOM 256

static char buf[CHUNK + ROOM];
static struct mnl_socket *sock;
static uint16_t family = GENL_ID_CTRL;

/* A number that is the same for all tunnels, or counts up with them. */
struct value {
	uint32_t base;
	bool given;
	bool counts;
};

struct options {
	struct value local;
	struct value remote;
	struct value key;
	uint32_t keepalive;
	bool csum;
	bool seq;
	bool fastpath;
	bool external;
	bool up;
};

static void __attribute__((noreturn, format(printf, 1, 2)))
die(const char *format, ...)
{
	va_list args;

	fputs("newtunnels: ", stderr);
	va_start(args, format);
	vfprintf(stderr, format, args);
	va_end(args);
	fputc('\n', stderr);
	exit(1);
}

static struct nlmsghdr *start(uint8_t cmd)
{
	struct nlmsghdr *msg = mnl_nlmsg_put_header(buf);
	struct genlmsghdr *genl;

	msg->nlmsg_type = family;
	msg->nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK;
	genl = mnl_nlmsg_put_extra_header(msg, sizeof(*genl));
	genl->cmd = cmd;
	genl->version = GRETUN_GENL_VERSION;
	return msg;
}

static int read_family(const struct nlmsghdr *msg, void *arg)
{
	const struct nlattr *attr;

	(void)arg;
	mnl_attr_for_each(attr, msg, sizeof(struct genlmsghdr))
		if (mnl_attr_get_type(attr) == CTRL_ATTR_FAMILY_ID)
			family = mnl_attr_get_u16(attr);
	return MNL_CB_OK;
}

/* Send @msg and take the answer. */
static void talk(const struct nlmsghdr *msg)
{
	char reply[8192];
	int len, more;

	if (mnl_socket_sendto(sock, msg, msg->nlmsg_len) < 0)
		die("cannot send: %s", strerror(errno));
	do {
		len = mnl_socket_recvfrom(sock, reply, sizeof(reply));
		more = len < 0 ? -1 : mnl_cb_run(reply, len, 0, 0, read_family, NULL);
	} while (more > 0);
	if (more < 0)
		die("refused: %s", strerror(errno));
}

/* The number for tunnel @i. */
static uint32_t value_of(const struct value *value, uint32_t i)
{
	return value->base + i * value->counts;
}

static void put_tunnel(struct nlmsghdr *msg, const char *prefix, uint32_t i,
		       const struct options *opt)
{
	struct nlattr *nest = mnl_attr_nest_start(msg, GRETUN_A_TUNNEL);
	char name[16];

	snprintf(name, sizeof(name), "%s%u", prefix, i);
	mnl_attr_put_strz(msg, GRETUN_A_TUNNEL_IFNAME, name);
	if (opt->local.given)
		mnl_attr_put_u32(msg, GRETUN_A_TUNNEL_LOCAL_IPV4,
				 htonl(value_of(&opt->local, i)));
	if (opt->remote.given)
		mnl_attr_put_u32(msg, GRETUN_A_TUNNEL_REMOTE_IPV4,
				 htonl(value_of(&opt->remote, i)));
	if (opt->key.given) {
		mnl_attr_put_u32(msg, GRETUN_A_TUNNEL_IKEY, value_of(&opt->key, i));
		mnl_attr_put_u32(msg, GRETUN_A_TUNNEL_OKEY, value_of(&opt->key, i));
	}
	if (opt->csum)
		mnl_attr_put_u8(msg, GRETUN_A_TUNNEL_CSUM, 1);
	if (opt->seq)
		mnl_attr_put_u8(msg, GRETUN_A_TUNNEL_SEQ, 1);
	if (opt->fastpath)
		mnl_attr_put_u8(msg, GRETUN_A_TUNNEL_FASTPATH, 1);
	if (opt->external)
		mnl_attr_put_u8(msg, GRETUN_A_TUNNEL_EXTERNAL, 1);
	if (opt->keepalive)
		mnl_attr_put_u32(msg, GRETUN_A_TUNNEL_KEEPALIVE_PERIOD,
				 opt->keepalive);
	if (opt->up)
		mnl_attr_put(msg, GRETUN_A_TUNNEL_UP, 0, NULL);
	mnl_attr_nest_end(msg, nest);
}

/* Take the + off @word, if it ends with one. */
static bool take_plus(char *word)
{
	size_t len = strlen(word);

	if (!len || word[len - 1] != '+')
		return false;
	word[len - 1] = '\0';
	return true;
}

static uint32_t parse_number(const char *word)
{
	unsigned long value;
	char *end;

	errno = 0;
	value = strtoul(word, &end, 10);
	if (errno || !*word || *end || value > UINT32_MAX)
		die("%s: must be a number", word);
	return value;
}

static struct value parse_address(char *word)
{
	struct value value = { .given = true, .counts = take_plus(word) };
	struct in_addr addr;

	if (inet_pton(AF_INET, word, &addr) != 1)
		die("%s: must be an IPv4 address", word);
	value.base = ntohl(addr.s_addr);
	return value;
}

static struct value parse_key(char *word)
{
	struct value value = { .given = true, .counts = take_plus(word) };

	value.base = parse_number(word);
	return value;
}

static void parse_options(char **argv, struct options *opt)
{
	for (; *argv; argv++) {
		if (!strcmp(*argv, "csum"))
			opt->csum = true;
		else if (!strcmp(*argv, "seq"))
			opt->seq = true;
		else if (!strcmp(*argv, "fastpath"))
			opt->fastpath = true;
		else if (!strcmp(*argv, "external"))
			opt->external = true;
		else if (!strcmp(*argv, "up"))
			opt->up = true;
		else if (!argv[1])
			die("%s: no such word, or its value is missing", *argv);
		else if (!strcmp(*argv, "local"))
			opt->local = parse_address(*++argv);
		else if (!strcmp(*argv, "remote"))
			opt->remote = parse_address(*++argv);
		else if (!strcmp(*argv, "key"))
			opt->key = parse_key(*++argv);
		else if (!strcmp(*argv, "keepalive"))
			opt->keepalive = parse_number(*++argv);
		else
			die("%s: no such word", *argv);
	}
}

int main(int argc, char **argv)
{
	struct options opt = {};
	struct nlmsghdr *msg;
	uint32_t i, last;

	if (argc < 4) {
		fputs("usage: newtunnels PREFIX FIRST LAST [local ADDR] [remote ADDR] [key KEY]\n"
		      "       [keepalive SECONDS] [csum] [seq] [fastpath] [external] [up]\n"
		      "Makes the tunnels PREFIXFIRST to PREFIXLAST. To an address or a key that\n"
		      "ends with a +, the number of the tunnel is added.\n",
		      stderr);
		return 2;
	}
	i = parse_number(argv[2]);
	last = parse_number(argv[3]);
	parse_options(argv + 4, &opt);

	sock = mnl_socket_open(NETLINK_GENERIC);
	if (!sock || mnl_socket_bind(sock, 0, MNL_SOCKET_AUTOPID) < 0)
		die("no netlink socket: %s", strerror(errno));
	msg = start(CTRL_CMD_GETFAMILY);
	mnl_attr_put_strz(msg, CTRL_ATTR_FAMILY_NAME, GRETUN_GENL_NAME);
	talk(msg);

	while (i <= last) {
		msg = start(GRETUN_CMD_TUNNEL_NEW);
		for (; i <= last && msg->nlmsg_len < CHUNK; i++)
			put_tunnel(msg, argv[1], i, &opt);
		talk(msg);
	}
	return 0;
}
