/* SPDX-License-Identifier: Apache-2.0 */
/*
 * loop.h - the one event loop, on libuv, behind a header small enough for a simulator to replace.
 *
 * One thread owns the loop and all state. Sources are embedded in their owners and found again with
 * container_of(); a source that is stopped calls back no more, at once. No callback blocks; one
 * that runs longer than LIMIT_LOOP_CALLBACK_MS is reported through loop_on_slow().
 *
 * Callbacks may start, stop and free any source, also their own owner: loop-internal memory is
 * separate.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/cleanup.h"

struct loop;
struct err;

/* Also makes the process ignore SIGPIPE: a peer that is gone is an error of the write. */
int loop_new(struct loop **ret_loop, struct err *err);
struct loop *loop_free(struct loop *loop); /* all sources must be stopped */
DEFINE_CLEANUP(struct loop *, loop_free)
void loop_run(struct loop *loop);  /* until loop_stop() or until nothing is left to wait for */
void loop_stop(struct loop *loop); /* the current round is finished first */
/* One round: waits at most timeout_ms (-1: without end). For tests. Returns whether anything is
 * still active. */
bool loop_once(struct loop *loop, int timeout_ms);
typedef void (*loop_slow_fn)(const char *source_name, int64_t took_ms);
void loop_on_slow(struct loop *loop, loop_slow_fn fn);
void *loop_native(struct loop *loop); /* uv_loop_t *, for base/ alone */

/* A timer, one shot, never early. Starting a running timer moves it. It counts the time that the
 * machine is awake: what must hold across a suspend looks at clock_boot_ms() when it fires. */
struct loop_timer;
typedef void (*loop_timer_fn)(struct loop_timer *t);
struct loop_timer {
    struct loop *loop; /* NULL: never initialised */
    const char *name;  /* static, for logs */
    loop_timer_fn fn;
    void *impl; /* private; NULL: not running and nothing to release */
};
void loop_timer_init(struct loop_timer *t, struct loop *loop, const char *name, loop_timer_fn fn);
void loop_timer_start(struct loop_timer *t, int64_t delay_ms); /* < 0 counts as 0 */
void loop_timer_stop(struct loop_timer *t);                    /* also before freeing the owner */
bool loop_timer_running(const struct loop_timer *t);

/* Readiness of a file descriptor, level-triggered. The descriptor stays the caller's, its flags as
 * they are; stop before close. One source a descriptor (-EEXIST). An error or a hang-up is reported
 * as LOOP_HANGUP together with what of READ and WRITE is wanted: the next read or write tells. */
enum { LOOP_READ = 1, LOOP_WRITE = 2, LOOP_HANGUP = 4 };
struct loop_fd;
typedef void (*loop_fd_fn)(struct loop_fd *f, int events); /* one or more of the three */
struct loop_fd {
    struct loop *loop;
    const char *name;
    loop_fd_fn fn;
    void *impl;
    int fd;
};
void loop_fd_init(struct loop_fd *f, struct loop *loop, const char *name, loop_fd_fn fn);
/* Again: changes the events; no events: a pause. Returns 0 or -errno. */
int loop_fd_start(struct loop_fd *f, int fd, int events);
void loop_fd_stop(struct loop_fd *f);

/* Runs once, in this or the next round, after the callbacks that are due: breaks recursion.
 * Starting twice is once. */
struct loop_defer;
typedef void (*loop_defer_fn)(struct loop_defer *d);
struct loop_defer {
    struct loop *loop;
    const char *name;
    loop_defer_fn fn;
    void *impl;
};
void loop_defer_init(struct loop_defer *d, struct loop *loop, const char *name, loop_defer_fn fn);
void loop_defer_start(struct loop_defer *d);
void loop_defer_stop(struct loop_defer *d);

struct loop_signal;
typedef void (*loop_signal_fn)(struct loop_signal *s, int signum);
struct loop_signal {
    struct loop *loop;
    loop_signal_fn fn;
    void *impl;
};
int loop_signal_start(struct loop_signal *s, struct loop *loop, int signum, loop_signal_fn fn);
void loop_signal_stop(struct loop_signal *s);
