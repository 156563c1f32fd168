/* SPDX-License-Identifier: Apache-2.0 */
#include "confine.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <sched.h>
#include <stdint.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/err.h"
#include "base/limits.h"
#include "base/mem.h"
#include "filter.h"

static const unsigned kept_capabilities[] = {
    CAP_CHOWN, CAP_DAC_OVERRIDE, CAP_FOWNER, CAP_FSETID, CAP_SETFCAP,
};

/* A copy of the mount with this directory as its root: a descriptor that nothing above can be
 * reached from. */
static int open_detached(const char *path, int *ret_fd, struct err *err)
{
    AUTO(close) int fd = open_tree(AT_FDCWD, path, OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC);
    if (fd < 0)
        return err_errno(err, errno, "open_tree %s", path);
    struct mount_attr attr = { .attr_set = MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID |
                                           MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC };
    if (mount_setattr(fd, "", AT_EMPTY_PATH, &attr, sizeof(attr)) < 0 &&
        errno != ENOSYS) /* Linux 5.12 */
        return err_errno(err, errno, "mount_setattr %s", path);
    *ret_fd = TAKE_FD(fd);
    return 0;
}

static int enter_root(const char *path, struct err *err)
{
    if (mount(path, path, NULL, MS_BIND, NULL) < 0)
        return err_errno(err, errno, "bind %s", path);
    if (mount(NULL, path, NULL, MS_REMOUNT | MS_BIND | MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL) < 0)
        return err_errno(err, errno, "remount %s", path);
    if (chdir(path) < 0)
        return err_errno(err, errno, "chdir %s", path);
    /* The new root over the old, then the old one away: no place for the old one is needed. */
    if (syscall(SYS_pivot_root, ".", ".") < 0)
        return err_errno(err, errno, "pivot_root %s", path);
    if (umount2(".", MNT_DETACH) < 0 || chdir("/") < 0)
        return err_errno(err, errno, "leaving the old root");
    return 0;
}

static int enter_mounts(const char *root_path, const char *const *parents, size_t parents_len,
                        int *ret_parent_fds, struct err *err)
{
    if (unshare(CLONE_NEWNS) < 0)
        return err_errno(err, errno, "a mount namespace of its own");
    if (mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0)
        return err_errno(err, errno, "making mounts private");
    for (size_t i = 0; i < parents_len; i++) {
        int rc = open_detached(parents[i], &ret_parent_fds[i], err);
        if (rc < 0)
            return rc;
    }
    return enter_root(root_path, err);
}

static void set_limits(void)
{
    static const struct {
        int what;
        rlim_t max;
    } limits[] = { { RLIMIT_CORE, 0 },
                   { RLIMIT_NOFILE, 1024 },
                   { RLIMIT_FSIZE, LIMIT_IMAGE_LAYER_BYTES } };
    for (size_t i = 0; i < ARRAY_LEN(limits); i++) {
        struct rlimit r = { limits[i].max, limits[i].max };
        (void)setrlimit(limits[i].what, &r); /* a lower hard limit is as good */
    }
}

static int drop_capabilities(struct err *err)
{
    struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
    struct __user_cap_data_struct data[2] = { { .effective = 0 } };
    uint64_t keep = 0;
    for (size_t i = 0; i < ARRAY_LEN(kept_capabilities); i++)
        keep |= UINT64_C(1) << kept_capabilities[i];
    for (unsigned cap = 0; prctl(PR_CAPBSET_READ, cap, 0, 0, 0) >= 0; cap++)
        if (!(keep & UINT64_C(1) << cap) && prctl(PR_CAPBSET_DROP, cap, 0, 0, 0) < 0)
            return err_errno(err, errno, "dropping capability %u", cap);
    for (unsigned word = 0; word < 2; word++)
        data[word].effective = data[word].permitted = (uint32_t)(keep >> (32 * word));
    if (syscall(SYS_capset, &header, data) < 0)
        return err_errno(err, errno, "reducing capabilities");
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
        return err_errno(err, errno, "no_new_privs");
    return 0;
}

int confine(const char *root_path, const char *const *parents, size_t parents_len, int *ret_root_fd,
            int *ret_parent_fds, struct err *err)
{
    (void)umask(0);
    set_limits();
    int rc = enter_mounts(root_path, parents, parents_len, ret_parent_fds, err);
    if (rc == 0)
        rc = drop_capabilities(err);
    if (rc < 0) {
        (void)err_wrap(err, "confining the unpacker");
        return rc;
    }
    *ret_root_fd = open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    return *ret_root_fd < 0 ? err_errno(err, errno, "open /") : filter_install(err);
}
