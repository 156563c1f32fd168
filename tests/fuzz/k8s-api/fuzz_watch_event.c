/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fuzz_watch_event.c - any bytes as the stream of a watch, whole and in pieces of a size that the
 * first byte says, and as a list.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "k8s/list.h"
#include "k8s/pod.h"
#include "k8s/watch_event.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int count_event(void *user, enum k8s_watch_type type, struct k8s_object *object,
                       struct err *err)
{
    (void)type;
    (void)err;
    (void)k8s_object_unref(object);
    ++*(size_t *)user;
    return 0;
}

static int count_item(void *user, struct k8s_object *item, struct err *err)
{
    return count_event(user, K8S_WATCH_ADDED, item, err);
}

static size_t watch(const char *data, size_t len, size_t step)
{
    size_t n = 0;
    AUTO(k8s_watch_decoder_free)
    struct k8s_watch_decoder *d = k8s_watch_decoder_new(&k8s_pod_type, count_event, &n);
    struct err err = ERR_INIT;

    for (size_t at = 0; at < len; at += step)
        if (k8s_watch_decoder_feed(d, data + at, len - at < step ? len - at : step, &err) < 0)
            break;
    return n;
}

static void list(const char *data, size_t len)
{
    size_t n = 0;
    AUTO(k8s_list_decoder_free)
    struct k8s_list_decoder *d = k8s_list_decoder_new(&k8s_pod_type, count_item, &n);
    struct k8s_list ret;
    struct err err = ERR_INIT;

    if (k8s_list_decoder_feed(d, data, len, &err) == 0)
        (void)k8s_list_decoder_finish(d, &ret, &err);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const char *text = (const char *)data;

    if (size == 0)
        return 0;
    if (watch(text + 1, size - 1, size) != watch(text + 1, size - 1, (size_t)data[0] + 1))
        abort();
    list(text + 1, size - 1);
    return 0;
}
