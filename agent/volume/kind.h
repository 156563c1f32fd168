/* SPDX-License-Identifier: Apache-2.0 */
/*
 * kind.h - one kind of volume. Private to volume/.
 */
#pragma once

#include <sys/types.h>

#include "base/buf.h"
#include "volume/payload.h"
#include "volume/volume.h"

/* fill: dir exists (and is a tmpfs when in_memory); NULL when folder is. */
struct volume_kind {
    const char *field;  /* in the volume: "emptyDir" */
    const char *folder; /* "kubernetes.io~empty-dir"; NULL: none is made, host_path() says where it is */
    const void *(*source)(const struct k8s_volume *v); /* NULL: not of this kind */
    const char *(*host_path)(const struct k8s_volume *v);
    bool in_memory; /* a tmpfs of its own */
    mode_t (*mode)(const struct k8s_volume *v); /* of the folder when it is made; NULL: 0755 */
    /* NULL, or what of the volume this node cannot give, as a path below it; in buf if it has to be put together. */
    const char *(*lacks)(const struct k8s_volume *v, struct buf *buf);
    int (*fill)(const struct volume_request *req, const struct k8s_volume *v, const char *dir, struct err *err);
};

extern const struct volume_kind volume_empty_dir, volume_host_path, volume_config_map, volume_secret,
    volume_downward_api, volume_projected;

/* Mounts a tmpfs on dir unless there is one. size_bytes 0: half of the machine's memory, the kernel's default. */
int tmpfs_mount(const char *dir, int64_t size_bytes, mode_t mode, struct err *err);
bool is_mount_point(const char *dir);
int unmount_below(const char *dir, struct err *err); /* also dir itself; the deepest first */

/* Contents, as data. All pure. mode: what files get that say nothing of their own. */
struct payload_args {
    const struct volume_request *req;
    struct payload *payload;
    mode_t mode;
    struct opt_i64 user;
};
int payload_add_config_map(const struct payload_args *a, const char *name, bool optional,
                           const struct k8s_key_to_path *items, size_t items_len, struct err *err);
int payload_add_secret(const struct payload_args *a, const char *name, bool optional,
                       const struct k8s_key_to_path *items, size_t items_len, struct err *err);
int payload_add_downward_api(const struct payload_args *a, const struct k8s_downward_api_volume_file *items,
                             size_t items_len, struct err *err);
int payload_add_token(const struct payload_args *a, const struct k8s_service_account_token_projection *t,
                      struct err *err);
