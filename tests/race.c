// SPDX-License-Identifier: GPL-2.0
/*
 * Does things to the tunnel gre1 of the netns of the caller, one after another
 * and as fast as it can, each kind in a process of its own:
 *
 *   race SECONDS KIND...
 *
 * Some fail, as another takes away what they need; that is the point. What counts
 * is that the kernel has no complaints and that all works again afterwards, for
 * races.sh to see. Prints how often each was done.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include <arpa/inet.h>
#include <netinet/udp.h>

#include "link.h"
#include "nl.h"

static struct nl nl;

/* The next of @count, another each time. */
static unsigned int turn(unsigned int count)
{
	static unsigned int number;

	return number++ % count;
}

static void set_tunnel(const struct tunnel *tunnel)
{
	nl_do(&nl, GRETUN_CMD_TUNNEL_SET, tunnel);
}

/* An option to something else; those of both ends seldom fit. */
static void set(void)
{
	static const struct {
		uint16_t type;
		uint32_t value;
	} options[] = {
		{ A(TTL), 9 },
		{ A(TTL), 64 },
		{ A(CSUM), 1 },
		{ A(CSUM), 0 },
		{ A(SEQ), 1 },
		{ A(SEQ), 0 },
		{ A(IKEY), 7 },
		{ A(OKEY), 7 },
		{ A(FASTPATH), 1 },
		{ A(MSS_CLAMP), 1 },
		{ A(KEEPALIVE_PERIOD), 1 },
		{ A(MTU), 1300 },
		{ A(TOS_INHERIT), 1 },
		{ A(UNSET), GRETUN_OPTION_IKEY | GRETUN_OPTION_OKEY },
		{ A(MTU), 0 },
		{ A(FASTPATH), 0 },
		{ A(MSS_CLAMP), 0 },
		{ A(TOS_INHERIT), 0 },
		{ A(KEEPALIVE_PERIOD), 0 },
		{ A(ENCAP), GRETUN_ENCAP_UDP },
		{ A(ENCAP_PORT), 4755 },
		{ A(ENCAP_SOURCE_PORT), 4755 },
		{ A(ENCAP), GRETUN_ENCAP_NONE },
	};
	struct tunnel tunnel = tunnel_named("gre1");
	unsigned int i = turn(ARRAY_SIZE(options));

	tunnel_set(&tunnel, options[i].type, options[i].value);
	set_tunnel(&tunnel);
}

/* Another peer, any peer, and the one that there was. */
static void peer(void)
{
	struct tunnel was, tunnel = tunnel_named("gre1");

	if (nl_get(&nl, "gre1", &was))
		return;
	if (was.present & BIT(A(LOCAL_IPV6))) {
		tunnel_set_remote(&tunnel, turn(2) ? "2001:db8:9::9" : "::");
		set_tunnel(&tunnel);
		tunnel.remote6 = was.remote6;
	} else {
		tunnel_set_remote(&tunnel, turn(2) ? "198.51.100.9" : "0.0.0.0");
		set_tunnel(&tunnel);
		tunnel.value[A(REMOTE_IPV4)] = was.value[A(REMOTE_IPV4)];
	}
	set_tunnel(&tunnel);
}

/* In UDP, and without it: as both ends do it, packets cross now and then. */
static void udp(void)
{
	struct tunnel tunnel = tunnel_named("gre1");

	tunnel_set(&tunnel, A(ENCAP),
		   turn(2) ? GRETUN_ENCAP_NONE : GRETUN_ENCAP_UDP);
	set_tunnel(&tunnel);
	usleep(1000);
}

/* The local address that eth0 has, and the same one by itself. */
static void local_dev(void)
{
	struct tunnel was, tunnel = tunnel_named("gre1");

	if (nl_get(&nl, "gre1", &was))
		return;
	tunnel_set_local_dev(&tunnel, "eth0");
	set_tunnel(&tunnel);
	usleep(1000);
	was.present &= BIT(A(IFNAME)) | BIT(A(LOCAL_IPV4)) | BIT(A(LOCAL_IPV6));
	set_tunnel(&was);
}

/* Addresses that a tunnel may take come before the one it has, and go. */
static void address(void)
{
	run_ip("addr add 192.0.2.77/32 dev eth0 2> /dev/null");
	run_ip("-6 addr add 2001:db8:77::1/64 nodad dev eth0 2> /dev/null");
	run_ip("addr del 192.0.2.77/32 dev eth0 2> /dev/null");
	run_ip("-6 addr del 2001:db8:77::1/64 dev eth0 2> /dev/null");
}

/* More tunnels between the same two hosts come and go. */
static void add(void)
{
	struct tunnel is, tunnel;
	int i;

	if (nl_get(&nl, "gre1", &is))
		return;
	nl_begin(&nl, GRETUN_CMD_TUNNEL_NEW, NLM_F_ACK);
	for (i = 2; i < 5; i++) {
		tunnel = is;
		tunnel.present &= BIT(A(LOCAL_IPV4)) | BIT(A(REMOTE_IPV4)) |
				  BIT(A(LOCAL_IPV6)) | BIT(A(REMOTE_IPV6)) |
				  BIT(A(IFNAME));
		tunnel_set(&tunnel, A(IKEY), 100 + i);
		tunnel_set(&tunnel, A(UP), 1);
		snprintf(tunnel.ifname, sizeof(tunnel.ifname), "gre%d", i);
		nl_put_tunnel(&nl, &tunnel);
	}
	nl_talk(&nl, NULL, NULL);
	nl_begin(&nl, GRETUN_CMD_TUNNEL_DEL, NLM_F_ACK);
	for (i = 2; i < 5; i++) {
		snprintf(tunnel.ifname, sizeof(tunnel.ifname), "gre%d", i);
		tunnel.present = BIT(A(IFNAME));
		nl_put_tunnel(&nl, &tunnel);
	}
	nl_talk(&nl, NULL, NULL);
}

/* An external device for what no tunnel takes. */
static void external(void)
{
	struct tunnel tunnel = tunnel_named("greX");

	tunnel_set(&tunnel, A(EXTERNAL), 1);
	tunnel_set(&tunnel, A(UP), 1);
	nl_do(&nl, GRETUN_CMD_TUNNEL_NEW, &tunnel);
	tunnel.present = BIT(A(IFNAME));
	nl_do(&nl, GRETUN_CMD_TUNNEL_DEL, &tunnel);
}

static void dump(void)
{
	static const uint8_t commands[] = {
		GRETUN_CMD_TUNNEL_GET,
		GRETUN_CMD_NETNS_GET,
		GRETUN_CMD_NEAR_MISS_GET,
		GRETUN_CMD_DEFAULTS_GET,
	};
	uint8_t cmd = commands[turn(sizeof(commands))];

	nl_begin(&nl, cmd, cmd == GRETUN_CMD_TUNNEL_GET ? NLM_F_DUMP : NLM_F_ACK);
	if (cmd == GRETUN_CMD_TUNNEL_GET || cmd == GRETUN_CMD_NETNS_GET)
		mnl_attr_put(nl.msg, GRETUN_A_WITH_STATS, 0, NULL);
	nl_talk(&nl, NULL, NULL);
}

static void write_file(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY);

	if (fd < 0)
		return;
	(void)!write(fd, text, strlen(text));
	close(fd);
}

static void defaults(void)
{
	static const char *const values[] = { "1400", "0", "1300" };
	const char *value = values[turn(3)];

	write_file("/proc/sys/net/gretun/default_mtu", value);
	write_file("/proc/sys/net/gretun/default_ttl", "33");
	write_file("/proc/sys/net/gretun/allow", *value == '0' ? "0" : "1");
}

static void updown(void)
{
	link_set_up("gre1", false);
	link_set_up("gre1", true);
}

/* With the underlay its routes go, and come back for races.sh to see. */
static void flap(void)
{
	link_set_mtu("eth0", turn(2) ? 1400 : 1500);
	link_set_up("eth0", false);
	link_set_up("eth0", true);
	run_ip("route replace default dev eth0 2> /dev/null");
	run_ip("-6 route replace default dev eth0 2> /dev/null");
}

static void rename_it(void)
{
	link_set_up("gre1", false);
	link_rename("gre1", "gre9");
	link_rename("gre9", "gre1");
	link_set_up("gre1", true);
}

/* To another netns, which goes away with it every other time. */
static void move(void)
{
	int home = open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC);
	int away;

	if (home < 0 || unshare(CLONE_NEWNET))
		exit(1);
	away = open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC);
	if (setns(home, CLONE_NEWNET))
		exit(1);
	link_move("gre1", away);
	if (!setns(away, CLONE_NEWNET))
		link_move("gre1", home);
	if (setns(home, CLONE_NEWNET))
		exit(1);
	close(away);
	close(home);
	run_ip("link set gre1 up 2> /dev/null");
}

/* Short ones and long ones, to both addresses that the ends may have. */
static void send_some(void)
{
	static const char *const addrs[] = { "10.1.12.37", "10.1.12.38" };
	static const char payload[8000];
	struct sockaddr_in to = {
		.sin_family = AF_INET,
		.sin_port = htons(9),
		.sin_addr.s_addr = inet_addr(addrs[turn(2)]),
	};
	int size = 1000;
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	if (!connect(fd, (struct sockaddr *)&to, sizeof(to))) {
		(void)!send(fd, payload, 64, MSG_DONTWAIT);
		(void)!send(fd, payload, 3000, MSG_DONTWAIT);
		setsockopt(fd, SOL_UDP, UDP_SEGMENT, &size, sizeof(size));
		(void)!send(fd, payload, sizeof(payload), MSG_DONTWAIT);
	}
	close(fd);
}

/* Events are read now and then, so that some are lost too. */
static void events(void)
{
	char buf[NL_LONGEST];
	struct nl sock;
	int on, i;

	if (nl_open(&sock))
		return;
	on = sock.events;
	mnl_socket_setsockopt(sock.sock, NETLINK_ADD_MEMBERSHIP, &on, sizeof(on));
	usleep(10000);
	for (i = 0; i < 10; i++)
		(void)!recv(mnl_socket_get_fd(sock.sock), buf, sizeof(buf),
			    MSG_DONTWAIT);
	nl_close(&sock);
}

static const struct {
	const char *name;
	void (*act)(void);
} kinds[] = {
	{ "set", set },
	{ "peer", peer },
	{ "udp", udp },
	{ "local-dev", local_dev },
	{ "address", address },
	{ "add", add },
	{ "external", external },
	{ "dump", dump },
	{ "defaults", defaults },
	{ "updown", updown },
	{ "flap", flap },
	{ "rename", rename_it },
	{ "move", move },
	{ "send", send_some },
	{ "events", events },
};

static void run(const char *name, int seconds)
{
	time_t end = time(NULL) + seconds;
	unsigned int count = 0;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(kinds); i++)
		if (!strcmp(kinds[i].name, name))
			break;
	if (i == ARRAY_SIZE(kinds) || nl_open(&nl)) {
		fprintf(stderr, "race: %s: %s\n", name, strerror(errno));
		exit(1);
	}
	do {
		kinds[i].act();
		count++;
	} while (time(NULL) < end);
	printf("%s %u\n", name, count);
	fflush(stdout);
	_exit(0);
}

int main(int argc, char **argv)
{
	int bad = 0;
	int status;
	int i;

	if (argc < 3) {
		fprintf(stderr, "usage: race SECONDS KIND...\n");
		return 2;
	}
	for (i = 2; i < argc; i++)
		if (!fork())
			run(argv[i], atoi(argv[1]));
	while (wait(&status) > 0)
		bad |= status;
	return bad != 0;
}
