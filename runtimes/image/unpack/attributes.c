/* SPDX-License-Identifier: Apache-2.0 */
#include "attributes.h"

#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/xattr.h>

#include "base/cleanup.h"
#include "base/err.h"
#include "base/limits.h"
#include "base/mem.h"
#include "base/str.h"

bool attributes_xattr_wanted(const char *name)
{
    static const char *const exact[] = {
        "security.capability",
        "system.posix_acl_access",
        "system.posix_acl_default",
    };
    for (size_t i = 0; i < ARRAY_LEN(exact); i++)
        if (str_eq(name, exact[i]))
            return true;
    return str_has_prefix(name, "user.");
}

static int set_xattrs(int fd, struct archive_entry *entry, uint64_t *skipped, struct err *err)
{
    const char *name;
    const void *value;
    size_t len;
    (void)archive_entry_xattr_reset(entry);
    while (archive_entry_xattr_next(entry, &name, &value, &len) == ARCHIVE_OK) {
        if (!name || !attributes_xattr_wanted(name)) {
            ++*skipped;
            continue;
        }
        if (len > LIMIT_IMAGE_XATTR_BYTES)
            return err_set(err, -E2BIG, "attribute %.100s is larger than %llu bytes", name,
                           LIMIT_IMAGE_XATTR_BYTES);
        if (fsetxattr(fd, name, value, len, 0) == 0)
            continue;
        if (errno != ENOTSUP)
            return err_errno(err, errno, "attribute %.100s", name);
        ++*skipped; /* the store's file system has none of that kind */
    }
    return 0;
}

static int owner_of(struct archive_entry *entry, uid_t *ret_uid, gid_t *ret_gid, struct err *err)
{
    la_int64_t uid = archive_entry_uid(entry), gid = archive_entry_gid(entry);
    if (uid < 0 || uid >= UINT32_MAX || gid < 0 || gid >= UINT32_MAX)
        return err_set(err, -EINVAL, "owner %lld:%lld is out of range", (long long)uid,
                       (long long)gid);
    *ret_uid = (uid_t)uid;
    *ret_gid = (gid_t)gid;
    return 0;
}

static void times_of(struct archive_entry *entry, struct timespec ret[2])
{
    ret[0] = ret[1] = (struct timespec){ .tv_sec = archive_entry_mtime(entry),
                                         .tv_nsec = archive_entry_mtime_nsec(entry) };
    if (ret[1].tv_nsec < 0 || ret[1].tv_nsec >= 1000000000L)
        ret[0].tv_nsec = ret[1].tv_nsec = 0;
}

int attributes_set(int fd, struct archive_entry *entry, uint64_t *skipped, struct err *err)
{
    uid_t uid = 0;
    gid_t gid = 0;
    struct timespec times[2];
    int rc = owner_of(entry, &uid, &gid, err);
    if (rc == 0 && fchown(fd, uid, gid) < 0)
        rc = err_errno(err, errno, "setting its owner");
    if (rc == 0)
        rc = set_xattrs(fd, entry, skipped, err);
    if (rc == 0 && fchmod(fd, archive_entry_perm(entry) & 07777) < 0)
        rc = err_errno(err, errno, "setting its mode");
    times_of(entry, times);
    if (rc == 0 && futimens(fd, times) < 0)
        rc = err_errno(err, errno, "setting its time");
    return rc;
}

int attributes_set_at(int dir_fd, const char *name, struct archive_entry *entry, struct err *err)
{
    uid_t uid = 0;
    gid_t gid = 0;
    struct timespec times[2];
    int rc = owner_of(entry, &uid, &gid, err);
    if (rc == 0 && fchownat(dir_fd, name, uid, gid, AT_SYMLINK_NOFOLLOW) < 0)
        rc = err_errno(err, errno, "setting its owner");
    if (rc == 0 && archive_entry_filetype(entry) != AE_IFLNK &&
        fchmodat(dir_fd, name, archive_entry_perm(entry) & 07777, 0) < 0)
        rc = err_errno(err, errno, "setting its mode");
    times_of(entry, times);
    if (rc == 0 && utimensat(dir_fd, name, times, AT_SYMLINK_NOFOLLOW) < 0)
        rc = err_errno(err, errno, "setting its time");
    return rc;
}

static int copy_xattr(int fd, int like_fd, const char *name, struct err *err)
{
    char value[4096]; /* a directory's: ACLs and notes; larger ones are not worth failing for */
    ssize_t len = fgetxattr(like_fd, name, value, sizeof(value));
    if (len >= 0 && fsetxattr(fd, name, value, (size_t)len, 0) < 0 && errno != ENOTSUP)
        return err_errno(err, errno, "attribute %.100s", name);
    return 0;
}

static int copy_xattrs(int fd, int like_fd, struct err *err)
{
    char names[4096];
    ssize_t len = flistxattr(like_fd, names, sizeof(names));
    int rc = 0;
    for (ssize_t at = 0; rc == 0 && at < len; at += (ssize_t)strlen(names + at) + 1)
        if (attributes_xattr_wanted(names + at))
            rc = copy_xattr(fd, like_fd, names + at, err);
    return rc;
}

int attributes_copy(int fd, int like_fd, struct stat *ret_stat, struct err *err)
{
    AUTO(close) int like = openat(like_fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (like < 0 || fstat(like, ret_stat) < 0)
        return err_errno(err, errno, "reading the directory below");
    if (fchown(fd, ret_stat->st_uid, ret_stat->st_gid) < 0)
        return err_errno(err, errno, "setting its owner");
    int rc = copy_xattrs(fd, like, err);
    if (rc == 0 && fchmod(fd, ret_stat->st_mode & 07777) < 0)
        return err_errno(err, errno, "setting its mode");
    return rc;
}
