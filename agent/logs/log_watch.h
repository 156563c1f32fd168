/* SPDX-License-Identifier: Apache-2.0 */
/*
 * log_watch.h - one inotify instance for all who follow logs. Private to logs/.
 *
 * The kernel gives a user 128 instances by default, all its programs together: one for each follower would run out
 * where it is needed most. So there is one for each loop, made for the first watch and gone with the last.
 */
#pragma once

#include "base/list.h"
#include "base/loop.h"

struct err;
struct log_watcher;

/* Calls fn when a file in the folder has grown, or has come there. Embedded; all zero: not started. */
struct log_watch;
typedef void (*log_watch_fn)(struct log_watch *w);
struct log_watch {
    log_watch_fn fn; /* may stop and free any watch */
    struct log_watcher *watcher;
    struct list node;
    int wd;
    bool touched; /* to be told in this round */
};

int log_watch_start(struct log_watch *w, struct loop *loop, const char *folder, log_watch_fn fn, struct err *err);
void log_watch_stop(struct log_watch *w); /* also when not started */
