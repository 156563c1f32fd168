/* SPDX-License-Identifier: Apache-2.0 */
/* fuzz_log_line.c - any bytes: refused, or parts that lie within the line, in order. */
#include <stdint.h>
#include <stdlib.h>

#include "logs/log_line.h"
#include "logs/log_options.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const char *line = (const char *)data;
    struct log_line l;

    if (log_line_parse(line, size, &l) != 0)
        return 0;
    if (l.time != line || l.time + l.time_len > l.text || l.text + l.text_len != line + size ||
        (l.stream != LOG_STDOUT && l.stream != LOG_STDERR))
        abort();
    return 0;
}
