// SPDX-License-Identifier: GPL-2.0
/*
 * Lets each allocation of a path fail in turn, the first, then the second, until
 * there is none left, and looks at what became of it: fault MODULE.ko [PATH...]
 *
 * A path that fails must leave all as it was; one that does not must have done
 * all. Each try begins with what the last one left, so that it shows too that
 * trying again works: it gets as far as that one and further, and the last, with
 * nothing left to fail, gets through.
 *
 * The kernel counts the allocations of one task alone (fail-nth in
 * fault-injection.rst), so what fails is the same each time. fault.sh sets the
 * kernel up for that, and looks for leaks.
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
#include <sys/syscall.h>
#include <unistd.h>
#include <linux/genetlink.h>

#include "fault.h"
#include "link.h"

/* More tunnels than any path makes, and more allocations than any has. */
#define TUNNELS 8
#define MANY 20000

/* The last so many allocations of a path that is mostly not ours. */
#define LAST 150

/**
 * struct state - what can be read of a netns
 * @count: how many tunnels there are
 * @tunnels: they, without what is another number each time
 * @defaults: ttl, mtu and allow; without the module none
 */
struct state {
	int count;
	struct tunnel tunnels[TUNNELS];
	uint32_t defaults[GRETUN_A_DEFAULTS_MAX + 1];
};

struct place home, other;
const char *module_path;
static int fail_fd;

/* The allocation of this number fails, of those of this task; 0: none does. */
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

/* Without the module there is nothing, and no socket to ask. */
static int read_state(struct state *state)
{
	int err;

	memset(state, 0, sizeof(*state));
	if (access("/sys/module/gretun", F_OK))
		return 0;
	if (!home.nl.sock && nl_open(&home.nl))
		return errno;
	nl_begin(&home.nl, GRETUN_CMD_TUNNEL_GET, NLM_F_DUMP);
	err = nl_talk(&home.nl, read_one, state);
	if (err)
		return err;
	nl_begin(&home.nl, GRETUN_CMD_DEFAULTS_GET, NLM_F_ACK);
	return nl_talk(&home.nl, read_defaults, state);
}

/* Get there. */

static int delete_tunnel(struct nl *nl, const char *ifname)
{
	struct tunnel tunnel = tunnel_named(ifname);

	return nl_do(nl, GRETUN_CMD_TUNNEL_DEL, &tunnel);
}

/* All as at first. */
static int reset(void)
{
	struct state state;
	int err, i;

	/* It may have moved there. */
	if (other.nl.sock)
		delete_tunnel(&other.nl, "t0");
	err = read_state(&state);
	for (i = 0; i < state.count && !err; i++)
		err = delete_tunnel(&home.nl, state.tunnels[i].ifname);
	if (!err)
		err = set_default(GRETUN_A_DEFAULTS_TTL, 64);
	return err ?: set_default(GRETUN_A_DEFAULTS_MTU, 0);
}

static void leave(struct place *place)
{
	if (place->nl.sock)
		nl_close(&place->nl);
	place->nl.sock = NULL;
}

/* Its family will have another number. */
static int unload(void)
{
	int err = home.nl.sock ? reset() : 0;

	leave(&home);
	leave(&other);
	if (!err && syscall(SYS_delete_module, "gretun", 0) && errno != ENOENT)
		err = errno;
	return err;
}

static int prepare(const struct path *path)
{
	int err;

	if (path->loads)
		return unload();
	err = reset();
	if (!err && path->prepare)
		err = path->prepare();
	return err;
}

static bool equal(const struct state *one, const struct state *two)
{
	return !memcmp(one, two, sizeof(*one));
}

/**
 * struct trial - a path that is tried
 * @path: the path
 * @before: how all is before it
 * @after: and after
 * @now: and at this moment
 */
struct trial {
	const struct path *path;
	struct state before;
	struct state after;
	struct state now;
};

/* Whether what came out is right. With nothing that failed all must be done. */
static bool right(const struct trial *trial, bool failed, int err)
{
	bool undone = equal(&trial->now, &trial->before);
	bool done = equal(&trial->now, &trial->after);

	if (!err)
		return done;
	/* ENOBUFS: it was done, or not, and the answer was lost. */
	return failed &&
	       (undone || (done && (trial->path->loose || err == ENOBUFS)));
}

/* Let one fail. Returns how many allocations were left, or -1. */
static int attempt(struct trial *trial, int number)
{
	const struct path *path = trial->path;
	int left, err;

	err = equal(&trial->now, &trial->before) ? 0 : prepare(path);
	if (err) {
		printf("# preparing failure %d: %s %s\n", number, strerror(err),
		       home.nl.text);
		return -1;
	}
	fail_after(number);
	err = path->act();
	left = fail_left();
	if (read_state(&trial->now)) {
		printf("# after failure %d it cannot be read\n", number);
		return -1;
	}
	if (!right(trial, !left, err)) {
		printf("# failure %d%s: %s \"%s\", %d tunnels, %d before, %d after\n",
		       number, left ? ", which did not come" : "", strerror(err),
		       home.nl.text, trial->now.count, trial->before.count,
		       trial->after.count);
		return -1;
	}
	return left;
}

/* Returns how many allocations failed, or -1. */
static int try_path(const struct path *path)
{
	static struct trial trial;
	int number = 1;
	int first, left;

	trial.path = path;
	/* Without a failure; how many allocations are there? */
	if (prepare(path) || read_state(&trial.before))
		return -1;
	fail_after(MANY);
	if (path->act()) {
		printf("# without a failure: %s\n", home.nl.text);
		return -1;
	}
	first = MANY - fail_left();
	if (read_state(&trial.after))
		return -1;
	trial.now = trial.after;
	if (path->last && first > LAST)
		number = first - LAST;
	first = number;
	do {
		left = attempt(&trial, number++);
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
static int begin(struct place *place)
{
	if (unshare(CLONE_NEWNET) || nl_open(&place->nl))
		return -1;
	place->fd = open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC);
	return place->fd;
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
	if (fail_fd < 0 || begin(&other) < 0 || begin(&home) < 0 ||
	    run_ip("link add under0 type dummy") ||
	    run_ip("addr add 192.0.2.1/24 dev under0") ||
	    run_ip("addr add 2001:db8::1/64 dev under0 nodad") ||
	    run_ip("link set under0 arp off up")) {
		printf("# what the paths need cannot be had\n");
		return 1;
	}
	for (i = 0; i < path_count; i++) {
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
