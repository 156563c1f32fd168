/* SPDX-License-Identifier: Apache-2.0 */
/* Which groups are ours: one file each in record_dir, named for the group, holding the record's
 * version. */
#include <errno.h>
#include <fcntl.h>

#include "base/effect.h"
#include "base/file.h"
#include "base/mem.h"
#include "base/str.h"
#include "cgroup_internal.h"

static const char record[] = "1\n";

static char *record_file(const struct rt_cgroups *c, const char *path)
{
    AUTO(free) char *name = cgroup_path_encode(path);
    return xasprintf("%s/%s", c->record_dir, name);
}

bool cgroup_record_has(const struct rt_cgroups *c, const char *path)
{
    if (!c->record_dir)
        return true;
    AUTO(free) char *file = record_file(c, path);
    return path_exists(file);
}

int cgroup_record_add(const struct rt_cgroups *c, const char *path, struct err *err)
{
    if (!c->record_dir || cgroup_record_has(c, path))
        return 0;
    AUTO(free) char *file = record_file(c, path);
    effect("cgroup record");
    int r = path_mkdirs(c->record_dir, 0700, err);
    if (r == 0)
        r = file_write_atomic(AT_FDCWD, file, record, sizeof(record) - 1, 0600, 0, err);
    return r < 0 ? err_wrap(err, "record cgroup %s", path) : 0;
}

struct each {
    rt_cgroup_each_fn fn;
    void *user;
};

static int on_record(int dirfd, const char *name, void *user)
{
    const struct each *each = user;
    AUTO(free) char *path = cgroup_path_decode(name);
    (void)dirfd;
    return path ? each->fn(path, each->user) : 0;
}

int rt_cgroup_each_recorded(const struct rt_cgroups *c, rt_cgroup_each_fn fn, void *user,
                            struct err *err)
{
    struct each each = { fn, user };
    return c->record_dir ? path_each(c->record_dir, on_record, &each, err) : 0;
}

static int drop_one(const struct rt_cgroups *c, const char *path, struct err *err)
{
    AUTO(free) char *file = record_file(c, path);
    effect("cgroup record removal");
    if (unlink(file) < 0 && errno != ENOENT)
        return err_errno(err, errno, "forget cgroup %s", path);
    return 0;
}

struct below {
    const struct rt_cgroups *c;
    const char *path;
    struct err *err;
};

static int drop_if_below(const char *path, void *user)
{
    const struct below *b = user;
    size_t len = strlen(b->path);
    if (!str_has_prefix(path, b->path) || path[len] != '/')
        return 0;
    return drop_one(b->c, path, b->err);
}

/* Also the records of the groups below it, which are gone too; its own goes last. */
int cgroup_record_drop(const struct rt_cgroups *c, const char *path, struct err *err)
{
    struct below below = { c, path, err };
    int r = rt_cgroup_each_recorded(c, drop_if_below, &below, err);
    return r < 0 || !c->record_dir ? r : drop_one(c, path, err);
}
