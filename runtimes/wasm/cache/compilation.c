/* SPDX-License-Identifier: Apache-2.0 */
#include "compilation.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/effect.h"
#include "base/limits.h"
#include "base/mem.h"
#include "base/str.h"
#include "verdict.h"

enum { DESCRIPTION_FD = 3, PIDS_MAX = 64 };

void compilation_init(struct compilation *c, const struct cache_settings *s, const char *place)
{
    *c = (struct compilation){
        .settings = s,
        .group = s->cgroups ? xasprintf("%s/%s", s->cgroup, place) : NULL,
        .module_fd = -1,
        .out_fd = -1,
        .description_fd = -1,
        .code = { .fd = -1 },
    };
}

static void close_fd(int *fd)
{
    if (*fd >= 0)
        (void)close(*fd);
    *fd = -1;
}

void compilation_done(struct compilation *c)
{
    close_fd(&c->module_fd);
    close_fd(&c->out_fd);
    close_fd(&c->description_fd);
    entry_temp_done(&c->code);
    free(TAKE_PTR(c->group));
}

/* ---- before ---- */

static uint64_t oom_kills(const struct compilation *c)
{
    struct rt_cgroup_usage usage;
    return c->group && rt_cgroup_usage(c->settings->cgroups, c->group, &usage, NULL) == 0 ? usage.oom_kills : 0;
}

static int make_group(struct compilation *c, struct err *err)
{
    struct rt_resources limits = { .memory_bytes = (int64_t)c->settings->memory_max_bytes, .pids = PIDS_MAX };
    if (!c->group)
        return 0;
    int rc = rt_cgroup_make(c->settings->cgroups, c->group, &limits, err);
    c->oom_kills = oom_kills(c);
    return rc;
}

static int open_module(struct compilation *c, struct err *err)
{
    struct stat st;
    AUTO(close) int fd = open(c->module_path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    if (fd < 0)
        return err_errno(err, errno, "open %s", c->module_path);
    if (fstat(fd, &st) < 0)
        return err_errno(err, errno, "stat %s", c->module_path);
    if (!S_ISREG(st.st_mode))
        return err_set(err, -EINVAL, "%s is not a file", c->module_path);
    if ((uint64_t)st.st_size > LIMIT_WASM_MODULE_BYTES)
        return err_set(err, -E2BIG, "module is larger than %llu MiB", LIMIT_WASM_MODULE_BYTES / MIB);
    c->module_fd = TAKE_FD(fd);
    return 0;
}

/* The compiler writes through an open file of its own: our lock is not in its hands, and ends with us. */
static int make_files(struct compilation *c, struct err *err)
{
    int rc = entry_temp_make(c->settings, c->key, "cwasm", &c->code, err);
    if (rc < 0)
        return rc;
    c->out_fd = open(c->code.path, O_WRONLY | O_CLOEXEC | O_NOFOLLOW);
    if (c->out_fd < 0)
        return err_errno(err, errno, "open %s", c->code.path);
    c->description_fd = memfd_create("oarsman-wasm-description", MFD_CLOEXEC);
    return c->description_fd < 0 ? err_errno(err, errno, "memfd") : 0;
}

int compilation_prepare(struct compilation *c, struct err *err)
{
    int rc = open_module(c, err);
    if (rc == 0)
        rc = make_group(c, err);
    return rc == 0 ? make_files(c, err) : rc;
}

/* ---- the process ---- */

struct launch {
    char **argv, **groups;
    struct proc_fd fds[3];
    struct proc_spec spec;
};

static void launch_init(struct launch *l, const struct compilation *c)
{
    const struct cache_settings *s = c->settings;
    *l = (struct launch){
        .argv = strv_new(),
        .groups = c->group ? rt_cgroup_join_files(s->cgroups, c->group, RT_CGROUP_JOIN_ALL) : NULL,
        .fds = { { c->module_fd, 0 }, { c->out_fd, 1 }, { c->description_fd, DESCRIPTION_FD } },
    };
    strv_push(&l->argv, "oarsman-wasm-compile");
    strv_push(&l->argv, "--describe");
    strv_pushf(&l->argv, "%d", DESCRIPTION_FD);
    strv_push(&l->argv, "--memory");
    strv_pushf(&l->argv, "%llu", (unsigned long long)s->memory_max_bytes);
    if (s->text_format)
        strv_push(&l->argv, "--text");
    l->spec = (struct proc_spec){
        .path = s->compile,
        .argv = (const char *const *)l->argv,
        .fds = l->fds,
        .fds_len = ARRAY_LEN(l->fds),
        .death_signal = SIGKILL,
        .cgroup_procs = (const char *const *)l->groups,
    };
}

static void launch_done(struct launch *l)
{
    (void)strv_free(l->argv);
    (void)strv_free(l->groups);
}

int compilation_start(struct compilation *c, struct proc *p, struct err *err)
{
    struct proc_opts opts = { .deadline_ms = c->settings->deadline_ms, .capture_error = true };
    struct launch l;
    launch_init(&l, c);
    effect("wasm.compile");
    int rc = proc_start(p, &l.spec, &opts, err);
    launch_done(&l);
    return rc;
}

int compilation_run(struct compilation *c, struct entry *ret, struct err *err)
{
    AUTO(buf_done) struct buf said = BUF_INIT(LIMIT_PROC_CAPTURE_BYTES);
    struct proc_exit exit;
    struct launch l;
    launch_init(&l, c);
    effect("wasm.compile");
    int rc = proc_run(&l.spec, c->settings->deadline_ms, NULL, &said, &exit, err);
    launch_done(&l);
    return rc == 0 ? compilation_finish(c, &exit, buf_str(&said), ret, err) : rc;
}

/* ---- after ---- */

static int read_description(int fd, struct buf *ret, struct err *err)
{
    char *room = buf_reserve(ret, LIMIT_WASM_DESCRIPTION_BYTES);
    ssize_t n = room ? pread(fd, room, LIMIT_WASM_DESCRIPTION_BYTES, 0) : -1;
    if (n < 0)
        return err_set(err, -EIO, "cannot be read");
    buf_commit(ret, (size_t)n);
    return 0;
}

static int store(struct compilation *c, struct entry *ret, struct err *err)
{
    AUTO(arena_unref) struct arena *arena = arena_new(LIMIT_JSON_ARENA_BYTES);
    AUTO(buf_done) struct buf text = BUF_INIT(LIMIT_WASM_DESCRIPTION_BYTES);
    struct wasm_description d;
    enum wasm_kind kind;
    int rc = read_description(c->description_fd, &text, err);
    if (rc == 0)
        rc = json_decode(&wasm_description_type, buf_str(&text), text.len, NULL, arena, &d, err);
    if (rc == 0)
        rc = description_check(&d, c->settings->engine, &kind, err);
    if (rc < 0)
        return err_wrap(err, "the compiler's description of the module");
    return entry_store(c->settings, c->key, c->identity, &d, &c->code, ret, err);
}

int compilation_finish(struct compilation *c, const struct proc_exit *exit, const char *said, struct entry *ret,
                       struct err *err)
{
    struct verdict_facts facts = {
        .exit = *exit,
        .said = said,
        .out_of_memory = exit->signal && oom_kills(c) > c->oom_kills,
        .memory_max_bytes = c->settings->memory_max_bytes,
        .deadline_ms = c->settings->deadline_ms,
    };
    close_fd(&c->out_fd);
    int rc = verdict(&facts, err);
    return rc == 0 ? store(c, ret, err) : rc;
}
