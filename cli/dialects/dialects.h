/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The other end of a tunnel, and how each system is told to make it.
 */
#ifndef GRETUN_CLI_DIALECTS_H
#define GRETUN_CLI_DIALECTS_H

#include "../attrs.h"

/* What a link to the other end has where nobody was asked, in bytes. */
#define UNDERLAY_MTU 1500

/* An address inside the tunnel, as the other end has it. */
struct inner {
	bool known; /* else @local is a word that stands for one to choose */
	bool peer;  /* @remote is not in the prefix, but the peer of @local */
	int family; /* AF_INET or AF_INET6 */
	uint8_t prefixlen;
	char local[INET6_ADDRSTRLEN];
	char remote[INET6_ADDRSTRLEN];
	char network[INET6_ADDRSTRLEN];
	char netmask[INET_ADDRSTRLEN]; /* of IPv4 */
};

struct system;

/* The other end. */
struct far_end {
	const struct system *system;
	struct tunnel tunnel; /* as gretun would have it there */
	struct inner *inner;
	size_t inner_count;
	char local[INET6_ADDRSTRLEN];  /* outer address */
	char remote[INET6_ADDRSTRLEN]; /* the same, of this end */
	bool ipv6;		       /* outside */
	unsigned int unit;	       /* for systems that number their devices */
	bool mtu_guessed;	       /* from UNDERLAY_MTU */
	bool routes;		       /* this end has some through the tunnel */
	const char *follows;	       /* the device with the address here, or NULL */
};

/* A system that the other end may run. */
struct system {
	const char *word;
	const char *title;
	const char *comment; /* what starts one */
	void (*print)(const struct far_end *far);
};

/* What to print of the two ends. */
struct view {
	const struct system *system;
	bool table;
	const char *name; /* of the tunnel, if it was given */
};

/* mirror.c */
void tunnel_complete(struct tunnel *tunnel);
uint32_t tunnel_overhead(const struct tunnel *tunnel);
bool address_is_own(const struct address *address);
void mirror(const struct tunnel *here, const struct address *other,
	    struct far_end *far);
void mirror_free(struct far_end *far);

/* systems.c */
extern const struct system systems[];
enum status view_parse(const struct context *ctx, bool names, int *argc,
		       char **argv, struct view *view);
void far_print(struct far_end *far, const struct system *system);
void note(const struct far_end *far, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
void note_mtu(const struct far_end *far);
void note_keepalive(const struct far_end *far);
void note_encap(const struct far_end *far);
const char *inner_start(const struct far_end *far, const struct inner *inner);
const char *linux_name(const struct far_end *far);
bool same_key(const struct far_end *far);
bool mtu_fits(const struct far_end *far, uint32_t min);

/* both.c */
void both_table(const struct tunnel *left, const struct far_end *right);
void both_json(const struct tunnel *left, const struct far_end *right);

/* one file for each */
void print_gretun(const struct far_end *far);
void print_iproute2(const struct far_end *far);
void print_networkd(const struct far_end *far);
void print_freebsd(const struct far_end *far);
void print_netbsd(const struct far_end *far);
void print_openbsd(const struct far_end *far);
void print_ios(const struct far_end *far);
void print_routeros(const struct far_end *far);
void print_vyos(const struct far_end *far);

#endif /* GRETUN_CLI_DIALECTS_H */
