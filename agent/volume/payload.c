/* SPDX-License-Identifier: Apache-2.0 */
/* payload.c - the atomic writer. */
#include "volume/payload.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>

#include "base/clock.h"
#include "base/effect.h"
#include "base/err.h"
#include "base/file.h"
#include "base/limits.h"
#include "base/mem.h"
#include "base/str.h"

void payload_done(struct payload *p)
{
    for (size_t i = 0; i < p->len; i++) {
        free(p->files[i].path);
        if (p->files[i].data)
            explicit_bzero(p->files[i].data, p->files[i].len); /* it may be a secret */
        free(p->files[i].data);
    }
    free(p->files);
    map_done(&p->by_path);
    *p = (struct payload){ 0 };
}

/* "a//./b" as "a/b". NULL: empty, absolute, upwards, or a first name that the writer keeps for itself. Caller owns. */
static char *clean_path(const char *path)
{
    AUTO(buf_done) struct buf clean = BUF_INIT(LIMIT_PATH_BYTES);
    AUTO(strv_free) char **parts = strv_split(str_or(path, ""), '/');

    if (str_empty(path) || path[0] == '/' || strlen(path) > LIMIT_PATH_BYTES)
        return NULL;
    for (char **part = parts; *part; part++) {
        if (str_empty(*part) || str_eq(*part, "."))
            continue;
        if (!path_is_name(*part) || (!clean.len && str_has_prefix(*part, "..")))
            return NULL;
        (void)buf_printf(&clean, "%s%s", clean.len ? "/" : "", *part);
    }
    return clean.len && !buf_failed(&clean) ? buf_take(&clean) : NULL;
}

int payload_add(struct payload *p, const char *path, const void *data, size_t len, mode_t mode, struct err *err)
{
    AUTO(free) char *clean = clean_path(path);
    struct payload_file *f = clean ? (struct payload_file *)payload_find(p, clean) : NULL;

    if (!clean)
        return err_set(err, -EINVAL, "invalid path \"%s\": must be relative, without \"..\"", str_or(path, ""));
    if (!f) {
        p->files = xgrow(p->files, &p->cap, p->len + 1, sizeof(*p->files));
        f = &p->files[p->len++];
        *f = (struct payload_file){ .path = TAKE_PTR(clean) };
        (void)map_put(&p->by_path, f->path, (void *)(uintptr_t)p->len);
    }
    if (f->data)
        explicit_bzero(f->data, f->len);
    free(f->data);
    f->data = xmalloc(len + 1);
    if (len)
        memcpy(f->data, data, len);
    f->len = len;
    f->mode = mode & 0777;
    f->has_uid = false;
    return 0;
}

const struct payload_file *payload_find(const struct payload *p, const char *path)
{
    size_t number = (size_t)(uintptr_t)map_get(&p->by_path, path); /* from 1 */
    return number ? &p->files[number - 1] : NULL;
}

static char *first_component(const char *path)
{
    return xstrndup(path, strcspn(path, "/"));
}

/* Does the folder that "..data" points to hold exactly this file? */
static bool has_file(int data_fd, const struct payload_file *f)
{
    AUTO(buf_done) struct buf now = BUF_INIT(f->len + 1);
    AUTO(close) int fd = openat(data_fd, f->path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
    struct stat st;

    if (fd < 0 || fstat(fd, &st) < 0 || (st.st_mode & 07777) != f->mode || (size_t)st.st_size != f->len ||
        (f->has_uid && st.st_uid != f->uid))
        return false;
    return file_read(data_fd, f->path, &now, NULL) == 0 && now.len == f->len && !memcmp(buf_str(&now), f->data, f->len);
}

static int count_file(int dirfd, const char *name, void *user)
{
    struct stat st;
    size_t *files = user;

    if (fstatat(dirfd, name, &st, AT_SYMLINK_NOFOLLOW) == 0 && S_ISDIR(st.st_mode)) {
        AUTO(free) char *sub = xasprintf("/proc/self/fd/%d/%s", dirfd, name);
        return path_each(sub, count_file, user, NULL);
    }
    (*files)++;
    return 0;
}

static bool is_current(int dir_fd, const char *dir, const struct payload *p)
{
    AUTO(close) int data_fd = openat(dir_fd, "..data", O_DIRECTORY | O_RDONLY | O_CLOEXEC);
    AUTO(free) char *data = xasprintf("%s/..data", dir);
    size_t files = 0;

    if (data_fd < 0 || path_each(data, count_file, &files, NULL) < 0 || files != p->len)
        return false;
    for (size_t i = 0; i < p->len; i++)
        if (!has_file(data_fd, &p->files[i]))
            return false;
    return true;
}

static int make_parents(int fd, const char *path, struct err *err)
{
    for (const char *slash = strchr(path, '/'); slash; slash = strchr(slash + 1, '/')) {
        AUTO(free) char *parent = xstrndup(path, (size_t)(slash - path));
        if (mkdirat(fd, parent, 0755) == 0) /* umask must not take bits away */
            (void)fchmodat(fd, parent, 0755, 0);
        else if (errno != EEXIST)
            return err_errno(err, errno, "mkdir %s", parent);
    }
    return 0;
}

static int write_file(int fd, const struct payload_file *f, struct err *err)
{
    if (make_parents(fd, f->path, err) < 0)
        return err->code;
    AUTO(close) int out = openat(fd, f->path, O_CREAT | O_EXCL | O_WRONLY | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (out < 0)
        return err_errno(err, errno, "create %s", f->path);
    if (file_write_all(out, f->data, f->len, err) < 0)
        return err_wrap(err, "write %s", f->path);
    if (f->has_uid && fchown(out, f->uid, (gid_t)-1) < 0)
        return err_errno(err, errno, "chown %s", f->path);
    if (fchmod(out, f->mode) < 0)
        return err_errno(err, errno, "chmod %s", f->path);
    return 0;
}

/* A new folder of its own name with all files in it. */
static int write_folder(int dir_fd, const struct payload *p, const char *name, struct err *err)
{
    if (mkdirat(dir_fd, name, 0755) < 0)
        return err_errno(err, errno, "mkdir %s", name);
    AUTO(close) int fd = openat(dir_fd, name, O_DIRECTORY | O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
    if (fd < 0 || fchmod(fd, 0755) < 0)
        return err_errno(err, errno, "open %s", name);
    for (size_t i = 0; i < p->len; i++)
        if (write_file(fd, &p->files[i], err) < 0)
            return err->code;
    return 0;
}

static int link_visible(int dir_fd, const struct payload *p, struct err *err)
{
    for (size_t i = 0; i < p->len; i++) {
        AUTO(free) char *name = first_component(p->files[i].path);
        AUTO(free) char *target = xasprintf("..data/%s", name);
        struct stat st;
        if (fstatat(dir_fd, name, &st, AT_SYMLINK_NOFOLLOW) == 0)
            continue;
        effect("link volume file");
        if (symlinkat(target, dir_fd, name) < 0 && errno != EEXIST)
            return err_errno(err, errno, "link %s", name);
    }
    return 0;
}

struct sweep {
    const char *dir;
    struct map wanted; /* names that stay; the values say nothing */
};

static void want(struct sweep *s, const char *name)
{
    (void)map_put(&s->wanted, name, s);
}

static void want_all(struct sweep *s, const struct payload *p, const char *shown)
{
    want(s, "..data");
    want(s, shown);
    for (size_t i = 0; i < p->len; i++) {
        AUTO(free) char *first = first_component(p->files[i].path);
        want(s, first);
    }
}

/* Links to names that are gone, and folders that an earlier write left. */
static int sweep_entry(int dirfd, const char *name, void *user)
{
    const struct sweep *s = user;
    struct stat st;

    if (map_get(&s->wanted, name) || fstatat(dirfd, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
        return 0;
    effect("sweep volume");
    if (S_ISLNK(st.st_mode)) {
        (void)unlinkat(dirfd, name, 0); /* the next write tries again */
    } else if (str_has_prefix(name, "..") && S_ISDIR(st.st_mode)) {
        AUTO(free) char *path = xasprintf("%s/%s", s->dir, name);
        (void)path_remove_tree(path, NULL);
    }
    return 0;
}

/* A new folder with everything in it, and then the one rename that shows it. */
static int replace(int dir_fd, const char *dir, const struct payload *p, struct err *err)
{
    AUTO(free) char *name = xasprintf("..%lld", (long long)clock_wall_ns());
    AUTO(free) char *path = xasprintf("%s/%s", dir, name);

    effect("write volume files");
    if (write_folder(dir_fd, p, name, err) < 0) {
        (void)path_remove_tree(path, NULL); /* it may hold secrets, and the next try makes another */
        return err_wrap(err, "%s", dir);
    }
    effect("show volume files");
    (void)unlinkat(dir_fd, "..data_tmp", 0); /* left by a writer that was killed */
    if (symlinkat(name, dir_fd, "..data_tmp") < 0 || renameat(dir_fd, "..data_tmp", dir_fd, "..data") < 0)
        return err_errno(err, errno, "%s: rename ..data", dir);
    return 0;
}

int payload_write(const char *dir, const struct payload *p, struct err *err)
{
    AUTO(close) int dir_fd = open(dir, O_DIRECTORY | O_RDONLY | O_CLOEXEC);
    char shown[NAME_MAX + 1] = "";

    if (dir_fd < 0)
        return err_errno(err, errno, "open %s", dir);
    int r = is_current(dir_fd, dir, p) ? 0 : replace(dir_fd, dir, p, err);
    if (r < 0)
        return r;
    /* also when nothing has changed: the last writer may have been killed right here */
    if (readlinkat(dir_fd, "..data", shown, sizeof(shown) - 1) < 0)
        return err_errno(err, errno, "%s: read ..data", dir);
    if (link_visible(dir_fd, p, err) < 0)
        return err_wrap(err, "%s", dir);
    struct sweep sweep = { .dir = dir };
    want_all(&sweep, p, shown);
    r = path_each(dir, sweep_entry, &sweep, err);
    map_done(&sweep.wanted);
    return r;
}
