// SPDX-License-Identifier: GPL-2.0
/*
 * Sends random messages to the gretun family, made from the netlink spec, whole
 * and damaged, and looks at what there is after them: fuzz WHO COUNT [SEED]
 *
 * WHO is root; user, who has a user namespace and is root there; or nobody, who
 * may read alone. Three of four messages are damaged. Every so many messages each
 * tunnel that a dump shows is set to what the dump says, deleted, and made from the
 * dump anew: if it is then what it was, no message made a tunnel that no valid one
 * makes. The state that nobody finds is the state that nobody leaves.
 *
 * Topology: an empty netns with the device under0.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <net/if.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>
#include <arpa/inet.h>
#include <linux/genetlink.h>

#include "link.h"
#include "nl.h"

/* Messages between two looks, and at most in a datagram. */
#define BETWEEN 2000
#define TOGETHER 16
/* Names of tunnels, more of which damage makes; tunnels seen, bytes of each. */
#define NAMES 8
#define TUNNELS 200
#define NEST_MAX 512

enum spec_kind {
	NUMBER,
	FLAG,
	NEST,
	STRING,
	BINARY
};

struct spec_set;

/**
 * struct spec_attr - an attribute of the spec
 * @type: its number
 * @kind: what it holds
 * @size: in bytes, 0 if that varies
 * @min: lowest value of a number
 * @max: highest
 * @nested: what is in a nest
 * @name: its name
 */
struct spec_attr {
	uint16_t type;
	enum spec_kind kind;
	uint8_t size;
	uint64_t min, max;
	const struct spec_set *nested;
	const char *name;
};

struct spec_set {
	const struct spec_attr *attrs;
	unsigned int count;
};

#include "fuzz_spec.h"

/**
 * struct seen - the tunnels of a dump
 * @count: how many
 * @len: bytes of each nest
 * @nest: what is in it, without what is another number each time
 */
struct seen {
	unsigned int count;
	size_t len[TUNNELS];
	char nest[TUNNELS][NEST_MAX];
};

static struct nl nl;
static uint64_t state;
static unsigned int answers[256];
/* The index of under0, the last one that is not a tunnel's. */
static unsigned int underlay;

static uint32_t any(uint32_t below)
{
	/* xorshift64*, as messages must be the same for a seed everywhere. */
	state ^= state >> 12;
	state ^= state << 25;
	state ^= state >> 27;
	return (state * 0x2545f4914f6cdd1dull >> 32) % below;
}

static bool one_in(uint32_t count)
{
	return any(count) == 0;
}

/* Values that lead somewhere more often than any would. */

static void put_number(const struct spec_attr *attr, uint16_t type, size_t size)
{
	static const char *const addrs[] = { "192.0.2.1", "192.0.2.2",
					     "192.0.2.3", "0.0.0.0", "224.0.0.1",
					     "127.0.0.1", "255.255.255.255" };
	uint64_t value;

	switch (any(6)) {
	case 0:
		value = attr->min;
		break;
	case 1:
		value = attr->max;
		break;
	case 2:
		value = attr->max + 1;
		break;
	case 3:
		value = attr->min + any(4);
		break;
	case 4:
		value = (uint64_t)any(UINT32_MAX) << 32 | any(UINT32_MAX);
		break;
	default:
		value = attr->min + any(2000);
	}
	if (strstr(attr->name, "ipv4") && !one_in(10))
		value = inet_addr(addrs[any(one_in(4) ? ARRAY_SIZE(addrs) : 3)]);
	if (!strcmp(attr->name, "link") || !strcmp(attr->name, "ifindex"))
		value = any(12);
	/* One that is on for most would leave little to do. */
	if (!strcmp(attr->name, "external") && !one_in(4))
		value = 0;
	if (!strcmp(attr->name, "allow") && !one_in(10))
		value = 1;
	nl_put(&nl, type, &value, size > sizeof(value) ? sizeof(value) : size);
}

static void put_string(const struct spec_attr *attr, uint16_t type)
{
	static const char *const odd[] = { "", "lo", "under0", "a/b", "a b",
					   "t%d", "sixteen-letters-", "all",
					   "..", "default" };
	char name[64];

	/* One that has addresses, mostly. */
	if (!strcmp(attr->name, "local-dev") && !one_in(4))
		strcpy(name, "under0");
	else if (one_in(8))
		snprintf(name, sizeof(name), "%s", odd[any(ARRAY_SIZE(odd))]);
	else
		snprintf(name, sizeof(name), "t%u", any(NAMES));
	nl_put(&nl, type, name, strlen(name) + !one_in(20));
}

static void put_binary(const struct spec_attr *attr, uint16_t type)
{
	static const char *const addrs[] = { "2001:db8::1", "2001:db8::2",
					     "2001:db8::3", "::", "::1", "ff02::1",
					     "fe80::1", "::ffff:192.0.2.1" };
	uint8_t bytes[64];
	unsigned int i;
	size_t len = attr->size ? attr->size : any(sizeof(bytes));

	for (i = 0; i < sizeof(bytes); i++)
		bytes[i] = any(256);
	if (strstr(attr->name, "ipv6") && !one_in(10))
		inet_pton(AF_INET6, addrs[any(one_in(4) ? ARRAY_SIZE(addrs) : 3)],
			  bytes);
	nl_put(&nl, type, bytes, len);
}

static void put_set(const struct spec_set *set, unsigned int depth);

static void put_attr(const struct spec_attr *attr, unsigned int depth)
{
	size_t size = attr->size;
	uint16_t type = attr->type;
	struct nlattr *nest;

	/* Damage that the policy must find. */
	if (one_in(60))
		type = any(64);
	if (one_in(60))
		type |= one_in(2) ? NLA_F_NET_BYTEORDER : NLA_F_NESTED;
	if (one_in(60))
		size = any(9);
	switch (attr->kind) {
	case NUMBER:
		put_number(attr, type, size);
		break;
	case STRING:
		put_string(attr, type);
		break;
	case BINARY:
		put_binary(attr, type);
		break;
	case FLAG:
		nl_put(&nl, type, "some", one_in(20) ? any(5) : 0);
		break;
	case NEST:
		nest = mnl_attr_nest_start(nl.msg, type);
		if (one_in(30))
			nest->nla_type &= ~NLA_F_NESTED;
		if (depth)
			put_set(attr->nested, depth - 1);
		mnl_attr_nest_end(nl.msg, nest);
		break;
	}
}

static const struct spec_attr *find(const struct spec_set *set, const char *name)
{
	unsigned int i;

	for (i = 0; i < set->count; i++)
		if (!strcmp(set->attrs[i].name, name))
			return &set->attrs[i];
	abort();
}

/* A nest of a tunnel that has what it needs, mostly. */
static void put_tunnel(bool with_addrs)
{
	const struct spec_set *set = &spec_tunnel;
	const char *family = one_in(2) ? "ipv4" : "ipv6";
	const struct spec_attr *attr;
	struct nlattr *nest;
	char name[32];
	unsigned int i;

	nest = mnl_attr_nest_start(nl.msg, GRETUN_A_TUNNEL);
	if (!one_in(20))
		put_attr(find(set, "ifname"), 1);
	if (with_addrs && !one_in(20)) {
		snprintf(name, sizeof(name), "local-%s",
			 one_in(8) ? "dev" : family);
		put_attr(find(set, name), 1);
		snprintf(name, sizeof(name), "remote-%s", family);
		put_attr(find(set, name), 1);
	}
	for (i = any(4); i; i--) {
		attr = &set->attrs[any(set->count)];
		/* Those would mostly make what is there already wrong. */
		if (one_in(4) || !(strstr(attr->name, "ipv") ||
				   strstr(attr->name, "ifn") ||
				   strstr(attr->name, "ifi")))
			put_attr(attr, 1);
	}
	mnl_attr_nest_end(nl.msg, nest);
}

static void put_set(const struct spec_set *set, unsigned int depth)
{
	unsigned int i;

	for (i = any(5); i; i--)
		put_attr(&set->attrs[any(set->count)], depth);
}

/* Bytes changed, or the end lost. */
static void damage(void)
{
	size_t len = nl.msg->nlmsg_len - MNL_NLMSG_HDRLEN;
	uint8_t *bytes = mnl_nlmsg_get_payload(nl.msg);
	unsigned int i;

	for (i = 1 + any(4); i; i--)
		bytes[any(len)] = one_in(2) ? any(256) : 0xff;
	if (one_in(4))
		nl.msg->nlmsg_len -= any(len);
	if (one_in(8))
		nl.msg->nlmsg_flags = NLM_F_REQUEST | any(0x10000);
}

static void build(void)
{
	static const uint8_t commands[] = {
		GRETUN_CMD_TUNNEL_NEW,
		GRETUN_CMD_TUNNEL_NEW,
		GRETUN_CMD_TUNNEL_SET,
		GRETUN_CMD_TUNNEL_SET,
		GRETUN_CMD_TUNNEL_SET,
		GRETUN_CMD_TUNNEL_DEL,
		GRETUN_CMD_TUNNEL_GET,
		GRETUN_CMD_NETNS_GET,
		GRETUN_CMD_NEAR_MISS_GET,
		GRETUN_CMD_DEFAULTS_GET,
		GRETUN_CMD_DEFAULTS_SET,
	};
	uint8_t cmd = one_in(50) ? any(256) : commands[any(ARRAY_SIZE(commands))];
	unsigned int i;

	nl_begin(&nl, cmd, NLM_F_ACK | (one_in(20) ? NLM_F_DUMP : 0));
	if (one_in(10)) {
		put_set(&spec_gretun, 2);
	} else if (cmd == GRETUN_CMD_DEFAULTS_SET) {
		put_attr(find(&spec_gretun, "defaults"), 1);
	} else {
		for (i = one_in(5) ? any(4) : 1; i; i--)
			put_tunnel(cmd == GRETUN_CMD_TUNNEL_NEW || one_in(8));
	}
	if (!one_in(4))
		damage();
}

/*
 * Send some in one datagram, as that costs less, and take what comes: all of it is
 * there when send() returns. Return: how many.
 */
static long send_some(long most)
{
	char buf[NL_LONGEST] __attribute__((aligned(4)));
	int fd = mnl_socket_get_fd(nl.sock);
	static char datagram[1 << 17];
	const struct nlmsghdr *msg;
	const struct nlmsgerr *err;
	size_t size = 0;
	long count = 0;
	int len;

	do {
		build();
		memcpy(datagram + size, nl.msg, nl.msg->nlmsg_len);
		size += MNL_ALIGN(nl.msg->nlmsg_len);
		count++;
		/* A dump goes on when it is read, and takes no other meanwhile. */
	} while (count < most && size < sizeof(datagram) / 2 &&
		 !(nl.msg->nlmsg_flags & NLM_F_DUMP));
	if (mnl_socket_sendto(nl.sock, datagram, size) < 0)
		return count;
	while ((len = recv(fd, buf, sizeof(buf), MSG_DONTWAIT)) > 0) {
		msg = (struct nlmsghdr *)buf;
		err = mnl_nlmsg_get_payload(msg);
		if (msg->nlmsg_type == NLMSG_ERROR)
			answers[(uint8_t)-err->error]++;
	}
	return count;
}

static bool is_local(const struct nlattr *attr)
{
	return mnl_attr_get_type(attr) == A(LOCAL_IPV4) ||
	       mnl_attr_get_type(attr) == A(LOCAL_IPV6);
}

/* With local-dev, the address is what came of it. */
static bool has_local_dev(const struct nlattr *nest)
{
	const struct nlattr *attr;

	mnl_attr_for_each_nested(attr, nest)
		if (mnl_attr_get_type(attr) == A(LOCAL_DEV))
			return true;
	return false;
}

/* Bound to a device that is not there when the tunnels are made anew. */
static bool is_on_tunnel(const struct nlattr *nest)
{
	const struct nlattr *attr;

	mnl_attr_for_each_nested(attr, nest)
		if (mnl_attr_get_type(attr) == A(LINK))
			return mnl_attr_get_u32(attr) > underlay;
	return false;
}

/* What is set comes back, and nothing else counts. */

static int read_tunnel_nest(const struct nlmsghdr *msg, void *arg)
{
	const struct nlattr *nest, *attr;
	struct seen *seen = arg;
	char *to = seen->nest[seen->count];
	bool by_dev;

	if (seen->count == TUNNELS)
		abort();
	mnl_attr_for_each(nest, msg, GENL_HDRLEN) {
		if (mnl_attr_get_type(nest) != GRETUN_A_TUNNEL)
			continue;
		if (is_on_tunnel(nest))
			return MNL_CB_OK;
		by_dev = has_local_dev(nest);
		mnl_attr_for_each_nested(attr, nest) {
			if (mnl_attr_get_type(attr) == A(IFINDEX) ||
			    (by_dev && is_local(attr)))
				continue;
			if (to + attr->nla_len > seen->nest[seen->count] + NEST_MAX)
				abort();
			memcpy(to, attr, MNL_ALIGN(attr->nla_len));
			to += MNL_ALIGN(attr->nla_len);
		}
	}
	seen->len[seen->count] = to - seen->nest[seen->count];
	seen->count++;
	return MNL_CB_OK;
}

static bool see(struct seen *seen)
{
	memset(seen, 0, sizeof(*seen));
	nl_begin(&nl, GRETUN_CMD_TUNNEL_GET, NLM_F_DUMP);
	return !nl_talk(&nl, read_tunnel_nest, seen);
}

static const char *seen_name(const struct seen *seen, unsigned int i)
{
	const struct nlattr *attr = (const struct nlattr *)seen->nest[i];

	while (mnl_attr_get_type(attr) != A(IFNAME))
		attr = mnl_attr_next(attr);
	return mnl_attr_get_str(attr);
}

/* What a dump says of one of them goes into the request, or its name alone. */
static void put_seen(const struct seen *seen, unsigned int i, bool all)
{
	struct nlattr *nest;

	nest = mnl_attr_nest_start(nl.msg, GRETUN_A_TUNNEL);
	if (all) {
		memcpy(mnl_nlmsg_get_payload_tail(nl.msg), seen->nest[i],
		       seen->len[i]);
		nl.msg->nlmsg_len += seen->len[i];
	} else {
		mnl_attr_put_strz(nl.msg, A(IFNAME), seen_name(seen, i));
	}
	mnl_attr_nest_end(nl.msg, nest);
}

/* One request about all of them, or all but those that chance leaves. */
static int ask(uint8_t cmd, const struct seen *seen, bool some)
{
	bool any_put = false;
	unsigned int i;

	nl_begin(&nl, cmd, NLM_F_ACK);
	for (i = 0; i < seen->count; i++) {
		if (some && one_in(2))
			continue;
		put_seen(seen, i, cmd == GRETUN_CMD_TUNNEL_NEW);
		any_put = true;
	}
	return any_put ? nl_talk(&nl, NULL, NULL) : 0;
}

static int read_defaults(const struct nlmsghdr *msg, void *arg)
{
	const struct nlattr *nest, *attr;
	bool *good = arg;
	uint32_t value;

	*good = true;
	mnl_attr_for_each(nest, msg, GENL_HDRLEN) {
		mnl_attr_for_each_nested(attr, nest) {
			value = mnl_attr_get_payload_len(attr) == 4 ?
					mnl_attr_get_u32(attr) :
					mnl_attr_get_u8(attr);
			if (mnl_attr_get_type(attr) == GRETUN_A_DEFAULTS_TTL)
				*good &= value > 0 && value < 256;
			if (mnl_attr_get_type(attr) == GRETUN_A_DEFAULTS_MTU)
				*good &= !value || (value >= 68 && value < 65536);
			if (mnl_attr_get_type(attr) == GRETUN_A_DEFAULTS_ALLOW)
				*good &= value < 2;
		}
	}
	return MNL_CB_OK;
}

static bool allow(void)
{
	uint8_t yes = 1;
	struct nlattr *nest;

	nl_begin(&nl, GRETUN_CMD_DEFAULTS_SET, NLM_F_ACK);
	nest = mnl_attr_nest_start(nl.msg, GRETUN_A_DEFAULTS);
	nl_put(&nl, GRETUN_A_DEFAULTS_ALLOW, &yes, 1);
	mnl_attr_nest_end(nl.msg, nest);
	return !nl_talk(&nl, NULL, NULL);
}

/* Returns what is wrong, or NULL. */
static const char *look(void)
{
	static struct seen before, after;
	bool good = false;
	unsigned int i;

	nl_begin(&nl, GRETUN_CMD_DEFAULTS_GET, NLM_F_ACK);
	if (nl_talk(&nl, read_defaults, &good) || !good)
		return "the defaults";
	if (!allow() || !see(&before))
		return "reading";
	for (i = 0; i < before.count; i++) {
		nl_begin(&nl, GRETUN_CMD_TUNNEL_SET, NLM_F_ACK);
		put_seen(&before, i, true);
		if (nl_talk(&nl, NULL, NULL))
			return "setting a tunnel to what it is";
	}
	if (!see(&after) || memcmp(&before, &after, sizeof(before)))
		return "a tunnel set to what it was";
	if (ask(GRETUN_CMD_TUNNEL_DEL, &before, false))
		return "deleting";
	if (ask(GRETUN_CMD_TUNNEL_NEW, &before, false))
		return "making the tunnels anew";
	if (!see(&after) || memcmp(&before, &after, sizeof(before)))
		return "a tunnel made anew";
	/* Room for others. */
	if (ask(GRETUN_CMD_TUNNEL_DEL, &before, true))
		return "deleting some";
	return NULL;
}

/* Be somebody else, in a netns of one's own. */
static int become(const char *who)
{
	char map[64];
	int fd, len;

	if (!strcmp(who, "user")) {
		len = snprintf(map, sizeof(map), "0 %d 1", getuid());
		if (unshare(CLONE_NEWUSER | CLONE_NEWNET))
			return -1;
		fd = open("/proc/self/uid_map", O_WRONLY);
		if (fd < 0 || write(fd, map, len) != len)
			return -1;
		close(fd);
	} else if (unshare(CLONE_NEWNET)) {
		return -1;
	}
	if (run_ip("link add under0 type dummy") ||
	    run_ip("addr add 192.0.2.1/24 dev under0") ||
	    run_ip("link set under0 up"))
		return -1;
	underlay = if_nametoindex("under0");
	return nl_open(&nl);
}

static int drop(void)
{
	int i;

	for (i = 0; i < 4; i++) {
		struct tunnel tunnel = tunnel_numbered(i);

		if (nl_do(&nl, GRETUN_CMD_TUNNEL_NEW, &tunnel))
			return -1;
	}
	nl_close(&nl);
	if (setgroups(0, NULL) || setresgid(65534, 65534, 65534) ||
	    setresuid(65534, 65534, 65534))
		return -1;
	return nl_open(&nl);
}

int main(int argc, char **argv)
{
	const char *who = argc > 1 ? argv[1] : "";
	long count = argc > 2 ? atol(argv[2]) : 0;
	static struct seen found, left;
	bool nobody = !strcmp(who, "nobody");
	const char *wrong = NULL;
	long next = BETWEEN;
	long i;

	if (count < 1) {
		fprintf(stderr, "usage: fuzz root|user|nobody COUNT [SEED]\n");
		return 2;
	}
	state = (argc > 3 ? strtoull(argv[3], NULL, 0) : 1) * 2 + 1;
	if (become(who) || (nobody && (drop() || !see(&found)))) {
		printf("# %s: %s\n", who, strerror(errno));
		return 1;
	}
	for (i = 0; i < count && !wrong;) {
		i += send_some(1 + any(count - i < TOGETHER ? count - i : TOGETHER));
		if (i >= next && !nobody) {
			wrong = look();
			next += BETWEEN;
		}
	}
	if (nobody && (!see(&left) || memcmp(&found, &left, sizeof(found))))
		wrong = "the state that nobody left";
	if (nobody && answers[0] && !answers[EPERM])
		wrong = "what nobody may do";
	printf("# %s: %ld messages, %u done, %u not allowed, %u invalid\n", who,
	       i, answers[0], answers[EPERM], answers[EINVAL]);
	if (wrong)
		printf("# %s: %s: %s\n", who, wrong, nl.text);
	printf("%s %s\n", wrong ? "not ok" : "ok", who);
	return !!wrong;
}
