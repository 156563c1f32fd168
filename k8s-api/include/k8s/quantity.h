/* SPDX-License-Identifier: Apache-2.0 */
/*
 * quantity.h - amounts of resources ("100m", "1.5Gi", "2e3"), exact.
 *
 * A quantity is a whole number plus billionths, both of the same sign: everything the API can
 * express, since it rounds finer amounts up to a billionth and caps larger ones at 2^63-1.
 * Arithmetic is exact and saturates at that cap. The format remembers which family of suffixes the
 * value was written with; the canonical text is computed from value and format when it is asked
 * for: the largest suffix without a fraction, and no suffix that 1024 or 1000 does not divide.
 * Spec: kubernetes.io, "Quantity" in the API reference.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/json.h"

enum k8s_quantity_format {
    K8S_DECIMAL_SI,       /* n u m "" k M G T P E */
    K8S_BINARY_SI,        /* Ki Mi Gi Ti Pi Ei */
    K8S_DECIMAL_EXPONENT, /* e3, E6 */
};

struct k8s_quantity {
    int64_t whole;
    int32_t nano;   /* -999999999 to 999999999, never of the other sign than whole */
    uint8_t format; /* enum k8s_quantity_format */
    bool has;       /* false: absent */
};
extern const struct json_type k8s_quantity_type;

struct k8s_resource {
    const char *name;
    struct k8s_quantity quantity;
};
struct k8s_resource_list { /* decoded: sorted by name */
    const struct k8s_resource *items;
    size_t len;
};
extern const struct json_type k8s_resource_list_type;

#define K8S_QUANTITY_TEXT_BYTES 48 /* enough for every canonical text, with the NUL */

/* 0; -EINVAL when s is not a quantity. Pure, as all below. */
int k8s_quantity_parse(const char *s, size_t len, struct k8s_quantity *ret);
/* Canonical text. Returns out. */
char *k8s_quantity_print(const struct k8s_quantity *q, char out[K8S_QUANTITY_TEXT_BYTES]);

int64_t k8s_quantity_value(const struct k8s_quantity *q); /* whole units, rounded away from zero */
int64_t k8s_quantity_milli(const struct k8s_quantity *q); /* thousandths, likewise; saturates */
struct k8s_quantity k8s_quantity_from_value(int64_t value, enum k8s_quantity_format format);
struct k8s_quantity k8s_quantity_from_milli(int64_t milli, enum k8s_quantity_format format);

int k8s_quantity_compare(const struct k8s_quantity *a,
                         const struct k8s_quantity *b); /* < 0, 0, > 0 */
bool k8s_quantity_is_zero(const struct k8s_quantity *q);
/* The format is a's, unless a is zero: then b's. An absent quantity counts as zero; the result is
 * present. */
struct k8s_quantity k8s_quantity_add(const struct k8s_quantity *a, const struct k8s_quantity *b);
struct k8s_quantity k8s_quantity_sub(const struct k8s_quantity *a, const struct k8s_quantity *b);

/* Borrowed; NULL: not listed. */
const struct k8s_quantity *k8s_resource_list_get(const struct k8s_resource_list *list,
                                                 const char *name);
