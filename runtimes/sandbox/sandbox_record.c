/* SPDX-License-Identifier: Apache-2.0 */
#include "sandbox_record.h"

#include "rt/record_file.h"

JSON_TYPE(sandbox_record, SANDBOX_RECORD_FIELDS);

int sandbox_record_write(const char *dir, const struct sandbox_record *r, struct err *err)
{
    return rt_record_write(dir, &sandbox_record_type, r, "sandbox record", err);
}

int sandbox_record_read(const char *dir, struct arena *arena, struct sandbox_record *ret, struct err *err)
{
    int r = rt_record_read(dir, &sandbox_record_type, arena, ret, err);

    return r < 0 ? r : rt_record_check_version(dir, ret->version, SANDBOX_RECORD_VERSION, err);
}
