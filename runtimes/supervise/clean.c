/* SPDX-License-Identifier: Apache-2.0 */
/*
 * First a conmon that a killed agent had just started (found by its command line, which names the bundle). Then,
 * side by side, what the runtime keeps (its delete) and what the bundler made (a worker). Last the record, the exit
 * file and the rest of the bundle.
 */
#include "clean.h"

#include <errno.h>
#include <stdio.h>
#include <unistd.h>

#include "base/effect.h"
#include "base/file.h"
#include "base/limits.h"
#include "base/mem.h"
#include "rt/stray.h"

static int unmake(struct rt_supervisor *s, const char *id, const char *dir, struct err *err)
{
    int r = 0;

    effect("unmake bundle");
    for (size_t i = 0; r == 0 && i < s->bundlers_len; i++) /* whose it was is not written down: nothing there is fine */
        r = s->bundlers[i].unmake(s->bundlers[i].user, id, dir, err);
    return r;
}

static int remove_file(const char *dir, const char *name, struct err *err)
{
    char path[LIMIT_PATH_BYTES];

    (void)snprintf(path, sizeof(path), "%s/%s", dir, name);
    if (unlink(path) < 0 && errno != ENOENT)
        return err_errno(err, errno, "remove %s", path);
    return 0;
}

/* The record goes before the exit file: a successor that found it alone would take the end for one unseen. */
static int remove_files(struct rt_supervisor *s, const char *id, const char *dir, struct err *err)
{
    char path[LIMIT_PATH_BYTES];
    int r;

    effect("remove container record");
    r = remove_file(dir, "record.json", err);
    if (r < 0)
        return r;
    effect("remove exit file");
    r = remove_file(s->exits_dir, id, err);
    if (r < 0)
        return r;
    (void)snprintf(path, sizeof(path), "%s/%s", s->state_dir, id);
    effect("remove runtime state");
    r = path_remove_tree(path, err); /* of what the runtime left behind */
    if (r < 0)
        return r;
    effect("remove bundle");
    return path_remove_tree(dir, err);
}

int clean_remains(struct rt_supervisor *s, const char *id, struct err *err)
{
    AUTO(free) char *dir = xasprintf("%s/%s", s->containers_dir, id);
    int r = unmake(s, id, dir, err);

    return r < 0 ? r : remove_files(s, id, dir, err);
}

/* ---- last ---- */

static void files_run(struct worker_job *job)
{
    struct operation *o = container_of(job, struct operation, job);

    if (remove_files(o->s, o->c->record.id, o->c->dir, &o->err) < 0)
        (void)err_wrap(&o->err, "remove container %s", o->c->record.id);
}

static void files_done(struct worker_job *job)
{
    struct operation *o = container_of(job, struct operation, job);

    o->next(o);
}

static void one_of_both_done(struct operation *o)
{
    if (--o->pending > 0)
        return;
    if (o->err.code == 0 && o->command_err.code < 0)
        err_copy(&o->err, &o->command_err);
    if (o->err.code < 0)
        o->next(o);
    else
        operation_worker(o, WORKER_RUNTIME, files_run, files_done);
}

/* ---- side by side ---- */

static void on_deleted(struct runtime_command *command, const struct err *err)
{
    struct operation *o = container_of(command, struct operation, command);

    /* The runtime fails on a half-made state that has nothing behind it, whose folder goes with the rest. But what
     * it did not come round to (processes, groups) must not be forgotten. */
    if (err && err->code == -ETIMEDOUT)
        err_copy(&o->command_err, err);
    one_of_both_done(o);
}

static void delete_state(struct operation *o)
{
    const char *args[] = { "--force", o->c->record.id, NULL };
    char path[LIMIT_PATH_BYTES];

    (void)snprintf(path, sizeof(path), "%s/%s", o->s->state_dir, o->c->record.id);
    if (!path_exists(path) || supervisor_bundler(o->s, o->c->record.runtime)->leaves_files_only)
        return;
    if (runtime_command_start(&o->command, o->s, o->c->record.runtime, "delete", args, on_deleted,
                              &o->command_err) == 0)
        o->pending++;
}

static void unmake_run(struct worker_job *job)
{
    struct operation *o = container_of(job, struct operation, job);

    if (unmake(o->s, o->c->record.id, o->c->dir, &o->err) < 0)
        (void)err_wrap(&o->err, "remove container %s", o->c->record.id);
}

static void unmake_done(struct worker_job *job)
{
    one_of_both_done(container_of(job, struct operation, job));
}

static void take_apart(struct operation *o)
{
    o->pending = 1;
    delete_state(o);
    operation_worker(o, WORKER_DISK, unmake_run, unmake_done);
}

/* ---- first ---- */

static void strays_run(struct worker_job *job)
{
    struct operation *o = container_of(job, struct operation, job);

    rt_stray_kill(o->c->dir);
}

static void strays_done(struct worker_job *job)
{
    take_apart(container_of(job, struct operation, job));
}

void clean_start(struct operation *o, operation_fn next)
{
    o->next = next;
    err_clear(&o->err);
    err_clear(&o->command_err);
    if (o->c->record.made)
        take_apart(o);
    else
        operation_worker(o, WORKER_RUNTIME, strays_run, strays_done);
}
