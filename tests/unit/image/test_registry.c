/* SPDX-License-Identifier: Apache-2.0 */
/* What the client decides without a registry; all else is tested against real ones in
 * tests/integration/image. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"
#include "base/str.h"
#include "registry_private.h"

static void loopback_is_known_by_its_looks(void **state)
{
    static const char *const yes[] = { "localhost", "localhost:5000", "127.0.0.1", "127.0.0.1:5000",
                                       "127.9.9.9", "[::1]",          "[::1]:80" };
    static const char *const no[] = { "",
                                      "localhost.example.com",
                                      "127.0.0.1.example.com",
                                      "127.example.com:80",
                                      "10.0.0.1",
                                      "[::2]",
                                      "[::1",
                                      "registry",
                                      "127",
                                      "1270.0.0.1" };
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(yes); i++)
        if (!registry_is_loopback(yes[i]))
            fail_msg("%s", yes[i]);
    for (size_t i = 0; i < ARRAY_LEN(no); i++)
        if (registry_is_loopback(no[i]))
            fail_msg("%s", no[i]);
}

static void what_the_registry_says_is_taken_out_of_its_answer(void **state)
{
    static const struct {
        const char *body, *said;
    } cases[] = {
        { "{\"errors\":[{\"code\":\"DENIED\",\"message\":\"no\",\"detail\":[{\"Type\":1}]},{"
          "\"code\":\"X\"}]}",
          "DENIED: no" },
        { "{\"errors\":[{\"code\":\"DENIED\"}]}", "DENIED" },
        { "{\"details\":\"incorrect username or password\"}", "incorrect username or password" },
        { "{\"errors\":[]}", "" },
        { "{}", "" },
        { "", "" },
        { "<html>no</html>", "" },
        { "{\"errors\":7}", "" },
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct buf body = BUF_INIT(4096);
        char said[64];
        (void)buf_puts(&body, cases[i].body);
        registry_message(&body, said, sizeof(said));
        if (!str_eq(said, cases[i].said))
            fail_msg("%s: '%s'", cases[i].body, said);
        buf_done(&body);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(loopback_is_known_by_its_looks),
        cmocka_unit_test(what_the_registry_says_is_taken_out_of_its_answer),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
