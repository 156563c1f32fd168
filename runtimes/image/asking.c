/* SPDX-License-Identifier: Apache-2.0 */
/* What all operations have in common: they end once, on the loop, never from within their start,
 * and in time. */
#include <errno.h>

#include "base/mem.h"
#include "images.h"
#include "rt/image_ref.h"

static void on_defer(struct loop_defer *d)
{
    struct ask *a = container_of(d, struct ask, defer);
    a->later(a);
}

static void give_up(struct ask *a, int code, const char *why)
{
    struct err err = ERR_INIT;
    (void)err_set(&err, code, "%s", why);
    if (a->cancel)
        a->cancel(a);
    ask_fail_later(a, &err);
}

static void on_deadline(struct loop_timer *t)
{
    struct ask *a = container_of(t, struct ask, deadline);
    give_up(a, -ETIMEDOUT, "the deadline has passed");
}

static void on_cancel(struct rt_op *op)
{
    struct ask *a = container_of(op, struct ask, op);
    give_up(a, -ECANCELED, "cancelled");
}

struct ask *ask_new(struct images *images, const struct rt_call *call, const char *text)
{
    struct ask *a = NEW(struct ask);
    a->op.cancel = on_cancel;
    a->images = images;
    a->call = *call;
    a->text = xstrdup(text);
    list_init(&a->member);
    list_push_back(&images->asks, &a->node);
    loop_defer_init(&a->defer, images->loop, "image operation", on_defer);
    loop_timer_init(&a->deadline, images->loop, "image deadline", on_deadline);
    if (call->deadline_ms > 0)
        loop_timer_start(&a->deadline, call->deadline_ms);
    return a;
}

void ask_later(struct ask *a, void (*fn)(struct ask *a))
{
    a->later = fn;
    loop_defer_start(&a->defer);
}

static void fail(struct ask *a)
{
    struct err err = a->err;
    ask_end(a, &err, NULL);
}

void ask_fail_later(struct ask *a, const struct err *err)
{
    if (!a->err.code)
        err_copy(&a->err, err);
    ask_later(a, fail);
}

bool ask_refused(struct ask *a)
{
    struct err err = ERR_INIT;
    if (!a->images->read_only)
        return false;
    (void)err_set(&err, -EROFS, "the image store is opened for reading only");
    ask_fail_later(a, &err);
    return true;
}

bool ask_refused_file(struct ask *a)
{
    struct err err = ERR_INIT;
    if (a->images->local_modules || !rt_image_ref_local(a->text))
        return false;
    (void)err_set_reason(&err, -EPERM, "InvalidImageName",
                         "\"%s\" names a file of the node: wasm.localModules "
                         "(--wasm-local-modules) does not allow that here",
                         a->text);
    ask_fail_later(a, &err);
    return true;
}

void ask_end(struct ask *a, const struct err *err, const void *result)
{
    struct rt_call call = a->call;
    loop_defer_stop(&a->defer);
    loop_timer_stop(&a->deadline);
    list_remove(&a->node);
    list_remove(&a->member);
    free(a->text);
    free(a);
    call.done(call.user, err, result);
}
