// SPDX-License-Identifier: GPL-2.0
/*
 * Makes tunnels what files say, all or nothing: if a step is refused, or a
 * signal comes, all goes back to what it was.
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "apply.h"

/* Whoever changes tunnels by files holds it. */
#define LOCK_FOLDER "/run/gretun"
#define LOCK_FILE LOCK_FOLDER "/lock"

/* How often to bring back what the kernel takes away. */
#define TRIES 3

/**
 * apply_lock() - keep others from changing tunnels by files
 * @ctx: the command
 *
 * Two at a time would undo each other's work. Who may not write there is in a
 * user namespace of its own, and alone.
 *
 * Return: what to close to let others, or -1.
 */
int apply_lock(const struct context *ctx)
{
	int fd;

	mkdir(LOCK_FOLDER, 0755);
	fd = open(LOCK_FILE, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd >= 0 && flock(fd, LOCK_EX | LOCK_NB) && errno == EWOULDBLOCK) {
		warn(ctx->command,
		     "another gretun changes tunnels by files; this one waits for it to end");
		while (flock(fd, LOCK_EX) && errno == EINTR)
			;
	}
	return fd;
}

static bool takes_along(const struct plan *plan)
{
	for (size_t i = 0; i < plan->change_count; i++) {
		const struct change *change = &plan->change[i];

		if (change->kind == ADDRESS_DEL ||
		    change->kind == ADDRESS_DEL_EARLY ||
		    change->kind == LINK_STATE || change->pair->anew)
			return true;
	}
	return false;
}

static bool run(struct plan *plan)
{
	bool go_on = execute(plan);

	for (int i = 0; i < TRIES && go_on && takes_along(plan); i++) {
		enum status status = plan_read_again(plan);

		if (status) {
			plan->status = status;
			return false;
		}
		diff_again(plan);
		go_on = execute(plan);
	}
	return go_on;
}

static void undo(struct plan *plan)
{
	enum status reason = plan->status;
	bool touched = false;

	for (size_t i = 0; i < plan->count; i++)
		touched |= plan->pair[i].touched;
	if (touched) {
		plan->status = plan_read_again(plan);
		if (!plan->status) {
			plan_turn_back(plan);
			progress_begin("undoing", plan->change_count);
			run(plan);
			progress_end();
		}
		warn(plan->ctx->command,
		     plan->status ? "what was done before is undone, but for what is said above" :
				    "what was done before is undone");
	}
	plan->status = reason;
}

static void act(struct plan *plan)
{
	signals_hold();
	progress_begin(plan->ctx->command, plan->change_count);
	if (!run(plan))
		undo(plan);
	progress_end();
}

static void show(const struct plan *plan)
{
	if (plan->ctx->json)
		plan_json(plan);
	else
		plan_print(plan);
}

/**
 * apply() - make tunnels what files say
 * @ctx: the command
 * @files: what they say
 * @prune: whether to delete all tunnels that have no file
 * @dry_run: whether to say only what would change
 * @quiet: whether not to say it
 *
 * Return: the exit status, after a message unless it is DONE.
 */
enum status apply(const struct context *ctx, const struct file_list *files,
		  bool prune, bool dry_run, bool quiet)
{
	struct plan plan = { .ctx = ctx };
	enum status status;
	int fd = -1;

	files_look_up(files);
	status = conn_open(&plan.conn, ctx);
	if (status)
		goto close_conn;
	status = conn_open_route(&plan.route, ctx);
	if (status)
		goto close_route;
	if (!dry_run)
		fd = apply_lock(ctx);
	status = plan_make(&plan, files, prune);
	if (!status && !quiet) {
		show(&plan);
		status = output_end();
	}
	if (!status && !dry_run && plan.change_count) {
		act(&plan);
		status = plan.status;
	}
	if (!status && plan.left_out)
		status = REFUSED;
	plan_free(&plan);
	if (fd >= 0)
		close(fd);
	signals_let();

close_route:
	conn_close(&plan.route);
close_conn:
	conn_close(&plan.conn);
	return status;
}
