// SPDX-License-Identifier: GPL-2.0
/*
 * Lets each allocation of a path fail in turn, the first, then the second, until
 * there is none left, and looks at what became of it: fault PATH...
 *
 * A path that fails must leave all as it was, and work when it is tried again;
 * one that does not must have done all. The kernel counts the allocations of one
 * task alone (fail-nth in fault-injection.rst), so what fails is the same each
 * time. fault.sh sets the kernel up for that, and looks for leaks.
 *
 * Topology: an empty netns with the device under0, 192.0.2.1/24 and
 * 2001:db8::1/64, behind which all neighbours are known.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>
#include <arpa/inet.h>
#include <netinet/udp.h>
#include <linux/genetlink.h>

#include "link.h"
#include "nl.h"

/* More tunnels than any path makes, and more allocations than any has. */
#define TUNNELS 8
#define MANY 20000

/* The last so many allocations of a path that is mostly not ours. */
#define LAST 150

#define D(name) GRETUN_A_DEFAULTS_##name

/**
 * struct state - what can be read of a netns
 * @count: how many tunnels there are
 * @tunnels: they, without what is another number each time
 * @defaults: ttl, mtu and allow
 */
struct state {
	int count;
	struct tunnel tunnels[TUNNELS];
	uint32_t defaults[GRETUN_A_DEFAULTS_MAX + 1];
};

/**
 * struct path - something that the kernel is asked for
 * @name: what it is called
 * @prepare: makes what it needs; returns 0, or an errno. NULL: nothing
 * @act: asks for it; the same
 * @loose: an error does not say that all is as it was, for it was the core of
 *	networking that found it
 * @last: only the last %LAST allocations are ours
 */
struct path {
	const char *name;
	int (*prepare)(void);
	int (*act)(void);
	bool loose;
	bool last;
};

static struct nl nl;
static const char *module_path;
static int fail_fd;
static int home_fd;
/* Another netns, and a socket there. */
static struct nl other;
static int other_fd;

/* The one after so many allocations of this task fails; 0: none does. */
static void fail_after(int number)
{
	char text[16];
	int len = snprintf(text, sizeof(text), "%d", number);

	if (pwrite(fail_fd, text, len, 0) != len)
		exit(1);
}

/* How many there still were to go; 0: it has failed. */
static int fail_left(void)
{
	char text[16] = "";

	if (pread(fail_fd, text, sizeof(text) - 1, 0) < 0)
		exit(1);
	fail_after(0);
	return atoi(text);
}

static int fail_open(void)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/self/task/%ld/fail-nth",
		 syscall(SYS_gettid));
	return open(path, O_RDWR);
}

/* Read all. */

static int read_one(const struct nlmsghdr *msg, void *arg)
{
	struct state *state = arg;
	struct tunnel *tunnel;

	if (state->count == TUNNELS)
		return MNL_CB_OK;
	tunnel = &state->tunnels[state->count++];
	tunnel_read(msg, tunnel);
	tunnel->value[A(IFINDEX)] = 0;
	/* What comes and goes by itself. */
	tunnel->operstate = 0;
	tunnel->reason = 0;
	tunnel->flags &= IFF_UP;
	memset(&tunnel->keepalive, 0, sizeof(tunnel->keepalive));
	return MNL_CB_OK;
}

static int read_defaults(const struct nlmsghdr *msg, void *arg)
{
	const struct nlattr *nest, *attr;
	struct state *state = arg;

	mnl_attr_for_each(nest, msg, GENL_HDRLEN)
		mnl_attr_for_each_nested(attr, nest)
			state->defaults[mnl_attr_get_type(attr)] =
				mnl_attr_get_payload_len(attr) == 4 ?
					mnl_attr_get_u32(attr) :
					mnl_attr_get_u8(attr);
	return MNL_CB_OK;
}

static int read_state(struct state *state)
{
	int err;

	memset(state, 0, sizeof(*state));
	nl_begin(&nl, GRETUN_CMD_TUNNEL_GET, NLM_F_DUMP);
	err = nl_talk(&nl, read_one, state);
	if (err)
		return err;
	nl_begin(&nl, GRETUN_CMD_DEFAULTS_GET, NLM_F_ACK);
	return nl_talk(&nl, read_defaults, state);
}

/* What paths are made of. */

static int set_default(uint16_t type, uint32_t value)
{
	struct nlattr *nest;

	nl_begin(&nl, GRETUN_CMD_DEFAULTS_SET, NLM_F_ACK);
	nest = mnl_attr_nest_start(nl.msg, GRETUN_A_DEFAULTS);
	nl_put(&nl, type, &value, type == D(MTU) ? 4 : 1);
	mnl_attr_nest_end(nl.msg, nest);
	return nl_talk(&nl, NULL, NULL);
}

static struct tunnel plain(void)
{
	return tunnel_new("t0", "192.0.2.1", "192.0.2.2");
}

static struct tunnel plain6(void)
{
	return tunnel_new("t0", "2001:db8::1", "2001:db8::2");
}

/* With all options that there are. */
static struct tunnel full(struct tunnel tunnel)
{
	tunnel_set(&tunnel, A(IKEY), 1);
	tunnel_set(&tunnel, A(OKEY), 2);
	tunnel_set(&tunnel, A(CSUM), 1);
	tunnel_set(&tunnel, A(SEQ), 1);
	tunnel_set(&tunnel, A(MSS_CLAMP), 1);
	tunnel_set(&tunnel, A(KEEPALIVE_PERIOD), 10);
	if (tunnel.present & BIT(A(LOCAL_IPV6)))
		tunnel_set(&tunnel, A(ENCAP_LIMIT), 4);
	return tunnel;
}

static int make(struct tunnel tunnel, bool up)
{
	if (up)
		tunnel.present |= BIT(A(UP));
	return nl_do(&nl, GRETUN_CMD_TUNNEL_NEW, &tunnel);
}

static int set(uint16_t type, uint32_t value)
{
	struct tunnel tunnel = tunnel_named("t0");

	tunnel_set(&tunnel, type, value);
	return nl_do(&nl, GRETUN_CMD_TUNNEL_SET, &tunnel);
}

static int external(bool up)
{
	struct tunnel tunnel = tunnel_named("t0");

	tunnel_set(&tunnel, A(EXTERNAL), 1);
	return make(tunnel, up);
}

/* The paths. */

static int have_plain(void)
{
	return make(plain(), false);
}

static int have_up(void)
{
	return make(plain(), true);
}

static int have_up6(void)
{
	return make(plain6(), true);
}

static int have_full_up(void)
{
	return make(full(plain()), true);
}

static int have_external(void)
{
	return external(false);
}

static int have_other(void)
{
	return make(tunnel_new("t9", "192.0.2.1", "192.0.2.9"), false);
}

static int new_plain(void)
{
	return make(plain(), false);
}

static int new_up(void)
{
	return make(plain(), true);
}

static int new_full(void)
{
	return make(full(plain()), true);
}

static int new_full6(void)
{
	return make(full(plain6()), true);
}

static int new_any(void)
{
	return make(tunnel_new("t0", "2001:db8::1", "::"), true);
}

static int new_external(void)
{
	return external(true);
}

static int batch(uint8_t cmd)
{
	struct tunnel tunnel;
	int i;

	nl_begin(&nl, cmd, NLM_F_ACK);
	for (i = 0; i < 2; i++) {
		tunnel = tunnel_numbered(i);
		if (cmd == GRETUN_CMD_TUNNEL_DEL)
			tunnel.present = BIT(A(IFNAME));
		nl_put_tunnel(&nl, &tunnel);
	}
	return nl_talk(&nl, NULL, NULL);
}

static int new_batch(void)
{
	return batch(GRETUN_CMD_TUNNEL_NEW);
}

static int del_batch(void)
{
	return batch(GRETUN_CMD_TUNNEL_DEL);
}

static int del(void)
{
	struct tunnel tunnel = tunnel_named("t0");

	return nl_do(&nl, GRETUN_CMD_TUNNEL_DEL, &tunnel);
}

static int set_same_key(void)
{
	return set(A(TTL), 9);
}

static int set_other_key(void)
{
	return set(A(IKEY), 9);
}

static int set_remote(void)
{
	struct tunnel tunnel = tunnel_new("t0", "192.0.2.1", "192.0.2.3");

	return nl_do(&nl, GRETUN_CMD_TUNNEL_SET, &tunnel);
}

static int set_any(void)
{
	struct tunnel tunnel = tunnel_new("t0", "192.0.2.1", "0.0.0.0");

	return nl_do(&nl, GRETUN_CMD_TUNNEL_SET, &tunnel);
}

static int set_keepalive(void)
{
	return set(A(KEEPALIVE_PERIOD), 3);
}

static int set_mtu(void)
{
	return set(A(MTU), 1300);
}

static int set_seq(void)
{
	return set(A(SEQ), 1);
}

static int set_external(void)
{
	struct tunnel tunnel = tunnel_named("t0");

	tunnel_set_local(&tunnel, "192.0.2.1");
	return nl_do(&nl, GRETUN_CMD_TUNNEL_SET, &tunnel);
}

static int get(void)
{
	struct tunnel tunnel;

	return nl_get(&nl, "t0", &tunnel);
}

static int ask(uint8_t cmd, uint16_t flags)
{
	nl_begin(&nl, cmd, flags);
	mnl_attr_put(nl.msg, GRETUN_A_WITH_STATS, 0, NULL);
	return nl_talk(&nl, NULL, NULL);
}

static int dump(void)
{
	return ask(GRETUN_CMD_TUNNEL_GET, NLM_F_DUMP);
}

static int get_netns(void)
{
	return ask(GRETUN_CMD_NETNS_GET, NLM_F_ACK);
}

static int get_near_misses(void)
{
	nl_begin(&nl, GRETUN_CMD_NEAR_MISS_GET, NLM_F_ACK);
	return nl_talk(&nl, NULL, NULL);
}

static int defaults_set(void)
{
	return set_default(D(MTU), 1300);
}

static int defaults_get(void)
{
	nl_begin(&nl, GRETUN_CMD_DEFAULTS_GET, NLM_F_ACK);
	return nl_talk(&nl, NULL, NULL);
}

static int sysctl_set(void)
{
	int fd = open("/proc/sys/net/gretun/default_ttl", O_WRONLY);
	int err = 0;

	if (fd < 0 || write(fd, "77", 2) != 2)
		err = errno;
	if (fd >= 0)
		close(fd);
	return err;
}

static int up(void)
{
	return link_set_up("t0", true);
}

static int down(void)
{
	return link_set_up("t0", false);
}

static int link_mtu(void)
{
	return link_set_mtu("t0", 1280);
}

static int rename_down(void)
{
	return link_rename("t0", "t7");
}

/* One whole packet, one that needs fragments, and one that is segmented. */
static int send_packets(int family, const void *addr, socklen_t len)
{
	static const char payload[6000];
	int size = 1000;
	int fd = socket(family, SOCK_DGRAM, 0);

	if (fd < 0)
		return errno;
	if (connect(fd, addr, len) == 0) {
		(void)!send(fd, payload, 64, 0);
		(void)!send(fd, payload, 3000, 0);
		setsockopt(fd, SOL_UDP, UDP_SEGMENT, &size, sizeof(size));
		(void)!send(fd, payload, sizeof(payload), 0);
	}
	close(fd);
	return 0;
}

static int send4(void)
{
	struct sockaddr_in to = {
		.sin_family = AF_INET,
		.sin_port = htons(9),
		.sin_addr.s_addr = inet_addr("10.9.9.9"),
	};

	return send_packets(AF_INET, &to, sizeof(to));
}

static int have_route(void)
{
	return run_ip("route add 10.9.9.9 dev t0");
}

static int send_plain(void)
{
	return have_up() ?: have_route();
}

static int send_plain6(void)
{
	return have_up6() ?: have_route();
}

static int send_full(void)
{
	return have_full_up() ?: have_route();
}

static int send_full6(void)
{
	return make(full(plain6()), true) ?: have_route();
}

/* A route with metadata for the peer. */
static int lead(const char *encap)
{
	return run_ip("route add 10.9.9.9 encap %s dev t0", encap);
}

static int send_external(void)
{
	return external(true) ?:
				lead("ip id 7 dst 192.0.2.2 csum key");
}

static int send_external6(void)
{
	return external(true) ?:
				lead("ip6 id 7 dst 2001:db8::2");
}

static int new_netns(void)
{
	int err = unshare(CLONE_NEWNET) ? errno : 0;

	/* Back, as all else is there. */
	if (!err && setns(home_fd, CLONE_NEWNET))
		exit(1);
	return err;
}

static int move(void)
{
	return link_move("t0", other_fd);
}

/* All as at first. */
static void reset(void)
{
	struct state state;
	struct tunnel tunnel;
	int i;

	/* It may have moved there. */
	tunnel = tunnel_named("t0");
	if (other.sock)
		nl_do(&other, GRETUN_CMD_TUNNEL_DEL, &tunnel);
	if (read_state(&state)) {
		printf("# reading it: %s\n", nl.text);
		exit(1);
	}
	for (i = 0; i < state.count; i++) {
		tunnel = tunnel_named(state.tunnels[i].ifname);
		if (nl_do(&nl, GRETUN_CMD_TUNNEL_DEL, &tunnel))
			exit(1);
	}
	if (set_default(D(TTL), 64) || set_default(D(MTU), 0))
		exit(1);
}

static int load(void)
{
	int fd = open(module_path, O_RDONLY | O_CLOEXEC);
	int err = 0;

	if (fd < 0)
		return errno;
	if (syscall(SYS_finit_module, fd, "", 0))
		err = errno;
	close(fd);
	return err;
}

static int unload(void)
{
	reset();
	nl_close(&nl);
	if (other.sock)
		nl_close(&other);
	other.sock = NULL;
	if (syscall(SYS_delete_module, "gretun", 0) && errno != ENOENT)
		return errno;
	return 0;
}

static const struct path paths[] = {
	{ .name = "new", .act = new_plain },
	{ .name = "new-second", .prepare = have_other, .act = new_plain },
	{ .name = "new-up", .act = new_up },
	{ .name = "new-full", .prepare = have_other, .act = new_full },
	{ .name = "new-full6", .act = new_full6 },
	{ .name = "new-any", .act = new_any },
	{ .name = "new-external", .act = new_external },
	{ .name = "new-batch", .prepare = have_other, .act = new_batch },
	{ .name = "del", .prepare = have_plain, .act = del },
	{ .name = "del-up", .prepare = have_full_up, .act = del },
	{ .name = "del-batch", .prepare = new_batch, .act = del_batch },
	{ .name = "set-same-key", .prepare = have_up, .act = set_same_key },
	{ .name = "set-other-key", .prepare = have_up, .act = set_other_key },
	{ .name = "set-remote", .prepare = have_full_up, .act = set_remote },
	{ .name = "set-any", .prepare = have_up, .act = set_any },
	{ .name = "set-keepalive", .prepare = have_up, .act = set_keepalive },
	{ .name = "set-mtu", .prepare = have_up, .act = set_mtu },
	{ .name = "set-seq", .prepare = have_up, .act = set_seq },
	{ .name = "set-external", .prepare = have_external, .act = set_external },
	{ .name = "get", .prepare = have_full_up, .act = get },
	{ .name = "dump", .prepare = have_full_up, .act = dump },
	{ .name = "netns-get", .prepare = have_other, .act = get_netns },
	{ .name = "near-miss-get", .prepare = have_other, .act = get_near_misses },
	{ .name = "defaults-set", .act = defaults_set },
	{ .name = "defaults-get", .act = defaults_get },
	{ .name = "sysctl", .act = sysctl_set },
	{ .name = "up", .prepare = have_plain, .act = up, .loose = true },
	{ .name = "down", .prepare = have_full_up, .act = down, .loose = true },
	{ .name = "link-mtu", .prepare = have_up, .act = link_mtu, .loose = true },
	{ .name = "rename", .prepare = have_plain, .act = rename_down, .loose = true },
	{ .name = "move", .prepare = have_up, .act = move, .loose = true },
	{ .name = "send", .prepare = send_plain, .act = send4 },
	{ .name = "send6", .prepare = send_plain6, .act = send4 },
	{ .name = "send-full", .prepare = send_full, .act = send4 },
	{ .name = "send-full6", .prepare = send_full6, .act = send4 },
	{ .name = "send-external", .prepare = send_external, .act = send4 },
	{ .name = "send-external6", .prepare = send_external6, .act = send4 },
	{ .name = "netns", .act = new_netns, .last = true },
	{ .name = "load", .prepare = unload, .act = load, .last = true },
};

static bool prepare(const struct path *path)
{
	int err;

	/* What unloads the module closes the socket. */
	if (path->act == load) {
		err = unload();
	} else {
		reset();
		err = path->prepare ? path->prepare() : 0;
	}
	if (err)
		printf("# %s: preparing it: %s %s\n", path->name, strerror(err),
		       nl.text);
	return !err;
}

/* Have the socket again, and the state. */
static bool look(const struct path *path, int err, struct state *state)
{
	if (path->act == load) {
		if (err && load())
			return false;
		if (nl_open(&nl))
			return false;
	}
	return read_state(state) == 0;
}

/* One more to fail. Returns how many allocations were left, or -1. */
static int attempt(const struct path *path, int number,
		   const struct state *before, const struct state *after)
{
	struct state state;
	bool is_before, is_after;
	int left, err;

	if (!prepare(path))
		return -1;
	fail_after(number);
	err = path->act();
	left = fail_left();
	if (!look(path, err, &state)) {
		printf("# %s: with failure %d it cannot be read\n", path->name,
		       number);
		return -1;
	}
	is_before = !memcmp(&state, before, sizeof(state));
	is_after = !memcmp(&state, after, sizeof(state));
	/* ENOBUFS: it was done, or not, and the answer was lost. */
	if (!(err == 0 && is_after) && !(err && is_before) &&
	    !(err == ENOBUFS && is_after) &&
	    !(err && path->loose && is_after)) {
		printf("# %s: failure %d: %s \"%s\", %d tunnels, %d before, %d after\n",
		       path->name, number, strerror(err), nl.text, state.count,
		       before->count, after->count);
		return -1;
	}
	if (!left && err && is_before && path->act != load) {
		err = path->act();
		if (err || read_state(&state) ||
		    memcmp(&state, after, sizeof(state))) {
			printf("# %s: after failure %d it cannot be done again: %s\n",
			       path->name, number, strerror(err));
			return -1;
		}
	}
	return left;
}

/* Returns how many allocations failed, or -1. */
static int try_path(const struct path *path)
{
	static struct state before, after;
	int number = 1;
	int first, left;

	/* Without a failure; how many allocations are there? */
	if (!prepare(path) || (path->act != load && read_state(&before)))
		return -1;
	fail_after(MANY);
	if (path->act()) {
		printf("# %s: without a failure: %s\n", path->name, nl.text);
		return -1;
	}
	first = MANY - fail_left();
	if (!look(path, 0, &after))
		return -1;
	if (path->act == load)
		before = after;
	if (path->last && first > LAST)
		number = first - LAST;
	first = number;
	do {
		left = attempt(path, number++, &before, &after);
	} while (left == 0);
	return left > 0 ? number - 1 - first : -1;
}

static bool wanted(const struct path *path, int argc, char **argv)
{
	int i;

	for (i = 2; i < argc; i++)
		if (!strcmp(argv[i], path->name))
			return true;
	return argc < 3;
}

/* A new netns, and a socket in it. */
static int new_place(struct nl *sock)
{
	if (unshare(CLONE_NEWNET) || nl_open(sock))
		return -1;
	return open("/proc/thread-self/ns/net", O_RDONLY);
}

int main(int argc, char **argv)
{
	unsigned int i;
	bool bad = false;
	int failed;

	if (argc < 2) {
		fprintf(stderr, "usage: fault MODULE.ko [PATH...]\n");
		return 2;
	}
	module_path = argv[1];
	setvbuf(stdout, NULL, _IOLBF, 0);
	fail_fd = fail_open();
	other_fd = new_place(&other);
	home_fd = new_place(&nl);
	if (fail_fd < 0 || other_fd < 0 || home_fd < 0 ||
	    run_ip("link add under0 type dummy") ||
	    run_ip("addr add 192.0.2.1/24 dev under0") ||
	    run_ip("addr add 2001:db8::1/64 dev under0 nodad") ||
	    run_ip("link set under0 arp off up"))
		return 1;
	for (i = 0; i < ARRAY_SIZE(paths); i++) {
		if (!wanted(&paths[i], argc, argv))
			continue;
		failed = try_path(&paths[i]);
		if (failed > 0)
			printf("ok %s: %d failures\n", paths[i].name, failed);
		else
			printf("not ok %s\n", paths[i].name);
		bad |= failed <= 0;
	}
	return bad;
}
