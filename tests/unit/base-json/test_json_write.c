/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "base/json_write.h"

static void commas_and_brackets_come_by_themselves(void **state)
{
    AUTO(buf_done) struct buf out = BUF_INIT(1024);
    struct json_writer w = JSON_WRITER(&out);

    (void)state;
    json_write_object(&w);
    json_write_key_string(&w, "s", "x");
    json_write_key_array(&w, "a");
    json_write_int(&w, -1);
    json_write_uint(&w, UINT64_MAX);
    json_write_object(&w);
    json_write_end(&w);
    json_write_array(&w);
    json_write_end(&w);
    json_write_null(&w);
    json_write_end(&w);
    json_write_key_object(&w, "o");
    json_write_key_bool(&w, "b", false);
    json_write_key_int(&w, "i", 3);
    json_write_end(&w);
    json_write_key(&w, "r");
    json_write_raw(&w, "[1]", 3);
    json_write_key(&w, "d");
    json_write_base64(&w, "abc", 3);
    json_write_key_string(&w, "n", NULL);
    json_write_end(&w);
    assert_string_equal(buf_str(&out),
                        "{\"s\":\"x\",\"a\":[-1,18446744073709551615,{},[],null],"
                        "\"o\":{\"b\":false,\"i\":3},\"r\":[1],\"d\":\"YWJj\",\"n\":null}");
}

static const struct {
    const char *in, *out;
} strings[] = {
    { "", "\"\"" },
    { "plain", "\"plain\"" },
    { "\"\\/", "\"\\\"\\\\/\"" },
    { "\b\f\n\r\t\x01\x1f\x7f", "\"\\b\\f\\n\\r\\t\\u0001\\u001f\x7f\"" },
    { "gr\xC3\xB6\xC3\x9F"
      "e \xE6\x97\xA5 \xF0\x9F\x9A\xA3",
      "\"gr\xC3\xB6\xC3\x9F"
      "e \xE6\x97\xA5 \xF0\x9F\x9A\xA3\"" },
    { "a\xFF"
      "b",
      "\"a\xEF\xBF\xBD"
      "b\"" },
    { "\xC0\x80", "\"\xEF\xBF\xBD\xEF\xBF\xBD\"" },                 /* overlong */
    { "\xED\xA0\x80", "\"\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\"" }, /* a surrogate */
    { "\xF4\x90\x80\x80",
      "\"\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\"" }, /* beyond U+10FFFF */
    { "x\xE6\x97", "\"x\xEF\xBF\xBD\xEF\xBF\xBD\"" },           /* cut off */
};

static void strings_are_escaped_and_made_valid(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(strings) / sizeof(strings[0]); i++) {
        AUTO(buf_done) struct buf out = BUF_INIT(1024);
        struct json_writer w = JSON_WRITER(&out);

        json_write_string(&w, strings[i].in);
        assert_string_equal(buf_str(&out), strings[i].out);
    }
}

static void base64_pads(void **state)
{
    static const char *const want[] = { "\"\"", "\"YQ==\"", "\"YWI=\"", "\"YWJj\"",
                                        "\"YWJjZA==\"" };

    (void)state;
    for (size_t i = 0; i < 5; i++) {
        AUTO(buf_done) struct buf out = BUF_INIT(64);
        struct json_writer w = JSON_WRITER(&out);

        json_write_base64(&w, "abcd", i);
        assert_string_equal(buf_str(&out), want[i]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(commas_and_brackets_come_by_themselves),
        cmocka_unit_test(strings_are_escaped_and_made_valid),
        cmocka_unit_test(base64_pads),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
