/* SPDX-License-Identifier: Apache-2.0 */
#include "record/store.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "base/effect.h"
#include "base/file.h"
#include "base/limits.h"
#include "base/list.h"
#include "base/log.h"
#include "base/loop.h"
#include "base/map.h"
#include "base/mem.h"
#include "base/str.h"
#include "base/worker.h"

#define SYNC_DELAY_MS 2000

static const char object_name[] = "pod.json";
static const char record_name[] = "record.json";

struct entry { /* a pod that is being written or removed; one job at a time, in the order of asking */
    struct list jobs; /* the first is under way */
};

struct record_store {
    struct pod_store port;
    struct loop *loop;
    char *dir;
    struct map entries;  /* by UID */
    char **unsynced;     /* UIDs written since the last fsync */
    bool syncing;
    struct loop_timer sync;
};

static struct record_store *store_of(struct pod_store *s)
{
    return container_of(s, struct record_store, port);
}

/* ---- jobs: everything that touches the disk ---- */

struct store_job {
    struct worker_job job;
    struct list node; /* in its entry */
    struct record_store *store;
    char *uid, *folder;
    char *object, *record;
    char **folders; /* of a sync */
    pod_done_fn done; /* of a write; NULL: a removal */
    void *user;
    struct err err;
};

static struct store_job *job_new(struct record_store *s, const char *uid)
{
    struct store_job *j = NEW(struct store_job);
    j->store = s;
    j->uid = xstrdup(uid);
    j->folder = uid ? xasprintf("%s/%s", s->dir, uid) : NULL;
    return j;
}

static void job_free(struct store_job *j)
{
    free(j->uid);
    free(j->folder);
    free(j->object);
    free(j->record);
    strv_free(j->folders);
    free(j);
}

static int write_one(const char *folder, const char *name, const char *text, struct err *err)
{
    AUTO(free) char *path = xasprintf("%s/%s", folder, name);
    return text ? file_write_atomic(AT_FDCWD, path, text, strlen(text), 0600, 0, err) : 0;
}

static void run_write(struct worker_job *job)
{
    struct store_job *j = container_of(job, struct store_job, job);
    effect("pod record write");
    if (path_mkdirs(j->folder, 0700, &j->err) < 0 ||
        write_one(j->folder, object_name, j->object, &j->err) < 0)
        return; /* j->err is told in on_job_done() */
    (void)write_one(j->folder, record_name, j->record, &j->err);
}

static void run_remove(struct worker_job *job)
{
    struct store_job *j = container_of(job, struct store_job, job);
    effect("pod record remove");
    (void)path_remove_tree(j->folder, &j->err);
}

static void sync_path(const char *folder, const char *name)
{
    AUTO(free) char *path = name ? xasprintf("%s/%s", folder, name) : xstrdup(folder);
    AUTO(close) int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd >= 0)
        (void)fsync(fd); /* a disk that fails shows in the next write */
}

static void run_sync(struct worker_job *job)
{
    struct store_job *j = container_of(job, struct store_job, job);
    for (size_t i = 0; j->folders[i]; i++) {
        sync_path(j->folders[i], object_name);
        sync_path(j->folders[i], record_name);
        sync_path(j->folders[i], NULL);
    }
    sync_path(j->store->dir, NULL);
}

/* ---- the loop's side ---- */

static void remember_unsynced(struct record_store *s, const char *folder)
{
    for (size_t i = 0; s->unsynced[i]; i++)
        if (str_eq(s->unsynced[i], folder))
            return;
    strv_push(&s->unsynced, folder);
    if (!loop_timer_running(&s->sync))
        loop_timer_start(&s->sync, SYNC_DELAY_MS);
}

static void on_job_done(struct worker_job *job);

static void run_next(struct record_store *s, const char *uid, struct entry *e)
{
    struct store_job *j = list_first(&e->jobs, struct store_job, node);
    if (j)
        worker_submit(s->loop, WORKER_DISK, &j->job, j->done ? run_write : run_remove, on_job_done);
    else
        free(map_remove(&s->entries, uid));
}

static void on_job_done(struct worker_job *job)
{
    struct store_job *j = container_of(job, struct store_job, job);
    list_remove(&j->node);
    run_next(j->store, j->uid, map_get(&j->store->entries, j->uid));
    if (j->done) {
        remember_unsynced(j->store, j->folder);
        j->done(j->user, j->err.code ? &j->err : NULL);
    } else if (j->err.code) {
        log_error("record", "record cannot be removed", "uid=%s error=" LOG_Q, j->uid, LOG_QUOTE(j->err.msg));
    }
    job_free(j);
}

static void queue(struct store_job *j)
{
    struct record_store *s = j->store;
    struct entry *e = map_get(&s->entries, j->uid);
    if (!e) {
        e = NEW(struct entry);
        list_init(&e->jobs);
        (void)map_put(&s->entries, j->uid, e);
    }
    bool idle = list_empty(&e->jobs);
    list_push_back(&e->jobs, &j->node);
    if (idle)
        run_next(s, j->uid, e);
}

static void save(struct pod_store *port, const char *uid, const char *pod_json,
                 const char *record_json, pod_done_fn done, void *user)
{
    struct store_job *j = job_new(store_of(port), uid);
    j->object = xstrdup(pod_json);
    j->record = xstrdup(record_json);
    j->done = done;
    j->user = user;
    queue(j);
}

static void remove_record(struct pod_store *port, const char *uid)
{
    queue(job_new(store_of(port), uid));
}

static void done_sync(struct worker_job *job)
{
    struct store_job *j = container_of(job, struct store_job, job);
    struct record_store *s = j->store;
    s->syncing = false;
    if (s->unsynced[0] && !loop_timer_running(&s->sync))
        loop_timer_start(&s->sync, SYNC_DELAY_MS);
    job_free(j);
}

static void on_sync(struct loop_timer *t)
{
    struct record_store *s = container_of(t, struct record_store, sync);
    if (s->syncing)
        return; /* its end starts the timer again */
    struct store_job *j = job_new(s, NULL);
    j->folders = TAKE(s->unsynced, strv_new());
    s->syncing = true;
    worker_submit(s->loop, WORKER_DISK, &j->job, run_sync, done_sync);
}

/* ---- reading ---- */

struct loading {
    struct record_store *store;
    pod_store_load_fn fn;
    void *user;
    struct err *err;
};

/* NULL in ret_text: the file is not there. */
static int read_text(const char *folder, const char *name, struct buf *text, const char **ret_text,
                     struct err *err)
{
    AUTO(free) char *path = xasprintf("%s/%s", folder, name);
    *ret_text = NULL;
    if (!path_exists(path))
        return 0;
    int r = file_read(AT_FDCWD, path, text, err);
    if (r == 0)
        *ret_text = buf_str(text);
    return r;
}

static int load_folder(int dirfd, const char *name, void *user)
{
    struct loading *l = user;
    AUTO(buf_done) struct buf object = BUF_INIT(LIMIT_K8S_OBJECT_BYTES);
    AUTO(buf_done) struct buf record = BUF_INIT(LIMIT_POD_RECORD_BYTES);
    AUTO(free) char *folder = xasprintf("%s/%s", l->store->dir, name);
    const char *object_text, *record_text;
    (void)dirfd;
    int r = read_text(folder, object_name, &object, &object_text, l->err);
    if (r == 0)
        r = read_text(folder, record_name, &record, &record_text, l->err);
    if (r < 0)
        return r;
    l->fn(l->user, name, object_text, record_text);
    return 0;
}

static int load(struct pod_store *port, pod_store_load_fn fn, void *user, struct err *err)
{
    struct loading l = { .store = store_of(port), .fn = fn, .user = user, .err = err };
    return path_each(l.store->dir, load_folder, &l, err);
}

static const struct pod_store_ops ops = { .load = load, .save = save, .remove = remove_record };

int record_store_new(struct loop *loop, const char *dir, struct record_store **ret, struct err *err)
{
    int r = path_mkdirs(dir, 0700, err);
    if (r < 0)
        return r;
    struct record_store *s = NEW(struct record_store);
    s->port.ops = &ops;
    s->loop = loop;
    s->dir = xstrdup(dir);
    s->unsynced = strv_new();
    loop_timer_init(&s->sync, loop, "fsync of records", on_sync);
    *ret = s;
    return 0;
}

struct record_store *record_store_free(struct record_store *s)
{
    if (!s)
        return NULL;
    worker_drain(s->loop);
    loop_timer_stop(&s->sync);
    const char *uid;
    void *value;
    for (size_t n = 0; map_next(&s->entries, &n, &uid, &value);)
        free(value);
    map_done(&s->entries);
    strv_free(s->unsynced);
    free(s->dir);
    free(s);
    return NULL;
}

struct pod_store *record_store_port(struct record_store *s)
{
    return &s->port;
}
