/* SPDX-License-Identifier: Apache-2.0 */
/* sources.c - the kinds whose content is data: configMap, secret, downwardAPI, projected. */
#include <errno.h>

#include "base/err.h"
#include "kind.h"

static bool is_true(struct opt_bool b)
{
    return b.has && b.value;
}

static mode_t mode_or_0644(struct opt_i32 mode)
{
    return mode.has ? (mode_t)mode.value : 0644;
}

static const void *config_map_source(const struct k8s_volume *v)
{
    return v->config_map;
}

static int config_map_fill(const struct volume_request *req, const struct k8s_volume *v, const char *dir,
                           struct err *err)
{
    AUTO(payload_done) struct payload payload = { 0 };
    const struct k8s_config_map_volume_source *s = v->config_map;
    const struct payload_args args = { .req = req, .payload = &payload, .mode = mode_or_0644(s->default_mode),
                                       .user = s->default_user };

    if (payload_add_config_map(&args, s->name, is_true(s->optional), s->items.items, s->items.len, err) < 0)
        return err->code;
    return payload_write(dir, &payload, err);
}

static const void *secret_source(const struct k8s_volume *v)
{
    return v->secret;
}

static int secret_fill(const struct volume_request *req, const struct k8s_volume *v, const char *dir, struct err *err)
{
    AUTO(payload_done) struct payload payload = { 0 };
    const struct k8s_secret_volume_source *s = v->secret;
    const struct payload_args args = { .req = req, .payload = &payload, .mode = mode_or_0644(s->default_mode),
                                       .user = s->default_user };

    if (payload_add_secret(&args, s->secret_name, is_true(s->optional), s->items.items, s->items.len, err) < 0)
        return err->code;
    return payload_write(dir, &payload, err);
}

static const void *downward_api_source(const struct k8s_volume *v)
{
    return v->downward_api;
}

static int downward_api_fill(const struct volume_request *req, const struct k8s_volume *v, const char *dir,
                             struct err *err)
{
    AUTO(payload_done) struct payload payload = { 0 };
    const struct k8s_downward_api_volume_source *s = v->downward_api;
    const struct payload_args args = { .req = req, .payload = &payload, .mode = mode_or_0644(s->default_mode),
                                       .user = s->default_user };

    if (payload_add_downward_api(&args, s->items.items, s->items.len, err) < 0)
        return err->code;
    return payload_write(dir, &payload, err);
}

static const void *projected_source(const struct k8s_volume *v)
{
    return v->projected;
}

static int add_projection(const struct payload_args *args, const struct k8s_volume_projection *p, struct err *err)
{
    if (p->config_map)
        return payload_add_config_map(args, p->config_map->name, is_true(p->config_map->optional),
                                      p->config_map->items.items, p->config_map->items.len, err);
    if (p->secret)
        return payload_add_secret(args, p->secret->name, is_true(p->secret->optional), p->secret->items.items,
                                  p->secret->items.len, err);
    if (p->downward_api)
        return payload_add_downward_api(args, p->downward_api->items.items, p->downward_api->items.len, err);
    if (p->service_account_token)
        return payload_add_token(args, p->service_account_token, err);
    return err_set(err, -ENOTSUP, "a projected source of this kind is not supported by this node");
}

static const char *projected_lacks(const struct k8s_volume *v, struct buf *buf)
{
    for (size_t i = 0; i < v->projected->sources.len; i++) {
        const struct k8s_volume_projection *p = &v->projected->sources.items[i];
        const char *field = p->cluster_trust_bundle ? "clusterTrustBundle" : p->pod_certificate ? "podCertificate" : NULL;
        if (field && buf_printf(buf, "projected.sources[%zu].%s", i, field) == 0)
            return buf_str(buf);
    }
    return NULL;
}

static int projected_fill(const struct volume_request *req, const struct k8s_volume *v, const char *dir,
                          struct err *err)
{
    AUTO(payload_done) struct payload payload = { 0 };
    const struct k8s_projected_volume_source *s = v->projected;
    const struct payload_args args = { .req = req, .payload = &payload, .mode = mode_or_0644(s->default_mode),
                                       .user = s->default_user };

    for (size_t i = 0; i < s->sources.len; i++)
        if (add_projection(&args, &s->sources.items[i], err) < 0)
            return err->code;
    return payload_write(dir, &payload, err);
}

const struct volume_kind volume_config_map = {
    .field = "configMap", .folder = "kubernetes.io~configmap", .source = config_map_source, .fill = config_map_fill,
};
const struct volume_kind volume_secret = {
    .field = "secret", .folder = "kubernetes.io~secret", .source = secret_source, .fill = secret_fill, .in_memory = true,
};
const struct volume_kind volume_downward_api = {
    .field = "downwardAPI", .folder = "kubernetes.io~downward-api", .source = downward_api_source,
    .fill = downward_api_fill, .in_memory = true,
};
const struct volume_kind volume_projected = {
    .field = "projected", .folder = "kubernetes.io~projected", .source = projected_source, .fill = projected_fill,
    .lacks = projected_lacks, .in_memory = true,
};
