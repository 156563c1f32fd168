/* SPDX-License-Identifier: Apache-2.0 */
#include "wasm_state.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "base/limits.h"
#include "base/mem.h"
#include "base/proc.h"
#include "base/str.h"

JSON_TYPE(wasm_state, STATE_FIELDS);

const char *wasm_status_name(enum wasm_status status)
{
    static const char *const names[] = { "creating", "created", "running", "stopped" };

    return names[status];
}

static char *path_in(const char *root, const char *id, const char *name)
{
    return xasprintf("%s/%s/%s", root, id, name);
}

static int check_id(const char *id, struct err *err)
{
    return path_is_name(id) ? 0 : err_set(err, -EINVAL, "\"%s\" is no container id", id);
}

static int make_fifo(const char *path, int *ret_fd, struct err *err)
{
    if (mkfifo(path, 0600) < 0)
        return err_errno(err, errno, "%s", path);
    *ret_fd = open(path, O_RDWR | O_CLOEXEC); /* both ways: else it would end when a writer goes */
    return *ret_fd < 0 ? err_errno(err, errno, "%s", path) : 0;
}

int wasm_state_new(const char *root, const char *id, int *ret_fifo_fd, struct err *err)
{
    AUTO(free) char *dir = xasprintf("%s/%s", root, id);
    AUTO(free) char *fifo = path_in(root, id, "start");

    if (check_id(id, err) < 0 || path_mkdirs(root, 0700, err) < 0)
        return err->code;
    if (mkdir(dir, 0700) < 0)
        return err_errno(err, errno, errno == EEXIST ? "container %s" : "make the state of container %s", id);
    if (make_fifo(fifo, ret_fifo_fd, err) < 0) {
        (void)wasm_state_remove(root, id, NULL); /* the first error counts */
        return err->code;
    }
    return 0;
}

int wasm_state_write(const char *root, const struct wasm_state *s, struct err *err)
{
    AUTO(buf_done) struct buf text = BUF_INIT(LIMIT_PATH_BYTES * 4);
    AUTO(free) char *path = path_in(root, s->id, "state.json");
    int r = json_encode(&wasm_state_type, s, &text);

    return r < 0 ? err_set(err, r, "%s: too long", path) : file_write_atomic(AT_FDCWD, path, text.data, text.len, 0600, 0, err);
}

int wasm_state_read(const char *root, const char *id, struct arena *arena, struct wasm_state *ret, struct err *err)
{
    AUTO(buf_done) struct buf text = BUF_INIT(LIMIT_PATH_BYTES * 4);
    AUTO(free) char *path = path_in(root, id, "state.json");
    int r = check_id(id, err);

    if (r == 0)
        r = file_read(AT_FDCWD, path, &text, err);
    if (r == -ENOENT)
        return err_set(err, -ENOENT, "container %s does not exist", id);
    if (r == 0)
        r = json_decode(&wasm_state_type, buf_str(&text), text.len, NULL, arena, ret, err);
    if (r < 0)
        return err_wrap(err, "%s", path);
    return ret->version > STATE_VERSION ? err_set(err, -EPROTO, "%s: written by a newer version", path) : 0;
}

/* One that has ended and that nobody has collected yet has ended. */
static int open_process(const struct wasm_state *s, int *ret_fd)
{
    AUTO(close) int fd = -1;
    struct pollfd end = { .events = POLLIN };
    int r = s->pid > 0 ? proc_open((pid_t)s->pid, s->start_ticks, &fd) : -ESRCH;

    if (r < 0)
        return r;
    end.fd = fd;
    if (poll(&end, 1, 0) != 0)
        return -ESRCH;
    *ret_fd = TAKE_FD(fd);
    return 0;
}

/* Opened for writing, if somebody reads; *ret_waiting: nothing is in it. -ENXIO: nobody reads. */
static int open_fifo(const char *root, const char *id, int *ret_fd, bool *ret_waiting)
{
    AUTO(free) char *path = path_in(root, id, "start");
    AUTO(close) int fd = open(path, O_WRONLY | O_NONBLOCK | O_CLOEXEC);
    int unread = 0;

    if (fd < 0 || ioctl(fd, FIONREAD, &unread) < 0)
        return -errno;
    *ret_waiting = unread == 0;
    *ret_fd = TAKE_FD(fd);
    return 0;
}

enum wasm_status wasm_state_status(const char *root, const struct wasm_state *s)
{
    AUTO(close) int process = -1;
    AUTO(close) int fifo = -1;
    bool waiting = false;

    if (s->pid == 0)
        return WASM_CREATING;
    if (open_process(s, &process) < 0)
        return WASM_STOPPED;
    return open_fifo(root, s->id, &fifo, &waiting) == 0 && waiting ? WASM_CREATED : WASM_RUNNING;
}

int wasm_state_let_go(const char *root, const struct wasm_state *s, struct err *err)
{
    AUTO(close) int process = -1;
    AUTO(close) int fifo = -1;
    bool waiting = false;

    if (open_process(s, &process) < 0)
        return err_set(err, -ESRCH, "container %s has ended", s->id);
    if (open_fifo(root, s->id, &fifo, &waiting) < 0 || !waiting)
        return err_set(err, -EALREADY, "container %s runs already", s->id);
    if (write(fifo, "s", 1) != 1)
        return err_errno(err, errno, "start container %s", s->id);
    return 0;
}

int wasm_state_signal(const struct wasm_state *s, int signum, struct err *err)
{
    AUTO(close) int process = -1;

    if (open_process(s, &process) < 0 || syscall(SYS_pidfd_send_signal, process, signum, NULL, 0) < 0)
        return err_set(err, -ESRCH, "container %s does not run", s->id);
    return 0;
}

bool wasm_state_wait(const struct wasm_state *s, int timeout_ms)
{
    AUTO(close) int process = -1;
    struct pollfd end = { .events = POLLIN };

    if (open_process(s, &process) < 0)
        return true;
    end.fd = process;
    return poll(&end, 1, timeout_ms) > 0;
}

int wasm_state_remove(const char *root, const char *id, struct err *err)
{
    AUTO(free) char *dir = xasprintf("%s/%s", root, id);
    int r = check_id(id, err);

    return r < 0 ? r : path_remove_tree(dir, err);
}
