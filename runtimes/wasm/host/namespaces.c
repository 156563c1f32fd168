/* SPDX-License-Identifier: Apache-2.0 */
#include "namespaces.h"

#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <sched.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "base/mem.h"
#include "base/str.h"

static int open_one(const struct bundle *b, const char *type, int *ret_fd, struct err *err)
{
    const struct oci_namespace *n = bundle_namespace(b, type);

    *ret_fd = n && n->path ? open(n->path, O_RDONLY | O_CLOEXEC) : -1;
    return n && n->path && *ret_fd < 0 ? err_errno(err, errno, "%s namespace %s", type, n->path) : 0;
}

int namespaces_open(const struct bundle *b, struct namespaces *ret, struct err *err)
{
    if (open_one(b, "network", &ret->net_fd, err) < 0 || open_one(b, "ipc", &ret->ipc_fd, err) < 0 ||
        open_one(b, "uts", &ret->uts_fd, err) < 0 || open_one(b, "pid", &ret->pid_fd, err) < 0)
        return err->code;
    return 0;
}

int namespaces_join_pid(const struct namespaces *n, struct err *err)
{
    return n->pid_fd >= 0 && setns(n->pid_fd, CLONE_NEWPID) < 0 ? err_errno(err, errno, "join the pid namespace") : 0;
}

static int start_loopback(const struct bundle *b, struct err *err)
{
    AUTO(close) int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    struct ifreq lo = { .ifr_name = "lo", .ifr_flags = IFF_UP | IFF_RUNNING };

    (void)b;
    return fd < 0 || ioctl(fd, SIOCSIFFLAGS, &lo) < 0 ? err_errno(err, errno, "start the loopback interface") : 0;
}

static int name_host(const struct bundle *b, struct err *err)
{
    const char *name = b->config.hostname;

    return name && sethostname(name, strlen(name)) < 0 ? err_errno(err, errno, "hostname") : 0;
}

static const struct kind {
    const char *type;
    int flag;
    int (*set_up)(const struct bundle *b, struct err *err); /* what has just been made; NULL: nothing to do */
} kinds[] = { { "network", CLONE_NEWNET, start_loopback }, { "ipc", CLONE_NEWIPC, NULL }, { "uts", CLONE_NEWUTS, name_host } };

static int enter(const struct kind *k, int fd, const struct bundle *b, struct err *err)
{
    if (fd >= 0) {
        int r = setns(fd, k->flag) < 0 ? err_errno(err, errno, "join the %s namespace", k->type) : 0;

        (void)close(fd);
        return r;
    }
    if (!bundle_namespace(b, k->type))
        return 0;
    if (unshare(k->flag) < 0)
        return err_errno(err, errno, "make a %s namespace", k->type);
    return k->set_up ? k->set_up(b, err) : 0;
}

/* bundle.c has seen to it that they are the network's, and the network not the caller's. */
static int set_sysctls(const struct bundle *b, struct err *err)
{
    const struct json_map *all = &b->config.linux_.sysctl;

    for (size_t i = 0; i < all->len; i++) {
        AUTO(free) char *path = xasprintf("/proc/sys/%s", all->items[i].key);

        for (char *dot = path; (dot = strchr(dot, '.'));)
            *dot = '/';
        if (file_write_value(AT_FDCWD, path, all->items[i].value, err) < 0)
            return err_wrap(err, "linux.sysctl");
    }
    return 0;
}

int namespaces_enter(const struct namespaces *n, const struct bundle *b, struct err *err)
{
    const int fds[ARRAY_LEN(kinds)] = { n->net_fd, n->ipc_fd, n->uts_fd };
    int r = 0;

    for (size_t i = 0; r == 0 && i < ARRAY_LEN(kinds); i++)
        r = enter(&kinds[i], fds[i], b, err);
    if (n->pid_fd >= 0)
        (void)close(n->pid_fd);
    return r < 0 ? r : set_sysctls(b, err);
}
