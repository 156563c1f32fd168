/* SPDX-License-Identifier: Apache-2.0 */
/*
 * record_file.h - the file record.json in a folder: what is written down about one thing before it is made.
 *
 * Blocking, on a tmpfs: not synced. The type says what stands in it; each has a version, which its reader checks.
 */
#pragma once

#include <stdint.h>

#include "base/json.h"

struct err;

/* what: names the step for effect(), "container record". -E2BIG: larger than LIMIT_POD_MANIFEST_BYTES. */
int rt_record_write(const char *dir, const struct json_type *type, const void *record, const char *what,
                    struct err *err);
/* Strings come from arena. -ENOENT; -EINVAL. */
int rt_record_read(const char *dir, const struct json_type *type, struct arena *arena, void *ret, struct err *err);
/* 0; -ENOTSUP: written by a newer version. Pure. */
int rt_record_check_version(const char *dir, int32_t version, int32_t known, struct err *err);
