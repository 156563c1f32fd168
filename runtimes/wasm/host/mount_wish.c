/* SPDX-License-Identifier: Apache-2.0 */
#include "mount_wish.h"

#include <errno.h>
#include <stddef.h>
#include <string.h>
#include <sys/mount.h>

#include "base/mem.h"
#include "base/str.h"

/* What an option changes: a flag, the propagation, a text behind "=", or nothing that a guest could tell (all mounts of
 * guests are nosuid, nodev and noexec). */
static const struct option {
    const char *name;
    size_t flag, text; /* offsets in struct mount_wish; 0: none */
    uint64_t propagation;
} options[] = {
    { "bind", 0, 0, 0 },
    { "rbind", offsetof(struct mount_wish, recursive), 0, 0 },
    { "rw", 0, 0, 0 },
    { "ro", offsetof(struct mount_wish, readonly), 0, 0 },
    { "rro", offsetof(struct mount_wish, recursive_readonly), 0, 0 },
    { "private", 0, 0, MS_PRIVATE },
    { "rprivate", 0, 0, MS_PRIVATE },
    { "slave", 0, 0, MS_SLAVE },
    { "rslave", 0, 0, MS_SLAVE },
    { "shared", 0, 0, MS_SHARED },
    { "rshared", 0, 0, MS_SHARED },
    { "size=", 0, offsetof(struct mount_wish, size), 0 },
    { "mode=", 0, offsetof(struct mount_wish, mode), 0 },
    { "suid", 0, 0, 0 },
    { "nosuid", 0, 0, 0 },
    { "dev", 0, 0, 0 },
    { "nodev", 0, 0, 0 },
    { "exec", 0, 0, 0 },
    { "noexec", 0, 0, 0 },
    { "atime", 0, 0, 0 },
    { "noatime", 0, 0, 0 },
    { "relatime", 0, 0, 0 },
    { "strictatime", 0, 0, 0 },
    { "nodiratime", 0, 0, 0 },
    { "sync", 0, 0, 0 },
    { "async", 0, 0, 0 },
};

static bool apply(const char *text, struct mount_wish *w)
{
    for (size_t i = 0; i < ARRAY_LEN(options); i++) {
        const struct option *o = &options[i];

        if (!(o->text ? str_has_prefix(text, o->name) : str_eq(text, o->name)))
            continue;
        if (o->flag)
            *(bool *)((char *)w + o->flag) = true;
        if (o->text)
            *(const char **)(void *)((char *)w + o->text) = text + strlen(o->name);
        if (o->propagation)
            w->propagation = o->propagation;
        return true;
    }
    return false;
}

static bool has_option(const struct oci_mount *m, const char *name)
{
    for (size_t i = 0; i < m->options.len; i++)
        if (str_eq(m->options.items[i], name))
            return true;
    return false;
}

static bool is_bind(const struct oci_mount *m)
{
    return str_eq(m->type, "bind") ||
           ((str_empty(m->type) || str_eq(m->type, "none")) && (has_option(m, "bind") || has_option(m, "rbind")));
}

static bool is_of_kernel(const struct oci_mount *m)
{
    static const char *const types[] = { "proc", "sysfs", "devpts", "mqueue", "cgroup", "cgroup2" };

    for (size_t i = 0; i < ARRAY_LEN(types); i++)
        if (str_eq(m->type, types[i]))
            return true;
    return str_eq(m->type, "tmpfs") && (str_eq(m->destination, "/dev") || str_has_prefix(m->destination, "/dev/"));
}

int mount_wish_of(const struct oci_mount *m, struct mount_wish *ret, struct err *err)
{
    struct mount_wish w = { .propagation = MS_PRIVATE };

    w.kind = is_bind(m) ? MOUNT_BIND : is_of_kernel(m) ? MOUNT_OF_KERNEL : MOUNT_TMPFS;
    if (w.kind == MOUNT_TMPFS && !str_eq(m->type, "tmpfs"))
        return err_set(err, -EOPNOTSUPP, "mount %s: a file system of type \"%s\" cannot be had", m->destination,
                       str_or(m->type, ""));
    if (w.kind == MOUNT_BIND && str_empty(m->source))
        return err_set(err, -EINVAL, "mount %s: no source", m->destination);
    for (size_t i = 0; w.kind != MOUNT_OF_KERNEL && i < m->options.len; i++)
        if (!apply(m->options.items[i], &w))
            return err_set(err, -EOPNOTSUPP, "mount %s: the option \"%s\" cannot be had", m->destination,
                           m->options.items[i]);
    w.readonly |= w.recursive_readonly;
    *ret = w;
    return 0;
}
