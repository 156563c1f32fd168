/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/limits.h"
#include "base/mem.h"
#include "base/str.h"
#include "binary.h"
#include "rt/wasm_scan.h"

struct scanned {
    struct arena *arena;
    struct wasm_scan scan;
    struct err err;
    int rc;
};

static struct scanned scan_bytes(const void *data, size_t len)
{
    struct scanned s = { .arena = arena_new(LIMIT_WASM_SCAN_BYTES), .err = ERR_INIT };
    s.rc = wasm_scan(data, len, s.arena, &s.scan, &s.err);
    return s;
}

static struct scanned scan_binary(struct binary *b)
{
    struct scanned s = scan_bytes(b->bytes.data, b->bytes.len);
    binary_done(b);
    return s;
}

static void formats_are_told_by_their_first_bytes(void **state)
{
    static const struct {
        const char *bytes;
        size_t len;
        enum wasm_format format;
    } cases[] = {
        { "\0asm\1\0\0\0", 8, WASM_FORMAT_MODULE },    { "\0asm\x0d\0\1\0", 8, WASM_FORMAT_COMPONENT },
        { "\0asm\1\0\0\0x", 9, WASM_FORMAT_MODULE },   { "\0asm\1\0\0", 7, WASM_FORMAT_OTHER },
        { "\0asm\2\0\0\0", 8, WASM_FORMAT_OTHER },     { "\x7f" "ELF", 4, WASM_FORMAT_ELF },
        { "#!/bin/sh", 9, WASM_FORMAT_OTHER },         { "", 0, WASM_FORMAT_OTHER },
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++)
        if (wasm_format(cases[i].bytes, cases[i].len) != cases[i].format)
            fail_msg("case %zu", i);
}

static void what_is_no_module_is_refused_by_its_first_bytes(void **state)
{
    static const struct {
        const char *bytes;
        size_t len;
        int code;
        const char *words;
    } cases[] = {
        { "", 0, -EINVAL, "not a WebAssembly module: it is empty" },
        { "#!/bin/sh\n", 10, -EINVAL, "not a WebAssembly module: it starts with 23 21 2f 62 69 6e 2f 73" },
        { "\0as", 3, -EINVAL, "not a WebAssembly module: it starts with 00 61 73" },
        { "\x7f" "ELF\2\1\1\0", 8, -EOPNOTSUPP,
          "compiled code (an ELF file) instead of a WebAssembly module: only what this node has compiled itself is run" },
        { "\0asm\2\0\0\0", 8, -EOPNOTSUPP,
          "a WebAssembly module of a version that is not known: it starts with 00 61 73 6d 02 00 00 00" },
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct scanned s = scan_bytes(cases[i].bytes, cases[i].len);
        if (s.rc != cases[i].code || !str_eq(s.err.msg, cases[i].words))
            fail_msg("%zu: %d %s", i, s.rc, s.err.msg);
        (void)arena_unref(s.arena);
    }
}

/* Every kind of import, with types of every length; the sections that say nothing here lie between. */
static void imports_of_a_module_are_read(void **state)
{
    static const uint8_t types[][8] = {
        { 0, 5 },                   /* a function of type 5 */
        { 1, 0x70, 1, 1, 2 },       /* a table of functions, 1 to 2 */
        { 1, 0x63, 0x70, 0, 9 },    /* a table of references that may be null */
        { 2, 1, 0x80, 1, 0x80, 2 }, /* a memory, 128 to 256 pages */
        { 3, 0x7f, 1 },             /* a global that can change */
        { 3, 0x64, 0x80, 1, 0 },    /* one of references to type 128 */
        { 4, 0, 3 },                /* a tag */
    };
    static const size_t lens[] = { 2, 5, 5, 6, 3, 5, 3 };
    static const enum wasm_sort sorts[] = { WASM_SORT_FUNCTION, WASM_SORT_TABLE,  WASM_SORT_TABLE, WASM_SORT_MEMORY,
                                            WASM_SORT_GLOBAL,   WASM_SORT_GLOBAL, WASM_SORT_TAG };
    struct binary b;
    (void)state;
    binary_init(&b, false);
    binary_begin(&b, 0);
    binary_name(&b, "producers");
    binary_end(&b);
    binary_begin(&b, 2);
    binary_u32(&b, ARRAY_LEN(types));
    for (size_t i = 0; i < ARRAY_LEN(types); i++) {
        char name[] = "a";
        name[0] = (char)(name[0] + (char)i);
        binary_name(&b, "env");
        binary_name(&b, name);
        for (size_t n = 0; n < lens[i]; n++)
            binary_byte(&b, types[i][n]);
    }
    binary_end(&b);
    binary_core_export(&b, "_start", 0);
    struct scanned s = scan_binary(&b);
    if (s.rc != 0)
        fail_msg("%s", s.err.msg);
    assert_false(s.scan.component);
    assert_int_equal(s.scan.imports.len, ARRAY_LEN(types));
    for (size_t i = 0; i < ARRAY_LEN(types); i++)
        assert_int_equal(s.scan.imports.items[i].sort, sorts[i]);
    assert_string_equal(s.scan.imports.items[6].name, "env.g");
    assert_int_equal(s.scan.exports.len, 1);
    assert_string_equal(s.scan.exports.items[0].name, "_start");
    assert_int_equal(s.scan.memory_min_bytes, 128 << 16);
    (void)arena_unref(s.arena);
}

static void memories_tell_what_they_have_at_the_start(void **state)
{
    static const struct {
        const char *name;
        uint8_t type[12];
        size_t len;
        uint64_t bytes;
    } cases[] = {
        { "a gigabyte", { 0, 0x80, 0x80, 1 }, 4, 1ull << 30 },
        { "shared, with a maximum", { 3, 1, 2 }, 3, 1 << 16 },
        { "addresses of 64 bits", { 4, 0x80, 0x80, 0x80, 1 }, 5, 1ull << 37 },
        { "pages of a byte", { 8, 5, 0 }, 3, 5 },
        { "more than can be counted", { 4, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1 }, 11, UINT64_MAX },
        { "pages larger than memory", { 8, 1, 70 }, 3, UINT64_MAX },
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct binary b;
        binary_init(&b, false);
        binary_begin(&b, 5);
        binary_u32(&b, 1);
        for (size_t n = 0; n < cases[i].len; n++)
            binary_byte(&b, cases[i].type[n]);
        binary_end(&b);
        struct scanned s = scan_binary(&b);
        if (s.rc != 0 || s.scan.memory_min_bytes != cases[i].bytes)
            fail_msg("%s: %d %llu %s", cases[i].name, s.rc, (unsigned long long)s.scan.memory_min_bytes, s.err.msg);
        (void)arena_unref(s.arena);
    }
}

static void names_of_a_component_are_read(void **state)
{
    static const enum wasm_sort sorts[] = { WASM_SORT_MODULE, WASM_SORT_FUNCTION,  WASM_SORT_VALUE,
                                            WASM_SORT_TYPE,   WASM_SORT_COMPONENT, WASM_SORT_INSTANCE };
    struct binary b;
    (void)state;
    binary_init(&b, true);
    for (uint8_t sort = 0; sort < ARRAY_LEN(sorts); sort++)
        binary_import(&b, "wasi:io/poll@0.2.6", sort);
    binary_begin(&b, 1); /* a nested module: its own imports are none of ours */
    binary_name(&b, "whatever");
    binary_end(&b);
    binary_export(&b, "wasi:cli/run@0.2.6", 5);
    binary_begin(&b, 11); /* an export with a description, and the older mark of an interface */
    binary_u32(&b, 1);
    binary_byte(&b, 1);
    binary_name(&b, "extra");
    binary_byte(&b, 3);
    binary_u32(&b, 300);
    binary_byte(&b, 1);
    binary_byte(&b, 3);
    binary_byte(&b, 0);
    binary_u32(&b, 300);
    binary_end(&b);
    struct scanned s = scan_binary(&b);
    if (s.rc != 0)
        fail_msg("%s", s.err.msg);
    assert_true(s.scan.component);
    assert_int_equal(s.scan.imports.len, ARRAY_LEN(sorts));
    for (size_t i = 0; i < ARRAY_LEN(sorts); i++)
        assert_int_equal(s.scan.imports.items[i].sort, sorts[i]);
    assert_string_equal(s.scan.imports.items[5].name, "wasi:io/poll@0.2.6");
    assert_int_equal(s.scan.exports.len, 2);
    assert_int_equal(s.scan.exports.items[0].sort, WASM_SORT_INSTANCE);
    assert_string_equal(s.scan.exports.items[1].name, "extra");
    (void)arena_unref(s.arena);
}

static void a_binary_that_ends_early_is_malformed(void **state)
{
    for (int component = 0; component < 2; component++) {
        struct binary b;
        binary_init(&b, component);
        if (component) {
            binary_import(&b, "wasi:io/poll@0.2.6", 5);
            binary_export(&b, "wasi:cli/run@0.2.6", 5);
        } else {
            binary_core_import(&b, "wasi_snapshot_preview1", "fd_write");
            binary_core_export(&b, "_start", 0);
        }
        size_t first = 8 + 2 + (uint8_t)b.bytes.data[9], len = b.bytes.len;
        for (size_t n = 9; n < len; n++) {
            AUTO(free) char *exact = xmalloc(n); /* so that a read beyond it is one */
            memcpy(exact, b.bytes.data, n);
            struct scanned s = scan_bytes(exact, n);
            if ((s.rc == 0) != (n == first) || (s.rc < 0 && !str_has_prefix(s.err.msg, "malformed WebAssembly module: ")))
                fail_msg("cut at %zu of %zu: %d %s", n, len, s.rc, s.err.msg);
            (void)arena_unref(s.arena);
        }
        binary_done(&b);
    }
    (void)state;
}

static void what_is_not_known_is_malformed(void **state)
{
    static const struct {
        const char *name;
        bool component;
        uint8_t section, body[8];
        size_t len;
        const char *words;
    } cases[] = {
        { "an import of a sixth kind", false, 2, { 1, 1, 'a', 1, 'b', 5, 0 }, 7, "its imports cannot be read" },
        { "a count of many and nothing there", false, 2, { 0xff, 0xff, 0xff, 0xff, 0x0f }, 5, "its imports cannot be read" },
        { "a count that is too large", false, 2, { 0xff, 0xff, 0xff, 0xff, 0x1f }, 5, "its imports cannot be read" },
        { "a number without an end", false, 7, { 0x80, 0x80, 0x80, 0x80, 0x80, 0 }, 6, "its exports cannot be read" },
        { "an export of a sixth kind", false, 7, { 1, 1, 'a', 5, 0 }, 5, "its exports cannot be read" },
        { "a name beyond the section", false, 7, { 1, 100, 'a' }, 3, "its exports cannot be read" },
        { "a memory with a flag of tomorrow", false, 5, { 1, 16, 1 }, 3, "its memories cannot be read" },
        { "a name of tomorrow", true, 10, { 1, 2, 1, 'a', 5, 0 }, 6, "its imports cannot be read" },
        { "a seventh sort", true, 10, { 1, 0, 1, 'a', 6, 0 }, 6, "its imports cannot be read" },
        { "a core thing that is no module", true, 10, { 1, 0, 1, 'a', 0, 0x10, 0 }, 7, "its imports cannot be read" },
        { "an export with a third answer", true, 11, { 1, 0, 1, 'a', 5, 0, 2 }, 7, "its exports cannot be read" },
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct binary b;
        binary_init(&b, cases[i].component);
        binary_begin(&b, cases[i].section);
        for (size_t n = 0; n < cases[i].len; n++)
            binary_byte(&b, cases[i].body[n]);
        binary_end(&b);
        struct scanned s = scan_binary(&b);
        if (s.rc != -EINVAL || !strstr(s.err.msg, cases[i].words))
            fail_msg("%s: %d %s", cases[i].name, s.rc, s.err.msg);
        (void)arena_unref(s.arena);
    }
}

static void names_that_would_upset_a_terminal_are_made_visible(void **state)
{
    struct binary b;
    (void)state;
    binary_init(&b, false);
    binary_begin(&b, 7);
    binary_u32(&b, 1);
    binary_u32(&b, 6);
    for (const char *c = "a\0\x1b\x7f\xc3\xa9"; c && b.body.len < 8; c++)
        binary_byte(&b, (uint8_t)*c);
    binary_byte(&b, 0);
    binary_u32(&b, 0);
    binary_end(&b);
    struct scanned s = scan_binary(&b);
    assert_int_equal(s.rc, 0);
    assert_string_equal(s.scan.exports.items[0].name, "a??\?\xc3\xa9");
    (void)arena_unref(s.arena);
}

static struct scanned scan_many(size_t count, size_t name_bytes)
{
    AUTO(free) char *name = xcalloc(1, name_bytes + 1);
    struct binary b;
    memset(name, 'n', name_bytes);
    binary_init(&b, true);
    binary_begin(&b, 10);
    binary_u32(&b, count);
    for (size_t i = 0; i < count; i++) {
        binary_byte(&b, 0);
        binary_name(&b, name);
        binary_byte(&b, 5);
        binary_u32(&b, 0);
    }
    binary_end(&b);
    return scan_binary(&b);
}

static void there_is_an_end_to_what_is_read(void **state)
{
    static const struct {
        size_t count, bytes;
        const char *words; /* NULL: read */
    } cases[] = {
        { LIMIT_WASM_IMPORTS, 10, NULL },
        { LIMIT_WASM_IMPORTS + 1, 10, "module has more than 4096 imports" },
        { 1, LIMIT_WASM_NAME_BYTES, NULL },
        { 1, LIMIT_WASM_NAME_BYTES + 1, "module has a name of more than 4096 bytes among its imports" },
        { 64, 4096, NULL },
        { 65, 4096, "module has imports and exports whose names are more than 262144 bytes" },
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct scanned s = scan_many(cases[i].count, cases[i].bytes);
        if (s.rc != (cases[i].words ? -E2BIG : 0) || (cases[i].words && !str_eq(s.err.msg, cases[i].words)))
            fail_msg("%zu: %d %s", i, s.rc, s.err.msg);
        (void)arena_unref(s.arena);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(formats_are_told_by_their_first_bytes),
        cmocka_unit_test(what_is_no_module_is_refused_by_its_first_bytes),
        cmocka_unit_test(imports_of_a_module_are_read),
        cmocka_unit_test(memories_tell_what_they_have_at_the_start),
        cmocka_unit_test(names_of_a_component_are_read),
        cmocka_unit_test(a_binary_that_ends_early_is_malformed),
        cmocka_unit_test(what_is_not_known_is_malformed),
        cmocka_unit_test(names_that_would_upset_a_terminal_are_made_visible),
        cmocka_unit_test(there_is_an_end_to_what_is_read),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
