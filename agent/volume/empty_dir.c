/* SPDX-License-Identifier: Apache-2.0 */
/* empty_dir.c - scratch space, on disk or in memory. */
#include <errno.h>

#include "base/err.h"
#include "base/str.h"
#include "kind.h"

static const void *source(const struct k8s_volume *v)
{
    return v->empty_dir;
}

static mode_t mode(const struct k8s_volume *v)
{
    return v->empty_dir->mode.has ? (mode_t)v->empty_dir->mode.value & 07777 : 0777;
}

static const char *lacks(const struct k8s_volume *v, struct buf *buf)
{
    (void)buf;
    return str_empty(v->empty_dir->medium) || str_eq(v->empty_dir->medium, "Memory") ? NULL : "emptyDir.medium";
}

/* The smaller of what the volume and the pod may have: memory given out here counts against the pod's. */
static int64_t size_of(const struct volume_request *req, const struct k8s_empty_dir_volume_source *s)
{
    int64_t size = req->memory_limit_bytes;
    int64_t limit = s->size_limit.has ? k8s_quantity_value(&s->size_limit) : 0;

    return limit > 0 && (size <= 0 || limit < size) ? limit : size;
}

static int fill(const struct volume_request *req, const struct k8s_volume *v, const char *dir, struct err *err)
{
    const struct k8s_empty_dir_volume_source *s = v->empty_dir;

    if (str_eq(s->medium, "Memory"))
        return tmpfs_mount(dir, size_of(req, s), mode(v), err);
    if (!str_empty(s->medium))
        return err_set(err, -ENOTSUP, "storage medium \"%s\" is not supported by this node", s->medium);
    return 0; /* what a container has made of its folder stays */
}

const struct volume_kind volume_empty_dir = {
    .field = "emptyDir", .folder = "kubernetes.io~empty-dir", .source = source, .mode = mode, .lacks = lacks,
    .fill = fill,
};
