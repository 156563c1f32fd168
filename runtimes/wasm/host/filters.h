/* SPDX-License-Identifier: Apache-2.0 */
/* filters.h - the filters that filters_make.c works out when the program is built. */
#pragma once

#include <linux/filter.h>

struct filter {
    const struct sock_filter *code;
    unsigned short len;
};
extern const struct filter filter_core, filter_component;
