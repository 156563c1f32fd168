/* SPDX-License-Identifier: Apache-2.0 */
/*
 * image.h - the images of this node: a registry client, a content-addressed store, layers ready for
 * overlayfs.
 *
 * What is asked for through struct rt_images (rt/runtime.h) is answered from here by every backend.
 * The rest of this header is for those who build containers from images (lower directories,
 * configuration) and for the command line.
 *
 * Below the root directory:
 *   index.json          which images there are, replaced atomically
 *   blobs/sha256/HEX    manifests, configurations, and layers that are not tar archives
 *   layers/HEX/fs       one unpacked layer, ready to be a lower directory; named for it and all
 * below it, so images that share a base share its directories ingest/, trash/     what is being
 * made or taken away; emptied at the next start Nothing is visible under its name before it is
 * complete and verified.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/cleanup.h"
#include "rt/runtime.h"

struct loop;
struct err;

struct rt_platform {
    const char *os, *architecture, *variant; /* variant NULL: none */
};
struct rt_platform rt_platform_native(void); /* of this machine; its strings live for ever */
/* What indexes call modules and components, the best first: appended to the native one by an agent
 * whose node runs them. */
#define RT_PLATFORMS_WASM_NR 4
extern const struct rt_platform rt_platforms_wasm[RT_PLATFORMS_WASM_NR];
/* Does this configuration or entry say WebAssembly? NULL is fine. Pure. */
bool rt_platform_is_wasm(const char *os, const char *architecture);

struct rt_images_opts {
    const char *root;        /* "/var/lib/oarsman/images": made if missing, ours alone */
    const char *unpack_path; /* the program oarsman-unpack */
    const struct rt_strings
        *plain_http; /* hosts (with port) spoken to in plain HTTP; loopback ones need no mention */
    const char *certs_dir; /* DIR/HOST[:PORT]/ca.crt, where it exists, is trusted instead of the
                              system's; NULL: nowhere */
    const struct rt_platform *platforms; /* in order of preference, which a pull's wasm_first
                                            changes; NULL: this machine's */
    size_t platforms_len;
    bool local_modules; /* references may name WebAssembly modules that are files of this node
                           (rt_image_ref_local()); else those are refused: -EPERM, InvalidImageName */
    bool read_only; /* beside the process that owns the store: what is in it by then can be listed,
                       nothing else */
    const char *user_agent; /* NULL: "oarsman/VERSION" */
    /* Does a container use this image? One that is used is not removed, nor one that is under a
     * mounted root file system, which is found out without asking. NULL: none is. */
    bool (*in_use)(void *user, const char *image_id);
    void *user;
};

/*
 * rt_images_open() - read the index, sweep what an earlier process left half done, be ready for
 * operations.
 *
 * Reads small files, so it belongs to the start of a process. Two processes must not open the same
 * root at the same time: -EBUSY (the command line talks to the agent then). Everything in opts is
 * copied.
 */
int rt_images_open(struct loop *loop, const struct rt_images_opts *opts, struct rt_images **ret,
                   struct err *err);
/* Operations under way end with -ECANCELED first. NULL is fine. Not from within done(). */
struct rt_images *rt_images_close(struct rt_images *images); /* NULL */
DEFINE_CLEANUP(struct rt_images *, rt_images_close)

/* What the image's configuration says about running it. Empty values are NULL or have no items. */
struct rt_image_config {
    const char *os, *architecture, *variant;
    struct rt_strings entrypoint, cmd, env; /* env: "NAME=value" */
    const char *working_dir, *user, *stop_signal;
    struct rt_strings volumes, exposed_ports; /* "/data"; "80/tcp" */
    struct rt_labels labels;
};
struct rt_image_layer {
    const char *media_type, *digest; /* digest NULL: came from an archive that had none */
    uint64_t size_bytes;
    const char *diff_id;   /* NULL for artifacts */
    const char *lower_dir; /* absolute; NULL: not a tar layer, or of an artifact */
    const char *blob_path; /* absolute; NULL: unpacked, and no longer kept as it came */
};
struct rt_image_detail {
    struct rt_image image;
    struct rt_image_config config;
    struct rt_strings lower_dirs;        /* absolute, the topmost first: the order of overlayfs */
    const struct rt_image_layer *layers; /* the lowest first: the order of the manifest */
    size_t layers_len;
    /* Of the manifest. Digest NULL: it came without one, and the rest is empty, too. */
    const char *manifest_digest;
    const char *config_media_type; /* NULL: the manifest does not say */
    const char *artifact_type;     /* the manifest's own word; NULL: none */
    struct rt_labels annotations;
};
/* By id ("sha256:…", also without the prefix, also its first 12 or more digits) or by any
 * reference. NULL: not here. Immutable; lives until the last reference is gone, but its directories
 * only as long as in_use() says so. */
const struct rt_image_detail *rt_images_get(struct rt_images *images,
                                            const char *image); /* borrowed until the loop turns */
/* Is this blob, a layer that is kept as it came, here? digest: "sha256:…". */
bool rt_images_have_blob(struct rt_images *images, const char *digest);
const struct rt_image_detail *rt_image_detail_ref(const struct rt_image_detail *detail);
const struct rt_image_detail *
rt_image_detail_unref(const struct rt_image_detail *detail); /* NULL */

struct rt_load_request {
    const char *path; /* an OCI layout (directory or tar), or an archive of `docker save` */
    const char *name; /* for an image that brings no name; NULL: it goes by its id */
    void (*progress)(void *user, const struct rt_pull_progress *p); /* as in rt_pull_request */
};
/* result: struct rt_image_list, those that were in it. */
struct rt_op *rt_images_load(struct rt_images *images, const struct rt_load_request *req,
                             const struct rt_call *call);
