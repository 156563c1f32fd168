/* SPDX-License-Identifier: Apache-2.0 */
#include "life.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/file.h"
#include "base/limits.h"
#include "base/mem.h"
#include "base/str.h"

#undef clock_gettime /* the clock of the kernel's process events; nothing here is simulated */
#undef vfork         /* the cheapest there is: what is measured is the child */

enum { COMMAND_ARGS = 12 };

static int64_t now_ns(void)
{
    struct timespec t;

    (void)clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

static pid_t start_program(const char *const *argv, int out_fd)
{
    pid_t pid = vfork();

    if (pid == 0) {
        (void)dup2(out_fd, 1);
        (void)execv(argv[0], (char *const *)(uintptr_t)argv);
        _exit(127);
    }
    return pid;
}

static int wait_for(pid_t pid, const char *what, struct err *err)
{
    int status = 0;

    if (pid < 0 || waitpid(pid, &status, 0) != pid)
        return err_errno(err, errno, "%s", what);
    return status == 0 ? 0 : err_set(err, -EIO, "%s ended with status %#x", what, (unsigned)status);
}

static int create(const struct life_config *c, const char *id, int out_fd, pid_t *ret_pid, struct err *err)
{
    const char *argv[COMMAND_ARGS] = { c->program, "--root", c->root, "create", "--bundle", c->bundle,
                                       "--pid-file", c->pid_file, id, NULL };

    *ret_pid = start_program(argv, out_fd);
    return wait_for(*ret_pid, "create", err);
}

static int release_by_byte(const struct life_config *c, const char *id, struct err *err)
{
    char path[LIMIT_PATH_BYTES];
    AUTO(close) int fd = -1;

    (void)snprintf(path, sizeof(path), "%s/%s/start", c->root, id);
    fd = open(path, O_WRONLY | O_NONBLOCK | O_CLOEXEC);
    return fd >= 0 && write(fd, "s", 1) == 1 ? 0 : err_errno(err, errno, "%s", path);
}

static int first_byte(int fd, struct err *err)
{
    char byte;
    ssize_t n = read(fd, &byte, 1);

    return n == 1 ? 0 : err_set(err, -EIO, "the guest said nothing");
}

static int release(const struct life_config *c, const char *id, int out_fd, struct err *err)
{
    const char *argv[COMMAND_ARGS] = { c->program, "--root", c->root, "start", id, NULL };
    int r = 0;

    if (!c->by_command)
        r = release_by_byte(c, id, err);
    else if (start_program(argv, 2) < 0) /* away() collects it */
        r = err_errno(err, errno, "start");
    return r < 0 ? r : first_byte(out_fd, err);
}

/* Its process is ours to collect: the caller is a subreaper. */
static int away(const struct life_config *c, const char *id, struct err *err)
{
    const char *argv[COMMAND_ARGS] = { c->program, "--root", c->root, "delete", "--force", id, NULL };
    int r = wait_for(start_program(argv, 2), "delete", err);

    while (waitpid(-1, NULL, 0) > 0)
        ;
    return r;
}

static void take_apart(const struct life_config *c, pid_t pid, int64_t begin, int64_t created, struct life_times *t)
{
    struct fork_times f = { 0, 0 };

    if (c->forks)
        f = forks_of(c->forks, pid);
    t->program = f.executed ? f.executed - begin : -1;
    t->prepare = f.executed && f.forked ? f.forked - f.executed : -1;
    t->guest = f.forked ? created - f.forked : -1;
}

int life_measure(const struct life_config *c, const char *id, struct life_times *ret, struct err *err)
{
    AUTO(close) int in = -1;
    int64_t begin, created;
    int fds[2], r;
    pid_t pid;

    if (pipe2(fds, O_CLOEXEC) < 0)
        return err_errno(err, errno, "pipe");
    in = fds[0];
    if (c->forks)
        forks_forget(c->forks);
    begin = now_ns();
    r = create(c, id, fds[1], &pid, err);
    created = now_ns();
    (void)close(fds[1]); /* so that a guest that ends without a word is noticed */
    if (r == 0)
        r = release(c, id, in, err);
    ret->total = now_ns() - begin;
    ret->release = begin + ret->total - created;
    take_apart(c, pid, begin, created, ret);
    return away(c, id, r == 0 ? err : NULL) < 0 && r == 0 ? err->code : r;
}
