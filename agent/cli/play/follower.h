/* SPDX-License-Identifier: Apache-2.0 */
/*
 * follower.h - the log of one run of one container, on its way to the console.
 */
#pragma once

#include <stdbool.h>

#include "base/list.h"
#include "console.h"

struct loop;
struct pods;
struct follower;

struct follower {
    struct list node; /* the owner's */
    char *id;         /* the runtime's, of this run */
    char *namespace_, *pod, *container;
    bool ended;
    struct console_prefix prefix;
    /* private */
    struct loop *loop;
    struct pods *pods;
    struct log_stream *stream;
    void (*on_end)(void *user);
    void *user;
};

/* NULL: the log cannot be opened (yet). on_end: once, when all has been shown; may free the follower. */
struct follower *follower_new(struct loop *loop, struct pods *pods, const char *namespace_, const char *pod,
                              const char *container, const char *id, unsigned number, void (*on_end)(void *user),
                              void *user);
struct follower *follower_free(struct follower *f); /* NULL */
void follower_wake(struct follower *f);             /* its container's state has changed */
