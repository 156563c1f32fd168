/* SPDX-License-Identifier: Apache-2.0 */
#include "rt/record_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>

#include "base/effect.h"
#include "base/file.h"
#include "base/limits.h"

static void path_of(const char *dir, char path[LIMIT_PATH_BYTES])
{
    (void)snprintf(path, LIMIT_PATH_BYTES, "%s/record.json", dir);
}

int rt_record_write(const char *dir, const struct json_type *type, const void *record, const char *what,
                    struct err *err)
{
    AUTO(buf_done) struct buf text = BUF_INIT(LIMIT_POD_MANIFEST_BYTES);
    char path[LIMIT_PATH_BYTES];
    int code = json_encode(type, record, &text);

    path_of(dir, path);
    if (code < 0)
        return err_set(err, code, "%s: too large", path);
    effect(what);
    return file_write_atomic(AT_FDCWD, path, text.data, text.len, 0600, 0, err);
}

int rt_record_read(const char *dir, const struct json_type *type, struct arena *arena, void *ret, struct err *err)
{
    AUTO(buf_done) struct buf text = BUF_INIT(LIMIT_POD_MANIFEST_BYTES);
    char path[LIMIT_PATH_BYTES];
    int r;

    path_of(dir, path);
    r = file_read(AT_FDCWD, path, &text, err);
    if (r < 0)
        return r;
    r = json_decode(type, text.data, text.len, NULL, arena, ret, err);
    return r < 0 ? err_wrap(err, "%s", path) : 0;
}

int rt_record_check_version(const char *dir, int32_t version, int32_t known, struct err *err)
{
    if (version > known)
        return err_set(err, -ENOTSUP, "%s/record.json: version %d is newer than the %d that is known here", dir,
                       (int)version, (int)known);
    return 0;
}
