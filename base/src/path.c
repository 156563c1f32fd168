/* SPDX-License-Identifier: Apache-2.0 */
/* path.c - names, folders, and resolution that stays below a root. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include "base/err.h"
#include "base/file.h"
#include "base/limits.h"
#include "base/mem.h"

#define RACE_RETRIES 64

bool path_exists(const char *path)
{
    return faccessat(AT_FDCWD, path, F_OK, AT_EACCESS) == 0;
}

bool path_is_name(const char *name)
{
    return name && name[0] && strcmp(name, ".") != 0 && strcmp(name, "..") != 0 &&
           !strchr(name, '/') && strlen(name) <= NAME_MAX;
}

/* The end of the component after at, or NULL when there is none. */
static const char *next_component(const char *at)
{
    at += strspn(at, "/");
    return *at ? at + strcspn(at, "/") : NULL;
}

static int copy_path(const char *path, char copy[LIMIT_PATH_BYTES])
{
    size_t len = strlen(path);

    if (len == 0)
        return -EINVAL;
    if (len >= LIMIT_PATH_BYTES)
        return -ENAMETOOLONG;
    memcpy(copy, path, len + 1);
    return 0;
}

static int make_dir(const char *path, mode_t mode)
{
    struct stat st;

    if (mkdir(path, mode) == 0)
        return 0;
    if (errno != EEXIST)
        return -errno;
    if (stat(path, &st) < 0)
        return -errno;
    return S_ISDIR(st.st_mode) ? 0 : -ENOTDIR;
}

/* The whole at once first: nearly always it is there, or its last folder alone is missing. */
int path_mkdirs(const char *path, mode_t mode, struct err *err)
{
    char copy[LIMIT_PATH_BYTES];
    const char *end = copy;
    int r = copy_path(path, copy);

    if (r == 0)
        r = make_dir(copy, mode);
    if (r != -ENOENT)
        return r < 0 ? err_errno(err, -r, "make folder %s", path) : 0;
    for (r = 0; r == 0 && (end = next_component(end));) {
        size_t len = (size_t)(end - copy);
        char after = copy[len];

        copy[len] = '\0';
        r = make_dir(copy, mode);
        copy[len] = after;
    }
    return r < 0 ? err_errno(err, -r, "make folder %s", path) : 0;
}

static int open_beneath(int root_fd, const char *path, int flags, mode_t mode)
{
    struct open_how how = {
        .flags = (uint64_t)(unsigned)(flags | O_CLOEXEC),
        .mode = flags & (O_CREAT | __O_TMPFILE) ? mode : 0,
        .resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS,
    };

    /* EAGAIN: something on the way was renamed meanwhile, and the kernel does not guess */
    for (int i = 0;; i++) {
        long fd = syscall(SYS_openat2, root_fd, path, &how, sizeof(how));

        if (fd >= 0)
            return (int)fd;
        if ((errno != EAGAIN && errno != EINTR) || i == RACE_RETRIES)
            return -errno;
    }
}

int path_open_beneath(int root_fd, const char *path, int flags, mode_t mode, int *ret_fd,
                      struct err *err)
{
    int fd = open_beneath(root_fd, path, flags, mode);

    if (fd < 0)
        return err_errno(err, -fd, "open %s", path);
    *ret_fd = fd;
    return 0;
}

/* Opens copy[0..len), making its last component when it is absent. parent_len: where that
 * component's parent ends. */
static int open_or_make(int root_fd, char *copy, size_t parent_len, size_t len, mode_t mode)
{
    AUTO(close) int parent_fd = -1;
    char after = copy[len], after_parent = copy[parent_len];
    const char *name;
    int fd;

    copy[len] = '\0';
    fd = open_beneath(root_fd, copy, O_RDONLY | O_DIRECTORY, 0);
    if (fd == -ENOENT) {
        copy[parent_len] = '\0';
        parent_fd = open_beneath(root_fd, parent_len ? copy : ".", O_PATH | O_DIRECTORY, 0);
        copy[parent_len] = after_parent;
        name = copy + parent_len + strspn(copy + parent_len, "/");
        if (parent_fd < 0)
            fd = parent_fd;
        else if (mkdirat(parent_fd, name, mode) < 0 && errno != EEXIST)
            fd = -errno;
        else
            fd = open_beneath(root_fd, copy, O_RDONLY | O_DIRECTORY, 0);
    }
    copy[len] = after;
    return fd;
}

int path_mkdirs_beneath(int root_fd, const char *path, mode_t mode, int *ret_fd, struct err *err)
{
    AUTO(close) int fd = -1;
    char copy[LIMIT_PATH_BYTES];
    const char *end = copy;
    size_t parent_len = 0;
    int r = copy_path(path, copy);

    while (r == 0 && (end = next_component(end))) {
        size_t len = (size_t)(end - copy);

        r = open_or_make(root_fd, copy, parent_len, len, mode);
        if (r < 0)
            break;
        if (fd >= 0)
            (void)close(fd);
        fd = r;
        r = 0;
        parent_len = len;
    }
    if (r == 0 && fd < 0) { /* "/" */
        fd = open_beneath(root_fd, ".", O_RDONLY | O_DIRECTORY, 0);
        r = fd < 0 ? fd : 0;
    }
    if (r < 0)
        return err_errno(err, -r, "make folder %s", path);
    if (ret_fd)
        *ret_fd = TAKE_FD(fd);
    return 0;
}

int path_each(const char *path, path_each_fn fn, void *user, struct err *err)
{
    AUTO(closedir) DIR *dir = opendir(path);
    const struct dirent *entry;
    int r = 0;

    if (!dir)
        return errno == ENOENT ? 0 : err_errno(err, errno, "list %s", path);
    for (;;) {
        errno = 0;
        entry = readdir(dir);
        if (!entry)
            return errno ? err_errno(err, errno, "list %s", path) : 0;
        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
            continue;
        r = fn(dirfd(dir), entry->d_name, user);
        if (r != 0)
            return r;
    }
}
