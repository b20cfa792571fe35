// SPDX-License-Identifier: GPL-2.0
/*
 * gretun peer: what the other end of a tunnel has to do, in the words of its
 * system. The tunnel is one that is there, or one of a file; the latter needs
 * neither the module nor root.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "dialects/dialects.h"
#include "file/file.h"

/* A name is that of a tunnel that is there, then that of a file. */
static bool has_file_only(const char *name)
{
	char *path;
	bool there;

	if (asprintf(&path, TUNNEL_FILES "/%s.netdev", name) < 0)
		out_of_memory();
	there = access(path, F_OK) == 0;
	free(path);
	return there && !if_nametoindex(name);
}

static enum status print_peer(const struct context *ctx,
			      const struct view *view, struct tunnel *here,
			      bool guessed, bool routes)
{
	struct far_end far;

	if (here->value[A(EXTERNAL)])
		return refused(here->ifname, "an external device has many other ends; print that of a tunnel with a peer, or see gretun plan");
	if (ip_is_any(&here->outer[REMOTE]))
		return refused(here->ifname, "remote any names no other end; print that of a tunnel with a peer, or see gretun plan");
	if (local_missing(here))
		return refused(here->ifname, "it has no local address, as %s has none for it now",
			       here->local_dev);
	if (ip_is_any(&here->outer[LOCAL]))
		return refused(here->ifname, "it has no local address for the other end to send to");
	mirror(here, NULL, &far);
	far.mtu_guessed = guessed;
	far.routes = routes;
	if (ctx->json)
		both_json(here, &far);
	else if (view->table)
		both_table(here, &far);
	else
		far_print(&far, view->system);
	mirror_free(&far);
	return output_end();
}

/* The other end needs its own address, which may be a name here. */
static enum status find_host(struct tunnel_file *file)
{
	if (!file->host)
		return DONE;
	if (!file->host->count)
		return host_unknown(file, "without it the other end is not known");
	give_address(&file->request, REMOTE, &file->host->address[0]);
	return DONE;
}

/* Nor is there a tunnel yet that says which address the device has. */
static void find_local(struct tunnel *here)
{
	if (has(here, A(LOCAL_DEV)))
		local_find(here->local_dev, ip_is_ipv4(&here->outer[REMOTE]),
			   &here->outer[LOCAL]);
}

static enum status peer_of_file(const struct context *ctx,
				const struct view *view, char *name)
{
	struct file_list list = { 0 };
	enum status status;

	status = files_read(ctx, 1, &name, &list);
	if (!status && list.count != 1)
		status = wrong(name, "%s takes one file, not a folder",
			       ctx->command);
	if (!status) {
		files_look_up(&list);
		status = find_host(list.file);
	}
	if (!status) {
		struct tunnel *here = &list.file->request.tunnel;

		find_local(here);
		tunnel_complete(here);
		status = print_peer(ctx, view, here, !here->value[A(MTU)],
				    list.file->route_count);
	}
	files_free(&list);
	return status;
}

static enum status peer_of_tunnel(const struct context *ctx,
				  const struct view *view, const char *name)
{
	struct tunnel_list list;
	enum status status;
	struct conn conn;

	status = conn_open(&conn, ctx);
	if (!status) {
		status = tunnels_get(&conn, name, false, &list);
		if (!status)
			status = addresses_get(ctx, &list);
		if (!status)
			status = print_peer(ctx, view, list.tunnel, false,
					    false);
		tunnel_list_free(&list);
	}
	conn_close(&conn);
	return status;
}

/**
 * cmd_peer() - print the other end of a tunnel
 * @ctx: the command
 * @argc: words after it
 * @argv: these words
 *
 * Return: the exit status, after a message unless it is DONE.
 */
enum status cmd_peer(const struct context *ctx, int argc, char **argv)
{
	enum status status;
	struct view view;

	status = view_parse(ctx, false, &argc, argv, &view);
	if (status)
		return status;
	if (!argc)
		return wrong(ctx->command, "the tunnel is missing; it takes its name or its file");
	if (argc > 1)
		return wrong(argv[1], "one word too many; %s takes one name or file",
			     ctx->command);
	if (file_is_path(argv[0]))
		return peer_of_file(ctx, &view, argv[0]);
	status = parse_ifname(argv[0]);
	if (status)
		return status;
	return has_file_only(argv[0]) ? peer_of_file(ctx, &view, argv[0]) :
					peer_of_tunnel(ctx, &view, argv[0]);
}
