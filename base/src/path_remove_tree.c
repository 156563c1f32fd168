/* SPDX-License-Identifier: Apache-2.0 */
/*
 * path_remove_tree.c - rm -r that follows no link and enters no mount.
 *
 * A tree's depth is chosen by whoever filled it, our descriptors are not without end: what lies
 * deeper than LIMIT_TREE_OPEN_DIRS is moved up to the top under a fresh name, and the top is looked
 * through again. Every folder is opened by name from its parent with openat2(): a mount on it, even
 * on the tree's own root or of the same file system, is refused (-EBUSY), so that a volume still
 * mounted never loses its contents.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>

#include "base/err.h"
#include "base/file.h"
#include "base/limits.h"
#include "base/mem.h"

#define SCANS_MAX 16 /* of one folder: a file system may skip entries while others are removed */

struct removal {
    int top_fd;
    unsigned moved; /* folders moved to the top; the counter makes their names */
    char failed[NAME_MAX + 1];
};

static int open_folder(int dirfd, const char *name)
{
    const struct open_how how = {
        .flags = O_RDONLY | O_DIRECTORY | O_CLOEXEC,
        .resolve = RESOLVE_NO_XDEV | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS,
    };
    long fd = syscall(SYS_openat2, dirfd, name, &how, sizeof(how));

    if (fd < 0)
        return errno == EXDEV ? -EBUSY : -errno;
    return (int)fd;
}

static int fail(struct removal *rm, const char *name, int code)
{
    if (!rm->failed[0])
        (void)snprintf(rm->failed, sizeof(rm->failed), "%s", name);
    return code;
}

static int empty_folder(struct removal *rm, int fd, int depth);

static int move_to_top(struct removal *rm, int dirfd, const char *name)
{
    char fresh[32];

    do {
        (void)snprintf(fresh, sizeof(fresh), ".removed.%u", rm->moved++);
        if (syscall(SYS_renameat2, dirfd, name, rm->top_fd, fresh, 1 /* RENAME_NOREPLACE */) == 0)
            return 0;
    } while (errno == EEXIST);
    return fail(rm, name, -errno);
}

static int remove_folder(struct removal *rm, int dirfd, const char *name, int depth)
{
    int fd, r;

    if (unlinkat(dirfd, name, AT_REMOVEDIR) == 0 || errno == ENOENT)
        return 0;
    if (errno != ENOTEMPTY && errno != EEXIST)
        return fail(rm, name, -errno);
    if (depth >= LIMIT_TREE_OPEN_DIRS)
        return move_to_top(rm, dirfd, name);
    fd = open_folder(dirfd, name);
    if (fd < 0)
        return fail(rm, name, fd);
    r = empty_folder(rm, fd, depth + 1); /* closes fd */
    if (r < 0)
        return r;
    if (unlinkat(dirfd, name, AT_REMOVEDIR) < 0 && errno != ENOENT)
        return fail(rm, name, -errno);
    return 0;
}

static int remove_entry(struct removal *rm, int dirfd, const struct dirent *entry, int depth)
{
    if (entry->d_type != DT_DIR) {
        if (unlinkat(dirfd, entry->d_name, 0) == 0 || errno == ENOENT)
            return 0;
        if (errno != EISDIR)
            return fail(rm, entry->d_name, -errno);
    }
    return remove_folder(rm, dirfd, entry->d_name, depth);
}

/* One pass over a folder; the number of entries seen, or an error. */
static int scan(struct removal *rm, DIR *dir, int depth)
{
    const struct dirent *entry;
    int seen = 0, r;

    for (;;) {
        errno = 0;
        entry = readdir(dir);
        if (!entry)
            return errno ? -errno : seen;
        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
            continue;
        seen = 1;
        r = remove_entry(rm, dirfd(dir), entry, depth);
        if (r < 0)
            return r;
    }
}

static int empty_folder(struct removal *rm, int fd, int depth)
{
    AUTO(closedir) DIR *dir = fdopendir(fd);
    unsigned moved;
    int r;

    if (!dir) {
        r = -errno;
        (void)close(fd);
        return r;
    }
    for (int scans = 0; scans < SCANS_MAX; scans++) {
        moved = rm->moved;
        r = scan(rm, dir, depth);
        if (r <= 0)
            return r;
        if (depth == 0 && rm->moved != moved)
            scans = -1; /* new work has come, and each move has made the tree less deep */
        rewinddir(dir);
    }
    return 0; /* the removal of the folder itself tells what is wrong */
}

static int remove_below(struct removal *rm, int parent_fd, const char *name)
{
    int fd, r;

    if (unlinkat(parent_fd, name, 0) == 0 || errno == ENOENT)
        return 0;
    if (errno != EISDIR)
        return -errno;
    fd = open_folder(parent_fd, name);
    if (fd < 0)
        return fd;
    rm->top_fd = fd;
    r = empty_folder(rm, fd, 0);
    if (r < 0)
        return r;
    return unlinkat(parent_fd, name, AT_REMOVEDIR) < 0 && errno != ENOENT ? -errno : 0;
}

int path_remove_tree(const char *path, struct err *err)
{
    AUTO(close) int parent_fd = -1;
    struct removal rm = { .top_fd = -1 };
    char folder[LIMIT_PATH_BYTES];
    size_t len = path ? strlen(path) : 0;
    char *name;
    int r;

    while (len > 1 && path[len - 1] == '/')
        len--;
    if (len < 2 || path[0] != '/')
        return err_set(err, -EINVAL, "remove \"%s\": not an absolute path below /",
                       path ? path : "");
    if (len >= sizeof(folder))
        return err_set(err, -ENAMETOOLONG, "remove: path of more than %d bytes", LIMIT_PATH_BYTES);
    memcpy(folder, path, len);
    folder[len] = '\0';
    name = strrchr(folder, '/') + 1;
    if (!path_is_name(name))
        return err_set(err, -EINVAL, "remove \"%s\": not a plain name at its end", path);
    if (name - folder == 1) {
        parent_fd = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
    } else {
        name[-1] = '\0';
        parent_fd = open(folder, O_PATH | O_DIRECTORY | O_CLOEXEC);
    }
    if (parent_fd < 0)
        return errno == ENOENT ? 0 : err_errno(err, errno, "remove %s", path);
    r = remove_below(&rm, parent_fd, name);
    if (r < 0 && rm.failed[0])
        return err_errno(err, -r, "remove %s: %s", path, rm.failed);
    return r < 0 ? err_errno(err, -r, "remove %s", path) : 0;
}
