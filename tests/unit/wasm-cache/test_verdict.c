/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/err.h"
#include "base/limits.h"
#include "base/mem.h"
#include "base/str.h"
#include "verdict.h"

static void the_end_of_a_compilation_is_told_in_words(void **state)
{
    static const struct {
        const char *name;
        struct verdict_facts facts;
        int rc;
        const char *words;
    } cases[] = {
        { "compiled", { .exit = { .code = 0 }, .said = "" }, 0, "" },
        { "refused", { .exit = { .code = 1 }, .said = "module needs sleep\nand more\n" }, -EINVAL, "module needs sleep" },
        { "silent", { .exit = { .code = 1 }, .said = "" }, -EIO, "the compiler has failed with exit code 1" },
        { "a full disk", { .exit = { .code = 1 }, .said = "writing: No space left on device\n" }, -ENOSPC,
          "writing: No space left on device" },
        { "too slow", { .exit = { .code = 137, .signal = SIGKILL, .timed_out = true }, .said = "", .deadline_ms = 120000 },
          -ETIMEDOUT, "compiling took longer than 120 s" },
        { "too slow for a test",
          { .exit = { .code = 137, .signal = SIGKILL, .timed_out = true }, .said = "", .deadline_ms = 50 },
          -ETIMEDOUT, "compiling took longer than 50 ms" },
        { "its group was full",
          { .exit = { .code = 137, .signal = SIGKILL }, .said = "", .out_of_memory = true, .memory_max_bytes = 1 * GIB },
          -ENOMEM, "compiling needs more than 1024 MiB of memory" },
        { "its own bound was reached",
          { .exit = { .code = 134, .signal = SIGABRT },
            .said = "memory allocation of 180224 bytes failed\nstack backtrace:\n",
            .memory_max_bytes = 60 * MIB },
          -ENOMEM, "compiling needs more than 60 MiB of memory" },
        { "killed by somebody", { .exit = { .code = 137, .signal = SIGKILL }, .said = "" }, -EIO,
          "the compiler was ended by signal 9" },
        { "a bug", { .exit = { .code = 134, .signal = SIGABRT }, .said = "thread 'x' panicked at y:\nz\n" }, -EIO,
          "the compiler was ended by signal 6: thread 'x' panicked at y:" },
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct err err = ERR_INIT;
        int rc = verdict(&cases[i].facts, &err);
        if (rc != cases[i].rc || !str_eq(err.msg, cases[i].words))
            fail_msg("%s: %d %s", cases[i].name, rc, err.msg);
    }
}

static void a_failure_is_remembered_for_ten_times_as_long_as_it_took(void **state)
{
    (void)state;
    assert_int_equal(verdict_memory_ms(0), 10000);
    assert_int_equal(verdict_memory_ms(999), 10000);
    assert_int_equal(verdict_memory_ms(2000), 20000);
    assert_int_equal(verdict_memory_ms(120000), 1200000);
    assert_int_equal(verdict_memory_ms(3600000), 3600000);
    assert_int_equal(verdict_memory_ms(INT64_MAX), 3600000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_end_of_a_compilation_is_told_in_words),
        cmocka_unit_test(a_failure_is_remembered_for_ten_times_as_long_as_it_took),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
