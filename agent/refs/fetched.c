/* SPDX-License-Identifier: Apache-2.0 */
#include "fetched.h"

#include <stdlib.h>

#include "base/mem.h"

void fetched_list_done(struct fetched_list *f)
{
    free(f->items);
    free(f->services);
    *f = (struct fetched_list){ 0 };
}

void fetched_list_add(struct fetched_list *f, const struct reference *ref, struct k8s_object *object)
{
    if (!object)
        return;
    f->items = xgrow(f->items, &f->cap, f->len + 1, sizeof(*f->items));
    f->items[f->len++] = (struct fetched){ .kind = ref->kind, .name = ref->name, .audience = ref->audience,
                                           .expiration_s = ref->expiration_s, .object = object };
}

void fetched_list_add_service(struct fetched_list *f, struct k8s_object *service)
{
    f->services = xgrow(f->services, &f->services_cap, f->services_len + 1, sizeof(struct k8s_object *));
    f->services[f->services_len++] = service;
}

struct fetched_set fetched_list_set(const struct fetched_list *f)
{
    return (struct fetched_set){ .items = f->items, .len = f->len, .services = f->services,
                                 .services_len = f->services_len };
}
