// SPDX-License-Identifier: GPL-2.0
/*
 * Reads the file of a secret: 32 bytes in base64 (RFC 4648), as WireGuard has
 * its keys.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include <sys/stat.h>

#include "cli.h"

/* What they take in base64, and a file with an end of line and some spaces. */
#define TEXT_LEN 44
#define FILE_MAX 128

#define WRONG_TEXT \
	"it is not 32 bytes in base64; to make one: head -c 32 /dev/urandom | base64"

/* The value of a character, or -1. */
static int sextet(char c)
{
	static const char alphabet[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	const char *found = c ? strchr(alphabet, c) : NULL;

	return found ? found - alphabet : -1;
}

/* 43 characters and a sign for what the last one has less. */
static bool decode(const char *text, uint8_t *out)
{
	uint32_t bits = 0, count = 0;
	size_t len = 0;

	for (size_t i = 0; i < TEXT_LEN - 1; i++) {
		int value = sextet(text[i]);

		if (value < 0)
			return false;
		bits = bits << 6 | (uint32_t)value;
		count += 6;
		if (count >= 8) {
			count -= 8;
			out[len++] = bits >> count;
		}
	}
	return text[TEXT_LEN - 1] == '=' && !(bits & 3);
}

static const char *io_reason(const char *what)
{
	static char reason[128];

	snprintf(reason, sizeof(reason), "the file cannot be %s: %s", what,
		 strerror(errno));
	return reason;
}

static const char *read_text(int fd, const char *path, char *text)
{
	struct stat stat;
	ssize_t got;

	if (fstat(fd, &stat))
		return io_reason("read");
	if (!S_ISREG(stat.st_mode))
		return "not a regular file";
	got = read(fd, text, FILE_MAX);
	if (got < 0)
		return io_reason("read");
	text[got] = '\0';
	if (stat.st_mode & 0007)
		warn(path, "others than its owner can read or write the secret; chmod 600 keeps it secret");
	return NULL;
}

/**
 * secret_read() - read the file of a secret
 * @path: the file
 * @out: where the secret goes, SECRET_LEN bytes
 *
 * Return: NULL, or what is wrong, good until the next call.
 */
const char *secret_read(const char *path, uint8_t *out)
{
	char text[FILE_MAX + 1];
	const char *reason;
	int fd;

	/* Without O_NONBLOCK a pipe would wait for its writer. */
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	if (fd < 0)
		return io_reason("opened");
	reason = read_text(fd, path, text);
	close(fd);
	if (reason)
		return reason;
	if (strlen(text) < TEXT_LEN || !decode(text, out) ||
	    text[TEXT_LEN + strspn(text + TEXT_LEN, " \t\r\n")])
		return WRONG_TEXT;
	return NULL;
}
