/* SPDX-License-Identifier: Apache-2.0 */
#include "cni_chain.h"

#include <errno.h>
#include <signal.h>

#include "base/effect.h"
#include "base/limits.h"
#include "base/mem.h"
#include "base/str.h"
#include "cni_result.h"

static size_t current(const struct cni_chain *c)
{
    return c->request.command == CNI_ADD ? c->ran : c->request.config->plugins_len - 1 - c->ran;
}

static const char *type_of(const struct cni_chain *c)
{
    return c->request.config->plugins[current(c)].type;
}

static char *find_program(const struct cni_chain *c, struct err *err)
{
    struct buf dirs = BUF_INIT(512);
    for (const char *const *dir = c->request.bin_dirs; *dir; dir++) {
        char *path = xasprintf("%s/%s", *dir, type_of(c));
        if (access(path, X_OK) == 0) {
            buf_done(&dirs);
            return path;
        }
        free(path);
        (void)buf_printf(&dirs, "%s%s", dirs.len > 0 ? " " : "", *dir);
    }
    (void)err_set(err, -ENOENT, "failed to find plugin \"%s\" in path [%s]", type_of(c),
                  buf_str(&dirs));
    buf_done(&dirs);
    return NULL;
}

static void start_next(struct cni_chain *c);

static void ended(struct cni_chain *c, struct err *err)
{
    static const char *const verbs[] = { [CNI_ADD] = "add", [CNI_DEL] = "delete" };
    if (err->code) {
        (void)err_wrap(err, "plugin type=\"%s\" failed (%s)", type_of(c),
                       verbs[c->request.command]);
        if (!c->err.code)
            err_copy(&c->err, err);
    }
    c->ran++;
    if (c->ran == c->request.config->plugins_len || (err->code && c->request.command == CNI_ADD))
        c->fn(c, c->err.code ? &c->err : NULL);
    else
        start_next(c);
}

static void take_result(struct cni_chain *c, struct err *err)
{
    struct json_decode_opts opts = { .max_bytes = LIMIT_CNI_RESULT_BYTES };
    if (c->proc.out.len > LIMIT_CNI_RESULT_BYTES)
        (void)err_set(err, -E2BIG, "its result is too long");
    else if (json_decode(&json_raw_type, buf_str(&c->proc.out), c->proc.out.len, &opts, c->arena,
                         &c->request.prev_result, err) < 0)
        (void)err_wrap(err, "its result");
}

static void on_exit_(struct proc *p, const struct proc_exit *exit)
{
    struct cni_chain *c = container_of(p, struct cni_chain, proc);
    struct err err = ERR_INIT;
    if (exit->timed_out)
        (void)err_set(&err, -ETIMEDOUT, "it did not end within %lld s and was killed",
                      (long long)c->timeout_ms / 1000);
    else if (exit->code != 0)
        cni_result_error(buf_str(&p->out), p->out.len, buf_str(&p->error_out), exit->code, &err);
    else if (c->request.command == CNI_ADD)
        take_result(c, &err);
    proc_done(p);
    ended(c, &err);
}

static int start(struct cni_chain *c, struct err *err)
{
    AUTO(free) char *program = find_program(c, err);
    if (!program)
        return -ENOENT;
    buf_clear(&c->input);
    int r = cni_request_config(&c->request, current(c), c->arena, &c->input, err);
    if (r < 0)
        return r;
    AUTO(strv_free) char **env = cni_request_env(&c->request);
    const char *const argv[] = { program, NULL };
    struct proc_spec spec = {
        .path = program, .argv = argv, .env = (const char *const *)env, .death_signal = SIGKILL
    }; /* ADD must not run beside our successor's DEL */
    struct proc_opts opts = { .deadline_ms = c->timeout_ms,
                              .capture_out = true,
                              .capture_error = true,
                              .capture_max_bytes = LIMIT_CNI_RESULT_BYTES + 1,
                              .input = c->input.data,
                              .input_len = c->input.len };
    proc_init(&c->proc, c->loop, "cni plugin", on_exit_);
    effect("cni plugin");
    r = proc_start(&c->proc, &spec, &opts, err);
    if (r < 0)
        proc_done(&c->proc);
    return r;
}

static void start_next(struct cni_chain *c)
{
    struct err err = ERR_INIT;
    if (start(c, &err) < 0)
        ended(c, &err);
}

static void on_later(struct loop_defer *d)
{
    start_next(container_of(d, struct cni_chain, later));
}

void cni_chain_start(struct cni_chain *c)
{
    c->ran = 0;
    err_clear(&c->err);
    c->arena = arena_new(LIMIT_JSON_ARENA_BYTES);
    buf_init(&c->input, 2 * LIMIT_CNI_CONFIG_BYTES + LIMIT_CNI_RESULT_BYTES);
    loop_defer_init(&c->later, c->loop, "cni", on_later);
    loop_defer_start(&c->later);
}

void cni_chain_done(struct cni_chain *c)
{
    loop_defer_stop(&c->later);
    buf_done(&c->input);
    arena_unref(c->arena);
    c->arena = NULL;
}
