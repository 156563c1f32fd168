/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The parts of a sandbox, in workers. Everything here stands below the sandbox's folder, whose record has been
 * written before: what is found there belongs to it.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include "base/effect.h"
#include "base/file.h"
#include "base/limits.h"
#include "base/mem.h"
#include "base/proc.h"
#include "base/str.h"
#include "namespaces.h"
#include "pod_files.h"
#include "rt/stray.h"
#include "sandbox_internal.h"

#define SHM_DEFAULT_BYTES (64 * MIB)
#define GROUP_TIMEOUT_MS 10000

static int make_file(const char *path, struct err *err)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0444);

    if (fd < 0)
        return err_errno(err, errno, "make %s", path);
    (void)close(fd);
    return 0;
}

/* Files to mount onto: one for each namespace that the pod has of its own. */
static int make_places(const struct sandbox *b, struct err *err)
{
    AUTO(free) char *ns_dir = xasprintf("%s/ns", b->dir);
    const char *const files[] = { b->place.net_ns, b->place.ipc_ns, b->place.uts_ns, b->place.pid_ns };
    int r;

    effect("namespace files");
    r = path_mkdirs(ns_dir, 0700, err);
    for (size_t i = 0; r == 0 && i < ARRAY_LEN(files); i++)
        r = files[i] ? make_file(files[i], err) : 0;
    return r;
}

static int make_shm(const struct sandbox *b, uint64_t bytes, struct err *err)
{
    char options[64];

    if (!b->record.own_ipc)
        return 0;
    if (mkdir(b->shm_path, 0700) < 0 && errno != EEXIST)
        return err_errno(err, errno, "make %s", b->shm_path);
    (void)snprintf(options, sizeof(options), "mode=1777,size=%llu",
                   (unsigned long long)(bytes ? bytes : SHM_DEFAULT_BYTES));
    effect("mount shm");
    if (mount("shm", b->shm_path, "tmpfs", MS_NOSUID | MS_NODEV | MS_NOEXEC, options) < 0)
        return err_errno(err, errno, "mount %s", b->shm_path);
    return 0;
}

static int make_files(const struct sandbox *b, const struct rt_sandbox_config *config, struct err *err)
{
    AUTO(buf_done) struct buf text = BUF_INIT(LIMIT_POD_FILE_BYTES);
    int r;

    if (config->dns_servers.len + config->dns_searches.len + config->dns_options.len > 0) {
        pod_files_resolv_conf(&config->dns_servers, &config->dns_searches, &config->dns_options, &text);
    } else {
        r = file_read(AT_FDCWD, "/etc/resolv.conf", &text, err);
        if (r < 0 && r != -ENOENT)
            return r;
    }
    if (buf_failed(&text))
        return err_set(err, -E2BIG, "resolv.conf is larger than %llu bytes", LIMIT_POD_FILE_BYTES);
    effect("sandbox files");
    r = file_write_atomic(AT_FDCWD, b->resolv_path, buf_str(&text), text.len, 0644, 0, err);
    if (r < 0)
        return r;
    buf_clear(&text);
    (void)buf_printf(&text, "%s\n", str_or(b->record.hostname, ""));
    return file_write_atomic(AT_FDCWD, b->hostname_path, buf_str(&text), text.len, 0644, 0, err);
}

static int make_group(const struct sandbox *b, const struct rt_resources *limits, struct err *err)
{
    if (!b->s->cgroups || str_empty(b->record.cgroup_parent))
        return 0;
    effect("pod group");
    return rt_cgroup_make(b->s->cgroups, b->record.cgroup_parent, limits, err);
}

int sandbox_make(const struct sandbox *b, const struct rt_sandbox_config *config,
                 struct pause_process *ret_pause, struct err *err)
{
    struct namespaces_request req = {
        .net_path = b->place.net_ns,
        .ipc_path = b->place.ipc_ns,
        .uts_path = b->place.uts_ns,
        .hostname = b->record.hostname,
        .sysctls = config->sysctls,
        .sysctls_len = config->sysctls_len,
    };
    int r = make_places(b, err);

    if (r == 0)
        r = namespaces_make(&req, err);
    if (r == 0)
        r = make_shm(b, config->shm_bytes, err);
    if (r == 0)
        r = make_files(b, config, err);
    if (r == 0)
        r = make_group(b, &config->resources, err);
    if (r == 0 && b->record.shared_pid)
        r = pause_start(b, ret_pause, err);
    return r;
}

/* ---- the end ---- */

static void end_pause(const struct sandbox *b)
{
    AUTO(close) int fd = -1;

    if (b->record.shared_pid && !b->record.made)
        rt_stray_kill(b->dir); /* one that a killed agent had just started */
    if (b->record.pause_pid <= 0 ||
        proc_open((pid_t)b->record.pause_pid, b->record.pause_start_ticks, &fd) < 0)
        return;
    effect("end pause");
    (void)syscall(SYS_pidfd_send_signal, fd, SIGKILL, NULL, 0); /* it has nothing to lose, and takes the rest along */
}

int sandbox_release(const struct sandbox *b, struct err *err)
{
    const char *const held[] = { b->net_path, b->ipc_path, b->uts_path, b->pid_path };
    int r = 0;

    end_pause(b);
    effect("release namespaces");
    for (size_t i = 0; i < ARRAY_LEN(held) && r == 0; i++)
        r = namespaces_drop(held[i], err);
    if (r == 0 && umount2(b->shm_path, MNT_DETACH | UMOUNT_NOFOLLOW) < 0 && errno != EINVAL && errno != ENOENT)
        r = err_errno(err, errno, "unmount %s", b->shm_path);
    return r;
}

int sandbox_erase(const struct sandbox *b, struct err *err)
{
    int r = 0;

    if (b->s->cgroups && !str_empty(b->record.cgroup_parent)) {
        effect("remove pod group");
        r = rt_cgroup_remove(b->s->cgroups, b->record.cgroup_parent, GROUP_TIMEOUT_MS, err);
    }
    if (r < 0)
        return r;
    effect("remove sandbox");
    return path_remove_tree(b->dir, err);
}
