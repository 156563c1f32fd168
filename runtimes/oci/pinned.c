/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A container's root could overwrite its runtime's program through /proc/PID/exe of the process that starts it. So
 * crun makes a read-only mount of itself each time it is called, executes itself again from there and unmounts:
 * half of the time of a short command, and an unmount costs milliseconds. When it finds itself on a read-only
 * mount already it does none of that. One such mount for all calls gives the same protection.
 *
 * After an upgrade of the program the old mount still shows the old file: then it is replaced.
 */
#include "pinned.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "base/effect.h"
#include "base/file.h"
#include "base/mem.h"

static bool is_there(const char *path, const char *program)
{
    struct stat a, b;
    struct statvfs fs;

    return stat(path, &a) == 0 && stat(program, &b) == 0 && a.st_dev == b.st_dev && a.st_ino == b.st_ino &&
           statvfs(path, &fs) == 0 && (fs.f_flag & ST_RDONLY);
}

static int mount_place(const char *path, struct err *err)
{
    int fd;

    /* An old one, perhaps half made. EINVAL: nothing is mounted. */
    if (umount2(path, MNT_DETACH | UMOUNT_NOFOLLOW) < 0 && errno != EINVAL && errno != ENOENT)
        return err_errno(err, errno, "unmount %s", path);
    fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0500);
    if (fd < 0)
        return err_errno(err, errno, "make %s", path);
    (void)close(fd);
    return 0;
}

static int mount_readonly(const char *path, const char *program, struct err *err)
{
    effect("pin program");
    if (mount(program, path, NULL, MS_BIND, NULL) < 0)
        return err_errno(err, errno, "mount %s at %s", program, path);
    if (mount(NULL, path, NULL, MS_REMOUNT | MS_BIND | MS_RDONLY | MS_NODEV, NULL) < 0)
        return err_errno(err, errno, "make %s read-only", path);
    return 0;
}

int pinned_program(const char *run_dir, const char *program, char **ret_path, struct err *err)
{
    const char *slash = strrchr(program, '/');
    AUTO(free) char *dir = xasprintf("%s/bin", run_dir);
    AUTO(free) char *path = xasprintf("%s/%s", dir, slash ? slash + 1 : program);
    int r = path_mkdirs(dir, 0700, err);

    if (r == 0 && !is_there(path, program)) {
        r = mount_place(path, err);
        if (r == 0)
            r = mount_readonly(path, program, err);
    }
    if (r == 0)
        *ret_path = TAKE_PTR(path);
    return r;
}
