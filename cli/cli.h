/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Types and functions of the command line tool, grouped by file.
 */
#ifndef GRETUN_CLI_H
#define GRETUN_CLI_H

#include <net/if.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <netlink/msg.h>
#include <netlink/netlink.h>
#include <linux/gretun.h>

#include "../kmod/drop.h"

#define ARRAY_SIZE(array) (sizeof(array) / sizeof((array)[0]))
#define BIT(n) (UINT64_C(1) << (n))

/* Bytes of the name of a device as it is printed, see name_text(). */
#define NAME_TEXT (4 * IFNAMSIZ)

/*
 * Marks addresses and routes that gretun made, as the protocol that they come
 * from (IFA_PROTO, rtm_protocol). rt_protos of iproute2 has its name.
 */
#define GRETUN_PROTO 103

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
	const char *netns; /* as given with -n, NULL without */
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

/*
 * A reason for which a packet was not taken, or a kind of ICMP error. In the
 * cause and the step, NAME, LOCAL and REMOTE stand for those of the tunnel.
 */
struct reason {
	const char *name;
	const char *text;
	const char *cause; /* the likely one */
	const char *step;  /* the next one */
};

/* ICMP errors of one kind about packets that a tunnel sent. */
struct icmp_errors {
	uint64_t packets;
	/* Of the last one: */
	struct in6_addr sender;
	uint64_t age; /* in milliseconds */
	uint32_t mtu; /* that it told, in bytes, or 0 */
};

/* The last counter is for the reasons that only a newer module knows. */
#define REASON_COUNT (GRETUN_TUNNEL_REASON_COUNT + 1)

struct counters {
	uint64_t rx_packets;
	uint64_t rx_bytes;
	uint64_t tx_packets;
	uint64_t tx_bytes;
	uint64_t keepalive_replies;    /* probes of the peer that were answered */
	uint64_t reason[REASON_COUNT]; /* packets */
	struct icmp_errors icmp[GRETUN_ICMP_KIND_COUNT];
	bool has_rx_age;
	uint64_t rx_age; /* of the last packet received, in milliseconds */
};

/* The route that leads the packets of a tunnel back into it. */
struct loop {
	uint32_t ifindex; /* of the device that it leads to, 0: no loop */
	char ifname[IFNAMSIZ];
	struct in6_addr dst; /* its prefix */
	uint8_t prefixlen;
	uint32_t table;
};

/* What keepalive says of the peer, if it is at work. */
struct keepalive {
	bool working;
	uint8_t state;	   /* enum gretun_keepalive_state */
	uint8_t needed;	   /* answers in a row that recovery takes, or still takes */
	bool answers;	   /* there was one, @age ago */
	uint64_t age;	   /* in milliseconds */
	uint64_t sent;	   /* probes */
	uint64_t answered; /* how many of them */
	uint32_t rtt;	   /* of the last one, in microseconds, 0: not known */
	uint32_t srtt;	   /* smoothed */
};

/* Where a peer is. */
struct roam_place {
	struct in6_addr ip; /* any for a peer that was nowhere */
	uint16_t port;	    /* of UDP, 0 for none */
};

/* Where the peer has moved to, if it has. */
struct roam {
	bool moved;
	struct roam_place now, before;
	uint32_t moves; /* how many times */
	uint64_t age;	/* of the last one, in milliseconds */
};

/* Bytes of what keepalives are signed with. */
#define SECRET_LEN 32

/* The ends of a tunnel. */
enum end {
	LOCAL,
	REMOTE,
	END_COUNT
};

/*
 * A tunnel, as the user typed it or as the kernel replied. Values are indexed
 * by GRETUN_A_TUNNEL_*; addresses are not among them, but in @outer, and not the
 * secret. An address that is not there is ::, the IPv6 address of all zeros. With
 * a @local_dev the local one is that in effect, or all zeros of the family of the
 * remote one.
 */
struct tunnel {
	char ifname[IFNAMSIZ];
	uint32_t value[GRETUN_A_TUNNEL_MAX + 1];
	uint8_t secret[SECRET_LEN];
	struct in6_addr outer[END_COUNT]; /* see ip.c */
	char local_dev[IFNAMSIZ];	  /* whose address is the local one */
	uint64_t present;		  /* a bit for each that is there */

	struct address *address;
	size_t address_count;

	/* What the kernel alone says. */
	uint32_t flags;	     /* IFF_* */
	uint32_t mtu;	     /* in force, in bytes */
	uint32_t overhead;   /* in bytes */
	uint8_t operstate;   /* IF_OPER_* */
	bool link_elsewhere; /* the link is in another network namespace */
	uint8_t reason;	     /* enum gretun_down_reason */
	struct loop loop;
	struct keepalive keepalive;
	bool keepalive_signed;
	struct roam roam;
	struct counters counters;
};

/* Tunnels as the kernel listed them, and all addresses that they point to. */
struct tunnel_list {
	struct tunnel *tunnel;
	size_t count;
	struct address *address;
	size_t address_count;
};

/* GRE packets of one sender that nearly were a tunnel's. */
struct near_miss {
	struct in6_addr outer[END_COUNT]; /* REMOTE is the sender */
	bool has_key;
	uint32_t key;
	uint16_t encap_port; /* UDP port that they came to, 0: they had none */
	uint32_t ifindex;    /* that the last one came in through */
	char reason[32];     /* why no tunnel took the last one */
	uint64_t packets;
	uint64_t age; /* of the last one, in milliseconds */
};

struct near_miss_list {
	struct near_miss *miss; /* the newest first */
	size_t count;
};

/* How nearly a packet was a tunnel's, the nearest last. */
enum nearly {
	NOT_NEARLY,
	NEARLY_ANY,    /* with another key than remote any expects */
	NEARLY_LOCAL,  /* sent to another address of this host */
	NEARLY_REMOTE, /* by another sender */
	NEARLY_KEY,    /* with another key */
	NEARLY_ENCAP,  /* in UDP and should not be, or the other way round */
	NEARLY_DEV,    /* and came in through another device */
	NEARLY_OTHER,  /* refused for another reason */
	NOT_ANY_MORE,  /* the tunnel would take the next one */
};

/* What the user typed after "add" or "set". */
struct request {
	struct tunnel tunnel;
	const char *word[GRETUN_A_TUNNEL_MAX + 1]; /* that gave the value */
	const char *dev;			   /* name of the link, NULL if none is given */
	bool any;				   /* remote any, or any6 */
	bool any6;				   /* the second of these */
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
	unsigned int goes; /* first, if there is no room; 0: never */
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
enum status cmd_defaults(const struct context *ctx, int argc, char **argv);
enum status cmd_monitor(const struct context *ctx, int argc, char **argv);
enum status cmd_check(const struct context *ctx, int argc, char **argv);
enum status cmd_up(const struct context *ctx, int argc, char **argv);
enum status cmd_down(const struct context *ctx, int argc, char **argv);
enum status cmd_apply(const struct context *ctx, int argc, char **argv);
enum status cmd_resolve(const struct context *ctx, int argc, char **argv);
enum status cmd_peer(const struct context *ctx, int argc, char **argv);
enum status cmd_plan(const struct context *ctx, int argc, char **argv);
enum status cmd_metrics(const struct context *ctx, int argc, char **argv);

/* ip.c */
bool ip_is_ipv4(const struct in6_addr *ip);
bool ip_is_any(const struct in6_addr *ip);
bool ip_equal(const struct in6_addr *one, const struct in6_addr *two);
void ip_any(bool ipv4, struct in6_addr *out);
bool ip_is_for_host(int family, const uint8_t *ip);
const void *ip_bytes(const struct in6_addr *ip);
bool ip_get(struct nlattr *attr, struct in6_addr *out);
bool ip_parse(const char *text, struct in6_addr *out);
const char *ip_text(const struct in6_addr *ip, char *buf);

/* wire.c */
void attrs_put(struct nl_msg *msg, const struct tunnel *tunnel);
void attrs_get(struct nlattr *nest, struct tunnel *tunnel);

/* attrs.c */
void attrs_print(const struct tunnel *tunnel, const char *line_start);
void attrs_json(const struct tunnel *tunnel, struct json_object *object);

/* words.c */
enum status words_parse(const struct context *ctx, enum use use, int argc,
			char **argv, struct request *request);
enum status words_find_dev(struct request *request);
void words_find_any(struct request *request, const struct in6_addr *local);
void words_find_family(struct request *request);
enum status words_refused(struct conn *conn, struct nl_msg *msg,
			  const struct request *request);

/* cmd_defaults.c */
enum status defaults_get(struct conn *conn, uint32_t *value);

/* progress.c */
void progress_begin(const char *what, size_t total);
void progress_step(size_t count);
void progress_end(void);

/* parse.c */
bool parse_number(const char *text, uint32_t min, uint32_t max, uint32_t *out);
bool parse_key(const char *text, uint32_t *out);
bool parse_choice(const char *text, const char *const *choice, uint32_t *out);
bool parse_prefix(const char *text, struct address *out);
bool parse_peer(const char *text, struct address *address);
bool parse_host(const char *text);
const char *ifname_reason(const char *name);
enum status parse_ifname(const char *name);
enum status parse_one_name(const struct context *ctx, int argc, char **argv);
char *unknown_reason(const char *typed, const char *what,
		     const char *const *words, size_t count);
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

/*
 * One message is one transaction in the kernel. As many tunnels as there may be
 * can be more than a message holds; so many go at a time.
 */
#define TUNNELS_AT_A_TIME 1000

/* tunnel.c */
enum status tunnels_get(struct conn *conn, const char *name, bool stats,
			struct tunnel_list *list);
void tunnel_list_free(struct tunnel_list *list);
void tunnel_get(struct nl_msg *msg, struct tunnel *tunnel);
int tunnel_find(struct conn *conn, const char *name, struct tunnel *tunnel);
int tunnels_del(struct conn *conn, const uint32_t *ifindex, size_t count,
		size_t *which);
const char *tunnel_state(const struct tunnel *tunnel);
const char *tunnel_no_remote(const struct tunnel *tunnel);
struct json_object *tunnel_json(const struct tunnel *tunnel);

/* counters.c */
extern const struct reason tunnel_reasons[];
extern const struct reason netns_reasons[];
extern const struct reason icmp_kinds[];
void counters_get(struct nlattr *nest, const struct reason *reasons,
		  struct counters *counters);
enum status netns_counters_get(struct conn *conn, struct counters *counters);
void counters_print(const struct counters *counters,
		    const struct reason *reasons, bool explain,
		    const struct tunnel *tunnel);
struct json_object *counters_json(const struct counters *counters,
				  const struct reason *reasons);
struct json_object *counters_explain(const struct counters *counters,
				     const struct reason *reasons,
				     const struct tunnel *tunnel);

/* icmp.c */
void icmp_get(struct nlattr *nest, struct icmp_errors *errors);
void icmp_print(const struct tunnel *tunnel, bool explain);
struct json_object *icmp_json(const struct icmp_errors *errors);
void icmp_explain(const struct tunnel *tunnel, struct json_object *array);

/* explain.c */
void explain_print(const struct reason *reason, const struct tunnel *tunnel);
struct json_object *explain_json(const char *what, const struct reason *reason,
				 uint64_t packets, const struct tunnel *tunnel);

/* near_miss.c */
enum status near_misses_get(struct conn *conn, struct near_miss_list *list);
enum nearly near_miss_of(const struct near_miss *miss,
			 const struct tunnel *tunnel);
char *near_miss_text(const struct near_miss *miss,
		     const struct tunnel_list *tunnels);
struct json_object *near_misses_json(const struct near_miss_list *list,
				     const struct tunnel_list *tunnels);

/* keepalive.c */
void keepalive_get(struct nlattr *nest, struct keepalive *keepalive);
void keepalive_print(const struct tunnel *tunnel, const char *before);
struct json_object *keepalive_json(const struct tunnel *tunnel);

/* local.c */
bool local_missing(const struct tunnel *tunnel);
bool local_find(const char *ifname, bool ipv4, struct in6_addr *out);
const char *local_state(const struct tunnel *tunnel);
void local_print(const struct tunnel *tunnel, const char *before);

/* roam.c */
void roam_get(struct nlattr *nest, struct roam *roam);
void roam_print(const struct tunnel *tunnel, const char *before);
struct json_object *roam_json(const struct roam *roam);

/* secret.c */
const char *secret_read(const char *path, uint8_t *out);

/* loop.c */
void loop_get(struct nlattr *nest, struct loop *loop);
void loop_print(const struct tunnel *tunnel, const char *before);
struct json_object *loop_json(const struct loop *loop);

/* rtnl.c */
int address_add(struct conn *conn, uint32_t ifindex,
		const struct address *address);
int address_del(struct conn *conn, uint32_t ifindex,
		const struct address *address);
int link_set(struct conn *conn, uint32_t ifindex, bool up);
bool link_there(struct conn *conn, const char *ifname);
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
void human(uint64_t number, const char *unit, char *buf, size_t size);
const char *ago(uint64_t age, char *buf, size_t size);

/* terminal.c */
size_t terminal_width(void);
const char *color_on(const char *color);
const char *color_off(void);
size_t character(const char *text, size_t *columns, bool *printable);
void text_put(FILE *out, const char *text);
size_t text_width(const char *text, size_t len);
void text_wrap(const char *text, size_t indent);
const char *name_text(const char *name, char *buf);

/* table.c */
void table_cell(struct table *table, const char *color, const char *format,
		...) __attribute__((format(printf, 3, 4)));
void table_print(struct table *table, const struct column *column,
		 size_t columns);

#endif /* GRETUN_CLI_H */
