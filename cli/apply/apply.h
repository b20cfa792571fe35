/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Makes the tunnels of a network namespace what tunnel files say: reads what
 * there is, lists what differs, and does that, all or nothing.
 */
#ifndef GRETUN_CLI_APPLY_H
#define GRETUN_CLI_APPLY_H

#include "../attrs.h"
#include "../file/file.h"

/* A route through a tunnel. */
struct route {
	uint32_t ifindex;
	struct file_route to;
	uint8_t proto;		/* RTPROT_*, who made it */
	struct nl_msg *as_read; /* from the kernel; NULL: of a file */
};

struct route_list {
	struct route *route;
	size_t count;
};

/* All of a tunnel, as it is or as it shall be. */
struct side {
	struct tunnel tunnel;
	char dev[IFNAMSIZ]; /* that it is bound to, "" for none */
	struct route *route;
	size_t route_count;
};

/* The tunnels of a network namespace, by name. */
struct state {
	struct side *side;
	size_t count;
	struct tunnel_list tunnels;
	struct route_list routes;
};

/* A name, what it stands for, and what it shall stand for. */
struct pair {
	const char *ifname;
	const struct tunnel_file *file; /* NULL: there is none */
	struct in6_addr remote;		/* where the host of the file is */
	struct side want;
	const struct side *before; /* NULL: there was no such tunnel */
	const struct side *now;	   /* the same as it was read last */
	bool wanted;		   /* or else it shall go */
	bool left_out;		   /* it stays as it is, or is not made */
	bool anew;		   /* it cannot become that without being deleted */
	bool touched;		   /* something of it was changed */
	bool waits;		   /* for its change */
	bool on_chain;		   /* see tunnels.c */
	bool parked;		   /* the same */
	uint32_t spare_key;	   /* that it has while it is parked */
	uint32_t ifindex;	   /* its device, 0 for none */
	unsigned int depth;	   /* how many others must be made before it */
};

/* What is done, in this order. */
enum change_kind {
	DEL_EARLY, /* what it has is needed, or it is made anew */
	SET,
	NEW,
	BIND, /* to a device that was to be made before */
	LINK_STATE,
	ADDRESS_DEL_EARLY, /* it is in the way of another */
	ADDRESS_ADD,
	ROUTE_DEL,
	ROUTE_ADD,
	ADDRESS_DEL,
	DEL,
	CHANGE_KIND_COUNT
};

struct change {
	enum change_kind kind;
	struct pair *pair;
	size_t which; /* address or route of @now to delete, of @want to add */
	bool silent;  /* it was there before; only the device is new */
};

static inline bool change_adds(const struct change *change)
{
	return change->kind == ADDRESS_ADD || change->kind == ROUTE_ADD;
}

/* Which side has the address or route. */
static inline const struct side *change_side(const struct change *change)
{
	return change_adds(change) ? &change->pair->want : change->pair->now;
}

/* What to do to get from what is to what shall be. */
struct plan {
	const struct context *ctx;
	struct conn conn, route;
	uint32_t defaults[GRETUN_A_DEFAULTS_MAX + 1];
	struct state before, now;
	struct pair *pair;
	size_t count;
	struct change *change;
	size_t change_count;
	bool undoing;
	bool left_out; /* some pairs are */
	enum status status;
};

/* apply/route.c */
enum status routes_get(struct conn *conn, struct route_list *list);
void routes_free(struct route_list *list);
int route_add(struct conn *conn, uint32_t ifindex, const struct route *route);
int route_del(struct conn *conn, uint32_t ifindex, const struct route *route);
int route_compare(const void *a, const void *b);
int route_compare_place(const struct route *one, const struct route *two);
void route_text(const struct route *route, char *buf, size_t size);
struct json_object *route_json(const struct route *route);

/* apply/state.c */
enum status state_get(struct plan *plan, struct state *state);
const struct side *state_find(const struct state *state, const char *ifname);
void state_free(struct state *state);

/* apply/want.c */
void want_get(const struct plan *plan, struct pair *pair);
void want_keep(struct pair *pair);
void want_same(struct pair *pair);
void want_free(struct pair *pair);
bool address_by_kernel(const struct address *address);

/* apply/remote.c */
const struct in6_addr *remote_best(const struct host *host,
				   const struct in6_addr *now);
bool remote_find(struct pair *pair);
void remote_leave_out(struct plan *plan);

/* apply/diff.c */
bool difference(const struct side *now, const struct side *want,
		struct tunnel *out);
int ends_compare(const struct tunnel *one, const struct tunnel *two);
void diff(struct plan *plan);
void diff_again(struct plan *plan);

/* apply/plan.c */
enum status plan_make(struct plan *plan, const struct file_list *files,
		      bool prune);
struct pair *plan_find(const struct plan *plan, const char *ifname);
enum status plan_read_again(struct plan *plan);
void plan_turn_back(struct plan *plan);
void plan_find_dev(struct side *side);
void plan_free(struct plan *plan);

/* apply/print.c */
void plan_print(const struct plan *plan);
void plan_json(const struct plan *plan);

/* apply/tunnels.c */
bool tunnels_delete(struct plan *plan, enum change_kind kind);
bool tunnels_set(struct plan *plan);
bool tunnels_bind(struct plan *plan);
bool tunnels_make(struct plan *plan);

/* apply/execute.c */
bool execute(struct plan *plan);
bool step_done(struct plan *plan, size_t count);
bool step_refused(struct plan *plan, const struct conn *conn,
		  const struct pair *pair, const struct place *place,
		  const char *word);

/* apply/signals.c */
void signals_hold(void);
bool signals_pending(void);
void signals_let(void);

/* apply/resolve.c */
enum status resolve(const struct context *ctx, const struct file_list *files,
		    bool named);

/* apply/apply.c */
int apply_lock(const struct context *ctx);
enum status apply(const struct context *ctx, const struct file_list *files,
		  bool prune, bool dry_run, bool quiet);

#endif /* GRETUN_CLI_APPLY_H */
