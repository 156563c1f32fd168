/* SPDX-License-Identifier: Apache-2.0 */
/*
 * conmon.h - starts a supervisor, which makes the container and stays.
 *
 * conmon forks: the process started here ends at once, having written the pid of the one that stays to
 * DIR/conmon.pid. That one calls the runtime's create and writes one line of JSON to the pipe named by
 * _OCI_SYNCPIPE: the pid of the container's first process, or -1 and what the runtime said.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/loop.h"
#include "base/proc.h"

struct rt_supervisor;
struct conmon_launch;

struct conmon_result {
    int64_t pid;         /* of the container; -1: refused */
    const char *message; /* what the runtime said then */
    pid_t conmon_pid;    /* 0: not known (it has gone) */
};
/* Exactly one of result and err. Borrowed. */
typedef void (*conmon_fn)(struct conmon_launch *l, const struct conmon_result *result, const struct err *err);

struct conmon_request {
    const char *id;
    const char *runtime;
    int mount_ns_fd; /* 0: stay */
    const char *dir;
    const char *log_path;
    bool stdin_open, stdin_once, tty;
};

struct conmon_launch {
    struct proc proc;
    struct loop_fd sync;
    struct loop_timer deadline;
    int sync_fd;
    struct buf line;
    bool exited, told;
    struct proc_exit exit;
    char *pid_path;
    conmon_fn fn;
};

/* On an error fn does not come. */
int conmon_launch_start(struct conmon_launch *l, const struct rt_supervisor *s, const struct conmon_request *req,
                        conmon_fn fn, struct err *err);
/* Writes one order to DIR/ctl. Does not block; -ENXIO: no conmon listens. */
int conmon_reopen_log(const char *dir, struct err *err);
