/* SPDX-License-Identifier: Apache-2.0 */
/* file.c - whole files: read with a bound, written at once or not at all. */
#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/limits.h"
#include "base/mem.h"

#define READ_BYTES   4096
#define OPEN_RETRIES 1000 /* each one is another writer that was faster */

static ssize_t read_some(int fd, void *data, size_t len)
{
    ssize_t n;

    do {
        n = read(fd, data, len);
    } while (n < 0 && errno == EINTR);
    return n;
}

static int read_all(int fd, struct buf *buf)
{
    char extra = 0;
    ssize_t n;

    for (;;) {
        size_t room = buf->max_bytes - buf->len;
        char *at = room ? buf_reserve(buf, room < READ_BYTES ? room : READ_BYTES) : &extra;

        if (!at)
            return -ENOMEM;
        n = read_some(fd, at, room ? buf->cap - buf->len - 1 : 1);
        if (n <= 0)
            return n < 0 ? -errno : 0;
        if (!room) /* there is more than fits */
            return -E2BIG;
        buf_commit(buf, (size_t)n);
    }
}

int file_read(int dirfd, const char *path, struct buf *ret, struct err *err)
{
    AUTO(close) int fd = openat(dirfd, path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
    size_t before = ret->len;
    int r = fd < 0 ? -errno : read_all(fd, ret);

    if (r == 0)
        return 0;
    ret->len = before;
    if (ret->data)
        ret->data[before] = '\0';
    if (r == -E2BIG)
        return err_set(err, r, "read %s: larger than %zu bytes", path, ret->max_bytes - before);
    return err_errno(err, -r, "read %s", path);
}

int file_write_all(int fd, const void *data, size_t len, struct err *err)
{
    const char *at = (const char *)data;

    while (len > 0) {
        ssize_t n = write(fd, at, len);

        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return err_errno(err, errno, "write");
        at += n;
        len -= (size_t)n;
    }
    return 0;
}

/* "a/b" → "a/" and "b". */
static const char *split(const char *path, char folder[LIMIT_PATH_BYTES])
{
    const char *slash = strrchr(path, '/');
    size_t len = slash ? (size_t)(slash - path) + 1 : 0;

    if (len >= LIMIT_PATH_BYTES)
        return NULL;
    memcpy(folder, slash ? path : "./", slash ? len : 2);
    folder[slash ? len : 2] = '\0';
    return slash ? slash + 1 : path;
}

/* Whether name is the file just opened, and that file has no other name that we would write
 * through. */
static bool is_ours(int folder_fd, const char *name, int fd)
{
    struct stat opened, named;

    return fstat(fd, &opened) == 0 && fstatat(folder_fd, name, &named, AT_SYMLINK_NOFOLLOW) == 0 &&
           opened.st_ino == named.st_ino && opened.st_dev == named.st_dev &&
           S_ISREG(opened.st_mode) && opened.st_nlink == 1;
}

/*
 * The temporary's name is fixed, so a kill leaves at most one, which the next write takes over. Its
 * lock makes a second writer of the same file wait; afterwards the name may be another file's, or
 * none's, and is opened again. Whatever else has that name (a link, a pipe, a file we may not
 * write) is removed: the name is ours.
 */
static int open_temporary(int folder_fd, const char *name, int *ret_fd)
{
    for (int i = 0; i < OPEN_RETRIES; i++) {
        AUTO(close)
        int fd = openat(folder_fd, name,
                        O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY, 0600);
        struct stat named;

        if (fd < 0 && errno != ELOOP && errno != ENXIO && errno != EACCES)
            return -errno;
        if (fd >= 0 && flock(fd, LOCK_EX) < 0 && errno != EINTR)
            return -errno;
        if (fd >= 0 && is_ours(folder_fd, name, fd)) {
            *ret_fd = TAKE_FD(fd);
            return 0;
        }
        if (fstatat(folder_fd, name, &named, AT_SYMLINK_NOFOLLOW) == 0 &&
            (fd < 0 || !S_ISREG(named.st_mode) || named.st_nlink > 1) &&
            unlinkat(folder_fd, name, 0) < 0 && errno != ENOENT)
            return -errno;
    }
    return -EBUSY;
}

static int replace(int folder_fd, const char *name, const void *data, size_t len, mode_t mode,
                   int flags)
{
    AUTO(close) int fd = -1;
    struct err err = ERR_INIT;
    char temporary[NAME_MAX + 1];
    int r;

    if (!path_is_name(name))
        return -EINVAL;
    if (snprintf(temporary, sizeof(temporary), ".%s.tmp", name) >= (int)sizeof(temporary))
        return -ENAMETOOLONG;
    r = open_temporary(folder_fd, temporary, &fd);
    if (r < 0)
        return r;
    if (ftruncate(fd, 0) < 0 || fchmod(fd, mode) < 0)
        r = -errno;
    if (r == 0)
        r = file_write_all(fd, data, len, &err);
    if (r == 0 && (flags & FILE_SYNC) && fsync(fd) < 0)
        r = -errno;
    if (r == 0 && renameat(folder_fd, temporary, folder_fd, name) < 0)
        r = -errno;
    if (r < 0)
        (void)unlinkat(folder_fd, temporary, 0);
    if (r == 0 && (flags & FILE_SYNC) && fsync(folder_fd) < 0)
        r = -errno;
    return r;
}

int file_write_atomic(int dirfd, const char *path, const void *data, size_t len, mode_t mode,
                      int flags, struct err *err)
{
    char folder[LIMIT_PATH_BYTES];
    const char *name = split(path, folder);
    AUTO(close) int fd = -1;
    int r;

    if (!name)
        return err_set(err, -ENAMETOOLONG, "write: path of more than %d bytes", LIMIT_PATH_BYTES);
    fd = openat(dirfd, folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    r = fd < 0 ? -errno : replace(fd, name, data, len, mode, flags);
    return r < 0 ? err_errno(err, -r, "write %s", path) : 0;
}

int file_write_value(int dirfd, const char *path, const char *value, struct err *err)
{
    AUTO(close) int fd = openat(dirfd, path, O_WRONLY | O_CLOEXEC | O_NOCTTY);
    size_t len = strlen(value);
    ssize_t n;

    if (fd < 0)
        return err_errno(err, errno, "write %s", path);
    do {
        n = write(fd, value, len);
    } while (n < 0 && errno == EINTR);
    if (n < 0)
        return err_errno(err, errno, "write \"%s\" to %s", value, path);
    if ((size_t)n != len)
        return err_set(err, -EIO, "write \"%s\" to %s: only %zd bytes taken", value, path, n);
    return 0;
}

struct file_stamp file_stamp(const char *path)
{
    struct stat st;

    if (stat(path, &st) < 0)
        return (struct file_stamp){ 0 };
    return (struct file_stamp){
        .device = st.st_dev,
        .inode = st.st_ino,
        .size_bytes = st.st_size,
        .modified_wall_ns = (int64_t)st.st_mtim.tv_sec * NS_PER_S + st.st_mtim.tv_nsec,
        .changed_wall_ns = (int64_t)st.st_ctim.tv_sec * NS_PER_S + st.st_ctim.tv_nsec,
    };
}

bool file_stamp_eq(const struct file_stamp *a, const struct file_stamp *b)
{
    return a->device == b->device && a->inode == b->inode && a->size_bytes == b->size_bytes &&
           a->modified_wall_ns == b->modified_wall_ns && a->changed_wall_ns == b->changed_wall_ns;
}
