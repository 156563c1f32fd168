/* SPDX-License-Identifier: Apache-2.0 */
#include "view.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/nsfs.h>
#include <sched.h>
#include <stdio.h>
#include <sys/fsuid.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/str.h"
#include "mount_wish.h"
#include "place.h"
#include "rt/wasm.h"

#define TMPFS_SIZE   "64m" /* of a root that no image brings; charged to the container */
#define TMPFS_MODE   "0755"
#define TMPFS_INODES "65536"

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

static int new_tmpfs(const char *size, const char *mode, int *ret_fd, struct err *err)
{
    AUTO(close) int fs = fsopen("tmpfs", FSOPEN_CLOEXEC);

    if (fs < 0 || fsconfig(fs, FSCONFIG_SET_STRING, "size", size, 0) < 0 ||
        fsconfig(fs, FSCONFIG_SET_STRING, "nr_inodes", TMPFS_INODES, 0) < 0 ||
        fsconfig(fs, FSCONFIG_SET_STRING, "mode", mode, 0) < 0 || fsconfig(fs, FSCONFIG_CMD_CREATE, NULL, NULL, 0) < 0)
        return err_errno(err, errno, "a file system in memory (size=%s,mode=%s)", size, mode);
    *ret_fd = fsmount(fs, FSMOUNT_CLOEXEC, MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC);
    return *ret_fd < 0 ? err_errno(err, errno, "a file system in memory") : 0;
}

static int prepare_root(const struct bundle *b, struct view *v, struct err *err)
{
    static const struct mount_wish whole = { .recursive = true, .propagation = MS_PRIVATE };
    const struct oci_root *root = &b->config.root;

    v->readonly = root->readonly;
    return root->path ? open_bind(root->path, &whole, &v->root_fd, err)
                      : new_tmpfs(TMPFS_SIZE, TMPFS_MODE, &v->root_fd, err);
}

static int open_mount(const struct oci_mount *m, const struct mount_wish *w, int *ret_fd, struct err *err)
{
    int r;

    if (w->kind == MOUNT_BIND)
        return open_bind(m->source, w, ret_fd, err);
    if (new_tmpfs(str_or(w->size, TMPFS_SIZE), str_or(w->mode, TMPFS_MODE), ret_fd, err) < 0)
        return err_wrap(err, "mount %s", m->destination);
    r = set_attributes(*ret_fd, w);
    return r < 0 ? err_errno(err, -r, "options of mount %s", m->destination) : 0;
}

static int prepare_mount(const struct oci_mount *m, struct view *v, struct err *err)
{
    struct view_mount *to = &v->mounts[v->mounts_len];
    struct mount_wish w;
    struct stat st;

    if (mount_wish_of(m, &w, err) < 0)
        return err->code;
    if (w.kind == MOUNT_OF_KERNEL)
        return 0;
    if (v->mounts_len == VIEW_MOUNTS_MAX)
        return err_set(err, -E2BIG, "more than %d mounts", VIEW_MOUNTS_MAX);
    if (open_mount(m, &w, &to->tree_fd, err) < 0)
        return err->code;
    if (fstat(to->tree_fd, &st) < 0)
        return err_errno(err, errno, "mount %s", m->destination);
    to->destination = m->destination;
    to->file = !S_ISDIR(st.st_mode);
    to->readonly = w.readonly;
    to->system = is_system(m->destination);
    v->mounts_len++;
    return 0;
}

/* The small namespace, if the caller has one and it can be had; else all goes the longer way. */
static void prepare_namespace(const struct bundle *b, struct view *v)
{
    const char *path = json_map_get(&b->config.annotations, WASM_BUNDLE_MOUNT_NS);

    v->namespace_fd = path ? open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC) : -1;
    if (v->namespace_fd >= 0 && ioctl(v->namespace_fd, NS_GET_NSTYPE) != CLONE_NEWNS) {
        (void)close(v->namespace_fd);
        v->namespace_fd = -1;
    }
    v->stage = v->namespace_fd >= 0 ? WASM_STAGE : b->dir;
}

int view_prepare(const struct bundle *b, struct view *ret, struct err *err)
{
    int r;

    *ret = (struct view){ .root_fd = -1 };
    prepare_namespace(b, ret);
    r = prepare_root(b, ret, err);
    for (size_t i = 0; r == 0 && i < b->config.mounts.len; i++)
        r = prepare_mount(&b->config.mounts.items[i], ret, err);
    return r;
}

static int open_as(const char *path, const struct oci_user *u)
{
    int fd;

    (void)setfsgid((gid_t)u->gid);
    (void)setfsuid((uid_t)u->uid);
    fd = open(path, O_WRONLY | O_APPEND | O_NONBLOCK | O_CLOEXEC);
    (void)setfsuid(0);
    (void)setfsgid(0);
    return fd;
}

int view_open_mounted(const struct view *v, const char *destination, const struct oci_user *u)
{
    char path[32];

    for (size_t i = v->mounts_len; i-- > 0;)
        if (v->mounts[i].file && str_eq(v->mounts[i].destination, destination)) {
            (void)snprintf(path, sizeof(path), "/proc/self/fd/%d", v->mounts[i].tree_fd);
            return open_as(path, u);
        }
    return -1;
}

/* ---- in the new namespace ---- */

static int put(int root_fd, const struct view_mount *m, struct err *err)
{
    AUTO(close) int place = -1;

    if (place_find(root_fd, m->destination, m->file, &place, err) < 0)
        return err_wrap(err, "mount %s", m->destination);
    if (move_mount(m->tree_fd, "", place, "", MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_T_EMPTY_PATH) < 0)
        return err_errno(err, errno, "mount %s", m->destination);
    (void)close(m->tree_fd);
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

static void close_all(struct view *v)
{
    (void)close(v->root_fd);
    if (v->namespace_fd >= 0)
        (void)close(v->namespace_fd);
}

static int make_cwd(int root_fd, const char *cwd, struct err *err)
{
    AUTO(close) int fd = -1;
    int r = place_find(root_fd, cwd, false, &fd, err);

    return r < 0 ? err_wrap(err, "working directory %s", cwd) : 0;
}

int view_enter(struct view *v, const char *cwd, struct err *err)
{
    int r = enter_namespace(v, err);

    if (r == 0 && move_mount(v->root_fd, "", AT_FDCWD, v->stage, MOVE_MOUNT_F_EMPTY_PATH) < 0)
        r = err_errno(err, errno, "mount the root on %s", v->stage);
    for (size_t i = 0; r == 0 && i < v->mounts_len; i++)
        r = put(v->root_fd, &v->mounts[i], err);
    if (r == 0)
        r = make_cwd(v->root_fd, cwd, err);
    if (r == 0)
        r = change_root(v, err);
    if (r == 0 && v->readonly)
        r = make_readonly(err);
    close_all(v);
    return r;
}
