// SPDX-License-Identifier: GPL-2.0
/*
 * The paths of configuration and of sending that fault.c tries. What they are
 * about is the tunnel t0.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>
#include <arpa/inet.h>
#include <netinet/udp.h>

#include "fault.h"
#include "link.h"

#define D(name) GRETUN_A_DEFAULTS_##name

/**
 * set_default - set a default of the netns
 * @type: GRETUN_A_DEFAULTS_*
 * @value: what it shall be
 *
 * Return: 0, or the errno that the kernel answered with.
 */
int set_default(uint16_t type, uint32_t value)
{
	struct nlattr *nest;

	nl_begin(&home.nl, GRETUN_CMD_DEFAULTS_SET, NLM_F_ACK);
	nest = mnl_attr_nest_start(home.nl.msg, GRETUN_A_DEFAULTS);
	nl_put(&home.nl, type, &value, type == D(MTU) ? 4 : 1);
	mnl_attr_nest_end(home.nl.msg, nest);
	return nl_talk(&home.nl, NULL, NULL);
}

static struct tunnel plain(void)
{
	return tunnel_new("t0", "192.0.2.1", "192.0.2.2");
}

static struct tunnel plain6(void)
{
	return tunnel_new("t0", "2001:db8::1", "2001:db8::2");
}

/* With all options that a tunnel without UDP can have. */
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

/* In UDP with signed keepalives, which find the peer. */
static struct tunnel in_udp(struct tunnel tunnel)
{
	tunnel_set(&tunnel, A(ENCAP), GRETUN_ENCAP_UDP);
	tunnel_set(&tunnel, A(KEEPALIVE_PERIOD), 10);
	tunnel_set_secret(&tunnel, 7);
	return tunnel;
}

/* From the address that a device has. */
static struct tunnel from_device(struct tunnel tunnel)
{
	tunnel_unset(&tunnel, A(LOCAL_IPV4));
	tunnel_set_local_dev(&tunnel, "under0");
	return tunnel;
}

static int make(struct tunnel tunnel, bool up)
{
	if (up)
		tunnel.present |= BIT(A(UP));
	return nl_do(&home.nl, GRETUN_CMD_TUNNEL_NEW, &tunnel);
}

static int set(uint16_t type, uint32_t value)
{
	struct tunnel tunnel = tunnel_named("t0");

	tunnel_set(&tunnel, type, value);
	return nl_do(&home.nl, GRETUN_CMD_TUNNEL_SET, &tunnel);
}

static int external(bool up)
{
	struct tunnel tunnel = tunnel_named("t0");

	tunnel_set(&tunnel, A(EXTERNAL), 1);
	return make(tunnel, up);
}

/* The paths. */

static int new_up6(void)
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

static int new_udp(void)
{
	return make(in_udp(plain()), true);
}

static int new_udp6(void)
{
	return make(in_udp(plain6()), true);
}

static int new_local_dev(void)
{
	return make(from_device(plain()), true);
}

static int new_external(void)
{
	return external(true);
}

static int batch(uint8_t cmd)
{
	struct tunnel tunnel;
	int i;

	nl_begin(&home.nl, cmd, NLM_F_ACK);
	for (i = 0; i < 2; i++) {
		tunnel = tunnel_numbered(i);
		if (cmd == GRETUN_CMD_TUNNEL_DEL)
			tunnel.present = BIT(A(IFNAME));
		nl_put_tunnel(&home.nl, &tunnel);
	}
	return nl_talk(&home.nl, NULL, NULL);
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

	return nl_do(&home.nl, GRETUN_CMD_TUNNEL_DEL, &tunnel);
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

	return nl_do(&home.nl, GRETUN_CMD_TUNNEL_SET, &tunnel);
}

static int set_any(void)
{
	struct tunnel tunnel = tunnel_new("t0", "192.0.2.1", "0.0.0.0");

	return nl_do(&home.nl, GRETUN_CMD_TUNNEL_SET, &tunnel);
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

static int set_udp(void)
{
	return set(A(ENCAP), GRETUN_ENCAP_UDP);
}

static int set_port(void)
{
	return set(A(ENCAP_PORT), 4755);
}

static int set_no_udp(void)
{
	return set(A(ENCAP), GRETUN_ENCAP_NONE);
}

static int set_secret(void)
{
	struct tunnel tunnel = tunnel_named("t0");

	tunnel_set_secret(&tunnel, 9);
	return nl_do(&home.nl, GRETUN_CMD_TUNNEL_SET, &tunnel);
}

static int set_local_dev(void)
{
	struct tunnel tunnel = tunnel_named("t0");

	tunnel_set_local_dev(&tunnel, "under0");
	return nl_do(&home.nl, GRETUN_CMD_TUNNEL_SET, &tunnel);
}

static int set_external(void)
{
	struct tunnel tunnel = tunnel_named("t0");

	tunnel_set_local(&tunnel, "192.0.2.1");
	return nl_do(&home.nl, GRETUN_CMD_TUNNEL_SET, &tunnel);
}

static int get(void)
{
	struct tunnel tunnel;

	return nl_get(&home.nl, "t0", &tunnel);
}

static int ask(uint8_t cmd, uint16_t flags)
{
	nl_begin(&home.nl, cmd, flags);
	mnl_attr_put(home.nl.msg, GRETUN_A_WITH_STATS, 0, NULL);
	return nl_talk(&home.nl, NULL, NULL);
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
	nl_begin(&home.nl, GRETUN_CMD_NEAR_MISS_GET, NLM_F_ACK);
	return nl_talk(&home.nl, NULL, NULL);
}

static int defaults_set(void)
{
	return set_default(D(MTU), 1300);
}

static int defaults_get(void)
{
	nl_begin(&home.nl, GRETUN_CMD_DEFAULTS_GET, NLM_F_ACK);
	return nl_talk(&home.nl, NULL, NULL);
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
	return new_up() ?: have_route();
}

static int send_plain6(void)
{
	return new_up6() ?: have_route();
}

static int send_full(void)
{
	return have_full_up() ?: have_route();
}

static int send_full6(void)
{
	return new_full6() ?: have_route();
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

static int send_udp(void)
{
	return new_udp() ?: have_route();
}

static int new_netns(void)
{
	int err = unshare(CLONE_NEWNET) ? errno : 0;

	/* Back, as all else is there. It may be that which fails, but once. */
	if (!err && setns(home.fd, CLONE_NEWNET) &&
	    setns(home.fd, CLONE_NEWNET))
		exit(1);
	return err;
}

static int move(void)
{
	return link_move("t0", other.fd);
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

const struct path paths[] = {
	{ .name = "new", .act = new_plain },
	{ .name = "new-second", .prepare = have_other, .act = new_plain },
	{ .name = "new-up", .act = new_up },
	{ .name = "new-full", .prepare = have_other, .act = new_full },
	{ .name = "new-full6", .act = new_full6 },
	{ .name = "new-any", .act = new_any },
	{ .name = "new-udp", .prepare = have_other, .act = new_udp },
	{ .name = "new-udp6", .act = new_udp6 },
	{ .name = "new-local-dev", .act = new_local_dev },
	{ .name = "new-external", .act = new_external },
	{ .name = "new-batch", .prepare = have_other, .act = new_batch },
	{ .name = "del", .prepare = new_plain, .act = del },
	{ .name = "del-up", .prepare = have_full_up, .act = del },
	{ .name = "del-batch", .prepare = new_batch, .act = del_batch },
	{ .name = "set-same-key", .prepare = new_up, .act = set_same_key },
	{ .name = "set-other-key", .prepare = new_up, .act = set_other_key },
	{ .name = "set-remote", .prepare = have_full_up, .act = set_remote },
	{ .name = "set-any", .prepare = new_up, .act = set_any },
	{ .name = "set-keepalive", .prepare = new_up, .act = set_keepalive },
	{ .name = "set-mtu", .prepare = new_up, .act = set_mtu },
	{ .name = "set-seq", .prepare = new_up, .act = set_seq },
	{ .name = "set-udp", .prepare = new_up, .act = set_udp },
	{ .name = "set-port", .prepare = new_udp, .act = set_port },
	{ .name = "set-no-udp", .prepare = new_udp, .act = set_no_udp },
	{ .name = "set-secret", .prepare = new_udp, .act = set_secret },
	{ .name = "set-local-dev", .prepare = new_up, .act = set_local_dev },
	{ .name = "set-external", .prepare = have_external, .act = set_external },
	{ .name = "get", .prepare = have_full_up, .act = get },
	{ .name = "dump", .prepare = have_full_up, .act = dump },
	{ .name = "netns-get", .prepare = have_other, .act = get_netns },
	{ .name = "near-miss-get", .prepare = have_other, .act = get_near_misses },
	{ .name = "defaults-set", .act = defaults_set },
	{ .name = "defaults-get", .act = defaults_get },
	{ .name = "sysctl", .act = sysctl_set },
	{ .name = "up", .prepare = new_plain, .act = up, .loose = true },
	{ .name = "down", .prepare = have_full_up, .act = down, .loose = true },
	{ .name = "link-mtu", .prepare = new_up, .act = link_mtu, .loose = true },
	{ .name = "rename", .prepare = new_plain, .act = rename_down, .loose = true },
	{ .name = "move", .prepare = new_up, .act = move, .loose = true },
	{ .name = "send", .prepare = send_plain, .act = send4 },
	{ .name = "send6", .prepare = send_plain6, .act = send4 },
	{ .name = "send-full", .prepare = send_full, .act = send4 },
	{ .name = "send-full6", .prepare = send_full6, .act = send4 },
	{ .name = "send-udp", .prepare = send_udp, .act = send4 },
	{ .name = "send-external", .prepare = send_external, .act = send4 },
	{ .name = "send-external6", .prepare = send_external6, .act = send4 },
	{ .name = "netns", .act = new_netns, .last = true },
	{ .name = "load", .act = load, .last = true, .loads = true },
};

const unsigned int path_count = ARRAY_SIZE(paths);
