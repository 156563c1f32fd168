/* SPDX-License-Identifier: Apache-2.0 */
#include "rt/query.h"

#include <stdlib.h>

#include "base/mem.h"

static void on_turn(struct rt_task *t)
{
    struct rt_query *q = container_of(t, struct rt_query, task);

    q->answer(q);
}

struct rt_op *rt_query_start(struct loop *loop, const struct rt_call *call, void *owner, const char *id,
                             rt_query_fn answer)
{
    struct rt_query *q = NEW(struct rt_query);

    q->owner = owner;
    q->id = xstrdup(id);
    q->answer = answer;
    (void)rt_task_init(&q->task, loop, call, 0);
    rt_task_later(&q->task, on_turn);
    return &q->task.op;
}

void rt_query_end(struct rt_query *q, const void *result)
{
    rt_task_report(&q->task, NULL, result);
    rt_task_done(&q->task);
    free(q->id);
    free(q);
}
