/* SPDX-License-Identifier: Apache-2.0 */
#include "rt/run_dir.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/vfs.h>

#include "base/effect.h"
#include "base/file.h"

static int is_mount_point(const char *path, bool *ret, struct err *err)
{
    struct statx st;

    if (statx(AT_FDCWD, path, AT_NO_AUTOMOUNT | AT_SYMLINK_NOFOLLOW, STATX_TYPE, &st) < 0)
        return err_errno(err, errno, "%s", path);
    *ret = st.stx_attributes & STATX_ATTR_MOUNT_ROOT;
    return 0;
}

static int mount_here(const char *path, bool tmpfs, struct err *err)
{
    struct statfs fs;
    int r;

    if (statfs(path, &fs) < 0)
        return err_errno(err, errno, "%s", path);
    effect("run folder");
    if (tmpfs && fs.f_type != TMPFS_MAGIC)
        r = mount("oarsman", path, "tmpfs", MS_NOSUID | MS_NODEV | MS_NOEXEC, "mode=0711");
    else
        r = mount(path, path, NULL, MS_BIND, NULL);
    return r < 0 ? err_errno(err, errno, "mount %s", path) : 0;
}

int rt_run_dir_prepare(const char *path, bool tmpfs, struct err *err)
{
    bool mounted;
    int r = path_mkdirs(path, 0711, err);

    if (r == 0)
        r = is_mount_point(path, &mounted, err);
    if (r == 0 && !mounted)
        r = mount_here(path, tmpfs, err);
    if (r < 0)
        return r;
    if (mount(NULL, path, NULL, MS_SHARED, NULL) < 0) /* already is fine */
        return err_errno(err, errno, "share mounts below %s", path);
    return 0;
}

int rt_run_dir_remove(const char *path, struct err *err)
{
    /* EINVAL: not a mount point. */
    if (umount2(path, MNT_DETACH | UMOUNT_NOFOLLOW) < 0 && errno != EINVAL && errno != ENOENT)
        return err_errno(err, errno, "unmount %s", path);
    return 0;
}
