/* SPDX-License-Identifier: Apache-2.0 */
/* fuzz_pod_manifest.c - a manifest of any bytes: one line that names the file, or pods that are valid with their defaults. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "k8s/object.h"
#include "k8s/pod.h"
#include "sources/manifest.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    AUTO(manifest_done) struct manifest m = { 0 };
    struct err err = ERR_INIT;

    int r = manifest_parse(&m, "FILE", (const char *)data, size, &err);
    if (r < 0 && (err.code >= 0 || strncmp(err.msg, "FILE:", 5) != 0))
        abort();
    for (size_t i = 0; i < m.len; i++) {
        const struct k8s_pod *pod = K8S_OBJECT_AS(m.objects[i], k8s_pod);
        if (pod && (pod_validate(pod, &err) < 0 || !pod->spec.restart_policy || !pod->metadata.namespace))
            abort();
    }
    return 0;
}
