/* SPDX-License-Identifier: Apache-2.0 */
/*
 * overlayfs takes its layers as one string of at most a page. Paths that do not fit are given as
 * /proc/self/fd/N, which is short and which the kernel follows to the folder.
 *
 * "volatile": overlayfs need not sync the writable layer when it is unmounted, which costs tens of milliseconds on
 * a disk. It forbids to mount the same upper layer again after a crash of the machine, and that never happens: a
 * container does not outlive its machine's boot. Kernels before 5.10 do not know it.
 */
#include "bundle/rootfs.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/effect.h"
#include "base/file.h"
#include "base/limits.h"
#include "base/mem.h"

#define OPTIONS_MAX_BYTES 4095

struct layers {
    int fds[LIMIT_IMAGE_LAYERS];
    size_t len;
};

static void layers_done(struct layers *l)
{
    for (size_t i = 0; i < l->len; i++)
        (void)close(l->fds[i]);
}
DEFINE_CLEANUP_DONE(struct layers, layers_done)

static int open_layers(const struct rt_strings *lowerdirs, struct layers *ret, struct err *err)
{
    if (lowerdirs->len == 0 || lowerdirs->len > LIMIT_IMAGE_LAYERS)
        return err_set(err, -E2BIG, "the image has %zu layers, between 1 and %d are possible", lowerdirs->len,
                       LIMIT_IMAGE_LAYERS);
    for (size_t i = 0; i < lowerdirs->len; i++) {
        int fd = open(lowerdirs->items[i], O_PATH | O_DIRECTORY | O_CLOEXEC);

        if (fd < 0)
            return err_errno(err, errno, "image layer %s", lowerdirs->items[i]);
        ret->fds[ret->len++] = fd;
    }
    return 0;
}

/* ':' separates layers and ',' options: overlayfs takes a backslash before either. */
static void put_path(struct buf *out, const char *path)
{
    for (; *path; path++) {
        if (*path == ':' || *path == ',' || *path == '\\')
            (void)buf_putc(out, '\\');
        (void)buf_putc(out, *path);
    }
}

static int put_options(struct buf *out, const struct rt_strings *lowerdirs, const struct layers *layers,
                       const char *layer_dir, bool is_volatile)
{
    buf_clear(out);
    (void)buf_puts(out, is_volatile ? "volatile,lowerdir=" : "lowerdir=");
    for (size_t i = 0; i < lowerdirs->len; i++) {
        if (i > 0)
            (void)buf_putc(out, ':');
        if (layers)
            (void)buf_printf(out, "/proc/self/fd/%d", layers->fds[i]);
        else
            put_path(out, lowerdirs->items[i]);
    }
    (void)buf_puts(out, ",upperdir=");
    put_path(out, layer_dir);
    (void)buf_puts(out, "/upper,workdir=");
    put_path(out, layer_dir);
    (void)buf_puts(out, "/work");
    return buf_failed(out) ? -E2BIG : 0;
}

static int make_folders(const char *target, const char *layer_dir, struct err *err)
{
    AUTO(free) char *upper = xasprintf("%s/upper", layer_dir);
    AUTO(free) char *work = xasprintf("%s/work", layer_dir);
    int r;

    effect("writable layer");
    r = path_mkdirs(upper, 0755, err);
    if (r == 0)
        r = path_mkdirs(work, 0700, err);
    if (r == 0)
        r = path_mkdirs(target, 0700, err);
    return r;
}

static int mount_overlay(const char *target, const struct rt_strings *lowerdirs, const struct layers *layers,
                         const char *layer_dir, struct err *err)
{
    AUTO(buf_done) struct buf options = BUF_INIT(OPTIONS_MAX_BYTES);

    for (int is_volatile = 1; is_volatile >= 0; is_volatile--) {
        if (put_options(&options, lowerdirs, NULL, layer_dir, is_volatile) < 0 &&
            put_options(&options, lowerdirs, layers, layer_dir, is_volatile) < 0)
            return err_set(err, -E2BIG, "%s: the paths of the layers are too long", target);
        effect("mount root");
        if (mount("overlay", target, "overlay", 0, buf_str(&options)) == 0)
            return 0;
        if (errno != EINVAL)
            break;
    }
    return err_errno(err, errno, "mount %s", target);
}

int rootfs_mount(const char *target, const struct rt_strings *lowerdirs, const char *layer_dir, struct err *err)
{
    AUTO(layers_done) struct layers layers = { .len = 0 };
    int r = open_layers(lowerdirs, &layers, err);

    if (r == 0)
        r = make_folders(target, layer_dir, err);
    if (r == 0)
        r = mount_overlay(target, lowerdirs, &layers, layer_dir, err);
    return r;
}

int rootfs_unmount(const char *target, const char *layer_dir, struct err *err)
{
    effect("unmount root");
    if (umount2(target, MNT_DETACH | UMOUNT_NOFOLLOW) < 0 && errno != EINVAL && errno != ENOENT)
        return err_errno(err, errno, "unmount %s", target);
    effect("remove writable layer");
    return path_remove_tree(layer_dir, err);
}
