/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Makes a sandbox: the record, its parts (a worker), its network, the record again. A failure leaves nothing. What
 * a killed predecessor left under the same identity is cleaned away first.
 */
#include <errno.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>

#include "base/clock.h"
#include "base/effect.h"
#include "base/file.h"
#include "base/limits.h"
#include "base/mem.h"
#include "base/str.h"
#include "sandbox_config.h"
#include "sandbox_internal.h"

#define ID_BYTES 32

static void fail(struct sandbox_operation *o)
{
    (void)err_reason_default(&o->err, "FailedCreatePodSandBox");
    sandbox_operation_end(o, &o->err, NULL);
}

static void undone(struct sandbox_operation *o)
{
    if (o->err.code == 0)
        sandbox_drop(o->b); /* else it stays listed, for remove */
    err_copy(&o->err, &o->first_err);
    fail(o);
}

static void undo(struct sandbox_operation *o)
{
    err_copy(&o->first_err, &o->err);
    sandbox_end_remove(o, undone);
}

static void made(struct sandbox_operation *o)
{
    struct sandbox *b = o->b;

    b->record.made = true;
    if (sandbox_save(b, &o->err) < 0) {
        undo(o);
        return;
    }
    sandbox_watch_pause(b, false);
    sandbox_operation_end_with_view(o);
}

static void on_attached(void *user, const struct err *err, const void *result)
{
    struct sandbox_operation *o = user;
    const struct rt_strings *addresses = result;
    struct sandbox *b = o->b;
    const char **ips;

    if (err) {
        err_copy(&o->err, err);
        undo(o);
        return;
    }
    ips = arena_alloc(b->arena, (addresses->len + 1) * sizeof(*ips));
    for (size_t i = 0; ips && i < addresses->len; i++)
        ips[i] = arena_strdup(b->arena, addresses->items[i]);
    b->record.ips.items = ips;
    b->record.ips.len = ips ? addresses->len : 0;
    made(o);
}

static void attach(struct sandbox_operation *o)
{
    const struct sandbox *b = o->b;
    struct rt_call call = { .done = on_attached, .user = o };
    struct rt_network_pod pod = {
        .sandbox_id = b->record.id,
        .netns_path = b->net_path,
        .uid = b->record.uid,
        .name = b->record.name,
        .namespace_ = b->record.namespace_,
        .ports = o->config->ports,
        .ports_len = o->config->ports_len,
    };

    if (b->record.own_network && o->s->network)
        (void)rt_network_attach(o->s->network, &pod, &call);
    else
        made(o);
}

static void make_run(struct worker_job *job)
{
    struct sandbox_operation *o = container_of(job, struct sandbox_operation, job);

    (void)sandbox_make(o->b, o->config, &o->pause, &o->err);
}

static void make_done(struct worker_job *job)
{
    struct sandbox_operation *o = container_of(job, struct sandbox_operation, job);

    o->b->record.pause_pid = o->pause.pid;
    o->b->record.pause_start_ticks = o->pause.start_ticks;
    if (o->err.code == 0 && o->task.reported) /* do not go on with what nobody waits for */
        (void)err_set(&o->err, -ECANCELED, "cancelled");
    if (o->err.code == 0 && o->pause.pid > 0)
        (void)sandbox_save(o->b, &o->err);
    if (o->err.code < 0)
        undo(o);
    else
        attach(o);
}

static void make(struct sandbox_operation *o)
{
    effect("sandbox folder");
    if (mkdir(o->b->dir, 0711) < 0) {
        (void)err_errno(&o->err, errno, "make %s", o->b->dir);
        sandbox_drop(o->b);
        fail(o);
    } else if (sandbox_save(o->b, &o->err) < 0) {
        undo(o);
    } else {
        sandbox_operation_worker(o, make_run, make_done);
    }
}

/* ---- identity ---- */

static void remake(struct sandbox_operation *o)
{
    struct sandbox_record *r = &o->b->record;

    if (o->err.code < 0) {
        fail(o);
        return;
    }
    r->stopped = false;
    r->pause_pid = 0;
    r->ips.len = 0;
    r->boot_id = clock_boot_id();
    r->created_wall_ns = clock_wall_ns();
    make(o);
}

static void run(struct sandbox_operation *o)
{
    if (!o->b) {
        (void)err_set(&o->err, -EAGAIN, "the sandbox was removed meanwhile");
        fail(o);
    } else if (o->b->record.made) {
        sandbox_operation_end_with_view(o);
    } else if (path_exists(o->b->dir)) {
        sandbox_end_remove(o, remake);
    } else {
        make(o);
    }
}

/* Made for this operation alone, and nothing has been made of it. */
static void skip(struct sandbox_operation *o)
{
    if (!o->b->record.made && !path_exists(o->b->dir) && list_empty(&o->b->waiting))
        sandbox_drop(o->b);
}

static void run_refused(struct sandbox_operation *o)
{
    fail(o);
}

/* A name for the folder, the group and the network. */
static int new_id(struct arena *a, const char **ret, struct err *err)
{
    unsigned char random[ID_BYTES];
    char text[2 * ID_BYTES + 1];

    if (getrandom(random, sizeof(random), 0) != (ssize_t)sizeof(random))
        return err_errno(err, errno, "getrandom");
    str_hex(random, sizeof(random), text);
    *ret = arena_strdup(a, text);
    return *ret ? 0 : -E2BIG;
}

static int admit(struct sandboxes *s, const struct rt_sandbox_config *config, struct sandbox **ret, struct err *err)
{
    AUTO(free) char *identity = sandbox_identity(config->uid, config->attempt);
    AUTO(arena_unref) struct arena *arena = NULL;
    struct sandbox_record record = {
        .version = SANDBOX_RECORD_VERSION,
        .boot_id = clock_boot_id(),
        .created_wall_ns = clock_wall_ns(),
    };
    int r;

    *ret = map_get(&s->by_identity, identity);
    if (*ret)
        return 0;
    arena = arena_new(LIMIT_POD_MANIFEST_BYTES);
    r = new_id(arena, &record.id, err);
    if (r == 0)
        r = sandbox_config_describe(arena, config, &record);
    if (r == -E2BIG)
        return err_set(err, r, "the sandbox's configuration is larger than %llu bytes",
                       (unsigned long long)LIMIT_POD_MANIFEST_BYTES);
    if (r == 0)
        *ret = sandbox_new(s, TAKE_PTR(arena), &record);
    return r;
}

struct rt_op *sandbox_create_call(struct rt_sandboxes *h, const struct rt_sandbox_config *config,
                                  const struct rt_call *call)
{
    struct sandboxes *s = container_of(h, struct sandboxes, handle);
    struct arena *arena = arena_new(LIMIT_POD_MANIFEST_BYTES);
    struct rt_sandbox_config *copy = sandbox_config_copy(arena, config);
    struct err err = ERR_INIT;
    struct sandbox *b = NULL;
    struct sandbox_operation *o;
    int r = copy ? admit(s, config, &b, &err) : err_set(&err, -E2BIG, "the sandbox's configuration is too large");

    o = sandbox_operation_new(s, call, r < 0 ? NULL : b, r < 0 ? run_refused : run);
    o->skip = skip;
    err_copy(&o->err, &err);
    o->arena = arena;
    o->config = copy;
    return &o->task.op;
}
