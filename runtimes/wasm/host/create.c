/* SPDX-License-Identifier: Apache-2.0 */
/*
 * create: makes the process of a container, and waits until it stands in its own world, ready to be started.
 *
 * The order against a kill at any point: the folder of the state, the state without a process, the group; the process
 * (which dies with us until it is written down), the state with it, the pid file; only then it is told to live on.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "base/limits.h"
#include "base/mem.h"
#include "base/proc.h"
#include "base/str.h"
#include "command.h"
#include "console.h"
#include "group.h"
#include "guest.h"
#include "module.h"
#include "rt/wasm.h"
#include "wasm_state.h"

struct creation {
    const struct options *options;
    struct bundle bundle;
    struct guest_plan plan;
    struct wasm_state state;
    int talk_fd;   /* our end */
    pid_t pid;
};

static int prepare(struct creation *c, struct arena *arena, struct err *err)
{
    const struct options *o = c->options;
    char dir[PATH_MAX];

    if (!realpath(str_or(o->bundle, "."), dir))
        return err_errno(err, errno, "bundle %s", str_or(o->bundle, "."));
    if (bundle_read(dir, arena, &c->bundle, err) < 0 || namespaces_open(&c->bundle, &c->plan.namespaces, err) < 0)
        return err->code;
    c->plan.bundle = &c->bundle;
    if (module_find(&c->bundle, o->cache, &c->plan.artifact, &c->plan.kind, err) < 0 ||
        console_open(&c->bundle, o->console_socket, &c->plan.tty_fd, err) < 0)
        return err->code;
    c->state = (struct wasm_state){ .version = STATE_VERSION, .id = o->id, .bundle = c->bundle.dir };
    return 0;
}

/* Written down before it is made: without a process yet. */
static int make_group(struct creation *c, struct err *err)
{
    const char *path;
    int r = group_path(&c->bundle, &path, err);

    c->state.cgroup = path;
    if (r == 0 && path)
        r = wasm_state_write(c->options->root, &c->state, err);
    if (r == 0)
        r = group_make(&c->bundle, path, &c->plan.group, err);
    if (r == -EEXIST)
        c->state.cgroup = NULL; /* somebody else's */
    return r;
}

/* What the guest says of itself is its error, word for word. */
static int hear(struct creation *c, struct err *err)
{
    char text[ERR_MSG_MAX];
    ssize_t n = read(c->talk_fd, text, sizeof(text) - 1);

    if (n == 1 && text[0] == 'R')
        return 0;
    if (n <= 0)
        return err_set(err, -EIO, "the container's process ended before it was ready");
    text[n] = '\0';
    return err_set(err, -EIO, "%s", text);
}

static int write_pid_file(const struct creation *c, struct err *err)
{
    char text[16];
    int len = snprintf(text, sizeof(text), "%d", (int)c->pid);

    if (!c->options->pid_file)
        return 0;
    return file_write_atomic(AT_FDCWD, c->options->pid_file, text, (size_t)len, 0644, 0, err);
}

static int write_down(struct creation *c, struct err *err)
{
    char byte;

    c->state.pid = c->pid;
    if (proc_start_time(c->pid, &c->state.start_ticks) < 0)
        return err_set(err, -ESRCH, "the container's process has ended");
    if (wasm_state_write(c->options->root, &c->state, err) < 0 || write_pid_file(c, err) < 0)
        return err->code;
    if (write(c->talk_fd, "K", 1) != 1 || read(c->talk_fd, &byte, 1) != 1)
        return err_set(err, -ESRCH, "the container's process has ended");
    return 0;
}

/* Children are born into the namespace joined here, we stay where we are. */
static int give_birth(struct creation *c, int their_fd, struct err *err)
{
    if (namespaces_join_pid(&c->plan.namespaces, err) < 0)
        return err->code;
    c->plan.talk_fd = their_fd;
    c->pid = group_fork(&c->plan.group);
    if (c->pid == 0) {
        (void)close(c->talk_fd);
        guest_main(&c->plan);
    }
    return c->pid < 0 ? err_errno(err, errno, "fork") : 0;
}

static int spawn(struct creation *c, struct err *err)
{
    int fds[2], r;

    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, fds) < 0)
        return err_errno(err, errno, "socketpair");
    c->talk_fd = fds[0];
    r = give_birth(c, fds[1], err);
    (void)close(fds[1]);
    return r;
}

static void undo(struct creation *c)
{
    if (c->pid > 0) {
        (void)kill(c->pid, SIGKILL);
        (void)waitpid(c->pid, NULL, 0);
    }
    group_remove(c->state.cgroup);
    (void)wasm_state_remove(c->options->root, c->options->id, NULL); /* what cannot be removed is overwritten by nobody */
}

int command_create(const struct options *o, struct err *err)
{
    AUTO(arena_unref) struct arena *arena = arena_new(4 * LIMIT_CONTAINER_SPEC_BYTES);
    struct creation c = { .options = o, .talk_fd = -1 };
    int r = prepare(&c, arena, err);

    if (r == 0)
        r = wasm_state_new(o->root, o->id, &c.plan.start_fd, err);
    if (r < 0)
        return r;
    r = make_group(&c, err);
    if (r == 0)
        r = spawn(&c, err);
    if (r == 0)
        r = hear(&c, err);
    if (r == 0)
        r = write_down(&c, err);
    if (r < 0)
        undo(&c);
    return r;
}
