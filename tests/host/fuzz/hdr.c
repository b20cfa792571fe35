// SPDX-License-Identifier: GPL-2.0
/*
 * kmod/hdr.c beside a decoder of the same header written from the text of
 * RFC 2784 and RFC 2890 alone, on any bytes.
 */
#include "fuzz.h"
#include "../../../kmod/hdr.h"

#include <arpa/inet.h>
#include <string.h>

/* A header as the RFCs number its bits, from the first one on the wire. */
struct rfc_header {
	enum gretun_hdr_status status;
	uint16_t protocol;
	size_t length;
	int c, k, s;
	uint32_t key, sequence;
};

static int bit(const uint8_t *data, unsigned int number)
{
	return data[number / 8] >> (7 - number % 8) & 1;
}

/* Take so many bytes, the first one the highest. */
static uint32_t take(const uint8_t **data, unsigned int bytes)
{
	uint32_t value = 0;

	for (; bytes; bytes--)
		value = value << 8 | *(*data)++;
	return value;
}

static struct rfc_header rfc_decode(const uint8_t *data, size_t size)
{
	struct rfc_header header = { .status = GRETUN_HDR_TRUNCATED };
	const uint8_t *next = data + 2;

	/* C, reserved, version and protocol are in every header. */
	if (size < 4)
		return header;
	/* Version: bits 13 to 15; anything but 0 is another protocol. */
	if (bit(data, 13) || bit(data, 14) || bit(data, 15)) {
		header.status = GRETUN_HDR_VERSION;
		return header;
	}
	/*
	 * Bits 1 to 5 must not be set, unless they mean something to the
	 * receiver; RFC 2890 gives 2 and 3 a meaning. 6 to 12 are ignored.
	 */
	if (bit(data, 1)) {
		header.status = GRETUN_HDR_ROUTING;
		return header;
	}
	if (bit(data, 4) || bit(data, 5)) {
		header.status = GRETUN_HDR_RESERVED;
		return header;
	}
	header.c = bit(data, 0);
	header.k = bit(data, 2);
	header.s = bit(data, 3);
	header.protocol = take(&next, 2);
	header.length = 4;
	/* In this order, each 4 bytes: checksum and Reserved1, key, number. */
	for (int field = 0; field < 3; field++) {
		const int there[] = { header.c, header.k, header.s };
		uint32_t value;

		if (!there[field])
			continue;
		header.length += 4;
		if (size < header.length)
			return header;
		value = take(&next, 4);
		if (field == 1)
			header.key = value;
		else if (field == 2)
			header.sequence = value;
	}
	header.status = GRETUN_HDR_OK;
	return header;
}

/* What is built from a header is that header, but for what is not kept. */
static void check_build(const uint8_t *data, const struct gretun_hdr *hdr)
{
	uint8_t built[GRETUN_HDR_MAX], wanted[GRETUN_HDR_MAX];

	memcpy(wanted, data, hdr->len);
	/* Bits 6 to 12 are sent as 0. */
	wanted[0] &= 0xfc;
	wanted[1] &= 0x07;
	if (hdr->has_csum)
		memset(wanted + 4, 0, 4);
	must_be(hdr->len, gretun_hdr_build(built, hdr), "length built");
	must_be(0, memcmp(built, wanted, hdr->len), "bytes built");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct rfc_header wanted = rfc_decode(data, size);
	struct gretun_hdr hdr, again;

	must_be(wanted.status, gretun_hdr_parse(data, size, &hdr), "status");
	if (size > GRETUN_HDR_MAX)
		must_be(wanted.status,
			gretun_hdr_parse(data, GRETUN_HDR_MAX, &again),
			"status of the first bytes");
	if (wanted.status != GRETUN_HDR_OK)
		return 0;
	must_be(wanted.protocol, ntohs(hdr.protocol), "protocol");
	must_be(wanted.length, hdr.len, "length");
	must_be(wanted.c, hdr.has_csum, "checksum bit");
	must_be(wanted.k, hdr.has_key, "key bit");
	must_be(wanted.s, hdr.has_seq, "sequence bit");
	must_be(wanted.key, ntohl(hdr.key), "key");
	must_be(wanted.sequence, hdr.seq, "sequence number");
	check_build(data, &hdr);
	return 0;
}
