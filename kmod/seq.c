// SPDX-License-Identifier: GPL-2.0
/*
 * Sequence numbers on receive (RFC 2890, section 2.2). The number is a serial
 * number of 32 bits: it wraps, and a packet is old when its number is not
 * ahead of the last one.
 *
 * A peer that restarts counts from 0 again. The RFC leaves open how the
 * receiver finds its feet; one that only ever waits for higher numbers is deaf
 * until the peer has caught up. Here a number far behind the last is taken at
 * once, and one not so far behind after a run of old packets. A forged number
 * far ahead is undone in the same way by the next real packet.
 */
#include "seq.h"

#include <linux/bitfield.h>

/**
 * gretun_seq_next - decide on one packet
 * @state: state before, and after it on return
 * @seq: the packet's sequence number, host byte order
 *
 * Context: any. The caller makes the change of state atomic.
 * Return: true to take the packet, false if it is late or came twice.
 */
bool gretun_seq_next(u64 *state, u32 seq)
{
	u32 run = FIELD_GET(GRETUN_SEQ_RUN_MASK, *state);
	s32 ahead = seq - (u32)*state;

	if ((*state & GRETUN_SEQ_VALID) && ahead <= 0 &&
	    ahead >= -GRETUN_SEQ_WINDOW && ++run < GRETUN_SEQ_RUN) {
		*state = GRETUN_SEQ_VALID |
			 FIELD_PREP(GRETUN_SEQ_RUN_MASK, run) | (u32)*state;
		return false;
	}

	*state = GRETUN_SEQ_VALID | seq;
	return true;
}
