/* SPDX-License-Identifier: Apache-2.0 */
/*
 * wasm_state.h - what is remembered of a container between two commands: ROOT/ID/state.json, and a fifo.
 *
 * The folder is made before anything else, and goes last. The guest holds the only end of the fifo that reads: it waits
 * there for one byte, and closes it. So whether a container has been started needs no file of its own, which a kill
 * could leave in contradiction to the truth: who can open the fifo for writing and finds nothing in it has a container
 * before it that waits.
 */
#pragma once

#include <stdbool.h>
#include <sys/types.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/json.h"

#define STATE_VERSION 1
#define STATE_FIELDS(F)                                                                            \
    F(value, int64_t, version, "version", JSON_REQUIRED)                                           \
    F(value, const char *, id, "id", JSON_REQUIRED)                                                \
    F(value, const char *, bundle, "bundle", JSON_REQUIRED)                                        \
    F(value, int64_t, pid, "pid", 0) /* 0: there is none yet */                                    \
    F(value, uint64_t, start_ticks, "startTicks", 0)                                               \
    F(value, const char *, cgroup, "cgroup", 0) /* made here; NULL: the caller's */
JSON_STRUCT(wasm_state, STATE_FIELDS);

enum wasm_status { WASM_CREATING, WASM_CREATED, WASM_RUNNING, WASM_STOPPED };
const char *wasm_status_name(enum wasm_status status); /* "created", … Pure */

/* Makes ROOT/ID with its fifo, opened for the guest. -EEXIST: there is such a container. */
int wasm_state_new(const char *root, const char *id, int *ret_fifo_fd, struct err *err);
int wasm_state_write(const char *root, const struct wasm_state *s, struct err *err);
/* -ENOENT: no such container, or one that is only half made. */
int wasm_state_read(const char *root, const char *id, struct arena *arena, struct wasm_state *ret, struct err *err);
enum wasm_status wasm_state_status(const char *root, const struct wasm_state *s);
/* Lets it run. -ESRCH: it has ended. -EALREADY: it runs. */
int wasm_state_let_go(const char *root, const struct wasm_state *s, struct err *err);
/* -ESRCH: it has ended. */
int wasm_state_signal(const struct wasm_state *s, int signum, struct err *err);
bool wasm_state_wait(const struct wasm_state *s, int timeout_ms); /* blocks. Has it ended? */
int wasm_state_remove(const char *root, const char *id, struct err *err);
