// SPDX-License-Identifier: GPL-2.0
/*
 * kmod/options.c beside readers of the same options written from the text of
 * RFC 9293, section 3.2, and RFC 8200, section 4.2, on any bytes.
 */
#include "fuzz.h"
#include "../../../kmod/options.h"

/*
 * How many bytes of the list the option at its start takes; 0 if it is not whole.
 * Options of the kinds up to single are one byte, others have their length, which
 * counts for plus bytes more, in the second.
 */
static size_t option_size(const uint8_t *list, size_t left, uint8_t single,
			  size_t plus)
{
	size_t size;

	if (list[0] <= single)
		return 1;
	if (left < 2)
		return 0;
	size = list[1] + plus;
	return size < 2 || size > left ? 0 : size;
}

/* Kind 0 ends the list and kind 2 with 4 bytes is the segment size. */
static size_t find_mss(const uint8_t *header, size_t length)
{
	size_t at = 20, size;

	for (; at < length && header[at]; at += size) {
		size = option_size(header + at, length - at, 1, 0);
		if (!size)
			break;
		if (header[at] == 2)
			return size == 4 ? at + 2 : 0;
	}
	return 0;
}

/* Kind 0 is one byte of padding; the highest two bits ask for something. */
static bool asks_nothing(const uint8_t *header, size_t length)
{
	size_t at = 2, size;

	for (; at < length; at += size) {
		size = option_size(header + at, length - at, 0, 2);
		if (!size || header[at] >= 64)
			return false;
	}
	return at == length;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	must_be(find_mss(data, size), gretun_options_mss(data, size),
		"the segment size");
	if (size >= 2)
		must_be(asks_nothing(data, size),
			gretun_options_skip6(data, size), "skipped");
	return 0;
}
