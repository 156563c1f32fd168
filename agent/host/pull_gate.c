/* SPDX-License-Identifier: Apache-2.0 */
/*
 * pull_gate.c - a queue in front of pulls.
 *
 * The order of asking is kept. A pull that waits can be cancelled; one that has begun is handed on to the store, with
 * this gate told of its end so that the next may begin.
 */
#include "pull_gate.h"

#include <errno.h>
#include <stdlib.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/limits.h"
#include "base/list.h"
#include "base/loop.h"
#include "base/mem.h"
#include "k8s/rate_limit.h"
#include "rt/op.h"

struct pull_gate {
    struct rt_images images;
    struct rt_images *inner;
    struct loop *loop;
    int64_t parallel_max, running;
    struct rate_limit rate;
    struct list waiting, begun;
    struct loop_timer next;
    void (*pulled)(void *user);
    void *pulled_user;
};

struct gated {
    struct rt_op op;
    struct list node;
    struct pull_gate *gate;
    struct arena *arena;
    struct rt_pull_request request; /* copied: it may wait long */
    struct rt_call call;
    struct rt_op *inner; /* NULL: waits */
    bool cancelled;
    bool too_large; /* to be kept while it waits */
};

static struct gated *gated_free(struct gated *g)
{
    list_remove(&g->node);
    arena_unref(g->arena);
    free(g);
    return NULL;
}

static void finish(struct gated *g, const struct err *err, const void *result)
{
    const struct rt_call call = g->call;

    gated_free(g);
    call.done(call.user, err, result);
}

static void on_pulled(void *user, const struct err *err, const void *result)
{
    struct gated *g = user;
    struct pull_gate *gate = g->gate;

    gate->running--;
    loop_timer_start(&gate->next, 0);
    if (!err && gate->pulled)
        gate->pulled(gate->pulled_user);
    finish(g, err, result);
}

static void on_progress(void *user, const struct rt_pull_progress *p)
{
    struct gated *g = user;
    g->request.progress(g->call.user, p);
}

static void begin(struct gated *g)
{
    struct pull_gate *gate = g->gate;
    struct rt_pull_request request = g->request;
    const struct rt_call call = { .deadline_ms = g->call.deadline_ms, .done = on_pulled, .user = g };

    if (request.progress)
        request.progress = on_progress;
    gate->running++;
    list_remove(&g->node);
    list_push_back(&gate->begun, &g->node);
    g->inner = gate->inner->ops->pull(gate->inner, &request, &call);
}

/* What never begins is answered here: never from within pull() or rt_op_cancel(). */
static void turn_away(struct gated *g)
{
    struct err err = ERR_INIT;

    if (g->cancelled)
        err_set(&err, -ECANCELED, "cancelled");
    else if (g->too_large)
        err_set_reason(&err, -E2BIG, "ErrImagePull", "name and credentials are larger than %llu bytes",
                       (unsigned long long)LIMIT_K8S_OBJECT_BYTES);
    if (err.code)
        finish(g, &err, NULL);
}

/* All that may begin now. */
static void on_next(struct loop_timer *t)
{
    struct pull_gate *gate = container_of(t, struct pull_gate, next);
    struct gated *g;

    list_each(g, &gate->waiting, struct gated, node)
        turn_away(g);
    while ((g = list_first(&gate->waiting, struct gated, node)) != NULL &&
           (!gate->parallel_max || gate->running < gate->parallel_max)) {
        if (!rate_limit_try(&gate->rate, clock_boot_ms())) {
            loop_timer_start(&gate->next, 1000 / gate->rate.per_second + 1);
            return;
        }
        begin(g);
    }
}

static void cancel(struct rt_op *op)
{
    struct gated *g = container_of(op, struct gated, op);

    g->cancelled = true;
    if (g->inner)
        rt_op_cancel(g->inner);
    else
        loop_timer_start(&g->gate->next, 0);
}

static bool is_whole(const struct rt_auth *copy, const struct rt_auth *from)
{
    return !copy->username == !from->username && !copy->password == !from->password &&
           !copy->identity_token == !from->identity_token && !copy->registry_token == !from->registry_token;
}

static bool copy_auths(struct gated *g, const struct rt_auths *auths)
{
    struct rt_auth *items = arena_alloc(g->arena, (auths->len + 1) * sizeof(*items));

    for (size_t i = 0; items && i < auths->len; i++)
        items[i] = (struct rt_auth){ .username = arena_strdup(g->arena, auths->items[i].username),
                                     .password = arena_strdup(g->arena, auths->items[i].password),
                                     .identity_token = arena_strdup(g->arena, auths->items[i].identity_token),
                                     .registry_token = arena_strdup(g->arena, auths->items[i].registry_token) };
    g->request.auths = (struct rt_auths){ .items = items, .len = items ? auths->len : 0 };
    for (size_t i = 0; i < g->request.auths.len; i++)
        if (!is_whole(&items[i], &auths->items[i]))
            return false;
    return items != NULL;
}

static struct rt_op *pull(struct rt_images *images, const struct rt_pull_request *request, const struct rt_call *call)
{
    struct pull_gate *gate = container_of(images, struct pull_gate, images);
    struct gated *g = NEW(struct gated);

    *g = (struct gated){ .op = { .cancel = cancel }, .gate = gate, .arena = arena_new(LIMIT_K8S_OBJECT_BYTES),
                         .request = *request, .call = *call };
    g->request.image = arena_strdup(g->arena, request->image);
    if (!g->request.image || !copy_auths(g, &request->auths))
        g->too_large = true; /* larger than any API object */
    list_push_back(&gate->waiting, &g->node);
    loop_timer_start(&gate->next, 0);
    return &g->op;
}

static struct rt_op *status(struct rt_images *images, const char *image, const struct rt_call *call)
{
    struct rt_images *inner = container_of(images, struct pull_gate, images)->inner;
    return inner->ops->status(inner, image, call);
}

static struct rt_op *list_all(struct rt_images *images, const struct rt_call *call)
{
    struct rt_images *inner = container_of(images, struct pull_gate, images)->inner;
    return inner->ops->list(inner, call);
}

static struct rt_op *remove_image(struct rt_images *images, const char *image, const struct rt_call *call)
{
    struct rt_images *inner = container_of(images, struct pull_gate, images)->inner;
    return inner->ops->remove(inner, image, call);
}

static const struct rt_images_ops ops = {
    .name = "pull-gate", .pull = pull, .status = status, .list = list_all, .remove = remove_image,
};

struct pull_gate *pull_gate_new(struct loop *loop, const struct pull_gate_opts *opts)
{
    struct pull_gate *g = NEW(struct pull_gate);

    *g = (struct pull_gate){ .images = { .ops = &ops }, .inner = opts->images, .loop = loop,
                             .parallel_max = opts->parallel_max };
    rate_limit_init(&g->rate, opts->per_second, opts->burst, clock_boot_ms());
    list_init(&g->waiting);
    list_init(&g->begun);
    loop_timer_init(&g->next, loop, "pull.gate", on_next);
    return g;
}

struct pull_gate *pull_gate_free(struct pull_gate *g)
{
    struct gated *one;
    struct err err = ERR_INIT;

    if (!g)
        return NULL;
    err_set(&err, -ECANCELED, "cancelled");
    while ((one = list_first(&g->waiting, struct gated, node)) != NULL)
        finish(one, &err, NULL);
    loop_timer_stop(&g->next);
    free(g);
    return NULL;
}

struct rt_images *pull_gate_images(struct pull_gate *g)
{
    return &g->images;
}

void pull_gate_on_pulled(struct pull_gate *g, void (*fn)(void *user), void *user)
{
    g->pulled = fn;
    g->pulled_user = user;
}
