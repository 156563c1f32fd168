/* SPDX-License-Identifier: Apache-2.0 */
#include "k8s/list.h"

#include "base/limits.h"
#include "base/mem.h"

JSON_TYPE(k8s_list, K8S_LIST_FIELDS);

struct k8s_list_decoder {
    struct arena *arena; /* of the envelope */
    struct json_decoder *json;
    const struct json_type *item_type;
    k8s_list_fn fn;
    void *user;
};

static int take_item(void *user, struct arena *arena, void *item, const struct json_paths *unknown,
                     struct err *err)
{
    struct k8s_list_decoder *d = (struct k8s_list_decoder *)user;
    struct k8s_object *o;
    int r = k8s_object_new(d->item_type, item, unknown, &o, err);

    (void)arena_unref(arena);
    return r < 0 ? r : d->fn(d->user, o, err);
}

struct k8s_list_decoder *k8s_list_decoder_new(const struct json_type *item_type, k8s_list_fn fn,
                                              void *user)
{
    struct k8s_list_decoder *d = NEW(struct k8s_list_decoder);
    struct json_decode_opts opts = {
        .max_bytes = LIMIT_K8S_LIST_BYTES,
        .unknown_below = "spec",
        .each_type = item_type,
        .each = take_item,
        .user = d,
    };

    d->arena = arena_new(LIMIT_JSON_ARENA_BYTES);
    d->item_type = item_type;
    d->fn = fn;
    d->user = user;
    d->json = json_decoder_new(&k8s_list_type, &opts, d->arena);
    return d;
}

int k8s_list_decoder_feed(struct k8s_list_decoder *d, const char *data, size_t len, struct err *err)
{
    return json_decoder_feed(d->json, data, len, err);
}

int k8s_list_decoder_finish(struct k8s_list_decoder *d, struct k8s_list *ret_list, struct err *err)
{
    return json_decoder_finish(d->json, ret_list, err);
}

struct k8s_list_decoder *k8s_list_decoder_free(struct k8s_list_decoder *d)
{
    if (!d)
        return NULL;
    (void)json_decoder_free(d->json);
    (void)arena_unref(d->arena);
    free(d);
    return NULL;
}
