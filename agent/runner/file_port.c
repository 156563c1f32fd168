/* SPDX-License-Identifier: Apache-2.0 */
/*
 * file_port.c - small files of pods, each request one job on a worker.
 *
 * Requests of one pod come one after the other (its lanes see to that), so jobs need no order among themselves.
 * Links are the exception: they are cheap, and made on the loop.
 */
#include "file_port.h"

#include <errno.h>
#include <fcntl.h>
#include <fnmatch.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/effect.h"
#include "base/file.h"
#include "base/limits.h"
#include "base/list.h"
#include "base/mem.h"
#include "base/str.h"
#include "base/worker.h"
#include "log_files.h"

struct file_port {
    struct pod_files port;
    struct loop *loop;
    struct list jobs;
};

struct file_job {
    struct list node;
    struct worker_job job;
    int (*run)(struct file_job *j, struct err *err);
    char *path;             /* read_tail, remove_tree */
    struct pod_file *files; /* write: copies */
    size_t files_len;
    char **folders;
    size_t max_bytes, max_lines;
    int64_t max_log_bytes, max_log_files;
    char *text;
    struct err err;
    pod_done_fn done;
    void (*text_done)(void *user, const char *text);
    void *user;
};

static void job_free(struct file_job *j)
{
    list_remove(&j->node);
    for (size_t i = 0; i < j->files_len; i++) {
        free((char *)j->files[i].path);
        free((char *)j->files[i].text);
    }
    free(j->files);
    strv_free(j->folders);
    free(j->path);
    free(j->text);
    free(j);
}

static void on_run(struct worker_job *job)
{
    struct file_job *j = container_of(job, struct file_job, job);
    (void)j->run(j, &j->err);
}

static void on_done(struct worker_job *job)
{
    struct file_job *j = container_of(job, struct file_job, job);

    if (j->done)
        j->done(j->user, j->err.code ? &j->err : NULL);
    if (j->text_done)
        j->text_done(j->user, str_or(j->text, ""));
    job_free(j);
}

static struct file_job *job_new(struct file_port *f, int (*run)(struct file_job *j, struct err *err), void *user)
{
    struct file_job *j = NEW(struct file_job);

    j->run = run;
    j->user = user;
    list_push_back(&f->jobs, &j->node);
    return j;
}

static void submit(struct file_port *f, struct file_job *j)
{
    worker_submit(f->loop, WORKER_RUNTIME, &j->job, on_run, on_done);
}

/* ---- write ---- */

static int make_parent(const char *path, struct err *err)
{
    AUTO(free) char *parent = xstrdup(path);
    char *slash = strrchr(parent, '/');

    if (!slash || slash == parent)
        return 0;
    *slash = '\0';
    return path_mkdirs(parent, 0755, err);
}

static int write_one(const struct pod_file *f, struct err *err)
{
    if (make_parent(f->path, err) < 0)
        return err->code;
    if (f->only_if_absent && path_exists(f->path))
        return 0;
    return file_write_atomic(AT_FDCWD, f->path, f->text, strlen(f->text), f->mode, 0, err);
}

static int run_write(struct file_job *j, struct err *err)
{
    effect("write pod files");
    for (char **folder = j->folders; folder && *folder; folder++)
        if (path_mkdirs(*folder, 0755, err) < 0)
            return err->code;
    for (size_t i = 0; i < j->files_len; i++)
        if (write_one(&j->files[i], err) < 0)
            return err->code;
    return 0;
}

static void write_files(struct pod_files *port, const struct pod_file *files, size_t len, const char *const *folders,
                        pod_done_fn done, void *user)
{
    struct file_port *f = container_of(port, struct file_port, port);
    struct file_job *j = job_new(f, run_write, user);

    j->done = done;
    j->folders = folders ? strv_copy(folders) : NULL;
    j->files = xcalloc(len + 1, sizeof(*j->files));
    for (size_t i = 0; i < len; i++) {
        j->files[i] = files[i];
        j->files[i].path = xstrdup(files[i].path);
        j->files[i].text = xstrdup(str_or(files[i].text, ""));
    }
    j->files_len = len;
    submit(f, j);
}

/* ---- links ---- */

static void make_link(struct pod_files *port, const char *target, const char *path)
{
    struct err err = ERR_INIT;

    (void)port;
    effect("log link");
    (void)unlink(path); /* of an earlier run */
    if (make_parent(path, &err) == 0)
        (void)symlink(target, path); /* a convenience for log collectors: nothing depends on it */
}

static int unlink_match(int dirfd, const char *name, void *user)
{
    if (fnmatch(user, name, 0) == 0)
        (void)unlinkat(dirfd, name, 0); /* gone already is fine */
    return 0;
}

static void unlink_path(struct pod_files *port, const char *path)
{
    AUTO(free) char *folder = xstrdup(path);
    char *slash = strrchr(folder, '/');

    (void)port;
    effect("unlink");
    if (!str_has_suffix(path, "*")) {
        (void)unlink(path);
        return;
    }
    if (!slash)
        return;
    *slash = '\0';
    (void)path_each(folder, unlink_match, slash + 1, NULL);
}

/* ---- trees ---- */

static int run_remove_tree(struct file_job *j, struct err *err)
{
    effect("remove folder");
    return path_remove_tree(j->path, err);
}

static void remove_tree(struct pod_files *port, const char *path, pod_done_fn done, void *user)
{
    struct file_port *f = container_of(port, struct file_port, port);
    struct file_job *j = job_new(f, run_remove_tree, user);

    j->done = done;
    j->path = xstrdup(path);
    submit(f, j);
}

/* ---- tails ---- */

static const char *last_lines(const char *text, size_t len, size_t lines)
{
    const char *at = text + len;

    if (!lines)
        return text;
    while (at > text)
        if (*--at == '\n' && at + 1 < text + len && lines-- == 1)
            return at + 1;
    return text;
}

static int run_read_tail(struct file_job *j, struct err *err)
{
    AUTO(close) int fd = open(j->path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    struct stat st;

    (void)err;
    if (fd < 0 || fstat(fd, &st) < 0 || !S_ISREG(st.st_mode)) /* what a container put there instead says nothing */
        return 0;
    size_t len = (size_t)st.st_size < j->max_bytes ? (size_t)st.st_size : j->max_bytes;
    AUTO(free) char *text = xcalloc(1, len + 1);
    ssize_t n = pread(fd, text, len, st.st_size - (off_t)len);
    j->text = xstrdup(last_lines(text, n > 0 ? (size_t)n : 0, j->max_lines));
    return 0;
}

static void read_tail(struct pod_files *port, const char *path, size_t max_bytes, size_t max_lines,
                      void (*done)(void *user, const char *text), void *user)
{
    struct file_port *f = container_of(port, struct file_port, port);
    struct file_job *j = job_new(f, run_read_tail, user);

    j->path = xstrdup(path);
    j->max_bytes = max_bytes < MIB ? max_bytes : MIB;
    j->max_lines = max_lines;
    j->text_done = done;
    submit(f, j);
}

/* ---- rotation ---- */

static int run_rotate(struct file_job *j, struct err *err)
{
    int r = log_files_rotate(j->path, j->max_log_bytes, j->max_log_files, err);

    return r == -EAGAIN ? err_set(err, -EAGAIN, "not that large") : r;
}

static void rotate(struct pod_files *port, const char *path, int64_t max_bytes, int64_t max_files, pod_done_fn done,
                   void *user)
{
    struct file_port *f = container_of(port, struct file_port, port);
    struct file_job *j = job_new(f, run_rotate, user);

    j->done = done;
    j->path = xstrdup(path);
    j->max_log_bytes = max_bytes;
    j->max_log_files = max_files;
    worker_submit(f->loop, WORKER_DISK, &j->job, on_run, on_done);
}

static const struct pod_files_ops ops = {
    .write = write_files, .link = make_link, .unlink = unlink_path, .remove_tree = remove_tree, .read_tail = read_tail,
    .rotate = rotate,
};

struct file_port *file_port_new(struct loop *loop)
{
    struct file_port *f = NEW(struct file_port);

    *f = (struct file_port){ .port = { .ops = &ops }, .loop = loop };
    list_init(&f->jobs);
    return f;
}

struct file_port *file_port_free(struct file_port *f)
{
    struct file_job *j;

    if (!f)
        return NULL;
    list_each(j, &f->jobs, struct file_job, node) {
        j->done = NULL;
        j->text_done = NULL;
    }
    worker_drain(f->loop);
    free(f);
    return NULL;
}

struct pod_files *file_port_get(struct file_port *f)
{
    return &f->port;
}
