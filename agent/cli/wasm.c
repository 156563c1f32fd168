/* SPDX-License-Identifier: Apache-2.0 */
/*
 * wasm.c - "oarsman wasm": a WebAssembly module, compiled by hand or for oarsman-wasm where no agent has done it.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/json_write.h"
#include "base/limits.h"
#include "base/mem.h"
#include "base/str.h"
#include "command.h"
#include "host/host.h"
#include "rt/wasm_cache.h"
#include "rt/wasm_kind.h"

#define DEFAULT_CACHE "/var/lib/oarsman/wasm"

static void put_names(const char *key, const struct rt_strings *names, struct json_writer *w)
{
    json_write_key_array(w, key);
    for (size_t i = 0; i < names->len; i++)
        json_write_string(w, names->items[i]);
    json_write_end(w);
}

static void put(const struct wasm_module *m)
{
    AUTO(buf_done) struct buf text = BUF_INIT(LIMIT_WASM_DESCRIPTION_BYTES);
    struct json_writer w = JSON_WRITER(&text);

    json_write_object(&w);
    json_write_key_string(&w, "path", m->path);
    json_write_key_string(&w, "kind", wasm_kind_name(m->kind));
    put_names("imports", &m->imports, &w);
    put_names("exports", &m->exports, &w);
    json_write_end(&w);
    (void)puts(buf_str(&text));
}

static int compile(const char *cache, const char *file)
{
    AUTO(arena_unref) struct arena *arena = arena_new(2 * LIMIT_WASM_DESCRIPTION_BYTES);
    AUTO(free) char *program = host_program("oarsman-wasm-compile");
    AUTO(free) char *path = xstrndup(file, strcspn(file, "#"));
    const char *hash = strchr(file, '#');
    const struct wasm_cache_config config = { .dir = cache, .compile = program };
    const struct wasm_cache_request request = { .path = path, .function = hash && hash[1] ? hash + 1 : NULL };
    struct wasm_module module;
    struct err err = ERR_INIT;

    if (wasm_cache_get_once(&config, &request, arena, &module, &err) < 0)
        return command_fail("wasm", "%s: %s", path, err.msg);
    put(&module);
    return 0;
}

static int run_wasm(int argc, char **argv)
{
    const char *cache = DEFAULT_CACHE;
    int i = 2;

    if (argc > 3 && str_eq(argv[2], "--cache")) {
        cache = argv[3];
        i = 4;
    }
    if (argc < 2 || !str_eq(argv[1], "compile") || argc != i + 1)
        return command_fail("wasm", "usage: oarsman wasm compile [--cache DIR] FILE[#FUNCTION]");
    return compile(cache, argv[i]);
}

const struct command command_wasm = {
    .name = "wasm", .arguments = "compile FILE", .summary = "compiles a WebAssembly module, and tells what it is", .run = run_wasm,
};
