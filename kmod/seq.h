/* SPDX-License-Identifier: GPL-2.0 */
#ifndef GRETUN_SEQ_H
#define GRETUN_SEQ_H

#include <linux/bits.h>
#include <linux/types.h>

/* Farther behind than this is a restart of the peer, not a late packet. */
#define GRETUN_SEQ_WINDOW 256

/* So many old packets in a row are a restart of the peer too. */
#define GRETUN_SEQ_RUN 16

/*
 * State of a receiver in one word, so that it can change without a lock: the
 * last number taken, how many old packets came since, and whether there was
 * a packet at all. All zero is the start.
 */
#define GRETUN_SEQ_VALID BIT_ULL(63)
#define GRETUN_SEQ_RUN_MASK GENMASK_ULL(39, 32)

bool gretun_seq_next(u64 *state, u32 seq);

#endif /* GRETUN_SEQ_H */
