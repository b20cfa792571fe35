// SPDX-License-Identifier: GPL-2.0
/*
 * Brings a file into memory, if it is one: nobody waits for a pipe here, and a
 * disk is no tunnel file.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <sys/stat.h>

#include "ini.h"

/* One with 10,000 routes has less. */
#define MAX_SIZE (1024 * 1024)

static enum status io_error(const char *what, const char *path)
{
	return refused(path, "it cannot be %s: %s", what, strerror(errno));
}

static enum status read_all(int fd, const char *path, char **text,
			    size_t *size)
{
	/* One more byte tells that there is more. */
	static char buf[MAX_SIZE + 1];
	ssize_t got;

	*size = 0;
	do {
		got = read(fd, buf + *size, sizeof(buf) - *size);
		if (got > 0)
			*size += got;
	} while (got > 0 || (got < 0 && errno == EINTR));
	if (got < 0)
		return io_error("read", path);
	if (*size > MAX_SIZE)
		return wrong(path, "too long for a tunnel file, which has at most 1 MiB");
	*text = malloc(*size ? *size : 1);
	if (!*text)
		out_of_memory();
	memcpy(*text, buf, *size);
	return DONE;
}

/**
 * file_load() - read a whole file, and who may touch it
 * @path: the file
 * @ini: where it goes who may
 * @text: where the text goes, to be freed; no zero ends it
 * @size: bytes of it
 *
 * Return: DONE, or another status after a message.
 */
enum status file_load(const char *path, struct ini *ini, char **text,
		      size_t *size)
{
	enum status status;
	struct stat stat;
	int fd;

	/* Without O_NONBLOCK a pipe would wait for its writer. */
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	if (fd < 0 && (errno == ENOENT || errno == ENOTDIR))
		return wrong(path, "there is no such file; gretun.netdev(5) shows how to write one");
	if (fd < 0)
		return io_error("opened", path);
	if (fstat(fd, &stat)) {
		status = io_error("read", path);
	} else if (!S_ISREG(stat.st_mode)) {
		status = wrong(path, "not a regular file; a tunnel file is no folder, pipe or device");
	} else {
		ini->group_writes = stat.st_mode & 0020 && stat.st_gid;
		ini->others_write = stat.st_mode & 0002;
		ini->others_read = stat.st_mode & 0004;
		status = read_all(fd, path, text, size);
	}
	close(fd);
	return status;
}
