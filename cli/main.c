// SPDX-License-Identifier: GPL-2.0
/*
 * Global options and the table of commands.
 */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "../kmod/version.h"
#include "cli.h"

static enum status cmd_version(const struct context *ctx, int argc,
			       char **argv);

#define ADD_OPTIONS " [OPTION...] [address ADDR/LEN [peer ADDR]]... [down]"

static const struct command {
	const char *word;
	enum status (*run)(const struct context *ctx, int argc, char **argv);
	const char *usage;
} commands[] = {
	{ "add", cmd_add,
	  "add NAME local ADDR remote ADDR|any" ADD_OPTIONS "\n"
	  "  gretun add NAME external [local ADDR]" ADD_OPTIONS },
	{ "set", cmd_set, "set NAME OPTION..." },
	{ "del", cmd_del, "del NAME... | --all" },
	{ "show", cmd_show, "show [NAME]" },
	{ "stats", cmd_stats, "stats [NAME] [--explain]" },
	{ "monitor", cmd_monitor, "monitor" },
	{ "check", cmd_check, "check NAME" },
	{ "up", cmd_up, "up NAME|FILE..." },
	{ "down", cmd_down, "down NAME|FILE..." },
	{ "apply", cmd_apply, "apply [DIR|FILE|NAME...] [--dry-run] [--prune]" },
	{ "resolve", cmd_resolve, "resolve [NAME|FILE...]" },
	{ "peer", cmd_peer, "peer NAME|FILE [--as SYSTEM | --table]" },
	{ "plan", cmd_plan,
	  "plan ADDR ADDR PREFIX [OPTION...] [--name NAME] [--as SYSTEM | --table]" },
	{ "metrics", cmd_metrics, "metrics" },
	{ "defaults", cmd_defaults,
	  "defaults [default_ttl N | default_mtu N|auto | allow 0|1]" },
	{ "version", cmd_version, "version" },
};

static enum status cmd_version(const struct context *ctx, int argc,
			       char **argv)
{
	if (argc)
		return wrong(argv[0], "one word too many; %s takes none",
			     ctx->command);
	if (ctx->json)
		puts("[{\"version\":\"" GRETUN_VERSION "\"}]");
	else
		puts("gretun " GRETUN_VERSION);
	return output_end();
}

static enum status print_help(void)
{
	puts("usage: gretun [-j] [-n NETNS] COMMAND\n"
	     "\n"
	     "GRE tunnels. Without a command: show.\n");
	for (size_t i = 0; i < ARRAY_SIZE(commands); i++)
		printf("  gretun %s\n", commands[i].usage);
	puts("\n"
	     "OPTION: ttl N | tos N|inherit | key K|none | ikey K|none | okey K|none |\n"
	     "        csum on|off | seq on|off | df copy|set|clear | mtu N|auto |\n"
	     "        dev IFNAME|none | fwmark N | fastpath on|off | mss-clamp on|off |\n"
	     "        flowlabel auto|inherit|N | encaplimit N|none, both over IPv6;\n"
	     "        set also takes local ADDR and remote ADDR|any; external takes no\n"
	     "        tos, key, ikey, okey, csum and seq\n"
	     "\n"
	     "SYSTEM: gretun | iproute2 | networkd | freebsd | netbsd | openbsd | ios |\n"
	     "        routeros | vyos\n"
	     "\n"
	     "  -j         JSON\n"
	     "  -n NETNS   in the network namespace NETNS, as of ip netns\n"
	     "  -h, --help\n"
	     "\n"
	     "The manual is gretun(8).");
	return output_end();
}

static enum status enter_netns(const char *name)
{
	const char *reason;
	char path[128];
	int fd;

	if (!*name || strchr(name, '/') || strlen(name) > 100)
		return wrong("-n", "'%s' is not the name of a network namespace",
			     name);
	snprintf(path, sizeof(path), "/run/netns/%s", name);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0) {
		reason = errno == ENOENT ? "there is no such network namespace" :
					   strerror(errno);
		return refused(name, "%s", reason);
	}
	if (setns(fd, CLONE_NEWNET)) {
		enum status status;

		reason = errno == EPERM ? "not permitted; this needs root, or CAP_SYS_ADMIN" :
					  strerror(errno);
		status = refused(name, "%s", reason);
		close(fd);
		return status;
	}
	close(fd);
	return DONE;
}

/*
 * Whoever starts the program may have closed its standard files. Then what is
 * opened next, such as a socket to the kernel, would be one of them, and get
 * what is printed. A file that cannot be written to says that it failed.
 */
static void fill_standard_files(void)
{
	int fd;

	do
		fd = open("/dev/null", O_RDONLY);
	while (fd >= 0 && fd <= STDERR_FILENO);
	if (fd >= 0)
		close(fd);
}

static enum status run(struct context *ctx, int argc, char **argv)
{
	const char *words[ARRAY_SIZE(commands)];

	if (argc == 0)
		return cmd_show(ctx, 0, argv);
	for (size_t i = 0; i < ARRAY_SIZE(commands); i++) {
		words[i] = commands[i].word;
		if (strcmp(argv[0], words[i]) == 0) {
			ctx->command = words[i];
			return commands[i].run(ctx, argc - 1, argv + 1);
		}
	}
	return unknown_word(argv[0], "command", words, ARRAY_SIZE(words));
}

int main(int argc, char **argv)
{
	struct context ctx = { .command = "show" };
	const char *netns = NULL;
	enum status status;
	int i;

	fill_standard_files();
	for (i = 1; i < argc && *argv[i] == '-'; i++) {
		if (strcmp(argv[i], "-h") == 0 ||
		    strcmp(argv[i], "--help") == 0)
			return print_help();
		if (strcmp(argv[i], "-j") == 0 && !ctx.json) {
			ctx.json = true;
		} else if (strcmp(argv[i], "-n") == 0 && !netns) {
			netns = argv[++i];
			if (!netns)
				return wrong("-n", "the name of the network namespace is missing");
		} else if (strcmp(argv[i], "-j") == 0 ||
			   strcmp(argv[i], "-n") == 0) {
			return wrong(argv[i], "given twice");
		} else {
			return wrong(argv[i], "unknown option; it is one of: -j, -n NETNS, -h");
		}
	}
	ctx.netns = netns;
	if (netns) {
		status = enter_netns(netns);
		if (status)
			return status;
	}
	return run(&ctx, argc - i, argv + i);
}
