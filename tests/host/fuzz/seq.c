// SPDX-License-Identifier: GPL-2.0
/*
 * kmod/seq.c beside the rules of RFC 2890, section 2.2, and of tunnel.rst for a
 * peer that restarts, on any numbers in any order.
 */
#include "fuzz.h"
#include "../../../kmod/seq.h"

/* What a receiver knows. */
struct model {
	bool started;
	uint32_t last;
	unsigned int late;
};

/*
 * Numbers are counted modulo 2^32. Late is what is not more than 256 behind the
 * last one taken, itself included; the 16th such number in a row is taken.
 */
static bool model_takes(struct model *model, uint32_t number)
{
	uint64_t behind = ((UINT64_C(1) << 32) + model->last - number) &
			  UINT32_MAX;

	if (model->started && behind <= 256 && ++model->late < 16)
		return false;
	model->started = true;
	model->last = number;
	model->late = 0;
	return true;
}

/*
 * A byte says how far the next number is from the last one taken; 127 is
 * followed by which edge it is at, 128 by a number of its own in four bytes.
 */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct model model = {};
	uint64_t state = 0;

	for (size_t i = 0; i < size; i++) {
		uint32_t number = model.last + (int8_t)data[i];

		if (data[i] == 128 && i + 4 < size) {
			number = (uint32_t)data[i + 1] << 24 |
				 (uint32_t)data[i + 2] << 16 |
				 (uint32_t)data[i + 3] << 8 | data[i + 4];
			i += 4;
		} else if (data[i] == 127 && i + 1 < size) {
			const uint32_t edge[] = { -255, -256, -257, 1U << 31,
						  (1U << 31) - 1, 0, 1, -1 };

			number = model.last + edge[data[++i] % 8];
		}
		must_be(model_takes(&model, number),
			gretun_seq_next((u64 *)&state, number), "taken");
		must_be(model.last, (uint32_t)state, "last number");
		must_be(model.late, state >> 32 & 0xff, "late in a row");
	}
	return 0;
}
