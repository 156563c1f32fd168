/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The rights of a container: its own securityContext, and where that is silent the pod's.
 * Spec: kubernetes.io, "Configure a Security Context for a Pod or Container".
 */
#include <errno.h>
#include <stdio.h>

#include "base/arena.h"
#include "base/str.h"
#include "translate.h"

static const struct k8s_security_context no_context;
static const struct k8s_pod_security_context no_pod_context;

static const struct k8s_security_context *own(const struct container_ref *c)
{
    return c->spec->security_context ? c->spec->security_context : &no_context;
}

static const struct k8s_pod_security_context *shared(const struct k8s_pod *pod)
{
    return pod->spec.security_context ? pod->spec.security_context : &no_pod_context;
}

static struct opt_i64 run_as_user(const struct k8s_pod *pod, const struct container_ref *c)
{
    return own(c)->run_as_user.has ? own(c)->run_as_user : shared(pod)->run_as_user;
}

static struct opt_i64 run_as_group(const struct k8s_pod *pod, const struct container_ref *c)
{
    return own(c)->run_as_group.has ? own(c)->run_as_group : shared(pod)->run_as_group;
}

static bool must_not_be_root(const struct k8s_pod *pod, const struct container_ref *c)
{
    struct opt_bool rule =
        own(c)->run_as_non_root.has ? own(c)->run_as_non_root : shared(pod)->run_as_non_root;
    return rule.has && rule.value;
}

bool translate_needs_image_user(const struct k8s_pod *pod, const struct container_ref *c)
{
    return must_not_be_root(pod, c) && !run_as_user(pod, c).has;
}

#define REFUSE(err, ...) err_set_reason(err, -EPERM, word_reason(WORD_CONFIG_ERROR), __VA_ARGS__)

static int check_non_root(const struct translate_container_in *in, struct err *err)
{
    struct opt_i64 user = run_as_user(in->pod, &in->ref);
    const char *container = in->ref.spec->name;
    char pod[640];
    if (!must_not_be_root(in->pod, &in->ref))
        return 0;
    (void)snprintf(pod, sizeof(pod), "%s_%s(%s)", in->pod->metadata.name,
                   in->pod->metadata.namespace, in->pod->metadata.uid);
    if (user.has && user.value == 0)
        return REFUSE(err,
                      "container's runAsUser breaks non-root policy (pod: \"%s\", container: %s)", pod,
                      container);
    if (user.has)
        return 0;
    if (!in->image_has_uid && !str_empty(in->image_username))
        return REFUSE(err,
                      "container has runAsNonRoot and image has non-numeric user (%s), cannot verify "
                      "user is non-root (pod: \"%s\", container: %s)",
                      in->image_username, pod, container);
    if (!in->image_has_uid || in->image_uid == 0)
        return REFUSE(err,
                      "container has runAsNonRoot and image will run as root (pod: \"%s\", container: "
                      "%s)",
                      pod, container);
    return 0;
}

static struct rt_strings capabilities(const char *const *items, size_t len, struct arena *arena)
{
    const char **names = arena_alloc(arena, (len + 1) * sizeof(*names));
    if (!names)
        return (struct rt_strings){ .len = 0 };
    for (size_t i = 0; i < len; i++)
        names[i] = str_has_prefix(items[i], "CAP_") ? items[i] + 4 : items[i];
    return (struct rt_strings){ names, len };
}

static int groups(const struct translate_container_in *in, struct arena *arena,
                  struct rt_security *ret)
{
    const struct k8s_pod_security_context *pod = shared(in->pod);
    size_t len = pod->supplemental_groups.len;
    int64_t *ids = arena_alloc(arena, (len + 1) * sizeof(*ids));
    if (!ids)
        return -E2BIG;
    for (size_t i = 0; i < len; i++)
        ids[i] = pod->supplemental_groups.items[i];
    if (pod->fs_group.has)
        ids[len++] = pod->fs_group.value;
    ret->supplemental_groups = ids;
    ret->supplemental_groups_len = len;
    ret->supplemental_groups_strict = str_eq(pod->supplemental_groups_policy, "Strict");
    return 0;
}

static void seccomp(const struct translate_container_in *in, struct arena *arena,
                    struct rt_security *ret)
{
    const struct k8s_seccomp_profile *profile = own(&in->ref)->seccomp_profile
                                                    ? own(&in->ref)->seccomp_profile
                                                    : shared(in->pod)->seccomp_profile;
    ret->seccomp = in->settings->seccomp_default && !ret->privileged ? RT_SECCOMP_RUNTIME_DEFAULT
                                                                     : RT_SECCOMP_UNCONFINED;
    if (!profile || ret->privileged)
        return;
    if (str_eq(profile->type, "RuntimeDefault"))
        ret->seccomp = RT_SECCOMP_RUNTIME_DEFAULT;
    else if (str_eq(profile->type, "Unconfined"))
        ret->seccomp = RT_SECCOMP_UNCONFINED;
    else if (str_eq(profile->type, "Localhost")) {
        ret->seccomp = RT_SECCOMP_LOCALHOST;
        ret->seccomp_localhost_path = arena_printf(arena, "%s/%s", in->settings->seccomp_dir,
                                                   str_or(profile->localhost_profile, ""));
    }
}

static enum rt_namespace_mode pid_mode(const struct translate_container_in *in)
{
    const struct k8s_pod_spec *spec = &in->pod->spec;
    if (spec->host_pid)
        return RT_NS_NODE;
    if (in->ref.target)
        return RT_NS_TARGET;
    bool share = spec->share_process_namespace.has && spec->share_process_namespace.value;
    return share ? RT_NS_POD : RT_NS_CONTAINER;
}

int translate_security(const struct translate_container_in *in, struct arena *arena,
                       struct rt_security *ret, struct err *err)
{
    const struct k8s_security_context *c = own(&in->ref);
    struct opt_i64 user = run_as_user(in->pod, &in->ref), group = run_as_group(in->pod, &in->ref);
    int r = check_non_root(in, err);
    if (r < 0)
        return r;
    *ret = (struct rt_security){
        .privileged = c->privileged.has && c->privileged.value,
        .readonly_rootfs = c->read_only_root_filesystem.has && c->read_only_root_filesystem.value,
        .no_new_privs = c->allow_privilege_escalation.has && !c->allow_privilege_escalation.value,
        .has_uid = user.has,
        .uid = user.value,
        .has_gid = group.has,
        .gid = group.value,
        .unmasked_proc = str_eq(c->proc_mount, "Unmasked"),
        .pid = pid_mode(in),
        .target_container_id = in->target_id,
    };
    if (ret->pid == RT_NS_TARGET && !in->target_id)
        return REFUSE(err, "unable to find target container %s", in->ref.target);
    if (c->capabilities) {
        const struct k8s_capabilities *caps = c->capabilities;
        ret->add_capabilities = capabilities(caps->add.items, caps->add.len, arena);
        ret->drop_capabilities = capabilities(caps->drop.items, caps->drop.len, arena);
    }
    seccomp(in, arena, ret);
    if (groups(in, arena, ret) < 0)
        return REFUSE(err, "the security context is too large");
    return 0;
}
