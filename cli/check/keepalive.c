// SPDX-License-Identifier: GPL-2.0
/*
 * Keepalives as Cisco's routers send them: a GRE packet to the far end whose
 * payload is a GRE packet back to here. A far end that takes the outer one out
 * of its tunnel and routes what is inside sends it back, though it knows
 * nothing of keepalives.
 */
#include <string.h>
#include <unistd.h>
#include <netinet/ip.h>
#include <netinet/ip6.h>
#include <sys/socket.h>

#include "check.h"

#define GRE_CHECKSUM 0x8000
#define GRE_KEY 0x2000
#define IPV4_PROTOCOL 0x0800
#define IPV6_PROTOCOL 0x86dd

/* Of the packet that comes back. */
#define TTL 64

/* The header of one, a key and a checksum, twice, and what is between. */
#define LONGEST (2 * 12 + 40)

static uint16_t checksum(const uint8_t *data, size_t len)
{
	uint32_t sum = 0;

	for (size_t i = 0; i < len; i++)
		sum += i & 1 ? data[i] : data[i] << 8;
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return ~sum;
}

static void put16(uint8_t *at, uint16_t number)
{
	at[0] = number >> 8;
	at[1] = number;
}

static void put32(uint8_t *at, uint32_t number)
{
	put16(at, number >> 16);
	put16(at + 2, number);
}

static size_t gre_size(const struct tunnel *tunnel, uint32_t key)
{
	return 4 + (tunnel->value[GRETUN_A_TUNNEL_CSUM] ? 4 : 0) +
	       (tunnel->present & BIT(key) ? 4 : 0);
}

/* @len counts the header too. What is behind it must be there. */
static void put_gre(uint8_t *at, size_t len, uint16_t protocol, uint32_t key,
		    const struct tunnel *tunnel)
{
	bool csum = tunnel->value[GRETUN_A_TUNNEL_CSUM];
	bool has_key = tunnel->present & BIT(key);

	put16(at, (csum ? GRE_CHECKSUM : 0) | (has_key ? GRE_KEY : 0));
	put16(at + 2, protocol);
	if (has_key)
		put32(at + (csum ? 8 : 4), tunnel->value[key]);
	if (csum)
		put16(at + 4, checksum(at, len));
}

/* The IP header of the packet that comes back. */
static void put_ip(uint8_t *at, size_t payload, const struct tunnel *tunnel)
{
	const struct in6_addr *from = &tunnel->outer[REMOTE];
	const struct in6_addr *to = &tunnel->outer[LOCAL];

	if (ip_is_ipv4(from)) {
		at[0] = 0x45;
		put16(at + offsetof(struct ip, ip_len),
		      sizeof(struct ip) + payload);
		at[offsetof(struct ip, ip_ttl)] = TTL;
		at[offsetof(struct ip, ip_p)] = IPPROTO_GRE;
		memcpy(at + offsetof(struct ip, ip_src), ip_bytes(from), 4);
		memcpy(at + offsetof(struct ip, ip_dst), ip_bytes(to), 4);
		put16(at + offsetof(struct ip, ip_sum),
		      checksum(at, sizeof(struct ip)));
		return;
	}
	at[0] = 0x60;
	put16(at + offsetof(struct ip6_hdr, ip6_plen), payload);
	at[offsetof(struct ip6_hdr, ip6_nxt)] = IPPROTO_GRE;
	at[offsetof(struct ip6_hdr, ip6_hlim)] = TTL;
	memcpy(at + offsetof(struct ip6_hdr, ip6_src), from, 16);
	memcpy(at + offsetof(struct ip6_hdr, ip6_dst), to, 16);
}

static size_t build(uint8_t *packet, const struct tunnel *tunnel)
{
	bool ipv4 = ip_is_ipv4(&tunnel->outer[LOCAL]);
	size_t ip_size = ipv4 ? sizeof(struct ip) : sizeof(struct ip6_hdr);
	size_t there = gre_size(tunnel, GRETUN_A_TUNNEL_OKEY);
	size_t back = gre_size(tunnel, GRETUN_A_TUNNEL_IKEY);
	size_t len = there + ip_size + back;

	memset(packet, 0, len);
	put_gre(packet + there + ip_size, back, 0, GRETUN_A_TUNNEL_IKEY,
		tunnel);
	put_ip(packet + there, back, tunnel);
	put_gre(packet, len, ipv4 ? IPV4_PROTOCOL : IPV6_PROTOCOL,
		GRETUN_A_TUNNEL_OKEY, tunnel);
	return len;
}

static bool send_packet(int fd, const struct tunnel *tunnel,
			const uint8_t *packet, size_t len)
{
	const struct in6_addr *local = &tunnel->outer[LOCAL];
	const struct in6_addr *remote = &tunnel->outer[REMOTE];
	struct sockaddr_in from = { .sin_family = AF_INET };
	struct sockaddr_in to = { .sin_family = AF_INET };
	struct sockaddr_in6 from6 = {
		.sin6_family = AF_INET6,
		.sin6_addr = *local,
	};
	uint16_t port = htons(tunnel->roam.now.port ?
				      tunnel->roam.now.port :
				      tunnel->value[GRETUN_A_TUNNEL_ENCAP_PORT]);
	struct sockaddr_in6 to6 = {
		.sin6_family = AF_INET6,
		.sin6_addr = *remote,
		.sin6_port = port,
	};

	if (!ip_is_ipv4(local))
		return !bind(fd, (void *)&from6, sizeof(from6)) &&
		       sendto(fd, packet, len, 0, (void *)&to6,
			      sizeof(to6)) >= 0;
	memcpy(&from.sin_addr, ip_bytes(local), 4);
	memcpy(&to.sin_addr, ip_bytes(remote), 4);
	to.sin_port = port;
	return !bind(fd, (void *)&from, sizeof(from)) &&
	       sendto(fd, packet, len, 0, (void *)&to, sizeof(to)) >= 0;
}

/**
 * keepalive_send() - send a keepalive to the far end
 * @check: the check, outside
 *
 * One that comes back is in the tunnel's counter rx-unasked, as the module did
 * not send it.
 *
 * Return: whether it was sent.
 */
bool keepalive_send(const struct check *check)
{
	const struct tunnel *tunnel = check->tunnel;
	uint32_t mark = tunnel->value[GRETUN_A_TUNNEL_FWMARK];
	bool ipv4 = ip_is_ipv4(&tunnel->outer[LOCAL]);
	bool udp = tunnel->value[GRETUN_A_TUNNEL_ENCAP];
	uint8_t packet[LONGEST];
	char dev[IFNAMSIZ];
	bool sent = false;
	int fd;

	fd = socket(ipv4 ? AF_INET : AF_INET6,
		    (udp ? SOCK_DGRAM : SOCK_RAW) | SOCK_CLOEXEC,
		    udp ? IPPROTO_UDP : IPPROTO_GRE);
	if (fd < 0)
		return false;
	if (mark && setsockopt(fd, SOL_SOCKET, SO_MARK, &mark, sizeof(mark)))
		goto out;
	if (tunnel->value[GRETUN_A_TUNNEL_LINK] &&
	    (!if_indextoname(tunnel->value[GRETUN_A_TUNNEL_LINK], dev) ||
	     setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, dev, strlen(dev))))
		goto out;
	sent = send_packet(fd, tunnel, packet, build(packet, tunnel));
out:
	close(fd);
	return sent;
}
