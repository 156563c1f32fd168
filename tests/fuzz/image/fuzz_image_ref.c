/* SPDX-License-Identifier: Apache-2.0 */
/* fuzz_image_ref.c - a reference that is accepted, completed and read again is the same; one of a file of the node has an
 * absolute path in it. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/mem.h"
#include "base/str.h"
#include "rt/image_ref.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    AUTO(free) char *text = xstrndup((const char *)data, size);
    struct rt_image_ref ref, again;
    struct err err = ERR_INIT;
    char first[RT_IMAGE_REF_TEXT_MAX], second[RT_IMAGE_REF_TEXT_MAX];
    const char *path = rt_image_ref_local(text);
    if (path && (path[0] != '/' || path <= text || strcspn(path, "\n\r\t\x1b") != strlen(path)))
        abort();
    int rc = rt_image_ref_parse(text, &ref, &err);
    if (rc < 0) {
        if (!err.msg[0] || err.code != rc || !str_eq(err.reason, "InvalidImageName"))
            abort();
        return 0;
    }
    if (!ref.domain[0] || !ref.path[0] || (!ref.tag[0] && !ref.digest[0]) || strstr(ref.path, ".."))
        abort();
    rt_image_ref_text(&ref, first);
    if (rt_image_ref_parse(first, &again, NULL) < 0)
        abort();
    rt_image_ref_text(&again, second);
    if (!str_eq(first, second))
        abort();
    return 0;
}
