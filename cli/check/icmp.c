// SPDX-License-Identifier: GPL-2.0
/*
 * Sends echo requests and takes what ICMP says to them, or to packets of the
 * tunnel: answers and errors, with their senders.
 */
#include <errno.h>
#include <poll.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include <netinet/icmp6.h>
#include <netinet/ip.h>
#include <netinet/ip6.h>
#include <netinet/ip_icmp.h>
#include <sys/random.h>
#include <sys/socket.h>

#include "check.h"

#define LONGEST 65535

union sockaddr_any {
	struct sockaddr sa;
	struct sockaddr_in in;
	struct sockaddr_in6 in6;
};

/**
 * now() - the time that has passed since some point
 *
 * Return: it, in milliseconds.
 */
uint64_t now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return time.tv_sec * 1000ull + time.tv_nsec / 1000000;
}

static uint64_t now_us(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return time.tv_sec * 1000000ull + time.tv_nsec / 1000;
}

/**
 * icmp_open() - open a socket for ICMP
 * @icmp: where it goes; its fd is 0 if that failed, and why says why
 * @tunnel: errors about packets of this tunnel are kept
 * @ipv4: for IPv4, not IPv6
 * @mark: with which requests are routed
 */
void icmp_open(struct icmp_socket *icmp, const struct tunnel *tunnel,
	       bool ipv4, uint32_t mark)
{
	int fd;

	memset(icmp, 0, sizeof(*icmp));
	icmp->tunnel = tunnel;
	icmp->ipv4 = ipv4;
	if (getrandom(&icmp->nonce, sizeof(icmp->nonce), 0) < 0)
		icmp->nonce = now_us();
	icmp->id = icmp->nonce ^ getpid();
	fd = ipv4 ? socket(AF_INET, SOCK_RAW | SOCK_CLOEXEC, IPPROTO_ICMP) :
		    socket(AF_INET6, SOCK_RAW | SOCK_CLOEXEC, IPPROTO_ICMPV6);
	if (fd < 0) {
		icmp->why = errno;
		return;
	}
	if (mark && setsockopt(fd, SOL_SOCKET, SO_MARK, &mark, sizeof(mark))) {
		icmp->why = errno;
		close(fd);
		return;
	}
	icmp->fd = fd;
}

/**
 * icmp_close() - close a socket for ICMP
 * @icmp: the socket, also one that is not open
 */
void icmp_close(struct icmp_socket *icmp)
{
	if (icmp->fd > 0)
		close(icmp->fd);
	icmp->fd = 0;
}

static uint16_t checksum(const void *data, size_t len)
{
	const uint8_t *byte = data;
	uint32_t sum = 0;

	for (size_t i = 0; i < len; i++)
		sum += i & 1 ? byte[i] : byte[i] << 8;
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return htons(~sum);
}

/* Takes one packet, if there is one. Returns whether there was. */
static bool receive(struct icmp_socket *icmp, bool *end, enum echo *echo)
{
	static uint8_t data[LONGEST];
	union sockaddr_any from = { 0 };
	socklen_t size = sizeof(from);
	struct in6_addr sender;
	ssize_t len;

	len = recvfrom(icmp->fd, data, sizeof(data), MSG_DONTWAIT, &from.sa,
		       &size);
	/* An error that the socket itself reports is no packet. */
	if (len < 0)
		return errno != EAGAIN && errno != EWOULDBLOCK;
	ip_any(icmp->ipv4, &sender);
	if (icmp->ipv4)
		memcpy((void *)ip_bytes(&sender), &from.in.sin_addr, 4);
	else
		sender = from.in6.sin6_addr;
	*end = icmp_take(icmp, data, len, &sender, echo) || *end;
	return true;
}

/**
 * icmp_drain() - take what came in meanwhile
 * @icmp: the socket; its errors are added to
 */
void icmp_drain(struct icmp_socket *icmp)
{
	bool end = false;
	enum echo echo;

	while (icmp->fd > 0 && receive(icmp, &end, &echo))
		;
}

static enum echo wait_for(struct icmp_socket *icmp, uint64_t start, int wait)
{
	uint64_t time;
	enum echo echo = SILENCE;
	bool end = false;

	while (!end) {
		struct pollfd poll_fd = { .fd = icmp->fd, .events = POLLIN };

		if (receive(icmp, &end, &echo))
			continue;
		time = (now_us() - start) / 1000;
		if (time >= (uint64_t)wait)
			break;
		poll(&poll_fd, 1, wait - time);
	}
	icmp->rtt = now_us() - start;
	return echo;
}

static void set_cutting(const struct icmp_socket *icmp, bool whole)
{
	int v4 = whole ? IP_PMTUDISC_PROBE : IP_PMTUDISC_DONT;
	int v6 = whole ? IPV6_PMTUDISC_PROBE : IPV6_PMTUDISC_DONT;
	int dont = whole;

	if (icmp->ipv4) {
		setsockopt(icmp->fd, IPPROTO_IP, IP_MTU_DISCOVER, &v4,
			   sizeof(v4));
		return;
	}
	setsockopt(icmp->fd, IPPROTO_IPV6, IPV6_MTU_DISCOVER, &v6, sizeof(v6));
	setsockopt(icmp->fd, IPPROTO_IPV6, IPV6_DONTFRAG, &dont, sizeof(dont));
}

static ssize_t send_from(const struct icmp_socket *icmp,
			 const struct echo_path *path, const void *data,
			 size_t len)
{
	union {
		char buf[CMSG_SPACE(sizeof(struct in6_pktinfo))];
		struct cmsghdr align;
	} control = { 0 };
	struct iovec part = { .iov_base = (void *)data, .iov_len = len };
	union sockaddr_any to = { 0 };
	struct msghdr msg = {
		.msg_name = &to,
		.msg_iov = &part,
		.msg_iovlen = 1,
		.msg_control = control.buf,
	};
	struct cmsghdr *cmsg = &control.align;

	if (icmp->ipv4) {
		struct in_pktinfo info = { .ipi_ifindex = path->dev };

		to.in.sin_family = AF_INET;
		memcpy(&to.in.sin_addr, ip_bytes(&path->to), 4);
		msg.msg_namelen = sizeof(to.in);
		memcpy(&info.ipi_spec_dst, ip_bytes(&path->from), 4);
		cmsg->cmsg_level = IPPROTO_IP;
		cmsg->cmsg_type = IP_PKTINFO;
		cmsg->cmsg_len = CMSG_LEN(sizeof(info));
		memcpy(CMSG_DATA(cmsg), &info, sizeof(info));
		msg.msg_controllen = CMSG_SPACE(sizeof(info));
	} else {
		struct in6_pktinfo info = {
			.ipi6_ifindex = path->dev,
			.ipi6_addr = path->from,
		};

		to.in6.sin6_family = AF_INET6;
		to.in6.sin6_addr = path->to;
		to.in6.sin6_scope_id = path->dev;
		msg.msg_namelen = sizeof(to.in6);
		cmsg->cmsg_level = IPPROTO_IPV6;
		cmsg->cmsg_type = IPV6_PKTINFO;
		cmsg->cmsg_len = CMSG_LEN(sizeof(info));
		memcpy(CMSG_DATA(cmsg), &info, sizeof(info));
		msg.msg_controllen = CMSG_SPACE(sizeof(info));
	}
	return sendmsg(icmp->fd, &msg, 0);
}

/**
 * icmp_echo() - send an echo request and wait for its answer
 * @icmp: the socket; tells who answered, and when
 * @path: from where to where
 * @size: length of the whole packet, in bytes
 * @whole: nobody may fragment it
 * @wait: how long, in milliseconds
 *
 * Return: what came of it.
 */
enum echo icmp_echo(struct icmp_socket *icmp, const struct echo_path *path,
		    uint32_t size, bool whole, int wait)
{
	size_t len = size - (icmp->ipv4 ? sizeof(struct ip) :
					  sizeof(struct ip6_hdr));
	static uint8_t data[LONGEST];
	struct echo_packet request = {
		.type = icmp->ipv4 ? ICMP_ECHO : ICMP6_ECHO_REQUEST,
		.id = icmp->id,
		.nonce = icmp->nonce,
	};
	uint64_t start;

	if (icmp->fd <= 0) {
		errno = icmp->why;
		return NOT_SENT;
	}
	icmp_drain(icmp);
	icmp->own = path->from;
	icmp->sequence++;
	icmp->mtu = 0;
	request.sequence = htons(icmp->sequence);
	memset(data, 0, len);
	memcpy(data, &request, sizeof(request));
	if (icmp->ipv4) {
		request.checksum = checksum(data, len);
		memcpy(data, &request, sizeof(request));
	}
	set_cutting(icmp, whole);
	start = now_us();
	if (send_from(icmp, path, data, len) < 0)
		return errno == EMSGSIZE ? TOO_LONG : NOT_SENT;
	return wait_for(icmp, start, wait);
}
