/* SPDX-License-Identifier: Apache-2.0 */
/*
 * crun takes a tree with both versions of cgroups for a mistake ("cgroups in hybrid mode not supported"), although
 * the second holds no controller that it needs. Where it calls create (nowhere else) it therefore gets a view of
 * the mounts in which /sys/fs/cgroup/unified is missing.
 *
 * Only /sys/fs/cgroup is cut off from ours; the rest stays in the same peer groups, so that what is mounted later,
 * on either side, is seen on the other (volumes with Bidirectional propagation included).
 */
#include "mount_view.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <sched.h>
#include <stddef.h>
#include <sys/mount.h>
#include <sys/vfs.h>

#include "base/effect.h"
#include "base/proc.h"

#define CGROUP_ROOT "/sys/fs/cgroup"
#define UNIFIED CGROUP_ROOT "/unified"

bool mount_view_needed(void)
{
    struct statfs root, unified;

    return statfs(CGROUP_ROOT, &root) == 0 && root.f_type == TMPFS_MAGIC && statfs(UNIFIED, &unified) == 0 &&
           unified.f_type == CGROUP2_SUPER_MAGIC;
}

static int in_child(void *arg)
{
    int *ret_fd = arg;

    if (unshare(CLONE_NEWNS) < 0 || mount(NULL, CGROUP_ROOT, NULL, MS_REC | MS_PRIVATE, NULL) < 0 ||
        umount2(UNIFIED, MNT_DETACH) < 0)
        return -errno;
    *ret_fd = open("/proc/self/ns/mnt", O_RDONLY | O_CLOEXEC);
    return *ret_fd < 0 ? -errno : 0;
}

int mount_view_new(int *ret_fd, struct err *err)
{
    int fd = -1;
    int result = 0;
    int r;

    effect("mount view");
    r = proc_call(in_child, &fd, &result, err);
    if (r < 0)
        return r;
    if (result < 0)
        return err_errno(err, -result, "make a mount namespace without " UNIFIED);
    *ret_fd = fd;
    return 0;
}
