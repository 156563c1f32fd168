/* SPDX-License-Identifier: Apache-2.0 */
/* fuzz_config_document.c - a configuration file of any bytes: one line that names the file, or settings that hold. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "config/config.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    AUTO(config_done) struct config c;
    struct err err = ERR_INIT;

    config_init(&c);
    int r = config_parse_documents(&c, "FILE", (const char *)data, size, NULL, &err);
    if (r < 0 && (err.code != r || strncmp(err.msg, "FILE:", 5) != 0))
        abort();
    if (r == 0 && config_validate(&c, &err) < 0 && !err.msg[0])
        abort();
    return 0;
}
