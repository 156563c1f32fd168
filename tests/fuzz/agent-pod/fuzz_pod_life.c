/* SPDX-License-Identifier: Apache-2.0 */
/* Any pod object, through every decision that is made about it and its translation for the runtime. */
#include <stddef.h>
#include <stdint.h>

#include "base/limits.h"
#include "base/str.h"
#include "decide/admission.h"
#include "decide/note.h"
#include "decide/plan.h"
#include "decide/status.h"
#include "decide/unsupported.h"
#include "k8s/object.h"
#include "translate.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char *path_of(struct pod_volumes *v, const struct k8s_pod *pod, const char *volume, struct arena *a)
{
    (void)v, (void)pod;
    return arena_printf(a, "/vol/%s", str_or(volume, ""));
}

static void translate(const struct k8s_pod *pod, struct arena *arena)
{
    static const struct pod_volumes_ops ops = { .path = path_of };
    static struct pod_volumes volumes = { &ops };
    static const struct pod_settings settings = { .root_dir = "/r", .logs_dir = "/l", .cgroup_root = "/k",
                                                  .node_name = "n", .cluster_domain = "c.l", .seccomp_dir = "/s" };
    static const struct pod_facts facts;
    static const struct fetched_set nothing;
    struct rt_sandbox_config sandbox;
    struct rt_container_config config;
    const char *skipped;
    (void)translate_sandbox(&settings, pod, 0, arena, &sandbox, NULL);
    for (size_t i = 0; i < containers_len(pod) && i < 8; i++) {
        struct translate_container_in in = { .settings = &settings, .pod = pod, .ref = containers_at(pod, i),
                                             .facts = &facts, .fetched = &nothing, .volumes = &volumes,
                                             .sandbox_id = "s", .image_id = "i", .termination_log = "/t" };
        (void)translate_container(&in, arena, &config, &skipped, NULL);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    AUTO(k8s_object_unref) struct k8s_object *o = NULL;
    if (k8s_decode(&k8s_pod_type, (const char *)data, size, &o, NULL) < 0)
        return 0;
    const struct k8s_pod *pod = K8S_OBJECT_AS(o, k8s_pod);
    if (!pod_is_sound(pod))
        return 0;
    AUTO(arena_unref) struct arena *arena = arena_new(16 * MIB);
    AUTO(pod_record_free) struct pod_record *r = pod_record_new("u", "ns", "p");
    AUTO(pod_plan_done) struct pod_plan plan;
    struct pod_policy policy = { .runtime_name = "r", .restart_backoff_max_ms = 1000, .pull_backoff_max_ms = 1000 };
    struct pod_observed seen = { .listed = true, .sources_ready = true, .in_source = true, .has_api = true };
    struct admission_node node = { .name = "n" };
    struct admission_pod other = { pod };
    struct pod_events events = { .arena = arena };
    struct now now = { .wall_ns = 1, .boot_ns = 1 };
    struct refusal refusal;
    note_verdict(r, admission_refuses(pod, &node, &other, 1, arena, &refusal) ? "Refused" : NULL, NULL);
    note_unsupported(r, unsupported_message(pod, k8s_object_unknown(o), NULL, arena));
    note_seen(r, pod, &seen, &policy, &now, &events);
    pod_plan(pod, r, &seen, &policy, &now, &plan);
    (void)pod_status(pod, r, &seen, &policy, &now, arena);
    translate(pod, arena);
    pod_events_done(&events);
    return 0;
}
