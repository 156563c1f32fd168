/* SPDX-License-Identifier: Apache-2.0 */
#include "doc.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>

#include "base/file.h"
#include "base/mem.h"
#include "base/str.h"
#include "digest.h"

static void finish(struct doc *d, const struct err *failed)
{
    struct err err = ERR_INIT;
    if (failed)
        err_copy(&err, failed);
    if (!err.code) {
        digest_of(d->wanted, d->data.data ? d->data.data : "", d->data.len, d->digest);
        if (d->wanted && !str_eq(d->wanted, d->digest))
            (void)err_set(&err, -EBADMSG, "unexpected digest %s, expected %s", d->digest,
                          d->wanted);
    }
    d->on_done(d, err.code ? &err : NULL);
}

static void on_get_done(struct registry_get *g, const struct err *err)
{
    struct doc *d = container_of(g, struct doc, get);
    if (!err) {
        struct buf *body = registry_get_body(g);
        buf_done(&d->data);
        d->data = *body;
        *body = (struct buf)BUF_INIT(0);
    }
    finish(d, err);
}

struct doc_read {
    struct worker_job job;
    struct doc *doc; /* NULL: nobody waits any more */
    int dir_fd;
    char *source;
    struct buf data;
    struct err err;
};

static void run_read(struct worker_job *job)
{
    struct doc_read *r = container_of(job, struct doc_read, job);
    AUTO(close) int fd = -1;
    if (path_open_beneath(r->dir_fd, r->source, O_RDONLY | O_NONBLOCK, 0, &fd, &r->err) < 0)
        return;
    for (;;) {
        char *room = buf_reserve(&r->data, 16384);
        ssize_t n = room ? read(fd, room, 16384) : -1;
        if (!room)
            (void)err_set(&r->err, -E2BIG, "%s is larger than %zu bytes", r->source,
                          r->data.max_bytes);
        else if (n < 0)
            (void)err_errno(&r->err, errno, "read %s", r->source);
        if (n <= 0)
            return;
        buf_commit(&r->data, (size_t)n);
    }
}

static void read_free(struct doc_read *r)
{
    (void)close(r->dir_fd);
    buf_done(&r->data);
    free(r->source);
    free(r);
}

static void read_done(struct worker_job *job)
{
    struct doc_read *r = container_of(job, struct doc_read, job);
    struct doc *d = r->doc;
    struct err err = r->err;
    if (d) {
        d->read = NULL;
        buf_done(&d->data);
        d->data = TAKE(r->data, (struct buf)BUF_INIT(0));
    }
    read_free(r);
    if (d)
        finish(d, err.code ? &err : NULL);
}

static int start_read(struct doc *d, const struct doc_opts *opts, struct err *err)
{
    int fd = fcntl(opts->dir_fd, F_DUPFD_CLOEXEC, 3);
    if (fd < 0)
        return err_errno(err, errno, "dup");
    struct doc_read *r = NEW(struct doc_read);
    r->doc = d;
    r->dir_fd = fd;
    r->source = xstrdup(opts->source);
    buf_init(&r->data, opts->max_bytes + 16384);
    d->read = r;
    worker_submit(opts->loop, WORKER_DISK, &r->job, run_read, read_done);
    return 0;
}

int doc_start(struct doc *d, const struct doc_opts *opts, doc_done_fn on_done, struct err *err)
{
    doc_done(d);
    *d = (struct doc){ .on_done = on_done,
                       .data = BUF_INIT(opts->max_bytes),
                       .wanted = xstrdup(opts->digest) };
    if (!opts->registry)
        return start_read(d, opts, err);
    registry_get_init(&d->get, opts->registry, NULL, on_get_done, opts->max_bytes);
    return registry_get_start(&d->get, opts->source, opts->accept, 0, err);
}

void doc_done(struct doc *d)
{
    registry_get_cancel(&d->get);
    if (d->read)
        d->read->doc = NULL;
    d->read = NULL;
    buf_done(&d->data);
    free(TAKE_PTR(d->wanted));
}
