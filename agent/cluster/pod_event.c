/* SPDX-License-Identifier: Apache-2.0 */
#include "pod_event.h"

#include <stdlib.h>

#include "base/mem.h"
#include "decide/words.h"
#include "events/events.h"

static struct k8s_object_reference reference_to(const struct k8s_pod *pod, const char *field_path)
{
    return (struct k8s_object_reference){
        .kind = "Pod", .api_version = "v1", .namespace = pod->metadata.namespace, .name = pod->metadata.name,
        .uid = pod->metadata.uid, .resource_version = pod->metadata.resource_version, .field_path = field_path,
    };
}

void pod_event_send(struct events *events, const struct k8s_pod *pod, const struct pod_event *e)
{
    AUTO(free) char *field = e->container ? xasprintf("spec.%s{%s}", e->kind_list, e->container) : NULL;
    const struct k8s_object_reference about = reference_to(pod, field);

    events_record(events, &about, word_text(e->word)->warning ? EVENT_WARNING : EVENT_NORMAL, word_reason(e->word), "%s",
                  e->message);
}

void pod_refusal_send(struct events *events, const struct k8s_pod *pod, const char *reason, const char *message)
{
    const struct k8s_object_reference about = reference_to(pod, NULL);

    events_record(events, &about, EVENT_WARNING, reason, "%s", message);
}
