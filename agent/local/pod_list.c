/* SPDX-License-Identifier: Apache-2.0 */
#include "local/pod_list.h"

#include <errno.h>

#include "k8s/pod.h"
#include "pod/pods.h"

int pod_list_encode(const struct pods *pods, struct buf *out)
{
    struct pod_view view;
    bool first = true;

    (void)buf_puts(out, "{\"kind\":\"PodList\",\"apiVersion\":\"v1\",\"metadata\":{},\"items\":[");
    for (size_t i = 0; pods_next(pods, &i, &view);) {
        if (!view.pod)
            continue;
        struct k8s_pod pod = *view.pod;
        pod.kind = NULL; /* as items of a list have it */
        pod.api_version = NULL;
        if (view.status)
            pod.status = *view.status;
        if (!first)
            (void)buf_putc(out, ',');
        first = false;
        (void)json_encode(&k8s_pod_type, &pod, out);
    }
    (void)buf_puts(out, "]}\n");
    return buf_failed(out) ? -E2BIG : 0;
}
