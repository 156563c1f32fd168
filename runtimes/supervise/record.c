/* SPDX-License-Identifier: Apache-2.0 */
#include "record.h"

#include "rt/record_file.h"

JSON_TYPE(container_user_record, CONTAINER_USER_RECORD_FIELDS);
JSON_TYPE(container_record, CONTAINER_RECORD_FIELDS);

int container_record_write(const char *dir, const struct container_record *r, struct err *err)
{
    return rt_record_write(dir, &container_record_type, r, "container record", err);
}

int container_record_read(const char *dir, struct arena *arena, struct container_record *ret, struct err *err)
{
    int r = rt_record_read(dir, &container_record_type, arena, ret, err);

    return r < 0 ? r : rt_record_check_version(dir, ret->version, RECORD_VERSION, err);
}
