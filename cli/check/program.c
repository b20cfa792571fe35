// SPDX-License-Identifier: GPL-2.0
/*
 * Runs another program and takes what it prints.
 */
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <sys/wait.h>

#include "firewall.h"

/* Where the system's own programs are, whatever PATH says. */
static const char *const folders[] = {
	"/usr/sbin", "/sbin", "/usr/bin", "/bin", "/usr/local/sbin"
};

/* A program that takes longer hangs. */
#define WAIT 3000 /* milliseconds */

/* What it prints is cut after that, which no ruleset comes near. */
#define LONGEST (256 << 20)

static bool find(const char *program, char *path, size_t size)
{
	for (size_t i = 0; i < ARRAY_SIZE(folders); i++) {
		snprintf(path, size, "%s/%s", folders[i], program);
		if (access(path, X_OK) == 0)
			return true;
	}
	return false;
}

/**
 * program_exists() - look for a program
 * @program: its name
 *
 * Return: whether it is there.
 */
bool program_exists(const char *program)
{
	char path[128];

	return find(program, path, sizeof(path));
}

static pid_t start(const char *path, const char *const *argv, int out)
{
	pid_t pid = fork();
	int null;

	if (pid)
		return pid;
	null = open("/dev/null", O_RDWR);
	dup2(null, STDIN_FILENO);
	dup2(out, STDOUT_FILENO);
	dup2(null, STDERR_FILENO);
	execv(path, (char *const *)argv);
	_exit(127);
}

/* Returns whether that was all, in time. */
static bool read_all(int fd, FILE *out)
{
	struct pollfd poll_fd = { .fd = fd, .events = POLLIN };
	uint64_t end = now() + WAIT, time;
	size_t total = 0;
	char buf[65536];
	ssize_t len;

	while ((time = now()) < end && total < LONGEST) {
		if (poll(&poll_fd, 1, end - time) <= 0)
			continue;
		len = read(fd, buf, sizeof(buf));
		if (len <= 0)
			return len == 0;
		fwrite(buf, 1, len, out);
		total += len;
	}
	return false;
}

/**
 * program_output() - run a program and take what it prints
 * @argv: its name and words, NULL at the end
 *
 * Return: the text, which is to be freed, or NULL if the program is not there,
 * failed or took too long.
 */
char *program_output(const char *const *argv)
{
	bool good = false;
	char path[128];
	char *text;
	size_t size;
	int status;
	int fd[2];
	FILE *out;
	pid_t pid;

	if (!find(argv[0], path, sizeof(path)) || pipe2(fd, O_CLOEXEC))
		return NULL;
	out = open_memstream(&text, &size);
	if (!out)
		out_of_memory();
	pid = start(path, argv, fd[1]);
	close(fd[1]);
	if (pid > 0) {
		good = read_all(fd[0], out);
		if (!good)
			kill(pid, SIGKILL);
		waitpid(pid, &status, 0);
		good = good && WIFEXITED(status) && !WEXITSTATUS(status);
	}
	close(fd[0]);
	if (fclose(out))
		out_of_memory();
	if (good)
		return text;
	free(text);
	return NULL;
}
