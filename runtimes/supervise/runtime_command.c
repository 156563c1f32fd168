/* SPDX-License-Identifier: Apache-2.0 */
#include "runtime_command.h"

#include <ctype.h>
#include <errno.h>
#include <signal.h>
#include <string.h>

#include "base/arena.h"
#include "base/effect.h"
#include "base/json.h"
#include "base/limits.h"
#include "base/mem.h"
#include "base/str.h"
#include "container.h"

#define COMMAND_DEADLINE_MS (60 * 1000)

const char *runtime_command_message(char *text)
{
    size_t len = strlen(text);
    char *line, *msg;

    while (len > 0 && isspace((unsigned char)text[len - 1]))
        text[--len] = '\0';
    line = strrchr(text, '\n');
    line = line ? line + 1 : text;
    /* runc: time="…" level=error msg="…". crun: 2026-01-02T03:04:05.678901Z: … */
    msg = strstr(line, " msg=\"");
    if (msg) {
        line = msg + 6;
        len = strlen(line);
        if (len > 0 && line[len - 1] == '"')
            line[len - 1] = '\0';
    } else if (isdigit((unsigned char)line[0]) && (msg = strstr(line, "Z: "))) {
        line = msg + 3;
    }
    return line;
}

static int explain(const char *verb, const struct proc_exit *exit, struct buf *text, struct err *err)
{
    if (exit->timed_out)
        return err_set(err, -ETIMEDOUT, "the runtime's %s took longer than %d s", verb,
                       COMMAND_DEADLINE_MS / 1000);
    if (exit->code == 0)
        return 0;
    if (text->len == 0)
        return err_set(err, -EIO, "the runtime's %s failed with exit code %d", verb, exit->code);
    return err_set(err, -EIO, "%s", runtime_command_message(text->data));
}

static char **command_line(const struct rt_supervisor *s, const char *runtime, const char *verb,
                           const char *const *args)
{
    char **argv = strv_new();

    strv_push(&argv, runtime);
    strv_pushf(&argv, "--root=%s", s->state_dir);
    for (size_t i = 0; i < strv_len(s->runtime_args); i++)
        strv_push(&argv, s->runtime_args[i]);
    strv_push(&argv, verb);
    for (; args && *args; args++)
        strv_push(&argv, *args);
    return argv;
}

/* A command that outlives us would work behind our successor's back, but what is left of a start that was killed
 * halfway nobody can tell: that one ends, and a successor's start asks what has become of it. */
static int death_signal(const char *verb)
{
    return str_eq(verb, "start") ? 0 : SIGKILL;
}

static void on_child_exit(struct proc *p, const struct proc_exit *exit)
{
    struct runtime_command *c = container_of(p, struct runtime_command, proc);
    struct err err = ERR_INIT;

    (void)explain(c->verb, exit, &p->error_out, &err);
    proc_done(p);
    c->fn(c, err.code ? &err : NULL);
}

int runtime_command_start(struct runtime_command *c, const struct rt_supervisor *s, const char *runtime,
                          const char *verb, const char *const *args, runtime_command_fn fn, struct err *err)
{
    AUTO(strv_free) char **argv = command_line(s, runtime, verb, args);
    struct proc_spec spec = { .path = runtime, .argv = (const char *const *)argv,
                              .death_signal = death_signal(verb) };
    struct proc_opts opts = { .deadline_ms = COMMAND_DEADLINE_MS, .capture_error = true };
    int r;

    c->fn = fn;
    c->verb = verb;
    proc_init(&c->proc, s->loop, "runtime command", on_child_exit);
    effect(verb);
    r = proc_start(&c->proc, &spec, &opts, err);
    if (r < 0)
        proc_done(&c->proc);
    return r;
}

int runtime_command_run(const struct rt_supervisor *s, const char *runtime, const char *verb,
                        const char *const *args, struct buf *out, struct err *err)
{
    AUTO(strv_free) char **argv = command_line(s, runtime, verb, args);
    AUTO(buf_done) struct buf text = BUF_INIT(LIMIT_PROC_CAPTURE_BYTES);
    struct proc_spec spec = { .path = runtime, .argv = (const char *const *)argv,
                              .death_signal = death_signal(verb) };
    struct proc_exit exit;
    int r;

    effect(verb);
    r = proc_run(&spec, COMMAND_DEADLINE_MS, out, &text, &exit, err);
    return r < 0 ? r : explain(verb, &exit, &text, err);
}

#define STATE_FIELDS(F) F(value, const char *, status, "status", JSON_REQUIRED)
JSON_STRUCT(runtime_state, STATE_FIELDS);
JSON_TYPE(runtime_state, STATE_FIELDS);

bool runtime_command_has_started(const struct rt_supervisor *s, const char *runtime, const char *id)
{
    AUTO(arena_unref) struct arena *a = arena_new(LIMIT_POD_MANIFEST_BYTES);
    AUTO(buf_done) struct buf out = BUF_INIT(LIMIT_PROC_CAPTURE_BYTES);
    const char *args[] = { id, NULL };
    struct runtime_state state;

    if (runtime_command_run(s, runtime, "state", args, &out, NULL) < 0)
        return false;
    if (json_decode(&runtime_state_type, out.data, out.len, NULL, a, &state, NULL) < 0)
        return false;
    return !str_eq(state.status, "created") && !str_eq(state.status, "creating");
}
