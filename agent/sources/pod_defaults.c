/* SPDX-License-Identifier: Apache-2.0 */
/*
 * pod_defaults.c - the defaults of core/v1 Pod that an API server fills in at admission.
 * Spec: the "+optional … defaults to" notes of the core/v1 types.
 */
#include "sources/manifest.h"

#include "base/arena.h"
#include "base/mem.h"
#include "base/str.h"
#include "k8s/pod.h"
#include "pod_private.h"

static void default_string(const char **s, const char *value)
{
    if (str_empty(*s))
        *s = value;
}

static void default_i32(int32_t *n, int32_t value)
{
    if (*n == 0)
        *n = value;
}

/* Always for the tag "latest", which is meant when there is neither a tag nor a digest. The file of a node has none,
 * whatever is in its name. */
static const char *pull_policy_of(const char *image)
{
    if (image && str_has_prefix(image, "file:/"))
        return "Always";
    size_t len = strcspn(str_or(image, ""), "@");
    AUTO(free) char *tagged = xstrndup(str_or(image, ""), len);
    const char *slash = strrchr(tagged, '/');
    const char *colon = strchr(slash ? slash : tagged, ':');
    bool has_digest = image && image[len] == '@';

    return colon ? (str_eq(colon, ":latest") ? "Always" : "IfNotPresent") : has_digest ? "IfNotPresent" : "Always";
}

static bool has_resource(const struct k8s_resource_list *list, const char *name)
{
    for (size_t i = 0; i < list->len; i++)
        if (str_eq(list->items[i].name, name))
            return true;
    return false;
}

/* A limit without a request is also the request. */
static int default_requests(struct k8s_resource_requirements *r, struct arena *arena)
{
    struct k8s_resource *items = arena_alloc(arena, (r->requests.len + r->limits.len + 1) * sizeof(*items));
    size_t n = 0;

    if (!items)
        return -1;
    for (size_t i = 0; i < r->requests.len; i++)
        items[n++] = r->requests.items[i];
    for (size_t i = 0; i < r->limits.len; i++)
        if (!has_resource(&r->requests, r->limits.items[i].name))
            items[n++] = r->limits.items[i];
    r->requests.items = items;
    r->requests.len = n;
    return 0;
}

static int default_ports(struct k8s_container *c, bool host_network, struct arena *arena)
{
    struct k8s_container_port *ports = arena_copy(arena, c->ports.items, c->ports.len * sizeof(*ports));

    if (!ports)
        return -1;
    for (size_t i = 0; i < c->ports.len; i++) {
        default_string(&ports[i].protocol, "TCP");
        if (host_network)
            default_i32(&ports[i].host_port, ports[i].container_port);
    }
    c->ports.items = ports;
    return 0;
}

static int default_env(struct k8s_container *c, struct arena *arena)
{
    struct k8s_env_var *env = arena_copy(arena, c->env.items, c->env.len * sizeof(*env));

    if (!env)
        return -1;
    for (size_t i = 0; i < c->env.len; i++) {
        const struct k8s_env_var_source *from = env[i].value_from;
        if (!from || !from->field_ref || !str_empty(from->field_ref->api_version))
            continue;
        struct k8s_env_var_source *source = arena_copy(arena, from, sizeof(*from));
        struct k8s_object_field_selector *field = arena_copy(arena, from->field_ref, sizeof(*field));
        if (!source || !field)
            return -1;
        field->api_version = "v1";
        source->field_ref = field;
        env[i].value_from = source;
    }
    c->env.items = env;
    return 0;
}

static int default_http_get(const struct k8s_http_get_action **get, struct arena *arena)
{
    struct k8s_http_get_action *copy = *get ? arena_copy(arena, *get, sizeof(*copy)) : NULL;

    if (!*get)
        return 0;
    if (!copy)
        return -1;
    default_string(&copy->path, "/");
    default_string(&copy->scheme, "HTTP");
    *get = copy;
    return 0;
}

static int default_probe(const struct k8s_probe **probe, struct arena *arena)
{
    struct k8s_probe *copy = *probe ? arena_copy(arena, *probe, sizeof(*copy)) : NULL;

    if (!*probe)
        return 0;
    if (!copy || default_http_get(&copy->http_get, arena) < 0)
        return -1;
    default_i32(&copy->timeout_seconds, 1);
    default_i32(&copy->period_seconds, 10);
    default_i32(&copy->success_threshold, 1);
    default_i32(&copy->failure_threshold, 3);
    *probe = copy;
    return 0;
}

static int default_hook(const struct k8s_lifecycle_handler **hook, struct arena *arena)
{
    struct k8s_lifecycle_handler *copy = *hook ? arena_copy(arena, *hook, sizeof(*copy)) : NULL;

    if (!*hook)
        return 0;
    if (!copy || default_http_get(&copy->http_get, arena) < 0)
        return -1;
    *hook = copy;
    return 0;
}

static int default_lifecycle(const struct k8s_lifecycle **lifecycle, struct arena *arena)
{
    struct k8s_lifecycle *copy = *lifecycle ? arena_copy(arena, *lifecycle, sizeof(*copy)) : NULL;

    if (!*lifecycle)
        return 0;
    if (!copy || default_hook(&copy->post_start, arena) < 0 || default_hook(&copy->pre_stop, arena) < 0)
        return -1;
    *lifecycle = copy;
    return 0;
}

static int default_container(struct k8s_container *c, bool host_network, struct arena *arena)
{
    default_string(&c->termination_message_path, "/dev/termination-log");
    default_string(&c->termination_message_policy, "File");
    default_string(&c->image_pull_policy, pull_policy_of(c->image));
    if (default_requests(&c->resources, arena) < 0 || default_ports(c, host_network, arena) < 0 ||
        default_probe(&c->liveness_probe, arena) < 0 || default_probe(&c->readiness_probe, arena) < 0 ||
        default_probe(&c->startup_probe, arena) < 0 || default_lifecycle(&c->lifecycle, arena) < 0)
        return -1;
    return default_env(c, arena);
}

static struct k8s_container *default_containers(const struct k8s_container *items, size_t len, bool host_network,
                                                struct arena *arena)
{
    struct k8s_container *copy = arena_copy(arena, items, len * sizeof(*copy));

    for (size_t i = 0; copy && i < len; i++)
        if (default_container(&copy[i], host_network, arena) < 0)
            return NULL;
    return copy;
}

static const struct opt_i32 mode_0644 = { .has = true, .value = 0644 };

#define DEFAULT_MODE(volume, member, type, arena)                                                 \
    do {                                                                                          \
        if ((volume)->member && !(volume)->member->default_mode.has) {                            \
            struct type *source_ = arena_copy((arena), (volume)->member, sizeof(*source_));       \
            if (!source_)                                                                         \
                return -1;                                                                        \
            source_->default_mode = mode_0644;                                                    \
            (volume)->member = source_;                                                           \
        }                                                                                         \
    } while (0)

static int default_tokens(const struct k8s_projected_volume_source **projected, struct arena *arena)
{
    static const struct opt_i64 hour_s = { .has = true, .value = 3600 };
    struct k8s_projected_volume_source *copy = arena_copy(arena, *projected, sizeof(*copy));
    struct k8s_volume_projection *sources =
        copy ? arena_copy(arena, copy->sources.items, copy->sources.len * sizeof(*sources)) : NULL;

    if (!sources)
        return -1;
    for (size_t i = 0; i < copy->sources.len; i++) {
        const struct k8s_service_account_token_projection *t = sources[i].service_account_token;
        if (!t || t->expiration_seconds.has)
            continue;
        struct k8s_service_account_token_projection *token = arena_copy(arena, t, sizeof(*t));
        if (!token)
            return -1;
        token->expiration_seconds = hour_s;
        sources[i].service_account_token = token;
    }
    copy->sources.items = sources;
    *projected = copy;
    return 0;
}

static int default_volume(struct k8s_volume *v, struct arena *arena)
{
    static const struct k8s_empty_dir_volume_source empty_dir;

    if (volume_sources(v) == 0)
        v->empty_dir = &empty_dir;
    DEFAULT_MODE(v, secret, k8s_secret_volume_source, arena);
    DEFAULT_MODE(v, config_map, k8s_config_map_volume_source, arena);
    DEFAULT_MODE(v, downward_api, k8s_downward_api_volume_source, arena);
    DEFAULT_MODE(v, projected, k8s_projected_volume_source, arena);
    return v->projected ? default_tokens(&v->projected, arena) : 0;
}

static int default_volumes(struct k8s_pod_spec *spec, struct arena *arena)
{
    struct k8s_volume *volumes = arena_copy(arena, spec->volumes.items, spec->volumes.len * sizeof(*volumes));

    for (size_t i = 0; volumes && i < spec->volumes.len; i++)
        if (default_volume(&volumes[i], arena) < 0)
            return -1;
    spec->volumes.items = volumes;
    return volumes ? 0 : -1;
}

static int default_spec(struct k8s_pod_spec *spec, struct arena *arena)
{
    static const struct opt_i64 grace_30_s = { .has = true, .value = 30 };
    static const struct opt_bool yes = { .has = true, .value = true };
    static const struct k8s_pod_security_context no_security_context;

    default_string(&spec->restart_policy, "Always");
    default_string(&spec->dns_policy, "ClusterFirst");
    default_string(&spec->scheduler_name, "default-scheduler");
    if (!spec->termination_grace_period_seconds.has)
        spec->termination_grace_period_seconds = grace_30_s;
    if (!spec->enable_service_links.has)
        spec->enable_service_links = yes;
    if (!spec->security_context)
        spec->security_context = &no_security_context;
    spec->containers.items =
        default_containers(spec->containers.items, spec->containers.len, spec->host_network, arena);
    spec->init_containers.items =
        default_containers(spec->init_containers.items, spec->init_containers.len, spec->host_network, arena);
    if (!spec->containers.items || !spec->init_containers.items)
        return -1;
    return default_volumes(spec, arena);
}

struct k8s_pod *pod_with_defaults(const struct k8s_pod *pod, struct arena *arena)
{
    struct k8s_pod *copy = arena_copy(arena, pod, sizeof(*pod));

    if (!copy || default_spec(&copy->spec, arena) < 0)
        return NULL;
    default_string(&copy->api_version, "v1");
    default_string(&copy->kind, "Pod");
    default_string(&copy->metadata.namespace, "default");
    return copy;
}
