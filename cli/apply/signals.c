// SPDX-License-Identifier: GPL-2.0
/*
 * An interrupt must not leave half of the work. Signals that ask the program to
 * end are held back; between two steps it looks whether there is one, undoes
 * what it did, and then lets the signal do what it always does.
 */
#include <signal.h>

#include "apply.h"

static const int ends[] = { SIGINT, SIGTERM, SIGHUP, SIGQUIT };

static void all(sigset_t *set)
{
	sigemptyset(set);
	for (size_t i = 0; i < ARRAY_SIZE(ends); i++)
		sigaddset(set, ends[i]);
}

/**
 * signals_hold() - hold the signals back
 */
void signals_hold(void)
{
	sigset_t set;

	all(&set);
	sigprocmask(SIG_BLOCK, &set, NULL);
	/* A message that nobody reads must not end it halfway. */
	signal(SIGPIPE, SIG_IGN);
}

/**
 * signals_pending() - find out whether one waits that would end the program
 *
 * Return: whether there is one.
 */
bool signals_pending(void)
{
	sigset_t pending;

	sigpending(&pending);
	for (size_t i = 0; i < ARRAY_SIZE(ends); i++) {
		struct sigaction action;

		/* One that is ignored waits too while it is held back. */
		if (sigismember(&pending, ends[i]) &&
		    !sigaction(ends[i], NULL, &action) &&
		    action.sa_handler != SIG_IGN)
			return true;
	}
	return false;
}

/**
 * signals_let() - hold them back no longer
 */
void signals_let(void)
{
	sigset_t set;

	all(&set);
	sigprocmask(SIG_UNBLOCK, &set, NULL);
}
