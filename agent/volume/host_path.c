/* SPDX-License-Identifier: Apache-2.0 */
/* host_path.c - a file or folder of the node itself. */
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>

#include "base/effect.h"
#include "base/err.h"
#include "base/file.h"
#include "base/mem.h"
#include "base/str.h"
#include "kind.h"

static const void *source(const struct k8s_volume *v)
{
    return v->host_path;
}

static const char *host_path(const struct k8s_volume *v)
{
    return str_or(v->host_path->path, "/"); /* fill() refuses an empty one */
}

static const struct host_path_type {
    const char *name;
    mode_t format;  /* S_IFDIR, …; 0: anything */
    bool create;
    const char *what; /* "is not WHAT" */
} types[] = {
    { "", 0, false, NULL },
    { "DirectoryOrCreate", S_IFDIR, true, "a directory" },
    { "Directory", S_IFDIR, false, "a directory" },
    { "FileOrCreate", S_IFREG, true, "a file" },
    { "File", S_IFREG, false, "a file" },
    { "Socket", S_IFSOCK, false, "a socket file" },
    { "CharDevice", S_IFCHR, false, "a character device" },
    { "BlockDevice", S_IFBLK, false, "a block device" },
};

static int create(const struct host_path_type *t, const char *path, struct err *err)
{
    effect("create hostPath");
    if (t->format == S_IFDIR)
        return path_mkdirs(path, 0755, err);
    AUTO(close) int fd = open(path, O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0644);
    return fd < 0 && errno != EEXIST ? err_errno(err, errno, "create %s", path) : 0;
}

static int fill(const struct volume_request *req, const struct k8s_volume *v, const char *dir, struct err *err)
{
    const char *path = v->host_path->path, *type = str_or(v->host_path->type, "");
    const struct host_path_type *t = NULL;
    struct stat st;

    (void)req;
    (void)dir;
    for (size_t i = 0; i < ARRAY_LEN(types); i++)
        if (str_eq(type, types[i].name))
            t = &types[i];
    if (!t)
        return err_set(err, -EINVAL, "hostPath type \"%s\" is not known", type);
    if (str_empty(path) || path[0] != '/')
        return err_set(err, -EINVAL, "hostPath \"%s\" is not an absolute path", str_or(path, ""));
    bool there = stat(path, &st) == 0;
    if (!there && (t->create || !t->format)) /* without a type: whatever it is, it must be there to be mounted */
        return t->create ? create(t, path, err) : create(&types[1], path, err);
    if (!there || (t->format && (st.st_mode & S_IFMT) != t->format))
        return err_set(err, -EINVAL, "hostPath type check failed: %s is not %s", path, t->what);
    return 0;
}

const struct volume_kind volume_host_path = {
    .field = "hostPath", .source = source, .host_path = host_path, .fill = fill,
};
