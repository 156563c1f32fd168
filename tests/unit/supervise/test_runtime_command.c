/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/mem.h"
#include "runtime_command.h"

static void the_runtimes_words_are_found(void **state)
{
    static const struct {
        char text[160];
        const char *message;
    } cases[] = {
        { "2026-01-02T03:04:05.678901Z: executable file `x` not found\n", "executable file `x` not found" },
        { "time=\"2026-01-02T03:04:05Z\" level=error msg=\"container does not exist\"\n", "container does not exist" },
        { "warning: one\nlast line\n\n", "last line" },
        { "plain", "plain" },
        { "", "" },
        { "\n", "" },
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        char *text = xstrdup(cases[i].text);

        assert_string_equal(runtime_command_message(text), cases[i].message);
        free(text);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(the_runtimes_words_are_found) };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
