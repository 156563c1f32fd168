/* SPDX-License-Identifier: Apache-2.0 */
/* fuzz_pod.c - any bytes as a Pod: an error with a message, or an object that comes back the same.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/limits.h"
#include "k8s/object.h"
#include "k8s/pod.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    AUTO(k8s_object_unref) struct k8s_object *o = NULL, *again = NULL;
    AUTO(buf_done) struct buf once = BUF_INIT(8 * MIB);
    AUTO(buf_done) struct buf twice = BUF_INIT(8 * MIB);
    struct err err = ERR_INIT;
    int r = k8s_decode(&k8s_pod_type, (const char *)data, size, &o, &err);

    if (r < 0) {
        if (err.code != r || !err.msg[0])
            abort();
        return 0;
    }
    if (json_encode(&k8s_pod_type, k8s_object_get(o), &once) < 0 ||
        k8s_decode(&k8s_pod_type, once.data, once.len, &again, &err) < 0 ||
        json_encode(&k8s_pod_type, k8s_object_get(again), &twice) < 0)
        abort();
    if (once.len != twice.len || memcmp(once.data, twice.data, once.len) != 0)
        abort();
    return 0;
}
