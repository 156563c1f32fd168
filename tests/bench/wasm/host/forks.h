/* SPDX-License-Identifier: Apache-2.0 */
/*
 * forks.h - when processes forked and executed, as the kernel tells it (its process events), so that a program that
 * is measured needs no words of its own for that.
 */
#pragma once

#include <stdint.h>
#include <sys/types.h>

#include "base/cleanup.h"
#include "base/err.h"

struct forks;
/* Needs root and the machine's own network namespace. */
int forks_open(struct forks **ret, struct err *err);
struct forks *forks_close(struct forks *f); /* NULL */
DEFINE_CLEANUP(struct forks *, forks_close)

struct fork_times { /* CLOCK_MONOTONIC, nanoseconds; 0: not seen */
    int64_t executed; /* the process became another program */
    int64_t forked;   /* its first child was born */
};
void forks_forget(struct forks *f); /* all that has happened until now */
struct fork_times forks_of(struct forks *f, pid_t pid); /* since then; forgets all */
