/* SPDX-License-Identifier: Apache-2.0 */
/*
 * attributes.h - owner, mode, extended attributes and time of one file.
 *
 * Extended attributes are taken from a list of what a container can make use of: user.*,
 * security.capability and POSIX ACLs. trusted.* steers overlayfs and security.* this machine's own
 * policy: a layer has no say in them.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>

struct archive_entry;
struct err;

bool attributes_xattr_wanted(const char *name); /* Pure */

/* Owner, extended attributes, mode, time, in the order in which none undoes another. fd is open for
 * reading or writing. *skipped is raised by the number of attributes left out. */
int attributes_set(int fd, struct archive_entry *entry, uint64_t *skipped, struct err *err);
/* The same for a symbolic link or a pipe, by name; links have no mode and no attributes that we
 * take. */
int attributes_set_at(int dir_fd, const char *name, struct archive_entry *entry, struct err *err);
/* From one directory to another; like_fd may be O_PATH. ret_stat: what like_fd is; its time is not
 * set yet. */
int attributes_copy(int fd, int like_fd, struct stat *ret_stat, struct err *err);
