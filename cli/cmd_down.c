// SPDX-License-Identifier: GPL-2.0
/*
 * gretun down: delete tunnels that have files. It goes by their names, so that
 * a file that is broken or gone is in nobody's way. A tunnel that is gone
 * already is what was asked for.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "file/file.h"

struct name {
	char ifname[IFNAMSIZ];
};

struct name_list {
	struct name *name;
	size_t count;
};

static void add(struct name_list *names, const char *ifname)
{
	for (size_t i = 0; i < names->count; i++) {
		if (strcmp(names->name[i].ifname, ifname) == 0)
			return;
	}
	names->name = grow(names->name, names->count, sizeof(*names->name));
	strcpy(names->name[names->count++].ifname, ifname);
}

/* A file tells the name, and nothing else does. */
static enum status add_file(const struct context *ctx, char *word,
			    struct name_list *names)
{
	struct file_list files = { 0 };
	enum status status = files_read(ctx, 1, &word, &files);

	for (size_t i = 0; i < files.count && !status; i++)
		add(names, files.file[i].request.tunnel.ifname);
	files_free(&files);
	return status;
}

static enum status parse_names(const struct context *ctx, int argc,
			       char **argv, struct name_list *names)
{
	enum status status = DONE;

	if (!argc)
		return wrong(ctx->command,
			     "the name or the file of the tunnel is missing; del --all is for all there are");
	for (int i = 0; i < argc && !status; i++) {
		if (*argv[i] == '-')
			return wrong(argv[i], "unknown option; %s has none",
				     ctx->command);
		if (file_is_path(argv[i])) {
			status = add_file(ctx, argv[i], names);
			continue;
		}
		status = parse_ifname(argv[i]);
		if (!status)
			add(names, argv[i]);
	}
	return status;
}

/* Look up those that are there. */
static enum status find(struct conn *conn, const struct name_list *names,
			uint32_t *ifindex, size_t *count, bool say)
{
	*count = 0;
	for (size_t i = 0; i < names->count; i++) {
		const char *ifname = names->name[i].ifname;
		struct tunnel found = { 0 };
		int error = tunnel_find(conn, ifname, &found);

		if (!error)
			ifindex[(*count)++] =
				found.value[GRETUN_A_TUNNEL_IFINDEX];
		else if (error != ENODEV)
			return conn_refused(conn, ifname, NULL);
		else if (say)
			warn(ifname,
			     "there is no such tunnel, so there is nothing to do");
	}
	return DONE;
}

static enum status del_names(struct conn *conn, const struct name_list *names)
{
	uint32_t *ifindex = calloc(names->count, sizeof(*ifindex));
	enum status status;
	bool say = true;
	size_t count;
	int error;

	if (!ifindex)
		out_of_memory();
	/* One that somebody else deletes meanwhile is looked up again. */
	do {
		error = 0;
		status = find(conn, names, ifindex, &count, say);
		say = false;
		if (!status && count)
			error = tunnels_del(conn, ifindex, count, NULL);
	} while (error == ENODEV);
	free(ifindex);
	return error ? conn_refused(conn, conn->command, NULL) : status;
}

/**
 * cmd_down() - delete tunnels, if they are there
 * @ctx: the command
 * @argc: words after it
 * @argv: these words
 *
 * Return: the exit status, after a message unless it is DONE.
 */
enum status cmd_down(const struct context *ctx, int argc, char **argv)
{
	struct name_list names = { 0 };
	enum status status;
	struct conn conn;

	status = parse_names(ctx, argc, argv, &names);
	if (!status) {
		status = conn_open(&conn, ctx);
		if (!status)
			status = del_names(&conn, &names);
		conn_close(&conn);
	}
	free(names.name);
	return status;
}
