/* SPDX-License-Identifier: Apache-2.0 */
/*
 * file.h - files and folders, safely. Blocking: small things on the loop's own tmpfs, all else on
 * workers.
 *
 * Paths that hold a component chosen by a peer are resolved below a directory descriptor with
 * path_open_beneath() (openat2, RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS), never by concatenation.
 * dirfd arguments may be AT_FDCWD. Every descriptor made here is CLOEXEC.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/buf.h"

struct err;

/* Appends to ret, bounded by its maximum: -E2BIG. A failure changes nothing. */
int file_read(int dirfd, const char *path, struct buf *ret, struct err *err);
int file_write_all(int fd, const void *data, size_t len, struct err *err);

enum { FILE_SYNC = 1 }; /* fsync the file and its folder: for what must survive a power cut */
/* Writes a temporary neighbour (.NAME.tmp, at most one is left by a kill and it is taken over),
 * renames it over path: readers see the old or the new, never a part. Several writers are fine. The
 * mode is exact, the umask does not count. */
int file_write_atomic(int dirfd, const char *path, const void *data, size_t len, mode_t mode,
                      int flags, struct err *err);
/* A plain write to an existing file (sysfs, cgroupfs): one write(2). */
int file_write_value(int dirfd, const char *path, const char *value, struct err *err);

int path_mkdirs(const char *path, mode_t mode, struct err *err); /* like mkdir -p */
/* Opens path as seen with root_fd as "/": symlinks and ".." cannot leave it. flags and mode as
 * open(2). */
int path_open_beneath(int root_fd, const char *path, int flags, mode_t mode, int *ret_fd,
                      struct err *err);
/* The same for folders, making those that are absent; ret_fd (may be NULL) is open for reading. */
int path_mkdirs_beneath(int root_fd, const char *path, mode_t mode, int *ret_fd, struct err *err);
/* Removes a tree, however deep, without following links. A mount in it, or on it, is -EBUSY and
 * keeps its contents. Refuses "", "/", relative paths and those that end in "." or "..". An absent
 * path is fine. */
int path_remove_tree(const char *path, struct err *err);
bool path_exists(const char *path);
/* One state of a file: another one after it was written, or replaced by a rename. Zeroed: not there. */
struct file_stamp {
    uint64_t device, inode;
    int64_t size_bytes, modified_wall_ns, changed_wall_ns;
};
/* Links are followed. Taken before the file is read, it is never newer than what was read. */
struct file_stamp file_stamp(const char *path);
bool file_stamp_eq(const struct file_stamp *a, const struct file_stamp *b);
/* A single file name: not empty, not "." or "..", no '/', at most 255 bytes. */
bool path_is_name(const char *name);
/* Calls fn for each entry of a folder but "." and "..", in no order; stops when fn returns
 * non-zero, and returns that. An absent folder is empty. */
typedef int (*path_each_fn)(int dirfd, const char *name, void *user);
int path_each(const char *path, path_each_fn fn, void *user, struct err *err);
