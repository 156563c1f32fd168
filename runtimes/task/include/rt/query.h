/* SPDX-License-Identifier: Apache-2.0 */
/*
 * query.h - a call whose answer is known already: it is given in the next turn of the loop, never from within.
 */
#pragma once

#include "rt/task.h"

struct rt_query;
typedef void (*rt_query_fn)(struct rt_query *q);

struct rt_query {
    struct rt_task task; /* first */
    void *owner;         /* who knows the answer; borrowed */
    char *id;            /* what is asked about; NULL: all */
    rt_query_fn answer;
};

/* answer() calls rt_query_end() exactly once. Returns what the backend gives to its caller. */
struct rt_op *rt_query_start(struct loop *loop, const struct rt_call *call, void *owner, const char *id,
                             rt_query_fn answer);
void rt_query_end(struct rt_query *q, const void *result); /* borrowed during done(); frees q */
