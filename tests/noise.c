// SPDX-License-Identifier: GPL-2.0
/*
 * Sends random packets of one kind to a host, as fast as they go, and prints how
 * many of them there were:
 *
 *   noise DEV MAC LOCAL REMOTE KIND COUNT SEED < SEEDS
 *
 * "due N" says how many of them LOCAL has to account for. KIND is one of
 *   gre       GRE with damage from its first byte on; LOCAL takes each for GRE
 *   nested    the same, with up to four more of that inside
 *   udp       GRE in UDP, due if it has the port and no wrong checksum
 *   icmp      errors that quote such packets, with and without UDP; due if that can
 *             be told from the quote, of GRE from 8 bytes of it
 *   fragment  GRE in fragments, some of which are missing or overlap
 *   outer     GRE with damage anywhere
 * SEEDS are GRE headers in hexadecimal, one a line. What is sent depends on
 * nothing but the arguments and SEEDS.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <net/if.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <linux/if_packet.h>
#include <sys/socket.h>

#define MAX_SIZE 1500
#define MAX_SEEDS 128
#define BATCH 32
#define ETHERNET 14
/* GRE without an outer header, so that any fits. */
#define MAX_GRE 1200
/* Of RFC 8086. */
#define PORT 4754

struct bytes {
	uint8_t byte[MAX_SIZE];
	size_t size;
};

struct sender {
	int sock;
	bool v6, nested;
	uint8_t local[16], remote[16], stranger[16];
	struct bytes seed[MAX_SEEDS];
	size_t seeds;
	uint8_t frame[BATCH][ETHERNET + MAX_SIZE];
	struct iovec iov[BATCH];
	unsigned int waiting;
	unsigned long sent, due;
	uint32_t sequence;
};

static uint64_t state;

/* xorshift64*, so that the same seed gives the same packets anywhere. */
static uint32_t below(uint32_t end)
{
	state ^= state >> 12;
	state ^= state << 25;
	state ^= state >> 27;
	return end ? (state * UINT64_C(0x2545f4914f6cdd1d) >> 32) % end : 0;
}

static bool one_in(uint32_t times)
{
	return !below(times);
}

static void put(struct bytes *to, const void *from, size_t size)
{
	if (size > MAX_SIZE - to->size)
		size = MAX_SIZE - to->size;
	memcpy(to->byte + to->size, from, size);
	to->size += size;
}

static void put8(struct bytes *to, uint8_t value)
{
	put(to, &value, 1);
}

static void put16(struct bytes *to, uint16_t value)
{
	value = htons(value);
	put(to, &value, 2);
}

static void put32(struct bytes *to, uint32_t value)
{
	value = htonl(value);
	put(to, &value, 4);
}

static uint32_t sum(uint32_t total, const uint8_t *data, size_t size)
{
	for (size_t i = 0; i < size; i++)
		total += i % 2 ? data[i] : data[i] << 8;
	return total;
}

static void set_checksum(uint8_t *where, uint32_t total)
{
	while (total >> 16)
		total = (total & 0xffff) + (total >> 16);
	where[0] = ~total >> 8;
	where[1] = ~total;
}

/* An IP packet around what there is; sizes and checksum are right. */
static void put_ip(struct bytes *to, bool v6, const uint8_t *src,
		   const uint8_t *dst, uint8_t proto, const struct bytes *payload)
{
	size_t options = !v6 && one_in(8) ? 4 * (1 + below(10)) : 0;
	size_t at = to->size;

	if (v6) {
		put32(to, 6U << 28 | below(1U << 28));
		put16(to, payload->size);
		put8(to, proto);
		put8(to, 1 + below(255));
		put(to, src, 16);
		put(to, dst, 16);
	} else {
		put8(to, 0x40 | (5 + options / 4));
		put8(to, below(256));
		put16(to, 20 + options + payload->size);
		put16(to, below(65536));
		put16(to, one_in(2) ? 0x4000 : 0);
		put8(to, 1 + below(255));
		put8(to, proto);
		put16(to, 0);
		put(to, src, 4);
		put(to, dst, 4);
		for (; options; options--)
			put8(to, 1);
		set_checksum(to->byte + at + 10,
			     sum(0, to->byte + at, to->size - at));
	}
	put(to, payload->byte, payload->size);
}

/* Flip, write, cut, double or lengthen, so many times. */
static void damage(struct bytes *bytes, size_t from, unsigned int times)
{
	size_t at, size;

	for (; times && bytes->size > from; times--) {
		/* Where the headers are, as a rule. */
		size = bytes->size - from;
		at = from + below(size > 20 && one_in(2) ? 20 : size);
		size = 1 + below(16);
		switch (below(8)) {
		case 0:
			bytes->size = at;
			break;
		case 1:
			bytes->byte[at] = one_in(2) ? 0xff : 0;
			break;
		case 2:
			bytes->byte[at] = below(256);
			break;
		case 3:
			if (bytes->size + size > MAX_GRE || at + size > bytes->size)
				break;
			memmove(bytes->byte + at + size, bytes->byte + at,
				bytes->size - at);
			bytes->size += size;
			break;
		case 4:
			for (; size && bytes->size < MAX_GRE; size--)
				put8(bytes, below(256));
			break;
		default:
			bytes->byte[at] ^= 1 << below(8);
		}
	}
}

/* An inner packet for nobody: UDP, or a TCP SYN with options. */
static void put_plain(struct bytes *to, bool v6)
{
	static const uint8_t from4[] = { 198, 51, 100, 9 };
	static const uint8_t to4[] = { 198, 51, 100, 1 };
	static const uint8_t from6[16] = { 0xfd, 0x99, [15] = 9 };
	static const uint8_t to6[16] = { 0xfd, 0x99, [15] = 1 };
	struct bytes payload = {};
	bool syn = one_in(4);
	size_t size = one_in(8) ? below(1000) : below(64);

	put16(&payload, below(65536));
	put16(&payload, below(65536));
	if (syn) {
		put32(&payload, below(UINT32_MAX));
		put32(&payload, 0);
		put32(&payload, 0x60020000 + (below(10) << 28));
		put32(&payload, 0);
		put32(&payload, 0x02040000 | below(65536));
	}
	for (; size; size--)
		put8(&payload, below(256));
	put_ip(to, v6, v6 ? from6 : from4, v6 ? to6 : to4, syn ? 6 : 17, &payload);
}

/* The keys of noise.sh, and others. */
static uint32_t some_key(void)
{
	static const uint32_t keys[] = { 1, 2, 3, 4, 5, 6, 7, 77, 0, UINT32_MAX };

	return keys[below(sizeof(keys) / sizeof(*keys))];
}

static void put_gre(struct sender *sender, struct bytes *to, unsigned int depth);

/* What a GRE packet holds. Return: its protocol. */
static uint16_t put_inner(struct sender *sender, struct bytes *to,
			  unsigned int depth)
{
	struct bytes deeper = {};
	bool v6 = one_in(2);

	switch (below(12)) {
	case 0: /* A keepalive probe. */
		put32(&deeper, 0);
		put_ip(to, sender->v6, sender->local, sender->remote, 47, &deeper);
		return sender->v6 ? 0x86dd : 0x0800;
	case 1: /* An answer to one. */
		return 0;
	case 2: /* One more tunnel. */
		if (!sender->nested || depth > 4)
			break;
		put_gre(sender, &deeper, depth + 1);
		put_ip(to, sender->v6, sender->remote, sender->local, 47, &deeper);
		return sender->v6 ? 0x86dd : 0x0800;
	case 3: /* Neither IPv4 nor IPv6, by what it says. */
		put_plain(to, v6);
		return below(65536);
	}
	put_plain(to, v6);
	return v6 ? 0x86dd : 0x0800;
}

/* A GRE packet, by one of the seeds or by flags. */
static void put_gre(struct sender *sender, struct bytes *to, unsigned int depth)
{
	static const uint32_t keys[] = { 0, 1, 2, 3, 4, 5, 6, 7 };
	struct bytes inner = {};
	uint16_t protocol = put_inner(sender, &inner, depth);
	unsigned int flags = below(16) & (one_in(8) ? 15 : 11);
	size_t at = to->size;

	if (one_in(8)) {
		const struct bytes *seed = &sender->seed[below(sender->seeds)];

		put(to, seed->byte, seed->size);
		put(to, inner.byte, inner.size);
		return;
	}
	put16(to, flags << 12);
	put16(to, protocol);
	if (flags & 8)
		put32(to, 0);
	if (flags & 2)
		put32(to, one_in(2) ? keys[below(8)] : some_key());
	if (flags & 1)
		put32(to, one_in(8) ? below(UINT32_MAX) : ++sender->sequence);
	put(to, inner.byte, inner.size);
	if (flags & 8 && !one_in(8))
		set_checksum(to->byte + at + 4,
			     sum(0, to->byte + at, to->size - at));
}

static void flush(struct sender *sender)
{
	struct mmsghdr messages[BATCH] = {};
	unsigned int done = 0;
	int count;

	for (unsigned int i = 0; i < sender->waiting; i++) {
		messages[i].msg_hdr.msg_iov = &sender->iov[i];
		messages[i].msg_hdr.msg_iovlen = 1;
	}
	while (done < sender->waiting) {
		count = sendmmsg(sender->sock, messages + done,
				 sender->waiting - done, 0);
		if (count < 0 && errno != ENOBUFS) {
			perror("sendmmsg");
			exit(1);
		}
		done += count > 0 ? count : 0;
	}
	sender->waiting = 0;
}

static void queue(struct sender *sender, const struct bytes *packet)
{
	unsigned int slot = sender->waiting++;
	uint8_t *frame = sender->frame[slot];

	frame[12] = sender->v6 ? 0x86 : 0x08;
	frame[13] = sender->v6 ? 0xdd : 0x00;
	memcpy(frame + ETHERNET, packet->byte, packet->size);
	sender->iov[slot].iov_len = ETHERNET + packet->size;
	sender->sent++;
	if (sender->waiting == BATCH)
		flush(sender);
}

/* Mostly the peer, at times somebody of whom no tunnel knows. */
static const uint8_t *source(const struct sender *sender)
{
	return one_in(10) ? sender->stranger : sender->remote;
}

static void some_gre(struct sender *sender, struct bytes *gre)
{
	put_gre(sender, gre, 0);
	if (gre->size > MAX_GRE)
		gre->size = MAX_GRE;
	damage(gre, 0, one_in(3) ? 0 : below(4));
}

/* At times another port, or a wrong checksum. Return: it is due. */
static bool put_udp(const struct sender *sender, struct bytes *to,
		    const uint8_t *from, const uint8_t *dst, const struct bytes *gre)
{
	size_t size = sender->v6 ? 16 : 4, at = to->size;
	bool port = !one_in(20), right = !one_in(20);
	uint8_t *check = to->byte + at + 6;
	uint32_t total;

	put16(to, below(65536));
	put16(to, port ? PORT : below(65536));
	put16(to, 8 + gre->size);
	put16(to, 0);
	put(to, gre->byte, gre->size);
	total = sum(sum(17 + 8 + gre->size, from, size), dst, size);
	if (sender->v6 || one_in(2)) {
		set_checksum(check, sum(total, to->byte + at, to->size - at));
		/* 0 is for none. */
		if (!check[0] && !check[1])
			memset(check, 0xff, 2);
		check[1] ^= !right;
	} else {
		right = true;
	}
	return right && (to->byte[at + 2] << 8 | to->byte[at + 3]) == PORT;
}

static void send_udp(struct sender *sender)
{
	const uint8_t *from = source(sender);
	struct bytes packet = {}, gre = {}, datagram = {};

	some_gre(sender, &gre);
	sender->due += put_udp(sender, &datagram, from, sender->local, &gre);
	put_ip(&packet, sender->v6, from, sender->local, 17, &datagram);
	queue(sender, &packet);
}

/* IPv6 at times with options that ask for nothing in front. */
static void send_gre(struct sender *sender)
{
	struct bytes packet = {}, gre = {}, options = {};
	uint8_t proto = 47;

	if (sender->v6 && one_in(8)) {
		static const uint8_t header[] = { 47, 0, 1, 4, 0, 0, 0, 0 };

		put(&options, header, sizeof(header));
		proto = 60;
	}
	some_gre(sender, &gre);
	put(&options, gre.byte, gre.size);
	put_ip(&packet, sender->v6, source(sender), sender->local, proto, &options);
	sender->due++;
	queue(sender, &packet);
}

static void send_outer(struct sender *sender)
{
	struct bytes packet = {}, gre = {};

	some_gre(sender, &gre);
	put_ip(&packet, sender->v6, source(sender), sender->local, 47, &gre);
	damage(&packet, 0, 1 + below(4));
	/* One with a wrong checksum gets nowhere. */
	if (!sender->v6 && packet.size >= 20 && !one_in(8)) {
		size_t size = (packet.byte[0] & 15) * 4;

		if (size > packet.size)
			size = packet.size;
		packet.byte[10] = 0;
		packet.byte[11] = 0;
		set_checksum(packet.byte + 10, sum(0, packet.byte, size));
	}
	queue(sender, &packet);
}

/* What is behind the IP header of a quote, from its 8 first bytes on. */
static bool quotes_ours(uint8_t proto, const uint8_t *header)
{
	return proto == 47 ||
	       (proto == 17 && ((header[0] << 8 | header[1]) == PORT ||
				(header[2] << 8 | header[3]) == PORT));
}

/* Quote and message as RFC 792 and RFC 4443 have them; see the top. */
static bool quotes(bool v6, const struct bytes *message)
{
	const uint8_t *data = message->byte, *quote = data + 8;
	size_t at = 20;
	uint8_t next;

	if (message->size < (v6 ? 48 : 28))
		return false;
	if (!v6) {
		at = (quote[0] & 15) * 4;
		return (data[0] == 3 || data[0] == 4 || data[0] == 11 ||
			data[0] == 12) &&
		       quote[0] >> 4 == 4 && at >= 20 &&
		       (quote[9] == 47 || message->size >= 8 + at + 8) &&
		       quotes_ours(quote[9], quote + at);
	}
	if (data[0] < 1 || data[0] > 4)
		return false;
	at = 40;
	next = quote[6];
	/* The limit of RFC 2473 and a first fragment, in any order. */
	for (int i = 0; i < 2 && (next == 60 || next == 44); i++, at += 8) {
		const uint8_t *header = quote + at;

		if (message->size < 8 + at + 8)
			return false;
		if (next == 60 ? header[1] : header[2] || header[3] & 0xf8)
			return false;
		next = header[0];
	}
	return (next == 47 || message->size >= 8 + at + 8) &&
	       quotes_ours(next, quote + at);
}

static void send_icmp(struct sender *sender)
{
	static const uint8_t types4[] = { 3, 3, 3, 4, 11, 12, 5, 8, 0 };
	static const uint8_t types6[] = { 1, 2, 2, 3, 4, 100, 128, 129 };
	struct bytes packet = {}, message = {}, quote = {}, gre = {}, datagram = {};
	const uint8_t *to = one_in(8) ? sender->stranger : sender->remote;
	bool v6 = sender->v6, udp = one_in(3);

	some_gre(sender, &gre);
	if (udp)
		put_udp(sender, &datagram, sender->local, to, &gre);
	put_ip(&quote, v6, sender->local, to, udp ? 17 : 47, udp ? &datagram : &gre);
	if (one_in(2) && quote.size > 28)
		quote.size = 20 + below(quote.size - 20);
	if (quote.size > 1000)
		quote.size = 1000;
	put8(&message, v6 ? types6[below(sizeof(types6))] :
			    types4[below(sizeof(types4))]);
	put8(&message, below(16));
	put16(&message, 0);
	put32(&message, one_in(2) ? 68 + below(1500) : below(UINT32_MAX));
	put(&message, quote.byte, quote.size);
	damage(&message, 0, one_in(2) ? 0 : below(4));
	if (message.size < 8)
		message.size = 8;
	if (!one_in(8)) {
		uint32_t total = 0;

		message.byte[2] = 0;
		message.byte[3] = 0;
		if (v6)
			total = sum(sum(58 + message.size, sender->remote, 16),
				    sender->local, 16);
		set_checksum(message.byte + 2,
			     sum(total, message.byte, message.size));
	}
	sender->due += quotes(v6, &message);
	put_ip(&packet, v6, sender->remote, sender->local, v6 ? 58 : 1, &message);
	queue(sender, &packet);
}

/* Cut into pieces of some units of 8 bytes; some go amiss. */
static void send_fragments(struct sender *sender)
{
	static uint32_t id;
	struct bytes gre = {};
	size_t at = 0, size;

	some_gre(sender, &gre);
	id++;
	do {
		struct bytes packet = {}, part = {};
		bool more;

		size = 8 * (1 + below(40));
		if (size > gre.size - at)
			size = gre.size - at;
		more = at + size < gre.size;
		if (sender->v6) {
			put8(&part, 47);
			put8(&part, 0);
			put16(&part, at | more);
			put32(&part, id);
		}
		put(&part, gre.byte + at, size);
		if (one_in(30))
			damage(&part, 0, 1);
		put_ip(&packet, sender->v6, sender->remote, sender->local,
		       sender->v6 ? 44 : 47, &part);
		if (!sender->v6) {
			uint8_t *header = packet.byte;

			header[4] = id >> 8;
			header[5] = id;
			header[6] = at / 8 >> 8 | (more ? 0x20 : 0);
			header[7] = at / 8;
			header[10] = 0;
			header[11] = 0;
			set_checksum(header + 10,
				     sum(0, header, (header[0] & 15) * 4));
		}
		if (!one_in(20))
			queue(sender, &packet);
		/* The next one begins a unit too early. */
		if (one_in(20) && size > 8)
			size -= 8;
		at += size;
	} while (at < gre.size);
}

static void read_seeds(struct sender *sender)
{
	char line[256];
	unsigned int byte;

	while (sender->seeds < MAX_SEEDS && fgets(line, sizeof(line), stdin)) {
		struct bytes *seed = &sender->seed[sender->seeds];

		for (const char *at = line; sscanf(at, "%2x", &byte) == 1; at += 2)
			put8(seed, byte);
		sender->seeds += seed->size != 0;
	}
}

static bool open_device(struct sender *sender, const char *dev, const char *mac)
{
	struct sockaddr_ll addr = {
		.sll_family = AF_PACKET,
		.sll_ifindex = if_nametoindex(dev),
	};
	uint8_t *to = sender->frame[0];

	if (sscanf(mac, "%hhx:%hhx:%hhx:%hhx:%hhx:%hhx", to, to + 1, to + 2,
		   to + 3, to + 4, to + 5) != 6)
		return false;
	/* Any source will do. */
	to[6] = 2;
	for (int i = 0; i < BATCH; i++) {
		memcpy(sender->frame[i], to, 12);
		sender->iov[i].iov_base = sender->frame[i];
	}
	sender->sock = socket(AF_PACKET, SOCK_RAW, 0);
	return sender->sock >= 0 && addr.sll_ifindex &&
	       !bind(sender->sock, (struct sockaddr *)&addr, sizeof(addr));
}

int main(int argc, char **argv)
{
	static const struct {
		const char *name;
		void (*send)(struct sender *sender);
	} kinds[] = {
		{ "gre", send_gre },
		{ "nested", send_gre },
		{ "udp", send_udp },
		{ "icmp", send_icmp },
		{ "fragment", send_fragments },
		{ "outer", send_outer },
	};
	static struct sender sender;
	unsigned long count;
	int family;

	if (argc != 8)
		return 2;
	sender.v6 = strchr(argv[3], ':');
	sender.nested = strcmp(argv[5], "gre") && strcmp(argv[5], "udp");
	family = sender.v6 ? AF_INET6 : AF_INET;
	if (inet_pton(family, argv[3], sender.local) != 1 ||
	    inet_pton(family, argv[4], sender.remote) != 1 ||
	    inet_pton(family, sender.v6 ? "2001:db8:9::9" : "203.0.113.9",
		      sender.stranger) != 1 ||
	    !open_device(&sender, argv[1], argv[2])) {
		perror("noise");
		return 1;
	}
	read_seeds(&sender);
	count = strtoul(argv[6], NULL, 10);
	state = strtoul(argv[7], NULL, 10) * 2 + 1;
	for (size_t i = 0; i < sizeof(kinds) / sizeof(*kinds); i++) {
		if (strcmp(argv[5], kinds[i].name))
			continue;
		while (sender.sent < count)
			kinds[i].send(&sender);
		flush(&sender);
		printf("sent %lu\ndue %lu\n", sender.sent, sender.due);
		return !sender.sent;
	}
	return 2;
}
