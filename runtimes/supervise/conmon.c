/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Of the options: --full-attach puts the attach socket into the bundle; --no-sync-log spares an fsync of the log
 * between a container's end and its exit file (10 ms, and logs are not worth it); the persist directory is the
 * bundle, where conmon leaves the file "oom". It also leaves one in its working directory, which therefore is
 * the bundle too.
 *
 * No start pipe: it would hold conmon back until it is in its group. It joins that before it is executed where this
 * costs nothing (version 1), and is moved afterwards, off the path of the start, where the kernel takes 7 to 15 ms for it
 * (version 2; rt/cgroup.h). Until conmon has forked, it is killed when we die.
 */
#include "conmon.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/effect.h"
#include "base/file.h"
#include "base/json.h"
#include "base/limits.h"
#include "base/mem.h"
#include "base/str.h"
#include "container.h"
#include "runtime_command.h"

#define SYNC_CHILD_FD 3
#define SYNC_MAX_BYTES (64 * KIB)
#define LAUNCH_DEADLINE_MS (60 * 1000)

#define CONMON_LINE_FIELDS(F)                                                                     \
    F(value, int64_t, data, "data", JSON_REQUIRED)                                                \
    F(value, const char *, message, "message", 0)
JSON_STRUCT(conmon_line, CONMON_LINE_FIELDS);
JSON_TYPE(conmon_line, CONMON_LINE_FIELDS);

static char **command_line(const struct rt_supervisor *s, const struct conmon_request *req)
{
    char **argv = strv_new();
    const char *const pairs[][2] = {
        { "-c", req->id },  { "-n", req->id },   { "-u", req->id },
        { "-r", req->runtime }, { "-b", req->dir }, { "--persist-dir", req->dir },
        { "--exit-dir", s->exits_dir }, { "--socket-dir-path", s->run_dir },
        { "--log-level", "warning" },
    };

    strv_push(&argv, s->conmon);
    strv_push(&argv, "--api-version");
    strv_push(&argv, "1");
    for (size_t i = 0; i < ARRAY_LEN(pairs); i++) {
        strv_push(&argv, pairs[i][0]);
        strv_push(&argv, pairs[i][1]);
    }
    strv_push(&argv, "-p");
    strv_pushf(&argv, "%s/pidfile", req->dir);
    strv_push(&argv, "-P");
    strv_pushf(&argv, "%s/conmon.pid", req->dir);
    strv_push(&argv, "-l");
    strv_pushf(&argv, "k8s-file:%s", req->log_path);
    strv_push(&argv, "--full-attach");
    strv_push(&argv, "--no-sync-log");
    strv_push(&argv, "--runtime-arg");
    strv_pushf(&argv, "--root=%s", s->state_dir);
    for (size_t i = 0; i < strv_len(s->runtime_args); i++) {
        strv_push(&argv, "--runtime-arg");
        strv_push(&argv, s->runtime_args[i]);
    }
    if (req->stdin_open)
        strv_push(&argv, "-i");
    if (req->stdin_open && !req->stdin_once)
        strv_push(&argv, "--leave-stdin-open");
    if (req->tty)
        strv_push(&argv, "-t");
    return argv;
}

static void launch_done(struct conmon_launch *l)
{
    loop_timer_stop(&l->deadline);
    loop_fd_stop(&l->sync);
    if (l->sync_fd >= 0)
        (void)close(l->sync_fd);
    l->sync_fd = -1;
    proc_done(&l->proc);
    buf_done(&l->line);
    free(l->pid_path);
    l->pid_path = NULL;
}

static pid_t read_pid(const char *path)
{
    AUTO(buf_done) struct buf text = BUF_INIT(32);
    int64_t pid;

    if (file_read(AT_FDCWD, path, &text, NULL) < 0)
        return 0;
    while (text.len > 0 && text.data[text.len - 1] == '\n')
        text.data[--text.len] = '\0';
    return str_to_i64(buf_str(&text), 1, INT32_MAX, &pid) < 0 ? 0 : (pid_t)pid;
}

static int parse_line(struct conmon_launch *l, struct arena *a, struct conmon_line *ret, struct err *err)
{
    if (l->exit.code != 0)
        return err_set(err, -EIO, "conmon failed with exit code %d: %s", l->exit.code,
                       l->proc.error_out.len > 0 ? runtime_command_message(l->proc.error_out.data) : "no message");
    if (l->line.len == 0)
        return err_set(err, -EIO, "conmon ended without a word");
    if (json_decode(&conmon_line_type, l->line.data, l->line.len, NULL, a, ret, err) < 0)
        return err_wrap(err, "conmon's answer");
    return 0;
}

static void finish(struct conmon_launch *l)
{
    AUTO(arena_unref) struct arena *a = arena_new(2 * SYNC_MAX_BYTES);
    struct conmon_line line = { .data = -1 };
    struct conmon_result result = { .pid = -1 };
    struct err err = ERR_INIT;
    conmon_fn fn = l->fn;

    if (!l->exited || !l->told)
        return;
    if (parse_line(l, a, &line, &err) == 0) {
        result.conmon_pid = read_pid(l->pid_path);
        result.pid = line.data > 0 ? line.data : -1;
        if (result.pid < 0)
            result.message = str_empty(line.message) ? "the runtime gave no reason"
                                                     : runtime_command_message((char *)(uintptr_t)line.message);
    }
    launch_done(l);
    fn(l, err.code ? NULL : &result, err.code ? &err : NULL);
}

static void on_sync(struct loop_fd *f, int events)
{
    struct conmon_launch *l = container_of(f, struct conmon_launch, sync);
    char *room = buf_reserve(&l->line, 4096);
    ssize_t n = room ? read(l->sync_fd, room, 4096) : 0;

    (void)events;
    if (n < 0 && (errno == EAGAIN || errno == EINTR))
        return;
    if (n > 0)
        buf_commit(&l->line, (size_t)n);
    if (n > 0 && l->line.data[l->line.len - 1] != '\n')
        return;
    loop_fd_stop(&l->sync);
    l->told = true;
    finish(l);
}

static void on_child_exit(struct proc *p, const struct proc_exit *exit)
{
    struct conmon_launch *l = container_of(p, struct conmon_launch, proc);

    l->exited = true;
    l->exit = *exit;
    if (exit->code != 0)
        l->told = true; /* nobody is there to tell */
    finish(l);
}

static void on_deadline(struct loop_timer *t)
{
    struct conmon_launch *l = container_of(t, struct conmon_launch, deadline);
    struct err err = ERR_INIT;
    conmon_fn fn = l->fn;

    (void)err_set(&err, -ETIMEDOUT, "the runtime's create took longer than %d s", LAUNCH_DEADLINE_MS / 1000);
    launch_done(l);
    fn(l, NULL, &err);
}

static int spawn(struct conmon_launch *l, const struct rt_supervisor *s, const struct conmon_request *req,
                 int sync_write_fd, struct err *err)
{
    AUTO(strv_free) char **argv = command_line(s, req);
    const char *const env[] = { "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
                                "_OCI_SYNCPIPE=3", NULL };
    struct proc_fd fd = { .fd = sync_write_fd, .child_fd = SYNC_CHILD_FD };
    struct proc_spec spec = {
        .path = s->conmon,
        .argv = (const char *const *)argv,
        .env = env,
        .cwd = req->dir,
        .fds = &fd,
        .fds_len = 1,
        .death_signal = SIGKILL,
        .mount_ns_fd = req->mount_ns_fd,
        .cgroup_procs = (const char *const *)s->conmon_joins,
    };
    struct proc_opts opts = { .capture_error = true };

    effect("conmon");
    return proc_start(&l->proc, &spec, &opts, err);
}

int conmon_launch_start(struct conmon_launch *l, const struct rt_supervisor *s, const struct conmon_request *req,
                        conmon_fn fn, struct err *err)
{
    int pipe_fds[2];
    int r;

    if (pipe2(pipe_fds, O_CLOEXEC) < 0)
        return err_errno(err, errno, "pipe");
    *l = (struct conmon_launch){ .sync_fd = pipe_fds[0], .fn = fn };
    buf_init(&l->line, SYNC_MAX_BYTES);
    l->pid_path = xasprintf("%s/conmon.pid", req->dir);
    proc_init(&l->proc, s->loop, "conmon", on_child_exit);
    loop_fd_init(&l->sync, s->loop, "conmon answer", on_sync);
    loop_timer_init(&l->deadline, s->loop, "conmon deadline", on_deadline);
    (void)fcntl(l->sync_fd, F_SETFL, O_NONBLOCK);
    r = spawn(l, s, req, pipe_fds[1], err);
    (void)close(pipe_fds[1]);
    if (r == 0 && (r = loop_fd_start(&l->sync, l->sync_fd, LOOP_READ)) < 0)
        (void)err_errno(err, -r, "watch conmon");
    if (r < 0)
        launch_done(l);
    else
        loop_timer_start(&l->deadline, LAUNCH_DEADLINE_MS);
    return r;
}

int conmon_reopen_log(const char *dir, struct err *err)
{
    AUTO(free) char *path = xasprintf("%s/ctl", dir);
    AUTO(close) int fd = open(path, O_WRONLY | O_NONBLOCK | O_CLOEXEC);
    static const char order[] = "2 0 0\n";

    if (fd < 0)
        return err_errno(err, errno, "%s", path);
    if (write(fd, order, sizeof(order) - 1) != (ssize_t)sizeof(order) - 1)
        return err_errno(err, errno, "write to %s", path);
    return 0;
}
