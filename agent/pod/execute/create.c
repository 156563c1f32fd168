/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Creating a container: what its environment refers to is fetched, its small files are written, the pod's words are
 * translated into the runtime's, and the runtime is asked. Each step's failure is the failure of the creation.
 */
#include <errno.h>

#include "base/effect.h"
#include "base/limits.h"
#include "base/mem.h"
#include "base/str.h"
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
        (void)cache_container(call->worker, result);
    act_end(call, NULL, NULL);
}

static void fail(struct pod_call *call)
{
    (void)err_reason_default(&call->err, word_reason(WORD_CONFIG_ERROR));
    act_end(call, &call->err, NULL);
}

static void on_files(void *user, const struct err *err)
{
    struct pod_call *call = user;
    if (!call->worker || err) {
        if (err)
            err_copy(&call->err, err);
        fail(call);
        return;
    }
    struct rt_containers *containers = call->all->ports->runtime->containers;
    effect("container create");
    call->op = containers->ops->create(containers, call->config,
                                       &(struct rt_call){ .done = on_created, .user = call });
}

static void write_files(struct pod_call *call, const struct translate_container_in *in,
                        const struct container_ref *ref)
{
    const struct pods *p = call->all;
    const char *uid = call->worker->record->uid;
    struct arena *arena = call->arena;
    struct pod_file files[2];
    size_t len = 0;
    files[len++] = (struct pod_file){ .path = in->termination_log,
                                      .text = "",
                                      .mode = 0666,
                                      .only_if_absent = true };
    if (in->hosts_path)
        files[len++] =
            (struct pod_file){ .path = in->hosts_path,
                               .text = translate_hosts(p->settings, in->pod, in->facts, arena),
                               .mode = 0644 };
    const char *logs = path_of_logs(p, in->pod->metadata.namespace, in->pod->metadata.name, uid, arena);
    const char *folders[] = { arena_printf(arena, "%s/%s", logs, ref->spec->name), NULL };
    p->ports->files->ops->write(p->ports->files, files, len, folders, on_files, call);
}

static const struct seen_sandbox *usable(const struct pod_worker *w, struct arena *arena)
{
    struct pod_observed seen = cache_observe(w, arena);
    return seen.sandboxes_len && seen.sandboxes[0].ready ? &seen.sandboxes[0] : NULL;
}

/* Everything the translation wants to know. NULL in call->worker was excluded by the caller. */
static int gather(struct pod_call *call, const struct container_ref *ref,
                  const struct fetched_set *set, struct translate_container_in *in)
{
    struct pod_worker *w = call->worker;
    const struct pods *p = call->all;
    const struct container_record *rec = pod_record_container(w->record, call->container);
    const struct seen_sandbox *sandbox = usable(w, call->arena);
    struct pod_facts *facts = ARENA_NEW(call->arena, struct pod_facts);
    if (!sandbox || !rec || !facts)
        return err_set_reason(&call->err, -EAGAIN, word_reason(WORD_CREATE_ERROR),
                              "the pod sandbox is not ready");
    *facts = p->settings->facts;
    bool host = in->pod->spec.host_network;
    facts->pod_ips = host ? p->settings->policy.host_ips : sandbox->ips;
    facts->pod_ips_len = host ? p->settings->policy.host_ips_len : sandbox->ips_len;
    in->settings = p->settings;
    in->ref = *ref;
    in->facts = facts;
    in->fetched = set;
    in->volumes = p->ports->volumes;
    in->sandbox_id = sandbox->id;
    in->attempt = call->attempt;
    in->image_id = rec->live.image_id;
    in->image_has_uid = call->image_has_uid;
    in->image_uid = call->image_uid;
    in->image_username = call->image_username;
    in->termination_log = path_of_termination_log(p, w->record->uid, call->container, call->attempt,
                                                  call->arena);
    in->hosts_path = translate_wants_hosts(in->pod, ref)
                         ? path_of_hosts(p, w->record->uid, call->arena)
                         : NULL;
    const struct container_record *target =
        ref->target ? pod_record_container(w->record, ref->target) : NULL;
    in->target_id = target && target->current.state == INSTANCE_RUNNING ? target->current.id : NULL;
    return 0;
}

static void on_fetched(void *user, const struct err *err, const struct fetched_set *set)
{
    struct pod_call *call = user;
    const struct k8s_pod *pod = K8S_OBJECT_AS(call->object, k8s_pod);
    struct container_ref ref;
    struct translate_container_in in = { .pod = pod };
    if (!call->worker || err || !containers_find(pod, call->container, &ref)) {
        if (err)
            err_copy(&call->err, err);
        fail(call);
        return;
    }
    struct rt_container_config *config = ARENA_NEW(call->arena, struct rt_container_config);
    const char *skipped;
    if (gather(call, &ref, set, &in) < 0 ||
        translate_container(&in, call->arena, config, &skipped, &call->err) < 0) {
        fail(call);
        return;
    }
    if (skipped)
        report_warning(call->worker, WORD_ENV_NAMES, skipped);
    call->config = config;
    write_files(call, &in, &ref);
}

/* The image's user is asked for only when a rule depends on it (runAsNonRoot). */
static void on_image(void *user, const struct err *err, const void *result)
{
    struct pod_call *call = user;
    const struct rt_image *image = result;
    struct pod_refs *refs = call->all->ports->refs;
    struct container_ref ref;
    const struct k8s_pod *pod = K8S_OBJECT_AS(call->object, k8s_pod);
    call->op = NULL;
    if (!call->worker) {
        call_free(call);
        return;
    }
    if (image && !err) {
        call->image_has_uid = image->has_uid;
        call->image_uid = image->uid;
        call->image_username = arena_strdup(call->arena, image->username);
    }
    if (containers_find(pod, call->container, &ref))
        references_of_container(&call->refs, pod, ref.spec);
    refs->ops->fetch(refs, call->object, &call->refs, on_fetched, call);
}

void create_start(struct pod_call *call)
{
    struct rt_images *images = call->all->ports->runtime->images;
    const struct k8s_pod *pod = K8S_OBJECT_AS(call->object, k8s_pod);
    struct container_ref ref;
    call->arena = arena_new(LIMIT_POD_MANIFEST_BYTES * 16);
    bool asks = containers_find(pod, call->container, &ref) && translate_needs_image_user(pod, &ref);
    if (!asks) {
        on_image(call, NULL, NULL);
        return;
    }
    call->op = images->ops->status(images, str_or(ref.spec->image, ""),
                                   &(struct rt_call){ .done = on_image, .user = call });
}
