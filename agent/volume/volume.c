/* SPDX-License-Identifier: Apache-2.0 */
#include "volume/volume.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>

#include "base/effect.h"
#include "base/err.h"
#include "base/file.h"
#include "base/mem.h"
#include "base/str.h"
#include "kind.h"

static const struct volume_kind *const kinds[] = {
    &volume_empty_dir, &volume_host_path, &volume_config_map, &volume_secret, &volume_downward_api, &volume_projected,
};

static const struct volume_kind *kind_of(const struct k8s_volume *v)
{
    for (size_t i = 0; i < ARRAY_LEN(kinds); i++)
        if (kinds[i]->source(v))
            return kinds[i];
    return NULL;
}

void volume_paths_done(struct volume_paths *p)
{
    for (size_t i = 0; i < p->len; i++)
        free(p->items[i].host_path);
    free(p->items);
    *p = (struct volume_paths){ 0 };
}

const char *volume_paths_get(const struct volume_paths *p, const char *name)
{
    for (size_t i = 0; i < p->len; i++)
        if (str_eq(p->items[i].name, name))
            return p->items[i].host_path;
    return NULL;
}

static char *path_of(const struct volume_request *req, const struct volume_kind *kind, const struct k8s_volume *v)
{
    if (!kind->folder)
        return xstrdup(kind->host_path(v));
    return xasprintf("%s/pods/%s/volumes/%s/%s", req->root_dir, req->pod->metadata.uid, kind->folder, v->name);
}

void volumes_paths(const struct volume_request *req, struct volume_paths *ret)
{
    size_t len = req->pod->spec.volumes.len;

    *ret = (struct volume_paths){ .items = xcalloc(len + 1, sizeof(*ret->items)) };
    for (size_t i = 0; i < len; i++) {
        const struct k8s_volume *v = &req->pod->spec.volumes.items[i];
        const struct volume_kind *kind = kind_of(v);
        if (kind)
            ret->items[ret->len++] = (struct volume_path){ .name = v->name, .host_path = path_of(req, kind, v) };
    }
}

/* With its mode from the first moment: it is made under a name that no volume can have, and renamed. */
static int make_folder(const char *dir, mode_t mode, struct err *err)
{
    const char *name = strrchr(dir, '/') + 1;
    AUTO(free) char *parent = xstrndup(dir, (size_t)(name - 1 - dir));
    AUTO(free) char *temporary = xasprintf("%s/.%s", parent, name);

    if (path_exists(dir))
        return 0;
    effect("make volume folder");
    if (path_mkdirs(parent, 0755, err) < 0)
        return err->code;
    if (mkdir(temporary, 0700) < 0 && errno != EEXIST)
        return err_errno(err, errno, "make folder %s", temporary);
    if (chmod(temporary, mode) < 0 || rename(temporary, dir) < 0)
        return err_errno(err, errno, "make folder %s", dir);
    return 0;
}

static int prepare(const struct volume_request *req, const struct k8s_volume *v, struct err *err)
{
    const struct volume_kind *kind = kind_of(v);

    if (!kind)
        return err_set(err, -ENOTSUP, "volumes of this kind are not supported by this node");
    if (!path_is_name(v->name))
        return err_set(err, -EINVAL, "the name is not a file name");
    AUTO(free) char *dir = path_of(req, kind, v);
    if (kind->folder && make_folder(dir, kind->mode ? kind->mode(v) : 0755, err) < 0)
        return err->code;
    if (kind->in_memory && tmpfs_mount(dir, req->memory_limit_bytes, 0755, err) < 0)
        return err->code;
    return kind->fill(req, v, dir, err);
}

/* Other users of the node must not look into the volumes of pods. */
static int make_pod_dir(const struct volume_request *req, struct err *err)
{
    AUTO(free) char *dir = xasprintf("%s/pods/%s", req->root_dir, req->pod->metadata.uid);

    effect("make pod folder");
    if (path_mkdirs(dir, 0750, err) < 0)
        return err->code;
    return 0;
}

int volumes_prepare(const struct volume_request *req, struct err *err)
{
    if (!path_is_name(req->pod->metadata.uid))
        return err_set_reason(err, -EINVAL, "FailedMount", "pod uid \"%s\" is not a file name", req->pod->metadata.uid);
    if (make_pod_dir(req, err) < 0) {
        err_reason_default(err, "FailedMount");
        return err->code;
    }
    for (size_t i = 0; i < req->pod->spec.volumes.len; i++) {
        const struct k8s_volume *v = &req->pod->spec.volumes.items[i];
        if (prepare(req, v, err) < 0) {
            err_reason_default(err, "FailedMount");
            return err_wrap(err, "MountVolume.SetUp failed for volume \"%s\" ", v->name);
        }
    }
    return 0;
}

int volumes_teardown(const char *root_dir, const char *uid, struct err *err)
{
    AUTO(free) char *dir = xasprintf("%s/pods/%s", root_dir, str_or(uid, ""));

    if (str_empty(root_dir) || !path_is_name(uid))
        return err_set(err, -EINVAL, "teardown of volumes: \"%s\" is not a pod's uid", str_or(uid, ""));
    if (!path_exists(dir))
        return 0;
    if (unmount_below(dir, err) < 0)
        return err->code;
    effect("remove pod folder");
    return path_remove_tree(dir, err);
}

/* The source that a volume of no kind of ours has, "nfs"; "" when not even the API lists it any more. */
static const char *source_name(const struct k8s_volume *v)
{
#define SOURCE_value(member, name)
#define SOURCE_rare(member, name)
#define SOURCE_object(member, name) \
    if (v->member)                  \
        return name;
#define SOURCE(kind, type, member, name, flags) SOURCE_##kind(member, name)
    K8S_VOLUME_FIELDS(SOURCE)
    return "";
}

const char *volumes_unsupported(const struct k8s_pod *pod)
{
    static char path[128];

    for (size_t i = 0; i < pod->spec.volumes.len; i++) {
        const struct k8s_volume *v = &pod->spec.volumes.items[i];
        const struct volume_kind *kind = kind_of(v);
        AUTO(buf_done) struct buf buf = BUF_INIT(sizeof(path));
        const char *lacking = !kind ? source_name(v) : kind->lacks ? kind->lacks(v, &buf) : NULL;
        if (lacking) {
            (void)snprintf(path, sizeof(path), "spec.volumes[%zu]%s%s", i, *lacking ? "." : "", lacking);
            return path;
        }
    }
    return NULL;
}
