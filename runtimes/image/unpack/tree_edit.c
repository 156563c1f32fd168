/* SPDX-License-Identifier: Apache-2.0 */
/* What is done at a place that tree.c has found: taking away, hiding, remembering times. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/sysmacros.h>

#include "base/cleanup.h"
#include "base/err.h"
#include "base/mem.h"
#include "tree.h"

typedef int (*each_fn)(int dir_fd, const char *name, struct err *err);

static int each_name(int dir_fd, const char *name, each_fn fn, struct err *err)
{
    int fd = openat(dir_fd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    AUTO(closedir) DIR *dir = fd < 0 ? NULL : fdopendir(fd);
    if (!dir) {
        int rc = err_errno(err, errno, "open %.100s", name);
        if (fd >= 0)
            (void)close(fd);
        return rc;
    }
    struct dirent *e;
    int rc = 0;
    while (rc == 0 && (e = readdir(dir)))
        if (strcmp(e->d_name, ".") != 0 && strcmp(e->d_name, "..") != 0)
            rc = fn(dirfd(dir), e->d_name, err);
    return rc;
}

static int remove_at(int dir_fd, const char *name,
                     struct err *err) /* as deep as LIMIT_IMAGE_PATH_DEPTH */
{
    if (unlinkat(dir_fd, name, 0) == 0 || errno == ENOENT)
        return 0;
    if (errno != EISDIR)
        return err_errno(err, errno, "unlink %.100s", name);
    int rc = each_name(dir_fd, name, remove_at, err);
    if (rc == 0 && unlinkat(dir_fd, name, AT_REMOVEDIR) < 0)
        return err_errno(err, errno, "rmdir %.100s", name);
    return rc;
}

int tree_remove(struct tree *t, const struct place *p, struct err *err)
{
    int rc = remove_at(p->dir_fd, p->name, err);
    t->cached_stale = true; /* the directory that was resolved last may have been in it */
    return rc;
}

static int remember_opaque(struct tree *t, const char *dir, const char *name, struct err *err)
{
    (void)buf_printf(&t->opaque, "%s%s%s", dir, dir[0] && name[0] ? "/" : "", name);
    if (buf_add(&t->opaque, "", 1) < 0)
        return err_set(err, -E2BIG, "too many opaque directories");
    return 0;
}

int tree_mark_opaque(struct tree *t, const struct place *p, struct err *err)
{
    /* Without layers below there is nothing to hide. */
    return t->parents_len ? remember_opaque(t, p->dir, p->name, err) : 0;
}

int tree_whiteout(struct tree *t, const struct place *p, struct err *err)
{
    switch (tree_kind_at(p->dir_fd, p->name)) {
    case TREE_DIR: /* put there by this layer: it stays, what is below goes */
        return tree_mark_opaque(t, p, err);
    case TREE_NONE:
        break;
    default:
        return 0;
    }
    /* One that hides nothing would show: overlayfs looks for them only where directories are
     * merged. */
    if (tree_kind_below(t, p->dir, p->name, NULL) == TREE_NONE)
        return 0;
    if (mknodat(p->dir_fd, p->name, S_IFCHR, makedev(0, 0)) < 0)
        return err_errno(err, errno,
                         "'%.200s': making a whiteout (character device 0:0) was refused; Linux "
                         "5.8 or newer and a "
                         "file system that holds devices are needed",
                         p->name);
    return 0;
}

int tree_note_time(struct tree *t, const struct place *p, const struct timespec *mtime,
                   struct err *err)
{
    (void)buf_add(&t->dirs, mtime, sizeof(*mtime));
    (void)buf_printf(&t->dirs, "%s%s%s", p->dir, p->dir[0] && p->name[0] ? "/" : "", p->name);
    if (buf_add(&t->dirs, "", 1) < 0)
        return err_set(err, -E2BIG, "the layer holds too many directories");
    return 0;
}

static int drop_whiteouts(int dir_fd, const char *name, struct err *err)
{
    switch (tree_kind_at(dir_fd, name)) {
    case TREE_WHITEOUT:
        return unlinkat(dir_fd, name, 0) < 0 ? err_errno(err, errno, "unlink %.100s", name) : 0;
    case TREE_DIR:
        return each_name(dir_fd, name, drop_whiteouts, err);
    default:
        return 0;
    }
}

static int drop_hidden_whiteouts(struct tree *t, struct err *err)
{
    for (size_t at = 0; at < t->opaque.len; at += strlen(t->opaque.data + at) + 1) {
        AUTO(close) int fd = tree_open_dir(t, t->opaque.data + at, O_PATH);
        int rc =
            fd < 0 ? 0
                   : each_name(fd, ".", drop_whiteouts, err); /* replaced by something else: fine */
        if (rc < 0) {
            (void)err_wrap(err, "'%.200s'", t->opaque.data + at);
            return rc;
        }
    }
    return 0;
}

int tree_finish(struct tree *t, struct err *err)
{
    int rc = drop_hidden_whiteouts(t, err);
    for (size_t at = 0; rc == 0 && at < t->dirs.len;) {
        struct timespec times[2];
        const char *path = t->dirs.data + at + sizeof(times[1]);
        memcpy(&times[1], t->dirs.data + at, sizeof(times[1]));
        times[0] = times[1];
        AUTO(close) int fd = tree_open_dir(t, path, O_RDONLY);
        if (fd >= 0 && futimens(fd, times) < 0)
            rc = err_errno(err, errno, "'%.200s': setting its time", path);
        at += sizeof(times[1]) + strlen(path) + 1;
    }
    return rc;
}
