/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/mem.h"
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

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(names_and_numbers_are_understood) };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
