/* SPDX-License-Identifier: Apache-2.0 */
/*
 * int_or_string.h - a port by number or by name.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/json.h"

struct k8s_int_or_string {
    bool has;
    bool is_int;
    int32_t i;     /* when is_int */
    const char *s; /* else; never NULL when has */
};
extern const struct json_type k8s_int_or_string_type;
