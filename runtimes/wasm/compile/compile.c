/* SPDX-License-Identifier: Apache-2.0 */
#include "compile.h"

#include <errno.h>
#include <string.h>

#include <wasmtime.h>
#include <wasmtime/component.h>

#include "base/cleanup.h"
#include "base/limits.h"
#include "base/mem.h"
#include "engine_config.h"

/* The engine's words are a heading and, below it, causes on lines of their own. */
static void one_line(const char *from, size_t len, char *to, size_t to_bytes)
{
    size_t n = 0;
    bool gap = false;
    for (size_t i = 0; i < len && n + 2 < to_bytes; i++) {
        unsigned char c = (unsigned char)from[i];
        if (c <= ' ' || c == 0x7f) {
            gap = n > 0;
            continue;
        }
        if (gap)
            to[n++] = ' ';
        gap = false;
        to[n++] = (char)c;
    }
    to[n] = '\0';
}

int compile_error(wasmtime_error_t *error, const char *what, struct err *err)
{
    char line[ERR_MSG_MAX / 2];
    wasm_name_t message;
    wasmtime_error_message(error, &message);
    one_line(message.data, message.size, line, sizeof(line));
    wasm_byte_vec_delete(&message);
    wasmtime_error_delete(error);
    return err_set(err, -EINVAL, "%s: %s", what, line);
}

static wasm_engine_t *new_engine(enum wasm_kind kind)
{
    wasm_config_t *config = wasm_config_new();
    if (!config)
        return NULL;
    engine_config_apply(config, kind);
    wasmtime_config_cranelift_opt_level_set(config, WASMTIME_OPT_LEVEL_SPEED);
    return wasm_engine_new_with_config(config); /* takes it */
}

static int compile_core(wasm_engine_t *engine, const void *module, size_t len, wasm_byte_vec_t *ret_code,
                        struct err *err)
{
    wasmtime_module_t *made = NULL;
    wasmtime_error_t *error = wasmtime_module_new(engine, module, len, &made);
    if (error)
        return compile_error(error, "module cannot be compiled", err);
    error = wasmtime_module_serialize(made, ret_code);
    wasmtime_module_delete(made);
    return error ? compile_error(error, "module's code", err) : 0;
}

static bool is_all_types(const wasmtime_component_instance_type_t *instance, const wasm_engine_t *engine)
{
    size_t count = wasmtime_component_instance_type_export_count(instance, engine);
    bool all = true;
    for (size_t i = 0; all && i < count; i++) {
        wasmtime_component_item_t item;
        const char *name;
        size_t len;
        if (!wasmtime_component_instance_type_export_nth(instance, engine, i, &name, &len, &item))
            return false;
        all = item.kind == WASMTIME_COMPONENT_ITEM_TYPE;
        wasmtime_component_item_delete(&item);
    }
    return all;
}

static bool is_needed(const wasmtime_component_type_t *type, const wasm_engine_t *engine, const char *import)
{
    wasmtime_component_item_t item;
    if (!wasmtime_component_type_import_get(type, engine, import, strlen(import), &item))
        return true;
    bool needed = item.kind != WASMTIME_COMPONENT_ITEM_COMPONENT_INSTANCE ||
                  !is_all_types(item.of.component_instance, engine);
    wasmtime_component_item_delete(&item);
    return needed;
}

static int check_doubtful(const wasmtime_component_t *component, const wasm_engine_t *engine,
                          const struct wasm_names *doubtful, struct err *err)
{
    AUTO(free) struct wasm_name *items = xcalloc(doubtful->len + 1, sizeof(*items));
    struct wasm_names missing = { items, 0 };
    wasmtime_component_type_t *type = wasmtime_component_type(component);
    for (size_t i = 0; i < doubtful->len; i++)
        if (is_needed(type, engine, doubtful->items[i].name))
            items[missing.len++] = doubtful->items[i];
    wasmtime_component_type_delete(type);
    return missing.len ? wasm_imports_refuse(&missing, err) : 0;
}

static int compile_component(wasm_engine_t *engine, const void *module, size_t len, const struct wasm_names *doubtful,
                             wasm_byte_vec_t *ret_code, struct err *err)
{
    wasmtime_component_t *made = NULL;
    wasmtime_error_t *error = wasmtime_component_new(engine, module, len, &made);
    if (error)
        return compile_error(error, "component cannot be compiled", err);
    int rc = doubtful->len ? check_doubtful(made, engine, doubtful, err) : 0;
    if (rc == 0) {
        error = wasmtime_component_serialize(made, ret_code);
        rc = error ? compile_error(error, "component's code", err) : 0;
    }
    wasmtime_component_delete(made);
    return rc;
}

int compile(const void *module, size_t len, enum wasm_kind kind, const struct wasm_names *doubtful,
            wasm_byte_vec_t *ret_code, struct err *err)
{
    wasm_byte_vec_t code = { 0 };
    wasm_engine_t *engine = new_engine(kind);
    if (!engine)
        return err_set(err, -ENOMEM, "the engine cannot be set up");
    int rc = kind == WASM_CORE ? compile_core(engine, module, len, &code, err)
                               : compile_component(engine, module, len, doubtful, &code, err);
    wasm_engine_delete(engine);
    if (rc == 0 && code.size > LIMIT_WASM_ARTIFACT_BYTES) {
        wasm_byte_vec_delete(&code);
        rc = err_set(err, -E2BIG, "module's code is larger than %llu MiB", LIMIT_WASM_ARTIFACT_BYTES / MIB);
    }
    if (rc == 0)
        *ret_code = code;
    return rc;
}
