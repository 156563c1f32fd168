/* SPDX-License-Identifier: Apache-2.0 */
#include "decide/unsupported.h"

#include "base/arena.h"
#include "base/mem.h"
#include "base/str.h"

/* ---- fields of the pod ---- */

static bool init_containers(const struct k8s_pod *pod)
{
    return pod->spec.init_containers.len > 0;
}

static bool ephemeral_containers(const struct k8s_pod *pod)
{
    return pod->spec.ephemeral_containers.len > 0;
}

static bool host_users(const struct k8s_pod *pod)
{
    return pod->spec.host_users.has && !pod->spec.host_users.value;
}

static bool resource_claims(const struct k8s_pod *pod)
{
    return pod->spec.resource_claims.len > 0;
}

static bool fs_group(const struct k8s_pod *pod)
{
    return pod->spec.security_context && pod->spec.security_context->fs_group.has;
}

static bool pod_app_armor(const struct k8s_pod *pod)
{
    return pod->spec.security_context && pod->spec.security_context->app_armor_profile &&
           str_eq(pod->spec.security_context->app_armor_profile->type, "Localhost");
}

static const struct {
    const char *field;
    bool (*asks)(const struct k8s_pod *pod);
} pod_rows[] = {
    { "spec.initContainers", init_containers },
    { "spec.ephemeralContainers", ephemeral_containers },
    { "spec.hostUsers=false", host_users },
    { "spec.resourceClaims", resource_claims },
    { "spec.securityContext.fsGroup", fs_group },
    { "spec.securityContext.appArmorProfile.type=Localhost", pod_app_armor },
};

/* ---- fields of a container ---- */

static bool liveness(const struct k8s_container *c)
{
    return c->liveness_probe;
}

static bool readiness(const struct k8s_container *c)
{
    return c->readiness_probe;
}

static bool startup(const struct k8s_container *c)
{
    return c->startup_probe;
}

static bool post_start(const struct k8s_container *c)
{
    return c->lifecycle && c->lifecycle->post_start;
}

static bool pre_stop(const struct k8s_container *c)
{
    return c->lifecycle && c->lifecycle->pre_stop;
}

static bool volume_devices(const struct k8s_container *c)
{
    return c->volume_devices.len > 0;
}

static bool sub_path(const struct k8s_container *c)
{
    for (size_t i = 0; i < c->volume_mounts.len; i++)
        if (!str_empty(c->volume_mounts.items[i].sub_path))
            return true;
    return false;
}

static bool sub_path_expr(const struct k8s_container *c)
{
    for (size_t i = 0; i < c->volume_mounts.len; i++)
        if (!str_empty(c->volume_mounts.items[i].sub_path_expr))
            return true;
    return false;
}

static bool recursive_read_only(const struct k8s_container *c)
{
    for (size_t i = 0; i < c->volume_mounts.len; i++)
        if (str_eq(c->volume_mounts.items[i].recursive_read_only, "Enabled"))
            return true;
    return false;
}

static bool bind_mount_options(const struct k8s_container *c)
{
    for (size_t i = 0; i < c->volume_mounts.len; i++)
        if (c->volume_mounts.items[i].bind_mount_options.len)
            return true;
    return false;
}

static bool file_key_ref(const struct k8s_container *c)
{
    for (size_t i = 0; i < c->env.len; i++)
        if (c->env.items[i].value_from && c->env.items[i].value_from->file_key_ref)
            return true;
    return false;
}

static bool claims(const struct k8s_container *c)
{
    return c->resources.claims.len > 0;
}

static bool restart_all(const struct k8s_container *c)
{
    for (size_t i = 0; i < c->restart_policy_rules.len; i++)
        if (str_eq(c->restart_policy_rules.items[i].action, "RestartAllContainers"))
            return true;
    return false;
}

static bool proc_mount(const struct k8s_container *c)
{
    return c->security_context && str_eq(c->security_context->proc_mount, "Unmasked");
}

static bool app_armor(const struct k8s_container *c)
{
    return c->security_context && c->security_context->app_armor_profile &&
           str_eq(c->security_context->app_armor_profile->type, "Localhost");
}

static const struct {
    const char *field;
    bool (*asks)(const struct k8s_container *c);
} container_rows[] = {
    { "livenessProbe", liveness },
    { "readinessProbe", readiness },
    { "startupProbe", startup },
    { "lifecycle.postStart", post_start },
    { "lifecycle.preStop", pre_stop },
    { "volumeDevices", volume_devices },
    { "volumeMounts.subPath", sub_path },
    { "volumeMounts.subPathExpr", sub_path_expr },
    { "volumeMounts.recursiveReadOnly=Enabled", recursive_read_only },
    { "volumeMounts.bindMountOptions", bind_mount_options },
    { "env.valueFrom.fileKeyRef", file_key_ref },
    { "resources.claims", claims },
    { "restartPolicyRules.action=RestartAllContainers", restart_all },
    { "securityContext.procMount=Unmasked", proc_mount },
    { "securityContext.appArmorProfile.type=Localhost", app_armor },
};

static const char *find_field(const struct k8s_pod *pod, struct arena *arena)
{
    for (size_t i = 0; i < ARRAY_LEN(pod_rows); i++)
        if (pod_rows[i].asks(pod))
            return pod_rows[i].field;
    for (size_t i = 0; i < containers_len(pod); i++) {
        struct container_ref c = containers_at(pod, i);
        for (size_t n = 0; n < ARRAY_LEN(container_rows); n++)
            if (container_rows[n].asks(c.spec))
                return arena_printf(arena, "spec.%s[%zu].%s", container_traits(c.kind)->list, c.index,
                                    container_rows[n].field);
    }
    return NULL;
}

const char *unsupported_message(const struct k8s_pod *pod, const struct json_paths *unknown,
                                const char *volume, struct arena *arena)
{
    const char *field = find_field(pod, arena);
    if (!field)
        field = volume;
    if (!field && unknown && unknown->len)
        return arena_printf(arena, "%s is not known to this version of oarsman", unknown->items[0]);
    return field ? arena_printf(arena, "%s is not supported by oarsman yet", field) : NULL;
}
