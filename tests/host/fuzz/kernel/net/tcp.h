/* SPDX-License-Identifier: GPL-2.0 */
#ifndef FUZZ_NET_TCP_H
#define FUZZ_NET_TCP_H

/* Kinds and lengths of RFC 9293, section 3.2. */
#define TCPOPT_EOL 0
#define TCPOPT_NOP 1
#define TCPOPT_MSS 2
#define TCPOLEN_MSS 4

#endif /* FUZZ_NET_TCP_H */
