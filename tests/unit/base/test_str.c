/* SPDX-License-Identifier: Apache-2.0 */
#include "base/str.h"

#include <errno.h>

#include "base/mem.h"
#include "test.h"

static void comparisons_accept_null(void **state)
{
    (void)state;
    assert_true(str_eq(NULL, NULL));
    assert_false(str_eq(NULL, ""));
    assert_true(str_eq("a", "a"));
    assert_true(str_empty(NULL));
    assert_true(str_empty(""));
    assert_true(str_has_prefix("docker://x", "docker://"));
    assert_false(str_has_prefix("do", "docker"));
    assert_false(str_has_prefix(NULL, "x"));
    assert_true(str_has_suffix("a.yaml", ".yaml"));
    assert_false(str_has_suffix("l", ".yaml"));
    assert_string_equal(str_or("", "b"), "b");
    assert_string_equal(str_or("a", "b"), "a");
}

static void signed_numbers_are_read_whole_or_not_at_all(void **state)
{
    static const struct {
        const char *text;
        int64_t min, max;
        int want;
        int64_t value;
    } cases[] = {
        { "0", INT64_MIN, INT64_MAX, 0, 0 },
        { "-1", INT64_MIN, INT64_MAX, 0, -1 },
        { "007", 0, 10, 0, 7 },
        { "9223372036854775807", INT64_MIN, INT64_MAX, 0, INT64_MAX },
        { "-9223372036854775808", INT64_MIN, INT64_MAX, 0, INT64_MIN },
        { "9223372036854775808", INT64_MIN, INT64_MAX, -ERANGE, 0 },
        { "-9223372036854775809", INT64_MIN, INT64_MAX, -ERANGE, 0 },
        { "99999999999999999999999", INT64_MIN, INT64_MAX, -ERANGE, 0 },
        { "11", 0, 10, -ERANGE, 0 },
        { "-1", 0, 10, -ERANGE, 0 },
        { "", 0, 10, -EINVAL, 0 },
        { NULL, 0, 10, -EINVAL, 0 },
        { "-", -5, 10, -EINVAL, 0 },
        { "--1", -5, 10, -EINVAL, 0 },
        { "+1", 0, 10, -EINVAL, 0 },
        { " 1", 0, 10, -EINVAL, 0 },
        { "1 ", 0, 10, -EINVAL, 0 },
        { "1x", 0, 10, -EINVAL, 0 },
        { "99999999999999999999999x", 0, 10, -EINVAL, 0 },
        { "0x1", 0, 10, -EINVAL, 0 },
        { "1e3", 0, 10, -EINVAL, 0 },
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        int64_t value = 42;

        if (str_to_i64(cases[i].text, cases[i].min, cases[i].max, &value) != cases[i].want)
            fail_msg("\"%s\"", cases[i].text ? cases[i].text : "(null)");
        assert_int_equal(value, cases[i].want == 0 ? cases[i].value : 42);
    }
}

static void unsigned_numbers_have_no_sign(void **state)
{
    uint64_t value = 0;

    (void)state;
    assert_int_equal(str_to_u64("18446744073709551615", UINT64_MAX, &value), 0);
    assert_true(value == UINT64_MAX);
    assert_int_equal(str_to_u64("18446744073709551616", UINT64_MAX, &value), -ERANGE);
    assert_int_equal(str_to_u64("-1", UINT64_MAX, &value), -EINVAL);
    assert_int_equal(str_to_u64("8", 7, &value), -ERANGE);
}

static void modes_are_octal(void **state)
{
    uint32_t mode = 0;

    (void)state;
    assert_int_equal(str_to_mode("0644", &mode), 0);
    assert_int_equal(mode, 0644);
    assert_int_equal(str_to_mode("8", &mode), -EINVAL);
    assert_int_equal(str_to_mode("10000", &mode), -ERANGE);
}

static void hexadecimal_is_lower_case(void **state)
{
    char out[9];

    (void)state;
    str_hex("\x00\xab\xcd\x0f", 4, out);
    assert_string_equal(out, "00abcd0f");
}

static void base64_follows_rfc_4648(void **state)
{
    static const struct {
        const char *plain, *coded;
    } cases[] = {
        /* RFC 4648, section 10 */
        { "", "" },
        { "f", "Zg==" },
        { "fo", "Zm8=" },
        { "foo", "Zm9v" },
        { "foob", "Zm9vYg==" },
        { "fooba", "Zm9vYmE=" },
        { "foobar", "Zm9vYmFy" },
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        AUTO(free) char *coded = str_base64_encode(cases[i].plain, strlen(cases[i].plain));
        AUTO(free) unsigned char *plain = NULL;
        size_t len = 99;

        assert_string_equal(coded, cases[i].coded);
        assert_int_equal(str_base64_decode(coded, strlen(coded), &plain, &len), 0);
        assert_int_equal(len, strlen(cases[i].plain));
        assert_memory_equal(plain, cases[i].plain, len + 1);
    }
}

static void what_is_not_base64_is_refused(void **state)
{
    static const char *const cases[] = { "Z",    "Zg",       "Zg=",  "Zg== ", "Zg\n=",    "====",
                                         "Z===", "Zg==Zg==", "Z-==", "=Zg=",  "Zm9v\nZg", "Zm9*" };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        unsigned char *plain = NULL;
        size_t len = 99;

        if (str_base64_decode(cases[i], strlen(cases[i]), &plain, &len) != -EINVAL)
            fail_msg("\"%s\"", cases[i]);
        assert_null(plain);
        assert_int_equal(len, 99);
    }
}

static void every_byte_survives_base64(void **state)
{
    unsigned char bytes[256];

    (void)state;
    for (size_t i = 0; i < sizeof(bytes); i++)
        bytes[i] = (unsigned char)(i * 7);
    for (size_t len = 0; len < sizeof(bytes); len++) {
        AUTO(free) char *coded = str_base64_encode(bytes, len);
        AUTO(free) unsigned char *plain = NULL;
        size_t plain_len = 0;

        assert_int_equal(str_base64_decode(coded, strlen(coded), &plain, &plain_len), 0);
        assert_int_equal(plain_len, len);
        assert_memory_equal(plain, bytes, len);
    }
}

static void splitting_keeps_empty_parts(void **state)
{
    static const struct {
        const char *text;
        const char *parts[4];
    } cases[] = {
        { "", { NULL } },    { NULL, { NULL } },           { "a", { "a" } },
        { ":", { "", "" } }, { "a::b", { "a", "", "b" } }, { "a:", { "a", "" } },
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        AUTO(strv_free) char **v = strv_split(cases[i].text, ':');

        assert_int_equal(strv_len(v), strv_len((char *const *)cases[i].parts));
        for (size_t k = 0; v[k]; k++)
            assert_string_equal(v[k], cases[i].parts[k]);
    }
}

static void vectors_own_copies(void **state)
{
    AUTO(strv_free) char **v = NULL;
    AUTO(strv_free) char **copy = NULL;

    (void)state;
    assert_int_equal(strv_len(v), 0);
    strv_push(&v, "a");
    strv_pushf(&v, "b=%d", 1);
    copy = strv_copy((const char *const *)v);
    assert_int_equal(strv_len(copy), 2);
    assert_string_equal(copy[1], "b=1");
    assert_ptr_not_equal(copy[0], v[0]);
}

static void the_hash_is_the_published_one(void **state)
{
    (void)state; /* the FNV authors' test vectors for FNV-1a, 64 bits */
    assert_true(str_hash("", 0) == UINT64_C(0xcbf29ce484222325));
    assert_true(str_hash("a", 1) == UINT64_C(0xaf63dc4c8601ec8c));
    assert_true(str_hash("foobar", 6) == UINT64_C(0x85944171f73967e8));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(comparisons_accept_null),
        cmocka_unit_test(signed_numbers_are_read_whole_or_not_at_all),
        cmocka_unit_test(unsigned_numbers_have_no_sign),
        cmocka_unit_test(modes_are_octal),
        cmocka_unit_test(hexadecimal_is_lower_case),
        cmocka_unit_test(base64_follows_rfc_4648),
        cmocka_unit_test(what_is_not_base64_is_refused),
        cmocka_unit_test(every_byte_survives_base64),
        cmocka_unit_test(splitting_keeps_empty_parts),
        cmocka_unit_test(vectors_own_copies),
        cmocka_unit_test(the_hash_is_the_published_one),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
