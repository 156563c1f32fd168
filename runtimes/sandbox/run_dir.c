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
#include "base/limits.h"
#include "base/mem.h"
#include "base/str.h"
#include "run_dir_private.h"

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

static int prepare(const char *path, bool tmpfs, struct err *err)
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

int rt_run_dir_prepare(const char *path, struct err *err)
{
    return prepare(path, true, err);
}

bool run_dir_is_shared(const char *mountinfo, uint64_t mount_id)
{
    for (const char *line = mountinfo; *line;) {
        const char *end = line + strcspn(line, "\n");
        const char *options = strstr(line, " - ");
        const char *shared = strstr(line, " shared:");
        AUTO(free) char *id_text = xstrndup(line, strcspn(line, " \n"));
        uint64_t id;

        if (str_to_u64(id_text, UINT64_MAX, &id) == 0 && id == mount_id)
            return shared && options && shared < options && shared < end;
        line = *end ? end + 1 : end;
    }
    return false;
}

int rt_run_dir_share(const char *path, bool *ret_made, struct err *err)
{
    AUTO(buf_done) struct buf mountinfo = BUF_INIT(16 * MIB);
    struct statx st;
    int r = path_mkdirs(path, 0755, err);

    if (r == 0)
        r = file_read(AT_FDCWD, "/proc/self/mountinfo", &mountinfo, err);
    if (r < 0)
        return r;
    if (statx(AT_FDCWD, path, AT_NO_AUTOMOUNT, STATX_MNT_ID, &st) < 0)
        return err_errno(err, errno, "%s", path);
    *ret_made = !run_dir_is_shared(buf_str(&mountinfo), st.stx_mnt_id);
    return *ret_made ? prepare(path, false, err) : 0;
}

void rt_run_dir_unshare(const char *path)
{
    (void)umount2(path, UMOUNT_NOFOLLOW); /* busy: somebody uses it by now, and it does no harm */
}

int rt_run_dir_remove(const char *path, struct err *err)
{
    /* EINVAL: not a mount point. */
    if (umount2(path, MNT_DETACH | UMOUNT_NOFOLLOW) < 0 && errno != EINVAL && errno != ENOENT)
        return err_errno(err, errno, "unmount %s", path);
    return 0;
}
