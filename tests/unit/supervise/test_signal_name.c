/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/mem.h"
#include "base/str.h"
#include "signal_name.h"

static void names_and_numbers_are_understood(void **state)
{
    const struct {
        const char *name;
        int signum; /* 0: refused */
    } cases[] = {
        { "SIGTERM", SIGTERM }, { "TERM", SIGTERM }, { "sigquit", SIGQUIT }, { "9", SIGKILL },
        { "SIGRTMIN", SIGRTMIN }, { "SIGRTMIN+3", SIGRTMIN + 3 }, { "RTMAX-1", SIGRTMAX - 1 },
        { "", 0 }, { "SIG", 0 }, { "0", 0 }, { "99", 0 }, { "SIGRTMIN-1", 0 }, { "SIGRTMIN+", 0 },
        { "SIGRTMIN+99", 0 }, { "SIGNOTHING", 0 },
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        int signum = 0;
        int r = signal_name_parse(cases[i].name, &signum);

        if (r != (cases[i].signum ? 0 : -EINVAL) || signum != cases[i].signum)
            fail_msg("%s: %d, %d", cases[i].name, r, signum);
    }
}

/* The words of core/v1 Signal. */
static void signals_are_spelled_as_the_api_does(void **state)
{
    const struct {
        int signum;
        const char *name; /* NULL: there is none */
    } cases[] = {
        { SIGTERM, "SIGTERM" }, { SIGUSR1, "SIGUSR1" }, { SIGRTMIN, "SIGRTMIN" }, { SIGRTMIN + 15, "SIGRTMIN+15" },
        { SIGRTMAX - 14, "SIGRTMAX-14" }, { SIGRTMAX, "SIGRTMAX" }, { 0, NULL }, { 999, NULL },
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        char text[SIGNAL_NAME_BYTES] = "";
        int r = signal_name_print(cases[i].signum, text);

        if (r != (cases[i].name ? 0 : -EINVAL) || !str_eq(text, str_or(cases[i].name, "")))
            fail_msg("%d: %d, %s", cases[i].signum, r, text);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(names_and_numbers_are_understood),
                                        cmocka_unit_test(signals_are_spelled_as_the_api_does) };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
