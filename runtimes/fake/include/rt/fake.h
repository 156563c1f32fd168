/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fake.h - a runtime in memory: the whole contract of rt/runtime.h without a process, a file or a
 * mount.
 *
 * All waiting is a loop timer and all time comes from base/clock.h, so that under a simulator's
 * loop and clock it runs in virtual time. Nothing is random: a behaviour is scripted for an image,
 * or for one container of one pod, and the same script gives the same run.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/cleanup.h"
#include "base/err.h"
#include "rt/runtime.h"

struct loop;
struct rt_fake;

/* What an image does when it is pulled and run. All zero: pulled at once, runs until stopped, ends
 * on SIGTERM at once with 143 (a program without a handler). */
struct rt_fake_script {
    /* pull */
    bool present;             /* on the node without a pull */
    int64_t pull_ms;          /* how long a pull takes */
    int pull_failures;        /* this many pulls fail before one succeeds; -1: all */
    const char *pull_reason;  /* "ErrImagePull", …; NULL: that */
    const char *pull_message; /* NULL: "not found" */
    uint64_t size_bytes;      /* 0: 1 MiB */
    bool has_uid;
    int64_t uid;
    const char *username;
    const char *artifact_type;
    /* create and start */
    int64_t create_ms, start_ms;
    int create_failures, start_failures; /* as pull_failures */
    const char *failure_message;         /* of create and start; NULL: "scripted failure" */
    /* run */
    bool exits; /* ends on its own after run_ms */
    int64_t run_ms;
    int exit_code;
    bool oom;               /* ends by the kernel's out-of-memory killer: 137, OOMKilled */
    int runs_before_steady; /* exits (or oom) holds for the first n runs, later ones run on; 0: for
                               all */
    bool ignores_stop;      /* only SIGKILL ends it */
    int64_t stop_ms;        /* time from the stop signal to the end */
    int stop_exit_code;     /* 0 as given, with exits_zero_on_stop; else 0 means 143 */
    bool exits_zero_on_stop;
    struct rt_container_stats stats; /* what stats() tells while it runs */
    /* exec */
    int64_t exec_ms; /* how long a command runs */
    int exec_exit_code;
    const char *exec_output; /* on its stdout; at most 4096 bytes; NULL: nothing */
};

int rt_fake_new(struct loop *loop, struct rt_fake **ret, struct err *err); /* caller owns */
struct rt_fake *rt_fake_free(struct rt_fake *f); /* ends all operations without done(). NULL */
DEFINE_CLEANUP(struct rt_fake *, rt_fake_free)
struct rt_runtime *
rt_fake_runtime(struct rt_fake *f); /* borrowed until rt_fake_free(); its free() does nothing */

/* Strings are copied. Images without a script do not exist: a pull fails with ErrImagePull, "not
 * found". */
void rt_fake_script(struct rt_fake *f, const char *image, const struct rt_fake_script *script);
/* For one container only: run, create and start parts; wins over the image's. name:
 * "namespace/pod/container". */
void rt_fake_script_container(struct rt_fake *f, const char *name,
                              const struct rt_fake_script *script);

/* Faults of the node, in effect until changed. */
struct rt_fake_faults {
    int64_t latency_ms;   /* between the effect of an operation and its done() */
    bool hangs;           /* operations never end but by deadline or cancel */
    int sandbox_failures; /* this many sandbox creations fail; -1: all */
    const char *sandbox_message;
    bool lose_events;         /* no event is pushed */
    const char *runtime_down; /* not NULL: health says so, every operation fails with it */
    const char *network_down; /* not NULL: health says so, creation of a sandbox with a network of
                                 its own fails */
};
void rt_fake_faults(struct rt_fake *f, const struct rt_fake_faults *faults);

/* Things that happen by themselves. -ENOENT: no such container or sandbox. */
int rt_fake_exit(struct rt_fake *f, const char *container_id, int exit_code, bool oom);
int rt_fake_lose_supervisor(struct rt_fake *f,
                            const char *container_id); /* state UNKNOWN, event SUPERVISOR_LOST */
int rt_fake_break_sandbox(struct rt_fake *f,
                          const char *sandbox_id); /* NOTREADY, its containers end with 137 */
/* The machine restarts: containers end with 255 and no event, sandboxes are NOTREADY, operations
 * are dropped. */
void rt_fake_reboot(struct rt_fake *f);
/* The agent is killed: operations under way are dropped without done(), events go nowhere until
 * set_events(). What runs, runs on. An operation takes effect first and is reported
 * faults.latency_ms later: a drop in between leaves the effect, as a real kill would. */
void rt_fake_agent_restart(struct rt_fake *f);

/* What was asked for, in order, for tests: "pull busybox", "sandbox.create default/web#0", "start
 * web/app#0" … Borrowed; NULL past the end. After 100,000 lines nothing more is noted until it is
 * cleared. */
const char *rt_fake_journal(const struct rt_fake *f, size_t i);
void rt_fake_journal_clear(struct rt_fake *f);
struct rt_fake_counts {
    size_t sandboxes, containers, running, images, operations;
    size_t ran_twice; /* starts of a container while one of the same sandbox and name ran: must stay
                         0 */
};
struct rt_fake_counts rt_fake_counts(const struct rt_fake *f);
/* Sandboxes and containers of one pod; with running_only its running containers alone. */
size_t rt_fake_count_pod(const struct rt_fake *f, const char *uid, bool running_only);
