/* SPDX-License-Identifier: GPL-2.0 */
#ifndef GRETUN_OPTIONS_H
#define GRETUN_OPTIONS_H

#include <linux/types.h>

unsigned int gretun_options_mss(const u8 *th, unsigned int len);
bool gretun_options_skip6(const u8 *options, unsigned int len);

#endif /* GRETUN_OPTIONS_H */
