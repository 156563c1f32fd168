/* SPDX-License-Identifier: Apache-2.0 */
#include "manifest.h"

#include <errno.h>
#include <stdio.h>

#include "base/err.h"
#include "base/limits.h"
#include "base/mem.h"
#include "base/str.h"

JSON_TYPE(image_platform, IMAGE_PLATFORM_FIELDS);
JSON_TYPE(image_descriptor, IMAGE_DESCRIPTOR_FIELDS);
JSON_TYPE(image_document, IMAGE_DOCUMENT_FIELDS);
JSON_TYPE(image_nothing, IMAGE_NOTHING_FIELDS);
JSON_DICT_TYPE(image_nothing);
JSON_TYPE(image_run, IMAGE_RUN_FIELDS);
JSON_TYPE(image_rootfs, IMAGE_ROOTFS_FIELDS);
JSON_TYPE(image_spec, IMAGE_SPEC_FIELDS);

#define OCI    "application/vnd.oci.image."
#define DOCKER "application/vnd.docker."

const char manifest_accept[] =
    OCI "index.v1+json, " OCI "manifest.v1+json, " DOCKER
        "distribution.manifest.list.v2+json, " DOCKER "distribution.manifest.v2+json, */*";

bool manifest_is_index(const struct image_document *d)
{
    return d->manifests.len > 0 ||
           (!d->config && d->media_type && strstr(d->media_type, "index.v1"));
}

static bool is_one_of(const char *text, const char *const *list, size_t len)
{
    for (size_t i = 0; i < len; i++)
        if (str_eq(text, list[i]))
            return true;
    return false;
}

bool manifest_is_image_config(const struct image_descriptor *config)
{
    static const char *const types[] = { OCI "config.v1+json", DOCKER "container.image.v1+json" };
    return is_one_of(config->media_type, types, ARRAY_LEN(types));
}

bool manifest_is_tar_layer(const struct image_descriptor *layer)
{
    static const char *const types[] = {
        OCI "layer.v1.tar",
        OCI "layer.v1.tar+gzip",
        OCI "layer.v1.tar+zstd",
        OCI "layer.nondistributable.v1.tar",
        OCI "layer.nondistributable.v1.tar+gzip",
        OCI "layer.nondistributable.v1.tar+zstd",
        DOCKER "image.rootfs.diff.tar",
        DOCKER "image.rootfs.diff.tar.gzip",
        DOCKER "image.rootfs.diff.tar.zstd",
        DOCKER "image.rootfs.foreign.diff.tar.gzip",
    };
    return is_one_of(layer->media_type, types, ARRAY_LEN(types));
}

static int check_descriptor(const struct image_descriptor *d, int64_t max_bytes, const char *what,
                            size_t i, struct err *err)
{
    int rc = digest_check(d->digest, err);
    if (rc < 0) {
        (void)err_wrap(err, "%s[%zu]", what, i);
        return rc;
    }
    if (d->size < 0 || d->size > max_bytes)
        return err_set(err, -E2BIG, "%s[%zu]: a size of %lld bytes is not accepted", what, i,
                       (long long)d->size);
    return 0;
}

static int check_index(const struct image_document *d, struct err *err)
{
    if (d->config || d->layers.len)
        return err_set(err, -EINVAL, "it claims to be both an index and a manifest");
    for (size_t i = 0; i < d->manifests.len; i++) {
        int rc = check_descriptor(&d->manifests.items[i], INT64_MAX, "manifests", i, err);
        if (rc < 0)
            return rc;
    }
    return 0;
}

static int check_annotations(const struct image_document *d, struct err *err)
{
    size_t bytes = 0;
    for (size_t i = 0; i < d->annotations.len; i++)
        bytes += strlen(d->annotations.items[i].key) +
                 strlen(str_or(d->annotations.items[i].value, ""));
    if (bytes > LIMIT_IMAGE_ANNOTATIONS_BYTES)
        return err_set(err, -E2BIG, "annotations of %zu bytes: more than %llu are not accepted",
                       bytes, LIMIT_IMAGE_ANNOTATIONS_BYTES);
    return 0;
}

static int check_manifest(const struct image_document *d, struct err *err)
{
    if (d->schema_version == 1)
        return err_set(err, -EOPNOTSUPP,
                       "it is a Docker manifest of schema 1, which is not supported any more");
    if (!d->config)
        return err_set(err, -EINVAL,
                       "it is neither a manifest (no config) nor an index (no manifests)");
    if (d->layers.len > LIMIT_IMAGE_LAYERS)
        return err_set(err, -E2BIG, "%zu layers: more than %d are not accepted", d->layers.len,
                       LIMIT_IMAGE_LAYERS);
    int rc = check_annotations(d, err);
    if (rc == 0)
        rc = check_descriptor(d->config, LIMIT_IMAGE_CONFIG_BYTES, "config", 0, err);
    for (size_t i = 0; rc == 0 && i < d->layers.len; i++)
        rc = check_descriptor(&d->layers.items[i], (int64_t)LIMIT_IMAGE_LAYER_BYTES, "layers", i,
                              err);
    return rc;
}

int manifest_decode(const void *data, size_t len, struct arena *arena, struct image_document *ret,
                    struct err *err)
{
    struct json_decode_opts opts = { .max_bytes = LIMIT_IMAGE_MANIFEST_BYTES };
    struct image_document d;
    int rc = json_decode(&image_document_type, data, len, &opts, arena, &d, err);
    if (rc == 0)
        rc = manifest_is_index(&d) ? check_index(&d, err) : check_manifest(&d, err);
    if (rc < 0) {
        (void)err_wrap(err, "manifest");
        return rc;
    }
    *ret = d;
    return 0;
}

int manifest_decode_spec(const void *data, size_t len, struct arena *arena, struct image_spec *ret,
                         struct err *err)
{
    struct json_decode_opts opts = { .max_bytes = LIMIT_IMAGE_CONFIG_BYTES };
    int rc = json_decode(&image_spec_type, data, len, &opts, arena, ret, err);
    if (rc < 0)
        (void)err_wrap(err, "image configuration");
    return rc;
}

void manifest_of_module(const char *digest, int64_t size_bytes, struct buf *ret)
{
    char empty[DIGEST_TEXT_MAX];
    digest_of(NULL, MANIFEST_EMPTY_CONFIG, strlen(MANIFEST_EMPTY_CONFIG), empty);
    const struct image_descriptor config = {
        .media_type = "application/vnd.oci.empty.v1+json",
        .digest = empty,
        .size = (int64_t)strlen(MANIFEST_EMPTY_CONFIG),
    };
    const struct image_descriptor layer = {
        .media_type = "application/wasm",
        .digest = digest,
        .size = size_bytes,
    };
    const struct image_document d = {
        .schema_version = 2,
        .media_type = OCI "manifest.v1+json",
        .artifact_type = "application/vnd.wasm.config.v0+json",
        .config = &config,
        .layers = { &layer, 1 },
    };
    buf_init(ret, LIMIT_IMAGE_MANIFEST_BYTES);
    if (json_encode(&image_document_type, &d, ret) < 0)
        abort(); /* some hundred bytes */
}

static size_t tar_layers_below(const struct image_document *d, size_t end)
{
    size_t n = 0;
    for (size_t i = 0; i < end; i++)
        n += manifest_is_tar_layer(&d->layers.items[i]);
    return n;
}

bool manifest_only_tar_layers(const struct image_document *d)
{
    return tar_layers_below(d, d->layers.len) == d->layers.len;
}

const char *manifest_diff_id(const struct image_document *d, const struct image_spec *spec,
                             size_t i)
{
    bool all = spec->rootfs.diff_ids.len == d->layers.len;
    return spec->rootfs.diff_ids.items[all ? i : tar_layers_below(d, i)];
}

int manifest_check_layers(const struct image_document *d, const struct image_spec *spec,
                          struct err *err)
{
    size_t n = spec->rootfs.diff_ids.len;
    if (n != d->layers.len && n != tar_layers_below(d, d->layers.len))
        return err_set(err, -EINVAL,
                       "image configuration: rootfs.diff_ids has %zu entries for %zu layers", n,
                       d->layers.len);
    for (size_t i = 0; i < n; i++) {
        int rc = digest_check(spec->rootfs.diff_ids.items[i], err);
        if (rc < 0) {
            (void)err_wrap(err, "image configuration: rootfs.diff_ids[%zu]", i);
            return rc;
        }
    }
    return 0;
}

/* ---- choosing by platform ---- */

enum {
    FIT_NONE,
    FIT_UNNAMED,
    FIT_OTHER_VARIANT,
    FIT_NO_VARIANT,
    FIT_LOWER,
    FIT_EXACT = FIT_LOWER + 10
};

static const char *variant_of(const char *architecture, const char *variant)
{
    static const struct {
        const char *architecture, *variant;
    } usual[] = { { "amd64", "v1" }, { "arm", "v7" }, { "arm64", "v8" } };
    for (size_t i = 0; str_empty(variant) && i < ARRAY_LEN(usual); i++)
        if (str_eq(architecture, usual[i].architecture))
            return usual[i].variant;
    return str_or(variant, "");
}

static int fit_variant(const struct rt_platform *wanted, const struct image_platform *p)
{
    const char *want = variant_of(wanted->architecture, wanted->variant);
    const char *have = variant_of(p->architecture, p->variant);
    if (str_eq(want, have))
        return FIT_EXACT;
    if (str_empty(p->variant))
        return FIT_NO_VARIANT;
    bool numbered = want[0] == 'v' && have[0] == 'v' && want[1] && have[1] && !want[2] && !have[2];
    if (numbered) /* v5 … v9: what runs a higher one runs the lower ones */
        return have[1] < want[1] ? FIT_LOWER + (9 - (want[1] - have[1])) : FIT_NONE;
    return str_empty(wanted->variant) ? FIT_NONE : FIT_OTHER_VARIANT;
}

static int fit(const struct rt_platform *wanted, const struct image_descriptor *d)
{
    const struct image_platform *p = d->platform;
    if (!p || (str_empty(p->os) && str_empty(p->architecture)))
        return FIT_UNNAMED;
    if (!str_eq(p->os, wanted->os) || !str_eq(p->architecture, wanted->architecture))
        return FIT_NONE;
    return fit_variant(wanted, p);
}

static int no_platform(const struct image_document *index, const struct rt_platform *wanted,
                       size_t wanted_len, struct err *err)
{
    struct buf have = BUF_INIT(512), want = BUF_INIT(512);
    for (size_t i = 0; i < wanted_len; i++)
        (void)buf_printf(&want, "%s%s/%s",
                         i == 0                 ? ""
                         : i + 1 == wanted_len ? " or "
                                               : ", ",
                         wanted[i].os, wanted[i].architecture);
    for (size_t i = 0; i < index->manifests.len; i++) {
        const struct image_platform *p = index->manifests.items[i].platform;
        if (p)
            (void)buf_printf(&have, "%s%s/%s%s%s", have.len ? ", " : "", str_or(p->os, "?"),
                             str_or(p->architecture, "?"), str_empty(p->variant) ? "" : "/",
                             str_or(p->variant, ""));
    }
    int rc =
        err_set(err, -ENOENT, "no match for platform in manifest: %s is wanted, there is %s",
                str_or(buf_str(&want), "?"), str_or(buf_str(&have), "none"));
    buf_done(&want);
    buf_done(&have);
    return rc;
}

int manifest_choose(const struct image_document *index, const struct rt_platform *wanted,
                    size_t wanted_len, const struct image_descriptor **ret, struct err *err)
{
    const struct image_descriptor *unnamed = NULL;
    for (size_t w = 0; w < wanted_len; w++) {
        const struct image_descriptor *best = NULL;
        int best_fit = FIT_UNNAMED;
        for (size_t i = 0; i < index->manifests.len; i++) {
            const struct image_descriptor *d = &index->manifests.items[i];
            int f = fit(&wanted[w], d);
            if (f == FIT_UNNAMED && !unnamed)
                unnamed = d;
            if (f > best_fit) {
                best = d;
                best_fit = f;
            }
        }
        if (best) {
            *ret = best;
            return 0;
        }
    }
    if (!unnamed)
        return no_platform(index, wanted, wanted_len, err);
    *ret = unnamed;
    return 0;
}

void manifest_chain(const char *below, const char *diff_id, char ret[DIGEST_TEXT_MAX])
{
    char both[2 * DIGEST_TEXT_MAX + 1];
    if (!below) {
        (void)snprintf(ret, DIGEST_TEXT_MAX, "%s", diff_id);
        return;
    }
    int len = snprintf(both, sizeof(both), "%s %s", below, diff_id);
    digest_of(NULL, both, (size_t)len, ret);
}
