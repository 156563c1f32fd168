/* SPDX-License-Identifier: Apache-2.0 */
#include "layer.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/xattr.h>

#include "base/arena.h"
#include "base/effect.h"
#include "base/file.h"
#include "base/json.h"
#include "base/limits.h"
#include "base/mem.h"
#include "base/str.h"
#include "discard.h"

#define UNPACK_DEADLINE_MS ((int64_t)3600 * 1000)

#define LAYER_RESULT_FIELDS(F)                                                                     \
    F(value, const char *, diff_id, "diffID", JSON_REQUIRED)                                       \
    F(value, uint64_t, bytes, "bytes", 0)                                                          \
    F(value, uint64_t, entries, "entries", 0)                                                      \
    F(value, uint64_t, devices_skipped, "devicesSkipped", 0)                                       \
    F(value, uint64_t, xattrs_skipped, "xattrsSkipped", 0)                                         \
    F(values, const char *, opaque, "opaque", 0)
JSON_STRUCT(layer_result, LAYER_RESULT_FIELDS);
JSON_TYPE(layer_result, LAYER_RESULT_FIELDS);

struct layer_work {
    struct layer *layer; /* NULL: aborted */
    struct loop *loop;
    char *unpack_path, *blob_path, *temp_dir, *fs_dir, *final_dir, *diff_id, *chain;
    char **below;
    struct proc proc;
    struct worker_job job;
    bool started, publishing, cancelled;
    struct arena *arena;
    struct layer_result result;
    struct err err;
};

static void destroy(struct layer_work *w)
{
    if (w->started)
        proc_done(&w->proc);
    (void)arena_unref(w->arena);
    free(w->unpack_path);
    free(w->blob_path);
    free(w->temp_dir);
    free(w->fs_dir);
    free(w->final_dir);
    free(w->diff_id);
    free(w->chain);
    (void)strv_free(w->below);
    free(w);
}

static void finish(struct layer_work *w)
{
    struct layer *l = w->layer;
    struct err err = w->err;
    if (err.code)
        discard_tree(w->loop, w->temp_dir);
    destroy(w);
    l->work = NULL;
    l->on_done(l, err.code ? &err : NULL);
}

/* ---- once unpacked ---- */

static int unescape(const char *text, char *ret, size_t ret_bytes)
{
    size_t n = 0;
    for (; *text; text++) {
        unsigned char c = (unsigned char)*text;
        if (c == '%') {
            unsigned value = 0;
            if (sscanf(text + 1, "%2X", &value) != 1 || !text[1] || !text[2])
                return -EINVAL;
            c = (unsigned char)value;
            text += 2;
        }
        if (n + 1 >= ret_bytes)
            return -ENAMETOOLONG;
        ret[n++] = (char)c;
    }
    ret[n] = '\0';
    return 0;
}

/* The path comes from the helper, which has read what a stranger wrote: it is resolved below the
 * layer, and what is no directory (any more) is nothing to mark. */
static int mark_opaque(int fs_fd, const char *escaped, struct err *err)
{
    char path[LIMIT_PATH_BYTES];
    AUTO(close) int fd = -1;
    int rc = unescape(escaped, path, sizeof(path));
    if (rc < 0)
        return err_set(err, rc, "the unpacker reported a malformed path");
    rc = path_open_beneath(fs_fd, str_or(path, "."), O_RDONLY | O_DIRECTORY | O_NOFOLLOW, 0, &fd,
                           NULL);
    if (rc == -ENOENT || rc == -ENOTDIR || rc == -ELOOP)
        return 0;
    if (rc < 0)
        return err_set(err, rc, "'%.200s': cannot be opened to be marked opaque", path);
    if (fsetxattr(fd, "trusted.overlay.opaque", "y", 1, 0) < 0)
        return err_errno(err, errno,
                         "'%.200s': marking it opaque (trusted.overlay.opaque) was refused", path);
    return 0;
}

static int publish(struct layer_work *w, struct err *err)
{
    AUTO(close) int fs_fd = open(w->fs_dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fs_fd < 0)
        return err_errno(err, errno, "open %s", w->fs_dir);
    for (size_t i = 0; i < w->result.opaque.len; i++) {
        int rc = mark_opaque(fs_fd, w->result.opaque.items[i], err);
        if (rc < 0)
            return rc;
    }
    if (!w->final_dir)
        return 0;
    effect("layer.rename");
    if (rename(w->temp_dir, w->final_dir) < 0)
        return err_errno(err, errno, "rename %s to %s", w->temp_dir, w->final_dir);
    effect("layer.unlink");
    (void)unlink(w->blob_path);
    return 0;
}

static void run_publish(struct worker_job *job)
{
    struct layer_work *w = container_of(job, struct layer_work, job);
    (void)publish(w, &w->err);
}

static void publish_done(struct worker_job *job)
{
    struct layer_work *w = container_of(job, struct layer_work, job);
    if (w->layer)
        finish(w);
    else
        destroy(w); /* aborted: what was published is swept at the next start */
}

/* ---- the helper ---- */

static int read_result(struct layer_work *w, const struct proc_exit *ended, struct err *err)
{
    const char *said = buf_str(&w->proc.error_out);
    size_t len = strcspn(said, "\n");
    if (ended->timed_out)
        return err_set(err, -ETIMEDOUT, "unpacking took longer than %lld s",
                       (long long)UNPACK_DEADLINE_MS / 1000);
    if (ended->signal)
        return err_set(err, -EIO, "the unpacker was ended by signal %d", ended->signal);
    if (ended->code != 0)
        return err_set(err, strstr(said, "No space left") ? -ENOSPC : -EINVAL, "%.*s",
                       (int)(len ? len : 22), len ? said : "the unpacker has failed");
    struct json_decode_opts opts = { .max_bytes = LIMIT_IMAGE_UNPACK_RESULT_BYTES };
    int rc = json_decode(&layer_result_type, w->proc.out.data ? w->proc.out.data : "",
                         w->proc.out.len, &opts, w->arena, &w->result, err);
    if (rc < 0) {
        (void)err_wrap(err, "the unpacker's answer");
        return rc;
    }
    if (w->diff_id && !str_eq(w->diff_id, w->result.diff_id))
        return err_set(err, -EBADMSG,
                       "wrong diff id: the layer's content is %s, the image configuration says %s",
                       w->result.diff_id, w->diff_id);
    return 0;
}

static void on_exit_(struct proc *p, const struct proc_exit *ended)
{
    struct layer_work *w = container_of(p, struct layer_work, proc);
    if (w->cancelled)
        (void)err_set(&w->err, -ECANCELED, "cancelled");
    else if (read_result(w, ended, &w->err) < 0)
        (void)err_wrap(&w->err, "failed to extract layer %s", str_or(w->diff_id, "of an archive"));
    if (w->err.code) {
        finish(w);
        return;
    }
    w->publishing = true;
    worker_submit(w->loop, WORKER_DISK, &w->job, run_publish, publish_done);
}

static int start_helper(struct layer_work *w, struct err *err)
{
    AUTO(close) int fd = open(w->blob_path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return err_errno(err, errno, "open %s", w->blob_path);
    AUTO(strv_free) char **argv = strv_new();
    strv_push(&argv, "oarsman-unpack");
    if (w->diff_id && str_has_prefix(w->diff_id, "sha512:")) {
        strv_push(&argv, "--digest");
        strv_push(&argv, "sha512");
    }
    for (char **b = w->below; *b; b++)
        strv_push(&argv, *b);
    struct proc_fd in = { .fd = fd, .child_fd = 0 };
    struct proc_spec spec = {
        .path = w->unpack_path,
        .argv = (const char *const *)argv,
        .cwd = w->fs_dir,
        .fds = &in,
        .fds_len = 1,
        .death_signal = SIGKILL,
    };
    struct proc_opts opts = {
        .deadline_ms = UNPACK_DEADLINE_MS,
        .capture_out = true,
        .capture_error = true,
        .capture_max_bytes = LIMIT_IMAGE_UNPACK_RESULT_BYTES,
    };
    proc_init(&w->proc, w->loop, "oarsman-unpack", on_exit_);
    effect("layer.unpack");
    int rc = proc_start(&w->proc, &spec, &opts, err);
    w->started = rc == 0;
    return rc;
}

int layer_start(struct layer *l, const struct layer_opts *opts, layer_done_fn on_done,
                struct err *err)
{
    struct layer_work *w = NEW(struct layer_work);
    w->layer = l;
    w->loop = opts->loop;
    w->unpack_path = xstrdup(opts->unpack_path);
    w->blob_path = xstrdup(opts->blob_path);
    w->temp_dir = xstrdup(opts->temp_dir);
    w->fs_dir = xasprintf("%s/fs", opts->temp_dir);
    w->final_dir = xstrdup(opts->final_dir);
    w->diff_id = xstrdup(opts->diff_id);
    w->chain = xstrdup(opts->chain);
    w->below = strv_new();
    for (size_t i = 0; i < opts->below_len; i++)
        strv_push(&w->below, opts->below[i]);
    w->arena = arena_new(LIMIT_JSON_ARENA_BYTES);
    *l = (struct layer){ .on_done = on_done };
    int rc = 0;
    effect("layer.mkdir");
    if (mkdir(w->temp_dir, 0755) < 0 || mkdir(w->fs_dir, 0755) < 0)
        rc = err_errno(err, errno, "mkdir %s", w->fs_dir);
    if (rc == 0)
        rc = start_helper(w, err);
    if (rc < 0) {
        discard_tree(w->loop, w->temp_dir);
        destroy(w);
        return rc;
    }
    l->work = w;
    return 0;
}

void layer_cancel(struct layer *l)
{
    struct layer_work *w = l->work;
    if (!w || w->publishing)
        return;
    w->cancelled = true;
    proc_kill(&w->proc, SIGKILL); /* its end is waited for: only then can the directory go */
}

void layer_abort(struct layer *l)
{
    struct layer_work *w = l->work;
    if (!w)
        return;
    l->work = NULL;
    w->layer = NULL;
    if (w->publishing) {
        worker_drain(w->loop);
        return;
    }
    if (w->started)
        proc_done(&w->proc); /* before its directory goes */
    w->started = false;
    discard_tree(w->loop, w->temp_dir);
    destroy(w);
}
