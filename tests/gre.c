// SPDX-License-Identifier: GPL-2.0
/*
 * Packets of GRE written to a device by hand, from and to whatever address.
 */
#include "gre.h"

#include <arpa/inet.h>
#include <net/if.h>
#include <netinet/ip.h>
#include <netinet/ip6.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>

/**
 * gre_open - get ready to send packets
 * @ifname: device that they go out through
 *
 * Return: a file descriptor, or -1.
 */
int gre_open(const char *ifname)
{
	struct sockaddr_ll to = {
		.sll_family = AF_PACKET,
		.sll_ifindex = if_nametoindex(ifname),
	};
	int fd = socket(AF_PACKET, SOCK_RAW, 0);

	if (fd < 0)
		return -1;
	if (!bind(fd, (struct sockaddr *)&to, sizeof(to)))
		return fd;
	close(fd);
	return -1;
}

static uint16_t checksum(const void *data, size_t len)
{
	const uint16_t *word = data;
	uint32_t sum = 0;

	for (; len; len -= sizeof(*word))
		sum += *word++;
	sum = (sum & 0xffff) + (sum >> 16);
	return ~(sum + (sum >> 16));
}

static size_t put_ipv4(uint8_t *at, const struct gre *gre, size_t len)
{
	struct iphdr iph = {
		.version = 4,
		.ihl = sizeof(iph) / 4,
		.tot_len = htons(sizeof(iph) + len),
		.ttl = 64,
		.protocol = IPPROTO_GRE,
		.saddr = inet_addr(gre->remote),
		.daddr = inet_addr(gre->local),
	};

	iph.check = checksum(&iph, sizeof(iph));
	memcpy(at, &iph, sizeof(iph));
	return sizeof(iph);
}

static size_t put_ipv6(uint8_t *at, const struct gre *gre, size_t len)
{
	struct ip6_hdr ip6h = {
		.ip6_flow = htonl(6u << 28),
		.ip6_plen = htons(len),
		.ip6_nxt = IPPROTO_GRE,
		.ip6_hlim = 64,
	};

	inet_pton(AF_INET6, gre->remote, &ip6h.ip6_src);
	inet_pton(AF_INET6, gre->local, &ip6h.ip6_dst);
	memcpy(at, &ip6h, sizeof(ip6h));
	return sizeof(ip6h);
}

/**
 * gre_send - send a packet of GRE
 * @fd: what gre_open() returned
 * @mac: Ethernet address that it goes to
 * @gre: the packet
 *
 * Return: false if it could not be sent.
 */
bool gre_send(int fd, const uint8_t *mac, const struct gre *gre)
{
	bool ipv6 = strchr(gre->local, ':');
	struct ethhdr eth = {
		.h_proto = htons(ipv6 ? ETH_P_IPV6 : ETH_P_IP),
	};
	uint32_t header[2 + sizeof(struct iphdr) / 4] = {
		htonl((uint32_t)gre->flags << 16 | ETH_P_IP),
		htonl(gre->key),
	};
	size_t len = gre->len ? gre->len : sizeof(header);
	uint8_t frame[128];
	size_t at;

	memcpy(eth.h_dest, mac, ETH_ALEN);
	memcpy(frame, &eth, sizeof(eth));
	at = sizeof(eth);
	at += ipv6 ? put_ipv6(frame + at, gre, len) : put_ipv4(frame + at, gre, len);
	memcpy(frame + at, header, len);
	at += len;
	return write(fd, frame, at) == (ssize_t)at;
}
