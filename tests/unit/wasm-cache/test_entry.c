/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/mem.h"
#include "entry.h"

/* What of a file shows that it was touched; the name of each stands in its place. */
static void a_file_that_was_touched_is_not_the_same(void **state)
{
    static const struct stat verified = { .st_dev = 1, .st_ino = 2, .st_nlink = 1, .st_size = 3,
                                          .st_mtim = { 4, 5 }, .st_ctim = { 6, 7 } };
    struct stat now = verified;
    (void)state;
    assert_true(entry_same(&verified, &now));
    now.st_atim.tv_sec = 8; /* read */
    assert_true(entry_same(&verified, &now));
    now.st_nlink = 0; /* removed, or another put in its place */
    assert_false(entry_same(&verified, &now));
    now = verified;
    now.st_ino++;
    assert_false(entry_same(&verified, &now));
    now = verified;
    now.st_dev++;
    assert_false(entry_same(&verified, &now));
    now = verified;
    now.st_size++;
    assert_false(entry_same(&verified, &now));
    now = verified;
    now.st_mtim.tv_nsec++;
    assert_false(entry_same(&verified, &now));
    now = verified;
    now.st_ctim.tv_sec++;
    assert_false(entry_same(&verified, &now));
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(a_file_that_was_touched_is_not_the_same) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
