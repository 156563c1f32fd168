/* SPDX-License-Identifier: Apache-2.0 */
/* engine_core.c - core modules with WASI 0.1, through the engine's own C interface: it tells their exit codes exactly. */
#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <wasi.h>
#include <wasmtime.h>

#include "base/mem.h"
#include "base/str.h"
#include "engine.h"
#include "engine_config.h"

#define TRAPPED 134

struct core {
    wasm_engine_t *engine;
    wasmtime_instance_pre_t *pre; /* all its imports found */
    bool exited;                  /* by the guest's own call, with code */
    int code;
};

/* Causes stand on lines of their own, indented and with a headline: they follow in the same line. */
static void join_lines(wasm_name_t *text)
{
    size_t len = 0;

    for (size_t i = 0; i < text->size; i++) {
        bool breaks = text->data[i] == '\n';

        while (breaks && i + 1 < text->size && isspace((unsigned char)text->data[i + 1]))
            i++;
        text->data[len++] = breaks ? ' ' : text->data[i];
    }
    text->size = len > 0 && text->data[len - 1] == ' ' ? len - 1 : len;
}

/* error is taken. */
static int fail(wasmtime_error_t *error, struct err *err)
{
    wasm_name_t text;

    wasmtime_error_message(error, &text);
    join_lines(&text);
    (void)err_set(err, -EINVAL, "%.*s", (int)text.size, text.data);
    wasm_byte_vec_delete(&text);
    wasmtime_error_delete(error);
    return err->code;
}

/* ---- proc_exit: the engine's own takes no code above 125, a process has 255 ---- */

static wasm_trap_t *proc_exit(void *env, wasmtime_caller_t *caller, const wasmtime_val_t *args, size_t args_len,
                              wasmtime_val_t *results, size_t results_len)
{
    static const char message[] = "exit";
    struct core *c = env;

    (void)caller, (void)args_len, (void)results, (void)results_len;
    c->exited = true;
    c->code = args[0].of.i32;
    return wasmtime_trap_new(message, sizeof(message) - 1);
}

static wasmtime_error_t *define_exit(struct core *c, wasmtime_linker_t *linker)
{
    static const char module[] = "wasi_snapshot_preview1", name[] = "proc_exit";
    wasm_functype_t *type = wasm_functype_new_1_0(wasm_valtype_new_i32());
    wasmtime_error_t *error;

    wasmtime_linker_allow_shadowing(linker, true);
    error = wasmtime_linker_define_func(linker, module, sizeof(module) - 1, name, sizeof(name) - 1, type, proc_exit, c, NULL);
    wasm_functype_delete(type);
    return error;
}

/* ---- loading ---- */

static int find_imports(struct core *c, const char *artifact, struct err *err)
{
    wasmtime_linker_t *linker = wasmtime_linker_new(c->engine);
    wasmtime_module_t *module = NULL;
    wasmtime_error_t *error = wasmtime_linker_define_wasi(linker);

    if (!error)
        error = define_exit(c, linker);
    if (!error)
        error = wasmtime_module_deserialize_file(c->engine, artifact, &module);
    if (!error)
        error = wasmtime_linker_instantiate_pre(linker, module, &c->pre);
    if (module)
        wasmtime_module_delete(module);
    wasmtime_linker_delete(linker);
    return error ? fail(error, err) : 0;
}

static int load(const char *artifact, const struct engine_guest *g, void **ret, struct err *err)
{
    struct core *c = NEW(struct core);
    wasm_config_t *config = wasm_config_new();

    (void)g;
    engine_config_apply(config, WASM_CORE);
    c->engine = wasm_engine_new_with_config(config);
    if (!c->engine)
        return err_set(err, -EINVAL, "the engine does not start");
    *ret = c;
    return find_imports(c, artifact, err);
}

/* ---- its view of the world ---- */

static int set_env(wasi_config_t *w, const struct component_config *config, struct err *err)
{
    const char **names = xcalloc(config->env_len + 1, sizeof(*names));
    const char **values = xcalloc(config->env_len + 1, sizeof(*values));
    bool ok;

    for (size_t i = 0; i < config->env_len; i++) {
        const char *equals = strchr(config->env[i], '=');

        names[i] = xstrndup(config->env[i], (size_t)(equals - config->env[i]));
        values[i] = equals + 1;
    }
    ok = wasi_config_set_env(w, config->env_len, names, values);
    for (size_t i = 0; i < config->env_len; i++)
        free((void *)(uintptr_t)names[i]);
    free(names);
    free(values);
    return ok ? 0 : err_set(err, -EINVAL, "the environment is not UTF-8");
}

static int set_dirs(wasi_config_t *w, const struct component_config *config, struct err *err)
{
    for (size_t i = 0; i < config->dirs_len; i++) {
        const struct component_dir *d = &config->dirs[i];

        if (!wasi_config_preopen_dir(w, d->host_path, d->guest_path, d->writable))
            return err_set(err, -EINVAL, "directory %s cannot be opened", d->guest_path);
    }
    return 0;
}

static int describe(wasi_config_t *w, const struct component_config *config, struct err *err)
{
    const char **args = (const char **)(uintptr_t)config->args;

    wasi_config_inherit_stdin(w);
    wasi_config_inherit_stdout(w);
    wasi_config_inherit_stderr(w);
    if (!wasi_config_set_argv(w, config->args_len, args))
        return err_set(err, -EINVAL, "the arguments are not UTF-8");
    if (set_env(w, config, err) < 0)
        return err->code;
    return set_dirs(w, config, err);
}

static int make_store(const struct core *c, const struct component_config *config, wasmtime_store_t **ret, struct err *err)
{
    wasi_config_t *wasi = wasi_config_new();
    wasmtime_error_t *error;

    if (describe(wasi, config, err) < 0) {
        wasi_config_delete(wasi);
        return err->code;
    }
    *ret = wasmtime_store_new(c->engine, NULL, NULL);
    if (config->memory_bytes > 0)
        wasmtime_store_limiter(*ret, (int64_t)config->memory_bytes, -1, -1, -1, -1);
    error = wasmtime_context_set_wasi(wasmtime_store_context(*ret), wasi);
    return error ? fail(error, err) : 0;
}

/* ---- its end ---- */

static void keep_text(struct component_end *end, const char *text, size_t len)
{
    (void)snprintf(end->message, sizeof(end->message), "%.*s", (int)len, text);
}

static void ended(const struct core *c, wasmtime_error_t *error, wasm_trap_t *trap, struct component_end *end)
{
    wasm_byte_vec_t text = { 0, NULL };

    *end = (struct component_end){ .code = c->code };
    if (c->exited || (!error && !trap))
        return;
    end->code = TRAPPED;
    if (error)
        wasmtime_error_message(error, &text);
    else
        wasm_trap_message(trap, &text);
    keep_text(end, text.data, text.size);
    wasm_byte_vec_delete(&text);
}

static int find_export(wasmtime_context_t *context, const wasmtime_instance_t *instance, const char *name,
                       wasmtime_extern_t *ret, struct err *err)
{
    if (!wasmtime_instance_export_get(context, instance, name, strlen(name), ret) || ret->kind != WASMTIME_EXTERN_FUNC)
        return err_set(err, -ENOENT, "the module exports no function \"%s\"", name);
    return 0;
}

/* A function of the module's own may have results, which nobody reads; parameters it may not have. */
static int call(const struct core *c, wasmtime_context_t *context, const char *name, const wasmtime_instance_t *instance,
                struct component_end *end, struct err *err)
{
    wasmtime_val_t results[16];
    wasmtime_extern_t export;
    wasm_trap_t *trap = NULL;
    wasmtime_error_t *error;
    wasm_functype_t *type;
    size_t results_len;

    if (find_export(context, instance, name, &export, err) < 0)
        return err->code;
    type = wasmtime_func_type(context, &export.of.func);
    results_len = wasm_functype_results(type)->size;
    if (wasm_functype_params(type)->size > 0 || results_len > ARRAY_LEN(results))
        return err_set(err, -EINVAL, "the function \"%s\" cannot be called: it has parameters", name);
    wasm_functype_delete(type);
    error = wasmtime_func_call(context, &export.of.func, NULL, 0, results, results_len, &trap);
    ended(c, error, trap, end);
    return 0;
}

static int run(void *loaded, const struct engine_guest *g, struct component_end *end, struct err *err)
{
    const struct core *c = loaded;
    wasmtime_store_t *store = NULL;
    wasmtime_context_t *context;
    wasmtime_instance_t instance;
    wasm_trap_t *trap = NULL;
    wasmtime_error_t *error;

    if (make_store(c, &g->config, &store, err) < 0)
        return err->code;
    if (g->config.before(g->config.user) < 0)
        return err_set(err, -EPERM, "the guest was not let in");
    context = wasmtime_store_context(store);
    error = wasmtime_instance_pre_instantiate(c->pre, context, &instance, &trap);
    if (error && !c->exited)
        return fail(error, err);
    if (error || trap) { /* in a function that is called when it starts */
        ended(c, error, trap, end);
        return 0;
    }
    return call(c, context, str_or(g->function, "_start"), &instance, end, err);
}

const struct engine engine_core = { "wasmtime", load, run };
