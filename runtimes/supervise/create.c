/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Makes a container: the record, the bundle (a worker), conmon with the runtime's create in it, the record again
 * with the pids. A failure before conmon is CreateContainerError and leaves nothing; what the runtime itself
 * refuses is kept for start to tell (see start.c). What a killed predecessor left under the same identity is
 * cleaned away first.
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>

#include "background.h"
#include "base/clock.h"
#include "base/effect.h"
#include "base/file.h"
#include "base/limits.h"
#include "base/mem.h"
#include "base/proc.h"
#include "base/str.h"
#include "calls.h"
#include "clean.h"
#include "config_copy.h"
#include "operation.h"
#include "signal_name.h"

#define ID_BYTES 32

static void fail(struct operation *o)
{
    (void)err_reason_default(&o->err, "CreateContainerError");
    operation_end(o, &o->err, NULL);
}

/* ---- undoing ---- */

static void undone(struct operation *o)
{
    struct err err;

    err_copy(&err, &o->bundle_err);
    if (o->err.code == 0)
        container_drop(o->c); /* else it stays listed, for remove */
    err_copy(&o->err, &err);
    fail(o);
}

static void undo(struct operation *o)
{
    err_copy(&o->bundle_err, &o->err);
    clean_start(o, undone);
}

/* ---- conmon ---- */

static void keep_result(struct container *c, const struct conmon_result *result)
{
    struct container_record *r = &c->record;

    r->made = true;
    if (result->pid < 0) {
        r->refused = arena_strdup(c->arena, result->message);
        if (!r->refused)
            r->refused = "the runtime refused it";
        return;
    }
    r->pid = result->pid;
    r->conmon_pid = result->conmon_pid;
    /* One that has ended already has no start time; the watch notices. */
    (void)proc_start_time((pid_t)r->pid, &r->pid_start_ticks);
    if (r->conmon_pid > 0)
        (void)proc_start_time((pid_t)r->conmon_pid, &r->conmon_start_ticks);
}

static void on_conmon(struct conmon_launch *l, const struct conmon_result *result, const struct err *err)
{
    struct operation *o = container_of(l, struct operation, conmon);
    struct container *c = o->c;

    if (err) {
        err_copy(&o->err, err);
        undo(o);
        return;
    }
    keep_result(c, result);
    if (container_save(c, &o->err) < 0) {
        undo(o);
        return;
    }
    if (!c->record.refused) {
        exits_watch_container(c, false);
        if (strv_len(o->s->conmon_moves) > 0 && c->record.conmon_pid > 0)
            background_move(o->s, o->s->conmon_moves, (pid_t)c->record.conmon_pid);
    }
    operation_end_with_view(o);
}

static void launch(struct operation *o)
{
    const struct rt_container_config *config = o->bundle.config;
    struct conmon_request req = {
        .id = o->c->record.id,
        .runtime = o->c->record.runtime,
        .mount_ns_fd = o->bundler->in_mount_ns ? o->s->mount_ns_fd : 0,
        .dir = o->c->dir,
        .log_path = o->c->record.log_path,
        .stdin_open = config->stdin_open,
        .stdin_once = config->stdin_once,
        .tty = config->tty,
    };

    if (conmon_launch_start(&o->conmon, o->s, &req, on_conmon, &o->err) < 0)
        undo(o);
}

/* ---- the bundle ---- */

static int make_log_dir(const char *log_path, struct err *err)
{
    AUTO(free) char *dir = xstrdup(log_path);
    char *slash = strrchr(dir, '/');

    if (!slash || slash == dir)
        return 0;
    *slash = '\0';
    effect("log folder");
    return path_mkdirs(dir, 0755, err);
}

static void make_run(struct worker_job *job)
{
    struct operation *o = container_of(job, struct operation, job);

    if (make_log_dir(o->c->record.log_path, &o->err) == 0)
        (void)o->bundler->make(&o->bundle, &o->err);
}

static void keep_user(struct container *c, const struct rt_user *user)
{
    struct container_user_record *r = user ? ARENA_NEW(c->arena, struct container_user_record) : NULL;
    int64_t *groups = r ? arena_alloc(c->arena, (user->groups_len + 1) * sizeof(*groups)) : NULL;

    if (!groups) /* it is only told */
        return;
    for (size_t i = 0; i < user->groups_len; i++)
        groups[i] = user->groups[i];
    *r = (struct container_user_record){ .uid = user->uid, .gid = user->gid, .groups = { groups, user->groups_len } };
    c->record.user = r;
}

static void make_done(struct worker_job *job)
{
    struct operation *o = container_of(job, struct operation, job);
    bool unwanted = o->task.reported; /* cancelled or too late: do not start what nobody waits for */

    keep_user(o->c, o->bundle.user);
    o->bundler->free(o->bundler->user, &o->bundle);
    if (o->err.code == 0 && unwanted)
        (void)err_set(&o->err, -ECANCELED, "cancelled");
    if (o->err.code < 0)
        undo(o);
    else
        launch(o);
}

static int choose_bundler(struct operation *o)
{
    const struct rt_supervisor *s = o->s;
    int r = RT_BUNDLE_NOT_MINE;

    for (size_t i = 0; r == RT_BUNDLE_NOT_MINE && i < s->bundlers_len; i++) {
        o->bundler = &s->bundlers[i];
        r = o->bundler->prepare(o->bundler->user, &o->bundle, &o->err);
    }
    if (r == 0 && o->bundler->runtime)
        o->c->record.runtime = arena_strdup(o->c->arena, o->bundler->runtime);
    return r;
}

/* In the API's spelling; a name that is none is none. */
static void keep_stop_signal(struct container *c, const char *name)
{
    char text[SIGNAL_NAME_BYTES];
    int signum;

    c->record.stop_signal = NULL;
    if (name && signal_name_parse(name, &signum) == 0 && signal_name_print(signum, text) == 0)
        c->record.stop_signal = arena_strdup(c->arena, text);
}

static int prepare(struct operation *o)
{
    struct container *c = o->c;
    struct rt_supervisor *s = o->s;
    const struct rt_sandbox_place *place = rt_sandboxes_place(s->sandboxes, c->record.sandbox_id);
    const char *target = o->bundle.config->security.target_container_id;
    const struct container *target_container = target ? calls_find(s, target) : NULL;
    int r;

    if (!place || place->state != RT_SANDBOX_READY)
        return err_set(&o->err, -ENOENT, "sandbox %s is not ready", c->record.sandbox_id);
    o->bundle.id = c->record.id;
    o->bundle.dir = c->dir;
    o->bundle.place = place;
    o->bundle.target_pid = target_container && !target_container->exited ? target_container->record.pid : 0;
    c->record.log_path = arena_printf(c->arena, "%s/%s", place->log_directory, o->bundle.config->log_path);
    c->record.cgroup_path = arena_printf(c->arena, "%s/%s", place->cgroup_parent, c->record.id);
    o->bundle.pid = o->bundle.config->security.pid == RT_NS_TARGET ? RT_NS_TARGET : place->pid;
    c->record.shares_pids = o->bundle.pid != RT_NS_CONTAINER;
    o->bundle.cgroup_path = arena_printf(c->arena, "%s%s", s->cgroup_prefix, str_or(c->record.cgroup_path, ""));
    if (!c->record.log_path || !c->record.cgroup_path || !o->bundle.cgroup_path)
        return err_set(&o->err, -E2BIG, "the container's configuration is too large");
    r = choose_bundler(o);
    o->bundle.place = NULL;
    if (r < 0)
        return r;
    keep_stop_signal(c, str_or(o->bundle.config->stop_signal, o->bundle.stop_signal));
    return 0;
}

/* The folder and the record come before anything else. */
static int record_first(struct operation *o)
{
    effect("bundle folder");
    if (mkdir(o->c->dir, 0700) < 0)
        return err_errno(&o->err, errno, "make %s", o->c->dir);
    return container_save(o->c, &o->err);
}

static void make_bundle(struct operation *o)
{
    if (record_first(o) < 0) {
        o->bundler->free(o->bundler->user, &o->bundle);
        undo(o);
        return;
    }
    operation_worker(o, WORKER_RUNTIME, make_run, make_done);
}

/* Nothing has been made yet. */
static void leave(struct operation *o)
{
    o->bundler->free(o->bundler->user, &o->bundle);
    container_drop(o->c);
    fail(o);
}

static void on_ready(struct rt_bundle *b, const struct err *err)
{
    struct operation *o = container_of(b, struct operation, bundle);

    o->task.early = NULL;
    if (!err) {
        make_bundle(o);
        return;
    }
    err_copy(&o->err, err);
    leave(o);
}

static void give_up(struct rt_task *t)
{
    struct operation *o = container_of(t, struct operation, task);

    t->early = NULL;
    o->bundler->unawait(o->bundler->user, &o->bundle);
    (void)err_set(&o->err, -ECANCELED, "cancelled");
    leave(o);
}

static void make(struct operation *o)
{
    if (prepare(o) < 0) {
        container_drop(o->c);
        fail(o);
    } else if (o->bundler->await) {
        o->task.early = give_up;
        o->bundler->await(o->bundler->user, &o->bundle, on_ready);
    } else {
        make_bundle(o);
    }
}

/* ---- identity ---- */

static int describe(struct arena *a, const struct rt_container_config *config, struct container_record *r);

static void remake(struct operation *o)
{
    if (o->err.code == 0 && describe(o->c->arena, o->bundle.config, &o->c->record) < 0)
        (void)err_set(&o->err, -E2BIG, "the container's configuration is too large");
    if (o->err.code < 0)
        fail(o);
    else
        make(o);
}

static void run(struct operation *o)
{
    struct container *c = o->c;

    if (!c) {
        (void)err_set(&o->err, -EAGAIN, "the container was removed meanwhile");
        fail(o);
    } else if (c->record.made) {
        operation_end_with_view(o);
    } else if (path_exists(c->dir)) {
        clean_start(o, remake);
    } else {
        make(o);
    }
}

/* Made for this operation alone, and nothing has been made of it. */
static void skip(struct operation *o)
{
    if (!o->c->record.made && !path_exists(o->c->dir) && list_empty(&o->c->waiting))
        container_drop(o->c);
}

static void run_refused(struct operation *o)
{
    fail(o); /* o->err says why */
}

static int new_id(char ret[2 * ID_BYTES + 1], struct err *err)
{
    unsigned char random[ID_BYTES];

    if (getrandom(random, sizeof(random), 0) != (ssize_t)sizeof(random))
        return err_errno(err, errno, "getrandom");
    str_hex(random, sizeof(random), ret);
    return 0;
}

/* The fields that come from the configuration, in the container's own arena. */
static int describe(struct arena *a, const struct rt_container_config *config, struct container_record *r)
{
    const struct rt_label *labels = config_copy_labels(a, config->labels.items, config->labels.len);
    const struct rt_label *annotations = config_copy_labels(a, config->annotations.items, config->annotations.len);

    r->sandbox_id = arena_strdup(a, config->sandbox_id);
    r->name = arena_strdup(a, config->name);
    r->attempt = config->attempt;
    r->image = arena_strdup(a, config->image);
    r->image_id = arena_strdup(a, config->image_id);
    r->labels = (struct json_map){ (const struct json_pair *)(const void *)labels, config->labels.len };
    r->annotations = (struct json_map){ (const struct json_pair *)(const void *)annotations, config->annotations.len };
    r->boot_id = clock_boot_id();
    r->created_wall_ns = clock_wall_ns();
    if (!r->sandbox_id || !r->name || (config->image && !r->image) || (config->image_id && !r->image_id) ||
        (config->labels.len > 0 && !labels) || (config->annotations.len > 0 && !annotations))
        return -E2BIG;
    return 0;
}

static int new_container(struct rt_supervisor *s, const struct rt_container_config *config, struct container **ret,
                         struct err *err)
{
    AUTO(arena_unref) struct arena *arena = arena_new(LIMIT_POD_MANIFEST_BYTES);
    struct container_record record = { .version = RECORD_VERSION };
    char id[2 * ID_BYTES + 1];
    int r = new_id(id, err);

    if (r < 0)
        return r;
    record.id = arena_strdup(arena, id);
    record.runtime = arena_strdup(arena, s->runtime);
    r = describe(arena, config, &record);
    if (r < 0)
        return err_set(err, r, "the container's configuration is too large");
    *ret = container_new(s, TAKE_PTR(arena), &record);
    return 0;
}

static int admit(struct rt_supervisor *s, const struct rt_container_config *config, struct container **ret,
                 struct err *err)
{
    AUTO(free) char *identity = container_identity(config->sandbox_id, config->name, config->attempt);

    *ret = map_get(&s->by_identity, identity);
    return *ret ? 0 : new_container(s, config, ret, err);
}

struct rt_op *create_call(struct rt_containers *cs, const struct rt_container_config *config,
                          const struct rt_call *call)
{
    struct rt_supervisor *s = calls_supervisor(cs);
    struct arena *arena = arena_new(2 * LIMIT_POD_MANIFEST_BYTES);
    const struct rt_container_config *copy = config_copy(arena, config);
    struct err err = ERR_INIT;
    struct container *c = NULL;
    struct operation *o;
    int r = copy ? admit(s, config, &c, &err)
                 : err_set(&err, -E2BIG, "the container's configuration is larger than %llu bytes",
                           (unsigned long long)(2 * LIMIT_POD_MANIFEST_BYTES));

    o = operation_new(s, call, r < 0 ? NULL : c, 0, r < 0 ? run_refused : run);
    o->skip = skip;
    err_copy(&o->err, &err);
    o->bundle.config = copy;
    o->bundle.arena = arena; /* operation_end() drops it */
    return &o->task.op;
}
