/* SPDX-License-Identifier: Apache-2.0 */
/* control.c - the commands on a container that is there: start, state, kill, delete. */
#include <ctype.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/json_write.h"
#include "base/limits.h"
#include "base/mem.h"
#include "base/proc.h"
#include "base/str.h"
#include "command.h"
#include "group.h"
#include "wasm_state.h"

enum { DELETE_WAIT_MS = 10000 };

static int find(const struct options *o, struct arena **arena, struct wasm_state *ret, struct err *err)
{
    *arena = arena_new(64 * KIB);
    return wasm_state_read(o->root, o->id, *arena, ret, err);
}

int command_start(const struct options *o, struct err *err)
{
    AUTO(arena_unref) struct arena *arena = NULL;
    struct wasm_state s;
    int r = find(o, &arena, &s, err);

    return r < 0 ? r : wasm_state_let_go(o->root, &s, err);
}

int command_state(const struct options *o, struct err *err)
{
    AUTO(arena_unref) struct arena *arena = NULL;
    AUTO(buf_done) struct buf text = BUF_INIT(64 * KIB);
    struct json_writer w = JSON_WRITER(&text);
    struct wasm_state s;
    enum wasm_status status;

    if (find(o, &arena, &s, err) < 0)
        return err->code;
    status = wasm_state_status(o->root, &s);
    json_write_object(&w);
    json_write_key_string(&w, "ociVersion", "1.0.2");
    json_write_key_string(&w, "id", s.id);
    json_write_key_string(&w, "status", wasm_status_name(status));
    json_write_key_int(&w, "pid", status == WASM_STOPPED ? 0 : s.pid);
    json_write_key_string(&w, "bundle", s.bundle);
    json_write_end(&w);
    return puts(buf_str(&text)) < 0 ? err_errno(err, errno, "write") : 0;
}

/* "TERM", "SIGTERM", "15". */
static int signal_of(const char *text, struct err *err)
{
    int64_t number;

    if (isdigit((unsigned char)text[0])) {
        if (str_to_i64(text, 1, SIGRTMAX, &number) == 0)
            return (int)number;
    } else {
        const char *name = strncasecmp(text, "SIG", 3) == 0 ? text + 3 : text;

        for (int i = 1; i < NSIG; i++)
            if (sigabbrev_np(i) && strcasecmp(sigabbrev_np(i), name) == 0)
                return i;
    }
    return err_set(err, -EINVAL, "\"%s\" is no signal", text);
}

int command_kill(const struct options *o, struct err *err)
{
    AUTO(arena_unref) struct arena *arena = NULL;
    struct wasm_state s;
    int signum = signal_of(str_or(o->argument, "TERM"), err);

    if (signum < 0 || find(o, &arena, &s, err) < 0)
        return err->code;
    return wasm_state_signal(&s, signum, err);
}

static int end(const struct options *o, const struct wasm_state *s, struct err *err)
{
    if (wasm_state_signal(s, SIGKILL, NULL) < 0 || wasm_state_wait(s, DELETE_WAIT_MS))
        return 0;
    return err_set(err, -ETIMEDOUT, "container %s does not end", o->id);
}

int command_delete(const struct options *o, struct err *err)
{
    AUTO(arena_unref) struct arena *arena = NULL;
    enum wasm_status status = WASM_STOPPED;
    struct wasm_state s;
    int r = find(o, &arena, &s, err);

    if (r == -ENOENT && o->force) {
        err_clear(err);
        return wasm_state_remove(o->root, o->id, err); /* half made: its process went with its maker */
    }
    if (r == 0 && !o->force)
        status = wasm_state_status(o->root, &s);
    if (status != WASM_STOPPED)
        return err_set(err, -EBUSY, "container %s is %s: --force ends it", o->id, wasm_status_name(status));
    if (r == 0)
        r = end(o, &s, err);
    if (r < 0)
        return r;
    group_remove(s.cgroup);
    return wasm_state_remove(o->root, o->id, err);
}
