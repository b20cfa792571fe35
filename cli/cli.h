/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Types and functions of the command line tool, grouped by file.
 */
#ifndef GRETUN_CLI_H
#define GRETUN_CLI_H

#include <net/if.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <netlink/msg.h>
#include <netlink/netlink.h>
#include <linux/gretun.h>

#include "../kmod/drop.h"

#define ARRAY_SIZE(array) (sizeof(array) / sizeof((array)[0]))
#define BIT(n) (1u << (n))

struct json_object;

/* Exit status. */
enum status {
	DONE,
	REFUSED,    /* by the kernel, or by the state of the system */
	WRONG_WORD, /* on the command line; the kernel was not asked */
};

/* What the words before the command say, and the command. */
struct context {
	const char *command;
	bool json;
};

/* An address of a network device. */
struct address {
	uint32_t ifindex;
	int family; /* AF_INET or AF_INET6 */
	uint8_t prefixlen;
	uint8_t proto; /* IFAPROT_*, who made it */
	bool has_peer;
	uint8_t local[16]; /* network byte order */
	uint8_t peer[16];  /* the same */
};

/* A reason for which a packet was not taken. */
struct reason {
	const char *name;
	const char *text;
};

/* The last counter is for the reasons that only a newer module knows. */
#define REASON_COUNT (GRETUN_TUNNEL_REASON_COUNT + 1)

struct counters {
	uint64_t rx_packets;
	uint64_t rx_bytes;
	uint64_t tx_packets;
	uint64_t tx_bytes;
	uint64_t reason[REASON_COUNT]; /* packets */
};

/*
 * A tunnel, as the user typed it or as the kernel replied. Values are indexed
 * by GRETUN_A_TUNNEL_*; those of IPv4 addresses are in network byte order.
 */
struct tunnel {
	char ifname[IFNAMSIZ];
	uint32_t value[GRETUN_A_TUNNEL_MAX + 1];
	uint32_t present; /* a bit for each value that is there */

	struct address *address;
	size_t address_count;

	/* What the kernel alone says. */
	uint32_t flags;	     /* IFF_* */
	uint32_t mtu;	     /* in force, in bytes */
	uint32_t overhead;   /* in bytes */
	uint8_t operstate;   /* IF_OPER_* */
	bool link_elsewhere; /* the link is in another network namespace */
	struct counters counters;
};

/* Tunnels as the kernel listed them, and all addresses that they point to. */
struct tunnel_list {
	struct tunnel *tunnel;
	size_t count;
	struct address *address;
	size_t address_count;
};

/* What the user typed after "add" or "set". */
struct request {
	struct tunnel tunnel;
	const char *word[GRETUN_A_TUNNEL_MAX + 1]; /* that gave the value */
	const char *dev;			   /* name of the link, NULL if none is given */
	bool down;
};

/* Which command takes a word. */
enum use {
	FOR_ADD = BIT(0),
	FOR_SET = BIT(1),
};

/* How the kernel refused a request. */
struct kernel_error {
	int error;	  /* errno */
	char text[256];	  /* extack, "" without one */
	uint32_t offset;  /* of the bad attribute, 0 without one */
	uint32_t missing; /* type of the missing attribute, 0 for none */
};

/* A netlink socket. */
struct conn {
	const char *command; /* that needs it, for messages */
	struct nl_sock *sock;
	struct nl_cb *cb;
	int family; /* of generic netlink */
	bool done;  /* no more replies to the last request */
	struct kernel_error error;
};

/* A column of a table that people read. */
struct column {
	const char *title;
	bool right;
};

struct cell {
	char *text;
	const char *color;
};

/* Cells row by row. */
struct table {
	struct cell *cell;
	size_t count;
};

/* cmd_*.c */
enum status cmd_add(const struct context *ctx, int argc, char **argv);
enum status cmd_set(const struct context *ctx, int argc, char **argv);
enum status cmd_del(const struct context *ctx, int argc, char **argv);
enum status cmd_show(const struct context *ctx, int argc, char **argv);
enum status cmd_stats(const struct context *ctx, int argc, char **argv);
enum status cmd_monitor(const struct context *ctx, int argc, char **argv);

/* attrs.c */
void attrs_put(struct nl_msg *msg, const struct tunnel *tunnel);
void attrs_get(struct nlattr *nest, struct tunnel *tunnel);
void attrs_print(const struct tunnel *tunnel, const char *line_start);
void attrs_json(const struct tunnel *tunnel, struct json_object *object);

/* words.c */
enum status words_parse(const struct context *ctx, enum use use, int argc,
			char **argv, struct request *request);
enum status words_find_dev(struct request *request);
enum status words_refused(struct conn *conn, struct nl_msg *msg,
			  const struct request *request);

/* parse.c */
bool parse_number(const char *text, uint32_t min, uint32_t max, uint32_t *out);
bool parse_key(const char *text, uint32_t *out);
bool parse_choice(const char *text, const char *const *choice, uint32_t *out);
bool parse_prefix(const char *text, struct address *out);
bool parse_peer(const char *text, struct address *address);
enum status parse_ifname(const char *name);
enum status parse_one_name(const struct context *ctx, int argc, char **argv);
enum status unknown_word(const char *typed, const char *what,
			 const char *const *words, size_t count);

/* genl.c */
enum status conn_open(struct conn *conn, const struct context *ctx);
enum status conn_open_route(struct conn *conn, const struct context *ctx);
void conn_close(struct conn *conn);
struct nl_msg *conn_request(const struct conn *conn, int command, int flags,
			    size_t size);
int conn_talk(struct conn *conn, struct nl_msg *msg,
	      nl_recvmsg_msg_cb_t each, void *arg);
enum status conn_refused(const struct conn *conn, const char *word,
			 const char *before);
uint32_t conn_bad_attr(const struct conn *conn, struct nl_msg *msg,
		       size_t *nest);

/* tunnel.c */
enum status tunnels_get(struct conn *conn, const char *name, bool stats,
			struct tunnel_list *list);
void tunnel_list_free(struct tunnel_list *list);
void tunnel_get(struct nl_msg *msg, struct tunnel *tunnel);
int tunnel_del(struct conn *conn, uint32_t ifindex);
const char *tunnel_state(const struct tunnel *tunnel);
struct json_object *tunnel_json(const struct tunnel *tunnel);

/* counters.c */
extern const struct reason tunnel_reasons[];
extern const struct reason netns_reasons[];
void counters_get(struct nlattr *nest, const struct reason *reasons,
		  struct counters *counters);
void counters_print(const struct counters *counters,
		    const struct reason *reasons);
struct json_object *counters_json(const struct counters *counters,
				  const struct reason *reasons);

/* rtnl.c */
int address_add(struct conn *conn, uint32_t ifindex,
		const struct address *address);
int link_up(struct conn *conn, uint32_t ifindex);
enum status addresses_get(const struct context *ctx, struct tunnel_list *list);
void address_text(const struct address *address, char *buf, size_t size);
struct json_object *address_json(const struct address *address);

/* output.c */
enum status wrong(const char *word, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
enum status refused(const char *word, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
void warn(const char *word, const char *text);
__attribute__((noreturn)) void out_of_memory(void);
void *grow(void *array, size_t count, size_t size);
enum status output_end(void);
void json_begin(void);
void json_put(struct json_object *object);
void json_end(void);
void json_line(struct json_object *object);
const char *color_on(const char *color);
const char *color_off(void);
void table_cell(struct table *table, const char *color, const char *format,
		...) __attribute__((format(printf, 3, 4)));
void table_print(struct table *table, const struct column *column,
		 size_t columns);
void human(uint64_t number, const char *unit, char *buf, size_t size);

#endif /* GRETUN_CLI_H */
