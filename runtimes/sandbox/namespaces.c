/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A child leaves our namespaces, arranges the new ones from within (sysctls and the loopback interface are those of
 * whoever asks) and binds its own /proc/self/ns files to where they shall stay. It still shares our mount
 * namespace, so the mounts are ours.
 */
#include "namespaces.h"

#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/effect.h"
#include "base/limits.h"
#include "base/mem.h"
#include "base/proc.h"
#include "base/str.h"

#define SYSCTL_PATH_BYTES 256

struct held {
    const char *source;
    const char *target; /* NULL: not wanted */
    int flag;
};

struct sysctl_write {
    char path[SYSCTL_PATH_BYTES];
    const char *name, *value;
};

struct plan { /* computed before; the child writes step and detail alone */
    struct held held[3];
    const char *hostname;
    struct sysctl_write *sysctls;
    size_t sysctls_len;
    const char *step; /* what failed */
    const char *detail;
};

static int fail(struct plan *p, const char *step, const char *detail)
{
    p->step = step;
    p->detail = detail;
    return -errno;
}

static int loopback_up(void)
{
    struct ifreq request = { .ifr_name = "lo", .ifr_flags = IFF_UP | IFF_RUNNING };
    int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    int r, saved;

    if (fd < 0)
        return -1;
    r = ioctl(fd, SIOCSIFFLAGS, &request);
    saved = errno;
    (void)close(fd);
    errno = saved;
    return r;
}

static int write_sysctl(const struct sysctl_write *s)
{
    int fd = open(s->path, O_WRONLY | O_CLOEXEC);
    ssize_t n;
    int saved;

    if (fd < 0)
        return -1;
    n = write(fd, s->value, strlen(s->value));
    saved = errno;
    (void)close(fd);
    errno = saved;
    return n < 0 ? -1 : 0;
}

static int arrange(struct plan *p, int flags)
{
    if ((flags & CLONE_NEWUTS) && sethostname(p->hostname, strlen(p->hostname)) < 0)
        return fail(p, "set the hostname", p->hostname);
    if ((flags & CLONE_NEWNET) && loopback_up() < 0)
        return fail(p, "bring up", "lo");
    for (size_t i = 0; i < p->sysctls_len; i++)
        if (write_sysctl(&p->sysctls[i]) < 0)
            return fail(p, "set sysctl", p->sysctls[i].name);
    return 0;
}

static int in_child(void *arg)
{
    struct plan *p = arg;
    int flags = 0;
    int r;

    for (size_t i = 0; i < ARRAY_LEN(p->held); i++)
        flags |= p->held[i].target ? p->held[i].flag : 0;
    if (unshare(flags) < 0)
        return fail(p, "make", "namespaces");
    r = arrange(p, flags);
    for (size_t i = 0; r == 0 && i < ARRAY_LEN(p->held); i++)
        if (p->held[i].target && mount(p->held[i].source, p->held[i].target, NULL, MS_BIND, NULL) < 0)
            r = fail(p, "hold", p->held[i].source);
    return r;
}

int namespaces_sysctl_path(const char *name, char *ret, size_t ret_bytes)
{
    static const char *const namespaced[] = { "net/", "kernel/shm", "kernel/msg", "kernel/sem", "fs/mqueue/",
                                              "kernel/domainname", "kernel/hostname" };
    static const char root[] = "/proc/sys/";
    size_t len = strlen(name);
    char *key = ret + sizeof(root) - 1;

    if (len == 0 || sizeof(root) + len > ret_bytes || strstr(name, "..") || name[0] == '/')
        return -EINVAL;
    memcpy(ret, root, sizeof(root));
    memcpy(key, name, len + 1);
    for (char *c = key; !strchr(name, '/') && *c; c++)
        if (*c == '.')
            *c = '/';
    for (size_t i = 0; i < ARRAY_LEN(namespaced); i++)
        if (str_has_prefix(key, namespaced[i]))
            return 0;
    return -EINVAL;
}

static int plan_sysctls(struct plan *p, const struct namespaces_request *req, struct err *err)
{
    p->sysctls = xcalloc(req->sysctls_len + 1, sizeof(*p->sysctls));
    for (size_t i = 0; i < req->sysctls_len; i++) {
        struct sysctl_write *s = &p->sysctls[p->sysctls_len++];

        s->name = req->sysctls[i].name;
        s->value = req->sysctls[i].value;
        if (namespaces_sysctl_path(s->name, s->path, sizeof(s->path)) < 0)
            return err_set(err, -EINVAL, "sysctl %s is not a namespaced one", s->name);
        if (str_has_prefix(s->path, "/proc/sys/net/") ? !req->net_path : !req->ipc_path)
            return err_set(err, -EINVAL, "sysctl %s: the pod has no such namespace of its own", s->name);
    }
    return 0;
}

static int run(struct plan *p, struct err *err)
{
    int result;
    int r;

    effect("namespaces");
    r = proc_call(in_child, p, &result, err);
    if (r < 0)
        return r;
    if (result < 0)
        return err_errno(err, -result, "%s %s", str_or(p->step, "make"), str_or(p->detail, "namespaces"));
    return 0;
}

int namespaces_make(const struct namespaces_request *req, struct err *err)
{
    struct plan p = {
        .held = { { "/proc/self/ns/net", req->net_path, CLONE_NEWNET },
                  { "/proc/self/ns/ipc", req->ipc_path, CLONE_NEWIPC },
                  { "/proc/self/ns/uts", req->uts_path, CLONE_NEWUTS } },
        .hostname = str_or(req->hostname, ""),
    };
    int r = plan_sysctls(&p, req, err);

    if (r == 0 && (req->net_path || req->ipc_path || req->uts_path))
        r = run(&p, err);
    for (size_t i = 0; r < 0 && i < ARRAY_LEN(p.held); i++)
        if (p.held[i].target)
            (void)namespaces_drop(p.held[i].target, NULL);
    free(p.sysctls);
    return r;
}

int namespaces_drop(const char *path, struct err *err)
{
    /* EINVAL: nothing is mounted there. */
    if (umount2(path, MNT_DETACH | UMOUNT_NOFOLLOW) < 0 && errno != EINVAL && errno != ENOENT)
        return err_errno(err, errno, "let go of %s", path);
    return 0;
}
