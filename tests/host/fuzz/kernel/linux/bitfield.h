/* SPDX-License-Identifier: GPL-2.0 */
#ifndef FUZZ_LINUX_BITFIELD_H
#define FUZZ_LINUX_BITFIELD_H

static inline u64 FIELD_GET(u64 mask, u64 word)
{
	return (word & mask) >> __builtin_ctzll(mask);
}

static inline u64 FIELD_PREP(u64 mask, u64 value)
{
	return value << __builtin_ctzll(mask) & mask;
}

#endif /* FUZZ_LINUX_BITFIELD_H */
