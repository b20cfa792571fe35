// SPDX-License-Identifier: GPL-2.0
/*
 * A line on the terminal that shows how far long work has come. It is for
 * people alone: what is not a terminal does not get it.
 */
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

#include "cli.h"

/* Work is long that has more steps, or takes more milliseconds. */
#define LONG_STEPS 200
#define LONG_TIME 500

/* How often to draw the line, in milliseconds. */
#define EVERY 100

/* Where nobody knows how wide the terminal is. */
#define WIDTH 80

static struct {
	const char *what; /* NULL: no work, or nobody to show it to */
	size_t total, done;
	uint64_t start, drawn; /* milliseconds; 0 while nothing is drawn */
} progress;

static uint64_t now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return (uint64_t)time.tv_sec * 1000 + time.tv_nsec / 1000000;
}

static int width(void)
{
	struct winsize size;

	if (ioctl(STDERR_FILENO, TIOCGWINSZ, &size) || !size.ws_col)
		return WIDTH;
	return size.ws_col;
}

static void draw(void)
{
	int percent = progress.total ? progress.done * 100 / progress.total :
				       0;
	char bar[256], text[64];
	int room, full;

	snprintf(text, sizeof(text), "%zu of %zu", progress.done,
		 progress.total);
	/* The last column stays free, or some terminals go to the next line. */
	room = width() - 1 - (int)(strlen(progress.what) + strlen(text) + 10);
	if (room > (int)sizeof(bar) - 1)
		room = sizeof(bar) - 1;
	if (room < 1) {
		fprintf(stderr, "\r%3d %%", percent);
	} else {
		full = room * percent / 100;
		memset(bar, ' ', room);
		memset(bar, '#', full);
		bar[room] = '\0';
		fprintf(stderr, "\r%s [%s] %3d %% %s", progress.what, bar,
			percent, text);
	}
	fflush(stderr);
}

/**
 * progress_begin() - begin work that may be long
 * @what: it, in a word
 * @total: how many steps it has
 */
void progress_begin(const char *what, size_t total)
{
	memset(&progress, 0, sizeof(progress));
	if (!isatty(STDERR_FILENO))
		return;
	progress.what = what;
	progress.total = total;
	progress.start = now();
}

/**
 * progress_step() - say that steps were done
 * @count: how many
 */
void progress_step(size_t count)
{
	uint64_t time;

	if (!progress.what)
		return;
	progress.done += count;
	if (progress.done > progress.total)
		progress.done = progress.total;
	time = now();
	if (progress.drawn ? time - progress.drawn < EVERY :
			     progress.total <= LONG_STEPS &&
				     time - progress.start < LONG_TIME)
		return;
	progress.drawn = time;
	draw();
}

/**
 * progress_end() - take the line away; also before a message
 */
void progress_end(void)
{
	if (progress.what && progress.drawn)
		fprintf(stderr, "\r%*s\r", width() - 1, "");
	progress.what = NULL;
}
