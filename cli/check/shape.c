// SPDX-License-Identifier: GPL-2.0
/*
 * In which shape answers come back. A socket for ICMP gets them when they are
 * whole again; a packet socket sees them as they come out of the tunnel.
 */
#include <string.h>
#include <unistd.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <netinet/icmp6.h>
#include <netinet/ip.h>
#include <netinet/ip6.h>
#include <netinet/ip_icmp.h>
#include <sys/socket.h>

#include "shape.h"

/* As far as it is looked at: the headers of a first fragment. */
#define LOOK 128

/**
 * shape_open() - start to look at what comes out of the tunnel
 * @shape: where the look goes
 * @check: the check, inside
 *
 * Where that is not permitted all answers seem whole.
 */
void shape_open(struct shape *shape, const struct check *check)
{
	bool ipv4 = ip_is_ipv4(&check->through.to);
	struct sockaddr_ll address = {
		.sll_family = AF_PACKET,
		.sll_protocol = htons(ipv4 ? ETH_P_IP : ETH_P_IPV6),
		.sll_ifindex = check->through.dev,
	};

	memset(shape, 0, sizeof(*shape));
	shape->ipv4 = ipv4;
	shape->fd = socket(AF_PACKET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (shape->fd >= 0 &&
	    bind(shape->fd, (void *)&address, sizeof(address))) {
		close(shape->fd);
		shape->fd = -1;
	}
}

/**
 * shape_close() - end the look
 * @shape: the look
 */
void shape_close(struct shape *shape)
{
	if (shape->fd >= 0)
		close(shape->fd);
}

/**
 * shape_start() - forget what came so far
 * @shape: the look
 */
void shape_start(struct shape *shape)
{
	uint8_t byte;

	while (shape->fd >= 0 &&
	       recv(shape->fd, &byte, sizeof(byte), MSG_DONTWAIT) >= 0)
		;
	shape->first = 0;
}

static uint16_t get16(const uint8_t *at)
{
	return at[0] << 8 | at[1];
}

/*
 * Where the ICMP header of a first fragment is, 0 if this is another packet.
 * @len is set to the length of the fragment.
 */
static size_t first_fragment(const uint8_t *data, size_t seen, uint32_t *len)
{
	const uint8_t *fragment = data + sizeof(struct ip6_hdr);

	if (data[0] >> 4 == 4) {
		*len = get16(data + offsetof(struct ip, ip_len));
		if (data[offsetof(struct ip, ip_p)] != IPPROTO_ICMP ||
		    (get16(data + offsetof(struct ip, ip_off)) & ~IP_DF) !=
			    IP_MF)
			return 0;
		return (data[0] & 0xf) * 4;
	}
	if (seen < sizeof(struct ip6_hdr) + sizeof(struct ip6_frag) ||
	    data[offsetof(struct ip6_hdr, ip6_nxt)] != IPPROTO_FRAGMENT)
		return 0;
	*len = sizeof(struct ip6_hdr) +
	       get16(data + offsetof(struct ip6_hdr, ip6_plen));
	/* The offset is 0, and more fragments follow. */
	if (fragment[0] != IPPROTO_ICMPV6 || get16(fragment + 2) != 1)
		return 0;
	return sizeof(struct ip6_hdr) + sizeof(struct ip6_frag);
}

static bool is_answer(const uint8_t *header, const struct icmp_socket *icmp)
{
	uint8_t type = icmp->ipv4 ? ICMP_ECHOREPLY : ICMP6_ECHO_REPLY;

	return header[0] == type && memcmp(header + 4, &icmp->id, 2) == 0 &&
	       get16(header + 6) == icmp->sequence;
}

/**
 * shape_end() - find out in which shape an answer came
 * @shape: the look; its length of the first fragment is set
 * @icmp: the socket that got the answer
 */
void shape_end(struct shape *shape, const struct icmp_socket *icmp)
{
	uint8_t data[LOOK];
	uint32_t len;
	size_t header;
	ssize_t seen;

	while (shape->fd >= 0 &&
	       (seen = recv(shape->fd, data, sizeof(data), MSG_DONTWAIT)) >= 0) {
		if (seen < (ssize_t)sizeof(struct ip))
			continue;
		header = first_fragment(data, seen, &len);
		if (header && header + 8 <= (size_t)seen &&
		    is_answer(data + header, icmp))
			shape->first = len;
	}
}
