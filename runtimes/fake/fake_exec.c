/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Commands run in a container of the fake: the scripted output stands in a pipe at once, the exit
 * comes after the scripted time, the timeout or the container's end, whichever is first.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>

#include "base/str.h"
#include "fake_internal.h"

enum { EXEC_OUTPUT_BYTES = 4096 }; /* fits a pipe, so that writing it never blocks */

struct fake_exec {
    struct list node;
    struct rt_fake *fake;
    struct loop_timer timer;
    void (*exited)(void *user, int exit_code, const struct err *err);
    void *user;
    int exit_code;
    bool timed_out;
};

static void exec_free(struct fake_exec *x)
{
    loop_timer_stop(&x->timer);
    list_remove(&x->node);
    free(x);
}

void fake_exec_drop_all(struct rt_fake *f)
{
    struct fake_exec *x;
    list_each (x, &f->execs, struct fake_exec, node)
        exec_free(x);
}

static void on_exit_time(struct loop_timer *t)
{
    struct fake_exec *x = container_of(t, struct fake_exec, timer);
    struct fake_exec ended = *x;
    struct err err = ERR_INIT;
    exec_free(x);
    if (ended.timed_out)
        (void)err_set(&err, -ETIMEDOUT, "command timed out");
    if (ended.exited)
        ended.exited(ended.user, ended.exit_code, err.code ? &err : NULL);
}

static int pipe_with(const char *text, int *ret_fd, struct err *err)
{
    int fds[2];
    if (pipe2(fds, O_CLOEXEC) < 0)
        return err_errno(err, errno, "pipe");
    size_t len = text ? strnlen(text, EXEC_OUTPUT_BYTES) : 0;
    ssize_t written = len > 0 ? write(fds[1], text, len) : 0;
    (void)close(fds[1]);
    if (written < 0) {
        (void)close(fds[0]);
        return err_set(err, -EIO, "write to a pipe");
    }
    *ret_fd = fds[0];
    return 0;
}

static void run(struct fake_op *op, const struct rt_fake_script *script)
{
    const struct rt_exec_request *req = op->request;
    struct fake_exec *x = NEW(struct fake_exec);
    x->fake = op->fake;
    x->exited = req->exited;
    x->user = op->call.user;
    x->timed_out = req->timeout_ms > 0 && script->exec_ms > req->timeout_ms;
    x->exit_code = x->timed_out ? 128 + SIGKILL : script->exec_exit_code;
    list_push_back(&op->fake->execs, &x->node);
    loop_timer_init(&x->timer, op->fake->loop, "fake exec", on_exit_time);
    /* after done(), which comes one latency later */
    loop_timer_start(&x->timer, op->fake->faults.latency_ms + 1 +
                                    (x->timed_out ? req->timeout_ms : script->exec_ms));
}

static int apply_exec(struct fake_op *op, const void **ret_result, struct err *err)
{
    const struct rt_exec_request *req = op->request;
    struct fake_container *c = map_get(&op->fake->container_map, op->id);
    if (!c || c->view.state != RT_CONTAINER_RUNNING)
        return err_set(err, -ENOENT, "container %s does not run", op->id);
    struct rt_streams *streams = ARENA_NEW(op->arena, struct rt_streams);
    *streams = (struct rt_streams){ -1, -1, -1, -1 };
    AUTO(close) int out = -1;
    AUTO(close) int error_out = -1;
    int r = req->stdout_open ? pipe_with(c->script->script.exec_output, &out, err) : 0;
    if (r == 0 && req->stderr_open && !req->tty)
        r = pipe_with(NULL, &error_out, err);
    if (r == 0 && req->stdin_open) {
        streams->stdin_fd = open("/dev/null", O_WRONLY | O_CLOEXEC);
        if (streams->stdin_fd < 0)
            r = err_errno(err, errno, "open /dev/null");
    }
    if (r < 0)
        return r;
    streams->stdout_fd = TAKE_FD(out);
    streams->stderr_fd = TAKE_FD(error_out);
    run(op, &c->script->script);
    *ret_result = streams;
    return 0;
}

struct rt_op *fake_exec(struct rt_containers *s, const struct rt_exec_request *req,
                        const struct rt_call *call)
{
    struct rt_fake *f = fake_of_containers(s);
    struct fake_op *op = fake_op_new(f, call, 0, apply_exec);
    const struct fake_container *c = map_get(&f->container_map, req->container_id);
    op->id = arena_strdup(op->arena, req->container_id);
    op->request = arena_copy(op->arena, req, sizeof(*req));
    fake_journal_add(f, "exec %s %s", c ? c->view.name : req->container_id,
                     req->command.len > 0 ? req->command.items[0] : "");
    return &op->op;
}
