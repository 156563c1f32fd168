/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fuzz_quantity.c - any bytes as a quantity and as a time: what is accepted prints as a text that
 * means the same and is its own canonical form.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "k8s/quantity.h"
#include "k8s/time.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void quantity(const char *s, size_t len)
{
    struct k8s_quantity q, again, zero;
    char text[K8S_QUANTITY_TEXT_BYTES], text_again[K8S_QUANTITY_TEXT_BYTES];

    if (k8s_quantity_parse(s, len, &q) < 0)
        return;
    (void)k8s_quantity_print(&q, text);
    if (k8s_quantity_parse(text, strlen(text), &again) < 0 || k8s_quantity_compare(&q, &again) != 0)
        abort();
    if (strcmp(k8s_quantity_print(&again, text_again), text) != 0)
        abort();
    zero = k8s_quantity_sub(&q, &again);
    if (!k8s_quantity_is_zero(&zero))
        abort();
    if ((q.whole > 0 && q.nano < 0) || (q.whole < 0 && q.nano > 0))
        abort();
}

static void time_of_day(const char *s, size_t len)
{
    char text[K8S_TIME_TEXT_BYTES];
    int64_t ns, again;

    if (k8s_time_parse(s, len, &ns) < 0)
        return;
    (void)k8s_time_print(ns, 9, text);
    if (k8s_time_parse(text, strlen(text), &again) < 0 || again != ns)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    quantity((const char *)data, size);
    time_of_day((const char *)data, size);
    return 0;
}
