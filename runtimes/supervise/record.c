/* SPDX-License-Identifier: Apache-2.0 */
#include "record.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>

#include "base/effect.h"
#include "base/file.h"
#include "base/limits.h"

JSON_TYPE(container_record, CONTAINER_RECORD_FIELDS);

int container_record_write(const char *dir, const struct container_record *r, struct err *err)
{
    AUTO(buf_done) struct buf text = BUF_INIT(LIMIT_POD_MANIFEST_BYTES);
    char path[LIMIT_PATH_BYTES];
    int code = json_encode(&container_record_type, r, &text);

    (void)snprintf(path, sizeof(path), "%s/record.json", dir);
    if (code < 0)
        return err_set(err, code, "%s: too large", path);
    effect("container record");
    return file_write_atomic(AT_FDCWD, path, text.data, text.len, 0600, 0, err);
}

int container_record_read(const char *dir, struct arena *arena, struct container_record *ret, struct err *err)
{
    AUTO(buf_done) struct buf text = BUF_INIT(LIMIT_POD_MANIFEST_BYTES);
    char path[LIMIT_PATH_BYTES];
    int r;

    (void)snprintf(path, sizeof(path), "%s/record.json", dir);
    r = file_read(AT_FDCWD, path, &text, err);
    if (r < 0)
        return r;
    r = json_decode(&container_record_type, text.data, text.len, NULL, arena, ret, err);
    if (r < 0)
        return err_wrap(err, "%s", path);
    if (ret->version > RECORD_VERSION)
        return err_set(err, -ENOTSUP, "%s: version %d is newer than the %d that is known here", path,
                       (int)ret->version, RECORD_VERSION);
    return 0;
}
