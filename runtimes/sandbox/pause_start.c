/* SPDX-License-Identifier: Apache-2.0 */
/*
 * oarsman-pause enters the pod's namespaces, makes the pid namespace and its first process, tells that process's
 * pid on stdout and ends. Its folder stands among its arguments, so that one nobody wrote down is found.
 */
#include <errno.h>
#include <stdio.h>
#include <sys/mount.h>

#include "base/effect.h"
#include "base/limits.h"
#include "base/mem.h"
#include "base/proc.h"
#include "base/str.h"
#include "sandbox_internal.h"

#define PAUSE_DEADLINE_MS 10000

static int hold_pid_namespace(const struct sandbox *b, int64_t pid, struct err *err)
{
    char source[64];

    (void)snprintf(source, sizeof(source), "/proc/%lld/ns/pid", (long long)pid);
    effect("hold pid namespace");
    if (mount(source, b->pid_path, NULL, MS_BIND, NULL) < 0)
        return err_errno(err, errno, "hold %s", source);
    return 0;
}

/* A group of its own below the pod's: version 2 allows processes in leaves alone. */
static int make_group(const struct sandbox *b, char ***ret_procs, struct err *err)
{
    AUTO(free) char *path = NULL;
    int r;

    if (!b->s->cgroups || str_empty(b->record.cgroup_parent))
        return 0;
    path = xasprintf("%s/pause", b->record.cgroup_parent);
    r = rt_cgroup_make(b->s->cgroups, path, NULL, err);
    if (r == 0)
        *ret_procs = rt_cgroup_join_files(b->s->cgroups, path, RT_CGROUP_JOIN_ALL);
    return r;
}

int pause_start(const struct sandbox *b, struct pause_process *ret, struct err *err)
{
    AUTO(buf_done) struct buf out = BUF_INIT(64);
    AUTO(buf_done) struct buf text = BUF_INIT(LIMIT_PROC_CAPTURE_BYTES);
    AUTO(strv_free) char **procs = NULL;
    const char *argv[] = { "oarsman-pause", b->dir, b->place.net_ns ? "net" : "-", b->place.ipc_ns ? "ipc" : "-",
                           b->place.uts_ns ? "uts" : "-", NULL };
    struct proc_spec spec = { .path = b->s->pause, .argv = argv };
    struct proc_exit exit;
    int64_t pid;
    int r;

    if (!b->s->pause)
        return err_set(err, -ENOTSUP, "oarsman-pause is not installed: the containers cannot share a pid namespace");
    r = make_group(b, &procs, err);
    if (r < 0)
        return r;
    spec.cgroup_procs = (const char *const *)procs;
    effect("pause");
    r = proc_run(&spec, PAUSE_DEADLINE_MS, &out, &text, &exit, err);
    if (r < 0)
        return r;
    if (exit.code != 0 || str_to_i64(buf_str(&out), 2, INT32_MAX, &pid) < 0)
        return err_set(err, -EIO, "oarsman-pause: %s", str_or(buf_str(&text), "no answer"));
    r = proc_start_time((pid_t)pid, &ret->start_ticks);
    if (r < 0)
        return err_errno(err, -r, "oarsman-pause has ended");
    ret->pid = pid;
    return hold_pid_namespace(b, pid, err);
}
