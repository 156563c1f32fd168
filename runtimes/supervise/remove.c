/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>

#include "base/mem.h"
#include "calls.h"
#include "clean.h"
#include "stop.h"

static void cleaned(struct operation *o)
{
    if (o->err.code == 0)
        container_drop(o->c);
    operation_end(o, &o->err, NULL);
}

static void clean(struct operation *o)
{
    clean_start(o, cleaned);
}

static void run(struct operation *o)
{
    struct container *c = o->c;

    if (!c) {
        operation_end(o, NULL, NULL);
    } else if (c->record.made && !c->record.refused && !c->exited) {
        stop_kill(c);
        operation_wait_for_exit(o, clean); /* holding the container: nobody starts it meanwhile */
    } else {
        clean(o);
    }
}

struct rt_op *remove_call(struct rt_containers *cs, const char *id, const struct rt_call *call)
{
    struct rt_supervisor *s = calls_supervisor(cs);

    return &operation_new(s, call, calls_find(s, id), 0, run)->task.op;
}
