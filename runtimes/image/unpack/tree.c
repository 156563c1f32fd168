/* SPDX-License-Identifier: Apache-2.0 */
#include "tree.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>

#include "attributes.h"
#include "base/cleanup.h"
#include "base/err.h"
#include "base/mem.h"

#define LINKS_MAX    40          /* as the kernel */
#define REMEMBER_MAX (512 * MIB) /* paths of directories: some 4 million */

void tree_init(struct tree *t, int root_fd, const int *parent_fds, size_t parents_len)
{
    *t = (struct tree){
        .root_fd = root_fd, .parent_fds = parent_fds, .parents_len = parents_len, .cached_fd = -1
    };
    buf_init(&t->opaque, LIMIT_IMAGE_OPAQUE_BYTES);
    buf_init(&t->dirs, REMEMBER_MAX);
}

static void forget_cached(struct tree *t)
{
    if (t->cached_fd >= 0)
        (void)close(t->cached_fd);
    t->cached_fd = -1;
    t->cached_stale = false;
}

void tree_done(struct tree *t)
{
    forget_cached(t);
    buf_done(&t->opaque);
    buf_done(&t->dirs);
}

int tree_clean_path(const char *path, char ret[LIMIT_PATH_BYTES], struct err *err)
{
    size_t len = 0;
    unsigned depth = 0;
    for (const char *s = path; *s;) {
        size_t part = strcspn(s, "/");
        if (part == 2 && memcmp(s, "..", 2) == 0)
            return err_set(err, -EINVAL, "'%.200s': \"..\" is refused in a layer", path);
        if (part > NAME_MAX)
            return err_set(err, -ENAMETOOLONG, "'%.200s': a name is longer than 255 bytes", path);
        if (part && !(part == 1 && *s == '.')) {
            if (++depth > LIMIT_IMAGE_PATH_DEPTH || len + part + 2 > LIMIT_PATH_BYTES)
                return err_set(err, -ENAMETOOLONG, "'%.200s': the path is too long", path);
            if (len)
                ret[len++] = '/';
            memcpy(ret + len, s, part);
            len += part;
        }
        s += part;
        s += strspn(s, "/");
    }
    ret[len] = '\0';
    return 0;
}

static int open_beneath(int root_fd, const char *path, uint64_t flags)
{
    struct open_how how = {
        .flags = flags | O_CLOEXEC,
        .resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS,
    };
    return (int)syscall(SYS_openat2, root_fd, path[0] ? path : ".", &how, sizeof(how));
}

int tree_open_dir(const struct tree *t, const char *path, int flags)
{
    return open_beneath(t->root_fd, path, (uint64_t)(flags | O_DIRECTORY));
}

static enum tree_kind kind_of(const struct stat *st)
{
    if (S_ISDIR(st->st_mode))
        return TREE_DIR;
    if (S_ISLNK(st->st_mode))
        return TREE_LINK;
    return S_ISCHR(st->st_mode) && st->st_rdev == 0 ? TREE_WHITEOUT : TREE_OTHER;
}

enum tree_kind tree_kind_at(int dir_fd, const char *name)
{
    struct stat st;
    return fstatat(dir_fd, name, &st, AT_SYMLINK_NOFOLLOW) < 0 ? TREE_NONE : kind_of(&st);
}

/*
 * A layer whose own part of the path ends early hides those under it (ENOTDIR: a file or a whiteout
 * stands there). That a directory is opaque cannot be seen without CAP_SYS_ADMIN; what is lost is
 * that a directory implied below one takes its attributes from a hidden namesake.
 */
enum tree_kind tree_kind_below(const struct tree *t, const char *dir, const char *name, int *ret_fd)
{
    char path[LIMIT_PATH_BYTES];
    int len = snprintf(path, sizeof(path), "%s%s%s", dir, dir[0] ? "/" : "", name);
    if (len < 0 || (size_t)len >= sizeof(path))
        return TREE_NONE;
    for (size_t i = 0; i < t->parents_len; i++) {
        struct stat st;
        AUTO(close) int fd = open_beneath(t->parent_fds[i], path, O_PATH | O_NOFOLLOW);
        if (fd < 0 && errno == ENOENT)
            continue;
        if (fd < 0 || fstat(fd, &st) < 0 || kind_of(&st) == TREE_WHITEOUT)
            return TREE_NONE;
        if (ret_fd)
            *ret_fd = TAKE_FD(fd);
        return kind_of(&st);
    }
    return TREE_NONE;
}

static unsigned depth_of(const char *path)
{
    unsigned depth = 1;
    for (; *path; path++)
        depth += *path == '/';
    return depth;
}

static int append_name(char path[LIMIT_PATH_BYTES], const char *name)
{
    size_t len = strlen(path), add = strlen(name);
    if (len + add + 2 > LIMIT_PATH_BYTES || depth_of(path) >= LIMIT_IMAGE_PATH_DEPTH)
        return -ENAMETOOLONG;
    if (len)
        path[len++] = '/';
    memcpy(path + len, name, add + 1);
    return 0;
}

static void pop_name(char path[LIMIT_PATH_BYTES])
{
    char *slash = strrchr(path, '/');
    *(slash ? slash : path) = '\0';
}

/* A walk: what is resolved, what is still to come. */
struct walk {
    struct tree *t;
    bool make;
    const char *whole; /* for messages */
    unsigned links;
    char done[LIMIT_PATH_BYTES];
    char todo[2 * LIMIT_PATH_BYTES];
};

static int make_dir(struct walk *w, int dir_fd, const char *name, int like_fd, struct err *err)
{
    if (mkdirat(dir_fd, name, 0755) < 0)
        return err_errno(err, errno, "'%.200s': mkdir %.100s", w->whole, name);
    AUTO(close) int fd = openat(dir_fd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (fd < 0)
        return err_errno(err, errno, "'%.200s': open %.100s", w->whole, name);
    if (like_fd < 0)
        return 0;
    struct place p = { .dir_fd = dir_fd };
    struct stat st;
    (void)snprintf(p.dir, sizeof(p.dir), "%s", w->done);
    (void)snprintf(p.name, sizeof(p.name), "%s", name);
    int rc = attributes_copy(fd, like_fd, &st, err);
    return rc < 0 ? rc : tree_note_time(w->t, &p, &st.st_mtim, err);
}

static int follow(struct walk *w, int link_dir_fd, const char *name, struct err *err)
{
    char target[LIMIT_PATH_BYTES];
    ssize_t len = readlinkat(link_dir_fd, name, target, sizeof(target) - 1);
    if (len < 0)
        return err_errno(err, errno, "'%.200s': readlink %.100s", w->whole, name);
    target[len] = '\0';
    if (++w->links > LINKS_MAX)
        return err_set(err, -ELOOP, "'%.200s': too many symbolic links", w->whole);
    if (target[0] == '/')
        w->done[0] = '\0';
    char rest[sizeof(w->todo)];
    int n = snprintf(rest, sizeof(rest), "%s/%s", target, w->todo);
    if (n < 0 || (size_t)n >= sizeof(rest))
        return err_set(err, -ENAMETOOLONG, "'%.200s': its links make the path too long", w->whole);
    memcpy(w->todo, rest, (size_t)n + 1);
    return 0;
}

/* One component that this layer does not hold: as the layers below have it. */
static int step_missing(struct walk *w, int dir_fd, const char *name, struct err *err)
{
    AUTO(close) int below_fd = -1;
    enum tree_kind below = tree_kind_below(w->t, w->done, name, &below_fd);
    if (below == TREE_LINK)
        return follow(w, below_fd, "", err);
    if (!w->make)
        return err_set(err, -ENOENT, "'%.200s' is not in this layer", w->whole);
    int rc = make_dir(w, dir_fd, name, below == TREE_DIR ? below_fd : -1, err);
    return rc < 0 ? rc : append_name(w->done, name);
}

static int step_whiteout(struct walk *w, int dir_fd, const char *name, struct err *err)
{
    if (!w->make)
        return err_set(err, -ENOENT, "'%.200s' is not in this layer", w->whole);
    if (unlinkat(dir_fd, name, 0) < 0)
        return err_errno(err, errno, "'%.200s': unlink %.100s", w->whole, name);
    int rc = make_dir(w, dir_fd, name, -1, err);
    if (rc < 0)
        return rc;
    struct place p = { .dir_fd = dir_fd };
    (void)snprintf(p.dir, sizeof(p.dir), "%s", w->done);
    (void)snprintf(p.name, sizeof(p.name), "%s", name);
    rc = tree_mark_opaque(w->t, &p, err);
    return rc < 0 ? rc : append_name(w->done, name);
}

static int step(struct walk *w, const char *name, struct err *err)
{
    if (strcmp(name, "..") == 0) { /* of a link: it ends at the root */
        pop_name(w->done);
        return 0;
    }
    AUTO(close) int dir_fd = open_beneath(w->t->root_fd, w->done, O_PATH | O_DIRECTORY);
    if (dir_fd < 0)
        return err_errno(err, errno, "'%.200s': open", w->whole);
    switch (tree_kind_at(dir_fd, name)) {
    case TREE_DIR:
        return append_name(w->done, name);
    case TREE_LINK:
        return follow(w, dir_fd, name, err);
    case TREE_NONE:
        return step_missing(w, dir_fd, name, err);
    case TREE_WHITEOUT:
        return step_whiteout(w, dir_fd, name, err);
    case TREE_OTHER:
        break;
    }
    return err_set(err, -ENOTDIR, "'%.200s': '%.100s' is not a directory", w->whole, name);
}

static int walk_run(struct walk *w, struct err *err)
{
    for (;;) {
        char name[NAME_MAX + 1];
        char *s = w->todo + strspn(w->todo, "/");
        size_t len = strcspn(s, "/");
        if (len == 0)
            return 0;
        if (len > NAME_MAX)
            return err_set(err, -ENAMETOOLONG,
                           "'%.200s': a link holds a name longer than 255 bytes", w->whole);
        memcpy(name, s, len);
        name[len] = '\0';
        memmove(w->todo, s + len, strlen(s + len) + 1);
        if (strcmp(name, ".") == 0)
            continue;
        int rc = step(w, name, err);
        if (rc < 0)
            return err && err->code ? rc
                                    : err_set(err, rc, "'%.200s': the path is too long", w->whole);
    }
}

/* The path's head into w->todo, its last component into name. */
static void split(const char *path, struct walk *w, char name[NAME_MAX + 1])
{
    const char *slash = strrchr(path, '/');
    (void)snprintf(name, NAME_MAX + 1, "%s", slash ? slash + 1 : path);
    (void)snprintf(w->todo, sizeof(w->todo), "%.*s", slash ? (int)(slash - path) : 0, path);
}

static int resolve(struct tree *t, const char *path, bool make, struct place *ret, int *ret_fd,
                   struct err *err)
{
    AUTO(free) struct walk *w = NEW(struct walk); /* too large for a stack */
    *w = (struct walk){ .t = t, .make = make, .whole = path };
    split(path, w, ret->name);
    int rc = walk_run(w, err);
    if (rc < 0)
        return rc;
    int fd = open_beneath(t->root_fd, w->done, O_PATH | O_DIRECTORY);
    if (fd < 0)
        return err_errno(err, errno, "'%.200s': open", path);
    memcpy(ret->dir, w->done, sizeof(ret->dir));
    *ret_fd = fd;
    return 0;
}

int tree_find(struct tree *t, const char *path, struct place *ret, struct err *err)
{
    return resolve(t, path, false, ret, &ret->dir_fd, err);
}

int tree_place(struct tree *t, const char *path, struct place *ret, struct err *err)
{
    const char *slash = strrchr(path, '/');
    size_t head = slash ? (size_t)(slash - path) : 0;
    bool hit = t->cached_fd >= 0 && !t->cached_stale && strlen(t->cached_path) == head &&
               memcmp(t->cached_path, path, head) == 0;
    if (!hit) {
        forget_cached(t);
        int fd = -1;
        int rc = resolve(t, path, true, ret, &fd, err);
        if (rc < 0)
            return rc;
        forget_cached(t); /* making a directory may have used the cache */
        t->cached_fd = fd;
        memcpy(t->cached_path, path, head);
        t->cached_path[head] = '\0';
        memcpy(t->cached_dir, ret->dir, sizeof(ret->dir));
    } else {
        memcpy(ret->dir, t->cached_dir, sizeof(ret->dir));
        (void)snprintf(ret->name, sizeof(ret->name), "%s", slash ? slash + 1 : path);
    }
    ret->dir_fd = t->cached_fd;
    return 0;
}
