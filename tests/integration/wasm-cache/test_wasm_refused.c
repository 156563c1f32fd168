/* SPDX-License-Identifier: Apache-2.0 */
/* Modules that cannot be had, and the words for each; and some that look alike and can. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/limits.h"
#include "base/mem.h"
#include "base/str.h"
#include "world.h"

static struct world w;

static int set_up(void **state)
{
    (void)state;
    world_init(&w, "refused");
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    world_done(&w);
    return 0;
}

#define COMPONENT(imports, export)                                                                                     \
    "(component " imports "(core module $m (func (export \"f\") (result i32) i32.const 0))"                            \
    "(core instance $i (instantiate $m)) (func $f (result (result)) (canon lift (core func $i \"f\")))"                \
    "(instance $r (export \"f\" (func $f))) (export \"" export "\" (instance $r)))"

static void modules_are_told_apart(void **state)
{
    static const struct {
        const char *name, *text;
        const char *words; /* what the message contains; NULL: compiled, of this kind */
        enum wasm_kind kind;
    } cases[] = {
        { "a command", COMPONENT("", "wasi:cli/run@0.2.6"), NULL, WASM_COMMAND },
        { "a handler", COMPONENT("", "wasi:http/incoming-handler@0.2.0"), NULL, WASM_HTTP },
        { "an application of Spin", COMPONENT("", "fermyon:spin/inbound-http"),
          "component exports neither wasi:cli/run nor wasi:http/incoming-handler", WASM_CORE },
        { "an interface of types alone",
          COMPONENT("(import \"my:own/types@1.0.0\" (instance (type (record (field \"a\" u32))) (export \"t\" (type (eq 0)))))",
                    "wasi:cli/run@0.2.6"),
          NULL, WASM_COMMAND },
        { "an interface with a function",
          COMPONENT("(import \"my:own/log@1.0.0\" (instance (export \"log\" (func))))", "wasi:cli/run@0.2.6"),
          "module needs imports that this node does not offer: my:own/log@1.0.0", WASM_CORE },
        { "an interface with a resource",
          COMPONENT("(import \"my:own/file@1.0.0\" (instance (export \"f\" (type (sub resource)))))",
                    "wasi:cli/run@0.2.6"),
          "module needs imports that this node does not offer: my:own/file@1.0.0", WASM_CORE },
        { "an interface of WASI that is not here",
          COMPONENT("(import \"wasi:nn/graph@0.2.0\" (instance (export \"load\" (func))))", "wasi:cli/run@0.2.6"),
          "module needs imports that this node does not offer: wasi:nn/graph@0.2.0", WASM_CORE },
        { "a function of its own", COMPONENT("(import \"log\" (func))", "wasi:cli/run@0.2.6"),
          "module needs imports that this node does not offer: log", WASM_CORE },
        { "a host that is not here", "(module (import \"env\" \"log\" (func)) (func (export \"_start\")))",
          "module needs imports that this node does not offer: env.log", WASM_CORE },
        { "the oldest WASI", "(module (import \"wasi_unstable\" \"fd_write\" (func)) (func (export \"_start\")))",
          "wasi_unstable came before WASI 0.1", WASM_CORE },
        { "a filter", "(module (func (export \"proxy_abi_version_0_2_1\")))", "proxy-wasm filter", WASM_CORE },
        { "nothing to call", "(module (memory (export \"m\") 1))", "module has no function to call", WASM_CORE },
        { "code that is none", "(module (func (export \"_start\") i32.add drop))",
          "module cannot be compiled: ", WASM_CORE },
        { "text that is none", "(modul)", "the module's text: ", WASM_CORE },
        { "neither text nor binary", "#!/bin/sh\n", "not a WebAssembly module: it starts with 23 21 2f", WASM_CORE },
        { "nothing", "", "not a WebAssembly module: it is empty", WASM_CORE },
        { "a program", "\x7f" "ELF\2\1\1", "compiled code (an ELF file)", WASM_CORE },
    };
    (void)state;
    world_open(&w);
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        AUTO(free) char *path = world_text_module(&w, "module", cases[i].text);
        struct answer a = world_get(&w, path, cases[i].name);
        if (cases[i].words ? !strstr(a.err.msg, cases[i].words) : a.err.code || a.kind != cases[i].kind)
            fail_msg("%s: kind %d, %s", cases[i].name, (int)a.kind, a.err.msg);
    }
    assert_int_equal(world_files(&w, ".tmp"), 0);
    assert_int_equal(world_files(&w, ".json"), 3);
}

static void what_this_node_has_compiled_is_no_module(void **state)
{
    AUTO(free) char *path = world_text_module(&w, "hello", HELLO);
    (void)state;
    world_open(&w);
    struct answer good = world_get(&w, path, "sha256:good");
    assert_int_equal(good.err.code, 0);
    struct answer a = world_get(&w, good.path, "sha256:precompiled");
    assert_string_equal(a.err.msg, "compiled code (an ELF file) instead of a WebAssembly module: only what this node has "
                                   "compiled itself is run");
}

static void text_is_taken_where_it_is_allowed(void **state)
{
    AUTO(free) char *path = world_text_module(&w, "hello", "\n  ;; a comment\n" HELLO);
    (void)state;
    world_open(&w);
    struct answer a = world_get(&w, path, "sha256:text");
    assert_int_equal(a.err.code, 0);
    world_close(&w);
    w.config.text_format = false;
    world_open(&w);
    a = world_get(&w, path, "sha256:more text");
    assert_string_equal(a.err.msg, "module is in text format (.wat), which this node does not take: it is to be "
                                   "translated to a binary (.wasm)");
}

static void a_gigabyte_that_is_only_declared_costs_nothing(void **state)
{
    AUTO(free) char *path =
        world_text_module(&w, "large", "(module (memory 16384) (data (i32.const 1073741800) \"x\") (func (export \"_start\")))");
    (void)state;
    w.config.memory_max_bytes = 256 * MIB;
    world_open(&w);
    struct answer a = world_get(&w, path, "sha256:large");
    if (a.err.code)
        fail_msg("%s", a.err.msg);
    assert_int_equal(a.memory_min_bytes, 1 * GIB);
}

static void what_takes_too_long_is_ended_and_not_begun_again_at_once(void **state)
{
    AUTO(free) char *path = world_slow_module(&w, "slow");
    (void)state;
    w.config.deadline_ms = 150;
    world_open(&w);
    struct answer a = world_get(&w, path, "sha256:slow");
    assert_string_equal(a.err.msg, "compiling took longer than 150 ms");
    assert_int_equal(a.err.code, -ETIMEDOUT);
    struct answer again = world_get(&w, path, "sha256:slow");
    assert_string_equal(again.err.msg, a.err.msg);
    struct wasm_cache_counters counters = wasm_cache_counters(w.cache);
    assert_int_equal(counters.compilations, 1);
    assert_int_equal(counters.failures, 1);
    assert_true(counters.last_compile_ms >= 150);
    assert_int_equal(world_files(&w, ""), 0);
}

static void what_needs_too_much_memory_is_ended(void **state)
{
    AUTO(free) char *path = world_slow_module(&w, "slow");
    (void)state;
    w.config.memory_max_bytes = 160 * MIB;
    world_open(&w);
    struct answer a = world_get(&w, path, "sha256:slow");
    assert_string_equal(a.err.msg, "compiling needs more than 160 MiB of memory");
    assert_int_equal(a.err.code, -ENOMEM);
    assert_int_equal(world_files(&w, ""), 0);
}

static void what_is_not_a_file_is_not_read(void **state)
{
    AUTO(free) char *fifo = xasprintf("%s/fifo", w.dir);
    AUTO(free) char *sparse = world_text_module(&w, "sparse", "");
    (void)state;
    world_open(&w);
    assert_int_equal(mkfifo(fifo, 0600), 0);
    struct answer a = world_get(&w, fifo, "sha256:fifo");
    assert_true(str_has_suffix(a.err.msg, "/fifo is not a file"));
    a = world_get(&w, "/no/such/module", "sha256:none");
    assert_int_equal(a.err.code, -ENOENT);
    assert_int_equal(truncate(sparse, LIMIT_WASM_MODULE_BYTES + 1), 0);
    a = world_get(&w, sparse, "sha256:sparse");
    assert_string_equal(a.err.msg, "module is larger than 256 MiB");
    assert_int_equal(wasm_cache_counters(w.cache).compilations, 0);
}

int main(void)
{
#define CASE(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        CASE(modules_are_told_apart),
        CASE(what_this_node_has_compiled_is_no_module),
        CASE(text_is_taken_where_it_is_allowed),
        CASE(a_gigabyte_that_is_only_declared_costs_nothing),
        CASE(what_takes_too_long_is_ended_and_not_begun_again_at_once),
        CASE(what_needs_too_much_memory_is_ended),
        CASE(what_is_not_a_file_is_not_read),
    };
    return world_can_run() ? cmocka_run_group_tests(tests, NULL, NULL) : 77;
}
