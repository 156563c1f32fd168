/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fetched.h - filling a fetched_set. Private to refs/.
 */
#pragma once

#include "environment/reference.h"

struct fetched_list {
    struct fetched *items; /* heap; objects are borrowed */
    size_t len, cap;
    struct k8s_object **services; /* heap; borrowed */
    size_t services_len, services_cap;
};
void fetched_list_done(struct fetched_list *f);
DEFINE_CLEANUP_DONE(struct fetched_list, fetched_list_done)
void fetched_list_add(struct fetched_list *f, const struct reference *ref, struct k8s_object *object); /* NULL: absent */
void fetched_list_add_service(struct fetched_list *f, struct k8s_object *service);
struct fetched_set fetched_list_set(const struct fetched_list *f); /* borrowed */
