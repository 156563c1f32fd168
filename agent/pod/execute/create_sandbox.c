/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Creating a sandbox: the pod's runtime class, if it has one, is looked up, the pod's words are translated into the
 * runtime's, and the runtime is asked. Each step's failure is the failure of the creation, and is tried again.
 */
#include "base/effect.h"
#include "base/limits.h"
#include "translate.h"
#include "worker.h"

static void on_created(void *user, const struct err *err, const void *result)
{
    struct pod_call *call = user;
    call->op = NULL;
    if (call->worker && err) {
        err_copy(&call->err, err);
        refresh_pod(call, act_end_kept);
        return;
    }
    if (call->worker)
        cache_sandbox(call->worker, result);
    act_end(call, NULL, NULL);
}

static void create(struct pod_call *call, const struct fetched_set *set)
{
    const struct pods *p = call->all;
    const struct k8s_pod *pod = K8S_OBJECT_AS(call->object, k8s_pod);
    struct rt_sandboxes *sandboxes = p->ports->runtime->sandboxes;
    struct rt_sandbox_config config;
    struct dns_config dns;
    call->arena = arena_new(MIB);
    if (translate_sandbox(p->settings, pod, call->attempt, call->arena, &config, &call->err) < 0 ||
        translate_handler(pod, set, p->ports->runtime, &config.runtime_handler, &call->err) < 0) {
        act_end_kept(call);
        return;
    }
    if (translate_dns(p->settings, pod, call->arena, &dns) == 0 && dns.warning)
        report_warning(call->worker, WORD_DNS_CONFIG, dns.warning);
    effect("sandbox create");
    call->op = sandboxes->ops->create(sandboxes, &config,
                                      &(struct rt_call){ .done = on_created, .user = call });
}

static void on_class(void *user, const struct err *err, const struct fetched_set *set)
{
    struct pod_call *call = user;
    if (!call->worker) {
        call_free(call);
        return;
    }
    if (err) {
        err_copy(&call->err, err);
        (void)err_wrap(&call->err, "failed to lookup RuntimeClass %s",
                       K8S_OBJECT_AS(call->object, k8s_pod)->spec.runtime_class_name);
        act_end_kept(call);
        return;
    }
    create(call, set);
}

void create_sandbox_start(struct pod_call *call)
{
    static const struct fetched_set nothing;
    struct pod_refs *refs = call->all->ports->refs;
    references_of_sandbox(&call->refs, K8S_OBJECT_AS(call->object, k8s_pod));
    if (call->refs.len)
        refs->ops->fetch(refs, call->object, &call->refs, on_class, call);
    else
        create(call, &nothing);
}
