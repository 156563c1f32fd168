/* SPDX-License-Identifier: Apache-2.0 */
#include "view.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/file.h"
#include "base/limits.h"
#include "base/mem.h"
#include "base/str.h"
#include "rt/wasm.h"

#define TMPFS_SIZE   "64m" /* of a root that no image brings; charged to the container */
#define TMPFS_INODES "65536"

/* ---- options of a mount ---- */

struct mount_wish {
    bool recursive, readonly, recursive_readonly;
    uint64_t propagation;
};

static struct mount_wish wish_of(const struct oci_mount *m)
{
    static const struct {
        const char *option;
        struct mount_wish wish;
    } rows[] = {
        { "rbind", { .recursive = true } },
        { "ro", { .readonly = true } },
        { "rro", { .readonly = true, .recursive_readonly = true } },
        { "rslave", { .propagation = MS_SLAVE } },
        { "slave", { .propagation = MS_SLAVE } },
        { "rshared", { .propagation = MS_SHARED } },
        { "shared", { .propagation = MS_SHARED } },
    };
    struct mount_wish w = { .propagation = MS_PRIVATE };

    for (size_t i = 0; i < m->options.len; i++)
        for (size_t k = 0; k < ARRAY_LEN(rows); k++)
            if (str_eq(m->options.items[i], rows[k].option)) {
                w.recursive |= rows[k].wish.recursive;
                w.readonly |= rows[k].wish.readonly;
                w.recursive_readonly |= rows[k].wish.recursive_readonly;
                w.propagation = rows[k].wish.propagation ? rows[k].wish.propagation : w.propagation;
            }
    return w;
}

static bool is_bind(const struct oci_mount *m)
{
    if (!str_empty(m->type) && !str_eq(m->type, "none") && !str_eq(m->type, "bind"))
        return false;
    for (size_t i = 0; i < m->options.len; i++)
        if (str_eq(m->options.items[i], "bind") || str_eq(m->options.items[i], "rbind"))
            return true;
    return str_eq(m->type, "bind");
}

/* File systems of the kernel, which a guest has no calls for; anything else that is no bind mount is refused. */
static bool is_of_kernel(const struct oci_mount *m)
{
    static const char *const types[] = { "proc", "sysfs", "devpts", "mqueue", "cgroup", "cgroup2" };

    for (size_t i = 0; i < ARRAY_LEN(types); i++)
        if (str_eq(m->type, types[i]))
            return true;
    return str_eq(m->type, "tmpfs") && (str_eq(m->destination, "/dev") || str_has_prefix(m->destination, "/dev/"));
}

/* Every container has these; a volume has a name of its own. */
static bool is_system(const char *destination)
{
    return str_has_prefix(destination, "/etc/") || str_has_prefix(destination, "/dev/");
}

/* ---- detached mounts ---- */

static int set_attributes(int fd, const struct mount_wish *w)
{
    struct mount_attr attr = { .attr_set = MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC,
                               .propagation = w->propagation };
    struct mount_attr readonly = { .attr_set = MOUNT_ATTR_RDONLY };

    if (mount_setattr(fd, "", AT_EMPTY_PATH | (w->recursive ? AT_RECURSIVE : 0), &attr, sizeof(attr)) < 0)
        return -errno;
    if (w->readonly &&
        mount_setattr(fd, "", AT_EMPTY_PATH | (w->recursive_readonly ? AT_RECURSIVE : 0), &readonly, sizeof(readonly)) < 0)
        return -errno;
    return 0;
}

static int open_bind(const char *source, const struct mount_wish *w, int *ret_fd, struct err *err)
{
    unsigned flags = OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | (w->recursive ? AT_RECURSIVE : 0);
    AUTO(close) int fd = open_tree(AT_FDCWD, source, flags);
    int r;

    if (fd < 0)
        return err_errno(err, errno, "mount %s", source);
    r = set_attributes(fd, w);
    if (r < 0)
        return err_errno(err, -r, "options of mount %s", source);
    *ret_fd = TAKE_FD(fd);
    return 0;
}

static int new_tmpfs(const char *size, int *ret_fd, struct err *err)
{
    AUTO(close) int fs = fsopen("tmpfs", FSOPEN_CLOEXEC);

    if (fs < 0 || fsconfig(fs, FSCONFIG_SET_STRING, "size", size, 0) < 0 ||
        fsconfig(fs, FSCONFIG_SET_STRING, "nr_inodes", TMPFS_INODES, 0) < 0 ||
        fsconfig(fs, FSCONFIG_SET_STRING, "mode", "0755", 0) < 0 || fsconfig(fs, FSCONFIG_CMD_CREATE, NULL, NULL, 0) < 0)
        return err_errno(err, errno, "a file system in memory");
    *ret_fd = fsmount(fs, FSMOUNT_CLOEXEC, MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC);
    return *ret_fd < 0 ? err_errno(err, errno, "a file system in memory") : 0;
}

static int prepare_root(const struct bundle *b, struct view *v, struct err *err)
{
    static const struct mount_wish whole = { .recursive = true, .propagation = MS_PRIVATE };
    const struct oci_root *root = &b->config.root;

    v->readonly = root->readonly;
    return root->path ? open_bind(root->path, &whole, &v->root_fd, err) : new_tmpfs(TMPFS_SIZE, &v->root_fd, err);
}

static int prepare_mount(const struct oci_mount *m, struct view *v, struct err *err)
{
    const struct mount_wish w = wish_of(m);
    struct view_mount *to = &v->mounts[v->mounts_len];
    struct stat st;
    int r;

    if (v->mounts_len == VIEW_MOUNTS_MAX)
        return err_set(err, -E2BIG, "more than %d mounts", VIEW_MOUNTS_MAX);
    if (!is_bind(m) && !str_eq(m->type, "tmpfs"))
        return err_set(err, -EOPNOTSUPP, "mount %s: a file system of type %s cannot be had", m->destination, m->type);
    if (is_bind(m) && str_empty(m->source))
        return err_set(err, -EINVAL, "mount %s: no source", m->destination);
    r = is_bind(m) ? open_bind(m->source, &w, &to->tree_fd, err) : new_tmpfs(TMPFS_SIZE, &to->tree_fd, err);
    if (r < 0)
        return r;
    if (fstat(to->tree_fd, &st) < 0)
        return err_errno(err, errno, "mount %s", m->destination);
    to->destination = m->destination;
    to->file = !S_ISDIR(st.st_mode);
    to->system = is_system(m->destination);
    v->mounts_len++;
    return 0;
}

/* The small namespace, if the caller has one and it can be had; else all goes the longer way. */
static void prepare_namespace(const struct bundle *b, struct view *v)
{
    const char *path = json_map_get(&b->config.annotations, WASM_BUNDLE_MOUNT_NS);

    v->namespace_fd = path ? open(path, O_RDONLY | O_CLOEXEC) : -1;
    v->stage = v->namespace_fd >= 0 ? WASM_STAGE : b->dir;
}

int view_prepare(const struct bundle *b, struct view *ret, struct err *err)
{
    int r;

    *ret = (struct view){ .root_fd = -1 };
    prepare_namespace(b, ret);
    r = prepare_root(b, ret, err);
    for (size_t i = 0; r == 0 && i < b->config.mounts.len; i++)
        if (!is_of_kernel(&b->config.mounts.items[i]))
            r = prepare_mount(&b->config.mounts.items[i], ret, err);
    return r;
}

/* ---- in the new namespace ---- */

static int make_file(int root_fd, const char *path, int *ret_fd, struct err *err)
{
    AUTO(free) char *folder = xstrdup(path);
    char *slash = strrchr(folder, '/');

    *slash = '\0';
    if (path_mkdirs_beneath(root_fd, folder[0] ? folder : "/", 0755, NULL, err) < 0)
        return err->code;
    return path_open_beneath(root_fd, path, O_RDONLY | O_CREAT | O_CLOEXEC, 0644, ret_fd, err);
}

/* A place to mount on is made where it is not there; what is there is not opened, only found. */
static int find_place(int root_fd, const struct view_mount *m, int *ret_fd, struct err *err)
{
    struct err own = ERR_INIT;
    int r = path_open_beneath(root_fd, m->destination, O_PATH | O_CLOEXEC, 0, ret_fd, &own);

    if (r == -ENOENT) {
        err_clear(&own);
        r = m->file ? make_file(root_fd, m->destination, ret_fd, &own)
                    : path_mkdirs_beneath(root_fd, m->destination, 0755, ret_fd, &own);
    }
    if (r < 0) {
        (void)err_wrap(&own, "mount %s", m->destination);
        err_copy(err, &own);
    }
    return r;
}

static int put(int root_fd, const struct view_mount *m, struct err *err)
{
    AUTO(close) int place = -1;

    if (find_place(root_fd, m, &place, err) < 0)
        return err->code;
    if (move_mount(m->tree_fd, "", place, "", MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_T_EMPTY_PATH) < 0)
        return err_errno(err, errno, "mount %s", m->destination);
    return 0;
}

static int enter_namespace(const struct view *v, struct err *err)
{
    if (v->namespace_fd >= 0 && setns(v->namespace_fd, CLONE_NEWNS) < 0)
        return err_errno(err, errno, "join the small mount namespace");
    if (unshare(CLONE_NEWNS) < 0)
        return err_errno(err, errno, "a mount namespace");
    if (v->namespace_fd < 0 && mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0)
        return err_errno(err, errno, "make mounts private");
    return 0;
}

/* The new root over the old, then the old one away: no place for the old one is needed. */
static int change_root(const struct view *v, struct err *err)
{
    if (fchdir(v->root_fd) < 0 || syscall(SYS_pivot_root, ".", ".") < 0 || umount2(".", MNT_DETACH) < 0 || chdir("/") < 0)
        return err_errno(err, errno, "change the root");
    return 0;
}

static int make_readonly(struct err *err)
{
    struct mount_attr attr = { .attr_set = MOUNT_ATTR_RDONLY };

    return mount_setattr(AT_FDCWD, "/", 0, &attr, sizeof(attr)) < 0 ? err_errno(err, errno, "make the root read-only") : 0;
}

int view_enter(struct view *v, struct err *err)
{
    int r = enter_namespace(v, err);

    if (r == 0 && move_mount(v->root_fd, "", AT_FDCWD, v->stage, MOVE_MOUNT_F_EMPTY_PATH) < 0)
        r = err_errno(err, errno, "mount the root on %s", v->stage);
    for (size_t i = 0; r == 0 && i < v->mounts_len; i++)
        r = put(v->root_fd, &v->mounts[i], err);
    if (r == 0)
        r = change_root(v, err);
    if (r == 0 && v->readonly)
        r = make_readonly(err);
    return r;
}
