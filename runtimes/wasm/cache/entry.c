/* SPDX-License-Identifier: Apache-2.0 */
#include "entry.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "base/effect.h"
#include "base/file.h"
#include "base/limits.h"
#include "base/mem.h"
#include "base/str.h"

#define HASH_PIECE_BYTES ((size_t)128 * KIB)

void entry_done(struct entry *e)
{
    if (e->fd >= 0)
        (void)close(e->fd);
    (void)arena_unref(e->arena);
    *e = (struct entry)ENTRY_NONE;
}

bool entry_same(const struct stat *a, const struct stat *b)
{
    return a->st_dev == b->st_dev && a->st_ino == b->st_ino && a->st_size == b->st_size && b->st_nlink > 0 &&
           a->st_mtim.tv_sec == b->st_mtim.tv_sec && a->st_mtim.tv_nsec == b->st_mtim.tv_nsec &&
           a->st_ctim.tv_sec == b->st_ctim.tv_sec && a->st_ctim.tv_nsec == b->st_ctim.tv_nsec;
}

bool entry_unchanged(const struct entry *e)
{
    struct stat now;
    return fstat(e->fd, &now) == 0 && entry_same(&e->stamp, &now);
}

int entry_hash(int fd, char ret[DIGEST_TEXT_MAX], struct err *err)
{
    AUTO(digest_free) struct digest_state *d = digest_new(NULL);
    AUTO(free) char *piece = xmalloc(HASH_PIECE_BYTES);
    off_t at = 0;
    for (;;) {
        ssize_t n = pread(fd, piece, HASH_PIECE_BYTES, at);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return err_errno(err, errno, "reading a module");
        if (n == 0)
            break;
        digest_add(d, piece, (size_t)n);
        at += n;
    }
    digest_text(d, ret);
    return 0;
}

/* ---- reading ---- */

static int broken(struct err *err, const char *why)
{
    (void)err_set(err, -EBADMSG, "%s", why);
    return ENTRY_BROKEN;
}

static int read_record(const struct cache_settings *s, const char *key, struct arena *arena, struct wasm_record *ret,
                       struct err *err)
{
    AUTO(buf_done) struct buf text = BUF_INIT(LIMIT_WASM_DESCRIPTION_BYTES);
    AUTO(free) char *path = xasprintf("%s/%s.json", s->dir, key);
    int rc = file_read(AT_FDCWD, path, &text, err);
    if (rc == -ENOENT)
        return ENTRY_ABSENT;
    if (rc == 0)
        rc = record_decode(buf_str(&text), text.len, key, s->engine, s->cpu, arena, ret, err);
    return rc == -EINVAL || rc == -EBADMSG || rc == -E2BIG ? ENTRY_BROKEN : rc;
}

static int open_verified(const char *path, const struct wasm_record *record, int *ret_fd, struct stat *ret_stamp,
                         struct err *err)
{
    char digest[DIGEST_TEXT_MAX];
    struct stat st;
    AUTO(close) int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
    if (fd < 0)
        return errno == ENOENT || errno == ELOOP ? broken(err, "the code is not there")
                                                 : err_errno(err, errno, "open %s", path);
    if (fstat(fd, &st) < 0)
        return err_errno(err, errno, "stat %s", path);
    if (!S_ISREG(st.st_mode) || st.st_uid != geteuid() || (uint64_t)st.st_size != record->size_bytes)
        return broken(err, "the code is not the file that was written");
    int rc = entry_hash(fd, digest, err);
    if (rc < 0)
        return rc;
    if (!str_eq(digest, record->digest))
        return broken(err, "the code has another digest than what was written");
    *ret_fd = TAKE_FD(fd);
    *ret_stamp = st;
    return 0;
}

/* Takes the arena and the descriptor. */
static void fill(struct entry *e, const struct wasm_record *record, const char *path, struct arena *arena, int fd,
                 const struct stat *stamp)
{
    *e = (struct entry){ .arena = arena, .identity = record->identity, .fd = fd, .stamp = *stamp };
    record_module(record, &e->module);
    e->module.path = path;
}

int entry_load(const struct cache_settings *s, const char *key, struct entry *ret, struct err *err)
{
    AUTO(arena_unref) struct arena *arena = arena_new(LIMIT_JSON_ARENA_BYTES);
    struct wasm_record record;
    struct stat stamp;
    int fd = -1;
    int rc = read_record(s, key, arena, &record, err);
    if (rc != 0)
        return rc;
    const char *path = arena_printf(arena, "%s/%s.cwasm", s->dir, key);
    if (!path)
        return err_set(err, -E2BIG, "no room for a path");
    rc = open_verified(path, &record, &fd, &stamp, err);
    if (rc == 0)
        fill(ret, &record, path, TAKE_PTR(arena), fd, &stamp);
    return rc;
}

/* ---- writing ---- */

int entry_temp_make(const struct cache_settings *s, const char *key, const char *kind, struct entry_temp *ret,
                    struct err *err)
{
    AUTO(free) char *path = xasprintf("%s/%s.%d.%s.tmp", s->dir, key, (int)getpid(), kind);
    effect("wasm.temp");
    (void)unlink(path); /* an earlier process of this number may have left it */
    AUTO(close) int fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd < 0)
        return err_errno(err, errno, "create %s", path);
    if (flock(fd, LOCK_EX | LOCK_NB) < 0)
        return err_errno(err, errno, "lock %s", path);
    *ret = (struct entry_temp){ .fd = TAKE_FD(fd), .path = TAKE_PTR(path) };
    return 0;
}

void entry_temp_done(struct entry_temp *t)
{
    if (t->path)
        (void)unlink(t->path);
    if (t->fd >= 0)
        (void)close(t->fd);
    free(t->path);
    *t = (struct entry_temp){ .fd = -1 };
}

static int give_name(struct entry_temp *t, const char *path, struct err *err)
{
    if (fchmod(t->fd, 0400) < 0)
        return err_errno(err, errno, "chmod %s", t->path);
    effect("wasm.rename");
    if (rename(t->path, path) < 0)
        return err_errno(err, errno, "rename %s to %s", t->path, path);
    free(TAKE_PTR(t->path));
    return 0;
}

static int write_record(const struct cache_settings *s, const char *key, const struct wasm_record *record,
                        struct buf *text, struct err *err)
{
    struct entry_temp temp = { .fd = -1 };
    AUTO(free) char *path = xasprintf("%s/%s.json", s->dir, key);
    int rc = json_encode(&wasm_record_type, record, text);
    if (rc < 0)
        return err_set(err, rc, "no room for the module's record");
    rc = entry_temp_make(s, key, "json", &temp, err);
    if (rc == 0)
        rc = file_write_all(temp.fd, buf_str(text), text->len, err);
    if (rc == 0)
        rc = give_name(&temp, path, err);
    entry_temp_done(&temp);
    return rc;
}

int entry_store(const struct cache_settings *s, const char *key, const char *identity,
                const struct wasm_description *description, struct entry_temp *code, struct entry *ret, struct err *err)
{
    AUTO(arena_unref) struct arena *arena = arena_new(LIMIT_JSON_ARENA_BYTES);
    AUTO(buf_done) struct buf text = BUF_INIT(LIMIT_WASM_DESCRIPTION_BYTES);
    char digest[DIGEST_TEXT_MAX], *path = arena_printf(arena, "%s/%s.cwasm", s->dir, key);
    struct wasm_record record = { .version = WASM_RECORD_VERSION, .identity = identity, .digest = digest };
    struct stat stamp;
    record.module = *description;
    int rc = path ? entry_hash(code->fd, digest, err) : err_set(err, -E2BIG, "no room for a path");
    if (rc == 0)
        rc = give_name(code, path, err);
    if (rc < 0)
        return rc;
    if (fstat(code->fd, &stamp) < 0)
        return err_errno(err, errno, "stat %s", path);
    record.size_bytes = (uint64_t)stamp.st_size;
    rc = write_record(s, key, &record, &text, err);
    if (rc == 0) /* read back: so the strings are the arena's, and what the next process will accept is certain */
        rc = record_decode(buf_str(&text), text.len, key, s->engine, s->cpu, arena, &record, err);
    if (rc == 0)
        fill(ret, &record, path, TAKE_PTR(arena), TAKE_FD(code->fd), &stamp);
    else
        (void)unlink(path); /* code without a record is nothing */
    return rc;
}

void entry_remove(const struct cache_settings *s, const char *key)
{
    static const char *const suffixes[] = { "json", "cwasm" };
    for (size_t i = 0; i < ARRAY_LEN(suffixes); i++) {
        AUTO(free) char *path = xasprintf("%s/%s.%s", s->dir, key, suffixes[i]);
        effect("wasm.unlink");
        (void)unlink(path);
    }
}
