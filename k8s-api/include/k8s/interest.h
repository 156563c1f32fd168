/* SPDX-License-Identifier: Apache-2.0 */
/*
 * interest.h - single objects (Secrets, ConfigMaps) that several owners refer to: one watch per (kind, namespace, name),
 * shared by all who are interested, and kept for a while after the last one has left.
 */
#pragma once

#include <stdbool.h>

#include "base/err.h"
#include "base/list.h"
#include "k8s/client.h"
#include "k8s/kinds.h"
#include "k8s/object.h"
#include "k8s/rest.h"

struct k8s_interests;
struct k8s_interests *k8s_interests_new(struct k8s_client *client);
struct k8s_interests *k8s_interests_free(struct k8s_interests *s); /* NULL; every interest must have been stopped */
DEFINE_CLEANUP(struct k8s_interests *, k8s_interests_free)

enum k8s_interest_state {
    K8S_INTEREST_PENDING, /* nothing known yet */
    K8S_INTEREST_PRESENT, /* k8s_interest_object() has it */
    K8S_INTEREST_ABSENT,  /* there is no such object (now) */
    K8S_INTEREST_FAILED,  /* nothing known, and asking fails: see k8s_interest_error(); it goes on asking */
};

/* State or object has changed. Never inside k8s_interest_start(); may stop and free the interest. */
struct k8s_interest;
typedef void (*k8s_interest_fn)(struct k8s_interest *i);
struct k8s_interest {
    k8s_interest_fn fn;
    /* private */
    struct list node;
    void *entry; /* NULL: not started */
    bool told;
};
void k8s_interest_init(struct k8s_interest *i, k8s_interest_fn fn);
/* fn comes as soon as something is known: in a later round of the loop also when it is known already. */
void k8s_interest_start(struct k8s_interest *i, struct k8s_interests *s, enum k8s_kind_id kind, const char *namespace,
                        const char *name);
void k8s_interest_stop(struct k8s_interest *i); /* also when not started */
enum k8s_interest_state k8s_interest_state(const struct k8s_interest *i);
struct k8s_object *k8s_interest_object(const struct k8s_interest *i); /* borrowed; NULL unless PRESENT */
/* Borrowed, one line; why the state is FAILED or ABSENT (`secrets "x" not found`). */
const struct err *k8s_interest_error(const struct k8s_interest *i);
