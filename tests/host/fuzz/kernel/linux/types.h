/* SPDX-License-Identifier: GPL-2.0 */
/* In user space, what kmod's pure files take from the kernel's <linux/types.h>. */
#ifndef FUZZ_LINUX_TYPES_H
#define FUZZ_LINUX_TYPES_H

#include_next <linux/types.h>
#include <stdbool.h>

typedef __u8 u8;
typedef __u32 u32;
typedef __s32 s32;
typedef __u64 u64;

#endif /* FUZZ_LINUX_TYPES_H */
