/* SPDX-License-Identifier: GPL-2.0 */
#ifndef GRETUN_HDR_H
#define GRETUN_HDR_H

#include <linux/types.h>

#ifndef __KERNEL__
#include <stdbool.h>
#include <stddef.h>
#endif

/* Longest GRE header: flags, protocol, checksum, key and sequence number. */
#define GRETUN_HDR_MAX 16

/**
 * enum gretun_hdr_status - what a GRE header is
 * @GRETUN_HDR_OK: a header that gretun understands
 * @GRETUN_HDR_TRUNCATED: shorter than its flags say
 * @GRETUN_HDR_ROUTING: source routing of RFC 1701, which RFC 2784 dropped
 * @GRETUN_HDR_RESERVED: bit 4 or 5 is set (RFC 2784, section 2.3)
 * @GRETUN_HDR_VERSION: not version 0; version 1 is PPTP (RFC 2637)
 */
enum gretun_hdr_status {
	GRETUN_HDR_OK,
	GRETUN_HDR_TRUNCATED,
	GRETUN_HDR_ROUTING,
	GRETUN_HDR_RESERVED,
	GRETUN_HDR_VERSION,
};

/**
 * struct gretun_hdr - a GRE header, taken apart (RFC 2784, RFC 2890)
 * @protocol: EtherType of the payload, network byte order
 * @len: length of the header in bytes, 4 to 16
 * @has_csum: a checksum is there
 * @has_key: @key is there
 * @has_seq: @seq is there
 * @key: the key, network byte order; 0 without one
 * @seq: the sequence number, host byte order; 0 without one
 */
struct gretun_hdr {
	__be16 protocol;
	__u8 len;
	bool has_csum;
	bool has_key;
	bool has_seq;
	__be32 key;
	__u32 seq;
};

enum gretun_hdr_status gretun_hdr_parse(const __u8 *buf, size_t len,
					struct gretun_hdr *hdr);
unsigned int gretun_hdr_build(__u8 *buf, const struct gretun_hdr *hdr);

#endif /* GRETUN_HDR_H */
