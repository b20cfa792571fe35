// SPDX-License-Identifier: GPL-2.0
/*
 * Options in the headers of TCP and of IPv6, lists of kind, length and value
 * that whoever sent the packet wrote. Nothing here knows of packets in the
 * kernel, so the same file is also built in user space for tests.
 */
#include "options.h"

#include <linux/in6.h>
#include <linux/tcp.h>
#include <net/tcp.h>

/**
 * gretun_options_mss - find the MSS option of a TCP header (RFC 9293, 3.2)
 * @th: first byte of the header
 * @len: its length with the options, in bytes; all may be read
 *
 * Context: any.
 * Return: where the value of the option is in the header, its two bytes
 * within @len, or 0.
 */
unsigned int gretun_options_mss(const u8 *th, unsigned int len)
{
	unsigned int pos = sizeof(struct tcphdr);

	while (pos + TCPOLEN_MSS <= len) {
		switch (th[pos]) {
		case TCPOPT_EOL:
			return 0;
		case TCPOPT_NOP:
			pos++;
			break;
		case TCPOPT_MSS:
			return th[pos + 1] == TCPOLEN_MSS ? pos + 2 : 0;
		default:
			if (th[pos + 1] < 2)
				return 0;
			pos += th[pos + 1];
		}
	}
	return 0;
}

/**
 * gretun_options_skip6 - may an IPv6 header with options be skipped?
 * @options: first byte of the header
 * @len: its length in bytes; all may be read
 *
 * What an unknown option asks for (RFC 8200, section 4.2) is for the stack to
 * do, so that only headers are skipped whose options ask for nothing.
 *
 * Context: any.
 * Return: true if nothing asks for anything, and all options are whole.
 */
bool gretun_options_skip6(const u8 *options, unsigned int len)
{
	unsigned int pos = 2;

	while (pos < len) {
		if (options[pos] == IPV6_TLV_PAD1) {
			pos++;
			continue;
		}
		if (options[pos] & 0xc0 || pos + 2 > len)
			return false;
		pos += options[pos + 1] + 2;
	}
	return pos == len;
}
