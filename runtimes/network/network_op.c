/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Operations: one per sandbox at a time, in the order they came. Attaching is
 *
 *   recorded as attached?  → its addresses, nothing to do
 *   recorded, unfinished?  → detach first
 *   attach; on failure     → detach, then report why
 */
#include <errno.h>

#include "base/limits.h"
#include "base/mem.h"
#include "base/str.h"
#include "network_internal.h"

enum { BOUND_MS = 120000 };

struct net_op *net_op_new(struct rt_network *n, enum net_op_kind kind, const char *sandbox_id,
                          const struct rt_call *call)
{
    struct net_op *op = NEW(struct net_op);
    op->n = n;
    op->kind = kind;
    op->arena = arena_new(4 * LIMIT_NETWORK_RECORD_BYTES);
    op->sandbox_id = arena_strdup(op->arena, sandbox_id);
    (void)rt_task_init(&op->task, n->loop, call, BOUND_MS);
    list_push_back(&n->ops, &op->node);
    return op;
}

static bool must_wait(const struct net_op *op)
{
    for (const struct list *l = op->n->ops.next; l != &op->node; l = l->next) {
        const struct net_op *before = list_entry(l, struct net_op, node);
        if (str_eq(before->sandbox_id, op->sandbox_id))
            return true;
    }
    return false;
}

static void run(struct rt_task *t);

static void start_those_that_waited(struct rt_network *n)
{
    struct net_op *op;
    list_each (op, &n->ops, struct net_op, node) {
        if (!op->started && !must_wait(op)) {
            op->started = true;
            rt_task_later(&op->task, run);
        }
    }
}

struct rt_op *net_op_start(struct net_op *op)
{
    start_those_that_waited(op->n);
    return &op->task.op;
}

void net_op_finish(struct net_op *op, const struct err *err, const void *result)
{
    struct rt_network *n = op->n;
    list_remove(&op->node);
    start_those_that_waited(n);
    rt_task_report(&op->task, err, result);
    rt_task_done(&op->task);
    arena_unref(op->arena);
    free(op);
}

static void report_addresses(struct net_op *op)
{
    const struct network_record *r = network_record_get(op->n->records, op->sandbox_id);
    struct rt_strings ips = { r->addresses.items, r->addresses.len };
    net_op_finish(op, NULL, &ips);
}

static void taken_back(struct net_op *op, const struct err *err)
{
    (void)err; /* its record stays: the next detach or sweep tries again. Why attaching failed says
                  more. */
    net_op_finish(op, &op->err, NULL);
}

static void fail(struct net_op *op, const struct err *err)
{
    err_copy(&op->err, err);
    const struct network_record *r = network_record_get(op->n->records, op->sandbox_id);
    if (r)
        network_mode_named(r->mode)->detach(op, taken_back);
    else
        net_op_finish(op, &op->err, NULL);
}

static void attached(struct net_op *op, const struct err *err)
{
    if (err)
        fail(op, err);
    else
        report_addresses(op);
}

static void remains_gone(struct net_op *op, const struct err *err)
{
    if (err)
        net_op_finish(op, err, NULL);
    else
        op->n->mode->attach(op, attached);
}

static void attach(struct net_op *op)
{
    const struct network_record *r = network_record_get(op->n->records, op->sandbox_id);
    struct err err = ERR_INIT;
    if (r && r->attached)
        report_addresses(op);
    else if (op->n->mode->check(op->n, &op->want, &err) < 0)
        net_op_finish(op, &err, NULL);
    else if (r)
        network_mode_named(r->mode)->detach(op, remains_gone);
    else
        op->n->mode->attach(op, attached);
}

static void detached(struct net_op *op, const struct err *err)
{
    net_op_finish(op, err, NULL);
}

static void detach(struct net_op *op)
{
    const struct network_record *r = network_record_get(op->n->records, op->sandbox_id);
    if (r)
        network_mode_named(r->mode)->detach(op, detached);
    else
        net_op_finish(op, NULL, NULL);
}

static void run(struct rt_task *t)
{
    static void (*const kinds[])(struct net_op *) = {
        [NET_ATTACH] = attach, [NET_DETACH] = detach, [NET_SWEEP] = net_sweep_run
    };
    struct net_op *op = container_of(t, struct net_op, task);
    kinds[op->kind](op);
}
