// SPDX-License-Identifier: GPL-2.0
/*
 * Sets the remote address of tunnels whose peers have moved. Each is on its own:
 * a peer whose name leads nowhere, or to the address of another peer, must not
 * keep the others from being found.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <netlink/msg.h>

#include "apply.h"

static enum status not_as_file(const struct tunnel_file *file, const char *so)
{
	return file_refused(&file->name_place, file->request.tunnel.ifname,
			    "%s; gretun up makes it what the file says", so);
}

/* What keeps a tunnel that is there from getting an address of the file. */
static enum status check(const struct tunnel_file *file,
			 const struct tunnel *tunnel)
{
	bool ipv4 = file->host->family == AF_INET;

	if (tunnel->link_elsewhere)
		return file_refused(&file->name_place, tunnel->ifname, "the tunnel of that name came from another network namespace, where its outer packets still are");
	if (tunnel->value[A(EXTERNAL)])
		return not_as_file(file, "the tunnel that is there is external");
	if (ip_is_ipv4(&tunnel->outer[REMOTE]) != ipv4)
		return not_as_file(file, "the outer addresses of the tunnel that is there are of another family");
	if (!file->host->count)
		return host_unknown(file, "the tunnel stays as it is");
	return DONE;
}

static void consider(struct plan *plan, const struct tunnel_file *file,
		     struct side *now, bool named)
{
	const char *ifname = file->request.tunnel.ifname;
	struct pair *pair = &plan->pair[plan->count];
	int error = tunnel_find(&plan->conn, ifname, &now->tunnel);
	const struct in6_addr *best;

	if (error == ENODEV) {
		if (named)
			plan->status = not_as_file(file, "there is no such tunnel");
		return;
	}
	if (error) {
		plan->status = conn_refused(&plan->conn, ifname, NULL);
		return;
	}
	if (check(file, &now->tunnel)) {
		plan->status = REFUSED;
		return;
	}
	best = remote_best(file->host, &now->tunnel.outer[REMOTE]);
	if (ip_equal(best, &now->tunnel.outer[REMOTE]))
		return;
	*pair = (struct pair){
		.ifname = ifname,
		.file = file,
		.want = *now,
		.now = now,
		.waits = true,
	};
	pair->want.tunnel.outer[REMOTE] = *best;
	plan->count++;
}

static bool set(struct plan *plan, struct pair *pair)
{
	struct nl_msg *msg = conn_request(&plan->conn, GRETUN_CMD_TUNNEL_SET, 0,
					  128);
	struct request request = { 0 };
	int error;

	give(&request, A(IFINDEX), pair->now->tunnel.value[A(IFINDEX)]);
	give_address(&request, REMOTE, &pair->want.tunnel.outer[REMOTE]);
	attrs_put(msg, &request.tunnel);
	error = conn_talk(&plan->conn, msg, NULL, NULL);
	nlmsg_free(msg);
	return !error;
}

/* One may wait for the address that another gives up. */
static void set_all(struct plan *plan)
{
	bool more, last = false;

	do {
		more = false;
		for (size_t i = 0; i < plan->count; i++) {
			struct pair *pair = &plan->pair[i];

			if (!pair->waits)
				continue;
			pair->waits = !set(plan, pair);
			more |= !pair->waits;
			if (pair->waits && last)
				step_refused(plan, &plan->conn, pair,
					     &pair->file->place[A(REMOTE_IPV4)],
					     "Remote");
		}
		last = !more && !last;
	} while (more || last);
}

static enum status show(struct plan *plan)
{
	plan->change = calloc(plan->count + 1, sizeof(*plan->change));
	if (!plan->change)
		out_of_memory();
	for (size_t i = 0; i < plan->count; i++) {
		if (!plan->pair[i].waits)
			plan->change[plan->change_count++] = (struct change){
				.kind = SET,
				.pair = &plan->pair[i],
			};
	}
	if (plan->ctx->json)
		plan_json(plan);
	else
		plan_print(plan);
	free(plan->change);
	return output_end();
}

/**
 * resolve() - set the remote addresses of tunnels to those of their names
 * @ctx: the command
 * @files: the files with the names, which are looked up
 * @named: whether one that is not there is an error
 *
 * Return: the exit status, after a message unless it is DONE.
 */
enum status resolve(const struct context *ctx, const struct file_list *files,
		    bool named)
{
	struct plan plan = { .ctx = ctx };
	struct side *side = calloc(files->count + 1, sizeof(*side));
	enum status status;
	int fd;

	plan.pair = calloc(files->count + 1, sizeof(*plan.pair));
	if (!side || !plan.pair)
		out_of_memory();
	status = conn_open(&plan.conn, ctx);
	if (!status) {
		fd = apply_lock(ctx);
		for (size_t i = 0; i < files->count; i++) {
			if (files->file[i].host)
				consider(&plan, &files->file[i], &side[i],
					 named);
		}
		set_all(&plan);
		if (fd >= 0)
			close(fd);
		status = show(&plan);
	}
	conn_close(&plan.conn);
	free(plan.pair);
	free(side);
	return status ? status : plan.status;
}
