/* SPDX-License-Identifier: Apache-2.0 */
#include "fixture.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/buf.h"
#include "base/limits.h"
#include "base/mem.h"
#include "base/str.h"

#define START_WALL_NS (INT64_C(1767225600) * NS_PER_S)
#define START_BOOT_NS (INT64_C(5000) * NS_PER_S)

static const char *const host_ips[] = { "10.0.0.1" };
const struct pod_policy fixture_policy = { .runtime_name = "oarsman",
                                           .host_ips = host_ips,
                                           .host_ips_len = 1,
                                           .restart_backoff_max_ms = 300000,
                                           .pull_backoff_max_ms = 300000 };

struct now fixture_now(int64_t ms)
{
    return (struct now){ .wall_ns = START_WALL_NS + ms * NS_PER_MS,
                         .boot_ns = START_BOOT_NS + ms * NS_PER_MS };
}

struct k8s_object *fixture_pod(const char *json)
{
    AUTO(free) char *text = xstrdup(json);
    for (char *c = text; *c; c++)
        if (*c == '\'')
            *c = '"';
    struct k8s_object *o = NULL, *named = NULL;
    struct err err = ERR_INIT;
    if (k8s_decode(&k8s_pod_type, text, strlen(text), &o, &err) < 0) {
        (void)fprintf(stderr, "%s: %s\n", text, err.msg);
        abort();
    }
    struct k8s_pod pod = *POD(o);
    pod.metadata.name = str_or(pod.metadata.name, "p");
    pod.metadata.namespace = str_or(pod.metadata.namespace, "ns");
    pod.metadata.uid = str_or(pod.metadata.uid, "u1");
    AUTO(buf_done) struct buf out = BUF_INIT(LIMIT_K8S_OBJECT_BYTES);
    /* Encoding drops unknown fields: a pod that has some keeps what was decoded. */
    if (k8s_object_unknown(o)->len == 0 && json_encode(&k8s_pod_type, &pod, &out) == 0 &&
        k8s_decode(&k8s_pod_type, buf_str(&out), out.len, &named, NULL) == 0) {
        k8s_object_unref(o);
        return named;
    }
    return o;
}

struct pod_record *fixture_record(const struct k8s_pod *pod)
{
    struct pod_record *r =
        pod_record_new(pod->metadata.uid, pod->metadata.namespace, pod->metadata.name);
    struct pod_observed seen = fixture_seen(NULL, 0, NULL, 0);
    struct now now = fixture_now(0);
    note_verdict(r, NULL, NULL);
    r->live.on_disk = true;
    note_seen(r, pod, &seen, &fixture_policy, &now, NULL);
    return r;
}

struct pod_observed fixture_seen(const struct seen_sandbox *sandboxes, size_t sandboxes_len,
                                 const struct seen_container *containers, size_t containers_len)
{
    return (struct pod_observed){ .listed = true,
                                  .sandboxes = sandboxes,
                                  .sandboxes_len = sandboxes_len,
                                  .containers = containers,
                                  .containers_len = containers_len,
                                  .sources_ready = true,
                                  .in_source = true,
                                  .has_api = true,
                                  .network_ready = true };
}

const char *fixture_plan(const struct k8s_pod *pod, const struct pod_record *r,
                         const struct pod_observed *seen, int64_t now_ms, int64_t *ret_wake_ms)
{
    static char text[1024];
    struct now now = fixture_now(now_ms);
    AUTO(pod_plan_done) struct pod_plan plan;
    pod_plan(pod, r, seen, &fixture_policy, &now, &plan);
    size_t len = 0;
    text[0] = '\0';
    for (size_t i = 0; i < plan.len; i++)
        len += (size_t)snprintf(text + len, sizeof(text) - len, "%s%s%s%s", i ? ", " : "",
                                act_name(plan.actions[i].act), plan.actions[i].container ? " " : "",
                                str_or(plan.actions[i].container, ""));
    if (ret_wake_ms)
        *ret_wake_ms = plan.wake_boot_ns ? (plan.wake_boot_ns - now.boot_ns) / NS_PER_MS : -1;
    return text;
}

const struct k8s_pod_condition *fixture_condition(const struct k8s_pod_status *s, const char *type)
{
    for (size_t i = 0; i < s->conditions.len; i++)
        if (str_eq(s->conditions.items[i].type, type))
            return &s->conditions.items[i];
    return NULL;
}
