/* SPDX-License-Identifier: Apache-2.0 */
/*
 * manifest.h - the three documents of which an image consists besides its layers: index, manifest,
 * configuration.
 *
 * Docker's older media types (schema 2, manifest list) have the same fields as OCI's and are read
 * by the same tables. Spec: OCI image specification, image-index.md, manifest.md, config.md
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/json.h"
#include "digest.h"
#include "rt/image.h"

#define IMAGE_PLATFORM_FIELDS(F)                                                                   \
    F(value, const char *, architecture, "architecture", 0)                                        \
    F(value, const char *, os, "os", 0)                                                            \
    F(value, const char *, variant, "variant", 0)
JSON_STRUCT(image_platform, IMAGE_PLATFORM_FIELDS);

#define IMAGE_DESCRIPTOR_FIELDS(F)                                                                 \
    F(value, const char *, media_type, "mediaType", 0)                                             \
    F(value, const char *, digest, "digest", JSON_REQUIRED)                                        \
    F(value, int64_t, size, "size", 0)                                                             \
    F(object, image_platform, platform, "platform", 0)                                             \
    F(value, struct json_map, annotations, "annotations", 0)                                       \
    F(value, const char *, artifact_type, "artifactType", 0)
JSON_STRUCT(image_descriptor, IMAGE_DESCRIPTOR_FIELDS);

/* Either an index (manifests) or a manifest (config, layers); one with both is refused. */
#define IMAGE_DOCUMENT_FIELDS(F)                                                                   \
    F(value, int64_t, schema_version, "schemaVersion", 0)                                          \
    F(value, const char *, media_type, "mediaType", 0)                                             \
    F(value, const char *, artifact_type, "artifactType", 0)                                       \
    F(objects, image_descriptor, manifests, "manifests", 0)                                        \
    F(object, image_descriptor, config, "config", 0)                                               \
    F(objects, image_descriptor, layers, "layers", 0)                                              \
    F(value, struct json_map, annotations, "annotations", 0)
JSON_STRUCT(image_document, IMAGE_DOCUMENT_FIELDS);

#define IMAGE_NOTHING_FIELDS(F) F(value, bool, nothing, "", 0)
JSON_STRUCT(image_nothing, IMAGE_NOTHING_FIELDS); /* the {} in {"80/tcp": {}} */
JSON_DICT(image_nothing);

#define IMAGE_RUN_FIELDS(F)                                                                        \
    F(value, const char *, user, "User", 0)                                                        \
    F(dict, image_nothing, exposed_ports, "ExposedPorts", 0)                                       \
    F(values, const char *, env, "Env", 0)                                                         \
    F(values, const char *, entrypoint, "Entrypoint", 0)                                           \
    F(values, const char *, cmd, "Cmd", 0)                                                         \
    F(dict, image_nothing, volumes, "Volumes", 0)                                                  \
    F(value, const char *, working_dir, "WorkingDir", 0)                                           \
    F(value, struct json_map, labels, "Labels", 0)                                                 \
    F(value, const char *, stop_signal, "StopSignal", 0)
JSON_STRUCT(image_run, IMAGE_RUN_FIELDS);

#define IMAGE_ROOTFS_FIELDS(F)                                                                     \
    F(value, const char *, type, "type", 0)                                                        \
    F(values, const char *, diff_ids, "diff_ids", 0)
JSON_STRUCT(image_rootfs, IMAGE_ROOTFS_FIELDS);

#define IMAGE_SPEC_FIELDS(F)                                                                       \
    F(value, const char *, architecture, "architecture", 0)                                        \
    F(value, const char *, os, "os", 0)                                                            \
    F(value, const char *, variant, "variant", 0)                                                  \
    F(embed, image_run, config, "config", 0)                                                       \
    F(embed, image_rootfs, rootfs, "rootfs", 0)
JSON_STRUCT(image_spec, IMAGE_SPEC_FIELDS);

/* What a request for a document says that it takes. */
extern const char manifest_accept[];

bool manifest_is_index(const struct image_document *d); /* Pure */
bool manifest_is_image_config(
    const struct image_descriptor *config); /* false: an artifact of another kind. Pure */
bool manifest_is_tar_layer(const struct image_descriptor *layer); /* false: kept as a blob. Pure */

/* Decodes and checks: every digest is one, sizes and numbers are within limits. -EINVAL, -E2BIG.
 * Pure but for the arena. */
int manifest_decode(const void *data, size_t len, struct arena *arena, struct image_document *ret,
                    struct err *err);
int manifest_decode_spec(const void *data, size_t len, struct arena *arena, struct image_spec *ret,
                         struct err *err);
/* As many diff ids as layers, or as layers that are tar archives (builders of images with a Wasm
 * module in a layer of its own do it either way), all digests. Pure. */
int manifest_check_layers(const struct image_document *d, const struct image_spec *spec,
                          struct err *err);
/* The diff id of layer i, which is a tar archive, after that check. Pure. */
const char *manifest_diff_id(const struct image_document *d, const struct image_spec *spec,
                             size_t i);
/* Does the configuration alone, by its diff ids, say what the image contains? Only tar archives are
 * compared with them. Pure. */
bool manifest_only_tar_layers(const struct image_document *d);

/* The manifest of an artifact whose one layer is this WebAssembly module, of size_bytes > 0 and
 * without a configuration; equal modules have equal ones. Spec: OCI image specification,
 * manifest.md, "Guidelines for Artifact Usage". Pure but for ret. */
#define MANIFEST_EMPTY_CONFIG "{}" /* the bytes of its configuration */
void manifest_of_module(const char *digest, int64_t size_bytes, struct buf *ret);

/*
 * manifest_choose() - the entry of an index for the first platform of the list that it has.
 *
 * A platform's variant: the same, else for arm the next lower one (v7 runs v6), else one without a
 * variant. An entry that names no platform is taken when nothing else fits. -ENOENT: none; the
 * message names what there is. Pure.
 */
int manifest_choose(const struct image_document *index, const struct rt_platform *wanted,
                    size_t wanted_len, const struct image_descriptor **ret, struct err *err);

/* Name of a layer together with all below it: chain(i) = digest(chain(i - 1) + " " + diff_id(i)).
 * Pure. */
void manifest_chain(const char *below /* NULL: the lowest */, const char *diff_id,
                    char ret[DIGEST_TEXT_MAX]);
