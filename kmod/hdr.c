// SPDX-License-Identifier: GPL-2.0
/*
 * The GRE header (RFC 2784 with the key and the sequence number of RFC 2890)
 * in a plain buffer. Nothing here knows of packets in the kernel, so the same
 * file is also built in user space for tests.
 */
#include "hdr.h"

#include <asm/byteorder.h>

#ifdef __KERNEL__
#include <linux/string.h>
#else
#include <string.h>
#endif

/* First 16 bits of the header, host byte order. */
#define GRETUN_HDR_CSUM 0x8000
#define GRETUN_HDR_ROUTE 0x4000
#define GRETUN_HDR_KEY 0x2000
#define GRETUN_HDR_SEQ 0x1000
#define GRETUN_HDR_REFUSED 0x0c00
#define GRETUN_HDR_VERSION_MASK 0x0007

static inline __be16 gretun_hdr_get16(const __u8 *p)
{
	__be16 v;

	memcpy(&v, p, sizeof(v));
	return v;
}

static inline __be32 gretun_hdr_get32(const __u8 *p)
{
	__be32 v;

	memcpy(&v, p, sizeof(v));
	return v;
}

/**
 * gretun_hdr_parse - take a GRE header apart
 * @buf: first byte of the header
 * @len: bytes that may be read at @buf; %GRETUN_HDR_MAX are always enough
 * @hdr: where the result goes, valid only for %GRETUN_HDR_OK
 *
 * Bits 6 to 12 are ignored and the other reserved bits are refused, as
 * RFC 2784, section 2.3 asks of a receiver. The checksum is not verified.
 *
 * Context: any.
 * Return: what the header is.
 */
enum gretun_hdr_status gretun_hdr_parse(const __u8 *buf, size_t len,
					struct gretun_hdr *hdr)
{
	const __u8 *p = buf + 4;
	__u16 flags;

	if (len < 4)
		return GRETUN_HDR_TRUNCATED;

	flags = __be16_to_cpu(gretun_hdr_get16(buf));
	if (flags & GRETUN_HDR_VERSION_MASK)
		return GRETUN_HDR_VERSION;
	if (flags & GRETUN_HDR_ROUTE)
		return GRETUN_HDR_ROUTING;
	if (flags & GRETUN_HDR_REFUSED)
		return GRETUN_HDR_RESERVED;

	hdr->protocol = gretun_hdr_get16(buf + 2);
	hdr->has_csum = flags & GRETUN_HDR_CSUM;
	hdr->has_key = flags & GRETUN_HDR_KEY;
	hdr->has_seq = flags & GRETUN_HDR_SEQ;
	hdr->len = 4 + 4 * (hdr->has_csum + hdr->has_key + hdr->has_seq);
	hdr->key = 0;
	hdr->seq = 0;
	if (len < hdr->len)
		return GRETUN_HDR_TRUNCATED;

	if (hdr->has_csum)
		p += 4;
	if (hdr->has_key) {
		hdr->key = gretun_hdr_get32(p);
		p += 4;
	}
	if (hdr->has_seq)
		hdr->seq = __be32_to_cpu(gretun_hdr_get32(p));
	return GRETUN_HDR_OK;
}

/**
 * gretun_hdr_build - write a GRE header
 * @buf: where it goes, %GRETUN_HDR_MAX bytes
 * @hdr: what it says; @hdr->len is not looked at
 *
 * The checksum field is 0, which is what the checksum is computed over
 * (RFC 2784, section 2.5).
 *
 * Context: any.
 * Return: length of the header in bytes.
 */
unsigned int gretun_hdr_build(__u8 *buf, const struct gretun_hdr *hdr)
{
	__be16 flags;
	__be32 seq;
	__u8 *p = buf;

	flags = __cpu_to_be16((hdr->has_csum ? GRETUN_HDR_CSUM : 0) |
			      (hdr->has_key ? GRETUN_HDR_KEY : 0) |
			      (hdr->has_seq ? GRETUN_HDR_SEQ : 0));
	memcpy(p, &flags, sizeof(flags));
	memcpy(p + 2, &hdr->protocol, sizeof(hdr->protocol));
	p += 4;

	if (hdr->has_csum) {
		memset(p, 0, 4);
		p += 4;
	}
	if (hdr->has_key) {
		memcpy(p, &hdr->key, sizeof(hdr->key));
		p += 4;
	}
	if (hdr->has_seq) {
		seq = __cpu_to_be32(hdr->seq);
		memcpy(p, &seq, sizeof(seq));
		p += 4;
	}
	return p - buf;
}
