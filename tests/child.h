/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Somebody else who gets the device t0: the root of another user namespace.
 */
#ifndef GRETUN_TESTS_CHILD_H
#define GRETUN_TESTS_CHILD_H

#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <unistd.h>
#include <sys/wait.h>

#include "kselftest_harness.h"
#include "link.h"

/**
 * struct child - a process that is root of a user namespace and of a netns
 * @pid: its id; 0 in the child itself
 * @go: a byte written there lets it go on
 */
struct child {
	pid_t pid;
	int go;
};

/*
 * Fork a child, and move t0 to its netns. In the child this returns once it may
 * go on.
 */
static inline void fork_with_t0(struct __test_metadata *_metadata,
				struct child *child)
{
	int to_child[2], to_parent[2], fd;
	char path[64], byte;

	ASSERT_EQ(0, pipe(to_child));
	ASSERT_EQ(0, pipe(to_parent));
	child->pid = fork();
	ASSERT_LE(0, child->pid);
	if (!child->pid) {
		ASSERT_EQ(0, unshare(CLONE_NEWUSER | CLONE_NEWNET));
		ASSERT_EQ(1, write(to_parent[1], "", 1));
		ASSERT_EQ(1, read(to_child[0], &byte, 1));
		return;
	}
	child->go = to_child[1];
	ASSERT_EQ(1, read(to_parent[0], &byte, 1));
	snprintf(path, sizeof(path), "/proc/%d/ns/net", child->pid);
	fd = open(path, O_RDONLY);
	ASSERT_LE(0, fd);
	EXPECT_EQ(0, link_move("t0", fd));
}

/* Let the child go on, and see it end well. */
static inline void end_child(struct __test_metadata *_metadata,
			     const struct child *child)
{
	int status;

	ASSERT_EQ(1, write(child->go, "", 1));
	ASSERT_EQ(child->pid, waitpid(child->pid, &status, 0));
	EXPECT_EQ(0, status);
}

#endif /* GRETUN_TESTS_CHILD_H */
