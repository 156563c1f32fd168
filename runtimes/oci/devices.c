/* SPDX-License-Identifier: Apache-2.0 */
#include "devices.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include "base/file.h"
#include "base/limits.h"
#include "base/mem.h"
#include "base/str.h"


struct search {
    struct arena *arena;
    struct spec_device *items;
    size_t len, cap;
    char *folder; /* being listed */
    struct err *err;
};

static int add(struct search *s, const char *path, const struct stat *st, const char *permissions)
{
    struct spec_device *d;

    if (s->len >= LIMIT_CONTAINER_DEVICES)
        return err_set(s->err, -E2BIG, "more than %d devices", LIMIT_CONTAINER_DEVICES);
    s->items = xgrow(s->items, &s->cap, s->len + 1, sizeof(*s->items));
    d = &s->items[s->len++];
    *d = (struct spec_device){
        .path = arena_strdup(s->arena, path),
        .type = S_ISBLK(st->st_mode) ? 'b' : 'c',
        .major = major(st->st_rdev),
        .minor = minor(st->st_rdev),
        .mode = st->st_mode & 07777,
        .uid = st->st_uid,
        .gid = st->st_gid,
        .permissions = permissions,
    };
    return d->path ? 0 : err_set(s->err, -E2BIG, "too many devices");
}

static int add_named(struct search *s, const struct rt_device *d)
{
    struct stat st;

    if (stat(d->host_path, &st) < 0)
        return err_errno(s->err, errno, "device %s", d->host_path);
    if (!S_ISBLK(st.st_mode) && !S_ISCHR(st.st_mode))
        return err_set(s->err, -ENODEV, "%s is not a device", d->host_path);
    return add(s, str_or(d->container_path, d->host_path), &st, str_or(d->permissions, "rwm"));
}

/* These belong to a container's own /dev. */
static bool is_own(const char *path)
{
    static const char *const own[] = { "/dev/pts", "/dev/shm", "/dev/mqueue", "/dev/fd", "/dev/console", "/dev/ptmx",
                                       "/dev/null", "/dev/zero", "/dev/full", "/dev/random", "/dev/urandom", "/dev/tty" };

    for (size_t i = 0; i < ARRAY_LEN(own); i++)
        if (str_eq(own[i], path))
            return true;
    return false;
}

static int list_folder(struct search *s, char *folder_taken);

static int on_entry(int dirfd, const char *name, void *user)
{
    struct search *s = user;
    AUTO(free) char *path = xasprintf("%s/%s", s->folder, name);
    struct stat st;

    if (is_own(path) || fstatat(dirfd, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
        return 0;
    if (S_ISDIR(st.st_mode))
        return list_folder(s, TAKE_PTR(path));
    return S_ISBLK(st.st_mode) || S_ISCHR(st.st_mode) ? add(s, path, &st, "rwm") : 0;
}

static int list_folder(struct search *s, char *folder_taken)
{
    char *outer = s->folder;
    int r;

    s->folder = folder_taken;
    r = path_each(folder_taken, on_entry, s, s->err);
    s->folder = outer;
    free(folder_taken);
    return r;
}

int devices_find(const struct rt_container_config *config, struct arena *a, const struct spec_device **ret,
                 size_t *ret_len, struct err *err)
{
    struct search s = { .arena = a, .err = err };
    int r = 0;

    for (size_t i = 0; r == 0 && i < config->devices_len; i++)
        r = add_named(&s, &config->devices[i]);
    if (r == 0 && config->security.privileged)
        r = list_folder(&s, xstrdup("/dev"));
    if (r == 0) {
        *ret = s.len > 0 ? arena_copy(a, s.items, s.len * sizeof(*s.items)) : NULL;
        *ret_len = s.len;
        if (s.len > 0 && !*ret)
            r = err_set(err, -E2BIG, "too many devices");
    }
    free(s.items);
    return r;
}
