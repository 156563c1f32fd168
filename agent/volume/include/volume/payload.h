/* SPDX-License-Identifier: Apache-2.0 */
/*
 * payload.h - files as data: what a configMap, secret, downwardAPI or projected volume shall contain, and the
 * atomic writer that puts it there.
 *
 * The writer keeps the layout that programs rely on to notice changes: the files lie in a folder named
 * "..<time>", "..data" is a symbolic link to it that is replaced by one rename, and each visible name is a link
 * to "..data/<name>". Readers see all of the old content or all of the new.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/cleanup.h"
#include "base/map.h"

struct err;

struct payload_file {
    char *path; /* relative, may have folders: "a/b" */
    void *data;
    size_t len;
    mode_t mode;
    bool has_uid;
    uid_t uid;
};
struct payload {
    struct payload_file *files;
    size_t len, cap;
    struct map by_path; /* number of a file, from 1 */
};
void payload_done(struct payload *p);
DEFINE_CLEANUP_DONE(struct payload, payload_done)
/* Copies. A path that is there already is replaced (later sources win).
 * -EINVAL: the path is empty, absolute, has "..", or a first component that begins with "..". */
int payload_add(struct payload *p, const char *path, const void *data, size_t len, mode_t mode, struct err *err);
const struct payload_file *payload_find(const struct payload *p, const char *path); /* NULL: none. Pure */

/* Makes dir (which exists) show exactly the payload; nothing is touched when it does already. Blocking, for workers.
 * Killed at any point, dir shows the old or the new content, and the next call removes the remains. */
int payload_write(const char *dir, const struct payload *p, struct err *err);
