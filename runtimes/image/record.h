/* SPDX-License-Identifier: Apache-2.0 */
/*
 * record.h - what is written down about an image, and the snapshot made of it for everybody who
 * asks.
 *
 * A snapshot is immutable and counted; a change of names makes a new one. Everything here is pure
 * but for memory.
 */
#pragma once

#include "base/json.h"
#include "manifest.h"
#include "rt/image.h"

#define IMAGE_INDEX_VERSION 1

#define IMAGE_LAYER_RECORD_FIELDS(F)                                                               \
    F(value, const char *, media_type, "mediaType", 0)                                             \
    F(value, const char *, digest, "digest", 0) /* of the blob as it came; "" from docker save */  \
    F(value, int64_t, size, "size", 0)                                                             \
    F(value, const char *, diff_id, "diffID", 0) /* absent in artifacts */                         \
    F(value, const char *, chain, "chain", 0)    /* absent: kept as a blob */
JSON_STRUCT(image_layer_record, IMAGE_LAYER_RECORD_FIELDS);

#define IMAGE_RECORD_FIELDS(F)                                                                     \
    F(value, const char *, id, "id", JSON_REQUIRED)                                                \
    F(value, const char *, config_digest, "config", JSON_REQUIRED)                                 \
    F(value, const char *, manifest_digest, "manifest", 0)                                         \
    F(value, const char *, artifact_type, "artifactType", 0)                                       \
    F(values, const char *, tags, "tags", 0)       /* "docker.io/library/busybox:latest" */        \
    F(values, const char *, digests, "digests", 0) /* "docker.io/library/busybox@sha256:…" */    \
    F(value, int64_t, size, "size", 0)             /* of all blobs as they came */                 \
    F(objects, image_layer_record, layers, "layers", 0)                                            \
    F(value, const char *, unsynced_boot, "unsyncedBoot", 0) /* gone once the disk has it all */
JSON_STRUCT(image_record, IMAGE_RECORD_FIELDS);

#define IMAGE_INDEX_FIELDS(F)                                                                      \
    F(value, int64_t, version, "version", JSON_REQUIRED)                                           \
    F(objects, image_record, images, "images", JSON_ALWAYS)
JSON_STRUCT(image_index, IMAGE_INDEX_FIELDS);

/* One image in memory. detail is what others see. */
struct snapshot {
    unsigned refs;
    struct rt_image_detail detail;
    struct image_record record;
    struct arena *arena;   /* of detail and record, or of what differs from base */
    struct snapshot *base; /* NULL: none */
};

/* Copies record; manifest NULL: it came without one; spec NULL: an artifact whose configuration is
 * not an image's. root: of the store. */
struct snapshot *snapshot_new(const char *root, const struct image_record *record,
                              const struct image_document *manifest,
                              const struct image_spec *spec);
/* The same image under other names, or with another note about the disk. */
struct snapshot *snapshot_renamed(const struct snapshot *s, char *const *tags, char *const *digests,
                                  const char *unsynced_boot);
struct snapshot *snapshot_ref(struct snapshot *s);
struct snapshot *snapshot_unref(struct snapshot *s); /* NULL */
DEFINE_CLEANUP(struct snapshot *, snapshot_unref)

bool snapshot_has_name(const struct snapshot *s,
                       const char *name); /* a full reference, among tags and digests */

/* All images of the store at one moment. Sets are small: tens to hundreds. */
struct image_set {
    struct snapshot **items; /* one reference each */
    size_t len;
};
void image_set_done(struct image_set *set);
/* set with one image more: what had the same id gives its names to it, what had one of its names
 * loses that (a tag has moved; of one index, another entry was chosen). Takes the reference to s. */
struct image_set image_set_with(const struct image_set *set, struct snapshot *s);
struct image_set image_set_without(const struct image_set *set, const char *id);
struct image_set image_set_synced(const struct image_set *set); /* none has an unsynced_boot */
/* By id, with or without "sha256:", or its first 12 or more digits when they say it; by any
 * reference. NULL: not here. */
struct snapshot *image_set_find(const struct image_set *set, const char *image);

/* Names of the directories of those layers of s that no other image of the set has. Caller frees
 * with strv_free(). */
char **image_set_own_layers(const struct image_set *set, const struct snapshot *s);

/* Directory of an unpacked layer: <root>/layers/<24 digits of chain>. Short, because overlayfs
 * takes the lower directories of an image in one string of a page; the store sees to it that two
 * chains never share one. */
#define LAYER_NAME_DIGITS 24
char *layer_dir_path(const char *root, const char *chain);
char *blob_file_path(const char *root, const char *digest);
