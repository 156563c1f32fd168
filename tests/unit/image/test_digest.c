/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "digest.h"

#define ABC256 "sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
#define ABC512                                                                                     \
    "sha512:ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a"                      \
    "2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f"

static void digests_are_those_of_the_standard(void **state)
{
    char text[DIGEST_TEXT_MAX];
    (void)state;
    digest_of(NULL, "abc", 3, text);
    assert_string_equal(text, ABC256);
    digest_of("sha512:", "abc", 3, text);
    assert_string_equal(text, ABC512);
    assert_true(digest_matches(ABC256, "abc", 3));
    assert_false(digest_matches(ABC256, "abd", 3));
}

static void text_can_be_asked_for_in_the_middle(void **state)
{
    AUTO(digest_free) struct digest_state *d = digest_new(NULL);
    char half[DIGEST_TEXT_MAX], whole[DIGEST_TEXT_MAX];
    (void)state;
    digest_add(d, "ab", 2);
    digest_text(d, half);
    digest_add(d, "c", 1);
    digest_text(d, whole);
    assert_string_not_equal(half, whole);
    assert_string_equal(whole, ABC256);
}

static void what_is_no_digest_is_refused(void **state)
{
    (void)state;
    assert_int_equal(digest_check(ABC256, NULL), 0);
    assert_int_equal(digest_check(ABC512, NULL), 0);
    assert_int_equal(digest_check(NULL, NULL), -EINVAL);
    assert_int_equal(digest_check("", NULL), -EINVAL);
    assert_int_equal(digest_check("sha256", NULL), -EINVAL);
    assert_int_equal(digest_check("sha256:", NULL), -EINVAL);
    assert_int_equal(digest_check("sha256:../../../etc/passwd", NULL), -EINVAL);
    assert_int_equal(
        digest_check("sha256:BA7816BF8F01CFEA414140DE5DAE2223B00361A396177A9CB410FF61F20015AD",
                     NULL),
        -EINVAL);
    assert_int_equal(digest_check("md5:900150983cd24fb0d6963f7d28e17f72", NULL), -EOPNOTSUPP);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(digests_are_those_of_the_standard),
        cmocka_unit_test(text_can_be_asked_for_in_the_middle),
        cmocka_unit_test(what_is_no_digest_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
