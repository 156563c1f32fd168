/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One component at a time. In the layers that count, everything resolved so far is a directory or absent, so none of
 * them leads elsewhere: a link is read, and its target put in front of what is still to be resolved. Going back (a
 * link from the root, "..") is beginning again: the layers that count are found out on the way.
 */
#include "merged.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/xattr.h>

#include "base/file.h"
#include "base/limits.h"
#include "base/mem.h"
#include "base/str.h"

struct walk {
    const struct rt_strings *lower_dirs;
    int *roots;                  /* of the layers, the topmost first; -1: not open */
    size_t count;                /* of the topmost layers that matter below where we are */
    char done[LIMIT_PATH_BYTES]; /* "a/b": directories, without links */
    char rest[LIMIT_PATH_BYTES]; /* still to go */
    unsigned links, lookups;
};

enum kind { KIND_ABSENT, KIND_DIRECTORY, KIND_LINK, KIND_FILE };

static struct walk *walk_free(struct walk *w)
{
    for (size_t i = 0; w && w->roots && i < w->lower_dirs->len; i++)
        if (w->roots[i] >= 0)
            (void)close(w->roots[i]);
    if (w)
        free(w->roots);
    free(w);
    return NULL;
}
DEFINE_CLEANUP(struct walk *, walk_free)

static int open_roots(struct walk *w, struct err *err)
{
    w->roots = xcalloc(w->lower_dirs->len ? w->lower_dirs->len : 1, sizeof(*w->roots));
    memset(w->roots, -1, w->lower_dirs->len * sizeof(*w->roots));
    for (size_t i = 0; i < w->lower_dirs->len; i++) {
        w->roots[i] = open(w->lower_dirs->items[i], O_PATH | O_DIRECTORY | O_CLOEXEC);
        if (w->roots[i] < 0)
            return err_errno(err, errno, "open %s", w->lower_dirs->items[i]);
    }
    return 0;
}

/* ---- one name in one layer, in all layers ---- */

static bool is_opaque(int fd)
{
    char path[64], value;
    (void)snprintf(path, sizeof(path), "/proc/self/fd/%d", fd); /* the descriptor itself is only a place */
    return getxattr(path, "trusted.overlay.opaque", &value, 1) == 1 && value == 'y';
}

/* Sets *hides when the layers below have nothing to say about the name. -ENOENT: this layer says nothing. */
static int look_into(int root, const char *path, enum kind *ret, bool *hides, struct err *err)
{
    AUTO(close) int fd = -1;
    struct stat st;
    int rc = path_open_beneath(root, path, O_PATH | O_NOFOLLOW, 0, &fd, err);
    *hides = rc == 0;
    *ret = KIND_ABSENT;
    if (rc < 0)
        return rc;
    if (fstat(fd, &st) < 0)
        return err_errno(err, errno, "stat %s", path);
    if (S_ISDIR(st.st_mode)) {
        *ret = KIND_DIRECTORY;
        *hides = is_opaque(fd);
    } else if (S_ISLNK(st.st_mode)) {
        *ret = KIND_LINK;
    } else if (S_ISREG(st.st_mode)) {
        *ret = KIND_FILE;
    } /* a whiteout, a device, a pipe: nothing that can be read */
    return 0;
}

/* What path is in the layers together; of a directory, how many of them it takes part in. */
static int look(struct walk *w, const char *path, enum kind *ret, size_t *ret_layer, struct err *err)
{
    size_t end = w->count;
    bool found = false, hides = false;
    *ret = KIND_ABSENT;
    for (size_t i = 0; i < w->count && !hides; i++) {
        enum kind kind;
        if (++w->lookups > LIMIT_WASM_LOOKUPS)
            return err_set(err, -ELOOP, "%s: its directories and links take too many steps to follow", path);
        int rc = look_into(w->roots[i], path, &kind, &hides, err);
        if (rc == -ENOENT)
            continue;
        if (rc < 0)
            return rc;
        if (!found) {
            *ret = kind;
            *ret_layer = i;
        }
        if (hides) /* anything but a directory is hidden by the directory above */
            end = found && kind != KIND_DIRECTORY ? i : i + 1;
        found = true;
    }
    err_clear(err);
    if (*ret == KIND_DIRECTORY)
        w->count = end;
    return 0;
}

/* ---- the path ---- */

/* rest is empty or begins with "/". False: longer than any path. */
static bool put_back(struct walk *w, const char *front)
{
    char joined[LIMIT_PATH_BYTES];
    int len = snprintf(joined, sizeof(joined), "%s%s", front, w->rest);
    if (len < 0 || (size_t)len >= sizeof(joined))
        return false;
    memcpy(w->rest, joined, (size_t)len + 1);
    return true;
}

/* From the root again, with front before what is still to go. */
static bool restart(struct walk *w, const char *front)
{
    bool fits = put_back(w, front);
    w->done[0] = '\0';
    w->count = w->lower_dirs->len;
    return fits;
}

static bool go_up(struct walk *w)
{
    char parent[LIMIT_PATH_BYTES];
    const char *slash = strrchr(w->done, '/');
    (void)snprintf(parent, sizeof(parent), "%.*s", slash ? (int)(slash - w->done) : 0, w->done);
    return restart(w, parent);
}

static int follow(struct walk *w, size_t layer, const char *path, struct err *err)
{
    char target[LIMIT_PATH_BYTES];
    AUTO(close) int fd = -1;
    int rc = path_open_beneath(w->roots[layer], path, O_PATH | O_NOFOLLOW, 0, &fd, err);
    if (rc < 0)
        return rc;
    ssize_t len = readlinkat(fd, "", target, sizeof(target) - 1);
    if (len < 0)
        return err_errno(err, errno, "read link %s", path);
    target[len] = '\0';
    if (++w->links > LIMIT_WASM_LINKS)
        return MERGED_ABSENT;
    bool fits = target[0] == '/' ? restart(w, target) : put_back(w, target);
    return fits ? 0 : MERGED_ABSENT;
}

/* Takes the next component off rest; false: there is none. */
static bool next(struct walk *w, char name[NAME_MAX + 1])
{
    const char *at = w->rest + strspn(w->rest, "/");
    size_t len = strcspn(at, "/");
    if (len == 0 || len > NAME_MAX)
        return false;
    memcpy(name, at, len);
    name[len] = '\0';
    memmove(w->rest, at + len, strlen(at + len) + 1);
    return true;
}

static int found(struct walk *w, size_t layer, const char *path, struct arena *arena, struct merged_file *ret,
                 struct err *err)
{
    AUTO(close) int fd = -1;
    if (w->rest[0]) /* a file is no directory */
        return MERGED_ABSENT;
    int rc = path_open_beneath(w->roots[layer], path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY, 0, &fd, err);
    if (rc < 0)
        return rc;
    struct merged_file file = {
        .path = arena_printf(arena, "%s/%s", w->lower_dirs->items[layer], path),
        .inside = arena_printf(arena, "/%s", path),
    };
    if (!file.path || !file.inside)
        return err_set(err, -E2BIG, "%s: no room for its path", path);
    file.fd = TAKE_FD(fd);
    *ret = file;
    return 0;
}

/* Positive but for MERGED_ABSENT: go on. */
enum { STEP_ON = 2 };

static int step(struct walk *w, struct arena *arena, struct merged_file *ret, struct err *err)
{
    char name[NAME_MAX + 1], path[LIMIT_PATH_BYTES];
    enum kind kind;
    size_t layer = 0;
    if (!next(w, name))
        return MERGED_ABSENT;
    if (str_eq(name, "."))
        return STEP_ON;
    if (str_eq(name, ".."))
        return go_up(w) ? STEP_ON : MERGED_ABSENT;
    int len = snprintf(path, sizeof(path), "%s%s%s", w->done, w->done[0] ? "/" : "", name);
    if (len < 0 || (size_t)len >= sizeof(path))
        return MERGED_ABSENT;
    int rc = look(w, path, &kind, &layer, err);
    if (rc < 0 || kind == KIND_ABSENT)
        return rc < 0 ? rc : MERGED_ABSENT;
    if (kind == KIND_FILE)
        return found(w, layer, path, arena, ret, err);
    if (kind == KIND_DIRECTORY)
        memcpy(w->done, path, (size_t)len + 1);
    else
        rc = follow(w, layer, path, err);
    return rc == 0 ? STEP_ON : rc;
}

int merged_open(const struct rt_strings *lower_dirs, const char *path, struct arena *arena, struct merged_file *ret,
                struct err *err)
{
    AUTO(walk_free) struct walk *w = NEW(struct walk);
    size_t len = strlen(path);
    *w = (struct walk){ .lower_dirs = lower_dirs, .count = lower_dirs->len };
    if (len >= sizeof(w->rest))
        return MERGED_ABSENT;
    memcpy(w->rest, path, len + 1);
    int rc = open_roots(w, err);
    if (rc == 0)
        rc = STEP_ON;
    while (rc == STEP_ON)
        rc = step(w, arena, ret, err);
    return rc;
}
