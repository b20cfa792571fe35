/* SPDX-License-Identifier: GPL-2.0 */
/* What the fuzz targets share: libFuzzer's entry and how a difference ends it. */
#ifndef FUZZ_H
#define FUZZ_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Both say the same, or the run ends; libFuzzer keeps what it was. */
static inline void must_be(long long wanted, long long is, const char *what)
{
	if (wanted == is)
		return;
	fprintf(stderr, "%s: wanted %lld, is %lld\n", what, wanted, is);
	abort();
}

#endif /* FUZZ_H */
