/* SPDX-License-Identifier: Apache-2.0 */
#include "media.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "base/mem.h"

static void types_are_known_by_their_whole_name(void **state)
{
    static const struct {
        const char *type;
        enum media media;
    } cases[] = {
        { "application/wasm", MEDIA_MODULE },
        { "application/vnd.wasm.content.layer.v1+wasm", MEDIA_MODULE },
        { "application/vnd.bytecodealliance.wasm.component.layer.v0+wasm", MEDIA_MODULE },
        { "application/vnd.module.wasm.content.layer.v1+wasm", MEDIA_MODULE },
        { "application/vnd.wasm.config.v0+json", MEDIA_CNCF },
        { "application/vnd.wasm.config.v1+json", MEDIA_CONFIG },
        { "application/vnd.module.wasm.config.v1+json", MEDIA_CONFIG },
        { "application/vnd.fermyon.spin.application.v1+config", MEDIA_SPIN },
        { "application/vnd.wasm.content.layer.v1+data", MEDIA_OTHER },
        { "application/vnd.wasm.content.bundle.v1.tar+gzip", MEDIA_OTHER },
        { "application/vnd.oci.image.layer.v1.tar+gzip", MEDIA_OTHER },
        { "application/vnd.oci.image.config.v1+json", MEDIA_OTHER },
        { "application/vnd.oci.empty.v1+json", MEDIA_OTHER },
        { "application/wasm2", MEDIA_OTHER },
        { "", MEDIA_OTHER },
        { NULL, MEDIA_OTHER },
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++)
        if (media_of(cases[i].type) != cases[i].media)
            fail_msg("%s", cases[i].type ? cases[i].type : "(none)");
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(types_are_known_by_their_whole_name) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
