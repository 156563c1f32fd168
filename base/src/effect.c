/* SPDX-License-Identifier: Apache-2.0 */
/* effect.c - dying before the n-th effect, for the crash test. Empty in every other build. */
#include "base/effect.h"

#ifdef OARSMAN_CRASH_POINTS

#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/str.h"

static atomic_ullong reached;
static uint64_t crash_at; /* 0: never */
static int log_fd = -1;

static void read_environment(void)
{
    const char *path = getenv("CRASH_LOG");

    (void)str_to_u64(getenv("CRASH_AT"), UINT64_MAX, &crash_at);
    if (path)
        log_fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
}

void effect(const char *name)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    unsigned long long n;

    (void)pthread_once(&once, read_environment);
    n = atomic_fetch_add(&reached, 1) + 1;
    if (log_fd >= 0)
        (void)dprintf(log_fd, "%llu %s\n", n, name);
    if (n == crash_at)
        (void)kill(getpid(), SIGKILL);
}

#endif
