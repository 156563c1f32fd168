/* SPDX-License-Identifier: Apache-2.0 */
#include "log_files.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>
#include <zlib.h>

#include "base/clock.h"
#include "base/effect.h"
#include "base/err.h"
#include "base/file.h"
#include "base/mem.h"
#include "base/str.h"

struct rotated { /* names of rotated files of one log */
    const char *prefix; /* "0.log." */
    char **names;       /* owned */
};

static int collect(int dirfd, const char *name, void *user)
{
    struct rotated *r = user;

    (void)dirfd;
    if (str_has_suffix(name, ".tmp"))
        (void)unlinkat(dirfd, name, 0); /* a compression that was killed */
    else if (str_has_prefix(name, r->prefix))
        strv_push(&r->names, name);
    return 0;
}

static int by_name(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b); /* the time in the name sorts */
}

static int copy_compressed(int in, const char *path, struct err *err)
{
    char piece[64 * 1024];
    ssize_t n;
    gzFile out = gzopen(path, "wbe");

    if (!out)
        return err_errno(err, errno ? errno : ENOMEM, "open %s", path);
    while ((n = read(in, piece, sizeof(piece))) > 0)
        if (gzwrite(out, piece, (unsigned)n) != n) {
            n = -1;
            break;
        }
    if (gzclose(out) != Z_OK || n < 0)
        return err_set(err, -EIO, "write %s", path);
    return 0;
}

static int compress_file(const char *path, struct err *err)
{
    AUTO(free) char *gz = xasprintf("%s.gz", path);
    AUTO(free) char *tmp = xasprintf("%s.tmp", path);
    AUTO(close) int in = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);

    if (in < 0)
        return err_errno(err, errno, "open %s", path);
    if (copy_compressed(in, tmp, err) < 0) {
        (void)unlink(tmp);
        return err->code;
    }
    if (rename(tmp, gz) < 0)
        return err_errno(err, errno, "rename %s", tmp);
    (void)unlink(path);
    return 0;
}

/*
 * Called when the log itself is about to become the newest rotated file. The one that is the newest now has been left
 * plain, for its writer may have had a last line for it. The oldest go: beyond max_files, and when all of them are
 * larger than max_files of max_bytes, as they are in a flood that was faster than we looked.
 */
static void tidy(const char *folder, struct rotated *r, int64_t log_bytes, int64_t max_bytes, int64_t max_files)
{
    size_t len = strv_len(r->names), keep = max_files > 2 ? (size_t)max_files - 2 : 0;
    int64_t left = max_bytes * max_files - log_bytes;

    qsort(r->names, len, sizeof(*r->names), by_name);
    for (size_t i = len; i-- > 0;) {
        AUTO(free) char *path = xasprintf("%s/%s", folder, r->names[i]);
        struct stat st;
        left -= stat(path, &st) == 0 ? st.st_size : 0;
        if (i + keep < len || left < 0)
            (void)unlink(path);
        else if (!str_has_suffix(path, ".gz"))
            (void)compress_file(path, NULL); /* stays plain, tried again next time */
    }
}

int log_files_rotate(const char *path, int64_t max_bytes, int64_t max_files, struct err *err)
{
    AUTO(free) char *folder = xstrdup(path);
    char *slash = strrchr(folder, '/'), stamp[32];
    time_t now_s = (time_t)(clock_wall_ns() / NS_PER_S);
    struct tm tm;
    struct stat st;

    if (slash && stat(path, &st) < 0 && errno == ENOENT)
        return 0; /* renamed already, by one who was killed before its writer was told */
    if (!slash || stat(path, &st) < 0)
        return err_errno(err, slash ? errno : EINVAL, "rotate %s", path);
    if (st.st_size <= max_bytes)
        return -EAGAIN;
    *slash = '\0';
    AUTO(free) char *prefix = xasprintf("%s.", slash + 1);
    struct rotated r = { .prefix = prefix, .names = strv_new() };
    int outcome = path_each(folder, collect, &r, err);
    if (outcome == 0)
        tidy(folder, &r, st.st_size, max_bytes, max_files);
    strv_free(r.names);
    (void)gmtime_r(&now_s, &tm);
    (void)strftime(stamp, sizeof(stamp), "%Y%m%d-%H%M%S", &tm);
    AUTO(free) char *rotated = xasprintf("%s.%s", path, stamp);
    effect("rotate log");
    if (outcome == 0 && rename(path, rotated) < 0)
        return err_errno(err, errno, "rename %s", path);
    return outcome;
}
