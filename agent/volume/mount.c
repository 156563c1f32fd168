/* SPDX-License-Identifier: Apache-2.0 */
/* mount.c - memory-backed folders, and taking every mount of a pod away. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/mount.h>
#include <sys/stat.h>

#include "base/effect.h"
#include "base/err.h"
#include "base/file.h"
#include "base/limits.h"
#include "base/mem.h"
#include "base/str.h"
#include "kind.h"

bool is_mount_point(const char *dir)
{
    AUTO(free) char *parent = xasprintf("%s/..", dir);
    struct stat st, up;

    return lstat(dir, &st) == 0 && stat(parent, &up) == 0 && st.st_dev != up.st_dev;
}

int tmpfs_mount(const char *dir, int64_t size_bytes, mode_t mode, struct err *err)
{
    AUTO(free) char *size = size_bytes > 0 ? xasprintf(",size=%lld", (long long)size_bytes) : xstrdup("");
    AUTO(free) char *data = xasprintf("mode=%o%s", mode, size);

    if (is_mount_point(dir))
        return 0;
    effect("mount tmpfs");
    if (mount("tmpfs", dir, "tmpfs", MS_NOSUID | MS_NODEV, data) < 0)
        return err_errno(err, errno, "mount tmpfs on %s", dir);
    return 0;
}

/* The mount point of one line of mountinfo, with its octal escapes undone. */
static char *mount_point_of(const char *line)
{
    const char *field = line;

    for (int i = 0; i < 4 && field; i++) {
        field = strchr(field, ' ');
        field = field ? field + 1 : NULL;
    }
    if (!field)
        return NULL;
    char *path = xstrndup(field, strcspn(field, " ")), *out = path;
    for (const char *in = path; *in; in++) {
        if (in[0] == '\\' && in[1] && in[2] && in[3]) {
            *out++ = (char)((in[1] - '0') * 64 + (in[2] - '0') * 8 + (in[3] - '0'));
            in += 3;
        } else {
            *out++ = *in;
        }
    }
    *out = '\0';
    return path;
}

static bool is_below(const char *path, const char *dir)
{
    size_t len = strlen(dir);
    return !strncmp(path, dir, len) && (path[len] == '\0' || path[len] == '/');
}

int unmount_below(const char *dir, struct err *err)
{
    AUTO(strv_free) char **found = strv_new();
    AUTO(fclose) FILE *f = fopen("/proc/self/mountinfo", "re");
    AUTO(free) char *real = realpath(dir, NULL);
    AUTO(free) char *line = NULL;
    size_t cap = 0;

    if (!f)
        return err_errno(err, errno, "open /proc/self/mountinfo");
    if (!real)
        return errno == ENOENT ? 0 : err_errno(err, errno, "%s", dir);
    while (getline(&line, &cap, f) > 0) {
        AUTO(free) char *point = mount_point_of(line);
        if (point && is_below(point, real))
            strv_push(&found, point);
    }
    for (size_t i = strv_len(found); i > 0; i--) { /* later mounts lie on top of earlier ones */
        effect("umount");
        if (umount2(found[i - 1], MNT_DETACH | UMOUNT_NOFOLLOW) < 0 && errno != EINVAL && errno != ENOENT)
            return err_errno(err, errno, "umount %s", found[i - 1]);
    }
    return 0;
}
