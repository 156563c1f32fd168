/* SPDX-License-Identifier: Apache-2.0 */
/* fuzz_yaml.c - any bytes: either an error with a message, or text that the JSON decoder takes. */
#include <errno.h>
#include <stdint.h>
#include <stdlib.h>

#include "base/err.h"
#include "base/json.h"
#include "base/yaml.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define ANYTHING_FIELDS(F) F(value, struct json_raw, value, "value", 0)
JSON_STRUCT(anything, ANYTHING_FIELDS);
JSON_TYPE(anything, ANYTHING_FIELDS);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    AUTO(yaml_reader_free) struct yaml_reader *r = yaml_reader_new("f", data, size);
    for (;;) {
        AUTO(buf_done) struct buf out = BUF_INIT(1 << 20);
        struct err err = ERR_INIT;
        buf_puts(&out, "{\"value\":");
        int ret = yaml_next(r, &out, NULL, &err);
        if (ret < 0 && (err.code != ret || !err.msg[0]))
            abort();
        if (ret != 0)
            return 0;
        buf_putc(&out, '}');
        AUTO(arena_unref) struct arena *arena = arena_new(8 << 20);
        struct anything any;
        if (!buf_failed(&out) &&
            json_decode(&anything_type, buf_str(&out), out.len, NULL, arena, &any, &err) == -EINVAL)
            abort();
    }
}
