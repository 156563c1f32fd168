/* SPDX-License-Identifier: Apache-2.0 */
/*
 * cni_watch.h - the configuration in force: the first good file of a folder, in the order of names.
 *
 * The folder is watched (inotify), also before it exists: a configuration is often written long
 * after the node has started, by a pod. Reading happens on a worker, but for the first time.
 */
#pragma once

#include "base/loop.h"
#include "base/worker.h"
#include "cni_config.h"

/* What was found; immutable. */
struct cni_found {
    struct arena *arena; /* NULL: nothing */
    struct cni_config *config;
    char message[ERR_MSG_MAX]; /* "" or why there is none */
};

/* Blocking. Files are *.conflist, *.conf and *.json. */
void cni_find(const char *dir, struct cni_found *ret);

struct cni_watch;
typedef void (*cni_watch_fn)(struct cni_watch *w); /* what was found has changed */
struct cni_watch {
    struct loop *loop;
    char *dir;
    cni_watch_fn fn;
    struct cni_found found;
    int inotify_fd;
    struct loop_fd fd;
    struct loop_timer settle;
    struct worker_job job;
    struct cni_found next; /* the worker's */
    bool reading, again, stopped;
};

int cni_watch_start(struct cni_watch *w, struct loop *loop, const char *dir, cni_watch_fn fn,
                    struct err *err);
void cni_watch_stop(struct cni_watch *w); /* waits for a reading under way */
