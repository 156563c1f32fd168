/* SPDX-License-Identifier: Apache-2.0 */
/* Events wait in a list for the end of the callback that caused them, so that nobody is called
 * re-entrantly. */
#include "fake_internal.h"

static void event_free(struct fake_event *e)
{
    list_remove(&e->node);
    free(e->sandbox_id);
    free(e->container_id);
    free(e);
}

void fake_event_push(struct rt_fake *f, enum rt_event_kind kind, const char *sandbox_id,
                     const char *container_id)
{
    if (f->faults.lose_events || !f->event_fn)
        return;
    struct fake_event *e = NEW(struct fake_event);
    e->kind = kind;
    e->sandbox_id = xstrdup(sandbox_id);
    e->container_id = xstrdup(container_id);
    list_push_back(&f->events, &e->node);
    loop_defer_start(&f->deliver);
}

void fake_event_deliver(struct loop_defer *d)
{
    struct rt_fake *f = container_of(d, struct rt_fake, deliver);
    while (!list_empty(&f->events)) {
        struct fake_event *e = list_first(&f->events, struct fake_event, node);
        struct rt_event event = { .kind = e->kind,
                                  .sandbox_id = e->sandbox_id,
                                  .container_id = e->container_id };
        list_remove(&e->node);
        if (f->event_fn)
            f->event_fn(f->event_user, &event);
        event_free(e);
    }
}

void fake_event_clear(struct rt_fake *f)
{
    struct fake_event *e;
    list_each (e, &f->events, struct fake_event, node)
        event_free(e);
    loop_defer_stop(&f->deliver);
}
