// SPDX-License-Identifier: GPL-2.0
/*
 * Reads tunnel files with random faults: whatever is in a file, it is taken or
 * refused. Linked with all of gretun but its main.c, and with sanitizers, which
 * end it when something else happens. Usage: mutate SECONDS FILE...
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include "../../cli/file/file.h"

#define MAX_SIZE 8192
#define MAX_FILES 64

struct text {
	char byte[MAX_SIZE];
	size_t size;
};

/* What a reader is most likely to take for something else. */
static const char odd[] =
	"\n\r\t \\[]=#;:%\"'!/.,-+0129afKx\0"
	"\x01\x7f\x80\xbf\xc3\xe2\xed\xef\xf0\xff";

static size_t below(size_t end)
{
	return end ? (size_t)random() % end : 0;
}

static char odd_byte(void)
{
	return odd[below(sizeof(odd))];
}

static void insert(struct text *text, size_t at, const char *from, size_t size)
{
	if (size > MAX_SIZE - text->size)
		size = MAX_SIZE - text->size;
	memmove(text->byte + at + size, text->byte + at, text->size - at);
	memcpy(text->byte + at, from, size);
	text->size += size;
}

static void cut(struct text *text, size_t at, size_t size)
{
	memmove(text->byte + at, text->byte + at + size,
		text->size - at - size);
	text->size -= size;
}

static void mutate(struct text *text, const struct text *other)
{
	size_t at = below(text->size), from;
	char byte = odd_byte();

	switch (below(7)) {
	case 0:
		text->size = at;
		break;
	case 1:
		if (text->size)
			text->byte[at] ^= 1 << below(8);
		break;
	case 2:
		if (text->size)
			text->byte[at] = byte;
		break;
	case 3:
		insert(text, at, &byte, 1);
		break;
	case 4:
		cut(text, at, below(text->size - at));
		break;
	case 5:
		from = below(other->size);
		insert(text, at, other->byte + from,
		       below(other->size - from));
		break;
	default:
		for (size_t i = below(300); i; i--)
			insert(text, at, &byte, 1);
	}
}

static void load(const char *path, struct text *text)
{
	FILE *file = fopen(path, "r");

	if (!file) {
		perror(path);
		exit(1);
	}
	text->size = fread(text->byte, 1, sizeof(text->byte), file);
	fclose(file);
}

int main(int argc, char **argv)
{
	const struct context ctx = { .command = "apply" };
	static struct text original[MAX_FILES], text;
	unsigned long tries = 0, taken = 0, refused_count = 0;
	unsigned int seed = time(NULL);
	int fd, files = argc - 2;
	char path[64], *name = path;
	time_t end;

	if (files < 1 || files > MAX_FILES)
		return 1;
	for (int i = 0; i < files; i++)
		load(argv[i + 2], &original[i]);
	printf("seed %u\n", seed);
	fflush(stdout);
	srandom(seed);
	end = time(NULL) + strtol(argv[1], NULL, 10);

	fd = memfd_create("tunnel", 0);
	/* Messages of gretun; those of the sanitizers go elsewhere. */
	stderr = fopen("/dev/null", "w");
	if (fd < 0 || !stderr || fchmod(fd, 0600))
		return 1;
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	while (time(NULL) < end) {
		struct file_list list;
		enum status status;

		text = original[below(files)];
		for (size_t i = 1 + below(6); i; i--)
			mutate(&text, &original[below(files)]);
		if (ftruncate(fd, 0) || pwrite(fd, text.byte, text.size, 0) !=
						(ssize_t)text.size)
			return 1;
		status = files_read(&ctx, 1, &name, &list);
		tries++;
		taken += status == DONE;
		refused_count += status == WRONG_WORD;
		files_free(&list);
	}
	printf("%lu files: %lu taken, %lu refused\n", tries, taken,
	       refused_count);
	return tries < 1000 || taken + refused_count != tries;
}
