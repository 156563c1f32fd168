/* SPDX-License-Identifier: Apache-2.0 */
#include "rt/runtime.h"

#include "base/str.h"

const char *rt_label_get(const struct rt_labels *labels, const char *key)
{
    for (size_t i = 0; i < labels->len; i++)
        if (str_eq(labels->items[i].key, key))
            return labels->items[i].value;
    return NULL;
}
