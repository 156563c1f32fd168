/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/limits.h"
#include "base/mem.h"
#include "base/str.h"
#include "key.h"
#include "record.h"

#define ENGINE "wasmtime 48.0.8"
#define CPU    "cpu"
#define DIGEST "sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

static int decode(const char *text, const char *identity, struct arena *arena, struct wasm_record *ret, struct err *err)
{
    char key[KEY_BYTES];
    key_of(identity, ENGINE, CPU, key);
    return record_decode(text, strlen(text), key, ENGINE, CPU, arena, ret, err);
}

static void what_is_written_is_read(void **state)
{
    static const char *const imports[] = { "wasi:io/poll@0.2.6", "bad \xff utf-8" };
    static const char *const exports[] = { "wasi:cli/run@0.2.6" };
    struct wasm_record record = { .version = 1, .identity = "sha256:aa", .size_bytes = 35ull << 20, .digest = DIGEST };
    AUTO(arena_unref) struct arena *arena = arena_new(1 * MIB);
    AUTO(buf_done) struct buf text = BUF_INIT(1 * MIB);
    struct wasm_record read;
    struct wasm_module module;
    struct err err = ERR_INIT;
    (void)state;
    record.module = (struct wasm_description){ .kind = "command", .engine = ENGINE, .memory_min_bytes = 5 };
    record.module.imports.items = imports;
    record.module.imports.len = 2;
    record.module.exports.items = exports;
    record.module.exports.len = 1;
    assert_int_equal(json_encode(&wasm_record_type, &record, &text), 0);
    if (decode(buf_str(&text), "sha256:aa", arena, &read, &err) < 0)
        fail_msg("%s", err.msg);
    record_module(&read, &module);
    assert_int_equal(read.size_bytes, 35 << 20);
    assert_int_equal(module.kind, WASM_COMMAND);
    assert_int_equal(module.imports.len, 2);
    assert_string_equal(module.imports.items[1], "bad \xef\xbf\xbd utf-8");
    assert_string_equal(module.exports.items[0], exports[0]);
    assert_int_equal(module.memory_min_bytes, 5);
}

static void what_this_node_did_not_write_is_refused(void **state)
{
    static const struct {
        const char *name, *text;
        int rc;
    } cases[] = {
        { "good",
          "{\"version\":1,\"identity\":\"i\",\"sizeBytes\":1,\"digest\":\"" DIGEST
          "\",\"kind\":\"core\",\"engine\":\"" ENGINE "\"}",
          0 },
        { "nothing", "", -EINVAL },
        { "a part", "{\"version\":1,\"identity\":\"i\",\"sizeB", -EINVAL },
        { "without a digest",
          "{\"version\":1,\"identity\":\"i\",\"sizeBytes\":1,\"kind\":\"core\",\"engine\":\"" ENGINE "\"}", -EINVAL },
        { "another version",
          "{\"version\":2,\"identity\":\"i\",\"sizeBytes\":1,\"digest\":\"" DIGEST
          "\",\"kind\":\"core\",\"engine\":\"" ENGINE "\"}",
          -EBADMSG },
        { "another engine",
          "{\"version\":1,\"identity\":\"i\",\"sizeBytes\":1,\"digest\":\"" DIGEST
          "\",\"kind\":\"core\",\"engine\":\"wasmtime 48.0.7\"}",
          -EBADMSG },
        { "another module",
          "{\"version\":1,\"identity\":\"j\",\"sizeBytes\":1,\"digest\":\"" DIGEST
          "\",\"kind\":\"core\",\"engine\":\"" ENGINE "\"}",
          -EBADMSG },
        { "an unknown kind",
          "{\"version\":1,\"identity\":\"i\",\"sizeBytes\":1,\"digest\":\"" DIGEST
          "\",\"kind\":\"cor\",\"engine\":\"" ENGINE "\"}",
          -EBADMSG },
        { "a digest that is none",
          "{\"version\":1,\"identity\":\"i\",\"sizeBytes\":1,\"digest\":\"sha256:0123\",\"kind\":\"core\",\"engine\":"
          "\"" ENGINE "\"}",
          -EBADMSG },
        { "more than code may have",
          "{\"version\":1,\"identity\":\"i\",\"sizeBytes\":536870913,\"digest\":\"" DIGEST
          "\",\"kind\":\"core\",\"engine\":\"" ENGINE "\"}",
          -EBADMSG },
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        AUTO(arena_unref) struct arena *arena = arena_new(1 * MIB);
        struct wasm_record record;
        struct err err = ERR_INIT;
        int rc = decode(cases[i].text, "i", arena, &record, &err);
        if (rc != cases[i].rc)
            fail_msg("%s: %d %s", cases[i].name, rc, err.msg);
    }
}

static void the_compiler_cannot_say_more_than_a_module_may_have(void **state)
{
    AUTO(free) const char **names = xcalloc(LIMIT_WASM_EXPORTS + 1, sizeof(*names));
    AUTO(free) char *longest = xcalloc(1, 3 * LIMIT_WASM_NAMES_BYTES + 2);
    struct wasm_description d = { .kind = "http", .engine = ENGINE };
    enum wasm_kind kind;
    (void)state;
    for (size_t i = 0; i <= LIMIT_WASM_EXPORTS; i++)
        names[i] = "n";
    d.exports.items = names;
    d.exports.len = LIMIT_WASM_EXPORTS;
    assert_int_equal(description_check(&d, ENGINE, &kind, NULL), 0);
    assert_int_equal(kind, WASM_HTTP);
    d.exports.len++;
    assert_int_equal(description_check(&d, ENGINE, &kind, NULL), -EBADMSG);
    memset(longest, 'x', 3 * LIMIT_WASM_NAMES_BYTES + 1);
    names[0] = longest;
    d.exports.len = 1;
    assert_int_equal(description_check(&d, ENGINE, &kind, NULL), -EBADMSG);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_written_is_read),
        cmocka_unit_test(what_this_node_did_not_write_is_refused),
        cmocka_unit_test(the_compiler_cannot_say_more_than_a_module_may_have),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
