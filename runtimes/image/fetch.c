/* SPDX-License-Identifier: Apache-2.0 */
#include "fetch.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>

#include "base/file.h"
#include "base/limits.h"
#include "base/mem.h"
#include "base/str.h"
#include "base/worker.h"

#define RETRY_FIRST_MS 100 /* doubles with each failure in a row */

static void finish(struct fetch *f, const struct err *err)
{
    f->running = false;
    f->on_done(f, err);
}

/* ---- from a registry ---- */

/* 206 goes on where we asked; 200 is the whole again; anything else in a 206 is not what we asked
 * for. */
static int check_range(struct fetch *f, struct err *err)
{
    unsigned long long first = 0;
    const char *range = registry_get_header(&f->get, "Content-Range");
    if (registry_get_status(&f->get) != 206) {
        f->skip_bytes = f->start_bytes;
        return 0;
    }
    f->skip_bytes = 0;
    if (!f->start_bytes || !range || sscanf(range, "bytes %llu-", &first) != 1 ||
        first != f->start_bytes)
        return err_set(err, -EPROTO, "%s: the registry sent a range that was not asked for",
                       f->opts.source);
    return 0;
}

static void give_up(struct fetch *f, const struct err *err)
{
    struct err copy = *err;
    registry_get_cancel(&f->get);
    finish(f, &copy);
}

static enum http_data on_data(struct registry_get *g, const void *data, size_t len)
{
    struct fetch *f = container_of(g, struct fetch, get);
    struct err err = ERR_INIT;
    if (f->skip_bytes == UINT64_MAX && check_range(f, &err) < 0) {
        give_up(f, &err);
        return HTTP_DATA_OK;
    }
    if (f->skip_bytes >= len) {
        f->skip_bytes -= len;
        return HTTP_DATA_OK;
    }
    if (!ingest_add(f->ingest, (const char *)data + f->skip_bytes, len - (size_t)f->skip_bytes))
        return HTTP_DATA_PAUSE;
    f->skip_bytes = 0;
    if (ingest_error(f->ingest)) {
        give_up(f, ingest_error(f->ingest));
        return HTTP_DATA_OK;
    }
    if (f->on_progress)
        f->on_progress(f, ingest_bytes(f->ingest));
    return HTTP_DATA_OK;
}

static bool worth_retrying(const struct err *err)
{
    static const int no_use[] = { ENOENT, EACCES, EPROTO, EINVAL, EKEYREJECTED, ELOOP, E2BIG };
    for (size_t i = 0; i < ARRAY_LEN(no_use); i++)
        if (err->code == -no_use[i])
            return false;
    return true;
}

static void retry_later(struct fetch *f, const struct err *err)
{
    if (ingest_bytes(f->ingest) > f->start_bytes)
        f->failures = 0;
    if (!worth_retrying(err) || ++f->failures > FETCH_RETRIES) {
        give_up(f, err);
        return;
    }
    loop_timer_start(&f->retry, (int64_t)RETRY_FIRST_MS << f->failures);
}

static void on_get_done(struct registry_get *g, const struct err *err)
{
    struct fetch *f = container_of(g, struct fetch, get);
    struct err cut = ERR_INIT;
    if (err) {
        retry_later(f, err);
        return;
    }
    if (f->opts.size_bytes > 0 && ingest_bytes(f->ingest) < (uint64_t)f->opts.size_bytes) {
        (void)err_set(&cut, -ECONNRESET, "%s: only %llu of %lld bytes came", f->opts.source,
                      (unsigned long long)ingest_bytes(f->ingest), (long long)f->opts.size_bytes);
        retry_later(f, &cut);
        return;
    }
    ingest_finish(f->ingest);
}

static void request(struct fetch *f)
{
    struct err err = ERR_INIT;
    f->start_bytes = ingest_bytes(f->ingest);
    f->skip_bytes = UINT64_MAX; /* not known before the head */
    if (registry_get_start(&f->get, f->opts.source, "*/*", f->start_bytes, &err) < 0)
        finish(f, &err);
}

static void on_retry(struct loop_timer *t)
{
    request(container_of(t, struct fetch, retry));
}

/* ---- from a directory ---- */

struct fetch_copy {      /* a reader on a worker, a chunk at a time */
    struct fetch *fetch; /* NULL: nobody waits any more */
    struct worker_job job;
    bool reading;
    int fd;
    struct err err;
    ssize_t len;
    char data[64 * KIB];
};

static void copy_free(struct fetch_copy *c)
{
    if (c->fd >= 0)
        (void)close(c->fd);
    free(c);
}

static void copy_run(struct worker_job *job)
{
    struct fetch_copy *c = container_of(job, struct fetch_copy, job);
    c->len = read(c->fd, c->data, sizeof(c->data));
    if (c->len < 0)
        (void)err_errno(&c->err, errno, "read");
}

static void copy_next(struct fetch_copy *c);

static void copy_done(struct worker_job *job)
{
    struct fetch_copy *c = container_of(job, struct fetch_copy, job);
    struct fetch *f = c->fetch;
    c->reading = false;
    if (!f) {
        copy_free(c);
        return;
    }
    if (c->err.code) {
        struct err err = c->err;
        (void)err_wrap(&err, "%s", f->opts.source);
        finish(f, &err);
        return;
    }
    if (c->len == 0) {
        ingest_finish(f->ingest);
        return;
    }
    if (ingest_add(f->ingest, c->data, (size_t)c->len)) {
        struct err err = ERR_INIT;
        if (ingest_error(f->ingest)) {
            err_copy(&err, ingest_error(f->ingest));
            finish(f, &err);
        } else {
            copy_next(c);
        }
    }
}

static void copy_next(struct fetch_copy *c)
{
    if (c->fetch->on_progress)
        c->fetch->on_progress(c->fetch, ingest_bytes(c->fetch->ingest));
    c->reading = true;
    worker_submit(c->fetch->opts.loop, WORKER_DISK, &c->job, copy_run, copy_done);
}

static int copy_start(struct fetch *f, struct err *err)
{
    int fd = -1;
    int rc = path_open_beneath(f->opts.dir_fd, f->opts.source, O_RDONLY | O_NONBLOCK, 0, &fd, err);
    if (rc < 0)
        return rc;
    f->copy = NEW(struct fetch_copy);
    f->copy->fetch = f;
    f->copy->fd = fd;
    copy_next(f->copy);
    return 0;
}

/* ---- both ---- */

static void on_room(void *user)
{
    struct fetch *f = user;
    if (f->opts.registry)
        registry_get_resume(&f->get);
    else if (f->copy && ingest_add(f->ingest, f->copy->data, (size_t)f->copy->len))
        copy_next(f->copy);
}

static void on_finish(void *user, const struct err *err)
{
    finish(user, err);
}

int fetch_start(struct fetch *f, const struct fetch_opts *opts, fetch_progress_fn on_progress,
                fetch_done_fn on_done, struct err *err)
{
    struct ingest_opts in = {
        .loop = opts->loop,
        .path = opts->path,
        .digest = opts->digest,
        .size_bytes = opts->size_bytes,
        .max_bytes = opts->max_bytes,
        .on_room = on_room,
        .on_finish = on_finish,
        .user = f,
    };
    *f = (struct fetch){ .opts = *opts, .on_progress = on_progress, .on_done = on_done };
    int rc = ingest_new(&in, &f->ingest, err);
    if (rc < 0)
        return rc;
    f->opts.source = xstrdup(opts->source);
    loop_timer_init(&f->retry, opts->loop, "image fetch retry", on_retry);
    if (opts->registry) {
        registry_get_init(&f->get, opts->registry, on_data, on_get_done, 0);
        f->skip_bytes = UINT64_MAX;
        rc = registry_get_start(&f->get, f->opts.source, "*/*", 0, err);
    } else {
        rc = copy_start(f, err);
    }
    f->running = rc == 0;
    if (rc < 0)
        fetch_cancel(f);
    return rc;
}

void fetch_cancel(struct fetch *f)
{
    if (f->retry.loop)
        loop_timer_stop(&f->retry);
    registry_get_cancel(&f->get);
    f->ingest = ingest_free(f->ingest);
    if (f->copy && f->copy->reading)
        f->copy->fetch = NULL;
    else if (f->copy)
        copy_free(f->copy);
    free((char *)(uintptr_t)f->opts.source);
    *f = (struct fetch){ .running = false };
}
