/* SPDX-License-Identifier: Apache-2.0 */
#include "media.h"

#include <stddef.h>

#include "base/mem.h"
#include "base/str.h"

/* The rows are those of README.md. */
static const struct {
    const char *type;
    enum media media;
} media_types[] = {
    /* row 1 */
    { "application/vnd.wasm.config.v0+json", MEDIA_CNCF },
    { "application/wasm", MEDIA_MODULE },
    /* row 2 */
    { "application/vnd.wasm.config.v1+json", MEDIA_CONFIG },
    { "application/vnd.wasm.content.layer.v1+wasm", MEDIA_MODULE },
    /* row 3 */
    { "application/vnd.bytecodealliance.wasm.component.layer.v0+wasm", MEDIA_MODULE },
    /* row 4 */
    { "application/vnd.fermyon.spin.application.v1+config", MEDIA_SPIN },
    /* row 7 */
    { "application/vnd.module.wasm.config.v1+json", MEDIA_CONFIG },
    { "application/vnd.module.wasm.content.layer.v1+wasm", MEDIA_MODULE },
};

enum media media_of(const char *type)
{
    for (size_t i = 0; i < ARRAY_LEN(media_types); i++)
        if (str_eq(type, media_types[i].type))
            return media_types[i].media;
    return MEDIA_OTHER;
}
