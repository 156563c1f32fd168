/* SPDX-License-Identifier: Apache-2.0 */
#include "place.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "base/limits.h"
#include "base/mem.h"
#include "base/str.h"

/* "/a/b/" is "/a" and "b". */
static void split(const char *path, char **ret_parent, char **ret_name)
{
    size_t len = strlen(path), start;

    while (len > 0 && path[len - 1] == '/')
        len--;
    for (start = len; start > 0 && path[start - 1] != '/';)
        start--;
    *ret_parent = start > 0 ? xstrndup(path, start) : xstrdup("/");
    *ret_name = xstrndup(path + start, len - start);
}

static int make(int parent_fd, const char *name, bool file)
{
    AUTO(close) int fd = -1;

    if (!file)
        return mkdirat(parent_fd, name, 0755) < 0 ? -errno : 0;
    fd = openat(parent_fd, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0644);
    return fd < 0 ? -errno : 0;
}

/* Makes the last component of *path, or, where a link stands that leads nowhere, puts its target for the path. */
static int make_or_follow(int root_fd, char **path, bool file, struct err *err)
{
    AUTO(free) char *parent = NULL;
    AUTO(free) char *name = NULL;
    AUTO(close) int parent_fd = -1;
    char target[PATH_MAX];
    ssize_t len;
    int r;

    split(*path, &parent, &name);
    r = path_mkdirs_beneath(root_fd, parent, 0755, &parent_fd, err);
    if (r < 0)
        return r;
    len = readlinkat(parent_fd, name, target, sizeof(target) - 1);
    if (len < 0) {
        r = make(parent_fd, name, file);
        return r < 0 ? err_errno(err, -r, "make %s", *path) : 0;
    }
    target[len] = '\0';
    free(*path);
    *path = target[0] == '/' ? xstrdup(target) : xasprintf("%s/%s", parent, target);
    return 0;
}

int place_find(int root_fd, const char *path, bool file, int *ret_fd, struct err *err)
{
    AUTO(free) char *at = xstrdup(path);
    struct err own = ERR_INIT;

    for (int i = 0; i < LIMIT_WASM_LINKS; i++) {
        int r = path_open_beneath(root_fd, at, O_PATH | O_CLOEXEC, 0, ret_fd, &own);

        if (r == -ENOENT) {
            err_clear(&own);
            r = make_or_follow(root_fd, &at, file, &own);
            if (r == 0)
                continue;
        }
        if (r < 0 && err)
            err_copy(err, &own);
        return r;
    }
    return err_set(err, -ELOOP, "%s: too many symbolic links", path);
}
