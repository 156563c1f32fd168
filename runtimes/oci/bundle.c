/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A bundle: what the loop knows is put together by bundle_prepare(), what has to be looked up on disk or compiled
 * is done by bundle_make() in a worker, which sees nothing but the request. A seccomp program that it had to
 * compile is kept by bundle_free(), back on the loop.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "backend.h"
#include "base/effect.h"
#include "base/file.h"
#include "base/limits.h"
#include "base/mem.h"
#include "base/str.h"
#include "bundle/capability.h"
#include "devices.h"
#include "bundle/process.h"
#include "bundle/rootfs.h"
#include "rt/seccomp.h"
#include "spec.h"
#include "bundle/user.h"

#define NOFILE_MAX 1048576

struct request {
    const struct rt_container_config *config;
    struct rt_oci_image image;
    struct rt_sandbox_place place; /* strings in the bundle's arena */
    const char *rootfs, *layer_dir;
    char **args;
    struct spec_input spec;
    struct user_ids user;
    struct rt_user told; /* the same, for the supervisor */
    bool wants_program;
    struct filter filter; /* data NULL: bundle_make() compiles it */
    bool compiled;
    struct buf profile; /* of a localhost profile */
};

/* ---- on the loop ---- */

static const char *keep(struct arena *a, const char *s, bool *full)
{
    const char *copy = arena_strdup(a, s);

    *full = *full || (s && !copy);
    return copy;
}

static int keep_place(struct request *q, const struct rt_bundle *b, struct err *err)
{
    struct rt_sandbox_place *p = &q->place;
    bool full = false;

    *p = *b->place;
    p->hostname = keep(b->arena, p->hostname, &full);
    p->net_ns = keep(b->arena, p->net_ns, &full);
    p->ipc_ns = keep(b->arena, p->ipc_ns, &full);
    p->uts_ns = keep(b->arena, p->uts_ns, &full);
    p->pid_ns = keep(b->arena, p->pid_ns, &full);
    p->shm_dir = keep(b->arena, p->shm_dir, &full);
    p->resolv_conf = keep(b->arena, p->resolv_conf, &full);
    p->hostname_file = keep(b->arena, p->hostname_file, &full);
    return full ? err_set(err, -E2BIG, "the container's configuration is too large") : 0;
}

static void warn_once(struct oci *oci, unsigned cuts)
{
    for (unsigned bit = 1; bit <= OWN_CUT_OOM_SCORE_ADJ; bit <<= 1)
        if ((cuts & bit & ~oci->warned) && oci->warn)
            oci->warn(oci->warn_user, own_cut_text((enum own_cut)bit));
    oci->warned |= cuts;
}

static int choose_power(struct oci *oci, struct request *q, struct err *err)
{
    const struct rt_security *security = &q->config->security;
    unsigned cuts = 0;
    uint64_t mask = capability_all;
    int r = 0;

    if (!security->privileged)
        r = capability_mask(&security->add_capabilities, &security->drop_capabilities, &mask, err);
    if (r < 0)
        return r;
    q->spec.capabilities = own_clamp_capabilities(&oci->own, mask, &cuts);
    q->spec.oom_score_adj = own_clamp_oom_score_adj(&oci->own, q->config->resources.oom_score_adj, &cuts);
    q->spec.nofile = oci->own.nofile_hard < NOFILE_MAX ? oci->own.nofile_hard : NOFILE_MAX;
    warn_once(oci, cuts);
    return 0;
}

static void choose_seccomp(struct oci *oci, struct request *q)
{
    const struct rt_security *security = &q->config->security;

    if (security->privileged || security->seccomp != RT_SECCOMP_RUNTIME_DEFAULT)
        return;
    if (!oci->found.seccomp_program) {
        q->spec.seccomp.kind = SPEC_SECCOMP_DEFAULT;
        return;
    }
    q->wants_program = true;
    q->filter.key = rt_seccomp_key(q->spec.capabilities);
    for (size_t i = 0; i < oci->filters_len; i++)
        if (oci->filters[i].key == q->filter.key)
            q->filter = oci->filters[i];
}

static int choose_all(struct oci *oci, struct request *q, struct rt_bundle *b, struct err *err)
{
    int r = oci->source.find(oci->source.user, b->config->image_id, b->arena, &q->image, err);

    if (r < 0)
        return err_wrap(err, "image %s", str_or(b->config->image, str_or(b->config->image_id, "?")));
    b->stop_signal = q->image.stop_signal;
    r = keep_place(q, b, err);
    if (r == 0)
        r = process_args(&q->config->command, &q->config->args, &q->image.entrypoint, &q->image.cmd, &q->args, err);
    if (r == 0)
        r = choose_power(oci, q, err);
    if (r < 0)
        return r;
    choose_seccomp(oci, q);
    q->rootfs = arena_printf(b->arena, "%s/rootfs", b->dir);
    q->layer_dir = arena_printf(b->arena, "%s/containers/%s", oci->state_dir, b->id);
    if (!q->rootfs || !q->layer_dir)
        return err_set(err, -E2BIG, "the container's configuration is too large");
    if (b->pid == RT_NS_TARGET && b->target_pid <= 0)
        return err_set(err, -EINVAL, "the target container %s does not run",
                       str_or(q->config->security.target_container_id, "?"));
    return 0;
}

int bundle_prepare(void *user, struct rt_bundle *b, struct err *err)
{
    struct oci *oci = user;
    struct request *q = NEW(struct request);
    int r;

    b->data = q;
    q->config = b->config;
    buf_init(&q->profile, LIMIT_SECCOMP_PROFILE_BYTES);
    q->spec.cgroup_version = oci->cgroup_version;
    q->spec.swap_limit = oci->swap_limit;
    r = choose_all(oci, q, b, err);
    if (r < 0)
        bundle_free(user, b);
    return r;
}

static void keep_filter(struct oci *oci, const struct filter *f)
{
    for (size_t i = 0; i < oci->filters_len; i++)
        if (oci->filters[i].key == f->key) { /* another was quicker */
            free(f->data);
            return;
        }
    if (oci->filters_len < BACKEND_FILTERS_MAX)
        oci->filters[oci->filters_len++] = *f;
    else
        free(f->data);
}

void bundle_free(void *user, struct rt_bundle *b)
{
    struct request *q = b->data;

    if (!q)
        return;
    b->data = NULL;
    if (q->compiled)
        keep_filter(user, &q->filter);
    strv_free(q->args);
    user_ids_done(&q->user);
    buf_done(&q->profile);
    free(q);
}

/* ---- before the first container ---- */

struct warm_up {
    struct worker_job job;
    struct oci *oci; /* NULL: not wanted any more */
    uint64_t capabilities;
    struct buf program;
};

static void warm_up_run(struct worker_job *job)
{
    struct warm_up *warm_up = container_of(job, struct warm_up, job);

    (void)rt_seccomp_compile(warm_up->capabilities, &warm_up->program, NULL); /* the first container will tell */
}

static void warm_up_done(struct worker_job *job)
{
    struct warm_up *warm_up = container_of(job, struct warm_up, job);
    struct filter f = { .key = rt_seccomp_key(warm_up->capabilities), .len = warm_up->program.len };

    if (warm_up->oci && warm_up->program.len > 0) {
        f.data = buf_take(&warm_up->program);
        keep_filter(warm_up->oci, &f);
    }
    if (warm_up->oci)
        warm_up->oci->warm_up = NULL;
    buf_done(&warm_up->program);
    free(warm_up);
}

void bundle_warm_up(struct oci *oci)
{
    unsigned cuts = 0;

    if (!oci->found.seccomp_program)
        return;
    oci->warm_up = NEW(struct warm_up);
    oci->warm_up->oci = oci;
    oci->warm_up->capabilities = own_clamp_capabilities(&oci->own, capability_default, &cuts);
    buf_init(&oci->warm_up->program, RT_SECCOMP_MAX_BYTES);
    worker_submit(oci->loop, WORKER_RUNTIME, &oci->warm_up->job, warm_up_run, warm_up_done);
}

void bundle_warm_up_cancel(struct oci *oci)
{
    if (oci->warm_up)
        oci->warm_up->oci = NULL;
}

/* ---- in a worker ---- */

/* The program itself: what a container could not start with is better said in our words, and sooner. */
static int make_seccomp(struct request *q, struct err *err)
{
    const char *path = q->config->security.seccomp_localhost_path;
    struct spec_seccomp *s = &q->spec.seccomp;
    struct buf program = BUF_INIT(RT_SECCOMP_MAX_BYTES);
    int r = 0;

    if (q->wants_program) {
        if (!q->filter.data && (r = rt_seccomp_compile(q->spec.capabilities, &program, err)) == 0) {
            q->filter.len = program.len;
            q->filter.data = buf_take(&program);
            q->compiled = true;
        }
        *s = (struct spec_seccomp){ SPEC_SECCOMP_PROGRAM, q->filter.data, q->filter.len };
    } else if (!q->config->security.privileged && q->config->security.seccomp == RT_SECCOMP_LOCALHOST) {
        r = file_read(AT_FDCWD, str_or(path, ""), &q->profile, err);
        if (r < 0)
            (void)err_wrap(err, "seccomp profile");
        *s = (struct spec_seccomp){ SPEC_SECCOMP_TEXT, buf_str(&q->profile), q->profile.len };
    }
    buf_done(&program);
    return r;
}

static int make_cwd(int root_fd, const char *cwd, struct err *err)
{
    AUTO(close) int fd = -1;
    int r = path_open_beneath(root_fd, cwd, O_PATH | O_DIRECTORY, 0, &fd, err);

    if (r != -ENOENT)
        return r < 0 ? err_wrap(err, "working directory %s", cwd) : 0;
    err_clear(err);
    r = path_mkdirs_beneath(root_fd, cwd, 0755, &fd, err);
    return r < 0 ? err_wrap(err, "working directory %s", cwd) : 0;
}

static int look_inside(struct request *q, struct err *err)
{
    AUTO(close) int root_fd = open(q->rootfs, O_PATH | O_DIRECTORY | O_CLOEXEC);
    const struct rt_container_config *config = q->config;
    int r;

    if (root_fd < 0)
        return err_errno(err, errno, "%s", q->rootfs);
    q->spec.cwd = str_or(config->working_dir, str_or(q->image.working_dir, "/"));
    if (q->spec.cwd[0] != '/')
        return err_set(err, -EINVAL, "working directory %s is not absolute", q->spec.cwd);
    r = user_resolve_in(root_fd, &config->security, q->image.user, &q->user, err);
    q->told = user_told(&q->user);
    return r < 0 ? r : make_cwd(root_fd, q->spec.cwd, err);
}

static int write_config(const struct rt_bundle *b, struct request *q, struct err *err)
{
    AUTO(buf_done) struct buf text = BUF_INIT(LIMIT_CONTAINER_SPEC_BYTES);
    AUTO(free) char *path = xasprintf("%s/config.json", b->dir);
    struct process_env_input env_input = {
        .image = &q->image.env,
        .container = q->config->envs,
        .container_len = q->config->envs_len,
        .hostname = q->place.hostname,
        .home = q->user.home,
        .tty = q->config->tty,
    };
    AUTO(strv_free) char **env = process_env(&env_input);
    int r;

    q->spec.config = q->config;
    q->spec.place = &q->place;
    q->spec.rootfs = q->rootfs;
    q->spec.cgroup_path = b->cgroup_path;
    q->spec.args = q->args;
    q->spec.env = env;
    q->spec.user = &q->user;
    q->spec.pid = b->pid;
    q->spec.target_pid = b->target_pid;
    r = spec_write(&q->spec, &text, err);
    if (r < 0)
        return r;
    effect("config.json");
    return file_write_atomic(AT_FDCWD, path, text.data, text.len, 0600, 0, err);
}

int bundle_make(struct rt_bundle *b, struct err *err)
{
    struct request *q = b->data;
    int r = rootfs_mount(q->rootfs, &q->image.lowerdirs, q->layer_dir, err);

    if (r == 0)
        r = look_inside(q, err);
    if (r == 0)
        r = make_seccomp(q, err);
    if (r == 0)
        r = devices_find(q->config, b->arena, &q->spec.devices, &q->spec.devices_len, err);
    if (r == 0)
        r = write_config(b, q, err);
    b->user = r == 0 ? &q->told : NULL;
    return r;
}

int bundle_unmake(void *user, const char *id, const char *dir, struct err *err)
{
    const struct oci *oci = user; /* its state_dir never changes */
    AUTO(free) char *rootfs = xasprintf("%s/rootfs", dir);
    AUTO(free) char *layer_dir = xasprintf("%s/containers/%s", oci->state_dir, id);

    return rootfs_unmount(rootfs, layer_dir, err);
}
