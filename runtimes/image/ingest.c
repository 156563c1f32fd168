/* SPDX-License-Identifier: Apache-2.0 */
#include "ingest.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/effect.h"
#include "base/err.h"
#include "base/file.h"
#include "base/limits.h"
#include "base/mem.h"
#include "base/str.h"
#include "base/worker.h"
#include "digest.h"

#define CHUNK_BYTES ((size_t)(256 * KIB)) /* written when so much has come */
#define FILL_BYTES  (2 * CHUNK_BYTES)     /* no more is taken while a chunk is being written */

struct ingest {
    struct ingest_opts opts;
    char *path, *digest;
    int fd;
    uint64_t bytes;
    struct buf fill, chunk; /* fill: the loop's; chunk: the worker's while writing */
    struct digest_state *hash;
    struct worker_job job;
    struct err err; /* the worker's while writing */
    struct err seen;
    bool writing, finishing, finished, refused, dead;
};

int ingest_new(const struct ingest_opts *opts, struct ingest **ret, struct err *err)
{
    effect("ingest.create");
    int fd = open(opts->path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (fd < 0)
        return err_errno(err, errno, "create %s", opts->path);
    struct ingest *in = NEW(struct ingest);
    in->opts = *opts;
    in->fd = fd;
    in->path = xstrdup(opts->path);
    in->digest = xstrdup(opts->digest);
    in->hash = digest_new(opts->digest);
    buf_init(&in->fill, FILL_BYTES);
    buf_init(&in->chunk, FILL_BYTES);
    *ret = in;
    return 0;
}

static void destroy(struct ingest *in)
{
    if (in->fd >= 0)
        (void)close(in->fd);
    if (!in->finished)
        (void)unlink(in->path);
    (void)digest_free(in->hash);
    buf_done(&in->fill);
    buf_done(&in->chunk);
    free(in->path);
    free(in->digest);
    free(in);
}

struct ingest *ingest_free(struct ingest *in)
{
    if (in && in->writing)
        in->dead = true;
    else if (in)
        destroy(in);
    return NULL;
}

static void run_write(struct worker_job *job)
{
    struct ingest *in = container_of(job, struct ingest, job);
    if (in->err.code || !in->chunk.len)
        return;
    if (file_write_all(in->fd, in->chunk.data, in->chunk.len, &in->err) == 0)
        digest_add(in->hash, in->chunk.data, in->chunk.len);
}

static int verify(struct ingest *in)
{
    char actual[DIGEST_TEXT_MAX];
    if (in->opts.size_bytes >= 0 && in->bytes != (uint64_t)in->opts.size_bytes)
        return err_set(&in->err, -EBADMSG, "%s: %llu bytes came instead of %lld",
                       str_or(in->digest, "content"), (unsigned long long)in->bytes,
                       (long long)in->opts.size_bytes);
    digest_text(in->hash, actual);
    if (in->digest && !str_eq(actual, in->digest))
        return err_set(&in->err, -EBADMSG, "unexpected digest %s, expected %s", actual, in->digest);
    return 0;
}

static void end(struct ingest *in)
{
    if (!in->err.code && in->seen.code)
        in->err = in->seen;
    if (!in->err.code && verify(in) == 0)
        in->finished = true;
    (void)close(TAKE_FD(in->fd));
    if (in->err.code == -ENOSPC || in->err.code == -EDQUOT)
        (void)err_set(&in->err, in->err.code, "no space left for the image on the disk of %s",
                      in->path);
    struct err err = in->err;
    in->opts.on_finish(in->opts.user, err.code ? &err : NULL);
}

static void start_write(struct ingest *in);

static void write_done(struct worker_job *job)
{
    struct ingest *in = container_of(job, struct ingest, job);
    in->writing = false;
    buf_clear(&in->chunk);
    if (in->dead) {
        destroy(in);
        return;
    }
    if (in->fill.len >= CHUNK_BYTES || (in->finishing && in->fill.len && !in->err.code)) {
        start_write(in);
    } else if (in->finishing) {
        end(in);
        return;
    }
    if (TAKE(in->refused, false) || in->err.code)
        in->opts.on_room(in->opts.user);
}

static void start_write(struct ingest *in)
{
    struct buf empty = in->chunk;
    in->chunk = in->fill;
    in->fill = empty;
    in->writing = true;
    worker_submit(in->opts.loop, WORKER_DISK, &in->job, run_write, write_done);
}

bool ingest_add(struct ingest *in, const void *data, size_t len)
{
    uint64_t max = in->opts.size_bytes >= 0 ? (uint64_t)in->opts.size_bytes : in->opts.max_bytes;
    if (!in->writing && in->err.code)
        return true; /* dropped */
    if (in->fill.len + len > FILL_BYTES) {
        in->refused = true;
        return false;
    }
    in->bytes += len;
    if (in->bytes > max) {
        if (!in->seen.code)
            (void)err_set(&in->seen, -EBADMSG, "%s: more than %llu bytes came",
                          str_or(in->digest, "content"), (unsigned long long)max);
        return true;
    }
    (void)buf_add(&in->fill, data, len);
    if (!in->writing && in->fill.len >= CHUNK_BYTES)
        start_write(in);
    return true;
}

uint64_t ingest_bytes(const struct ingest *in)
{
    return in->bytes;
}

const struct err *ingest_error(const struct ingest *in)
{
    if (in->seen.code)
        return &in->seen;
    return !in->writing && in->err.code ? &in->err : NULL;
}

void ingest_finish(struct ingest *in)
{
    in->finishing = true;
    if (!in->writing)
        start_write(in); /* of what is left, or of nothing: the answer never comes from within */
}
