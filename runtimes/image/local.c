/* SPDX-License-Identifier: Apache-2.0 */
#include "local.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/effect.h"
#include "base/file.h"
#include "base/limits.h"
#include "base/mem.h"
#include "base/str.h"
#include "base/worker.h"
#include "discard.h"
#include "manifest.h"

#define CHUNK_BYTES (64 * KIB)

struct local_read {
    struct worker_job job;
    struct loop *loop;
    struct local *local; /* NULL: nobody waits any more */
    char *path, *copy;
    uint64_t bytes;
    char digest[DIGEST_TEXT_MAX];
    struct err err;
};

/* ---- on a worker ---- */

static int too_large(const char *path, struct err *err)
{
    return err_set(err, -E2BIG, "%s is too large for a module: it may have %llu bytes", path,
                   LIMIT_WASM_MODULE_BYTES);
}

static int check_file(const char *path, const struct stat *st, struct err *err)
{
    if (S_ISDIR(st->st_mode))
        return err_set(err, -EISDIR, "%s is a directory, not a module", path);
    if (!S_ISREG(st->st_mode))
        return err_set(err, -EINVAL, "%s is not a regular file", path);
    if (st->st_size == 0)
        return err_set(err, -EINVAL, "%s is empty", path);
    return (uint64_t)st->st_size > LIMIT_WASM_MODULE_BYTES ? too_large(path, err) : 0;
}

/* Nothing but a regular file is opened for reading, and it is the one that was looked at. */
static int open_file(const char *path, struct stat *ret_st, int *ret_fd, struct err *err)
{
    AUTO(close) int root_fd = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
    AUTO(close) int place_fd = -1;
    char again[64];
    int rc = path_open_beneath(root_fd, path, O_PATH, 0, &place_fd, err);
    if (rc < 0)
        return rc;
    if (fstat(place_fd, ret_st) < 0)
        return err_errno(err, errno, "stat %s", path);
    rc = check_file(path, ret_st, err);
    if (rc < 0)
        return rc;
    (void)snprintf(again, sizeof(again), "/proc/self/fd/%d", place_fd);
    *ret_fd = open(again, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
    return *ret_fd < 0 ? err_errno(err, errno, "open %s", path) : 0;
}

/* What else a file is, is for whoever reads modules to say. But what no module begins with is not
 * kept: a pod names the file, and it may be any of the node's. */
static int check_beginning(const char *path, const char *data, size_t len, struct err *err)
{
    if (len >= 4 && memcmp(data, "\177ELF", 4) == 0)
        return err_set(err, -EINVAL,
                       "%s is native code (ELF), not WebAssembly: give the module itself", path);
    if ((len >= 4 && memcmp(data, "\0asm", 4) == 0) || str_has_suffix(path, ".wat"))
        return 0;
    return err_set(err, -EINVAL, "%s is not a WebAssembly module", path);
}

static ssize_t read_chunk(int fd, char *chunk)
{
    ssize_t n;
    do {
        n = read(fd, chunk, CHUNK_BYTES);
    } while (n < 0 && errno == EINTR);
    return n;
}

static int copy_all(struct local_read *r, int from, int to, struct err *err)
{
    AUTO(free) char *chunk = xmalloc(CHUNK_BYTES);
    AUTO(digest_free) struct digest_state *hash = digest_new(NULL);
    int rc = 0;
    for (;;) {
        ssize_t n = read_chunk(from, chunk);
        if (n < 0)
            return err_errno(err, errno, "read %s", r->path);
        if (n == 0)
            break;
        if (r->bytes == 0)
            rc = check_beginning(r->path, chunk, (size_t)n, err);
        r->bytes += (uint64_t)n;
        if (rc == 0 && r->bytes > LIMIT_WASM_MODULE_BYTES)
            rc = too_large(r->path, err);
        if (rc == 0)
            rc = file_write_all(to, chunk, (size_t)n, err);
        if (rc < 0)
            return rc;
        digest_add(hash, chunk, (size_t)n);
    }
    digest_text(hash, r->digest);
    return 0;
}

/* Half of the old and half of the new would be a module that never was. */
static int check_unchanged(const struct local_read *r, int fd, const struct stat *before,
                           struct err *err)
{
    struct stat now;
    if (fstat(fd, &now) < 0)
        return err_errno(err, errno, "stat %s", r->path);
    if (r->bytes == (uint64_t)now.st_size && now.st_size == before->st_size &&
        now.st_mtim.tv_sec == before->st_mtim.tv_sec &&
        now.st_mtim.tv_nsec == before->st_mtim.tv_nsec)
        return 0;
    return err_set(err, -EBUSY, "%s has changed while it was read", r->path);
}

static int read_file(struct local_read *r, struct err *err)
{
    AUTO(close) int from = -1;
    AUTO(close) int to = -1;
    struct stat st;
    int rc = open_file(r->path, &st, &from, err);
    if (rc < 0)
        return rc;
    effect("image.local");
    to = open(r->copy, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (to < 0)
        return err_errno(err, errno, "create %s", r->copy);
    rc = copy_all(r, from, to, err);
    return rc < 0 ? rc : check_unchanged(r, from, &st, err);
}

static void run(struct worker_job *job)
{
    struct local_read *r = container_of(job, struct local_read, job);
    int rc = read_file(r, &r->err);
    if (rc == -ENOSPC || rc == -EDQUOT)
        (void)err_set(&r->err, rc, "no space left for the image on the disk of %s", r->copy);
}

/* ---- on the loop ---- */

static void read_free(struct local_read *r)
{
    discard_tree(r->loop, r->copy); /* nothing, when it has been taken or was never made */
    free(r->path);
    free(r->copy);
    free(r);
}

static void done(struct worker_job *job)
{
    struct local_read *r = container_of(job, struct local_read, job);
    struct local *l = r->local;
    struct err err = r->err;
    if (l)
        l->read = NULL;
    if (l && !err.code) {
        l->copy = TAKE_PTR(r->copy);
        manifest_of_module(r->digest, (int64_t)r->bytes, &l->manifest);
        digest_of(NULL, l->manifest.data, l->manifest.len, l->manifest_digest);
    }
    read_free(r);
    if (l)
        l->on_done(l, err.code ? &err : NULL);
}

void local_start(struct local *l, struct loop *loop, const char *path, const char *copy,
                 local_done_fn on_done)
{
    struct local_read *r = NEW(struct local_read);
    r->loop = loop;
    r->local = l;
    r->path = xstrdup(path);
    r->copy = xstrdup(copy);
    *l = (struct local){ .on_done = on_done, .read = r, .loop = loop };
    worker_submit(loop, WORKER_DISK, &r->job, run, done);
}

void local_done(struct local *l)
{
    if (l->read)
        l->read->local = NULL; /* it ends by itself: what it reads is bounded */
    l->read = NULL;
    if (l->copy)
        discard_tree(l->loop, l->copy);
    free(TAKE_PTR(l->copy));
    buf_done(&l->manifest);
}
