/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/err.h"
#include "base/mem.h"
#include "base/yaml.h"

static void documents_become_json(void **state)
{
    (void)state;
    static const struct {
        const char *yaml, *json;
    } cases[] = {
        { "a: 1\nb: [x, 'y', \"1\"]\n", "{\"a\":1,\"b\":[\"x\",\"y\",\"1\"]}" },
        { "a:\n  - b: true\n    c:\n  - {}\n  - []\n", "{\"a\":[{\"b\":true,\"c\":null},{},[]]}" },
        { "text: |\n  one\n  \"two\"\n", "{\"text\":\"one\\u000a\\\"two\\\"\\u000a\"}" },
        { "folded: >-\n  one\n  two\n", "{\"folded\":\"one two\"}" },
        { "1: a\ntrue: b\n1.5: c\n", "{\"1\":\"a\",\"true\":\"b\",\"1.5\":\"c\"}" },
        { "mode: 0644", "{\"mode\":420}" },
        { "a: !!str 1\nb: !!int \"2\"\nc: ! 3\n", "{\"a\":\"1\",\"b\":2,\"c\":\"3\"}" },
        { "{\"json\": {\"is\": [1, 2.50, null, \"yaml\"]}}", "{\"json\":{\"is\":[1,2.5,null,\"yaml\"]}}" },
        { "plain", "\"plain\"" },
        { "\"<<\": quoted", "{\"<<\":\"quoted\"}" },
        { "s: \"\\u00e4\\x41\\t\"", "{\"s\":\"\xc3\xa4"
                                   "A\\u0009\"}" },
        { "---\n# comment only\n---\na: b\n...\n", "{\"a\":\"b\"}" },
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct buf out = BUF_INIT(4096);
        struct err err = ERR_INIT;
        if (yaml_to_json("f", cases[i].yaml, strlen(cases[i].yaml), &out, &err) != 0)
            fail_msg("%s: %s", cases[i].yaml, err.msg);
        assert_string_equal(buf_str(&out), cases[i].json);
        buf_done(&out);
    }
}

static void errors_name_file_line_and_cause(void **state)
{
    (void)state;
    static const struct {
        const char *yaml, *error;
    } cases[] = {
        { "a: b\nc: *x\n", "f:2: anchors and aliases (x) are not supported" },
        { "a: &x b\n", "f:1: anchors and aliases (x) are not supported" },
        { "a: b\n<<: {c: d}\n", "f:2: merge keys (<<) are not supported" },
        { "a: 1\nb: 2\na: 3\n", "f:3: duplicate key \"a\"" },
        { "a: b\n  c: d\n", "f:2: mapping values are not allowed in this context" },
        { "a: .inf\n", "f:1: .inf is not a number that JSON can hold" },
        { "\n\na: !!binary aGk=\n", "f:3: tag tag:yaml.org,2002:binary is not supported" },
        { "a: !!int x\n", "f:1: \"x\" is no int" },
        { "? [a, b]\n: c\n", "f:1: a key must be a single word or text" },
        { "a: b\n---\nc: d\n", "f:3: a second document; only one is expected" },
        { "a: \"open\n", "f:2: found unexpected end of stream" },
        { "\ta: b\n", "f:1: found character that cannot start any token" },
        { "a: \xff\xfe\n", "f: byte 3: invalid leading UTF-8 octet" },
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct buf out = BUF_INIT(4096);
        struct err err = ERR_INIT;
        assert_int_equal(yaml_to_json("f", cases[i].yaml, strlen(cases[i].yaml), &out, &err), -EINVAL);
        assert_string_equal(err.msg, cases[i].error);
        buf_done(&out);
    }
}

static void every_document_of_a_stream_is_read(void **state)
{
    (void)state;
    static const char text[] = "# nothing\n---\na: 1\n---\n---\n- b\n--- c\n";
    static const struct {
        const char *json;
        size_t line;
    } want[] = { { "{\"a\":1}", 3 }, { "[\"b\"]", 6 }, { "\"c\"", 7 } };
    struct yaml_reader *r = yaml_reader_new("f", text, strlen(text));
    for (size_t i = 0; i < ARRAY_LEN(want); i++) {
        struct buf out = BUF_INIT(100);
        size_t line = 0;
        assert_int_equal(yaml_next(r, &out, &line, NULL), 0);
        assert_string_equal(buf_str(&out), want[i].json);
        assert_int_equal(line, want[i].line);
        buf_done(&out);
    }
    struct buf out = BUF_INIT(100);
    assert_int_equal(yaml_next(r, &out, NULL, NULL), YAML_END);
    assert_int_equal(out.len, 0);
    yaml_reader_free(r);
}

static void an_empty_file_is_the_end(void **state)
{
    (void)state;
    struct buf out = BUF_INIT(100);
    assert_int_equal(yaml_to_json("f", "", 0, &out, NULL), YAML_END);
    assert_int_equal(yaml_to_json("f", "# x\n", 4, &out, NULL), YAML_END);
}

static void depth_and_size_are_bounded(void **state)
{
    (void)state;
    char deep[200];
    memset(deep, '[', sizeof deep);
    struct buf out = BUF_INIT(4096);
    struct err err = ERR_INIT;
    assert_int_equal(yaml_to_json("f", deep, sizeof deep, &out, &err), -EINVAL);
    assert_string_equal(err.msg, "f:1: nested deeper than 64");
    buf_done(&out);
    struct buf small = BUF_INIT(10);
    assert_int_equal(yaml_to_json("f", "a: 1234567890", 13, &small, &err), -E2BIG);
    buf_done(&small);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(documents_become_json),
        cmocka_unit_test(errors_name_file_line_and_cause),
        cmocka_unit_test(every_document_of_a_stream_is_read),
        cmocka_unit_test(an_empty_file_is_the_end),
        cmocka_unit_test(depth_and_size_are_bounded),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
