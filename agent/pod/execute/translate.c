/* SPDX-License-Identifier: Apache-2.0 */
#include "translate.h"

#include <errno.h>

#include "base/arena.h"
#include "base/limits.h"
#include "base/mem.h"
#include "base/str.h"
#include "environment/environment.h"
#include "k8s/runtime_class.h"
#include "rt/wasm.h"

#define TERMINATION_PATH "/dev/termination-log"

static int too_large(struct err *err, const char *reason)
{
    return err_set_reason(err, -E2BIG, reason, "the pod is too large");
}

/* ---- what both have ---- */

const char *translate_cgroup(const struct pod_settings *settings, const struct k8s_pod *pod,
                             struct arena *arena)
{
    static const char *const folders[QOS_NR] = {
        [QOS_GUARANTEED] = "",
        [QOS_BURSTABLE] = "/burstable",
        [QOS_BEST_EFFORT] = "/besteffort",
    };
    return arena_printf(arena, "%s%s/pod%s", settings->cgroup_root, folders[pod_qos(pod)],
                        pod->metadata.uid);
}

const char *translate_hash(const struct k8s_container *c, struct arena *arena)
{
    const char *text = arena_printf(arena, "%s\n%s", c->name, str_or(c->image, ""));
    return text ? arena_printf(arena, "%llx", (unsigned long long)str_hash(text, strlen(text))) : NULL;
}

static struct rt_labels pod_labels(const struct k8s_pod *pod, const char *container,
                                   struct arena *arena)
{
    struct rt_label *items = arena_alloc(arena, 4 * sizeof(*items));
    size_t len = 0;
    if (!items)
        return (struct rt_labels){ .len = 0 };
    if (container)
        items[len++] = (struct rt_label){ "io.kubernetes.container.name", container };
    items[len++] = (struct rt_label){ "io.kubernetes.pod.name", pod->metadata.name };
    items[len++] = (struct rt_label){ "io.kubernetes.pod.namespace", pod->metadata.namespace };
    items[len++] = (struct rt_label){ "io.kubernetes.pod.uid", pod->metadata.uid };
    return (struct rt_labels){ items, len };
}

/* ---- the sandbox ---- */

static struct rt_labels pod_annotations(const struct k8s_pod *pod, struct arena *arena)
{
    const struct json_map *from = &pod->metadata.annotations;
    struct rt_label *items = arena_alloc(arena, (from->len + 1) * sizeof(*items));
    size_t len = 0;
    for (size_t i = 0; items && i < from->len; i++)
        if (!str_eq(from->items[i].key, "kubectl.kubernetes.io/last-applied-configuration"))
            items[len++] = (struct rt_label){ from->items[i].key, from->items[i].value };
    return (struct rt_labels){ items, len };
}

static enum rt_protocol protocol_of(const char *name)
{
    return str_eq(name, "UDP") ? RT_UDP : str_eq(name, "SCTP") ? RT_SCTP : RT_TCP;
}

static struct rt_resources to_rt(struct compute c, int64_t pids)
{
    return (struct rt_resources){
        .cpu_shares = c.cpu_shares,
        .cpu_quota_us = c.cpu_quota_us,
        .cpu_period_us = c.cpu_period_us,
        .memory_bytes = c.memory_bytes,
        .pids = pids,
        .oom_score_adj = c.oom_score_adj,
    };
}

static int ports(const struct k8s_pod *pod, struct arena *arena, struct rt_sandbox_config *config)
{
    size_t all = 0, len = 0;
    for (size_t i = 0; i < containers_len(pod); i++)
        all += containers_at(pod, i).spec->ports.len;
    struct rt_port_mapping *items = arena_alloc(arena, (all + 1) * sizeof(*items));
    if (!items)
        return -E2BIG;
    for (size_t i = 0; i < containers_len(pod); i++) {
        const struct k8s_container *c = containers_at(pod, i).spec;
        for (size_t n = 0; n < c->ports.len; n++) {
            const struct k8s_container_port *p = &c->ports.items[n];
            if (p->host_port > 0 && p->host_port < 65536 && p->container_port > 0 &&
                p->container_port < 65536)
                items[len++] = (struct rt_port_mapping){
                    .protocol = protocol_of(p->protocol),
                    .container_port = (uint16_t)p->container_port,
                    .host_port = (uint16_t)p->host_port,
                    .host_ip = p->host_ip,
                };
        }
    }
    config->ports = items;
    config->ports_len = pod->spec.host_network ? 0 : len;
    return 0;
}

static int sysctls(const struct k8s_pod *pod, struct arena *arena, struct rt_sandbox_config *config)
{
    const struct k8s_pod_security_context *context = pod->spec.security_context;
    size_t len = context ? context->sysctls.len : 0;
    struct rt_sysctl *items = arena_alloc(arena, (len + 1) * sizeof(*items));
    if (!items)
        return -E2BIG;
    for (size_t i = 0; i < len; i++)
        items[i] =
            (struct rt_sysctl){ context->sysctls.items[i].name, context->sysctls.items[i].value };
    config->sysctls = items;
    config->sysctls_len = len;
    return 0;
}

static enum rt_namespace_mode pid_mode(const struct k8s_pod_spec *spec)
{
    if (spec->host_pid)
        return RT_NS_NODE;
    bool share = spec->share_process_namespace.has && spec->share_process_namespace.value;
    return share ? RT_NS_POD : RT_NS_CONTAINER;
}

int translate_sandbox(const struct pod_settings *settings, const struct k8s_pod *pod,
                      uint32_t attempt, struct arena *arena, struct rt_sandbox_config *config,
                      struct err *err)
{
    const char *reason = word_reason(WORD_SANDBOX_FAILED);
    struct pod_names names;
    struct dns_config dns;
    int r = translate_names(settings, pod, arena, &names, err);
    if (r < 0)
        return r;
    if (translate_dns(settings, pod, arena, &dns) < 0)
        return too_large(err, reason);
    *config = (struct rt_sandbox_config){
        .uid = pod->metadata.uid,
        .name = pod->metadata.name,
        .namespace_ = pod->metadata.namespace,
        .attempt = attempt,
        .hostname = names.hostname,
        .log_directory = arena_printf(arena, "%s/%s_%s_%s", settings->logs_dir,
                                      pod->metadata.namespace, pod->metadata.name, pod->metadata.uid),
        .dns_servers = dns.servers,
        .dns_searches = dns.searches,
        .dns_options = dns.options,
        .labels = pod_labels(pod, NULL, arena),
        .annotations = pod_annotations(pod, arena),
        .cgroup_parent = translate_cgroup(settings, pod, arena),
        .resources = to_rt(pod_compute(pod, &settings->compute), settings->pids_limit),
        .network = pod->spec.host_network ? RT_NS_NODE : RT_NS_POD,
        .pid = pid_mode(&pod->spec),
        .ipc = pod->spec.host_ipc ? RT_NS_NODE : RT_NS_POD,
        .runtime_handler = "",
    };
    if (ports(pod, arena, config) < 0 || sysctls(pod, arena, config) < 0 || !config->log_directory ||
        !config->cgroup_parent)
        return too_large(err, reason);
    return 0;
}

int translate_handler(const struct k8s_pod *pod, const struct fetched_set *set, const struct rt_runtime *runtime,
                      const char **ret, struct err *err)
{
    const char *reason = word_reason(WORD_SANDBOX_FAILED), *name = pod->spec.runtime_class_name;
    const struct k8s_runtime_class *class =
        K8S_OBJECT_AS(fetched_get(set, REFERENCE_RUNTIME_CLASS, name), k8s_runtime_class);
    const char *handler = class ? str_or(class->handler, "") : "";
    if (!str_empty(name) && !class)
        return err_set_reason(err, -ENOENT, reason, "runtimeclass.node.k8s.io \"%s\" not found", name);
    if (!str_empty(name) && !rt_handlers_have(runtime->handlers, runtime->handlers_len, handler))
        return err_set_reason(err, -ENOENT, reason,
                              "failed to get sandbox runtime: no runtime for \"%s\" is configured", handler);
    *ret = handler;
    return 0;
}

bool translate_prefers_wasm(const struct k8s_pod *pod, const struct fetched_set *set, const struct rt_runtime *runtime)
{
    const char *handler = NULL;
    if (translate_handler(pod, set, runtime, &handler, NULL) < 0)
        return false;
    for (size_t i = 0; i < runtime->handlers_len; i++)
        if (str_eq(runtime->handlers[i].name, handler))
            return runtime->handlers[i].wasm;
    return false;
}

/* ---- the container ---- */

static struct rt_strings expand(const struct env *env, const char *const *items, size_t len,
                                struct arena *arena)
{
    const char **out = arena_alloc(arena, (len + 1) * sizeof(*out));
    for (size_t i = 0; out && i < len; i++)
        out[i] = env_expand(env, items[i], arena);
    return (struct rt_strings){ out, out ? len : 0 };
}

static int environment(const struct translate_container_in *in, struct arena *arena,
                       struct rt_container_config *config, const char **ret_skipped, struct err *err)
{
    const struct k8s_container *c = in->ref.spec;
    AUTO(env_done) struct env env;
    env_init(&env, arena);
    int r = env_build(&env, in->pod, c, in->facts, in->fetched, ret_skipped, err);
    if (r < 0)
        return r;
    struct rt_label *envs = arena_alloc(arena, (env.len + 1) * sizeof(*envs));
    if (!envs)
        return too_large(err, word_reason(WORD_CONFIG_ERROR));
    for (size_t i = 0; i < env.len; i++)
        envs[i] = (struct rt_label){ env.items[i].name, env.items[i].value };
    config->envs = envs;
    config->envs_len = env.len;
    config->command = expand(&env, c->command.items, c->command.len, arena);
    config->args = expand(&env, c->args.items, c->args.len, arena);
    return 0;
}

static enum rt_mount_propagation propagation_of(const char *word)
{
    if (str_eq(word, "Bidirectional"))
        return RT_PROPAGATION_BIDIRECTIONAL;
    return str_eq(word, "HostToContainer") ? RT_PROPAGATION_HOST_TO_CONTAINER
                                           : RT_PROPAGATION_PRIVATE;
}

/* What the cluster's objects say, no container may change, whether or not it asks for that. */
static bool is_readonly(const struct k8s_pod *pod, const char *volume)
{
    for (size_t i = 0; i < pod->spec.volumes.len; i++) {
        const struct k8s_volume *v = &pod->spec.volumes.items[i];
        if (str_eq(v->name, volume))
            return v->config_map || v->secret || v->downward_api || v->projected;
    }
    return false;
}

static int mounts(const struct translate_container_in *in, struct arena *arena,
                  struct rt_container_config *config, struct err *err)
{
    const struct k8s_container *c = in->ref.spec;
    struct rt_mount *items = arena_alloc(arena, (c->volume_mounts.len + 2) * sizeof(*items));
    size_t len = 0;
    if (!items)
        return too_large(err, word_reason(WORD_CONFIG_ERROR));
    for (size_t i = 0; i < c->volume_mounts.len; i++) {
        const struct k8s_volume_mount *m = &c->volume_mounts.items[i];
        const char *path = in->volumes->ops->path(in->volumes, in->pod, m->name, arena);
        if (!path)
            return err_set_reason(err, -ENOENT, word_reason(WORD_CONFIG_ERROR),
                                  "cannot find volume \"%s\" to mount into container \"%s\"",
                                  str_or(m->name, ""), c->name);
        items[len++] = (struct rt_mount){ .container_path = m->mount_path,
                                          .host_path = path,
                                          .readonly = m->read_only || is_readonly(in->pod, m->name),
                                          .propagation = propagation_of(m->mount_propagation) };
    }
    if (in->hosts_path)
        items[len++] =
            (struct rt_mount){ .container_path = "/etc/hosts", .host_path = in->hosts_path };
    items[len++] =
        (struct rt_mount){ .container_path = str_or(c->termination_message_path, TERMINATION_PATH),
                           .host_path = in->termination_log };
    config->mounts = items;
    config->mounts_len = len;
    return 0;
}

/* The annotations of a pod that a backend may read: a pod's author gives no other orders to it. */
static const char *const passed_on[] = {
    WASM_POD_VARIANT,
    WASM_POD_HANDLER,
    WASM_POD_ALLOWED_HOSTS,
    WASM_POD_MAX_OUTBOUND,
    WASM_POD_KRUSTLET_ALLOWED_DOMAINS,
    WASM_POD_KRUSTLET_MAX_REQUESTS,
};

static struct rt_labels container_annotations(const struct translate_container_in *in,
                                              struct arena *arena)
{
    enum { OWN = 4 };
    const struct k8s_container *c = in->ref.spec;
    struct rt_label *items = arena_alloc(arena, (OWN + ARRAY_LEN(passed_on)) * sizeof(*items));
    size_t len = 0;
    if (!items)
        return (struct rt_labels){ .len = 0 };
    items[len++] = (struct rt_label){ "io.kubernetes.container.hash", translate_hash(c, arena) };
    items[len++] = (struct rt_label){ "io.kubernetes.container.restartCount",
                                      arena_printf(arena, "%u", in->attempt) };
    items[len++] = (struct rt_label){ "io.kubernetes.container.terminationMessagePath",
                                      str_or(c->termination_message_path, TERMINATION_PATH) };
    items[len++] = (struct rt_label){ "io.kubernetes.container.terminationMessagePolicy",
                                      str_or(c->termination_message_policy, "File") };
    for (size_t i = 0; i < ARRAY_LEN(passed_on); i++) {
        const char *value = json_map_get(&in->pod->metadata.annotations, passed_on[i]);
        if (value)
            items[len++] = (struct rt_label){ passed_on[i], value };
    }
    return (struct rt_labels){ items, len };
}

/* The first that is declared, of TCP; 0: none. */
static uint16_t listen_port(const struct k8s_container *c)
{
    for (size_t i = 0; i < c->ports.len; i++) {
        const struct k8s_container_port *p = &c->ports.items[i];
        if (protocol_of(p->protocol) == RT_TCP && p->container_port > 0 && p->container_port < 65536)
            return (uint16_t)p->container_port;
    }
    return 0;
}

int translate_container(const struct translate_container_in *in, struct arena *arena,
                        struct rt_container_config *config, const char **ret_skipped, struct err *err)
{
    const struct k8s_container *c = in->ref.spec;
    const char *skipped = NULL;
    *config = (struct rt_container_config){
        .sandbox_id = arena_strdup(arena, in->sandbox_id),
        .name = c->name,
        .attempt = in->attempt,
        .image = str_or(c->image, ""),
        .image_id = arena_strdup(arena, in->image_id),
        .working_dir = str_empty(c->working_dir) ? NULL : c->working_dir,
        .labels = pod_labels(in->pod, c->name, arena),
        .annotations = container_annotations(in, arena),
        .log_path = arena_printf(arena, "%s/%u.log", c->name, in->attempt),
        .listen_port = listen_port(c),
        .stdin_open = c->stdin,
        .stdin_once = c->stdin_once,
        .tty = c->tty,
        .resources = to_rt(container_compute(in->pod, &in->ref, &in->settings->compute), 0),
        .stop_signal = c->lifecycle ? c->lifecycle->stop_signal : NULL,
    };
    int r = translate_security(in, arena, &config->security, err);
    if (r == 0)
        r = environment(in, arena, config, &skipped, err);
    if (r == 0)
        r = mounts(in, arena, config, err);
    if (r < 0)
        (void)err_reason_default(err, word_reason(WORD_CONFIG_ERROR));
    else
        *ret_skipped = str_empty(skipped) ? NULL : skipped;
    return r;
}
