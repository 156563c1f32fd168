/* SPDX-License-Identifier: Apache-2.0 */
/* fuzz_log_options.c - a query such as "follow=true&tailLines=5": options that make sense, or a message. */
#include <stdint.h>
#include <stdlib.h>

#include "base/err.h"
#include "base/mem.h"
#include "base/str.h"
#include "logs/log_options.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    AUTO(free) char *query = xstrndup((const char *)data, size);
    AUTO(strv_free) char **pairs = strv_split(query, '&');
    struct log_options o;

    log_options_init(&o);
    for (char **p = pairs; *p; p++) {
        struct err err = ERR_INIT;
        char *equals = strchr(*p, '=');
        if (equals)
            *equals = '\0';
        int r = log_options_set(&o, *p, equals ? equals + 1 : NULL, INT64_C(1767225600000000000), &err);
        if (r < 0 && (err.code != r || !err.msg[0]))
            abort();
    }
    if (o.tail_lines < 0 || o.limit_bytes < 0 || !o.streams || (o.streams & ~(LOG_STDOUT | LOG_STDERR)))
        abort();
    struct err err = ERR_INIT;
    if (log_options_check(&o, true, false, &err) < 0 && !err.msg[0])
        abort();
    return 0;
}
