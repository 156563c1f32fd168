/* SPDX-License-Identifier: Apache-2.0 */
#include "decide/action.h"

#include "base/mem.h"

const char *act_name(enum pod_act act)
{
    static const char *const names[ACT_NR] = {
        [ACT_NONE] = "none",
        [ACT_IMAGE_CHECK] = "image.check",
        [ACT_IMAGE_PULL] = "image.pull",
        [ACT_CONTAINER_CREATE] = "container.create",
        [ACT_CONTAINER_START] = "container.start",
        [ACT_CONTAINER_STOP] = "container.stop",
        [ACT_CONTAINER_REMOVE] = "container.remove",
        [ACT_SANDBOX_CREATE] = "sandbox.create",
        [ACT_SANDBOX_STOP] = "sandbox.stop",
        [ACT_SANDBOX_REMOVE] = "sandbox.remove",
        [ACT_VOLUMES_PREPARE] = "volumes.prepare",
        [ACT_VOLUMES_TEARDOWN] = "volumes.teardown",
        [ACT_REMAINS_REMOVE] = "remains.remove",
        [ACT_API_DELETE] = "api.delete",
        [ACT_FORGET] = "forget",
    };
    return names[act];
}

void pod_events_add(struct pod_events *e, const char *container, const char *kind_list,
                    enum word word, ...)
{
    if (!e)
        return;
    va_list ap;
    va_start(ap, word);
    const char *message = word_vmessage(word, e->arena, ap);
    va_end(ap);
    e->items = xgrow(e->items, &e->cap, e->len + 1, sizeof(*e->items));
    e->items[e->len++] = (struct pod_event){
        .word = word,
        .container = container,
        .kind_list = kind_list,
        .message = message ? message : word_text(word)->format,
    };
}

void pod_events_done(struct pod_events *e)
{
    free(e->items);
    *e = (struct pod_events){ .arena = e->arena };
}
