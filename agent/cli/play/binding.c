/* SPDX-License-Identifier: Apache-2.0 */
#include "binding.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/random.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/limits.h"
#include "base/str.h"
#include "k8s/object.h"
#include "k8s/pod.h"
#include "k8s/runtime_class.h"
#include "sources/manifest.h"

static void make_uid(char out[37])
{
    unsigned char b[16];

    if (getrandom(b, sizeof(b), 0) != (ssize_t)sizeof(b))
        abort();
    b[6] = (unsigned char)((b[6] & 0x0f) | 0x40);
    b[8] = (unsigned char)((b[8] & 0x3f) | 0x80);
    (void)snprintf(out, 37, "%02x%02x%02x%02x-%02x%02x-%02x%02x-%02x%02x-%02x%02x%02x%02x%02x%02x", b[0], b[1], b[2],
                   b[3], b[4], b[5], b[6], b[7], b[8], b[9], b[10], b[11], b[12], b[13], b[14], b[15]);
}

static void add_overhead(const struct manifest *m, struct k8s_pod *pod)
{
    for (size_t i = 0; i < m->len; i++) {
        const struct k8s_runtime_class *class = K8S_OBJECT_AS(m->objects[i], k8s_runtime_class);
        if (class && class->overhead && str_eq(class->metadata.name, pod->spec.runtime_class_name))
            pod->spec.overhead = class->overhead->pod_fixed;
    }
}

static int bind_pod(const struct manifest *m, const char *node_name, struct k8s_object **object, struct err *err)
{
    struct k8s_pod pod = *K8S_OBJECT_AS(*object, k8s_pod);
    AUTO(buf_done) struct buf json = BUF_INIT(LIMIT_POD_MANIFEST_BYTES);
    struct k8s_object *bound;
    char uid[37];

    make_uid(uid);
    pod.metadata.uid = uid;
    pod.metadata.generation = 1;
    pod.metadata.creation_timestamp = (struct k8s_time){ .has = true, .unix_ns = clock_wall_ns() };
    pod.spec.node_name = node_name;
    add_overhead(m, &pod);
    if (json_encode(&k8s_pod_type, &pod, &json) < 0)
        return err_set(err, -E2BIG, "Pod \"%s\" is too large", pod.metadata.name);
    if (k8s_decode(&k8s_pod_type, buf_str(&json), json.len, &bound, err) < 0)
        return err->code;
    k8s_object_unref(*object);
    *object = bound;
    return 0;
}

int binding_of_pods(struct manifest *m, const char *node_name, struct err *err)
{
    bool any = false;

    for (size_t i = 0; i < m->len; i++)
        if (k8s_object_type(m->objects[i]) == &k8s_pod_type) {
            any = true;
            if (bind_pod(m, node_name, &m->objects[i], err) < 0)
                return err->code;
        }
    return any ? 0 : err_set(err, -EINVAL, "there is no Pod in these files");
}
