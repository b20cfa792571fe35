// SPDX-License-Identifier: GPL-2.0
/*
 * TCP between two network namespaces: a stream, or one byte back and forth. Prints
 * the nanoseconds that it took.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <sched.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define PORT 5001
/* Sent before the clock starts, for the window to open. */
#define WARM_BYTES (4 << 20)
#define WARM_TURNS 100

static char buf[128 << 10];

static void check(bool good, const char *what)
{
	if (good)
		return;
	perror(what);
	exit(1);
}

static void enter(const char *netns)
{
	char path[64];
	int fd;

	snprintf(path, sizeof(path), "/run/netns/%s", netns);
	fd = open(path, O_RDONLY);
	check(fd >= 0 && !setns(fd, CLONE_NEWNET), path);
	close(fd);
}

static int new_socket(void)
{
	int fd = socket(AF_INET, SOCK_STREAM, 0), on = 1;

	check(fd >= 0, "socket");
	check(!setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on)) &&
	      !setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)), "setsockopt");
	return fd;
}

static void send_bytes(int fd, long count)
{
	ssize_t len;

	for (; count; count -= len) {
		len = write(fd, buf, count < (long)sizeof(buf) ? (size_t)count : sizeof(buf));
		check(len > 0, "write");
	}
}

static void take_bytes(int fd, long count)
{
	ssize_t len;

	for (; count; count -= len) {
		len = read(fd, buf, count < (long)sizeof(buf) ? (size_t)count : sizeof(buf));
		check(len > 0, "read");
	}
}

static void ask(int fd, long turns)
{
	for (; turns; turns--) {
		send_bytes(fd, 1);
		take_bytes(fd, 1);
	}
}

static void answer(int fd, long turns)
{
	for (; turns; turns--) {
		take_bytes(fd, 1);
		send_bytes(fd, 1);
	}
}

/* The end that connects; what it asks the other for ends each measurement. */
static void client(int fd, bool stream, long count)
{
	struct timespec start, end;

	if (stream) {
		send_bytes(fd, WARM_BYTES);
		take_bytes(fd, 1);
	} else {
		ask(fd, WARM_TURNS);
	}
	clock_gettime(CLOCK_MONOTONIC, &start);
	if (stream) {
		send_bytes(fd, count);
		take_bytes(fd, 1);
	} else {
		ask(fd, count);
	}
	clock_gettime(CLOCK_MONOTONIC, &end);
	printf("%ld\n", (end.tv_sec - start.tv_sec) * 1000000000L +
			end.tv_nsec - start.tv_nsec);
}

static void server(int fd, bool stream, long count)
{
	if (!stream) {
		answer(fd, WARM_TURNS + count);
		return;
	}
	take_bytes(fd, WARM_BYTES);
	send_bytes(fd, 1);
	take_bytes(fd, count);
	send_bytes(fd, 1);
}

int main(int argc, char **argv)
{
	struct sockaddr_in addr = { .sin_family = AF_INET, .sin_port = htons(PORT) };
	int listener, fd, status;
	bool stream;
	long count;
	pid_t pid;

	if (argc != 6 || inet_pton(AF_INET, argv[4], &addr.sin_addr) != 1) {
		fputs("usage: traffic stream|turns FROM-NETNS TO-NETNS TO-ADDRESS COUNT\n", stderr);
		return 2;
	}
	stream = !strcmp(argv[1], "stream");
	count = atol(argv[5]);

	enter(argv[3]);
	listener = new_socket();
	check(!bind(listener, (struct sockaddr *)&addr, sizeof(addr)) &&
	      !listen(listener, 1), "listen");
	pid = fork();
	check(pid >= 0, "fork");
	if (!pid) {
		fd = accept(listener, NULL, NULL);
		check(fd >= 0, "accept");
		server(fd, stream, count);
		return 0;
	}
	enter(argv[2]);
	fd = new_socket();
	check(!connect(fd, (struct sockaddr *)&addr, sizeof(addr)), "connect");
	client(fd, stream, count);
	check(wait(&status) == pid && !status, "server");
	return 0;
}
