/* SPDX-License-Identifier: Apache-2.0 */
/*
 * proc_child.h - what the files of child processes share. Private to base_io.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/resource.h>
#include <sys/types.h>

#include "base/proc.h"

struct err;

/* The child's steps, in order. One that fails ends the child, and is named in the error of the
 * start. */
enum proc_step {
    PROC_STEP_SIGNALS,
    PROC_STEP_SESSION,
    PROC_STEP_CGROUP,
    PROC_STEP_NET_NS,
    PROC_STEP_MOUNT_NS,
    PROC_STEP_FDS,
    PROC_STEP_CWD,
    PROC_STEP_LIMITS,
    PROC_STEP_BOUNDING_SET,
    PROC_STEP_IDS,
    PROC_STEP_CAPS,
    PROC_STEP_DEATH_SIGNAL,
    PROC_STEP_EXEC,
    PROC_STEP_NR,
};

struct proc_plan_fd {
    int from;     /* in the parent, later moved out of the targets' way */
    int child_fd; /* target; the array is sorted by it, ascending, no number twice */
};

struct proc_plan_limit {
    int resource;
    struct rlimit value;
};

/* Everything between clone and exec, computed before: the child only reads it, but for failed_* and
 * fds[].from. */
struct proc_plan {
    const struct proc_spec *spec;
    char *path; /* absolute */
    const char *const *argv;
    const char *const *env;
    char *path_variable; /* "PATH=…" of the minimal environment */
    const char *minimal_env[2];
    const char *own_argv[2];
    struct proc_plan_fd *fds;
    size_t fds_len;
    int null_fd; /* -1: not needed */
    struct proc_plan_limit limits[3];
    size_t limits_len;
    int last_cap;
    pid_t parent; /* getpid() of the parent, to notice its death before the death signal was set */
    enum proc_step failed_step; /* written by the child */
    int failed_errno;           /* 0: exec succeeded */
    size_t failed_index;        /* of the cgroup or descriptor */
};

/* std: descriptors for 0..2 in the parent, -1: what spec->fds says or /dev/null. */
int proc_plan_init(struct proc_plan *plan, const struct proc_spec *spec, const int std[3],
                   struct err *err);
void proc_plan_done(struct proc_plan *plan);
DEFINE_CLEANUP_DONE(struct proc_plan, proc_plan_done)

/* A child that shares memory with us, and with more_flags (CLONE_FILES) more; we wait until it has
 * executed a program or ended. entry returns or calls _exit(). Returns its pid, or -1 and errno. */
pid_t proc_clone(int (*entry)(void *arg), void *arg, int more_flags, int *ret_pidfd);
void proc_wait_gone(int pidfd); /* collects a child that ends at once; closes pidfd */

/* Clones and waits until the child has executed its program or failed (plan->failed_errno). */
int proc_child_start(struct proc_plan *plan, pid_t *ret_pid, int *ret_pidfd, struct err *err);
/* The same, but as a child of init. */
int proc_child_start_orphan(struct proc_plan *plan, pid_t *ret_pid, int *ret_pidfd,
                            struct err *err);

/* A started child with the parent's ends of its pipes; -1: none. */
struct proc_launched {
    pid_t pid;
    int pidfd;
    int in, out, error_out;
};
int proc_launch(const struct proc_spec *spec, bool want_in, bool want_out, bool want_error,
                struct proc_launched *ret, struct err *err);
/* Reads what is there into buf (beyond its maximum: dropped), at most limit bytes.
 * Returns 0: nothing more for now; 1: end of file or an error. */
int proc_read_pipe(int fd, struct buf *buf, size_t limit);
/* Collects an exited child: 0, or -EAGAIN while it runs. */
int proc_collect(int pidfd, struct proc_exit *ret_exit);

void proc_reaper_start(struct loop *loop, int pidfd); /* takes pidfd */
