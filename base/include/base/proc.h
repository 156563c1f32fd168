/* SPDX-License-Identifier: Apache-2.0 */
/*
 * proc.h - child processes: the only place in the tree that forks.
 *
 * Everything a child needs is computed before it is made; between that and its exec it shares our
 * memory, makes system calls alone, and our thread waits for it. A child is known by its pidfd.
 * Inherited descriptors are exactly those named (everything else is CLOEXEC by house rule, and
 * closed besides).
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/buf.h"
#include "base/loop.h"

struct err;

struct proc_fd {
    int fd;       /* borrowed, in the parent */
    int child_fd; /* its number in the child */
};

struct proc_spec {
    const char *path;          /* absolute, or looked up in PATH when it has no slash */
    const char *const *argv;   /* NULL-terminated, argv[0] included */
    const char *const *env;    /* NULL-terminated "K=V"; NULL: a minimal environment (PATH only) */
    const char *cwd;           /* NULL: "/" */
    const struct proc_fd *fds; /* beyond 0..2 or instead of them; 0..2 not named are /dev/null */
    size_t fds_len;
    bool new_session; /* setsid() */
    int death_signal; /* PR_SET_PDEATHSIG; 0: none */
    int mount_ns_fd;  /* 0: stay; else setns() to this mount namespace first */
    int net_ns_fd;    /* 0: stay */
    /* NULL-terminated paths of files of control groups: the child writes "0" into each before exec */
    const char *const *cgroup_procs;
    uid_t uid; /* used when set_ids */
    gid_t gid;
    bool set_ids;       /* setgroups(0), setgid, setuid */
    bool drop_all_caps; /* with no_new_privs */
    /* resource limits; 0: inherit */
    uint64_t limit_as_bytes, limit_cpu_s, limit_fsize_bytes;
};

/* How a child ended. */
struct proc_exit {
    int code;       /* exit code, or 128 + signal */
    int signal;     /* 0: it exited */
    bool timed_out; /* we killed it because its deadline had passed */
};

struct proc;
typedef void (*proc_exit_fn)(struct proc *p, const struct proc_exit *exit);

/*
 * A child on the loop. The owner embeds it; exactly one fn call comes after a successful
 * proc_start(), with out and error_out complete (what the child wrote to stdout and stderr when
 * capture_* was set, cut at the bound). The end of the child is the end: a descendant that keeps
 * its pipes open delays nothing, and what it writes later is lost. A child past its deadline gets
 * SIGKILL; its descendants do not. After fn the owner may start again, or free itself after
 * proc_done().
 */
struct proc {
    struct loop *loop;
    const char *name; /* static, for logs */
    proc_exit_fn fn;
    pid_t pid;
    int pidfd;
    struct buf out, error_out; /* valid until proc_done() */
    void *impl;
};

struct proc_opts {
    int64_t deadline_ms; /* 0: none */
    bool capture_out, capture_error;
    size_t capture_max_bytes; /* 0: LIMIT_PROC_CAPTURE_BYTES; more is read and dropped */
    const void *input;        /* written to the child's stdin, then closed; borrowed until fn */
    size_t input_len;
};

void proc_init(struct proc *p, struct loop *loop, const char *name, proc_exit_fn fn);
/* Returns when the program is executed: what fails on the way there (not found, namespace, cgroup,
 * folder, …) is its error, with the program and the step by name. spec and opts (may be NULL) are
 * borrowed during the call. */
int proc_start(struct proc *p, const struct proc_spec *spec, const struct proc_opts *opts,
               struct err *err);
void proc_kill(struct proc *p, int signum); /* no effect once ended */
void proc_done(struct proc *p); /* frees; a running child is killed and reaped without a call */

/* Blocking twin for workers, helpers and tests: 0 and the exit, or -errno. out and error_out (may
 * be NULL) take as much as their maximum; more is dropped. deadline_ms 0: none. */
int proc_run(const struct proc_spec *spec, int64_t deadline_ms, struct buf *out,
             struct buf *error_out, struct proc_exit *ret_exit, struct err *err);
/* Starts a process that is not our child but init's (or our nearest subreaper's), which also
 * collects it. */
int proc_spawn(const struct proc_spec *spec, pid_t *ret_pid, int *ret_pidfd, struct err *err);

/* Runs fn in a child that shares memory and descriptors with the caller and nothing else
 * (namespaces, working directory, credentials), and waits: for a few raw system calls with another
 * view of the world. Blocking, brief, any thread. fn may not allocate, lock or log. 0 and what fn
 * returned, or -errno. */
int proc_call(int (*fn)(void *arg), void *arg, int *ret_result, struct err *err);

/* Identity of a process that survives the reuse of pids: its start time in clock ticks since boot,
 * from /proc/PID/stat. 0 and *ret; -ESRCH: no such process. */
int proc_start_time(pid_t pid, uint64_t *ret_ticks);
/* Opens a pidfd if the process is still the one meant; -ESRCH otherwise. */
int proc_open(pid_t pid, uint64_t start_ticks, int *ret_pidfd);
