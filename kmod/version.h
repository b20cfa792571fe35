/* SPDX-License-Identifier: GPL-2.0 */
#ifndef GRETUN_VERSION_H
#define GRETUN_VERSION_H

/* Of the module and the command line tool, which are released together. */
#define GRETUN_VERSION "0.1.0"

#endif /* GRETUN_VERSION_H */
